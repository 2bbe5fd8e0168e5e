"""What a task writes into the plain script: the base of every task's `script.py`, and what these share.

The script's frame (engine/script) asks this and never a task's name. Code is text that ends in a line break; what it
needs is imported through the `Script` it is given.
"""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset

_INDENT = 12 * " "  # of the entries of `by_hand` in the script


class LossCode(NamedTuple):
    """The inside of the script's loss function: what is before it, and its lines up to `total`."""

    before: str
    lines: list[str]


class TaskScript(ABC):
    """One task as a script of `transformers`; the defaults are those of a task with one label per text."""

    collator: str = "DataCollatorWithPadding"  # the class that makes batches
    problem: str = ""  # `problem_type` where `transformers` cannot infer it, else an empty string
    usual_format: str = "csv"  # of a file about which nothing else is known
    label_column: str = ""  # where labels put right by hand go; an empty string where the script leaves that out
    renaming: str = ""  # a line that gives the labels of `row` the new names in `names`; empty where there are none

    @abstractmethod
    def columns(self, roles: Roles) -> dict[str, str]:
        """The script's own names of the columns that are read, to those of the file."""

    def cells(self, roles: Roles) -> dict[str, str]:
        """The script's own names to the expressions that take them out of `row`."""
        return cells_as_they_are(self.columns(roles))

    def more_cells(self, dataset: PreparedDataset) -> dict[str, str]:
        """Further columns of the script's rows that the file has under another form, to their expressions."""
        return {}

    def cell_functions(self, script: Script, dataset: PreparedDataset) -> str:
        """Functions that `cells` calls, where a file has tables."""
        return ""

    def usable(self, roles: Roles) -> str:
        """The function `usable(row)`."""
        return usable_texts(roles, self.label_column)

    def renaming_functions(self) -> str:
        """Functions that `renaming` calls."""
        return ""

    def by_hand(self, change: RowChange) -> str:
        """A label put right by hand, as an expression."""
        return literal((change.new or ("",))[0])

    @abstractmethod
    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `encode(batch)`, which makes input ids and labels."""

    def best(self, dataset: PreparedDataset) -> str:
        """The key in `compute_metrics` by which the best checkpoint is chosen: the one of Tunewright's own runs."""
        return "f1"

    @abstractmethod
    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `compute_metrics(outputs)`, without line breaks around it."""

    @abstractmethod
    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """A loss that is summed over a whole batch, with the weights and the smoothing of these settings."""

    def before_saving(self, script: Script) -> str:
        """What happens to the trained network before it is saved."""
        return ""


def text_columns(roles: Roles) -> dict[str, str]:
    """The columns that are read."""
    return {"text": roles.text or "text", **({"second_text": roles.second_text} if roles.second_text else {})}


def cells_as_they_are(columns: dict[str, str]) -> dict[str, str]:
    """Cells without any change."""
    return {own: f"row[{literal(theirs)}]" for own, theirs in columns.items()}


def usable_texts(roles: Roles, answer: str) -> str:
    """The function `usable(row)`; `answer` is the column that must not be empty, if one must not."""
    needed = [f'row["{name}"]' for name in text_columns(roles)]
    needed += [f'row["{answer}"] not in (None, "")'] if answer else []
    return f"\ndef usable(row):\n    return bool({' and '.join(needed)})\n\n"


def encode_texts(script: Script, dataset: PreparedDataset, answers: str) -> str:
    """The function `encode(batch)`; `answers` is the expression that makes the labels of a batch."""
    text = 'batch["text"]'
    if dataset.settings.strip_html_breaks:
        script.imports("re")
        text = r'[re.sub(r"(?i)<br\s*/?>", " ", text) for text in batch["text"]]'
    second = text.replace('batch["text"]', 'batch["second_text"]')
    is_pair = bool(dataset.settings.roles.second_text)
    inputs = "texts, second_texts" if is_pair else "texts"
    second_line = f"\n    second_texts = {second}" if is_pair else ""
    return f"""

def encode(batch):
    texts = {text}{second_line}
    encoded = tokenizer({inputs}, truncation=True, max_length={dataset.max_length})
    encoded["labels"] = {answers}
    return encoded

"""


def class_loss(
    script: Script, dataset: PreparedDataset, settings: FineTuneSettings, labels: str, *, rooted: bool = False
) -> LossCode:
    """Cross-entropy; `labels` is the expression that goes through the numbers of all training labels.

    With `rooted` the weights follow the root of the labels' rareness (`losses.rooted_weights`).
    """
    script.imports("torch.nn.functional", "cross_entropy")
    before, options = "", ""
    if settings.class_weights == "balanced":
        script.imports("torch")
        script.imports("collections", "Counter")
        if rooted:
            what = "rare labels count more than frequent ones, by the root of how rare they are"
            divisor = "sum(number**0.5 for number in counts.values()) * occurrences**0.5"
        else:
            what, divisor = "rare labels count as much as frequent ones", "len(counts) * occurrences"
        before = f"""
# Weights with which {what}.
counts = Counter({labels})
weights = torch.ones({len(dataset.label_names)})
for number, occurrences in counts.items():
    weights[number] = counts.total() / ({divisor})
"""
        options += ", weight=weights.to(logits)"
    if settings.label_smoothing > 0:
        options += f", label_smoothing={settings.label_smoothing!r}"
    lines = [
        "    logits, targets = logits.flatten(0, -2), targets.flatten()",
        f'    total = cross_entropy(logits, targets{options}, reduction="sum")',
    ]
    return LossCode(before, lines)


def list_by_hand(labels: Sequence[str]) -> str:
    """Labels put right by hand, as a list over as many lines as it needs."""
    return f"[{textwrap.fill(', '.join(literal(label) for label in labels), 100, subsequent_indent=_INDENT)}]"
