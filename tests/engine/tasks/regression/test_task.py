"""Regression: numbers as they are written, scores against scikit-learn and SciPy, and the folded answer layer."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from transformers import BertConfig, BertForSequenceClassification, RobertaConfig, RobertaForSequenceClassification

from engine.contract.states import TargetScale
from engine.contract.text_parsing import number_in
from engine.tasks.regression.task import Regression
from engine.tasks.scores import NumberRows, number_scores

SIZES = {
    "vocab_size": 30,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 16,
    "num_labels": 1,
}
NUMBERS = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=30)


@given(
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e4),
    st.sampled_from((BertForSequenceClassification, RobertaForSequenceClassification)),
)
@settings(max_examples=25)
def test_a_folded_head_answers_the_standardised_one_times_spread_plus_mean(
    mean: float, spread: float, kind: type[torch.nn.Module]
) -> None:
    torch.manual_seed(0)
    config = (BertConfig if kind is BertForSequenceClassification else RobertaConfig)(**SIZES)  # type: ignore[arg-type]
    network = kind(config).eval()  # type: ignore[call-arg]
    ids = torch.tensor([[2, 9, 4, 3], [2, 5, 6, 3]])
    with torch.no_grad():
        unfolded = network(input_ids=ids).logits.double()
        Regression(TargetScale(mean, spread)).finish(network)  # type: ignore[arg-type]
        folded = network(input_ids=ids).logits.double()
    torch.testing.assert_close(folded, unfolded * spread + mean, rtol=1e-5, atol=1e-5 * (abs(mean) + spread))


def scored(*scores: float) -> list[dict[str, object]]:
    return [{"input_ids": [2, 5, 3], "labels": score} for score in scores]


def test_large_scores_that_lie_close_together_are_standardised_before_they_are_rounded() -> None:
    mean, spread = 1.7e9, 1e3  # times in seconds: float32 keeps steps of 128
    scores = (mean - spread, mean, mean + 64.0, mean + spread)
    task = Regression(TargetScale(mean, spread))
    batch = task.collate(scored(*scores), padding_id=0)
    learned = torch.tensor([[-1.0], [0.0], [0.064], [1.0]])
    assert float(task.loss(learned, batch)) == pytest.approx(0.0, abs=1e-12)
    predicted, truth = task.split_outputs(learned, batch)
    assert np.allclose(np.asarray(truth), scores, rtol=0, atol=1e-6)
    assert np.allclose(np.asarray(predicted)[:, 0], scores, rtol=0, atol=1e-3)
    untouched = Regression().split_outputs(learned, Regression().collate(scored(*scores), padding_id=0))[1]
    assert np.asarray(untouched).tolist() == list(scores)  # a finished network's rows: to the last digit


def test_the_loss_is_that_of_standardised_scores() -> None:
    task = Regression(TargetScale(mean=10.0, spread=2.0))
    logits, batch = torch.tensor([[0.5], [-1.0]]), task.collate(scored(12.0, 8.0), padding_id=0)
    assert float(task.loss(logits, batch)) == pytest.approx((0.5 - 1.0) ** 2 + (-1.0 + 1.0) ** 2)
    assert task.loss_count(batch) == 2
    answers, truth = task.split_outputs(logits, batch)
    assert [float(answer[0]) for answer in answers] == [11.0, 8.0]
    assert [float(label) for label in truth] == [12.0, 8.0]


@given(NUMBERS)
def test_scores_are_those_of_scipy_and_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, answers = (np.asarray(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    found = number_scores(truth, answers)
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, answers))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(truth, answers))
    if np.ptp(truth) == 0 or np.ptp(answers) == 0:
        assert (found["spearman"], found["pearson"]) == (None, None)
    else:
        assert found["spearman"] == pytest.approx(spearmanr(truth, answers).statistic)
        assert found["pearson"] == pytest.approx(pearsonr(truth, answers).statistic)


@given(NUMBERS, st.integers(0, 2**32 - 1))
def test_a_resample_scores_like_its_rows(pairs: list[tuple[int, int]], seed: int) -> None:
    truth, answers = (np.asarray(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    rows = np.random.default_rng(seed).integers(0, len(truth), len(truth))
    times = np.bincount(rows, minlength=len(truth))[:, None].astype(np.float32)
    found = {name: values[0] for name, values in NumberRows(truth, answers).scores(times).items()}
    expected = {
        name: np.nan if score is None else score for name, score in number_scores(truth[rows], answers[rows]).items()
    }
    assert found == pytest.approx(expected, nan_ok=True, abs=1e-4)


@pytest.mark.parametrize(
    ("written", "number"), [("4.250", 4.25), ("-3", -3.0), (" 2,5 ", 2.5), ("1e3", 1000.0), (7, 7.0)]
)
def test_numbers_are_read_as_they_are_written(written: object, number: float) -> None:
    assert number_in(written) == number


@pytest.mark.parametrize("written", ["", "high", "1,2,3", "nan", "inf"])
def test_what_is_no_number_leaves_its_row_out(written: str) -> None:
    complaint = Regression().complaint({"text": "a film", "score": written})
    assert complaint == ("has a score that is not a number" if written else "has no score")
    assert not math.isfinite(number_in(written))


def test_the_answer_survives_saving(tmp_path: Path) -> None:
    network = BertForSequenceClassification(BertConfig(**SIZES)).eval()  # type: ignore[arg-type]
    Regression(TargetScale(100.0, 5.0)).finish(network)
    network.save_pretrained(tmp_path)
    again = BertForSequenceClassification.from_pretrained(tmp_path)
    assert torch.equal(again.classifier.bias, network.classifier.bias)
