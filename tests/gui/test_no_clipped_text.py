"""No text on any page or in any dialog is cut, with long names, many columns and many classes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QTabBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.contract import languages
from engine.contract.states import ModelHandle
from gui.components.data_table import CellsModel, DataTable
from gui.components.plain_label import PlainLabel
from gui.design import application_style
from gui.design.theme import ThemeChoice
from gui.shell.window import Window
from tests.builders_data import tiny_model
from tests.gui.clipped_text import clipped_texts
from tests.gui.conftest import settling
from tests.gui.scenes import KINDS, Rows, open_window, rows_of, scenes

SIZES = [(900, 600), (1280, 800)]
MORE_SIZES = [(1366, 768), (1920, 1080), (2560, 1440)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Rows]:
    made: dict[str, Rows] = {}
    models: list[ModelHandle] = []

    def prepare(kind: str) -> Rows:
        if not models:
            models.append(tiny_model(tmp_path_factory.mktemp("model")))
        if kind not in made:
            made[kind] = rows_of(kind, models[0], tmp_path_factory.mktemp("rows"))
        return made[kind]

    return prepare


@pytest.fixture
def light_again(qapp: QApplication) -> Iterator[None]:
    yield
    application_style.set_up(qapp, "light")


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut(prepared: Callable[[str], Rows], kind: str, qtbot: QtBot) -> None:
    sizes = SIZES if kind == KINDS[0] else SIZES[:1]  # every kind in every size in the nightly test
    assert cut_in_all_scenes(prepared(kind), sizes, qtbot) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_text_is_cut_in_other_sizes_and_in_the_dark(
    prepared: Callable[[str], Rows], kind: str, look: ThemeChoice, qtbot: QtBot, qapp: QApplication, light_again: None
) -> None:
    application_style.set_up(qapp, look)
    assert cut_in_all_scenes(prepared(kind), SIZES + MORE_SIZES, qtbot) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("code", sorted(set(languages.codes()) - {"en"}))
def test_no_text_is_cut_in_other_languages(
    prepared: Callable[[str], Rows], code: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "_catalogue", languages.catalogue_of(code))
    assert cut_in_all_scenes(prepared(KINDS[0]), SIZES, qtbot) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_no_text_is_cut_on_a_screen_with_more_pixels(scale: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-k", "test_no_text_is_cut and not other and not screen"]
    command = [sys.executable, "-I", "-m", "pytest", __file__, *options]
    done = subprocess.run(
        command, env={**os.environ, "QT_SCALE_FACTOR": scale}, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout[-6_000:]


def cut_in_all_scenes(rows: Rows, sizes: Sequence[tuple[int, int]], qtbot: QtBot) -> dict[str, list[str]]:
    """What is cut, by scene and size of the window."""
    window, session, engine = open_window(rows)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(*sizes[0])
    window.show()

    settle = settling(qtbot)
    found: dict[str, list[str]] = {}
    seen = 0
    for name, shown in scenes(window, session, engine, rows, settle):
        seen += 1
        for width, height in sizes:
            window.resize(width, height)
            settle(lambda: True)
            if cut := clipped_texts(shown) + sideways(shown):
                found[f"{name}, {width}×{height}"] = cut
    assert seen >= 20
    session.deleteLater()
    engine.deleteLater()
    return found


def sideways(window: QWidget) -> list[str]:
    """Whole pages that are wider than their place, so that they scroll to the right."""
    areas = [area for area in window.findChildren(QScrollArea) if area.isVisible()]
    return [f"scrolls sideways: {area.widget()}" for area in areas if area.horizontalScrollBar().maximum()]


# ── What is red ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def frame(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    return made


def shown_in(frame: QWidget, width: int, widget: QWidget) -> list[str]:
    layout = frame.layout()
    assert layout is not None
    layout.addWidget(widget)
    widget.setFixedWidth(width)
    frame.show()
    QApplication.processEvents()
    return clipped_texts(frame)


@pytest.mark.parametrize("kind", [QLabel, QPushButton])
def test_a_text_wider_than_its_widget_is_found(kind: type[QLabel | QPushButton], frame: QWidget) -> None:
    widget = kind("Share of its split")
    assert shown_in(frame, 40, widget)
    assert not shown_in(frame, 400, widget)


def test_an_ellipsis_with_the_whole_text_as_its_tooltip_is_allowed(frame: QWidget) -> None:
    label = PlainLabel("Share of its split", elide=True)
    assert not shown_in(frame, 40, label)
    label.setToolTip("Share of")
    assert clipped_texts(label)


def test_a_wrapped_text_without_height_is_found(frame: QWidget) -> None:
    label = PlainLabel("Share of its split, of all splits, and of everything else", wrap=True)
    assert not shown_in(frame, 120, label)
    label.setFixedHeight(20)
    assert clipped_texts(label)


def test_a_narrow_column_is_found_where_its_name_is_no_tooltip(frame: QWidget) -> None:
    table = DataTable()
    table.cells.set_cells(["Share of its split"], [["1"]])
    assert not shown_in(frame, 300, table)
    table.setColumnWidth(0, 60)
    assert not clipped_texts(table)
    table.setModel(_WithoutTooltips(table))
    table.setColumnWidth(0, 60)
    assert clipped_texts(table)


class _WithoutTooltips(CellsModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.set_cells(["Share of its split"], [["1"]])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return None if role == Qt.ItemDataRole.ToolTipRole else super().headerData(section, orientation, role)


def test_a_narrow_tab_is_found(frame: QWidget) -> None:
    tabs = QTabBar()
    tabs.setUsesScrollButtons(False)
    tabs.addTab("Share of its split")
    tabs.addTab("Share of all splits")
    assert shown_in(frame, 120, tabs)
    assert not shown_in(frame, 500, tabs)
