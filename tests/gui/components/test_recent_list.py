"""Recent files and models: offered on their page and in the menu, and said to be gone where they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.contract.queries import AskPreview, Preview
from engine.contract.settings import FileRows, FolderModel, HubModel
from gui.choose_data.page import ChooseDataPage
from gui.load_model.page import LoadModelPage
from gui.preferences import MOST_RECENT, PreferenceStore, RecentFile, RecentModel
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_model, two_rows_found
from tests.gui.conftest import StandInEngine, WindowWith


def a_preview(question: object) -> Preview:
    assert isinstance(question, AskPreview)
    return two_rows_found()


@pytest.fixture
def window(session: Session, engine: StandInEngine, window_with: WindowWith) -> Window:
    engine.answers[AskPreview] = a_preview  # type: ignore[assignment]
    window = window_with((LoadModelPage, ChooseDataPage))
    session.go_to(a_model())
    return window


def data_page(window: Window) -> ChooseDataPage:
    page = window.page(1)
    assert isinstance(page, ChooseDataPage)
    return page


def model_page(window: Window) -> LoadModelPage:
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    return page


def captions(buttons: list[QPushButton]) -> list[str]:
    return [button.text() for button in buttons if not button.isHidden()]


def test_the_latest_is_on_top_and_there_are_never_too_many(tmp_path: Path) -> None:
    store = PreferenceStore(tmp_path / "settings.json")
    for number in range(MOST_RECENT + 3):
        store.remember_file(RecentFile(f"/data/{number}.csv"))
    store.remember_file(RecentFile("/data/5.csv", test_path="/data/test.csv"))  # again, with another test file
    kept = PreferenceStore(tmp_path / "settings.json").now.recent_files
    assert [one.path for one in kept] == [f"/data/{number}.csv" for number in (5, 10, 9, 8, 7, 6, 4, 3)]
    assert kept[0].test_path == "/data/test.csv"


def test_a_file_that_was_read_is_offered_again_on_the_page_and_in_the_menu(
    window: Window, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "R&D rows.csv"
    path.write_text("text,label\n")
    page = data_page(window)
    assert page.picker.recent.isHidden()
    assert not window.sidebar.recent_files.isEnabled()
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(lambda: page.choice.found is not None)
    assert session.preferences.now.recent_files == (RecentFile(str(path)),)
    assert captions(page.picker.recent.buttons) == ["R&&D rows.csv"]
    page.choice.take_source(FileRows("/another"))
    window.go_to(0)
    (action,) = window.sidebar.recent_files.actions()
    action.trigger()
    assert window.here == 1
    qtbot.waitUntil(lambda: page.choice.source == FileRows(str(path)))


def test_a_file_that_is_gone_is_reported_to_be_and_can_be_removed(
    window: Window, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    gone, here = tmp_path / "gone.csv", tmp_path / "here.csv"
    here.write_text("text,label\n")
    for path in (gone, here):
        session.preferences.remember_file(RecentFile(str(path)))
    window.go_to(1)
    recent = data_page(window).picker.recent
    assert captions(recent.buttons) == ["here.csv", "gone.csv"]
    recent.buttons[1].click()
    qtbot.waitUntil(lambda: recent.missing() == f"gone.csv is no longer in {tmp_path}.")
    assert data_page(window).choice.source is None
    recent.remove_button.click()
    assert captions(recent.buttons) == ["here.csv"]
    assert not recent.remove_button.isVisible()
    assert session.preferences.now.recent_files == (RecentFile(str(here)),)


def test_models_that_were_loaded_are_offered_again_but_not_the_starter(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    page = model_page(window)
    window.go_to(0)
    page.again_button.click()
    for source in (HubModel("someone/tiny"), FolderModel(str(tmp_path)), None):
        page.chooser.choose_starter() if source is None else page.chooser.choose_source(source)
        page._load()
        engine.succeed(a_model(source=page._source()))
        window.go_to(0)
        page.again_button.click()
    assert captions(page.chooser.recent.buttons) == [tmp_path.name, "someone/tiny"]
    page.chooser.recent.buttons[0].click()
    qtbot.waitUntil(lambda: page.chooser.source(offline=False) == FolderModel(str(tmp_path)))
    window.go_to(1)
    window.sidebar.recent_models.actions()[1].trigger()
    qtbot.waitUntil(lambda: page.chooser.hub_id() == "someone/tiny")
    assert window.here == 0
    page.open_recent(RecentModel(folder=str(tmp_path / "gone")))
    qtbot.waitUntil(lambda: "is no longer in" in page.chooser.recent.missing())
    assert page.chooser.hub_id() == "someone/tiny"
