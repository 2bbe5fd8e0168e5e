"""A number per text or pair of texts: what it asks for, predicts and is called."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.contract.queries import Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.text_parsing import number_in
from engine.tasks.column_checks import FEWEST, cells_of, column_named, is_whole, quoted, texts_doubt
from engine.tasks.facts import TaskFacts


def _doubt(preview: Preview, roles: Roles, sign: str) -> Sentence:
    return texts_doubt(preview, roles) or (_score_doubt(preview, roles.score) if roles.score else NOTHING)


def _score_doubt(preview: Preview, name: str) -> Sentence:
    column, named = column_named(preview, name), quoted(name)
    filled = [cell for cell in cells_of(preview, name) if cell.strip()]
    if column.kind == "empty":
        return Sentence("tasks.doubt.empty_scores", column=named)
    numbers = sum(map(math.isfinite, map(number_in, filled)))
    if len(filled) >= 5 and numbers < 0.5 * len(filled):
        wrong = next(cell for cell in filled if not math.isfinite(number_in(cell)))
        return Sentence("tasks.doubt.no_number", column=named, cell=wrong[:40])
    if len(filled) >= FEWEST and all(cell.isdecimal() for cell in filled):
        steps = {int(two) - int(one) for one, two in pairwise(filled)}
        if steps == {1}:
            return Sentence("tasks.doubt.counts_rows", column=named, first=filled[0])
    if column.distinct == 1 and is_whole(column, preview):
        return Sentence("tasks.doubt.same_score", rows=column.filled, column=named)
    return NOTHING


def _baselines_clause(names: Sequence[str]) -> Sentence:
    return Sentence("tasks.baselines.mean")


def _constant_prediction(scores: Mapping[str, float | None], counts: Mapping[str, int]) -> Sentence:
    same = "spearman" in scores and scores["spearman"] is None
    return Sentence("tasks.prediction.same_number") if same else NOTHING


FACTS = TaskFacts(
    name="regression",
    title_en="Regression",
    sentence_en="A number for each text, or for each pair of texts.",
    reads="text",
    label_roles=("score",),
    doubt=_doubt,
    label_nouns=("score", "scores"),
    labels_are_numbers=True,
    column_title_en="Score",
    refusals={
        "head_start": Sentence("tasks.conflict.linear_start_any_number_labels"),
        "method": Sentence("tasks.conflict.numbers_have_no_classes"),
        "class_weights": Sentence("tasks.conflict.these_rows_number_each_no_classes_there_"),
        "label_smoothing": Sentence("tasks.conflict.these_rows_number_each_no_labels_nothing"),
    },
    baselines=("mean", "tfidf_ridge"),
    baselines_clause=_baselines_clause,
    constant_prediction=_constant_prediction,
    problem_type="regression",
    does=lambda names: "gives {text} a number",
)
