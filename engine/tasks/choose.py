"""Which task a name stands for; the one place that lists them."""

from __future__ import annotations

from engine.settings import TaskName
from engine.tasks.protocol import Task
from engine.tasks.text_classification import TextClassification
from engine.tasks.token_classification import TokenClassification


def task_named(name: TaskName) -> Task:
    """The task of this name."""
    match name:
        case "text_classification":
            return TextClassification()
        case "token_classification":
            return TokenClassification()
