"""The tokens of a text with what each adds to an output: a chip per token, tinted, with its share beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.components.plain_text import visible
from gui.components.wrapping_chips import Chip, WrappingChips
from gui.design.theme import HALF, theme

WIDEST = 140.0
MOST_SHOWN = 1_000  # tokens
FOR, AGAINST = 0, 1  # series colours, that colour-blind readers can distinguish; the sign shows the same
STRONGEST_TINT = 0.55


@dataclass
class _Chip(Chip):
    added: float
    is_marked: bool


class AttributionStrip(WrappingChips[_Chip]):
    """Shows tokens, wrapping like text. The strongest one has the strongest tint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Sentence("gui.evaluate.what_each_token_adds"), widest=WIDEST, gap=HALF, parent=parent)
        self._strongest = 1.0

    def show_tokens(self, tokens: Sequence[str], added: Sequence[float], marked: int = -1) -> None:
        """Shows these tokens with what they add; the one at `marked` is outlined."""
        both = list(zip(tokens, added, strict=True))[:MOST_SHOWN]
        self._strongest = max((abs(value) for _, value in both), default=0.0) or 1.0
        self._show(
            [
                _Chip(visible(token), ("" if value == 0 else number(value, "+.2f"),), value, place == marked)
                for place, (token, value) in enumerate(both)
            ],
            lines=1,
            spoken=", ".join(f"{token} {number(value, '+.2f')}" for token, value in both[:100]),
        )

    def shown(self) -> list[tuple[str, str]]:
        """Each token with the number beneath it."""
        return [(chip.token, chip.lines[0]) for chip in self._chips]

    def _looks(self, chip: _Chip) -> tuple[str, QBrush, str]:
        tint = STRONGEST_TINT * abs(chip.added) / self._strongest
        color = theme().series_color(FOR if chip.added >= 0 else AGAINST, tint)
        return "text" if chip.is_marked else "line", QBrush(color), "text"

    def _tooltip(self, chip: _Chip) -> str:
        return f"<p>{escape(chip.token)}: {number(chip.added, '+.4f')}</p>"
