"""Three ways to fine-tune that need no knowledge of any field.

The learning rate follows the size of the encoder, the epochs follow the number of rows. Knows no torch.
"""

from __future__ import annotations

import msgspec

from engine.settings import FineTuneSettings
from engine.states import ModelHandle, PreparedDataset

SMALL_MODEL = 90_000_000  # parameters below which 5e-5 is a sound learning rate
LARGE_MODEL = 200_000_000  # parameters from which 1e-5 is
FEW_ROWS = 5_000  # training rows below which five epochs pay


class Preset(msgspec.Struct, frozen=True):
    """A named set of fine-tuning settings with one sentence about when to take it."""

    name: str
    sentence: str
    settings: FineTuneSettings


def presets(dataset: PreparedDataset) -> tuple[Preset, ...]:
    """Quick look, Balanced and Best for this model and these rows."""
    rate = learning_rate(dataset.model)
    rows = dataset.splits["train"].rows
    epochs = 5.0 if rows < FEW_ROWS else 3.0
    batch = 16 if rows < 20_000 else 32
    plain = FineTuneSettings(learning_rate=rate, batch_size=batch)
    return (
        Preset(
            "Quick look",
            "One pass over the rows: shows whether there is something to learn.",
            msgspec.structs.replace(plain, epochs=1.0),
        ),
        Preset(
            "Balanced",
            "A sound result in reasonable time; the right choice for most data.",
            msgspec.structs.replace(plain, epochs=epochs, patience=2),
        ),
        Preset(
            "Best",
            "Twice as long, looking at the held-out rows twice an epoch to keep the best moment.",
            msgspec.structs.replace(
                plain,
                epochs=2 * epochs,
                evaluation_interval=max(1, rows // batch // 2),
                warmup_share=0.06,
                patience=4,
            ),
        ),
    )


def learning_rate(model: ModelHandle) -> float:
    """The learning rate an encoder of this size usually bears (BERT's paper, appendix A.3, and habit since)."""
    if model.parameters < SMALL_MODEL:
        return 5e-5
    return 2e-5 if model.parameters < LARGE_MODEL else 1e-5


def planned_steps(dataset: PreparedDataset, settings: FineTuneSettings) -> int:
    """How many updates of the weights these settings take on these rows; at least one."""
    per_epoch = -(-dataset.splits["train"].rows // settings.batch_size)
    return max(1, round(per_epoch * settings.epochs))
