"""Queries about what a run's scores leave open, and their answers: frozen records, kept in the run's evaluation folder.

They are sent through the same queue as the other queries; each reports `Progressed`, and can be withdrawn.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.contract.sentences import NOTHING, Sentence


class RunReference(msgspec.Struct, frozen=True):
    """A run of the workspace, by its id and a hash of its state (workspace/references.py)."""

    id: str
    key: str


# ── Label errors ────────────────────────────────────────────────────────────────────────────────────────────────


class AskLabelErrors(msgspec.Struct, frozen=True, tag="ask_label_errors"):
    """Which rows, of all splits, probably have a wrong label?"""

    run: RunReference


LabelErrorKind = Literal["label", "number", "type", "missing", "boundary", "invented", "tag"]


class NearRow(msgspec.Struct, frozen=True):
    """A training row that reads like another row; `similarity` is the cosine of what the encoder makes of both."""

    number: int  # in its file, from 1
    text: str  # its beginning
    label: tuple[str, ...]  # as the prepared rows have it; where words have tags, one for each word
    similarity: float
    words: tuple[str, ...] = ()  # where words have tags


class SuspectedRow(msgspec.Struct, frozen=True):
    """A row whose label is doubtful, with the one that a model which did not learn this row finds likelier."""

    split: str
    index: int  # within the split, from 0
    number: int  # in its file, from 1
    label: tuple[str, ...]
    suggested: tuple[str, ...]
    kind: LabelErrorKind
    probability: float  # of what is suggested in place of the most doubtful label; 0 for numbers
    margin: float  # how much likelier its label is than another, −1 to 1; for numbers minus the spreads it is off
    is_confident: bool  # counted as wrong by confident learning
    near: tuple[NearRow, ...] = ()


class LabelErrors(msgspec.Struct, frozen=True, tag="label_errors"):
    """The most doubtful rows of all splits, the most doubtful first."""

    rows: int  # that were looked at
    total: int  # prepared rows
    folds: int
    expected: int  # rows that are probably labelled wrong, as estimated; 0 for numbers
    suspected: tuple[SuspectedRow, ...] = ()
    refused: Sentence = NOTHING  # why there is nothing to find
    agreeing: int = 0  # rows whose labels are also the likeliest ones to models that did not learn them
    # Of entities, the places in `suspected` in the order of each kind of error; with "" those of all kinds together.
    orders: dict[str, tuple[int, ...]] = {}


# ── More labels ─────────────────────────────────────────────────────────────────────────────────────────────────


class AskLearningCurve(msgspec.Struct, frozen=True, tag="ask_learning_curve"):
    """Would more labelled rows help?"""

    run: RunReference


class CurvePoint(msgspec.Struct, frozen=True):
    """The scores of models that learned so many rows, one for each draw of them."""

    rows: int
    scores: tuple[float, ...]


class LearningCurve(msgspec.Struct, frozen=True, tag="learning_curve"):
    """A linear model on the untouched encoder by its training rows, and what it would reach with twice as many."""

    metric: str
    points: tuple[CurvePoint, ...]
    held_out: int  # rows that are scored
    rows_ahead: int = 0
    score_ahead: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)  # 80 %
    refused: Sentence = NOTHING  # why there is no forecast


# ── Weak slices ─────────────────────────────────────────────────────────────────────────────────────────────────


class AskWeakSlices(msgspec.Struct, frozen=True, tag="ask_weak_slices"):
    """Which groups of the evaluated rows are wrong more often than the others?"""

    run: RunReference


SliceKind = Literal["length", "word", "label", "cluster", "column"]


class WeakSlice(msgspec.Struct, frozen=True):
    """A group of rows; the counts are those of the half that had no part in finding it."""

    kind: SliceKind
    name: str  # the word, the label, words that are frequent in the cluster, or the value in `column`
    shortest: int  # of lengths, in tokens
    longest: int
    rows: int
    wrong: int
    rest_rows: int
    rest_wrong: int
    probability: float  # of so many wrong rows by chance
    positions: tuple[int, ...]  # of all its rows within the split, from 0
    column: str = ""  # of the user's file
    lowest: float | None = None  # of numbers in that column; None: one value
    highest: float | None = None


class WeakSlices(msgspec.Struct, frozen=True, tag="weak_slices"):
    """The slices that are worse than the rest, the clearest first."""

    rows: int  # that were looked at
    tested: int  # candidates
    slices: tuple[WeakSlice, ...] = ()
    split: str = ""  # that was evaluated
    refused: Sentence = NOTHING  # why there is nothing to find


# ── Scores by a column of the file ──────────────────────────────────────────────────────────────────────────────


class AskColumnScores(msgspec.Struct, frozen=True, tag="ask_column_scores"):
    """How good are the answers for each value of a column that nothing is learned from? The first one where empty."""

    run: RunReference
    column: str = ""


class ValueScore(msgspec.Struct, frozen=True):
    """The evaluated rows with one value, or with a number from `lowest` to `highest`."""

    value: str  # empty where the rows have none
    lowest: float | None
    highest: float | None
    score: float | None  # None: not measurable
    interval: tuple[float, float] | None  # 95 %
    positions: tuple[int, ...]  # within the split, from 0


class ColumnScores(msgspec.Struct, frozen=True, tag="column_scores"):
    """The score of the rows with each value of a column, the most frequent values first, numbers in their order."""

    columns: tuple[str, ...]  # that could be asked about
    column: str
    metric: str
    split: str
    rows: int
    values: tuple[ValueScore, ...] = ()
    further: int = 0  # less frequent values that are not listed
    refused: Sentence = NOTHING  # why there is nothing to see


# ── Why this answer ─────────────────────────────────────────────────────────────────────────────────────────────


class AskExplanation(msgspec.Struct, frozen=True, tag="ask_explanation"):
    """Which tokens of this text support an answer?

    For `label`, or the one that is predicted where it is empty. Where words have tags, `start` is a character of the
    word that is meant.
    """

    run: RunReference
    text: str
    second_text: str = ""
    label: str = ""
    start: int = -1


class Explanation(msgspec.Struct, frozen=True, tag="explanation"):
    """What each token adds to the output for a label, by integrated gradients."""

    tokens: tuple[str, ...]
    attributions: tuple[float, ...]
    label: str  # empty where the output is a number
    place: int  # of the token whose tag is explained; −1 where there is one output for the text
    output: float  # the logit, or the number
    baseline: float  # the output with padding in place of all words
    error: float  # how far the attributions together miss output − baseline, as a part of it
    points: int  # at which the integral was taken
    cut_tokens: int  # beyond the maximum length
    milliseconds: float


class AskNearRows(msgspec.Struct, frozen=True, tag="ask_near_rows"):
    """Which training rows read most like this text?"""

    run: RunReference
    text: str
    second_text: str = ""


class NearRows(msgspec.Struct, frozen=True, tag="near_rows"):
    """The nearest training rows, the nearest first."""

    rows: tuple[NearRow, ...]


class AskLinearPrediction(msgspec.Struct, frozen=True, tag="ask_linear_prediction"):
    """What does a linear model on the untouched encoder predict for this text?"""

    run: RunReference
    text: str
    second_text: str = ""


# ── What is kept ────────────────────────────────────────────────────────────────────────────────────────────────


class Diagnoses(msgspec.Struct, frozen=True):
    """What was found of a run so far, in `diagnoses.json` of its evaluation folder."""

    fingerprint: str  # of the rows
    version: int  # of the methods
    label_errors: LabelErrors | None = None
    learning_curve: LearningCurve | None = None
    weak_slices: WeakSlices | None = None
