"""A folder that `datasets` has saved: its Arrow files are read as they are, and nothing in the folder is executed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ReadingOptions, SplitName
from engine.contract.text_parsing import split_of
from engine.reading.formats import arrow as arrow_rows
from engine.reading.formats.chunks import UNREADABLE, Cell, Chunk, ChunkBuilder
from engine.reading.formats.text_files import encoding_of
from engine.reading.sources.unpacking import Unpacking
from engine.workspace.data_folders import SAVED_SPLITS, SAVED_STATE, TextPlace, texts_of, without_wrapping

_LARGEST_RECORD = 64 * 1024 * 1024  # bytes of state.json


def gather_saved(folder: Path, unpacking: Unpacking) -> dict[SplitName, Path]:
    """An Arrow file for each split; raises `DatasetUnreadable` (D13) where files are missing or damaged."""
    if not (folder / SAVED_SPLITS).is_file() and not (folder / SAVED_STATE).is_file():
        folder = without_wrapping(folder)
    if not (folder / SAVED_SPLITS).is_file():
        return {"train": _gather(folder, folder.name, unpacking)}
    names = _record(folder, SAVED_SPLITS).get("splits")
    found: dict[SplitName, Path] = {}
    for name in names if isinstance(names, list) else []:
        split = split_of(str(name))
        inside = folder / str(name)
        if split is not None and split not in found and inside.parent == folder:
            found[split] = _gather(inside, str(name), unpacking)
    if not found and isinstance(names, list) and len(names) == 1 and (folder / str(names[0])).parent == folder:
        found["train"] = _gather(folder / str(names[0]), str(names[0]), unpacking)
    if "train" not in found:
        raise _damaged(folder, Sentence("reading.d13_why.no_split_called_train"))
    return found


def _gather(folder: Path, name: str, unpacking: Unpacking) -> Path:
    state = _record(folder, SAVED_STATE)
    if state.get("_indices_data_files"):
        raise _damaged(
            folder,
            Sentence("reading.d13_why.saved_list_chosen_rows_beside"),
            Sentence("reading.d13.save_flatten_indices_first"),
        )
    files = []
    for entry in state.get("_data_files") or []:
        plain = str(entry.get("filename", "")) if isinstance(entry, dict) else ""
        if not plain or "/" in plain or "\\" in plain or not (folder / plain).is_file():
            raise _damaged(folder, Sentence("reading.d13_why.lacks_a_file", file=plain[:80] or "…"))
        files.append(folder / plain)
    if not files:
        raise _damaged(folder, Sentence("reading.d13_why.holds_no_rows"))
    layouts = [arrow_rows.layout_of(file, ReadingOptions(format="arrow")) for file in files]
    if any(layout.columns != layouts[0].columns for layout in layouts):
        raise _damaged(folder, Sentence("reading.d13_why.parts_other_columns"))

    def chunks() -> Iterator[Chunk]:
        rows = before = 0
        for file, layout in zip(files, layouts, strict=True):
            last = 0
            for chunk in arrow_rows.read(file, layout, layout.columns):
                numbers = [rows + number for number in chunk.numbers]
                last = chunk.numbers[-1] if chunk.numbers else last
                yield chunk._replace(numbers=numbers, bytes_done=before + chunk.bytes_done)
            rows += last
            before += file.stat().st_size

    total = sum(file.stat().st_size for file in files)
    return unpacking.gather(f"{name}.arrow", layouts[0].columns, chunks(), total=total)


def _record(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        if path.stat().st_size > _LARGEST_RECORD:
            raise ValueError("too large")
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, Sentence("reading.d13_why.no_readable", name=name)) from error
    return value if isinstance(value, dict) else {}


_SAVE_AGAIN = Sentence("reading.d13.save_once_more")


def _damaged(folder: Path, why: Sentence, hint: Sentence = _SAVE_AGAIN) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D13",
        Sentence("reading.d13.saved_data_set", folder=folder.name, why=why),
        hint=hint,
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )


# Text files in a folder per class: each file is a row, its folder's name the label.

COLUMNS = ("text", "label", "file")
LONGEST_TEXT = 32 * 1024 * 1024  # bytes of one file
_SAMPLED_BYTES = 256 * 1024  # of files that are not UTF-8, from which their encoding is guessed


def gather_texts(
    name: str, classes: dict[str, Path], unpacking: Unpacking, *, encoding: str = "", undecodable: str = ""
) -> tuple[Path, str, Sentence]:
    """An Arrow file with a row for each text; the encoding and a note about it, empty where there is no doubt."""
    texts = list(texts_of(classes))
    note = NOTHING
    if not encoding:
        encoding, note = _encoding_of(texts, unpacking)
    errors = "replace" if undecodable == "replace" else "strict"
    chunks = _rows(texts, encoding, errors, name, unpacking)
    return unpacking.gather(f"{name}.arrow", COLUMNS, chunks, total=len(texts)), encoding, note


def _rows(texts: list[TextPlace], encoding: str, errors: str, name: str, unpacking: Unpacking) -> Iterator[Chunk]:
    builder = ChunkBuilder(COLUMNS)
    for number, place in enumerate(texts, start=1):
        unpacking.progress.report(number, len(texts), Sentence("reading.progress.reading", name=name), "files")
        problem = NOTHING
        content = b""
        try:
            if place.path.stat().st_size > LONGEST_TEXT:
                problem = Sentence("reading.excluded.too_long_file")
            else:
                content = place.path.read_bytes()
        except OSError:
            problem = Sentence("reading.excluded.cannot_be_opened")
        cells: list[Cell] = ["", place.label, place.name]
        if not problem:
            try:
                cells[0] = content.decode(encoding, errors).removeprefix("\ufeff").rstrip("\r\n")
            except UnicodeDecodeError:
                problem = UNREADABLE
        if problem:
            named = Sentence("reading.excluded.of_file", file=place.name, reason=problem)
            builder.leave_out(number, named if len(texts) < 100 else problem)
        else:
            builder.add(number, cells)
        if builder.is_full(number):
            yield builder.take(number)
    yield builder.take(len(texts))


def _encoding_of(texts: list[TextPlace], unpacking: Unpacking) -> tuple[str, Sentence]:
    """UTF-8, or what the files that are not UTF-8 seem to be written in."""
    odd = bytearray()
    for number, place in enumerate(texts[:: max(1, len(texts) // 2_000)]):
        unpacking.progress.report(number, 0, Sentence("reading.progress.reading_text_files"))
        try:
            with place.path.open("rb") as file:
                head = file.read(16 * 1024)
        except OSError:
            continue
        try:
            head[:-4].decode("utf-8") if len(head) == 16 * 1024 else head.decode("utf-8")
        except UnicodeDecodeError:
            odd += head + b"\n"
        if len(odd) > _SAMPLED_BYTES:
            break
    if not odd:
        return "utf-8", NOTHING
    with tempfile.NamedTemporaryFile(dir=unpacking.new_folder(), delete=False) as sample:
        sample.write(odd)
    return encoding_of(Path(sample.name), "")
