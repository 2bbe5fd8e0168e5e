"""Tables and pictures are copied and saved whole, in the order that is shown, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from gui.components.saving import ROWS_AT_ONCE
from gui.components.sorted_table import SortedTable, TableRow
from gui.evaluate.confusion_matrix import ConfusionMatrix

ROWS = 2 * ROWS_AT_ONCE + 7


@pytest.fixture(autouse=True)
def no_tooltip_stays(qtbot: QtBot) -> Iterator[None]:
    """What is said beside the widget is a window of its own."""
    yield
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def action(widget: QWidget, text: str) -> QAction:
    return next(one for one in widget.actions() if one.text() == text)


def choosing(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def table_of(qtbot: QtBot, rows: int) -> SortedTable:
    table = SortedTable(("Label", "Rows"), (1,))
    qtbot.addWidget(table)
    table.show_rows([TableRow((f"=label {number}", f"{number:,}"), (f"{number}", number)) for number in range(rows)])
    return table


def test_a_long_table_is_saved_whole_while_the_window_lives(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = table_of(qtbot, ROWS)
    path = tmp_path / "labels.csv"
    choosing(monkeypatch, path)
    action(table, "Save the table as CSV…").trigger()
    assert not path.exists()  # not at once: it is written between events
    qtbot.waitUntil(path.exists)
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert lines[0] == ["Label", "Rows"]
    assert len(lines) == 1 + ROWS
    assert lines[-1] == [f"'=label {ROWS - 1}", f"{ROWS - 1:,}"]


def test_the_whole_table_is_copied_in_the_columns_that_are_shown(qtbot: QtBot) -> None:
    table = table_of(qtbot, 3)
    table.setColumnHidden(0, True)
    action(table, "Copy the whole table").trigger()
    assert QGuiApplication.clipboard().text().splitlines() == ["Rows", "0", "1", "2"]


def test_a_matrix_is_saved_as_picture_and_as_values(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(300, 200)
    matrix.show_counts(("no", "yes"), ((8, 2), (1, 9)))
    for ending in ("PNG", "SVG"):
        path = tmp_path / f"matrix.{ending.lower()}"
        choosing(monkeypatch, path)
        action(matrix, f"Save picture as {ending}…").trigger()
        assert path.stat().st_size > 500
    assert QImage(str(tmp_path / "matrix.png")).width() == 600
    assert "<svg" in (tmp_path / "matrix.svg").read_text("utf-8")
    choosing(monkeypatch, tmp_path / "matrix.csv")
    action(matrix, "Save values as CSV…").trigger()
    assert (tmp_path / "matrix.csv").read_text("utf-8-sig") == "truth,no,yes\nno,8,2\nyes,1,9\n"
    action(matrix, "Copy picture").trigger()
    assert not QGuiApplication.clipboard().image().isNull()


def test_a_file_that_cannot_be_written_is_no_crash(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.show_counts(("no", "yes"), ((8, 2), (1, 9)))
    (tmp_path / "blocked").write_text("a file, no folder")
    choosing(monkeypatch, tmp_path / "blocked" / "matrix.csv")
    action(matrix, "Save values as CSV…").trigger()
    assert (tmp_path / "blocked").read_text() == "a file, no folder"
