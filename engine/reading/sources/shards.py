"""The rows of several files, one file after the other, as one Arrow file: how large data sets lie on the Hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from engine.contract.settings import SplitName
from engine.contract.text_parsing import split_of
from engine.reading.formats import registry
from engine.reading.formats.chunks import Cell, Chunk, Layout
from engine.reading.sources.unpacking import Unpacking

Shard = tuple[Path, Layout]


def gather_shards(name: str, shards: Sequence[Shard], unpacking: Unpacking) -> Path:
    """Writes the rows of all shards, numbered on, to `name`.arrow; a column that one lacks is empty there."""
    columns = tuple(dict.fromkeys(column for _, layout in shards for column in layout.columns))
    total = sum(path.stat().st_size for path, _ in shards)
    return unpacking.gather(f"{name}.arrow", columns, _chunks(shards, columns), total=total)


def shards_by_split(names: Iterable[str]) -> dict[SplitName, list[str]]:
    """The names by split where a split has several files that differ by a number alone, or a folder of its own.

    Files without the name of a split are for training where all of them are such a series. Empty where no split has
    several files, and where these are no series.
    """
    by_split: dict[SplitName | None, list[str]] = {}
    for name in names:
        by_split.setdefault(split_of(name) or split_of(PurePath(name).parent.name), []).append(name)
    if list(by_split) == [None]:
        by_split = {"train": by_split[None]}
    found = {split: sorted(several) for split, several in by_split.items() if split is not None}
    is_series = all(_is_series(several) for several in found.values())
    return found if "train" in found and is_series and any(len(several) > 1 for several in found.values()) else {}


def _is_series(names: Sequence[str]) -> bool:
    folders = {PurePath(name).parent for name in names}
    in_own_folder = len(folders) == 1 and split_of(folders.copy().pop().name) is not None
    return len({re.sub(r"\d+", "#", name) for name in names}) == 1 or in_own_folder


def _chunks(shards: Sequence[Shard], columns: tuple[str, ...]) -> Iterator[Chunk]:
    rows = before = 0
    for path, layout in shards:
        last = 0
        for chunk in registry.read(path, layout, layout.columns):
            nothing: list[Cell] = [None] * len(chunk.numbers)
            cells = {name: chunk.columns.get(name, nothing) for name in columns}
            numbers = [rows + number for number in chunk.numbers]
            excluded = [(rows + number, reason) for number, reason in chunk.excluded]
            last = max(last, *(number for number in (*chunk.numbers[-1:], *(one for one, _ in chunk.excluded))), 0)
            yield Chunk(numbers, cells, excluded, before + chunk.bytes_done)
        rows += last
        before += path.stat().st_size
