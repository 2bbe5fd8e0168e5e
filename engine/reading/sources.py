"""From what the user chose, an example or files, to the files that are read and the rows they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.examples import example_named
from engine.reading import read
from engine.reading.chunks import Chunk, Layout, only_rows_with, with_words
from engine.reading.examples import ExamplePlace, example_place
from engine.settings import ExampleRows, FileRows, ReadingOptions, RowSource, SplitName


class RowFile(NamedTuple):
    """One file, how it is read, and which split its rows are given for; train stands for all that is not given."""

    split: SplitName
    place: ExamplePlace
    layout: Layout

    @property
    def name(self) -> str:
        """The file's name, as sentences about its rows call it."""
        return self.place.path.name


def name_of(rows: RowSource) -> str:
    """What the data set is called."""
    match rows:
        case ExampleRows(name):
            example = example_named(name)
            return example.title if example else name
        case FileRows(path):
            return Path(path).name


def first_file(rows: RowSource, reading: ReadingOptions) -> RowFile:
    """The file that training rows come from."""
    match rows:
        case ExampleRows(name):
            place = example_place(name)
        case FileRows(path):
            place = ExamplePlace(Path(path).expanduser())
    return RowFile("train", place, read.layout_of(place.path, reading))


def all_files(rows: RowSource, reading: ReadingOptions) -> tuple[RowFile, ...]:
    """All files of the source; those of validation and test are read like the first where they are of its kind."""
    first = first_file(rows, reading)
    files = [first]
    if isinstance(rows, FileRows):
        if rows.validation_path:
            files.append(_further_file("validation", rows.validation_path, first))
        if rows.test_path:
            files.append(_further_file("test", rows.test_path, first))
    return tuple(files)


def rows_of(file: RowFile, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    place = file.place
    wanted = columns if place.only is None or place.only[0] in columns else (*columns, place.only[0])
    chunks = read.read(place.path, file.layout, wanted)
    if place.only is not None:
        chunks = only_rows_with(chunks, *place.only)
    if place.words is not None:
        chunks = with_words(chunks, *place.words)
    return chunks


def _further_file(split: SplitName, path: str, first: RowFile) -> RowFile:
    place = ExamplePlace(Path(path).expanduser())
    layout = read.layout_of(place.path, ReadingOptions())
    like = first.layout.options
    if layout.options.format == like.format or {layout.options.format, like.format} <= {"csv", "tsv"}:
        same = msgspec.structs.replace(like, encoding=layout.options.encoding)
        layout = read.layout_of(place.path, same)
    return RowFile(split, place, layout)
