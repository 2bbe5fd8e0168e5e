"""Files whose lines belong together: the texts in one, their labels or the tags of their words in others.

    train/seq.in      play jazz music        train_text.txt     I love this lamp
    train/seq.out     O B-genre I-genre      train_labels.txt   1
    train/label       PlayMusic

As SNIPS, ATIS and TweetEval are published. They are taken together only where they have as many lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.contract.settings import SplitName
from engine.contract.text_parsing import split_of
from engine.reading.formats.rows_as_objects import Row
from engine.reading.formats.text_files import Lines, encoding_of, open_text
from engine.workspace.data_folders import MOST_ENTRIES

_TEXTS = frozenset({"in", "text", "texts", "sentence", "sentences", "words", "tokens", "source"})
_ANSWERS = frozenset({"out", "label", "labels", "tag", "tags", "slots", "intent", "intents", "target", "targets"})
_SUFFIXES = frozenset({"", ".txt", *(f".{word}" for word in (*_TEXTS, *_ANSWERS))})
_LINES_LOOKED_AT = 1_000


class Parallel(NamedTuple):
    """The file with the texts and those with what belongs to each of their lines."""

    texts: Path
    answers: tuple[Path, ...]

    @property
    def names(self) -> list[str]:
        """Of all of them."""
        return [path.name for path in (self.texts, *self.answers)]


def parallel_files(folder: Path) -> dict[SplitName, Parallel]:
    """The files of each split that belong together; all are train where no name gives a split."""
    own = _by_split(folder)
    if own:
        return own
    found: dict[SplitName, Parallel] = {}
    for inner in sorted(itertools.islice(folder.iterdir(), MOST_ENTRIES)):
        split = split_of(inner.name) if inner.is_dir() and not inner.is_symlink() else None
        within = _by_split(inner) if split is not None else {}
        if split is not None and split not in found and len(within) == 1:
            found[split] = next(iter(within.values()))
    return found if "train" in found else {}


def beside(path: Path) -> dict[SplitName, Parallel]:
    """The files that belong together with this one, as those of train; empty where there are none."""
    if not _words_of(path) & (_TEXTS | _ANSWERS) or path.suffix.lower() not in _SUFFIXES:
        return {}
    found = next((one for one in _by_split(path.parent).values() if path.name in one.names), None)
    return {"train": found} if found is not None else {}


def rows_of(files: Parallel) -> Iterator[Row]:
    """A row for each line of the texts."""
    paths = (files.texts, *files.answers)
    names = ["text", *(_name_of(path) for path in files.answers)]
    tagged = [name for name, path in zip(names[1:], files.answers, strict=True) if _are_tags(files.texts, path)]
    for lines in zip(*map(_lines_of, paths), strict=False):
        row: Row = dict(zip(names, lines, strict=True))
        if tagged:
            row["tokens"] = row["text"].split()
            row |= {name: row[name].split() for name in tagged}
        yield row


def _by_split(folder: Path) -> dict[SplitName, Parallel]:
    by_split: dict[SplitName, tuple[list[Path], list[Path]]] = {}
    for path in sorted(itertools.islice(folder.iterdir(), MOST_ENTRIES)):
        words = _words_of(path)
        if path.suffix.lower() not in _SUFFIXES or path.is_symlink() or not path.is_file():
            continue
        texts, answers = by_split.setdefault(split_of(path.name) or "train", ([], []))
        if words & _ANSWERS:
            answers.append(path)
        elif words & _TEXTS:
            texts.append(path)
    found = {
        split: Parallel(texts[0], tuple(answers))
        for split, (texts, answers) in by_split.items()
        if len(texts) == 1 and answers and _have_as_many_lines((texts[0], *answers))
    }
    return found if "train" in found else {}


def _words_of(path: Path) -> set[str]:
    return set(re.findall(r"[a-z]+", path.name.lower().removesuffix(".txt")))


def _name_of(path: Path) -> str:
    words = _words_of(path)
    if words & {"intent", "intents"}:
        return "intent"
    return "tags" if words & {"out", "tag", "tags", "slots"} else "label"


def _have_as_many_lines(paths: Sequence[Path]) -> bool:
    numbers = {sum(1 for _ in _lines_of(path)) for path in paths}
    return len(numbers) == 1 and 0 not in numbers


def _are_tags(texts: Path, answers: Path) -> bool:
    """Whether each line has as many words as that of the texts, and most have several."""
    pairs = list(itertools.islice(zip(_lines_of(texts), _lines_of(answers), strict=False), _LINES_LOOKED_AT))
    several = sum(len(tags.split()) > 1 for _, tags in pairs)
    return 2 * several > len(pairs) and all(len(text.split()) == len(tags.split()) for text, tags in pairs)


def _lines_of(path: Path) -> Iterator[str]:
    """The lines; one that is empty at the end is none."""
    encoding, _ = encoding_of(path, "")
    with open_text(path, encoding, "replace") as file:
        lines = Lines(file)
        for line in lines:
            lines.taken = []
            yield line.rstrip("\r\n")
