"""Numbers, dates and codes, distinguished from words: a column of them is nothing to read. Standard library only."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

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
# Lines of CoNLL files that hold no word: "# text = …" in CoNLL-U, "# http://…" in GermEval, "# id 0a1b" in MultiCoNER.
CONLL_COMMENT = r"#\s*[\w.]+\s*=|#\s*$|#\s+(?:https?:|id\s)|#(?:begin|end) document"


# Which of several files, sheets or folders holds the training, validation and test rows: recognized by their names.


_VALIDATION_WORDS = frozenset({"dev", "devel", "development", "val", "valid", "testa", "publictest"})
_SPLIT_WORDS = _VALIDATION_WORDS | {"train", "test", "testb"}
_PLAIN_NAMES = frozenset({"train", "training", "validation", "test", "testing"}) | _SPLIT_WORDS


def split_of(name: str) -> SplitName | None:
    """The split that this name means, or None. A suffix counts too: eng.testa is CoNLL's validation file."""
    path = PurePath(name)
    stem = path.stem.lower()
    words = re.findall(r"[a-z]+", stem)
    suffix = path.suffix[1:].lower()
    words += [suffix] if suffix in _SPLIT_WORDS else []
    if "train" in stem or suffix == "train":
        return "train"
    if "valid" in stem or not _VALIDATION_WORDS.isdisjoint(words):
        return "validation"
    if any(word.startswith("test") or word == "privatetest" for word in words):
        return "test"
    return None


def parts_by_split(names: Iterable[str]) -> dict[SplitName, str]:
    """The names by split, where one means train and one of another; else nothing.

    Of several names for a split the one without further words counts, such as test.csv beside test_labels.csv.
    """
    by_split: dict[SplitName, list[str]] = {}
    for name in names:
        split = split_of(name) or split_of(PurePath(name).parent.name)
        if split is not None:
            by_split.setdefault(split, []).append(name)
    found: dict[SplitName, str] = {}
    for split, several in by_split.items():
        plain = [name for name in several if PurePath(name).stem.lower() in _PLAIN_NAMES]
        if len(several) == 1 or len(plain) == 1:
            found[split] = several[0] if len(several) == 1 else plain[0]
        elif split == "train":
            return {}
    return found if "train" in found and len(found) > 1 else {}


_EXACT_NAMES: dict[str, SplitName] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


def splits_by_exact_name(names: Iterable[str]) -> dict[SplitName, str]:
    """The names that are those of splits and nothing else; nothing where there is no train."""
    found: dict[SplitName, str] = {}
    for name in names:
        if name.lower() in _EXACT_NAMES:
            found.setdefault(_EXACT_NAMES[name.lower()], name)
    return found if "train" in found else {}


# UTF-8 that was once read as Windows-1252: engine/preparing/rows/misread_text.py and the script of a run repair it.
#
# What capitals before a quotation mark would become, as in CAFÉ”: letters that hardly any text holds, and none that a
# misread text holds.
SELDOM_MEANT = (
    r"[\u0180-\u0191\u0193-\u019f\u01a2-\u01ae\u01b1-\u0217\u021c-\u02c5\u02c7-\u02db\u02dd-\u02ff"
    r"\u04c1-\u04cf\u0530-\u058f\u0700-\u08ff]"
)
# Windows-1252 has characters for 27 of the codes 128 to 159. Readers leave the five others as the control characters
# that they are in Latin-1.
WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if bytes([code]).decode("cp1252", "ignore")
}
_FOLLOWING = (
    "[" + "".join(f"\\u{ord(letter):04x}" for letter in WINDOWS_1252.values()) + r"\x81\x8d\x8f\x90\x9d\xa0-\xbf]"
)
MISREAD_SEQUENCES = rf"(?:[\xc2-\xdf]{_FOLLOWING}|[\xe0-\xef]{_FOLLOWING}{{2}}|[\xf0-\xf4]{_FOLLOWING}{{3}})+"

# What a word of a text is, as patterns of the package `regex`, which has grapheme clusters, scripts and invisible
# characters after Unicode (UAX #29): engine/reading/formats/words.py applies them, and the script of a run holds them.
#
# Links, @names and #topics stay whole; 3.5, U.S and well-known stay together; 's, 'd and every other sign are alone.
# In scripts without spaces between words each character is a word. Marks and invisible characters belong to the
# character before them. Between two words there are only spaces and invisible characters: every other character
# belongs to a word.

_UNSPACED_SCRIPTS = (  # LB=SA: Thai, Lao, Khmer, Burmese and their relatives
    r"\p{LB=SA}\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}\p{scx=Tang}"
)
_ALONE = rf"[[{_UNSPACED_SCRIPTS}]&&[\p{{L}}\p{{M}}\p{{Nl}}]]"
# U+200B parts words, where the other invisible characters do not.
_CONTINUING = r"[[\p{M}\p{DI}]--\u200b]*"
_LETTERS = rf"(?:[\w--[\p{{M}}\p{{DI}}{_ALONE}]]{_CONTINUING})+"
_INVISIBLE = r"\p{DI}\p{Cc}\ufff9-\ufffb"
GAP = rf"(?V1)[\s{_INVISIBLE}]"
CLUSTER = r"(?V1)\X"
WORDS = (
    rf"(?V1)https?://[^\s{_ALONE}]+"
    rf"|[@#]?{_LETTERS}(?:[-.,&/_]{_LETTERS})*"
    rf"|['’]{_LETTERS}"
    rf"|(?=[^\s{_INVISIBLE}])\X{_CONTINUING}"
)


# The text of a row that is given as words. The tokens of such a row are those of this text, so that a model learns what
# it will be given: words with a space before them are other tokens than words alone in most vocabularies.

FULL_TEXT = "full_text"  # its column in prepared rows
# Scripts that are written without spaces between words: Thai, Lao, Tibetan, Burmese; Khmer; Chinese and Japanese with
# their punctuation and forms of full width.
UNSPACED = r"\u0e00-\u109f\u1780-\u17ff\u3000-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff"
_unspaced = re.compile(f"[{UNSPACED}]")


def joined_words(words: Sequence[str], glued: Collection[int] = ()) -> str:
    """The words with single spaces between them, and none between two characters of scripts written without spaces.

    There is none behind the words at the positions `glued` either.
    """
    text = ""
    for position, word in enumerate(words):
        close = position - 1 in glued or (_unspaced.match(text[-1:]) and _unspaced.match(word[:1]))
        text += word if close or not position else f" {word}"
    return text


def places_in(text: str, words: Sequence[str]) -> list[tuple[int, int]] | None:
    """Start and end of each word in a text that holds them in this order; None where it does not."""
    places, end = [], 0
    for word in words:
        start = text.find(word, end)
        if start < 0:
            return None
        end = start + len(word)
        places.append((start, end))
    return places


def full_text(row: Mapping[str, Any]) -> str:
    """The text of a row of words; rows that were prepared by 0.1.0 have none of their own."""
    return str(row[FULL_TEXT]) if row.get(FULL_TEXT) is not None else joined_words(row["tokens"])


# What people write into a column for each label where a row has it, and where it has not; compared in lower case.

YES = ("1", "1.0", "true", "yes", "y", "x", "ja", "✓", "✔", "☑")
NO = ("0", "0.0", "false", "no", "n", "nein", "")


# Numbers as people write them in cells and fields.


def number_in(written: object) -> float:
    """The number a cell represents, a comma read as a decimal point and 85 % as 85; NaN where it is none.

    Where a number holds commas and points, the last of these signs is the decimal one: 1,234.5 and 1.234,5.
    """
    text = str(written).strip()
    try:
        return float(text)
    except ValueError:
        pass
    text = text.removesuffix("%").rstrip()
    point, comma = text.rfind("."), text.rfind(",")
    if min(point, comma) >= 0:
        text = text.replace("," if point > comma else ".", "")
    text = text.replace(",", ".") if text.count(",") == 1 else text
    try:
        return float(text)
    except ValueError:
        return math.nan
