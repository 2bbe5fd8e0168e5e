"""Any number of labels per row: scores against scikit-learn, rows without labels, answers from 0.5 upwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.scores import label_set_rows, label_set_scores, scores_per_label

NAMES = ("card", "loan", "new")
OUTPUTS = Outputs(
    [np.asarray(row, dtype=np.float32) for row in ([2.0, -3.0, 0.0], [-1.0, -2.0, -4.0], [5.0, 1.0, -2.0])],
    [np.asarray(row, dtype=np.int64) for row in ([1, 0, 1], [0, 0, 0], [0, 1, 1])],
    [1, 2, 9],
)


@given(arrays(np.bool_, st.tuples(st.just(2), st.integers(1, 12), st.just(3))))
def test_scores_are_those_of_scikit_learn(both: np.ndarray) -> None:
    truth, answers = both
    found = label_set_scores(truth, answers)
    assert found["subset_accuracy"] == pytest.approx(accuracy_score(truth, answers))
    micro = f1_score(truth, answers, average="micro", zero_division=np.nan)
    assert found["micro_f1"] == (None if np.isnan(micro) else pytest.approx(micro))
    present = np.flatnonzero(truth.any(axis=0))
    if len(present):
        macro = f1_score(truth, answers, labels=present, average="macro", zero_division=0)
        assert found["macro_f1"] == pytest.approx(macro)
    else:
        assert found["macro_f1"] is None


@given(arrays(np.bool_, st.tuples(st.just(2), st.integers(1, 12), st.just(3))))
def test_the_scores_of_each_label_are_those_of_scikit_learn(both: np.ndarray) -> None:
    truth, answers = both
    reference = precision_recall_fscore_support(truth, answers, average=None, zero_division=np.nan)
    for item, *values, support in zip(scores_per_label(truth, answers, NAMES), *reference, strict=True):
        expected = [None if np.isnan(value) else pytest.approx(value) for value in values]
        assert [item.precision, item.recall, item.f1] == expected
        assert item.support == support


@given(arrays(np.bool_, st.tuples(st.just(2), st.integers(1, 12), st.just(3))), st.integers(0, 2**32 - 1))
def test_a_resample_scores_like_its_rows(both: np.ndarray, seed: int) -> None:
    truth, answers = both
    rows = np.random.default_rng(seed).integers(0, len(truth), len(truth))
    times = np.bincount(rows, minlength=len(truth))[:, None].astype(np.float32)
    found = {name: values[0] for name, values in label_set_rows(truth, answers).scores(times).items()}
    expected = {
        name: np.nan if score is None else score for name, score in label_set_scores(truth[rows], answers[rows]).items()
    }
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_label_is_given_from_one_half_upwards() -> None:
    columns = task_named("multi_label_classification").predictions(OUTPUTS, NAMES)
    assert columns["predicted"] == [["card", "new"], [], ["card", "loan"]]
    assert columns["truth"] == [["card", "new"], [], ["loan", "new"]]
    assert columns["right"] == [True, True, False]
    assert columns["probability"][0] == 0.5


def test_the_wrong_row_names_all_its_labels_and_the_worst_decision() -> None:
    rows = [{"text": text} for text in ("a", "b", "c")]
    (wrong,) = task_named("multi_label_classification").wrong_rows(OUTPUTS, rows, NAMES, limit=5)
    assert (wrong.row, wrong.truth, wrong.predicted) == (9, "loan, new", "card, loan")
    assert wrong.probability == pytest.approx(1 / (1 + np.exp(-5.0)))


def test_the_loss_is_the_mean_over_rows_and_labels() -> None:
    task = task_named("multi_label_classification")
    logits = torch.tensor(np.stack(OUTPUTS.logits))
    batch = {"labels": torch.tensor(np.stack(OUTPUTS.labels), dtype=torch.float32)}
    expected = torch.nn.BCEWithLogitsLoss()(logits, batch["labels"])
    torch.testing.assert_close(task.loss(logits, batch) / task.loss_count(batch), expected)


def test_a_row_without_labels_is_used_and_one_without_text_is_not() -> None:
    task = task_named("multi_label_classification")
    assert task.complaint({"text": "it will be nine", "label_set": []}) == ""
    assert task.complaint({"text": " ", "label_set": ["card"]}) == "has no text"
    assert task.complaint({"text": "a", "second_text": "", "label_set": ["card"]}) == "has no second text"
