"""What training minimises, with class weights and label smoothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.tasks.losses import (
    IGNORED,
    LossOptions,
    balanced_binary_weights,
    balanced_weights,
    binary_loss,
    class_loss,
    rooted_weights,
)


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2, IGNORED, IGNORED])
    assert balanced_weights(labels, 3).tolist() == pytest.approx([6 / 9, 2.0, 1.0])


def test_a_class_that_does_not_occur_changes_nothing_for_the_others() -> None:
    assert balanced_weights(np.array([0, 1, 1, 1]), 3).tolist() == pytest.approx([2.0, 4 / 6, 1.0])


def test_balanced_weights_average_one_over_the_rows() -> None:
    labels = np.array([0] * 90 + [1] * 9 + [2])
    assert float(balanced_weights(labels, 3)[labels].mean()) == pytest.approx(1.0)
    marks = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 1], [0, 1, 1]])
    no, yes = balanced_binary_weights(marks.ravel(), 3)
    assert (marks * yes.numpy() + (1 - marks) * no.numpy()).mean(0) == pytest.approx([1.0, 1.0, 1.0])
    assert yes.tolist() == pytest.approx([2.0, 2.0, 1.0])


def test_rooted_weights_keep_a_tag_of_one_word_from_outweighing_the_rest() -> None:
    labels = np.array([0] * 9_999 + [1] * 100 + [2] + [IGNORED] * 5_000)
    weights = rooted_weights(labels, 4)
    kept = labels[labels != IGNORED]
    assert float(weights[kept].double().mean()) == pytest.approx(1.0, rel=1e-5)
    assert float(weights[2] / weights[1]) == pytest.approx(10.0, rel=1e-5)
    assert float(weights[2]) < 100 < float(balanced_weights(labels, 4)[2])
    assert float(weights[3]) == 1.0


def test_a_weighted_loss_of_parts_adds_up_to_that_of_the_whole() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(12, 5, 3), torch.randint(0, 3, (12, 5))
    labels[:, 0] = IGNORED
    options = LossOptions(torch.tensor([0.5, 2.0, 1.0]), 0.1)
    whole = class_loss(logits, {"labels": labels}, options)
    parts = [class_loss(logits[rows], {"labels": labels[rows]}, options) for rows in (slice(0, 5), slice(5, 12))]
    assert float(sum(parts)) == pytest.approx(float(whole), rel=1e-6)
    expected = cross_entropy(
        logits.flatten(0, 1), labels.flatten(), weight=options.class_weights, label_smoothing=0.1, reduction="sum"
    )
    assert float(whole) == pytest.approx(float(expected))
    assert float(whole) != pytest.approx(float(class_loss(logits, {"labels": labels})))


def test_a_smoothed_yes_is_less_than_certain() -> None:
    logits, labels = torch.tensor([[3.0, -3.0]]), torch.tensor([[1.0, 0.0]])
    smoothed = binary_loss(logits, {"labels": labels}, LossOptions(label_smoothing=0.2))
    by_hand = -2 * (
        0.9 * torch.log(torch.sigmoid(torch.tensor(3.0))) + 0.1 * torch.log(torch.sigmoid(torch.tensor(-3.0)))
    )
    assert float(smoothed) == pytest.approx(float(by_hand), rel=1e-5)


def test_a_rare_yes_counts_more() -> None:
    logits, labels = torch.zeros(1, 2), torch.tensor([[1.0, 0.0]])
    weights = torch.tensor([[0.5, 0.6], [4.0, 3.0]])
    assert float(binary_loss(logits, {"labels": labels}, LossOptions(weights))) == pytest.approx(4.6 * np.log(2))
