"""Which of several files holds the training rows, which the validation and which the test rows: told by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from engine.errors import DatasetUnreadable
from engine.settings import FileRows, SplitName

DATA_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".conll", ".iob", ".bio", ".txt")
LONGEST_FOLDER = 1_000  # entries looked at in a dropped folder

ACTIONS = ("Choose another file",)

_NOTES = ("readme", "license", "licence")


def split_of(path: str) -> SplitName | None:
    """The split that this file's name speaks of, or None."""
    stem = Path(path).stem.lower()
    words = re.findall(r"[a-z]+", stem)
    if "train" in stem:
        return "train"
    if "valid" in stem or any(word in ("dev", "devel", "development", "val") for word in words):
        return "validation"
    if any(word.startswith("test") for word in words):
        return "test"
    return None


def files_in(folder: Path) -> list[str]:
    """The data files that lie directly in this folder, in order of their names."""
    found = []
    for number, entry in enumerate(folder.iterdir()):
        if number >= LONGEST_FOLDER:
            break
        told = entry.suffix.lower() in DATA_SUFFIXES and not entry.stem.lower().startswith(_NOTES)
        if told and not entry.name.startswith(".") and entry.is_file():
            found.append(str(entry))
    return sorted(found)


def rows_from(paths: Sequence[str]) -> FileRows:
    """The row source that these files or this folder make; raises `DatasetUnreadable` (D11) where it is not clear."""
    if not paths:
        raise DatasetUnreadable(
            "D11",
            "What was dropped is not a file of this computer.",
            hint="Save the file first, then drop it here.",
            actions=ACTIONS,
        )
    files = _without_folders(paths)
    if len(files) == 1:
        return FileRows(files[0])
    parts: dict[SplitName, list[str]] = {"train": [], "validation": [], "test": []}
    unnamed = []
    for path in files:
        split = split_of(path)
        if split is None:
            unnamed.append(path)
        else:
            parts[split].append(path)
    if not parts["train"] and len(unnamed) == 1:
        parts["train"] = [unnamed.pop()]
    if unnamed or len(parts["train"]) != 1 or len(parts["validation"]) > 1 or len(parts["test"]) > 1:
        raise DatasetUnreadable(
            "D11",
            f"It is not clear which of the {len(files):,} files holds the training rows.",
            hint="Choose one file, or files whose names say train, validation and test.",
            actions=ACTIONS,
        )
    return FileRows(parts["train"][0], _only(parts["validation"]), _only(parts["test"]))


def _without_folders(paths: Sequence[str]) -> list[str]:
    files: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            files.append(path)
            continue
        try:
            inside = files_in(Path(path))
        except OSError as error:
            raise DatasetUnreadable(
                "D11",
                f"The folder {Path(path).name} cannot be read.",
                hint="Choose a file instead.",
                actions=ACTIONS,
                details=str(error),
            ) from error
        if not inside:
            raise DatasetUnreadable(
                "D11",
                f"The folder {Path(path).name} holds no CSV, TSV, JSONL, Parquet or CoNLL file.",
                hint="Choose a folder with such files, or a file.",
                actions=ACTIONS,
            )
        files.extend(inside)
    return files


def _only(paths: Sequence[str]) -> str:
    return paths[0] if paths else ""
