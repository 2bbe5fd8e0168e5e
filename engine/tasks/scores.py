"""Scores by what is predicted: one class per row, entities and tags, sets of labels, numbers.

For each kind there is a function from truth and predictions to scores by name, and a class that computes the same
scores for any selection of the rows (`SampleScores`), which the bootstrap calls a thousand times: it keeps the counts
that the scores are made of, one entry per row, so that a resample only adds them up.

A score that is not measurable is None; of a resample it is 0, since an interval needs a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from engine.contract.states import ClassScores
from engine.contract.tag_schemes import strict_spans

FEWEST_FOR_CORRELATION = 2


class SampleScores(Protocol):
    """Scores of any selection of the rows, cheap enough to be computed 1,000 times."""

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions (int64, with repetitions)."""


# One class per row


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes) int64 of classes `truth` (rows,), down, and `predicted` (rows,), across."""
    cells = np.bincount(truth.astype(np.int64) * classes + predicted.astype(np.int64), minlength=classes**2)
    return cells.reshape(classes, classes).astype(np.int64)


def confusion_scores(matrix: np.ndarray) -> dict[str, float | None]:
    """Accuracy, macro F1, weighted F1 and Matthews' correlation; None where there are no rows.

    The macro mean is over the classes that occur in the truth or in the predictions, as scikit-learn's is. The
    correlation is 0 where truth or predictions are all of one class (Gorodkin 2004; scikit-learn's convention).
    """
    counts = matrix.astype(np.float64)
    total = counts.sum()
    if total == 0:
        return {"accuracy": None, "macro_f1": None, "weighted_f1": None, "mcc": None}
    correct, true, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    occurring = (true + predicted) > 0
    f1 = 2 * correct / np.where(occurring, true + predicted, 1.0)
    spread = (total**2 - (predicted**2).sum()) * (total**2 - (true**2).sum())
    agreement = correct.sum() * total - (true * predicted).sum()
    return {
        "accuracy": float(correct.sum() / total),
        "macro_f1": float(f1[occurring].mean()),
        "weighted_f1": float((f1 * true).sum() / total),
        "mcc": float(agreement / np.sqrt(spread)) if spread > 0 else 0.0,
    }


def scores_per_class(matrix: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each class; None where it was never predicted or never true."""
    return tuple(
        _class_scores(name, int(matrix[index, index]), int(matrix[:, index].sum()), int(matrix[index].sum()))
        for index, name in enumerate(label_names)
    )


class ConfusionCounts:
    """True and predicted class of each row, kept as the number of their cell in the confusion matrix."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray, classes: int) -> None:
        self._cells = truth.astype(np.int64) * classes + predicted.astype(np.int64)
        self._classes = classes

    def of(self, selection: np.ndarray) -> dict[str, float]:
        cells = np.bincount(self._cells[selection], minlength=self._classes**2)
        return _as_numbers(confusion_scores(cells.reshape(self._classes, self._classes)))


# Entities, and tags of single words
#
# An entity is correct where its first word, its last word and its type are. The counts equal seqeval's in strict mode
# with the scheme IOB2 (a test compares them); they are kept per row here, so that the table per type, the bootstrap
# and the most wrong rows come from the same numbers.


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
    """Counts the entities of rows given as IOB2 tags, one tag per word."""
    positions = {kind: index for index, kind in enumerate(types)}
    correct, claimed, true = (np.zeros((len(truth), len(types)), dtype=np.int64) for _ in range(3))
    correct_words = np.zeros(len(truth), dtype=np.int64)
    words = np.zeros(len(truth), dtype=np.int64)
    for row, (true_tags, predicted_tags) in enumerate(zip(truth, predicted, strict=True)):
        true_spans, predicted_spans = set(strict_spans(true_tags)), set(strict_spans(predicted_tags))
        for spans, counts in ((true_spans & predicted_spans, correct), (predicted_spans, claimed), (true_spans, true)):
            for span in spans:
                counts[row, positions[span.type]] += 1
        correct_words[row] = sum(a == b for a, b in zip(true_tags, predicted_tags, strict=True))
        words[row] = len(true_tags)
    return EntityCounts(correct, claimed, true, correct_words, words, one_per_word)


def scores_of(counts: EntityCounts) -> dict[str, float | None]:
    """Scores of all counted rows.

    entity_f1, entity_precision and entity_recall over all types together, and word_accuracy. Where rows hold entities
    but none was predicted, precision and F1 are 0, as seqeval counts; where there is neither a true nor a predicted
    entity they are None. Where each word has a tag of its own: word_accuracy, and macro_f1 over the tags that occur.
    """
    scores = _tag_scores if counts.one_per_word else _entity_scores
    return scores(
        counts.correct.sum(axis=0),
        counts.predicted.sum(axis=0),
        counts.true.sum(axis=0),
        correct_words=int(counts.correct_words.sum()),
        words=int(counts.words.sum()),
    )


def scores_per_type(counts: EntityCounts, types: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each entity type."""
    correct, predicted, true = counts.correct.sum(axis=0), counts.predicted.sum(axis=0), counts.true.sum(axis=0)
    return tuple(
        _class_scores(kind, int(correct[index]), int(predicted[index]), int(true[index]))
        for index, kind in enumerate(types)
    )


class SelectedEntities:
    """Correct, predicted and true entities per row and type, and correct words per row."""

    def __init__(self, counts: EntityCounts) -> None:
        self._types = counts.true.shape[1]
        self._scores = _tag_scores if counts.one_per_word else _entity_scores
        words = (counts.correct_words[:, None], counts.words[:, None])
        self._columns = np.concatenate([counts.correct, counts.predicted, counts.true, *words], axis=1).astype(
            np.float64
        )

    def of(self, selection: np.ndarray) -> dict[str, float]:
        sums = _selected_sums(self._columns, selection)
        correct, predicted, true = _thirds(sums, self._types)
        return _as_numbers(self._scores(correct, predicted, true, correct_words=int(sums[-2]), words=int(sums[-1])))


# Sets of labels


def label_set_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """micro_f1, macro_f1 and subset_accuracy of two (rows, labels) bool arrays; None where there are no rows.

    Micro F1 is over all decisions, macro F1 the mean over the labels that occur in the truth or in the predictions,
    subset accuracy the share of rows with exactly the right labels. Micro F1 is 1 where no row has a label and none is
    predicted: every decision is right.
    """
    rows = len(truth)
    return _label_set_scores(
        (truth & predicted).sum(axis=0),
        predicted.sum(axis=0),
        truth.sum(axis=0),
        exact=int((truth == predicted).all(axis=1).sum()) if rows else 0,
        rows=rows,
    )


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


class SelectedLabelSets:
    """True and predicted labels per row."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray) -> None:
        self._labels = truth.shape[1]
        exact = (truth == predicted).all(axis=1, keepdims=True)
        self._columns = np.concatenate([truth & predicted, predicted, truth, exact], axis=1).astype(np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        sums = _selected_sums(self._columns, selection)
        correct, predicted, true = _thirds(sums, self._labels)
        return _as_numbers(_label_set_scores(correct, predicted, true, exact=int(sums[-1]), rows=len(selection)))


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


class NumberPairs:
    """True and predicted number of each row."""

    def __init__(self, truth: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> None:
        self._truth = np.asarray(truth, dtype=np.float64)
        self._predicted = np.asarray(predicted, dtype=np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        return _as_numbers(number_scores(self._truth[selection], self._predicted[selection]))


def _class_scores(label: str, correct: int, predicted: int, true: int) -> ClassScores:
    return ClassScores(
        label=label,
        precision=correct / predicted if predicted else None,
        recall=correct / true if true else None,
        f1=2 * correct / (predicted + true) if predicted + true else None,
        support=true,
    )


def _tag_scores(
    correct: np.ndarray, predicted: np.ndarray, true: np.ndarray, *, correct_words: int, words: int
) -> dict[str, float | None]:
    both = (predicted + true).astype(np.float64)
    occurs = both > 0
    return {
        "word_accuracy": correct_words / words if words else None,
        "macro_f1": float((2 * correct[occurs] / both[occurs]).mean()) if occurs.any() else None,
    }


def _entity_scores(
    correct: np.ndarray, predicted: np.ndarray, true: np.ndarray, *, correct_words: int, words: int
) -> dict[str, float | None]:
    hits, claims, facts = int(correct.sum()), int(predicted.sum()), int(true.sum())
    nothing = claims + facts == 0
    return {
        "entity_f1": None if nothing else 2 * hits / (claims + facts),
        "entity_precision": None if nothing else (hits / claims if claims else 0.0),
        "entity_recall": None if nothing else (hits / facts if facts else 0.0),
        "word_accuracy": correct_words / words if words else None,
    }


def _label_set_scores(
    correct: np.ndarray, predicted: np.ndarray, true: np.ndarray, *, exact: int, rows: int
) -> dict[str, float | None]:
    if not rows:
        return {"micro_f1": None, "macro_f1": None, "subset_accuracy": None}
    both = predicted + true
    occurs = both > 0
    return {
        "micro_f1": float(2 * correct.sum() / both.sum()) if both.sum() else 1.0,
        "macro_f1": float((2 * correct[occurs] / both[occurs]).mean()) if occurs.any() else 1.0,
        "subset_accuracy": exact / rows,
    }


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


def _selected_sums(columns: np.ndarray, selection: np.ndarray) -> np.ndarray:
    """Sums (columns,) int64 of the rows at these positions: how often each was drawn, times its counts."""
    times = np.bincount(selection, minlength=len(columns)).astype(np.float64)
    sums: np.ndarray = np.rint(times @ columns).astype(np.int64)
    return sums


def _thirds(sums: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return sums[:width], sums[width : 2 * width], sums[2 * width : 3 * width]


def _as_numbers(scores: dict[str, float | None]) -> dict[str, float]:
    return {name: 0.0 if score is None else score for name, score in scores.items()}
