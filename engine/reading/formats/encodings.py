"""Which encodings a text that is not Unicode may be written in, the likeliest first.

Bytes do not tell their encoding, so this only ranks: each candidate decodes the lines that hold more than ASCII, and
each character is weighed by how common it is in the languages the encoding was made for. Encodings that give the same
letters count as one. Whoever calls this shows the letters to a person.
"""

from __future__ import annotations

import codecs
import itertools
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

MOST_BYTES = 100_000  # of the lines that are weighed
MOST_ERRORS = 0.02  # of the characters beyond ASCII that may be undecodable
CHOICES = 3
SHOWN_LINES = 2  # where no more are needed to tell the encodings apart
_SHOWN_CHARACTERS = 56
_LATIN_1 = "éèàêçôîûùëïüöäßñáíóúåøæãõâœ"
_TURKISH = "ışğüöçâî"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžőűăâîşţľĺŕôäđ"
_BALTIC = "āčēģīķļņšūžėįųąęåäöõ"
_MARKS = "’“”‘«»…–—€°¡¿£§"
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ"
_GREEK = "αοιτεσνηυρπκμλςόίάέγήωδχύθφβώξζψ"
_HEBREW = "יוהלאתרבמשנםדעקןפחכטצגסזךץף"
_ARABIC = "الينمتروبعدهفكسقحجةشصطءخضىذأثزئإغظؤ"


class EncodingGuess(NamedTuple):
    """An encoding and how well the text fits it, at most 1."""

    encoding: str
    score: float


def guesses(lines: bytes, *, is_partly_utf8: bool = False) -> tuple[EncodingGuess, ...]:
    """The likeliest encodings of these lines, at most `CHOICES`, each with other letters than the others.

    `is_partly_utf8` adds UTF-8, in which the lines that are not valid would be unreadable.
    """
    sample = lines[:MOST_BYTES]
    found: dict[str, EncodingGuess] = {}
    for encoding, weigh in CANDIDATES:
        text = sample.decode(encoding, "replace")
        odd = [character for character in text if character > "\x7f"]
        if not odd or odd.count("\ufffd") > MOST_ERRORS * len(odd) + 1:
            continue
        guess = EncodingGuess(encoding, _score(text, weigh))
        if text not in found:
            found[text] = guess
    ranked = sorted(found.values(), key=lambda guess: -guess.score)[:CHOICES]
    if is_partly_utf8:
        ranked = [*ranked[: CHOICES - 1], EncodingGuess("utf-8", 0.0)]
    return tuple(ranked) or (EncodingGuess("cp1252", 0.0),)


def told_apart(lines: bytes, encodings: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The same few lines as they read in each encoding, each cut around the first letter that two of them read
    differently; of encodings that read alike but for white space only the first is left.
    """
    parts = [line for line in lines[:MOST_BYTES].splitlines() if not line.isascii()]
    parts.sort(key=lambda line: -sum(byte > 127 for byte in line[:200]))
    pairs = list(itertools.combinations(range(len(encodings)), 2))
    chosen: list[tuple[str, ...]] = []
    for line in dict.fromkeys(parts):
        texts = [" ".join(line.decode(encoding, "replace").split()) for encoding in encodings]
        for one, other in [pair for pair in pairs if texts[pair[0]] != texts[pair[1]]]:
            cuts = tuple(_cut(text, _first_difference(texts[one], texts[other])) for text in texts)
            still = [pair for pair in pairs if cuts[pair[0]] == cuts[pair[1]]]
            if len(still) < len(pairs):
                chosen.append(cuts)
                pairs = still
        if not pairs:
            break
    alike = {other for _, other in pairs}
    for line in parts:
        if len(chosen) < SHOWN_LINES:
            texts = [" ".join(line.decode(encoding, "replace").split()) for encoding in encodings]
            cuts = tuple(_cut(text, _first_beyond_ascii(text)) for text in texts)
            chosen += [] if cuts in chosen else [cuts]
    return {
        encoding: tuple(cuts[index] for cuts in chosen)
        for index, encoding in enumerate(encodings)
        if index not in alike
    }


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _first_beyond_ascii(text: str) -> int:
    return next((place for place, letter in enumerate(text) if letter > "\x7f"), 0)


def _cut(text: str, place: int) -> str:
    start = max(0, place - _SHOWN_CHARACTERS // 3)
    cut = text[start : start + _SHOWN_CHARACTERS]
    return ("…" if start else "") + cut + ("…" if start + _SHOWN_CHARACTERS < len(text) else "")


def _score(text: str, weigh: Callable[[str], float]) -> float:
    """The mean weight of the characters beyond ASCII, less what their neighbours make unlikely."""
    known: dict[str, float] = {}
    total, count = 0.0, 0
    before, last = " ", len(text) - 1
    for place, character in enumerate(text):
        if character > "\x7f":
            weight = known.get(character)
            if weight is None:
                weight = known[character] = _plain_weight(character, weigh)
            count += 1
            total += weight
            if character.isupper() and before.islower():
                total -= 1.0  # a capital within a word
            elif before.isalpha() and not character.isalnum() and character not in "’·" and place < last:
                total -= 1.0 if text[place + 1].isalpha() else 0.0  # a sign within a word
        before = character
    return total / count if count else 0.0


def _plain_weight(character: str, weigh: Callable[[str], float]) -> float:
    category = unicodedata.category(character)
    if category in ("Cc", "Cn", "Co", "Cs") or character == "\ufffd":
        return -3.0
    if character in _MARKS:
        return 0.6
    if "\uff61" <= character <= "\uff9f":
        return -0.5  # half-width kana, which any other text turns into
    if category[0] in "SNPZM":
        return 0.5 if category == "So" and character >= "\U0001f000" else -0.5
    return weigh(character)


def _by_rank(letters: str) -> Callable[[str], float]:
    """Weights that fall from the most frequent letter to the rarest; capitals weigh half."""
    weights = {letter: 1.0 - 0.7 * place / len(letters) for place, letter in enumerate(letters)}

    def weigh(character: str) -> float:
        lower = character.lower()
        weight = weights.get(lower, 0.0)
        return weight if lower == character else 0.5 * weight

    return weigh


def _letters(letters: str, weight: float) -> Callable[[str], float]:
    """One weight for all these letters; other Latin ones weigh little."""
    common = frozenset(letters)

    def weigh(character: str) -> float:
        lower = character.lower() if character != "İ" else "ı"
        if lower not in common:
            return 0.1 if "\u00c0" <= character <= "\u024f" else -0.3
        return weight if lower == character else 0.5 * weight

    return weigh


def _characters(encoding: str, first: int, last: int, *, kana: float, hangul: float) -> Callable[[str], float]:
    """Han characters of the encoding's first level, whose lead bytes lie between `first` and `last`, are common."""

    def weigh(character: str) -> float:
        if "\u3040" <= character <= "\u30ff":
            return kana
        if "\uac00" <= character <= "\ud7a3":
            return hangul
        if "\u0400" <= character <= "\u0451":
            return 0.4
        try:
            lead = character.encode(encoding)[0]
        except UnicodeEncodeError:
            return -0.2
        return 0.9 if "\u4e00" <= character <= "\u9fff" and first <= lead <= last else 0.1

    return weigh


def _known(candidates: list[tuple[str, Callable[[str], float]]]) -> list[tuple[str, Callable[[str], float]]]:
    for encoding, _ in candidates:
        codecs.lookup(encoding)
    return candidates


CANDIDATES = _known(
    [
        ("cp1252", _letters(_LATIN_1, 1.0)),
        ("cp1254", _letters(_TURKISH + _LATIN_1, 1.0)),
        ("iso-8859-15", _letters(_LATIN_1, 0.95)),
        ("mac-roman", _letters(_LATIN_1, 0.95)),
        ("cp1250", _letters(_CENTRAL, 0.9)),
        ("iso-8859-2", _letters(_CENTRAL, 0.85)),
        ("cp1257", _letters(_BALTIC, 0.8)),
        ("cp1251", _by_rank(_RUSSIAN)),
        ("koi8-r", _by_rank(_RUSSIAN)),
        ("iso-8859-5", _by_rank(_RUSSIAN)),
        ("mac-cyrillic", _by_rank(_RUSSIAN)),
        ("cp866", _by_rank(_RUSSIAN)),
        ("cp1253", _by_rank(_GREEK)),
        ("cp1255", _by_rank(_HEBREW)),
        ("cp1256", _by_rank(_ARABIC)),
        ("gb18030", _characters("gb2312", 0xB0, 0xD7, kana=0.3, hangul=-0.2)),
        ("shift_jis", _characters("shift_jis", 0x88, 0x97, kana=1.0, hangul=-0.2)),
        ("cp932", _characters("shift_jis", 0x88, 0x97, kana=1.0, hangul=-0.2)),
        ("euc-jp", _characters("euc-jp", 0xB0, 0xCF, kana=1.0, hangul=-0.2)),
        ("big5", _characters("big5", 0xA4, 0xC6, kana=0.1, hangul=-0.2)),
        ("euc-kr", _characters("euc-kr", 0xFF, 0xFF, kana=0.1, hangul=1.0)),
    ]
)
