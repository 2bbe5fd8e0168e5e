"""A text as the network reads it: one chip per token; its id, mask and label beneath; wrapping like text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import visible
from gui.components.wrapping_chips import Chip, WrappingChips
from gui.design.theme import SPACE, theme

MOST_SHOWN = 2000  # tokens; more are reported, not drawn
LONGEST_NAME = 120.0  # width in pixels after which a token or label is elided


@dataclass
class _Chip(Chip):
    special: bool
    continued: bool  # belongs to the same word as the chip before
    labelled: bool


class TokenStrip(QWidget):
    """Shows `TokenizedText`. Special tokens are outlined, continued tokens join the one before, padding is faint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = PlainLabel(role="secondary", wrap=True)
        self._note.hide()
        self._strip = _Strip()
        vertical(self, self._strip, self._note, gap=SPACE)

    def show_tokens(self, pieces: TokenizedText | None) -> None:
        """Shows these tokens; None empties the strip."""
        self._strip.show_tokens(pieces)
        notes = []
        if pieces is not None:
            if pieces.cut_tokens:
                notes.append(Sentence("gui.load_model.more_tokens_beyond_maximum_length", cut_tokens=pieces.cut_tokens))
            if len(pieces.tokens) > MOST_SHOWN:
                notes.append(
                    Sentence("gui.load_model.first_tokens_shown", most_shown=MOST_SHOWN, tokens=len(pieces.tokens))
                )
        self._note.setText(" ".join(notes))
        self._note.setVisible(bool(notes))


class _Strip(WrappingChips[_Chip]):
    def __init__(self) -> None:
        super().__init__(Sentence("gui.load_model.tokens_3"), widest=LONGEST_NAME, gap=SPACE)

    def show_tokens(self, pieces: TokenizedText | None) -> None:
        self._show(
            _chips_of(pieces) if pieces is not None else [],
            lines=3 if pieces is not None and pieces.labels else 2,
            spoken=" ".join(pieces.tokens[:200]) if pieces is not None else Sentence("gui.load_model.none_yet"),
        )

    def _looks(self, chip: _Chip) -> tuple[str, QBrush, str]:
        filling = QBrush(Qt.BrushStyle.NoBrush) if chip.special else QBrush(theme().color("soft"))
        return "line", filling, "secondary" if chip.special else "text"

    def _tooltip(self, chip: _Chip) -> str:
        lines = [
            chip.token,
            Sentence("gui.load_model.input_id", id_=chip.lines[0]),
            Sentence("gui.load_model.attention_mask", mask=chip.lines[1]),
        ]
        if len(chip.lines) > 2:
            lines.append(Sentence("gui.load_model.label", label=chip.lines[2]))
        return f"<p>{'<br>'.join(map(escape, lines))}</p>"

    def _line_role(self, chip: _Chip, number: int) -> str:
        return "accent" if number == 2 and chip.labelled else "secondary"

    def _gap_before(self, chip: _Chip) -> float:
        return 1.0 if chip.continued else self._gap


def _chips_of(pieces: TokenizedText) -> list[_Chip]:
    chips: list[_Chip] = []
    before: int | None = None
    for number, token in enumerate(pieces.tokens[:MOST_SHOWN]):
        word = pieces.word_ids[number]
        lines = [str(pieces.input_ids[number]), str(pieces.attention_mask[number])]
        label = ""
        if pieces.labels:
            label = pieces.labels[number]
            lines.append(label or "−100")
        continued = word is not None and word == before
        chips.append(_Chip(visible(token), tuple(lines), word is None, continued, bool(label)))
        before = word
    return chips
