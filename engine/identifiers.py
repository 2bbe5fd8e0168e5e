"""Numbers, dates and codes, told from words: a column of them is nothing to read. Knows the standard library only."""

from __future__ import annotations

import re
from collections.abc import Sequence

FEWEST = 20  # texts that allow a judgement
_SHARE = 0.95
_LONGEST = 60  # characters
_IDENTIFIER = re.compile(
    r"[\W_]*\d[\W\d_]*"  # 1023, 2024-01-02, +49 30 1234, 3.5
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[^\W\d_]{1,8}[-_:#]?\d+"  # A-1023, tt0012, user_7
)


def is_identifier(text: str) -> bool:
    """Whether this is a number, a date or a code, without a word in it."""
    return len(text) <= _LONGEST and _IDENTIFIER.fullmatch(text.strip().casefold()) is not None


def are_identifiers(texts: Sequence[str]) -> bool:
    """Whether nearly all of these texts are identifiers, and most of them different ones."""
    if len(texts) < FEWEST or len(set(texts)) < 0.5 * len(texts):
        return False
    return sum(map(is_identifier, texts)) >= _SHARE * len(texts)
