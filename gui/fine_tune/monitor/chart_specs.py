"""What each chart of a training run holds: its curves, its unit, and why it may be empty. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gui.chart_preferences import CLASS_F1, LOAD, LOSS, MEMORY, NORM, RATE, SCORE, SPEED
from gui.charts.curve_data import Series
from gui.fine_tune.monitor.training_curves import TrainingCurves

Floats = NDArray[np.float64]

TRAINING, VALIDATION = "training", "validation"
WAITING = "The curve begins with the first step."


@dataclass(frozen=True)
class Curve:
    """One line of a chart; `factor` brings the series into the chart's unit."""

    name: str
    color: int
    style: Literal["thin", "points"]
    series: Callable[[TrainingCurves], Series]
    smoothed: bool = False
    factor: float = 1.0


@dataclass(frozen=True)
class ChartKind:
    """A chart; `title` is above it, `short` in the list of charts."""

    title: str
    short: str
    curves: tuple[Curve, ...]
    can_be_logarithmic: bool = False


KINDS: dict[str, ChartKind] = {
    LOSS: ChartKind(
        "Loss",
        "Loss",
        (
            Curve(TRAINING, 0, "thin", lambda curves: curves.training_loss, smoothed=True),
            Curve(VALIDATION, 1, "points", lambda curves: curves.validation_loss),
        ),
        can_be_logarithmic=True,
    ),
    SCORE: ChartKind(
        "Score on the validation rows",
        "Score on the validation rows",
        (Curve("score", 2, "points", lambda curves: curves.scores),),
    ),
    CLASS_F1: ChartKind("F1 of each class on the validation rows", "F1 of each class", ()),
    RATE: ChartKind(
        "Learning rate",
        "Learning rate",
        (Curve("learning rate", 3, "thin", lambda curves: curves.learning_rate),),
        can_be_logarithmic=True,
    ),
    NORM: ChartKind(
        "Gradient norm",
        "Gradient norm",
        (Curve("gradient norm", 4, "thin", lambda curves: curves.gradient_norm, smoothed=True),),
        can_be_logarithmic=True,
    ),
    SPEED: ChartKind(
        "Tokens per second",
        "Tokens per second",
        (Curve("tokens/s", 5, "thin", lambda curves: curves.speed, smoothed=True),),
    ),
    MEMORY: ChartKind(
        "Memory in use (GB)", "Memory", (Curve("GB", 3, "thin", lambda curves: curves.memory, factor=1e-9),)
    ),
    LOAD: ChartKind(
        "Load of the device (%)",
        "Load of the device",
        (Curve("load, %", 1, "thin", lambda curves: curves.load, factor=100.0),),
    ),
}


def why_empty(kind: str, curves: TrainingCurves) -> str:
    """One sentence: what will appear in this chart, or why nothing will."""
    begun = len(curves.training_loss) > 0
    if kind in (SCORE, CLASS_F1):
        if kind == CLASS_F1 and len(curves.validation_loss):
            return "There are no classes here: the model predicts a number, or this run did not record them."
        if not curves.is_scored:
            return "No rows are held out: Evaluate scores by cross-validation."
        if not curves.steps_per_epoch:
            return "The score appears after the first evaluation on the validation set."
        first = round(min(curves.steps_per_epoch, curves.total_steps or curves.steps_per_epoch))
        return f"The score appears after the first evaluation on the validation set, at step {first:,} at the latest."
    if kind == LOAD and len(curves.memory):
        return "This device does not report its load."
    if kind in (MEMORY, LOAD) and begun:
        return "The first sample follows within two seconds."
    return WAITING
