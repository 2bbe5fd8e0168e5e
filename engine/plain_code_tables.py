"""How the plain script reads Arrow and Parquet files and workbooks."""

from __future__ import annotations

from engine.plain_code_text import Script, literal


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
