"""The frame: which step is open, which buttons are below, who receives an event, and how the window closes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Noted, Progressed, StepsTrained, TrainingStarted
from engine.contract.messages import FineTune, LoadModel, StageJob
from engine.contract.queries import AskDevices, Device, DevicesFound
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings
from engine.workspace.runs import create_run, save_run
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export
from tests.gui.conftest import StandInEngine, WindowWith
from tests.gui.stand_in_pages import PAGES, Data, Scores, Training
from tests.gui.stored_runs import run_with_checkpoint

FAILED = ErrorReport(
    "OutOfMemory", "T1", "The memory is full.", "Use a smaller batch.", (RecoveryAction.USE_LESS_MEMORY,)
)


@pytest.fixture
def window(window_with: WindowWith) -> Window:
    return window_with(PAGES)


def statuses(window: Window) -> list[str]:
    return [window.sidebar.steps.row(index).step.status for index in range(5)]


def stages(engine: StandInEngine) -> list[StageJob]:
    return [job for job in engine.jobs if isinstance(job, StageJob)]


def test_at_the_start_only_the_first_step_is_open(window: Window) -> None:
    assert statuses(window) == ["open", "closed", "closed", "closed", "closed"]
    assert window.content_area.title.text() == "Load model"
    assert not window.footer.back.isEnabled()
    assert not window.footer.next.isEnabled()
    assert "Load a model first." in window.footer.next.toolTip()


def test_the_whole_road_by_primary_button_and_next(window: Window, engine: StandInEngine) -> None:
    for state in (a_model(), a_dataset(), a_run(), an_evaluation(), an_export()):
        window.footer.primary.click()
        engine.succeed(state)
        window.footer.next.click()
    assert [type(job).__name__ for job in stages(engine)] == [
        "LoadModel",
        "PrepareDataset",
        "FineTune",
        "Evaluate",
        "Export",
    ]
    assert statuses(window) == ["done"] * 5
    assert window.here == 4
    assert window.footer.next.isHidden()


def test_a_step_whose_page_doubts_what_was_made_gets_no_tick(
    window: Window, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.go_to(an_evaluation())
    window.go_to(3)
    assert statuses(window)[3] == "done"
    monkeypatch.setattr(type(window.page(3)), "is_doubtful", lambda page: True)
    window.show_frame()
    assert statuses(window)[3] == "doubtful"
    assert "no better than a baseline" in window.sidebar.steps.row(3).accessibleName()


def test_next_becomes_the_button_to_press_once_the_step_is_done(window: Window, engine: StandInEngine) -> None:
    assert window.footer.primary.property("kind") == "primary"
    window.footer.primary.click()
    engine.succeed(a_model())
    assert window.here == 1  # a loaded model needs no decision
    window.go_to(0)
    assert window.footer.next.property("kind") == "primary"
    assert window.footer.next.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_the_whole_road_by_one_key(
    window: Window, engine: StandInEngine, qtbot: QtBot, session: Session, key: Qt.Key
) -> None:
    window.activateWindow()
    window.footer.primary.setFocus()
    for state in (a_model(), a_dataset(), a_run(), an_evaluation()):
        here = window.here
        qtbot.waitUntil(lambda: window.focusWidget() is window.footer.primary)
        qtbot.keyClick(window.footer.primary, key)
        engine.succeed(state)
        if here == 0:
            assert window.here == 1  # where nothing has to be decided, the window goes on by itself
            continue
        qtbot.waitUntil(lambda: window.focusWidget() is window.footer.next)
        qtbot.keyClick(window.footer.next, key)
    assert window.here == 4
    qtbot.waitUntil(lambda: window.focusWidget() is window.footer.primary)


def test_a_closed_step_shows_what_it_waits_for_and_leads_there(window: Window, session: Session) -> None:
    session.go_to(a_model())
    window.sidebar.steps.row(3).click()
    assert window.content_area.title.text() == "Evaluate"
    assert window.sidebar.steps.row(3).step.reason == "Fine-tune first."
    leading = [
        child for child in window.content_area.findChildren(QAbstractButton) if child.text() == "Go to Choose data"
    ]
    leading[0].click()
    assert window.here == 1


def test_redoing_a_step_closes_the_later_ones_and_reports_it(window: Window, session: Session) -> None:
    session.go_to(an_evaluation())
    session.go_to(a_model(name="another"))
    assert statuses(window) == ["done", "stale", "closed", "closed", "closed"]
    window.go_to(1)
    assert "changed" in window.content_area.banner.message()
    session.go_to(a_dataset())
    assert window.content_area.banner.message() == ""
    assert statuses(window) == ["done", "done", "stale", "closed", "closed"]


def test_events_reach_only_the_page_that_started_the_stage(
    window: Window, session: Session, engine: StandInEngine
) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    window.go_to(1)
    engine.send(Noted("still training"))
    training, data = window.page(2), window.page(1)
    assert isinstance(training, Training)
    assert isinstance(data, Data)
    assert training.events == [Noted("still training")]
    assert data.events == []


def test_while_a_stage_runs_others_can_be_seen_but_not_started(
    window: Window, session: Session, engine: StandInEngine
) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    assert [button.text() for button in window.footer.stops] == ["Stop, keep the best", "Stop and discard"]
    assert not window.footer.primary.isEnabled()
    assert statuses(window)[2] == "running"
    window.go_to(1)
    assert window.footer.stops == []
    assert not window.footer.primary.isEnabled()
    assert "Another step is running" in window.footer.reason.text()
    window.footer.primary.click()
    assert len(stages(engine)) == 1


@pytest.mark.parametrize(("number", "discard"), [(0, False), (1, True)])
def test_stop_buttons_say_whether_to_keep(
    window: Window, session: Session, engine: StandInEngine, number: int, discard: bool
) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    window.footer.stops[number].click()
    assert engine.stopped_stages() == [(engine.stage_number(), discard)]
    engine.stopped()
    assert window.footer.stops == []
    assert statuses(window)[2] == "open"


def test_a_failure_waits_on_its_page_until_it_is_read(window: Window, session: Session, engine: StandInEngine) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    window.go_to(0)
    engine.fail(FAILED)
    assert window.content_area.banner.message() == ""
    window.go_to(2)
    assert window.content_area.banner.message() == "The memory is full."
    window.content_area.banner.buttons()[0].click()
    training = window.page(2)
    assert isinstance(training, Training)
    assert training.solved == [RecoveryAction.USE_LESS_MEMORY]
    window.footer.primary.click()
    assert window.content_area.banner.message() == ""


def test_an_error_can_lead_back_to_another_step(window: Window, session: Session) -> None:
    session.go_to(a_run())
    window.go_to(3)
    report = ErrorReport("DatasetInvalid", "E1", "No rows to score.", actions=(RecoveryAction.CHANGE_SPLITS,))
    window.content_area.keep_error(3, report)
    window.content_area.banner.buttons()[0].click()
    assert window.here == 1


def test_errors_are_shown_as_they_are_written(window: Window, session: Session, engine: StandInEngine) -> None:
    text = "<img src='x'><b>not bold</b> & more"
    window.footer.primary.click()
    engine.fail(ErrorReport("ModelDamaged", "M7", text, text, details=text))
    assert window.content_area.banner.message() == text
    window.content_area.banner.show_note("news", text, text, ((text, window.content_area.banner.clear),))
    assert window.content_area.banner.buttons()[0].text() == text.replace("&", "&&")


def test_the_device_is_always_visible(window: Window, engine: StandInEngine, qtbot: QtBot) -> None:
    found = DevicesFound((Device("cpu", "CPU, 2 cores", 16_000_000_000, 5_100_000_000, False),), "")
    engine.answers[AskDevices] = lambda _question: found
    window.begin()
    qtbot.waitUntil(lambda: "CPU, 2 cores" in _texts(window.sidebar))
    assert "5.1 GB of 16 GB free" in _texts(window.sidebar)


def test_the_device_chosen_for_the_next_training_is_in_the_left_panel(window: Window, session: Session) -> None:
    devices = (
        Device("cuda:0", "H200", 150 * 10**9, 140 * 10**9, True),
        Device("cpu", "CPU", 16 * 10**9, 5 * 10**9, True),
    )
    window.sidebar.show_devices(DevicesFound(devices, ""))
    session.device_chosen.emit("cpu")
    assert window.sidebar._device.text() == "CPU"
    window.sidebar.show_devices(DevicesFound(devices, ""))  # asked again
    assert window.sidebar._device.text() == "CPU"
    session.device_chosen.emit("auto")
    assert window.sidebar._device.text() == "H200"


def test_a_training_shows_its_own_device(window: Window, session: Session, engine: StandInEngine) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    engine.send(TrainingStarted("1", "/runs/1", 300, 100.0, 0, "cuda:1 (NVIDIA H200)", "bf16", "macro_f1"))
    assert "cuda:1 (NVIDIA H200)" in _texts(window.sidebar)


def test_a_training_does_not_rename_the_device(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    found = DevicesFound((Device("cpu", "AMD EPYC (2 cores)", 16_000_000_000, 5_100_000_000, False),), "")
    engine.answers[AskDevices] = lambda _question: found
    window.begin()
    qtbot.waitUntil(lambda: "AMD EPYC (2 cores)" in _texts(window.sidebar))
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    engine.send(TrainingStarted("1", "/runs/1", 300, 100.0, 0, "cpu (2 threads)", "fp32", "macro_f1"))
    assert "AMD EPYC (2 cores)" in _texts(window.sidebar)


def test_an_interrupted_run_is_offered_and_continued(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    record = run_with_checkpoint(session)
    with qtbot.waitSignal(window.runs.changed):
        window.begin()
    assert window.content_area.recovery.message() == "Continue where you left off"
    assert window.sidebar.runs.text().strip() == "Runs (1)"
    window.content_area.recovery.buttons()[0].click()
    qtbot.waitUntil(lambda: bool(stages(engine)))
    assert stages(engine) == [FineTune(record.dataset, record.settings, continue_run=record.id)]
    assert window.here == 2
    assert session.state == record.dataset
    assert window.content_area.recovery.message() == ""


def test_not_now_leaves_the_run_where_it_is(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    run_with_checkpoint(session)
    with qtbot.waitSignal(window.runs.changed):
        window.begin()
    window.content_area.recovery.buttons()[1].click()
    assert stages(engine) == []
    with qtbot.waitSignal(window.runs.changed):
        window.runs.refresh()
    assert window.content_area.recovery.message() == ""
    assert len(window.runs.interrupted) == 1


def test_a_finished_run_opens_at_evaluate(window: Window, session: Session, qtbot: QtBot) -> None:
    record = create_run(session.workspace, a_dataset(), FineTuneSettings())
    save_run(session.workspace, msgspec.structs.replace(record, status="finished", run=a_run()))
    with qtbot.waitSignal(window.runs.changed):
        window.sidebar.runs.click()
    assert window.content_area.title.text() == "Runs"
    window.run_list.table.selectRow(0)
    window.run_list.evaluate_button.click()
    qtbot.waitUntil(lambda: window.content_area.title.text() == "Evaluate")
    assert statuses(window) == ["done", "done", "done", "open", "closed"]


def test_the_side_panel_folds_and_is_remembered(window: Window, session: Session, qtbot: QtBot) -> None:
    assert window.side_panel.isVisible()
    window.side_panel.fold_pressed.emit()
    assert not window.side_panel.isVisible()
    assert not session.preferences.now.side_panel_open
    window.content_area.panel_button.click()
    assert window.side_panel.isVisible()
    assert session.preferences.now.side_panel_open


def test_in_a_narrow_window_the_side_panel_is_a_drawer(window: Window, qtbot: QtBot) -> None:
    window.resize(900, 600)
    assert not window.side_panel.isVisible()
    before = window.content_area.width()
    window.content_area.panel_button.click()
    assert window.side_panel.isVisible()
    assert window.content_area.width() == before
    assert window.side_panel.geometry().right() == window.width() - 1
    qtbot.keyClick(window.side_panel, Qt.Key.Key_Escape)
    assert not window.side_panel.isVisible()
    window.resize(1280, 800)
    assert window.side_panel.isVisible()


def test_the_code_can_be_copied(window: Window) -> None:
    window.side_panel.code_tab.click()
    assert "BertModel.from_pretrained(" in window.side_panel.code.toPlainText()
    window.side_panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == window.side_panel.code.toPlainText()


def test_everything_can_be_reached_and_has_a_name(window: Window, session: Session) -> None:
    session.go_to(an_export())
    for index in range(5):
        window.go_to(index)
        for widget in window.findChildren(QWidget):
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
                assert name, f"{type(widget).__name__} on {window.content_area.title.text()} has no name"


def test_tab_goes_through_steps_page_and_footer_in_the_order_of_the_eye(window: Window) -> None:
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    order = []
    widget = window.sidebar.steps.row(0).nextInFocusChain()
    while widget is not window.sidebar.steps.row(0):
        order.append(widget)
        widget = widget.nextInFocusChain()
    chooser = page.chooser
    seen = [window.sidebar.runs, chooser.starter_card, chooser.hub_field, window.side_panel.why_tab, window.footer.back]
    places = [order.index(widget) for widget in seen]
    assert places == sorted(places)
    assert window.focusWidget() is window.footer.primary


def test_what_the_step_before_has_made_is_shown_until_something_is_done(window: Window, session: Session) -> None:
    session.go_to(a_model())
    window.go_to(1)
    content, page = window.content_area, window.page(1)
    content.show_passing_note("good", "Model loaded successfully!")
    assert content.banner.message() == "Model loaded successfully!"
    page.error_solved.emit()
    assert content.banner.message() == ""
    content.show_note("caution", "This stays.")
    page.error_solved.emit()
    assert content.banner.message() == "This stays."


def test_a_page_that_is_asked_for_while_it_is_built_is_complete(session: Session, qtbot: QtBot) -> None:
    built: list[str] = []

    class InTurns(Data):
        def _build(self) -> Iterator[None]:
            for part in ("first", "second", "third"):
                built.append(part)
                yield

    window = Window(session, [PAGES[0], InTurns])
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.build_pages()
    assert built == ["first"]  # the rest in turns of their own
    assert 1 not in window._pages
    page = window.page(1)
    assert built == ["first", "second", "third"]
    QApplication.processEvents()
    assert window.page(1) is page
    assert len(built) == 3


def test_a_new_state_reaches_the_page_in_sight_at_once_and_each_other_page_in_a_later_turn(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    session.go_to(an_evaluation())
    window.go_to(2)
    data, training, scores = (window.page(index) for index in (1, 2, 3))
    assert isinstance(data, Data)
    assert isinstance(training, Training)
    assert isinstance(scores, Scores)
    qtbot.waitUntil(lambda: not window._late)
    for page in (data, training, scores):
        page.states.clear()
    run = a_run()
    session.go_to(run)
    assert (data.states, training.states, scores.states) == ([], [run], [])
    assert window.page(3) is scores  # whoever asks for a page gets it with the state
    assert (data.states, scores.states) == ([], [run])
    qtbot.waitUntil(lambda: data.states == [run])
    qtbot.waitUntil(lambda: not window._late)
    assert (data.states, training.states, scores.states) == ([run], [run], [run])
    session.go_to(None)
    session.go_to(run)  # before the first has reached all
    qtbot.waitUntil(lambda: not window._late)
    assert [page.states[-1] for page in (data, training, scores)] == [run, run, run]


def test_a_widget_that_goes_takes_no_other_along(window: Window) -> None:
    action = window.sidebar._menu.actions()[0]
    window.side_panel.show_why("first\n\nsecond")
    window.build_pages()
    window.side_panel.show_why("third")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert shiboken6.isValid(action)


def test_closing_an_idle_window_ends_the_engine(window: Window, engine: StandInEngine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.ended):
        window.close()
    assert engine.closed
    assert not window.isVisible()


def asked(window: Window) -> QMessageBox:
    (box,) = window.findChildren(QMessageBox)
    return box


def test_closing_while_training_asks_and_may_be_taken_back(
    window: Window, session: Session, engine: StandInEngine
) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    stayed: list[bool] = []
    window.stayed.connect(lambda: stayed.append(True))
    for _ in range(3):
        assert not window.close()
    box = asked(window)
    assert box.defaultButton().text() == "Save and close"
    next(button for button in box.buttons() if button.text() == "Don't close").click()
    assert stayed == [True]  # another workspace that was to be opened afterwards is not
    assert window.isVisible()
    assert not engine.closed


def test_save_and_close_waits_for_the_engine(
    window: Window, session: Session, engine: StandInEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    monkeypatch.setattr(engine, "close", lambda: ended.append(False))
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    window.close()
    asked(window).defaultButton().click()
    assert window.content_area.banner.message() == "Saving and closing"
    assert window.isVisible()
    assert not window.close()
    engine.finished.emit()
    assert not window.isVisible()
    assert ended == [False]


def test_closing_while_something_else_runs_does_not_ask(window: Window, engine: StandInEngine) -> None:
    window.footer.primary.click()
    assert isinstance(stages(engine)[0], LoadModel)
    window.close()
    QCoreApplication.processEvents()
    assert engine.closed
    assert not window.isVisible()


def test_events_of_a_training_do_not_move_the_page(window: Window, session: Session, engine: StandInEngine) -> None:
    session.go_to(a_dataset())
    window.go_to(2)
    window.footer.primary.click()
    window.sidebar.runs.click()
    engine.send_all([Progressed(1, 2, "half"), StepsTrained(1, 2, 0.5, 0.6, 1e-5, 1.0, 100.0, 1.0)])
    assert window.content_area.title.text() == "Runs"
    engine.succeed(a_run())
    assert window.content_area.title.text() == "Runs"
    assert statuses(window)[2] == "done"


def _texts(widget: QWidget) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_macos_gets_its_menu_with_the_preferences_of_the_window(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    window = Window(session, PAGES)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    qtbot.addWidget(window._menu_bar)
    captions = [action.text() for action in window._menu_bar.actions()[0].menu().actions()]
    assert captions == ["About Tunewright", "Preferences…", "Quit Tunewright"]


def test_what_is_entered_and_not_made_yet_comes_before_next(window: Window, session: Session) -> None:
    session.go_to(a_dataset())
    window.go_to(1)
    page = window.page(1)
    assert isinstance(page, Data)
    assert kinds(window) == ("", "primary")
    page.outdated = True
    page.footer_changed.emit()
    assert kinds(window) == ("primary", "")
    assert window.footer.next.isEnabled()
    page.not_next = "These rows are not prepared yet."
    page.footer_changed.emit()
    assert not window.footer.next.isEnabled()
    assert "These rows are not prepared yet." in window.footer.next.toolTip()


def test_a_step_that_is_made_again_is_not_called_outdated_meanwhile(window: Window, session: Session) -> None:
    session.go_to(a_run())
    session.go_to(a_dataset(fingerprint="other"))
    window.go_to(2)
    assert "has changed" in window.content_area.banner.message()
    window.footer.primary.click()
    assert window.content_area.banner.message() == ""


def kinds(window: Window) -> tuple[str, str]:
    return window.footer.primary.property("kind"), window.footer.next.property("kind")


def test_the_side_panel_is_widened_by_a_drag_and_by_keys_and_stays_so(
    session: Session, window: Window, qtbot: QtBot
) -> None:
    panel = window.side_panel
    window.resize(1400, 800)
    window.show()
    before, right = panel.width(), panel.geometry().right()
    QTest.mousePress(panel.grip, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    QTest.mouseMove(panel.grip, QPoint(2 - 150, 50))
    QTest.mouseRelease(panel.grip, Qt.MouseButton.LeftButton)
    assert panel.width() == before + 150
    assert panel.geometry().right() == right
    panel.grip.setFocus()
    QTest.keyClick(panel.grip, Qt.Key.Key_Right)
    assert panel.width() == before + 130
    assert session.preferences.now.side_panel_width == before + 130


def test_code_wraps_and_a_closed_page_shows_what_leads_there(window: Window) -> None:
    window.resize(1280, 800)
    window.show()
    window.side_panel.choose_tab("code")
    code = window.side_panel.code
    assert code.toPlainText()
    window.go_to(3)
    assert code.toPlainText() == window.page(0).code()
    code.setPlainText("x = " + "a" * 400)
    QApplication.processEvents()
    assert code.horizontalScrollBar().maximum() == 0
