"""Whether the chosen text is something to read: numbers and identifiers are not."""

from __future__ import annotations

import re

import numpy as np

from engine.errors import DatasetInvalid
from engine.preparing.collecting import Collected
from engine.preparing.likeness import rows_at
from engine.settings import Roles

_LOOKED_AT = 500
_FEWEST = 20
_SHARE = 0.95
_IDENTIFIER = re.compile(r"[\W_]*\d[\W\d_]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.*\d)[^\W\d_]{0,8}[-_:#]?\d+")


def is_identifier(text: str) -> bool:
    """Whether this is a number, a date, or a code such as A-1023 or tt0012, without a word in it."""
    return len(text) <= 60 and _IDENTIFIER.fullmatch(text.strip().casefold()) is not None


def check_texts(collected: Collected, roles: Roles) -> None:
    """Raises `DatasetInvalid` (D16) where nearly all texts are different numbers or identifiers."""
    if "text" not in collected.columns or len(collected) < _FEWEST:
        return
    positions = np.unique(np.linspace(0, len(collected) - 1, _LOOKED_AT).astype(np.int64))
    texts = [str(row["text"]) for rows in rows_at(collected, positions) for row in rows]
    if sum(map(is_identifier, texts)) < _SHARE * len(texts) or len(set(texts)) < 0.5 * len(texts):
        return
    raise DatasetInvalid(
        "D16",
        f"The texts in “{roles.text}” are numbers or identifiers, such as “{texts[0][:40]}”: is this the right column?",
        hint="Choose the column that holds something to read.",
        actions=("Choose columns",),
        field="text",
    )
