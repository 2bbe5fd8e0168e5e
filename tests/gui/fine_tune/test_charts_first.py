"""The charts have most of the page while a run trains."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.contract.events import Advised, Event
from engine.contract.messages import FineTune
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from gui.application import page_types
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset
from tests.gui.conftest import StandInEngine
from tests.gui.scenes import TUNE, training_events
from tests.gui.test_fits import scroll_area


@pytest.fixture
def training(session: Session, engine: StandInEngine, qtbot: QtBot) -> Callable[[int, int, list[Event]], FineTunePage]:
    def open_at(width: int, height: int, events: list[Event]) -> FineTunePage:
        window = Window(session, page_types())
        qtbot.addWidget(window, before_close_func=Window.save_and_close)
        window.resize(width, height)
        window.show()
        session.go_to(a_dataset())
        window.go_to(TUNE)
        session.run_stage(FineTune(a_dataset(), FineTuneSettings()))
        engine.send_all(events)
        for _ in range(4):
            QApplication.processEvents()
        page = window.page(TUNE)
        assert isinstance(page, FineTunePage)
        return page

    return open_at


ADVICE = Advised(
    Sentence.literal("The validation loss has risen for three evaluations."), RecoveryAction.STOP_KEEP_BEST
)


@pytest.mark.parametrize(("width", "height", "share"), [(1280, 800, 0.6), (900, 600, 0.45)])
@pytest.mark.parametrize("events", [training_events(), training_events(watched=0), [*training_events(), ADVICE]])
def test_the_charts_have_most_of_the_height_and_do_not_scroll(
    training: Callable[[int, int, list[Event]], FineTunePage],
    width: int,
    height: int,
    share: float,
    events: list[Event],
) -> None:
    page = training(width, height, events)
    charts = page._watch._charts
    assert charts is not None
    area = scroll_area(page)
    assert charts._scroll.height() >= share * area.viewport().height()
    assert charts._scroll.verticalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() == 0
    assert charts.isVisible()


def test_the_watch_list_is_a_tab_away(training: Callable[[int, int, list[Event]], FineTunePage]) -> None:
    page = training(1280, 800, training_events())
    monitor = page._watch
    assert [monitor.tabs.tabText(place) for place in range(3) if monitor.tabs.isTabVisible(place)] == [
        "Charts",
        "Watch-list",
    ]
    assert not monitor.watch_table.isVisible()
    monitor.tabs.setCurrentIndex(1)
    assert monitor.watch_table.isVisible()
    assert not monitor._charts.isVisible()


def test_without_a_watch_list_there_are_no_tabs(
    training: Callable[[int, int, list[Event]], FineTunePage],
) -> None:
    assert not training(1280, 800, training_events(watched=0))._watch.tabs.isVisible()
