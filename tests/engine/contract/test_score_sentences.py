"""Scores as sentences: digits by the interval's width, the difference to a baseline, what a choice flatters."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.metrics import baseline_name
from engine.contract.score_sentences import (
    Interval,
    best_on_validation,
    class_number_text,
    comparison_sentence,
    evaluations_compared,
    headline_text,
    interval_text,
    number_text,
    optimism,
    score_on_split,
    score_with_interval,
    selection_sentence,
    shows_no_gain,
    training_verdict,
    verdict,
)
from engine.contract.settings import EvaluateSettings
from engine.contract.states import HistoryPoint, PairedTest, ScoreDifference, SplitCounts
from tests.benchmarks import selection
from tests.builders import a_dataset, a_run, an_evaluation


@pytest.mark.parametrize(
    ("score", "value", "interval", "shown"),
    [
        ("macro_f1", 0.8223, (0.816, 0.845), "0.822 (0.816–0.845)"),
        ("macro_f1", 0.7417, (0.652, 0.82), "0.74 (0.65–0.82)"),
        ("accuracy", 1.0, (0.8316, 1.0), "1.00 (at least 0.83)"),
        ("entity_f1", 0.0, (0.0, 0.168), "0.00 (at most 0.17)"),
        ("accuracy", 0.98312, (0.98231, 0.98389), "0.9831 (0.9823–0.9839)"),
        ("mae", 0.0031, (0.0029, 0.0034), "0.00310 (0.00290–0.00340)"),
        ("mae", 12.4, (11.0, 14.0), "12.4 (11.0–14.0)"),
        ("rmse", 1_240.0, (1_100.0, 1_400.0), "1,240 (1,100–1,400)"),
        ("mcc", -0.02, (-0.31, 0.28), "−0.02 (−0.31–0.28)"),
        ("spearman", 0.0, (-0.3, 0.3), "0.00 (−0.30–0.30)"),
        ("macro_f1", 0.8223, None, "0.822"),
        ("mae", 12.432, None, "12.43"),
        ("macro_f1", None, None, "not measurable"),
    ],
)
def test_digits_follow_the_intervals_width(
    score: str, value: float | None, interval: Interval | None, shown: str
) -> None:
    assert score_with_interval(value, interval, score=score) == shown


def test_what_is_beside_a_score_has_its_digits() -> None:
    interval = (0.652, 0.82)
    assert number_text(0.4783, interval, score="macro_f1") == "0.48"
    assert interval_text(0.74, interval, score="macro_f1") == "0.65 to 0.82"
    assert interval_text(0.74, None) == ""
    assert headline_text(an_evaluation()) == "macro F1 0.83 (0.78–0.88)"


@pytest.mark.parametrize(("value", "support", "shown"), [(2 / 3, 3, "0.67"), (1.0, 2, "1.00"), (0.9123, 900, "0.912")])
def test_the_score_of_a_class_has_the_digits_that_its_rows_deserve(value: float, support: int, shown: str) -> None:
    assert class_number_text(value, support) == shown


def test_a_score_shows_which_rows_it_is_of() -> None:
    assert score_on_split("macro_f1", None, "test") == "test not measurable · macro F1"
    assert score_on_split("macro_f1", 0.829, "test", (0.775, 0.88)) == "test 0.83 (0.78–0.88) · macro F1"
    assert score_on_split("macro_f1", 0.829, "validation") == "validation 0.829 · macro F1"
    assert best_on_validation("macro_f1", 0.83, 12) == "validation 0.830, best of 12 · macro F1"
    assert best_on_validation("macro_f1", 0.83, 1) == "validation 0.830 · macro F1"


RIVAL = "TF-IDF + linear SVM"


@pytest.mark.parametrize(
    ("difference", "sentence", "tone"),
    [
        ((0.04, 0.012, 0.068), f"Better than {RIVAL} by 0.040 (0.012–0.068).", "good"),
        ((-0.04, -0.068, -0.012), f"Worse than {RIVAL} by 0.040 (0.012–0.068).", "caution"),
        ((0.02, -0.03, 0.07), f"No difference to {RIVAL} can be shown on 200 test rows (−0.03 to +0.07).", "caution"),
        # An end that decides is not shown as 0.00.
        ((0.06, 0.002, 0.118), f"Better than {RIVAL} by 0.060 (0.002–0.118).", "good"),
        (
            (0.06, -0.002, 0.122),
            f"No difference to {RIVAL} can be shown on 200 test rows (−0.002 to +0.122).",
            "caution",
        ),
    ],
)
def test_the_verdict_is_about_the_best_baseline(
    difference: tuple[float, float, float], sentence: str, tone: str
) -> None:
    differences = {
        "majority": ScoreDifference(0.4, 0.3, 0.5),
        "tfidf_svm": ScoreDifference(*difference),
    }
    assert verdict(an_evaluation(differences=differences), baseline_name) == (sentence, tone)


@pytest.mark.parametrize(("differing", "told"), [(0, True), (1, True), (3, True), (4, False), (None, False)])
def test_methods_that_differ_in_too_few_rows_are_reported_to(differing: int | None, told: bool) -> None:
    report = an_evaluation(differences={"tfidf_svm": ScoreDifference(0.01, -0.01, 0.03, 0.5, differing)})
    expected = "and fewer than 4 cannot show a difference."
    assert (expected in verdict(report, baseline_name).sentence) == told


def test_there_is_no_verdict_on_training_rows_and_none_without_a_difference() -> None:
    assert verdict(an_evaluation(settings=EvaluateSettings(split="train")), baseline_name).sentence == ""
    assert verdict(an_evaluation(differences={}), baseline_name).sentence == ""


def test_what_cannot_be_measured_is_a_caution() -> None:
    found = verdict(an_evaluation(scores={"macro_f1": None}), baseline_name)
    assert found.tone == "caution"
    assert "cannot be measured" in found.sentence


@pytest.mark.parametrize(
    ("changes", "no_gain"),
    [
        ({}, False),
        ({"differences": {"tfidf_svm": ScoreDifference(0.02, -0.01, 0.05)}}, True),
        ({"differences": {"tfidf_svm": ScoreDifference(-0.1, -0.2, -0.05)}}, True),
        ({"differences": {"majority": ScoreDifference(-0.1, -0.2, -0.05)}}, False),  # not the best one
        ({"scores": {"macro_f1": None}}, True),
        ({"scores": {"macro_f1": None}, "settings": EvaluateSettings(split="train")}, False),
        ({"baselines": {}, "differences": {}}, False),
    ],
)
def test_a_report_without_a_gain_over_its_best_baseline_reports_it(changes: dict[str, object], no_gain: bool) -> None:
    assert shows_no_gain(an_evaluation(**changes)) is no_gain


@pytest.mark.parametrize(
    ("score", "baselines", "sentence"),
    [
        (0.83, {"majority": 0.3, "frozen_encoder": 0.8}, ""),
        (0.83, {}, ""),
        (0.83, {"majority": 0.3, "tfidf_svm": 0.83}, "No better than"),
        (0.0, {"majority": 0.0}, "No better than"),
        (None, {"majority": 0.0}, "cannot be measured"),
    ],
)
def test_after_training_a_score_that_passes_no_baseline_is_a_caution(
    score: float | None, baselines: dict[str, float], sentence: str
) -> None:
    history = (HistoryPoint(100, 1.0, 0.6, 0.5, {"macro_f1": score}),)
    found = training_verdict(a_run(best_score=score, history=history), baselines, baseline_name)
    assert sentence in found.sentence
    assert found.tone == ("caution" if sentence else "quiet")
    assert bool(found.sentence) is bool(sentence)


def test_before_the_first_evaluation_there_is_no_verdict() -> None:
    assert training_verdict(a_run(best_score=None, history=()), {"majority": 0.5}, baseline_name).sentence == ""


def test_on_validation_rows_the_verdict_is_not_good_and_names_the_choice() -> None:
    found = verdict(an_evaluation(settings=EvaluateSettings(split="validation")), baseline_name)
    assert found.tone == "caution"
    assert found.sentence.endswith(
        "Chosen among 3 evaluations on 200 validation rows: expect up to 0.02 less on new rows."
    )


def test_what_a_choice_flatters_grows_with_evaluations_and_falls_with_rows() -> None:
    few = a_dataset(
        splits={"train": SplitCounts(400, {}), "validation": SplitCounts(57, {}), "test": SplitCounts(9, {})}
    )
    searched = a_run(dataset=few, best_score=0.8, evaluations_compared=60)
    assert selection_sentence(searched) == (
        "Chosen among 60 evaluations on 57 validation rows: expect 0.03 to 0.11 less on new rows."
    )
    assert selection_sentence(a_run(dataset=few, best_score=0.8)) == (
        "Chosen among 3 evaluations on 57 validation rows: expect 0.01 to 0.04 less on new rows."
    )
    many = a_dataset(
        splits={"train": SplitCounts(9, {}), "validation": SplitCounts(20_000, {}), "test": SplitCounts(9, {})}
    )
    assert selection_sentence(a_run(dataset=many, best_score=0.8)) == (
        "Chosen among 3 evaluations on 20,000 validation rows: expect up to 0.002 less on new rows."
    )


@pytest.mark.parametrize(("kind", "evaluations"), [("one run, late evaluations", 8), ("one run", 20), ("a search", 30)])
def test_the_best_of_correlated_evaluations_flatters_as_much_as_is_reported(kind: str, evaluations: int) -> None:
    # In short what tests/benchmarks/selection.py computes.
    rows, accuracy, sets = 150, 0.8, 800
    generator = np.random.default_rng(7)
    drawn = selection.right_answers(selection.KINDS[kind], evaluations, rows, accuracy, sets, generator)
    best = np.max([right.mean(axis=1) for right in drawn], axis=0)
    low, high = np.mean([optimism(float(score), "accuracy", rows, evaluations) for score in best], axis=0)
    assert low <= best.mean() - accuracy <= high


def test_without_a_choice_nothing_flatters() -> None:
    once = a_run(history=(HistoryPoint(100, 1.0, 0.6, 0.5, {"macro_f1": 0.8}),))
    assert evaluations_compared(once) == 1
    assert selection_sentence(once) == ""
    assert selection_sentence(a_run(best_score=None)) == ""


def test_the_paired_tests_of_the_best_baseline_are_one_sentence() -> None:
    test = PairedTest(better=31, worse=12, mcnemar_p=0.0054, p=0.0004, adjusted_p=0.0008)
    report = an_evaluation(tests={"majority": test, "tfidf_svm": test})
    assert comparison_sentence(report, baseline_name) == (
        "Against TF-IDF + linear SVM on the same rows: p < 0.001 (answers exchanged at random, corrected for 2 "
        "comparisons); 31 rows are right here alone and 12 there alone (McNemar, p = 0.005)."
    )
    of_numbers = PairedTest(better=0, worse=0, mcnemar_p=None, p=0.21, adjusted_p=0.21)
    assert comparison_sentence(an_evaluation(tests={"tfidf_svm": of_numbers}), baseline_name) == (
        "Against TF-IDF + linear SVM on the same rows: p = 0.21 (answers exchanged at random)."
    )
    assert comparison_sentence(an_evaluation(), baseline_name) == ""
