"""One chart of curves over training steps: lines, dashed levels, hover values, zoom.

Composes pyqtgraph's `PlotWidget`, whose import is heavy: a page makes its charts when it is first shown, after the
application has imported pyqtgraph beside the running window. Knows nothing of training.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import HALF, SPACE, appearance, theme
from gui.widgets.plain_label import PlainLabel

Floats = NDArray[np.float64]
LineStyle = Literal["thin", "points", "dashed"]


@dataclass
class _Line:
    """A curve with its legend entry; `faint` is the same curve before smoothing."""

    name: str
    color: int
    style: LineStyle
    item: Any
    faint: Any
    legend: LegendEntry
    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))


class LegendEntry(QWidget):
    """A sample of a line, its name, and its last value."""

    def __init__(self, name: str, color: int, style: LineStyle) -> None:
        super().__init__()
        self._color = color
        self._style = style
        self._name = PlainLabel(name, role="secondary")
        self._value = PlainLabel(role="strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(26, 0, 0, 0)
        row.setSpacing(HALF)
        row.addWidget(self._name)
        row.addWidget(self._value)

    def set_value(self, text: str) -> None:
        """Shows the line's newest value."""
        self._value.setText(text)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(20, hint.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(line_pen(self._color, self._style))
        painter.drawLine(QPointF(2, middle), QPointF(20, middle))
        if self._style == "points":
            painter.setBrush(theme().series_color(self._color))
            painter.drawEllipse(QPointF(11, middle), 3, 3)


def line_pen(color: int, style: LineStyle, opacity: float = 1.0) -> QPen:
    """The pen of a curve: training thin, validation 2 px, levels dashed."""
    pen = QPen(theme().series_color(color, opacity))
    pen.setCosmetic(True)
    pen.setWidthF(2.0 if style == "points" else 1.4)
    if style == "dashed":
        pen.setStyle(Qt.PenStyle.DashLine)
    return pen


class CurvePlot(QWidget):
    """A titled chart; `hovered` tells the step under the pointer, or None."""

    hovered = Signal(object)  # float | None
    zoomed = Signal()

    def __init__(self, title: str, *, x_title: str = "step", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, _Line] = {}
        self._levels: dict[str, tuple[float, Any, Any]] = {}
        self._end = 1.0
        self._follows = True
        self._title = PlainLabel(title, role="strong")
        self._legend = QHBoxLayout()
        self._legend.setSpacing(SPACE * 2)
        head = QHBoxLayout()
        head.setContentsMargins(HALF, 0, HALF, 0)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addLayout(self._legend)

        self._plot = pg.PlotWidget(background=None)
        self._plot.setAccessibleName(title)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Its own idea of its size, 640×480, is no wish of ours: it takes the room there is.
        self._plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._area = self._plot.getPlotItem()
        self._area.setMenuEnabled(False)
        self._area.hideButtons()
        self._area.setClipToView(True)
        self._area.setDownsampling(auto=True, mode="peak")
        self._area.showGrid(x=False, y=True, alpha=0.25)
        self._area.setLabel("bottom", x_title)
        self._box = self._area.getViewBox()
        self._box.setMouseMode(pg.ViewBox.RectMode)
        self._box.setDefaultPadding(0.12)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setVisible(False)
        self._area.addItem(self._cursor, ignoreBounds=True)
        self._values = QLabel(self._plot)
        self._values.setTextFormat(Qt.TextFormat.PlainText)
        self._values.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._values.hide()
        self._empty = PlainLabel(role="quiet", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setParent(self._plot)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addLayout(head)
        column.addWidget(self._plot, 1)

        self._plot.scene().sigMouseMoved.connect(self._move_pointer)
        self._plot.scene().sigMouseClicked.connect(self._click)
        self._box.sigRangeChangedManually.connect(self._user_zoomed)
        appearance().changed.connect(self._paint_theme)
        self._paint_theme()

    # ── Content ─────────────────────────────────────────────────────────────────────────────────────────────────

    def add_line(self, name: str, color: int, style: LineStyle = "thin") -> None:
        """Adds an empty curve; `color` is a number of the theme's series."""
        legend = LegendEntry(name, color, style)
        legend.hide()
        self._legend.addWidget(legend)
        faint = self._area.plot([], [])
        item = self._area.plot([], [], connect="finite")
        self._lines[name] = _Line(name, color, style, item, faint, legend)
        self._paint_line(self._lines[name])

    def set_line(self, name: str, x: Floats, y: Floats, *, before_smoothing: Floats | None = None) -> None:
        """Replaces a curve: x and y float64 (points,); NaN leaves a gap."""
        line = self._lines[name]
        line.x, line.y = x, y
        line.item.setData(x, y)
        if before_smoothing is None:
            line.faint.setData([], [])
        else:
            line.faint.setData(x, before_smoothing)
        numbers = y[~np.isnan(y)]
        line.legend.setVisible(len(numbers) > 0)
        line.legend.set_value(readable(float(numbers[-1])) if len(numbers) else "")
        self._show_emptiness()

    def set_level(self, name: str, value: float, color: int) -> None:
        """Shows a dashed level with its name at the line's end."""
        if name in self._levels:
            _, item, label = self._levels[name]
        else:
            item = self._area.plot([], [])
            label = pg.TextItem(anchor=(1, 1))
            self._area.addItem(label, ignoreBounds=True)
        item.setPen(line_pen(color, "dashed"))
        item.setData([0.0, self._end], [value, value])
        label.setText(f"{name} {readable(value)}", color=theme().series_color(color))
        label.setPos(self._end, value)
        self._levels[name] = (value, item, label)

    def clear_levels(self) -> None:
        """Takes all levels away."""
        for _, item, label in self._levels.values():
            self._area.removeItem(item)
            self._area.removeItem(label)
        self._levels.clear()

    def set_end(self, steps: float) -> None:
        """The last step the axis shows while the user has not zoomed."""
        if steps != self._end and steps > 0:
            self._end = steps
            for value, item, label in self._levels.values():
                item.setData([0.0, steps], [value, value])
                label.setPos(steps, value)
            self._follow()

    def set_empty_sentence(self, sentence: str) -> None:
        """Says why there is nothing to see, while there is nothing."""
        self._empty.setText(sentence)
        self._show_emptiness()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Shows the values on a logarithmic axis."""
        self._area.setLogMode(x=False, y=logarithmic)

    def reset_zoom(self) -> None:
        """Shows the whole run again."""
        self._follows = True
        self._follow()

    def link_to(self, other: CurvePlot) -> None:
        """Zooms in step with another chart."""
        self._area.setXLink(other._area)

    # ── Pointer ─────────────────────────────────────────────────────────────────────────────────────────────────

    def show_values_at(self, x: float | None) -> None:
        """Shows the values at this step, or none."""
        rows = [] if x is None else self._values_at(x)
        if x is None or not rows:
            self._cursor.setVisible(False)
            self._values.hide()
            return
        self._cursor.setPos(x)
        self._cursor.setVisible(True)
        self._values.setText("\n".join([f"step {round(x):,}", *rows]))
        self._values.adjustSize()
        at = self._plot.mapFromScene(self._box.mapViewToScene(QPointF(x, 0)))
        left = at.x() + SPACE
        if left + self._values.width() > self._plot.width():
            left = at.x() - SPACE - self._values.width()
        self._values.move(QPoint(max(0, int(left)), SPACE))
        self._values.show()

    def _values_at(self, x: float) -> list[str]:
        rows = []
        for line in self._lines.values():
            if not len(line.x):
                continue
            nearest = int(np.argmin(np.abs(line.x - x)))
            if not np.isnan(line.y[nearest]):
                rows.append(f"{line.name}  {readable(float(line.y[nearest]))}")
        return rows

    def _move_pointer(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position)
        self.hovered.emit(float(self._box.mapSceneToView(position).x()) if inside else None)

    def leaveEvent(self, event: Any) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)

    def _click(self, event: Any) -> None:
        if event.double():
            self.reset_zoom()
            self.zoomed.emit()
        elif event.button() == Qt.MouseButton.RightButton:
            self._show_menu(event.screenPos().toPoint())

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        whole = QAction("Show the whole run", menu)
        whole.triggered.connect(self.reset_zoom)
        copy_data = QAction("Copy values", menu)
        copy_data.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.values_as_text()))
        copy_picture = QAction("Copy picture", menu)
        copy_picture.triggered.connect(lambda: QGuiApplication.clipboard().setPixmap(self.grab()))
        menu.addActions([whole, copy_data, copy_picture])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def values_as_text(self) -> str:
        """All points as tab-separated lines: curve, step, value."""
        rows = ["curve\tstep\tvalue"]
        for line in self._lines.values():
            pairs = zip(line.x.tolist(), line.y.tolist(), strict=True)
            rows += [f"{line.name}\t{x:g}\t{y:.6g}" for x, y in pairs if y == y]
        return "\n".join(rows) + "\n"

    def _user_zoomed(self, *_masks: object) -> None:
        self._follows = False
        self.zoomed.emit()

    def _follow(self) -> None:
        if self._follows:
            self._box.setXRange(0, self._end, padding=0.02)
            self._box.enableAutoRange(axis=pg.ViewBox.YAxis)

    # ── Looks ───────────────────────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._empty.setGeometry(self._plot.rect().adjusted(48, SPACE, -SPACE, -32))

    def _show_emptiness(self) -> None:
        self._empty.setVisible(not any(len(line.x) for line in self._lines.values()))
        self._empty.setGeometry(self._plot.rect().adjusted(48, SPACE, -SPACE, -32))

    def _paint_line(self, line: _Line) -> None:
        line.item.setPen(line_pen(line.color, line.style))
        line.faint.setPen(line_pen(line.color, "thin", 0.28))
        if line.style == "points":
            line.item.setSymbol("o")
            line.item.setSymbolSize(7)
            line.item.setSymbolBrush(theme().series_color(line.color))
            line.item.setSymbolPen(None)

    def _paint_theme(self) -> None:
        colors = theme()
        for side in ("left", "bottom"):
            axis = self._area.getAxis(side)
            axis.setPen(QColor(colors.line))
            axis.setTextPen(QColor(colors.secondary))
            axis.setStyle(tickLength=0, maxTickLevel=0, tickTextOffset=6)
        self._area.getAxis("left").setWidth(48)
        self._area.getAxis("bottom").label.setDefaultTextColor(QColor(colors.secondary))
        self._cursor.setPen(QPen(colors.color("secondary", 0.6)))
        self._values.setStyleSheet(
            f"background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};"
            "border-radius: 4px; padding: 4px 6px;"
        )
        for line in self._lines.values():
            self._paint_line(line)
        self.update()


def readable(value: float) -> str:
    """A chart value with as many digits as are worth reading."""
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 100_000):
        return f"{value:.1e}"
    return f"{value:.4f}" if abs(value) < 0.01 else f"{value:.3f}"
