"""The languages that the program speaks, and the one of this process: its templates, plural forms and signs of numbers.

English is code (`catalogue_en.py`). Every other language is data, a folder of `resources/languages` with its code as a
name:

    language.json       how it is called, counts and writes numbers: a `Language`
    <any other>.json    templates by their ids; all files of the folder together make the catalogue

It is read only where it is chosen. What it lacks is said in English.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.catalogue_en import TEMPLATES

FOLDER = Path(__file__).parents[2] / "resources" / "languages"
FACTS = "language.json"
VARIABLE = "TUNEWRIGHT_LANGUAGE"  # of the environment: the code of a language
SYSTEM = ""  # as a choice: the language of the system where the program speaks it


class PluralRule(NamedTuple):
    """How many forms a word has, and which of them (from 0) goes with a whole number."""

    forms: int
    form_of: Callable[[int], int]


PLURAL_RULES: Mapping[str, PluralRule] = {"one_other": PluralRule(2, lambda number: 0 if number == 1 else 1)}


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be known of a language besides its templates."""

    name: str  # in itself
    complete: bool = True  # else it is taken only where it is asked for by name, not since the system has it
    plural: str = "one_other"  # of PLURAL_RULES
    decimal: str = "."
    grouping: str = ","
    quotes: str = "“”"  # the opening and the closing one
    date: str = "%d %b %Y"  # for `strftime`


class Catalogue(NamedTuple):
    """All templates of a language by their ids; `plural_form` counts from 0 and is given whole numbers."""

    templates: Mapping[str, str]
    plural_form: Callable[[int], int]
    language: Language = Language("English")
    code: str = "en"


ENGLISH = Catalogue(TEMPLATES, PLURAL_RULES["one_other"].form_of)
_catalogue = ENGLISH


def catalogue() -> Catalogue:
    """The one that this process makes its texts from."""
    return _catalogue


def use(chosen: Catalogue) -> None:
    """Lets this process make its texts from another catalogue."""
    global _catalogue
    _catalogue = chosen


@contextmanager
def using(chosen: Catalogue) -> Iterator[None]:
    """Makes texts from another catalogue for a while, in all threads of the process."""
    before = _catalogue
    use(chosen)
    try:
        yield
    finally:
        use(before)


def languages() -> dict[str, Language]:
    """Every language that there is by its code, English first."""
    others = {path.parent.name: facts_of(path.parent.name) for path in sorted(FOLDER.glob(f"*/{FACTS}"))}
    return {"en": ENGLISH.language, **others}


@cache
def facts_of(code: str) -> Language:
    """What is to be known of a language of the folder."""
    return msgspec.json.decode((FOLDER / code / FACTS).read_bytes(), type=Language)


@cache
def catalogue_of(code: str) -> Catalogue:
    """The catalogue of a language; that of English for a code that is not known."""
    if code == ENGLISH.code or code not in languages():
        return ENGLISH
    facts = facts_of(code)
    return Catalogue({**TEMPLATES, **translations(code)}, PLURAL_RULES[facts.plural].form_of, facts, code)


def translations(code: str) -> dict[str, str]:
    """The templates of a language that are not English, by their ids."""
    found: dict[str, str] = {}
    for path in template_files(code):
        found |= msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return found


def template_files(code: str) -> list[Path]:
    """The files with the templates of a language."""
    return sorted(path for path in (FOLDER / code).glob("*.json") if path.name != FACTS)


def system_language(wanted: Iterable[str] | None = None) -> str:
    """The first complete language among those that the user reads ("de_AT.UTF-8", "de-AT"); else English."""
    known = languages()
    for name in _of_the_system() if wanted is None else wanted:
        code = name.replace("-", "_").partition("_")[0].partition(".")[0].lower()
        if code in known and known[code].complete:
            return code
    return ENGLISH.code


def _of_the_system() -> list[str]:
    """The languages of the environment, as gettext reads them; where it names none, that of the menus of Windows.

    One of these variables that is set decides, so that LC_ALL=C is English whatever LANG is.
    """
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    if named:
        is_plain = named.partition(".")[0] in ("C", "POSIX")
        preferred = "" if is_plain else os.environ.get("LANGUAGE", "")
        return [*filter(None, preferred.split(":")), named]
    if sys.platform == "win32":
        import ctypes

        return [locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")]
    return []
