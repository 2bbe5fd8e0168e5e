"""The whole window is on the screen, its frame included."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell.guide_window import GuideWindow
from gui.shell.screen_fit import FRAME, bound_to_screen, fitted

EDGES = QMargins(4, 32, 4, 4)  # what a usual window manager puts around a window


@pytest.mark.parametrize(
    ("screen", "inner", "expected"),
    [
        (QRect(0, 0, 1280, 800), QRect(0, 0, 1280, 800), QRect(4, 32, 1272, 764)),
        (QRect(0, 0, 1366, 768), QRect(43, -16, 1280, 800), QRect(43, 32, 1280, 732)),
        (QRect(0, 27, 1366, 741), QRect(43, 27, 1280, 741), QRect(43, 59, 1280, 705)),
        (QRect(0, 0, 1920, 1080), QRect(320, 140, 1280, 800), QRect(320, 140, 1280, 800)),
        (QRect(1920, 0, 1920, 1080), QRect(3700, 500, 1280, 800), QRect(2556, 276, 1280, 800)),
    ],
    ids=["1280x800", "1366x768", "with a panel", "room enough", "second screen"],
)
def test_the_frame_is_within_the_screen(screen: QRect, inner: QRect, expected: QRect) -> None:
    found = fitted(inner, inner.marginsAdded(EDGES), screen)
    assert found == expected
    assert screen.contains(found.marginsAdded(EDGES))
    assert fitted(found, found.marginsAdded(EDGES), screen) == found


def test_on_a_small_screen_a_window_may_be_smaller_than_its_least_size(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableSize", lambda _screen: QSize(960, 540))  # 1920×1080 at 200 %
    window = QWidget()
    qtbot.addWidget(window)
    window.setMinimumSize(900, 600)
    window.resize(1280, 800)
    bound_to_screen(window)
    assert (window.minimumSize(), window.size()) == (QSize(900, 540 - FRAME), QSize(960, 540 - FRAME))
    guide = GuideWindow()
    qtbot.addWidget(guide)
    assert (guide.width(), guide.height()) == (960, 540 - FRAME)
