"""Scores of one answer per row, all from the confusion matrix (truth down, predicted across)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from engine.contract.states import ClassScores
from engine.contract.tag_schemes import strict_spans


class SampleScores(Protocol):
    """Scores of any selection of the rows, cheap enough to be computed 1,000 times."""

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions (int64, with repetitions)."""


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes) int64 of classes `truth` (rows,) and `predicted` (rows,)."""
    cells = np.bincount(truth.astype(np.int64) * classes + predicted.astype(np.int64), minlength=classes**2)
    return cells.reshape(classes, classes).astype(np.int64)


def confusion_scores(matrix: np.ndarray) -> dict[str, float | None]:
    """Accuracy, macro F1, weighted F1 and Matthews' correlation; None where there are no rows.

    The macro mean goes over the classes that occur in the truth or in the answers, as scikit-learn's does. The
    correlation is 0 where truth or answers are all of one class (Gorodkin 2004; scikit-learn's convention).
    """
    counts = matrix.astype(np.float64)
    total = counts.sum()
    if total == 0:
        return {"accuracy": None, "macro_f1": None, "weighted_f1": None, "mcc": None}
    right, true, answered = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    occurring = (true + answered) > 0
    f1 = 2 * right / np.where(occurring, true + answered, 1.0)
    spread = (total**2 - (answered**2).sum()) * (total**2 - (true**2).sum())
    agreement = right.sum() * total - (true * answered).sum()
    return {
        "accuracy": float(right.sum() / total),
        "macro_f1": float(f1[occurring].mean()),
        "weighted_f1": float((f1 * true).sum() / total),
        "mcc": float(agreement / np.sqrt(spread)) if spread > 0 else 0.0,
    }


def scores_per_class(matrix: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each class; None where nothing was answered or nothing was true."""
    return tuple(
        counted_scores(name, int(matrix[index, index]), int(matrix[:, index].sum()), int(matrix[index].sum()))
        for index, name in enumerate(label_names)
    )


def counted_scores(label: str, found: int, answered: int, true: int) -> ClassScores:
    """Scores of one class or type from how many were found, answered and true."""
    return ClassScores(
        label=label,
        precision=found / answered if answered else None,
        recall=found / true if true else None,
        f1=2 * found / (answered + true) if answered + true else None,
        support=true,
    )


# Scores of whole entities: right is an entity whose first word, last word and type are all right.
#
# The counts equal seqeval's in strict mode with the scheme IOB2 (a test compares them); they are counted here once per
# row so that the table per type, the bootstrap and the most wrong rows come from the same numbers.


class EntityCounts(NamedTuple):
    """Per row and type (rows, types) int64: entities found, answered, true; per row (rows,): right words, words.

    Where each word has a tag of its own, its type is the tag and each word is counted as one entity.
    """

    found: np.ndarray
    answered: np.ndarray
    true: np.ndarray
    right_words: np.ndarray
    words: np.ndarray
    one_per_word: bool = False


def count_entities(
    truth: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    types: Sequence[str],
    *,
    one_per_word: bool = False,
) -> EntityCounts:
    """Counts the entities of rows given as IOB2 tags, one tag per word."""
    positions = {kind: index for index, kind in enumerate(types)}
    found, answered, true = (np.zeros((len(truth), len(types)), dtype=np.int64) for _ in range(3))
    right_words = np.zeros(len(truth), dtype=np.int64)
    words = np.zeros(len(truth), dtype=np.int64)
    for row, (true_tags, answered_tags) in enumerate(zip(truth, predicted, strict=True)):
        true_spans, answered_spans = set(strict_spans(true_tags)), set(strict_spans(answered_tags))
        for spans, counts in ((true_spans & answered_spans, found), (answered_spans, answered), (true_spans, true)):
            for span in spans:
                counts[row, positions[span.type]] += 1
        right_words[row] = sum(a == b for a, b in zip(true_tags, answered_tags, strict=True))
        words[row] = len(true_tags)
    return EntityCounts(found, answered, true, right_words, words, one_per_word)


def tag_scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, right_words: int, words: int
) -> dict[str, float | None]:
    """The share of words with the right tag, and the mean F1 of the tags that occur, from counts per tag (tags,)."""
    both = (answered + true).astype(np.float64)
    occurs = both > 0
    return {
        "word_accuracy": right_words / words if words else None,
        "macro_f1": float((2 * found[occurs] / both[occurs]).mean()) if occurs.any() else None,
    }


def entity_scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, right_words: int, words: int
) -> dict[str, float | None]:
    """Scores over all types together from counts per type (types,), and the share of words with the right tag.

    Where rows hold entities but none was answered, precision and F1 are 0, as seqeval counts; where there is
    neither a true nor an answered entity they are None.
    """
    hits, claims, facts = int(found.sum()), int(answered.sum()), int(true.sum())
    nothing = claims + facts == 0
    return {
        "entity_f1": None if nothing else 2 * hits / (claims + facts),
        "entity_precision": None if nothing else (hits / claims if claims else 0.0),
        "entity_recall": None if nothing else (hits / facts if facts else 0.0),
        "word_accuracy": right_words / words if words else None,
    }


def scores_of(counts: EntityCounts) -> dict[str, float | None]:
    """Scores of all counted rows."""
    scores = tag_scores if counts.one_per_word else entity_scores
    return scores(
        counts.found.sum(axis=0),
        counts.answered.sum(axis=0),
        counts.true.sum(axis=0),
        right_words=int(counts.right_words.sum()),
        words=int(counts.words.sum()),
    )


def scores_per_type(counts: EntityCounts, types: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each entity type."""
    found, answered, true = counts.found.sum(axis=0), counts.answered.sum(axis=0), counts.true.sum(axis=0)
    return tuple(
        counted_scores(kind, int(found[index]), int(answered[index]), int(true[index]))
        for index, kind in enumerate(types)
    )


# Scores of any selection of rows from counts per row, cheap enough to be asked a thousand times.
#
# Both tasks keep the counts that their scores are made of, one entry per row; a resample only adds them up.


class ConfusionCounts:
    """One truth and one answer per row, kept as a cell number of the confusion matrix."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray, classes: int) -> None:
        self._cells = truth.astype(np.int64) * classes + predicted.astype(np.int64)
        self._classes = classes

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        cells = np.bincount(self._cells[selection], minlength=self._classes**2)
        return _measured(confusion_scores(cells.reshape(self._classes, self._classes)))


class SelectedEntities:
    """Found, answered and true entities per row and type, and right words per row."""

    def __init__(self, counts: EntityCounts) -> None:
        types = counts.true.shape[1]
        self._types = types
        self._scores = tag_scores if counts.one_per_word else entity_scores
        self._columns = np.concatenate(
            [counts.found, counts.answered, counts.true, counts.right_words[:, None], counts.words[:, None]], axis=1
        ).astype(np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        times = np.bincount(selection, minlength=len(self._columns)).astype(np.float64)
        sums = np.rint(times @ self._columns).astype(np.int64)
        found, answered, true = (sums[index * self._types : (index + 1) * self._types] for index in range(3))
        return _measured(self._scores(found, answered, true, right_words=int(sums[-2]), words=int(sums[-1])))


def _measured(scores: dict[str, float | None]) -> dict[str, float]:
    return {name: 0.0 if score is None else score for name, score in scores.items()}


# Scores of sets of labels: over all decisions, over the labels, over the rows.


def label_set_scores(truth: np.ndarray, answers: np.ndarray) -> dict[str, float | None]:
    """micro_f1, macro_f1 and subset_accuracy of two (rows, labels) bool arrays; None where there are no rows.

    The macro mean goes over the labels that occur in the truth or in the answers. Micro F1 is 1 where no row has a
    label and none is answered: every decision is right.
    """
    rows = len(truth)
    return _scores(
        (truth & answers).sum(axis=0),
        answers.sum(axis=0),
        truth.sum(axis=0),
        whole=int((truth == answers).all(axis=1).sum()) if rows else 0,
        rows=rows,
    )


def scores_per_label(truth: np.ndarray, answers: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each label."""
    return tuple(
        counted_scores(
            name,
            int((truth[:, index] & answers[:, index]).sum()),
            int(answers[:, index].sum()),
            int(truth[:, index].sum()),
        )
        for index, name in enumerate(label_names)
    )


class SelectedLabelSets:
    """True and answered labels per row, to be scored again for any selection of rows."""

    def __init__(self, truth: np.ndarray, answers: np.ndarray) -> None:
        self._labels = truth.shape[1]
        self._columns = np.concatenate(
            [truth & answers, answers, truth, (truth == answers).all(axis=1, keepdims=True)], axis=1
        ).astype(np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        times = np.bincount(selection, minlength=len(self._columns)).astype(np.float64)
        sums = np.rint(times @ self._columns).astype(np.int64)
        found, answered, true = (sums[index * self._labels : (index + 1) * self._labels] for index in range(3))
        scores = _scores(found, answered, true, whole=int(sums[-1]), rows=len(selection))
        return {name: 0.0 if score is None else score for name, score in scores.items()}


def _scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, whole: int, rows: int
) -> dict[str, float | None]:
    if not rows:
        return {"micro_f1": None, "macro_f1": None, "subset_accuracy": None}
    marked = answered + true
    occurring = marked > 0
    return {
        "micro_f1": float(2 * found.sum() / marked.sum()) if marked.sum() else 1.0,
        "macro_f1": float((2 * found[occurring] / marked[occurring]).mean()) if occurring.any() else 1.0,
        "subset_accuracy": whole / rows,
    }


# Scores of numbers against numbers: two correlations and two mean errors.

FEWEST_FOR_CORRELATION = 2


def number_scores(truth: np.ndarray, answers: np.ndarray) -> dict[str, float | None]:
    """spearman, pearson, mae and rmse; a correlation is None where one side does not vary.

    Spearman's correlation is Pearson's of the ranks, equal values sharing their mean rank.
    """
    if not len(truth):
        return {"spearman": None, "pearson": None, "mae": None, "rmse": None}
    error = answers.astype(np.float64) - truth
    return {
        "spearman": correlation(ranks(truth), ranks(answers)),
        "pearson": correlation(truth, answers),
        "mae": float(np.abs(error).mean()),
        "rmse": math.sqrt(float(np.square(error).mean())),
    }


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
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


def ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value from 1, equal values sharing the mean of theirs; float64."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: np.ndarray = (last - (counts - 1) / 2)[group.reshape(-1)]
    return shared


class NumberPairs:
    """Truth and answer per row, to be scored again for any selection of rows."""

    def __init__(self, truth: Sequence[float] | np.ndarray, answers: Sequence[float] | np.ndarray) -> None:
        self._truth = np.asarray(truth, dtype=np.float64)
        self._answers = np.asarray(answers, dtype=np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a correlation that cannot be measured there is 0."""
        found = number_scores(self._truth[selection], self._answers[selection])
        return {name: 0.0 if score is None else score for name, score in found.items()}
