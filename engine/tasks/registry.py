"""Which task a name stands for; the one place that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.contract.settings import TaskName
from engine.tasks.multi_label_classification.task import MultiLabelClassification
from engine.tasks.regression.task import Regression
from engine.tasks.task import Task
from engine.tasks.text_classification.task import TextClassification
from engine.tasks.token_classification.task import TokenClassification


def task_named(name: TaskName, label_names: Sequence[str] = ()) -> Task:
    """The task of this name, for a network that is finished; scores are those that suit the label names."""
    match name:
        case "text_classification":
            return TextClassification()
        case "token_classification":
            return TokenClassification(label_names)
        case "regression":
            return Regression()
        case "multi_label_classification":
            return MultiLabelClassification()


def task_name_of(config: Any) -> TaskName | None:
    """The task that a network with this configuration of `transformers` answers, or None for one that has no answers.

    Without a `problem_type` one answer means a number, as in `transformers`.
    """
    architecture = (config.architectures or [""])[0]
    if architecture.endswith("ForTokenClassification"):
        return "token_classification"
    if not architecture.endswith("ForSequenceClassification"):
        return None
    match config.problem_type:
        case "multi_label_classification":
            return "multi_label_classification"
        case "regression":
            return "regression"
    return "regression" if config.problem_type is None and config.num_labels == 1 else "text_classification"
