"""Curves of an evaluation from the logits on disk. Uses no widgets; opening and ranking run in a background thread.

The scored rows show how good a threshold is; the validation rows beside them are those to choose it by, so that the
scores of the others stay what they promise.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calibration.answers import cutoffs_of, predicted_classes, unsure_rows
from engine.calibration.conformal import (
    calibration_halves,
    class_cutoffs,
    coverage_band,
    coverage_to_aim_at,
    cutoff,
    fewest_rows,
)
from engine.calibration.curves import (
    Ranked,
    Reliability,
    average_precision,
    coverage_accuracy,
    precision_recall,
    ranked,
    reliability,
    roc,
    roc_area,
    thinned,
)
from engine.calibration.stored_logits import SCORED, VALIDATION, StoredLogits, read_logits
from engine.calibration.temperature import class_probabilities, label_probabilities
from engine.contract.calibration import UnsureRule
from engine.contract.score_sentences import calibration_is_apart, evaluations_compared
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from gui.evaluate.xy_plot import XYCurve

ALL = ""  # instead of a label: every decision about every label
MOST_OF_A_CURVE = 400  # points


class SplitRows(NamedTuple):
    """Rows of one split with calibrated probabilities (rows, labels); `marks` (rows, labels) bool is the truth."""

    likely: NDArray[np.float64]
    marks: NDArray[np.bool_]
    truth: NDArray[np.int64]  # (rows,) of rows with one class, else empty


class Outcome(NamedTuple):
    """What a rule for "don't know" makes of the rows of a split; `held` is how many sets hold the true label."""

    rows: int
    answered: int
    right: int
    held: int | None


class EvaluatedCurves:
    """The rows of a report with their probabilities."""

    def __init__(self, report: EvaluationReport) -> None:
        """Raises `OSError`, `ValueError` or `LookupError` where there are no logits of these rows."""
        folder = Path(report.folder)
        scored = read_logits(folder / SCORED)
        if scored is None or len(scored.rows) != report.rows or not len(scored.rows):
            raise LookupError("no logits")
        self.names = report.run.dataset.label_names
        self.temperature = report.run.temperature
        self.thresholds = report.run.thresholds
        self.one_class = scored.truth.ndim == 1
        self.scored = self._rows(scored)
        validation = read_logits(folder / VALIDATION) if report.settings.split == "test" else None
        self.validation = self._rows(validation) if validation is not None and len(validation.rows) else None
        self._evaluations = 1 if calibration_is_apart(report.run) else evaluations_compared(report.run)
        self._ranked: dict[tuple[str, bool], Ranked] = {}

    def _rows(self, stored: StoredLogits) -> SplitRows:
        if self.one_class:
            likely = class_probabilities(stored.logits, self.temperature)
            marks = np.arange(likely.shape[1]) == stored.truth[:, None]
            return SplitRows(likely, marks, stored.truth)
        likely = label_probabilities(stored.logits, self.temperature)
        return SplitRows(likely, stored.truth == 1, np.zeros(0, dtype=np.int64))

    def of(self, *, validation: bool) -> SplitRows | None:
        """The rows to choose by, or those that are scored."""
        return self.validation if validation else self.scored

    def ranked(self, label: str, *, validation: bool) -> Ranked | None:
        """The rows in the order of a label's probability; kept, since a slider asks again and again."""
        rows = self.of(validation=validation)
        if rows is None:
            return None
        key = label, validation
        if key not in self._ranked:
            if label == ALL:
                self._ranked[key] = ranked(rows.marks.reshape(-1), rows.likely.reshape(-1))
            else:
                index = self.names.index(label)
                self._ranked[key] = ranked(rows.marks[:, index], rows.likely[:, index])
        return self._ranked[key]

    def known(self, label: str, *, validation: bool) -> Ranked | None:
        """What `ranked` has ranked before; it does nothing that takes time."""
        return self._ranked.get((label, validation))

    def decisions(self, rows: SplitRows, label: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Probabilities and whether they came true: of the predicted class, or of each label."""
        if label != ALL:
            index = self.names.index(label)
            return rows.likely[:, index], rows.marks[:, index]
        if not self.one_class:
            return rows.likely.reshape(-1), rows.marks.reshape(-1)
        predicted = predicted_classes(rows.likely, self.names, self.thresholds)
        own = np.arange(len(predicted))
        return rows.likely[own, predicted], predicted == rows.truth

    # ── Curves as they are drawn ──────────────────────────────────────────────────────────────────────────────────────

    def precision_recall(self, label: str) -> list[XYCurve]:
        """Precision over recall of both splits."""
        found = []
        for name, counts in self._both(label):
            precision, recall, _ = precision_recall(counts)
            found.append(_drawn(_with_area(name, average_precision(counts)), recall[::-1], precision[::-1]))
        return found

    def roc(self, label: str) -> list[XYCurve]:
        """True over false positive rate of both splits."""
        found = []
        for name, counts in self._both(label):
            false, true, _ = roc(counts)
            found.append(_drawn(_with_area(name, roc_area(counts)), false, true))
        return found

    def _both(self, label: str) -> list[tuple[str, Ranked]]:
        both = [("scored", self.ranked(label, validation=False)), ("validation", self.ranked(label, validation=True))]
        return [(name, counts) for name, counts in both if counts is not None and counts.positives]

    def reliability(self, label: str) -> list[tuple[str, Reliability]]:
        """How often probabilities come true, of both splits."""
        parts = [("scored", self.scored), ("validation", self.validation)]
        return [(name, reliability(*self.decisions(rows, label))) for name, rows in parts if rows is not None]

    def coverage(self) -> list[XYCurve]:
        """Accuracy over the share of rows that are answered, the most confident first."""
        found = []
        for name, rows in (("scored", self.scored), ("validation", self.validation)):
            if rows is not None:
                covered, accuracy, _ = coverage_accuracy(*self.decisions(rows, ALL))
                title = (
                    Sentence("gui.evaluate.curve_validation")
                    if name == "validation"
                    else Sentence("gui.evaluate.curve_scored")
                )
                found.append(_drawn(title, covered, accuracy))
        return found

    # ── "Don't know" ──────────────────────────────────────────────────────────────────────────────────────────────────

    def conformal_rule(self, coverage: float) -> UnsureRule | None:
        """The rule that the engine makes of the validation rows; None with too few of them."""
        rows = self.validation
        if rows is None:
            return None
        likely, truth = rows.likely, rows.truth
        if self.temperature != 1:
            _, second = calibration_halves(len(truth))
            likely, truth = likely[second], truth[second]
        if len(truth) < max(1, fewest_rows(coverage)):
            return None
        aimed = coverage_to_aim_at(likely, truth, coverage, evaluations=self._evaluations, rows=len(rows.truth))
        own = class_cutoffs(likely, truth, aimed)
        return UnsureRule(
            "conformal",
            coverage=coverage,
            cutoff=cutoff(likely[np.arange(len(truth)), truth], aimed),
            label_cutoffs={self.names[index]: value for index, value in own.items()},
            rows=len(truth),
        )

    def outcome(self, rule: UnsureRule, *, validation: bool) -> Outcome | None:
        """What the rule makes of the rows of a split."""
        rows = self.of(validation=validation)
        if rows is None:
            return None
        predicted = predicted_classes(rows.likely, self.names, self.thresholds)
        unsure = unsure_rows(rule, self.names, rows.likely, predicted)
        right = int(((predicted == rows.truth) & ~unsure).sum())
        held = None
        if rule.kind == "conformal":
            own = np.arange(len(rows.truth))
            held = int((rows.likely[own, rows.truth] >= cutoffs_of(rule, self.names)[rows.truth]).sum())
        return Outcome(len(rows.truth), int((~unsure).sum()), right, held)

    def band(self, rule: UnsureRule) -> tuple[float, float]:
        """Between which shares of the scored rows whose set holds the true label 95 in 100 draws are."""
        return coverage_band(rule.rows, len(self.scored.truth), rule.coverage)


def _drawn(name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> XYCurve:
    curve = thinned(x, y, MOST_OF_A_CURVE)
    return XYCurve(name, tuple(curve.x.tolist()), tuple(curve.y.tolist()))


def _with_area(key: str, area: float) -> str:
    """The title of a curve of the validation rows or of those that are scored."""
    known = None if np.isnan(area) else area
    if key == "validation":
        return Sentence("gui.evaluate.curve_validation_area", area=known)
    return Sentence("gui.evaluate.curve_scored_area", area=known)
