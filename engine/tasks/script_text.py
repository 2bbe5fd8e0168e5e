"""What the scripts of all tasks share that read a text or a pair of texts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.tasks.script import LossCode

HEAD = "AutoModelForSequenceClassification"
COLLATOR = "DataCollatorWithPadding"


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


# What the scripts share whose answers are one class each, of a text or of a word; and answers that are lists.

_INDENT = 12 * " "


def class_loss(script: Script, dataset: PreparedDataset, settings: FineTuneSettings, labels: str) -> LossCode:
    """Cross-entropy; `labels` is the expression that goes through the numbers of all training labels."""
    script.imports("torch.nn.functional", "cross_entropy")
    before, options = "", ""
    if settings.class_weights == "balanced":
        script.imports("torch")
        script.imports("collections", "Counter")
        before = f"""
# Weights with which rare labels count as much as frequent ones.
counts = Counter({labels})
weights = torch.ones({len(dataset.label_names)})
for number, occurrences in counts.items():
    weights[number] = counts.total() / (len(counts) * occurrences)
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
