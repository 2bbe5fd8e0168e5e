"""The rows of several files, one file after the other, as one Arrow file: how large data sets lie on the Hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.reading import read
from engine.reading.chunks import Cell, Chunk, Layout
from engine.reading.unpacking import Unpacking

Shard = tuple[Path, Layout]


def gather_shards(name: str, shards: Sequence[Shard], unpacking: Unpacking) -> Path:
    """Writes the rows of all shards, numbered on, to `name`.arrow; a column that one lacks is empty there."""
    columns = tuple(dict.fromkeys(column for _, layout in shards for column in layout.columns))
    total = sum(path.stat().st_size for path, _ in shards)
    return unpacking.gather(f"{name}.arrow", columns, _chunks(shards, columns), total=total)


def _chunks(shards: Sequence[Shard], columns: tuple[str, ...]) -> Iterator[Chunk]:
    rows = before = 0
    for path, layout in shards:
        last = 0
        for chunk in read.read(path, layout, layout.columns):
            nothing: list[Cell] = [None] * len(chunk.numbers)
            cells = {name: chunk.columns.get(name, nothing) for name in columns}
            numbers = [rows + number for number in chunk.numbers]
            left_out = [(rows + number, reason) for number, reason in chunk.left_out]
            last = max(last, *(number for number in (*chunk.numbers[-1:], *(one for one, _ in chunk.left_out))), 0)
            yield Chunk(numbers, cells, left_out, before + chunk.bytes_done)
        rows += last
        before += path.stat().st_size
