"""The same rows in every format that is read, and a look at what comes out of a source."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from engine.contract.events import Event
from engine.contract.settings import FileRows, ReadingOptions, RowSource
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking

ROWS = [(f"text number {number}, with ünïcode", "good" if number % 2 else "bad") for number in range(24)]
COLUMNS = ("text", "label")
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>'
    "{merged}</worksheet>"
)


def ignore(event: Event) -> None:
    """Listens and never stops anything."""


def read_source(
    source: RowSource | Path,
    reading: ReadingOptions | None = None,
    *,
    scratch: Path,
    emit: Callable[[Event], None] = ignore,
) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the source by split; a tuple of its cells for each row, and the excluded rows under `excluded`."""
    rows = FileRows(str(source)) if isinstance(source, Path) else source
    found: dict[str, list[tuple[object, ...]]] = {}
    with Unpacking(scratch, emit) as unpacking:
        for file in all_files(rows, reading or ReadingOptions(), unpacking):
            for chunk in rows_of(file, file.layout.columns):
                cells = [chunk.columns[name] for name in file.layout.columns]
                found.setdefault(file.split, []).extend(zip(*cells, strict=True))
                found.setdefault("left out", []).extend(chunk.excluded)
    if not found.get("left out"):
        found.pop("left out", None)
    return found


def table(rows: Sequence[tuple[str, str]] = ROWS) -> pa.Table:
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)})


def csv_bytes(rows: Sequence[tuple[str, str]] = ROWS) -> bytes:
    output = io.StringIO()
    csv.writer(output).writerows([COLUMNS, *rows])
    return output.getvalue().encode()


def jsonl_bytes(rows: Sequence[tuple[str, str]] = ROWS) -> bytes:
    return "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows).encode()


def parquet_bytes(rows: Sequence[tuple[str, str]] = ROWS) -> bytes:
    output = io.BytesIO()
    pq.write_table(table(rows), output)
    return output.getvalue()


def arrow_bytes(rows: Sequence[tuple[str, str]] = ROWS, *, stream: bool = False) -> bytes:
    output = io.BytesIO()
    made = table(rows)
    with pa.ipc.new_stream(output, made.schema) if stream else pa.ipc.new_file(output, made.schema) as writer:
        writer.write_table(made, max_chunksize=7)
    return output.getvalue()


def feather_bytes(rows: Sequence[tuple[str, str]] = ROWS) -> bytes:
    output = io.BytesIO()
    feather.write_feather(table(rows), output)
    return output.getvalue()


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip archive, the same bytes whenever it is made."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return output.getvalue()


def workbook_bytes(
    sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = (), merged: str = ""
) -> bytes:
    """A workbook made by hand: texts as inline strings, numbers as numbers, None as no cell; `merged` like A2:A3."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed, related, parts = "", "", {}
    overrides = f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="rId{number}"/>'
        related += (
            f'<Relationship Id="rId{number}" Type="{relations}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        place = f"/xl/worksheets/sheet{number}.xml"
        overrides += f'<Override PartName="{place}" ContentType="{kinds}.worksheet+xml"/>'
        body = "".join(_row(place, row) for place, row in enumerate(rows, start=1))
        marks = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
        parts[place[1:]] = _SHEET.format(rows=body, merged=marks).encode()
    package = "http://schemas.openxmlformats.org/package/2006"
    return zip_bytes(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
                f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
                f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ).encode(),
            "xl/workbook.xml": (
                '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
                f'xmlns:r="{relations}"><sheets>{listed}</sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{package}/relationships">{related}</Relationships>'
            ).encode(),
            **parts,
        }
    )


def _row(number: int, cells: Sequence[object]) -> str:
    return f'<row r="{number}">' + "".join(_cell(number, *one) for one in enumerate(cells)) + "</row>"


def _cell(number: int, column: int, value: object) -> str:
    place = f"{chr(65 + column)}{number}"
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
