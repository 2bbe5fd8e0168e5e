"""predict.py alone: it needs nothing of ours, finds the same words and entities, and answers after calibration.json."""

from __future__ import annotations

import ast
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.calibration import Calibration, UnsureRule
from engine.contract.queries import Prediction
from engine.contract.tag_schemes import entities_in
from engine.exporting.standalone import predict, serve
from engine.reading.formats.words import places_of_words
from engine.tasks.registry import task_named

NEEDED = {"numpy", "onnxruntime", "tokenizers"}  # numpy comes with onnxruntime
PARTS = ("don't", "U.S.", "3.5", " ", "http://a.b/c?d", "上海北京", "カタカナ", "ไทย", "cafe\u0301", "@anna", "#topic")
SIGNS = ("👨\u200d👩\u200d👧", "\u200b", "\u00ad", "a", "B", "-", "'s", ".", "ß")


@pytest.mark.parametrize("module", [predict, serve])
def test_the_exported_programs_import_nothing_of_ours(module: Any) -> None:
    imported = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) <= NEEDED


def test_words_are_those_that_a_model_is_trained_on() -> None:
    drawn = random.Random(5)
    texts = ["".join(drawn.choice(PARTS + SIGNS) for _ in range(12)) for _ in range(2000)]
    assert [predict.words_in(text) for text in texts] == [places_of_words(text) for text in texts]
    assert len({len(predict.words_in(text)) for text in texts}) > 5


@given(st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), max_size=12))
def test_entities_are_those_of_the_only_decoder(tags: list[str]) -> None:
    names = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert predict.entities_in(tags) == [tuple(span) for span in entities_in(tags, names)]


def a_model(labels: tuple[str, ...], calibration: Calibration, problem: str) -> Any:
    """The model without its network."""
    import msgspec

    model = predict.Model.__new__(predict.Model)
    model.labels, model.problem = list(labels), problem
    model.calibration = msgspec.to_builtins(calibration)
    return model


RULES = (
    None,
    UnsureRule("confidence", least_confidence=0.6),
    UnsureRule("conformal", coverage=0.9, cutoff=0.3, label_cutoffs={"b": 0.2}),
)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("thresholds", [{}, {"b": 0.3}])
def test_the_answer_is_that_of_the_task(rule: UnsureRule | None, thresholds: dict[str, float]) -> None:
    names = ("a", "b", "c")
    calibration = Calibration(thresholds=thresholds, unsure=rule)
    task = task_named("text_classification").calibrated(calibration)
    model = a_model(names, calibration, "single_label_classification")
    unsure, answers = set(), set()
    for logits in np.random.default_rng(2).normal(0, 1.2, (200, 3)).astype(np.float32):
        ours: Prediction = task.prediction_of(logits, names, "x")
        theirs = model._of_text(logits.astype(np.float64))
        assert theirs["label"] == ours.given[0].label
        assert (theirs["answer"] == predict.DO_NOT_KNOW) == ours.unsure
        assert tuple(theirs.get("possible", ())) == ours.possible
        assert list(theirs["scores"]) == [label.label for label in ours.labels]
        unsure.add(ours.unsure)
        answers.add(ours.given[0].label)
    assert answers == set(names)
    assert unsure == ({False} if rule is None else {True, False})


def test_several_labels_reach_their_own_thresholds() -> None:
    names, calibration = ("a", "b", "c"), Calibration(thresholds={"a": 0.2, "b": 0.8})
    task = task_named("multi_label_classification").calibrated(calibration)
    model = a_model(names, calibration, "multi_label_classification")
    for logits in np.random.default_rng(3).normal(0, 1.5, (100, 3)).astype(np.float32):
        ours = [label.label for label in task.prediction_of(logits, names, "x").given]
        assert model._of_text(logits.astype(np.float64))["answer"] == ours


def test_a_number_is_the_networks() -> None:
    assert a_model(("score",), Calibration(), "regression")._of_text(np.asarray([4.25])) == {"answer": 4.25}
