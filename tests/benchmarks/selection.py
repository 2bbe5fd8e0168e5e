"""How much the best of several evaluations flatters: in a simulation, and in runs on real rows.

    python tests/benchmarks/selection.py                                  the simulation
    python tests/benchmarks/selection.py --train MODEL DATA --output FILE.npz   fine-tunes and keeps what was predicted;
                                                                          the same again continues after the last run
    python tests/benchmarks/selection.py --runs FILE.npz                  what that shows

Of k evaluations on n rows the best is chosen; it flatters by its score on these rows less its true one. Were the
evaluations independent and equally good, that would be the largest of k normal deviates times the standard error of one
score. The factor is the part of it that is left because evaluations of the same rows share most of their answers, and
because some are better than others. `engine.contract.score_sentences` names its range.

The simulation: a row is answered rightly where a normal number is below a bound, which is the same for all evaluations.
The number is shared by all evaluations to some part (rows are easy or hard), and its rest follows from that of the
evaluation before (in one run) or is drawn anew (in a search). In runs: all rows that they are evaluated on are real and
never trained on; n of them are drawn to choose by, and the score on the others is the true one.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.contract.score_sentences import standard_error
from engine.tasks.scores import confusion_matrix, confusion_scores

SETS = 4_000
ROWS = (57, 200, 1_000)
LEARNED, HELD_OUT = 320, 400  # real rows to train on, and to evaluate on
EPOCHS, EVALUATIONS = 3, 6  # of each run
RATES = (1e-4, 3e-4)
NAMES = ("trec", "uci")


def largest(evaluations: int) -> float:
    """The expected largest of so many normal deviates (Blom 1958)."""
    return NormalDist().inv_cdf((evaluations - 0.375) / (evaluations + 0.25))


# The simulation


class Kind(NamedTuple):
    """How alike evaluations are: the shared part of a row's number, and what the rest keeps of the one before."""

    shared: float
    kept: float


KINDS = {
    "one run, late evaluations": Kind(0.7, 0.9),
    "one run": Kind(0.6, 0.7),
    "a search": Kind(0.6, 0.0),
    "independent": Kind(0.0, 0.0),
}


def right_answers(
    kind: Kind, evaluations: int, rows: int, accuracy: float, sets: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Whether each evaluation answers each row rightly: (sets, rows) bool, evaluation by evaluation."""
    hard = generator.standard_normal((sets, rows), dtype=np.float32)
    rest = generator.standard_normal((sets, rows), dtype=np.float32)
    bound = NormalDist().inv_cdf(accuracy)
    for _ in range(evaluations):
        yield math.sqrt(kind.shared) * hard + math.sqrt(1 - kind.shared) * rest < bound
        fresh = generator.standard_normal((sets, rows), dtype=np.float32)
        rest = kind.kept * rest + math.sqrt(1 - kind.kept**2) * fresh


def simulate(sets: int) -> None:
    """The factor for each kind, number of evaluations and rows."""
    print("| evaluations | accuracy | how many | " + " | ".join(f"{rows:,} rows" for rows in ROWS) + " |")
    print("|---|---|---|" + "---|" * len(ROWS))
    for title, kind in KINDS.items():
        for accuracy in (0.75, 0.92):
            for evaluations in (5, 20, 60):
                cells = []
                for rows in ROWS:
                    generator = np.random.default_rng([evaluations, rows])
                    few = max(200, min(sets, 20_000_000 // (rows * evaluations)))
                    best = np.zeros(few)
                    for right in right_answers(kind, evaluations, rows, accuracy, few, generator):
                        np.maximum(best, right.mean(axis=1), out=best)
                    flatters = float(best.mean()) - accuracy
                    error = math.sqrt(accuracy * (1 - accuracy) / rows)
                    cells.append(f"{flatters:.3f} = {flatters / (largest(evaluations) * error):.2f}")
                print(f"| {title} | {accuracy} | {evaluations} | " + " | ".join(cells) + " |", flush=True)


# Real runs


def train(model: Path, data: Path, output: Path) -> None:
    """A run of each data set with each of some learning rates, as a search makes them; those that are kept are done."""
    found: dict[str, np.ndarray] = dict(np.load(output)) if output.exists() else {}
    for rate in RATES:
        for name in NAMES:
            if f"{name}_{rate}" in found:
                continue
            found[f"{name}_truth"], found[f"{name}_{rate}"] = _evaluations(model, data, name, rate)
            np.savez_compressed(output, **found)  # type: ignore[arg-type]
            print(f"{name} {rate}: {found[f'{name}_{rate}'].shape}", flush=True)


def _evaluations(model: Path, data: Path, name: str, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Truth (rows,), and what each evaluation of a run predicted (evaluations, rows)."""
    from engine import stages
    from engine.contract.events import Event, TrainingStarted
    from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, PrepareSettings, Roles
    from engine.tasks.rows import Outputs
    from engine.tasks.text_classification.task import TextClassification
    from engine.workspace.layout import Workspace
    from tests.benchmarks.few_rows import read_rows, write

    answers: list[np.ndarray] = []
    truth = np.zeros(0)
    started = False
    score = TextClassification.score

    def emit(event: Event) -> None:
        nonlocal started
        started = started or isinstance(event, TrainingStarted)

    def watched(task: TextClassification, outputs: Outputs, names: Sequence[str]) -> Any:
        nonlocal truth
        if started:
            truth = np.asarray([int(label) for label in outputs.labels])
            answers.append(np.asarray([int(row.argmax()) for row in outputs.logits]))
        return score(task, outputs, names)

    rows, test = read_rows(data, name)
    np.random.default_rng(0).shuffle(rows)
    TextClassification.score = watched  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "train.jsonl", rows[:LEARNED])
            write(Path(folder) / "held_out.jsonl", (rows[LEARNED:] + test)[:HELD_OUT])
            workspace = Workspace(Path(folder) / "workspace").create()
            handle = stages.load_model(FolderModel(str(model)), emit, workspace=workspace)
            source = FileRows(str(Path(folder) / "train.jsonl"), str(Path(folder) / "held_out.jsonl"))
            chosen = PrepareSettings(roles=Roles(text="text", label="label"), test_share=0.05)
            dataset = stages.prepare_dataset(handle, source, chosen, emit, workspace=workspace)
            steps = dataset.splits["train"].rows // 16 * EPOCHS
            settings = FineTuneSettings(
                epochs=EPOCHS,
                batch_size=16,
                learning_rate=rate,
                evaluation_interval=steps // EVALUATIONS,
                seed=1,
                patience=0,
                threads=1,  # on a computer with other work two wait for each other
            )
            stages.fine_tune(dataset, settings, emit, workspace=workspace)
    finally:
        TextClassification.score = score  # type: ignore[method-assign]
    return truth, np.stack(answers[:EVALUATIONS])


def measure(file: Path, sets: int) -> None:
    """The factor in real runs: of the evaluations of one run, of its later half, and of all runs together."""
    found = np.load(file)
    print("| rows | metric | evaluations | " + " | ".join(f"{rows:,} rows" for rows in ROWS[:2]) + " |")
    print("|---|---|---|" + "---|" * 2)
    for name in NAMES:
        truth = found[f"{name}_truth"]
        predicted = np.stack([found[key] for key in found.files if key.startswith(name) and not key.endswith("truth")])
        runs, each, _ = predicted.shape
        choices = {
            f"{each} of one run": list(predicted),
            f"the last {each // 2} of one run": [run[each // 2 :] for run in predicted],
            f"the last of each of {runs} runs": [predicted[:, -1]],
            f"all {runs * each} of {runs} runs": [predicted.reshape(runs * each, -1)],
        }
        for metric in ("accuracy", "macro_f1"):
            for title, groups in choices.items():
                cells = []
                for rows in ROWS[:2]:
                    parts = [_flatters(truth, group, rows, metric, sets // len(groups)) for group in groups]
                    flatters, factor = np.mean(parts, axis=0)
                    cells.append(f"{flatters:.3f} = {factor:.2f}")
                print(f"| {name} | {metric} | {title} | " + " | ".join(cells) + " |", flush=True)


def _flatters(truth: np.ndarray, predicted: np.ndarray, rows: int, metric: str, sets: int) -> tuple[float, float]:
    """By how much the best of some evaluations flatters on so many rows, and the factor of what is named."""
    generator = np.random.default_rng(rows)
    classes = int(max(truth.max(), predicted.max())) + 1

    def score(answers: np.ndarray, places: np.ndarray) -> float:
        return confusion_scores(confusion_matrix(truth[places], answers[places], classes))[metric] or 0.0

    more, factors = [], []
    for _ in range(sets):
        order = generator.permutation(len(truth))
        chosen, others = order[:rows], order[rows:]
        if metric == "macro_f1":  # which is over the classes that the rows hold
            others = others[np.isin(truth[others], truth[chosen])]
        scores = [score(one, chosen) for one in predicted]
        best = int(np.argmax(scores))
        more.append(scores[best] - score(predicted[best], others))
        factors.append(largest(len(predicted)) * standard_error(scores[best], metric, rows))
    return float(np.mean(more)), float(np.mean(more) / np.mean(factors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--train", type=Path, nargs=2, metavar=("MODEL", "DATA"))
    parser.add_argument("--output", type=Path, default=Path("selection.npz"))
    parser.add_argument("--runs", type=Path)
    options = parser.parse_args()
    if options.train:
        train(*options.train, options.output)
    elif options.runs:
        measure(options.runs, options.sets // 10)
    else:
        simulate(options.sets)
