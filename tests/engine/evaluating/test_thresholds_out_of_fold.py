"""Thresholds of several labels from cross-validated answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.evaluating.thresholds_out_of_fold import thresholds_out_of_fold
from engine.tasks.multi_label_classification.task import MultiLabelClassification
from engine.tasks.rows import Outputs

NAMES = ("first", "second")


def answers(rows: int, *, shift: float) -> tuple[Outputs, np.ndarray]:
    """Labels that are right where a cut lies at `shift`, and five folds."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(rows, 2)).astype(np.float32)
    labels = (logits > 0.3).astype(np.int64)
    moved = [row - np.float32(shift) for row in logits]
    return Outputs(moved, list(labels), list(range(rows))), np.arange(rows) % 5


def test_labels_that_are_never_given_get_the_threshold_that_finds_them() -> None:
    outputs, folds = answers(100, shift=2.0)  # no logit of a true label is above 0 but few
    task = MultiLabelClassification()
    before = task.score(outputs, NAMES)["micro_f1"]
    thresholds, crossed = thresholds_out_of_fold(outputs, folds, task.fit_thresholds, NAMES)
    after = MultiLabelClassification(thresholds).score(crossed, NAMES)["micro_f1"]
    assert set(thresholds) == set(NAMES)
    assert before is not None
    assert after is not None
    assert before < 0.5 < 0.9 < after


def test_each_fold_is_decided_by_the_thresholds_of_the_others() -> None:
    outputs, folds = answers(50, shift=0.0)
    asked: list[int] = []

    def fit(part: Outputs, _names: Sequence[str]) -> dict[str, float]:
        asked.append(len(part.rows))
        return {"first": 0.5 if len(part.rows) == 50 else 0.9}

    thresholds, crossed = thresholds_out_of_fold(outputs, folds, fit, NAMES)
    assert asked == [50, 40, 40, 40, 40, 40]
    assert thresholds == {"first": 0.5}
    likely = 1 / (1 + np.exp(-np.asarray(outputs.logits)))
    given = np.asarray(crossed.logits) >= 0  # the threshold of 0.5 decides as 0.9 does
    assert (given == (likely >= np.asarray([0.9, 0.5]))).all()


@pytest.mark.parametrize("rows", [5, 100])
def test_where_half_is_as_good_nothing_changes(rows: int) -> None:
    outputs, folds = answers(rows, shift=0.3)
    found = thresholds_out_of_fold(outputs, folds, MultiLabelClassification().fit_thresholds, NAMES)
    assert found == ({}, outputs)
