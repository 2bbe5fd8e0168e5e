"""All prepared rows as a table: found, sorted, put right."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.row_changes import change_name
from gui.widgets.all_rows import AllRows
from tests.builders_data import prepared_tiny_dataset


def test_rows_are_found_sorted_and_put_right(tmp_path: Path, qtbot: QtBot) -> None:
    card = AllRows()
    qtbot.addWidget(card)
    card.resize(760, 600)
    card.show_dataset(prepared_tiny_dataset(tmp_path))
    card.show()
    card.show_button.click()
    qtbot.waitUntil(lambda: card.amount.text() == "96 rows")
    card.search.setText("FILM is good")
    qtbot.waitUntil(lambda: card.amount.text() == "1 of 96 rows")
    assert card.table.rows.text(0, 3) == "positive"
    card.search.clear()
    card.label_choice.setCurrentIndex(1)
    card.label_choice.activated.emit(1)
    qtbot.waitUntil(lambda: card.amount.text() == "48 of 96 rows")
    card.table.sort_by("row", descending=True)
    qtbot.waitUntil(lambda: card.table.rows.text(0, 0) == "96")

    asked: list[tuple[str, int]] = []
    card.row_wanted.connect(lambda split, index: asked.append((split, index)))
    card.table.selectRow(0)
    assert len(asked) == 1
    card.changes.label.setEditText("mixed")
    with qtbot.waitSignal(card.changes.changed) as changed:
        card.changes.relabel.click()
    assert [change_name(change) for change in changed.args[0]] == ["Row 96: negative → mixed"]
    assert (card.table.rows.text(0, 3), card.table.rows.text(0, 5)) == ("mixed", "was negative")
    with qtbot.waitSignal(card.changes.changed) as changed:
        card.changes.leave_out.click()
    assert card.table.rows.text(0, 5) == "left out"
    card.changes.undo.click()
    card.changes.undo.click()
    assert card.table.rows.text(0, 3) == "negative"
    assert not card.grab().isNull()
    card.close_rows()
