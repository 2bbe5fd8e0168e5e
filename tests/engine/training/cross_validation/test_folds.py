"""Repeated stratified folds."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from engine.tasks.registry import task_named
from engine.training.cross_validation.cross_validate import dependent_rows, folds_of
from engine.training.cross_validation.folds import draw_folds


def drawn(classes: np.ndarray, groups: np.ndarray | None = None, *, seed: int = 1) -> np.ndarray:
    return draw_folds(classes, np.arange(len(classes)) if groups is None else groups, folds=5, repeats=2, seed=seed)


def test_each_fold_holds_its_share_of_each_class_and_all_are_of_one_size() -> None:
    classes = np.repeat([0, 1, 2], [40, 23, 7])
    for folds in drawn(classes):
        assert np.ptp(np.bincount(folds)) <= 1
        for one in range(3):
            assert np.ptp(np.bincount(folds[classes == one], minlength=5)) <= 1


def test_rows_with_the_same_input_are_never_apart() -> None:
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 40, size=100)
    classes = groups % 2
    for folds in drawn(classes, groups):
        assert all(len(set(folds[groups == one])) == 1 for one in np.unique(groups))


def test_there_are_no_more_folds_than_the_rarest_class_has_inputs_but_two() -> None:
    classes = np.array([0] * 20 + [1] * 6)
    groups = np.array([*range(20), 20, 20, 20, 21, 21, 22])
    assert set(np.unique(drawn(classes, groups))) == {0, 1, 2}
    assert set(np.unique(drawn(np.array([0, 0, 0, 1])))) == {0, 1}


@pytest.mark.parametrize("seed", [1, 2])
def test_repeats_are_different_and_equal_for_equal_seeds(seed: int) -> None:
    classes = np.repeat([0, 1], 50)
    first, second = drawn(classes, seed=seed)
    assert not np.array_equal(first, second)
    assert np.array_equal(drawn(classes, seed=seed), np.stack([first, second]))
    assert not np.array_equal(drawn(classes, seed=seed + 10)[0], first)


def test_rows_of_one_group_are_never_apart_and_join_those_that_read_the_same() -> None:
    rows = {"text": [f"text {n}" for n in range(100)], "label": ["ab"[n % 2] for n in range(100)]}
    rows["text"][51] = rows["text"][50]
    train = Dataset.from_dict({**rows, "labels": [n % 2 for n in range(100)], "group": [n // 4 for n in range(100)]})
    task = task_named("text_classification", ["a", "b"])
    for folds in folds_of(train, task, seed=3):
        assert all(len(set(folds[start : start + 4])) == 1 for start in range(0, 100, 4))
    assert len(set(dependent_rows(train, task).tolist())) == 25
    assert len(set(dependent_rows(train.remove_columns("group"), task).tolist())) == 99
