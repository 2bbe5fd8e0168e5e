"""The one list of tasks, and what belongs to each of them.

The list is `TaskName` (engine/contract/settings.py), since a task's name is stored with every data set and run. Each
name is also the name of a folder here, which holds four modules:

    facts.py    FACTS     what a task asks for and is called      light: the window imports these three
    columns.py  COLUMNS   which columns of a file it would take
    script.py   SCRIPT    its part of the plain `transformers` script
    task.py     TASK      what encodes, trains and scores; imports torch, so it is loaded when asked for

Adding a task is one folder and one name in `TaskName` (docs/add_a_task.md). `TASKS` has the order of that list, in
which the window offers the tasks.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

from engine.contract.settings import PrepareSettings, TaskName
from engine.tasks.facts import TaskFacts

if TYPE_CHECKING:
    from engine.tasks.columns import TaskColumns
    from engine.tasks.script import TaskScript
    from engine.tasks.task import Task


def task_facts(task: TaskName) -> TaskFacts:
    """The facts of the task of this name."""
    facts: TaskFacts = _module(task, "facts").FACTS
    return facts


def task_columns(task: TaskName) -> TaskColumns:
    """Which columns of a file the task of this name would take."""
    columns: TaskColumns = _module(task, "columns").COLUMNS
    return columns


def task_script(task: TaskName) -> TaskScript:
    """What the task of this name writes into the plain script."""
    script: TaskScript = _module(task, "script").SCRIPT
    return script


def task_named(task: TaskName, label_names: Sequence[str] = ()) -> Task:
    """The task of this name for a network that is finished; imports torch.

    `label_names` are those of the data set, in the order of their ids: the metric can depend on them.
    """
    found: Task = _module(task, "task").TASK
    return found.for_labels(label_names)


def task_name_of(config: Any) -> TaskName | None:
    """The task of a network with this configuration of `transformers`; None for an encoder without a head.

    Without a `problem_type` a single label is a number, as in `transformers`.
    """
    architecture = (config.architectures or [""])[0]
    fitting = [facts for facts in TASKS if architecture.endswith(facts.auto_class.removeprefix("AutoModel"))]
    if len(fitting) < 2:
        return fitting[0].name if fitting else None
    problem_type = config.problem_type or ("regression" if config.num_labels == 1 else "single_label_classification")
    return next((facts.name for facts in fitting if facts.problem_type == problem_type), fitting[0].name)


def _module(task: TaskName, part: str) -> Any:
    return importlib.import_module(f"engine.tasks.{task}.{part}")


TASKS: tuple[TaskFacts, ...] = tuple(map(task_facts, get_args(TaskName)))
DEFAULT_TASK: TaskName = PrepareSettings().task  # before anything is known of the rows
