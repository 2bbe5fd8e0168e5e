"""What each chart of a training run holds: its curves, its unit, and why it may be empty. Uses no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.contract.presets import epochs_per_evaluation
from engine.contract.sentences import Sentence
from gui.chart_preferences import CLASS_F1, LOAD, LOSS, MEMORY, NORM, RATE, SCORE, SPEED
from gui.charts.curve_data import Series
from gui.fine_tune.monitor.training_curves import TrainingCurves

Floats = NDArray[np.float64]

TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Curve:
    """One line of a chart; `factor` brings the series into the chart's unit, `curve_title` gives what it is called."""

    name: str
    color: int
    style: Literal["thin", "points"]
    series: Callable[[TrainingCurves], Series]
    smoothed: bool = False
    factor: float = 1.0


@dataclass(frozen=True)
class ChartKind:
    """A chart: `chart_title` is above it, `short_title` in the list of charts."""

    curves: tuple[Curve, ...]
    can_be_logarithmic: bool = False


KINDS: dict[str, ChartKind] = {
    LOSS: ChartKind(
        (
            Curve(TRAINING, 0, "thin", lambda curves: curves.training_loss, smoothed=True),
            Curve(VALIDATION, 1, "points", lambda curves: curves.validation_loss),
        ),
        can_be_logarithmic=True,
    ),
    SCORE: ChartKind((Curve(SCORE, 2, "points", lambda curves: curves.scores),)),
    CLASS_F1: ChartKind(()),
    RATE: ChartKind((Curve(RATE, 3, "thin", lambda curves: curves.learning_rate),), can_be_logarithmic=True),
    NORM: ChartKind(
        (Curve(NORM, 4, "thin", lambda curves: curves.gradient_norm, smoothed=True),), can_be_logarithmic=True
    ),
    SPEED: ChartKind((Curve(SPEED, 5, "thin", lambda curves: curves.speed, smoothed=True),)),
    MEMORY: ChartKind((Curve(MEMORY, 3, "thin", lambda curves: curves.memory, factor=1e-9),)),
    LOAD: ChartKind((Curve(LOAD, 1, "thin", lambda curves: curves.load, factor=100.0),)),
}


def chart_title(kind: str) -> str:
    """What is above a chart."""
    match kind:
        case "class_f1":
            return Sentence("gui.fine_tune.chart_class_f1")
        case "memory":
            return Sentence("gui.fine_tune.chart_memory")
        case "load":
            return Sentence("gui.fine_tune.chart_load")
        case _:
            return short_title(kind)


def short_title(kind: str) -> str:
    """What a chart is called in the list of charts."""
    match kind:
        case "loss":
            return Sentence("gui.fine_tune.short_loss")
        case "score":
            return Sentence("gui.fine_tune.short_score")
        case "class_f1":
            return Sentence("gui.fine_tune.short_class_f1")
        case "learning_rate":
            return Sentence("gui.fine_tune.short_rate")
        case "gradient_norm":
            return Sentence("gui.fine_tune.short_norm")
        case "memory":
            return Sentence("gui.fine_tune.short_memory")
        case "load":
            return Sentence("gui.fine_tune.short_load")
        case "speed":
            return Sentence("gui.fine_tune.short_speed")
        case _:
            return kind


def curve_title(name: str) -> str:
    """What a line is called beside its chart; the name of a class is its own."""
    match name:
        case "training":
            return Sentence("gui.fine_tune.curve_training")
        case "validation":
            return Sentence("gui.fine_tune.curve_validation")
        case "learning_rate":
            return Sentence("gui.fine_tune.curve_rate")
        case "gradient_norm":
            return Sentence("gui.fine_tune.curve_norm")
        case "speed":
            return Sentence("gui.fine_tune.curve_speed")
        case "memory":
            return Sentence("gui.fine_tune.curve_memory")
        case "load":
            return Sentence("gui.fine_tune.curve_load")
        case _:
            return name


def why_empty(kind: str, curves: TrainingCurves) -> str:
    """One sentence: what will appear in this chart, or why nothing will."""
    begun = len(curves.training_loss) > 0
    if kind in (SCORE, CLASS_F1):
        if kind == CLASS_F1 and len(curves.validation_loss):
            return Sentence("gui.fine_tune.there_no_classes_here_model")
        if not curves.is_scored:
            return Sentence("gui.fine_tune.no_rows_held_out")
        if not curves.steps_per_epoch:
            return Sentence("gui.fine_tune.score_appears_after_first_evaluation")
        epoch = max(1, round(curves.steps_per_epoch))
        first = epoch * epochs_per_evaluation(epoch, curves.evaluation_interval)
        first = min(first, curves.total_steps or first)
        return Sentence("gui.fine_tune.score_appears_at_step", step=first)
    if kind == LOAD and len(curves.memory):
        return Sentence("gui.fine_tune.device_does_report_load")
    if kind in (MEMORY, LOAD) and begun:
        return Sentence("gui.fine_tune.first_sample_follows_within_two")
    return Sentence("gui.fine_tune.curve_begins")
