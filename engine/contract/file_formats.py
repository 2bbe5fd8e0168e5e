"""The file formats that rows are read from: names, suffixes and which choices apply to each.

This is the one list of formats. The window's choices, the file dialog's filter and the search for data files in folders
and on the Hub read it directly; `engine.reading.formats.registry` adds to each format the functions that read it, and
`engine.script.readers` the plain code. Light, so that everybody may import it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from engine.contract.languages import translated

# Stored in recipes, prepared data sets and run records, so a name never changes.
FormatName = Literal["csv", "tsv", "jsonl", "parquet", "arrow", "workbook", "folder", "conll", "spans", "lines"]


class FileFormat(NamedTuple):
    """What is known of a format without opening a file; what a file is follows from its content, never its suffix."""

    name: FormatName
    title_en: str
    suffixes: tuple[str, ...] = ()  # lower case, with the dot
    product: str = ""  # what sentences call such a file; empty where nobody would choose it by this name
    is_text: bool = False  # it has an encoding
    is_delimited: bool = False  # it has a delimiter and quotation marks
    may_lack_header: bool = False  # whether the first row holds the names of the columns is a choice
    has_offsets: bool = False  # it marks characters, whose places are counted in one of several ways
    part_word: str = ""  # what `ReadingOptions.part` names in such a file: one of its tables; empty where it is one
    is_table: bool = False  # rows of cells that its columns alone give a meaning
    is_gathered: bool = False  # its rows are collected from many files, so that no single file has the encoding
    hub_loader: str = ""  # what `datasets.load_dataset` and the Hub's model index call it; empty where neither can

    @property
    def title(self) -> str:
        """What is shown in the window's list of formats."""
        return translated(f"contract.file_format.{self.name}", self.title_en)


FILE_FORMATS = (
    FileFormat(
        "csv",
        "CSV",
        (".csv", ".txt"),
        product="CSV",
        is_table=True,
        is_text=True,
        is_delimited=True,
        may_lack_header=True,
        hub_loader="csv",
    ),
    FileFormat(
        "tsv",
        "TSV",
        (".tsv",),
        product="TSV",
        is_table=True,
        is_text=True,
        is_delimited=True,
        may_lack_header=True,
        hub_loader="csv",
    ),
    FileFormat(
        "jsonl", "JSON", (".jsonl", ".ndjson", ".json"), product="JSON", is_table=True, is_text=True, hub_loader="json"
    ),
    FileFormat("parquet", "Parquet", (".parquet",), product="Parquet", is_table=True, hub_loader="parquet"),
    FileFormat("arrow", "Arrow", (".arrow", ".feather"), product="Arrow", is_table=True),
    FileFormat(
        "workbook",
        "Workbook",
        (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
        product="Excel",
        is_table=True,
        may_lack_header=True,
        part_word="sheet",
    ),
    FileFormat("folder", "Text files", is_text=True, is_gathered=True),
    FileFormat("conll", "CoNLL", (".conll", ".conllu", ".iob", ".bio"), product="CoNLL", is_text=True),
    FileFormat("spans", "Marked text", is_text=True, has_offsets=True),
    FileFormat("lines", "Text lines", is_text=True),
)

# Files that hold other files. A zip archive counts as a data file in a folder; a file packed with gzip is read when it
# is chosen itself.
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz")
PACKED_SUFFIXES = (".gz",)

# Files that are named by their split alone, as those of CoNLL-2003: eng.train, eng.testa, eng.testb.
SPLIT_SUFFIXES = (".train", ".dev", ".valid", ".test", ".testa", ".testb")

DATA_SUFFIXES = (*(suffix for one in FILE_FORMATS for suffix in one.suffixes), *ARCHIVE_SUFFIXES, *SPLIT_SUFFIXES)

_BY_NAME = {one.name: one for one in FILE_FORMATS}
PRODUCTS = tuple(one.product for one in FILE_FORMATS if one.product)  # for sentences such as "Choose a … file."


def file_format(name: FormatName) -> FileFormat:
    """The format of this name."""
    return _BY_NAME[name]


def applies_to(option: str, format: FormatName | Literal[""]) -> bool:
    """Whether this field of `ReadingOptions` means anything for files of the format; all do where it is not known."""
    if not format:
        return True
    found = _BY_NAME[format]
    match option:
        case "encoding":
            return found.is_text
        case "delimiter" | "quoting":
            return found.is_delimited
        case "header":
            return found.may_lack_header
        case "offsets":
            return found.has_offsets
    return True
