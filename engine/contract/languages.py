"""The languages of the program, and the one of this process: its templates, plural forms and signs of numbers.

English is code (`catalogue_en.py`). Every other language is data, a folder of `resources/languages` with its code as a
name:

    language.json       how it is called, counts and writes numbers: a `Language`
    <any other>.json    templates by their ids; all files of the folder together make the catalogue; the texts of
                        registries too, whose English is beside their entries (`translated`)

It is read only where it is chosen. What it lacks is said in English.
"""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import NamedTuple

from engine.contract.catalogue_en import TEMPLATES

FOLDER = Path(__file__).parents[2] / "resources" / "languages"
FACTS = "language.json"
VARIABLE = "TUNEWRIGHT_LANGUAGE"  # of the environment: the code of a language
SYSTEM = ""  # as a choice: the language of the system where the program has it


class PluralRule(NamedTuple):
    """How many forms a word has, and which of them (from 0) goes with a whole number."""

    forms: int
    form_of: Callable[[int], int]


PLURAL_RULES: Mapping[str, PluralRule] = {"one_other": PluralRule(2, lambda number: 0 if number == 1 else 1)}


class Language(NamedTuple):
    """What is to be known of a language besides its templates; no msgspec, since the help lists the languages."""

    name: str  # in itself
    complete: bool = True  # else it is taken only where it is asked for by name, not since the system has it
    plural: str = "one_other"  # of PLURAL_RULES
    decimal: str = "."
    grouping: str = ","
    percent: str = "%"  # behind a number, with what is between
    quotes: str = "“”"  # the opening and the closing one
    date: str = "%d %b %Y"  # for `strftime`
    date_this_year: str = "%d %b %H:%M"


class Catalogue(NamedTuple):
    """All templates of a language by their ids; `plural_form` counts from 0 and is given whole numbers."""

    templates: Mapping[str, str]
    plural_form: Callable[[int], int]
    language: Language = Language("English")
    code: str = "en"


ENGLISH = Catalogue(TEMPLATES, PLURAL_RULES["one_other"].form_of)
declared: dict[str, str] = {}  # texts of registries that were asked for, in English, without braces
_catalogue = ENGLISH
_for_a_while: ContextVar[Catalogue | None] = ContextVar("catalogue", default=None)


def catalogue() -> Catalogue:
    """The one that this process makes its texts from."""
    return _for_a_while.get() or _catalogue


def translated(id: str, english: str) -> str:
    """The text of a registry (settings, tasks, metrics …), whose English one is beside what it is the name of.

    Such a text holds no values. Its id is made of the entry's key, so that no catalogue of English repeats it.
    """
    declared[id] = english
    return catalogue().templates.get(id, english)


def template(id: str) -> str:
    """The template of this process's language; raises `KeyError` where there is none, nor one that was `declared`."""
    found = catalogue().templates.get(id)
    return declared[id] if found is None else found


def use(chosen: Catalogue) -> None:
    """Lets this process make its texts from another catalogue."""
    global _catalogue
    _catalogue = chosen


@contextmanager
def using(chosen: Catalogue) -> Iterator[None]:
    """Makes the texts of this thread from another catalogue for a while: files for other programs are in English."""
    token = _for_a_while.set(chosen)
    try:
        yield
    finally:
        _for_a_while.reset(token)


def codes() -> list[str]:
    """The codes of all languages that there are, English first; reads no file."""
    return [ENGLISH.code, *sorted(path.parent.name for path in FOLDER.glob(f"*/{FACTS}"))]


@cache
def facts_of(code: str) -> Language:
    """What is to be known of a language."""
    if code == ENGLISH.code:
        return ENGLISH.language
    return Language(**json.loads((FOLDER / code / FACTS).read_bytes()))


@cache
def catalogue_of(code: str) -> Catalogue:
    """The catalogue of a language."""
    if code == ENGLISH.code:
        return ENGLISH
    facts = facts_of(code)
    return Catalogue({**TEMPLATES, **translations(code)}, PLURAL_RULES[facts.plural].form_of, facts, code)


def translations(code: str) -> dict[str, str]:
    """The templates of a language that are not English, by their ids."""
    found: dict[str, str] = {}
    for path in template_files(code):
        found |= json.loads(path.read_bytes())
    return found


def template_files(code: str) -> list[Path]:
    """The files with the templates of a language."""
    return sorted(path for path in (FOLDER / code).glob("*.json") if path.name != FACTS)


def choose(*wanted: str, system: Iterable[str] | None = None) -> Catalogue:
    """Uses the first of these codes that there is, else the language of the system; what is empty or unknown is none.

    The environment (`VARIABLE`) is one of those that are `wanted`, at the place that suits the caller.
    """
    known = codes()
    code = next((one for one in wanted if one in known), "") or system_language(system)
    use(catalogue_of(code))
    return _catalogue


def system_language(names: Iterable[str] | None = None) -> str:
    """The first complete language among those that the user reads ("de_AT.UTF-8", "de-AT"); else English."""
    known = codes()
    for name in _of_the_system() if names is None else names:
        code = name.replace("-", "_").partition("_")[0].partition(".")[0].lower()
        if code in known and facts_of(code).complete:
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
