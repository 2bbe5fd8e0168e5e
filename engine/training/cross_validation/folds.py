"""Repeated stratified folds: each class spread evenly, rows with the same input never apart. Uses arrays only."""

from __future__ import annotations

import numpy as np


def draw_folds(classes: np.ndarray, groups: np.ndarray, *, folds: int, repeats: int, seed: int) -> np.ndarray:
    """The fold of each row in each repeat, (repeats, rows) int64 from 0.

    `classes` and `groups` (rows,) int64; rows of one group are of one fold, and of the class that its first row has.
    There are at most `folds`, and no more than the rarest class has groups, but two at least: a class of one group is
    then learned in all folds but one.
    """
    first = np.unique(groups, return_index=True)[1]
    class_of_group = classes[first]
    counts = np.unique(class_of_group, return_counts=True)[1]
    folds = max(2, min(folds, int(counts.min())))
    generator = np.random.Generator(np.random.PCG64(seed))
    group_of_row = np.unique(groups, return_inverse=True)[1].reshape(-1)
    drawn = np.zeros((repeats, len(classes)), dtype=np.int64)
    for repeat in range(repeats):
        of_group = np.zeros(len(first), dtype=np.int64)
        dealt = 0  # each class goes on where the one before ended, so that the folds are of one size
        for one in generator.permutation(np.unique(class_of_group)):
            members = generator.permutation(np.flatnonzero(class_of_group == one))
            of_group[members] = (dealt + np.arange(len(members))) % folds
            dealt += len(members)
        drawn[repeat] = of_group[group_of_row]
    return drawn
