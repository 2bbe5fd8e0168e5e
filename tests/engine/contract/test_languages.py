"""Languages are data: complete, with the values of English, written by their own rules; read only where chosen."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.contract import formatting, languages
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.languages import (
    ENGLISH,
    PLURAL_RULES,
    catalogue_of,
    facts_of,
    system_language,
    template_files,
    translations,
)
from engine.contract.queries import Device
from engine.contract.sentences import Sentence
from tests.paths import ROOT
from tests.translations import NOT_YET_TRANSLATED, english, faults, in_order, missing

OTHERS = sorted(set(languages.codes()) - {"en"})
LEAKS = "preparing.finding.leaks"


# ── The files ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_every_template_of_english_and_none_more(code: str) -> None:
    allowed = NOT_YET_TRANSLATED.get(code, ())
    lacks = missing(code)
    assert [id for id in lacks if not id.startswith(allowed)] == []
    assert sorted(set(translations(code)) - set(english())) == []
    assert facts_of(code).complete == (not allowed)


@pytest.mark.parametrize("code", OTHERS)
def test_every_template_holds_what_the_english_one_holds_and_keeps_to_the_rules_of_writing(code: str) -> None:
    held = translations(code)
    wrong = {id: faults(code, id, text) for id, text in held.items() if id in english()}
    assert {id: found for id, found in wrong.items() if found} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_each_template_is_in_the_file_of_its_room_once_and_in_order(code: str) -> None:
    seen: dict[str, str] = {}
    for path in template_files(code):
        content = path.read_text(encoding="utf-8")
        texts = json.loads(content)
        assert content == in_order(texts), f"python -m tests.translations {code} writes {path.name} in order."
        assert [id for id in texts if not id.startswith(f"{path.stem}.")] == []
        assert {id: seen[id] for id in texts if id in seen} == {}
        seen |= dict.fromkeys(texts, path.name)


@pytest.mark.parametrize("code", OTHERS)
def test_the_facts_of_a_language_are_ones_that_the_program_knows(code: str) -> None:
    facts = facts_of(code)
    assert facts.plural in PLURAL_RULES
    assert facts.decimal != facts.grouping
    assert len(facts.quotes) == 2


@pytest.mark.parametrize(
    ("model", "text", "fault"),
    [
        ("{rows:# row|# rows}.", "{rows:# Zeile}.", "holds another format"),
        ("{rows:# row|# rows}.", "{rows:# Zeile|# Zeilen|# Zeilen}.", "needs 2 plural forms"),
        ("{name}.", "{name:eins|viele}.", "is no number of things"),
        ("{bytes:size}.", "{bytes:,}.", "has another format"),
        ("{name}.", "{other}.", "holds ['other']"),
        ("A, ", "A,", "other spaces"),
        ("A\nb.", "A b.", "line breaks"),
        ("&Save", "Speichern", "mnemonics"),
        ("Right.", "Richtig", "ends with"),
        ("“{name}”", '"{name}"', "straight quotation marks"),
        ("“{name}”", "„{name}”", "has 1 „ and 0 “"),
        ("Choose it.", "Wähle deine Datei.", "write Sie"),
        ("{share} %", "{share}%", "write 83 %"),
        ("Open…", "Öffnen...", "write …"),
        ("A{{b", "Ab", "braces"),
        ("{a", "{a", "is no template"),
    ],
)
def test_a_fault_of_a_template_is_noticed(monkeypatch: pytest.MonkeyPatch, model: str, text: str, fault: str) -> None:
    monkeypatch.setitem(TEMPLATES, "x.y", model)  # type: ignore[arg-type]
    found = faults("de", "x.y", text)
    expected = "has another format" if fault == "holds another format" else fault
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("{rows:# row|# rows} of {name}.", "{rows:# Zeile|# Zeilen} von {name} {rows:fehlt|fehlen}."),
        ("{files:# file|# files}", "{files:,} Dateien"),
        ("{split} rows", "Zeilen aus „{split:split}“"),
        ("“{name}” – 83 %.", "„{name}“ – 83 %."),
    ],
)
def test_a_template_may_have_other_plural_forms_than_english(
    monkeypatch: pytest.MonkeyPatch, model: str, text: str
) -> None:
    monkeypatch.setitem(TEMPLATES, "x.y", model)  # type: ignore[arg-type]
    assert faults("de", "x.y", text) == []


# ── The choice ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of languages with one of its own, and nothing chosen yet."""
    folder = tmp_path / "de"
    folder.mkdir()
    (folder / "language.json").write_text('{"name": "Deutsch", "decimal": ",", "grouping": ".", "quotes": "„“"}')
    (folder / "preparing.json").write_text(
        json.dumps({LEAKS: "{rows:# Zeile|# Zeilen} stehen auch in {other}: {harm} ({split})"}), encoding="utf-8"
    )
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    monkeypatch.setattr(languages, "_catalogue", ENGLISH)
    for cached in (catalogue_of, facts_of):
        cached.cache_clear()
    yield tmp_path  # type: ignore[misc]
    for cached in (catalogue_of, facts_of):
        cached.cache_clear()


def test_what_a_language_lacks_is_reported_in_english(small: Path) -> None:
    languages.use(catalogue_of("de"))
    assert Sentence(LEAKS, rows=2, split="test", other="train", harm="x").startswith("2 Zeilen stehen auch in train")
    assert Sentence("contract.fix.leave_out_duplicates") == "Exclude duplicates"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(("de",), "de"), (("", "tlh", "de"), "de"), (("en", "de"), "en"), (("tlh",), "en"), ((), "en")],
)
def test_the_first_wanted_language_that_there_is_is_used_else_that_of_the_system(
    small: Path, wanted: tuple[str, ...], code: str
) -> None:
    assert languages.choose(*wanted, system=["fr-FR"]).code == languages.catalogue().code == code
    assert languages.choose("tlh", system=["de-CH"]).code == "de"


def test_another_thread_keeps_its_language_while_one_writes_in_english(small: Path) -> None:
    languages.use(catalogue_of("de"))
    with languages.using(ENGLISH), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: languages.catalogue().code).result() == "de"


def test_another_language_for_a_while_ends_with_it_also_after_an_error(small: Path) -> None:
    languages.use(catalogue_of("de"))
    with contextlib.suppress(ZeroDivisionError), languages.using(ENGLISH):
        assert languages.catalogue() is ENGLISH
        raise ZeroDivisionError
    assert languages.catalogue().code == "de"


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "sv:de:en"}, "de"),
        ({"LANG": "C", "LANGUAGE": "de"}, "en"),
        ({"LANG": "fr_FR@euro"}, "en"),
        ({}, "en"),
    ],
)
def test_the_system_s_language_is_taken_where_there_is_one(
    small: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert system_language() == code


def test_a_language_that_is_not_complete_is_not_taken_since_the_system_has_it(small: Path) -> None:
    assert system_language(["de-AT"]) == "de"
    (small / "de" / "language.json").write_text('{"name": "Deutsch", "complete": false}')
    facts_of.cache_clear()
    assert system_language(["de-AT"]) == "en"


def test_english_reads_no_file_of_another_language() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); opened = []\n"
        "sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' else None)\n"
        "from engine.contract import languages, sentences; languages.choose(system=['en-GB', 'de'])\n"
        "sentences.Sentence('contract.fix.leave_out_duplicates')\n"
        "print([one for one in opened if 'languages' in one and one.endswith('.json')])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_languages_are_called_by_their_names_in_the_language_of_the_program() -> None:
    with languages.using(catalogue_of("de")):
        look = Sentence("preparing.finding.texts_look_model_made_model", names="German", names_2="English, Danish")
        assert look.startswith("Die Texte sehen nach dieser Sprache aus: Deutsch; dieses Modell wurde für Englisch, Dä")
    assert Sentence("preparing.finding.texts_look_model_made_model", names="German", names_2="Old Norse").startswith(
        "The texts look German; this model was made for Old Norse."
    )


def test_the_cores_of_a_processor_are_counted_in_the_language_of_the_program() -> None:
    processor = Device("cpu", "Some Processor (R) 9 (2 cores)", 8, 4, False)
    assert (processor.title, Device("cuda:0", "NVIDIA H200", 8, 4, True).title) == (processor.name, "NVIDIA H200")
    with languages.using(catalogue_of("de")):
        assert processor.title == "Some Processor (R) 9 (2 Kerne)"


def test_shares_and_units_are_written_as_the_language_writes_them() -> None:
    refused = {"title": "ONNX", "agreement": 0.875, "rows": 1_200, "least": 0.99}
    assert "87.5% of 1,200 answers" in Sentence("exporting.refused.agreement", **refused)
    assert formatting.unit_text("rows") == "rows"
    with languages.using(catalogue_of("de")):
        assert "87,5\N{NO-BREAK SPACE}% von 1.200 Antworten" in Sentence("exporting.refused.agreement", **refused)
        assert (formatting.unit_text("rows"), formatting.unit_text("of a later version")) == (
            "Zeilen",
            "of a later version",
        )
