"""Which class weights suit labels of words: entity F1 on validation rows for each way to weigh, on real rows.

    python tests/benchmarks/class_weights.py MODEL_FOLDER DATA_FOLDER [--ways none,rooted,…] [--seeds 1,2,3]

`DATA_FOLDER` holds wnut17 (train.conll, validation.conll, test.conll). "inverse" is scikit-learn's "balanced", "rooted"
its square root, "capped" at most 10 times the smallest; all average 1 over the training words. Each run takes
`--epochs` epochs of batches of 16 at 1e-4, and its score is that of its best evaluation. Appends a line per run to
results/class_weights.jsonl as soon as it is done.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np
import torch
from measuring import save

from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, PrepareSettings, Roles
from engine.tasks.losses import IGNORED
from engine.tasks.task import Task


def main() -> None:
    """Trains all of it, seed by seed, so that an interrupted run has compared like with like."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ways", default="none,inverse,rooted,capped")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()

    import transformers

    from engine import stages
    from engine.tasks.token_classification.task import TokenClassification
    from engine.workspace.layout import Workspace

    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    scores: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        model = stages.load_model(FolderModel(str(options.model.resolve())), _silent, workspace=workspace)
        files = [str(options.data / "wnut17" / f"{split}.conll") for split in ("train", "validation", "test")]
        choices = PrepareSettings(seed=1, task="token_classification", roles=Roles(tokens="tokens", tags="tags"))
        dataset = stages.prepare_dataset(model, FileRows(*files), choices, _silent, workspace=workspace)
        for seed in map(int, options.seeds.split(",")):
            for way in options.ways.split(","):
                settings = FineTuneSettings(
                    epochs=options.epochs,
                    batch_size=16,
                    learning_rate=1e-4,
                    class_weights="none" if way == "none" else "balanced",
                    seed=seed,
                    device=options.device,
                    threads=options.threads,
                )
                TokenClassification.balanced_weights = functools.partialmethod(weights, way=way)  # type: ignore[assignment]
                run = stages.fine_tune(dataset, settings, _silent, workspace=workspace)
                scores.setdefault(way, []).append(100 * (run.best_score or 0.0))
                print(way, seed, f"{scores[way][-1]:.1f}", f"{run.seconds:.0f} s", flush=True)
                save(
                    "class_weights", set="wnut17", way=way, seed=seed, score=scores[way][-1], epochs=options.epochs,
                    precision=run.precision,
                )  # fmt: skip
    for way, found in scores.items():
        print(f"{way:10}{statistics.mean(found):6.1f}   {[round(score, 1) for score in found]}")


def weights(_task: Task, labels: np.ndarray, label_names: Sequence[str], way: str) -> torch.Tensor:
    """What a word of each class counts, by the way's name; (classes,) float32, on average 1 over the words."""
    counts = np.bincount(labels[labels != IGNORED], minlength=len(label_names)).astype(np.float64)
    factors = counts.sum() / np.maximum(counts, 1)
    if way == "rooted":
        factors = np.sqrt(factors)
    elif way == "capped":
        factors = np.minimum(factors / factors.min(), 10.0)
    factors[counts == 0] = 0.0
    factors *= counts.sum() / (factors * counts).sum()
    factors[counts == 0] = 1.0
    return torch.from_numpy(factors.astype(np.float32))


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
