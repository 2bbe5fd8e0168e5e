"""The charts of a run: its losses, its score while it was trained, and what it confuses."""

from __future__ import annotations

from engine.contract.metrics import score_title
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.reporting.html import Markup
from engine.reporting.svg import Curve, confusion, curves


def loss_chart(run: TrainingRun) -> Markup:
    """Training and validation loss over the steps; empty without an evaluation."""
    training = [(float(one.step), one.training_loss) for one in run.history if one.training_loss is not None]
    validation = [(float(one.step), one.validation_loss) for one in run.history if one.validation_loss is not None]
    return curves(
        Sentence("reporting.report.loss"),
        Sentence("reporting.report.step"),
        [
            Curve(Sentence("reporting.report.training_loss"), training),
            Curve(Sentence("reporting.report.validation_loss"), validation),
        ],
    )


def score_chart(run: TrainingRun) -> Markup:
    """The score by which the best checkpoint was chosen, on the validation rows."""
    points = [(float(one.step), score) for one in run.history if (score := one.scores.get(run.metric)) is not None]
    return curves(score_title(run.metric), Sentence("reporting.report.step"), [Curve(score_title(run.metric), points)])


def confusion_chart(evaluation: EvaluationReport) -> Markup:
    """The confusion matrix of the scored rows; empty where nothing is confused, or of very many classes."""
    return confusion(evaluation.confusion_labels, evaluation.confusion)
