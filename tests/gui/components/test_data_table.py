"""The table of foreign text, and its header with the roles of the columns."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionViewItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.queries import ColumnFound
from engine.contract.settings import Roles
from gui.choose_data.source.column_roles import guess_roles, missing, role_of, task_of, with_role
from gui.choose_data.source.role_header import RoleHeader
from gui.components.data_table import COLLAPSED_COLUMN, BothEnds, DataTable
from gui.components.plain_text import LONGEST_CELL, on_one_line
from gui.design.theme import SMALL_SIZE

RIGHT = Qt.AlignmentFlag.AlignRight


@pytest.fixture
def table(qtbot: QtBot) -> DataTable:
    table = DataTable()
    header = RoleHeader(table)
    table.setHorizontalHeader(header)
    table.style_header()
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    return table


def header_of(table: DataTable) -> RoleHeader:
    header = table.horizontalHeader()
    assert isinstance(header, RoleHeader)
    return header


def shown(table: DataTable, row: int, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> object:
    return table.cells.data(table.cells.index(row, column), role)


def test_markup_in_cells_headers_and_tooltips_stays_plain(table: DataTable) -> None:
    table.cells.set_cells(["<b>text</b>"], [["<img src='http://example.org/x.png'> & <a href='x'>more</a>"]])

    assert str(shown(table, 0, 0)).startswith("<img src=")
    shown_tooltip = str(shown(table, 0, 0, Qt.ItemDataRole.ToolTipRole))
    assert "&lt;img" in shown_tooltip
    assert "&amp;" in shown_tooltip
    assert "<img" not in shown_tooltip
    head = table.cells.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert head == "<p style='white-space:pre-wrap'>&lt;b&gt;text&lt;/b&gt;</p>"


def test_long_and_broken_lines_are_shown_on_one_line_and_kept_whole_for_copying(table: DataTable) -> None:
    text = "first\nsecond\tthird " + "x" * 5_000
    table.cells.set_cells(["text"], [[text]])

    cell = str(shown(table, 0, 0))

    assert "\n" not in cell
    assert len(cell) == LONGEST_CELL + 1
    assert table.cells.text(0, 0) == text


def test_rows_shorter_than_the_header_have_empty_cells(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["1"]])

    assert shown(table, 0, 1) == ""


def test_numbers_are_aligned_to_the_right_and_texts_to_the_left(table: DataTable) -> None:
    table.cells.set_cells(["n", "text"], [["1", "one"]], numbers=[0])

    alignment = [shown(table, 0, column, Qt.ItemDataRole.TextAlignmentRole) for column in (0, 1)]

    assert [bool(Qt.AlignmentFlag(side) & RIGHT) for side in alignment] == [True, False]  # type: ignore[call-overload]


def test_copying_gives_a_table_with_whole_cells(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["1", "x" * 600], ['say "hi"', "two\nlines"]])
    table.selectAll()

    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "1\t" + "x" * 600 + '\n"say ""hi"""\t"two\nlines"'


def test_what_a_spreadsheet_would_run_is_copied_as_text(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["=1+1", "-5"], ["@SUM(A1)", "\t=1"]])
    table.selectAll()

    assert table.selected_text() == "'=1+1\t-5\n'@SUM(A1)\t\"'\t=1\""


def test_tab_leaves_the_table(table: DataTable) -> None:
    assert not table.tabKeyNavigation()


# ── Roles ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_menu_by_keyboard_changes_the_role_of_the_column_it_is_on(table: DataTable, qtbot: QtBot) -> None:
    table.cells.set_cells(["id", "review", "stars"], [["1", "good", "5"]])
    header = header_of(table)
    header.set_roles(Roles(text="review"), frozenset({"review"}))
    header.setFocus()
    chosen: list[tuple[str, str]] = []
    header.role_chosen.connect(lambda column, role: chosen.append((column, role)))

    QTest.keyClick(header, Qt.Key.Key_Right)
    QTest.keyClick(header, Qt.Key.Key_Right)
    QTest.keyClick(header, Qt.Key.Key_Space)
    menu = QGuiApplication.focusWindow() and header.findChildren(type(header.role_menu(0)))[0]
    assert menu is not None
    label = next(action for action in menu.actions() if action.text() == "Label")
    menu.setActiveAction(label)
    QTest.keyClick(menu, Qt.Key.Key_Return)

    assert chosen == [("stars", "label")]
    menu.close()


def test_first_letters_choose_a_role_at_once(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["1", "2"]])
    header = header_of(table)
    chosen: list[tuple[str, str]] = []
    header.role_chosen.connect(lambda column, role: chosen.append((column, role)))

    for key in (Qt.Key.Key_L, Qt.Key.Key_T, Qt.Key.Key_Delete):
        QTest.keyClick(header, key)
    header.set_roles(Roles(text="a"), frozenset())
    QTest.keyClick(header, Qt.Key.Key_T)
    QTest.keyClick(header, Qt.Key.Key_W)
    QTest.keyClick(header, Qt.Key.Key_Q)

    assert chosen == [("a", "label"), ("a", "text"), ("a", ""), ("a", "tags"), ("a", "tokens")]


def test_a_click_on_a_chip_opens_the_menu_with_the_present_role_checked(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["1", "2"]])
    header = header_of(table)
    header.set_roles(Roles(label="b"), frozenset())
    place = QPoint(header.sectionViewportPosition(1) + 20, 40)

    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert header.current_column() == 1
    menu = header.role_menu(1)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Label"]
    for window in QGuiApplication.topLevelWindows():
        if window.type() == Qt.WindowType.Popup:
            window.close()


def test_guesses_are_marked_and_spoken(table: DataTable) -> None:
    table.cells.set_cells(["a", "b"], [["1", "2"]])
    header = header_of(table)

    header.set_roles(Roles(text="a", label="b"), frozenset({"a"}))

    assert header.chip_text(0) == "Text · guess"
    assert header.chip_text(1) == "Label"
    assert header.accessibleName() == "Roles of the columns: a, Text · guess"


def test_a_column_far_to_the_right_scrolls_into_sight(table: DataTable) -> None:
    table.cells.set_cells([f"column {number}" for number in range(5_000)], [["x"] * 5_000])
    header = header_of(table)

    QTest.keyClick(header, Qt.Key.Key_End)

    assert header.current_column() == 4_999
    assert 0 <= header.sectionViewportPosition(4_999) < header.viewport().width()


def test_a_role_is_played_by_one_column() -> None:
    roles = with_role(Roles(text="a", label="b"), "c", "text")

    assert roles == Roles(text="c", label="b")
    assert role_of(roles, "a") == ""
    assert with_role(roles, "c", "label") == Roles(label="c")
    assert with_role(roles, "c", "") == Roles(label="b")


def test_the_task_follows_from_the_roles() -> None:
    roles = with_role(Roles(text="a", label="b"), "words", "tokens")

    assert roles == Roles(tokens="words")
    assert task_of(roles, "text_classification") == "token_classification"
    assert task_of(Roles(), "token_classification") == "token_classification"
    assert "the tags" in missing(roles, "token_classification")
    assert missing(with_role(roles, "ner", "tags"), "token_classification") == ""


def test_another_task_guesses_columns_of_its_own_kind() -> None:
    columns = [
        ColumnFound("id", "id", 9, 3),
        ColumnFound("words", "tokens", 9, 80),
        ColumnFound("ner", "tags", 9, 60),
        ColumnFound("topic", "label", 2, 5),
    ]

    assert guess_roles("token_classification", columns) == Roles(tokens="words", tags="ner")
    assert guess_roles("text_classification", columns) == Roles(text="words", label="topic")


def test_characters_that_would_reorder_a_line_are_seen_instead() -> None:
    assert on_one_line("a\u202eb\x07\nc") == "a⟨U+202E⟩b␇⏎c"
    assert on_one_line("tab\tand\r\0") == "tab and \ufffd"
    assert on_one_line("שלום é 👨\u200d👩") == "שלום é 👨\u200d👩"


def test_the_name_of_a_column_is_cut_to_what_its_own_font_needs(table: DataTable) -> None:
    font = table.horizontalHeader().font()
    assert font.weight() == QFont.Weight.DemiBold
    assert font.pixelSize() == SMALL_SIZE


def test_a_table_that_was_filled_before_it_joined_a_window_is_as_high_as_one_filled_there(qtbot: QtBot) -> None:
    window, tables = QWidget(), (DataTable(), DataTable())
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    for table in tables:
        table.cells.set_cells(["text"], [["a"], ["b"], ["c"]])
    tables[0].show_height_for(3)
    for table in tables:
        column.addWidget(table)
    tables[1].show_height_for(3)
    assert tables[0].minimumHeight() == tables[1].minimumHeight()


def test_columns_that_are_used_have_their_width_before_those_that_are_ignored(table: DataTable) -> None:
    text = "a text that is long enough to need more than a narrow column"
    table.cells.set_cells(["text", *"abcdefg"], [[text, *["ignored, and long as well"] * 7]])
    table.collapse(range(1, 8))
    assert table.columnWidth(0) > 0.5 * table.viewport().width()
    assert all(table.columnWidth(column) <= COLLAPSED_COLUMN for column in range(1, 8))


def test_a_long_label_goes_on_in_the_second_line_of_its_row(qtbot: QtBot) -> None:
    table = DataTable()
    qtbot.addWidget(table)
    table.wrap_column(0)
    table.show_both_ends(1)
    table.cells.set_cells(["text", "label"], [["short", "technical_issue"]])
    table.resize(400, 200)
    table.show()

    def drawn() -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        delegate = table.itemDelegateForColumn(1)
        assert isinstance(delegate, BothEnds)
        delegate.initStyleOption(option, table.cells.index(0, 1))
        return option

    assert drawn().text == "technical_issue"
    table.cells.set_cells(["text", "label"], [["a text that is too long for its column " * 4, "technical_issue"]])
    table.setColumnWidth(0, 120)
    table.wrap_if_cut()
    assert drawn().text == "technical_\u200bissue"
    assert drawn().features & QStyleOptionViewItem.ViewItemFeature.WrapText
    assert table.cells.text(0, 1) == "technical_issue"  # what is copied


def test_few_rows_of_two_lines_are_all_in_sight(qtbot: QtBot) -> None:
    table = DataTable()
    qtbot.addWidget(table)
    table.wrap_column(0)
    table.resize(300, 900)
    table.show()
    for rows, seen in ((3, 3), (5, 5), (10, 8)):
        table.cells.set_cells(["text"], [["a text that is too long for the width of its column " * 4]] * rows)
        table.show_height_for(rows)
        table.wrap_if_cut()
        assert table.viewport().height() // table.row_height() == seen
