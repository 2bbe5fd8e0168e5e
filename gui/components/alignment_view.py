"""A row drawn in aligned columns: word over tokens over input id, attention mask and labels, line by line.

Only what is in sight is drawn, so that rows of thousands of tokens scroll like short ones.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from engine.contract.sentences import Sentence
from gui.components.alignment_columns import Alignment, Column, label_id_line, label_line
from gui.components.alignment_layout import WIDEST_TOKEN, AlignmentLines
from gui.components.page_scroll import turn_unless_page
from gui.components.plain_text import tooltip
from gui.design.theme import CORNER, HALF, SMALL_SIZE, SPACE, appearance, body_font, code_font, theme

WORD = 20.0  # height of the words
BRACKET = 6.0  # of the line that joins the tokens of a word
CHIP = 24.0  # of a token
VALUE = 16.0  # of each value beneath it
GAP = 12.0  # between two lines of columns
EDGE = 3.0  # around everything, for the focus ring
MOST_HEIGHT = 396  # pixels, then it scrolls
OUTSIDE = "O"


class AlignmentView(QAbstractScrollArea):
    """Shows an `Alignment`; arrows move from token to token, Ctrl+C copies all. `described` has the pointed text."""

    described = Signal(str)  # the column under the pointer, or the current one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alignment = Alignment((), ())
        self._names_width = 0.0
        self._current = 0
        self._hovered: int | None = None
        self._word_font, self._token_font, self._value_font = body_font(), code_font(), code_font()
        self._word_font.setPixelSize(SMALL_SIZE + 1)
        self._value_font.setPixelSize(SMALL_SIZE - 1)
        self._name_font = body_font()
        self._name_font.setPixelSize(SMALL_SIZE - 1)
        self._lines = AlignmentLines(self._word_font, self._token_font, self._value_font)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(Sentence("gui.components.row_token_token"))
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        appearance().changed.connect(self.viewport().update)

    # ── What it shows ─────────────────────────────────────────────────────────────────────────────────────────────────

    def show_alignment(self, alignment: Alignment) -> None:
        """Shows these columns from the first on."""
        self._alignment = alignment
        self._current, self._hovered = 0, None
        small = QFontMetricsF(self._name_font)
        names = (Sentence("gui.components.word_2"), Sentence("gui.components.token"), *alignment.names)
        self._names_width = max(small.horizontalAdvance(name) for name in names) + SPACE if alignment.columns else 0.0
        self._lines.measure(alignment)
        self._place()
        self.verticalScrollBar().setValue(0)
        self.setAccessibleDescription(self.current_text())
        self.viewport().update()

    def alignment(self) -> Alignment:
        """What is shown."""
        return self._alignment

    def current(self) -> int:
        """The column that the keyboard is at."""
        return self._current

    def current_text(self) -> str:
        """The description of that column."""
        return self._alignment.description(self._current) if self._alignment.columns else ""

    def column_area(self, position: int) -> QRectF:
        """Where a column is drawn, in pixels of the viewport."""
        left, width = self._lines.areas[position]
        return QRectF(left, self._top(self._lines.line_of(position)), width, self._line_height() - GAP)

    def lines(self) -> int:
        """How many lines of columns there are."""
        return len(self._lines.starts)

    def copy(self) -> None:
        """Puts the row onto the clipboard, one line per token."""
        if self._alignment.columns:
            QGuiApplication.clipboard().setText(self._alignment.as_text())

    # ── Placing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _place(self) -> None:
        left = self._names_width + EDGE
        self._lines.place(left, max(left + WIDEST_TOKEN, self.viewport().width() - EDGE))
        lines = len(self._lines.starts)
        height = round(lines * self._line_height() - GAP + 2 * EDGE) if lines else 0
        shown = min(height, MOST_HEIGHT)
        bar = self.verticalScrollBar()
        bar.setSingleStep(round(self._line_height() / 3))
        bar.setPageStep(max(1, shown))
        bar.setRange(0, height - shown)
        self.setFixedHeight(shown)

    def _line_height(self) -> float:
        return WORD + BRACKET + CHIP + 2 + len(self._alignment.names) * VALUE + GAP

    def _top(self, line: int) -> float:
        return EDGE + line * self._line_height() - self.verticalScrollBar().value()

    def _column_at(self, point: QPointF) -> int | None:
        line = int((point.y() + self.verticalScrollBar().value() - EDGE) // self._line_height())
        return self._lines.at(point.x(), line)

    # ── Drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        height = self._line_height()
        for line in range(len(self._lines.starts)):
            top = self._top(line)
            if top + height >= event.rect().top() and top <= event.rect().bottom():
                self._draw_line(painter, line, top)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), CORNER, CORNER)
        painter.end()

    def _draw_line(self, painter: QPainter, line: int, top: float) -> None:
        self._draw_names(painter, top)
        for position in self._lines.columns_in(line):
            self._draw_column(painter, position, top)
        first, end = self._lines.columns_in(line).start, self._lines.columns_in(line).stop
        columns = self._alignment.columns
        while first < end:
            last = first + 1
            while last < end and columns[first].word is not None and columns[last].word == columns[first].word:
                last += 1
            self._draw_word(painter, first, last, top)
            first = last

    def _draw_names(self, painter: QPainter, top: float) -> None:
        painter.setFont(self._name_font)
        painter.setPen(theme().color("secondary"))
        beneath = top + WORD + BRACKET + CHIP + 2
        values = [(beneath + place * VALUE, VALUE) for place in range(len(self._alignment.names))]
        rows = [(top, WORD), (top + WORD + BRACKET, CHIP), *values]
        for name, (y, height) in zip(
            (Sentence("gui.components.word_2"), Sentence("gui.components.token"), *self._alignment.names),
            rows,
            strict=True,
        ):
            painter.drawText(QRectF(EDGE, y, self._names_width, height), Qt.AlignmentFlag.AlignVCenter, name)

    def _draw_word(self, painter: QPainter, first: int, end: int, top: float) -> None:
        column = self._alignment.columns[first]
        if column.word is None or not column.word_text:
            return
        left = self._lines.areas[first][0]
        width = sum(self._lines.areas[end - 1]) - left
        lost = column.kind == "cut"
        color = theme().color("disabled" if lost else "text")
        text = column.word_text if column.is_first else f"…{column.word_text}"
        self._draw_text(painter, QRectF(left, top, width, WORD), text, self._word_font, color)
        painter.setPen(QPen(theme().color("disabled"), 1))
        y, right = round(top + WORD) + 0.5, left + width - 1
        painter.drawPolyline([QPointF(left + 1, y + 3), QPointF(left + 1, y), QPointF(right, y), QPointF(right, y + 3)])

    def _draw_column(self, painter: QPainter, position: int, top: float) -> None:
        colors = theme()
        column = self._alignment.columns[position]
        left, width = self._lines.areas[position]
        if position in (self._hovered, self._current if self.hasFocus() else None):
            area = QRectF(left - 1, top + WORD + 1, width + 2, self._line_height() - WORD - GAP + 1)
            painter.setBrush(colors.color("hover"))
            focused = position == self._current and self.hasFocus()
            painter.setPen(QPen(colors.color("accent"), 1) if focused else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, HALF, HALF)
        body = QRectF(left, top + WORD + BRACKET, width, CHIP)
        ground, edge, style, text = _token_style(column)
        painter.setBrush(colors.color(ground) if ground else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color(edge), 1, style))
        painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), HALF, HALF)
        self._draw_text(painter, body, column.token, self._token_font, colors.color(text))
        faint = column.kind in ("cut", "padding")
        for place, (name, value) in enumerate(zip(self._alignment.names, column.values, strict=True)):
            area = QRectF(left, body.bottom() + 2 + place * VALUE, width, VALUE)
            role = "disabled" if faint or (name == label_id_line() and column.is_ignored) else "secondary"
            if name == label_line() and not faint:
                role = "accent" if value != OUTSIDE else "secondary"
            self._draw_text(painter, area, value, self._value_font, colors.color(role))
        before = self._alignment.columns[position - 1] if position else None
        if column.kind == "cut" and (before is None or before.kind != "cut"):
            painter.setPen(QPen(colors.color("caution"), 1.5, Qt.PenStyle.DashLine))
            x = left - SPACE / 2
            painter.drawLine(QPointF(x, top), QPointF(x, top + self._line_height() - GAP))

    def _draw_text(self, painter: QPainter, area: QRectF, text: str, font: QFont, color: QColor) -> None:
        """One foreign text in the middle of its cell, which it cannot leave: marks may be piled up high."""
        if not text:
            return
        painter.setFont(font)
        painter.setPen(color)
        if text.isascii() and len(text) < 3:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
            return
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine), shown)
        painter.restore()

    # ── Moving and pointing ───────────────────────────────────────────────────────────────────────────────────────────

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_unless_page(event, super().wheelEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        wanted = self._key_goes_to(event.key()) if self._alignment.columns else None
        if wanted is None or wanted == self._current:
            event.ignore()  # the page scrolls on
            return
        self.go_to(wanted)

    def go_to(self, position: int) -> None:
        """Makes a column the current one and brings it into sight."""
        self._current = position
        area = self.column_area(position)
        bar = self.verticalScrollBar()
        if area.top() < 0:
            bar.setValue(bar.value() + round(area.top() - EDGE))
        elif area.bottom() > self.viewport().height():
            bar.setValue(bar.value() + round(area.bottom() + EDGE - self.viewport().height()))
        self.viewport().update()
        self._describe(position)

    def _key_goes_to(self, key: int) -> int | None:
        last, line = len(self._alignment.columns) - 1, self._lines.line_of(self._current)
        page = max(1, int(self.viewport().height() // self._line_height()))
        match key:
            case Qt.Key.Key_Left:
                return max(0, self._current - 1)
            case Qt.Key.Key_Right:
                return min(last, self._current + 1)
            case Qt.Key.Key_Home:
                return 0
            case Qt.Key.Key_End:
                return last
            case Qt.Key.Key_Up:
                return self._lines.nearest(self._current, line - 1)
            case Qt.Key.Key_Down:
                return self._lines.nearest(self._current, line + 1)
            case Qt.Key.Key_PageUp:
                return self._lines.nearest(self._current, max(0, line - page))
            case Qt.Key.Key_PageDown:
                return self._lines.nearest(self._current, min(self.lines() - 1, line + page))
            case _:
                return None

    def _describe(self, position: int) -> None:
        text = self._alignment.description(position)
        self.setAccessibleDescription(text)
        self.described.emit(text)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = self._column_at(QPointF(event.pos()))
            text = self._alignment.description(position).replace(" · ", "\n") if position is not None else ""
            QToolTip.showText(event.globalPos(), tooltip(text), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._column_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._column_at(event.position())
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self.go_to(position)

    def _hover(self, position: int | None) -> None:
        if position == self._hovered:
            return
        self._hovered = position
        self.viewport().update()
        if position is not None:
            self.described.emit(self._alignment.description(position))
        elif self._alignment.columns:
            self.described.emit(self.current_text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(480, max(0, self.maximumHeight()))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 0)


def _token_style(column: Column) -> tuple[str, str, Qt.PenStyle, str]:
    """Roles of ground, edge and text of a token, and how its edge is drawn."""
    solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
    if column.is_unknown and column.kind != "cut":
        return "caution_ground", "caution", solid, "caution"
    match column.kind:
        case "special":
            return "", "line", solid, "secondary"
        case "padding":
            return "", "line", dashed, "disabled"
        case "cut":
            return "", "disabled", dashed, "disabled"
        case "token":
            return "soft", "line", solid, "text"
