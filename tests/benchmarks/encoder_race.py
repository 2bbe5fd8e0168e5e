"""How far the winner of a race is from the best encoder, and what the race costs beside training all of them.

    python tests/benchmarks/encoder_race.py --data ../shared/data [--model FOLDER] [--seeds 3] [--rows 2000]
        [--processes 7] [--threads 2] [--seconds 430] [--known before.jsonl] [--output new.jsonl]

Six encoders are made from the starter: with 6, 4, 3 and 2 of its layers, with a third of the attention heads zeroed,
and with 10 % noise on the weights. For each data set (one for each task) and seed, so many training rows are drawn;
each encoder is loaded and trained in full by the preset Auto, and scored on all test rows; then the race
gets a share of the time that the six trainings took, in which it loads, prepares, trains and compares. Aims: mean
regret at most 0.5 points, in at most 25 % of the time of training all.

The regret of a race is how much higher the best encoder's score is than the winner's, both as means over the seeds:
that of one seed alone (printed as well) has the luck of six trainings in it, which no race can foresee.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from measuring import save

KINDS = ("6 layers", "4 layers", "3 layers", "2 layers", "a third of the heads", "10 % noise")
# Those that take longest first, so that the last processes end together.
NAMES = ("wnut17", "stsb", "nlupp_multilabel", "trec")


def main() -> None:
    """Several races at once, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="the folder with a folder for each data set")
    parser.add_argument("--model", type=Path, help="the folder of the starter; that of its package if left out")
    parser.add_argument("--names", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--updates", type=int, default=0, help="of a whole run; 0: as the preset Auto has it")
    parser.add_argument("--share", type=float, default=0.24, help="of the time of training all, given to the race")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9, help="after which what is not done is left out")
    parser.add_argument("--known", type=Path, help="the --output of a run before: what is in it is not measured again")
    parser.add_argument("--output", type=Path, default=Path("encoder_race.jsonl"))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.child:
        name, seed, encoders = options.child
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(one_race(name, Path(encoders), int(seed), options, Path(folder))), flush=True)
        return
    known = options.known.read_text("utf-8").splitlines() if options.known and options.known.is_file() else []
    found = [json.loads(line) for line in known]
    with options.output.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in known)
        out.flush()
        for one in measured(found, options):
            found.append(one)
            out.write(json.dumps(one) + "\n")
            out.flush()
    show(found)
    save("encoder_race", races=found, rows=options.rows, share=options.share)


def measured(known: list[dict[str, Any]], options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    """Each race as it ends; those that have not ended in time are killed."""
    begun = time.monotonic()
    done = {(one["data"], one["seed"]) for one in known}
    waiting = [(name, seed) for name in options.names for seed in range(1, options.seeds + 1)]
    waiting = [one for one in waiting if one not in done]
    running: dict[tuple[str, int], subprocess.Popen[str]] = {}
    threads = str(options.threads)
    environment = os.environ | {"OMP_NUM_THREADS": threads, "OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "0"}
    with tempfile.TemporaryDirectory() as folder:
        derived(options.model, Path(folder))
        while waiting or running:
            while waiting and len(running) < options.processes:
                name, seed = waiting.pop(0)
                command = [sys.executable, __file__, *sys.argv[1:], "--child", name, str(seed), folder]
                running[name, seed] = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            time.sleep(0.5)
            for key, child in list(running.items()):
                if child.poll() is None and time.monotonic() - begun < options.seconds:
                    continue
                del running[key]
                if child.returncode is None:
                    child.kill()
                    waiting.clear()
                said, _ = child.communicate()
                if child.returncode == 0:
                    one = json.loads(said.splitlines()[-1])
                    print(json.dumps(one), file=sys.stderr, flush=True)
                    yield one
                else:
                    print(f"{key} has no result ({child.returncode})", flush=True)


def derived(starter: Path | None, place: Path) -> None:
    """The six encoders, each in a folder by its name."""
    import torch
    from transformers import BertConfig, BertModel

    from engine.loading.load import starter_folder

    starter = starter or starter_folder()
    for kind in KINDS:
        torch.manual_seed(1)
        folder = place / kind.replace(" ", "-").replace("%", "percent")
        network = BertModel.from_pretrained(str(starter), dtype=torch.float32)
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


def drawn_rows(source: Path, rows: int, seed: int, target: Path) -> Path:
    """So many rows of a file (sentences of a CoNLL file), in their order."""
    import numpy as np

    text = source.read_text("utf-8-sig")
    between = "\n\n" if source.suffix == ".conll" else "\n"
    parts = [part for part in text.split(between) if part.strip()]
    head = parts[:1] if source.suffix in (".csv", ".tsv") else []
    parts = parts[len(head) :]
    chosen = np.sort(np.random.default_rng(seed).choice(len(parts), min(rows, len(parts)), replace=False))
    target.write_text(between.join([*head, *(parts[place] for place in chosen)]) + "\n", "utf-8")
    return target


def one_race(name: str, encoders: Path, seed: int, options: argparse.Namespace, place: Path) -> dict[str, Any]:
    """Every encoder in full, with its score on the test rows, then the race."""
    import msgspec
    import torch

    from engine import stages
    from engine.contract.defaults import without_choosing
    from engine.contract.presets import presets
    from engine.contract.queries import AskEncoderRace, AskPreview, Preview
    from engine.contract.settings import FileRows, FolderModel, PrepareSettings
    from engine.racing.race import race
    from engine.tasks.registry import task_named
    from engine.workspace.layout import Workspace
    from engine.workspace.references import reference_to_dataset

    torch.set_num_threads(options.threads)
    workspace = Workspace(place / "workspace").create()
    files = sorted((options.data / name).iterdir(), key=lambda path: ("train", "validation", "test").index(path.stem))
    rows = FileRows(str(drawn_rows(files[0], options.rows, seed, place / files[0].name)), *map(str, files[1:]))
    preview = stages.answer(AskPreview(rows), _silent, workspace=workspace)
    assert isinstance(preview, Preview)
    settings = PrepareSettings(task=preview.task, roles=preview.roles, seed=seed)
    scores: dict[str, float] = {}
    times = {"load": 0.0, "train": 0.0}
    prepared = None
    for kind in KINDS:
        folder = encoders / kind.replace(" ", "-").replace("%", "percent")
        begun = time.monotonic()
        model = stages.load_model(FolderModel(str(folder)), _silent, workspace=workspace)
        loaded = time.monotonic()
        if prepared is None:
            prepared = stages.prepare_dataset(model, rows, settings, _silent, workspace=workspace)
        dataset = msgspec.structs.replace(prepared, model=model)  # all have the same tokenizer
        begun_training = time.monotonic()
        refused = task_named(dataset.task).facts.refused_settings
        auto = msgspec.structs.replace(
            without_choosing(presets(dataset, refused=refused)[1].settings),
            seed=seed,
            device=options.device,
            threads=options.threads,
        )
        if options.updates:
            auto = msgspec.structs.replace(auto, updates=options.updates)
        run = stages.fine_tune(dataset, auto, _silent, workspace=workspace)
        trained = time.monotonic()
        times["load"] += loaded - begun
        times["train"] += trained - begun_training
        scores[kind] = test_score(run, options.device)
        print(f"  {name} seed {seed}: {kind:<22} {scores[kind]:.3f}", file=sys.stderr, flush=True)
        shutil.rmtree(run.folder, ignore_errors=True)
    assert prepared is not None
    sources = tuple(FolderModel(str(encoders / kind.replace(" ", "-").replace("%", "percent"))) for kind in KINDS)
    question = AskEncoderRace(
        sources, reference_to_dataset(prepared), options.share * times["train"], device=options.device, seed=seed
    )
    begun = time.monotonic()
    found = race(question, _silent, workspace=workspace)
    seconds = time.monotonic() - begun
    kinds = {kind.replace(" ", "-").replace("%", "percent"): kind for kind in KINDS}
    return {
        "data": name,
        "seed": seed,
        "winner": kinds[found.encoders[0].name],
        "scores": scores,
        "race_seconds": seconds,
        "seconds": times,
        "race": {kinds[one.name]: (one.rounds, one.updates, one.loss, one.score) for one in found.encoders},
        "scored_rows": found.rows,
    }


def test_score(run: Any, device: str) -> float:
    """The run's own score on all test rows, without what an evaluation measures besides."""
    from functools import partial

    from engine.contract.sentences import NOTHING
    from engine.evaluating.evaluate import network_outputs
    from engine.evaluating.trained_network import trained_network
    from engine.tasks.registry import task_named
    from engine.training.batching.rows import encoded_rows, read_splits

    names = run.dataset.label_names
    task = task_named(run.dataset.task, names).calibrated(run.calibration)
    trained = trained_network(run)
    trained.network.to(device)  # type: ignore[arg-type]
    rows = encoded_rows(read_splits(run.dataset)["test"], partial(task.words_of_row, label_names=names))
    padding = trained.tokenizer.pad_token_id or 0
    outputs = network_outputs(
        trained.network, task, rows, _silent, batch_size=32, padding_id=padding, note=NOTHING, precision="fp32"
    )
    return float(task.score(outputs, names)[task.metric] or 0.0)


def show(found: list[dict[str, Any]]) -> None:
    """The table, and both aims."""
    regrets, strict, shares, whole = [], [], [], []
    print(f"\n{'data':<18}{'winners':<44}{'best by its mean':<22}{'regret':>7}{'of one seed':>12}{'time':>6}")
    for name in dict.fromkeys(one["data"] for one in found):
        races = [one for one in found if one["data"] == name]
        means = {kind: statistics.mean(one["scores"][kind] for one in races) for kind in KINDS}
        best = max(means, key=means.__getitem__)
        own = [100 * (means[best] - means[one["winner"]]) for one in races]
        alone = [100 * (max(one["scores"].values()) - one["scores"][one["winner"]]) for one in races]
        taken = [one["race_seconds"] / one["seconds"]["train"] for one in races]
        regrets += own
        strict += alone
        shares += taken
        whole += [one["race_seconds"] / sum(one["seconds"].values()) for one in races]
        winners = ", ".join(one["winner"] for one in races)
        print(
            f"{name:<18}{winners:<44}{best:<22}{statistics.mean(own):>7.2f}{statistics.mean(alone):>12.2f}"
            f"{statistics.mean(taken):>6.2f}"
        )
        print(" " * 18 + ", ".join(f"{kind} {100 * mean:.1f}" for kind, mean in means.items()))
    if found:
        print(
            f"\n{len(found)} races: mean regret {statistics.mean(regrets):.2f} points (of one seed alone "
            f"{statistics.mean(strict):.2f}), in {statistics.mean(shares):.2f} of the time of training all "
            f"({statistics.mean(whole):.2f} with loading each)"
        )


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
