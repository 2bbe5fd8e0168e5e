"""Which row goes into which split: stratified, repeatable with a seed, equal inputs always together.

Works for every histogram of labels and never throws: a kind of row that occurs once stays in training.
Knows numbers only, neither texts nor labels.
"""

from __future__ import annotations

import numpy as np

TRAIN, VALIDATION, TEST = 0, 1, 2


def draw_splits(
    strata: np.ndarray,
    identities: np.ndarray,
    *,
    validation_share: float,
    test_share: float,
    seed: int,
    in_training: np.ndarray | None = None,
) -> np.ndarray:
    """The split of each row, (rows,) int8 of TRAIN, VALIDATION and TEST.

    `strata` (rows,) int64 numbers the kinds of rows that splits should hold in equal shares, `identities` (rows,)
    int64 is equal for rows with the same input. A share of 0 makes that split empty; otherwise it gets at least one
    input where there are three different ones. Inputs of the rows in the mask `in_training` (rows,) bool stay in
    training, whatever becomes of the shares.
    """
    if not len(strata):
        return np.zeros(0, dtype=np.int8)
    _, first, group_of_row = np.unique(identities, return_index=True, return_inverse=True)
    kinds, kind_of_group = np.unique(strata[first], return_inverse=True)
    sizes = np.bincount(kind_of_group, minlength=len(kinds))
    stays = np.zeros(len(first), dtype=bool)
    if in_training is not None:
        stays[group_of_row.reshape(-1)[in_training]] = True
    free = np.bincount(kind_of_group[~stays], minlength=len(kinds))
    left = np.minimum(np.maximum(sizes - 1, 0), free)  # at least one of each kind stays in training
    test = _quotas(sizes, left, test_share)
    validation = _quotas(sizes, left - test, validation_share)
    splits = np.zeros(len(kind_of_group), dtype=np.int8)
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(splits))
    by_kind = order[np.lexsort((stays[order], kind_of_group[order]))]  # in each kind, what stays comes last
    start = 0
    for kind, size in enumerate(sizes):
        groups = by_kind[start : start + size]
        splits[groups[: test[kind]]] = TEST
        splits[groups[test[kind] : test[kind] + validation[kind]]] = VALIDATION
        start += size
    _fill_empty(
        splits,
        order[~stays[order]],
        [split for split, share in ((TEST, test_share), (VALIDATION, validation_share)) if share],
    )
    result: np.ndarray = splits[group_of_row.reshape(-1)]
    return result


def draw_rows(strata: np.ndarray, limit: int, seed: int) -> np.ndarray:
    """Which rows are used when at most `limit` may be: (rows,) bool, each kind in its share and at least once."""
    total = len(strata)
    if total <= limit:
        return np.ones(total, dtype=bool)
    kinds, kind_of_row = np.unique(strata, return_inverse=True)
    sizes = np.bincount(kind_of_row, minlength=len(kinds))
    quotas = _quotas(sizes, sizes, limit / total, total=limit)
    if limit >= len(kinds):
        for kind in np.flatnonzero(quotas == 0):
            quotas[np.argmax(quotas)] -= 1
            quotas[kind] += 1
    order = np.random.default_rng(seed).permutation(total)
    by_kind = order[np.argsort(kind_of_row[order], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    used = np.zeros(total, dtype=bool)
    for start, quota in zip(starts, quotas, strict=True):
        used[by_kind[start : start + quota]] = True
    return used


def _quotas(sizes: np.ndarray, most: np.ndarray, share: float, *, total: int | None = None) -> np.ndarray:
    """How many of each kind to take, by largest remainder: about `share` of each, exactly `total` in all where the
    upper bounds `most` allow."""
    wanted = sizes * share
    quotas: np.ndarray = np.minimum(np.floor(wanted).astype(np.int64), most)
    missing = (round(share * int(sizes.sum())) if total is None else total) - int(quotas.sum())
    while missing > 0:
        open_kinds = np.flatnonzero(quotas < most)
        if not len(open_kinds):
            break
        best = open_kinds[np.argsort(-(wanted - quotas)[open_kinds], kind="stable")][:missing]
        quotas[best] += 1
        missing -= len(best)
    return quotas


def _fill_empty(splits: np.ndarray, order: np.ndarray, wanted: list[int]) -> None:
    """Gives each wanted split one input where it has none and training, or another wanted split, can spare it.

    `order` holds the inputs that may be moved, in the order in which they are.
    """
    for split in wanted:
        if (splits == split).any():
            continue
        for giver in (TRAIN, *wanted):
            movable = order[splits[order] == giver]
            if len(movable) and (splits == giver).sum() >= 2:
                splits[movable[0]] = split
                break
