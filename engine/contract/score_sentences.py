"""Scores as a person reads them, with how far they can be trusted: in the window, on the terminal, in the model card.

Digits follow the interval's width, of which two are shown, and are the same for the score, its interval and what stands
beside it: 0.822 (0.816–0.845), 0.74 (0.65–0.82).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Literal, NamedTuple

from engine.contract.calibration import DO_NOT_KNOW
from engine.contract.formatting import count, split_name
from engine.contract.metrics import metric, score_title
from engine.contract.queries import FilePredicted, FileScores, RunDifference
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import EvaluationReport, PairedTest, ScoreDifference, TrainingRun

USUAL_DIGITS = 3  # decimals of a score without an interval
MOST_DIGITS = 6

# How much of what the best of independent evaluations flatters is left where they share rows and most of their answers:
# 0.2 to 0.3 in real runs whose score rises to the end, where few evaluations come into question, 0.4 to 0.7 in those
# that have reached their level, 0.84 for those of a search in a simulation (tests/benchmarks/selection.py).
_DIFFERENT = (0.2, 0.85)

_UNMEASURABLE = "every answer is the same, or no row holds what it is about"

Tone = Literal["good", "caution", "quiet"]
Interval = tuple[float, float]


class Verdict(NamedTuple):
    """Whether the model has earned its size, as far as its rows can tell; empty where nothing can be said."""

    sentence: str
    tone: Tone


def number_text(value: float | None, interval: Interval | None = None, *, score: str = "") -> str:
    """The score with as many decimals as its interval deserves; three, or four digits of an error, without one."""
    if value is None:
        return "not measurable"
    if interval is None or interval[1] <= interval[0]:
        if metric(score).is_error:
            return (f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}").replace("-", "−")
        return _signed(value, USUAL_DIGITS)
    return _signed(value, _digits(interval, score))


def interval_text(value: float | None, interval: Interval | None, *, score: str = "", between: str = " to ") -> str:
    """ "0.816 to 0.845", or "at least 0.83" where all rows are right; empty where there is no interval."""
    if value is None or interval is None:
        return ""
    digits, kind = _digits(interval, score), metric(score)
    if value >= kind.highest <= interval[1]:
        return f"at least {_signed(interval[0], digits)}"
    if value <= kind.lowest >= interval[0] and not kind.is_error:
        return f"at most {_signed(interval[1], digits)}"
    return between.join(_signed(end, digits) for end in interval)


def class_number_text(value: float, support: int) -> str:
    """The score of one class, with as many decimals as its rows (entities, words) deserve: 0.67 of three, 0.912 of 900.

    Its interval is not computed; a share of so many rows has about this one.
    """
    reach = NormalDist().inv_cdf(0.975) * standard_error(value, "", max(1, support))
    return _signed(value, _digits((value - reach, value + reach), ""))


def score_with_interval(value: float | None, interval: Interval | None, *, score: str = "") -> str:
    """ "0.822 (0.816–0.845)"."""
    text = number_text(value, interval, score=score)
    if value is None or interval is None:
        return text
    return f"{text} ({interval_text(value, interval, score=score, between='–')})"


def rows_text(report: EvaluationReport) -> str:
    """ "200 test rows", "96 cross-validated rows"."""
    return count(report.rows, f"{split_name(report.settings.split).lower()} row")


def headline_text(report: EvaluationReport) -> str:
    """ "macro F1 0.822 (0.796–0.848)"."""
    key = report.headline
    score = score_with_interval(report.scores.get(key), report.intervals.get(key), score=key)
    return f"{metric(key).name} {score}"


def score_on_split(key: str, score: float | None, split: str, interval: Interval | None = None) -> str:
    """ "test 0.822 (0.796–0.848) · macro F1": the split first, so that a narrow column cuts the name off."""
    return f"{split_name(split).lower()} {score_with_interval(score, interval, score=key)} · {metric(key).name}"


def best_on_validation(key: str, score: float, evaluations: int) -> str:
    """ "validation 0.830, best of 12 · macro F1"."""
    among = f", best of {evaluations:,}" if evaluations > 1 else ""
    return f"{split_name('validation').lower()} {number_text(score, score=key)}{among} · {metric(key).name}"


# The model beside its baselines


def verdict(report: EvaluationReport, title: Callable[[str], str]) -> Verdict:
    """How the model compares with the best baseline in the headline; `title` names a baseline by its key."""
    key, score = report.headline, report.scores.get(report.headline)
    measured = {name: scores[key] for name, scores in report.baselines.items() if scores.get(key) is not None}
    if report.settings.split == "train":
        return Verdict("", "quiet")
    if score is None:
        return Verdict(f"The {metric(key).name} of this model cannot be measured: {_UNMEASURABLE}.", "caution")
    if not measured:
        return Verdict("", "quiet")
    best = max(measured, key=lambda name: measured[name] or 0.0)
    rival = title(best)
    difference = report.differences.get(best)
    if difference is None:
        return Verdict("", "quiet")
    if difference.low > 0:
        sentence = f"Better than {rival} by {difference_text(difference)}."
        selection = selection_sentence(report.run) if report.settings.split == "validation" else ""
        return Verdict(f"{sentence} {selection}".strip(), "caution" if selection else "good")
    if difference.high < 0:
        flipped = ScoreDifference(-difference.value, -difference.high, -difference.low)
        return Verdict(f"Worse than {rival} by {difference_text(flipped)}.", "caution")
    digits = _difference_digits(difference, key)
    low, high = (f"{'+' if end > 0 else ''}{_signed(end, digits)}" for end in (difference.low, difference.high))
    rows = rows_text(report)
    return Verdict(f"No difference to {rival} can be shown on {rows} ({low} to {high}).", "caution")


def training_verdict(run: TrainingRun, baselines: Mapping[str, float], title: Callable[[str], str]) -> Verdict:
    """How the best validation score compares with the baselines on the same rows (key to score); empty where better.

    A first look, without intervals: "at least as good" on the same rows is what a model has to pass before anything.
    """
    if run.best_score is None:
        scored = any(run.metric in point.scores for point in run.history)
        sentence = f"The {metric(run.metric).name} on the validation rows cannot be measured: {_UNMEASURABLE}."
        return Verdict(sentence, "caution") if scored else Verdict("", "quiet")
    best = max(baselines, key=lambda name: baselines[name], default="")
    if not best or run.best_score > baselines[best]:
        return Verdict("", "quiet")
    reached = number_text(baselines[best], score=run.metric)
    return Verdict(f"No better than {title(best)}: {reached} on the same rows.", "caution")


def shows_no_gain(report: EvaluationReport) -> bool:
    """Whether the report cannot show that the model is better than its best baseline, measured or not."""
    key = report.headline
    if report.settings.split == "train":
        return False
    if report.scores.get(key) is None:
        return True
    measured = {name: scores[key] for name, scores in report.baselines.items() if scores.get(key) is not None}
    best = max(measured, key=lambda name: measured[name] or 0.0, default="")
    difference = report.differences.get(best)
    return difference is not None and difference.low <= 0


def _difference_digits(difference: ScoreDifference, score: str) -> int:
    """Those of its width, and one or two more where an end beside zero would be read as zero."""
    ends = difference.low, difference.high
    digits = _digits(ends, score)
    seen = (more for more in (digits, digits + 1) if all(round(end, more) for end in ends if end))
    return min(MOST_DIGITS, next(seen, digits + 2))


def comparison_sentence(report: EvaluationReport, title: Callable[[str], str]) -> str:
    """What the paired tests say of the best baseline, in one sentence; empty where there is none."""
    key = report.headline
    measured = {name: report.baselines[name].get(key) for name in report.tests if name in report.baselines}
    known = {name: score for name, score in measured.items() if score is not None}
    if not known:
        return ""
    best = max(known, key=lambda name: known[name])
    test = report.tests[best]
    among = f", corrected for {len(report.tests)} comparisons" if len(report.tests) > 1 else ""
    p = f"p {_p_text(test.adjusted_p)} (answers exchanged at random{among})"
    sentence = f"Against {title(best)} on the same rows: {p}"
    if test.mcnemar_p is None:
        return f"{sentence}."
    return (
        f"{sentence}; {test.better:,} rows are right here alone and {test.worse:,} there alone "
        f"(McNemar, p {_p_text(test.mcnemar_p)})."
    )


def _p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def difference_text(difference: ScoreDifference) -> str:
    digits = _difference_digits(difference, "")
    return f"{_signed(difference.value, digits)} ({_signed(difference.low, digits)}–{_signed(difference.high, digits)})"


# A file with answers


def file_sentence(done: FilePredicted) -> str:
    """1,200 rows, 3 without a text."""
    parts = [count(done.rows, "row")]
    parts += [f"{done.empty:,} without a text"] if done.empty else []
    parts += [f"{done.cut:,} cut at what the encoder reads"] if done.cut else []
    parts += [f"{done.unsure:,} with “{DO_NOT_KNOW}”"] if done.unsure else []
    return ", ".join(parts)


def file_score_lines(found: FileScores) -> list[str]:
    """The scores by the labels of a file, and how another model's answers compare with them; a line each."""
    lines = []
    if found.unknown_labels:
        lines.append(f"{count(found.unknown_labels, 'row')} not scored: the label is empty or none of the model's.")
    for key, score in found.scores.items():
        interval = found.intervals.get(key)
        line = f"{score_title(key)} {number_text(score, interval, score=key)}"
        if interval:
            line += f", 95 % interval {interval_text(score, interval, score=key)}"
        if key in found.other_scores:
            line += f"; other model {number_text(found.other_scores[key], interval, score=key)}"
        lines.append(line)
    if found.difference is not None:
        lines.append(f"{_compared(found.difference)} on the same {count(found.rows, 'row')}.{_tested(found.test)}")
    if found.disagreeing or found.other_scores:
        lines.append(f"The models disagree on {count(found.disagreeing, 'row')}.")
    return lines


def _compared(difference: ScoreDifference) -> str:
    if difference.low > 0:
        return f"This model is better by {difference_text(difference)}"
    if difference.high < 0:
        turned = ScoreDifference(-difference.value, -difference.high, -difference.low)
        return f"The other model is better by {difference_text(turned)}"
    return f"No difference can be shown, {difference_text(difference)},"


def _tested(test: PairedTest | None) -> str:
    if test is None:
        return ""
    rows = "" if test.mcnemar_p is None else f" {test.better:,} rows are right here alone, {test.worse:,} there alone."
    return f"{rows} p {_p_text(test.adjusted_p)}."


# Runs beside each other


def run_difference_text(found: RunDifference) -> str:
    """ "+0.031 (0.012–0.050), p = 0.004" of the reference, or why it is not known."""
    if found.difference is None:
        return str(found.reason) or "not measurable"
    sign = "+" if found.difference.value > 0 else ""
    p = "" if found.test is None else f", p {_p_text(found.test.adjusted_p)}"
    return f"{sign}{difference_text(found.difference)}{p}"


# What was chosen by the validation rows


def evaluations_compared(run: TrainingRun) -> int:
    """How many evaluations on the validation rows the run's best one was chosen among."""
    return run.evaluations_compared or sum(point.scores.get(run.metric) is not None for point in run.history)


def selection_sentence(run: TrainingRun) -> Sentence:
    """How much the best validation score flatters, or an empty sentence where there was no choice."""
    evaluations = evaluations_compared(run)
    split = run.dataset.splits.get("validation")
    rows = split.rows if split is not None else 0
    if run.best_score is None or evaluations < 2 or not rows:
        return NOTHING
    low, high = optimism(run.best_score, run.metric, rows, evaluations)
    digits = 2 if high >= 0.0095 else 3
    least, most = f"{low:.{digits}f}", f"{high:.{digits}f}"
    if least in (most, f"{0:.{digits}f}"):
        return Sentence("contract.scores.chosen_among_up_to", evaluations=evaluations, rows=rows, high=most)
    return Sentence("contract.scores.chosen_among", evaluations=evaluations, rows=rows, low=least, high=most)


def optimism(score: float, key: str, rows: int, evaluations: int) -> Interval:
    """From how much to how much less to expect on new rows than the best of some evaluations on these.

    The best of k equally good evaluations is above their mean by the largest of k normal deviates (Blom 1958) times the
    standard error, of which the part counts in which evaluations of the same rows differ. The error is that of the
    score that is to be expected: near the upper end the best one's own is much smaller.
    """
    largest = NormalDist().inv_cdf((evaluations - 0.375) / (evaluations + 0.25))
    low, high = (part * largest for part in _DIFFERENT)
    expected = score - (low + high) / 2 * standard_error(score, key, rows)
    error = standard_error(expected, key, rows)
    return low * error, high * error


def standard_error(score: float, key: str, rows: int) -> float:
    if metric(key).is_correlation:
        return max(1 - score**2, 1 / rows) / math.sqrt(rows)
    share = min(max(score, 1 / (rows + 2)), 1 - 1 / (rows + 2))
    return math.sqrt(share * (1 - share) / rows)


def _digits(interval: Interval, score: str) -> int:
    width = interval[1] - interval[0]
    if width <= 0 or not math.isfinite(width):
        return USUAL_DIGITS
    return min(MOST_DIGITS, max(0 if metric(score).is_error else 2, 1 - math.floor(math.log10(width))))


def _signed(value: float, digits: int) -> str:
    """With the sign of mathematics, and no minus before zero."""
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")
