"""A widget as a picture file: PNG in double resolution, or SVG with real lines and letters."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.workspace.atomic_files import write_file
from gui.design.theme import theme

SCALE = 2  # pixels of a PNG for each on the screen


def write_png(widget: QWidget, path: Path) -> None:
    """Raises `OSError` or `DiskFull` where the file cannot be written."""
    image = QImage(widget.size() * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.fill(theme().color("window"))
    widget.render(image)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    write_file(path, bytes(content.data()))


def write_svg(widget: QWidget, path: Path, *, title: str) -> None:
    """Raises `OSError` or `DiskFull` where the file cannot be written."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(0, 0), QSize(widget.size())))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), theme().color("window"))
    widget.render(painter, QPoint(0, 0))
    painter.end()
    write_file(path, bytes(content.data()))
