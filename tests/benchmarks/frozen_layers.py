"""How much faster training is when only its upper end learns: seconds per epoch against full fine-tuning.

    python tests/benchmarks/frozen_layers.py MODEL_FOLDER [--rows 1000] [--length 64] [--batch 16] [--device cpu]

For each choice it prints the first epoch, in which the frozen layers are computed once per row, a later epoch, and
the ratio of a later epoch of full fine-tuning to it. Validation rows are few, so that training is what is measured.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ["OMP_WAIT_POLICY"] = "passive"  # as the worker has it when torch is loaded

import msgspec
import numpy as np
from datasets import Dataset, DatasetDict
from transformers import AutoConfig

from engine.contract.events import Evaluated, Event
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, SplitCounts
from engine.training import fine_tune as fine_tuning
from engine.workspace.layout import Workspace
from tests.builders import a_dataset, a_model

CHOICES: dict[str, dict[str, object]] = {
    "full": {},
    "last 2 layers": {"layers_to_train": "last_layers", "last_layers": 2},
    "head only": {"layers_to_train": "head_only"},
    "LoRA": {"layers_to_train": "lora"},
}
EPOCHS = 4


def main() -> int:
    """Measures each choice and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    fine_tuning.measure = lambda *_: None  # simple methods are not what is measured here
    settings = FineTuneSettings(
        epochs=EPOCHS,
        batch_size=options.batch,
        device=options.device,
        threads=options.threads,
        checkpoint_interval=86_400,
    )
    print(f"{options.model.name}, {options.rows:,} rows of {options.length} tokens, batch {options.batch}")
    print(f"{'':16}{'first epoch':>12}{'later epoch':>12}{'ratio':>8}")
    full = 0.0
    for name, choice in CHOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            dataset = made_up_rows(options.model, Path(folder), rows=options.rows, length=options.length)
            first, later = seconds(dataset, msgspec.structs.replace(settings, **choice), Path(folder))
        full = full or later
        print(f"{name:16}{first:>10.2f} s{later:>10.2f} s{full / later:>7.1f}×", flush=True)
    return 0


def seconds(dataset: PreparedDataset, settings: FineTuneSettings, folder: Path) -> tuple[float, float]:
    """Of the first epoch, with everything before it, and of the quickest later one."""
    marks = [time.monotonic()]

    def note(event: Event) -> None:
        if isinstance(event, Evaluated):
            marks.append(time.monotonic())

    fine_tuning.fine_tune(dataset, settings, note, workspace=Workspace(folder / "workspace").create())
    epochs = np.diff(marks)
    return float(epochs[0]), float(epochs[1:].min())


def made_up_rows(model: Path, folder: Path, *, rows: int, length: int) -> PreparedDataset:
    """Rows of random tokens, all of the same length, in two classes."""
    config = AutoConfig.from_pretrained(str(model))
    generator = np.random.Generator(np.random.PCG64(1))
    counts = {"train": rows, "validation": 32, "test": 1}
    splits = DatasetDict(
        {
            name: Dataset.from_dict(
                {
                    "input_ids": generator.integers(1000, config.vocab_size - 1, (count, length)).tolist(),
                    "labels": generator.integers(0, 2, count).tolist(),
                    "row": list(range(1, count + 1)),
                }
            )
            for name, count in counts.items()
        }
    )
    splits.save_to_disk(str(folder / "rows"))
    return a_dataset(
        model=a_model(folder=str(model), layers=config.num_hidden_layers, max_length=512),
        folder=str(folder / "rows"),
        splits={name: SplitCounts(count, {}) for name, count in counts.items()},
        max_length=length,
        fingerprint="made up",
    )


if __name__ == "__main__":
    sys.exit(main())
