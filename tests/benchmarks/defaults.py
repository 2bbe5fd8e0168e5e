"""Which learning rate and how many epochs suit a model: validation scores of three seeds on real rows.

    python tests/benchmarks/defaults.py MODEL_FOLDER DATA_FOLDER [--sets trec,mrpc] [--rates 5e-5,1e-4] [--epochs 3,5]

Each run is one of the preset Balanced: batches of 16, warm-up over a tenth; its score is that of its best epoch.
Appends a line per run to results/defaults.jsonl as soon as it is done, and prints the table at the end.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from measuring import save

SEEDS = (1, 2, 3)


def main() -> None:
    """Trains all of it, set by set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="uci_sentiment_sentences,trec,wnut17,mrpc")
    parser.add_argument("--rates", default="2e-5,5e-5,1e-4,2e-4")
    parser.add_argument("--head-factors", default="1")
    parser.add_argument("--epochs", default="5")
    parser.add_argument("--part", default="full", help="what of the network learns: full, last_layers, head_only, lora")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()

    import transformers

    from engine import stages
    from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, PrepareSettings, ReadingOptions, Roles
    from engine.workspace.layout import Workspace

    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "uci_sentiment_sentences": ("csv", {"roles": Roles(text="text", label="label")}),
        "trec": ("csv", {"roles": Roles(text="text", label="coarse_label")}),
        "mrpc": (
            "tsv",
            {
                "roles": Roles(text="sentence1", second_text="sentence2", label="label"),
                "reading": ReadingOptions(quoting="plain"),
            },
        ),
        "clinc150": ("csv", {"roles": Roles(text="text", label="intent")}),
        "snips": ("jsonl", {"roles": Roles(text="text", label="intent")}),
        "wnut17": ("conll", {"task": "token_classification", "roles": Roles(tokens="tokens", tags="tags")}),
    }
    table: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        model = stages.load_model(FolderModel(str(options.model.resolve())), _silent, workspace=workspace)
        for name in options.sets.split(","):
            suffix, choices = known[name]
            files = [str(options.data / name / f"{split}.{suffix}") for split in ("train", "validation", "test")]
            dataset = stages.prepare_dataset(
                model, FileRows(*files), PrepareSettings(seed=1, **choices), _silent, workspace=workspace
            )
            ways = itertools.product(*(map(float, given.split(",")) for given in _varied(options)))
            for (factor, rate, epochs), seed in itertools.product(ways, SEEDS):
                settings = FineTuneSettings(
                    epochs=epochs,
                    batch_size=16,
                    learning_rate=rate,
                    layers_to_train=options.part,
                    head_rate_factor=factor,
                    seed=seed,
                    device=options.device,
                    threads=options.threads,
                )
                run = stages.fine_tune(dataset, settings, _silent, workspace=workspace)
                score = round(100 * (run.best_score or 0.0), 1)
                choice = f"{rate:g}, answer layer × {factor:g}, {epochs:g} epochs"
                table.setdefault(name, {}).setdefault(choice, []).append(score)
                print(name, choice, score, f"{run.seconds:.1f} s", flush=True)
                save(
                    "defaults", set=name, rate=rate, head_factor=factor, epochs=epochs, seed=seed, score=score,
                    metric=run.metric, part=options.part, epoch=run.best_step / max(1, run.steps) * epochs,
                    precision=run.precision,
                )  # fmt: skip
    for name, choices in table.items():
        print(name)
        for choice, scores in choices.items():
            print(f"  {choice:<40} {statistics.mean(scores):6.1f}   {scores}")


def _varied(options: argparse.Namespace) -> tuple[str, str, str]:
    return options.head_factors, options.rates, options.epochs


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
