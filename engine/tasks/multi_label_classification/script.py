"""Any number of labels per text or pair of texts, as a script."""

from __future__ import annotations

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.contract.text_parsing import YES
from engine.tasks.script import (
    LossCode,
    TaskScript,
    cells_as_they_are,
    encode_texts,
    list_by_hand,
    text_columns,
    usable_texts,
)

_YES = f"({', '.join(map(literal, YES))})"


class MultiLabelClassificationScript(TaskScript):
    """Rows have `text`, `second_text` where they are pairs, and the list `label_set`."""

    problem: str = "multi_label_classification"
    label_column: str = "label_set"
    renaming: str = 'row["label_set"] = list(dict.fromkeys(names.get(label, label) for label in row["label_set"]))'

    def columns(self, roles: Roles) -> dict[str, str]:
        """Texts, and the column with the labels where one has them all."""
        labels = {} if roles.label_columns else {"label_set": roles.labels or "labels"}
        return {**text_columns(roles), **labels}

    def cells(self, roles: Roles) -> dict[str, str]:
        """Labels as a list."""
        cells = cells_as_they_are(self.columns(roles))
        if roles.label_columns:
            names = ", ".join(literal(name) for name in roles.label_columns)
            cells["label_set"] = f"[name for name in [{names}] if str(row[name]).strip().lower() in {_YES}]"
        else:
            cells["label_set"] = f"labels_in({cells['label_set']})"
        return cells

    def cell_functions(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `labels_in(cell)`, where one column holds them all."""
        if dataset.settings.roles.label_columns:
            return ""
        script.imports("ast")
        sign = dataset.settings.label_delimiter
        several = f"cell.split({literal(sign)})" if sign else "[cell]"
        last = "[str(label).strip() for label in cell or [] if str(label).strip()]"
        if dataset.settings.label_positions:
            name = literal(f"{dataset.settings.roles.labels} ")
            last = f"[{name} + str(at) for at, mark in enumerate(cell or [], 1) if str(mark).strip().lower() in {_YES}]"
        return f"""
def labels_in(cell):
    if isinstance(cell, str):
        cell = ast.literal_eval(cell) if cell.strip().startswith("[") else {several}
    return {last}

"""

    def usable(self, roles: Roles) -> str:
        """The texts must be there; a row without any label counts."""
        return usable_texts(roles, "")

    def by_hand(self, change: RowChange) -> str:
        """The labels."""
        return list_by_hand(change.new)

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """A one for each label that is given, a zero for each that is not."""
        return encode_texts(
            script, dataset, '[[float(label in given) for label in labels] for given in batch["label_set"]]'
        )

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """Micro F1."""
        script.imports("sklearn.metrics", "f1_score")
        return """
cut = 0.0  # of the logits: a probability of 0.5


def compute_metrics(outputs):
    predicted = outputs.predictions >= cut
    return {"f1": f1_score(outputs.label_ids, predicted, average="micro", zero_division=0)}
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """Binary cross-entropy over all labels."""
        script.imports("torch.nn.functional", "binary_cross_entropy_with_logits")
        before, weight, lines = "", "", []
        smoothing = settings.label_smoothing
        if settings.class_weights == "balanced":
            script.imports("torch")
            before = """
# Weights with which absent and present labels count alike, for each label.
yes = torch.tensor(splits["train"]["labels"][:]).sum(0)
no = len(splits["train"]) - yes
yes_weight, no_weight = (len(splits["train"]) / (2 * number.clamp(min=1)) for number in (yes, no))
yes_weight[(yes == 0) | (no == 0)] = no_weight[(yes == 0) | (no == 0)] = 1.0
"""
            lines.append("    weight = torch.where(targets > 0, yes_weight.to(targets), no_weight.to(targets))")
            weight = ", weight=weight"
        if smoothing:
            lines.append(f"    targets = targets * {1 - smoothing!r} + {smoothing / 2!r}")
        lines.append(f'    total = binary_cross_entropy_with_logits(logits, targets{weight}, reduction="sum")')
        return LossCode(before, lines)


SCRIPT = MultiLabelClassificationScript()
