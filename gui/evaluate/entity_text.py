"""A text with its entities marked: a tinted ground, a line beneath, and the type written after each.

Types differ by colour, and the type is always written out as well. The text is foreign and drawn plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import percent
from engine.contract.queries import EntityFound
from engine.contract.sentences import Sentence
from gui.components.numbers import whole_percent
from gui.components.plain_text import on_one_line, tooltip
from gui.design.theme import HALF, appearance, theme

LINE = 30.0  # height of a line
GROUND = 24.0  # height of an entity's ground
TYPE_SIZE = 11
MOST_SEGMENTS = 2_000  # words and spaces that are drawn
LONGEST_TYPE = 160.0  # pixels of a type's name
_PARTS = re.compile(r"\n|[^\S\n]+|\S+")


@dataclass
class _Segment:
    text: str
    entity: int | None  # its position among the entities
    is_type: bool
    area: QRectF


class EntityText(QWidget):
    """Draws a text and its entities, wrapped to the width there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._entities: tuple[EntityFound, ...] = ()
        self._types: tuple[str, ...] = ()
        self._segments: list[_Segment] = []
        self._placed = (-1, 0)  # the width the segments are placed for, and the height they need
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(Sentence("gui.evaluate.entities_text"))
        appearance().changed.connect(self.update)

    def show_entities(self, text: str, entities: Sequence[EntityFound], types: Sequence[str]) -> None:
        """Shows this text; `types` are all types there are, in the order of their colours."""
        self._text = text
        self._entities = tuple(entities)
        self._types = tuple(types)
        self._placed = (-1, 0)
        self._place(self.width())
        description = "; ".join(self._description(entity) for entity in self._entities[:50])
        self.setAccessibleDescription(description or Sentence("gui.evaluate.no_entity_found"))
        self.updateGeometry()
        self.update()

    def chips(self) -> list[str]:
        """What is written after the entities, in order of the text."""
        return [segment.text for segment in self._segments if segment.is_type]

    def is_whole(self) -> bool:
        """Whether all of the text is drawn."""
        return len(self._segments) < MOST_SEGMENTS

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width)

    def sizeHint(self) -> QSize:
        width = max(200, self.width())
        return QSize(width, self._place(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._place(max(120, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._place(self.width())
            under = (segment.entity for segment in self._segments if segment.area.contains(event.pos()))
            entity = next((position for position in under if position is not None), None)
            text = self._description(self._entities[entity]) if entity is not None else ""
            QToolTip.showText(event.globalPos(), tooltip(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._place(self.width())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for segment in self._segments:
            if segment.area.intersects(QRectF(event.rect())):
                self._paint_segment(painter, segment)
        painter.end()

    def _paint_segment(self, painter: QPainter, segment: _Segment) -> None:
        ground = segment.area.adjusted(0, (LINE - GROUND) / 2, 0, -(LINE - GROUND) / 2)
        if segment.entity is not None:
            series = self._series(self._entities[segment.entity].label)
            painter.fillRect(ground, theme().series_color(series, 0.30 if segment.is_type else 0.16))
            painter.fillRect(
                QRectF(ground.left(), ground.bottom() - 2, ground.width(), 2), theme().series_color(series)
            )
        painter.setFont(_type_font() if segment.is_type else self.font())
        painter.setPen(theme().color("text" if self.isEnabled() else "disabled"))
        across = Qt.AlignmentFlag.AlignHCenter if segment.is_type else Qt.AlignmentFlag.AlignRight
        painter.drawText(ground, across | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, segment.text)

    # ── Placing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _place(self, width: int) -> int:
        """Puts the words into lines of this width and returns the height they need."""
        if self._placed[0] == width:
            return self._placed[1]
        self._segments = []
        x, y = 0.0, 0.0
        for segment, following in _pairs(self._parts(width)):
            if segment.text == "\n":
                x, y = 0.0, y + LINE
                continue
            wide = segment.area.width()
            # The type is not separated from the last word of its entity.
            together = wide + (following.area.width() if following is not None and following.is_type else 0.0)
            if x > 0 and x + together > width:
                if self._segments and self._segments[-1].text == " ":
                    self._segments.pop()  # no tinted end of a line
                x, y = 0.0, y + LINE
            if x > 0 or segment.text != " ":
                segment.area.moveTo(x, y)
                self._segments.append(segment)
                x += wide
            if len(self._segments) >= MOST_SEGMENTS:
                break
        self._placed = (width, round(y + LINE) if self._segments else 0)
        return self._placed[1]

    def _parts(self, width: int) -> Iterator[_Segment]:
        """Words and spaces of the text and the types after their entities, each with its size."""
        words, types = QFontMetricsF(self.font()), QFontMetricsF(_type_font())

        def cut(text: str, entity: int | None) -> Iterator[_Segment]:
            lead = HALF if entity is not None else 0
            for match in _PARTS.finditer(text):
                part = match.group()
                for fitting in (
                    _fitting(part, words, width - lead) if part.strip() else (part[0] if part == "\n" else " ",)
                ):
                    yield _Segment(fitting, entity, False, QRectF(0, 0, words.horizontalAdvance(fitting) + lead, LINE))
                    lead = 0

        at = 0
        for position, entity in enumerate(self._entities):
            if entity.start < at:  # overlapping: the first one stays
                continue
            yield from cut(self._text[at : entity.start], None)
            yield from cut(self._text[entity.start : entity.end].replace("\n", " "), position)
            name = types.elidedText(on_one_line(entity.label), Qt.TextElideMode.ElideRight, LONGEST_TYPE)
            caption = f"{name} {whole_percent(entity.probability)}"
            yield _Segment(caption, position, True, QRectF(0, 0, types.horizontalAdvance(caption) + 2 * HALF, LINE))
            at = entity.end
        yield from cut(self._text[at:], None)

    def _series(self, label: str) -> int:
        return self._types.index(label) if label in self._types else len(self._types)

    def _description(self, entity: EntityFound) -> str:
        words = on_one_line(self._text[entity.start : entity.end], 200)
        return f"{on_one_line(entity.label, 80)}: {words}, {percent(entity.probability)}"


def _pairs(segments: Iterator[_Segment]) -> Iterator[tuple[_Segment, _Segment | None]]:
    """Each segment with the one that follows."""
    before: _Segment | None = None
    for segment in segments:
        if before is not None:
            yield before, segment
        before = segment
    if before is not None:
        yield before, None


def _fitting(word: str, metrics: QFontMetricsF, width: float) -> Iterator[str]:
    """A word in parts that fit into a line."""
    while word and metrics.horizontalAdvance(word[:400]) > width:
        low, high = 1, min(400, len(word))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if metrics.horizontalAdvance(word[:middle]) <= width else (low, middle - 1)
        yield word[:low]
        word = word[low:]
    if word:
        yield word


def _type_font() -> QFont:
    font = QFont()
    font.setPixelSize(TYPE_SIZE)
    font.setWeight(QFont.Weight.DemiBold)
    return font
