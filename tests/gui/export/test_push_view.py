"""To the Hub: what would be sent is shown first, and nothing goes without a second click."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.artefacts import repository_name
from engine.contract.errors import ErrorReport
from engine.contract.queries import AskPush, Pushed
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings
from engine.contract.states import ExportedFile
from gui.export.page import ExportPage
from gui.session import Session
from tests.builders import an_export
from tests.gui.conftest import StandInEngine

FILES = tuple(
    ExportedFile(name, size)
    for name, size in (("README.md", 4_000), ("model.safetensors", 90_000_000), ("Reviews.zip", 80_000_000))
)


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> ExportPage:
    page = ExportPage(session)
    qtbot.addWidget(page)
    page.show()
    settings = ExportSettings(name="Übung, zwei <b>")
    page.show_state(msgspec.structs.replace(an_export(), files=FILES, settings=settings))
    return page


def test_what_would_be_sent_is_shown_before_anything_goes(page: ExportPage, engine: StandInEngine) -> None:
    push = page.push
    assert push.isVisible()
    assert not push.panel.isVisible()
    push.open_button.click()
    assert push.name_edit.text() == "Ubung-zwei-b"
    assert push.private_box.isChecked()
    assert push.files.text().startswith("2 files, 90 MB, would be sent to the private repository Ubung-zwei-b")
    assert "model.safetensors (90 MB)" in push.files.text()
    assert "zip" not in push.files.text()
    assert not any(isinstance(job, AskPush) for job in engine.jobs)


def test_a_second_click_sends_it_and_shows_where_it_is(page: ExportPage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskPush] = lambda _: Pushed("me/x", "https://hub/me/x", "c0ffee", 2, 90_004_000, True)
    page.push.open_button.click()
    page.push.name_edit.setText(" me/x ")
    page.push.query.start_button.click()
    assert engine.jobs[-1] == AskPush(an_export().folder, "me/x", True)
    qtbot.waitUntil(page.push.result.isVisible)
    assert page.push.result.text() == "2 files sent: https://hub/me/x"


def test_public_is_reported_and_asked_for(page: ExportPage, engine: StandInEngine) -> None:
    page.push.open_button.click()
    page.push.private_box.click()
    assert "which everyone can read" in page.push.files.text()
    page.push.query.start_button.click()
    job = engine.jobs[-1]
    assert isinstance(job, AskPush)
    assert not job.private


def test_without_a_name_nothing_can_be_sent(page: ExportPage) -> None:
    page.push.open_button.click()
    page.push.name_edit.setText("  ")
    assert not page.push.query.start_button.isEnabled()


def test_an_error_is_shown_beside_the_button(page: ExportPage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskPush] = lambda _: ErrorReport("ExportFailed", "X8", Sentence("hub.x8.no_token"))
    page.push.open_button.click()
    page.push.query.start_button.click()
    qtbot.waitUntil(page.push.query.problem.isVisible)
    assert "needs an access token" in page.push.query.problem.text()


@pytest.mark.parametrize(("name", "expected"), [("My model", "My-model"), ("上海", ""), ("-a..b-", "a.b")])
def test_a_name_becomes_that_of_a_repository(name: str, expected: str) -> None:
    assert repository_name(name) == expected
