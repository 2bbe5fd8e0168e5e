"""How the plain script reads Arrow and Parquet files and workbooks."""

from __future__ import annotations

from engine.contract.script_builder import Script, literal
from engine.contract.text_parsing import WORDS


def read_arrow_code(script: Script, picked: str) -> str:
    """`picked` is the expression that makes a row of the script out of `row`."""
    script.imports("pyarrow")
    script.imports("datasets.table", "InMemoryTable")
    return f"""{_named_code(script)}
def read(path):
    with pyarrow.memory_map(str(path)) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        table = (pyarrow.ipc.open_file if is_file else pyarrow.ipc.open_stream)(source).read_all()
    return [{picked} for row in with_names(Dataset(InMemoryTable(table)))]

"""


def read_parquet_code(script: Script, picked: str) -> str:
    """`picked` is the expression that makes a row of the script out of `row`."""
    return f"""{_named_code(script)}
def read(path):
    return [{picked} for row in with_names(Dataset.from_parquet(str(path)))]

"""


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


def read_workbook_code(script: Script, sheet: str, picked: str, *, has_header: bool) -> str:
    """Values as a person sees them; a merged cell counts for each of its rows."""
    script.imports("datetime")
    script.imports("python_calamine", "CalamineWorkbook")
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
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name({literal(sheet)})
    table = [[shown(value) for value in row] for row in sheet.iter_rows()]
    above, left = sheet.start or (0, 0)
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or []:
        for place in range(top + 1, bottom + 1):
            if place - above < len(table) and any(table[place - above]):
                table[place - above][column - left] = table[top - above][column - left]
    rows = [row for row in table if any(row)]
    names = {names}
    rows = [dict(zip(names, row)) for row in rows]
    return [{picked} for row in rows]

"""


# How the plain script reads texts with marked stretches of characters, as annotation tools save them.


def read_marks_code(script: Script, encoding: str, picked: str) -> str:
    """`picked` is the expression that makes a row of the script out of `row`, which has text, tokens and tags."""
    script.imports("json")
    script.imports("re")
    return f"""
def marks_of(row):
    if isinstance(row.get("data"), dict):  # Label Studio
        kept = [one for one in row.get("annotations", row.get("completions")) if not one.get("was_cancelled")]
        values = [item["value"] for one in kept[:1] for item in one["result"] if "start" in item.get("value", ())]
        text = row["data"].get("text") or next(one for one in row["data"].values() if isinstance(one, str))
        return text, values
    names = [name for name in ("spans", "entities", "labels", "label") if isinstance(row.get(name), list)]
    holder = next((name for name in names if row[name]), names[0] if names else "spans")
    return row.get("text") or row.get("data") or "", row.get(holder, [])


def place_of(mark, text):
    if isinstance(mark, list):
        return int(mark[0]), int(mark[1]), mark[2]
    start = int(mark["start"] if "start" in mark else mark["start_offset"])
    end = int(mark["end"] if "end" in mark else mark["end_offset"])
    written, units = mark.get("text"), text.encode("utf-16-le")
    if written and text[start:end] != written and units[2 * start : 2 * end] == written.encode("utf-16-le"):
        start = len(units[: 2 * start].decode("utf-16-le"))  # the places were counted as browsers do
        end = start + len(written)
    return start, end, mark["labels"][0] if mark.get("labels") else mark.get("label", mark.get("entity"))


def read(path):
    with open(path, encoding={literal(encoding)}) as file:
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
        places = [match.span() for match in re.finditer({literal(WORDS)}, text)]
        tags = ["O"] * len(places)
        # The longest mark wins, and is widened to whole words.
        for start, end, label in sorted((place_of(mark, text) for mark in marks), key=lambda mark: mark[0] - mark[1]):
            inside = [number for number, word in enumerate(places) if word[0] < end and start < word[1]]
            if all(tags[number] == "O" for number in inside):
                for number in inside:
                    tags[number] = ("B-" if number == inside[0] else "I-") + label.strip()
        row["text"], row["tokens"], row["tags"] = text, [text[start:end] for start, end in places], tags
    return [{picked} for row in rows]

"""
