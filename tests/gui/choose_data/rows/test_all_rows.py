"""All prepared rows as a table: found, sorted, put right."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from engine.contract.row_edits import change_name
from engine.contract.states import PreparedDataset
from gui.choose_data.rows.all_rows import AllRows
from gui.choose_data.rows.rows_table import ANSWER, CHANGE, ROW, SPLIT
from gui.components import keys
from gui.components.background import wait_for_all
from gui.components.data_table import CELL_PADDING
from gui.rows.label_editor import line_of
from tests.builders_data import prepared_tiny_dataset


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path_factory.mktemp("reviews"))


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path_factory.mktemp("names"), "token_classification")


@pytest.fixture
def card(qtbot: QtBot, reviews: PreparedDataset) -> Iterator[AllRows]:
    card = opened(qtbot, reviews)
    yield card
    card.close_rows()


def opened(qtbot: QtBot, dataset: PreparedDataset) -> AllRows:
    card = AllRows()
    qtbot.addWidget(card)
    card.resize(760, 700)
    card.show_dataset(dataset)
    card.show()
    card.show_button.click()
    rows = f"{dataset.rows_used} rows"
    qtbot.waitUntil(lambda: card.amount.text() == rows)
    return card


def select(card: AllRows, line: int) -> None:
    """Only this line, whatever keys an earlier test seems to hold down."""
    card.table.clearSelection()
    card.table.selectRow(line)


def shown(card: AllRows, column: int, line: int = 0) -> str:
    return card.table.rows.text(line, column)


def order_by(qtbot: QtBot, card: AllRows, key: str, first: str, *, descending: bool = False) -> None:
    card.table.sort_by(key, descending=descending)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: f"{card.table.rows.row_at(0).row:,}" == first)


def test_rows_are_found_while_the_text_is_typed_and_stepped_through(card: AllRows, qtbot: QtBot) -> None:
    QTest.keyClicks(card.filters.search, "FILM is good")
    qtbot.waitUntil(lambda: card.amount.text() == "1 of 96 rows")
    assert shown(card, ANSWER) == "positive"
    card.filters.search.setText("film is")
    qtbot.waitUntil(lambda: card.filters.place.text() == "16 found")
    QTest.keyClick(card.filters.search, Qt.Key.Key_Return)
    QTest.keyClick(card.filters.search, Qt.Key.Key_Return)
    assert card.filters.place.text() == "2 of 16"
    QTest.keyClick(card.filters.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    card.step(-1)
    assert card.filters.place.text() == "16 of 16"

    card.filters.only_hits.setChecked(False)
    qtbot.waitUntil(lambda: card.amount.text() == "96 rows" and "found" in card.filters.place.text())
    card.step(1)
    assert card.filters.place.text() == "1 of 16"
    first = card.table.currentIndex().row()
    card.step(1)
    assert card.table.currentIndex().row() > first
    assert "film is" in shown(card, 2, card.table.currentIndex().row())
    card.step(-1)
    card.step(-1)
    assert card.filters.place.text() == "16 of 16"


def test_filters_and_every_order_work_together(card: AllRows, qtbot: QtBot) -> None:
    card.filters.label_choice.setCurrentIndex(1)
    card.filters.label_choice.activated.emit(1)
    qtbot.waitUntil(lambda: card.amount.text() == "48 of 96 rows")
    order_by(qtbot, card, "row", "96", descending=True)
    card.filters.split_choice.setCurrentIndex(card.filters.split_choice.findData("test"))
    card.filters.split_choice.activated.emit(0)
    qtbot.waitUntil(lambda: {shown(card, 1, line) for line in range(card.table.rows.rowCount())} == {"Test"})
    for key in ("text", "answer", "length", "split", "change"):
        card.table.sort_by(key)  # type: ignore[arg-type]
        search = card._search
        with qtbot.waitSignal(card._finder.finished, check_params_cb=lambda number, search=search: number == search):  # type: ignore[union-attr]
            pass
        if key == "text":
            texts = [shown(card, 2, line) for line in range(card.table.rows.rowCount())]
            assert texts == sorted(texts)


def test_the_keys_are_those_of_the_system(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "sys", SimpleNamespace(platform="darwin"))
    card = AllRows()
    qtbot.addWidget(card)
    assert card.edit_form.exclude.shortcuts() == [QKeySequence("Delete"), QKeySequence("Backspace")]
    standard = QKeySequence.StandardKey
    assert card._find_key.keys() == QKeySequence.keyBindings(standard.Find)
    assert set(QKeySequence.keyBindings(standard.FindNext)) <= set(card._next_key.keys())
    assert set(QKeySequence.keyBindings(standard.FindPrevious)) <= set(card._previous_key.keys())


def test_labels_are_put_right_and_rows_excluded_by_keyboard(card: AllRows, qtbot: QtBot) -> None:
    received: list[list[str]] = []
    card.edit_form.changed.connect(lambda changes: received.append([change_name(change) for change in changes]))
    order_by(qtbot, card, "row", "1")
    card.table.setFocus()
    card.table.go_to_line(1)
    QTest.keyClick(card.table, Qt.Key.Key_F2)
    editor = card.table.findChild(QComboBox)
    assert editor is not None
    assert editor.currentText() == "negative"
    QTest.keyClicks(line_of(editor), "positive")
    QTest.keyClick(line_of(editor), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: received == [["Row 3: negative → positive"]])
    assert (shown(card, ANSWER, 1), shown(card, CHANGE, 1)) == ("positive", "was negative")
    card.table.setFocus()
    QTest.keyClick(card.table, Qt.Key.Key_Delete)
    assert received[-1] == ["Row 3: excluded"]
    assert shown(card, CHANGE, 1) == "excluded"
    font = card.table.rows.data(card.table.rows.index(1, 2), Qt.ItemDataRole.FontRole)
    assert isinstance(font, QFont)
    assert font.strikeOut()
    QTest.keyClick(card.table, Qt.Key.Key_Delete)
    assert received[-1] == ["Row 3: negative → positive"]
    QTest.keyClick(card.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(card.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(card.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (received[-1], shown(card, ANSWER, 1)) == ([], "negative")
    QTest.keyClick(card.table, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert received[-1] == ["Row 3: negative → positive"]


def test_a_new_label_is_asked_about_first(card: AllRows, qtbot: QtBot) -> None:
    order_by(qtbot, card, "row", "1")
    select(card, 0)
    card.edit_form.bar.label.setEditText("mixed")
    card.edit_form.bar.relabel.click()
    assert card.edit_form.question_text.text() == "“mixed” is a new label in this data set. 1 row would get it."
    card.edit_form.reject.click()
    assert not card.edits.changes
    card.edit_form.bar.relabel.click()
    with qtbot.waitSignal(card.edit_form.changed):
        card.edit_form.accept.click()
    assert shown(card, ANSWER) == "mixed"
    select(card, 2)
    card.edit_form.bar.relabel.click()
    assert not card.edit_form.question.isVisible()
    assert shown(card, ANSWER, 2) == "mixed"


def test_changed_rows_are_filtered_and_sorted_by_what_they_answer_now(card: AllRows, qtbot: QtBot) -> None:
    order_by(qtbot, card, "row", "1")
    card.table.selectAll()
    assert card.edit_form.bar.exclude.text() == "Exclude 96 rows"
    select(card, 40)
    card.edit_form.bar.exclude.click()
    select(card, 50)
    card.edit_form.bar.label.setEditText("negative")
    card.edit_form.bar.relabel.click()
    order_by(qtbot, card, "change", "41")
    assert [shown(card, CHANGE, line) for line in range(3)] == ["excluded", "was positive", ""]
    for choice, amount in (("excluded", "1 of 96 rows"), ("changed", "2 of 96 rows"), ("relabelled", "1 of 96 rows")):
        card.filters.change_choice.setCurrentIndex(card.filters.change_choice.findData(choice))
        card.filters.change_choice.activated.emit(0)
        qtbot.waitUntil(lambda amount=amount: card.amount.text() == amount)  # type: ignore[misc]
    card.filters.change_choice.setCurrentIndex(0)
    card.filters.label_choice.setCurrentIndex(card.filters.label_choice.findData("negative"))
    card.filters.label_choice.activated.emit(0)
    qtbot.waitUntil(lambda: card.amount.text() == "49 of 96 rows")
    order_by(qtbot, card, "answer", "2")


def test_the_tag_of_a_word_is_changed(qtbot: QtBot, names: PreparedDataset) -> None:
    card = opened(qtbot, names)
    order_by(qtbot, card, "row", "1")
    select(card, 0)
    assert shown(card, ANSWER) == "John (PER) · Paris (LOC)"
    card.table.setFocus()
    QTest.keyClick(card.table, Qt.Key.Key_F2)
    assert card.edit_form.bar.word.hasFocus()
    card.edit_form.bar.word.setCurrentIndex(6)
    card.edit_form.bar.tag.setEditText("B-LOC")
    card.edit_form.bar.retag.click()
    assert shown(card, ANSWER) == "John (PER) · Paris (LOC) · movie (LOC)"
    assert shown(card, CHANGE) == "word 7: O → B-LOC"
    card.edit_form.bar.tag.setEditText("B-ORG")
    card.edit_form.bar.retag.click()
    assert card.edit_form.question.isVisible()
    card.edit_form.accept.click()
    assert [change_name(change) for change in card.edits.changes] == ["Row 1: word 7: O → B-ORG"]
    card.edit_form.bar.tag.setEditText("O")
    card.edit_form.bar.retag.click()
    assert card.edits.changes == ()
    card.close_rows()


def test_a_row_is_asked_for_once_the_cursor_rests(card: AllRows, qtbot: QtBot) -> None:
    asked: list[tuple[str, int]] = []
    card.row_requested.connect(lambda split, index: asked.append((split, index)))
    for line in range(5):
        card.table.go_to_line(line)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [("train", 4)]


def test_a_cancelled_search_leaves_the_rows_and_their_order(card: AllRows) -> None:
    before = [shown(card, ROW, line) for line in range(5)]
    card.table.sort_by("text")
    card.stop()
    assert card.amount.text() == "96 rows, stopped"
    assert card.table.horizontalHeader().sortIndicatorSection() == -1
    assert [shown(card, ROW, line) for line in range(5)] == before


def test_nothing_is_cut_at_the_narrowest_window(card: AllRows, qtbot: QtBot) -> None:
    card.resize(600, 700)
    QApplication.processEvents()
    header = card.table.horizontalHeader()
    assert sum(header.sectionSize(column) for column in range(6)) <= card.table.viewport().width()
    assert header.sectionSizeFromContents(CHANGE).width() <= header.sectionSize(CHANGE)
    assert card.minimumSizeHint().width() <= 600


def test_a_table_that_was_closed_leaves_nothing_behind_when_the_look_changes(
    qtbot: QtBot, reviews: PreparedDataset, qapp: QApplication
) -> None:
    watched = []
    font = qapp.font()
    for size in (12, 13):
        card = AllRows()
        card.show_dataset(reviews)
        card.resize(760, 700)
        card.show()
        card.show_button.click()
        qtbot.waitUntil(lambda card=card: card.amount.text() == "96 rows")  # type: ignore[misc]
        card.table.selectRow(3)
        card.table.write_answer()
        finder = card._finder
        assert finder is not None
        card.hide()
        card.deleteLater()
        watched += [weakref.ref(card), weakref.ref(card.table.rows), weakref.ref(card.table.label_editor)]
        del card, finder
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        assert wait_for_all(5)
        qapp.setFont(QFont(font.family(), size))
    qapp.setFont(font)
    assert [one() for one in watched] == [None] * 6


def test_the_longest_name_of_a_split_is_read_whole_in_a_narrow_table(card: AllRows) -> None:
    card.resize(500, 700)
    QApplication.processEvents()
    needed = card.table.fontMetrics().horizontalAdvance("Validation") + CELL_PADDING
    assert card.table.columnWidth(SPLIT) >= needed
