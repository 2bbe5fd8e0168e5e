"""How often 95 % intervals hold the true score, and how often a difference is claimed between equal methods.

    python tests/benchmarks/coverage.py [--sets 400] [--cells "77 classes"]
                                        [--only intervals|differences|unequal|groups]

Each cell draws so many sets of held-out rows from a population whose true score is known. Before: the middle 95 % of
1,000 resamples, with a macro mean over all classes that are true or predicted and 0 for what cannot be computed;
"clearly better" where the whole interval of the model lies above the other's score. Now: `engine.evaluating.intervals`,
with 1,000 resamples instead of 5,000 to end sooner. The true macro F1 is the mean over the classes that the rows hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.contract.events import Event
from engine.evaluating import resampling
from engine.evaluating.differences import score_differences
from engine.evaluating.intervals import uncertainty
from engine.tasks.further_scores import (
    ClassProbabilityRows,
    EntityErrorRows,
    EntityErrors,
    LabelProbabilityRows,
    ResidualRows,
    averaged_rows,
    scored,
)
from engine.tasks.scores import (
    ComparableRows,
    CountedRows,
    EntityCounts,
    JoinedRows,
    NumberRows,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    entity_rows,
    label_set_rows,
    label_set_scores,
    number_scores,
    scores_of,
)

RESAMPLES = 1_000
LARGE = 100_000
BEFORE = 300  # sets that are also measured as before
OF_EACH = 20  # pairs of methods that are drawn from each population
SETS_OF_EACH = 4  # sets: of few populations the coverage would be that of these


class Draw(NamedTuple):
    """Held-out rows as a method is scored on them, the score in question and its true value."""

    method: ScoredRows
    name: str
    true: float


Population = Callable[[np.random.Generator], Callable[[np.random.Generator], Draw]]
EqualMethods = Callable[[np.random.Generator], Callable[[np.random.Generator, float], tuple[Draw, Draw]]]


# Populations


def one_class_population(
    name: str, classes: int, shares: str, accuracy: float, rows: int, *, spread: float = 8.0
) -> Population:
    """Each class has an accuracy of its own, and up to four classes that it is taken for."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator], Draw]:
        joint = _joint(classes, shares, accuracy, spread, generator)
        return lambda drawing: one_class_draw(name, joint, *_drawn(joint, rows, drawing))

    return population


def _joint(classes: int, shares: str, accuracy: float, spread: float, generator: np.random.Generator) -> np.ndarray:
    """Probability (classes, classes) of true and predicted class."""
    frequent = {
        "even": np.ones(classes),
        "1/k": 1 / np.arange(1, classes + 1),
        "1:9": np.asarray([9.0] + [1.0] * (classes - 1)),
    }[shares]
    frequent = frequent / frequent.sum()
    right = (
        generator.beta(accuracy * spread, (1 - accuracy) * spread, classes) if spread else np.full(classes, accuracy)
    )
    joint = np.zeros((classes, classes))
    for one in range(classes):
        others = np.delete(np.arange(classes), one)
        taken_for = generator.choice(others, min(4, classes - 1), replace=False)
        joint[one, taken_for] = (1 - right[one]) * generator.dirichlet(np.ones(len(taken_for)))
        joint[one, one] = right[one]
    return joint * frequent[:, None]


def _drawn(joint: np.ndarray, rows: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    cells = generator.choice(joint.size, rows, p=joint.reshape(-1))
    return cells // len(joint), cells % len(joint)


def one_class_draw(name: str, joint: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> Draw:
    """Rows of known true and predicted class."""
    classes = len(joint)
    if name == "macro_f1":
        f1 = 2 * joint.diagonal() / (joint.sum(axis=0) + joint.sum(axis=1))
        true = float(f1[np.bincount(truth, minlength=classes) > 0].mean())
    else:
        true = confusion_scores(joint)[name] or 0.0
    scores = confusion_scores(confusion_matrix(truth, predicted, classes))
    return Draw(ScoredRows(scores, confusion_rows(truth, predicted, classes)), name, true)


def label_set_population(name: str, labels: int, accuracy: float, rows: int) -> Population:
    """Label k is on a share of 0.4 / √k of the rows; rows differ in how many labels they have."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator], Draw]:
        shares = 0.4 / np.sqrt(np.arange(1, labels + 1)) * (0.25 if labels > 12 else 1)
        recall = generator.beta(8 * accuracy, 8 * (1 - accuracy), labels)
        alarms = shares * generator.beta(8 * (1 - accuracy), 8 * accuracy, labels)

        def draw(drawing: np.random.Generator) -> Draw:
            many = drawing.choice([0.5, 1.5], size=(rows, 1))
            truth = drawing.random((rows, labels)) < shares * many
            predicted = drawing.random((rows, labels)) < np.where(truth, recall, alarms)
            correct, false = shares * recall, (1 - shares) * alarms
            f1 = 2 * correct / (shares + correct + false)
            true = {
                "macro_f1": f1[truth.any(axis=0)].mean(),
                "micro_f1": 2 * correct.sum() / (shares + correct + false).sum(),
            }[name]
            return Draw(
                ScoredRows(label_set_scores(truth, predicted), label_set_rows(truth, predicted)), name, float(true)
            )

        return draw

    return population


def entity_population(recall: float, rows: int) -> Population:
    """One and a half entities a row, easier in some rows than in others."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator], Draw]:
        def draw(drawing: np.random.Generator) -> Draw:
            true = drawing.poisson(1.5, size=(rows, 1))
            correct = drawing.binomial(true, drawing.beta(4 * recall, 4 * (1 - recall), size=(rows, 1)))
            predicted = correct + drawing.poisson(1.5 * (1 - recall), size=(rows, 1))
            words = np.full(rows, 20)
            counts = EntityCounts(correct, predicted, true, words, words)
            return Draw(ScoredRows(scores_of(counts), entity_rows(counts)), "entity_f1", recall)

        return draw

    return population


def number_population(name: str, correlation: float, rows: int) -> Population:
    """Normal numbers with normal errors."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator], Draw]:
        def draw(drawing: np.random.Generator) -> Draw:
            truth, noise = drawing.standard_normal((2, rows))
            predicted = correlation * truth + np.sqrt(1 - correlation**2) * noise
            true = {
                "spearman": 6 / np.pi * np.arcsin(correlation / 2),
                "pearson": correlation,
                "mae": np.sqrt(2 / np.pi) * np.sqrt(2 - 2 * correlation),
                "rmse": np.sqrt(2 - 2 * correlation),
            }[name]
            return Draw(ScoredRows(number_scores(truth, predicted), NumberRows(truth, predicted)), name, float(true))

        return draw

    return population


def probability_population(name: str, classes: int, shares: str, rows: int, *, separation: float = 2.0) -> Population:
    """Normal logits, higher by `separation` at the true class; the true value is that of 100,000 rows."""

    def drawn(number: int, generator: np.random.Generator) -> ScoredRows:
        frequent = {"even": np.ones(classes), "1:9": np.asarray([9.0] + [1.0] * (classes - 1))}[shares]
        truth = generator.choice(classes, number, p=frequent / frequent.sum())
        logits = generator.standard_normal((number, classes))
        logits[np.arange(number), truth] += separation
        return scored(ClassProbabilityRows(truth, 1.5 * logits))

    @cache
    def true() -> float:
        return drawn(LARGE, np.random.default_rng(0)).scores[name] or 0.0

    return lambda _: lambda drawing: Draw(drawn(rows, drawing), name, true())


def averaged_population(name: str, classes: int, shares: str, accuracy: float, rows: int) -> Population:
    """As `one_class_population`; the true means are over the classes that the rows hold."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator], Draw]:
        joint = _joint(classes, shares, accuracy, 8.0, generator)

        def draw(drawing: np.random.Generator) -> Draw:
            truth, predicted = _drawn(joint, rows, drawing)
            present = np.bincount(truth, minlength=classes) > 0
            right = joint.diagonal()
            true = {
                "macro_precision": (right / joint.sum(axis=0))[present].mean(),
                "macro_recall": (right / joint.sum(axis=1))[present].mean(),
                "micro_f1": right.sum(),
            }[name]
            return Draw(scored(averaged_rows(truth, predicted, classes=classes)), name, float(true))

        return draw

    return population


def label_probability_population(name: str, labels: int, rows: int) -> Population:
    """Label k is on a share of 0.4 / √k of the rows; its logit is normal, higher by 2 where it is true."""

    def drawn(number: int, generator: np.random.Generator) -> ScoredRows:
        shares = 0.4 / np.sqrt(np.arange(1, labels + 1))
        truth = generator.random((number, labels)) < shares
        logits = 2 * truth - 2 + generator.standard_normal((number, labels))
        parts = averaged_rows(truth, logits > 0), LabelProbabilityRows(truth, logits)
        return scored(JoinedRows(*parts))

    @cache
    def true() -> float:
        return drawn(LARGE, np.random.default_rng(0)).scores[name] or 0.0

    return lambda _: lambda drawing: Draw(drawn(rows, drawing), name, true())


def residual_population(name: str, correlation: float, rows: int) -> Population:
    """Normal numbers with normal errors and a bias of 0.2."""
    noise = np.sqrt(1 / correlation**2 - 1)
    true = {
        "r2": 1 - (noise**2 + 0.04),
        "mean_residual": 0.2,
        "residual_spread": noise,
    }[name]

    def draw(drawing: np.random.Generator) -> Draw:
        truth, error = drawing.standard_normal((2, rows))
        return Draw(scored(ResidualRows(truth, truth + 0.2 + noise * error)), name, float(true))

    return lambda _: draw


def entity_error_population(name: str, share: float, rows: int) -> Population:
    """One and a half entities a row: `share` missed, half as many with other limits, a quarter of another type."""

    def draw(drawing: np.random.Generator) -> Draw:
        true = drawing.poisson(1.5, size=rows)
        chances = np.asarray([1 - 1.75 * share, share / 2, share / 4, share])
        kinds = np.stack([drawing.multinomial(number, chances) for number in true])
        found = kinds[:, :3].sum(axis=1)
        invented = drawing.poisson(found * share)
        errors = [EntityErrors(*row, extra, total) for row, extra, total in zip(kinds, invented, found + invented,
                                                                              strict=True)]  # fmt: skip
        values = {
            "missed_entities": share,
            "boundary_errors": share / 2,
            "type_errors": share / 4,
            "invented_entities": share / (1 + share),
        }
        return Draw(scored(EntityErrorRows(errors)), name, values[name])

    return lambda _: draw


CELLS: dict[str, Population] = {
    **{
        f"accuracy 0.99, {n} rows": one_class_population("accuracy", 2, "even", 0.99, n, spread=0)
        for n in (20, 50, 200)
    },
    **{f"macro F1, 2 classes, 0.9, {n} rows": one_class_population("macro_f1", 2, "even", 0.9, n) for n in (20, 100)},
    "macro F1, 2 classes 9 : 1, 0.9, 100 rows": one_class_population("macro_f1", 2, "1:9", 0.9, 100),
    "macro F1, 2 classes 9 : 1, 0.9, 200 rows": one_class_population("macro_f1", 2, "1:9", 0.9, 200),
    "macro F1, 6 classes, 0.95, 100 rows": one_class_population("macro_f1", 6, "even", 0.95, 100),
    "macro F1, 20 classes 1/k, 0.8, 200 rows": one_class_population("macro_f1", 20, "1/k", 0.8, 200),
    **{
        f"macro F1, 77 classes, 0.8, {n} rows": one_class_population("macro_f1", 77, "even", 0.8, n)
        for n in (100, 200, 500)
    },
    "macro F1, 77 classes, 0.95, 200 rows": one_class_population("macro_f1", 77, "even", 0.95, 200),
    "macro F1, 77 classes 1/k, 0.8, 200 rows": one_class_population("macro_f1", 77, "1/k", 0.8, 200),
    **{
        f"Matthews correlation 9 : 1, 0.9, {n} rows": one_class_population("mcc", 2, "1:9", 0.9, n)
        for n in (20, 100, 200)
    },
    **{
        f"several labels' macro F1, 10 labels, {n} rows": label_set_population("macro_f1", 10, 0.8, n)
        for n in (100, 200)
    },
    "several labels' macro F1, 28 labels, 200 rows": label_set_population("macro_f1", 28, 0.8, 200),
    "several labels' micro F1, 10 labels, 100 rows": label_set_population("micro_f1", 10, 0.8, 100),
    **{
        f"entity F1 {recall}, {n} rows": entity_population(recall, n)
        for recall, n in ((0.8, 100), (0.98, 50), (0.98, 200))
    },
    **{f"Spearman 0.8, {n} rows": number_population("spearman", 0.8, n) for n in (20, 100, 200)},
    "Pearson 0.8, 100 rows": number_population("pearson", 0.8, 100),
    **{f"mean absolute error, {n} rows": number_population("mae", 0.8, n) for n in (20, 100)},
    "root mean squared error, 100 rows": number_population("rmse", 0.8, 100),
    "macro F1, 77 classes, 0.8, 1,000 rows": one_class_population("macro_f1", 77, "even", 0.8, 1_000),
    **{
        f"{title}, 2 classes{' 9 : 1' if shares == '1:9' else ''}, {rows} rows": probability_population(
            name, 2, shares, rows
        )
        for title, name in (("ROC-AUC", "roc_auc"), ("PR-AUC", "pr_auc"), ("log loss", "log_loss"))
        for shares in ("even", "1:9")
        for rows in (100, 200)
    },
    **{
        f"{title}, {classes} classes, {rows} rows": probability_population(name, classes, "even", rows)
        for title, name in (("ROC-AUC", "roc_auc"), ("PR-AUC", "pr_auc"), ("log loss", "log_loss"))
        for classes in (6, 20)
        for rows in (100, 200)
    },
    **{
        f"calibration error, {classes} classes, {rows} rows": probability_population(
            "calibration_error", classes, "even", rows
        )
        for classes in (2, 6)
        for rows in (100, 200, 1_000)
    },
    **{
        f"top-3 accuracy, 20 classes, {rows} rows": probability_population("top_3_accuracy", 20, "even", rows)
        for rows in (100, 200)
    },
    **{
        f"{title}, {classes} classes {shares}, 0.8, {rows} rows": averaged_population(name, classes, shares, 0.8, rows)
        for title, name in (("macro precision", "macro_precision"), ("macro recall", "macro_recall"))
        for classes, shares in ((2, "even"), (6, "even"), (20, "1/k"), (77, "even"))
        for rows in (100, 200)
    },
    "micro F1, 6 classes, 0.8, 100 rows": averaged_population("micro_f1", 6, "even", 0.8, 100),
    **{
        f"several labels' {title}, 10 labels, {rows} rows": label_probability_population(name, 10, rows)
        for title, name in (
            ("ROC-AUC", "roc_auc"),
            ("PR-AUC", "pr_auc"),
            ("log loss", "log_loss"),
            ("calibration error", "calibration_error"),
            ("micro precision", "micro_precision"),
            ("micro recall", "micro_recall"),
            ("macro precision", "macro_precision"),
            ("macro recall", "macro_recall"),
        )
        for rows in (100, 200)
    },
    **{
        f"{title}, {rows} rows": residual_population(name, 0.8, rows)
        for title, name in (
            ("R²", "r2"),
            ("mean residual", "mean_residual"),
            ("standard deviation of residuals", "residual_spread"),
        )
        for rows in (100, 200)
    },
    **{
        f"{title}, {rows} rows": entity_error_population(name, 0.08, rows)
        for title, name in (
            ("entities missed", "missed_entities"),
            ("entities with other limits", "boundary_errors"),
            ("entities of another type", "type_errors"),
            ("invented entities", "invented_entities"),
        )
        for rows in (100, 200)
    },
    **{f"{title} 0.98, {rows} rows": number_population(name, 0.98, rows)
       for title, name in (("Spearman", "spearman"), ("Pearson", "pearson")) for rows in (20, 100)},
    **{f"PR-AUC of a weak model, {classes} classes, {rows} rows":
       probability_population("pr_auc", classes, "even", rows, separation=1.0)
       for classes in (6, 20) for rows in (100, 200)},
}  # fmt: skip


# Before


def interval_before(draw: Draw, generator: np.random.Generator) -> tuple[float, float, float]:
    """The score as it was computed, and the middle 95 % of its resamples."""
    rows = len(draw.method.rows)
    times = np.stack([np.bincount(generator.integers(0, rows, rows), minlength=rows) for _ in range(RESAMPLES)], axis=1)
    resampled = score_before(draw, times.astype(np.float32))
    low, high = np.percentile(resampled, [2.5, 97.5])
    return float(score_before(draw, np.ones((rows, 1), dtype=np.float32))[0]), float(low), float(high)


def score_before(draw: Draw, times: np.ndarray) -> np.ndarray:
    """Scores of resamples: a macro mean over what is true or predicted, and 0 for what cannot be computed."""
    rows = draw.method.rows
    if draw.name == "macro_f1" and isinstance(rows, CountedRows):
        counts = rows.counts(times)
        both = counts.predicted + counts.true
        f1 = 2 * counts.correct / np.where(both > 0, both, 1)
        return np.asarray(f1.sum(axis=0) / (both > 0).sum(axis=0))
    return np.nan_to_num(rows.scores(times)[draw.name])


# Tables


def coverage(sets: int, *, cells: str = "") -> None:
    """How often each cell's interval holds the true score."""
    print("| score and rows | before | now | too low, too high now | mean width now | no interval |")
    print("|---|---|---|---|---|---|")
    for number, (title, population) in enumerate(CELLS.items()):
        if cells not in title:
            continue
        before, now = [], []
        for draw, generator in _draws(population, sets, seed=number):
            _, low, high = interval_before(draw, generator)
            before.append(low <= draw.true <= high)
            found = uncertainty(draw.method, {}, draw.name, _quietly, seed=int(generator.integers(2**31))).intervals
            if draw.name in found:
                low, high = found[draw.name]
                now.append(
                    (low - 1e-9 <= draw.true <= high + 1e-9, high < draw.true - 1e-9, low > draw.true, high - low)
                )
        held, below, above, width = np.mean(now, axis=0)
        print(
            f"| {title} | {np.mean(before):.3f} | {held:.3f} | {below:.3f}, {above:.3f} | {width:.3f} | "
            f"{1 - len(now) / sets:.0%} |",
            flush=True,
        )


def _equal_classes(classes: int, shares: str, accuracy: float, rows: int) -> EqualMethods:
    """Methods that predict the same on a share `alike` of the rows, with the same chances elsewhere."""

    def population(generator: np.random.Generator) -> Callable[[np.random.Generator, float], tuple[Draw, Draw]]:
        joint = _joint(classes, shares, accuracy, 8.0, generator)

        def draw(drawing: np.random.Generator, alike: float) -> tuple[Draw, Draw]:
            truth, one, other = _pair(joint, rows, alike, drawing)
            sides = [one_class_draw("macro_f1", joint, truth, predicted) for predicted in (one, other)]
            return sides[0], sides[1]

        return draw

    return population


def _equal_numbers(correlation: float, rows: int) -> EqualMethods:
    """Predictions whose errors have a share `alike` of their variance in common, on scales that differ."""

    def population(_: np.random.Generator) -> Callable[[np.random.Generator, float], tuple[Draw, Draw]]:
        def draw(drawing: np.random.Generator, alike: float) -> tuple[Draw, Draw]:
            truth, common, *own = drawing.standard_normal((4, rows))
            errors = [np.sqrt(alike) * common + np.sqrt(1 - alike) * each for each in own]
            sides = [
                scale * (correlation * truth + np.sqrt(1 - correlation**2) * error)
                for scale, error in zip((1.0, 0.3), errors, strict=True)
            ]
            drawn = [
                Draw(ScoredRows(number_scores(truth, side), NumberRows(truth, side)), "spearman", correlation)
                for side in sides
            ]
            return drawn[0], drawn[1]

        return draw

    return population


EQUAL: dict[str, EqualMethods] = {
    **{f"macro F1, 2 classes, {a}, {n:,} rows": _equal_classes(2, "even", a, n)
       for a in (0.6, 0.8, 0.95, 0.99) for n in (20, 50, 200, 2_000)},
    "macro F1, 2 classes 9 : 1, 0.9, 200 rows": _equal_classes(2, "1:9", 0.9, 200),
    "macro F1, 6 classes, 0.8, 50 rows": _equal_classes(6, "even", 0.8, 50),
    "macro F1, 6 classes 1/k, 0.8, 200 rows": _equal_classes(6, "1/k", 0.8, 200),
    "macro F1, 20 classes 1/k, 0.8, 200 rows": _equal_classes(20, "1/k", 0.8, 200),
    "macro F1, 77 classes, 0.8, 200 rows": _equal_classes(77, "even", 0.8, 200),
    "macro F1, 77 classes, 0.8, 1,000 rows": _equal_classes(77, "even", 0.8, 1_000),
    **{f"Spearman {c}, {n} rows": _equal_numbers(c, n) for c in (0.6, 0.9, 0.98) for n in (20, 200)},
}  # fmt: skip


UnequalMethods = Callable[[np.random.Generator], tuple[ScoredRows, ScoredRows, str, float]]


def _unequal_classes(
    name: str, classes: int, shares: str, accuracies: tuple[float, float], rows: int
) -> UnequalMethods:
    """Two methods that predict independently; the true macro F1 is over the classes that the rows hold."""

    def draw(generator: np.random.Generator) -> tuple[ScoredRows, ScoredRows, str, float]:
        joint, other = (_joint(classes, shares, accuracy, 8.0, generator) for accuracy in accuracies)
        truth, one = _drawn(joint, rows, generator)
        steps = (other / other.sum(axis=1, keepdims=True)).cumsum(axis=1)[truth]
        second = np.minimum((steps < generator.random((rows, 1))).sum(axis=1), classes - 1)
        sides = one_class_draw(name, joint, truth, one), one_class_draw(name, other, truth, second)
        return sides[0].method, sides[1].method, name, sides[0].true - sides[1].true

    return draw


def _unequal_entities(recalls: tuple[float, float], rows: int) -> UnequalMethods:
    """One and a half entities a row, easier in some rows than in others, for both methods."""

    def draw(generator: np.random.Generator) -> tuple[ScoredRows, ScoredRows, str, float]:
        true = generator.poisson(1.5, size=(rows, 1))
        hard = generator.random((rows, 1))
        words = np.full(rows, 20)
        sides = []
        for recall in recalls:
            chance = stats.beta.ppf(hard, 4 * recall, 4 * (1 - recall)) if recall else np.zeros((rows, 1))
            correct = generator.binomial(true, chance)
            predicted = correct + (generator.poisson(1.5 * (1 - recall), size=(rows, 1)) if recall else 0)
            counts = EntityCounts(correct, predicted, true, words, words)
            sides.append(ScoredRows(scores_of(counts) if recall else scores_of(counts) | {"entity_f1": 0.0},
                                    entity_rows(counts)))  # fmt: skip
        return sides[0], sides[1], "entity_f1", recalls[0] - recalls[1]

    return draw


def _unequal_sets(labels: int, accuracies: tuple[float, float], rows: int) -> UnequalMethods:
    """Sets of labels that two methods predict independently; micro F1."""

    def draw(generator: np.random.Generator) -> tuple[ScoredRows, ScoredRows, str, float]:
        shares = 0.4 / np.sqrt(np.arange(1, labels + 1))
        truth = generator.random((rows, labels)) < shares
        sides, true = [], []
        for accuracy in accuracies:
            alarms = shares * (1 - accuracy)
            predicted = generator.random((rows, labels)) < np.where(truth, accuracy, alarms)
            sides.append(ScoredRows(label_set_scores(truth, predicted), label_set_rows(truth, predicted)))
            correct = shares * accuracy
            true.append(2 * correct.sum() / (shares + correct + (1 - shares) * alarms).sum())
        return sides[0], sides[1], "micro_f1", float(true[0] - true[1])

    return draw


def _unequal_numbers(name: str, correlations: tuple[float, float], rows: int) -> UnequalMethods:
    """Normal numbers with normal errors that are independent."""

    def draw(generator: np.random.Generator) -> tuple[ScoredRows, ScoredRows, str, float]:
        truth, *errors = generator.standard_normal((3, rows))
        sides, true = [], []
        for correlation, error in zip(correlations, errors, strict=True):
            predicted = correlation * truth + np.sqrt(1 - correlation**2) * error
            sides.append(ScoredRows(number_scores(truth, predicted), NumberRows(truth, predicted)))
            mean_error = np.sqrt(2 / np.pi) * np.sqrt(2 - 2 * correlation)
            true.append(6 / np.pi * np.arcsin(correlation / 2) if name == "spearman" else mean_error)
        return sides[0], sides[1], name, float(true[0] - true[1])

    return draw


UNEQUAL: dict[str, UnequalMethods] = {
    **{f"accuracy {a} and {b}, {n} rows": _unequal_classes("accuracy", 2, "even", (a, b), n)
       for a, b in ((0.95, 0.5), (0.8, 0.7)) for n in (20, 50, 200)},
    **{f"macro F1, 6 classes, 0.9 and 0.6, {n} rows": _unequal_classes("macro_f1", 6, "even", (0.9, 0.6), n)
       for n in (50, 200)},
    "macro F1, 6 classes 1/k, 0.9 and 0.6, 200 rows": _unequal_classes("macro_f1", 6, "1/k", (0.9, 0.6), 200),
    "macro F1, 77 classes, 0.8 and 0.5, 200 rows": _unequal_classes("macro_f1", 77, "even", (0.8, 0.5), 200),
    **{f"entity F1 {a} and {b}, {n} rows": _unequal_entities((a, b), n)
       for a, b, n in ((0.65, 0.0, 77), (0.65, 0.25, 77), (0.8, 0.5, 200), (0.95, 0.9, 100))},
    "several labels' micro F1, 10 labels, 0.8 and 0.4, 100 rows": _unequal_sets(10, (0.8, 0.4), 100),
    **{f"Spearman 0.9 and 0.5, {n} rows": _unequal_numbers("spearman", (0.9, 0.5), n) for n in (30, 200)},
    "mean absolute error, correlations of 0.9 and 0.5, 100 rows": _unequal_numbers("mae", (0.9, 0.5), 100),
}  # fmt: skip


def unequal(sets: int, *, cells: str = "") -> None:
    """How often the interval of a difference holds the true one, how wide it is, and that it agrees with p."""
    print("| unequal methods | difference | holds it | too low, too high | mean width |")
    print("|---|---|---|---|---|")
    for number, (title, draw) in enumerate(UNEQUAL.items()):
        if cells not in title:
            continue
        generator = np.random.default_rng([3_000, number])
        found = []
        for pair in range(sets):
            model, other, name, true = draw(generator)
            one = score_differences(model, {"": other}, name, _quietly, seed=pair).get("")
            if one is not None:
                found.append((true, one.high < true - 1e-9, one.low > true + 1e-9, one.high - one.low))
        true, low, high, width = np.mean(found, axis=0)
        print(f"| {title} | {true:.2f} | {1 - low - high:.3f} | {low:.3f}, {high:.3f} | {width:.3f} |", flush=True)


def type_one(sets: int, *, alike: float = 0.5, cells: str = "") -> None:
    """How often one of two equal methods is called better, and on how many rows they differ; `alike` as in `EQUAL`."""
    print("| equal methods | clearly better before | better now | worse now | mean width now | rows that differ |")
    print("|---|---|---|---|---|---|")
    for number, (title, population) in enumerate(EQUAL.items()):
        if cells not in title:
            continue
        before, now = [], []
        generator, of_before = (np.random.default_rng([kind, number]) for kind in (1_000, 2_000))
        for start in range(0, sets, OF_EACH):
            draw = population(np.random.default_rng(start))
            for pair in range(start, min(start + OF_EACH, sets)):
                model, other = draw(generator, alike)
                if pair < BEFORE:
                    _, low, _ = interval_before(model, of_before)
                    rows = len(other.method.rows)
                    before.append(low > score_before(other, np.ones((rows, 1), dtype=np.float32))[0])
                found = score_differences(model.method, {"": other.method}, model.name, _quietly, seed=pair).get("")
                if found is not None:
                    now.append((found.low > 0, found.high < 0, found.high - found.low, _differing(model, other)))
        better, worse, width, differing = np.mean(now, axis=0)
        print(
            f"| {title} | {np.mean(before):.3f} | {better:.4f} | {worse:.4f} | {width:.3f} | {differing:.1f} |",
            flush=True,
        )


# Groups


class GroupedMethods(NamedTuple):
    """Two equally good methods on the same rows, and which rows are of one group."""

    one: Draw
    other: Draw
    groups: np.ndarray


def grouped_rows(
    name: str, classes: int, groups: int, rows: int, *, even: bool, like: float, generator: np.random.Generator
) -> GroupedMethods:
    """Rows of groups, in each of which a method is right with a probability of its own, 0.8 in the mean.

    `like` is the correlation of two rows of one group. Uneven groups have shares of 1/k. A third of the groups' classes
    are one class of their own.
    """
    shares = np.ones(groups) if even else 1 / np.arange(1, groups + 1)
    group = np.repeat(np.arange(groups), 1 + generator.multinomial(rows - groups, shares / shares.sum()))
    favourite = generator.integers(0, classes, groups)
    truth = np.where(generator.random(rows) < 1 / 3, favourite[group], generator.integers(0, classes, rows))
    many = 1 / like - 1
    sides = []
    for _ in range(2):
        chance = generator.beta(0.8 * many, 0.2 * many, groups)
        right = generator.random(rows) < chance[group]
        predicted = np.where(right, truth, (truth + generator.integers(1, classes, rows)) % classes)
        scores = confusion_scores(confusion_matrix(truth, predicted, classes))
        sides.append(Draw(ScoredRows(scores, confusion_rows(truth, predicted, classes)), name, 0.8))
    return GroupedMethods(*sides, group)


def of_groups(sets: int, *, cells: str = "") -> None:
    """How often intervals hold the true score and equal methods are distinguished, where rows are of groups."""
    print("| score, groups of 200 rows | holds it, row by row | by groups | width | better or worse, row by row "
          "| by groups |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for number, (name, classes, groups, even, like) in enumerate(
        (name, classes, groups, even, like)
        for name, classes in (("accuracy", 2), ("macro_f1", 4))
        for like in (0.3, 0.1)
        for even in (True, False)
        for groups in (3, 5, 10, 20, 40)
    ):
        title = f"{name}, {groups}{'' if even else ' uneven'}, rows alike {like}"
        if cells not in title:
            continue
        generator = np.random.default_rng([4_000, number])
        found = []
        for pair in range(sets):
            drawn = grouped_rows(name, classes, groups, 200, even=even, like=like, generator=generator)
            line: list[float] = []
            for together in (None, drawn.groups):
                of_one = uncertainty(
                    drawn.one.method,
                    {"": drawn.other.method},
                    name,
                    _quietly,
                    seed=pair,
                    groups=together,
                    different=None if together is None else 200,
                )
                low, high = of_one.intervals.get(name, (float("nan"), float("nan")))
                difference = of_one.differences.get("")
                told = difference is not None and (difference.low > 0 or difference.high < 0)
                line += [low <= 0.8 <= high, high - low, told]
            found.append(line)
        held, _, told, held_by, width, told_by = np.nanmean(found, axis=0)
        print(f"| {title} | {held:.3f} | {held_by:.3f} | {width:.3f} | {told:.3f} | {told_by:.3f} |", flush=True)


def _differing(model: Draw, other: Draw) -> int:
    sides = model.method.rows, other.method.rows
    assert isinstance(sides[0], ComparableRows)
    assert isinstance(sides[1], ComparableRows)
    return int(sides[0].exchange_with(sides[1], model.name, None).number.sum())


def _pair(
    joint: np.ndarray, rows: int, alike: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth, one = _drawn(joint, rows, generator)
    steps = (joint / joint.sum(axis=1, keepdims=True)).cumsum(axis=1)[truth]
    other = np.minimum((steps < generator.random((rows, 1))).sum(axis=1), len(joint) - 1)
    return truth, one, np.where(generator.random(rows) < alike, one, other)


def _draws(population: Population, sets: int, *, seed: int) -> Iterator[tuple[Draw, np.random.Generator]]:
    generator = np.random.default_rng(seed)
    for start in range(0, sets, SETS_OF_EACH):
        draw = population(np.random.default_rng([seed, start]))
        for _ in range(min(SETS_OF_EACH, sets - start)):
            yield draw(generator), generator


def _quietly(event: Event) -> None:
    """Shows nothing."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=400)
    parser.add_argument("--only", choices=("intervals", "differences", "unequal", "groups"))
    parser.add_argument("--alike", type=float, default=0.5, help="on how many rows equal methods predict the same")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--cells", default="", help="only those whose title has this in it")
    options = parser.parse_args()
    resampling.RESAMPLES = options.resamples
    if options.only in (None, "intervals"):
        coverage(options.sets, cells=options.cells)
    if options.only in (None, "unequal"):
        unequal(options.sets, cells=options.cells)
    if options.only in (None, "groups"):
        of_groups(options.sets, cells=options.cells)
    if options.only in (None, "differences"):
        type_one(options.sets, alike=options.alike, cells=options.cells)
