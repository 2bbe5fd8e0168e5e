"""Scores of an evaluation beside those watched while training: of probabilities, of residuals, of entity errors.

Each kind is a `SampleScores`, so that its interval comes from the same resamples as any other. A single evaluation is
the resample in which each row was drawn once, in double precision. What is not measurable is NaN there, None in a
report: a curve of a class that all rows or none have, a calibration of no rows.

* ROC-AUC and PR-AUC (average precision: the sum of precision times gained recall, not a trapezoid) equal
  scikit-learn's, equal probabilities counting together. Of more than two classes they are the mean over those that can
  be measured, each against the rest; of two the second is the positive one in ROC-AUC, and PR-AUC is the mean of both.
* Log loss is taken from logits, so that no probability is clipped.
* The expected calibration error is over 15 bins of equal width (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import log_expit, log_softmax

from engine.contract.tag_schemes import Span
from engine.tasks.scores import (
    CountedRows,
    Counts,
    Measured,
    SampleScores,
    ScoredRows,
    confusion_rows,
    distinct_rows,
    label_set_rows,
    macro_precision,
    macro_recall,
)

BINS = 15  # of the calibration error
MOST_BLOCKS = 512  # of a curve in a resample
TOP = (3, 5)  # how many of the likeliest classes may hold the true one
CLASSES_FOR_TOP = 4  # times as many classes as that, so that it is meaningful


def scored(rows: SampleScores) -> ScoredRows:
    """The rows with the scores of them all."""
    with np.errstate(all="ignore"):
        whole = rows.scores(np.ones((len(rows), 1), dtype=np.float64)) if len(rows) else {}
    return ScoredRows({name: _known(values[0]) for name, values in whole.items()}, rows)


def _known(value: np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None


# ── Curves and calibration ────────────────────────────────────────────────────────────────────────────────────────────


class _Curve:
    """The rows of one class in blocks of falling probability; equal ones are in one block.

    Rows of other classes alone are one block between those that hold rows of the class, which changes no area. Single
    evaluations are exact; where there are many blocks, resamples are of MOST_BLOCKS with equally many rows of the class
    each, whose areas vary alike.
    """

    def __init__(self, positive: np.ndarray, probability: np.ndarray) -> None:
        order = np.argsort(-probability, kind="stable")
        ordered, positive = probability[order], positive.astype(bool)
        equal = np.cumsum(np.concatenate([[0], ordered[1:] != ordered[:-1]]))
        holds = np.bincount(equal, weights=positive[order]) > 0
        blocks = np.cumsum(holds | np.concatenate([[True], holds[:-1]])) - 1
        self._block = np.empty(len(order), dtype=np.int32)
        self._block[order] = blocks[equal]
        self._positive = positive
        self.positives = int(positive.sum())

    def areas(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ROC-AUC and average precision (resamples,) float64; NaN where they are not measurable."""
        sums = self._exact if times.shape[1] == 1 else self._coarse
        true, false = np.split(np.asarray(sums @ times, dtype=np.float64), 2)
        found, alarms = np.cumsum(true, axis=0), np.cumsum(false, axis=0)
        positives, negatives = found[-1], alarms[-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            # Each true row ranks above the false ones that come after it, and half above those that are equal.
            above = (true * (negatives - alarms + false / 2)).sum(axis=0)
            roc = np.where((positives > 0) & (negatives > 0), above / (positives * negatives), np.nan)
            precision = np.where(found > 0, found / (found + alarms), 0.0)
            average = np.where(positives > 0, (precision * true).sum(axis=0) / positives, np.nan)
        return roc, average

    @property
    def _exact(self) -> sparse.csr_array:
        return self._sums(self._block)

    @cached_property
    def _coarse(self) -> sparse.csr_array:
        blocks = int(self._block.max()) + 1
        if blocks <= MOST_BLOCKS:
            return self._exact
        true = np.cumsum(np.bincount(self._block, weights=self._positive))
        which = np.minimum(MOST_BLOCKS - 1, ((true - 0.5) * MOST_BLOCKS / true[-1]).astype(np.int32))
        return self._sums(np.unique(which, return_inverse=True)[1].reshape(-1)[self._block])

    def _sums(self, block: np.ndarray) -> sparse.csr_array:
        """What sums how often rows are drawn (2 · blocks, rows): those of the class in each block, then the others."""
        rows = len(block)
        blocks = int(block.max()) + 1
        where = np.where(self._positive, block, blocks + block), np.arange(rows)
        return sparse.csr_array((np.ones(rows, dtype=np.float32), where), shape=(2 * blocks, rows))


class _Calibration:
    """What is sure how often, and right how often, in bins of the probability."""

    def __init__(self, probability: np.ndarray, right: np.ndarray) -> None:
        """Both (rows, decisions): a row's decisions are drawn together."""
        bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
        self._gap = np.stack([((probability - right) * (bins == one)).sum(axis=1) for one in range(BINS)])
        self._decisions = probability.shape[1]

    def error(self, times: np.ndarray) -> np.ndarray:
        """The expected calibration error (resamples,) float64."""
        total = times.sum(axis=0, dtype=np.float64) * self._decisions
        with np.errstate(invalid="ignore", divide="ignore"):
            error: np.ndarray = np.abs(self._gap.astype(times.dtype) @ times).sum(axis=0) / total
        return error


def _mean_of_known(values: list[np.ndarray]) -> np.ndarray:
    table = np.stack(values)
    known = np.isfinite(table)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: np.ndarray = np.where(known, table, 0).sum(axis=0) / known.sum(axis=0)
    return mean


def _mean(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The means of resamples; in single precision the distance from the mean of all rows is summed, not the values."""
    level = float(values.mean()) if len(values) else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.asarray((values - level).astype(times.dtype) @ times, dtype=np.float64)
        mean: np.ndarray = level + apart / times.sum(axis=0, dtype=np.float64)
    return mean


# ── One class per row ─────────────────────────────────────────────────────────────────────────────────────────────────


class ClassProbabilityRows(SampleScores):
    """Rows with the logits of each class: roc_auc, pr_auc, log_loss, calibration_error, top_3 and top_5 accuracy."""

    def __init__(self, truth: np.ndarray, logits: np.ndarray) -> None:
        """`truth` (rows,) int64, `logits` (rows, classes)."""
        rows, classes = logits.shape
        log_likely = log_softmax(logits.astype(np.float64), axis=1)
        likely = np.exp(log_likely)
        own = np.arange(rows)
        self._loss = -log_likely[own, truth]
        predicted = logits.argmax(axis=1)
        self._calibration = _Calibration(likely[own, predicted][:, None], (predicted == truth)[:, None])
        self._curves = [_Curve(truth == one, likely[:, one]) for one in range(classes)]
        # Of equal probabilities the later class comes first, as in scikit-learn.
        equal = (likely == likely[own, truth][:, None]) & (np.arange(classes) > truth[:, None])
        self._place = (likely > likely[own, truth][:, None]).sum(axis=1) + equal.sum(axis=1)
        self._tops = [top for top in TOP if classes >= CLASSES_FOR_TOP * top]

    def __len__(self) -> int:
        return len(self._loss)

    def largest_size(self, name: str) -> float:
        """Of areas three times the rows of the rarer of two classes; of exponential scores it is twice these rows
        (the variance of Hanley and McNeil 1982), of normal ones some more."""
        if name not in ("roc_auc", "pr_auc") or len(self._curves) != 2:
            return math.inf
        return float(3 * max(1, min(curve.positives for curve in self._curves)))

    def scores(self, times: np.ndarray) -> Measured:
        areas = [curve.areas(times) for curve in self._curves]
        roc = [area for area, _ in areas]
        return {
            "roc_auc": roc[1] if len(roc) == 2 else _mean_of_known(roc),
            "pr_auc": _mean_of_known([average for _, average in areas]),
            "log_loss": _mean(self._loss, times),
            "calibration_error": self._calibration.error(times),
            **{f"top_{top}_accuracy": _mean((self._place < top).astype(np.float64), times) for top in self._tops},
        }


def averaged_rows(truth: np.ndarray, predicted: np.ndarray, *, classes: int = 0) -> CountedRows:
    """macro_precision, macro_recall and micro_f1 of classes (rows,) of which there are `classes`; of (rows, labels)
    bool micro_precision and micro_recall instead of the last."""
    if classes:
        rows = confusion_rows(truth, predicted, classes)
        return CountedRows(rows.columns, _averages_of_classes, one_class=True)
    return CountedRows(label_set_rows(truth, predicted).columns, _averages_of_sets, one_class=False)


def _averages_of_classes(counts: Counts) -> Measured:
    correct, predicted, true = (part.sum(axis=0) for part in counts[:3])
    with np.errstate(invalid="ignore", divide="ignore"):
        return {**_macro_averages(counts), "micro_f1": 2 * correct / (predicted + true)}


def _averages_of_sets(counts: Counts) -> Measured:
    correct, predicted, true = (part.sum(axis=0) for part in counts[:3])
    with np.errstate(invalid="ignore", divide="ignore"):
        return {**_macro_averages(counts), "micro_precision": correct / predicted, "micro_recall": correct / true}


def _macro_averages(counts: Counts) -> Measured:
    return {"macro_precision": macro_precision(counts), "macro_recall": macro_recall(counts)}


# ── Sets of labels ────────────────────────────────────────────────────────────────────────────────────────────────────


class LabelProbabilityRows(SampleScores):
    """Rows with the logits of each label: roc_auc, pr_auc, log_loss, calibration_error over all decisions."""

    def __init__(self, truth: np.ndarray, logits: np.ndarray) -> None:
        """`truth` (rows, labels) bool, `logits` (rows, labels)."""
        wide = logits.astype(np.float64)
        likely = np.exp(log_expit(wide))
        self._loss = -log_expit(np.where(truth, wide, -wide)).mean(axis=1)
        self._calibration = _Calibration(likely, truth)
        self._curves = [_Curve(truth[:, one], likely[:, one]) for one in range(truth.shape[1])]

    def __len__(self) -> int:
        return len(self._loss)

    def scores(self, times: np.ndarray) -> Measured:
        areas = [curve.areas(times) for curve in self._curves]
        return {
            "roc_auc": _mean_of_known([area for area, _ in areas]),
            "pr_auc": _mean_of_known([average for _, average in areas]),
            "log_loss": _mean(self._loss, times),
            "calibration_error": self._calibration.error(times),
        }


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class ResidualRows(SampleScores):
    """Rows with a true and a predicted number: r2, and the mean and the standard deviation of the residuals."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray) -> None:
        self._centre = float(truth.mean()) if len(truth) else 0.0  # taken off, so that no digits are lost in squares
        self._truth = truth.astype(np.float64) - self._centre
        self._residual = predicted.astype(np.float64) - truth

    def __len__(self) -> int:
        return len(self._truth)

    def scores(self, times: np.ndarray) -> Measured:
        times = times.astype(np.float64)
        mean = _mean(self._residual, times)
        square = _mean(self._residual**2, times)
        shifted = _mean((self._residual - self._residual.mean()) ** 2, times)
        variance = shifted - (mean - self._residual.mean()) ** 2
        level = _mean(self._truth, times)
        spread = _mean(self._truth**2, times) - level**2
        # What is left of a constant after subtracting its mean is rounding, not a spread.
        least = (1e-12 * max(1.0, float(np.abs(self._truth + self._centre).max(initial=0.0)))) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            explained = np.where(spread > least, 1 - square / spread, np.nan)
        return {
            "r2": explained,
            "mean_residual": mean,
            "residual_spread": np.sqrt(np.maximum(variance, 0.0)),
        }


# ── Entities ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class EntityErrors(NamedTuple):
    """How the entities of one row came out; each true one is in one of the first four, `invented` are predicted ones.

    An entity is correct where words and type are. Otherwise it is `boundary` where one of its words is in a predicted
    entity of its type, `kind` where its words are only in predicted entities of other types, else `missed`. A predicted
    entity that shares no word with a true one is `invented`.
    """

    correct: int
    boundary: int
    kind: int
    missed: int
    invented: int
    predicted: int


def entity_errors(truth: Sequence[Span], predicted: Sequence[Span]) -> EntityErrors:
    """The entities of one row by what became of them."""
    right = set(truth) & set(predicted)
    boundary = kind = missed = 0
    for entity in set(truth) - right:
        meeting = [one for one in set(predicted) if _share_words(entity, one)]
        if any(one.type == entity.type for one in meeting):
            boundary += 1
        elif meeting:
            kind += 1
        else:
            missed += 1
    invented = sum(not any(_share_words(one, entity) for entity in truth) for one in set(predicted))
    return EntityErrors(len(right), boundary, kind, missed, invented, len(set(predicted)))


def _share_words(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


class EntityErrorRows(SampleScores):
    """Rows with entities: the shares of true ones that are missed, have other limits or another type; of predicted
    ones those that are invented."""

    def __init__(self, errors: Sequence[EntityErrors]) -> None:
        table = np.asarray(errors, dtype=np.float32).reshape(-1, len(EntityErrors._fields))
        self._columns = sparse.csr_array(table)

    def __len__(self) -> int:
        return int(self._columns.shape[0])

    def distinct(self, groups: np.ndarray | None) -> tuple[EntityErrorRows, np.ndarray] | None:
        found = distinct_rows(self._columns, groups)
        if found is None:
            return None
        kinds = EntityErrorRows([])
        kinds._columns = found[0]
        return kinds, found[1]

    def scores(self, times: np.ndarray) -> Measured:
        correct, boundary, kind, missed, invented, predicted = np.asarray(self._columns.T @ times, dtype=np.float64)
        true = correct + boundary + kind + missed
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "missed_entities": missed / true,
                "boundary_errors": boundary / true,
                "type_errors": kind / true,
                "invented_entities": invented / predicted,
            }
