"""A race in the window: opened on Load model, run by the engine over tiny encoders of folders, its winner loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.settings import FolderModel
from engine.contract.states import ModelHandle, PreparedDataset
from engine.workspace.layout import Workspace
from gui.load_model.page import LoadModelPage
from gui.load_model.race_dialog import RaceDialog
from gui.preferences import RecentModel
from gui.session import Session, open_session
from gui.shell.window import Window
from tests.builders_data import prepared_tiny_dataset
from tests.builders_models import tiny_bert_folder
from tests.gui.engine_here import EngineHere


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path)


@pytest.fixture(params=["in this process", pytest.param("in its own process", marks=pytest.mark.nightly)])
def session(request: pytest.FixtureRequest, dataset: PreparedDataset, tmp_path: Path) -> Iterator[Session]:
    torch.set_num_threads(1)
    if request.param == "in its own process":
        session = open_session(tmp_path / "workspace")
    else:
        workspace = Workspace(tmp_path / "workspace")
        session = Session(workspace, EngineHere(workspace))  # type: ignore[arg-type]
    yield session
    session.close()
    session.deleteLater()


def test_the_winner_of_a_race_in_the_window_is_loaded(
    session: Session, dataset: PreparedDataset, tmp_path: Path, qtbot: QtBot
) -> None:
    folders = [tiny_bert_folder(tmp_path / name, num_hidden_layers=layers) for name, layers in (("a", 1), ("b", 3))]
    broken = tiny_bert_folder(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"nothing")
    for folder in (broken, *folders):
        session.preferences.remember_model(RecentModel(folder=str(folder)))
    session.go_to(dataset)
    window = Window(session, (LoadModelPage,))
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    page = window.page(0)
    assert isinstance(page, LoadModelPage)
    page.chooser.shelf.race_button.click()
    (dialog,) = page.findChildren(RaceDialog)
    names = [dialog.choices.item(line).text() for line in range(dialog.choices.count())]
    dialog.choose(0, False)  # the loaded one
    for name in ("a", "b", "broken"):
        dialog.choose(names.index(name))
    dialog.budget.addItem("a moment", 0.1)
    dialog.budget.setCurrentIndex(dialog.budget.count() - 1)
    QTest.mouseClick(dialog.query.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.table.isVisible, timeout=120_000)
    cells = dialog.table.cells
    ranked = [cells.text(row, 0) for row in range(3)]
    assert set(ranked[:2]) == {"a", "b"}
    assert ranked[2] == "broken"
    assert float(cells.text(0, 3)) <= float(cells.text(1, 3))  # the losses
    assert "broken: " in dialog.outcome.text()
    QTest.mouseClick(dialog.load_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(session.state, ModelHandle), timeout=60_000)
    assert isinstance(session.state, ModelHandle)
    assert session.state.source == FolderModel(str(tmp_path / ranked[0]))
