"""Which row goes into which split: by label, repeatable with a seed, equal inputs always together.

Works for every histogram of labels and never throws. Uses numbers only, neither texts nor names.

* How many rows of a label each split gets: systematic sampling (Madow 1949). The labels are in random order, each as
  long as the share of rows it is due, and a grid with a random offset is laid over them. So each label gets its share
  in expectation, rounded down or up, and a label of two rows is measured with some seeds too. The test and the
  validation split share one grid: where a label is due less than one row in both together, they never hold one each,
  and where it is due more, one of them has a row at least.
* Which rows those are, where rows have several labels: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011,
  "On the stratification of multi-label data"). The label with the fewest rows left is dealt out first, since the others
  have more rows to make up for what comes with it.
* Where near-duplicates are kept together, groups of them are dealt out, and the shares are those of their rows. A group
  that is too large for what a split is due stays in training, and what one label has too much in a split, those that
  come after it have less. So a split gets its share but for half a group, and of each label that is due a row at least
  one group, if training keeps another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

TRAIN, VALIDATION, TEST = 0, 1, 2

_ROUNDING = 1e-9  # sums of shares that ought to be whole numbers are so but for this


def draw_splits(
    kinds: np.ndarray,
    identities: np.ndarray,
    *,
    labels: Sequence[Collection[int]] | None = None,
    validation_share: float,
    test_share: float,
    seed: int,
    in_training: np.ndarray | None = None,
    by_rows: bool = False,
) -> np.ndarray:
    """The split of each row, (rows,) int8 of TRAIN, VALIDATION and TEST.

    `kinds` (rows,) int64 numbers the kinds of rows, `labels` holds the numbers of the labels of each kind; without
    it each kind is a label of its own. `identities` (rows,) int64 is equal for rows with the same input, which has the
    labels of them all. A share of 0 makes that split empty; otherwise it gets at least one input where there are three
    different ones, and of each label one input stays in training. Inputs of the rows in the mask `in_training` (rows,)
    bool stay there too, whatever becomes of the shares. The shares are those of inputs, or `by_rows` those of rows.
    """
    if not len(kinds):
        return np.zeros(0, dtype=np.int8)
    _, input_of_row = np.unique(identities, return_inverse=True)
    input_of_row = input_of_row.reshape(-1)
    rows_by_label = _labels_of_inputs(kinds, labels, input_of_row)
    if not by_rows:
        rows_by_label.data[:] = 1
    inputs = _Inputs(rows_by_label)
    free = np.ones(inputs.count, dtype=bool)
    if in_training is not None:
        free[input_of_row[in_training]] = False
    generator = np.random.default_rng(seed)
    order = generator.permutation(inputs.count)
    wanted = _held_out_by_label(inputs, free, validation_share, test_share, generator)
    splits = _dealt(
        inputs,
        free,
        wanted,
        order,
        generator,
        take=_fitting_groups if by_rows else _fitting,
        one_each=labels is None or all(len(own) <= 1 for own in labels),
    )
    _keep_in_training(inputs, splits)
    held_out = [split for split, share in ((TEST, test_share), (VALIDATION, validation_share)) if share]
    _fill_empty(splits, order[free[order]], held_out)
    result: np.ndarray = splits[input_of_row]
    return result


def draw_rows(kinds: np.ndarray, limit: int, seed: int) -> np.ndarray:
    """Which rows are used when at most `limit` may be: (rows,) bool, of each kind its share and at least one."""
    total = len(kinds)
    if total <= limit:
        return np.ones(total, dtype=bool)
    _, kind_of_row, sizes = np.unique(kinds, return_inverse=True, return_counts=True)
    generator = np.random.default_rng(seed)
    least = np.full(len(sizes), 1.0 if limit >= len(sizes) else 0.0)
    quotas = _systematic(_shared_out(sizes, least, sizes, limit), generator, limit)
    order = generator.permutation(total)
    by_kind = order[np.argsort(kind_of_row.reshape(-1)[order], kind="stable")]
    place = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # of each row in its kind
    used = np.zeros(total, dtype=bool)
    used[by_kind[place < np.repeat(quotas, sizes)]] = True
    return used


def rarest_labels(kinds: np.ndarray, labels: Sequence[Collection[int]]) -> np.ndarray:
    """The label of each row that the fewest rows have, −1 where it has none: (rows,) int64."""
    rows = np.bincount(kinds, minlength=len(labels))
    counts: dict[int, int] = {}
    for number, own in zip(rows.tolist(), labels, strict=True):
        for label in own:
            counts[label] = counts.get(label, 0) + number
    of_kind = [min(own, key=lambda label: (counts[label], label), default=-1) for own in labels]
    rarest: np.ndarray = np.asarray(of_kind, dtype=np.int64)[kinds]
    return rarest


# Inputs and their labels


class _Inputs:
    """Which labels inputs have, from both sides; what has none has one label of its own."""

    def __init__(self, labels: sparse.csr_array) -> None:
        """`labels` (inputs, labels) of what counts: the rows of each label, or 1 where it has any."""
        self._labels = labels
        self._holders = labels.tocsc()
        self.count = int(labels.shape[0])
        self.many = np.diff(labels.indptr)  # how many labels each input has

    def of(self, one: int) -> np.ndarray:
        """The labels of an input."""
        found: np.ndarray = self._labels.indices[self._labels.indptr[one] : self._labels.indptr[one + 1]]
        return found

    def rows_of(self, one: int) -> np.ndarray:
        """How much it counts for each of its labels."""
        found: np.ndarray = self._labels.data[self._labels.indptr[one] : self._labels.indptr[one + 1]]
        return found

    def with_label(self, label: int) -> np.ndarray:
        """The inputs that have it."""
        found: np.ndarray = self._holders.indices[self._holders.indptr[label] : self._holders.indptr[label + 1]]
        return found

    def holders(self) -> np.ndarray:
        """How many inputs have each label: (labels,) int64."""
        found: np.ndarray = np.diff(self._holders.indptr).astype(np.int64)
        return found

    def counts(self, chosen: np.ndarray) -> np.ndarray:
        """How much the inputs in the mask `chosen` (inputs,) bool have of each label: (labels,) int64."""
        found: np.ndarray = self._holders.T @ chosen.astype(np.int64)
        return found

    def counts_of(self, chosen: np.ndarray) -> np.ndarray:
        """The same of inputs by their numbers."""
        of_them = self._labels[chosen]
        found = np.bincount(of_them.indices, weights=of_them.data, minlength=self._labels.shape[1])
        return found.astype(np.int64)


def _labels_of_inputs(
    kinds: np.ndarray, labels: Sequence[Collection[int]] | None, input_of_row: np.ndarray
) -> sparse.csr_array:
    """How many rows of each input have each label: (inputs, labels) int64."""
    if labels is None:
        _, kind_of_row = np.unique(kinds, return_inverse=True)
        rows, marked = input_of_row, kind_of_row.reshape(-1)
    else:
        none = 1 + max((label for own in labels for label in own), default=-1)
        of_kind = [tuple(own) or (none,) for own in labels]
        sizes = np.asarray([len(own) for own in of_kind], dtype=np.int64)
        every = np.asarray([label for own in of_kind for label in own], dtype=np.int64)
        many = sizes[kinds]
        rows = np.repeat(input_of_row, many)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
        marked = every[np.repeat((np.cumsum(sizes) - sizes)[kinds], many) + within]
        _, marked = np.unique(marked, return_inverse=True)
    pairs = sparse.csr_array(
        (np.ones(len(rows), dtype=np.int64), (rows, marked.reshape(-1))),
        shape=(int(input_of_row.max()) + 1, int(marked.max()) + 1),
    )
    pairs.sum_duplicates()
    return pairs


# How many of each label


def _held_out_by_label(
    inputs: _Inputs, free: np.ndarray, validation_share: float, test_share: float, generator: np.random.Generator
) -> np.ndarray:
    """How much of each label goes to VALIDATION and TEST: (labels, 3) int64, the column of TRAIN left at 0."""
    sizes = inputs.counts(np.ones(inputs.count, dtype=bool))
    most = np.minimum(np.maximum(sizes - 1, 0), inputs.counts(free))  # one of each label stays in training
    quotas = np.zeros((len(sizes), 3), dtype=np.int64)
    if not validation_share + test_share > 0 or not most.any():
        return quotas
    part = test_share / (validation_share + test_share)
    due = np.minimum(sizes * (validation_share + test_share), most)
    exact = bool((inputs.many == 1).all())  # where each input has one label, those of all make up the split
    held_out = 0
    if exact:
        everything = int(sizes.sum())
        test, validation = round(test_share * everything), round(validation_share * everything)
        part = test / max(1, test + validation)
        held_out = min(test + validation, int(most.sum()))
        due = _shared_out(sizes, np.zeros(len(sizes)), most, held_out)
    of_test, of_validation = due * part, due * (1 - part)
    whole_test, whole_validation = (np.floor(share + _ROUNDING).astype(np.int64) for share in (of_test, of_validation))
    rest_test, rest_validation = np.maximum(of_test - whole_test, 0), np.maximum(of_validation - whole_validation, 0)
    rest = rest_test + rest_validation
    total = held_out - int((whole_test + whole_validation).sum()) if exact else None
    further = _systematic(rest, generator, total)  # 0, 1 or 2
    both, one = further == 2, further == 1
    # How likely one further input is for the test split, so that with those of `both` it expects its share.
    likely_test = np.where(
        rest <= 1, rest_test / np.maximum(rest, _ROUNDING), (1 - rest_validation) / np.maximum(2 - rest, _ROUNDING)
    )[one]
    to_test = both.astype(np.int64)
    total = int(np.clip(round(held_out * part) - (whole_test + to_test).sum(), 0, one.sum())) if exact else None
    if total is not None:
        likely_test = _shared_out(likely_test, np.zeros(len(likely_test)), np.ones(len(likely_test)), total)
    to_test[one] = _systematic(likely_test, generator, total)
    quotas[:, TEST] = whole_test + to_test
    quotas[:, VALIDATION] = whole_validation + further - to_test
    return quotas


def _shared_out(sizes: np.ndarray, least: np.ndarray, most: np.ndarray, total: int) -> np.ndarray:
    """Shares in proportion to `sizes` between the bounds, which sum to `total` where the bounds allow; float64."""
    low, high = 0.0, 1.0
    while np.clip(high * sizes, least, most).sum() < min(total, most[sizes > 0].sum()) - _ROUNDING:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(middle * sizes, least, most).sum() < total else (low, middle)
    shares: np.ndarray = np.clip(high * sizes, least, most).astype(np.float64)
    return shares


def _systematic(shares: np.ndarray, generator: np.random.Generator, total: int | None) -> np.ndarray:
    """`shares`, each rounded down or up at random, so that each expects itself; int64.

    Where a `total` is given, which is their sum but for rounding, it is their sum exactly.
    """
    order = generator.permutation(len(shares))
    ends = np.cumsum(shares[order])
    if total is not None and len(ends):
        ends *= total / max(ends[-1], _ROUNDING)
        ends[-1] = total
    quotas = np.empty(len(shares), dtype=np.int64)
    quotas[order] = np.diff(np.floor(np.round(ends, 9) + generator.random()).astype(np.int64), prepend=0)
    return quotas


# Which of them


class _Deal(NamedTuple):
    """What one split has still to get: `missing` (labels,) int64 of each label, below 0 where it has got too much.

    `due` (labels,) int64 is what it was at first. `in_training` (labels,) int64 counts the inputs that no split has
    got yet and is common to all deals. `one_each` means that no row has several labels.
    """

    inputs: _Inputs
    split: int
    missing: np.ndarray
    due: np.ndarray
    in_training: np.ndarray
    one_each: bool


def _dealt(
    inputs: _Inputs,
    free: np.ndarray,
    wanted: np.ndarray,
    order: np.ndarray,
    generator: np.random.Generator,
    *,
    take: Callable[[_Deal, np.ndarray, int], np.ndarray],
    one_each: bool,
) -> np.ndarray:
    """The split of each input (inputs,) int8, label by label; `order` decides which of equal ones comes first.

    `take` chooses among the inputs of a label those that a split gets, and counts down what it is missing.
    """
    splits = np.full(inputs.count, TRAIN, dtype=np.int8)
    place = np.empty(inputs.count, dtype=np.int64)
    place[order] = np.arange(inputs.count)
    is_open = free.copy()
    left, missing = inputs.counts(is_open), wanted.copy()
    in_training = inputs.holders()
    deals = [
        _Deal(inputs, split, missing[:, split], wanted[:, split], in_training, one_each) for split in (TEST, VALIDATION)
    ]
    order_of_labels = generator.permutation(len(left))  # which of equally rare ones comes first
    while left.any():
        rarest = order_of_labels[np.argmin(np.where(left > 0, left, left.max() + 1)[order_of_labels])]
        dealt = inputs.with_label(rarest)
        dealt = dealt[is_open[dealt]]
        candidates = dealt[np.argsort(place[dealt])]
        for deal in deals:
            splits[take(deal, candidates, int(rarest))] = deal.split
            candidates = candidates[splits[candidates] == TRAIN]
        is_open[dealt] = False
        left -= inputs.counts_of(dealt)
    return splits


def _fitting(deal: _Deal, candidates: np.ndarray, label: int) -> np.ndarray:
    """As many of the candidates as the split is missing of the label, first those of whose labels all are missing.

    Where labels of an input are not missing, those inputs are taken that have the fewest of them.
    """
    inputs, missing = deal.inputs, deal.missing
    number = int(missing[label])
    if number <= 0:
        return candidates[:0]
    if (inputs.many[candidates] == 1).all():
        missing -= inputs.counts_of(candidates[:number])
        return candidates[:number]
    chosen: list[int] = []
    others: list[int] = []
    for candidate in candidates.tolist():
        own = inputs.of(candidate)
        if len(chosen) == number:
            break
        if (missing[own] > 0).all():
            missing[own] -= 1
            chosen.append(candidate)
        else:
            others.append(candidate)
    surplus = [int((missing[inputs.of(candidate)] <= 0).sum()) for candidate in others]
    further = np.asarray(others, dtype=np.int64)[np.argsort(surplus, kind="stable")[: number - len(chosen)]]
    missing -= inputs.counts_of(further)
    return np.concatenate([np.asarray(chosen, dtype=np.int64), further])


def _fitting_groups(deal: _Deal, candidates: np.ndarray, label: int) -> np.ndarray:
    """Groups of the candidates whose rows make up what the split is missing of the label, none that is much too large.

    A split that is due any row gets the smallest group at least, and training keeps a group of each label.
    """
    inputs, missing = deal.inputs, deal.missing
    # What the labels before this one have got too much, this one gets less; the rarest come first, so it has the rows.
    others_missing = np.delete(missing, label)
    surplus = -int(others_missing[others_missing < 0].sum()) if deal.one_each else 0
    chosen: list[int] = []
    larger: list[tuple[int, int]] = []  # rows of the label, group
    for group in candidates.tolist():
        own, rows = inputs.of(group), inputs.rows_of(group)
        of_label = int(rows[own == label][0])
        if of_label <= missing[label] - surplus and (rows <= missing[own]).all() and _take(deal, group):
            chosen.append(group)
        else:
            larger.append((of_label, group))
    for of_label, group in sorted(larger, key=lambda one: one[0]):
        has_none = missing[label] == deal.due[label] > 0
        if not has_none and of_label > 2 * (missing[label] - surplus):
            break
        if _take(deal, group):
            chosen.append(group)
    return np.asarray(chosen, dtype=np.int64)


def _take(deal: _Deal, group: int) -> bool:
    """Counts a group for the split, if training keeps another of each of its labels; whether that is so."""
    own = deal.inputs.of(group)
    if (deal.in_training[own] <= 1).any():
        return False
    deal.in_training[own] -= 1
    deal.missing[own] -= deal.inputs.rows_of(group)
    return True


def _keep_in_training(inputs: _Inputs, splits: np.ndarray) -> None:
    """Gives training one input of each label that it has none of, where an input with other labels took the last."""
    in_training = inputs.counts(splits == TRAIN)
    for label in np.flatnonzero(in_training == 0).tolist():
        if not in_training[label]:
            holders = inputs.with_label(label)
            back = holders[:1]
            splits[back] = TRAIN
            in_training += inputs.counts_of(back)


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
