"""Which columns hold words, and a tag for each."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.columns import (
    TAG_NAMES,
    ColumnGuess,
    Evidence,
    TaskColumns,
    is_known,
    name_of,
    words_and_tags_in,
)


class TokenClassificationColumns(TaskColumns):
    """Words and tags."""

    def guess(self, surveys: Sequence[ColumnSurvey]) -> ColumnGuess:
        words, tags = words_and_tags_in(surveys)
        roles = Roles(tokens=name_of(words), tags=name_of(tags))
        if words is None or tags is None:
            return ColumnGuess(roles, Evidence.NONE)
        if tags.is_tag_sequence:
            return ColumnGuess(roles, Evidence.TAG_SEQUENCES)
        return ColumnGuess(roles, Evidence.TAG_NAME if is_known(tags.name, TAG_NAMES) else Evidence.LISTS_OF_WORDS)


COLUMNS = TokenClassificationColumns()
