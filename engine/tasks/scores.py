"""Scores by what is predicted: one class per row, entities and tags, sets of labels, numbers.

For each kind there is a function from truth and predictions to scores by name, and the rows as a resample needs them
(`SampleScores`): the counts that the scores are made of, so that thousands of resamples are sums.

One convention everywhere, beside scikit-learn's and seqeval's where theirs differs: a share of nothing is not
measurable, which is None here and 0 with a warning there.

* F1 of a class is 2·correct / (predicted + true): None where it is neither predicted nor true. It is not shown of a
  class without true rows.
* Precision is None where nothing is predicted (no entity is found), recall where nothing is true.
* A macro mean is over the classes with true rows. scikit-learn, unless it is given `labels`, also counts classes that
  are predicted but never true, each with an F1 of 0, so that one stray prediction of an absent class can halve it.
* Micro F1 of label sets is None where no row has a label and none is predicted. A row without labels is exactly right
  where none is predicted, as in scikit-learn.
* Matthews' correlation is None where all rows are truly of one class; where only the predictions are, it is 0, as in
  scikit-learn (Gorodkin 2004). The other correlations are None where one side does not vary (SciPy: NaN).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from scipy import sparse

from engine.contract.states import ClassScores
from engine.contract.tag_schemes import OUTSIDE, entities_in

FEWEST_FOR_CORRELATION = 2
MANY_NUMBERS = 20_000  # of which a random half has normal sums
KIND_COSTS = 10  # times as much as a row to be drawn: a binomial number against one from a table
Measured = dict[str, np.ndarray]  # scores of resamples (resamples,) float64 by name, NaN where not measurable


class SampleScores(ABC):
    """The rows of a score, to be scored again for many resamples at once."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows there are."""

    def distinct(self, _groups: np.ndarray | None) -> tuple[SampleScores, np.ndarray] | None:
        """Each kind of observation as one row, and how many there are of it (kinds,) int64; None where few are alike.

        A resample of the rows is a multinomial draw of the kinds, so that it need not go over the rows. `groups`
        (rows,) int64 from 0 is equal for rows that are one observation.
        """
        return None

    @property
    def in_bags(self) -> bool:
        """Whether a resample goes over all rows at some cost, and parts of them (`bag`) vary as all do."""
        return False

    def bag(self, _rows: np.ndarray) -> SampleScores:
        """These rows (some,) int64 alone."""
        raise TypeError(f"{type(self).__name__} has no bags")

    def largest_size(self, _name: str) -> float:
        """The most rows of a share that can be as much evidence of a score as these; infinite where not known."""
        return math.inf

    @abstractmethod
    def scores(self, times: np.ndarray) -> Measured:
        """Scores of resamples in which each row was drawn so many times; `times` (rows, resamples)."""


class Exchange(NamedTuple):
    """What exchanging the answers of two methods does to the difference of one score.

    `number` (kinds,) int64 is how many observations there are of each kind on which the methods differ at all, and
    `moving` (sums, kinds) float64 what one of each adds to the sums that scores are made of. `differences` takes what
    is moved (sums, resamples) and returns (resamples,) float64, NaN where not measurable. `normal` means that what is
    moved may be drawn from a normal distribution.
    """

    number: np.ndarray
    moving: sparse.csr_array
    differences: Callable[[np.ndarray], np.ndarray]
    normal: bool = False


class ComparableRows(SampleScores):
    """Rows of which another method's answers can take the place of one's own."""

    @abstractmethod
    def exchange_with(self, other: ComparableRows, name: str, groups: np.ndarray | None) -> Exchange:
        """The exchange of answers with another method's, which are of the same rows and of the same kind.

        `groups` (rows,) int64 from 0 is equal for rows that are one observation, whose answers are exchanged together.
        """


class JoinedRows(SampleScores):
    """Several kinds of scores of the same rows."""

    def __init__(self, *parts: SampleScores) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts[0])

    def largest_size(self, name: str) -> float:
        return min(part.largest_size(name) for part in self.parts)

    def scores(self, times: np.ndarray) -> Measured:
        found: Measured = {}
        for part in self.parts:
            found |= part.scores(times)
        return found


class PairedRows(SampleScores):
    """The differences of two methods' scores of the same rows."""

    def __init__(self, own: SampleScores, other: SampleScores) -> None:
        self.sides = own, other

    def __len__(self) -> int:
        return len(self.sides[0])

    @property
    def in_bags(self) -> bool:
        return all(side.in_bags for side in self.sides)

    def bag(self, rows: np.ndarray) -> PairedRows:
        return PairedRows(*(side.bag(rows) for side in self.sides))

    def distinct(self, groups: np.ndarray | None) -> tuple[PairedRows, np.ndarray] | None:
        own, other = self.sides
        if not isinstance(own, CountedRows) or not isinstance(other, CountedRows):
            return None
        found = distinct_rows(sparse.hstack([own.columns, other.columns]).tocsr(), groups)
        if found is None:
            return None
        width = own.columns.shape[1]
        return PairedRows(own.with_columns(found[0][:, :width]), other.with_columns(found[0][:, width:])), found[1]

    def scores(self, times: np.ndarray) -> Measured:
        own, other = (side.scores(times) for side in self.sides)
        return {name: own[name] - other[name] for name in own if name in other}


class ScoredRows(NamedTuple):
    """The scores of one method on some rows, and what their resamples need."""

    scores: dict[str, float | None]
    rows: SampleScores


def joined(parts: Sequence[ScoredRows], order: np.ndarray) -> ScoredRows:
    """One method on the rows of several parts together, such as folds; `order` (rows,) int64 has their places.

    The parts are of one kind and of the same classes. Raises `TypeError` for rows that cannot be joined.
    """
    rows = parts[0].rows
    together: SampleScores
    if isinstance(rows, CountedRows):
        columns = sparse.vstack([part.rows.columns for part in parts if isinstance(part.rows, CountedRows)])
        together = CountedRows(columns.tocsr()[order], rows.score, one_class=rows.one_class)
    elif isinstance(rows, NumberRows):
        sides = [part.rows.sides for part in parts if isinstance(part.rows, NumberRows)]
        truth, predicted = (np.concatenate([both[place] for both in sides])[order] for place in (0, 1))
        together = NumberRows(truth, predicted)
    else:
        raise TypeError(f"{type(rows).__name__} cannot be joined")
    scores = _one_result(together.scores(np.ones((len(together), 1), dtype=np.float32)))
    if scores.get("mcc", 0.0) is None and any(part.scores.get("mcc") is not None for part in parts):
        scores["mcc"] = 0.0  # the convention of `confusion_scores`, which resamples do not have
    return ScoredRows(scores, together)


class Counts(NamedTuple):
    """What scores are made of: per class (classes, resamples), and how much (resamples,) is exactly right of it all."""

    correct: np.ndarray
    predicted: np.ndarray
    true: np.ndarray
    exact: np.ndarray
    total: np.ndarray


class CountedRows(ComparableRows):
    """Rows whose scores are made of `Counts`."""

    def __init__(self, columns: sparse.csr_array, score: Callable[[Counts], Measured], *, one_class: bool) -> None:
        """`columns` (rows, 3 · classes + 2) float32 are the counts of each row, in the order of `Counts`.

        `one_class` means that a row has one true and one predicted class, so that a class that is missed is another's
        false alarm.
        """
        self.columns = columns
        self.score = score
        self.one_class = one_class

    def __len__(self) -> int:
        return int(self.columns.shape[0])

    def scores(self, times: np.ndarray) -> Measured:
        return self.score(self.counts(times))

    def counts(self, times: np.ndarray) -> Counts:
        """The counts of resamples; `times` (rows, resamples)."""
        return _counts_in(np.asarray(self.columns.T @ times, dtype=np.float64))

    def distinct(self, groups: np.ndarray | None) -> tuple[CountedRows, np.ndarray] | None:
        found = distinct_rows(self.columns, groups)
        return None if found is None else (self.with_columns(found[0]), found[1])

    def with_columns(self, columns: sparse.csr_array) -> CountedRows:
        """Other rows of the same kind and of the same classes."""
        return CountedRows(columns.tocsr(), self.score, one_class=self.one_class)

    def exchange_with(self, other: ComparableRows, name: str, groups: np.ndarray | None) -> Exchange:
        assert isinstance(other, CountedRows)
        apart = self.columns - other.columns
        kinds, number = _kinds(apart if groups is None else in_groups(groups) @ apart)
        differing = np.diff(kinds.indptr) > 0
        moving = kinds[differing].T.tocsr().astype(np.float64)
        sums = [np.asarray(each.columns.sum(axis=0, dtype=np.float64)).reshape(-1, 1) for each in (self, other)]

        def differences(moved: np.ndarray) -> np.ndarray:
            own, others = self.score(_counts_in(sums[0] - moved)), other.score(_counts_in(sums[1] + moved))
            difference: np.ndarray = own[name] - others[name]
            return difference

        return Exchange(number[differing], moving, differences)


def distinct_rows(columns: sparse.csr_array, groups: np.ndarray | None) -> tuple[sparse.csr_array, np.ndarray] | None:
    """The different rows among the sums of each group, and how many each are; None where there are too many of them."""
    kinds, number = _kinds(columns if groups is None else in_groups(groups) @ columns)
    return None if KIND_COSTS * len(number) > number.sum() else (kinds, number)


def _kinds(columns: sparse.csr_array) -> tuple[sparse.csr_array, np.ndarray]:
    """The different rows of whole numbers, without stored zeros, and how many each are (kinds,) int64."""
    columns = columns.tocsr()
    columns.eliminate_zeros()
    # Sums of random 64-bit numbers, modulo 2^64: of a million rows two that differ are taken for equal in one of 10^7.
    signs = np.random.default_rng(0).integers(0, 2**64, size=columns.shape[1], dtype=np.uint64)
    sums = columns.astype(np.int64).astype(np.uint64) @ signs
    _, first, number = np.unique(sums, return_index=True, return_counts=True)
    return columns[first], number


def in_groups(groups: np.ndarray) -> sparse.csr_array:
    """What sums rows by their group: (groups, rows) float32."""
    rows = np.arange(len(groups))
    return sparse.csr_array((np.ones(len(groups), dtype=np.float32), (groups, rows)))


# One class per row


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes) int64 of classes `truth` (rows,), down, and `predicted` (rows,), across."""
    cells = np.bincount(truth.astype(np.int64) * classes + predicted.astype(np.int64), minlength=classes**2)
    return cells.reshape(classes, classes).astype(np.int64)


def confusion_scores(matrix: np.ndarray) -> dict[str, float | None]:
    """Accuracy, macro F1, weighted F1 and Matthews' correlation; None where they are not measurable."""
    counts = matrix.astype(np.float64)
    correct, true, predicted = (part[:, None] for part in (counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)))
    scores = _one_result(_class_measures(Counts(correct, predicted, true, correct.sum(axis=0), true.sum(axis=0))))
    if scores["mcc"] is None and (true > 0).sum() > 1:
        scores["mcc"] = 0.0
    return scores


def scores_per_class(matrix: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each class; None where they are not measurable."""
    return tuple(
        _class_scores(name, int(matrix[index, index]), int(matrix[:, index].sum()), int(matrix[index].sum()))
        for index, name in enumerate(label_names)
    )


def confusion_rows(truth: np.ndarray, predicted: np.ndarray, classes: int) -> CountedRows:
    """True and predicted class (rows,) of each row, to be resampled."""
    truth, predicted = truth.astype(np.int64), predicted.astype(np.int64)
    right = truth == predicted
    rows = np.arange(len(truth))
    places = [(rows[right], truth[right]), (rows, classes + predicted), (rows, 2 * classes + truth)]
    places += [(rows[right], np.full(right.sum(), 3 * classes)), (rows, np.full(len(rows), 3 * classes + 1))]
    where = np.concatenate([row for row, _ in places]), np.concatenate([column for _, column in places])
    values = np.ones(len(where[0]), dtype=np.float32)
    columns = sparse.csr_array((values, where), shape=(len(truth), 3 * classes + 2))
    return CountedRows(columns, _class_measures, one_class=True)


# Entities, and tags of single words
#
# An entity is correct where its first word, its last word and its type are. The counts equal seqeval's in its default
# mode (a test compares them); they are kept per row here, so that the table per type, the bootstrap and the most wrong
# rows come from the same numbers.


class EntityCounts(NamedTuple):
    """Entities per row and type (rows, types) int64, and words per row (rows,) int64.

    Where each word has a tag of its own (`one_per_word`), its type is the tag and each word is counted as one entity.
    """

    correct: np.ndarray
    predicted: np.ndarray
    true: np.ndarray
    correct_words: np.ndarray
    words: np.ndarray
    one_per_word: bool = False


def count_entities(
    truth: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    types: Sequence[str],
    *,
    one_per_word: bool = False,
) -> EntityCounts:
    """Counts the entities of rows given as tags, one per word; an empty tag is of a word that was not read."""
    scheme = types if one_per_word else (OUTSIDE,)
    positions = {kind: index for index, kind in enumerate(types)}
    correct, claimed, true = (np.zeros((len(truth), len(types)), dtype=np.int64) for _ in range(3))
    correct_words = np.zeros(len(truth), dtype=np.int64)
    words = np.zeros(len(truth), dtype=np.int64)
    for row, (true_tags, predicted_tags) in enumerate(zip(truth, predicted, strict=True)):
        true_spans, predicted_spans = set(entities_in(true_tags, scheme)), set(entities_in(predicted_tags, scheme))
        for spans, counts in ((true_spans & predicted_spans, correct), (predicted_spans, claimed), (true_spans, true)):
            for span in spans:
                counts[row, positions[span.type]] += 1
        correct_words[row] = sum(a == b for a, b in zip(true_tags, predicted_tags, strict=True))
        words[row] = len(true_tags)
    return EntityCounts(correct, claimed, true, correct_words, words, one_per_word)


def scores_of(counts: EntityCounts) -> dict[str, float | None]:
    """Scores of all counted rows.

    entity_f1, entity_precision and entity_recall over all types together, and word_accuracy. Where each word has a tag
    of its own: word_accuracy, and macro_f1 over the tags.
    """
    rows = entity_rows(counts)
    return _one_result(rows.scores(np.ones((len(rows), 1), dtype=np.float32)))


def scores_per_type(counts: EntityCounts, types: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each entity type."""
    correct, predicted, true = counts.correct.sum(axis=0), counts.predicted.sum(axis=0), counts.true.sum(axis=0)
    return tuple(
        _class_scores(kind, int(correct[index]), int(predicted[index]), int(true[index]))
        for index, kind in enumerate(types)
    )


def entity_rows(counts: EntityCounts) -> CountedRows:
    """The counted rows, to be resampled."""
    words = (counts.correct_words[:, None], counts.words[:, None])
    columns = np.concatenate([counts.correct, counts.predicted, counts.true, *words], axis=1)
    score = _tag_measures if counts.one_per_word else _entity_measures
    return _counted_rows(columns, score)


# Sets of labels


def label_set_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """micro_f1, macro_f1 and subset_accuracy of two (rows, labels) bool arrays; None where they are not measurable.

    Micro F1 is over all decisions, macro F1 the mean over the labels with true rows, subset accuracy the share of rows
    with exactly the right labels.
    """
    columns = _label_set_columns(truth, predicted).sum(axis=0, dtype=np.float64)
    return _one_result(_label_set_measures(_counts_in(columns[:, None])))


def scores_per_label(truth: np.ndarray, predicted: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each label."""
    return tuple(
        _class_scores(
            name,
            int((truth[:, index] & predicted[:, index]).sum()),
            int(predicted[:, index].sum()),
            int(truth[:, index].sum()),
        )
        for index, name in enumerate(label_names)
    )


def label_set_rows(truth: np.ndarray, predicted: np.ndarray) -> CountedRows:
    """True and predicted labels (rows, labels) bool of each row, to be resampled."""
    return _counted_rows(_label_set_columns(truth, predicted), _label_set_measures)


# Numbers


def number_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """spearman, pearson, mae and rmse; a correlation is None where one side does not vary.

    Spearman's correlation is Pearson's of the ranks, equal values sharing their mean rank.
    """
    if not len(truth):
        return {"spearman": None, "pearson": None, "mae": None, "rmse": None}
    error = predicted.astype(np.float64) - truth
    return {
        "spearman": _correlation(_ranks(truth), _ranks(predicted)),
        "pearson": _correlation(truth, predicted),
        "mae": float(np.abs(error).mean()),
        "rmse": math.sqrt(float(np.square(error).mean())),
    }


class NumberRows(ComparableRows):
    """True and predicted number of each row, to be resampled."""

    def __init__(self, truth: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> None:
        sides = [np.asarray(values, dtype=np.float64) for values in (truth, predicted)]
        self.sides = sides
        self._ordered = [_Ordered(values) for values in sides]
        error = np.abs(sides[0] - sides[1])
        one, other = (_standardised(values) for values in sides)
        self._columns = np.stack([error, error**2, one, other, one**2, other**2, one * other]).astype(np.float32)

    def __len__(self) -> int:
        return int(self._columns.shape[1])

    @property
    def in_bags(self) -> bool:
        return True

    def bag(self, rows: np.ndarray) -> NumberRows:
        return NumberRows(*(side[rows] for side in self.sides))

    def scores(self, times: np.ndarray) -> Measured:
        total = times.sum(axis=0, dtype=np.float64)
        absolute, squared, *moments = (self._columns @ times) / total
        one, other = (side.ranks(times, total) for side in self._ordered)
        means = [np.einsum("rd,rd->d", times, side) / total for side in (one, other)]
        products = [
            np.einsum("rd,rd,rd->d", times, *pair) / total for pair in ((one, one), (other, other), (one, other))
        ]
        return {
            "spearman": _from_moments(*means, *products),
            "pearson": _from_moments(*moments),
            "mae": absolute,
            "rmse": np.sqrt(squared),
        }

    def exchange_with(self, other: ComparableRows, name: str, groups: np.ndarray | None) -> Exchange:
        """Correlations exchange ranks, or values of the same spread: two methods may answer on different scales.

        What is exchanged is not ranked again: of two methods' ranks any mixture is nearly one of ranks.
        """
        assert isinstance(other, NumberRows)
        truth, own, others = (_for_exchange(values, name) for values in (self.sides[0], self.sides[1], other.sides[1]))
        sides = [np.stack([np.abs(v - truth), (v - truth) ** 2, v, v**2, v * truth]) for v in (own, others)]
        apart = np.where(own != others, sides[0] - sides[1], 0)
        if groups is not None:
            apart = np.asarray((in_groups(groups) @ apart.T).T)
        differing = (apart != 0).any(axis=0)
        sums = [side.sum(axis=1, keepdims=True) for side in sides]
        level = np.full(1, truth.mean()), np.full(1, (truth**2).mean())

        def score(of: np.ndarray) -> np.ndarray:
            absolute, squared, mean, square, product = (np.asarray(part) for part in of / len(truth))
            if name in ("mae", "rmse"):
                return absolute if name == "mae" else np.sqrt(squared)
            return _from_moments(mean, level[0], square, level[1], product)

        def differences(moved: np.ndarray) -> np.ndarray:
            difference: np.ndarray = score(sums[0] - moved) - score(sums[1] + moved)
            return difference

        number = np.ones(int(differing.sum()), dtype=np.int64)
        normal = len(number) > MANY_NUMBERS
        return Exchange(number, sparse.csr_array(apart[:, differing]), differences, normal=normal)


# What scores are made of


def _counted_rows(columns: np.ndarray, score: Callable[[Counts], Measured]) -> CountedRows:
    return CountedRows(sparse.csr_array(columns.astype(np.float32)), score, one_class=False)


def _counts_in(sums: np.ndarray) -> Counts:
    """`sums` (3 · classes + 2, resamples)."""
    classes = (len(sums) - 2) // 3
    return Counts(sums[:classes], sums[classes : 2 * classes], sums[2 * classes : 3 * classes], sums[-2], sums[-1])


def _label_set_columns(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    exact = (truth == predicted).all(axis=1, keepdims=True)
    return np.concatenate([truth & predicted, predicted, truth, exact, np.ones_like(exact)], axis=1)


def _class_measures(counts: Counts) -> Measured:
    """NaN where the correlation is only defined by convention, since a resample must not take a value from it."""
    true, predicted, total = counts.true, counts.predicted, counts.total
    spread = (total**2 - (predicted**2).sum(axis=0)) * (total**2 - (true**2).sum(axis=0))
    agreement = counts.correct.sum(axis=0) * total - (true * predicted).sum(axis=0)
    f1 = _share(2 * counts.correct, predicted + true)
    return {
        "accuracy": _share(counts.exact, total),
        "macro_f1": macro_f1(counts),
        "weighted_f1": _share((np.nan_to_num(f1) * true).sum(axis=0), total),
        "mcc": _share(agreement, np.sqrt(spread)),
    }


def _tag_measures(counts: Counts) -> Measured:
    return {"word_accuracy": _share(counts.exact, counts.total), "macro_f1": macro_f1(counts)}


def _entity_measures(counts: Counts) -> Measured:
    correct, predicted, true = (part.sum(axis=0) for part in counts[:3])
    return {
        "entity_f1": _share(2 * correct, predicted + true),
        "entity_precision": _share(correct, predicted),
        "entity_recall": _share(correct, true),
        "word_accuracy": _share(counts.exact, counts.total),
    }


def _label_set_measures(counts: Counts) -> Measured:
    correct, predicted, true = (part.sum(axis=0) for part in counts[:3])
    return {
        "micro_f1": _share(2 * correct, predicted + true),
        "macro_f1": macro_f1(counts),
        "subset_accuracy": _share(counts.exact, counts.total),
    }


def macro_f1(counts: Counts) -> np.ndarray:
    """The mean F1 over the classes with true rows."""
    occurring = counts.true > 0
    f1 = np.where(occurring, _share(2 * counts.correct, counts.predicted + counts.true), 0.0)
    return _share(f1.sum(axis=0), occurring.sum(axis=0))


def macro_precision(counts: Counts) -> np.ndarray:
    """The mean precision of the classes with true rows; of one that is never predicted it is 0."""
    occurring = counts.true > 0
    precision = np.where(occurring & (counts.predicted > 0), _share(counts.correct, counts.predicted), 0.0)
    return _share(precision.sum(axis=0), occurring.sum(axis=0))


def macro_recall(counts: Counts) -> np.ndarray:
    """The mean recall of the classes with true rows."""
    occurring = counts.true > 0
    recall = np.where(occurring, _share(counts.correct, counts.true), 0.0)
    return _share(recall.sum(axis=0), occurring.sum(axis=0))


CLASS_MEANS: dict[str, Callable[[Counts], np.ndarray]] = {
    "macro_f1": macro_f1,
    "macro_precision": macro_precision,
    "macro_recall": macro_recall,
}


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN where there is nothing to have a share of."""
    result = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _one_result(measured: Measured) -> dict[str, float | None]:
    """The scores of the only resample."""
    return {name: None if np.isnan(values[0]) else float(values[0]) for name, values in measured.items()}


def measurable(scores: ClassScores) -> ClassScores:
    """A class that the rows do not hold has no recall and no F1, whatever was predicted: macro F1 excludes it too."""
    return scores if scores.support else msgspec.structs.replace(scores, recall=None, f1=None)


def _class_scores(label: str, correct: int, predicted: int, true: int) -> ClassScores:
    return ClassScores(
        label=label,
        precision=correct / predicted if predicted else None,
        recall=correct / true if true else None,
        f1=2 * correct / (predicted + true) if predicted + true else None,
        support=true,
    )


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's correlation, from −1 to 1; None where it is not defined."""
    if len(one) < FEWEST_FOR_CORRELATION:
        return None
    centred = [values.astype(np.float64) - values.mean() for values in (one, other)]
    spreads = [math.sqrt(float(values @ values)) for values in centred]
    # What is left of a constant after subtracting its mean is rounding, not a spread.
    tiny = [1e-12 * max(1.0, float(np.abs(values).max())) * math.sqrt(len(values)) for values in (one, other)]
    if any(spread <= least for spread, least in zip(spreads, tiny, strict=True)):
        return None
    return float(np.clip((centred[0] / spreads[0]) @ (centred[1] / spreads[1]), -1.0, 1.0))


def _ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value from 1, equal values sharing the mean of theirs; float64."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: np.ndarray = (last - (counts - 1) / 2)[group.reshape(-1)]
    return shared


class _Ordered:
    """Values in their order, whose ranks in a resample are sums of how often the lower ones were drawn."""

    def __init__(self, values: np.ndarray) -> None:
        self._order = np.argsort(values, kind="stable")
        distinct, group = np.unique(values, return_inverse=True)
        self._group = group.reshape(-1)
        self._starts = np.searchsorted(values[self._order], distinct)
        self._has_ties = len(distinct) < len(values)

    def ranks(self, times: np.ndarray, total: np.ndarray) -> np.ndarray:
        """The rank of each row in each resample, from −1/2 to 1/2; (rows, resamples) float32."""
        drawn = times.take(self._order, axis=0)
        if self._has_ties:
            drawn = np.add.reduceat(drawn, self._starts, axis=0)
        last = np.cumsum(drawn, axis=0)
        last -= (drawn - 1) / 2
        last -= ((total + 1) / 2).astype(np.float32)
        last /= total.astype(np.float32)
        ranks: np.ndarray = last.take(self._group, axis=0)
        return ranks


def _for_exchange(values: np.ndarray, name: str) -> np.ndarray:
    """In the scale in which a method's answers are exchanged with another's: with a spread of about 1, but errors."""
    return values if name in ("mae", "rmse") else _standardised(_ranks(values) if name == "spearman" else values)


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = float(values.std()) if len(values) else 0.0
    result: np.ndarray = (values - values.mean()) / (spread or 1.0)
    return result


def _from_moments(
    one_mean: np.ndarray, other_mean: np.ndarray, one_square: np.ndarray, other_square: np.ndarray, product: np.ndarray
) -> np.ndarray:
    """Pearson's correlation from means, mean squares and mean products of values with a spread of about 1."""
    spreads = [one_square - one_mean**2, other_square - other_mean**2]
    defined = np.minimum(*spreads) > 1e-6  # what single precision leaves of a constant
    result = np.full(len(product), np.nan)
    scale = np.sqrt(np.where(defined, spreads[0] * spreads[1], 1.0))
    np.divide(product - one_mean * other_mean, scale, out=result, where=defined)
    correlation: np.ndarray = np.clip(result, -1.0, 1.0)
    return correlation
