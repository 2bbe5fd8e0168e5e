"""What a language still lacks, and its files in their order: python -m tests.translations [CODE]

Prints the English templates that the language has no text for, and what is wrong with those it has; writes every file
of it anew, sorted by ids, a template a line.
"""

from __future__ import annotations

import json
import re
import string
import sys
from collections.abc import Iterator
from functools import cache

from engine.__main__ import command_parser
from engine.bootstrap.sentences import command_sentence
from engine.cli import argparse_texts
from engine.contract import formatting, languages
from engine.contract.artefacts import ARTEFACTS, varies
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.column_roles import IGNORED, ROLES
from engine.contract.examples import examples
from engine.contract.file_formats import FILE_FORMATS
from engine.contract.languages import PLURAL_RULES, facts_of, template_files, translations
from engine.contract.metrics import BASELINES, METRICS, baseline_name, score_meaning, score_name
from engine.contract.queries import Device
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FineTuneSettings,
    PrepareSettings,
    ReadingOptions,
    SearchSettings,
    field_sentence,
    field_title,
    fields_of,
)
from engine.contract.shelf import LANGUAGES_OF_SCRIPTS, shelf
from engine.preparing.checks.languages import NAMES as NAMES_OF_LANGUAGES
from engine.tasks.registry import TASKS
from gui.components.hub_verdict import _codes, language_name
from main import COMMANDS

# Rooms without German so far: ids that begin so may be missing. It is to become empty, and German complete.
NOT_YET_TRANSLATED: dict[str, tuple[str, ...]] = {"de": ()}
NAMES = ("split",)  # formats that a key of the program may need in another language, though English has the key
VALUE = "\ue000"  # in the place of a value
NUMBER = ":,"  # what may be a plural form in one language and a number alone in another
# What is not written to a person in German: the familiar form, and signs of other languages.
WORDING: dict[str, tuple[tuple[str, str], ...]] = {
    "de": (
        (r"\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]einen?|[Dd]einem|[Dd]einer?|[Dd]eines|[Ee]uch|[Ee]uer|[Ee]ure[rmns]?)\b", "Sie"),
        (r"[”’‘]", "„…“"),
        (rf"[\d{VALUE}]%", "83 %"),
    ),
}
PERCENT = r"%(?:\(\w+\))?[sr]\b"  # a value in the texts of argparse
ABBREVIATIONS = ("Mio.", "Mrd.", "Std.")  # whose point ends no sentence
ANYWHERE = ((r"\.\.\.", "…"), (r"(?<=\s)-(?=\s)", "–"), (r"  ", "one space"))


def fields(template: str) -> Iterator[tuple[str, str]]:
    """The names of the values in a template, each with its format."""
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None:
            yield name, spec or ""


def own_text(template: str) -> str:
    """The template with a sign in the place of each value; the words of plural forms stay."""

    def shown(field: re.Match[str]) -> str:
        spec = field[1] or ""
        return spec.replace("#", VALUE) if "|" in spec else VALUE

    return re.sub(r"\{\w+(?:![rsa])?(?::([^{}]*))?\}", shown, template)


@cache
def registry_texts() -> dict[str, str]:
    """The English texts of registries by their ids: settings, roles, formats, artefacts, examples, tasks, metrics."""
    before = dict(languages.declared)
    languages.declared.clear()
    for kind in (ReadingOptions, PrepareSettings, FineTuneSettings, SearchSettings, EvaluateSettings, ExportSettings):
        for field in fields_of(kind):
            field_title(kind, field.name), field_sentence(kind, field.name)
    for shown in (*ROLES, IGNORED, *examples(), *ARTEFACTS.values()):
        shown.title, shown.sentence  # noqa: B018
    for facts in TASKS:
        facts.title, facts.sentence, facts.column_title, facts.counted_title, facts.class_title  # noqa: B018
        facts.target_note  # noqa: B018
    for form in FILE_FORMATS:
        form.title  # noqa: B018
    for key in METRICS:
        score_name(key), score_meaning(key)
    for key in BASELINES:
        baseline_name(key)
    for key in formatting.SPLITS:
        formatting.split_name(key)
    varies(), formatting.either(("a", "b")), formatting.size(1), formatting.size(2)
    for name in ("(1 core)", "(2 cores)"):
        Device("cpu", f"A processor {name}", 0, 0, False).title  # noqa: B018
    for unit in formatting.UNITS:
        formatting.unit_text(unit)
    command_parser(), argparse_texts.texts()
    for name, (_, does) in COMMANDS.items():
        command_sentence(name, does)
    formatting.needs(1, 1, 1), formatting.device_text("cpu (1 thread)"), formatting.device_text("cpu (2 threads)")
    for entry in shelf():
        entry.about  # noqa: B018
    for name in (*LANGUAGES_OF_SCRIPTS, *NAMES_OF_LANGUAGES.values(), *map(language_name, _codes())):
        formatting.language_text(name)
    found = dict(languages.declared)
    languages.declared.update(before)
    return found


@cache
def english() -> dict[str, str]:
    """Every text of the program in English by its id: templates, and the texts of registries."""
    return {**TEMPLATES, **registry_texts()}


def missing(code: str) -> list[str]:
    """Ids of English that the language has no template for."""
    return sorted(set(english()) - set(translations(code)))


def faults(code: str, id: str, text: str) -> list[str]:
    """What is wrong with a template of this language, beside the English one of the same id."""
    model = TEMPLATES.get(id) or registry_texts()[id]
    try:
        own = list(fields(text))
    except ValueError as error:
        return [f"is no template: {error}"]
    return [*_field_faults(code, list(fields(model)), own), *_text_faults(code, model, text)]


def _field_faults(code: str, english: list[tuple[str, str]], own: list[tuple[str, str]]) -> Iterator[str]:
    if {name for name, _ in own} != {name for name, _ in english}:
        yield f"holds {sorted({name for name, _ in own})}, English {sorted({name for name, _ in english})}"
        return
    counted = {name for name, spec in english if "|" in spec or spec == NUMBER[1:]}
    for name, spec in own:
        if "|" in spec:
            forms = PLURAL_RULES[facts_of(code).plural].forms
            if len(spec.split("|")) != forms:
                yield f"{{{name}}} needs {forms} plural forms"
            if name not in counted:
                yield f"{{{name}}} is no number of things"
        elif (
            (name, spec) not in english
            and not (spec in NAMES and (name, "") in english)
            and not (name in counted and spec == NUMBER[1:])
        ):
            yield f"{{{name}:{spec}}} has another format than in English"


def _text_faults(code: str, english: str, text: str) -> Iterator[str]:
    if _ends(english) != _ends(text):
        yield "begins or ends with other spaces"
    for sign, name in (("\n", "line breaks"), ("&", "mnemonics (&)"), ("{{", "braces")):
        if english.count(sign) != text.count(sign):
            yield f"has {text.count(sign)} {name}, English {english.count(sign)}"
    if re.findall(r"</?\w+", english) != re.findall(r"</?\w+", text):
        yield "has other tags"
    if _last_sign(english) != _last_sign(text):
        yield f"ends with “{_last_sign(text)}”, English with “{_last_sign(english)}”"
    if sorted(re.findall(PERCENT, english)) != sorted(re.findall(PERCENT, text)):
        yield "has other values after %"
    own = re.sub(r"<[^>]*>", "", own_text(text))
    if '"' in own and '"' not in own_text(english):
        yield "has straight quotation marks"
    if "'" in own and "'" not in own_text(english):
        yield "has a straight apostrophe"
    opening, closing = facts_of(code).quotes
    if own.count(opening) != own.count(closing):
        yield f"has {own.count(opening)} {opening} and {own.count(closing)} {closing}"
    for pattern, instead in (*WORDING.get(code, ()), *ANYWHERE):
        if re.search(pattern, own) and not (pattern in dict(ANYWHERE) and re.search(pattern, own_text(english))):
            yield f"“{re.search(pattern, own)[0]}”: write {instead}"  # type: ignore[index]


def _ends(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _last_sign(text: str) -> str:
    shown = text.rstrip()
    last = "" if shown.endswith(ABBREVIATIONS) else shown[-1:]
    return last if last in ".:…?!,;" else ""


def in_order(texts: dict[str, str]) -> str:
    """The content of a file: sorted by ids, a template a line."""
    return json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(code: str) -> None:
    for path in template_files(code):
        path.write_text(in_order(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    held = translations(code)
    wrong = [f"{id}: no id of English" for id in held if id not in english()]
    wrong += [f"{id}: {fault}" for id, text in held.items() if id in english() for fault in faults(code, id, text)]
    lacks = missing(code)
    print(*(f"missing {id}: {english()[id]!r}" for id in lacks), *wrong, sep="\n")
    print(f"{len(lacks):,} of {len(english()):,} templates are missing, {len(wrong):,} faults.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "de")
