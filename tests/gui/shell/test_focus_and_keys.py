"""The keyboard: after a dialog it is where the next thing is to be done, and Enter in a list starts no training."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.contract import messages as wire
from engine.contract.queries import AskPreview
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, FineTuneSettings
from engine.contract.states import State, WrongRow
from engine.workspace.runs import create_run, run_folder, save_run
from gui.application import page_types
from gui.session import Session
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation, two_rows_found
from tests.gui.conftest import StandInEngine
from tests.gui.scenes import training_events
from tests.gui.shell.test_keyboard import MOST, can_be_used, name_of

LOAD, DATA, TUNE, EVALUATE, EXPORT = range(5)
CONTEST = (wire.FineTune, wire.Search)


@pytest.fixture
def window(session: Session, engine: StandInEngine, qtbot: QtBot) -> Window:
    engine.answers[AskPreview] = lambda _question: two_rows_found()
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    return window


def go(window: Window, session: Session, step: int, state: State | None) -> None:
    session.go_to(state)
    window.go_to(step)
    QApplication.processEvents()


def focused(window: Window) -> str:
    widget = window.focusWidget()
    return name_of(widget) if widget is not None else ""


# ── After a dialog ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("label", "expected"), [("label", "QPushButton Prepare"), ("", "RoleHeader Roles of the columns")]
)
def test_after_a_file_was_chosen_the_keyboard_is_at_what_is_left_to_do(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, label: str, expected: str
) -> None:
    engine.answers[AskPreview] = lambda _question: two_rows_found(label=label)
    go(window, session, DATA, a_model())
    page = window.page(DATA)
    page.picker.drop_zone.choose_button.setFocus()  # type: ignore[attr-defined]
    page.choose_file()  # type: ignore[attr-defined]
    (dialog,) = page.findChildren(QFileDialog)
    dialog.filesSelected.emit(["/data/rows.csv"])
    dialog.close()
    qtbot.waitUntil(lambda: focused(window).startswith(expected))


def test_a_question_has_the_keyboard_and_once_it_is_answered_prepare_has_it(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    asked = Sentence("preparing.question.label_column", columns=("label", "tone"), label="label")
    engine.answers[AskPreview] = lambda _question: msgspec.structs.replace(two_rows_found(), notes=(asked,))
    go(window, session, DATA, a_model())
    page = window.page(DATA)
    page.take_source(FileRows("/data/rows.csv"))  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: focused(window).startswith("QPushButton The labels are in"))
    button = window.focusWidget()
    assert button is not None
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: focused(window) == "QPushButton Prepare")


def test_another_reading_of_the_same_rows_moves_no_focus(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    go(window, session, DATA, a_model())
    page = window.page(DATA)
    page.picker.drop_zone.choose_button.setFocus()  # type: ignore[attr-defined]
    page.take_source(FileRows("/data/rows.csv"))  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: focused(window) == "QPushButton Prepare")
    combo = page.choice.preview.reading_line.combo("delimiter")  # type: ignore[attr-defined]
    combo.setFocus()
    asked = len(engine.jobs)
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: any(isinstance(job, AskPreview) for job in engine.jobs[asked:]))
    qtbot.waitUntil(page.primary_enabled)
    QApplication.processEvents()
    assert window.focusWidget() is combo


def test_after_a_folder_was_chosen_the_button_that_uses_it_has_the_keyboard(
    window: Window, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    page = window.page(LOAD)
    window.go_to(LOAD)
    page.chooser.folder_button.setFocus()  # type: ignore[attr-defined]
    page.chooser.folder_button.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: focused(window) == "QPushButton Load and continue")
    go(window, session, EXPORT, an_evaluation())
    export = window.page(EXPORT)
    export.folder_button.setFocus()  # type: ignore[attr-defined]
    export.folder_button.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: focused(window) == "QPushButton Export")


def test_a_rate_that_was_found_has_the_keyboard(window: Window, session: Session) -> None:
    go(window, session, TUNE, a_dataset())
    page = window.page(TUNE)
    page._setup.find_button.setFocus()  # type: ignore[attr-defined]
    page._exploring.rate_chosen.emit(3.2e-5)  # type: ignore[attr-defined]
    field = window.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.text() == "3.2e-5"


def test_preferences_give_the_keyboard_back(window: Window, qtbot: QtBot) -> None:
    before = window.focusWidget()
    window.preferences.open()
    (dialog,) = window.findChildren(PreferencesDialog)
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(PreferencesDialog))
    assert window.focusWidget() is before


def test_what_had_the_keyboard_and_goes_leaves_it_in_the_footer_and_not_at_a_neighbour(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    """The settings go while a training runs: Tab's next would be the edge of the side panel."""
    go(window, session, TUNE, a_dataset())
    page = window.page(TUNE)
    page._setup.cards[0].setFocus()  # type: ignore[attr-defined]
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.busy
    assert not page._setup.isVisible()  # type: ignore[attr-defined]
    assert window.focusWidget() is window.footer
    engine.send_all(training_events())
    engine.succeed(a_run())
    qtbot.waitUntil(lambda: focused(window) == "QPushButton Next")


def test_whoever_chooses_other_rows_has_the_keyboard_where_a_file_is_chosen(window: Window, session: Session) -> None:
    go(window, session, DATA, a_dataset())
    page = window.page(DATA)
    page.tabs.change_button.setFocus()  # type: ignore[attr-defined]
    page.tabs.change_button.click()  # type: ignore[attr-defined]
    assert window.focusWidget() is page.picker.drop_zone.choose_button  # type: ignore[attr-defined]


# ── Enter in lists ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_in_a_list_never_starts_a_training(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, key: Qt.Key
) -> None:
    """Every table and list of every page and of the runs, with a row selected; Start would be possible each time."""
    record = create_run(session.workspace, a_dataset(), FineTuneSettings(run_name="interrupted"))
    save_run(session.workspace, msgspec.structs.replace(record, status="training"))
    (run_folder(session.workspace, record.id) / "checkpoints" / "step-000100").mkdir(parents=True)
    wrong = tuple(WrongRow(row, f"Text {row}", "positive", "negative", 0.9, 3.1) for row in range(1, 5))
    report = an_evaluation(wrong_rows=wrong)
    seen = 0
    for step, state in ((DATA, a_dataset()), (TUNE, a_dataset()), (TUNE, a_run()), (EVALUATE, report)):
        go(window, session, step, state)
        if step == TUNE:
            page = window.page(TUNE)
            assert session.run_stage(wire.FineTune(a_dataset(), FineTuneSettings(watch_list=("Fine?",))))
            engine.send_all(training_events())
            page._watch.tabs.setCurrentIndex(1)  # type: ignore[attr-defined]
            engine.succeed(a_run())
        seen += press_in_lists(window, qtbot, key, engine)
    window.show_runs()
    qtbot.waitUntil(lambda: len(window.runs.rows) == 1)
    seen += press_in_lists(window, qtbot, key, engine)
    assert focused(window) == "QPushButton Continue"  # one press more, knowingly
    assert seen >= 5


def press_in_lists(window: Window, qtbot: QtBot, key: Qt.Key, engine: StandInEngine) -> int:
    """Presses the key in each list in sight; returns how many there were."""
    lists = [one for one in window.findChildren(QAbstractItemView) if one.isVisible() and one.model() is not None]
    lists = [one for one in lists if one.focusPolicy() != Qt.FocusPolicy.NoFocus and one.model().rowCount()]
    for one in lists:
        before = len(engine.jobs)
        one.setFocus()
        one.setCurrentIndex(one.model().index(0, 0))
        qtbot.keyClick(one, key)
        QApplication.processEvents()
        started = [type(job).__name__ for job in engine.jobs[before:] if isinstance(job, CONTEST)]
        assert not started, name_of(one)
        for menu in (one for one in window.findChildren(QMenu) if one.isVisible()):
            menu.close()  # the header opens the roles of its column
    return len(lists)


# ── Tab ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tab_reaches_everything_in_preferences(window: Window, qtbot: QtBot) -> None:
    window.preferences.open()
    (dialog,) = window.findChildren(PreferencesDialog)
    dialog._take_hub_folder("/data/hub")
    dialog.workspace_button.setFocus()
    wanted = {name_of(widget) for widget in dialog.findChildren(QWidget) if can_be_used(widget)}
    reached: list[QWidget] = []
    for _ in range(MOST):
        now = dialog.focusWidget()
        if now is None or now in reached:
            break
        reached.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    assert sorted(wanted - {name_of(widget) for widget in reached}) == []
    names = [name_of(widget) for widget in reached]
    assert names.index("QCheckBox Work offline") < names.index("QLineEdit Proxy") < names.index("QPushButton Save")
    dialog.reject()
