"""The facts of the tasks: complete for each name, and enough to distinguish the tasks."""

from __future__ import annotations

from typing import get_args

import pytest

from engine.contract.settings import FineTuneSettings, Roles, TaskName
from engine.preparing.column_roles import guess_roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.registry import DEFAULT_TASK, TASKS, task_facts, task_named, task_script

NAMES: tuple[TaskName, ...] = get_args(TaskName)


def test_every_task_has_facts_a_script_and_a_guess_of_its_own() -> None:
    guesses = guess_roles([ColumnSurvey("text")])
    assert {facts.name for facts in TASKS} == set(NAMES) == set(guesses.by_task)
    assert all(task_named(name).facts is task_facts(name) for name in NAMES)
    assert len({type(task_script(name)) for name in NAMES}) == len(NAMES)


def test_a_task_is_known_by_the_column_that_is_answered() -> None:
    answers = [role for facts in TASKS for role in facts.label_roles]
    assert len(answers) == len(set(answers))
    assert task_facts(DEFAULT_TASK).parts == ("text", "label")


def test_exactly_one_kind_of_answer_belongs_to_each_task() -> None:
    for facts in TASKS:
        kinds = (facts.one_label_per_row, facts.several_labels, facts.labels_are_numbers, facts.one_label_per_word)
        assert sum(kinds) == 1, facts.name


@pytest.mark.parametrize("name", NAMES)
def test_settings_that_a_task_refuses_are_settings(name: TaskName) -> None:
    assert set(task_facts(name).refused_settings) <= set(FineTuneSettings.__struct_fields__)


def test_the_card_names_types_of_entities_and_tags_of_single_words() -> None:
    shown = task_facts("token_classification").shown_labels
    assert shown(("O", "B-PER", "I-PER", "B-LOC", "I-LOC")) == ("PER", "LOC")
    assert shown(("DET", "NOUN")) == ("DET", "NOUN")


@pytest.mark.parametrize("name", NAMES)
def test_a_label_corrected_by_hand_goes_where_the_script_keeps_labels(name: TaskName) -> None:
    script = task_script(name)
    columns = script.cells(Roles())
    assert script.label_column in (*columns, "")
    assert bool(script.label_column) == bool(script.renaming)


def test_the_call_of_a_pipeline_is_code_for_a_text_or_a_pair() -> None:
    facts = task_facts("multi_label_classification")
    assert facts.call_code('a "b"') == '"a \\"b\\"", truncation=True, top_k=None'
    assert facts.call_code("a", "b") == '{"text": "a", "text_pair": "b"}, truncation=True, top_k=None'
    called = {"classify": lambda inputs, **options: (inputs, options)}
    pair, options = eval(f"classify({task_facts(DEFAULT_TASK).call_code(pairs=True)})", called)
    assert (pair.keys(), options) == ({"text", "text_pair"}, {"truncation": True})
    assert task_facts("token_classification").call_code("a") == '"a"'
