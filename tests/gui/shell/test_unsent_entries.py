"""What was entered outlives a window that was killed: it is kept, offered once, and put back into the pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, HubModel, PrepareSettings
from engine.contract.states import ModelHandle, PreparedDataset
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, run_folder, save_run
from gui.application import page_types
from gui.choose_data.page import ChooseDataPage
from gui.entries import ENTRIES, Entries, EntriesFile
from gui.export.page import ExportPage
from gui.fine_tune.page import FineTunePage
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, an_evaluation
from tests.builders_data import review_file
from tests.builders_models import tiny_bert_folder
from tests.gui.conftest import StandInEngine
from tests.gui.engine_here import EngineHere
from tests.gui.stand_in_pages import PAGES
from tests.paths import ROOT

Start = Callable[[], Window]


@pytest.fixture
def start(tmp_path: Path, qtbot: QtBot) -> Start:
    """Opens the program on the same workspace; the window of before is left without its end, as after a kill."""

    def opened() -> Window:
        workspace = Workspace(tmp_path / "workspace").create()
        window = Window(Session(workspace, EngineHere(workspace)), page_types())  # type: ignore[arg-type]
        qtbot.addWidget(window)
        window.show()
        for step in range(5):
            window.page(step)
        with qtbot.waitSignal(window.runs.changed):
            window.begin()
        return window

    return opened


def offered(window: Window) -> list[str]:
    return [] if window.content_area.recovery.isHidden() else [b.text() for b in window.content_area.recovery.buttons()]


def load(window: Window, folder: Path, qtbot: QtBot) -> None:
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    page.chooser.choose_folder(str(folder))
    window.footer.primary.click()
    qtbot.waitUntil(lambda: isinstance(window.session.state, ModelHandle), timeout=60_000)


def test_a_model_that_was_chosen_is_chosen_again(start: Start) -> None:
    window = start()
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    page.chooser.choose_source(HubModel("someone/some-encoder"))
    window.entries.keep()
    again = start()
    assert offered(again) == ["Restore", "Not now"]
    again.content_area.recovery.buttons()[0].click()
    restored = again.page(0)
    assert isinstance(restored, LoadModelPage)
    assert restored.chooser.hub_id() == "someone/some-encoder"
    assert again.session.state is None
    assert offered(again) == []


def test_rows_and_columns_that_were_not_prepared_are_there_again(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    window = start()
    load(window, tiny_bert_folder(tmp_path / "model"), qtbot)
    page = window.page(1)
    assert isinstance(page, ChooseDataPage)
    window.go_to(1)
    page.take_source(FileRows(str(review_file(tmp_path / "reviews.csv"))))
    qtbot.waitUntil(lambda: page.choice.found is not None, timeout=60_000)
    page.choice.form.set_value(msgspec.structs.replace(PrepareSettings(), test_share=0.25, seed=11, max_length=32))
    wanted = page.choice.settings()
    window.entries.keep()

    again = start()
    again.content_area.recovery.buttons()[0].click()
    restored = again.page(1)
    assert isinstance(restored, ChooseDataPage)
    qtbot.waitUntil(lambda: restored.choice.found is not None, timeout=60_000)
    assert isinstance(again.session.state, ModelHandle)
    assert restored.choice.source == page.choice.source
    assert restored.choice.settings() == wanted
    assert again.here == 1


def test_settings_of_a_training_that_was_not_started_are_there_again(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    window = start()
    load(window, tiny_bert_folder(tmp_path / "model"), qtbot)
    page = window.page(1)
    assert isinstance(page, ChooseDataPage)
    window.go_to(1)
    page.take_source(FileRows(str(review_file(tmp_path / "reviews.csv"))))
    qtbot.waitUntil(lambda: window.footer.primary.isEnabled(), timeout=60_000)
    window.footer.primary.click()
    qtbot.waitUntil(lambda: isinstance(window.session.state, PreparedDataset), timeout=60_000)
    window.go_to(2)
    form = window.page(2)
    assert isinstance(form, FineTunePage)
    form.set_settings(msgspec.structs.replace(form.settings(), epochs=7.5, learning_rate=3e-4, seed=5))
    window.entries.keep()

    again = start()
    again.content_area.recovery.buttons()[0].click()
    restored = again.page(2)
    assert isinstance(restored, FineTunePage)
    qtbot.waitUntil(lambda: again.here == 2, timeout=60_000)
    assert again.session.state == window.session.state
    assert restored.settings() == form.settings()


def test_a_window_that_ends_by_itself_leaves_nothing(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    window = start()
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    page.chooser.choose_source(HubModel("someone/some-encoder"))
    window.entries.keep()
    assert (tmp_path / "workspace" / ENTRIES).is_file()
    with qtbot.waitSignal(window.ended):
        window.save_and_close()
    assert not (tmp_path / "workspace" / ENTRIES).exists()
    assert offered(start()) == []


def test_not_now_and_a_start_without_entries_change_nothing(start: Start, tmp_path: Path) -> None:
    first = start()
    first.entries.keep()  # the starter is chosen, as at every start
    assert offered(start()) == []
    EntriesFile(tmp_path / "workspace").write(Entries(model=HubModel("someone/some-encoder")))
    window = start()
    window.entries.keep()  # while it is offered
    window.content_area.recovery.buttons()[1].click()
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    assert page.chooser.hub_id() == ""
    window.entries.keep()
    assert offered(start()) == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"step": "x"}', b"\xff\xfe", b'{"data": {"type": "nothing"}}'])
def test_a_damaged_file_is_no_offer(start: Start, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / ENTRIES).write_bytes(content)
    assert offered(start()) == []


def test_an_interrupted_run_comes_first(start: Start, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    EntriesFile(workspace.root).write(Entries(model=FolderModel("/models/x"), is_loaded=True, step=1))
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, status="training", step=120, total_steps=300))
    (run_folder(workspace, record.id) / "checkpoints" / "step-000120").mkdir(parents=True)
    window = start()
    assert offered(window) == ["Continue", "Not now"]


def test_the_page_of_export_shows_its_entries_again(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    session.go_to(an_evaluation())
    window = Window(session, PAGES)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    page = window.page(4)
    assert isinstance(page, ExportPage)
    page.choose_folder("/exports/mine")
    page.form.set_value(msgspec.structs.replace(page.form.value(), name="Mine", folder="/exports/mine"))
    entries = page.add_entries(Entries())
    page.form.set_value(msgspec.structs.replace(page.form.value(), name="", folder=""))
    page.choose_folder("")
    page.restore(entries)
    assert page.add_entries(Entries()) == entries


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from PySide6.QtWidgets import QApplication
from engine.contract.settings import ExampleRows, HubModel
from gui.application import page_types
from gui.session import open_session
from gui.shell.window import Window

application = QApplication([])
window = Window(open_session(Path(sys.argv[2])), page_types())
window.show()
window.page(0).chooser.choose_source(HubModel("someone/some-encoder"))
window.entries.keep()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_process_leaves_its_entries(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(ROOT), str(folder)], capture_output=True, timeout=250)
    assert killed.returncode == -9, killed.stderr
    assert json.loads((folder / ENTRIES).read_bytes())["model"]["id"] == "someone/some-encoder"
    assert offered(start()) == ["Restore", "Not now"]
