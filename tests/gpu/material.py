"""What the GPU checks work with: models of a size, rows of a length, and `transformers.Trainer` on the same rows."""

from __future__ import annotations

import functools
import json
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

SEED = 42


class Checks:
    """What was looked at, and what was found."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.facts: dict[str, Any] = {}

    def expect(self, holds: bool, what: str) -> None:
        print(f"  {'ok  ' if holds else 'FAIL'} {what}", flush=True)
        if not holds:
            self.failed.append(what)

    def note(self, name: str, value: Any) -> None:
        print(f"       {name}: {value}", flush=True)
        self.facts[name] = value

    def section(self, look: Callable[..., None], *given: Any) -> None:
        """One part of the checks, timed; an error in it is reported and does not keep the others from running."""
        started = time.perf_counter()
        try:
            look(self, *given)
        except Exception:
            traceback.print_exc()
            self.expect(False, f"{look.__module__}.{look.__name__} runs to its end")
        print(f"       ({time.perf_counter() - started:.0f} s)", flush=True)


def silent(*_given: object) -> None:
    """Listens to nothing."""


def random_bert_base(starter: Path, folder: Path, *, dropout: float = 0.1) -> Path:
    """BERT-base's shape with random weights and the starter's tokenizer: speed does not depend on the numbers."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(SEED)
    BertModel(BertConfig(hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(starter / name, folder / name)
    return folder


def rows_of_words(starter: Path, file: Path, *, rows: int, tokens: int = 0) -> Path:
    """A JSONL of texts and labels: each of `tokens` tokens, or as long as SST-2's sentences (a mean of 23)."""
    chosen = random.Random(SEED)
    vocabulary = (starter / "vocab.txt").read_text("utf-8").splitlines()
    words = [word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 3]
    with file.open("w", encoding="utf-8") as out:
        for _ in range(rows):
            length = tokens or min(67, max(5, round(chosen.lognormvariate(3.0, 0.5)) + 2))
            text = " ".join(chosen.choices(words, k=length - 2))
            out.write(json.dumps({"text": text, "label": chosen.choice(("yes", "no"))}) + "\n")
    return file


def prepared(model_folder: Path, source: Any, workspace: Any, **changes: Any) -> Any:
    """Rows prepared for a model."""
    from engine import stages
    from engine.contract.settings import FolderModel, PrepareSettings

    model = stages.load_model(FolderModel(str(model_folder)), silent, workspace=workspace)
    return stages.prepare_dataset(model, source, PrepareSettings(seed=SEED, **changes), silent, workspace=workspace)


@functools.cache
def long_rows(starter: Path, folder: Path) -> tuple[Any, Any]:
    """16,384 rows of 128 tokens prepared for BERT-base with random weights, and their workspace."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    workspace = Workspace(folder / "long-rows").create()
    rows = FileRows(str(rows_of_words(starter, folder / "long-rows.jsonl", rows=16_384, tokens=128)))
    base = random_bert_base(starter, folder / "long-rows-base")
    return prepared(base, rows, workspace, max_length=128, validation_share=0.01, test_share=0.01), workspace


def our_run(dataset: Any, workspace: Any, **changes: Any) -> tuple[Any, float, float]:
    """A run, its rows a second from the first step to the last, and those of the second half of its steps.

    An evaluation in the middle, with the copy for its checkpoint, is in the first of them alone.
    """
    from engine import stages
    from engine.contract.events import StepsTrained
    from engine.contract.settings import FineTuneSettings
    from engine.training import fine_tune as room

    received: list[StepsTrained] = []

    def listen(event: object) -> None:
        if isinstance(event, StepsTrained):
            received.append(event)

    settings = FineTuneSettings(seed=SEED, **changes)
    with (  # they take longer on the processor than the training on the GPU
        mock.patch.object(room, "measure_baselines", silent),
        mock.patch.object(room, "measure_linear_probe", silent),
    ):
        run = stages.fine_tune(dataset, settings, listen, workspace=workspace)
    middle = [event for event in received if event.step >= received[-1].step / 2][1]
    batch = settings.batch_size
    later = batch * (received[-1].step - middle.step) / max(1e-9, received[-1].seconds - middle.seconds)
    return run, batch * received[-1].step / received[-1].seconds, later


def _single(batch: dict[str, Any]) -> dict[str, Any]:
    """Numbers in float32, which bfloat16 networks can be trained on."""
    is_wide = batch["labels"].is_floating_point()
    return {**batch, "labels": batch["labels"].float()} if is_wide else batch


def trainer_network(dataset: Any, *, epochs: int, batch_size: int, learning_rate: float, seed: int = SEED) -> Any:
    """A network trained by `Trainer` in bf16 with dynamic padding, its other settings as shipped, and the seconds."""
    import torch
    from transformers import Trainer, TrainingArguments

    from engine.tasks.registry import task_named
    from engine.training.batching.rows import encoded_rows, read_splits

    task = task_named(dataset.task)
    rows = encoded_rows(read_splits(dataset)["train"])
    torch.manual_seed(seed)
    network = task.build_network(Path(dataset.model.folder), dataset.label_names)
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            num_train_epochs=epochs,
            per_device_train_batch_size=batch_size,
            learning_rate=learning_rate,
            warmup_steps=0.1,
            weight_decay=0.01,
            bf16=True,
            use_cpu=not torch.cuda.is_available(),
            disable_tqdm=True,
            report_to=[],
            save_strategy="no",
            remove_unused_columns=False,
            seed=seed,
        )
        trainer = Trainer(
            model=network,
            args=arguments,
            train_dataset=rows.features(range(len(rows))),
            data_collator=lambda features: _single(task.collate(features, padding_id=0)),
        )
        started = time.perf_counter()
        trainer.train()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return network, time.perf_counter() - started
