"""The short menu of a chart, in our words, and its values as text for the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

Floats = NDArray[np.float64]


def pop_up_menu(
    chart: QWidget, position: QPoint, *, show_whole_run: Callable[[], None], values_as_text: Callable[[], str]
) -> None:
    """Opens the menu of this chart at a place of the screen; it deletes itself."""
    menu = QMenu(chart)
    whole = QAction("Show the whole run", menu)
    whole.triggered.connect(show_whole_run)
    copy_data = QAction("Copy values", menu)
    copy_data.triggered.connect(lambda: QGuiApplication.clipboard().setText(values_as_text()))
    copy_picture = QAction("Copy picture", menu)
    copy_picture.triggered.connect(lambda: QGuiApplication.clipboard().setPixmap(chart.grab()))
    menu.addActions([whole, copy_data, copy_picture])
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(position)


def as_text(curves: Iterable[tuple[str, Floats, Floats]]) -> str:
    """Name, x and y of each curve as tab-separated lines: curve, step, value; gaps are left out."""
    rows = ["curve\tstep\tvalue"]
    for name, x, y in curves:
        rows += [f"{name}\t{a:.10g}\t{b:.6g}" for a, b in zip(x.tolist(), y.tolist(), strict=True) if b == b]
    return "\n".join(rows) + "\n"
