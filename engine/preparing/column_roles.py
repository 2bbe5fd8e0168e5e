"""Which role each column of a file seems to have, for every task; and so which task the file seems to be for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.contract.column_roles import SINGLE_ROLES
from engine.contract.queries import ColumnFound
from engine.contract.row_edits import column_of
from engine.contract.sentences import Sentence
from engine.contract.settings import Roles, TaskName
from engine.reading.columns import ColumnSurvey
from engine.reading.formats.text_lines import form_of_marks
from engine.tasks.columns import (
    LABEL_NAMES,
    SCORE_NAMES,
    Evidence,
    groups_in,
    is_known,
    is_second_name,
    kinds_of,
    label_candidates,
    named_labels,
    unread_texts,
)
from engine.tasks.registry import DEFAULT_TASK, TASKS, task_columns

_LONGEST_JOINED = 200  # characters of a cell with several labels, on average


class Guesses(NamedTuple):
    """The likely roles of the columns for each task, empty where no column will do; and the likeliest task."""

    by_task: dict[TaskName, Roles]
    task: TaskName
    evidence: dict[TaskName, Evidence]


def guess_roles(surveys: Sequence[ColumnSurvey]) -> Guesses:
    """The likely roles and the likeliest task: the one with the most evidence (`Evidence`)."""
    guesses = {facts.name: task_columns(facts.name).guess(surveys) for facts in TASKS}
    task = max(guesses, key=lambda name: guesses[name].evidence)
    if guesses[task].evidence is Evidence.NONE:
        task = DEFAULT_TASK
    evidence = {name: guess.evidence for name, guess in guesses.items()}
    return Guesses({name: guess.roles for name, guess in guesses.items()}, task, evidence)


def notes_on_columns(surveys: Sequence[ColumnSurvey], guesses: Guesses) -> tuple[Sentence, ...]:
    """What the user is shown of the guess: other columns that could be meant, and texts that are not read."""
    notes: list[Sentence] = []
    roles = guesses.by_task[guesses.task]
    used = {getattr(roles, role) for role in SINGLE_ROLES}
    candidates = [survey.name for survey in label_candidates(surveys)]
    learned = column_of(roles)
    others = [name for name in named_labels(surveys) if name not in used] if roles.label else []
    if roles.label and not is_known(roles.label, LABEL_NAMES):
        names = [name for name in candidates if name not in used - {roles.label}]
        if len(names) > 1:
            notes.append(Sentence("preparing.question.label_column", columns=names, label=roles.label))
        others = []
    elif roles.score and set(candidates) - {roles.score}:
        names = [name for name in candidates if name not in used]
        if not is_known(roles.score, SCORE_NAMES):
            notes.append(Sentence("preparing.question.label_column", columns=[roles.score, *names], label=roles.score))
        else:
            others = names
    label = next((survey for survey in surveys if survey.name == roles.label != ""), None)
    if label is not None and label.holds_single_tags:
        notes.insert(0, Sentence("preparing.question.words_in_rows", label=label.name))
    numbers = next((one for one in surveys if one.name in (roles.score, roles.label) and one.name), None)
    if numbers is not None and numbers.may_hold_several_numbers and not is_known(numbers.name, SCORE_NAMES):
        example = next(value for value in numbers.values if "," in value)
        notes.insert(0, Sentence("preparing.question.decimals_or_labels", label=numbers.name, example=example))
    measured = [survey.name for survey in surveys if survey.is_measured and not survey.counts_up]
    if roles.score and len(measured) > 1 and not is_known(roles.score, SCORE_NAMES) and not notes:
        notes.append(Sentence("preparing.question.label_column", columns=measured, label=roles.score))
    others += [name for name in _learned_by_other_tasks(guesses) if name not in (*others, *used, *roles.label_columns)]
    if others and learned:
        notes.append(Sentence("preparing.data_note.other_labels", columns=others, label=learned))
    if roles.second_text and not is_second_name(roles.text, roles.second_text):
        notes.append(Sentence("preparing.data_note.pair_by_content", columns=[roles.text, roles.second_text]))
    if roles.score and numbers is not None and numbers.rises and not is_known(roles.score, SCORE_NAMES):
        notes.append(Sentence("preparing.data_note.rising_score", score=roles.score))
    if guesses.evidence[guesses.task] is Evidence.NONE and (rising := [one.name for one in surveys if one.counts_up]):
        notes.append(Sentence("preparing.data_note.counts_rows", columns=rising, number=len(rising)))
    if guesses.evidence[guesses.task] is Evidence.NONE:
        forms = {one.name: form_of_marks(one.first) for one in surveys if one.is_prose}
        marked = [(name, form) for name, form in forms.items() if form]
        notes += [
            Sentence("preparing.data_note.marks_in_a_column", column=name, form=form) for name, form in marked[:1]
        ]
    unread = unread_texts(surveys, roles) if roles.text else []
    if unread:
        notes.append(Sentence("preparing.data_note.text_not_read", number=len(unread), columns=unread))
    return (*notes, *notes_on_possible_groups(surveys, roles))


def notes_on_possible_groups(surveys: Sequence[ColumnSurvey], roles: Roles) -> tuple[Sentence, ...]:
    """That rows may belong together, by the first column that groups them, where none has the role."""
    found = groups_in(surveys, roles) if not roles.group else []
    return tuple(
        Sentence("preparing.data_note.possible_groups", column=one.name, groups=one.distinct, rows=one.cells)
        for one in found[:1]
    )


def _learned_by_other_tasks(guesses: Guesses) -> list[str]:
    """The columns that other tasks would learn, by their names."""
    found = [
        column_of(guesses.by_task[task])
        for task, evidence in guesses.evidence.items()
        if task != guesses.task and evidence >= Evidence.TAG_NAME and not guesses.by_task[task].label_columns
    ]
    return [name for name in dict.fromkeys(found) if name]


def describe(surveys: Sequence[ColumnSurvey], guesses: Guesses) -> tuple[ColumnFound, ...]:
    """The columns as the preview names them."""
    kinds = _kinds(guesses)
    groups = {survey.name for survey in groups_in(surveys, guesses.by_task[guesses.task])}
    kinds = dict.fromkeys(groups, "group") | kinds
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
