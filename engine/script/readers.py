"""How the plain script reads a file of each format: a function `read(path)` that returns the rows as a list.

`READERS` has an entry for every format of `engine.contract.file_formats`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from engine.contract.script_builder import Script, literal
from engine.contract.settings import ReadingOptions
from engine.contract.text_parsing import CLUSTER, CONLL_COMMENT, CONLLU, GAP, UNSPACED, WORDS

COUNTINGS = ("characters", "utf-16", "characters-inclusive", "utf-16-inclusive", "utf-8")


class WantedRows(NamedTuple):
    """What `read(path)` returns: `picked` is the expression that makes a row of the script out of the file's `row`."""

    reading: ReadingOptions
    columns: Mapping[str, str]  # the script's own names to those of the file
    label_columns: tuple[str, ...]  # columns of the file with 1 where a row has their label
    texts: tuple[str, ...]  # the script's own names of columns that hold texts, not lists
    picked: str
    only: tuple[str, str] | None = None  # a column and the value that it has in the rows that are taken
    group: str = ""  # the column of the file by which rows belong together
    is_below: bool = False  # whether titles, comments or names of groups are above the header

    @property
    def encoding(self) -> str:
        """As a Python literal; a byte-order mark is skipped where there may be one."""
        encoding = self.reading.encoding
        return literal("utf-8-sig" if encoding.lower() in ("", "utf-8", "utf8", "ascii") else encoding)

    @property
    def used(self) -> list[str]:
        """The columns of the file that are read."""
        return [*self.columns.values(), *self.label_columns, *([self.group] if self.group else [])]

    @property
    def header(self) -> str:
        """The set of names that the header holds, as Python."""
        named = (
            name for name in self.used if not re.fullmatch(r"column \d+", name)
        )  # as columns without one are called
        return f"{{{', '.join(map(literal, dict.fromkeys(named)))}}}"


def read_csv(script: Script, wanted: WantedRows) -> str:
    """Delimited text."""
    script.imports("csv")
    reading = wanted.reading
    delimiter = reading.delimiter or ("\t" if reading.format == "tsv" else ",")
    options = f"delimiter={literal(delimiter)}"
    if reading.quoting == "plain":
        options += ", quoting=csv.QUOTE_NONE"
    if reading.quoting == "single":
        options += """, quotechar="'\""""
    lines, escapes = "file", ""
    if reading.quoting == "escaped":
        script.imports("re")
        lines = "unescaped(file)"
        escapes = r"""
def unescaped(lines):
    # \" is a quotation mark inside a cell.
    return (re.sub(r'\\(\\(?=")|")', lambda match: '""' if match[1] == '"' else "\\", line) for line in lines)

"""
    if reading.header == "no":
        options += f", fieldnames=[{', '.join(map(literal, _names_without_header(wanted)))}]"
    if wanted.is_below and reading.header != "no":
        return f"""{escapes}
def read(path):
    with open(path, encoding={wanted.encoding}, newline="") as file:
        rows = csv.reader({lines}, {options})
        names = next(cells for cells in rows if {wanted.header} <= {{*cells}})  # other lines are above
        rows = [dict(zip(names, cells)) for cells in rows if cells]
    return [{wanted.picked} for row in rows]

"""
    loop = f"for row in csv.DictReader({lines}, {options})"
    if wanted.only:
        column, value = wanted.only
        loop += f" if row[{literal(column)}] == {literal(value)}"
    return f"""{escapes}
def read(path):
    with open(path, encoding={wanted.encoding}, newline="") as file:
        return [
            {wanted.picked}
            {loop}
        ]

"""


def read_json(script: Script, wanted: WantedRows) -> str:
    """JSON; keys inside objects have names with dots."""
    script.imports("json")
    nested = any("." in name for name in wanted.used)
    return f"""{_FLAT if nested else ""}
def read(path):
    with open(path, encoding={wanted.encoding}) as file:
        text = file.read()
    try:
        rows = json.loads(text, parse_constant=lambda name: None)  # NaN is no value
    except json.JSONDecodeError:  # one object per line
        rows = [json.loads(line, parse_constant=lambda name: None) for line in text.split("\\n") if line.strip()]
    if isinstance(rows, dict):  # it holds the list of rows
        rows = next(value for value in rows.values() if isinstance(value, list) and isinstance(value[0], dict))
    return [{wanted.picked} for row in {"map(flat, rows)" if nested else "rows"}]

"""


def read_conll(script: Script, wanted: WantedRows) -> str:
    """One word per line; a row is a sentence."""
    columns = wanted.columns
    lists = {own: f"[cells[{_conll_position(theirs)}] for cells in lines]" for own, theirs in columns.items()}
    numbered = not {*columns.values()}.isdisjoint(CONLLU)
    comment = 'line.startswith("#")' if numbered else "re.match(comment, line)"
    body = """
                lines.append(cells)"""
    if numbered:
        body = """
                written.append(cells)
                if cells[0].isdigit():  # else a range of words, or an empty one
                    lines.append(cells)"""
    if "tokens" in columns:
        row = ", ".join(f'"{own}": {words}' for own, words in lists.items())
        row += ', "text": text_of(written)' if numbered else ""
        sentence = f"sentences.append({{{row}}})"
    else:  # texts are the words with spaces between them
        cells = (f'" ".join({words})' if own in wanted.texts else words for own, words in lists.items())
        row = ", ".join(f"{literal(theirs)}: {cell}" for theirs, cell in zip(columns.values(), cells, strict=True))
        sentence = f"row = {{{row}}}\n                sentences.append({wanted.picked})"
    cells_of_line = 'line.rstrip("\\r\\n").split("\\t")'
    if wanted.reading.delimiter != "\t":  # no other spaces, which may be a part of words
        cells_of_line = '[cell for cell in line.strip("\\r\\n").replace("\\t", " ").split(" ") if cell]'
    has_text = numbered and "tokens" in columns
    if has_text or not numbered:
        script.imports("re")
    pattern = "" if numbered else f"\n    comment = {literal(CONLL_COMMENT)}"
    start = "sentences, lines, written = [], [], []" if numbered else "sentences, lines = [], []"
    return f"""{TEXT_OF_CONLLU if has_text else ""}
def read(path):
    {start}{pattern}
    with open(path, encoding={wanted.encoding}) as file:
        for line in [*file, ""]:
            cells = {cells_of_line}
            if {comment}:  # a comment
                continue
            if line.strip() and not line.startswith("-DOCSTART-"):{body}
            elif lines:
                {sentence}
                {"lines, written = [], []" if numbered else "lines = []"}
    return sentences

"""


def read_arrow(script: Script, wanted: WantedRows) -> str:
    """Arrow files and streams; columns inside structs have names with dots."""
    script.imports("pyarrow")
    script.imports("datasets.table", "InMemoryTable")
    nested = any("." in name for name in wanted.used)
    rows = "with_names(Dataset(InMemoryTable(table)))"
    return f"""{_named_code(script)}{_FLAT if nested else ""}
def read(path):
    with pyarrow.memory_map(str(path)) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        table = (pyarrow.ipc.open_file if is_file else pyarrow.ipc.open_stream)(source).read_all()
    return [{wanted.picked} for row in {f"map(flat, {rows})" if nested else rows}]

"""


def read_parquet(script: Script, wanted: WantedRows) -> str:
    """Parquet files; columns inside structs have names with dots."""
    nested = any("." in name for name in wanted.used)
    rows = "with_names(Dataset.from_parquet(str(path)))"
    return f"""{_named_code(script)}{_FLAT if nested else ""}
def read(path):
    return [{wanted.picked} for row in {f"map(flat, {rows})" if nested else rows}]

"""


def read_workbook(script: Script, wanted: WantedRows) -> str:
    """A sheet of a workbook, with values as a spreadsheet shows them; a merged cell counts for each of its rows."""
    script.imports("datetime")
    script.imports("python_calamine", "CalamineWorkbook")
    has_header = wanted.reading.header != "no"
    above = ""
    if wanted.is_below and has_header:
        above = f"""
    while not {wanted.header} <= {{*rows[0]}}:
        rows.pop(0)  # above the header"""
    names = "rows.pop(0)" if has_header else '[f"column {number + 1}" for number in range(len(rows[0]))]'
    return f"""
def shown(value):
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds") if value.time() != datetime.time() else value.date().isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read(path):
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name({literal(wanted.reading.part)})
    table = [[shown(value) for value in row] for row in sheet.iter_rows()]
    above, left = sheet.start or (0, 0)
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or []:
        for place in range(top + 1, bottom + 1):
            if place - above < len(table) and any(table[place - above]):
                table[place - above][column - left] = table[top - above][column - left]
    rows = [row for row in table if any(row)]{above}
    names = {names}
    rows = [dict(zip(names, row)) for row in rows]
    return [{wanted.picked} for row in rows]

"""


def read_marked_text(script: Script, wanted: WantedRows) -> str:
    """Texts with marked stretches of characters, as annotation tools save them; rows have text, tokens and tags."""
    script.imports("json")
    script.imports("regex")
    offsets = wanted.reading.offsets or "characters"
    tried = ", ".join(map(literal, dict.fromkeys((offsets, *COUNTINGS))))
    return f"""
WORDS = regex.compile(
    {literal(WORDS)}
)


def marks_of(row):
    names = [name for name in ("spans", "entities", "labels", "label") if isinstance(row.get(name), list)]
    holder = next((name for name in names if row[name]), names[0] if names else "spans")
    return row.get("text") or row.get("data") or "", row.get(holder, [])


def in_characters(start, end, text, offsets):
    if offsets.endswith("inclusive"):
        end += 1
    if offsets.startswith("utf"):
        encoding, width = ("utf-8", 1) if offsets == "utf-8" else ("utf-16-le", 2)
        units = text.encode(encoding)
        start, end = (len(units[: width * place].decode(encoding, "ignore")) for place in (start, end))
    return start, end


def place_of(mark, text):
    if isinstance(mark, list):
        return *in_characters(int(mark[0]), int(mark[1]), text, {literal(offsets)}), mark[2]
    start = int(mark["start"] if "start" in mark else mark["start_offset"])
    end = int(mark["end"] if "end" in mark else mark["end_offset"])
    label = mark["labels"][0] if mark.get("labels") else mark.get("label", mark.get("entity"))
    for offsets in ({tried}) if mark.get("text") else ():
        place = in_characters(start, end, text, offsets)
        if text[slice(*place)] == mark["text"]:
            return *place, label
    return *in_characters(start, end, text, {literal(offsets)}), label


def whole(text, start, end):
    while start < end and regex.fullmatch({literal(GAP)}, text[start]):
        start += 1
    while start < end and regex.fullmatch({literal(GAP)}, text[end - 1]):
        end -= 1
    for match in regex.finditer({literal(CLUSTER)}, text) if start < end else ():
        start = match.start() if match.start() < start < match.end() else start
        end = match.end() if match.start() < end < match.end() else end
    return start, end


def read(path):
    with open(path, encoding={wanted.encoding}) as file:
        text = file.read()
    try:
        rows = json.loads(text)
    except json.JSONDecodeError:  # one object per line
        rows = list(map(json.loads, filter(str.strip, text.split("\\n"))))
    if isinstance(rows, dict):  # it holds the list of rows
        lists = [value for value in rows.values() if isinstance(value, list) and value]
        rows = next(value for value in lists if isinstance(value[0], (dict, list)))
    rows = [row if isinstance(row, dict) else {{"text": row[0], **row[1]}} for row in rows]  # spaCy's are pairs
    for row in rows:
        text, marks = marks_of(row)
        # The longest mark wins; words are parted where a mark begins or ends, letters and their marks are not.
        kept = []
        marks = [place_of(mark, text) for mark in marks]
        for start, end, label in sorted(marks, key=lambda mark: (mark[0] - mark[1], mark[0])):
            start, end = whole(text, start, end)
            if start < end and all(end <= other[0] or other[1] <= start for other in kept):
                kept.append((start, end, label.strip()))
        borders = sorted({{0, len(text)}}.union(*(mark[:2] for mark in kept)))
        places = [
            match.span() for border, after in zip(borders, borders[1:]) for match in WORDS.finditer(text, border, after)
        ]
        tags = ["O"] * len(places)
        for start, end, label in kept:
            inside = [number for number, word in enumerate(places) if start <= word[0] < end]
            for number in inside:
                tags[number] = ("B-" if number == inside[0] else "I-") + label
        row["text"], row["tokens"], row["tags"] = text, [text[start:end] for start, end in places], tags
    return [{wanted.picked} for row in rows]

"""


READERS: Mapping[str, Callable[[Script, WantedRows], str]] = {
    "csv": read_csv,
    "tsv": read_csv,
    "jsonl": read_json,
    "parquet": read_parquet,
    "arrow": read_arrow,
    "workbook": read_workbook,
    "folder": read_arrow,  # the texts of a folder were gathered in an Arrow file
    "conll": read_conll,
    "spans": read_marked_text,
    "lines": read_json,  # a copy of the rows
}

TEXT_OF_CONLLU = f"""
UNSPACED = re.compile(  # scripts without spaces between words
    "[{UNSPACED}]"
)


def text_of(lines):
    forms = {{int(cells[0]): cells[1] for cells in lines if cells[0].isdigit()}}
    together = set()  # numbers of words that no space follows
    for cells in lines:
        first, _, last = cells[0].partition("-")
        if last:  # a range of words
            numbers = range(int(first), int(last) + 1)
            if "".join(forms.get(number, "") for number in numbers) == cells[1]:
                together.update(numbers[:-1])
        if "SpaceAfter=No" in cells[-1].split("|") and (last or first).isdigit():
            together.add(int(last or first))
    text, before = "", None
    for number, word in forms.items():
        close = before in together or (UNSPACED.match(text[-1:]) and UNSPACED.match(word[:1]))
        text, before = text + (word if close or not text else " " + word), number
    return text

"""

_FLAT = """
def flat(row, before=""):
    # Keys inside objects get dots: data.text.
    cells = {}
    for name, value in row.items():
        cells |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return cells

"""


def _names_without_header(wanted: WantedRows) -> list[str]:
    """Columns of a file without a header are called "column 1", "column 2", … up to the last that is used."""
    used = [int(digits) for name in wanted.used if (digits := name.rpartition(" ")[2]).isdigit()]
    return [f"column {number}" for number in range(1, max(used, default=1) + 1)]


def _conll_position(column: str) -> int:
    """Columns of a CoNLL file are called tokens, column 2, tags 3, …, tags; those of CoNLL-U have their own names."""
    if column in CONLLU:
        return CONLLU.index(column)
    digits = column.rpartition(" ")[2]
    return int(digits) - 1 if digits.isdigit() else (-1 if column == "tags" else 0)


def _named_code(script: Script) -> str:
    """A function that puts the names of classes in the place of their numbers."""
    script.imports("datasets", "ClassLabel")
    return """
def named(value, names):
    if isinstance(value, list):
        return [named(item, names) for item in value]
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else None


def with_names(rows):
    kinds = {name: getattr(kind, "feature", kind) for name, kind in rows.features.items()}
    classes = {name: kind.names for name, kind in kinds.items() if isinstance(kind, ClassLabel)}
    return [{**row, **{name: named(row[name], names) for name, names in classes.items()}} for row in rows]

"""
