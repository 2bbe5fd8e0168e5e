"""Curves over all thresholds, and what is chosen by them: a threshold, a temperature, when the answer is "don't know".

Uses no session: `chosen` carries the settings with which the run is evaluated again. Logits are read and ranked in a
background thread; figures of a threshold are counts that are looked up, so that they follow the slider.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from engine.calibration.conformal import fewest_rows
from engine.calibration.curves import Figures, Ranked, cheapest_threshold, figures_at
from engine.contract.calibration import UnsureRule
from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings
from engine.contract.states import EvaluationReport
from engine.tasks.registry import task_facts
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.components.choices import Choice, Slider, bounded
from gui.components.layouts import FlowRow, vertical
from gui.components.numbers import read_float
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.throttle import Debounce
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.evaluated_curves import ALL, EvaluatedCurves, Outcome
from gui.evaluate.xy_plot import XYCurve, XYPlot

PRECISION_RECALL, ROC, RELIABILITY, COVERAGE = "precision_recall", "roc", "reliability", "coverage"
STEPS = 1_000  # of a slider
PAUSE = 60  # ms after the last move of a slider before sets are made again
FEW_ANSWERED = 0.5  # below this share of the rows a rule is of little use
UNREADABLE = (OSError, ValueError, LookupError)
NEVER, CONFIDENCE, CONFORMAL = "none", "confidence", "conformal"


def kinds() -> tuple[tuple[str, str], ...]:
    """What the curves are called, with their keys."""
    return (
        (Sentence("gui.evaluate.curve_precision_recall"), PRECISION_RECALL),
        (Sentence("gui.evaluate.curve_roc"), ROC),
        (Sentence("gui.evaluate.curve_reliability"), RELIABILITY),
        (Sentence("gui.evaluate.curve_coverage"), COVERAGE),
    )


class CurvesView(QWidget):
    """Shows the curves of a report; `chosen` are settings to evaluate it with again."""

    chosen = Signal(object)  # EvaluateSettings: what is chosen, all else as it is by default

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None
        self._curves: EvaluatedCurves | None = None
        self._several = False
        self._task: BackgroundTask | None = None  # reads, or measures a rule
        self._drawing: BackgroundTask | None = None
        self._rule: UnsureRule | None = None
        self._busy = False
        self.kind = Choice()
        self.kind.setAccessibleName(Sentence("gui.evaluate.curve"))
        for title, key in kinds():
            self.kind.addItem(title, key)
        self.label = Choice()
        self.label.setAccessibleName(Sentence("gui.evaluate.label_curve"))
        bounded(self.label, 22)
        self.plot = XYPlot(
            Sentence("gui.evaluate.curves"), Sentence("gui.evaluate.recall"), Sentence("gui.evaluate.precision")
        )
        self.note = PlainLabel(role="secondary", wrap=True)
        self.figures = PlainLabel(role="body", wrap=True, selectable=True)

        self.threshold = _slider(
            Sentence("gui.evaluate.threshold"), Sentence("gui.evaluate.probability_label_predicted")
        )
        self._threshold_value = PlainLabel(role="body")
        self.false_positive_cost = _number(Sentence("gui.evaluate.cost_false_positive"), "1")
        self.false_negative_cost = _number(Sentence("gui.evaluate.cost_false_negative"), "1")
        self.cheapest_button = QPushButton(Sentence("gui.evaluate.cheapest_threshold"))
        self.cheapest_button.setToolTip(Sentence("gui.evaluate.moves_threshold_where_errors_rows"))
        self.use_threshold_button = QPushButton(Sentence("gui.evaluate.use_threshold"))
        self.use_threshold_button.setToolTip(Sentence("gui.evaluate.makes_threshold_part_model_evaluates"))
        self.remove_threshold_button = QPushButton(Sentence("gui.evaluate.remove"))
        self._threshold_row = _row(
            PlainLabel(Sentence("gui.evaluate.threshold"), role="secondary"),
            self.threshold,
            self._threshold_value,
            PlainLabel(Sentence("gui.evaluate.false_positive_costs"), role="secondary"),
            self.false_positive_cost,
            PlainLabel(Sentence("gui.evaluate.false_negative"), role="secondary"),
            self.false_negative_cost,
            self.cheapest_button,
            self.use_threshold_button,
            self.remove_threshold_button,
        )
        self.temperature = PlainLabel(role="body")
        self.fit_button = QPushButton(Sentence("gui.evaluate.fit_temperature"))
        self.fit_button.setToolTip(Sentence("gui.evaluate.divides_all_logits_one_number"))
        self.no_temperature_button = QPushButton(Sentence("gui.evaluate.without_temperature"))
        self._temperature_row = _row(self.temperature, self.fit_button, self.no_temperature_button)
        self.rule = Choice()
        self.rule.setAccessibleName(Sentence("gui.evaluate.when_answer_don_t_know"))
        for title, key in (
            (Sentence("gui.evaluate.always_answer"), NEVER),
            (Sentence("gui.evaluate.confidence"), CONFIDENCE),
            (Sentence("gui.evaluate.sets_labels"), CONFORMAL),
        ):
            self.rule.addItem(title, key)
        self.level = _slider(
            Sentence("gui.evaluate.least_confidence"), Sentence("gui.evaluate.below_probability_answer_don_t")
        )
        self._level_value = PlainLabel(role="body")
        self.use_rule_button = QPushButton(Sentence("gui.evaluate.use_rule"))
        self.use_rule_button.setToolTip(Sentence("gui.evaluate.makes_rule_part_model_evaluates"))
        self._rule_row = _row(
            PlainLabel(Sentence("gui.evaluate.don_t_know"), role="secondary"),
            self.rule,
            self.level,
            self._level_value,
            self.use_rule_button,
        )
        chooser = _row(self.kind, self.label)
        vertical(
            self,
            chooser,
            self.plot,
            self._threshold_row,
            self._temperature_row,
            self._rule_row,
            self.figures,
            self.note,
            gap=SPACE,
        )

        self._pause = Debounce(self, PAUSE, self._measure_rule)
        self.kind.activated.connect(self._draw)
        self.label.activated.connect(self._label_chosen)
        self.threshold.valueChanged.connect(self._show_threshold)
        for field in (self.false_positive_cost, self.false_negative_cost):
            field.textEdited.connect(lambda _text: self._show_threshold())
        self.cheapest_button.clicked.connect(self._move_to_cheapest)
        self.use_threshold_button.clicked.connect(self._use_threshold)
        self.remove_threshold_button.clicked.connect(self._remove_threshold)
        self.fit_button.clicked.connect(lambda: self.chosen.emit(EvaluateSettings(temperature="fit")))
        self.no_temperature_button.clicked.connect(lambda: self.chosen.emit(EvaluateSettings(temperature="none")))
        self.rule.activated.connect(self._rule_kind_chosen)
        self.level.valueChanged.connect(self._level_moved)
        self.use_rule_button.clicked.connect(self._use_rule)
        self._draw()

    # ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def show_report(self, report: EvaluationReport) -> None:
        """Shows the curves of this report as soon as they are read."""
        for task in (self._task, self._drawing):
            if task is not None:
                task.cancel()
        self._drawing = None
        same_labels = (
            self._report is not None and self._report.run.dataset.label_names == report.run.dataset.label_names
        )
        self._report, self._curves, self._rule = report, None, report.run.unsure
        self._several = task_facts(report.run.dataset.task).several_labels
        if not same_labels:
            self._offer_labels(report)
        self._show_chosen(report)
        self.note.setText(Sentence("gui.evaluate.reading_probabilities"))
        self._task = run_in_thread(
            self,
            partial(_opened, report),
            name="read curves",
            on_result=self._take,
            on_failure=self._cannot_open,
            expected=UNREADABLE,
        )

    def set_busy(self, busy: bool) -> None:
        """While a stage runs nothing is chosen."""
        self._busy = busy
        self._enable()

    def _offer_labels(self, report: EvaluationReport) -> None:
        names = report.run.dataset.label_names
        self.label.clear()
        self.label.addItem(
            Sentence("gui.evaluate.all_labels_together")
            if self._several or len(names) > 2
            else Sentence("gui.evaluate.both_labels_together"),
            ALL,
        )
        for name in names:
            self.label.addItem(on_one_line(name, 60) or Sentence("gui.evaluate.empty"), name)
        # Of two classes the second is the positive one, as in ROC-AUC.
        self.label.setCurrentIndex(2 if len(names) == 2 and not self._several else 0)

    def _show_chosen(self, report: EvaluationReport) -> None:
        rule = report.run.unsure
        self.rule.setCurrentIndex(self.rule.findData(rule.kind if rule is not None else NEVER))
        self._range_of_level()
        if rule is not None:
            self._set_level(rule.least_confidence if rule.kind == CONFIDENCE else rule.coverage)
        temperature = report.run.temperature
        self.temperature.setText(
            Sentence("gui.evaluate.no_temperature")
            if temperature == 1
            else Sentence("gui.evaluate.temperature", temperature=temperature)
        )
        self._threshold_of_label()

    def _take(self, curves: EvaluatedCurves) -> None:
        self._task = None
        self._curves = curves
        self._draw()

    def _cannot_open(self, _error: Exception) -> None:
        self._task = None
        self._curves = None
        self._draw()
        self.note.setText(Sentence("gui.evaluate.curves_need_logits"))

    # ── Drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        kind, curves = self.kind.currentData(), self._curves
        is_threshold = kind in (PRECISION_RECALL, ROC)
        self._threshold_row.setVisible(is_threshold and bool(self.label.currentData()))
        self._temperature_row.setVisible(kind == RELIABILITY)
        self._rule_row.setVisible(kind == COVERAGE and not self._several)
        self.label.setVisible(kind != COVERAGE)
        self.figures.setText("")
        if curves is None:
            self.plot.show_curves(
                (), names=(Sentence("gui.evaluate.recall"), Sentence("gui.evaluate.precision")), empty=""
            )
            self._enable()
            return
        if self._drawing is not None:
            self._drawing.cancel()
        self._drawing = run_in_thread(
            self,
            partial(_drawn, curves, kind, self.label.currentData() or ALL),
            name="draw curves",
            on_result=self._show_drawn,
        )
        self._enable()

    def _show_drawn(self, drawn: Drawn) -> None:
        self._drawing = None
        self.plot.show_curves(drawn.curves, names=drawn.names, diagonal=drawn.diagonal, y_low=drawn.y_low)
        self.figures.setText(drawn.figures)
        if self._curves is not None:
            self.note.setText(self._note(self._curves))
        kind = self.kind.currentData()
        if kind in (PRECISION_RECALL, ROC):
            self._show_threshold()
        elif kind == COVERAGE and not self._several:
            self._measure_rule()
        self._enable()

    def _note(self, curves: EvaluatedCurves) -> str:
        if curves.validation is None:
            return Sentence("gui.evaluate.there_no_validation_rows_beside")
        return Sentence("gui.evaluate.choose_by_validation", rows=len(curves.validation.likely))

    # ── Threshold ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _label_chosen(self) -> None:
        self._threshold_of_label()
        self._draw()

    def _threshold_of_label(self) -> None:
        thresholds = self._report.run.thresholds if self._report is not None else {}
        own = thresholds.get(self.label.currentData() or "", 0.5)
        self.threshold.setValue(round(own * STEPS))

    def chosen_threshold(self) -> float:
        """Where the slider is."""
        return self.threshold.value() / STEPS

    def costs(self) -> tuple[float, float]:
        """Of a false positive and a false negative; a field without a number counts 1."""
        return _read_cost(self.false_positive_cost), _read_cost(self.false_negative_cost)

    def _both(self) -> list[tuple[str, Ranked]]:
        label = self.label.currentData() or ALL
        if self._curves is None or not label or self._drawing is not None:
            return []
        parts = [("validation", self._curves.known(label, validation=True))]
        parts.append(("scored", self._curves.known(label, validation=False)))
        return [(name, counts) for name, counts in parts if counts is not None]

    def _show_threshold(self) -> None:
        threshold = self.chosen_threshold()
        self._threshold_value.setText(number(threshold, ".3f"))
        false_positive, false_negative = self.costs()
        texts, spots = [], {}
        for name, counts in self._both():
            found = figures_at(
                counts, threshold, false_positive_cost=false_positive, false_negative_cost=false_negative
            )
            texts.append(_of_rows(name, _figures_text(found)))
            spots[name] = self._spot(found, counts)
        self.figures.setText("\n".join(texts))
        self.plot.mark([spots[name] for name in ("scored", "validation") if name in spots])
        self._enable()

    def _spot(self, found: Figures, counts: Ranked) -> tuple[float, float]:
        nowhere = float("nan")
        recall = nowhere if found.recall is None else found.recall
        if self.kind.currentData() == ROC:
            return (found.false_positives / counts.negatives if counts.negatives else nowhere), recall
        return recall, nowhere if found.precision is None else found.precision

    def _move_to_cheapest(self) -> None:
        if both := self._both():
            best = cheapest_threshold(both[0][1], *self.costs())  # by the validation rows, where there are some
            self.threshold.setValue(round(best * STEPS))

    def _use_threshold(self) -> None:
        value = min(max(self.chosen_threshold(), 1 / STEPS), 1 - 1 / STEPS)
        self.chosen.emit(EvaluateSettings(threshold_label=self.label.currentData(), threshold=value))

    def _remove_threshold(self) -> None:
        self.chosen.emit(EvaluateSettings(threshold_label=self.label.currentData(), threshold=0.0))

    # ── "Don't know" ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _rule_kind_chosen(self) -> None:
        self._range_of_level()
        self._set_level(0.8 if self.rule.currentData() == CONFIDENCE else 0.9)
        self._measure_rule()

    def _range_of_level(self) -> None:
        conformal = self.rule.currentData() == CONFORMAL
        self.level.setAccessibleName(
            Sentence("gui.evaluate.promised_coverage") if conformal else Sentence("gui.evaluate.least_confidence")
        )
        self.level.setToolTip(
            Sentence("gui.evaluate.how_often_set_possible_labels")
            if conformal
            else Sentence("gui.evaluate.below_probability_answer_don_t")
        )
        self.level.setRange(STEPS // 2 if conformal else 0, STEPS - 1 if conformal else STEPS)

    def _set_level(self, value: float) -> None:
        self.level.setValue(round(value * STEPS))

    def _level_moved(self) -> None:
        self._level_value.setText(self._level_text())
        self._rule = None
        self._enable()
        self._pause.request()

    def _level_text(self) -> str:
        kind = self.rule.currentData()
        if kind == NEVER:
            return ""
        share = self.level.value() / STEPS
        return (
            Sentence("gui.evaluate.level_promised", share=share)
            if kind == CONFORMAL
            else Sentence("gui.evaluate.level_least", share=share)
        )

    def _measure_rule(self) -> None:
        kind, curves = self.rule.currentData(), self._curves
        self._level_value.setText(self._level_text())
        self.level.setVisible(kind != NEVER)
        self._rule = None
        if curves is None or self.kind.currentData() != COVERAGE:
            return
        level = self.level.value() / STEPS
        if kind == NEVER:
            self.figures.setText(Sentence("gui.evaluate.every_row_answered"))
            self.plot.mark([])
            self._enable()
            return
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
        self._task = run_in_thread(
            self, partial(_measured, curves, kind, level), name="measure a rule", on_result=self._show_outcomes
        )

    def _show_outcomes(self, found: tuple[UnsureRule, dict[str, Outcome], tuple[float, float]] | float) -> None:
        self._task = None
        if isinstance(found, float):
            self.figures.setText(Sentence("gui.evaluate.sets_need_rows", coverage=found, rows=fewest_rows(found)))
            self.plot.mark([])
            self._enable()
            return
        self._rule, outcomes, band = found
        texts = [_of_rows(name, _outcome_text(one)) for name, one in outcomes.items()]
        if self._rule.kind == CONFORMAL:
            cutoffs = Sentence("gui.evaluate.own_cutoffs", labels=len(self._rule.label_cutoffs))
            kept = Sentence("gui.evaluate.promise_kept", low=band[0], high=band[1])
            texts.append(f"{cutoffs} {kept}")
        least = min(one.answered / one.rows for one in outcomes.values())
        if least < FEW_ANSWERED:
            few = Sentence("gui.evaluate.caution_few_answers", percent=100 * (1 - least))
            lower = (
                Sentence("gui.evaluate.promise_lower")
                if self._rule.kind == CONFORMAL
                else Sentence("gui.evaluate.ask_less")
            )
            texts.append(f"{few} {lower}")
        self.figures.setText("\n".join(texts))
        spots = [outcomes[name] for name in ("scored", "validation") if name in outcomes]
        self.plot.mark([(one.answered / one.rows, one.right / max(1, one.answered)) for one in spots])
        self._enable()

    def _use_rule(self) -> None:
        kind, level = self.rule.currentData(), self.level.value() / STEPS
        if kind == CONFORMAL:
            self.chosen.emit(EvaluateSettings(unsure="conformal", coverage=level))
        elif kind == CONFIDENCE:
            self.chosen.emit(EvaluateSettings(unsure="confidence", least_confidence=level))
        else:
            self.chosen.emit(EvaluateSettings(unsure="none"))

    # ── ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _enable(self) -> None:
        ready = self._curves is not None and not self._busy
        run = self._report.run if self._report is not None else None
        for button in (self.use_threshold_button, self.fit_button):
            button.setEnabled(ready)
        self.cheapest_button.setEnabled(self._curves is not None)
        has_threshold = run is not None and (self.label.currentData() or "") in run.thresholds
        self.remove_threshold_button.setEnabled(ready and has_threshold)
        self.no_temperature_button.setEnabled(ready and run is not None and run.temperature != 1)
        before = run.unsure if run is not None else None
        another = self._rule != before if self.rule.currentData() != NEVER else before is not None
        can_be_made = self.rule.currentData() == NEVER or self._rule is not None
        self.use_rule_button.setEnabled(ready and another and can_be_made)


def _opened(report: EvaluationReport, _job: Job) -> EvaluatedCurves:
    return EvaluatedCurves(report)


class Drawn(NamedTuple):
    """Curves with what is written beside them."""

    curves: list[XYCurve]
    names: tuple[str, str]
    diagonal: str = ""
    figures: str = ""
    y_low: float = 0.0


def _drawn(curves: EvaluatedCurves, kind: str, label: str, _job: Job) -> Drawn:
    match kind:
        case "roc":
            return Drawn(
                curves.roc(label),
                (Sentence("gui.evaluate.false_positive_rate"), Sentence("gui.evaluate.true_positive_rate")),
                diagonal=Sentence("gui.evaluate.diagonal_chance"),
            )
        case "coverage":
            drawn = curves.coverage()
            low = min((min(curve.y) for curve in drawn), default=0.0)
            names = (Sentence("gui.evaluate.share_rows_answered"), Sentence("gui.evaluate.accuracy_these"))
            return Drawn(drawn, names, y_low=max(0.0, int(low * 10 - 1) / 10))
        case "reliability":
            drawn, texts = [], []
            for name, found in curves.reliability(label):
                points = tuple(found.probability.tolist()), tuple(found.share_right.tolist())
                title, text = _errors_of(name, found.error)
                drawn.append(XYCurve(title, *points, marks=True))
                texts.append(text)
            figures = Sentence("gui.evaluate.expected_error", parts=texts)
            return Drawn(
                drawn,
                (Sentence("gui.evaluate.mean_probability"), Sentence("gui.evaluate.share_right")),
                diagonal=Sentence("gui.evaluate.diagonal_calibrated"),
                figures=figures,
            )
    return Drawn(curves.precision_recall(label), (Sentence("gui.evaluate.recall"), Sentence("gui.evaluate.precision")))


def _measured(
    curves: EvaluatedCurves, kind: str, level: float, _job: Job
) -> tuple[UnsureRule, dict[str, Outcome], tuple[float, float]] | float:
    """The rule with what it makes of both splits and its band, or the coverage that cannot be promised."""
    rule = UnsureRule("confidence", least_confidence=level) if kind == CONFIDENCE else curves.conformal_rule(level)
    if rule is None:
        return level
    parts = (("validation", curves.outcome(rule, validation=True)), ("scored", curves.outcome(rule, validation=False)))
    outcomes = {name: one for name, one in parts if one is not None and one.rows}
    return rule, outcomes, curves.band(rule) if rule.kind == CONFORMAL else (0.0, 1.0)


def _of_rows(key: str, figures: str) -> str:
    """Figures of the validation rows or of those that are scored."""
    if key == "validation":
        return Sentence("gui.evaluate.validation_figures", figures=figures)
    return Sentence("gui.evaluate.scored_figures", figures=figures)


def _errors_of(key: str, error: float) -> tuple[str, str]:
    """The title of a curve with its calibration error, and the error in a sentence."""
    if key == "validation":
        return (
            Sentence("gui.evaluate.curve_validation_error", error=error),
            Sentence("gui.evaluate.error_validation", error=error),
        )
    return Sentence("gui.evaluate.curve_scored_error", error=error), Sentence("gui.evaluate.error_scored", error=error)


def _figures_text(found: Figures) -> str:
    return Sentence(
        "gui.evaluate.figures",
        precision=found.precision,
        recall=found.recall,
        f1=found.f1,
        right=found.true_positives,
        wrong=found.false_positives,
        missed=found.false_negatives,
        cost=found.cost,
    )


def _outcome_text(one: Outcome) -> str:
    answered = one.answered / one.rows
    accuracy = one.right / one.answered if one.answered else None
    if one.held is None:
        return Sentence("gui.evaluate.answered", answered=answered, accuracy=accuracy)
    held = one.held / one.rows
    return Sentence("gui.evaluate.answered_held", answered=answered, accuracy=accuracy, held=held)


def _read_cost(field: QLineEdit) -> float:
    try:
        return max(0.0, read_float(field.text()))
    except ValueError:
        return 1.0


def _slider(name: str, sentence: str) -> Slider:
    slider = Slider(Qt.Orientation.Horizontal)
    slider.setRange(0, STEPS)
    slider.setPageStep(STEPS // 20)
    slider.setFixedWidth(200)
    slider.setAccessibleName(name)
    slider.setToolTip(sentence)
    return slider


def _number(name: str, text: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setToolTip(Sentence("gui.evaluate.in_unit_of_your_own", name=name))
    field.setFixedWidth(56)
    field.setMaxLength(12)
    return field


def _row(*parts: QWidget) -> QWidget:
    row = QWidget()
    line = FlowRow(row, gap=INSIDE, line_gap=HALF)
    for part in parts:
        line.addWidget(part)
    return row
