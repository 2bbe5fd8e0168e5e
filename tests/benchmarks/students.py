"""What smaller models lose and gain: students with fewer layers beside the run that they learned from.

    python tests/benchmarks/students.py --data FOLDER --output runs.jsonl [--sets trec,wnut17] [--ways 3,2] [--seeds 3]
    python tests/benchmarks/students.py --output runs.jsonl --table

A run as Auto trains it on all training rows of the set (without choosing), then the students as `export --smaller`
makes them, through the program's own functions; all are scored on the test rows. A way is a number of layers, which
may be followed by what is tried instead: "3/TEMPERATURE=4/STATES_WEIGHT=0/EPOCHS=1/learning_rate=1e-4" changes
constants of the engine and settings of the student's training. Way 0 is the run itself.

The time of an answer is measured on the processor in fp32 with `--threads` threads: tokenizer and network, the median
of calls with one text and with 32. Each model adds one line of JSON to the output, and a second start takes up what is
missing.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.few_rows import SETS, known, parser_of_runs, read_rows, write

CHOSEN = "trec,snips,clinc,wnut17"
CALLS = {1: 200, 32: 20}  # by texts in a call
ENOUGH, FASTER = 0.97, 1.8  # of the score with all layers; times as fast


def silent(_event: object) -> None:
    """Nobody listens."""


def trained(dataset: Any, seed: int, threads: int, workspace: Any) -> Any:
    """The evaluated run whose students are made."""
    import msgspec

    from engine import stages
    from engine.contract.defaults import without_choosing
    from engine.contract.presets import presets
    from engine.contract.settings import EvaluateSettings
    from engine.tasks.registry import task_facts

    auto = presets(dataset, refused=task_facts(dataset.task).refused_settings)[1].settings
    settings = msgspec.structs.replace(without_choosing(auto), seed=seed, threads=threads)
    run = stages.fine_tune(dataset, settings, silent, workspace=workspace)
    return stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)


def made(evaluation: Any, way: str, workspace: Any) -> Any:
    """The evaluated student of this way."""
    import msgspec

    from engine.contract.settings import FineTuneSettings
    from engine.distilling import smaller
    from engine.training.methods import distillation

    places = dict.fromkeys(("EPOCHS", "EPOCHS_OF_WORDS"), smaller)
    places |= dict.fromkeys(("TEMPERATURE", "STATES_WEIGHT", "REPLACED"), distillation)
    layers, *changes = way.split("/")
    values = dict(change.split("=") for change in changes)
    usual = smaller.student_settings

    def settings_of(run: Any, kept: int) -> FineTuneSettings:
        own = {name: value for name, value in values.items() if name.islower()}
        return msgspec.convert({**msgspec.to_builtins(usual(run, kept)), **own}, FineTuneSettings, strict=False)

    with ExitStack() as changed:
        changed.enter_context(mock.patch.object(smaller, "student_settings", settings_of))
        # Each way trains its own: one that was made before is of another way.
        changed.enter_context(mock.patch.object(smaller, "_students", return_value=[]))
        for name, value in values.items():
            if name.isupper():
                changed.enter_context(mock.patch.object(places[name], name, float(value)))
        return smaller.student(evaluation, int(layers), silent, workspace=workspace)


def milliseconds(report: Any, texts: list[str], threads: int) -> dict[str, float]:
    """The median of calls by texts in each, on the processor in fp32."""
    import torch

    from engine.evaluating.trained_network import trained_network

    network, tokenizer = trained_network(report.run)
    longest = min(128, report.run.dataset.model.max_length)
    network.to("cpu").float()  # type: ignore[arg-type]
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    found = {}
    try:
        for batch, calls in CALLS.items():
            times = []
            for call in range(calls + 5):
                given = [texts[(call * batch + one) % len(texts)] for one in range(batch)]
                started = time.perf_counter()
                encoded = tokenizer(given, padding=True, truncation=True, max_length=longest, return_tensors="pt")
                with torch.inference_mode():
                    network(**encoded)
                times.append(1000 * (time.perf_counter() - started))
            found[str(batch)] = round(statistics.median(times[5:]), 3)
    finally:
        torch.set_num_threads(before)
    return found


def line_of(report: Any, texts: list[str], name: str, threads: int) -> dict[str, Any]:
    """What is written of a model."""
    run = report.run
    return {
        "score": report.scores[SETS[name].metric if "label" not in SETS[name].columns else "macro_f1"],
        "accuracy": report.scores.get("accuracy"),
        "rows": report.rows,
        "training_rows": run.dataset.splits["train"].rows,
        "steps": run.steps,
        "seconds": round(run.seconds, 1),
        "device": run.device,
        "precision": run.precision,
        "best_step": run.best_step,
        "milliseconds": milliseconds(report, texts, threads),
    }


def table(output: Path) -> None:
    """Scores and times of each way beside those of the run with all layers; means of the seeds."""
    lines = known(output)
    for name in dict.fromkeys(line["set"] for line in lines):
        own = {line["seed"]: line for line in lines if (line["set"], line["way"]) == (name, "0")}
        for way in dict.fromkeys(line["way"] for line in lines if line["set"] == name):
            models = [line for line in lines if (line["set"], line["way"]) == (name, way) and line["seed"] in own]
            score = statistics.mean(line["score"] for line in models)
            whole = statistics.mean(own[line["seed"]]["score"] for line in models)
            share = score / whole if whole else 0.0
            pairs = [(own[line["seed"]]["milliseconds"], line["milliseconds"]) for line in models]
            alone, together = (statistics.median(all_[str(n)] / less[str(n)] for all_, less in pairs) for n in CALLS)
            seconds = statistics.mean(line["seconds"] for line in models)
            print(
                f"{name}, way {way}: {score:.3f}, {100 * share:.1f} % of all layers; {alone:.2f} and {together:.2f} "
                f"times as fast with 1 and 32 texts; trained {seconds:.0f} s, {len(models)} seeds; "
                f"{'holds' if share >= ENOUGH and alone >= FASTER else 'does not hold'}"
            )


def main() -> None:
    """Makes the missing models, or prints the table of those there are."""
    parser = parser_of_runs()
    parser.add_argument("--sets", default=CHOSEN)
    parser.add_argument("--ways", default="3,2", help="see above")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most-rows", type=int, default=0, help="of training; 0: all")
    options = parser.parse_args()
    if options.table:
        table(options.output)
        return
    from engine import stages
    from engine.contract.settings import FileRows, FolderModel, PrepareSettings, Roles, StarterModel
    from engine.workspace.layout import Workspace

    done = {(line["set"], line["seed"], line["way"]) for line in known(options.output)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workspace = Workspace(folder / "workspace").create()
        source = FolderModel(str(options.model.resolve())) if options.model else StarterModel()
        model = stages.load_model(source, silent, workspace=workspace)
        for name in options.sets.split(","):
            wanted = ["0", *options.ways.split(",")]
            if all((name, seed, way) in done for seed in range(options.seeds) for way in wanted):
                continue
            train, test = read_rows(options.data, name)
            write(folder / "train.jsonl", train[: options.most_rows or None])
            write(folder / "test.jsonl", test)
            texts = [row["text"] if "text" in row else " ".join(row["tokens"]) for row in test]
            rows = FileRows(str(folder / "train.jsonl"), test_path=str(folder / "test.jsonl"))
            roles = Roles(**{role: role for role in SETS[name].columns})
            chosen = PrepareSettings(task=SETS[name].task, roles=roles)
            dataset = stages.prepare_dataset(model, rows, chosen, silent, workspace=workspace)
            for seed in range(options.seeds):
                if all((name, seed, way) in done for way in wanted):
                    continue
                evaluation = trained(dataset, seed, options.threads, workspace)
                for way in wanted:
                    if (name, seed, way) in done:
                        continue
                    report = evaluation if way == "0" else made(evaluation, way, workspace)
                    found = line_of(report, texts, name, options.threads)
                    line = {"set": name, "seed": seed, "way": way, **found}
                    with options.output.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")
                    print(name, seed, way, found["score"], found["seconds"], found["milliseconds"], flush=True)
    table(options.output)


if __name__ == "__main__":
    main()
