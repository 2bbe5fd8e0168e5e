"""Sentences cross as id and values; every id in the code has a template, and every template is used as it is called."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import string
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import signature
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import pytest

from engine.contract import errors, languages, messages
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.errors import DiskFull, EngineError, ErrorReport
from engine.contract.events import Event, Noted, StageFailed
from engine.contract.languages import ENGLISH, Catalogue
from engine.contract.messages import Happened
from engine.contract.sentences import (
    FORMATS,
    NOTHING,
    Sentence,
    as_text,
    decode_hook,
    from_text,
    rendered,
)
from engine.contract.settings import TaskName
from engine.reading.formats.chunks import Conversion, Layout
from engine.tasks.registry import task_facts
from tests.paths import ROOT
from tests.structure import modules, parsed

NOUN = "contract.noun."
LEAKS = "preparing.finding.leaks"
SAMPLES = {"list": ["a", "b"], "numbers": [1, 2], "quoted": ["a", "b"], "sentences": ["A.", "B."], "score": "macro_f1"}
SAMPLES |= {"rounded": [0.5, 2], "either": ["a", "b"], "plus": [-0.5, 2], "title": "macro_f1"}
SAMPLES |= {
    "baseline": "majority",
    "split": "test",
    "device": "cpu (2 threads)",
    "noun": "labels",
    "language": "German",
}


def fields(template: str) -> Iterator[tuple[str, str]]:
    """The names of the values in a template, each with its format."""
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None:
            yield name, spec or ""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module's tree; not at import, since every process of the suite imports this file and one runs it."""
    return {module: parsed(path) for module, path in {**modules(ROOT), "main": ROOT / "main.py"}.items()}


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Every place in the program that makes a sentence from a template."""
    return [
        (f"{module}:{node.lineno}", node)
        for module, tree in trees().items()
        if module != "engine.contract.sentences"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Sentence", "setup_sentence")
    ]


def ids(call: ast.Call) -> list[str]:
    """The ids that a call may take: one, or one of two."""
    first = call.args[0]
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [choice.value if isinstance(choice, ast.Constant) else "" for choice in choices]


# ── The catalogue ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_id_has_a_template_and_every_template_is_used() -> None:
    unknown = [f"{place} {id}" for place, call in calls() for id in ids(call) if id not in TEMPLATES]
    assert unknown == []
    unused = set(TEMPLATES) - {id for _, call in calls() for id in ids(call)}
    assert {id for id in unused if not id.startswith(NOUN)} == set()


def test_the_values_of_a_call_are_those_of_its_template() -> None:
    wrong = []
    for place, call in calls():
        given = {keyword.arg for keyword in call.keywords}
        for id in ids(call):
            named = {name for name, _ in fields(TEMPLATES.get(id, ""))}
            if None not in given and given != named:
                wrong.append(f"{place} {id}: gives {sorted(map(str, given))}, needs {sorted(named)}")
    assert wrong == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_template_makes_a_text(number: int) -> None:
    for id, template in TEMPLATES.items():
        values = {}
        for name, spec in fields(template):
            if spec or name not in values:
                values[name] = SAMPLES.get(spec, number) if spec else "x"
        text = rendered(id, values)
        assert text == "" or text.strip(), id
        assert "{" not in text.replace("{{", ""), id


PLURALS = [(id, name, spec) for id, template in TEMPLATES.items() for name, spec in fields(template) if "|" in spec]


@pytest.mark.parametrize(("number", "form", "written"), [(0, 1, "0"), (1, 0, "1"), (2, 1, "2"), (2_000, 1, "2,000")])
def test_every_plural_chooses_its_form_by_the_number(number: int, form: int, written: str) -> None:
    for id, name, spec in PLURALS:
        forms = spec.split("|")
        assert len(forms) == 2, f"{id} needs a form for one and a form for all other numbers."
        values = {other: SAMPLES.get(its, 5) if its else "x" for other, its in fields(TEMPLATES[id])}
        text = rendered(id, {**values, name: number})
        assert forms[form].replace("#", written) in text, id


def test_a_catalogue_of_another_language_counts_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    polish = {LEAKS: "{rows:# wiersz|# wiersze|# wierszy}"}
    few = Catalogue(polish, lambda n: 0 if n == 1 else 1 if n % 10 in (2, 3, 4) and n // 10 % 10 != 1 else 2)
    monkeypatch.setattr(languages, "_catalogue", few)
    assert [rendered(LEAKS, {"rows": n}) for n in (1, 3, 5, 12, 22)] == [
        "1 wiersz",
        "3 wiersze",
        "5 wierszy",
        "12 wierszy",
        "22 wiersze",
    ]


def test_every_noun_that_a_sentence_may_hold_is_in_the_catalogue() -> None:
    needed = {noun for task in get_args(TaskName) for noun in task_facts(task).label_nouns}
    for task in get_args(TaskName):
        for names in ((), ("O", "B-PER", "I-PER"), ("NOUN", "VERB")):
            word = task_facts(task).class_word(names).replace(" ", "_")
            needed |= {word, f"{word}.many"}
    assert {f"{NOUN}{noun}" for noun in needed} == {id for id in TEMPLATES if id.startswith(NOUN)}


# ── Texts that are no sentences ─────────────────────────────────────────────────────────────────────────────────


# What a message holds as a plain text: a name, an id, a path, an option's value, a technical detail or the user's own.
# A text that the program makes for a person to read is a `Sentence` and does not belong here.
NAMES = {
    "EncoderShape": "model_type",
    "EncodersRaced": "metric",
    "GuessedWord": "word",
    "HubListing": "id model_type license languages",
    "ModelHead": "labels",
    "RacedEncoder": "name",
    "ColumnFound": "name kind delimiter",
    "ConvertedEntity": "file before after",
    "CutToken": "token original label",
    "Device": "id name",
    "EncodingChoice": "encoding lines",
    "EntityFound": "label",
    "FileRowCount": "name",
    "ErrorReport": "kind id field details choices",
    "ExportedFile": "name",
    "Finding": "id",
    "HubConfigurationFound": "name",
    "HubDatasetFound": "id revision license languages",
    "HubModelFound": "id revision model_type license languages",
    "HubSplitFound": "name read_as files",
    "LabelProbability": "label",
    "ModelHandle": "folder name architecture model_type sha256 languages license mask_token",
    "TokenizedText": "text tokens labels label words originals lost_entities padding_token split",
    "Prediction": "text second_text answer possible",
    "Disagreement": "text truth predicted other",
    "FilePredicted": "path",
    "FileScores": "headline",
    "Explanation": "tokens label",
    "LearningCurve": "metric",
    "NearRow": "text label words",
    "SuspectedRow": "split label suggested",
    "WeakSlice": "name column",
    "ColumnScores": "columns column metric split",
    "ValueScore": "value",
    "WeakSlices": "split",
    "RunDifference": "run headline",
    "SmallerModel": "run headline",
    "Pushed": "repository url commit",
    "RunDifferences": "reference",
    "PreparedDataset": "folder name label_names fingerprint",
    "Preview": "name cells parts",
    "ArtefactProof": "score",
    "Proof": "label_names pipeline_options",
    "RunForecast": "device",
    "TrainingRun": "id folder checkpoint metric device precision",
    "ClassScores": "label",
    "WrongRow": "text truth predicted second_text",
    "EvaluationReport": "folder headline confusion_labels",
    "ExportedModel": "folder example passport_digest",
    "AppliedRule": "labels",
    "TrainingStarted": "run_id run_folder device precision metric",
    "Choice": "metric",
    "Evaluated": "metric",
    "DiskFilled": "folder",
    "BaselineMeasured": "name metric",
    "Progressed": "unit",
    "TrialEnded": "run_id",
}


def records_of(kind: Any, found: dict[str, type]) -> dict[str, type]:
    """All records that a value of this type may hold; those with the user's choices hold no sentence."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__module__ in (
            "engine.contract.settings",
            "engine.contract.cleaning_rules",
            "engine.contract.row_edits",
        ):
            return found
        if kind.__name__ not in found:
            found[kind.__name__] = kind
            for field in msgspec.structs.fields(kind):
                records_of(field.type, found)
    for part in get_args(kind):
        records_of(part, found)
    return found


RECORDS = records_of(Event, {})


def holds_text(kind: Any) -> bool:
    parts = get_args(kind)[1:] if get_origin(kind) is dict else get_args(kind)  # what is looked up by is a name
    return kind is str or (get_origin(kind) is not Literal and any(map(holds_text, parts)))


def test_a_text_in_a_message_is_a_sentence_or_known_to_be_a_name() -> None:
    found = {
        name: " ".join(field.name for field in msgspec.structs.fields(record) if holds_text(field.type))
        for name, record in RECORDS.items()
    }
    assert {name: texts for name, texts in found.items() if texts} == NAMES


def literals(node: ast.AST) -> Iterator[str]:
    """Texts with letters that are written down in an expression, those within a `Sentence` not counted."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Sentence", "setup_sentence")
    ):
        return
    if isinstance(node, ast.JoinedStr):
        yield ast.unparse(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isalpha, node.value)):
        yield node.value
    elif not isinstance(node, ast.Compare | ast.Subscript):
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


@cache
def sentence_places() -> dict[str, dict[str, int | None]]:
    """By class: its fields that hold sentences, each with the place it has among the arguments."""
    records = [
        *RECORDS.values(),
        Layout,
        Conversion,
        *(kind for kind in vars(errors).values() if is_error(kind)),
    ]
    places: dict[str, dict[str, int | None]] = {"Found": {"sentence": 2}}  # of preparing/checks, which imports torch
    for record in records:
        hints = get_type_hints(record.__init__ if is_error(record) else record)
        names = list(signature(record).parameters)
        places[record.__name__] = {
            name: names.index(name) for name, hint in hints.items() if name in names and holds_sentence(hint)
        }
    return {name: fields for name, fields in places.items() if fields}


def is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, EngineError)


def holds_sentence(hint: Any) -> bool:
    return hint is Sentence or any(map(holds_sentence, get_args(hint)))


def own_texts(tree: ast.AST) -> list[str]:
    """Texts that this code puts where a sentence is shown, instead of one of the catalogue."""
    places, own = sentence_places(), []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        shown = places.get(name, {})
        given = [node.args[place] for place in shown.values() if place is not None and place < len(node.args)]
        given += [keyword.value for keyword in node.keywords if keyword.arg in shown]
        if name == "Sentence":
            given = [keyword.value for keyword in node.keywords]
        own += [f"line {node.lineno}, {name}: {text}" for one in given for text in literals(one)]
    return own


def test_every_text_that_is_shown_is_in_the_catalogue() -> None:
    own = {module: own_texts(tree) for module, tree in trees().items()}
    assert {module: texts for module, texts in own.items() if texts} == {}


@pytest.mark.parametrize(
    "code",
    [
        'emit(Noted("Nothing was learned."))',
        'emit(Noted(f"{rows} rows."))',
        'emit(events.Noted(text="Nothing." if rows else NOTHING))',
        'emit(Progressed(0, 0, "Reading the rows"))',
        'raise DatasetInvalid("D1", "No rows.")',
        'raise DatasetInvalid("D1", SENTENCE, hint="Choose another file.")',
        'Found("leaks", "note", "Rows stand twice.", 3)',
        'ExcludedRows("has no text", 3)',
        'Preview(name=name, notes=("One note.",))',
        'Sentence("preparing.finding.leaks", rows=f"{rows} rows")',
        'Sentence("preparing.finding.leaks", other="the training rows")',
    ],
)
def test_a_text_of_its_own_is_noticed(code: str) -> None:
    assert len(own_texts(ast.parse(code))) == 1


def test_only_what_was_written_elsewhere_becomes_a_sentence_without_a_template() -> None:
    literal = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "literal" and ast.unparse(node.value) == "Sentence"
    }
    assert literal == {"engine.contract.sentences", "engine.cli.recipe"}


# ── Rooms of the window ─────────────────────────────────────────────────────────────────────────────────────────


# Every text of the window for a person is a template, so that another language is one more catalogue. A new text is
# `Sentence("gui.room.words", ...)` within a function (a constant would be made before a language is chosen), with its
# template in catalogue_en.py.
# These hold no texts, but names of characters' categories, prefixes of tags, names of fonts, and details of an error.
NO_TEXTS_THERE = (
    "gui.choose_data.rows.row_search",
    "gui.components.plain_text",
    "gui.design.theme",
    "gui.rows.prepared_rows",
)
# Calls and keywords whose texts are names for the program, not for a person; `--help` on a terminal is in English.
OF_THE_PROGRAM = set(
    "TypeVar Sentence setProperty setObjectName getattr setStyleSheet QKeySequence info warning error log Formatter "
    "AssertionError ArgumentParser add_argument".split()
)
NAMES_OF_KEYWORDS = {"role", "kind", "name"}
NOT_FOR_A_PERSON = {
    *(
        "Tunewright",
        "EngineError",
        "EngineSilent",
        "License-Expression",
        "License",
        "Version",
        "PySide6-Essentials",
    ),
    *("Load model", "Choose data", "Fine-tune", "Evaluate", "Export"),  # what the program calls the steps
    *("Hugging Face Hub", "%d %b %H:%M", "%d %b %Y"),
    *("Ġ▁", "O", "B-", "I-", "Delete", "Backspace"),  # signs of tokenizers, the tag outside of entities, names of keys
    *("README.md", "MANIFEST.json", "CPU"),
    *("no logits", "the predictions are of other rows", "words without a predicted tag"),  # of errors that are caught
    "font-size: 34px; font-weight: 600;",
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "Fusion"),  # the last one is a style of Qt
    *("DiskFull", "ended early"),  # a kind of error, the key of an outcome
    *("delete a run", "restore a run", "rename a run", "note a run", "pin a run", "empty the bin"),  # names of threads
}


def is_for_a_person(text: str) -> bool:
    """A sentence, a caption or a part of one; keys and names of properties have neither spaces nor capitals."""
    text = text.strip()
    is_key = re.fullmatch(r"[A-Z]\d+|((Ctrl|Shift)\+)+\S+", text) is not None  # of errors, or on a keyboard
    return any(map(str.isalpha, text)) and not is_key and (" " in text or text[:1].isupper() or "…" in text)


def texts_beside_the_catalogue(node: ast.AST) -> Iterator[str]:
    """Texts for a person that are written down in this code, and numbers with the signs of English."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in OF_THE_PROGRAM:
            return
    if isinstance(node, ast.keyword) and node.arg in NAMES_OF_KEYWORDS:
        return
    if isinstance(node, ast.JoinedStr):
        own = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        own = re.sub("<[^>]*>", "", own)
        is_code = own.startswith("from transformers import")
        if not is_code and re.search("[A-Za-z]{2}", own) and (" " in own or is_for_a_person(own)):
            yield ast.unparse(node)
        children: Iterable[ast.AST] = (part for part in node.values if isinstance(part, ast.FormattedValue))
    else:
        children = ast.iter_child_nodes(node)
    if isinstance(node, ast.FormattedValue) and node.format_spec and "," in ast.unparse(node.format_spec):
        yield ast.unparse(node)
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if is_for_a_person(text) and text not in NOT_FOR_A_PERSON and not set("<{") & set(text):
        yield text
    for child in children:
        yield from texts_beside_the_catalogue(child)


def made_at_import(node: ast.AST) -> Iterator[str]:
    """Sentences outside of functions."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Sentence":
        yield ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from made_at_import(child)


def test_the_window_has_no_texts_beside_the_catalogue() -> None:
    own = {
        module: [*texts_beside_the_catalogue(tree), *made_at_import(tree)]
        for module, tree in trees().items()
        if module.startswith("gui.") and module not in NO_TEXTS_THERE
    }
    assert len(own) > 150
    assert {module: texts for module, texts in own.items() if texts} == {}


@pytest.mark.parametrize(
    "code",
    [
        'QPushButton("Copy")',
        'QPushButton(" Copy")',
        'label.setText(f"{width:,} × {height}")',
        'label.setText(f"{rows} rows")',
        'set_tooltip(button, "Drag it here.")',
        'CAPTION = "Copy"',
        'CAPTION = Sentence("gui.guide.back")',
        'button.setText("looking …")',
    ],
)
def test_a_text_beside_the_catalogue_is_noticed(code: str) -> None:
    tree = ast.parse(code)
    assert len([*texts_beside_the_catalogue(tree), *made_at_import(tree)]) == 1


@pytest.mark.parametrize(
    "code",
    [
        'def f() -> None:\n    """A docstring."""\n    QPushButton(Sentence("gui.guide.back"))',
        'label.setProperty("kind", "Primary button")',
        'PlainLabel(role="secondary")',
        'f"{name} · {size}"',
        'f"<p>{name}</p>"',
    ],
)
def test_what_is_no_text_for_a_person_is_passed(code: str) -> None:
    tree = ast.parse(code)
    assert [*texts_beside_the_catalogue(tree), *made_at_import(tree)] == []


# ── On the wire and on disk ─────────────────────────────────────────────────────────────────────────────────────


def crossed(report: ErrorReport) -> ErrorReport:
    event = messages.decode_happened(messages.encode(Happened(1, StageFailed(report)))).event
    assert isinstance(event, StageFailed)
    return event.error


def test_a_sentence_is_its_text_and_crosses_with_id_and_values() -> None:
    harm = Sentence("hub.noun.data_set")
    message = Sentence(LEAKS, rows=np.int64(1), split="test", other="train", harm=harm)
    error = crossed(DiskFull("C4", message).report())
    assert error.message == "1 test row is also in train, so data set."
    assert (error.message.id, error.message.values["rows"]) == (LEAKS, 1)
    assert error.message.values["harm"].id == "hub.noun.data_set"


def test_texts_of_the_first_version_represent_themselves() -> None:
    stored = b'{"type":"error","kind":"DiskFull","id":"C6","message":"Row {3} is gone.","hint":""}'
    error = msgspec.json.decode(stored, type=ErrorReport, dec_hook=decode_hook)
    assert (error.message, error.message.id) == ("Row {3} is gone.", "")
    assert messages.encode(Happened(0, Noted(error.message))).count(b'"text":"Row {3} is gone."') == 1


def test_a_template_of_a_later_version_keeps_its_text() -> None:
    stored = b'{"type":"noted","text":{"id":"later.note.x","values":{"n":3},"text":"Three of them."}}'
    event = msgspec.json.decode(stored, type=Noted, dec_hook=decode_hook)
    assert (event.text, event.text.id, event.text.values) == ("Three of them.", "later.note.x", {"n": 3})


@pytest.mark.parametrize("written", [b"3", b'{"id":"x"}', b'{"id":3,"values":{},"text":"t"}', b"[]", b"null"])
def test_what_is_no_sentence_is_refused(written: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'{"type":"noted","text":' + written + b"}", type=Noted, dec_hook=decode_hook)


def test_another_catalogue_makes_other_texts_of_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {LEAKS: "{rows:# Zeile steht|# Zeilen stehen} auch in {other}.", "contract.c4.x": ""}
    line = messages.encode(
        Happened(1, Noted(Sentence(LEAKS, rows=2, split="test", other="train", harm=Sentence.literal("h"))))
    )
    monkeypatch.setattr(languages, "_catalogue", ENGLISH)
    languages.use(Catalogue({**TEMPLATES, **german}, ENGLISH.plural_form))
    event = messages.decode_happened(line).event
    assert isinstance(event, Noted)
    assert event.text == "2 Zeilen stehen auch in train."


def test_formats_write_as_the_window_does() -> None:
    assert FORMATS["size"](87_000_000) == "87 MB"
    assert Sentence("contract.c4.disk_full_checkpoint_needs_free", needed=87_000_000, free=1).startswith(
        "The disk is full: the checkpoint needs 87 MB"
    )


def test_a_sentence_is_copied_and_passed_on_with_its_template() -> None:
    sentence = Sentence("cli.t16.there_no_setting", strip="epochs")
    for again in (copy.deepcopy(sentence), copy.copy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert (again, again.id, again.values) == (sentence, sentence.id, {"strip": "epochs"})


def test_a_sentence_goes_through_a_column_of_texts() -> None:
    inner = Sentence("tasks.excluded.words_and_tags", words=1, tags=2_000)
    sentence = Sentence("reading.excluded.in_file", reason=inner, file="a\udce4.csv")
    again = from_text(as_text(sentence))
    assert again == "has 1 word but 2,000 tags (a?.csv)"
    assert (again.id, again.holds("tasks.excluded.words_and_tags"), again.holds(LEAKS)) == (sentence.id, True, False)
    assert (from_text("has no text"), from_text("has no text").id) == ("has no text", "")
    assert from_text(as_text(NOTHING)) == ""


@pytest.mark.parametrize("value", ["many", None, -1, [], {"id": "later.x", "values": {}, "text": "t"}])
def test_values_of_another_hand_leave_a_text(value: Any) -> None:
    for id, template in TEMPLATES.items():
        stored = {"id": id, "values": {name: value for name, _ in fields(template)}, "text": "As it was."}
        text = msgspec.convert({"type": "noted", "text": stored}, Noted, dec_hook=decode_hook).text
        assert (type(text), text.id) == (Sentence, id)
