"""Which part each column of a file seems to play, for every task; and so which task it is.

Guesses only; the user sees them marked as such and can change each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.contract.queries import ColumnFound
from engine.contract.settings import Roles, TaskName
from engine.reading.columns import ColumnSurvey
from engine.tasks.multi_label_classification import columns as multi_label_classification
from engine.tasks.regression import columns as regression
from engine.tasks.text_classification import columns as text_classification
from engine.tasks.token_classification import columns as token_classification

_LONGEST_JOINED = 200  # characters of a cell with several labels, on average


class Guesses(NamedTuple):
    """The likely roles of the columns for each task, empty where no column will do; and the likeliest task."""

    by_task: dict[TaskName, Roles]
    task: TaskName


def guess_roles(surveys: Sequence[ColumnSurvey]) -> Guesses:
    """The likely roles and the likeliest task."""
    by_task: dict[TaskName, Roles] = {
        "text_classification": text_classification.guess(surveys),
        "token_classification": token_classification.guess(surveys),
        "regression": regression.guess(surveys),
        "multi_label_classification": multi_label_classification.guess(surveys),
    }
    return Guesses(by_task, _likeliest(by_task, surveys))


def describe(surveys: Sequence[ColumnSurvey], guesses: Guesses) -> tuple[ColumnFound, ...]:
    """The columns as the preview names them."""
    return tuple(
        ColumnFound(
            name=survey.name,
            kind=_kind(survey, guesses),
            distinct=survey.distinct,
            mean_characters=round(survey.mean_characters, 1),
            filled=survey.cells,
            delimiter=survey.delimiter if survey.mean_characters <= _LONGEST_JOINED else "",
            is_list=survey.is_list,
            items=survey.items if survey.is_list else 0,
        )
        for survey in surveys
    )


def _kind(survey: ColumnSurvey, guesses: Guesses) -> str:
    chosen, by_task = guesses.by_task[guesses.task], guesses.by_task
    classes, words = by_task["text_classification"], by_task["token_classification"]
    several = by_task["multi_label_classification"]
    parts = {
        several.labels: "labels",
        words.tokens: "tokens",
        words.tags: "tags",
        classes.label: "label",
        classes.second_text: "second_text",
        classes.text: "text",
        chosen.score: "score",
        chosen.labels: "labels",
    }
    if survey.name in chosen.label_columns:
        return "yes_no"
    if survey.name in parts:
        return parts[survey.name]
    if not survey.cells:
        return "empty"
    if survey.is_list:
        return "tokens"
    if survey.is_object:
        return "object"
    if survey.is_identifier:
        return "id"
    if survey.name in several.label_columns:
        return "yes_no"
    if survey.could_be_label:
        return "label"
    return "number" if survey.is_number else "text"


def _likeliest(by_task: dict[TaskName, Roles], surveys: Sequence[ColumnSurvey]) -> TaskName:
    """A column that is called a label decides; then several labels, a score, any label, tags, any number."""
    several, words = by_task["multi_label_classification"], by_task["token_classification"]
    has_words = bool(words.tokens and words.tags)
    if not by_task["text_classification"].text:
        return "token_classification" if has_words else "text_classification"
    if text_classification.has_known_label(surveys, usual=True):
        return "text_classification"
    if several.labels or several.label_columns:
        return "multi_label_classification"
    if regression.has_known_score(surveys):
        return "regression"
    named = text_classification.has_known_label(surveys)
    if has_words and not named and token_classification.has_known_tags(words):
        return "token_classification"
    if text_classification.label_in(surveys) is not None:
        return "text_classification"
    if has_words:
        return "token_classification"
    return "regression" if regression.score_in(surveys) is not None else "text_classification"
