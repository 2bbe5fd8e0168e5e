"""A scratch folder for what comes out of archives and folders, and rows of any reader written there as one Arrow file.

The folder is made when it is first needed and removed at the end, whatever happens in between.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from engine.contract.events import Emit
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence, as_text
from engine.reading.formats.arrow import LINES, PROBLEMS
from engine.reading.formats.chunks import Chunk
from engine.reading.formats.rows_as_objects import LINE, PROBLEM, Row, line_of
from engine.workspace.atomic_files import full_disk_named, staging_folder


class Unpacking:
    """The scratch folder; `most_rows` 0 takes all rows, else about so many are enough."""

    def __init__(self, parent: Path, emit: Emit, *, most_rows: int = 0) -> None:
        self._parent = parent
        self._folder: Path | None = None
        self._opened = contextlib.ExitStack()  # the folder, held by this process
        self.progress = ProgressReporter(emit)
        self.most_rows = most_rows
        self.was_cut = False  # whether there may be more rows than were gathered

    def __enter__(self) -> Unpacking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def new_folder(self) -> Path:
        """An empty folder within the scratch folder."""
        if self._folder is None:
            self._folder = self._opened.enter_context(staging_folder(self._parent))
        return Path(tempfile.mkdtemp(dir=self._folder))

    def write_rows(self, name: str, rows: Iterable[Row], *, encoding: str) -> Path:
        """Writes rows as one JSON object per line to the file `name`."""
        path = self.new_folder() / name
        with full_disk_named(name), path.open("w", encoding=encoding, newline="\n") as file:
            for number, row in enumerate(rows, start=1):
                file.write(line_of(row))
                if number % 1_000 == 0:
                    self.progress.report(number, 0, Sentence("reading.progress.reading_file", name=name), "")
                if self.most_rows and number >= self.most_rows:
                    self.was_cut = True
                    break
        return path

    def gather(self, name: str, columns: tuple[str, ...], chunks: Iterable[Chunk], *, total: int = 0) -> Path:
        """Writes rows to the Arrow file `name`; cells that are lists in one row and texts in another become texts.

        `total` is the size in bytes that the chunks' `bytes_done` grows to.
        """
        path = self.new_folder() / name
        schema: pa.Schema | None = None
        shown = name.removesuffix(".arrow")
        rows, note = 0, Sentence("reading.progress.reading_file", name=shown)
        with full_disk_named(name), pa.OSFile(str(path), "wb") as sink:
            writer = None
            try:
                for chunk in chunks:
                    self.progress.report(chunk.bytes_done, total, note, "bytes" if total else "")
                    if writer is None or schema is None:
                        schema = _schema(columns, chunk)
                        writer = pa.ipc.new_stream(sink, schema)
                    writer.write_batch(_batch(columns, chunk, schema))
                    rows += len(chunk.numbers)
                    if self.most_rows and rows >= self.most_rows:
                        self.was_cut = True
                        break
                if writer is None:
                    schema = _schema(columns, Chunk([], {name: [] for name in columns}, [], 0))
                    writer = pa.ipc.new_stream(sink, schema)
            finally:
                if writer is not None:
                    writer.close()
        return path


def _schema(columns: tuple[str, ...], chunk: Chunk) -> pa.Schema:
    lists = {name for name in columns if any(isinstance(cell, list) for cell in chunk.columns[name])}
    fields = [(name, pa.list_(pa.string()) if name in lists else pa.string()) for name in columns]
    # No reader makes columns of these names: names lose such marks.
    own = [(PROBLEM, pa.string()), (LINE, pa.int64())]
    return pa.schema([*fields, *own], metadata={PROBLEMS: PROBLEM.encode(), LINES: LINE.encode()})


def _batch(columns: tuple[str, ...], chunk: Chunk, schema: pa.Schema) -> pa.RecordBatch:
    """The chunk's rows in the order of their numbers, those that are excluded among them."""
    reasons = dict(chunk.excluded)
    places = {number: index for index, number in enumerate(chunk.numbers)}
    order = sorted([*chunk.numbers, *reasons])
    arrays = []
    for name in columns:
        as_list = pa.types.is_list(schema.field(name).type)
        cells = chunk.columns[name]
        values = [_fitting(cells[places[number]], as_list) if number in places else None for number in order]
        arrays.append(pa.array(values, type=schema.field(name).type))
    problems = [as_text(reasons[number]) if number in reasons else None for number in order]
    lines = [chunk.lines.get(number, 0) for number in order]
    own = [pa.array(problems, type=pa.string()), pa.array(lines, type=pa.int64())]
    return pa.record_batch([*arrays, *own], schema=schema)


def _fitting(cell: object, as_list: bool) -> object:
    if isinstance(cell, list):
        return [_valid(item) for item in cell] if as_list else " ".join(map(_valid, cell))
    if isinstance(cell, str):
        return [_valid(cell)] if as_list else _valid(cell)
    return None


def _valid(text: str) -> str:
    """The text without lone surrogates, which Arrow does not take."""
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")
