"""Tab reaches everything that can be used, on every page, and comes back to where it began."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.states import State
from gui.choose_data.page import ChooseDataPage
from gui.evaluate.page import EvaluatePage
from gui.export.page import ExportPage
from gui.fine_tune.page import FineTunePage
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation

PAGES = (LoadModelPage, ChooseDataPage, FineTunePage, EvaluatePage, ExportPage)
MOST = 200  # presses


@pytest.mark.parametrize(
    ("step", "state"),
    list(enumerate((None, a_model(), a_dataset(), a_run(), an_evaluation()))),
    ids=[page.title for page in PAGES],
)
def test_tab_reaches_everything_that_can_be_used(
    session: Session, qtbot: QtBot, step: int, state: State | None
) -> None:
    window = Window(session, PAGES)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    session.go_to(state)
    window.go_to(step)
    window.sidebar.steps.row(0).setFocus()
    wanted = {name_of(widget) for widget in window.findChildren(QWidget) if can_be_used(widget)}
    reached: list[QWidget] = []
    for _ in range(MOST):
        focused = window.focusWidget()
        if focused in reached:
            break
        reached.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert sorted(wanted - {name_of(widget) for widget in reached}) == []
    assert window.focusWidget() is reached[0]
    names = [name_of(widget) for widget in reached]
    if step == 1:
        assert names.index("ChoiceCard Movie reviews, short") < names.index("QLineEdit Name of a data set on the Hub")


def can_be_used(widget: QWidget) -> bool:
    """Whether Tab must reach it; of buttons that exclude each other it reaches the chosen one, arrows the rest."""
    if not (widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus):
        return False
    if widget.focusProxy() is not None:
        return False
    is_one_of_several = isinstance(widget, QAbstractButton) and (
        widget.autoExclusive() or (widget.group() is not None and widget.group().exclusive())
    )
    return not (is_one_of_several and not widget.isChecked())


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    kind = "QPushButton" if isinstance(widget, QPushButton) else type(widget).__name__
    return f"{kind} {widget.accessibleName() or text}"
