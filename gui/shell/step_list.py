"""The steps on the left: a sign for the state of each, its name, and one line of what was chosen there."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from gui.components.plain_label import set_tooltip
from gui.design.theme import CORNER, HALF, INSIDE, SPACE, appearance, small_font, theme

SIGN = 18.0  # width of the sign
ROW = 48  # height of a step
LINE = 16  # height that a second line of what was chosen adds
MOST_LINES = 2  # of what was chosen
_LEFT = SPACE + SIGN + INSIDE - 2  # where the texts begin


@dataclass(frozen=True)
class StepView:
    """One step as the list shows it. `status`: done, doubtful, open, stale, closed, running."""

    title: str
    status: str
    here: bool = False
    chosen: str = ""
    reason: str = ""  # why it is closed or stale


def _spoken(status: str) -> str:
    match status:
        case "done":
            return Sentence("gui.shell.step_done")
        case "doubtful":
            return Sentence("gui.shell.step_doubtful")
        case "open":
            return Sentence("gui.shell.step_open")
        case "stale":
            return Sentence("gui.shell.step_stale")
        case "closed":
            return Sentence("gui.shell.step_closed")
        case "running":
            return Sentence("gui.shell.step_running")
        case _:
            return status


class StepList(QWidget):
    """All steps, one under the other; arrow keys move between them."""

    step_chosen = Signal(int)

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = [StepRow() for _ in range(count)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for number, row in enumerate(self._rows):
            row.clicked.connect(functools.partial(self._choose, number))
            column.addWidget(row)
        self.setAccessibleName(Sentence("gui.shell.steps"))

    def show_steps(self, steps: Sequence[StepView]) -> None:
        """Shows these steps."""
        for row, step in zip(self._rows, steps, strict=True):
            row.show_step(step)

    def row(self, index: int) -> StepRow:
        """The row of this step."""
        return self._rows[index]

    def _choose(self, number: int, _checked: bool = False) -> None:
        self.step_chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            rows = [row for row in self._rows if row.isEnabled()]
            focused = next((number for number, row in enumerate(rows) if row.hasFocus()), 0)
            change = -1 if event.key() == Qt.Key.Key_Up else 1
            rows[max(0, min(len(rows) - 1, focused + change))].setFocus(Qt.FocusReason.TabFocusReason)
            return
        super().keyPressEvent(event)


class StepRow(QAbstractButton):
    """One step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = StepView("", "closed")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(ROW)
        appearance().changed.connect(self.update)

    def show_step(self, step: StepView) -> None:
        """Shows this step."""
        if step == self.step:
            return
        self.step = step
        here = Sentence("gui.shell.you_here") if step.here else ""
        self.setAccessibleName(f"{step.title}, {_spoken(step.status)}{here}")
        self.setAccessibleDescription(step.reason or step.chosen)
        set_tooltip(self, step.reason or step.chosen)
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, ROW)

    def lines(self) -> list[tuple[str, int, QFontMetrics]]:
        """The texts as they are drawn: title, then what was chosen; each with its room in pixels and its font."""
        room = int(self.width() - _LEFT - HALF)
        title, small = QFontMetrics(self._title_font()), QFontMetrics(small_font(self.font()))
        detail = self._detail()
        return [
            (self.step.title, room, title),
            *((line, room, small) for line in (_wrapped(detail, small, room) if detail else ())),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(ROW + LINE * max(0, len(self.lines()) - 2))

    def _detail(self) -> str:
        return self.step.chosen if self.step.status != "stale" else Sentence("gui.shell.do_again")

    def _title_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if self.step.here else QFont.Weight.Normal)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        colors, step = theme(), self.step
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if step.here or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("soft" if step.here else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), CORNER, CORNER)
        if self.hasFocus():
            painter.setPen(QPen(colors.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), CORNER, CORNER)
        _paint_sign(painter, QRectF(SPACE, (ROW - SIGN) / 2, SIGN, SIGN), step)

        (title, room, _), *details = self.lines()
        painter.setFont(self._title_font())
        painter.setPen(colors.color("secondary" if step.status == "closed" else "text"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(_LEFT, 6 if details else 0, room, 20 if details else ROW), middle, title)
        painter.setFont(small_font(self.font()))
        painter.setPen(colors.color("caution" if step.status == "stale" else "secondary"))
        for number, (line, _, metrics) in enumerate(details):
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(_LEFT, 25 + LINE * number, room, 17), middle, shown)


def _wrapped(text: str, metrics: QFontMetrics, room: int) -> list[str]:
    """The text in at most `MOST_LINES` lines, broken between words; the last one has all that is left."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(lines) < MOST_LINES and metrics.horizontalAdvance(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _paint_sign(painter: QPainter, area: QRectF, step: StepView) -> None:
    """A different shape for every state, so that none is recognized by colour alone."""
    colors = theme()
    circle = area.adjusted(1, 1, -1, -1)
    middle = circle.center()
    match step.status:
        case "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("good"))
            painter.drawEllipse(circle)
            painter.setPen(_stroke("surface", 1.8))
            tick = (QPointF(-3.6, 0.2), QPointF(-1.1, 2.8), QPointF(3.8, -2.6))
            painter.drawPolyline([middle + point for point in tick])
        case "stale" | "doubtful":
            painter.setPen(_stroke("caution", 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            painter.drawLine(middle + QPointF(0, -3.8), middle + QPointF(0, 1))
            painter.drawPoint(middle + QPointF(0, 3.8))
        case "running":
            painter.setPen(_stroke("line", 2.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            painter.setPen(_stroke("accent", 2.4))
            painter.drawArc(circle, 90 * 16, -110 * 16)
        case _:
            waiting = "secondary" if step.status == "open" else "disabled"
            painter.setPen(_stroke("accent" if step.here else waiting, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            if step.here:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.color("accent"))
                painter.drawEllipse(circle.adjusted(4, 4, -4, -4))


def _stroke(role: str, width: float) -> QPen:
    return QPen(theme().color(role), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
