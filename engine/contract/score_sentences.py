"""Scores as a person reads them, with how far they can be trusted: in the window, on the terminal, in the model card.

Digits follow the interval's width, of which two are shown, and are the same for the score, its interval and what is
beside it: 0.822 (0.816–0.845), 0.74 (0.65–0.82).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Literal, NamedTuple

from engine.contract.calibration import DO_NOT_KNOW, has_own_rows
from engine.contract.metrics import metric
from engine.contract.queries import FilePredicted, FileScores, RunDifference
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import FEWEST_DIFFERING, EvaluationReport, PairedTest, ScoreDifference, TrainingRun

USUAL_DIGITS = 3  # decimals of a score without an interval
MOST_DIGITS = 6

# How much of what the best of independent evaluations flatters is left where they share rows and most of their answers:
# 0.2 to 0.3 in real runs whose score rises to the end, where few evaluations come into question, 0.4 to 0.7 in those
# that have reached their level, 0.84 for those of a search in a simulation (tests/benchmarks/selection.py).
_DIFFERENT = (0.2, 0.85)

Tone = Literal["good", "caution", "quiet"]
Interval = tuple[float, float]


class Verdict(NamedTuple):
    """Whether the model has earned its size, as far as its rows can show; empty where they show nothing."""

    sentence: str
    tone: Tone


def number_text(value: float | None, interval: Interval | None = None, *, score: str = "") -> Sentence:
    """The score with as many decimals as its interval deserves; three, or four digits of an error, without one."""
    if value is None:
        return Sentence("contract.scores.not_measurable")
    if interval is None or interval[1] <= interval[0]:
        if metric(score).is_error:
            whole = abs(value) >= 10_000
            return _number(value, 0) if whole else Sentence("contract.scores.four_figures", value=value)
        return _number(value, USUAL_DIGITS)
    return _number(value, _digits(interval, score))


def interval_text(
    value: float | None, interval: Interval | None, *, score: str = "", is_short: bool = False
) -> Sentence:
    """ "0.816 to 0.845", "0.816–0.845" where it is short, or "at least 0.83" where all rows are right.

    Empty where there is no interval.
    """
    if value is None or interval is None:
        return NOTHING
    digits, kind = _digits(interval, score), metric(score)
    low, high = [interval[0], digits], [interval[1], digits]
    if value >= kind.highest <= interval[1]:
        return Sentence("contract.scores.at_least", low=low)
    if value <= kind.lowest >= interval[0] and not kind.is_error:
        return Sentence("contract.scores.at_most", high=high)
    return Sentence("contract.scores.between_short" if is_short else "contract.scores.between", low=low, high=high)


def class_number_text(value: float, support: int) -> Sentence:
    """The score of one class, with as many decimals as its rows (entities, words) deserve: 0.67 of three, 0.912 of 900.

    Its interval is not computed; a share of so many rows has about this one.
    """
    reach = NormalDist().inv_cdf(0.975) * standard_error(value, "", max(1, support))
    return _number(value, _digits((value - reach, value + reach), ""))


def score_with_interval(value: float | None, interval: Interval | None, *, score: str = "") -> Sentence:
    """ "0.822 (0.816–0.845)"."""
    number = number_text(value, interval, score=score)
    if value is None or interval is None:
        return number
    between = interval_text(value, interval, score=score, is_short=True)
    return Sentence("contract.scores.with_interval", number=number, interval=between)


def rows_text(report: EvaluationReport) -> Sentence:
    """ "200 test rows", "96 cross-validated rows"."""
    rows = report.rows
    match report.settings.split:
        case "train":
            return Sentence("contract.scores.rows_train", rows=rows)
        case "validation":
            return Sentence("contract.scores.rows_validation", rows=rows)
        case "test":
            return Sentence("contract.scores.rows_test", rows=rows)
        case "cross_validation":
            return Sentence("contract.scores.rows_cross_validation", rows=rows)


def headline_text(report: EvaluationReport) -> Sentence:
    """ "macro F1 0.822 (0.796–0.848)"."""
    key = report.headline
    score = score_with_interval(report.scores.get(key), report.intervals.get(key), score=key)
    return Sentence("contract.scores.headline", key=key, score=score)


def score_on_split(key: str, score: float | None, split: str, interval: Interval | None = None) -> Sentence:
    """ "test 0.822 (0.796–0.848) · macro F1": the split first, so that a narrow column cuts the name off."""
    number = score_with_interval(score, interval, score=key)
    match split:
        case "train":
            return Sentence("contract.scores.on_train", score=number, key=key)
        case "validation":
            return Sentence("contract.scores.on_validation", score=number, key=key)
        case "test":
            return Sentence("contract.scores.on_test", score=number, key=key)
        case "cross_validation":
            return Sentence("contract.scores.on_cross_validation", score=number, key=key)
        case _:
            return Sentence("contract.scores.on_split", split=split, score=number, key=key)


def best_on_validation(key: str, score: float, evaluations: int) -> Sentence:
    """ "validation 0.830, best of 12 · macro F1"."""
    number = number_text(score, score=key)
    if evaluations > 1:
        return Sentence("contract.scores.best_of", score=number, evaluations=evaluations, key=key)
    return Sentence("contract.scores.on_validation", score=number, key=key)


def baseline_title(key: str, learned_rows: int) -> Sentence:
    """The name of a baseline, with how many training rows it learned from where these are not all (else 0)."""
    if learned_rows:
        return Sentence("contract.scores.baseline_from_rows", key=key, rows=learned_rows)
    return Sentence("contract.scores.baseline", key=key)


# The model beside its baselines


def verdict(report: EvaluationReport, title: Callable[[str], str]) -> Verdict:
    """How the model compares with the best baseline in the headline; `title` names a baseline by its key."""
    key, score = report.headline, report.scores.get(report.headline)
    measured = {name: scores[key] for name, scores in report.baselines.items() if scores.get(key) is not None}
    if report.settings.split == "train":
        return Verdict("", "quiet")
    if score is None:
        return Verdict(Sentence("contract.scores.cannot_be_measured", key=key), "caution")
    if not measured:
        return Verdict("", "quiet")
    best = max(measured, key=lambda name: measured[name] or 0.0)
    rival = title(best)
    difference = report.differences.get(best)
    if difference is None:
        return Verdict("", "quiet")
    if difference.low > 0:
        sentence = Sentence("contract.scores.better_than", rival=rival, difference=difference_text(difference))
        selection = selection_sentence(report.run) if report.settings.split == "validation" else ""
        return Verdict(f"{sentence} {selection}".strip(), "caution" if selection else "good")
    if difference.high < 0:
        flipped = ScoreDifference(-difference.value, -difference.high, -difference.low)
        worse = Sentence("contract.scores.worse_than", rival=rival, difference=difference_text(flipped))
        return Verdict(worse, "caution")
    digits = _difference_digits(difference, key)
    none = Sentence(
        "contract.scores.no_difference_to",
        rival=rival,
        rows=rows_text(report),
        low=[difference.low, digits],
        high=[difference.high, digits],
    )
    return Verdict(" ".join([none, *_too_few(difference)]), "caution")


def _too_few(difference: ScoreDifference) -> list[Sentence]:
    """That the methods differ in too few rows for any test to distinguish them, where that is so."""
    if difference.differing is None or difference.differing >= FEWEST_DIFFERING:
        return []
    return [Sentence("contract.scores.too_few_differ", differing=difference.differing, fewest=FEWEST_DIFFERING)]


def training_verdict(run: TrainingRun, baselines: Mapping[str, float], title: Callable[[str], str]) -> Verdict:
    """How the best validation score compares with the baselines on the same rows (key to score); empty where better.

    A first look, without intervals: "at least as good" on the same rows is what a model has to pass before anything.
    """
    if run.best_score is None:
        scored = any(run.metric in point.scores for point in run.history)
        sentence = Sentence("contract.scores.cannot_be_measured_validation", key=run.metric)
        return Verdict(sentence, "caution") if scored else Verdict("", "quiet")
    best = max(baselines, key=lambda name: baselines[name], default="")
    if not best or run.best_score > baselines[best]:
        return Verdict("", "quiet")
    reached = number_text(baselines[best], score=run.metric)
    no_better = Sentence("contract.scores.no_better_than", rival=title(best), reached=reached)
    return Verdict(no_better, "caution")


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


def comparison_sentence(report: EvaluationReport, title: Callable[[str], str]) -> Sentence:
    """What the paired tests find for the best baseline, in one sentence; empty where there is none."""
    key = report.headline
    measured = {name: report.baselines[name].get(key) for name in report.tests if name in report.baselines}
    known = {name: score for name, score in measured.items() if score is not None}
    if not known:
        return NOTHING
    best = max(known, key=lambda name: known[name])
    test = report.tests[best]
    p = _p_text(test.adjusted_p)
    if len(report.tests) > 1:
        how = Sentence("contract.scores.exchanged_corrected", p=p, comparisons=len(report.tests))
    else:
        how = Sentence("contract.scores.exchanged", p=p)
    if test.mcnemar_p is None:
        return Sentence("contract.scores.against", rival=title(best), how=how)
    return Sentence(
        "contract.scores.against_mcnemar",
        rival=title(best),
        how=how,
        better=test.better,
        worse=test.worse,
        p=_p_text(test.mcnemar_p),
    )


def _p_text(p: float) -> Sentence:
    if p < 0.001:
        return Sentence("contract.scores.p_below")
    return Sentence("contract.scores.p", p=[p, 3 if p < 0.1 else 2])


def difference_text(difference: ScoreDifference) -> Sentence:
    digits = _difference_digits(difference, "")
    low, high = [difference.low, digits], [difference.high, digits]
    return Sentence("contract.scores.difference", value=[difference.value, digits], low=low, high=high)


# A file with answers


def file_sentence(done: FilePredicted) -> Sentence:
    """1,200 rows, 3 without a text."""
    parts = [Sentence("contract.scores.file_rows", rows=done.rows)]
    parts += [Sentence("contract.scores.file_empty", rows=done.empty)] if done.empty else []
    parts += [Sentence("contract.scores.file_cut", rows=done.cut)] if done.cut else []
    parts += [Sentence("contract.scores.file_unsure", rows=done.unsure, answer=DO_NOT_KNOW)] if done.unsure else []
    return Sentence("contract.scores.file", parts=parts)


def file_score_lines(found: FileScores) -> list[str]:
    """The scores by the labels of a file, and how another model's answers compare with them; a line each."""
    lines: list[str] = []
    if found.unknown_labels:
        lines.append(Sentence("contract.scores.file_not_scored", rows=found.unknown_labels))
    for key, score in found.scores.items():
        interval = found.intervals.get(key)
        line = Sentence("contract.scores.file_score", key=key, score=number_text(score, interval, score=key))
        if interval:
            line = Sentence(
                "contract.scores.file_score_interval", line=line, interval=interval_text(score, interval, score=key)
            )
        if key in found.other_scores:
            other = number_text(found.other_scores[key], interval, score=key)
            line = Sentence("contract.scores.file_score_other", line=line, score=other)
        lines.append(line)
    if found.difference is not None:
        compared = _compared(found.difference, found.rows)
        lines.append(" ".join([compared, *_too_few(found.difference), *_tested(found.test)]))
    if found.disagreeing or found.other_scores:
        lines.append(Sentence("contract.scores.models_disagree", rows=found.disagreeing))
    if found.note:
        lines.append(found.note)
    return lines


def _compared(difference: ScoreDifference, rows: int) -> Sentence:
    if difference.low > 0:
        found = difference_text(difference)
        return Sentence("contract.scores.file_this_better", difference=found, rows=rows)
    if difference.high < 0:
        turned = difference_text(ScoreDifference(-difference.value, -difference.high, -difference.low))
        return Sentence("contract.scores.file_other_better", difference=turned, rows=rows)
    return Sentence("contract.scores.file_no_difference", difference=difference_text(difference), rows=rows)


def _tested(test: PairedTest | None) -> list[Sentence]:
    if test is None:
        return []
    p = Sentence("contract.scores.file_p", p=_p_text(test.adjusted_p))
    if test.mcnemar_p is None:
        return [p]
    return [Sentence("contract.scores.file_right_alone", better=test.better, worse=test.worse), p]


# Runs beside each other


def run_difference_text(found: RunDifference) -> Sentence:
    """ "+0.031 (0.012–0.050), p = 0.004" of the reference, or why it is not known."""
    if found.difference is None:
        return found.reason or Sentence("contract.scores.not_measurable")
    digits = _difference_digits(found.difference, "")
    value, low, high = ([one, digits] for one in (found.difference.value, found.difference.low, found.difference.high))
    difference = Sentence("contract.scores.signed_difference", value=value, low=low, high=high)
    if found.test is None:
        return difference
    return Sentence("contract.scores.run_difference", difference=difference, p=_p_text(found.test.adjusted_p))


# What was chosen by the validation rows


def evaluations_compared(run: TrainingRun) -> int:
    """How many evaluations on the validation rows the run's best one was chosen among."""
    return run.evaluations_compared or sum(point.scores.get(run.metric) is not None for point in run.history)


def calibration_is_apart(run: TrainingRun) -> bool:
    """Whether rows that chose no checkpoint are there to calibrate its answers."""
    return has_own_rows(run.settings, _validation_rows(run))


def _validation_rows(run: TrainingRun) -> int:
    split = run.dataset.splits.get("validation")
    return split.rows if split is not None else 0


def selection_sentence(run: TrainingRun) -> Sentence:
    """How much the best validation score flatters, or an empty sentence where there was no choice."""
    evaluations = evaluations_compared(run)
    rows = _validation_rows(run)
    rows = rows // 2 if calibration_is_apart(run) else rows
    if run.best_score is None or evaluations < 2 or not rows:
        return NOTHING
    low, high = optimism(run.best_score, run.metric, rows, evaluations)
    digits = 2 if high >= 0.0095 else 3
    least, most = round(low, digits), round(high, digits)
    if least in (most, 0):
        return Sentence("contract.scores.chosen_among_up_to", evaluations=evaluations, rows=rows, high=[most, digits])
    return Sentence(
        "contract.scores.chosen_among", evaluations=evaluations, rows=rows, low=[least, digits], high=[most, digits]
    )


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


def _number(value: float, digits: int) -> Sentence:
    return Sentence("contract.scores.number", value=[value, digits])
