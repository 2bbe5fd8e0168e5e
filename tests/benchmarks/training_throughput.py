"""Rows a second of one epoch on short reviews: this program's loop beside three ways to use `transformers.Trainer`.

Same starter model, rows, batch size and threads; Trainer's other settings as shipped, which is float32. Sentences of
movie reviews, like SST-2's: a mean of about 27 tokens. Aims: 1.9 times dynamic padding, 1.6 times grouped, 6 times
padded to 128. Both sides run in float32 and, where the processor multiplies bfloat16, in what Auto takes then.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from measuring import interleaved, report

SEED = 42
BATCH = 32
ROWS = 640  # training rows of a round
PADDED_ROWS = 160  # fewer where each takes four times as long; the figure is rows a second
ROUNDS = 3


def main() -> None:
    """Measures and reports."""
    from engine.runtime.worker import calm_libraries

    calm_libraries()  # both sides, as the worker does before torch is loaded
    import torch
    from transformers import logging

    from engine import stages
    from engine.contract.settings import ExampleRows, PrepareSettings, Roles, StarterModel
    from engine.devices import detection as devices
    from engine.workspace.layout import Workspace

    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        model = stages.load_model(StarterModel(), _silent, workspace=workspace)
        settings = PrepareSettings(
            roles=Roles(text="text", label="label"), row_limit=round(ROWS / 0.8), max_length=128, seed=SEED
        )
        dataset = stages.prepare_dataset(model, ExampleRows("short_reviews"), settings, _silent, workspace=workspace)
        rows = _rows(dataset)
        print(f"{len(rows):,} rows, {sum(len(row['input_ids']) for row in rows) / len(rows):.1f} tokens on average")
        grouped = {"train_sampling_strategy": "group_by_length"}
        sides: dict[str, Callable[[], float]] = {
            "Tunewright, fp32": lambda: _ours(dataset, workspace, "fp32"),
            "Trainer, dynamic padding": lambda: _trainer(model.folder, rows),
            "Trainer, grouped by length": lambda: _trainer(model.folder, rows, **grouped),
            "Trainer, padded to 128": lambda: _trainer(model.folder, rows[:PADDED_ROWS], padded=True),
        }
        auto = devices.choose("cpu", precision="auto").precision
        if auto == "bf16":
            sides |= {
                "Tunewright, Auto (bf16)": lambda: _ours(dataset, workspace, "auto"),
                "Trainer, bf16, dynamic padding": lambda: _trainer(model.folder, rows, bf16=True),
                "Trainer, bf16, grouped by length": lambda: _trainer(model.folder, rows, bf16=True, **grouped),
            }
        measured = interleaved(sides, ROUNDS)
        report(
            "training_throughput",
            "rows a second",
            measured,
            "Tunewright, Auto (bf16)" if auto == "bf16" else "Tunewright, fp32",
            seed=SEED,
            rows=len(rows),
            batch_size=BATCH,
            threads=torch.get_num_threads(),
        )


def _silent(_event: object) -> None:
    pass


def _rows(dataset: Any) -> list[dict[str, Any]]:
    from engine.training.batching.rows import read_splits

    split = read_splits(dataset)["train"]
    return [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in split]


def _ours(dataset: Any, workspace: Any, precision: Literal["auto", "fp32"]) -> float:
    from engine import stages
    from engine.contract.events import StepsTrained
    from engine.contract.settings import FineTuneSettings

    last: list[StepsTrained] = []

    def listen(event: object) -> None:
        if isinstance(event, StepsTrained):
            last[:] = [event]

    settings = FineTuneSettings(epochs=1.0, batch_size=BATCH, device="cpu", precision=precision, seed=SEED)
    stages.fine_tune(dataset, settings, listen, workspace=workspace)
    return float(dataset.splits["train"].rows / last[0].seconds)


def _trainer(model_folder: str, rows: list[dict[str, Any]], *, padded: bool = False, **options: Any) -> float:
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    network = AutoModelForSequenceClassification.from_pretrained(model_folder, num_labels=2)
    collator = DataCollatorWithPadding(tokenizer, **({"padding": "max_length", "max_length": 128} if padded else {}))
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=5e-5,
            use_cpu=True,
            disable_tqdm=True,
            report_to=[],
            seed=SEED,
            **options,
        )
        trainer = Trainer(model=network, args=arguments, train_dataset=rows, data_collator=collator)
        started = time.perf_counter()
        trainer.train()
        return len(rows) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
