"""Which column holds several labels, or which columns are a label each."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.column_names import is_known, name_of, rank
from engine.tasks.text_classification.columns import texts_in
from engine.tasks.token_classification.columns import words_and_tags_in

_LABELS_NAMES = ["labels", "intents", "tags", "topics", "categories", "emotions", "genres", "classes", "keywords"]


def guess(surveys: Sequence[ColumnSurvey]) -> Roles:
    """The text or pair; a list column, else columns of 0 and 1, else one with several labels that is called so."""
    text, second = texts_in(surveys)
    taken = (text, second, *words_and_tags_in(surveys))
    free = [survey for survey in surveys if survey not in taken]
    lists = [survey for survey in free if survey.is_label_list]
    yes_no = tuple(survey.name for survey in free if survey.is_yes_no)
    joined = [survey for survey in free if survey.delimiter and is_known(survey.name, _LABELS_NAMES)]
    found = min(lists or joined, key=lambda survey: rank(survey.name, _LABELS_NAMES), default=None)
    if lists or len(yes_no) < 2:
        return Roles(text=name_of(text), second_text=name_of(second), labels=name_of(found))
    return Roles(text=name_of(text), second_text=name_of(second), label_columns=yes_no)
