"""UTF-8 that was once read as Windows-1252 or Latin-1, such as â€™ for ’: found and repaired cell by cell.

A cell is repaired as a whole or not at all: written back as the bytes that its characters were read from, it has to be
valid UTF-8. Text that was right in the first place hardly ever is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What capitals before a quotation mark would become, as in CAFÉ”: letters that hardly any text holds, and none that a
# misread text holds. The script of a run has the same expression.
SELDOM_MEANT = (
    r"[\u0180-\u0191\u0193-\u019f\u01a2-\u01ae\u01b1-\u0217\u021c-\u02c5\u02c7-\u02db\u02dd-\u02ff"
    r"\u0530-\u058f\u0700-\u08ff]"
)
RIGHT, REPAIRABLE, DAMAGED = 0, 1, 2  # of a row
_MOST_TIMES = 3  # text may have been misread more than once
# Windows-1252 has characters for 27 of the codes 128 to 159. Readers leave the five others as the control characters
# that they are in Latin-1.
_BYTES = {
    ord(bytes([code]).decode("cp1252")): code for code in range(0x80, 0xA0) if bytes([code]).decode("cp1252", "ignore")
}
_FIRST = re.compile("[\u00c2-\u00f4]")  # begins a character of several bytes
_SELDOM = re.compile(SELDOM_MEANT)
_SIGNS = re.compile("â€|â\x80|[ÃÂ][\u00a1-\u00bf]")


def repaired(text: str) -> str:
    """The text as it was meant, or the same text where it was not misread or cannot be read back."""
    for _ in range(_MOST_TIMES):
        if text.isascii() or _FIRST.search(text) is None:
            break
        try:
            meant = text.translate(_BYTES).encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
        if _SELDOM.search(meant):
            break
        text = meant.replace("\ufeff", "")
    return text


def holds_signs(text: str) -> bool:
    """Whether the text holds what hardly any text but a misread one does, whether or not it can be repaired."""
    return not text.isascii() and _SIGNS.search(text) is not None


def as_shown(text: str) -> str:
    """The text as browsers show it: the codes 128 to 159 as the characters of Windows-1252."""
    return text.translate({code: letter for letter, code in _BYTES.items()})


def state_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> int:
    """Whether texts, words or labels of a canonical row were misread, and can be repaired."""
    state = RIGHT
    for name in columns:
        cells = row[name] if isinstance(row[name], list) else (row[name],)
        for cell in cells:
            if not cell.isascii() and repaired(cell) != cell:
                return REPAIRABLE
        if holds_signs("".join(cells)):
            state = DAMAGED
    return state


def repair(row: dict[str, Any], columns: tuple[str, ...]) -> bool:
    """Repairs a canonical row in place; whether anything was changed."""
    changed = False
    for name in columns:
        cell = row[name]
        meant = [repaired(item) for item in cell] if isinstance(cell, list) else repaired(cell)
        changed = changed or meant != cell
        row[name] = meant
    return changed
