"""The area that curves are drawn on: pyqtgraph without its frame, menu and buttons, in the colours of the theme.

Imports pyqtgraph, see `line_plot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QSizePolicy

from engine.contract.formatting import in_signs
from gui.components.page_scroll import turn_unless_page
from gui.design.theme import theme

SMALLEST = 88  # pixels of height of the plot itself


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose numbers have the signs of the language."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [in_signs(text) for text in super().tickStrings(values, scale, spacing)]


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot that is zoomed by the wheel, unless the page below it is being scrolled."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_unless_page(event, super().wheelEvent)


def plot_area(title: str, x_title: str) -> Any:
    """A `PlotWidget` with a light horizontal grid; a drag zooms in, and the range never follows the data."""
    plot = _Plot(background=None, axisItems={side: _Axis(side) for side in ("left", "bottom")})
    plot.setAccessibleName(title)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    # Its own preferred size is 640×480; here it takes the room there is.
    plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    plot.setMinimumHeight(SMALLEST)
    area = plot.getPlotItem()
    area.setMenuEnabled(False)
    area.hideButtons()
    area.showGrid(x=False, y=True, alpha=0.25)
    area.setLabel("bottom", x_title)
    box = area.getViewBox()
    box.setMouseMode(pg.ViewBox.RectMode)
    box.disableAutoRange()
    return plot


def paint_axes(area: Any) -> None:
    """Gives the axes the colours of the theme."""
    colors = theme()
    for side in ("left", "bottom"):
        axis = area.getAxis(side)
        axis.setPen(QColor(colors.line))
        axis.setTextPen(QColor(colors.secondary))
        axis.label.setDefaultTextColor(QColor(colors.secondary))
        axis.setStyle(tickLength=0, maxTickLevel=0, tickTextOffset=6)
    area.getAxis("left").setWidth(48)


def show_axes(area: Any, shown: bool) -> None:
    """Shows numbers, names and grid of the axes, or an empty sheet of the same size."""
    for side in ("left", "bottom"):
        area.getAxis(side).setOpacity(1.0 if shown else 0.0)
