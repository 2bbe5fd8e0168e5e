"""What is reached with few rows: training methods on draws of real rows, each through the program's own stages.

    python tests/benchmarks/few_rows.py --data FOLDER --output runs.jsonl [--cells trec:16,uci:64] [--draws 5]
    python tests/benchmarks/few_rows.py --output runs.jsonl --table

Methods: contrastive; fine-tuning; a preset by its name, which chooses by cross-validation where it does so for users;
"rule", which is Auto without choosing; "5 minutes", "20 minutes", "60 minutes", which are Auto with that time budget;
"Trainer 3" and "Trainer 20", which are transformers' Trainer at 5e-5 for so many epochs on the same training rows.

The table ends with Auto beside every other method, paired by draw: the mean difference over cells with the number of
cells whose 95 % interval lies wholly below −1.0, how many cells are within 2.0 of the best, and the regret to the
method that is best on the other draws.

A method may be followed by settings of its own: "Auto/learning_rate=5e-5/updates=600".

Each run adds one line of JSON to the output, and a second start takes up what is missing. A cell is a data set and the
training rows for each class (all of a class that has fewer), or in all where a row has no single label (stsb, wnut17,
nlupp); a draw is equal for all methods. Test rows: 1,000 at most, always the same. Validation rows are split off the
training rows, as the program does it for its users.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scipy.stats import t as student_t

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.contract.settings import TaskName

MOST_TEST_ROWS = 1_000
CELLS = "trec:16,trec:64,uci:8,uci:64,snips:8,snips:32,clinc:8,sms:16,sms:64"
BUDGETS = ("5 minutes", "20 minutes", "60 minutes")
Row = dict[str, Any]


class RealRows(NamedTuple):
    """How a set of real rows is read and scored."""

    folder: str
    suffix: str
    columns: dict[str, str]  # the column that plays a role
    task: TaskName = "text_classification"
    metric: str = "accuracy"


SETS = {
    "trec": RealRows("trec", "csv", {"text": "text", "label": "coarse_label"}),
    "uci": RealRows("uci_sentiment_sentences", "csv", {"text": "text", "label": "label"}),
    "clinc": RealRows("clinc150", "csv", {"text": "text", "label": "intent"}),
    "snips": RealRows("snips", "jsonl", {"text": "text", "label": "intent"}),
    "sms": RealRows("sms_spam", "tsv", {"text": "text", "label": "label"}),
    "mrpc": RealRows("mrpc", "tsv", {"text": "sentence1", "second_text": "sentence2", "label": "label"}),
    "stsb": RealRows(
        "stsb", "tsv", {"text": "sentence1", "second_text": "sentence2", "score": "score"}, "regression", "spearman"
    ),
    "wnut17": RealRows("wnut17", "conll", {"tokens": "tokens", "tags": "tags"}, "token_classification", "entity_f1"),
    "nlupp": RealRows(
        "nlupp_multilabel", "jsonl", {"text": "text", "labels": "intents"}, "multi_label_classification", "micro_f1"
    ),
}


def read_split(path: Path, rows: RealRows) -> list[Row]:
    """The rows of a file by their roles."""
    text = path.read_text("utf-8")
    match rows.suffix:
        case "conll":
            sentences = [[line.split("\t") for line in part] for part in _parts(text.splitlines())]
            return [{"tokens": [pair[0] for pair in one], "tags": [pair[1] for pair in one]} for one in sentences]
        case "jsonl":
            found: list[Row] = [json.loads(line) for line in text.splitlines()]
        case "csv":
            with path.open(encoding="utf-8", newline="") as file:
                found = list(csv.DictReader(file))
        case _ if rows.folder == "sms_spam":  # no header
            found = [dict(zip(("label", "text"), line.split("\t", 1), strict=True)) for line in text.splitlines()]
        case _:
            header, *lines = (line.split("\t") for line in text.splitlines())
            found = [dict(zip(header, line, strict=True)) for line in lines]
    return [{role: row[column] for role, column in rows.columns.items()} for row in found]


def _parts(lines: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            part.append(line)
        elif part:
            yield part
            part = []


def read_rows(data: Path, name: str) -> tuple[list[Row], list[Row]]:
    """Training and test rows of a data set."""
    if name not in SETS:
        raise SystemExit(f"unknown data set {name}")
    rows = SETS[name]
    train, test = (read_split(data / rows.folder / f"{part}.{rows.suffix}", rows) for part in ("train", "test"))
    return train, test


def drawn(rows: list[Row], count: int, draw: int) -> list[Row]:
    """So many rows of each class, or in all where a row has no single label, shuffled."""
    generator = random.Random(draw)
    by_label: dict[str, list[Row]] = {}
    for row in rows:
        by_label.setdefault(row.get("label", ""), []).append(row)
    chosen: list[Row] = []
    for label in sorted(by_label):
        chosen += generator.sample(by_label[label], min(count, len(by_label[label])))
    generator.shuffle(chosen)
    return chosen


def write(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def one_run(model: Any, folder: Path, workspace: Any, name: str, method: str, *, threads: int) -> dict[str, Any]:
    """Prepares, trains and evaluates; the scores on the test rows, those of the baselines, and the seconds."""
    import msgspec

    from engine import stages
    from engine.contract.defaults import without_choosing
    from engine.contract.presets import presets
    from engine.contract.settings import EvaluateSettings, FileRows, FineTuneSettings, PrepareSettings, Roles
    from engine.tasks.registry import task_facts

    def silent(_event: object) -> None:
        """Nobody listens."""

    rows = FileRows(str(folder / "train.jsonl"), test_path=str(folder / "test.jsonl"))
    roles = Roles(**{role: role for role in SETS[name].columns})
    dataset = stages.prepare_dataset(
        model, rows, PrepareSettings(task=SETS[name].task, roles=roles), silent, workspace=workspace
    )
    metrics = ("accuracy", "macro_f1") if "label" in SETS[name].columns else (SETS[name].metric,)
    if method.startswith("Trainer "):
        return by_trainer(dataset, int(method.removeprefix("Trainer ")), metrics)
    method, *changes = method.split("/")
    offered = presets(dataset, refused=task_facts(SETS[name].task).refused_settings)
    if method == "contrastive":
        settings = FineTuneSettings(
            method="contrastive", updates=300, batch_size=32, learning_rate=5e-5, evaluation_interval=150
        )
    elif method == "fine-tuning":  # what Auto does where the contrastive start is refused
        settings = presets(dataset, refused={"method": "compared here"})[1].settings
        settings = without_choosing(settings)
    elif method == "rule":
        settings = without_choosing(offered[1].settings)
    elif method in BUDGETS:
        settings = msgspec.structs.replace(offered[1].settings, time_budget=method)
    else:
        settings = {preset.name: preset.settings for preset in offered}[method]
    values = dict(change.split("=") for change in changes)
    own = msgspec.convert(
        {**msgspec.to_builtins(settings), **values, "run_name": method}, FineTuneSettings, strict=False
    )
    if threads:  # the same numbers on every processor
        own = msgspec.structs.replace(own, threads=threads, precision="fp32")
    forecast = stages.measured_before(dataset, own, silent, workspace=workspace)
    started = time.perf_counter()
    run = stages.fine_tune(dataset, own, silent, forecast=forecast, workspace=workspace)
    seconds = time.perf_counter() - started
    report = stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)
    scores = {key: report.scores[key] or 0.0 for key in metrics}
    return {
        "scores": scores,
        "baselines": {name: {key: found.get(key) for key in scores} for name, found in report.baselines.items()},
        "steps": run.steps,
        "seconds": round(seconds, 1),
        "device": run.device,
        "training_rows": dataset.splits["train"].rows,
        "training_seconds": round(run.seconds, 1),
        "choice": chosen(run.choice),
    }


def by_trainer(dataset: Any, epochs: int, metrics: Sequence[str]) -> dict[str, Any]:
    """transformers' Trainer with its usual rate, for so many epochs, scored as the program scores its own runs."""
    from tests.gpu.material import trainer_network
    from tests.gpu.quality import score

    started = time.perf_counter()
    network, _ = trainer_network(dataset, epochs=epochs, batch_size=16, learning_rate=5e-5, seed=42)
    seconds = time.perf_counter() - started
    scores = {key: score(network, dataset, key) for key in metrics}
    rows = dataset.splits["train"].rows
    return {"scores": scores, "baselines": {}, "seconds": round(seconds, 1), "training_rows": rows}


def chosen(choice: Any) -> dict[str, Any] | None:
    """What was compared in a run, or None where nothing was; scores are those of the metric that chooses."""
    if choice is None:
        return None
    return {
        "taken": choice.candidates[choice.taken].name,
        "score": choice.score,
        "interval": choice.interval,
        "seconds": round(choice.seconds, 1),
        "candidates": {one.name: one.score for one in choice.candidates},
        "reason": choice.reason,
    }


def known(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text("utf-8").splitlines()] if output.exists() else []


def missing(options: argparse.Namespace) -> Iterator[tuple[str, int, int, str]]:
    done = {(run["set"], run["per_class"], run["draw"], run["method"]) for run in known(options.output)}
    for draw in range(options.draws):
        for cell in options.cells.split(","):
            name, _, per_class = cell.partition(":")
            for method in options.methods.split(","):
                if (name, int(per_class), draw, method) not in done:
                    yield name, int(per_class), draw, method


def table(output: Path) -> None:
    """The mean score of each method in each cell, and of the baselines."""
    cells: dict[tuple[str, int], dict[str, list[float]]] = {}
    for run in sorted(known(output), key=lambda run: run["draw"]):
        found = cells.setdefault((run["set"], run["per_class"]), {})
        found.setdefault(run["method"], []).append(run["scores"][SETS[run["set"]].metric])
        for name, scores in run["baselines"].items():
            found.setdefault(name, []).append(scores.get(SETS[run["set"]].metric) or 0.0)
    for (name, per_class), found in sorted(cells.items()):
        means = ", ".join(f"{method} {100 * statistics.mean(values):.1f}" for method, values in found.items())
        print(f"{name}, {per_class} {'a class' if 'label' in SETS[name].columns else 'in all'}: {means}")
    paired(output)
    beside_others(cells)


def beside_others(cells: dict[tuple[str, int], dict[str, list[float]]]) -> None:
    """Auto beside each other method on the same draws, in points of the score."""
    full = {cell: found for cell, found in cells.items() if len(found.get("Auto", ())) > 1}
    for other in sorted({name for found in full.values() for name in found} - {"Auto"}):
        differences, below = [], []
        for (name, per_class), found in sorted(full.items()):
            pairs = list(zip(found["Auto"], found.get(other, ()), strict=False))
            if len(pairs) > 1:
                points = [100 * (own - theirs) for own, theirs in pairs]
                mean, error = statistics.mean(points), statistics.stdev(points) / len(points) ** 0.5
                differences.append(mean)
                if mean + student_t.ppf(0.975, len(points) - 1) * error < -1.0:
                    below.append(f"{name} {per_class}")
        if differences:
            mean, names = statistics.mean(differences), ", ".join(below) or "none"
            print(f"Auto beside {other}: {mean:+.1f} over {len(differences)} cells, below: {names}")
    near, regrets, far = 0, [], []
    for (name, per_class), found in sorted(full.items()):
        draws = range(len(found["Auto"]))
        methods = {method: values for method, values in found.items() if len(values) == len(draws)}
        best = max(statistics.mean(values) for values in methods.values())
        own = statistics.mean(found["Auto"])
        near += own >= best - 0.02
        if own < best - 0.02:
            far.append(f"{name} {per_class} ({100 * (own - best):+.1f})")
        for draw in draws:
            others = {method: values[:draw] + values[draw + 1 :] for method, values in methods.items()}
            rival = max(others, key=lambda method: statistics.mean(others[method]))
            regrets.append(100 * (methods[rival][draw] - found["Auto"][draw]))
    if full:
        print(f"within 2.0 of the best: {near} of {len(full)} cells; beyond: {', '.join(far) or 'none'}")
        print(f"mean regret to the best of the other draws: {statistics.mean(regrets):.2f}")


def paired(output: Path) -> None:
    """By draw how much more accurate each way of choosing is than the rule, and how long both take."""
    runs = {(run["set"], run["per_class"], run["draw"], run["method"]): run for run in known(output)}
    for (name, per_class, draw, method), run in sorted(runs.items()):
        rule = runs.get((name, per_class, draw, "rule"))
        if rule is None or run.get("choice") is None:
            continue
        metric = SETS[name].metric
        gain = 100 * (run["scores"][metric] - rule["scores"][metric])
        choice = run["choice"]
        claimed = "" if choice["score"] is None else f", macro F1 {choice['score']:.3f} before, on test rows "
        claimed += "" if choice["score"] is None else f"{run['scores']['macro_f1']:.3f}"
        print(
            f"{name}, {per_class} a class, draw {draw}, {method}: {gain:+.1f}, took {choice['taken']}, "
            f"choosing {choice['seconds']:.0f} s of {run['seconds']:.0f} s{claimed}"
        )


def parser_of_runs() -> argparse.ArgumentParser:
    """What is asked of a table of runs: the rows, the encoder, the file of the runs, and whether only to print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", type=Path, help="folder of an encoder; the starter model where none is named")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--table", action="store_true")
    return parser


def main() -> None:
    """Makes the missing runs, or prints the table of those there are."""
    parser = parser_of_runs()
    parser.add_argument("--cells", default=CELLS)
    parser.add_argument(
        "--methods",
        help="see above",
        default="contrastive,fine-tuning,Auto,Best",
    )
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="on a CPU in fp32; 0 as the program does it")
    options = parser.parse_args()
    if options.table:
        table(options.output)
        return
    from engine import stages
    from engine.contract.settings import FolderModel, StarterModel
    from engine.workspace.layout import Workspace

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workspace = Workspace(folder / "workspace").create()
        source = FolderModel(str(options.model.resolve())) if options.model else StarterModel()
        model = stages.load_model(source, lambda _event: None, workspace=workspace)
        for name, per_class, draw, method in missing(options):
            train, test = read_rows(options.data, name)
            held_out = random.Random(0).sample(test, min(MOST_TEST_ROWS, len(test)))
            write(folder / "train.jsonl", drawn(train, per_class, draw))
            write(folder / "test.jsonl", held_out)
            found = one_run(model, folder, workspace, name, method, threads=options.threads)
            line = {"set": name, "per_class": per_class, "draw": draw, "method": method, **found}
            with options.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(name, per_class, draw, method, found["scores"], found["seconds"], flush=True)
    table(options.output)


if __name__ == "__main__":
    main()
