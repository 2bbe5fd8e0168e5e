"""Which facts a task's name stands for; the one place that lists them for the window."""

from __future__ import annotations

from engine.contract.settings import PrepareSettings, TaskName
from engine.tasks.multi_label_classification import facts as multi_label_classification
from engine.tasks.regression import facts as regression
from engine.tasks.task_facts import TaskFacts
from engine.tasks.text_classification import facts as text_classification
from engine.tasks.token_classification import facts as token_classification

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
