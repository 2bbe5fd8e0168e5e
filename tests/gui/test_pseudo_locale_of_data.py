"""In a pseudo-locale no text of Choose data is unmarked or cut, whatever it asks, finds and shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from engine.contract.states import ModelHandle
from gui.components.plain_text import both_ends, on_one_line
from gui.shell.window import Window
from tests.builders_data import tiny_model
from tests.gui.clipped_text import clipped_texts
from tests.gui.conftest import settling
from tests.gui.pseudo_locale import unmarked
from tests.gui.scenes import KINDS, Rows, open_window, rows_of
from tests.gui.scenes_of_data import USERS_OWN, of_data
from tests.gui.test_no_clipped_text import SIZES, sideways
from tests.gui.test_pseudo_locale import pseudo, texts_of, values_of  # noqa: F401  (a fixture)

NAMES = ("Ctrl", "Shift", "TSV", "JSON", "Parquet", "Arrow", "Excel", "CoNLL", "UTF-8", "UTF-16", "UTF-32")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.mark.nightly
@pytest.mark.usefixtures("pseudo")
def test_no_text_of_choose_data_is_unmarked_and_none_that_is_longer_is_cut(
    model: ModelHandle, tmp_path: Path, qtbot: QtBot
) -> None:
    rows = rows_of(KINDS[0], model, tmp_path)
    window, session, engine = open_window(rows)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    window.begin()
    window.build_pages()

    settle = settling(qtbot)
    seen: list[str] = []
    found: dict[str, list[str]] = {}
    values = [*values_of(rows), *_own(rows), str(tmp_path / "files"), str(tmp_path)]
    for name, shown in of_data(window, session, engine, rows, settle):
        seen.append(name)
        for where, text in texts_of(shown):
            if words := unmarked(text, values):
                found[f"{name}: {where} “{text}”"] = words
        for width, height in SIZES:
            window.resize(width, height)
            settle(lambda: True)
            if cut := clipped_texts(shown) + sideways(shown):
                found[f"{name}, {width}×{height}"] = cut
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    session.deleteLater()
    engine.deleteLater()
    assert len(seen) > 20
    assert found == {}


def _own(rows: Rows) -> list[str]:
    """The labels as they are shortened, and what these scenes have written."""
    labels = rows.dataset.label_names
    shortened = [on_one_line(label, most) for label in labels for most in (40, 60, 80, 1_000)]
    return [*NAMES, *USERS_OWN, *shortened, *(both_ends(label, 30) for label in labels)]
