"""Which column holds several labels, or which columns are a label each."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.columns import (
    ColumnGuess,
    Evidence,
    TaskColumns,
    is_known,
    is_long_label,
    name_of,
    rank,
    texts_in,
    words_and_tags_in,
)

_LABELS_NAMES = ("labels", "intents", "tags", "topics", "categories", "emotions", "genres", "classes", "keywords")
_NAMES = (*_LABELS_NAMES, "label")


class MultiLabelClassificationColumns(TaskColumns):
    """The text or the pair; a list column, else columns of 0 and 1, else one with several labels that is called so."""

    def guess(self, surveys: Sequence[ColumnSurvey]) -> ColumnGuess:
        text, second = texts_in(surveys)
        words, tags = words_and_tags_in(surveys)
        taken = (text, second, words, tags)
        free = [survey for survey in surveys if survey not in taken and not (tags and survey.lists_match(tags))]
        lists = [survey for survey in free if survey.is_label_list]
        yes_no = _marks(free)
        joined = [
            survey
            for survey in free
            if survey.holds_several_labels
            or (survey.delimiter and is_known(survey.name, _LABELS_NAMES) and not is_long_label(survey))
        ]
        labels = min(lists or joined, key=lambda survey: rank(survey.name, _LABELS_NAMES), default=None)
        one_column = bool(lists) or len(yes_no) < 2
        roles = Roles(
            text=name_of(text),
            second_text=name_of(second),
            labels=name_of(labels) if one_column else "",
            label_columns=() if one_column else yes_no,
        )
        complete = text is not None and (roles.labels or roles.label_columns)
        if not complete:
            return ColumnGuess(roles, Evidence.NONE)
        # Lists of numbers without a name of labels may be anything, such as [2, 5] for 2 votes of 5.
        is_counted = labels is not None and labels.is_list_of_numbers and not is_known(labels.name, _NAMES)
        return ColumnGuess(roles, Evidence.NUMBERS if is_counted and one_column else Evidence.SEVERAL_LABELS)


def _marks(surveys: Sequence[ColumnSurvey]) -> tuple[str, ...]:
    """The columns that hold 1 where a row has their label; among such columns also those with −1 for not known.

    There are at least two that hold both, or a mark such as x in some rows only; columns of true and false beside those
    of 0 and 1 are of other things.
    """
    yes_no = [survey for survey in surveys if survey.is_yes_no or survey.is_yes_no_or_unknown]
    numbers = [survey for survey in yes_no if survey.is_number]
    words = [survey for survey in yes_no if not survey.is_number]
    marks = [survey for survey in surveys if survey.is_marked and survey not in yes_no]
    same = max(numbers, words, marks, key=len)
    unknown = [survey for survey in same if survey.is_yes_no_or_unknown]
    if len(same) - len(unknown) < 2 and len(same) < 3:
        same = [survey for survey in same if survey not in unknown]
    return tuple(survey.name for survey in same) if sum(map(_holds_both, same)) > 1 else ()


def _holds_both(survey: ColumnSurvey) -> bool:
    return survey.distinct > 1 or survey.is_marked


COLUMNS = MultiLabelClassificationColumns()
