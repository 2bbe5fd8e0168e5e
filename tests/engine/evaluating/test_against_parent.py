"""A run that was trained again is compared with its parent, on the same rows with the labels they have now."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from engine.calibration.stored_logits import SCORED, read_logits
from engine.contract.events import Event
from engine.contract.settings import EvaluateSettings
from engine.contract.states import EvaluationReport, TrainingRun
from engine.evaluating import observations
from engine.evaluating.against_parent import against_parent
from engine.evaluating.evaluate import evaluate
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run, save_run
from tests.engine.trained_run import a_trained_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("parent"))


def quietly(_event: Event) -> None:
    """Ignores events."""


def child_of(run: TrainingRun, root: Path) -> TrainingRun:
    settings = msgspec.structs.replace(run.settings, parent=run.id)
    return msgspec.structs.replace(run, id="child", folder=str(root / "child"), settings=settings)


def with_predictions(report: EvaluationReport, *, wrong: int, edited: int) -> None:
    """As if the parent had predicted so many rows wrongly, and so many had another label when it did."""
    path = Path(report.folder) / "predictions.parquet"
    columns = parquet.read_table(path).to_pydict()
    names = report.run.dataset.label_names
    for place in range(wrong):
        columns["predicted"][place] = names[1 - names.index(columns["truth"][place])]
    for place in range(edited):
        columns["truth"][-1 - place] = names[1 - names.index(columns["truth"][-1 - place])]
    parquet.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("wrong", "said"), [(0, "No difference to its parent"), (15, "Better than its parent"), (1, "No difference")]
)
def test_the_note_shows_what_the_paired_interval_shows(
    wrong: int, said: str, trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    with_predictions(evaluate(run, EvaluateSettings(), quietly, workspace=workspace), wrong=wrong, edited=3)
    note = str(evaluate(child_of(run, tmp_path), EvaluateSettings(), quietly, workspace=workspace).notes[0])
    assert note.startswith(said)
    assert f"“{read_run(workspace, run.id).name}”" in note
    assert "on the same 20 rows, 3 of them with an edited label." in note


def test_rows_with_the_same_text_count_as_one_here_too(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    with_predictions(evaluate(run, EvaluateSettings(), quietly, workspace=workspace), wrong=15, edited=0)
    monkeypatch.setattr(observations, "texts_of_rows", lambda _: [(row % 3,) for row in range(20)])
    note = str(evaluate(child_of(run, tmp_path), EvaluateSettings(), quietly, workspace=workspace).notes[0])
    assert note.startswith("No difference to its parent")  # of three texts; of 20 it is better


def test_a_parent_of_another_split_or_one_that_is_gone_is_not_compared_with(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    evaluate(run, EvaluateSettings(split="validation"), quietly, workspace=workspace)
    child = child_of(run, tmp_path)
    orphan = msgspec.structs.replace(child, settings=msgspec.structs.replace(child.settings, parent="gone"))
    for one in (child, orphan, run):
        report = evaluate(one, EvaluateSettings(), quietly, workspace=workspace)
        assert not any("its parent" in note for note in report.notes)
        evaluate(run, EvaluateSettings(split="validation"), quietly, workspace=workspace)


def test_cross_validated_answers_are_compared_with_cross_validated_ones_alone(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    with_predictions(report, wrong=15, edited=2)
    by_folds = msgspec.structs.replace(report, settings=EvaluateSettings(split="cross_validation"))
    save_run(workspace, msgspec.structs.replace(read_run(workspace, run.id), evaluation=by_folds))
    stored = read_logits(Path(report.folder) / SCORED)
    assert stored is not None
    outputs = Outputs(list(stored.logits), stored.truth.tolist(), stored.rows.tolist())
    task = task_named(run.dataset.task)
    child = child_of(run, tmp_path)
    note = str(against_parent(child, "cross_validation", task, outputs, quietly, workspace=workspace))
    assert note.startswith("Better than its parent")
    assert "2 of them with an edited label" in note
    assert not against_parent(child, "test", task, outputs, quietly, workspace=workspace)


def outputs_of(report: EvaluationReport, *, turned: bool = False) -> Outputs:
    """The answers of the run, or with `turned` the opposite ones."""
    stored = read_logits(Path(report.folder) / SCORED)
    assert stored is not None
    return Outputs(list(-stored.logits if turned else stored.logits), stored.truth.tolist(), stored.rows.tolist())


def test_a_worse_child_is_said_with_a_positive_difference(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    task, child = task_named(run.dataset.task), child_of(run, tmp_path)
    outputs = outputs_of(report, turned=True)
    note = against_parent(child, "test", task, outputs, quietly, workspace=workspace)
    assert str(note).startswith("Worse than its parent")
    assert "−" not in str(note.values["difference"])


def test_rows_that_the_parent_has_not_predicted_are_not_compared(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    with_predictions(report, wrong=15, edited=0)
    path = Path(report.folder) / "predictions.parquet"
    parquet.write_table(parquet.read_table(path).slice(0, 15), path)
    task, child, outputs = task_named(run.dataset.task), child_of(run, tmp_path), outputs_of(report)
    # The rows that both have are all of one observation; those that the parent lacks are others.
    groups = np.asarray([0] * 15 + [1, 2, 3, 4, 5])
    alone = against_parent(child, "test", task, outputs, quietly, workspace=workspace)
    assert str(alone).startswith("Better than its parent")
    assert "on the same 15 rows" in str(alone)
    together = against_parent(child, "test", task, outputs, quietly, workspace=workspace, groups=groups)
    assert not str(together).startswith("Better")


@pytest.mark.parametrize("what", ["damaged", "gone", "another task", "not evaluated", "a label that is no more"])
def test_a_parent_whose_answers_cannot_be_compared_is_passed_over(
    what: str, trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    task, child, outputs = task_named(run.dataset.task), child_of(run, tmp_path), outputs_of(report)
    path = Path(report.folder) / "predictions.parquet"
    kept, record = path.read_bytes(), read_run(workspace, run.id)
    assert against_parent(child, "test", task, outputs, quietly, workspace=workspace)
    if what == "damaged":
        path.write_bytes(b"no parquet")
    elif what == "gone":
        path.unlink()
    elif what == "not evaluated":
        save_run(workspace, msgspec.structs.replace(record, evaluation=None))
    elif what == "another task":
        dataset = msgspec.structs.replace(report.run.dataset, task="multi_label_classification")
        other = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, dataset=dataset))
        save_run(workspace, msgspec.structs.replace(record, evaluation=other))
    else:
        columns = parquet.read_table(path).to_pydict()
        columns["predicted"][0] = "a label of before"
        parquet.write_table(pa.table(columns), path)
    try:
        assert not against_parent(child, "test", task, outputs, quietly, workspace=workspace)
    finally:
        path.write_bytes(kept)
        save_run(workspace, record)
