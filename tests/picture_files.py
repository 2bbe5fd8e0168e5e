"""Saves pictures of windows small, in 256 colours: the most frequent ones, and rare ones that are far from these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

COLORS = 256
FREQUENT = 176  # of these are the most frequent ones


def save_small(widget: QWidget, path: Path) -> None:
    """Writes the widget as PNG with a table of colours."""
    image = few_colors(widget.grab().toImage())
    if not image.save(str(path)):
        raise OSError(f"{path} cannot be written")


def few_colors(image: QImage) -> QImage:
    """The image in 256 of its own colours; the others become the nearest of these."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)[:, : image.width()]
    colors, counts = np.unique(pixels, return_counts=True)
    table = _table_of(colors, counts)
    flags = Qt.ImageConversionFlag.AvoidDither | Qt.ImageConversionFlag.ThresholdDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, [int(color) for color in table], flags)


def _table_of(colors: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """At most `COLORS` of the colours (n,) uint32; of the rare ones, each time the one that is missed most."""
    order = np.argsort(-counts)
    colors, counts = colors[order], counts[order]
    channels = np.stack([(colors >> shift) & 255 for shift in (16, 8, 0)], axis=1).astype(np.float64)
    chosen = list(range(min(FREQUENT, len(colors))))
    distance = np.min([np.abs(channels - channels[place]).sum(axis=1) for place in chosen], axis=0)
    while len(chosen) < min(COLORS, len(colors)):
        place = int(np.argmax(distance * np.sqrt(counts)))
        chosen.append(place)
        distance = np.minimum(distance, np.abs(channels - channels[place]).sum(axis=1))
    return np.asarray(colors[chosen])
