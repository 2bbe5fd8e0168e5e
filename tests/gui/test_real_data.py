"""Every folder of real data goes through the page Choose data, in the window and on the engine's own functions.

Choosing the folder is not counted; whatever is pressed after it is, and two clicks must be enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine.contract.settings import Roles, TaskName
from engine.contract.states import ModelHandle, PreparedDataset
from engine.workspace.layout import Workspace
from gui.choose_data.page import ChooseDataPage
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders_data import tiny_model
from tests.gui.engine_here import EngineHere
from tests.paths import SHARED_DATA as DATA

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not on this computer"),
]


class Known(NamedTuple):
    """What is in the description of a folder: rows to train, to validate and to test, and the number of labels."""

    task: TaskName
    roles: Roles
    rows: tuple[int, int, int]
    labels: int
    some: tuple[str, ...] = ()


FOLDERS = {
    "trec": Known(
        "text_classification", Roles(text="text", label="coarse_label"), (4_907, 545, 500), 6, ("ABBR", "NUM")
    ),
    "uci_sentiment_sentences": Known(
        "text_classification", Roles(text="text", label="label"), (2_400, 300, 300), 2, ("0", "1")
    ),
    "sms_spam": Known(
        "text_classification", Roles(text="column 2", label="column 1"), (3_902, 558, 1_114), 2, ("ham", "spam")
    ),
    "nlupp_multilabel": Known(
        "multi_label_classification", Roles(text="text", labels="intents"), (2_467, 311, 302), 62, ("account", "affirm")
    ),
    "snips": Known(
        "text_classification", Roles(text="text", label="intent"), (13_084, 700, 700), 7, ("PlayMusic", "RateBook")
    ),
    "clinc150": Known("text_classification", Roles(text="text", label="intent"), (15_100, 3_100, 5_500), 151, ("oos",)),
    "wnut17": Known(
        "token_classification", Roles(tokens="tokens", tags="tags"), (3_394, 1_009, 1_287), 13, ("B-person", "O")
    ),
    "mrpc": Known(
        "text_classification", Roles(text="sentence1", second_text="sentence2", label="label"), (3_669, 407, 1_725), 2
    ),
    "stsb": Known(
        "regression", Roles(text="sentence1", second_text="sentence2", score="score"), (5_749, 1_500, 1_379), 1
    ),
}
# Tested nightly in the window: those that take long, and those of which tests/engine/preparing proves the same.
NIGHTLY = ("snips", "clinc150", "wnut17", "mrpc", "stsb", "sms_spam", "trec", "uci_sentiment_sentences")
# 72 tags are in the file; of some kinds only B-, and the network can answer I- of them all the same.
SLOTS = Known("token_classification", Roles(tokens="tokens", tags="slots"), (13_084, 700, 700), 79, ("B-artist", "O"))


class Road:
    """The window at the page Choose data; counts clicks."""

    def __init__(self, window: Window, session: Session, qtbot: QtBot) -> None:
        self.window, self.session, self.qtbot = window, session, qtbot
        page = window.page(1)
        assert isinstance(page, ChooseDataPage)
        self.page = page
        self.clicks = 0

    def choose(self, name: str) -> None:
        """Takes the folder as the dialog hands it over."""
        self.page.take_paths([str(DATA / name)])
        self.qtbot.waitUntil(lambda: self.page.choice.found is not None, timeout=60_000)

    def click(self, button: QAbstractButton) -> None:
        """Presses a button that can be seen."""
        assert button.isVisible()
        assert button.isEnabled(), self.page.primary_reason()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.clicks += 1

    def can_be_prepared(self) -> None:
        """Waits until nothing is in the way; the columns of the other files may still be read."""
        self.qtbot.waitUntil(lambda: not self.page.primary_reason())

    def prepare(self) -> PreparedDataset:
        """Presses Prepare and waits for the rows."""
        self.qtbot.waitUntil(self.window.footer.primary.isEnabled)
        assert self.window.footer.primary.text() == "Prepare"
        self.click(self.window.footer.primary)
        self.qtbot.waitUntil(lambda: isinstance(self.session.state, PreparedDataset), timeout=120_000)
        assert isinstance(self.session.state, PreparedDataset)
        return self.session.state


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def road(model: ModelHandle, tmp_path: Path, qtbot: QtBot) -> Iterator[Road]:
    workspace = Workspace(tmp_path / "workspace").create()
    engine = EngineHere(workspace)
    session = Session(workspace, engine)  # type: ignore[arg-type]
    session.go_to(model)
    window = Window(session, (LoadModelPage, ChooseDataPage))
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.go_to(1)
    window.show()
    yield Road(window, session, qtbot)
    session.deleteLater()
    engine.deleteLater()


def check(road: Road, dataset: PreparedDataset, known: Known) -> None:
    """The prepared rows are those of the description, and the page shows them."""
    assert road.clicks <= 2
    assert (dataset.task, dataset.settings.roles) == (known.task, known.roles)
    assert tuple(dataset.splits) == ("train", "validation", "test")
    assert tuple(split.rows for split in dataset.splits.values()) == known.rows
    assert dataset.rows_in == dataset.rows_used == sum(known.rows)
    assert dataset.excluded == ()
    assert len(dataset.label_names) == known.labels
    assert set(known.some) <= set(dataset.label_names)
    assert road.page.summary.isVisible()
    assert f"{sum(known.rows):,} rows" in road.window.content_area.sentence.text()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.nightly) if name in NIGHTLY else name for name in FOLDERS]
)
def test_a_folder_is_prepared_with_two_clicks_at_most(road: Road, name: str) -> None:
    known = FOLDERS[name]
    road.choose(name)
    preview = road.page.choice.preview
    assert (preview.task(), preview.roles()) == (known.task, known.roles)
    assert road.page.choice.found is not None
    assert road.page.choice.found.rows_total == known.rows[0]
    check(road, road.prepare(), known)


def test_all_folders_are_known() -> None:
    assert set(FOLDERS) == {place.name for place in DATA.iterdir() if place.is_dir()}


@pytest.mark.nightly
def test_a_file_with_intents_and_slots_serves_the_other_task_with_one_click_more(road: Road) -> None:
    road.choose("snips")
    road.click(road.page.choice.preview.task_buttons["token_classification"])
    assert road.page.choice.preview.roles() == SLOTS.roles
    check(road, road.prepare(), SLOTS)


def test_a_file_with_intents_and_slots_offers_either_task(road: Road, tmp_path: Path) -> None:
    rows = every_tenth_row(DATA / "snips", tmp_path / "snips")
    road.choose(str(tmp_path / "snips"))
    preview = road.page.choice.preview
    assert (preview.task(), preview.roles()) == (FOLDERS["snips"].task, FOLDERS["snips"].roles)
    assert dict(preview.bars.bars())["PlayMusic"] == sum(row["intent"] == "PlayMusic" for row in rows) > 50
    road.click(preview.task_buttons["token_classification"])
    assert (preview.task(), preview.roles()) == (SLOTS.task, SLOTS.roles)
    road.can_be_prepared()
    assert road.page.choice.found is not None
    tags = {tag for row in rows for tag in row["slots"]}
    assert {column.name: column.distinct for column in road.page.choice.found.columns}["slots"] == len(tags) > 50
    road.click(preview.task_buttons["text_classification"])
    assert preview.roles() == FOLDERS["snips"].roles
    road.can_be_prepared()


def every_tenth_row(folder: Path, copy: Path) -> list[dict[str, Any]]:
    """Copies every tenth row of each file, and returns those for training."""
    copy.mkdir()
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)[::10]
        (copy / path.name).write_bytes(b"".join(lines))
    return [json.loads(line) for line in (copy / "train.jsonl").read_bytes().splitlines()]
