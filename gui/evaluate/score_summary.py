"""The headline score: large, with its interval, next to the baselines on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.contract.defaults import better_run
from engine.contract.formatting import duration
from engine.contract.metrics import score_name
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import (
    comparison_sentence,
    interval_text,
    number_text,
    rows_text,
    score_with_interval,
    shows_no_gain,
    verdict,
)
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, PreparedDataset
from engine.tasks.registry import task_facts
from gui.components.action_captions import caption_of
from gui.components.fact_grid import FactGrid
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import INSIDE, SPACE
from gui.evaluate.score_bars import ScoreBar, ScoreBars

HEADLINE = "font-size: 34px; font-weight: 600;"


class ScoreSummary(QWidget):
    """Shows the headline, the baselines and the other scores of a report; the page places its `notes`.

    `action_taken` asks for a run that can be better, where this one is not better than its baselines.
    """

    action_taken = Signal(object)  # RecoveryAction

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = PlainLabel(role="quiet", wrap=True)
        self.value = PlainLabel(selectable=True)
        self.value.setStyleSheet(HEADLINE)
        self.interval = PlainLabel(role="quiet", wrap=True)
        self.bars = ScoreBars(Sentence("gui.evaluate.score_baselines"))
        self.verdict = PlainLabel(wrap=True)
        self._action: RecoveryAction = RecoveryAction.NONE
        self.improve = QPushButton()
        self.improve.setToolTip(Sentence("gui.evaluate.starts_new_run_fine_tune"))
        self.improve.clicked.connect(lambda: self.action_taken.emit(self._action))
        self.facts = FactGrid(column_width=120, most_columns=3, wrap=True)
        self.notes = PlainLabel(role="quiet", wrap=True)
        headline = QHBoxLayout()
        headline.setSpacing(INSIDE)
        headline.addWidget(self.value)
        headline.addWidget(self.interval, 1, Qt.AlignmentFlag.AlignVCenter)
        improve = horizontal(None, self.improve, STRETCH, gap=SPACE)
        column = vertical(self, self.title, headline, self.bars, self.verdict, improve, gap=SPACE)
        column.addSpacing(SPACE)
        column.addWidget(self.facts)
        column.addStretch(1)

    def show_report(self, report: EvaluationReport) -> None:
        """Shows this report."""
        key = report.headline
        score, interval = report.scores.get(key), report.intervals.get(key)
        self.title.setText(
            Sentence("gui.evaluate.score_title", metric=key, rows=rows_text(report), time=time_of(report))
        )
        self.value.setText(number_text(score, interval, score=key))
        self.value.setStyleSheet(HEADLINE if score is not None else "font-size: 22px; font-weight: 600;")
        spread = interval_text(score, interval, score=key)
        self.interval.setText(Sentence("gui.evaluate.interval", interval=spread) if spread else "")
        self.bars.show_bars(bars_of(report))
        sentence, role = verdict(report, partial(method_name, dataset=report.run.dataset))
        self.verdict.set_role(role)
        self.verdict.setText(sentence)
        self.verdict.setVisible(bool(sentence))
        refused = task_facts(report.run.dataset.task).refused_settings
        self._action = better_run(report.run, refused) if shows_no_gain(report) else RecoveryAction.NONE
        self.improve.setText(caption_of(self._action))
        self.improve.setVisible(self._action is not RecoveryAction.NONE)
        self.facts.show_facts(facts_of(report))
        tests = comparison_sentence(report, partial(method_name, dataset=report.run.dataset))
        notes = [*([tests] if tests else []), *report.withheld.values(), *report.notes]
        self.notes.setText("\n".join(f"• {note}" for note in notes))
        self.notes.setVisible(bool(notes))


def method_name(key: str, dataset: PreparedDataset) -> str:
    """What a baseline is called for these rows."""
    return task_facts(dataset.task).baseline_title(key, dataset.label_names)


def bars_of(report: EvaluationReport) -> list[ScoreBar]:
    """The model first, then the baselines, the best first; all numbers with the digits of the model's."""
    key = report.headline
    score, interval = report.scores.get(key), report.intervals.get(key)
    text = partial(number_text, interval=interval, score=key)
    spread = interval_text(score, interval, score=key)
    own = ScoreBar(
        Sentence("gui.evaluate.bar_this_model"),
        score,
        text(score),
        interval=interval,
        interval_text=spread,
        emphasized=True,
    )
    others = [
        ScoreBar(method_name(name, report.run.dataset), scores.get(key), text(scores.get(key)))
        for name, scores in report.baselines.items()
    ]
    others.sort(key=lambda bar: -1.0 if bar.value is None else -1.0 - bar.value)
    return [own, *others]


def facts_of(report: EvaluationReport) -> Sequence[tuple[str, str]]:
    """The other scores, each with its interval, as pairs of name and value."""
    return [
        (score_name(key), score_with_interval(value, report.intervals.get(key), score=key))
        for key, value in report.scores.items()
        if key != report.headline
    ]


def time_of(report: EvaluationReport) -> str:
    """How long the scoring took."""
    return Sentence("gui.evaluate.under_a_second") if report.seconds < 1 else duration(report.seconds)
