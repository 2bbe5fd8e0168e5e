"""Text files in a folder per class: each file is a row, its folder's name the label."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.data_folders import TextPlace, texts_of
from engine.reading.chunks import UNREADABLE, Cell, Chunk, ChunkBuilder
from engine.reading.text_files import encoding_of
from engine.reading.unpacking import Unpacking

COLUMNS = ("text", "label", "file")
LONGEST_TEXT = 32 * 1024 * 1024  # bytes of one file
_SAMPLED_BYTES = 256 * 1024  # of files that are not UTF-8, from which their encoding is guessed


def gather_texts(
    name: str, classes: dict[str, Path], unpacking: Unpacking, *, encoding: str = "", undecodable: str = ""
) -> tuple[Path, str, str]:
    """An Arrow file with a row for each text; the encoding and a note about it, empty where there is no doubt."""
    texts = list(texts_of(classes))
    note = ""
    if not encoding:
        encoding, note = _encoding_of(texts, unpacking)
    errors = "replace" if undecodable == "replace" else "strict"
    chunks = _rows(texts, encoding, errors, name, unpacking)
    return unpacking.gather(f"{name}.arrow", COLUMNS, chunks, total=len(texts)), encoding, note


def _rows(texts: list[TextPlace], encoding: str, errors: str, name: str, unpacking: Unpacking) -> Iterator[Chunk]:
    builder = ChunkBuilder(COLUMNS)
    for number, place in enumerate(texts, start=1):
        unpacking.say(number, len(texts), f"Reading {name}", "files")
        problem = ""
        content = b""
        try:
            if place.path.stat().st_size > LONGEST_TEXT:
                problem = "is longer than 32 MB"
            else:
                content = place.path.read_bytes()
        except OSError:
            problem = "cannot be opened"
        cells: list[Cell] = ["", place.label, place.name]
        if not problem:
            try:
                cells[0] = content.decode(encoding, errors).removeprefix("\ufeff").rstrip("\r\n")
            except UnicodeDecodeError:
                problem = UNREADABLE
        if problem:
            builder.leave_out(number, f"({place.name}) {problem}" if len(texts) < 100 else problem)
        else:
            builder.add(number, cells)
        if builder.is_full(number):
            yield builder.take(number)
    yield builder.take(len(texts))


def _encoding_of(texts: list[TextPlace], unpacking: Unpacking) -> tuple[str, str]:
    """UTF-8, or what the files that are not UTF-8 seem to be written in."""
    odd = bytearray()
    for number, place in enumerate(texts[:: max(1, len(texts) // 2_000)]):
        unpacking.say(number, 0, "Looking at the text files")
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
        return "utf-8", ""
    with tempfile.NamedTemporaryFile(dir=unpacking.new_folder(), delete=False) as sample:
        sample.write(odd)
    return encoding_of(Path(sample.name), "")
