"""Which of several files holds the training rows, which the validation and which the test rows: told by their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.data_folders import files_in, kind_of
from engine.errors import DatasetUnreadable
from engine.settings import FileRows, SplitName
from engine.split_names import split_of

ACTIONS = ("Choose another file",)


def rows_from(paths: Sequence[str]) -> FileRows:
    """The row source that these files or this folder make; raises `DatasetUnreadable` (D11) where it is not clear."""
    if not paths:
        raise DatasetUnreadable(
            "D11",
            "What was dropped is not a file of this computer.",
            hint="Save the file first, then drop it here.",
            actions=ACTIONS,
        )
    if len(paths) == 1 and _is_read_as_a_whole(Path(paths[0])):
        return FileRows(paths[0])
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
                f"The folder {Path(path).name} holds no file with rows and no folders of texts.",
                hint="Choose a file, a folder with one folder of texts per class, or a saved data set.",
                actions=ACTIONS,
            )
        files.extend(inside)
    return files


def _is_read_as_a_whole(path: Path) -> bool:
    """Whether this is a folder of texts by class or a saved data set."""
    try:
        return path.is_dir() and kind_of(path) != "files"
    except OSError:
        return False


def _only(paths: Sequence[str]) -> str:
    return paths[0] if paths else ""
