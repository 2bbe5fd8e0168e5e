"""The learning-rate finder: a small dialog with the loss over rising rates, a suggestion, and a click to choose.

Uses no session: feed it the events and the answer of the question, and connect to `chosen`. Composes pyqtgraph, whose
import is heavy: the page imports this file when the dialog is first opened.
"""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.contract.errors import ErrorReport
from engine.contract.events import Event, Progressed, StepsTrained
from engine.contract.lr_range import HIGHEST, LOWEST, STEPS, smoothed_losses, suggestion
from engine.contract.queries import LearningRatesFound
from engine.contract.sentences import Sentence
from gui.charts.curve_line import line_pen
from gui.charts.plot_area import paint_axes, plot_area
from gui.components.layouts import STRETCH, horizontal
from gui.components.numbers import read_float, write_number
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import show_endless
from gui.components.throttle import Throttle
from gui.design.theme import INSIDE, MARGIN, SPACE, theme

REDRAW_INTERVAL = 100  # milliseconds


class RateFinder(QDialog):
    """Opened with `open()`; `stopped` means that the question is no longer wanted."""

    chosen = Signal(float)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(Sentence("gui.fine_tune.find_learning_rate"))
        self.resize(640, 480)
        self._rates: list[float] = []
        self._losses: list[float] = []
        self._running = True
        self._sentence = PlainLabel(Sentence("gui.fine_tune.finder_why"), role="secondary", wrap=True)
        self._phase = PlainLabel(Sentence("gui.fine_tune.waiting_engine"), role="strong", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(Sentence("gui.fine_tune.progress"))
        show_endless(self._bar)
        self._make_plot()
        self.rate = QLineEdit()
        self.rate.setAccessibleName(Sentence("gui.fine_tune.learning_rate"))
        self.rate.setMaximumWidth(120)
        label = PlainLabel(Sentence("gui.fine_tune.learning_rate"), role="secondary")
        label.setBuddy(self.rate)
        self.stop_button = QPushButton(Sentence("gui.fine_tune.stop"))
        self.use_button = QPushButton(Sentence("gui.fine_tune.use"))
        self.use_button.setProperty("kind", "primary")
        self.use_button.setEnabled(False)
        self.use_button.setDefault(True)
        buttons = horizontal(None, label, self.rate, STRETCH, self.stop_button, self.use_button, gap=SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(INSIDE)
        for widget in (self._sentence, self._phase, self._bar):
            column.addWidget(widget)
        column.addWidget(self._plot, 1)
        column.addLayout(buttons)

        self._redraw = Throttle(self, REDRAW_INTERVAL, self._draw)
        self.rate.textEdited.connect(lambda _text: self._rate_entered())
        self.stop_button.clicked.connect(self._stop_or_close)
        self.use_button.clicked.connect(self._use)
        self.finished.connect(lambda _result: self._end())

    # ── What the page calls ───────────────────────────────────────────────────────────────────────────────────────────

    def show_event(self, event: Event) -> None:
        """Takes in what is said while the question is answered."""
        match event:
            case Progressed():
                self._phase.setText(event.note)
            case StepsTrained():
                self._rates.append(event.learning_rate)
                self._losses.append(math.nan if event.loss is None else event.loss)
                self._phase.setText(
                    Sentence("gui.fine_tune.finder_step", step=event.step, most=STEPS, rate=event.learning_rate)
                )
                self._bar.setRange(0, STEPS)
                self._bar.setValue(event.step)
                self._redraw.request()
            case _:
                pass

    def show_answer(self, answer: object) -> None:
        """Takes in the answer, or the error in its place."""
        if isinstance(answer, LearningRatesFound):
            self._rates = list(answer.rates)
            self._losses = [math.nan if loss is None else loss for loss in answer.losses]
            self._finish(answer.suggestion)
        elif isinstance(answer, ErrorReport):
            self._end()
            self._phase.setText(f"{answer.message} {answer.hint}".strip())

    def _finish(self, suggested: float | None) -> None:
        self._end()
        self._draw()
        if suggested is None:
            self._phase.setText(Sentence("gui.fine_tune.no_learning_rate_clearly_best"))
        else:
            self._phase.setText(Sentence("gui.fine_tune.finder_suggested", rate=write_number(suggested)))
            self.choose(suggested)

    def _end(self) -> None:
        """Nothing is computed any more; whatever still computes is reported."""
        if self._running:
            self._running = False
            self._bar.hide()
            self.stop_button.setText(Sentence("gui.fine_tune.close"))

    # ── What the user does ────────────────────────────────────────────────────────────────────────────────────────────

    def choose(self, rate: float) -> None:
        """Marks this rate."""
        self.rate.setText(write_number(rate))
        self._rate_entered()

    def chosen_rate(self) -> float | None:
        """The rate in the field, or None where it is none that training takes."""
        try:
            rate = read_float(self.rate.text())
        except (ValueError, OverflowError):
            return None
        return rate if 0 < rate <= 0.1 else None

    def _rate_entered(self) -> None:
        rate = self.chosen_rate()
        self.use_button.setEnabled(rate is not None)
        self.use_button.setText(
            Sentence("gui.fine_tune.use_rate", rate=write_number(rate))
            if rate is not None
            else Sentence("gui.fine_tune.use")
        )
        self._mark.setVisible(rate is not None)
        if rate is not None:
            self._mark.setPos(math.log10(rate))

    def _use(self) -> None:
        rate = self.chosen_rate()
        if rate is not None:
            self.chosen.emit(rate)
            self.accept()

    def _stop_or_close(self) -> None:
        if not self._running:
            self.reject()
            return
        self.stopped.emit()
        self._finish(suggestion(self._rates, self._losses))

    def done(self, result: int) -> None:
        if self._running:
            self.stopped.emit()
        super().done(result)

    def _click(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._box.sceneBoundingRect().contains(event.scenePos()):
            self.choose_at(event.scenePos())

    def choose_at(self, position: QPointF) -> None:
        """Chooses the rate at this place of the chart's scene."""
        place = float(self._box.mapSceneToView(position).x())
        self.choose(float(f"{min(HIGHEST, max(LOWEST, 10**place)):.1e}"))

    # ── The chart ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _make_plot(self) -> None:
        self._plot = plot_area(Sentence("gui.fine_tune.loss_over_rate"), Sentence("gui.fine_tune.axis_rate"))
        area = self._plot.getPlotItem()
        area.setMouseEnabled(x=False, y=False)
        area.setLogMode(x=True, y=False)
        area.setLabel("left", Sentence("gui.fine_tune.axis_loss"))
        paint_axes(area)
        for side in ("left", "bottom"):
            area.getAxis(side).enableAutoSIPrefix(False)
        powers = range(round(math.log10(LOWEST)), round(math.log10(HIGHEST)) + 1)
        area.getAxis("bottom").setTicks([[(power, f"1e{power}") for power in powers]])
        self._box = area.getViewBox()
        self._box.setXRange(math.log10(LOWEST), math.log10(HIGHEST), padding=0.02)
        self._raw = area.plot([], [], pen=line_pen(0, "thin", 0.35))
        self._smooth = area.plot([], [], pen=line_pen(0, "points"))
        pen = QPen(theme().color("accent"))
        pen.setCosmetic(True)
        pen.setWidthF(2.0)
        self._mark = pg.InfiniteLine(angle=90, movable=False, pen=pen)
        self._mark.setVisible(False)
        area.addItem(self._mark, ignoreBounds=True)
        self._plot.scene().sigMouseClicked.connect(self._click)

    def _draw(self) -> None:
        known = [(rate, loss) for rate, loss in zip(self._rates, self._losses, strict=True) if math.isfinite(loss)]
        if not known:
            return
        rates, losses = [rate for rate, _ in known], [loss for _, loss in known]
        smooth = smoothed_losses(losses)
        self._raw.setData(rates, losses)
        self._smooth.setData(rates, smooth)
        # The last, exploding losses would flatten the valley.
        low, high = min(smooth), max(max(smooth[:10]), 1.2 * min(smooth))
        self._box.setYRange(low - 0.1 * (high - low), high + 0.3 * (high - low), padding=0)
