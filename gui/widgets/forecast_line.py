"""What the run will need, as one quiet line before Start; where it does not fit, why not and the change that helps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.questions import Forecast
from engine.settings import FineTuneSettings
from engine.states import TrainingRun
from engine.words import device_text, needs
from gui.theme import SPACE
from gui.widgets.plain_label import PlainLabel, button_text

MEASURING = "Measuring a few real steps to tell time, memory and disk…"
WAITING = "Time, memory and disk are measured once the running step has ended."


class ForecastLine(QWidget):
    """Shows that a forecast is made, the forecast, or that there is none."""

    seen = Signal(bool)  # the line has come into sight, or has left it
    offer_taken = Signal(object)  # FineTuneSettings that fit

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = PlainLabel(role="strong", wrap=True)
        self._warning = PlainLabel(role="caution", wrap=True)
        self._offer = QPushButton()
        self._offered: FineTuneSettings | None = None
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._offer)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._sentence)
        column.addWidget(self._warning)
        column.addLayout(row)
        self._offer.clicked.connect(self._take)
        self.clear()

    def clear(self) -> None:
        """Says nothing, but keeps its place, so that nothing jumps when it speaks."""
        self._show("", role="secondary")

    def show_measuring(self) -> None:
        """A forecast is being made."""
        self._show(MEASURING, role="secondary")

    def show_waiting(self) -> None:
        """Another step runs; the forecast is made afterwards."""
        self._show(WAITING, role="secondary")

    def show_forecast(self, forecast: Forecast) -> None:
        """Time, memory and disk, and what does not fit."""
        expected = forecast.expected
        needed = needs(expected.seconds, expected.memory_bytes, expected.disk_bytes, forecast=True)
        self._show(f"About {needed}", role="strong")
        device = device_text(expected.device)
        self._sentence.setToolTip(f"From a few real steps on {device} and the lengths of all batches.")
        warnings = forecast.warnings
        self._warning.setText("\n".join(warning.sentence for warning in warnings))
        self._warning.setVisible(bool(warnings))
        offer = next((warning for warning in warnings if warning.settings is not None), None)
        if offer is not None:
            self._offered = offer.settings
            self._offer.setText(button_text(offer.action))
        self._offer.setVisible(offer is not None)

    def show_trouble(self, sentence: str) -> None:
        """Why no forecast can be made."""
        self._show("", role="secondary")
        self._warning.setText(sentence)
        self._warning.show()

    def sentence(self) -> str:
        """What the line says."""
        return self._sentence.text()

    def warning(self) -> str:
        """What does not fit, or an empty string."""
        return "" if self._warning.isHidden() else self._warning.text()

    @property
    def offer(self) -> QPushButton:
        """The button that takes what fits."""
        return self._offer

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)

    def _show(self, text: str, *, role: str) -> None:
        self._sentence.set_role(role)  # type: ignore[arg-type]
        self._sentence.setText(text)
        self._sentence.setToolTip("")
        self._warning.hide()
        self._offer.hide()
        self._offered = None

    def _take(self) -> None:
        if self._offered is not None:
            self.offer_taken.emit(self._offered)


def forecast_and_fact(run: TrainingRun) -> str:
    """What was expected and what came of it, or an empty string where nothing was expected."""
    if run.forecast is None:
        return ""
    expected = run.forecast
    forecast = needs(expected.seconds, expected.memory_bytes, expected.disk_bytes, forecast=True)
    early = ", for all steps" if run.steps < run.steps_planned else ""
    return f"Forecast{early}: about {forecast}. Needed: {needs(run.seconds, run.memory_bytes, run.disk_bytes)}."
