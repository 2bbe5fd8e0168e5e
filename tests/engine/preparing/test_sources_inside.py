"""Archives, folders and workbooks through preparing: the same rows, and a script that reads their copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings
from engine.contract.states import PreparedDataset
from engine.exporting.record import data_files
from engine.preparing.prepare import prepare
from engine.script.data import read_code
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_rows, tiny_model
from tests.engine.reading.sources_on_disk import COLUMNS, arrow_bytes, csv_bytes, workbook_bytes, zip_bytes

ROWS = review_rows()
KINDS = ("workbook", "sheets", "arrow", "zip", "folder")


def source_of(kind: str, folder: Path) -> Path:
    path = folder / f"rows of {kind}"
    match kind:
        case "workbook":
            path.write_bytes(workbook_bytes({"all rows": [COLUMNS, *ROWS]}))
        case "sheets":
            sheets = {"train": [COLUMNS, *ROWS[:80]], "test": [COLUMNS, *ROWS[80:]]}
            path.write_bytes(workbook_bytes(sheets))
        case "arrow":
            path.write_bytes(arrow_bytes(ROWS, stream=True))
        case "zip":
            path.write_bytes(zip_bytes({"train.csv": csv_bytes(ROWS[:80]), "test.csv": csv_bytes(ROWS[80:])}))
        case "folder":
            for number, (text, label) in enumerate(ROWS):
                (path / label).mkdir(parents=True, exist_ok=True)
                (path / label / f"{number:03}.txt").write_text(text)
    return path


def prepared(kind: str, folder: Path) -> PreparedDataset:
    source = FileRows(str(source_of(kind, folder)))
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), source, PrepareSettings(), ignore, workspace=workspace)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_from_inside_are_prepared_copied_and_read_again_by_the_plain_script(tmp_path: Path, kind: str) -> None:
    dataset = prepared(kind, tmp_path)
    assert dataset.rows_in == dataset.rows_used == len(ROWS)
    assert dataset.label_names == ("negative", "positive")
    if kind in ("sheets", "zip"):
        assert dataset.splits["test"].rows == len(ROWS) - 80
    copies = [path for path in Path(dataset.folder).glob("source/*/*") if path.is_file()]
    assert len(copies) == (2 if kind in ("sheets", "zip") else 1)
    assert all(digest for digest in data_files(dataset).values())
    assert not list((tmp_path / "workspace" / "datasets").glob(".staging*"))
    script = Script()
    read_code(script, dataset, Places())
    made: dict[str, object] = {}
    exec(script.text(), made)
    splits = made["splits"]
    assert sum(splits.num_rows.values()) == len(ROWS)  # type: ignore[attr-defined]
    assert {(row["text"], row["label"]) for part in splits.values() for row in part} == set(ROWS)  # type: ignore[attr-defined]


def test_what_was_found_is_found_again(tmp_path: Path) -> None:
    dataset = prepared("sheets", tmp_path)
    again = prepare(
        dataset.model, dataset.source, dataset.settings, ignore, workspace=Workspace(tmp_path / "workspace").create()
    )
    assert again.splits == dataset.splits
