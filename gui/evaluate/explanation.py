"""The Why tab of Evaluate: held-out rows, baselines, the score and its interval, with the user's own numbers."""

from __future__ import annotations

from engine.contract.formatting import count, score_name
from engine.contract.states import EvaluationReport, PreparedDataset, TrainingRun
from engine.tasks.registry import task_facts
from gui.evaluate.score_summary import method_name

_OTHER_SCORES = {
    "spearman": (
        "compares orders: it is 1 where the network puts the rows in the same order as their true scores, and 0 where "
        "its order tells nothing. The mean absolute error says in your own unit how far an answer is off."
    ),
    "micro_f1": (
        "puts all decisions of all labels together: how many of the given labels are right, and how many of the true "
        "ones are given. Frequent labels count most; macro F1 takes all labels as equals."
    ),
}


def why_evaluation(run: TrainingRun | None, report: EvaluationReport | None) -> str:
    """Why rows that training has not seen are scored, and what the numbers say; paragraphs of plain text."""
    if run is None:
        return (
            "How good a model is shows only on rows it has not seen. So evaluation needs a fine-tuned network and the "
            "rows that were held out from its training."
        )
    paragraphs = [_held_out(run.dataset), _score(run.metric, report), _baselines(run, report)]
    if report is not None:
        paragraphs += [_interval(report), _mix_ups(report)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _held_out(dataset: PreparedDataset) -> str:
    train, validation, test = (
        dataset.splits[name].rows if name in dataset.splits else 0 for name in ("train", "validation", "test")
    )
    return (
        f"The network has read the {count(train, 'training row')} again and again and may know them by heart. How it "
        f"answers the {count(test, 'test row')}, which it has never seen, tells how it will answer new texts. The "
        f"{count(validation, 'validation row')} lie between: the best moment of training was chosen by them, so they "
        f"flatter a little."
    )


def _score(metric: str, report: EvaluationReport | None) -> str:
    run_metric = report.headline if report is not None else metric
    name = score_name(run_metric)
    if run_metric.startswith("entity"):
        text = (
            f"{name} counts whole entities: one is right only when its first word, its last word and its type are all "
            f"right. Precision asks how many of the found entities are right, recall how many of the true ones are "
            f"found; F1 is high only when both are."
        )
        if report is not None:
            text += _numbers(report, "entity_precision", "entity_recall")
        return text
    if run_metric in _OTHER_SCORES:
        return f"{name} {_OTHER_SCORES[run_metric]}"
    text = (
        f"Accuracy is the share of right answers; where one class is frequent, answering always that class looks good. "
        f"{name} takes the F1 of every class and averages them as equals, so that rare classes count as much as "
        f"frequent ones."
    )
    return text + _weakest(report) if report is not None else text


def _numbers(report: EvaluationReport, *keys: str) -> str:
    known = [(score_name(key), report.scores.get(key)) for key in keys]
    told = " and ".join(f"{name} {value:.3f}" for name, value in known if value is not None)
    return f" Here: {told}." if told else ""


def _weakest(report: EvaluationReport) -> str:
    measured = [(scores.f1, scores.label, scores.support) for scores in report.classes if scores.f1 is not None]
    if len(measured) < 2:
        return ""
    f1, label, support = min(measured)
    return f" Here the weakest is “{label[:60]}” with {f1:.3f} on {count(support, 'row')}."


def _baselines(run: TrainingRun, report: EvaluationReport | None) -> str:
    told = task_facts(run.dataset.task).baselines_clause(run.dataset.label_names)
    text = f"{told} takes seconds and no network. What such a method reaches on the same rows is the mark to pass."
    if report is None:
        return text
    reached = [
        f"{method_name(key, run.dataset)} {scores[report.headline]:.3f}"
        for key, scores in report.baselines.items()
        if scores.get(report.headline) is not None
    ]
    return f"{text} Here: {', '.join(reached)}." if reached else text


def _interval(report: EvaluationReport) -> str:
    interval, score = report.intervals.get(report.headline), report.scores.get(report.headline)
    if interval is None or score is None:
        return ""
    return (
        f"{score_name(report.headline)} {score:.3f} was measured on {count(report.rows, 'row')}; other rows of the "
        f"same kind would give a slightly other number. Drawing the rows anew 1,000 times gives values from "
        f"{interval[0]:.3f} to {interval[1]:.3f} in 95 % of the draws. Four times as many rows would halve that width."
    )


def _mix_ups(report: EvaluationReport) -> str:
    if not report.wrong_rows:
        return ""
    return (
        f"Row {report.wrong_rows[0].row:,} is the one the network is most wrong about. The rows with the largest loss "
        f"are worth reading: some are hard, and some carry a wrong label."
    )
