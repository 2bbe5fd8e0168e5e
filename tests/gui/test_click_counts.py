"""How many clicks lead from the first page to a score: by events on widgets that are visible and enabled, no more.

Dialogs are included. The last test is red where this file calls a method of a page.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from engine.contract.states import ModelHandle, PreparedDataset
from engine.workspace.layout import Workspace
from gui.application import page_types
from gui.choose_data.summary.findings_list import FindingsList
from gui.page import Page
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_run, an_evaluation
from tests.builders_data import review_file, tiny_model
from tests.gui.engine_here import EngineHere


class User:
    """Presses what can be seen and pressed, and counts."""

    def __init__(self, window: Window, session: Session, engine: EngineHere, qtbot: QtBot) -> None:
        self.window, self.session, self.engine, self.qtbot = window, session, engine, qtbot
        self.clicks = 0

    def presses(self, caption: str) -> None:
        """Clicks the one button of this caption that is visible and enabled, once there is one."""
        self.qtbot.waitUntil(lambda: bool(self._found(caption)))
        button = self._found(caption)[0]
        for area in button.window().findChildren(QScrollArea):
            if area.isAncestorOf(button):
                area.ensureWidgetVisible(button)  # as the wheel does
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.clicks += 1
        for _ in range(3):
            QApplication.processEvents()

    def presses_a_fix(self) -> None:
        """Clicks the first fix that a finding offers."""
        (findings,) = self.window.findChildren(FindingsList)
        self.qtbot.waitUntil(lambda: bool(findings.fix_buttons()) and findings.isVisible(), timeout=60_000)
        self.presses(findings.fix_buttons()[0].text())

    def opens(self, path: Path) -> None:
        """Types a path into the open file dialog and presses Enter."""
        (dialog,) = [one for one in self.window.findChildren(QFileDialog) if one.isVisible()]
        name = next(edit for edit in dialog.findChildren(QLineEdit) if edit.isVisible())
        name.setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)
        self.clicks += 1

    def _found(self, caption: str) -> list[QAbstractButton]:
        buttons = self.window.findChildren(QAbstractButton)
        return [
            button
            for button in buttons
            if caption in (button.text(), button.accessibleName()) and button.isVisible() and button.isEnabled()
        ]


@pytest.fixture
def user(tmp_path: Path, qtbot: QtBot) -> Iterator[User]:
    engine = EngineHere(Workspace(tmp_path / "workspace").create())
    session = Session(Workspace(tmp_path / "workspace"), engine)  # type: ignore[arg-type]
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    yield User(window, session, engine, qtbot)
    session.deleteLater()
    engine.deleteLater()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


def trains_and_evaluates(user: User) -> None:
    user.presses("Start")
    dataset = user.session.state
    assert isinstance(dataset, PreparedDataset)
    run = a_run(dataset=dataset)
    user.engine.succeed(run)
    user.presses("Next")
    user.presses("Evaluate")
    user.engine.succeed(an_evaluation(run=run))
    assert "macro F1" in user.window.content_area.sentence.text()


def test_an_example_needs_six_clicks_to_its_score(user: User, model: ModelHandle) -> None:
    user.presses("Load and continue")
    user.engine.succeed(model)
    user.presses("Movie reviews, short")
    user.presses("Prepare and continue")
    user.qtbot.waitUntil(lambda: isinstance(user.session.state, PreparedDataset), timeout=60_000)
    trains_and_evaluates(user)
    assert user.clicks <= 6


def test_a_clean_file_needs_eight_clicks_to_its_score(user: User, model: ModelHandle, tmp_path: Path) -> None:
    user.presses("Load and continue")
    user.engine.succeed(model)
    user.presses("Choose file…")
    user.opens(review_file(tmp_path / "reviews.csv"))
    user.presses("Prepare")
    user.qtbot.waitUntil(lambda: isinstance(user.session.state, PreparedDataset), timeout=60_000)
    user.presses("Next")
    trains_and_evaluates(user)
    assert user.clicks <= 8


def test_a_messy_file_needs_ten_clicks_to_its_score(user: User, model: ModelHandle, tmp_path: Path) -> None:
    path = review_file(tmp_path / "reviews.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, *lines[1:9]]) + "\n", encoding="utf-8")  # eight rows are there twice
    user.presses("Load and continue")
    user.engine.succeed(model)
    user.presses("Choose file…")
    user.opens(path)
    user.presses("Prepare")
    user.presses_a_fix()
    user.qtbot.waitUntil(lambda: not user.session.busy, timeout=60_000)
    user.presses("Next")
    trains_and_evaluates(user)
    assert user.clicks <= 10


def test_this_file_calls_no_method_of_a_page() -> None:
    """Every public name that a page or its base defines is forbidden here."""
    names = {name for kind in (Page, *page_types()) for name in vars(kind) if not name.startswith("_")}
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert "take_primary_action" in names
    assert not called & names
