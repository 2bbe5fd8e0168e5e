"""One label per text or pair of texts: what it asks for, predicts and is called."""

from __future__ import annotations

from collections.abc import Mapping

from engine.contract.queries import Preview
from engine.contract.settings import Roles
from engine.tasks.column_checks import label_doubt, texts_doubt
from engine.tasks.facts import TaskFacts, labels_methods_told


def _doubt(preview: Preview, roles: Roles, sign: str) -> str:
    return texts_doubt(preview, roles) or (label_doubt(preview, roles.label) if roles.label else "")


def _single_answer(scores: Mapping[str, float | None], counts: Mapping[str, int]) -> str:
    rows, accuracy = sum(counts.values()), scores.get("accuracy")
    if accuracy is None or scores.get("mcc") != 0 or sum(number > 0 for number in counts.values()) < 2:
        return ""
    # All of one class: the accuracy is exactly that class's share.
    named = [name for name, number in counts.items() if abs(number / rows - accuracy) < 1e-9]
    label = f"the label “{named[0]}”" if len(named) == 1 else "one and the same label"
    return f"Every validation row gets {label}" if named else ""


FACTS = TaskFacts(
    name="text_classification",
    title="Text classification",
    sentence="One label for each text, or for each pair of texts.",
    reads="text",
    answers=("label",),
    doubt=_doubt,
    answer_words=("label", "labels"),
    simple_methods=("majority", "tfidf_logistic_regression"),
    methods_told=labels_methods_told,
    single_answer=_single_answer,
    problem_type="single_label_classification",
    does=lambda names: "gives {text} one label",
)
