"""One label per text or pair of texts, as a script."""

from __future__ import annotations

from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.tasks.script import LossCode, TaskScript, class_loss, encode_texts, text_columns


class TextClassificationScript(TaskScript):
    """Rows have `text`, `second_text` where they are pairs, and `label`."""

    label_column: str = "label"
    renaming: str = 'row["label"] = names.get(str(row["label"]).strip(), row["label"])'

    def columns(self, roles: Roles) -> dict[str, str]:
        """Texts and the label."""
        return {**text_columns(roles), "label": roles.label or "label"}

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """Labels are the ids of the classes."""
        return encode_texts(script, dataset, '[labels.index(str(label).strip()) for label in batch["label"]]')

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """Accuracy and macro F1."""
        script.imports("sklearn.metrics", "accuracy_score", "f1_score")
        return """
def compute_metrics(outputs):
    truth, predicted = outputs.label_ids, outputs.predictions.argmax(-1)
    occurring = sorted(set(truth.tolist()))  # classes with rows; one that was only predicted has no F1 of its own
    return {
        "accuracy": accuracy_score(truth, predicted),
        "f1": f1_score(truth, predicted, labels=occurring, average="macro"),
    }
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """Cross-entropy."""
        return class_loss(script, dataset, settings, 'splits["train"]["labels"][:]')


SCRIPT = TextClassificationScript()
