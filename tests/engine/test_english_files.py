"""Files for other programs and other people are the same, byte for byte, whatever the language of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from engine.cli.recipe import recipe_of, with_choice, write_recipe
from engine.contract.artefacts import ARTEFACTS
from engine.contract.languages import catalogue_of, using
from engine.contract.sentences import Sentence, as_text, from_text
from engine.contract.settings import FineTuneSettings, field_title
from engine.contract.states import Candidate, Choice, EvaluationReport, Proof
from engine.exporting.model_card import model_card
from engine.exporting.record import training_record
from engine.exporting.script import repeating_script
from engine.reporting.run_report import run_report
from engine.script.assemble import code_so_far
from engine.workspace.runs import RunRecord
from tests.builders import a_run, an_evaluation, an_export


def report() -> EvaluationReport:
    """An evaluation of a run that was chosen, with its sentences in the language that is used now."""
    duplicates = Sentence("contract.fix.leave_out_duplicates")
    candidate = Candidate(duplicates, score=0.8, interval=(0.7, 0.9), seconds=150.0)
    choice = Choice("macro_f1", (candidate,), 0, duplicates, rows=1_200, folds=5, repeats=1, seconds=60.0, score=0.79)
    return an_evaluation(run=a_run(choice=choice), notes=(Sentence("contract.edit.row", row=1_234),))


def record_of(evaluation: EvaluationReport) -> str:
    run = evaluation.run
    record = RunRecord(
        "20261123-120000", "x", 0.0, "finished", run.dataset, run.settings, run=run, evaluation=evaluation
    )
    return run_report(record)


PROOF = Proof(200, 1.0, 2e-7, 6.5, ("negative", "positive"), True)
WRITTEN: dict[str, Callable[[EvaluationReport], object]] = {
    "README.md": lambda one: model_card(one, PROOF, name="x", pipeline="text-classification", files={}),
    "training_record.json": lambda one: training_record(one, PROOF, files={}),
    "repeat_run.py": repeating_script,
    "recipe.toml": lambda one: with_choice("x", one) + write_recipe(recipe_of(one)),
    "the Code panel": lambda one: code_so_far(an_export(evaluation=one)),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_the_same_in_german(name: str) -> None:
    english = WRITTEN[name](report())
    with using(catalogue_of("de")):
        assert WRITTEN[name](report()) == english


def test_the_report_of_a_run_is_in_the_language_of_the_program() -> None:
    english = record_of(report())
    with using(catalogue_of("de")):
        german = record_of(report())
    assert '<html lang="en">' in english
    assert '<html lang="de">' in german
    assert [part for part in ("Einstellungen", "Zeile 1.234", "dieses Modell", "0,7") if part not in german] == []
    words = set(re.findall(r">([^<>]{4,})<", english)) & set(re.findall(r">([^<>]{4,})<", german))
    assert not [text for text in words if re.search(r"\b(of|the|rows|steps)\b", text)]


def test_a_sentence_lies_on_the_disk_in_english_with_all_that_it_holds() -> None:
    with using(catalogue_of("de")):
        title = field_title(FineTuneSettings, "epochs")
        inner = Sentence("contract.edit.row", row=1_234)
        sentence = Sentence("contract.t16.is", field_title=title, shown=inner, range_sentence=ARTEFACTS["zip"].title)
        assert sentence.startswith("Epochen ist Zeile 1.234; ")
        stored = as_text(sentence)
    assert json.loads(stored)["text"] == "Epochs is Row 1,234; Zip."
    assert json.loads(stored)["values"]["shown"]["text"] == "Row 1,234"
    assert from_text(stored) == "Epochs is Row 1,234; Zip."
    with using(catalogue_of("de")):
        assert from_text(stored) == sentence


def test_a_sentence_of_an_imported_module_is_made_anew() -> None:
    early = Sentence("tasks.no_label")
    with using(catalogue_of("de")):
        assert (early, early.anew()) == ("no label", "kein Label")


def test_a_text_of_a_registry_is_in_the_language_of_its_reader() -> None:
    stored = as_text(ARTEFACTS["notebook"].title)
    with using(catalogue_of("de")):
        german = from_text(stored)
        assert german == ARTEFACTS["notebook"].title != ARTEFACTS["notebook"].title_en
    assert from_text(stored) == "Notebook of the run"
