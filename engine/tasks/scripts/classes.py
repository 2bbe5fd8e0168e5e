"""What the scripts share whose answers are one class each, of a text or of a word; and answers that are lists."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from engine.plain_code_text import Script, literal
from engine.settings import FineTuneSettings
from engine.states import PreparedDataset
from engine.tasks.scripts.protocol import LossCode

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
