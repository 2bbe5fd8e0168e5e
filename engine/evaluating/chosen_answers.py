"""What is chosen on Evaluate about answers: a temperature, a threshold, a rule for "don't know", from validation rows.

With a temperature, half of the validation rows fit it and the other half give the cutoffs of the conformal sets;
without one all of them give the cutoffs. No row that is scored has a part in it, unless the validation rows themselves
are scored, which is in the report.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.calibration.answers import cutoffs_of, unsure_rows
from engine.calibration.conformal import (
    calibration_halves,
    class_cutoffs,
    coverage_band,
    coverage_to_aim_at,
    cutoff,
    fewest_rows,
)
from engine.calibration.stored_logits import StoredLogits
from engine.calibration.temperature import (
    FEWEST_ROWS,
    class_probabilities,
    cut_at_temperature,
    fitted_temperature,
)
from engine.contract.calibration import Calibration, UnsureRule
from engine.contract.errors import InvalidSetting
from engine.contract.score_sentences import calibration_is_apart, evaluations_compared
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings
from engine.contract.states import TrainingRun
from engine.tasks.task import Task


def refuse_unfitting(settings: EvaluateSettings, task: Task, label_names: tuple[str, ...]) -> None:
    """Raises `InvalidSetting` (E4) for a choice that answers of this task cannot follow."""
    if not settings.changes_answers:
        return
    if not task.has_probabilities:
        raise InvalidSetting("E4", Sentence("evaluating.e4.answers_without_probabilities"), field="unsure")
    if settings.unsure not in ("keep", "none") and task.facts.several_labels:
        raise InvalidSetting("E4", Sentence("evaluating.e4.unsure_needs_one_label"), field="unsure")
    if settings.threshold_label and settings.threshold_label not in label_names:
        raise InvalidSetting(
            "E4", Sentence("evaluating.e4.no_such_label", label=settings.threshold_label), field="threshold_label"
        )


def chosen_calibration(
    run: TrainingRun, settings: EvaluateSettings, task: Task, validation: StoredLogits | None
) -> tuple[Calibration, list[Sentence]]:
    """What the settings make of the run's calibration, and what could not be done; logits without a temperature.

    Raises `InvalidSetting` (E4) where there are too few validation rows for the promised coverage.
    """
    before = run.calibration
    notes = []
    temperature = before.temperature
    if settings.temperature == "none":
        temperature = 1.0
    elif settings.temperature == "fit":
        first, _ = _halves(validation, splits=settings.unsure == "conformal" or _is_conformal(before.unsure))
        fitted = fitted_temperature(first.logits, first.truth) if first is not None else None
        if fitted is None:
            notes.append(Sentence("evaluating.note.no_temperature", fewest=FEWEST_ROWS))
        temperature = fitted or 1.0
    ratio = temperature / before.temperature
    # A threshold is chosen on the probabilities that are shown, those of the temperature before.
    thresholds = {label: cut_at_temperature(cut, ratio) for label, cut in before.thresholds.items()}
    if label := settings.threshold_label:
        thresholds = thresholds if task.facts.several_labels else {}
        thresholds.pop(label, None)
        if settings.threshold:
            thresholds[label] = cut_at_temperature(settings.threshold, ratio)
    of_folds = settings.split == "cross_validation"  # whose answers chose no checkpoint
    evaluations = 1 if of_folds or calibration_is_apart(run) else evaluations_compared(run)
    unsure = _rule(settings, before.unsure, validation, temperature, run.dataset.label_names, evaluations)
    return Calibration(thresholds, temperature, unsure), notes


def _is_conformal(rule: UnsureRule | None) -> bool:
    return rule is not None and rule.kind == "conformal"


def _rule(
    settings: EvaluateSettings,
    before: UnsureRule | None,
    validation: StoredLogits | None,
    temperature: float,
    label_names: tuple[str, ...],
    evaluations: int,
) -> UnsureRule | None:
    kind, coverage = settings.unsure, settings.coverage
    if kind == "keep":
        if before is None or before.kind == "confidence":
            return before
        kind, coverage = "conformal", before.coverage  # its cutoffs are those of the temperature
    if kind == "none":
        return None
    if kind == "confidence":
        return UnsureRule("confidence", least_confidence=settings.least_confidence)
    _, second = _halves(validation, splits=temperature != 1)
    rows = 0 if second is None else len(second.rows)
    if second is None or rows < max(1, fewest_rows(coverage)):
        raise InvalidSetting(
            "E4",
            Sentence("evaluating.e4.too_few_for_coverage", rows=rows, fewest=fewest_rows(coverage), coverage=coverage),
            field="coverage",
        )
    likely = class_probabilities(second.logits, temperature)
    assert validation is not None
    every = len(validation.rows)
    aimed = coverage_to_aim_at(likely, second.truth, coverage, evaluations=evaluations, rows=every)
    own = class_cutoffs(likely, second.truth, aimed)
    return UnsureRule(
        "conformal",
        coverage=coverage,
        cutoff=cutoff(likely[np.arange(rows), second.truth], aimed),
        label_cutoffs={label_names[index]: value for index, value in own.items()},
        rows=rows,
    )


def _halves(stored: StoredLogits | None, *, splits: bool) -> tuple[StoredLogits | None, StoredLogits | None]:
    """The rows that fit a temperature and those that give cutoffs: the same rows where nothing has to be apart."""
    if stored is None or not splits:
        return stored, stored
    parts = calibration_halves(len(stored.rows))
    first, second = (StoredLogits(stored.rows[part], stored.truth[part], stored.logits[part]) for part in parts)
    return first, second


def notes_on_answers(
    run: TrainingRun, settings: EvaluateSettings, truth: np.ndarray, likely: np.ndarray, predicted: np.ndarray
) -> Iterator[Sentence]:
    """What the calibration does to the scored rows; `likely` (rows, classes), the others (rows,) int64."""
    rule, names = run.unsure, run.dataset.label_names
    for label, threshold in run.thresholds.items():
        yield Sentence("evaluating.note.class_threshold", label=label, threshold=threshold)
    if rule is None:
        return
    unsure = unsure_rows(rule, names, likely, predicted)
    answered = int((~unsure).sum())
    right = int((truth == predicted)[~unsure].sum())
    values = {"unsure": len(truth) - answered, "rows": len(truth), "answered": answered, "right": right}
    if rule.kind == "confidence":
        yield Sentence("evaluating.note.unsure_below_confidence", least=rule.least_confidence, **values)
        return
    held = int((likely >= cutoffs_of(rule, names))[np.arange(len(truth)), truth].sum())
    low, high = coverage_band(rule.rows, len(truth), rule.coverage)
    yield Sentence(
        "evaluating.note.unsure_by_sets",
        coverage=rule.coverage,
        held=held / max(1, len(truth)),
        low=low,
        high=high,
        own=len(rule.label_cutoffs),
        calibrated_on=rule.rows,
        **values,
    )
    if settings.split in ("validation", "cross_validation"):
        yield Sentence("evaluating.note.sets_of_scored_rows")
    elif calibration_is_apart(run):
        yield Sentence("evaluating.note.calibration_rows_apart")
    elif evaluations_compared(run) > 1:
        yield Sentence("evaluating.note.calibration_rows_chose_checkpoint", evaluations=evaluations_compared(run))
