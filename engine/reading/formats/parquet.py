"""Parquet files, batch by batch. Class numbers that a `datasets` file explains in its metadata become their names."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import ROWS_PER_CHUNK, Chunk, Layout, unique_names
from engine.reading.formats.json_rows import cell_of

_DEEPEST = 4  # structs inside structs
_MOST_FIELDS = 50  # of a struct that becomes columns; one with more is a table of its own


def is_parquet(path: Path, head: bytes) -> bool:
    """Whether a file that begins with `head` is a Parquet file; `path` is not needed for that."""
    return head.startswith(b"PAR1")


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this Parquet file is read."""
    with _damage_named(path), pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise _named_alike(path, twice)
        columns = tuple(places_of(file.schema_arrow))
    filled = msgspec.structs.replace(options, format="parquet", encoding="", delimiter="", quoting="", header="yes")
    return Layout(filled, columns)


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    size = path.stat().st_size
    with _damage_named(path), pq.ParquetFile(path) as file:
        total = max(1, file.metadata.num_rows)
        known = places_of(file.schema_arrow)
        places = [known[column] for column in columns]
        names = list(dict.fromkeys(place[0] for place in places))
        words = class_names(file.schema_arrow.metadata or {})
        done = 0
        for batch in file.iter_batches(batch_size=ROWS_PER_CHUNK, columns=names):
            cells = {
                column: [
                    cell_of(named(value, words.get(place[0], [])))
                    for value in inside(batch.column(place[0]), place[1:])
                ]
                for column, place in zip(columns, places, strict=True)
            }
            numbers = list(range(done + 1, done + batch.num_rows + 1))
            done += batch.num_rows
            yield Chunk(numbers, cells, [], size * done // total)


def places_of(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """The columns by their names; those inside a struct have dots, as keys inside objects of JSON have."""
    found = [place for name, kind in zip(schema.names, schema.types, strict=True) for place in fields_of((name,), kind)]
    return dict(zip(unique_names([".".join(place) for place in found]), found, strict=True))


def fields_of(place: tuple[str, ...], kind: pa.DataType) -> Iterator[tuple[str, ...]]:
    """The place itself, or where it holds structs the places inside."""
    if pa.types.is_struct(kind) and len(place) <= _DEEPEST and 0 < kind.num_fields <= _MOST_FIELDS:
        for number in range(kind.num_fields):
            yield from fields_of((*place, kind.field(number).name), kind.field(number).type)
    else:
        yield place


def inside(column: pa.Array, names: Sequence[str]) -> list[Any]:
    """The values of a column, or those that lie inside its structs under these names."""
    try:
        values: list[Any] = column.to_pylist()
    except (OverflowError, pa.ArrowInvalid):  # dates that Python has none for, such as PostgreSQL's "infinity"
        values = column.cast(pa.string()).to_pylist()
    for name in names:
        values = [value.get(name) if isinstance(value, dict) else None for value in values]
    return values


def _named_alike(path: Path, name: str) -> DatasetUnreadable:
    """The error (D13) for two columns of one name, of which Parquet's readers return neither."""
    return DatasetUnreadable(
        "D13",
        Sentence("reading.d13.columns_named_alike", path=path.name, name=name),
        hint=Sentence("reading.d13.rename_one_column"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:  # also of texts, dates and durations
        raise DatasetUnreadable(
            "D13",
            Sentence("reading.d13.damaged_incomplete_parquet_file", path=path.name),
            hint=Sentence("reading.d13.get_file_again_save_once"),
            details=str(error),
        ) from error


def named(value: Any, names: list[str]) -> Any:
    """The name of a class number, also within a list; any other value as it is.

    −1 represents a class that was kept back, as `datasets` has it: there is none.
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
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
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
