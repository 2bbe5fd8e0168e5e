"""Lists that stand as text in a cell, as tables saved from Python hold them; read as data, never run.

["Anna", "lives"]   JSON, and the same with single quotes, as Python prints lists
['Anna' 'lives']    as NumPy prints them; [1 0 0] for numbers
[B-PER, O]          without quotes
"""

from __future__ import annotations

import ast
import json
import re

_LONGEST = 100_000  # characters
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NUMBERS = re.compile(r"\[\s*[-+.\deE]+(?:\s+[-+.\deE]+)*\s*\]")
_UNQUOTED = re.compile(r"""\[\s*[^\s\[\]'",]+(?:\s*,\s*[^\s\[\]'",]+)+\s*\]""")


def written_list(cell: str) -> list[str] | None:
    """The items of the list that a cell of text stands for, numbers as they are written; None where it is no list."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _LONGEST:
        return None
    if not text[1:-1].strip():
        return []
    quoted = _QUOTED.findall(text)
    if quoted and not _QUOTED.sub("", text[1:-1]).strip():  # Python would join these to a single text
        parts = [_value_of(part) for part in quoted]
        return None if any(part is None for part in parts) else [str(part) for part in parts]
    if _NUMBERS.fullmatch(text):
        return text[1:-1].split()
    if _UNQUOTED.fullmatch(text):
        return [part.strip() for part in text[1:-1].split(",")]
    value = _value_of(text)
    if isinstance(value, list) and all(item is None or isinstance(item, str | int | float) for item in value):
        return ["" if item is None else str(item) for item in value]
    return None


def _value_of(text: str) -> object:
    for read in (_from_json, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _from_json(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str)
