"""Files of which each holds the texts of one class, a text on each line.

    rt-polarity.pos  rt-polarity.neg         pos.txt  neg.txt         train_ham.txt  train_spam.txt  test_ham.txt  …

The label is the part of the name that is not the same in all. Files that are called as classes often are, are known by
their names; others only where nothing else in the folder holds rows, and each is a text on each line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.contract.file_formats import DATA_SUFFIXES
from engine.contract.settings import ReadingOptions, SplitName
from engine.contract.text_parsing import split_of
from engine.reading.formats import registry
from engine.reading.formats.chunks import UNREADABLE
from engine.reading.formats.rows_as_objects import Row, unusable
from engine.reading.formats.text_files import Lines, encoding_of, open_text
from engine.workspace.data_folders import MOST_ENTRIES, is_note

_MOST_CLASSES = 50
_FEWEST_LINES = 5
_SEVERAL = frozenset(
    """
pos neg neu positive negative neutral spam ham good bad yes no true false real fake toxic nontoxic hate nohate
subjective objective subj obj quote plot sarcastic notsarcastic ironic nonironic formal informal polite impolite
""".split()
)
_TEXT_PER_LINE = "reading.note.text_per_line"


def class_files(folder: Path, chosen: Path | None = None) -> dict[SplitName, dict[str, Path]]:
    """The file of each class by split; empty where the folder holds something else.

    Where one file was `chosen`, only those count that are called like classes.
    """
    if chosen is not None and not _words_of(chosen) & _SEVERAL:
        return {}
    files = [path for path in sorted(itertools.islice(folder.iterdir(), MOST_ENTRIES)) if _may_be_texts(path)]
    if chosen is not None:
        files = [path for path in files if _words_of(path) & _SEVERAL]
    by_split: dict[SplitName, list[Path]] = {}
    for path in files:
        by_split.setdefault(split_of(path.name) or "train", []).append(path)
    found = {split: classes for split, paths in by_split.items() if (classes := _labelled(paths))}
    if "train" not in found or len(found) < len(by_split):
        return {}
    labels = set(found["train"])
    if any(not set(classes) <= labels for classes in found.values()):
        return {}
    if {label.casefold() for label in labels} <= _SEVERAL:
        return found
    are_texts = all(path.suffix.lower() in (".txt", ".text", "") for path in files)
    return found if chosen is None and are_texts and all(map(_is_text_per_line, files)) else {}


def rows_of(classes: Mapping[str, Path], encoding: str = "", undecodable: str = "") -> Iterator[Row]:
    """The texts of one class after those of the other, each with its label."""
    for label, path in classes.items():
        with open_text(path, encoding or encoding_of(path, "")[0], undecodable) as file:
            for line, is_unreadable in Lines(file).filled():
                row: Row = {"text": line.strip(), "label": label}
                yield unusable(UNREADABLE, row) if is_unreadable else row


def _may_be_texts(path: Path) -> bool:
    suffix = path.suffix.lower()
    is_data = suffix in DATA_SUFFIXES and suffix != ".txt"
    is_other = path.name.startswith(".") or is_note(path.name) or "readme" in path.name.lower() or is_data
    return not is_other and not path.is_symlink() and path.is_file()


def _words_of(path: Path) -> set[str]:
    return set(re.split(r"[._\-\s]+", path.name.casefold()))


def _labelled(paths: list[Path]) -> dict[str, Path]:
    """The files by the parts of their names in which they differ; empty where these are no labels."""
    if not 2 <= len(paths) <= _MOST_CLASSES:
        return {}
    parts = [re.split(r"[._\-\s]+", path.name) for path in paths]
    while all(len(part) > 1 for part in parts) and len({part[-1].casefold() for part in parts}) == 1:
        parts = [part[:-1] for part in parts]
    while all(len(part) > 1 for part in parts) and len({part[0].casefold() for part in parts}) == 1:
        parts = [part[1:] for part in parts]
    labels = [" ".join(part) for part in parts]
    if len({label.casefold() for label in labels}) < len(paths) or any(label.isdigit() for label in labels):
        return {}
    return dict(zip(labels, paths, strict=True))


def _is_text_per_line(path: Path) -> bool:
    encoding, _ = encoding_of(path, "")
    with open_text(path, encoding, "replace") as file:
        lines = sum(1 for line in itertools.islice(file, 2 * _FEWEST_LINES) if line.strip())
    if lines < _FEWEST_LINES or registry.binary_format(path) is not None:
        return False
    objects = registry.rows_as_objects(path, ReadingOptions())
    return objects is not None and any(note.id == _TEXT_PER_LINE for note in objects.notes)
