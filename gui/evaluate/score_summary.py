"""The headline score: large, with its interval, next to the baselines on the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.contract.formatting import count, duration, split_name
from engine.contract.metrics import score_name
from engine.contract.states import EvaluationReport, PreparedDataset
from engine.tasks.registry import task_facts
from gui.components.fact_grid import FactGrid
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, Role
from gui.design.theme import INSIDE, SPACE
from gui.evaluate.score_bars import ScoreBar, ScoreBars

HEADLINE = "font-size: 34px; font-weight: 600;"
NOT_MEASURABLE = "not measurable"


class ScoreSummary(QWidget):
    """Shows the headline, the baselines, the other scores and the notes of a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = PlainLabel(role="quiet", wrap=True)
        self.value = PlainLabel(selectable=True)
        self.value.setStyleSheet(HEADLINE)
        self.interval = PlainLabel(role="quiet", wrap=True)
        self.bars = ScoreBars("The score and its baselines")
        self.verdict = PlainLabel(wrap=True)
        self.facts = FactGrid(column_width=120, most_columns=3)
        self.notes = PlainLabel(role="quiet", wrap=True)
        headline = QHBoxLayout()
        headline.setSpacing(INSIDE)
        headline.addWidget(self.value)
        headline.addWidget(self.interval, 1, Qt.AlignmentFlag.AlignVCenter)
        column = vertical(self, self.title, headline, self.bars, self.verdict, gap=SPACE)
        column.addSpacing(SPACE)
        column.addWidget(self.facts)
        column.addWidget(self.notes)
        column.addStretch(1)

    def show_report(self, report: EvaluationReport) -> None:
        """Shows this report."""
        score = report.scores.get(report.headline)
        name = score_name(report.headline)
        self.title.setText(f"{name} on {rows_of(report)}, scored in {time_of(report)}")
        self.value.setText(shown(score))
        self.value.setStyleSheet(HEADLINE if score is not None else "font-size: 22px; font-weight: 600;")
        interval = report.intervals.get(report.headline)
        self.interval.setText(f"95 % interval\n{interval[0]:.3f} to {interval[1]:.3f}" if interval is not None else "")
        self.bars.show_bars(bars_of(report))
        sentence, role = verdict(report)
        self.verdict.set_role(role)
        self.verdict.setText(sentence)
        self.verdict.setVisible(bool(sentence))
        self.facts.show_facts(facts_of(report))
        self.notes.setText("\n".join(f"• {note}" for note in report.notes))
        self.notes.setVisible(bool(report.notes))


def rows_of(report: EvaluationReport) -> str:
    """200 test rows."""
    return count(report.rows, f"{split_name(report.settings.split).lower()} row")


def shown(score: float | None) -> str:
    """A score with three decimals, or that it cannot be measured."""
    return NOT_MEASURABLE if score is None else f"{score:.3f}"


def method_name(key: str, dataset: PreparedDataset) -> str:
    """What a baseline is called for these rows."""
    return task_facts(dataset.task).baseline_title(key, dataset.label_names)


def bars_of(report: EvaluationReport) -> list[ScoreBar]:
    """The model first, then the baselines, the best first."""
    score = report.scores.get(report.headline)
    own = ScoreBar("this model", score, shown(score), interval=report.intervals.get(report.headline), emphasized=True)
    others = [
        ScoreBar(method_name(key, report.run.dataset), scores.get(report.headline), shown(scores.get(report.headline)))
        for key, scores in report.baselines.items()
    ]
    others.sort(key=lambda bar: -1.0 if bar.value is None else -1.0 - bar.value)
    return [own, *others]


def verdict(report: EvaluationReport) -> tuple[str, Role]:
    """Whether the model beats the best baseline, as far as these rows can show."""
    score, interval = report.scores.get(report.headline), report.intervals.get(report.headline)
    measured = [
        (scores[report.headline] or 0.0, key)
        for key, scores in report.baselines.items()
        if scores.get(report.headline) is not None
    ]
    if score is None or not measured:
        return "", "quiet"
    best, key = max(measured)
    rival = f"{method_name(key, report.run.dataset)} ({best:.3f})"
    if score < best and (interval is None or interval[1] < best):
        return f"Worse than {rival} by {best - score:.3f}.", "caution"
    if f"{score:.3f}" == f"{best:.3f}":
        return f"Equal to {rival}.", "caution"
    if score < best:
        return (
            f"{best - score:.3f} below {rival}, which lies within the interval: more rows would show which is better.",
            "caution",
        )
    better = f"Better than {rival} by {score - best:.3f}"
    if interval is None:
        return f"{better}.", "quiet"
    if interval[0] > best:
        return f"{better}: the whole interval lies above it.", "good"
    return f"{better}, but the interval reaches below it: more rows would show whether that holds.", "caution"


def facts_of(report: EvaluationReport) -> Sequence[tuple[str, str]]:
    """The other scores, each with its interval, as pairs of name and value."""
    facts = []
    for key, value in report.scores.items():
        if key != report.headline:
            interval = report.intervals.get(key)
            spread = f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval is not None and value is not None else ""
            facts.append((score_name(key), shown(value) + spread))
    return facts


def time_of(report: EvaluationReport) -> str:
    """How long the scoring took."""
    return "under 1 s" if report.seconds < 1 else duration(report.seconds)
