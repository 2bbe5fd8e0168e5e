"""Pictures for the README keep what catches the eye although they have few colours."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage

from tests.picture_files import COLORS, few_colors


def test_a_rare_sign_in_its_own_colour_survives_a_thousand_greys() -> None:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    for x in range(200):
        for y in range(200):
            image.setPixelColor(x, y, QColor(x, y, (x + y) // 2))
    image.setPixelColor(100, 100, QColor("#FF0000"))

    small = few_colors(image)

    assert len(small.colorTable()) <= COLORS
    assert small.pixelColor(100, 100) == QColor("#FF0000")
    assert abs(small.pixelColor(50, 150).green() - 150) < 24
