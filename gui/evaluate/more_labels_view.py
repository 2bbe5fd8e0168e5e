"""Whether more labels would help: the score by training rows, and the forecast for twice as many."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.contract.diagnoses import AskLearningCurve, LearningCurve, RunReference
from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from gui.components.layouts import vertical
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE, appearance, small_font, theme
from gui.session import Session

LEFT, RIGHT, TOP, BOTTOM = 48.0, 24.0, 12.0, 40.0  # pixels around the chart
HEIGHT = 220
RADIUS = 3.0
FEWEST_TICKS = 3
SMALL_GAIN = 0.01


class MoreLabelsView(QWidget):
    """The button, one sentence and the curve."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: TrainingRun | None = None
        hint = Sentence("gui.evaluate.more_labels_hint")
        self.hint = PlainLabel(hint, role="quiet", wrap=True)
        self.query = LongQuery(session, Sentence("gui.evaluate.would_more_labels_help"), hint)
        self.result = PlainLabel(role="body", wrap=True, selectable=True)
        self.chart = LearningCurveChart()
        vertical(self, self.hint, self.query, self.result, self.chart, gap=SPACE)
        self.query.answered.connect(self._take)
        self._show_nothing()

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers the forecast for the rows of this report's run."""
        if report.run != self._run:
            self._run = report.run
            self._show_nothing()
        self.query.offer(AskLearningCurve(reference))

    def _show_nothing(self) -> None:
        self.hint.show()
        self.result.hide()
        self.chart.hide()

    def _take(self, answer: object) -> None:
        if not isinstance(answer, LearningCurve):
            return
        self.hint.hide()
        self.result.setText(result_text(answer))
        self.result.show()
        self.chart.show_curve(answer)
        self.chart.setVisible(not answer.refused)


def result_text(curve: LearningCurve) -> str:
    """The forecast in a few sentences."""
    if curve.refused:
        return str(curve.refused)
    now = sum(curve.points[-1].scores) / len(curve.points[-1].scores)
    low, high = curve.interval
    gain = curve.score_ahead - now
    if low > now + SMALL_GAIN / 2:
        verdict = Sentence("gui.evaluate.more_labels_help", points=100 * gain)
    elif high < now + SMALL_GAIN:
        verdict = Sentence("gui.evaluate.more_labels_would_hardly_help")
    else:
        verdict = Sentence("gui.evaluate.whether_more_labels_would_help")
    reached = Sentence(
        "gui.evaluate.linear_model_reaches",
        rows=curve.points[-1].rows,
        metric=curve.metric,
        score=now,
        held_out=curve.held_out,
        rows_ahead=curve.rows_ahead,
        score_ahead=curve.score_ahead,
        low=low,
        high=high,
    )
    return f"{verdict} {reached} {Sentence('gui.evaluate.network_scores_differently')}"


class LearningCurveChart(QWidget):
    """Scores over training rows on a logarithmic axis, the forecast as an interval at its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = LearningCurve("", (), 0)
        self.setAccessibleName(Sentence("gui.evaluate.score_training_rows"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)

    def show_curve(self, curve: LearningCurve) -> None:
        """Shows this instead of the last."""
        self._curve = curve
        self.setAccessibleDescription(result_text(curve))
        self.update()

    def place_of(self, rows: float, score: float) -> QPointF:
        """Where a score is drawn, in pixels of the widget."""
        area = self._area()
        first, last = math.log(self._curve.points[0].rows), math.log(max(self._curve.rows_ahead, 2))
        low, high = self._range()
        return QPointF(
            area.left() + area.width() * (math.log(rows) - first) / max(last - first, 1e-9),
            area.bottom() - area.height() * (score - low) / (high - low),
        )

    def sizeHint(self) -> QSize:
        return QSize(420, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curve.points or self._curve.refused:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        self._paint_axes(painter)
        ink = theme().color("accent")
        means = [(point.rows, sum(point.scores) / len(point.scores)) for point in self._curve.points]
        places = [self.place_of(*point) for point in means]
        painter.setPen(QPen(ink, 2))
        painter.drawPolyline(places)
        ahead = self.place_of(self._curve.rows_ahead, self._curve.score_ahead)
        painter.setPen(QPen(ink, 2, Qt.PenStyle.DashLine))
        painter.drawLine(places[-1], ahead)
        painter.setPen(QPen(ink, 2))
        ends = [self.place_of(self._curve.rows_ahead, score) for score in self._curve.interval]
        painter.drawLine(*ends)
        for end in ends:
            painter.drawLine(end - QPointF(5, 0), end + QPointF(5, 0))
        painter.setBrush(ink)
        painter.setPen(Qt.PenStyle.NoPen)
        for point in self._curve.points:
            for score in point.scores:
                painter.drawEllipse(self.place_of(point.rows, score), RADIUS, RADIUS)
        painter.setBrush(theme().color("surface"))
        painter.setPen(QPen(ink, 2))
        painter.drawEllipse(ahead, RADIUS + 1, RADIUS + 1)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        area, (low, _) = self._area(), self._range()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for score in self.ticks():
            y = self.place_of(self._curve.points[0].rows, score).y()
            painter.setPen(theme().color("line"))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme().color("secondary"))
            painter.drawText(QRectF(0, y - 9, LEFT - SPACE, 18), int(right), number(score, ".2f"))
        middle = int(Qt.AlignmentFlag.AlignHCenter)
        for rows in (*(point.rows for point in self._curve.points), self._curve.rows_ahead):
            x = self.place_of(rows, low).x()
            painter.drawText(QRectF(x - 40, area.bottom() + 4, 80, 16), middle, number(rows))
        title = Sentence("gui.evaluate.axis_rows_score", metric=self._curve.metric)
        painter.drawText(QRectF(area.left(), area.bottom() + 20, area.width(), 16), middle, title)

    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(60.0, self.width() - LEFT - RIGHT), self.height() - TOP - BOTTOM)

    def _range(self) -> tuple[float, float]:
        scores = [score for point in self._curve.points for score in point.scores] + list(self._curve.interval)
        low, high = min(scores), max(scores)
        room = max(0.01, 0.08 * (high - low))
        return low - room, high + room

    def ticks(self) -> list[float]:
        """Round scores within the range."""
        low, high = self._range()
        apart = (high - low) / FEWEST_TICKS
        ten = 10 ** math.floor(math.log10(apart))
        step = max(0.01, next(part * ten for part in (5, 2, 1) if part * ten <= apart))
        return [round(place * step, 2) for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
