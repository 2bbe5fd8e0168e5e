"""Why fine-tuning comes third, with the user's own numbers."""

from __future__ import annotations

from engine.contract.formatting import count
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from gui.components.numbers import write_number

BEFORE = (
    "Fine-tuning changes the weights of a loaded encoder so that its answers fit your labels. It needs your rows as "
    "token ids, which need the loaded model's tokenizer: so it comes third."
)
WHAT_MOVES = {
    "full": "every weight",
    "last_layers": "every weight of the last layers and the classification head",
    "head_only": "every weight of the classification head",
    "lora": "every weight of the adapters and the classification head",
}


def why_training(dataset: PreparedDataset | None, settings: FineTuneSettings) -> str:
    """The Why text of the page."""
    if dataset is None:
        return BEFORE
    outputs = len(dataset.label_names)
    goal = "what your score measures" if dataset.target_scale is not None else f"your {count(outputs, 'label')}"
    return "\n\n".join(
        (
            f"{dataset.model.name} is pre-trained: its {dataset.model.parameters:,} weights were learned from a large "
            f"text collection, without {goal}. A new classification head with {count(outputs, 'output')} "
            "is put on top; it starts untrained, and that is expected.",
            f"Each step reads {count(settings.batch_size, 'row')}, measures how wrong the answers are (the loss), and "
            f"moves {WHAT_MOVES[settings.layers_to_train]} a little in the direction that makes the loss smaller. "
            f"The learning rate, {write_number(settings.learning_rate)} at its highest, says how far.",
            "The training loss can fall while the model gets no better: it may memorize its rows. The "
            f"{count(dataset.splits['validation'].rows, 'validation row')} are never trained on, so their score shows "
            "what it does with new texts. When that score stops rising, more training does not help; the "
            f"{settings.kept_checkpoint} checkpoint is kept.",
            "The dashed lines are the baselines: what much simpler methods reach on the same rows. A model that does "
            "not pass them is not worth its size.",
        )
    )
