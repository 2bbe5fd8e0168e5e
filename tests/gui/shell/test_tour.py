"""Four hints at the first start, which can be skipped, do not come back, and never lie outside of the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.tour import Tour
from gui.shell.window import Window
from tests.gui.clipped_text import clipped_texts
from tests.gui.conftest import WindowWith


@pytest.fixture
def window(window_with: WindowWith, qtbot: QtBot) -> Window:
    window = window_with((LoadModelPage,))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def shown(window: Window) -> list[Tour]:
    return [tour for tour in window.findChildren(Tour) if tour.isVisible()]


def test_the_hints_come_at_the_first_start_and_not_at_the_second(session: Session, window: Window) -> None:
    window.show_tour_once()
    (tour,) = shown(window)
    tour.skip_button.click()
    assert shown(window) == []
    assert session.preferences.now.tour_seen
    window.show_tour_once()
    assert shown(window) == []


def test_a_window_closed_in_the_middle_of_the_hints_does_not_show_them_again(session: Session, window: Window) -> None:
    window.show_tour_once()
    assert session.preferences.now.tour_seen


def test_the_keyboard_leads_through_the_hints_and_back_to_the_next_thing_to_do(window: Window, qtbot: QtBot) -> None:
    window.show_tour_once()
    (tour,) = shown(window)
    seen = []
    for number in range(4):
        assert QApplication.focusWidget() is tour.next_button
        assert tour.count.text() == f"{number + 1} of 4"
        seen.append(tour.heading.text())
        qtbot.keyClick(tour.next_button, Qt.Key.Key_Return)
    assert len(set(seen)) == 4
    assert shown(window) == []
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.footer.primary)


def test_escape_skips_the_hints(window: Window, qtbot: QtBot) -> None:
    window.show_tour_once()
    (tour,) = shown(window)
    qtbot.keyClick(tour.next_button, Qt.Key.Key_Escape)
    assert shown(window) == []


def test_a_recipe_of_a_second_start_ends_the_hints(window: Window, tmp_path: Path) -> None:
    window.show_tour_once()
    window.open_recipe(tmp_path / "missing.toml")
    assert shown(window) == []
    assert window.content_area.banner.report is not None


def test_the_menu_shows_the_hints_again(session: Session, window: Window) -> None:
    session.preferences.change(tour_seen=True)
    next(action for action in window.sidebar._menu.actions() if action.text() == "Show the hints again").trigger()
    assert len(shown(window)) == 1


@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1080)])
def test_every_hint_is_inside_of_the_window_beside_what_it_is_about(
    window: Window, size: tuple[int, int], qtbot: QtBot
) -> None:
    window.resize(*size)
    window.show_tour()
    (tour,) = shown(window)
    for _ in range(4):
        qtbot.waitUntil(lambda: window.rect().contains(tour.geometry()))
        assert clipped_texts(tour) == []
        target: QWidget = tour._hints[tour._shown].target()
        place = target.rect().translated(target.mapTo(window, target.rect().topLeft()))
        assert target.isVisible()
        assert not place.intersects(tour.geometry())
        tour.next_button.click()
