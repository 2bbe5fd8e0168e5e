"""Numbers as people type them, and as they read them."""

from __future__ import annotations

import re

from engine.contract.formatting import number
from engine.contract.languages import catalogue
from engine.contract.sentences import Sentence

_DASHES = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-"})
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’_]")
_GROUPED = re.compile(r"[-+]?\d{1,3}([,.])\d{3}(\1\d{3})*")


def read_float(text: str) -> float:
    """The number in "2e−5", "0,1", "1 000.5", "1.000,5" or "10 %"; raises `ValueError` when there is none.

    Of commas and points in one number the last one is the decimal sign.
    """
    plain, is_percentage = _plain(text)
    if "," in plain and "." in plain:
        plain = plain.replace(min(",.", key=plain.rindex), "")
    value = float(plain.replace(",", "."))
    return value / 100 if is_percentage else value


def read_int(text: str) -> int:
    """The whole number in "1,000", "1.000", "1 000", "3.0" or "2e3"; raises `ValueError` when there is none."""
    plain, is_percentage = _plain(text)
    if is_percentage:
        raise ValueError(text)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "").replace(".", "")
    try:
        return int(plain)
    except ValueError:
        value = float(plain.replace(",", "."))
        if not value.is_integer():
            raise
        return int(value)


def write_number(value: float) -> str:
    """The shortest text that reads back as this number, with the language's decimal sign: 16, 0.1, 5e-5."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = re.sub(r"e([-+])0*", lambda match: "e-" if match[1] == "-" else "e", repr(value))
    return text.replace(".", catalogue().language.decimal)


def whole_percent(share: float) -> str:
    """ "83 %"."""
    return Sentence("gui.components.whole_percent", percent=100 * share)


def count_text(count: int) -> str:
    """A large count in words: 22.7 million."""
    if count < 1_000_000:
        return number(count)
    if count < 1_000_000_000:
        return Sentence("gui.components.million", value=count / 1e6)
    return Sentence("gui.components.billion", value=count / 1e9)


def _plain(text: str) -> tuple[str, bool]:
    plain = _SPACES.sub("", text).translate(_DASHES)
    if plain.endswith("%"):
        return plain[:-1], True
    if not re.fullmatch(r"[-+0-9.,eE]+", plain):
        raise ValueError(text)
    return plain, False
