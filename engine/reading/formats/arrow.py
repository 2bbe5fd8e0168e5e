"""Arrow IPC files and streams, Feather 2 among them, batch by batch from mapped memory; nothing in them is executed.

Class numbers that a `datasets` file explains in its metadata become their names. A column that our own unpacking has
marked holds why a row cannot be used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from engine.contract.errors import DatasetUnreadable
from engine.contract.sentences import Sentence, from_text
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import ROWS_PER_CHUNK, Chunk, Layout, unique_names
from engine.reading.formats.json_rows import cell_of
from engine.reading.formats.parquet import class_names, fields_of, inside, named

PROBLEMS = b"tunewright.problems"  # in a schema's metadata: the name of the column with the reasons of unusable rows
LINES = b"tunewright.lines"  # likewise of the column with the line of the user's file where a row begins
FILE_MARK = b"ARROW1"
STREAM_MARK = b"\xff\xff\xff\xff"
OLD_FEATHER = b"FEA1"


def is_arrow(path: Path, head: bytes) -> bool:
    """Whether the file is written in Arrow's file or stream format."""
    if head.startswith(FILE_MARK):
        return True
    if not head.startswith(STREAM_MARK):
        return False
    with contextlib.suppress(pa.ArrowException, OSError), pa.memory_map(str(path)) as source:
        pa.ipc.open_stream(source)
        return True
    return False


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this Arrow file is read."""
    with damage_named(path), pa.memory_map(str(path)) as source:
        schema = _reader(source).schema
        own = _own_columns(schema)
        columns = unique_names([".".join(place) for _, place in _places(schema, own)])
    is_folder = options.format == "folder"
    encoding = options.encoding if is_folder else ""
    filled = msgspec.structs.replace(
        options, format="folder" if is_folder else "arrow", encoding=encoding, delimiter="", quoting="", header="yes"
    )
    return Layout(filled, columns)


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    size = path.stat().st_size
    with damage_named(path), pa.memory_map(str(path)) as source:
        reader = _reader(source)
        problems, lines = _own_columns(reader.schema)
        known = _places(reader.schema, (problems, lines))
        places = [known[layout.columns.index(column)] for column in columns]
        words = class_names(reader.schema.metadata or {})
        done = 0
        for stored in _batches(reader):
            for offset in range(0, max(1, stored.num_rows), ROWS_PER_CHUNK):
                batch = stored.slice(offset, ROWS_PER_CHUNK)
                reasons = batch.column(problems).to_pylist() if problems else [None] * batch.num_rows
                used = [index for index, reason in enumerate(reasons) if not reason]
                cells = {}
                for column, (position, place) in zip(columns, places, strict=True):
                    values = inside(batch.column(position), place[1:])
                    cells[column] = [cell_of(named(values[index], words.get(place[0], []))) for index in used]
                numbers = [done + index + 1 for index in used]
                excluded = [
                    (done + index + 1, from_text(str(reason))) for index, reason in enumerate(reasons) if reason
                ]
                written = batch.column(lines).to_pylist() if lines else []
                places_in_file = {done + index + 1: line for index, line in enumerate(written) if line}
                done += batch.num_rows
                yield Chunk(numbers, cells, excluded, min(size, source.tell()), lines=places_in_file)


def _places(schema: pa.Schema, own: tuple[str, str]) -> list[tuple[int, tuple[str, ...]]]:
    """Of each column its place in the file, for names may come twice, and its name with those inside structs."""
    return [
        (position, place)
        for position, (name, kind) in enumerate(zip(schema.names, schema.types, strict=True))
        if name not in own
        for place in fields_of((name,), kind)
    ]


def batches_of(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches of the file as they are stored; an empty one first, which has its schema."""
    with damage_named(path), pa.memory_map(str(path)) as source:
        reader = _reader(source)
        yield pa.RecordBatch.from_pylist([], schema=reader.schema)
        yield from _batches(reader)


def _reader(source: pa.MemoryMappedFile) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
    mark = source.read(6)
    source.seek(0)
    return pa.ipc.open_file(source) if mark == FILE_MARK else pa.ipc.open_stream(source)


def _batches(reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.RecordBatchFileReader):
        for index in range(reader.num_record_batches):
            yield _sound(reader.get_batch(index))
    else:
        for batch in reader:
            yield _sound(batch)


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    batch.validate(full=True)
    return batch


@contextlib.contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Reports a file that Arrow cannot read as damaged (D13)."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        raise DatasetUnreadable(
            "D13",
            Sentence("reading.d13.damaged_incomplete_arrow_file", path=path.name),
            hint=Sentence("reading.d13.get_file_again_save_once"),
            details=str(error),
        ) from error


def _own_columns(schema: pa.Schema) -> tuple[str, str]:
    """The names of the columns with problems and with lines; empty where our unpacking has not marked any."""
    marked = schema.metadata or {}
    return str(marked.get(PROBLEMS, b""), "utf-8"), str(marked.get(LINES, b""), "utf-8")
