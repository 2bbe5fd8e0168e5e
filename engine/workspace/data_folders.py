"""What a folder is: text files in a folder per class, a data set that `datasets` has saved, or a few data files.

Recognized by its files, without reading any. Uses neither Arrow nor encodings, so that the window may ask as well.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from engine.contract.file_formats import DATA_SUFFIXES
from engine.contract.settings import SplitName
from engine.contract.text_parsing import split_of

TEXT_SUFFIXES = ("", ".txt", ".text", ".md")
MOST_ENTRIES = 100_000  # looked at in a folder of data files
MOST_TEXTS = 2_000_000
WITHOUT_LABEL = ("unsup", "unsupervised", "unlabeled", "unlabelled")
SAVED_SPLITS, SAVED_STATE = "dataset_dict.json", "state.json"  # what `datasets` writes
_NOTES = ("readme", "license", "licence", "changelog")
_LOOKED_AT = 50  # files of a folder, to see whether it holds texts

FolderKind = Literal["saved", "classes", "files"]


class TextPlace(NamedTuple):
    """One text file of a class."""

    label: str
    path: Path
    name: str  # relative to the folder, with / between its parts


def kind_of(folder: Path) -> FolderKind:
    """What the folder is; raises OSError where it cannot be looked at."""
    inner = without_wrapping(folder)
    if is_saved(inner):
        return "saved"
    return "classes" if class_folders(inner) else "files"


def marked_documents(folder: Path) -> dict[SplitName, list[tuple[Path, Path]]]:
    """The documents of brat by split, each a text and its marks; empty where the folder holds none.

    train is for all where there are no folders called train, validation and test.
    """
    by_split: dict[SplitName, list[tuple[Path, Path]]] = {}
    for name, inner in _folders(folder).items():
        split = split_of(name)
        if split is not None and split not in by_split and (found := _documents_in(inner)):
            by_split[split] = found
    if "train" in by_split:
        return by_split
    own = _documents_in(folder)
    return {"train": own} if own else {}


def _documents_in(folder: Path) -> list[tuple[Path, Path]]:
    names = {entry.name for entry in _entries(folder, MOST_TEXTS) if _is_regular(entry)}
    stems = sorted(name[:-4] for name in names if name.endswith(".ann") and f"{name[:-4]}.txt" in names)
    return [(folder / f"{stem}.txt", folder / f"{stem}.ann") for stem in stems]


def is_saved(folder: Path) -> bool:
    """Whether `datasets` has saved a data set or several splits here."""
    return (folder / SAVED_SPLITS).is_file() or (folder / SAVED_STATE).is_file()


def without_wrapping(folder: Path) -> Path:
    """The folder, or the one inside where that is all there is."""
    for _ in range(4):
        entries = _entries(folder, MOST_ENTRIES)
        inside = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        if len(inside) != 1 or any(_is_regular(entry) and not is_note(entry.name) for entry in entries):
            break
        folder = Path(inside[0].path)
    return folder


def class_folders(folder: Path) -> dict[SplitName, dict[str, Path]]:
    """The folders of each class by split; empty where the folder is no such thing.

    train is for all rows where there are no folders called train, validation and test.
    """
    inside = _folders(folder)
    by_split: dict[SplitName, dict[str, Path]] = {}
    for name, path in inside.items():
        split = split_of(name)
        classes = _classes(path) if split is not None else {}
        if split is not None and split not in by_split and len(classes) >= 2:
            by_split[split] = classes
    if "train" in by_split:
        return by_split
    classes = _classes(folder)
    if len(classes) < 2 or len(files_in(folder)) > len(classes):
        return {}
    return {"train": classes}


def skipped_folders(folder: Path) -> list[str]:
    """Folders of texts whose names mean that they have no label."""
    return [name for name in _folders(folder) if name.lower() in WITHOUT_LABEL]


def texts_of(classes: dict[str, Path]) -> Iterator[TextPlace]:
    """All text files of the classes, class by class in order of their names."""
    for label, folder in classes.items():
        names = sorted(
            entry.name for entry in _entries(folder, MOST_TEXTS) if _is_regular(entry) and _is_text(entry.name)
        )
        for name in names:
            yield TextPlace(label, folder / name, f"{folder.name}/{name}")


def files_in(folder: Path) -> list[str]:
    """The data files that lie directly in this folder, in order of their names."""
    found = []
    for entry in _entries(folder, MOST_ENTRIES):
        suffix = Path(entry.name.lower().removesuffix(".gz")).suffix
        is_data = suffix in DATA_SUFFIXES and not is_note(entry.name)
        if is_data and entry.is_file():
            found.append(entry.path)
    return sorted(found)


def _classes(folder: Path) -> dict[str, Path]:
    found = {}
    for name, path in _folders(folder).items():
        if name.lower() in WITHOUT_LABEL:
            continue
        entries = [entry for entry in _entries(path, _LOOKED_AT) if _is_regular(entry)]
        texts = [entry for entry in entries if _is_text(entry.name)]
        if texts and len(texts) > len(entries) / 2:
            found[name] = path
    return found


def _folders(folder: Path) -> dict[str, Path]:
    inside = [entry for entry in _entries(folder, MOST_ENTRIES) if entry.is_dir(follow_symlinks=False)]
    return {entry.name: Path(entry.path) for entry in sorted(inside, key=lambda entry: entry.name)}


def _entries(folder: Path, most: int) -> list[os.DirEntry[str]]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith((".", "__MACOSX")):
                found.append(entry)
            if len(found) >= most:
                break
    return found


def _is_regular(entry: os.DirEntry[str]) -> bool:
    return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)


def _is_text(name: str) -> bool:
    suffix = Path(name).suffix.lower()
    return suffix in TEXT_SUFFIXES or suffix[1:].isdigit()


def is_note(name: str) -> bool:
    return name.lower().startswith(_NOTES)
