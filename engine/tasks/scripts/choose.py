"""Which script a task's name stands for; the one place that lists them."""

from __future__ import annotations

from engine.settings import TaskName
from engine.tasks.scripts.multi_label_classification import MultiLabelClassificationScript
from engine.tasks.scripts.protocol import TaskScript
from engine.tasks.scripts.regression import RegressionScript
from engine.tasks.scripts.text_classification import TextClassificationScript
from engine.tasks.scripts.token_classification import TokenClassificationScript


def script_of(task: TaskName) -> TaskScript:
    """The pieces of the script of the task of this name."""
    match task:
        case "text_classification":
            return TextClassificationScript()
        case "token_classification":
            return TokenClassificationScript()
        case "regression":
            return RegressionScript()
        case "multi_label_classification":
            return MultiLabelClassificationScript()
