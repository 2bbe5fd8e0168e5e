"""Writing systems and languages, recognized from letters, by chardet, and from the commonest little words.

Good for one question: are these rows in a language that the model was made for? On short rows (80 of three to five
words in each of eleven languages, without and with “de:” or “Kunde:” before each) chardet's pairs of letters were right
for 44 of 44, a count of little words for 30. It has an answer for any letters, so the little words have to agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec

from engine.contract.shelf import LANGUAGES_OF_SCRIPTS

_RANGES = (  # first letter, writing system
    (0x0041, "Latin"),
    (0x0370, "Greek"),
    (0x0400, "Cyrillic"),
    (0x0530, "Armenian"),
    (0x0590, "Hebrew"),
    (0x0600, "Arabic"),
    (0x0780, ""),
    (0x0900, "Devanagari"),
    (0x0980, "Bengali"),
    (0x0A00, "Gurmukhi"),
    (0x0A80, "Gujarati"),
    (0x0B00, ""),
    (0x0B80, "Tamil"),
    (0x0C00, "Telugu"),
    (0x0C80, "Kannada"),
    (0x0D00, "Malayalam"),
    (0x0D80, ""),
    (0x0E00, "Thai"),
    (0x0E80, ""),
    (0x10A0, "Georgian"),
    (0x1100, "Korean"),
    (0x1200, "Ethiopic"),
    (0x1400, ""),
    (0x1E00, "Latin"),
    (0x1F00, "Greek"),
    (0x2000, ""),
    (0x3040, "Japanese"),
    (0x3100, ""),
    (0x3400, "Chinese"),
    (0xA000, ""),
    (0xAC00, "Korean"),
    (0xD7B0, ""),
    (0xF900, "Chinese"),
    (0xFB00, ""),
    (0xFB50, "Arabic"),
    (0xFE00, ""),
    (0xFE70, "Arabic"),
    (0xFF00, ""),
    (0x20000, "Chinese"),
    (0x30000, ""),
)
_STARTS = [start for start, _ in _RANGES]
_SCRIPTS = {code: {script} for script, codes in LANGUAGES_OF_SCRIPTS.items() for code in codes}
_SCRIPTS["ja"] = {"Japanese", "Chinese"}
_SCRIPTS["ko"] = {"Korean", "Chinese"}
_SCRIPTS["sr"] = {"Cyrillic", "Latin"}
NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "da": "Danish",
    "pl": "Polish",
    "tr": "Turkish",
    "ru": "Russian",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "ar": "Arabic",
    "hi": "Hindi",
}
_CODES = {name.casefold(): code for code, name in NAMES.items()}
_LITTLE_WORDS = {  # the commonest words of running text in languages written in Latin letters
    "en": "the of and to is that it was for with this not are you have be they on as my",
    "de": "der die und das ist nicht ein eine ich zu den mit auf es im sich für dem von sie auch",
    "fr": "le la les et des est un une que pas je pour dans qui ce sur il du en vous avec au",
    "es": "el la los las y que de es un una por con para no se lo del su como más al muy",
    "it": "il di che è la un una per non sono con del le si ho da gli della mi anche più ma",
    "pt": "o que de e não um uma para com do da os as em por se mais no na muito eu você",
    "nl": "de het een en van is niet ik dat op te zijn met voor die je er maar ook aan was",
    "sv": "och att det är en som på jag inte för av den med ett har till om var så men de",
    "da": "og at det er en som på jeg ikke for af den med et har til om var så men de der",
    "pl": "nie i w się na jest że z do to jak co tak po ale o jestem bardzo był dla mnie",
    "tr": "ve bir bu da de için çok ne ben o ile var gibi daha değil ama en olan kadar mi",
}
_LITTLE = {code: frozenset(words.split()) for code, words in _LITTLE_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 60
_FEWEST_ALIKE = 20  # texts that begin alike
_LEAST_LITTLE = 0.06  # of the words; short rows in Turkish and Polish have 0.08 to 0.13


def scripts_of(texts: Iterable[str]) -> Counter[str]:
    """How many letters there are of each writing system; signs, digits and rarer systems are not counted."""
    counts: Counter[str] = Counter()
    for letter, number in Counter("".join(texts)).items():
        is_letter = letter.isalpha() and ord(letter) >= _STARTS[0]
        script = _RANGES[bisect_right(_STARTS, ord(letter)) - 1][1] if is_letter else ""
        if script:
            counts[script] += number
    return counts


def scripts_for(languages: Iterable[str]) -> set[str]:
    """The writing systems of these languages, given as codes or English names; empty where one is not known."""
    scripts: set[str] = set()
    for language in languages:
        code = code_of(language)
        if code in ("", "multilingual", "mul", "xx"):
            return set()
        scripts |= _SCRIPTS.get(code, {"Latin"})
    return scripts


def code_of(language: str) -> str:
    """ "en" for "en", "en-US", "English"."""
    written = language.strip().casefold()
    return _CODES.get(written, re.split(r"[-_]", written)[0])


def language_of(texts: Iterable[str]) -> tuple[str, dict[str, float]]:
    """The language of texts in Latin letters, and the share of the little words of each language that is known here.

    An empty code where there are too few words or the language is none of these. What most texts begin with, such as
    “de:”, does not count. Where chardet is not installed, as on a machine that only trains, the language with the most
    little words is taken.
    """
    read = _without_common_beginning(list(texts))
    words = Counter(word for text in read for word in _WORD.findall(text.casefold()))
    total = sum(words.values())
    shares = {code: sum(words[word] for word in little) / total if total else 0.0 for code, little in _LITTLE.items()}
    if find_spec("chardet") is None:
        best = max(shares, key=lambda code: shares[code])
    else:
        import chardet

        best = chardet.detect("\n".join(read).encode("utf-8", "replace"))["language"] or ""
    return (best if total >= _FEWEST_WORDS and shares.get(best, 0.0) >= _LEAST_LITTLE else ""), shares


def _without_common_beginning(texts: list[str]) -> list[str]:
    firsts = Counter(text.split(maxsplit=1)[0] for text in texts if text.strip())
    first, number = firsts.most_common(1)[0] if firsts else ("", 0)
    if number <= len(texts) / 2 or number < _FEWEST_ALIKE:
        return texts
    return [text.lstrip().removeprefix(first) for text in texts]
