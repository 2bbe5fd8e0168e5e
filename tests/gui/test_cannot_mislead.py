"""The frame shows only what is true now: with rows that are not prepared, and while a step is done again."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.messages import FineTune
from engine.contract.queries import AskPreview
from engine.contract.settings import FileRows, FineTuneSettings
from gui.application import page_types
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_run, two_rows_found
from tests.gui.conftest import StandInEngine

DATA, TUNE = 1, 2


@pytest.fixture
def window(session: Session, engine: StandInEngine, qtbot: QtBot) -> Window:
    engine.answers[AskPreview] = lambda _question: two_rows_found()
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    return window


def test_with_other_rows_the_button_to_press_prepares_them_and_next_is_closed(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    session.go_to(a_dataset())
    window.go_to(DATA)
    assert window.footer.next.isEnabled()
    page = window.page(DATA)
    page.take_source(FileRows("/data/other.csv"))  # type: ignore[attr-defined]
    qtbot.waitUntil(page.primary_enabled)
    footer = window.footer
    assert (footer.primary.text(), footer.primary.isEnabled()) == ("Prepare again", True)
    assert footer.primary.property("kind") == "primary"
    assert not footer.next.isEnabled()
    assert "training would use Movie reviews, short" in footer.next.toolTip()


def test_while_a_step_is_made_again_nothing_shows_that_it_is_out_of_date(window: Window, session: Session) -> None:
    session.go_to(a_run())
    session.go_to(a_dataset(fingerprint="other"))
    window.go_to(TUNE)
    assert "changed" in window.content_area.banner.message()
    assert session.run_stage(FineTune(a_dataset(fingerprint="other"), FineTuneSettings()))
    assert window.content_area.banner.message() == ""
