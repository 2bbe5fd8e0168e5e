"""The charts of a training run: loss, metric and learning rate over one axis of steps, with their controls.

Redraws at most ten times a second, and only while it can be seen.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from engine.words import baseline_name, score_name
from gui.theme import SPACE
from gui.training_curves import TrainingCurves, smoothed
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.plain_label import PlainLabel

REDRAW_INTERVAL = 100  # ms
DEFAULT_SMOOTHING = 60  # percent

TRAINING, VALIDATION, RATE = "training", "validation", "learning rate"


class LiveCharts(QWidget):
    """Draws `TrainingCurves`; call `refresh` whenever they changed."""

    def __init__(self, curves: TrainingCurves, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves = curves
        self._score_line = ""
        self._loss = CurvePlot("Loss")
        self._loss.add_line(TRAINING, 0, "thin")
        self._loss.add_line(VALIDATION, 1, "points")
        self._metric = CurvePlot("Score on the validation rows")
        self._rate: CurvePlot | None = None  # each chart takes some 40 ms to make; this one waits until it is wanted
        self._metric.link_to(self._loss)

        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 90)
        self._smoothing.setValue(DEFAULT_SMOOTHING)
        self._smoothing.setFixedWidth(120)
        self._smoothing.setAccessibleName("Smoothing")
        self._smoothing.setToolTip("How strongly the training loss is smoothed; the thin line behind is the raw value.")
        label = PlainLabel("Smoothing", role="secondary")
        label.setBuddy(self._smoothing)
        self._logarithmic = QCheckBox("Logarithmic loss")
        self._logarithmic.setToolTip("Shows small losses as clearly as large ones.")
        self._show_rate = QCheckBox("Learning rate")
        self._show_rate.setToolTip("Shows how the size of the steps rises and falls.")
        hint = PlainLabel("Wheel or drag zooms, double-click shows all", role="secondary", elide=True)

        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(label)
        controls.addWidget(self._smoothing)
        controls.addSpacing(SPACE)
        controls.addWidget(self._logarithmic)
        controls.addWidget(self._show_rate)
        controls.addWidget(hint, 1)
        self._plots = QVBoxLayout()
        self._plots.setSpacing(SPACE)
        self._plots.addWidget(self._loss, 3)
        self._plots.addWidget(self._metric, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(self._plots, 1)
        column.addLayout(controls)

        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_INTERVAL)
        self._timer.timeout.connect(self._draw)
        self._smoothing.valueChanged.connect(self.refresh)
        self._logarithmic.toggled.connect(self._loss.set_logarithmic)
        self._show_rate.toggled.connect(self._show_rate_plot)
        for plot in (self._loss, self._metric):
            self._make_at_home(plot)
        self._draw()

    def refresh(self) -> None:
        """Redraws soon."""
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def _make_at_home(self, plot: CurvePlot) -> None:
        plot.hovered.connect(self._show_values)
        plot.setMinimumHeight(120)

    def _show_rate_plot(self, wanted: bool) -> None:
        if wanted and self._rate is None:
            self._rate = CurvePlot("Learning rate")
            self._rate.add_line(RATE, 3, "thin")
            self._rate.link_to(self._loss)
            self._make_at_home(self._rate)
            self._plots.addWidget(self._rate, 2)
        if self._rate is not None:
            self._rate.setVisible(wanted)
        self._draw()

    def _all_plots(self) -> list[CurvePlot]:
        return [plot for plot in (self._loss, self._metric, self._rate) if plot is not None]

    def _show_values(self, x: float | None) -> None:
        for plot in self._all_plots():
            plot.show_values_at(x)

    def _draw(self) -> None:
        curves = self._curves
        strength = self._smoothing.value() / 100
        loss = curves.training_loss
        smooth = smoothed(loss.y, strength)
        self._loss.set_line(TRAINING, loss.x, smooth, before_smoothing=loss.y if strength else None)
        self._loss.set_line(VALIDATION, curves.validation_loss.x, curves.validation_loss.y)
        if curves.metric and not self._score_line:
            self._score_line = score_name(curves.metric)
            self._metric.add_line(self._score_line, 2, "points")
        if self._score_line:
            self._metric.set_line(self._score_line, curves.scores.x, curves.scores.y)
        if not curves.baselines:
            self._metric.clear_levels()
        for index, (name, value) in enumerate(sorted(curves.baselines.items())):
            self._metric.set_level(baseline_name(name), value, 3 + index % 3)
        for plot in self._all_plots():
            plot.set_end(max(1, curves.total_steps))
        waiting = "The curve begins with the first step." if not len(loss) else ""
        self._loss.set_empty_sentence(waiting)
        if self._rate is not None:
            self._rate.set_line(RATE, curves.learning_rate.x, curves.learning_rate.y)
            self._rate.set_empty_sentence(waiting)
        self._metric.set_empty_sentence("The score appears after the first look at the validation rows.")
