"""One curve of a chart: its points, how they are drawn, and its value at a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from gui.charts.curve_data import thinned
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, SPACE, theme

# How the curves of a chart look: their pens, and their names with a sample and a value.

LineStyle = Literal["thin", "points", "dashed"]

FADED = 0.35  # opacity of another run's curve
_LONGEST_NAME = 150  # pixels


class LegendEntry(QWidget):
    """A sample of a line, its name, and a value of it."""

    def __init__(self, name: str, color: int, style: LineStyle, *, faded: bool = False) -> None:
        super().__init__()
        self._color = color
        self._style = style
        self._faded = faded
        self._name = PlainLabel(role="secondary")
        shown = self._name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)
        self._name.setText(shown)
        if shown != name:
            set_tooltip(self, name)
        self._value = PlainLabel(role="strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(26, 0, 0, 0)
        row.setSpacing(HALF)
        row.addWidget(self._name)
        row.addWidget(self._value)

    def set_value(self, text: str) -> None:
        """Shows the line's newest value, or the one under the pointer."""
        self._value.setText(text)

    def value(self) -> str:
        """The value that is shown."""
        return self._value.text()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(20, hint.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        opacity = FADED if self._faded else 1.0
        painter.setPen(line_pen(self._color, self._style, opacity))
        painter.drawLine(QPointF(2, middle), QPointF(20, middle))
        if self._style == "points":
            painter.setBrush(theme().series_color(self._color, opacity))
            painter.drawEllipse(QPointF(11, middle), 3, 3)


def line_pen(color: int, style: LineStyle, opacity: float = 1.0) -> QPen:
    """The pen of a curve: training thin, validation 2 px, levels dashed.

    Thin is one pixel: Qt draws a wider line of thousands of points fifty times more slowly.
    """
    pen = QPen(theme().series_color(color, opacity))
    pen.setCosmetic(True)
    pen.setWidthF(2.0 if style == "points" else 1.0)
    if style == "dashed":
        pen.setStyle(Qt.PenStyle.DashLine)
    return pen


Floats = NDArray[np.float64]

MOST_SYMBOLS = 200  # more dots than these would hide the line


class CurveLine:
    """A curve with its legend entry; where it is smoothed, the raw values stand faintly behind it."""

    def __init__(self, name: str, color: int, style: LineStyle, area: Any, *, faded: bool = False) -> None:
        self.name = name  # as it is shown; empty: in no list
        self.faded = faded
        self.legend = LegendEntry(name, color, style, faded=faded)
        self.legend.hide()
        self.x: Floats = np.empty(0)
        self.y: Floats = np.empty(0)
        self._raw: Floats | None = None
        self._color = color
        self._style = style
        self._area = area
        self._behind = area.plot([], [], connect="finite")
        self._item = area.plot([], [], connect="finite")
        if faded:
            self._item.setZValue(-10)
        self.paint()

    @property
    def measured(self) -> Floats:
        """The y values before smoothing."""
        return self.y if self._raw is None else self._raw

    def set_points(self, x: Floats, y: Floats, raw: Floats | None) -> None:
        """Takes these points; they are seen after `draw`."""
        self.x, self.y, self._raw = x, y, raw
        self.legend.setVisible(bool(self.name) and len(y) > 0 and not bool(np.isnan(y[-1000:]).all()))

    def draw(self, low: float, high: float, columns: int, on_axis: Callable[[Floats], Floats]) -> list[Floats]:
        """Draws what lies between these steps, thinned to so many columns; returns the heights that were drawn."""
        drawn = []
        for item, values in ((self._behind, self._raw), (self._item, self.y)):
            if values is None:
                item.setData([], [])
                continue
            x, y = thinned(self.x, values, low, high, columns)
            y = on_axis(y)
            if item is self._item and self._style == "points":
                few = len(x) <= MOST_SYMBOLS
                item.setSymbol("o" if few and not self.faded else None)
                item.setPen(line_pen(self._color, "points" if few else "thin", FADED if self.faded else 1.0))
            item.setData(x, y)
            drawn.append(y)
        return drawn

    def remove(self) -> None:
        """Takes the curve out of the picture."""
        self._area.removeItem(self._item)
        self._area.removeItem(self._behind)
        self.legend.hide()
        self.legend.deleteLater()

    def paint(self) -> None:
        """Takes the colours of the theme."""
        opacity = FADED if self.faded else 1.0
        self._item.setPen(line_pen(self._color, self._style, opacity))
        self._behind.setPen(line_pen(self._color, "thin", 0.28 * opacity))
        if self._style == "points":
            self._item.setSymbolSize(7)
            self._item.setSymbolBrush(theme().series_color(self._color))
            self._item.setSymbolPen(None)

    def value_at(self, x: float, *, reach: float) -> float | None:
        """The value of the point nearest to `x`; None in a gap, or more than `reach` steps after a line's end."""
        if not len(self.x):
            return None
        right = min(int(np.searchsorted(self.x, x)), len(self.x) - 1)
        left = max(0, right - 1)
        nearest = left if abs(self.x[left] - x) <= abs(self.x[right] - x) else right
        ended = self._style == "thin" and x > self.x[-1] + reach
        value = float(self.y[nearest])
        return None if ended or np.isnan(value) else value

    def newest(self) -> float | None:
        """The last value that is a number."""
        recent = self.y[-1000:]
        numbers = recent[~np.isnan(recent)]
        return float(numbers[-1]) if len(numbers) else None


# The bare chart that curves are drawn on: pyqtgraph without its frame, menu and buttons, in the theme's colours.
#
# Its import is heavy, see `curve_plot`.

SMALLEST = 136  # pixels of height that the picture itself insists on


def bare_plot(title: str, x_title: str) -> Any:
    """A `PlotWidget` with a light horizontal grid; a drag zooms into what was framed, nothing moves by itself."""
    plot = pg.PlotWidget(background=None)
    plot.setAccessibleName(title)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    # Its own idea of its size, 640×480, is no wish of ours: it takes the room there is.
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


def hidden_line(area: Any, angle: int) -> Any:
    """A straight line over the whole chart, for the place of the pointer."""
    line = pg.InfiniteLine(angle=angle, movable=False)
    line.setVisible(False)
    area.addItem(line, ignoreBounds=True)
    return line


def paint_axes(area: Any) -> None:
    """Gives the axes the colours of the theme."""
    colors = theme()
    for side in ("left", "bottom"):
        axis = area.getAxis(side)
        axis.setPen(QColor(colors.line))
        axis.setTextPen(QColor(colors.secondary))
        axis.setStyle(tickLength=0, maxTickLevel=0, tickTextOffset=6)
    area.getAxis("left").setWidth(48)
    area.getAxis("bottom").label.setDefaultTextColor(QColor(colors.secondary))


def show_axes(area: Any, shown: bool) -> None:
    """Shows numbers, names and grid of the axes, or an empty sheet of the same size."""
    for side in ("left", "bottom"):
        area.getAxis(side).setOpacity(1.0 if shown else 0.0)


# The dashed levels of a chart, with their names at the right end, one above the other where they would collide.


TEXT_HEIGHT = 22  # pixels that a name takes


class _Level(NamedTuple):
    value: float
    text: str
    color: int
    item: Any
    label: Any


class CurveLevels:
    """What simple methods reach, and other values that are the same at every step."""

    def __init__(self, area: Any) -> None:
        self._area = area
        self._levels: dict[str, _Level] = {}

    def set(self, name: str, value: float, text: str, color: int) -> None:
        """Shows a level, or moves it."""
        known = self._levels.get(name)
        item = pg.InfiniteLine(angle=0, movable=False) if known is None else known.item
        label = pg.TextItem(anchor=(1, 1)) if known is None else known.label
        if known is None:
            for thing in (item, label):
                self._area.addItem(thing, ignoreBounds=True)
        self._levels[name] = _Level(value, text, color, item, label)
        self._paint_one(self._levels[name])

    def clear(self) -> None:
        """Takes all levels away."""
        for level in self._levels.values():
            self._area.removeItem(level.item)
            self._area.removeItem(level.label)
        self._levels.clear()

    def names(self) -> tuple[str, ...]:
        """The levels there are."""
        return tuple(self._levels)

    def texts(self) -> list[str]:
        """What stands at the levels."""
        return [str(level.label.toPlainText()) for level in self._levels.values()]

    def values(self) -> Floats:
        """The values, float64 (levels,)."""
        return np.array([level.value for level in self._levels.values()], dtype=np.float64)

    def place(self, heights: Floats, right: float, top: float, per_pixel: float) -> None:
        """Puts the levels at these heights of the axis, (levels,), and their names before `right` and below `top`."""
        order = np.argsort(heights, kind="stable")
        names = heights[order]
        room = TEXT_HEIGHT * per_pixel
        for index in range(1, len(names)):
            names[index] = max(names[index], names[index - 1] + room)
        above = top
        for index in range(len(names) - 1, -1, -1):
            above = names[index] = min(names[index], above - room)
        levels = list(self._levels.values())
        for index, name in zip(order.tolist(), names.tolist(), strict=True):
            levels[index].item.setPos(float(heights[index]))
            levels[index].label.setPos(right, name)

    def paint(self) -> None:
        """Takes the colours of the theme."""
        for level in self._levels.values():
            self._paint_one(level)

    def _paint_one(self, level: _Level) -> None:
        level.item.setPen(line_pen(level.color, "dashed"))
        level.label.setText(level.text, color=theme().series_color(level.color))
        level.label.fill = pg.mkBrush(theme().color("window", 0.85))  # no line strikes through a name
        level.label.setZValue(1)


# The short menu of a chart, in our words, and its values as text for the clipboard.


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


# The values under the pointer of a chart, in a small box beside the vertical line. Knows no curves.

LONGEST_NAME = 28  # characters of a curve's name
MOST_VALUES = 12  # lines below the step


class ValueBox(QLabel):
    """Lies over a chart and lets the pointer through."""

    def __init__(self, chart: QWidget) -> None:
        super().__init__(chart)
        self._chart = chart
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_values(self, x: float, values: Sequence[tuple[str, float]], left: float) -> None:
        """Shows names and values at step `x` beside this place, in pixels from the chart's left edge."""
        rows = [f"{_short(name)}  {readable(value)}" for name, value in values]
        if len(rows) > MOST_VALUES + 1:
            rows = [*rows[:MOST_VALUES], f"and {len(rows) - MOST_VALUES} more"]
        self.setText("\n".join([f"step {round(x):,}", *rows]))
        self.adjustSize()
        if self.height() > self._chart.height() - 2 * SPACE:  # the legend shows the values too
            self.setText(f"step {round(x):,}")
            self.adjustSize()
        right = left + SPACE
        if right + self.width() > self._chart.width():
            right = left - SPACE - self.width()
        self.move(QPoint(max(0, int(right)), SPACE))
        self.show()

    def paint_theme(self) -> None:
        """Takes the colours of the theme."""
        colors = theme()
        self.setStyleSheet(
            f"background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};"
            "border-radius: 4px; padding: 4px 6px;"
        )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def readable(value: float) -> str:
    """A chart value with as many digits as are worth reading."""
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 100_000):
        return f"{value:.1e}"
    if abs(value) >= 10:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return f"{value:.4f}" if abs(value) < 0.01 else f"{value:.3f}"


# What the pointer shows of a chart: lines at its step and height, the values at that step, in the legend too.
#
# Its import is heavy, see `curve_plot`.


class CurvePointer:
    """`at` is the step whose values are shown, or None: then the legend shows the newest ones."""

    def __init__(self, plot: Any, lines: Mapping[str, CurveLine]) -> None:
        area = plot.getPlotItem()
        self.at: float | None = None
        self.cursor = hidden_line(area, 90)
        self.height = hidden_line(area, 0)
        self.values = ValueBox(plot)
        self._plot = plot
        self._box = area.getViewBox()
        self._lines = lines

    def show_at(self, x: float | None) -> None:
        """Shows the values at this step, or the newest ones."""
        self.at = x
        values = [] if x is None else self._values_at(x)
        for line in self._lines.values():
            self.show_in_legend(line)
        if x is None or not values:
            for cross in (self.cursor, self.height):
                cross.setVisible(False)
            self.values.hide()
            return
        self.cursor.setPos(x)
        self.cursor.setVisible(True)
        at = self._plot.mapFromScene(self._box.mapViewToScene(QPointF(x, 0)))
        self.values.show_values(x, values, at.x())

    def show_in_legend(self, line: CurveLine) -> None:
        """Puts the value of this curve that is shown now beside its name."""
        value = line.newest() if self.at is None else line.value_at(self.at, reach=self._reach())
        line.legend.set_value("" if value is None else readable(value))

    def step_at(self, position: QPointF) -> float | None:
        """The step at this place of the scene; None outside of the picture."""
        inside = self._box.sceneBoundingRect().contains(position)
        return float(self._box.mapSceneToView(position).x()) if inside else None

    def put_height(self, position: QPointF) -> None:
        """Moves the level line to this place of the scene; it is seen beside a line at the step only."""
        inside = self._box.sceneBoundingRect().contains(position)
        self.height.setPos(float(self._box.mapSceneToView(position).y()))
        self.height.setVisible(bool(inside and self.cursor.isVisible()))

    def leave(self) -> None:
        """The mouse has left the chart."""
        self.height.setVisible(False)

    def paint_theme(self) -> None:
        """Takes the colours of the theme."""
        colors = theme()
        self.cursor.setPen(pg.mkPen(colors.color("secondary", 0.6)))
        self.height.setPen(pg.mkPen(colors.color("secondary", 0.35)))
        self.values.paint_theme()

    def _values_at(self, x: float) -> list[tuple[str, float]]:
        shown = ((line.name, line.value_at(x, reach=self._reach())) for line in self._lines.values() if line.name)
        return [(name, value) for name, value in shown if value is not None]

    def _reach(self) -> float:
        low, high = self._box.viewRange()[0]
        return 0.05 * float(high - low)
