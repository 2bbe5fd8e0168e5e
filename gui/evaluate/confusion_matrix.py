"""The confusion matrix: truth down, predicted across; the ground of a cell shows its share of the row.

Only the cells in sight are drawn and the names stay while the cells scroll, so a thousand classes remain usable. The
arrow keys move a frame from cell to cell, Enter chooses a cell, Escape clears the choice. Labels are foreign text,
drawn plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.components.numbers import whole_percent
from gui.components.page_scroll import turn_unless_page
from gui.components.plain_text import on_one_line, tooltip
from gui.components.saving import Line, offer_picture
from gui.design.theme import DARK, HALF, LIGHT, SPACE, appearance, contrast, small_font, theme

NARROWEST_CELL, WIDEST_CELL = 34, 120
LOWEST_CELL, HIGHEST_CELL = 28, 56
LEAST_HEIGHT, MOST_HEIGHT = 150, 420  # pixels before it scrolls, in a low window and at most
WIDEST_NAME = 0.36  # share of the width that the names at the left may take
LONGEST_UPRIGHT_NAME = 96  # pixels of a name at the top that is written upwards
MANY = 12  # classes; with more, empty cells hold a dot instead of a zero

Cell = tuple[int, int]  # truth, predicted
STEPS: dict[int, Cell] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
    Qt.Key.Key_Home: (0, -1_000_000),
    Qt.Key.Key_End: (0, 1_000_000),
}

LEVELS = 64  # grounds of growing strength
RIGHT, WRONG = 0, 1  # numbers of the theme's series, blue and vermilion: that colour-blind readers can distinguish
READABLE = 4.5  # contrast of text after WCAG 2.2
STRONGEST = 0.92


def cell_colors(theme_name: str, strength: float, *, right: bool = True) -> tuple[QColor, QColor]:
    """Ground for a strength from 0 to 1 of what is right or wrong, and a text colour that can be read on it."""
    ground, text = _level(theme_name, round(LEVELS * min(1.0, max(0.0, strength))), RIGHT if right else WRONG)
    return QColor(ground), QColor(text)


class ConfusionMatrix(QAbstractScrollArea):
    """Counts or shares per row over pairs of labels."""

    pointed = Signal(object)  # Cell | None: under the pointer, or where the keys have moved
    chosen = Signal(object)  # Cell | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self._totals: tuple[int, ...] = ()
        self._largest = 0
        self._widest_name = 0
        self._shares = False
        self._here: Cell = (0, 0)  # where the keys are
        self._hovered: Cell | None = None
        self._chosen: Cell | None = None
        self._names = 0  # width of the names at the left
        self._head = 0  # height of the names at the top
        self._upright = False  # the names at the top are written upwards
        self._cell = QSize(NARROWEST_CELL, LOWEST_CELL)
        self._height = 0  # that it asks for
        self._most_height = MOST_HEIGHT
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QAbstractScrollArea { border: none; background: transparent; }")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(Sentence("gui.evaluate.confusion_matrix_truth_down_predicted"))
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        appearance().changed.connect(self.viewport().update)
        offer_picture(self, Sentence("gui.evaluate.picture_confusion_matrix"), self.values)

    def values(self) -> list[Line]:
        """A line for each true label with the counts of the predicted ones, titles first."""
        lines: list[Line] = [("truth", *self._labels)]
        return lines + [(label, *counts) for label, counts in zip(self._labels, self._counts, strict=True)]

    def show_counts(self, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Shows these counts, truth down, predicted across; and no cell is chosen."""
        self._labels = tuple(on_one_line(label, 80) or Sentence("gui.evaluate.empty") for label in labels)
        self._counts = tuple(tuple(row) for row in counts)
        self._totals = tuple(sum(row) for row in self._counts)
        self._largest = max((max(row) for row in self._counts), default=0)
        metrics = QFontMetrics(_font(strong=True))
        self._widest_name = max((metrics.horizontalAdvance(label) for label in self._labels[:500]), default=0) + 2
        self._here, self._hovered, self._chosen = (0, 0), None, None
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(0)
        self._fit()

    def show_shares(self, shares: bool) -> None:
        """Shows the share of each row instead of counts, or counts again."""
        self._shares = shares
        self._fit()

    def limit_height(self, height: int) -> None:
        """Takes at most so many pixels, within reason; more cells scroll."""
        limited = max(LEAST_HEIGHT, min(MOST_HEIGHT, height))
        if limited != self._most_height:
            self._most_height = limited
            self._fit()

    def choose(self, cell: Cell | None) -> None:
        """Chooses this cell, or none."""
        self._chosen = cell
        if cell is not None:
            self._here = cell
            self._bring_into_sight(cell)
        self.viewport().update()
        self.chosen.emit(cell)

    def chosen_cell(self) -> Cell | None:
        """The chosen cell."""
        return self._chosen

    def text_at(self, cell: Cell) -> str:
        """The text of this cell."""
        count, total = self._counts[cell[0]][cell[1]], self._totals[cell[0]]
        if self._shares:
            return whole_percent(count / total) if total else "–"
        return number(count) if count or len(self._labels) <= MANY else "·"

    def cell_area(self, cell: Cell) -> QRect:
        """Where this cell is drawn in the viewport."""
        left = self._names + cell[1] * self._cell.width() - self.horizontalScrollBar().value()
        top = self._head + cell[0] * self._cell.height() - self.verticalScrollBar().value()
        return QRect(QPoint(left, top), self._cell)

    def cell_at(self, position: QPoint) -> Cell | None:
        """The cell at this place of the viewport."""
        x, y = position.x() - self._names, position.y() - self._head
        if x < 0 or y < 0:
            return None
        predicted = (x + self.horizontalScrollBar().value()) // self._cell.width()
        truth = (y + self.verticalScrollBar().value()) // self._cell.height()
        return (truth, predicted) if max(truth, predicted) < len(self._labels) else None

    def comfortable_width(self) -> int:
        """The width at which the names are readable and no cell must scroll sideways."""
        return min(self._widest_name, 120) + 2 * SPACE + len(self._labels) * self._least_cell_width()

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(280, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self._labels:
            self.pointed.emit(self._here)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_unless_page(event, super().wheelEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = event.key(), len(self._labels) - 1
        if last >= 0 and key in STEPS:
            down, right = STEPS[key]
            self._here = (min(last, max(0, self._here[0] + down)), min(last, max(0, self._here[1] + right)))
            self._bring_into_sight(self._here)
            self.viewport().update()
            self.pointed.emit(self._here)
        elif last >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose(None if self._chosen == self._here else self._here)
        elif key == Qt.Key.Key_Escape and self._chosen is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.choose(None if self._chosen == cell else cell)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tooltip(self._name_at(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows, columns = self._in_sight()
        painter.setClipRect(self.viewport().rect().adjusted(self._names, self._head, 0, 0))
        painter.setFont(_font())
        for truth in rows:
            for predicted in columns:
                self._paint_cell(painter, (truth, predicted))
        self._paint_frames(painter)
        self._paint_names(painter, rows, columns)
        painter.end()

    # ── Painting ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        count, total = self._counts[cell[0]][cell[1]], self._totals[cell[0]]
        ground, text = cell_colors(theme().name, count / total if total else 0.0, right=cell[0] == cell[1])
        area = self.cell_area(cell)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground if count else theme().color("window"))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 3, 3)
        painter.setPen(text if count else theme().color("secondary"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, self.text_at(cell))

    def _paint_frames(self, painter: QPainter) -> None:
        frames: list[tuple[Cell, str, int]] = []
        if self._hovered is not None:
            frames.append((self._hovered, "secondary", 1))
        if self._chosen is not None:
            frames.append((self._chosen, "text", 2))
        if self.hasFocus() and self._labels:
            frames += [(self._here, "surface", 5), (self._here, "accent", 2)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell, role, width in frames:
            painter.setPen(QPen(theme().color(role), width))
            painter.drawRoundedRect(QRectF(self.cell_area(cell)).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_names(self, painter: QPainter, rows: range, columns: range) -> None:
        marked = self._hovered or (self._here if self.hasFocus() else self._chosen) or (-1, -1)
        view = self.viewport().rect()
        painter.setClipRect(view.adjusted(0, self._head, 0, 0))
        for truth in rows:
            area = QRect(0, self.cell_area((truth, 0)).top(), self._names - SPACE, self._cell.height())
            self._paint_name(painter, truth, area, Qt.AlignmentFlag.AlignRight.value, strong=marked[0] == truth)
        painter.setClipRect(view.adjusted(self._names, 0, 0, 0))
        for predicted in columns:
            area = QRect(self.cell_area((0, predicted)).left(), 0, self._cell.width(), self._head)
            if not self._upright:
                across = Qt.AlignmentFlag.AlignHCenter.value | Qt.TextFlag.TextWordWrap.value
                self._paint_name(painter, predicted, area, across, strong=marked[1] == predicted)
                continue
            painter.save()
            painter.translate(area.center().x() + 1, area.bottom() - HALF)
            painter.rotate(-90)
            line = QRect(0, -LOWEST_CELL // 2, self._head - HALF, LOWEST_CELL)
            self._paint_name(painter, predicted, line, Qt.AlignmentFlag.AlignLeft.value, strong=marked[1] == predicted)
            painter.restore()

    def _paint_name(self, painter: QPainter, position: int, area: QRect, flags: int, *, strong: bool) -> None:
        painter.setFont(_font(strong=strong))
        painter.setPen(theme().color("text" if strong else "secondary"))
        shown = self._labels[position]
        if not flags & Qt.TextFlag.TextWordWrap.value:
            shown = QFontMetrics(painter.font()).elidedText(shown, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignVCenter.value, shown)

    # ── Measures ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _fit(self) -> None:
        """Names and cells take the room there is; what is left scrolls, with a bar only where it is needed."""
        self._measure(self.width())
        tall = self._head + len(self._labels) * self._cell.height() > self._most_height
        if tall:
            self._measure(self.width() - self.verticalScrollBar().sizeHint().width())
        needed = QSize(len(self._labels) * self._cell.width(), len(self._labels) * self._cell.height())
        wide = self._names + needed.width() > self.width()
        shown, hidden = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(shown if tall else hidden)
        self.setHorizontalScrollBarPolicy(shown if wide else hidden)
        below = self.horizontalScrollBar().sizeHint().height() if wide else 0
        height = min(self._most_height, self._head + needed.height()) + below
        if height != self._height:
            self._height = height
            self.updateGeometry()
        view = self.viewport().size()
        for bar, size, all_cells, seen in (
            (self.horizontalScrollBar(), self._cell.width(), needed.width(), view.width() - self._names),
            (self.verticalScrollBar(), self._cell.height(), needed.height(), view.height() - self._head),
        ):
            bar.setPageStep(max(1, seen))
            bar.setSingleStep(size)
            bar.setRange(0, max(0, all_cells - seen))
        self.viewport().update()

    def _measure(self, width: int) -> None:
        self._names = min(self._widest_name, int(WIDEST_NAME * width)) + SPACE + HALF
        room = (width - self._names) // max(1, len(self._labels))
        across = min(WIDEST_CELL, max(self._least_cell_width(), room))
        self._upright = self._widest_name > across - HALF and not self._fit_on_two_lines(across - HALF)
        if self._upright:
            self._head = min(self._widest_name, LONGEST_UPRIGHT_NAME) + SPACE
        else:
            self._head = LOWEST_CELL if self._widest_name <= across - HALF else LOWEST_CELL + SPACE
        high = (self._most_height - self._head) // max(1, len(self._labels))
        self._cell = QSize(across, max(LOWEST_CELL, min(HIGHEST_CELL, across // 2, high)))

    def _fit_on_two_lines(self, width: int) -> bool:
        if len(self._labels) > MANY:
            return False
        metrics, room = QFontMetrics(_font(strong=True)), QRect(0, 0, width, 1_000)
        boxes = (metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, label) for label in self._labels)
        return all(box.width() <= width and box.height() <= 2 * metrics.lineSpacing() for box in boxes)

    def _least_cell_width(self) -> int:
        longest = whole_percent(1.0) if self._shares else number(self._largest)
        return max(NARROWEST_CELL, QFontMetrics(_font()).horizontalAdvance(longest) + SPACE)

    def _in_sight(self) -> tuple[range, range]:
        def seen(first: int, size: int, room: int) -> range:
            return range(first // size, min(len(self._labels), (first + room) // size + 1))

        view = self.viewport().size()
        rows = seen(self.verticalScrollBar().value(), self._cell.height(), view.height() - self._head)
        columns = seen(self.horizontalScrollBar().value(), self._cell.width(), view.width() - self._names)
        return rows, columns

    # ── Pointing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.viewport().update()
            self.pointed.emit(cell)

    def _bring_into_sight(self, cell: Cell) -> None:
        area, view = self.cell_area(cell), self.viewport().size()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + min(0, area.left() - self._names) + max(0, area.right() + 1 - view.width()))
        down.setValue(down.value() + min(0, area.top() - self._head) + max(0, area.bottom() + 1 - view.height()))

    def _name_at(self, position: QPoint) -> str:
        """The label whose name is drawn here: of a row at the left, of a column at the top."""
        inside = QPoint(max(position.x(), self._names), max(position.y(), self._head))
        cell = self.cell_at(inside)
        if cell is None or position == inside:
            return ""
        return self._labels[cell[0] if position.x() < self._names else cell[1]]


def _font(*, strong: bool = False) -> QFont:
    font = small_font()
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=4 * LEVELS)
def _level(theme_name: str, level: int, series: int) -> tuple[str, str]:
    colors = DARK if theme_name == "dark" else LIGHT
    share = STRONGEST * level / LEVELS
    while True:
        ground = _mixed(colors.surface, colors.series[series], share)
        text = max((colors.text, colors.on_accent), key=lambda candidate: contrast(candidate, ground))
        # In the middle neither colour may be readable: such a ground gives way to the next lighter one that is.
        if contrast(text, ground) >= READABLE or share <= 0:
            return ground, text
        share -= 0.01


def _mixed(one: str, other: str, share: float) -> str:
    first, second = QColor(one), QColor(other)
    parts = [
        round(a + (b - a) * share)
        for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*parts).name()
