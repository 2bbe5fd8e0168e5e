"""Foreign characters made safe to draw in a row of cells: nothing reorders its neighbours, nothing is invisible.

Control characters become their pictures (␀, ␇), direction overrides and lone invisible characters their code points,
and a combining mark without a letter stands on a dotted circle. Letters of any script stay as they are.
"""

from __future__ import annotations

import unicodedata

_LINE_BREAKS = {0x0A: "⏎", 0x0D: "␍", 0x2028: "⏎", 0x2029: "⏎", 0x85: "⏎", 0x09: "⇥"}
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # embeddings, overrides, isolates
UNSEEN_SIGNS: dict[int, str] = {
    **_CONTROLS,
    **{code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0xA0), *_DIRECTIONS, *range(0xD800, 0xE000))},
    **_LINE_BREAKS,
}
_UNSEEN = ("Cf", "Zs", "Zl", "Zp", "Cc")  # categories without anything to see
_JOINS_TO_NOTHING = ("", "#", "▁", "Ġ", "@")  # what stands before a mark that has no letter of its own
_RIGHT_TO_LEFT = ("R", "AL")


def visible(text: str, longest: int = 400) -> str:
    """The text for a single cell, cut after `longest` characters."""
    shown = text[: longest + 1]
    if shown.isascii() and shown.isprintable() and shown.strip():
        return shown if len(shown) <= longest else shown[:longest] + "…"
    more = len(shown) > longest
    shown = shown[:longest]
    if shown and all(unicodedata.category(sign) in _UNSEEN for sign in shown):
        return "".join(_named(sign) for sign in shown) + ("…" if more else "")
    shown = "".join(_on_circle(shown, place) for place in range(len(shown)))
    return shown.translate(UNSEEN_SIGNS) + ("…" if more else "")


def runs_right_to_left(text: str) -> bool:
    """Whether some of the text is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def _named(sign: str) -> str:
    """A picture, or the code point, of a character that cannot be seen."""
    return UNSEEN_SIGNS.get(ord(sign), "␣" if sign == " " else f"⟨U+{ord(sign):04X}⟩")


def _on_circle(text: str, place: int) -> str:
    """The character at this place; a mark that would join a cell's edge or a sign of the tokenizer gets a circle."""
    sign = text[place]
    before = text[place - 1] if place else ""
    if unicodedata.category(sign) in ("Mn", "Mc", "Me") and before in _JOINS_TO_NOTHING:
        return f"◌{sign}"
    return sign
