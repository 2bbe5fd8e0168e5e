"""A choice by cross-validation as a person reads it: on the terminal, in the window, in recipe and model card."""

from __future__ import annotations

from engine.contract.score_sentences import score_with_interval
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import Candidate, Choice


def heads() -> tuple[str, str, str, str]:
    """The columns of the table."""
    return (
        Sentence("contract.choice.candidate"),
        Sentence("contract.choice.score"),
        Sentence("contract.choice.training"),
        Sentence("contract.choice.state"),
    )


def heading(choice: Choice) -> Sentence:
    """ "Cross-validation on 86 training rows, 5 folds × 2: macro F1"."""
    rows, folds, repeats, key = choice.rows, choice.folds, choice.repeats, choice.metric
    if repeats > 1:
        return Sentence("contract.choice.heading_repeats", rows=rows, folds=folds, repeats=repeats, key=key)
    return Sentence("contract.choice.heading", rows=rows, folds=folds, key=key)


def cells(choice: Choice, place: int) -> tuple[str, str, str, str]:
    """Name, score with its interval, time of training, and what became of the candidate at this place."""
    candidate: Candidate = choice.candidates[place]
    score = NOTHING
    if candidate.score is not None:
        score = score_with_interval(candidate.score, candidate.interval, score=choice.metric)
    seconds = NOTHING if candidate.seconds is None else Sentence("contract.choice.about", seconds=candidate.seconds)
    states = (Sentence("contract.choice.taken") if place == choice.taken else NOTHING, candidate.not_compared)
    return candidate.name, score, seconds, ": ".join(part for part in states if part)


def outcome(choice: Choice) -> str:
    """Why what was taken was taken, and what it is worth on new rows; empty while candidates are compared."""
    if choice.taken < 0:
        return ""
    if choice.score is None:
        return Sentence("contract.choice.no_score", reason=choice.reason)
    score = score_with_interval(choice.score, choice.interval, score=choice.metric)
    return Sentence("contract.choice.corrected", reason=choice.reason, candidates=len(choice.candidates), score=score)


def lines(choice: Choice) -> list[str]:
    """The whole choice, one line for each candidate."""
    rows = [cells(choice, place) for place in range(len(choice.candidates))]
    return [heading(choice), *(" · ".join(part for part in row if part) for row in rows), outcome(choice)]
