"""A table that is sorted by its columns: every name of a column can be read."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.components.sorted_table import SortedTable, TableRow

COLUMNS = ("Label", "Share", "Training", "Validation", "Test", "All")


@pytest.mark.parametrize("width", [560, 710, 1200])
def test_no_name_of_a_column_is_cut(qtbot: QtBot, width: int) -> None:
    table = SortedTable(COLUMNS, range(2, 6), wide_column=0)
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.show()
    rows = [TableRow((name, "", "240", "30", "30", "300"), (name, 0.5, 240, 30, 30, 300)) for name in ("no", "yes")]
    table.show_rows(rows)
    table.measure(rows)
    header = table.horizontalHeader()
    for position, name in enumerate(COLUMNS):
        assert header.sectionSize(position) >= header.sectionSizeHint(position), name


def test_columns_give_way_together_until_the_wide_one_has_its_width(qtbot: QtBot) -> None:
    table = SortedTable(("Text", "In", "Label"), (), wide_column=0, narrowest_wide=250)
    qtbot.addWidget(table)
    cells = ("a text that is longer than what it gets here, and then some more", "Training", "cancel_subscription_now")
    rows = [TableRow(cells, cells)]
    table.show_rows(rows)
    table.resize(450, 300)
    table.show()
    table.measure(rows)
    assert table.columnWidth(0) == 250
    assert sum(table.columnWidth(column) for column in range(3)) <= table.viewport().width()  # nothing to scroll to
    assert table.columnWidth(2) < 140
