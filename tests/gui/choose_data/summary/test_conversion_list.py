"""The list of changed entities: a count, and the rows one click or key away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.contract.states import ConversionReport, ConvertedEntity
from gui.choose_data.summary.conversion_list import ConversionList

REPORT = ConversionReport(
    entities=9_841,
    changed=12,
    rows=10,
    examples=(
        ConvertedEntity(1_204, "train", "LOC: <b>Par", "LOC: <b>Paris", "widened to whole characters"),
        ConvertedEntity(1_300, "test", "PER: Anna", "", "overlaps a longer entity"),
    ),
)


def test_the_count_is_shown_and_a_key_opens_the_rows(qtbot: QtBot) -> None:
    shown = ConversionList()
    qtbot.addWidget(shown)
    shown.show_report(REPORT)
    shown.show()
    assert shown.button.text() == "12 of 9,841 entities changed, in 10 rows"
    assert not shown.table.isVisible()
    qtbot.keyClick(shown.button, Qt.Key.Key_Space)
    assert shown.table.isVisible()
    cells = shown.table.cells
    rows = [[cells.index(row, column).data() for column in range(cells.columnCount())] for row in range(2)]
    assert rows == [
        ["1,204", "Training", "LOC: <b>Par", "LOC: <b>Paris", "widened to whole characters"],
        ["1,300", "Test", "PER: Anna", "excluded", "overlaps a longer entity"],
    ]
    assert shown.more.text().startswith("The first 2 of 12 are shown.")


def test_enter_or_a_double_click_asks_for_the_row(qtbot: QtBot) -> None:
    shown = ConversionList()
    qtbot.addWidget(shown)
    shown.show_report(REPORT)
    shown.show()
    shown.button.click()
    chosen: list[tuple[str, int]] = []
    shown.row_chosen.connect(lambda file, number: chosen.append((file, number)))
    shown.table.setCurrentIndex(shown.table.cells.index(1, 2))
    qtbot.keyClick(shown.table, Qt.Key.Key_Return)
    shown.table.doubleClicked.emit(shown.table.cells.index(0, 0))
    assert chosen == [("test", 1_300), ("train", 1_204)]


def test_where_nothing_changed_there_is_nothing_to_open(qtbot: QtBot) -> None:
    shown = ConversionList()
    qtbot.addWidget(shown)
    shown.show_report(ConversionReport(entities=1, changed=0, rows=0))
    shown.show()
    assert shown.button.text() == "0 of 1 entity changed"
    assert not shown.button.isEnabled()
    shown.show_report(None)
    assert not shown.isVisible()
