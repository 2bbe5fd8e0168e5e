"""A data set of the Hub on the page Choose data, on the stand-in engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.errors import DatasetUnreadable, DownloadFailed
from engine.contract.events import Progressed
from engine.contract.queries import (
    AskHubDataset,
    AskHubRows,
    AskPreview,
    HubConfigurationFound,
    HubDatasetFound,
    HubRowsFetched,
    HubSplitFound,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, HubRows
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.source.hub_data_form import splits_text
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.choose_data.test_page import a_preview
from tests.gui.conftest import StandInEngine, show_page

ID = "someone/reviews"
COMMIT = "c0ffee" + "0" * 34
PLAIN = HubConfigurationFound(
    "plain",
    (
        HubSplitFound("train", "train", ("data/train-0.parquet", "data/train-1.parquet"), 21_000_000),
        HubSplitFound("dev", "validation", ("data/dev.parquet",), 1_000_000),
        HubSplitFound("unsupervised", "", ("data/unsupervised.parquet",), 40_000_000),
    ),
    22_000_000,
    0,
)
PAIRS = HubConfigurationFound("pairs", (HubSplitFound("train", "train", ("pairs.csv",), 3_000),), 3_000, 3_000)


def found(free: int = 50_000_000_000) -> HubDatasetFound:
    return HubDatasetFound(ID, COMMIT, (PLAIN, PAIRS), "mit", ("en",), free)


@pytest.fixture
def page(engine: StandInEngine, session: Session, qtbot: QtBot) -> ChooseDataPage:
    engine.answers = {AskPreview: lambda _question: a_preview(), AskHubDataset: lambda _question: found()}
    session.go_to(a_model())
    return show_page(ChooseDataPage(session), qtbot, width=720, height=1000)


def look_up(page: ChooseDataPage, qtbot: QtBot, name: str = ID) -> None:
    form = page.picker.hub_form
    form.name_field.setFocus()
    QTest.keyClicks(form.name_field, name)
    QTest.keyClick(form.name_field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.download_button.isVisible())


def test_nothing_is_asked_before_look_up_is_pressed(page: ChooseDataPage, engine: StandInEngine) -> None:
    form = page.picker.hub_form
    assert not form.look_up_button.isEnabled()
    assert not form.download_button.isVisible()
    QTest.keyClicks(form.name_field, ID)
    assert form.verdict.sentence() == Sentence("gui.choose_data.look_up_asks")
    assert form.look_up_button.isEnabled()
    assert not engine.jobs


def test_what_is_in_it_is_there_before_anything_is_downloaded(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    look_up(page, qtbot)
    form = page.picker.hub_form
    assert engine.jobs == [AskHubDataset(ID)]
    assert form.verdict.sentence() == f"{ID}: 22 MB to download · 50 GB free on the disk · licence mit · English."
    assert (
        form.splits.text()
        == splits_text(PLAIN)
        == ("train: 2 files, 21 MB\ndev: 1 file, 1.0 MB, read as validation\nunsupervised: 1 file, 40 MB, not read")
    )
    assert "data/train-1.parquet" in form.splits.toolTip()
    assert "unsupervised.parquet" not in form.splits.toolTip()
    assert form.download_button.text() == "Download 22 MB"
    form.configurations.setCurrentIndex(1)
    assert form.download_button.text() == "Use these rows"
    assert f"{ID} is already on this computer" in form.verdict.sentence()
    assert len(engine.jobs) == 1


def test_a_download_shows_how_far_it_is_and_its_rows_are_taken(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    look_up(page, qtbot)
    form = page.picker.hub_form
    QTest.mouseClick(form.download_button, Qt.MouseButton.LeftButton)
    rows = HubRows(ID, "plain", COMMIT)
    assert engine.jobs[-1] == AskHubRows(rows)
    assert form.cancel_button.hasFocus()
    assert not form.name_field.isEnabled()
    engine.send(Progressed(11_000_000, 22_000_000, f"Downloading {ID}", "bytes"), number=len(engine.jobs))
    assert form.progress.phase() == f"Downloading {ID}"
    assert form.progress.amount().startswith("11 MB of 22 MB")
    engine._later(len(engine.jobs), answered(rows))
    qtbot.waitUntil(lambda: page.primary_enabled())
    assert engine.jobs[-2] == AskPreview(rows)
    assert not page.picker.isVisible()
    page.take_primary_action()
    engine.succeed(a_dataset(source=rows))
    assert page.primary_reason().startswith("The rows are prepared.")


def answered(rows: HubRows) -> object:
    from engine.contract.events import Answered

    return Answered(HubRowsFetched(rows))


def test_a_cancelled_download_is_forgotten_and_can_go_on(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    look_up(page, qtbot)
    form = page.picker.hub_form
    form.download_button.click()
    QTest.keyClick(form.cancel_button, Qt.Key.Key_Space)
    assert engine.stopped_jobs == [(2, False)]
    assert "cancelled" in form.verdict.sentence()
    assert form.download_button.isEnabled()
    assert not form.cancel_button.isVisible()
    form.download_button.click()
    page.take_source(ExampleRows("short_reviews"))  # other rows: the download is not wanted any more
    assert engine.stopped_jobs == [(2, False), (3, False)]


def test_a_disk_without_room_is_reported_before_the_download(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskHubDataset] = lambda _question: found(free=1_000)
    look_up(page, qtbot)
    assert page.picker.hub_form.verdict.sentence().endswith("it does not fit on the disk.")
    assert not page.picker.hub_form.download_button.isEnabled()


def test_an_edited_name_takes_what_was_found_away(page: ChooseDataPage, qtbot: QtBot) -> None:
    look_up(page, qtbot)
    QTest.keyClicks(page.picker.hub_form.name_field, "2")
    assert not page.picker.hub_form.download_button.isVisible()
    assert page.picker.hub_form.verdict.sentence() == Sentence("gui.choose_data.look_up_asks")


def test_trouble_goes_to_the_banner_and_its_actions_lead_on(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    refused = DatasetUnreadable("D11", "It is made by a program.", actions=(RecoveryAction.CHOOSE_OTHER_DATA,)).report()
    engine.answers[AskHubDataset] = lambda _question: refused
    form = page.picker.hub_form
    QTest.keyClicks(form.name_field, ID)
    with qtbot.waitSignal(page.error_found) as caught:
        form.look_up_button.click()
    assert caught.args == [refused]
    assert not form.download_button.isVisible()
    page.solve(RecoveryAction.CHOOSE_OTHER_DATA, refused)
    assert form.name_field.hasFocus()
    lost = DownloadFailed(
        "M10", "No connection to the Hub.", actions=(RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER)
    ).report()
    page.solve(RecoveryAction.TRY_AGAIN, lost)
    assert engine.jobs == [AskHubDataset(ID), AskHubDataset(ID)]


def test_offline_only_what_is_here_is_looked_for(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    page.session.preferences.change(offline=True)
    assert page.picker.hub_form.verdict.sentence() == Sentence("gui.choose_data.offline")
    look_up(page, qtbot)
    assert engine.jobs == [AskHubDataset(ID, offline=True)]


def test_rows_of_an_opened_run_are_never_downloaded_by_themselves(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    away = DownloadFailed("M10", f"The data set {ID} is not on this computer.").report()
    engine.answers[AskPreview] = lambda _question: away
    rows = HubRows(ID, "plain", COMMIT)
    with qtbot.assertNotEmitted(page.error_found):
        page.session.go_to(a_dataset(source=rows, name=f"{ID}, plain"))
        page.show_state(page.session.state)
        qtbot.waitUntil(lambda: "safe" in page.choice.source_line.facts.text())
    assert not [job for job in engine.jobs if isinstance(job, AskHubRows | AskHubDataset)]
