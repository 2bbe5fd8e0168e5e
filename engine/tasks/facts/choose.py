"""Which facts a task's name stands for; the one place that lists them for the window."""

from __future__ import annotations

from engine.settings import PrepareSettings, TaskName
from engine.tasks.facts import multi_label_classification, regression, text_classification, token_classification
from engine.tasks.facts.record import TaskFacts

# In the order in which they are offered.
TASKS: tuple[TaskFacts, ...] = (
    text_classification.FACTS,
    token_classification.FACTS,
    regression.FACTS,
    multi_label_classification.FACTS,
)
USUAL: TaskName = PrepareSettings().task  # before anything is known
_BY_NAME = {facts.name: facts for facts in TASKS}


def task_facts(task: TaskName) -> TaskFacts:
    """The facts of the task of this name."""
    return _BY_NAME[task]
