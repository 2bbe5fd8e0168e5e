"""How far the winner of a race is from the best encoder, and what the race costs beside training all of them.

    python tests/benchmarks/encoder_race.py [--data support_tickets trec.csv ...] [--seeds 1] [--rows 600]

Six encoders are made from the starter: with 6, 4, 3 and 2 of its layers, with a third of the attention heads zeroed,
and with 10 % noise on the weights. Each is trained in full by the preset Auto and scored on the test rows; the race
gets a share of the time that this took. Aims: mean regret at most 0.5 points, in at most 25 % of the time of all.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

from measuring import save

KINDS = ("6 layers", "4 layers", "3 layers", "2 layers", "a third of the heads", "10 % noise")


def main() -> None:
    """Trains all, then races, for each data set and seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", nargs="*", default=["support_tickets", "short_reviews"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--epochs", type=float, default=0.0, help="of a whole run; 0: as the preset Auto has it")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    regrets, shares, lines = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        encoders = derived(Path(folder) / "encoders")
        for name in options.data:
            for seed in range(1, options.seeds + 1):
                found = one_race(name, encoders, seed, options, Path(folder))
                lines.append(found)
                regrets.append(found["regret"])
                shares.append(found["race_seconds"] / found["training_seconds"])
                print(json.dumps(found), flush=True)
    print(f"\nmean regret {100 * statistics.mean(regrets):.2f} points, share of the time {statistics.mean(shares):.2f}")
    save("encoder_race", races=lines, rows=options.rows, share=options.share)


def derived(place: Path) -> dict[str, Path]:
    """The folders of the six encoders."""
    import torch
    from transformers import BertConfig, BertModel

    from engine.loading.load import starter_folder

    starter = starter_folder()
    made = {}
    for kind in KINDS:
        torch.manual_seed(1)
        folder = place / kind.replace(" ", "-").replace("%", "percent")
        network = BertModel.from_pretrained(str(starter))
        layers = network.encoder.layer
        if kind.endswith("layers"):
            count = int(kind[0])
            kept = [round(place * (len(layers) - 1) / (count - 1)) for place in range(count)]
            network.encoder.layer = torch.nn.ModuleList(layers[number] for number in kept)
            network.config.num_hidden_layers = count
        elif kind.startswith("a third"):
            heads = network.config.num_attention_heads
            width = network.config.hidden_size // heads
            for layer in layers:
                for head in torch.randperm(heads)[: heads // 3].tolist():
                    layer.attention.output.dense.weight.data[:, head * width : (head + 1) * width] = 0
        else:
            for parameter in network.parameters():
                parameter.data += 0.1 * parameter.data.std() * torch.randn_like(parameter) if parameter.dim() > 1 else 0
        assert isinstance(network.config, BertConfig)
        network.save_pretrained(folder)
        for path in starter.glob("*token*"):
            shutil.copy(path, folder)
        if (starter / "vocab.txt").is_file():
            shutil.copy(starter / "vocab.txt", folder)
        made[kind] = folder
    return made


def one_race(name: str, encoders: dict[str, Path], seed: int, options: argparse.Namespace, place: Path) -> dict:
    """Every encoder in full, with its score on the test rows, then the race."""
    import msgspec

    from engine import stages
    from engine.contract.defaults import without_choosing
    from engine.contract.examples import example_named
    from engine.contract.presets import presets
    from engine.contract.queries import AskEncoderRace
    from engine.contract.settings import EvaluateSettings, FileRows, FolderModel, PrepareSettings
    from engine.racing.race import race
    from engine.workspace.layout import Workspace
    from engine.workspace.references import reference_to_dataset

    workspace = Workspace(place / f"{Path(name).stem}-{seed}").create()
    example = example_named(name)
    rows = example.source if example is not None else FileRows(name)
    settings = example.settings if example is not None else PrepareSettings()
    settings = msgspec.structs.replace(settings, row_limit=options.rows, seed=seed)
    scores, seconds, dataset = {}, 0.0, None
    for kind, folder in encoders.items():
        model = stages.load_model(FolderModel(str(folder)), _silent, workspace=workspace)
        dataset = stages.prepare_dataset(model, rows, settings, _silent, workspace=workspace)
        auto = msgspec.structs.replace(without_choosing(presets(dataset)[1].settings), seed=seed, device="cpu")
        if options.epochs:
            auto = msgspec.structs.replace(auto, epochs=options.epochs, updates=0)
        begun = time.monotonic()
        run = stages.fine_tune(dataset, auto, _silent, workspace=workspace)
        seconds += time.monotonic() - begun
        report = stages.evaluate(run, EvaluateSettings(device="cpu"), _silent, workspace=workspace)
        scores[kind] = report.scores[report.headline] or 0.0
        print(f"  {name} seed {seed}: {kind:<22} {scores[kind]:.3f}", file=sys.stderr, flush=True)
    assert dataset is not None
    sources = tuple(FolderModel(str(folder)) for folder in encoders.values())
    question = AskEncoderRace(sources, reference_to_dataset(dataset), options.share * seconds, device="cpu", seed=seed)
    begun = time.monotonic()
    found = race(question, _silent, workspace=workspace)
    kinds = {folder.name: kind for kind, folder in encoders.items()}
    winner = kinds[found.encoders[0].name]
    return {
        "data": name,
        "seed": seed,
        "winner": winner,
        "regret": max(scores.values()) - scores[winner],
        "scores": scores,
        "race_seconds": time.monotonic() - begun,
        "training_seconds": seconds,
    }


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
