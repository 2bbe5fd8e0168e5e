"""Which column holds one label per row, and which the text or the pair of texts."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.columns import (
    LABEL_NAMES,
    ColumnGuess,
    Evidence,
    TaskColumns,
    is_known,
    is_usual_label,
    label_in,
    name_of,
    texts_in,
)


class TextClassificationColumns(TaskColumns):
    """The text or the pair, and the label."""

    def guess(self, surveys: Sequence[ColumnSurvey]) -> ColumnGuess:
        text, second = texts_in(surveys)
        label = label_in(surveys)
        roles = Roles(text=name_of(text), second_text=name_of(second), label=name_of(label))
        if text is None or label is None:
            return ColumnGuess(roles, Evidence.NONE)
        if is_usual_label(label.name):
            return ColumnGuess(roles, Evidence.USUAL_LABEL_NAME)
        named = is_known(label.name, LABEL_NAMES)
        return ColumnGuess(roles, Evidence.LABEL_NAME if named else Evidence.REPEATED_VALUES)


COLUMNS = TextClassificationColumns()
