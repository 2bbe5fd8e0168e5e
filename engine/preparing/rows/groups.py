"""Rows that belong together, by numbers that are equal for them. Uses arrays only."""

from __future__ import annotations

import numpy as np

from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers from 0 in the order of the keys (rows,), equal where these are; and the first position of each.

    The same as `np.unique` with its index and inverse, in a third of the time, which a stop would have to wait.
    """
    order = np.argsort(keys)
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = keys[order[1:]] != keys[order[:-1]]
    numbers = np.empty(len(keys), dtype=np.int64)
    numbers[order] = np.cumsum(begins) - 1
    first = np.minimum.reduceat(order, np.flatnonzero(begins)) if len(keys) else np.zeros(0, dtype=np.int64)
    return numbers, first


def group_numbers(*keys: np.ndarray) -> np.ndarray:
    """Numbers from 0 that are equal where all keys (rows,) are; (rows,) int64."""
    groups = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        numbers, first = numbered(key)
        groups = numbered(groups * max(1, len(first)) + numbers)[0]
    return groups


def first_of_each(groups: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Whether a row is the first of its group among those of the mask `among`; (rows,) bool."""
    positions = np.flatnonzero(among)
    first = np.zeros(len(groups), dtype=bool)
    first[positions[np.unique(groups[positions], return_index=True)[1]]] = True
    return first


def in_common(groups: np.ndarray, mine: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which rows of the mask `mine` have a group that is in the mask `others` too; (rows,) bool."""
    common: np.ndarray = mine & np.isin(groups, np.unique(groups[others]))
    return common


def kinds_in_each(groups: np.ndarray, kinds: np.ndarray, among: np.ndarray) -> np.ndarray:
    """How many different `kinds` are in the rows of each group of the mask `among`; (groups,) int64."""
    first = first_of_each(group_numbers(groups, kinds), among)
    counts: np.ndarray = np.bincount(groups[first], minlength=int(groups.max(initial=-1)) + 1)
    return counts


def repeated(groups: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which rows of the mask `among` come after another one of their group; (rows,) bool."""
    found: np.ndarray = among & ~first_of_each(groups, among)
    return found


def outvoted(inputs: np.ndarray, answers: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which rows of the mask `among` have not the leading answer of their input; all of them where none leads.

    Inputs with one answer have none; (rows,) bool.
    """
    answered = group_numbers(inputs, answers)
    votes = np.bincount(answered[among], minlength=answered.max(initial=0) + 1)
    most = np.zeros(inputs.max(initial=0) + 1, dtype=np.int64)
    np.maximum.at(most, inputs[among], votes[answered[among]])
    leading = votes[answered] == most[inputs]
    tied = kinds_in_each(inputs, answered, among & leading) > 1
    contradictory = (kinds_in_each(inputs, answers, among) > 1)[inputs]
    found: np.ndarray = among & contradictory & (~leading | tied[inputs])
    return found


def with_first_partners(groups: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Each of the positions `rows` beside the first of the ascending positions `others` in its group; (rows, 2)."""
    distinct, first = np.unique(groups[others], return_index=True)
    return np.stack([rows, others[first[np.searchsorted(distinct, groups[rows])]]], axis=1)


def connected_groups(count: int, pairs: np.ndarray, emit: Emit) -> np.ndarray:
    """The group of each of `count` inputs when those of a pair are of one group; (count,) int64."""
    parent = np.arange(count)
    for index, (one, other) in enumerate(pairs.tolist()):
        if index % 10_000 == 0:
            emit(Progressed(index, len(pairs), Sentence("preparing.progress.comparing_texts")))
        roots = []
        for node in (one, other):
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = int(parent[node])
            roots.append(node)
        parent[max(roots)] = min(roots)
    while True:
        above = parent[parent]
        if (above == parent).all():
            return parent
        parent = above
