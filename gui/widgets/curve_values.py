"""The values under the pointer of a chart, in a small box beside the vertical line. Knows no curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import SPACE, theme

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
