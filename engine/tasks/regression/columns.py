"""Which column holds a score."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.columns import SCORE_NAMES, ColumnGuess, Evidence, TaskColumns, is_known, name_of, rank, texts_in


class RegressionColumns(TaskColumns):
    """The text or the pair, and the score."""

    def guess(self, surveys: Sequence[ColumnSurvey]) -> ColumnGuess:
        text, second = texts_in(surveys)
        score = min(
            (survey for survey in surveys if survey.is_measured and not _is_number_of_row(survey)),
            key=lambda survey: rank(survey.name, SCORE_NAMES),
            default=None,
        )
        roles = Roles(text=name_of(text), second_text=name_of(second), score=name_of(score))
        if text is None or score is None:
            return ColumnGuess(roles, Evidence.NONE)
        if is_known(score.name, SCORE_NAMES):
            return ColumnGuess(roles, Evidence.SCORE_NAME)
        return ColumnGuess(roles, Evidence.NUMBERS if second is None else Evidence.SCORED_PAIRS)

    def kinds(self, roles: Roles) -> dict[str, str]:
        """None: a number is a score only where scores are learned."""
        return {}


def _is_number_of_row(survey: ColumnSurvey) -> bool:
    return not is_known(survey.name, SCORE_NAMES) and survey.counts_up


COLUMNS = RegressionColumns()
