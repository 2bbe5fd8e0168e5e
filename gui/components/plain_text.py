"""Foreign text made safe to show: nothing in it is read as markup, reorders its neighbours or is invisible.

    on_one_line(text)   for a table's cell: one line, shortened
    visible(text)       for a single token: characters that cannot be seen become symbols
    tooltip(text)       for `setToolTip`, which would read markup
    button_text(text)   for a button's caption, where an ampersand would be a shortcut

Control characters become their pictures (␀, ␇), direction overrides and lone invisible characters their code points,
and a combining mark without a letter is on a dotted circle. Letters of any script stay as they are.
"""

from __future__ import annotations

import html
import unicodedata

LONGEST_CELL = 400  # characters; a column is never wide enough for more
LONGEST_TOOLTIP = 2_000  # characters

_LINE_BREAKS = {0x0A: "⏎", 0x0D: "␍", 0x2028: "⏎", 0x2029: "⏎", 0x85: "⏎", 0x09: "⇥"}
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # embeddings, overrides, isolates
SYMBOLS: dict[int, str] = {
    **_CONTROLS,
    **{code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0xA0), *_DIRECTIONS, *range(0xD800, 0xE000))},
    **_LINE_BREAKS,
}
_INVISIBLE = ("Cf", "Zs", "Zl", "Zp", "Cc")  # categories without anything to see
_JOINS_TO_NOTHING = ("", "#", "▁", "Ġ", "@")  # what is before a mark that has no letter of its own
_RIGHT_TO_LEFT = ("R", "AL")
_ON_ONE_LINE = SYMBOLS | {0x0D: " ", 0x09: " ", 0x00: "\ufffd"}


def on_one_line(text: str, longest: int = LONGEST_CELL) -> str:
    """The text for a single line; line breaks and what would reorder it become symbols, a long rest an ellipsis."""
    shown = text[: longest + 1].translate(_ON_ONE_LINE)
    return shown if len(shown) <= longest else shown[:longest] + "…"


def both_ends(text: str, longest: int) -> str:
    """The text for a single line with its beginning and its end: names often begin alike."""
    shown = on_one_line(text)
    half = longest // 2
    return shown if len(shown) <= longest else f"{shown[:half]}…{shown[-half:]}"


def visible(text: str, longest: int = LONGEST_CELL) -> str:
    """The text for a single cell, cut after `longest` characters."""
    shown = text[: longest + 1]
    if shown.isascii() and shown.isprintable() and shown.strip():
        return shown if len(shown) <= longest else shown[:longest] + "…"
    more = len(shown) > longest
    shown = shown[:longest]
    if shown and all(unicodedata.category(character) in _INVISIBLE for character in shown):
        return "".join(_named(character) for character in shown) + ("…" if more else "")
    shown = "".join(_on_circle(shown, place) for place in range(len(shown)))
    return shown.translate(SYMBOLS) + ("…" if more else "")


def runs_right_to_left(text: str) -> bool:
    """Whether some of the text is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def tooltip(text: str) -> str:
    """The text as a tooltip that shows it as written, wrapped and shortened; empty where there is nothing to see."""
    if not text.strip():
        return ""
    shown = text if len(text) <= LONGEST_TOOLTIP else text[:LONGEST_TOOLTIP] + " …"
    escaped = html.escape(shown.replace("\0", "\ufffd"))
    return f"<p style='white-space:pre-wrap'>{escaped}</p>"


def button_text(text: str) -> str:
    """Foreign text as a button's caption, its ampersands no shortcuts."""
    return text.replace("&", "&&")


def _named(character: str) -> str:
    """A picture, or the code point, of a character that cannot be seen."""
    return SYMBOLS.get(ord(character), "␣" if character == " " else f"⟨U+{ord(character):04X}⟩")


def _on_circle(text: str, place: int) -> str:
    """The character at this place; a mark that would join a cell's edge or a tokenizer's prefix gets a circle."""
    character = text[place]
    before = text[place - 1] if place else ""
    if unicodedata.category(character) in ("Mn", "Mc", "Me") and before in _JOINS_TO_NOTHING:
        return f"◌{character}"
    return character
