"""The Why tab of Evaluate: held-out rows, baselines, the score and its interval, with the user's own numbers."""

from __future__ import annotations

from engine.contract.formatting import number
from engine.contract.metrics import METRICS, score_meaning, score_name
from engine.contract.score_sentences import class_number_text, interval_text, number_text, selection_sentence
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.tasks.registry import task_facts
from gui.evaluate.score_summary import method_name


def why_evaluation(run: TrainingRun | None, report: EvaluationReport | None) -> str:
    """Why rows that training has not seen are scored, and what the numbers mean; paragraphs of plain text."""
    if run is None:
        return Sentence("gui.why.evaluation.before")
    paragraphs = [_held_out(run), _score(run.metric, report), _baselines(run, report)]
    if report is not None:
        paragraphs += [_interval(report), _mix_ups(report)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _held_out(run: TrainingRun) -> str:
    dataset = run.dataset
    train, validation, test = (
        dataset.splits[name].rows if name in dataset.splits else 0 for name in ("train", "validation", "test")
    )
    if dataset.all_train:
        return Sentence("gui.why.evaluation.nothing_held_out", train=train)
    between = (
        Sentence("gui.why.evaluation.last_kept")
        if run.settings.kept_checkpoint == "last"
        else Sentence("gui.why.evaluation.best_kept")
    )
    held_out = Sentence("gui.why.evaluation.held_out", train=train, test=test, validation=validation, between=between)
    return f"{held_out} {selection_sentence(run)}".strip()


def _score(key: str, report: EvaluationReport | None) -> str:
    key = report.headline if report is not None else key
    metric = METRICS.get(key)
    if metric is None or not metric.meaning:
        return ""
    text = score_meaning(key)
    if report is not None:
        text += _numbers(report, *metric.with_scores) + (_weakest(report) if metric.over_classes else "")
    return text


def _numbers(report: EvaluationReport, *keys: str) -> str:
    known = [(score_name(key), report.scores.get(key)) for key in keys]
    written = [f"{name} {number(value, '.3f')}" for name, value in known if value is not None]
    return f" {Sentence('gui.why.evaluation.here', values=written)}" if written else ""


def _weakest(report: EvaluationReport) -> str:
    measured = [(scores.f1, scores.label, scores.support) for scores in report.classes if scores.f1 is not None]
    if len(measured) < 2:
        return ""
    f1, label, support = min(measured)
    weakest = Sentence(
        "gui.why.evaluation.weakest", label=label[:60], score=class_number_text(f1, support), rows=support
    )
    return f" {weakest}"


def _baselines(run: TrainingRun, report: EvaluationReport | None) -> str:
    clause = task_facts(run.dataset.task).baselines_clause(run.dataset.label_names)
    text = Sentence("gui.why.evaluation.baselines", clause=clause)
    if report is None:
        return text
    interval = report.intervals.get(report.headline)
    reached = [
        f"{method_name(key, run.dataset)} {number_text(scores[report.headline], interval, score=report.headline)}"
        for key, scores in report.baselines.items()
        if scores.get(report.headline) is not None
    ]
    return f"{text} {Sentence('gui.why.evaluation.here', values=reached)}" if reached else text


def _interval(report: EvaluationReport) -> str:
    interval, score = report.intervals.get(report.headline), report.scores.get(report.headline)
    if interval is None or score is None:
        return ""
    key = report.headline
    return Sentence(
        "gui.why.evaluation.interval",
        name=score_name(key),
        score=number_text(score, interval, score=key),
        rows=report.rows,
        interval=interval_text(score, interval, score=key),
    )


def _mix_ups(report: EvaluationReport) -> str:
    if not report.wrong_rows:
        return ""
    return Sentence("gui.why.evaluation.loss", row=report.wrong_rows[0].row)
