"""Which encodings a text that is not Unicode may be written in, the likeliest first.

chardet compares the pairs of bytes with those of some fifty languages and gives each encoding a confidence. In short
texts these are low and close together, while it is plain to a person that “don’t” is right and “donít” is not. So the
confidence is lowered by the share of words that nobody writes (`_share_of_odd_words`), which looks at letters and signs
but no language. In `tests/benchmarks/encoding_detection.py` this leaves half as many questions as chardet's confidence
alone, and ranks more single sentences right; from five rows on both rank the same encodings first.

Where two encodings come close to each other, whoever calls this shows the letters to a person.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

MOST_BYTES = 100_000  # of the lines that are looked at: chardet takes some 0.02 s for them
MOST_ERRORS = 0.02  # of the characters beyond ASCII that may be undecodable
CHOICES = 3
SHOWN_LINES = 2  # where no more are needed to distinguish the encodings
_SHOWN_CHARACTERS = 56
# Another encoding leaves a doubt whose score has this share of the best: by the number of words with more than ASCII.
_NEAR = ((20, 0.6), (60, 0.75))
_NEAR_OF_MANY = 0.8
_NEAR_OF_FEW = 0.05  # in a few words a score this far below the best leaves one too
_FAINT = 0.05  # a best score below this decides nothing
_SELDOM = {"iso-8859-4": 0.85, "iso-8859-16": 0.95}  # hardly used, and their letters resemble those of common ones
_JUDGED = 12  # different texts, those with the highest confidence
_JUDGED_CHARACTERS = 20_000
_FEW_ASCII = 0.8  # of the letters; above it a text is in Latin letters

# The encodings that are offered, by the names of the codecs that chardet finds. Where one is a part of another, as
# ISO 8859-1 is of Windows-1252, the larger one is offered for both, as in browsers. Of several that give the same text
# the first in this list names it. Those of mainframes are excluded: their line ends are not those of ASCII.
_SINGLE_BYTE = {
    "cp1252": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-15": "iso-8859-15",
    "cp1250": "cp1250",
    "iso8859-2": "iso-8859-2",
    "iso8859-16": "iso-8859-16",
    "cp1251": "cp1251",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "iso8859-5": "iso-8859-5",
    "cp1253": "cp1253",
    "iso8859-7": "iso-8859-7",
    "cp1254": "cp1254",
    "iso8859-9": "cp1254",
    "cp1255": "cp1255",
    "iso8859-8": "cp1255",
    "cp1256": "cp1256",
    "iso8859-6": "iso-8859-6",
    "cp1257": "cp1257",
    "iso8859-13": "iso-8859-13",
    "iso8859-4": "iso-8859-4",
    "cp1258": "cp1258",
    "cp874": "cp874",
    "tis-620": "cp874",
}
_EARLIER_SYSTEMS = (
    "mac-roman", "cp850", "cp437", "cp858", "cp860", "cp865", "mac-latin2", "cp852", "mac-cyrillic", "cp1125", "cp866",
    "cp855", "mac-greek", "cp737", "cp869", "mac-turkish", "cp857", "cp862", "cp720", "cp775",
)  # fmt: skip
_MULTIBYTE = {
    "cp932": "cp932",
    "shift_jis_2004": "cp932",
    "euc_jis_2004": "euc-jp",
    "gb18030": "gb18030",
    "big5hkscs": "big5hkscs",
    "cp949": "cp949",
    "euc_kr": "cp949",
    "johab": "johab",
}
_OFFERED = _SINGLE_BYTE | {name: name for name in _EARLIER_SYSTEMS} | _MULTIBYTE
_NAMES = {codecs.lookup(theirs).name: ours for theirs, ours in _OFFERED.items()}
ESCAPED = ("iso2022_jp_2", "iso2022_kr")  # all that chardet distinguishes
ENCODINGS = tuple(dict.fromkeys(_NAMES.values()))
_WIDE = frozenset(_MULTIBYTE.values())


class EncodingGuess(NamedTuple):
    """An encoding and how well it fits the text, at most 1; `is_near` where it is hard to distinguish from the best."""

    encoding: str
    score: float
    is_near: bool = False


def guesses(lines: bytes, *, is_partly_utf8: bool = False) -> tuple[EncodingGuess, ...]:
    """The likeliest encodings of these lines, at most `CHOICES`, each with other letters than the others.

    `is_partly_utf8` adds UTF-8, in which the lines that are not valid would be unreadable.
    """
    sample = lines[:MOST_BYTES]
    found: dict[str, EncodingGuess] = {}  # by the text that they give
    for encoding, confidence in _confidences(sample).items():
        text = sample.decode(encoding, "replace")
        if text in found:
            name = min(encoding, found[text].encoding, key=ENCODINGS.index)
            found[text] = found[text]._replace(encoding=name)
        elif len(found) < _JUDGED and _is_decoded(text):
            found[text] = EncodingGuess(encoding, confidence * _SELDOM.get(encoding, 1.0))
    for text, guess in found.items():
        if guess.encoding not in _WIDE:  # whose words are not apart
            odd = _share_of_odd_words(text[:_JUDGED_CHARACTERS])
            found[text] = guess._replace(score=guess.score * max(0.02, 1.0 - odd))
    ranked = sorted(found.values(), key=lambda guess: -round(guess.score, 4))  # what is equal as chardet has it
    if not ranked or ranked[0].score < _FAINT:
        known = [one.encoding for one in ranked]
        ranked += [one for one in _multibyte(sample) if one.encoding not in known]
        ranked.sort(key=lambda guess: -guess.score)
    if not ranked:
        ranked = [EncodingGuess("cp1252", 0.0)]
    words = sum(not word.isascii() for word in sample.decode(ranked[0].encoding, "replace").split())
    nearest = _nearest(ranked[0].score, words)
    ranked = [one._replace(is_near=one.score >= nearest) for one in ranked[:CHOICES]]
    if is_partly_utf8:
        ranked = [*ranked[: CHOICES - 1], EncodingGuess("utf-8", 0.0, is_near=True)]
    return tuple(ranked)


def _nearest(best: float, words: int) -> float:
    """The score from which on another encoding leaves a doubt."""
    if best <= _FAINT:
        return 0.0
    share = next((share for most, share in _NEAR if words < most), _NEAR_OF_MANY)
    return min(best * share, best - _NEAR_OF_FEW) if words < _NEAR[0][0] else best * share


def distinguishable(lines: bytes, encodings: Sequence[str]) -> dict[str, tuple[str, ...]]:
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


def encoding_of_escapes(sample: bytes) -> str:
    """The encoding of a text in ASCII whose escape sequences switch to Japanese or Korean, as in e-mails.

    An empty string for other texts; the sequences that color a terminal belong to none.
    """
    if b"\x1b$" not in sample or not sample.isascii() or find_spec("chardet") is None:
        return ""
    import chardet

    found = chardet.detect(
        sample[:MOST_BYTES],
        max_bytes=MOST_BYTES,
        prefer_superset=False,
        compat_names=False,
        include_encodings=[*ESCAPED, "ascii"],
        no_match_encoding="ascii",
    )
    name = found["encoding"] or ""
    return name if name in ESCAPED else ""


def _confidences(sample: bytes) -> dict[str, float]:
    """chardet's confidence for each of the encodings that are offered, where it has any and is installed."""
    if find_spec("chardet") is None:  # a machine that only trains; what the letters make of the words then decides
        return dict.fromkeys(_NAMES.values(), _FAINT)
    import chardet

    found: dict[str, float] = {}
    results = chardet.detect_all(
        sample,
        max_bytes=len(sample),
        ignore_threshold=True,  # right answers for a sentence begin at 0.05
        prefer_superset=False,  # else ISO 8859-2, -5 and -6 are called by the names of Windows' encodings, which differ
        compat_names=False,
        include_encodings=list(_NAMES),
    )
    for result in results:
        name = _NAMES.get(codecs.lookup(result["encoding"]).name) if result["encoding"] else None
        if name is not None:
            found[name] = max(found.get(name, 0.0), result["confidence"])
    return found


def _is_decoded(text: str) -> bool:
    """Whether all but a few of the characters beyond ASCII could be decoded."""
    return text.count("\ufffd") <= MOST_ERRORS * sum(character > "\x7f" for character in text) + 1


def _multibyte(sample: bytes) -> list[EncodingGuess]:
    """Encodings of several bytes a character in which the sample reads as text, by how well.

    chardet passes over short texts whose characters all lie in one row of the tables, such as words of katakana, and
    over GB 18030 that holds no Chinese.
    """
    found = []
    for encoding in dict.fromkeys(_MULTIBYTE.values()):
        text = sample.decode(encoding, "replace")
        characters = [character for character in text if character > "\x7f"]
        if not _is_decoded(text) or not characters:
            continue
        if not any("\u2e80" <= one <= "\ud7a3" or "\uff61" <= one <= "\uff9f" for one in characters):
            found.append(EncodingGuess(encoding, _FAINT * (1.0 - _share_of_odd_words(text[:_JUDGED_CHARACTERS]))))
            continue
        common = sum("\u3000" <= one <= "\u30ff" or "\uac00" <= one <= "\ud7a3" for one in characters)
        kana = sum("\u3040" <= one <= "\u30ff" for one in characters)
        latin = sum(one.isascii() and one.isalpha() for one in text)
        if common > 0.6 * len(characters) and latin < len(characters):
            found.append(EncodingGuess(encoding, _FAINT * (common + kana) / (2 * len(characters))))
    return sorted(found, key=lambda guess: -guess.score)


# Classes of characters, one letter each, so that a word's shape is matched by one expression. Cased letters of Latin,
# Greek and Cyrillic script: small and capital; o: letters of others; !: what no text holds; (, ): signs that only begin
# or end a word; ': signs within words; $: other signs.
_SCRIPTS = ((0x0080, 0x0250, "lL"), (0x0370, 0x0400, "gG"), (0x0400, 0x0530, "cC"), (0x1E00, 0x1F00, "lL"))
_ODD_WORD = re.compile(
    r"!"
    r"|[alcg][LGC]|[lgc]A"  # a capital within a word
    r"|[aAlL][gGcCo]|[gGcCo][aAlL]|[gG][cC]|[cC][gG]"
    r"|[aAlLgGcCo][$()][aAlLgGcCo]|[)][aAlLgGcC]|[aAlLgGcC9][(]"
    r"|9[lLgGcC]|[lLgGcC]9"
)
_OTHER_SCRIPT = re.compile(r"[gGcCo]")


def _share_of_odd_words(text: str) -> float:
    """The share of the words with more than ASCII that hardly anybody writes."""
    shapes = text.translate({ord(character): _shape(character) for character in set(text)})
    ascii_letters = shapes.count("a") + shapes.count("A")
    is_latin = ascii_letters > _FEW_ASCII * sum(map(shapes.count, "aAlLgGcCo"))
    words = [shape for shape, word in zip(shapes.split(), text.split(), strict=True) if not word.isascii()]
    odd = sum(
        1.0 if _ODD_WORD.search(word) else 0.8 if is_latin and _OTHER_SCRIPT.search(word) else 0.0 for word in words
    )
    return odd / max(1, len(words))


def _shape(character: str) -> str:
    if character.isspace():
        return " "
    if character.isascii():
        return "9" if character.isdigit() else "a" if character.islower() else "A" if character.isupper() else "."
    code, category = ord(character), unicodedata.category(character)
    if category in ("Cc", "Cn", "Co", "Cs", "Lm", "Sk") or character == "\ufffd" or 0x2500 <= code < 0x25A0:
        return "!"
    if category[0] == "L":
        cases = next((cases for first, last, cases in _SCRIPTS if first <= code < last), "oo")
        return cases[1] if category == "Lu" else cases[0]
    if category[0] == "M":
        return "m"
    return "'" if character in "’·" else ")" if character in "™®" else "(" if character in "„‚¿¡" else "$"
