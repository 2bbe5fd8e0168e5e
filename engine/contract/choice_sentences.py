"""A choice by cross-validation as a person reads it: on the terminal, in the window, in recipe and model card."""

from __future__ import annotations

from engine.contract.formatting import about, count
from engine.contract.metrics import metric
from engine.contract.score_sentences import score_with_interval
from engine.contract.states import Candidate, Choice

HEADS = ("Candidate", "Score", "Training", "State")


def heading(choice: Choice) -> str:
    """ "Cross-validation on 86 training rows, 5 folds × 2: macro F1"."""
    repeats = f" × {choice.repeats}" if choice.repeats > 1 else ""
    where = f"{count(choice.rows, 'training row')}, {count(choice.folds, 'fold')}{repeats}"
    return f"Cross-validation on {where}: {metric(choice.metric).name}"


def cells(choice: Choice, place: int) -> tuple[str, str, str, str]:
    """Name, score with its interval, time of training, and what became of the candidate at this place."""
    candidate: Candidate = choice.candidates[place]
    score = ""
    if candidate.score is not None:
        score = score_with_interval(candidate.score, candidate.interval, score=choice.metric)
    seconds = "" if candidate.seconds is None else f"about {about(candidate.seconds)}"
    states = ("taken" if place == choice.taken else "", candidate.not_compared)
    return candidate.name, score, seconds, ": ".join(part for part in states if part)


def outcome(choice: Choice) -> str:
    """Why what was taken was taken, and what it is worth on new rows; empty while candidates are compared."""
    if choice.taken < 0:
        return ""
    if choice.score is None:
        return f"{choice.reason} It has no score by cross-validation."
    score = score_with_interval(choice.score, choice.interval, score=choice.metric)
    return f"{choice.reason} Corrected for the choice among {len(choice.candidates):,}: {score}."


def lines(choice: Choice) -> list[str]:
    """The whole choice, one line for each candidate."""
    rows = [cells(choice, place) for place in range(len(choice.candidates))]
    return [heading(choice), *(" · ".join(part for part in row if part) for row in rows), outcome(choice)]
