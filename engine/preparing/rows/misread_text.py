"""UTF-8 that was once read in an encoding of one byte a character, such as â€™ for ’: found and repaired cell by cell.

Cells that are valid UTF-8 when they are written back in Windows-1252 are repaired as a whole; text that was right in
the first place hardly ever is. All others are left to ftfy, which has nine such encodings (Windows-1250 to 1257, Mac
Roman, code page 437), and cells of which only a part was misread. Of 303 sentences in 37 languages, misread as
Windows-1252, this repairs all and ftfy alone 300, which leaves short sentences in Slovenian and Lithuanian; neither
changes one that was right. What has lost a byte is never repaired: a guess would hide that a letter is missing.
Where ftfy is not installed, as on a machine that only trains, nothing is repaired; its signs are reported.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from engine.contract.text_parsing import MISREAD_SEQUENCES, SELDOM_MEANT, WINDOWS_1252

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

RIGHT, REPAIRABLE, DAMAGED = 0, 1, 2  # of a row; both where a part can be repaired and another cannot
_MOST_TIMES = 3  # text may have been misread more than once
_CODES = re.compile("[\x80-\x9f]")
_SEQUENCES = re.compile(MISREAD_SEQUENCES)
_SELDOM = re.compile(SELDOM_MEANT)
_SIGNS = re.compile("â€|â\x80|вЂ|ā€|β€|ΓÇ|[ÃÂ][\u00a1-\u00bf]|[a-z]Ã ")


def repaired(text: str) -> str:
    """The text as it was meant, or the same text where it was not misread or cannot be read back."""
    if text.isascii() or not _can_repair() or _pairs().search(text) is None:
        return text
    meant = text
    for _ in range(_MOST_TIMES):
        better = _read_back(meant)
        if better == meant:
            break
        meant = better
    return text if meant == text else meant.replace("\ufeff", "")


def holds_signs(text: str) -> bool:
    """Whether the text holds what hardly any text but a misread one does, whether or not it can be repaired."""
    return not text.isascii() and _SIGNS.search(text) is not None


def as_shown(text: str) -> str:
    """The text as browsers show it: the codes 128 to 159 as the characters of Windows-1252."""
    return text.translate(WINDOWS_1252) if _CODES.search(text) else text


def state_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> int:
    """Whether texts, words or labels of a canonical row were misread, and whether repair leaves none of it."""
    state = RIGHT
    for name in columns:
        cells = row[name] if isinstance(row[name], list) else (row[name],)
        if all(map(str.isascii, cells)):
            continue
        meant = [repaired(cell) for cell in cells]
        if any(one != cell for one, cell in zip(meant, cells, strict=True)):
            state |= REPAIRABLE
        if holds_signs("".join(meant)):
            state |= DAMAGED
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


def _read_back(text: str) -> str:
    """The text with one misreading undone."""
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    shown = as_shown(text)
    meant = shown
    if "\ufffd" not in text:  # which those codecs write as a control character
        meant = _as_utf8(shown)
        if meant == shown:
            meant = fix_encoding(text, _settings())
    if meant == shown and is_bad(shown):  # only a part of it was misread
        meant = _SEQUENCES.sub(lambda found: _as_utf8(found[0]), shown)
    return text if meant == shown else meant


def _as_utf8(shown: str) -> str:
    """The bytes that Windows-1252 has for these characters, read as UTF-8; the same text where that is not valid."""
    try:
        meant = shown.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return shown
    return shown if _SELDOM.search(meant) else meant


@functools.cache
def _can_repair() -> bool:
    return find_spec("ftfy") is not None


@functools.cache
def _settings() -> TextFixerConfig:
    """ftfy's repairs of the encoding that invent nothing."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        restore_byte_a0=False,
        replace_lossy_sequences=False,
        decode_inconsistent_utf8=False,
        fix_c1_controls=False,
        explain=False,
    )


@functools.cache
def _pairs() -> re.Pattern[str]:
    """The first two bytes of a character of UTF-8, as the encodings of ftfy show them: needed for any repair.

    Looking for these takes a quarter of the time of ftfy's own question whether a text looks misread.
    """
    from ftfy.chardata import CHARMAP_ENCODINGS

    firsts, pairs = "", [r"[\u00c2-\u00f4][\u0080-\u00bf]"]
    for encoding in CHARMAP_ENCODINGS:
        first, following = (bytes(range(*codes)).decode(encoding) for codes in ((0xC2, 0xF5), (0x80, 0xC0)))
        firsts += first
        pairs.append(f"[{re.escape(first)}][{re.escape(following)}]")
    return re.compile(f"(?=[{re.escape(''.join(sorted(set(firsts))))}])(?:{'|'.join(pairs)})")
