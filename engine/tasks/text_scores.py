"""Scores of one answer per row, all from the confusion matrix (truth down, predicted across)."""

from __future__ import annotations

import numpy as np

from engine.states import ClassScores


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
