"""One label per text or pair of texts: what it asks for, predicts and is called."""

from __future__ import annotations

from collections.abc import Mapping

from engine.contract.queries import Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.tasks.column_checks import label_doubt, texts_doubt
from engine.tasks.facts import TaskFacts, label_baselines_clause


def _doubt(preview: Preview, roles: Roles, sign: str) -> Sentence:
    return texts_doubt(preview, roles) or (label_doubt(preview, roles.label) if roles.label else NOTHING)


def _constant_prediction(scores: Mapping[str, float | None], counts: Mapping[str, int]) -> Sentence:
    rows, accuracy = sum(counts.values()), scores.get("accuracy")
    if accuracy is None or scores.get("mcc") != 0 or sum(number > 0 for number in counts.values()) < 2:
        return NOTHING
    # All of one class: the accuracy is exactly that class's share.
    named = [name for name, number in counts.items() if abs(number / rows - accuracy) < 1e-9]
    if len(named) == 1:
        return Sentence("tasks.prediction.one_label", label=named[0])
    return Sentence("tasks.prediction.same_label") if named else NOTHING


FACTS = TaskFacts(
    name="text_classification",
    title_en="Text classification",
    sentence_en="One label for each text, or for each pair of texts.",
    reads="text",
    label_roles=("label",),
    doubt=_doubt,
    label_nouns=("label", "labels"),
    refusals={"head_start": Sentence("tasks.conflict.linear_start_any_number_labels")},
    baselines=("majority", "tfidf_svm"),
    baselines_clause=label_baselines_clause,
    constant_prediction=_constant_prediction,
    problem_type="single_label_classification",
    does=lambda names: "gives {text} one label",
)
