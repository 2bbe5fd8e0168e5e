"""One label per text or pair of texts, as a script."""

from __future__ import annotations

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.tasks.script import LossCode
from engine.tasks.script_text import (
    COLLATOR,
    HEAD,
    cells_as_they_are,
    class_loss,
    encode_texts,
    text_columns,
    usable_texts,
)


class TextClassificationScript:
    """Rows have `text`, `second_text` where they are pairs, and `label`."""

    head: str = HEAD
    collator: str = COLLATOR
    problem: str = ""
    usual_format: str = "csv"
    answer_column: str = "label"
    renaming: str = 'row["label"] = names.get(str(row["label"]).strip(), row["label"])'

    def columns(self, roles: Roles) -> dict[str, str]:
        """Texts and the label."""
        return {**text_columns(roles), "label": roles.label or "label"}

    def cells(self, roles: Roles) -> dict[str, str]:
        """Cells as they are."""
        return cells_as_they_are(self.columns(roles))

    def cell_functions(self, script: Script, dataset: PreparedDataset) -> str:
        """None."""
        return ""

    def usable(self, roles: Roles) -> str:
        """Texts and label are there."""
        return usable_texts(roles, "label")

    def renaming_functions(self) -> str:
        """None."""
        return ""

    def by_hand(self, change: RowChange) -> str:
        """The label."""
        return literal((change.new or ("",))[0])

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """Labels are their numbers."""
        return encode_texts(script, dataset, '[labels.index(str(label).strip()) for label in batch["label"]]')

    def best(self, dataset: PreparedDataset) -> str:
        """What Tunewright's own runs are chosen by."""
        return "f1"

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """Accuracy and macro F1."""
        script.imports("sklearn.metrics", "accuracy_score", "f1_score")
        return """
def compute_metrics(outputs):
    predicted = outputs.predictions.argmax(-1)
    return {
        "accuracy": accuracy_score(outputs.label_ids, predicted),
        "f1": f1_score(outputs.label_ids, predicted, average="macro"),
    }
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """Cross-entropy."""
        return class_loss(script, dataset, settings, 'splits["train"]["labels"][:]')

    def before_saving(self, script: Script) -> str:
        """Nothing."""
        return ""
