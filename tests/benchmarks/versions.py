"""Two versions of the program on the same rows, with the same settings and seeds: the scores on the test rows.

    python tests/benchmarks/versions.py --material FOLDER --data FOLDER
    python tests/benchmarks/versions.py --material FOLDER --model FOLDER --before TREE --output runs.jsonl [--only trec]
    python tests/benchmarks/versions.py --output runs.jsonl --table

The first call writes rows and splits, equal for both versions: the real sets, the three recipes' examples, and few
rows of the sets, another draw for each seed. TREE is a checkout of the version to compare with, whose rooms are those
of 0.2.0. Each version trains in processes of its own; this one evaluates all runs, so that both are scored alike.
Each run adds a line of JSON to the output, and a second start takes up what is missing.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parents[2]
SEEDS = (1, 2, 3)
DRAWS = tuple(range(1, 9))  # seeds of the small sets
FEW = 300  # training and validation rows of the small sets, four to one


class Kind(NamedTuple):
    """How the files of a data set end, what their columns are, and which score counts."""

    suffix: str
    metric: str
    roles: dict[str, str]
    task: str = "text_classification"
    plain: bool = False  # quotation marks are plain characters


class Cell(NamedTuple):
    """A data set, and the settings it is trained with."""

    kind: Kind
    settings: dict[str, Any]
    drawn: bool = False  # other rows for each seed
    now: Mapping[str, Any] = MappingProxyType({})  # settings of this version alone


TREC = Kind("csv", "accuracy", {"text": "text", "label": "coarse_label"})
SNIPS = Kind("jsonl", "accuracy", {"text": "text", "label": "intent"})
MRPC = Kind("tsv", "accuracy", {"text": "sentence1", "second_text": "sentence2", "label": "label"}, plain=True)
STSB = Kind(
    "tsv", "spearman", {"text": "sentence1", "second_text": "sentence2", "label": "score"}, "regression", plain=True
)
WNUT = Kind("conll", "entity_f1", {"tokens": "tokens", "tags": "tags"}, "token_classification")
TICKETS = Kind("csv", "accuracy", {"text": "text", "label": "intent"})
REVIEWS = Kind("csv", "accuracy", {"text": "text", "label": "label"})


def _full(epochs: float, learning_rate: float, batch_size: int = 32, **others: Any) -> dict[str, Any]:
    return {"epochs": epochs, "learning_rate": learning_rate, "batch_size": batch_size, "warmup_share": 0.1, **others}


# What the preset Best was for few rows in the version before: twice an epoch, stopped by patience.
_BEST = {
    "epochs": 10.0,
    "learning_rate": 1e-4,
    "batch_size": 16,
    "warmup_share": 0.06,
    "patience": 4,
    "evaluation_interval": 10,
}
# What the presets of this version do where so few validation rows are there: no patience, the last checkpoint.
_FEW_NOW = {"patience": 0, "kept_checkpoint": "last"}

_FEW = {"trec": TREC, "snips": SNIPS, "mrpc": MRPC, "stsb": STSB, "wnut17": WNUT}
CELLS = {
    "trec": Cell(TREC, _full(5, 5e-5)),
    "snips": Cell(SNIPS, _full(3, 5e-5)),
    "mrpc": Cell(MRPC, _full(4, 5e-5)),
    "stsb": Cell(STSB, _full(4, 5e-5)),
    "wnut17": Cell(WNUT, _full(5, 1e-4)),
    "wnut17-weighted": Cell(WNUT, _full(5, 1e-4, class_weights="balanced")),
    "support_tickets": Cell(TICKETS, _full(8, 2e-4, 16)),
    "entities": Cell(WNUT, _full(12, 3e-4, 8)),
    "short_reviews": Cell(REVIEWS, _full(1, 1e-4, evaluation_interval=107)),
    **{f"{name}-few": Cell(kind, _BEST, drawn=True) for name, kind in _FEW.items()},
    **{f"{name}-few-preset": Cell(kind, _BEST, drawn=True, now=_FEW_NOW) for name, kind in _FEW.items()},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--material", type=Path, help="folder of the rows, written by the first call")
    parser.add_argument("--data", type=Path, help="folder of the real rows, for the first call")
    parser.add_argument("--model", type=Path, help="folder of the starter model")
    parser.add_argument("--before", type=Path, help="checkout of the version to compare with")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--only", default=",".join(CELLS))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--step", nargs=4, metavar=("WHAT", "CELL", "TREE", "WORKSPACE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in ("material", "data", "model", "before", "output"):  # a step runs in its version's folder
        if getattr(options, name) is not None:
            setattr(options, name, getattr(options, name).resolve())
    if options.step:
        what, cell, tree, workspace = options.step
        sys.path.insert(0, tree)
        (_train if what == "train" else _evaluate)(cell, options.material, options.model, Path(workspace))
    elif options.table:
        table(options.output)
    elif options.data:
        sys.path.insert(0, str(HERE))
        write_material(options.material, options.data)
    else:
        compare(options)


def write_material(folder: Path, data: Path) -> None:
    """All cells' files: the real sets as they are, the examples and the small sets as drawn here."""
    for name, cell in CELLS.items():
        if _place(name) != name:
            continue  # the rows of another cell
        if cell.drawn:
            source = data / name.removesuffix("-few")
            for seed in DRAWS:
                chosen = random.Random(seed).sample(_records(source / f"train.{cell.kind.suffix}", cell.kind), FEW)
                held_out = FEW // 5
                test = _records(source / f"test.{cell.kind.suffix}", cell.kind)
                _write(folder / name / str(seed), cell.kind, chosen[held_out:], chosen[:held_out], test)
        elif name in ("support_tickets", "entities", "short_reviews"):
            rows = _example_records(name, cell.kind, folder)
            random.Random(42).shuffle(rows)
            tenth = len(rows) // 10
            _write(folder / name, cell.kind, rows[3 * tenth :], rows[:tenth], rows[tenth : 3 * tenth])
        else:
            source = data / name
            parts = [_records(source / f"{part}.{cell.kind.suffix}", cell.kind) for part in _PARTS]
            _write(folder / name, cell.kind, *parts)


def _place(name: str) -> str:
    """The folder of a cell's rows."""
    return name.removesuffix("-weighted").removesuffix("-preset")


_PARTS = ("train", "validation", "test")


def _records(path: Path, kind: Kind) -> list[Any]:
    """The rows of a file: lines, groups of lines, or dictionaries."""
    text = path.read_text("utf-8")
    if kind.suffix == "conll":
        return [block.strip("\n") for block in text.split("\n\n") if block.strip()]
    if kind.suffix == "jsonl":
        return text.splitlines()
    lines = text.splitlines()
    if kind.plain:
        return [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _example_records(name: str, kind: Kind, folder: Path) -> list[Any]:
    from engine.contract.settings import ExampleRows, ReadingOptions
    from engine.reading.sources.sources import all_files, rows_of
    from engine.reading.sources.unpacking import Unpacking

    if name != "short_reviews":
        return _records(HERE / "resources" / "examples" / f"{name}.{kind.suffix}", kind)
    file = all_files(ExampleRows(name), ReadingOptions(), Unpacking(folder, _silent))[0]
    rows: list[Any] = []
    for chunk in rows_of(file, ("text", "label")):
        rows += [dict(zip(chunk.columns, cells, strict=True)) for cells in zip(*chunk.columns.values(), strict=True)]
    return rows


def _write(folder: Path, kind: Kind, *parts: Sequence[Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part, rows in zip(_PARTS, parts, strict=True):
        with (folder / f"{part}.{kind.suffix}").open("w", encoding="utf-8", newline="") as file:
            if kind.suffix == "conll":
                file.write("\n\n".join(rows) + "\n")
            elif kind.suffix == "jsonl":
                file.write("\n".join(rows) + "\n")
            elif kind.plain:
                columns = list(kind.roles.values())
                file.write("\t".join(columns) + "\n")
                file.writelines("\t".join(row[column] for column in columns) + "\n" for row in rows)
            else:
                columns = list(kind.roles.values())
                writer = csv.DictWriter(file, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)


def compare(options: argparse.Namespace) -> None:
    """Trains what is missing, both versions of a cell one after the other, and evaluates it."""
    known = {(line["cell"], line["version"]) for line in _lines(options.output)}
    writing = threading.Lock()
    wanted = [
        (cell, version, tree)
        for cell in options.only.split(",")
        for version, tree in (("before", options.before), ("now", HERE))
        if (cell, version) not in known
    ]

    def one(job: tuple[str, str, Path]) -> None:
        cell, version, tree = job
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as workspace:
            common = [sys.executable, __file__, "--material", str(options.material), "--model", str(options.model)]
            ends = []
            for what, own in (("train", tree), ("evaluate", HERE)):
                step = [*common, "--step", what, cell, str(own.resolve()), workspace]
                done = subprocess.run(step, capture_output=True, text=True, check=False, cwd=own)
                ends.append(done)
                if done.returncode:
                    print(f"{cell} {version} {what}: {done.stderr[-3000:]}", flush=True)
                    return
        lines = [json.loads(line) for line in ends[1].stdout.splitlines() if line.startswith("{")]
        with writing, options.output.open("a", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps({"cell": cell, "version": version, **line}) + "\n")
        scores = [round(100 * line["score"], 1) for line in lines]
        print(f"{cell:18} {version:7} {scores}  {time.monotonic() - started:.0f} s", flush=True)

    with ThreadPoolExecutor(options.processes) as pool:
        list(pool.map(one, wanted))
    table(options.output)


def _train(name: str, material: Path, model_folder: Path, folder: Path) -> None:
    """All seeds of a cell, by the version that is first on the path of modules."""
    from engine import stages
    from engine.contract.settings import (
        FileRows,
        FineTuneSettings,
        FolderModel,
        PrepareSettings,
        ReadingOptions,
        Roles,
    )
    from engine.workspace.layout import Workspace

    cell = CELLS[name]
    chosen = {**cell.settings, **(cell.now if Path(stages.__file__).is_relative_to(HERE) else {})}
    workspace = Workspace(folder).create()
    model = stages.load_model(FolderModel(str(model_folder.resolve())), _silent, workspace=workspace)
    reading = ReadingOptions(quoting="plain") if cell.kind.plain else ReadingOptions()
    choices = PrepareSettings(seed=1, task=cell.kind.task, roles=Roles(**cell.kind.roles), reading=reading)
    dataset = None
    drawn = sorted(int(folder.name) for folder in (material / _place(name)).iterdir()) if cell.drawn else []
    for seed in drawn or SEEDS:
        place = material / _place(name) / (str(seed) if cell.drawn else "")
        if dataset is None or cell.drawn:
            rows = FileRows(*(str((place / f"{part}.{cell.kind.suffix}").resolve()) for part in _PARTS))
            dataset = stages.prepare_dataset(model, rows, choices, _silent, workspace=workspace)
        settings = FineTuneSettings(**chosen, precision="bf16", seed=seed, run_name=f"seed {seed}")
        stages.fine_tune(dataset, settings, _silent, workspace=workspace)


def _evaluate(name: str, material: Path, _model: Path, folder: Path) -> None:
    """Every run of the workspace, scored by this version; a line of JSON each."""
    from engine import stages
    from engine.contract.settings import EvaluateSettings
    from engine.evaluating.trained_network import trained_network
    from engine.workspace.layout import Workspace
    from engine.workspace.runs import list_runs

    workspace = Workspace(folder).create()
    for record in sorted(list_runs(workspace), key=lambda one: one.settings.seed):
        run = record.run
        report = stages.evaluate(run, EvaluateSettings(precision="bf16"), _silent, workspace=workspace)
        score = report.scores[CELLS[name].kind.metric] or 0.0
        line = {"seed": record.settings.seed, "score": score, "steps": run.steps}
        if CELLS[name].kind is WNUT:
            place = material / _place(name) / (str(record.settings.seed) if CELLS[name].drawn else "")
            line |= _by_pipeline(trained_network(run), _records(place / "test.conll", WNUT))
        print(json.dumps(line), flush=True)


def _by_pipeline(trained: Any, rows: Sequence[str]) -> dict[str, float]:
    """Entity F1 as a plain pipeline answers: characters of texts, words joined by spaces."""
    import torch
    from transformers import pipeline

    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    network = trained.network.to(device).float()
    answers = pipeline(
        "token-classification", network, tokenizer=trained.tokenizer, aggregation_strategy="first", device=device
    )
    texts, truths = [], []
    for row in rows:
        pairs = [line.split("\t") for line in row.splitlines()]
        text, spans = "", []
        for word, tag in pairs:
            text += " " * bool(text)
            start, text = len(text), text + word
            if tag.startswith("I-") and spans:
                spans[-1][1] = len(text)
            elif tag != "O":
                spans.append([start, len(text), tag[2:]])
        texts.append(text)
        truths.append({tuple(span) for span in spans})
    right = found = 0
    for truth, answer in zip(truths, answers(texts, batch_size=64), strict=True):
        given = {(one["start"], one["end"], one["entity_group"]) for one in answer}
        right, found = right + len(truth & given), found + len(given)
    true = sum(map(len, truths))
    return {"pipeline": 2 * right / max(1, found + true)}


def _silent(_event: object) -> None:
    """Nobody listens."""


def _lines(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text("utf-8").splitlines()] if output.exists() else []


def table(output: Path) -> None:
    """Means over the seeds, and the paired difference with its standard error."""
    scores: dict[tuple[str, str], dict[int, float]] = {}
    for line in _lines(output):
        scores.setdefault((line["cell"], line["version"]), {})[line["seed"]] = 100 * line["score"]
    print(f"{'cell':18} {'metric':10} {'before':>7} {'now':>7} {'difference':>11}")
    for name, cell in CELLS.items():
        before, now = scores.get((name, "before"), {}), scores.get((name, "now"), {})
        seeds = sorted(before.keys() & now.keys())
        if seeds:
            differences = [now[seed] - before[seed] for seed in seeds]
            error = statistics.stdev(differences) / len(seeds) ** 0.5 if len(seeds) > 1 else float("nan")
            ends = _mean(before.values()), _mean(now.values()), _mean(differences)
            print(f"{name:18} {cell.kind.metric:10} {ends[0]:7.1f} {ends[1]:7.1f} {ends[2]:+7.2f} ± {error:.2f}")


def _mean(values: Iterable[float]) -> float:
    return statistics.mean(values)


if __name__ == "__main__":
    main()
