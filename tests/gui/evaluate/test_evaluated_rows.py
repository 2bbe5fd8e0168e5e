"""All rows of an evaluation: each query against a plain loop, and the table over them while the window stays free."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.settings import TaskName
from engine.contract.tag_schemes import type_of
from gui.components.data_table import CELL_PADDING
from gui.design.theme import TABLE_ROW
from gui.evaluate.cell_rows import no_entity
from gui.evaluate.evaluated_rows import EvaluatedQuery, EvaluatedRows
from gui.evaluate.evaluated_rows_table import EvaluatedRowsTable
from gui.evaluate.evaluated_rows_view import TEXT
from tests.gui.evaluate.made_up_report import CLASSES, TAGS, Rows, made_up, on_disk, text_of


def ignore() -> None:
    """Ends nothing."""


def labels_of(row: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for side in ("truth", "predicted"):
        given = row[side] if isinstance(row[side], list) else [row[side]]
        found |= {type_of(name) or "O" if name in TAGS else name for name in given}
    return found


def by_hand(rows: Rows, wanted: Callable[[dict[str, Any]], bool]) -> list[int]:
    """The numbers of the wanted rows, the largest loss first, equal ones in the order of the file."""
    found = [row for row in rows if wanted(row)]
    return [row["row"] for row in sorted(found, key=lambda row: -row["loss"])]


def numbers(rows: EvaluatedRows, query: EvaluatedQuery) -> list[int]:
    return [rows.row_at(int(position)).row for position in rows.find(query, ignore)]


@pytest.mark.parametrize("task", ["text_classification", "multi_label_classification", "token_classification"])
def test_every_query_finds_what_a_loop_over_the_rows_finds(task: TaskName, tmp_path: Path) -> None:
    rows = made_up(task, 400)
    found = EvaluatedRows(on_disk(tmp_path, task, rows))
    assert numbers(found, EvaluatedQuery()) == by_hand(rows, lambda row: True)
    assert numbers(found, EvaluatedQuery(outcome="wrong")) == by_hand(rows, lambda row: not row["right"])
    assert numbers(found, EvaluatedQuery(outcome="right")) == by_hand(rows, lambda row: row["right"])
    assert numbers(found, EvaluatedQuery(text="ärger")) == by_hand(rows, lambda row: "ÄRGER" in text_of(row))
    short = EvaluatedQuery(text="short", shortest=4, longest=7)
    assert numbers(found, short) == by_hand(rows, lambda row: "Short" in row["words"] and 4 <= row["length"] <= 7)
    label = "PERSON" if task == "token_classification" else "neutral"
    assert numbers(found, EvaluatedQuery(label=label)) == by_hand(rows, lambda row: label in labels_of(row))


def test_a_cell_leads_to_every_row_that_it_counts(tmp_path: Path) -> None:
    rows = made_up("text_classification", 300)
    found = EvaluatedRows(on_disk(tmp_path, "text_classification", rows))
    for true in CLASSES:
        for predicted in CLASSES:
            query = EvaluatedQuery(cell=(true, predicted))
            expected = by_hand(rows, lambda row, pair=(true, predicted): (row["truth"], row["predicted"]) == pair)
            assert numbers(found, query) == expected


def test_a_cell_of_words_leads_to_the_rows_that_hold_such_a_word(tmp_path: Path) -> None:
    rows = made_up("token_classification", 300)
    found = EvaluatedRows(on_disk(tmp_path, "token_classification", rows))
    kinds = {"PERSON": "PERSON", "PLACE": "PLACE", no_entity(): ""}
    for true in kinds:
        for predicted in kinds:

            def holds(row: dict[str, Any], pair: tuple[str, str] = (kinds[true], kinds[predicted])) -> bool:
                words = zip(row["truth"], row["predicted"], strict=True)
                return any((type_of(one), type_of(other)) == pair for one, other in words)

            assert numbers(found, EvaluatedQuery(cell=(true, predicted))) == by_hand(rows, holds)


@pytest.mark.parametrize("key", ["row", "text", "truth", "predicted", "probability", "loss"])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_sorted_by_any_column(key: str, descending: bool, tmp_path: Path) -> None:
    rows = made_up("text_classification", 200)
    found = EvaluatedRows(on_disk(tmp_path, "text_classification", rows))
    order = numbers(found, EvaluatedQuery(sort=key, descending=descending))  # type: ignore[arg-type]
    keyed = [{**row, "text": text_of(row).lower()} for row in rows]
    assert order == [row["row"] for row in sorted(keyed, key=lambda row: row[key], reverse=descending)]


def test_numbers_have_no_outcome_and_are_listed_by_their_error(tmp_path: Path) -> None:
    rows = made_up("regression", 50)
    found = EvaluatedRows(on_disk(tmp_path, "regression", rows))
    assert numbers(found, EvaluatedQuery(outcome="wrong")) == by_hand(rows, lambda row: True)
    first = found.row_at(0)
    assert (first.truth, first.probability) == (f"{rows[0]['truth']:.4g}", 0.0)
    by_truth = numbers(found, EvaluatedQuery(sort="truth", descending=False))
    assert by_truth == [row["row"] for row in sorted(rows, key=lambda row: row["truth"])]


def test_predictions_of_other_rows_are_refused(tmp_path: Path) -> None:
    rows = made_up("text_classification", 20)
    report = on_disk(tmp_path, "text_classification", rows)
    path = tmp_path / "evaluation" / "predictions.parquet"
    table = parquet.read_table(path)
    parquet.write_table(table.set_column(0, "row", pa.array(range(20), pa.int64())), path)
    with pytest.raises(ValueError, match="other rows"):
        EvaluatedRows(report)


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────


def listed(table: EvaluatedRowsTable) -> list[int]:
    return [table.table.rows.row_at(line).row for line in range(table.table.rows.rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> EvaluatedRowsTable:
    table = EvaluatedRowsTable()
    qtbot.addWidget(table)
    table.resize(760, 700)
    table.show()
    return table


def test_all_wrong_rows_replace_those_that_the_report_lists(
    table: EvaluatedRowsTable, qtbot: QtBot, tmp_path: Path
) -> None:
    rows = made_up("text_classification", 300)
    table.show_report(on_disk(tmp_path, "text_classification", rows))
    assert listed(table) == [rows[0]["row"]]
    assert not table.outcome.isEnabled()
    wrong = by_hand(rows, lambda row: not row["right"])
    qtbot.waitUntil(lambda: listed(table) == wrong)
    assert table.note.text() == f"{len(wrong)} wrong of 300 rows, the largest loss first."
    table.outcome.setCurrentIndex(table.outcome.findData(""))
    table.outcome.activated.emit(0)
    qtbot.waitUntil(lambda: len(listed(table)) == 300)
    table.shortest.setValue(6)
    qtbot.waitUntil(lambda: listed(table) == by_hand(rows, lambda row: row["length"] >= 6))


def test_a_right_cell_and_a_class_lead_to_their_rows(table: EvaluatedRowsTable, qtbot: QtBot, tmp_path: Path) -> None:
    rows = made_up("text_classification", 300)
    table.show_report(on_disk(tmp_path, "text_classification", rows))
    qtbot.waitUntil(table.outcome.isEnabled)
    table.filter_cell("neutral", "neutral", "These were predicted correctly.", 1)
    right = by_hand(rows, lambda row: row["truth"] == row["predicted"] == "neutral")
    qtbot.waitUntil(lambda: listed(table) == right)
    table.filter_label("neutral")
    wrong = by_hand(rows, lambda row: not row["right"] and "neutral" in labels_of(row))
    qtbot.waitUntil(lambda: listed(table) == wrong)
    assert table.note.text() == f"True or predicted as “neutral”: {len(wrong)} wrong rows."
    table.all_button.click()
    qtbot.waitUntil(lambda: listed(table) == by_hand(rows, lambda row: not row["right"]))


def test_only_the_rows_in_sight_are_read(
    table: EvaluatedRowsTable, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = made_up("text_classification", 3_000)
    read: list[int] = []
    plain = EvaluatedRows.row_at
    monkeypatch.setattr(EvaluatedRows, "row_at", lambda self, place: (read.append(place), plain(self, place))[1])
    table.show_report(on_disk(tmp_path, "text_classification", rows))
    qtbot.waitUntil(lambda: table.table.rows.rowCount() > 1_000)
    table.repaint()
    assert 0 < len(set(read)) < 60


@pytest.mark.parametrize(("repeated", "lines"), [(1, 1), (9, 2)])
def test_sixty_characters_of_a_text_are_read_in_the_table(
    table: EvaluatedRowsTable, tmp_path: Path, qtbot: QtBot, repeated: int, lines: int
) -> None:
    rows = made_up("text_classification", 30)
    for row in rows:
        row["words"] = ["Parcels", "are"] * repeated
    table.resize(660, 700)  # beside the open panel in a window of 1280
    with qtbot.waitSignal(table.opened):
        table.show_report(on_disk(tmp_path, "text_classification", rows))
    qtbot.waitUntil(lambda: table._finding is None)  # a thread that outlives its widget ends the process
    view = table.table
    metrics = view.fontMetrics()
    assert view.row_height() == TABLE_ROW + (lines - 1) * metrics.lineSpacing()
    drawn = lines * (view.columnWidth(TEXT) - CELL_PADDING)
    assert drawn >= metrics.horizontalAdvance("Parcels are " * 5) or lines == 1
    assert view.height() >= 6 * view.row_height()


def test_the_table_is_as_high_as_the_rows_of_a_cell_and_keeps_its_height_while_one_types(
    table: EvaluatedRowsTable, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(table.opened):
        table.show_report(on_disk(tmp_path, "text_classification", made_up("text_classification", 60)))
    qtbot.waitUntil(lambda: table._finding is None)
    many = table.table.height()
    table.filter.setText("no such text")
    qtbot.waitUntil(lambda: table.table.rows.rowCount() == 0)
    assert table.table.height() == many
    table.filter.clear()
    qtbot.waitUntil(lambda: table.table.rows.rowCount() > 0)
    table.filter_group((0, 1), "two rows")
    qtbot.waitUntil(lambda: table.table.rows.rowCount() <= 2 and table._finding is None)
    assert table.table.height() < 0.6 * many
