"""One chart of curves over training steps: lines, dashed reference lines, values under the pointer, zoom.

Composes pyqtgraph's `PlotWidget`, whose import is heavy: a page makes its charts when it is first shown, after the
application has imported pyqtgraph in a thread. Uses nothing of training.

What is drawn is thinned to the pixels, and drawn once per turn of the event loop however often it is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.contract.formatting import spreadsheet_cell
from engine.contract.sentences import Sentence
from gui.charts.crosshair import Crosshair, readable
from gui.charts.curve_data import limits, with_room
from gui.charts.curve_line import CurveLine, LineStyle
from gui.charts.plot_area import SMALLEST, paint_axes, plot_area, show_axes
from gui.charts.reference_lines import ReferenceLines
from gui.components.layouts import FlowRow
from gui.components.plain_label import PlainLabel
from gui.components.throttle import Throttle
from gui.design.theme import CORNER, HALF, SPACE, appearance, theme

Floats = NDArray[np.float64]

MOST_COLUMNS = 1000  # a curve is drawn with at most two points in each
MARK = 10  # pixels that the mark of the best point reaches from it
ROOM_FOR_TITLE = 160  # pixels of height from which the axis has its title


class CurvePlot(QWidget):
    """A titled chart; `hovered` is the step under the pointer, or None.

    With the keyboard: the arrow keys read the values, plus and minus zoom, Home shows the whole run.
    """

    hovered = Signal(object)  # float | None
    zoomed = Signal()  # by the user, here or in a linked chart
    zoom_ended = Signal()  # the whole run is shown again

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, CurveLine] = {}
        self._range = (0.0, 1.0)
        self._follows_x = self._follows_y = True
        self._logarithmic = self._without_outliers = False
        self._drawing = False
        self._title = PlainLabel(title, role="strong", elide=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # else no width
        self._legend = FlowRow(gap=SPACE * 2)
        self._legend.setContentsMargins(HALF, 0, HALF, 0)
        self._legend.addWidget(self._title)

        self._plot = plot_area(title, Sentence("gui.charts.step"))
        self._area = self._plot.getPlotItem()
        self._reference_lines = ReferenceLines(self._area, self._legend)
        self._best: dict[str, tuple[float, float]] = {}  # by line: step and value
        self._box = self._area.getViewBox()
        self._crosshair = Crosshair(self._plot, self._lines)
        self._empty = PlainLabel(role="quiet", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setParent(self._plot)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        self.setAccessibleDescription(Sentence("gui.charts.keys"))

        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(HALF)
        column.addLayout(self._legend)
        column.addWidget(self._plot, 1)

        self._soon = Throttle(self, 0, self.redraw)
        self._plot.scene().sigMouseMoved.connect(self._move_pointer)
        self._plot.scene().sigMouseClicked.connect(self._click)
        self._box.sigRangeChangedManually.connect(self._user_zoomed)
        self._box.sigXRangeChanged.connect(self._range_changed)
        appearance().changed.connect(self._paint_theme)
        self._paint_theme()
        self._area.setXRange(*self._range, padding=0.02)

    # ── Content ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def add_line(
        self,
        name: str,
        color: int,
        style: LineStyle = "thin",
        *,
        faded: bool = False,
        shown: str | None = None,
        dash: int = 0,
    ) -> None:
        """Adds an empty curve; `color` is a number of the theme's series, a faded curve is context only.

        `shown` is its name in the legend where that differs; empty: it is in neither legend nor values. `dash` is the
        number of a pattern of dashes, 0 none.
        """
        line = CurveLine(name if shown is None else shown, color, style, self._area, faded=faded, dash=dash)
        self._lines[name] = line
        self._legend.addWidget(line.legend)

    def remove_line(self, name: str) -> None:
        """Takes a curve away."""
        line = self._lines.pop(name)
        self._best.pop(name, None)
        self._legend.removeWidget(line.legend)
        line.remove()
        self._show_emptiness()
        self._update_minimum_height()
        self._soon.request()

    def line_names(self) -> tuple[str, ...]:
        """The curves there are."""
        return tuple(self._lines)

    def set_line(self, name: str, x: Floats, y: Floats, *, before_smoothing: Floats | None = None) -> None:
        """Replaces a curve: x ascending and y, float64 (points,); NaN leaves a gap."""
        line = self._lines[name]
        was_named = line.legend.isVisibleTo(self)
        line.set_points(x, y, before_smoothing)
        if was_named != line.legend.isVisibleTo(self):
            self._update_minimum_height()
        self._crosshair.show_in_legend(line)
        self._show_emptiness()
        self._soon.request()

    def set_best(self, name: str, best: tuple[float, float] | None) -> None:
        """Rings the best point of a curve, (step, value), and names its value in the legend; None: there is none."""
        if self._best.get(name) == best:
            return
        if best is None:
            del self._best[name]
        else:
            self._best[name] = best
        self._lines[name].best = None if best is None else best[1]
        self._crosshair.show_in_legend(self._lines[name])
        self._update_minimum_height()
        self._soon.request()

    def curves(self) -> Iterator[tuple[str, Floats, Floats]]:
        """Name, x and y of each curve as it was before smoothing."""
        for line in self._lines.values():
            if line.name:
                yield line.name, line.x, line.measured

    def set_reference_line(self, name: str, value: float, color: int) -> None:
        """Shows a dashed line with its name in the legend."""
        is_new = name not in self._reference_lines.names()
        self._reference_lines.set(name, value, readable(value), color)
        if is_new:
            self._update_minimum_height()
        self._show_emptiness()
        self._soon.request()

    def clear_reference_lines(self) -> None:
        """Removes all reference lines."""
        self._reference_lines.clear()
        self._update_minimum_height()
        self._show_emptiness()
        self._soon.request()

    def reference_names(self) -> tuple[str, ...]:
        """The reference lines there are."""
        return self._reference_lines.names()

    def set_range(self, low: float, high: float) -> None:
        """The axis shows these steps while the user has not zoomed."""
        if (low, high) != self._range and high > low:
            self._range = (low, high)
            self._soon.request()

    def set_empty_sentence(self, sentence: str) -> None:
        """The sentence that is shown while there is no curve."""
        if sentence != self._empty.text():
            self._empty.setText(sentence)
        self._show_emptiness()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Shows the values on a logarithmic axis; values that are not above zero are not drawn."""
        if logarithmic != self._logarithmic:
            self._logarithmic = logarithmic
            self._area.getAxis("left").setLogMode(False, logarithmic)
            self._follows_y = True
            self._soon.request()

    def set_clipping(self, without_outliers: bool) -> None:
        """Cuts the axis where 2 % of the values lie above and 2 % below."""
        if without_outliers != self._without_outliers:
            self._without_outliers = without_outliers
            self._follows_y = True
            self._soon.request()

    def reset_zoom(self) -> None:
        """Shows the whole run again, in linked charts too."""
        self._end_zoom()
        self.zoom_ended.emit()

    def link_to(self, other: CurvePlot) -> None:
        """Zooms in step with another chart, either way."""
        for one, another in ((self, other), (other, self)):
            one._box.sigXRangeChanged.connect(another._take_range)
            one.zoomed.connect(another._leave_range)
            one.zoom_ended.connect(another._end_zoom)

    # ── Drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def redraw(self) -> None:
        """Draws what was set since the last time."""
        self._soon.stop()
        self._drawing = True
        if self._follows_x:
            self._box.setXRange(*self._range, padding=0.02)
        low, high = self._box.viewRange()[0]
        columns = max(50, min(MOST_COLUMNS, int(self._box.width())))
        found = []
        for line in self._lines.values():
            for y in line.draw(low, high, columns, self._on_axis):
                found.append(limits(y, without_outliers=self._without_outliers))
        heights = self._on_axis(self._reference_lines.values())
        found.append(limits(heights, without_outliers=False))
        if self._follows_y:
            measured = [pair for pair in found if pair is not None]
            ends = with_room(measured, logarithmic=self._logarithmic, pixels=self._box.height(), mark=MARK)
            self._box.setYRange(*ends, padding=0)
        self._drawing = False
        self._reference_lines.place(heights)
        for name, line in self._lines.items():
            step, value = self._best.get(name, (None, 0.0))
            line.mark(step, float(self._on_axis(np.array([value]))[0]))
        if self._crosshair.at is not None:
            self._crosshair.show_at(self._crosshair.at)

    def _on_axis(self, y: Floats) -> Floats:
        if not self._logarithmic:
            return y
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(y > 0, np.log10(y), np.nan)

    def _range_changed(self, *_range: object) -> None:
        if not self._drawing:
            self._soon.request()

    def _take_range(self, _box: object, wanted: tuple[float, float]) -> None:
        if not np.allclose(self._box.viewRange()[0], wanted, rtol=1e-9, atol=0):
            self._box.setXRange(*wanted, padding=0)

    def _user_zoomed(self, *_masks: object) -> None:
        self._follows_y = False
        self._leave_range()
        self.zoomed.emit()

    def _leave_range(self) -> None:
        self._follows_x = False

    def _end_zoom(self) -> None:
        self._follows_x = self._follows_y = True
        self._soon.request()

    # ── Pointer and keys ──────────────────────────────────────────────────────────────────────────────────────────────

    def show_values_at(self, x: float | None) -> None:
        """Shows the values at this step, in the legend too, or the newest ones."""
        self._crosshair.show_at(x)

    def _move_pointer(self, position: QPointF) -> None:
        self.hovered.emit(self._crosshair.step_at(position))
        self._crosshair.put_height(position)

    def leaveEvent(self, event: Any) -> None:
        self.hovered.emit(None)
        self._crosshair.leave()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self._box.viewRange()[0]
        shown = self._crosshair.at
        at = shown if shown is not None and low <= shown <= high else (low + high) / 2
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                direction = 1 if event.key() == Qt.Key.Key_Right else -1
                self.hovered.emit(min(high, max(low, at + direction * (high - low) / 100)))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Minus:
                factor = 2.0 if event.key() == Qt.Key.Key_Minus else 0.5
                self._leave_range()
                self.zoomed.emit()
                self._box.setXRange(at - (at - low) * factor, at + (high - at) * factor, padding=0)
            case Qt.Key.Key_Home | Qt.Key.Key_0:
                self.reset_zoom()
            case Qt.Key.Key_Escape if shown is not None:
                self.hovered.emit(None)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.update()

    def _click(self, event: Any) -> None:
        if event.double():
            self.reset_zoom()
        elif event.button() == Qt.MouseButton.RightButton:
            self._show_menu(event.screenPos().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._show_menu(self.mapToGlobal(self.rect().center()))

    def _show_menu(self, position: QPoint) -> None:
        _pop_up_menu(self, position, show_whole_run=self.reset_zoom, values_as_text=self.values_as_text)

    def values_as_text(self) -> str:
        """All points as tab-separated lines: curve, step, value."""
        return _as_text(self.curves())

    # ── Appearance ────────────────────────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_minimum_height()
        self._place_empty()
        self._area.showLabel("bottom", self._plot.height() >= ROOM_FOR_TITLE)
        self._soon.request()

    def _update_minimum_height(self) -> None:
        """Room for the picture below a legend that may go over several lines."""
        self.setMinimumHeight(self._legend.heightForWidth(self.width() - 4) + HALF + SMALLEST + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER, CORNER)

    def _show_emptiness(self) -> None:
        """Without a curve of its own the chart shows its sentence; without anything it has no axes either."""
        self._empty.setVisible(not any(len(line.x) for line in self._lines.values() if not line.faded))
        show_axes(self._area, any(len(line.x) for line in self._lines.values()) or bool(self._reference_lines.names()))
        self._place_empty()

    def _place_empty(self) -> None:
        self._empty.setGeometry(self._plot.rect().adjusted(48, SPACE, -SPACE, -32))

    def _paint_theme(self) -> None:
        paint_axes(self._area)
        self._crosshair.paint_theme()
        for line in self._lines.values():
            line.paint()
        self._reference_lines.paint()
        self.update()


def _pop_up_menu(
    chart: QWidget, position: QPoint, *, show_whole_run: Callable[[], None], values_as_text: Callable[[], str]
) -> None:
    """Opens the menu of this chart at a place of the screen; it deletes itself."""
    menu = QMenu(chart)
    whole = QAction(Sentence("gui.charts.show_whole_run"), menu)
    whole.triggered.connect(show_whole_run)
    copy_data = QAction(Sentence("gui.charts.copy_values"), menu)
    copy_data.triggered.connect(lambda: QGuiApplication.clipboard().setText(values_as_text()))
    copy_picture = QAction(Sentence("gui.charts.copy_picture"), menu)
    copy_picture.triggered.connect(lambda: QGuiApplication.clipboard().setPixmap(chart.grab()))
    menu.addActions([whole, copy_data, copy_picture])
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(position)


def _as_text(curves: Iterable[tuple[str, Floats, Floats]]) -> str:
    """Name, x and y of each curve as tab-separated lines: curve, step, value; gaps are excluded."""
    head = (Sentence("gui.charts.curve"), Sentence("gui.charts.step"), Sentence("gui.charts.value"))
    rows = ["\t".join(head)]
    for curve, x, y in curves:
        name = spreadsheet_cell(curve)
        rows += [f"{name}\t{a:.10g}\t{b:.6g}" for a, b in zip(x.tolist(), y.tolist(), strict=True) if b == b]
    return "\n".join(rows) + "\n"
