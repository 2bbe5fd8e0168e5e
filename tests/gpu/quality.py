"""Held-out scores after the same number of epochs, three seeds, beside `Trainer`: real rows, where they are there."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, NamedTuple

from tests.gpu.material import Checks, prepared, silent, trainer_network

SEEDS = (1, 2, 3)


class Rows(NamedTuple):
    """A folder of the real rows, how it is read, and how it is trained."""

    suffix: str
    metric: str
    epochs: int
    learning_rate: float
    settings: dict[str, Any]


def sets() -> dict[str, Rows]:
    from engine.contract.settings import ReadingOptions, Roles

    plain = ReadingOptions(quoting="plain")
    pair = Roles(text="sentence1", second_text="sentence2", label="label")
    tokens = {"task": "token_classification", "roles": Roles(tokens="tokens", tags="tags")}
    return {
        "trec": Rows("csv", "accuracy", 5, 5e-5, {"roles": Roles(text="text", label="coarse_label")}),
        "snips": Rows("jsonl", "accuracy", 3, 5e-5, {"roles": Roles(text="text", label="intent")}),
        "mrpc": Rows("tsv", "accuracy", 4, 5e-5, {"roles": pair, "reading": plain}),
        "wnut17": Rows("conll", "entity_f1", 5, 1e-4, tokens),
    }


def beside_trainer(checks: Checks, starter: Path, data: Path, folder: Path) -> None:
    """Test scores of both sides; ours is the epoch that was best on the validation rows, Trainer's the last."""
    from engine import stages
    from engine.contract.settings import EvaluateSettings, FileRows, FineTuneSettings
    from engine.workspace.layout import Workspace

    for name, rows in sets().items():
        print(f"\n{name}: {rows.metric} of three seeds")
        workspace = Workspace(folder / f"quality-{name}").create()
        files = [str(data / name / f"{split}.{rows.suffix}") for split in ("train", "validation", "test")]
        dataset = prepared(starter, FileRows(*files), workspace, **rows.settings)
        ours, theirs = [], []
        for seed in SEEDS:
            settings = FineTuneSettings(
                epochs=rows.epochs, batch_size=32, learning_rate=rows.learning_rate, precision="bf16", seed=seed
            )
            run = stages.fine_tune(dataset, settings, silent, workspace=workspace)
            report = stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)
            ours.append(100 * (report.scores[rows.metric] or 0.0))
            network, _ = trainer_network(
                dataset, epochs=rows.epochs, batch_size=32, learning_rate=rows.learning_rate, seed=seed
            )
            theirs.append(100 * score(network, dataset, rows.metric))
            print(f"       {ours[-1]:.1f} beside {theirs[-1]:.1f}", flush=True)
        difference = statistics.mean(ours) - statistics.mean(theirs)
        checks.note(f"{name}: {rows.metric}", [round(value, 1) for value in ours])
        checks.note(f"{name}: {rows.metric}, Trainer", [round(value, 1) for value in theirs])
        checks.expect(difference > -0.5, f"{name}: not half a point below Trainer ({difference:+.2f})")


def score(network: Any, dataset: Any, metric: str) -> float:
    """A network's score on the test rows, as the Evaluate page counts it."""
    import torch

    from engine.contract.sentences import Sentence
    from engine.tasks.registry import task_named
    from engine.training.batching.rows import Batches, encoded_rows, read_splits
    from engine.training.step.predictions import predict_all

    task = task_named(dataset.task)
    rows = encoded_rows(read_splits(dataset)["test"])
    device = next(network.parameters()).device
    batches = Batches(task, rows, padding_id=0, device=torch.device(device), multiple=1)
    outputs = predict_all(
        network,
        task,
        rows,
        batches,
        silent,
        batch_size=64,
        note=Sentence("training.progress.evaluating_validation_set"),
    )
    return task.score(outputs, dataset.label_names)[metric] or 0.0
