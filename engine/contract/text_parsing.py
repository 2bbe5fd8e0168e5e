"""Numbers, dates and codes, told from words: a column of them is nothing to read. Knows the standard library only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from engine.contract.settings import SplitName

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


# The columns of CoNLL-U, the format of Universal Dependencies.

CONLLU = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")


# Which of several files, sheets or folders holds the training, validation and test rows: told by their names.


def split_of(name: str) -> SplitName | None:
    """The split that this name speaks of, or None."""
    stem = PurePath(name).stem.lower()
    words = re.findall(r"[a-z]+", stem)
    if "train" in stem:
        return "train"
    if "valid" in stem or any(word in ("dev", "devel", "development", "val") for word in words):
        return "validation"
    if any(word.startswith("test") for word in words):
        return "test"
    return None


def parts_by_split(names: Iterable[str]) -> dict[SplitName, str]:
    """The names by split, where exactly one speaks of train and at most one of each other; else nothing."""
    found: dict[SplitName, str] = {}
    for name in names:
        split = split_of(name) or split_of(PurePath(name).parent.name)
        if split is not None and split in found:
            return {}
        if split is not None:
            found[split] = name
    return found if "train" in found and len(found) > 1 else {}


# Where the words of a text stand: the one way in which texts are taken apart into words to be tagged.
#
# Links, @names and #topics stay whole; 3.5, U.S and well-known stay together; 's, 'd and every other sign stand alone.
# Between two words there are only spaces: every other character belongs to a word.

WORDS = r"https?://\S+|[@#]?\w+(?:[-.,&/_]\w+)*|['’]\w+|[^\w\s]"
_words = re.compile(WORDS)


def places_of_words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word in characters, in order and without overlap."""
    return [match.span() for match in _words.finditer(text)]


# Numbers as people write them in cells and fields.


def number_in(written: object) -> float:
    """The number a cell stands for, a comma read as a decimal point; NaN where it is none."""
    text = str(written).strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else math.nan
    except ValueError:
        return math.nan
