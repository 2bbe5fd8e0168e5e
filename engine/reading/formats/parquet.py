"""Parquet files, batch by batch. Class numbers that a `datasets` file explains in its metadata become their names."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from engine.contract.errors import DatasetUnreadable
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import ROWS_PER_CHUNK, Chunk, Layout, unique_names
from engine.reading.formats.json_rows import cell_of


def is_parquet(path: Path, head: bytes) -> bool:
    """Whether a file that begins with `head` is a Parquet file; `path` is not needed for that."""
    return head.startswith(b"PAR1")


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this Parquet file is read."""
    with _damage_named(path), pq.ParquetFile(path) as file:
        columns = unique_names(list(file.schema_arrow.names))
    filled = msgspec.structs.replace(options, format="parquet", encoding="", delimiter="", quoting="", header="yes")
    return Layout(filled, columns)


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    size = path.stat().st_size
    with _damage_named(path), pq.ParquetFile(path) as file:
        total = max(1, file.metadata.num_rows)
        names = [file.schema_arrow.names[layout.columns.index(column)] for column in columns]
        words = class_names(file.schema_arrow.metadata or {})
        done = 0
        for batch in file.iter_batches(batch_size=ROWS_PER_CHUNK, columns=names):
            cells = {
                column: [cell_of(named(value, words.get(name, []))) for value in batch.column(name).to_pylist()]
                for column, name in zip(columns, names, strict=True)
            }
            numbers = list(range(done + 1, done + batch.num_rows + 1))
            done += batch.num_rows
            yield Chunk(numbers, cells, [], size * done // total)


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DatasetUnreadable(
            "D13",
            Sentence("reading.d13.damaged_incomplete_parquet_file", path=path.name),
            hint=Sentence("reading.d13.get_file_again_save_once"),
            details=str(error),
        ) from error


def named(value: Any, names: list[str]) -> Any:
    """The name of a class number, also within a list; any other value as it is.

    −1 stands for a class that was kept back, as `datasets` has it: there is none.
    """
    if isinstance(value, list):
        return [named(item, names) for item in value] if names else value
    if names and isinstance(value, int) and -1 <= value < len(names):
        return names[value] if value >= 0 else None
    return value


def class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Names of the classes by column, as `datasets` writes them into the file."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        found = {name: _names_of(feature) for name, feature in features.items()}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}
    return {name: names for name, names in found.items() if names}


def _names_of(feature: Any) -> list[str]:
    if isinstance(feature, list) and feature:
        return _names_of(feature[0])
    if isinstance(feature, dict):
        if feature.get("_type") == "ClassLabel":
            return [str(name) for name in feature.get("names") or []]
        return _names_of(feature.get("feature"))
    return []
