"""The Why tab of Evaluate: held-out rows, baselines, the score and its interval, with the user's own numbers."""

from __future__ import annotations

from engine.contract.formatting import count
from engine.contract.metrics import METRICS, score_name, score_title
from engine.contract.score_sentences import class_number_text, interval_text, number_text, selection_sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.tasks.registry import task_facts
from gui.evaluate.score_summary import method_name


def why_evaluation(run: TrainingRun | None, report: EvaluationReport | None) -> str:
    """Why rows that training has not seen are scored, and what the numbers say; paragraphs of plain text."""
    if run is None:
        return (
            "How good a model is shows only on rows it has not seen. So evaluation needs a fine-tuned network and the "
            "rows that were held out from its training."
        )
    paragraphs = [_held_out(run), _score(run.metric, report), _baselines(run, report)]
    if report is not None:
        paragraphs += [_interval(report), _mix_ups(report)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _held_out(run: TrainingRun) -> str:
    dataset = run.dataset
    train, validation, test = (
        dataset.splits[name].rows if name in dataset.splits else 0 for name in ("train", "validation", "test")
    )
    between = "the best checkpoint was chosen by them, so their score is too high"
    if run.settings.kept_checkpoint == "last":
        between = "nothing was learned from them, and the last checkpoint was kept whatever their score"
    return (
        f"The network was trained on the {count(train, 'training row')} and may have memorized them. Its predictions "
        f"on the {count(test, 'test row')}, which it has never seen, show how it will do on new texts. The "
        f"{count(validation, 'validation row')} are in between: {between}. {selection_sentence(run)}".strip()
    )


def _score(key: str, report: EvaluationReport | None) -> str:
    key = report.headline if report is not None else key
    metric = METRICS.get(key)
    if metric is None or not metric.meaning:
        return ""
    text = f"{score_title(key)} {metric.meaning}"
    if report is not None:
        text += _numbers(report, *metric.with_scores) + (_weakest(report) if metric.over_classes else "")
    return text


def _numbers(report: EvaluationReport, *keys: str) -> str:
    known = [(score_name(key), report.scores.get(key)) for key in keys]
    known_text = " and ".join(f"{name} {value:.3f}" for name, value in known if value is not None)
    return f" Here: {known_text}." if known_text else ""


def _weakest(report: EvaluationReport) -> str:
    measured = [(scores.f1, scores.label, scores.support) for scores in report.classes if scores.f1 is not None]
    if len(measured) < 2:
        return ""
    f1, label, support = min(measured)
    return f" Here the weakest is “{label[:60]}” with {class_number_text(f1, support)} on {count(support, 'row')}."


def _baselines(run: TrainingRun, report: EvaluationReport | None) -> str:
    baselines = task_facts(run.dataset.task).baselines_clause(run.dataset.label_names)
    text = f"{baselines} takes seconds and needs no network. What it reaches on the same rows is the score to beat."
    if report is None:
        return text
    interval = report.intervals.get(report.headline)
    reached = [
        f"{method_name(key, run.dataset)} {number_text(scores[report.headline], interval, score=report.headline)}"
        for key, scores in report.baselines.items()
        if scores.get(report.headline) is not None
    ]
    return f"{text} Here: {', '.join(reached)}." if reached else text


def _interval(report: EvaluationReport) -> str:
    interval, score = report.intervals.get(report.headline), report.scores.get(report.headline)
    if interval is None or score is None:
        return ""
    key = report.headline
    return (
        f"{score_name(key)} {number_text(score, interval, score=key)} was measured on {count(report.rows, 'row')}; "
        f"other rows of the same kind would give a different number. Of 100 such intervals about 95 hold the score on "
        f"all rows there are; this one is {interval_text(score, interval, score=key)}. Four times as many rows would "
        f"halve its width. Whether the model is better than a baseline is computed from both on the same rows."
    )


def _mix_ups(report: EvaluationReport) -> str:
    if not report.wrong_rows:
        return ""
    return (
        f"Row {report.wrong_rows[0].row:,} has the largest loss. Rows with a large loss are worth reading: some are "
        f"hard, and some have a wrong label."
    )
