"""The whole window is on the screen, its frame included."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMargins, QRect

from gui.shell.placement import fitted

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
