"""Which role each column of a file seems to have, for every task; and so which task the file seems to be for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.contract.queries import ColumnFound
from engine.contract.settings import Roles, TaskName
from engine.reading.columns import ColumnSurvey
from engine.tasks.columns import Evidence, kinds_of
from engine.tasks.registry import DEFAULT_TASK, TASKS, task_columns

_LONGEST_JOINED = 200  # characters of a cell with several labels, on average


class Guesses(NamedTuple):
    """The likely roles of the columns for each task, empty where no column will do; and the likeliest task."""

    by_task: dict[TaskName, Roles]
    task: TaskName


def guess_roles(surveys: Sequence[ColumnSurvey]) -> Guesses:
    """The likely roles and the likeliest task: the one with the most evidence (`Evidence`)."""
    guesses = {facts.name: task_columns(facts.name).guess(surveys) for facts in TASKS}
    task = max(guesses, key=lambda name: guesses[name].evidence)
    if guesses[task].evidence is Evidence.NONE:
        task = DEFAULT_TASK
    return Guesses({name: guess.roles for name, guess in guesses.items()}, task)


def describe(surveys: Sequence[ColumnSurvey], guesses: Guesses) -> tuple[ColumnFound, ...]:
    """The columns as the preview names them."""
    kinds = _kinds(guesses)
    return tuple(
        ColumnFound(
            name=survey.name,
            kind=_kind(survey, kinds),
            distinct=survey.distinct,
            mean_characters=round(survey.mean_characters, 1),
            filled=survey.cells,
            delimiter=survey.delimiter if survey.mean_characters <= _LONGEST_JOINED else "",
            is_list=survey.is_list,
            items=survey.items if survey.is_list else 0,
        )
        for survey in surveys
    )


def _kinds(guesses: Guesses) -> dict[str, str]:
    """What columns with a role are called: for the likeliest task, else for the first in the list of tasks."""
    kinds: dict[str, str] = {}
    for facts in reversed(TASKS):
        kinds |= task_columns(facts.name).kinds(guesses.by_task[facts.name])
    return kinds | kinds_of(guesses.by_task[guesses.task])


def _kind(survey: ColumnSurvey, kinds: Mapping[str, str]) -> str:
    if survey.name in kinds:
        return kinds[survey.name]
    if not survey.cells:
        return "empty"
    if survey.is_list:
        return "tokens"
    if survey.is_object:
        return "object"
    if survey.is_identifier:
        return "id"
    if survey.could_be_label:
        return "label"
    return "number" if survey.is_number else "text"
