"""Which column holds a score."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.column_names import is_known, name_of, rank
from engine.tasks.text_classification.columns import texts_in

_SCORE_NAMES = ["score", "similarity", "relatedness", "similarity_score", "relatedness_score", "value", "points"]


def guess(surveys: Sequence[ColumnSurvey]) -> Roles:
    """The text or pair, and the score."""
    text, second = texts_in(surveys)
    return Roles(text=name_of(text), second_text=name_of(second), score=name_of(score_in(surveys)))


def has_known_score(surveys: Sequence[ColumnSurvey]) -> bool:
    """Whether the score is called as scores are."""
    score = score_in(surveys)
    return score is not None and is_known(score.name, _SCORE_NAMES)


def score_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    """The likeliest column with a measured number."""
    return min(
        (survey for survey in surveys if survey.is_measured),
        key=lambda survey: rank(survey.name, _SCORE_NAMES),
        default=None,
    )
