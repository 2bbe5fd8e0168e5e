"""Which script a task's name stands for; the one place that lists them."""

from __future__ import annotations

from engine.contract.settings import TaskName
from engine.tasks.multi_label_classification.script import MultiLabelClassificationScript
from engine.tasks.regression.script import RegressionScript
from engine.tasks.script import TaskScript
from engine.tasks.text_classification.script import TextClassificationScript
from engine.tasks.token_classification.script import TokenClassificationScript


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
