"""One cell of family × task: a small random network is trained, resumed, evaluated, exported and proven.

Its configuration is the family's, its tokenizer of the kind that the family is published with (family_folders.py). The
rows are prepared once for each tokenizer and task; families with the same tokenizer share them.

    python -m tests.engine.family_matrix RESULTS docs/families.md [COMMIT]     the table of what a nightly run left

A nightly run of test_family_matrix.py leaves its results in the file that TUNEWRIGHT_FAMILY_RESULTS names.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec
import torch
from safetensors.torch import load_file

from engine import stages
from engine.contract.errors import StopRequested
from engine.contract.events import Event, StepsTrained
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows, FolderModel, PrepareSettings, TaskName
from engine.contract.states import ModelHandle, PreparedDataset, TrainingRun
from engine.evaluating import evaluate as evaluating
from engine.evaluating.frozen_encoder import FrozenEncoder
from engine.loading.configuration import ENCODERS
from engine.training import fine_tune as training
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, name_file, review_rows
from tests.engine.every_task import rows_of
from tests.engine.family_folders import family_folder, kind_of
from tests.engine.small_runs import small_settings
from tests.paths import commit_now

STEPS = ("train", "resume", "evaluate", "export", "proof")
NOT_RUN, PASSED = "not run", "passed"
TASKS: dict[str, TaskName] = {
    "one label": "text_classification",
    "two texts": "text_classification",
    "several labels": "multi_label_classification",
    "number": "regression",
    "entities": "token_classification",
}
_ROWS = {"two texts": "pair", "several labels": "labels_joined", "number": "score"}
UPDATES, STOPPED_AT = 6, 3


class Cell(NamedTuple):
    """What came of each step; a step after one that failed was not run."""

    family: str
    task: str
    steps: dict[str, str]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all steps did."""
        return set(self.steps.values()) == {PASSED}


class Matrix:
    """Cells in one folder, with what they share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workspace = Workspace(folder / "workspace").create()
        self._models: dict[str, ModelHandle] = {}
        self._prepared: dict[tuple[str, str], PreparedDataset] = {}

    def cell(self, family: str, task: str) -> Cell:
        """All steps of one cell, as far as they go."""
        steps = dict.fromkeys(STEPS, NOT_RUN)
        begun = time.monotonic()
        done = self._steps(family, task)
        for step in STEPS:
            try:
                next(done)
                steps[step] = PASSED
            except Exception as error:
                steps[step] = f"{type(error).__name__}: {error}".splitlines()[0]
                break
        return Cell(family, task, steps, time.monotonic() - begun)

    def _steps(self, family: str, task: str) -> Iterator[None]:
        """Yields after each step that did what it should."""
        workspace, dataset = self._workspace, self._dataset(family, task)
        settings = small_settings(updates=UPDATES, epochs=1, seed=3, kept_checkpoint="last")
        with without_baselines():
            run = stages.fine_tune(dataset, settings, ignore, workspace=workspace)
            _expect(run.steps == UPDATES and run.best_score is not None, "the run has all its updates, and a score")
            yield
            stopped = stages.fine_tune(dataset, settings, _stop_at(STOPPED_AT), workspace=workspace)
            _expect(STOPPED_AT <= stopped.steps < UPDATES, "a stop ends the run before its end")
            resumed = stages.fine_tune(dataset, settings, ignore, continue_run=stopped.id, workspace=workspace)
            _expect(resumed.steps == UPDATES, "the run goes on to its end")
            _expect(
                _same_weights(run, resumed), "a run that was stopped and resumed has the weights of one that was not"
            )
            yield
            report = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
            _expect(report.scores[report.headline] is not None, "the held-out rows have a score")
            yield
            exported = stages.export(report, ExportSettings(proof_rows=4), ignore, workspace=workspace)
            _expect((Path(exported.folder) / "model.safetensors").is_file(), "the folder has its weights")
            yield
            proof = exported.proof
            _expect(proof.passed and proof.agreement == 1.0, "plain texts are answered alike through a pipeline")
            yield

    def _dataset(self, family: str, task: str) -> PreparedDataset:
        if family not in self._models:
            folder = family_folder(self._folder / family, family, texts=[text for text, _ in review_rows()])
            self._models[family] = stages.load_model(FolderModel(str(folder)), ignore, workspace=self._workspace)
        model = self._models[family]
        # Its own vocabulary is the same for each family of the kind.
        key = kind_of(family).name, task
        if key not in self._prepared:
            settings = PrepareSettings(task=TASKS[task], validation_share=0.2, test_share=0.2, seed=1)
            rows = FileRows(str(self._file(task)))
            self._prepared[key] = stages.prepare_dataset(model, rows, settings, ignore, workspace=self._workspace)
        return msgspec.structs.replace(self._prepared[key], model=model)

    def _file(self, task: str) -> Path:
        path = self._folder / f"{task}.csv"
        if task == "entities":
            return name_file(path.with_suffix(".conll"))
        if task == "one label":
            rows: list[dict[str, Any]] = [{"text": text, "label": label} for text, label in review_rows()]
        else:
            rows = rows_of(_ROWS[task])
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows[:48])
        return path


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"not true: {what}")


def _stop_at(step: int) -> Any:
    def listen(event: Event) -> None:
        if isinstance(event, StepsTrained) and event.step >= step:
            raise StopRequested

    return listen


def _same_weights(one: TrainingRun, other: TrainingRun) -> bool:
    first, second = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (one, other))
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@contextmanager
def without_baselines() -> Iterator[None]:
    """They do not depend on the family, or ask it what its own tests ask."""
    with (
        mock.patch.object(training, "measure_baselines"),
        mock.patch.object(training, "measure_linear_probe"),
        mock.patch.object(evaluating, "frozen_encoder", return_value=FrozenEncoder({})),
    ):
        yield


# The table of a nightly run.


def keep(cells: Sequence[Cell], path: Path) -> None:
    """Adds the cells to the results of before."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(cell._asdict()) + "\n" for cell in cells)


def table(results: Path, commit: str) -> str:
    """Family down, task across, and what failed below; a cell without a result reads “not run”."""
    lines = results.read_text("utf-8").splitlines() if results.is_file() else []
    cells = {(cell.family, cell.task): cell for cell in (Cell(**json.loads(line)) for line in lines)}
    out = [
        "# Families and tasks",
        "",
        f"Written by `tests/engine/family_matrix.py` on {datetime.now(UTC):%Y-%m-%d} at commit {commit}: each cell is",
        "a small network with random weights from the family's configuration and a tokenizer of its own kind, taken",
        f"through {', '.join(STEPS[:-1])} and {STEPS[-1]}.",
        f"{sum(cell.passed for cell in cells.values())} of {len(ENCODERS) * len(TASKS)} cells passed all five.",
        "",
        "| family | " + " | ".join(TASKS) + " |",
        "|---" * (len(TASKS) + 1) + "|",
    ]
    failed = []
    for family in sorted(ENCODERS):
        shown = []
        for task in TASKS:
            cell = cells.get((family, task))
            if cell is None:
                shown.append(NOT_RUN)
                continue
            wrong = next((step for step, found in cell.steps.items() if found != PASSED), "")
            shown.append(f"**{wrong} failed**" if wrong else PASSED)
            if wrong:
                failed.append(f"- {family}, {task}, {wrong}: {cell.steps[wrong]}")
        out.append(f"| {family} | " + " | ".join(shown) + " |")
    return "\n".join([*out, *(["", *failed] if failed else [])]) + "\n"


if __name__ == "__main__":
    results, target, *at = sys.argv[1:]
    Path(target).write_text(table(Path(results), at[0] if at else commit_now()), "utf-8")
