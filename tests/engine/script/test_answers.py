"""Answers in plain code give what the program gives: run on made-up logits, with numpy alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engine.calibration.answers import predicted_classes, unsure_rows
from engine.calibration.temperature import class_probabilities
from engine.contract.calibration import UNCALIBRATED, Calibration, UnsureRule
from engine.contract.script_builder import Script
from engine.script.answers import answer_function, predict_script, scored_answers

NAMES = ("a", 'b "quoted"', "c")
RULES = (
    None,
    UnsureRule("confidence", least_confidence=0.6),
    UnsureRule("conformal", coverage=0.8, cutoff=0.3, label_cutoffs={"a": 0.4}, rows=100),
)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("thresholds", [{}, {'b "quoted"': 0.2}])
def test_the_script_answers_as_the_program_does(rule: UnsureRule | None, thresholds: dict[str, float]) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(200, 3)) * 2
    truth = generator.integers(0, 3, size=200)
    calibration = Calibration(thresholds, 1.7, rule)
    script = Script()
    code = scored_answers(script, calibration, "test", several_labels=False)
    script.add("", code)
    printed: list[str] = []
    names = {
        "labels": list(NAMES),
        "splits": {"test": {"labels": truth}},
        "trainer": SimpleNamespace(predict=lambda rows: SimpleNamespace(predictions=logits)),
        "print": printed.append,
    }
    exec(compile(script.text(), "script", "exec"), names)
    likely = class_probabilities(logits, 1.7)
    predicted = predicted_classes(likely, NAMES, thresholds)
    np.testing.assert_array_equal(names["predicted"], predicted)
    if rule is not None:
        unsure = unsure_rows(rule, NAMES, likely, predicted)
        np.testing.assert_array_equal(names["answered"], ~unsure)
        assert 0 < unsure.sum() < 200
        assert printed == [
            f"answered: {(~unsure).mean():.1%}, of these right: {(predicted == truth)[~unsure].mean():.1%}"
        ]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("thresholds", [{}, {"c": 0.2}])
def test_the_function_of_the_card_answers_as_the_program_does(
    rule: UnsureRule | None, thresholds: dict[str, float]
) -> None:
    import msgspec

    generator = np.random.default_rng(1)
    likely = generator.dirichlet(np.ones(3), size=100)
    rows = iter(likely)

    def classify(text: str, **_: object) -> list[dict[str, object]]:
        return [{"label": name, "score": score} for name, score in zip(NAMES, next(rows).tolist(), strict=True)]

    calibration = msgspec.to_builtins(Calibration(thresholds, unsure=rule))
    names = {"classify": classify, "calibration": calibration}
    exec(answer_function(several_labels=False), names)
    predicted = predicted_classes(likely, NAMES, thresholds)
    unsure = unsure_rows(rule, NAMES, likely, predicted) if rule is not None else np.zeros(100, dtype=bool)
    expected = ["don't know" if lost else NAMES[index] for index, lost in zip(predicted, unsure, strict=True)]
    assert [names["answer"]("") for _ in range(100)] == expected  # type: ignore[operator]


def test_nothing_is_written_where_nothing_was_chosen() -> None:
    assert scored_answers(Script(), UNCALIBRATED, "test", several_labels=False) == ""


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_the_script_beside_the_weights_is_python(pairs: bool, several: bool) -> None:
    code = predict_script(several_labels=several, pairs=pairs)
    compile(code, "predict.py", "exec")
    assert ("text_pair" in code) == pairs
