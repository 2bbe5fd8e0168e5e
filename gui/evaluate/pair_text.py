"""The two texts of a pair under each other, with the words that only one of them has marked.

A marked word is bold, underlined and on a coloured ground, so that it does not depend on colour alone. Both texts are
foreign: they are inserted as plain text and never read as markup.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from engine.contract.sentences import Sentence
from gui.design.theme import appearance, theme

MOST_WORDS = 600  # of a text that are compared; the rest is shown without marks
TALLEST = 220  # pixels; more scrolls
Part = tuple[str, bool]  # a piece of a text, and whether it is marked


def differing_parts(first: str, second: str) -> tuple[list[Part], list[Part]]:
    """Both texts in pieces: marked are the words, ignoring case, that are not in the other at this place."""
    words, others = ([*re.findall(r"\w+|\W", text)] for text in (first, second))
    known, beyond = words[:MOST_WORDS], words[MOST_WORDS:]
    other_known, other_beyond = others[:MOST_WORDS], others[MOST_WORDS:]
    matcher = SequenceMatcher(
        None, [word.casefold() for word in known], [word.casefold() for word in other_known], autojunk=False
    )
    left: list[Part] = []
    right: list[Part] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        marked = kind != "equal"
        left += [(word, marked and not word.isspace()) for word in known[start:end]]
        right += [(word, marked and not word.isspace()) for word in other_known[other_start:other_end]]
    return _joined([*left, *((word, False) for word in beyond)]), _joined(
        [*right, *((word, False) for word in other_beyond)]
    )


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours of one kind as one piece; a space between two marked words is marked with them."""
    for place in range(1, len(parts) - 1):
        if parts[place][0].isspace() and parts[place - 1][1] and parts[place + 1][1]:
            parts[place] = parts[place][0], True
    found: list[Part] = []
    for text, marked in parts:
        if found and found[-1][1] == marked:
            found[-1] = found[-1][0] + text, marked
        else:
            found.append((text, marked))
    return found


class PairText(QTextEdit):
    """Read-only, selectable, as tall as its texts up to a limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = ("", "")
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(Sentence("gui.components.both_texts_pair_differing_words"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTextEdit { border: none; background: transparent; padding: 0; }")
        self.document().setDocumentMargin(0)
        appearance().changed.connect(self._paint)

    def show_texts(self, first: str, second: str) -> None:
        """Shows these two instead of the last."""
        self._texts = (first, second)
        self._paint()

    def marked(self) -> tuple[list[str], list[str]]:
        """The marked pieces of each text."""
        left, right = differing_parts(*self._texts)
        return [text for text, marked in left if marked], [text for text, marked in right if marked]

    def sizeHint(self) -> QSize:
        return QSize(320, self._needed())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _paint(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        plain, marked = QTextCharFormat(), QTextCharFormat()
        plain.setForeground(theme().color("text"))
        marked.setForeground(theme().color("text"))
        marked.setBackground(theme().color("soft"))
        marked.setFontWeight(QFont.Weight.DemiBold)
        marked.setFontUnderline(True)
        for place, parts in enumerate(differing_parts(*self._texts)):
            if place:
                cursor.insertBlock()
            for text, is_marked in parts:
                cursor.insertText(text, marked if is_marked else plain)
        self._fit()

    def _needed(self) -> int:
        self.document().setTextWidth(max(80, self.viewport().width()))
        return min(TALLEST, int(self.document().size().height()) + 4)

    def _fit(self) -> None:
        needed = self._needed()
        if needed != self.height():
            self.setFixedHeight(needed)
