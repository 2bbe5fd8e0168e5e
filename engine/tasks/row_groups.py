"""Rows that depend on each other: those of one group, such as an author, and those that read the same.

They are never apart, neither in splits nor in folds, and are one observation where scores are compared. Uses arrays
and prepared rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from engine.contract.column_roles import GROUP

LARGEST = 0.1  # of the rows: as much as a held-out split usually has
_LINKS = (np.inf, 2)  # groups that share an input and are joined by it: any number, or two at most


def joined_groups(groups: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Equal for rows of one group, and for groups that share an input: (rows,) int64 from 0.

    `groups` and `inputs` (rows,) int64 are equal where rows are of one group and read the same. “ok” is written by
    everybody, so that all groups could become one, of which nothing could be held out: where joined groups would be
    larger than a tenth of the rows, and larger than any one group, only inputs of two groups join them, and where that
    is too much as well, none does.
    """
    numbers = np.unique(groups, return_inverse=True)[1].reshape(-1).astype(np.int64)
    largest = max(float(np.bincount(numbers).max(initial=0)), LARGEST * len(numbers))
    read = np.unique(inputs, return_inverse=True)[1].reshape(-1).astype(np.int64)
    pairs = np.unique(np.stack([numbers, read]), axis=1)
    sharing = np.bincount(pairs[1])  # groups that hold each input
    for most in _LINKS:
        links = pairs[:, sharing[pairs[1]] <= most]
        size = int(numbers.max(initial=-1)) + 1
        nodes = size + len(sharing)
        graph = sparse.coo_array((np.ones(links.shape[1], dtype=np.int8), (links[0], size + links[1])), (nodes, nodes))
        found = connected_components(graph, directed=False)[1][:size][numbers]
        found = np.unique(found, return_inverse=True)[1].reshape(-1).astype(np.int64)
        if np.bincount(found).max(initial=0) <= largest:
            return found
    return numbers


def with_groups_of(rows: Any, inputs: np.ndarray) -> np.ndarray:
    """`inputs` (rows,) int64, joined by the groups of prepared rows where they have any; from 0."""
    if GROUP not in rows.column_names:
        return inputs
    return joined_groups(np.asarray(rows[GROUP][:], dtype=np.int64), inputs)
