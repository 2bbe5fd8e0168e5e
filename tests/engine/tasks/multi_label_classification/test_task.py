"""Any number of labels per row: scores against scikit-learn, rows without labels, answers from 0.5 upwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, f1_score

from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.scores import SelectedLabelSets, label_set_scores

NAMES = ("card", "loan", "new")
OUTPUTS = Outputs(
    [np.asarray(row, dtype=np.float32) for row in ([2.0, -3.0, 0.0], [-1.0, -2.0, -4.0], [5.0, 1.0, -2.0])],
    [np.asarray(row, dtype=np.int64) for row in ([1, 0, 1], [0, 0, 0], [0, 1, 1])],
    [1, 2, 9],
)


@given(arrays(np.bool_, st.tuples(st.just(2), st.integers(1, 12), st.just(3))))
@settings(max_examples=80, deadline=None)
def test_scores_are_those_of_scikit_learn(both: np.ndarray) -> None:
    truth, answers = both
    found = label_set_scores(truth, answers)
    assert found["subset_accuracy"] == pytest.approx(accuracy_score(truth, answers))
    occurring = (truth | answers).any(axis=0)
    if occurring.any():
        assert found["micro_f1"] == pytest.approx(f1_score(truth, answers, average="micro", zero_division=0))
        each = f1_score(truth, answers, average=None, zero_division=0)
        assert found["macro_f1"] == pytest.approx(np.asarray(each)[occurring].mean())
    else:
        assert (found["micro_f1"], found["macro_f1"]) == (1.0, 1.0)
    assert SelectedLabelSets(truth, answers).of(np.arange(len(truth))) == pytest.approx(found)


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
