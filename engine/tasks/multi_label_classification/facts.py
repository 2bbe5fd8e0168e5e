"""Any number of labels per text or pair of texts: what it asks for, predicts and is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.contract.queries import Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.tasks.column_checks import FEWEST, cells_of, column_named, label_doubt, quoted, texts_doubt
from engine.tasks.facts import BETWEEN_LABELS, TaskFacts, label_baselines_clause

# −1 represents what is not known; such rows are excluded.
_MARKS = {
    "1",
    "1.0",
    "true",
    "yes",
    "y",
    "x",
    "0",
    "0.0",
    "false",
    "no",
    "n",
    "",
    "-1",
    "-1.0",
}


def _doubt(preview: Preview, roles: Roles, sign: str) -> Sentence:
    if doubt := texts_doubt(preview, roles):
        return doubt
    if roles.label_columns:
        return next(filter(None, (_mark_doubt(preview, name) for name in roles.label_columns)), NOTHING)
    return _labels_doubt(preview, roles.labels, sign) if roles.labels else NOTHING


def _labels_doubt(preview: Preview, name: str, sign: str) -> Sentence:
    column = column_named(preview, name)
    if column.is_list:
        if column.items >= FEWEST and column.distinct * 2 > column.items:
            return Sentence("tasks.doubt.many_labels", labels=column.distinct, rows=column.filled, column=quoted(name))
        return NOTHING
    cells = cells_of(preview, name)
    if (sign and any(sign in cell for cell in cells)) or any(cell.startswith("[") for cell in cells):
        return NOTHING
    return label_doubt(preview, name)


def _mark_doubt(preview: Preview, name: str) -> Sentence:
    cells = cells_of(preview, name)
    wrong = [cell for cell in cells if cell.strip().casefold() not in _MARKS]
    if len(wrong) <= 0.05 * len(cells):
        return NOTHING
    return Sentence("tasks.doubt.no_mark", column=quoted(name), cell=wrong[0][:40])


def _label_text(labels: Sequence[str], words: Sequence[str], names: Sequence[str]) -> str:
    return BETWEEN_LABELS.join(labels) or Sentence("tasks.no_label")


def _constant_prediction(scores: Mapping[str, float | None], counts: Mapping[str, int]) -> Sentence:
    return Sentence("tasks.prediction.no_label_correct") if scores.get("micro_f1") == 0 else NOTHING


FACTS = TaskFacts(
    name="multi_label_classification",
    title_en="Several labels",
    sentence_en="Any number of labels for each text, also none.",
    reads="text",
    label_roles=("labels", "yes_no"),
    doubt=_doubt,
    label_nouns=("label", "labels"),
    several_labels=True,
    column_title_en="Labels",
    label_text=_label_text,
    refusals={"method": Sentence("tasks.conflict.these_rows_any_number_labels")},
    baselines=("majority", "tfidf_svm"),
    baselines_clause=label_baselines_clause,
    constant_prediction=_constant_prediction,
    problem_type="multi_label_classification",
    call_options={"truncation": True, "top_k": None},
    does=lambda names: "gives {text} any number of labels",
    labels_note=" A label is predicted from a probability of 0.5 upwards.",
)
