"""A cell of the matrix and the rows it counts are seen together, also in the smallest window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from engine.contract.states import ClassScores, EvaluationReport, WrongRow
from gui.application import page_types
from gui.design.theme import TABLE_ROW
from gui.evaluate.page import EvaluatePage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import an_evaluation

EVALUATE = 3
ROWS_SEEN = 3


def a_report(labels: int) -> EvaluationReport:
    names = tuple(f"a class with a name {number}" for number in range(labels))
    return an_evaluation(
        classes=tuple(ClassScores(name, 0.84, 0.81, 0.825, 1_098) for name in names),
        confusion_labels=names,
        confusion=tuple(tuple(40 if one == other else 3 for other in range(labels)) for one in range(labels)),
        wrong_rows=tuple(WrongRow(row, f"Text number {row}", names[0], names[1], 0.9, 3.1) for row in range(1, 20)),
    )


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Window:
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    return window


@pytest.mark.parametrize("labels", [3, 12, 40])
def test_a_cell_and_its_rows_are_seen_together(window: Window, session: Session, qtbot: QtBot, labels: int) -> None:
    session.go_to(a_report(labels))
    window.go_to(EVALUATE)
    page = window.page(EVALUATE)
    assert isinstance(page, EvaluatePage)
    for size in ((900, 600), (1280, 800)):
        window.resize(*size)
        settle()
        matrix, table = page.confusion.matrix, page.evaluated_rows.table
        area = scroll_area(page)
        seen = QRect(area.viewport().mapToGlobal(QPoint(0, 0)), area.viewport().size())
        for cell in ((0, 1), (1, 0), (labels - 1, labels - 2)):
            area.verticalScrollBar().setValue(0)
            matrix.choose(cell)
            settle()
            place = QRect(
                matrix.viewport().mapToGlobal(matrix.cell_area(cell).topLeft()), matrix.cell_area(cell).size()
            )
            assert seen.contains(place), (size, cell)
            rows = QRect(table.viewport().mapToGlobal(QPoint(0, 0)), table.viewport().size())
            assert seen.contains(rows.topLeft()), (size, cell)
            assert seen.bottom() - rows.top() >= ROWS_SEEN * TABLE_ROW, (size, cell)
            matrix.choose(None)


def test_in_a_narrow_window_matrix_and_classes_are_tabs_above_the_rows(window: Window, session: Session) -> None:
    session.go_to(a_report(3))
    window.go_to(EVALUATE)
    page = window.page(EVALUATE)
    assert isinstance(page, EvaluatePage)
    window.resize(1920, 1080)
    settle()
    assert not page.detail_tabs.isVisible()
    assert page.confusion.isVisible()
    assert page.classes.isVisible()
    window.resize(900, 600)
    settle()
    assert page.detail_tabs.isVisible()
    assert not page._confusion_card.heading.isVisible()  # shown on the tab
    assert (page.confusion.isVisible(), page.classes.isVisible()) == (True, False)
    page.detail_tabs.setCurrentIndex(1)
    assert (page.confusion.isVisible(), page.classes.isVisible()) == (False, True)
    window.resize(1920, 1080)
    settle()
    assert page.confusion.isVisible()
    assert page._confusion_card.heading.isVisible()


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def scroll_area(page: EvaluatePage) -> QScrollArea:
    above = page.parentWidget()
    while not isinstance(above, QScrollArea):
        assert above is not None
        above = above.parentWidget()
    return above
