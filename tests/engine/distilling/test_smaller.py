"""Smaller models of a run: made, stopped and continued, found again, measured, and exported like every run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import torch

from engine import stages
from engine.__main__ import main
from engine.contract.calibration import UnsureRule
from engine.contract.errors import DatasetInvalid, DiskFull, EngineError, InvalidSetting, StopRequested
from engine.contract.events import DiskFilled, Event, Progressed, StepsTrained, TrainingStarted
from engine.contract.queries import AskForecast, AskSmaller, SmallerFound
from engine.contract.settings import EvaluateSettings, ExportSettings
from engine.contract.states import EvaluationReport
from engine.distilling import smaller
from engine.distilling.smaller import smaller_models, student
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset, reference_to_run
from engine.workspace.run_index import list_rows
from engine.workspace.runs import read_run
from tests.builders import a_dataset, a_run, an_evaluation
from tests.builders_data import ignore, prepared_tiny_dataset
from tests.engine.every_task import prepared_as_guessed
from tests.engine.small_runs import small_settings

LENGTHS = {name: getattr(smaller, name) for name in ("EPOCHS", "EPOCHS_OF_WORDS")}
SHORT = 0.1  # times the updates of Auto: what is made is a model, not a good one


class Smaller(NamedTuple):
    workspace: Workspace
    evaluation: EvaluationReport
    found: SmallerFound
    events: list[Event]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(
    scope="module",
    params=[pytest.param((), id="folders"), pytest.param(("onnx_int8",), id="8 bits", marks=pytest.mark.nightly)],
)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm_proof: None
) -> Iterator[Smaller]:
    """A run with two layers, its model with one, and the figures of both; in 8 bits as well nightly."""
    folder = tmp_path_factory.mktemp("smaller")
    with pytest.MonkeyPatch.context() as changes:
        changes.setattr(smaller, "MEASURED", request.param)
        changes.setattr(smaller, "EPOCHS", SHORT)
        changes.setattr(smaller, "EPOCHS_OF_WORDS", SHORT)
        evaluation, workspace = evaluated(folder, "text_classification")
        events: list[Event] = []
        question = AskSmaller(reference_to_run(evaluation.run), (1,))
        answer = stages.answer(question, events.append, workspace=workspace)
        assert isinstance(answer, SmallerFound)
        yield Smaller(workspace, evaluation, answer, events)


def evaluated(folder: Path, kind: str, *, epochs: float = 10) -> tuple[EvaluationReport, Workspace]:
    """A run of a tiny network on these rows, scored on its test rows."""
    if kind in ("text_classification", "token_classification"):
        dataset = prepared_tiny_dataset(folder, kind)  # type: ignore[arg-type]
    else:
        dataset = prepared_as_guessed(kind, folder)
    workspace = Workspace(folder / "workspace").create()
    run = stages.fine_tune(dataset, small_settings(epochs=epochs, seed=1), ignore, workspace=workspace)
    return stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace), workspace


def test_each_format_of_each_size_has_its_figures(made: Smaller) -> None:
    models = made.found.models
    formats = ("transformers", *smaller.MEASURED)
    assert [(one.layers, one.format) for one in models] == [(layers, name) for layers in (2, 1) for name in formats]
    for one in models:
        assert (one.headline, one.rows) == ("macro_f1", made.evaluation.rows)
        if one.passed:
            assert one.score is not None
            assert [latency.batch for latency in one.latencies] == [1, 32]
    own, less = (one for one in models if one.format == "transformers")
    assert (own.run, own.difference, own.agreement) == (made.evaluation.run.id, None, 1.0)
    assert less.run != own.run
    assert less.difference is not None
    assert less.agreement is not None
    assert less.difference.low <= less.difference.value <= less.difference.high
    assert less.score == pytest.approx((own.score or 0) + less.difference.value)
    assert less.size_bytes < own.size_bytes


def test_the_smaller_model_is_a_run_of_its_own_that_is_loaded_like_any_other(made: Smaller) -> None:
    record = read_run(made.workspace, made.found.models[-1].run)
    assert (record.settings.parent, record.settings.student_layers) == (made.evaluation.run.id, 1)
    assert record.name.endswith(", 1 layer")
    exported = record.exported
    assert exported is not None
    assert exported.proof.passed
    folder = Path(exported.folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert config["num_hidden_layers"] == 1
    assert "1 of the 2 layers" in (folder / "README.md").read_text("utf-8")
    assert not (folder / "repeat_run.py").exists()  # its parent is no part of it
    assert (folder / "split.json").is_file()
    assert stages.verify(str(folder), (), ignore).differing == ()


def test_progress_is_reported_while_it_trains(made: Smaller) -> None:
    trained = [event for event in made.events if isinstance(event, StepsTrained)]
    steps = [event for event in made.events if isinstance(event, Progressed) and "smaller" in event.note]
    assert len(steps) == len(trained) > 0
    assert steps[-1].done <= steps[-1].total


def test_what_is_there_is_found_and_not_made_again(made: Smaller, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be made")

    for name in ("fine_tune", "evaluate", "export"):
        monkeypatch.setattr(smaller, name, refuse)
    for layers in ((), (1,)):
        assert smaller_models(made.evaluation.run, layers, ignore, workspace=made.workspace) == made.found


def test_a_run_that_was_trained_further_has_no_smaller_model_any_more(made: Smaller) -> None:
    further = msgspec.structs.replace(made.evaluation.run, best_step=made.evaluation.run.best_step + 1)
    assert smaller._students(made.workspace, made.evaluation.run) != []
    assert smaller._students(made.workspace, further) == []


def stop_after_some_steps(event: Event) -> None:
    if isinstance(event, StepsTrained) and event.step >= 3:
        raise StopRequested


def test_a_stopped_one_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smaller, "EPOCHS", SHORT)
    monkeypatch.setattr(smaller, "EPOCHS_OF_WORDS", SHORT)
    evaluation, workspace = evaluated(tmp_path, "labels_list", epochs=2)
    with pytest.raises(StopRequested):
        student(evaluation, 1, stop_after_some_steps, workspace=workspace)
    events: list[Event] = []
    report = student(evaluation, 1, events.append, workspace=workspace)
    started = next(event for event in events if isinstance(event, TrainingStarted))
    assert started.first_step >= 3
    assert [row.id for row in list_rows(workspace).rows if row.settings.student_layers] == [report.run.id]


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["labels_list", "score", "pair", "token_classification"])
def test_it_learns_what_its_parent_answers_in_every_task(kind: str, tmp_path: Path) -> None:
    evaluation, workspace = evaluated(tmp_path, kind)
    events: list[Event] = []
    report = student(evaluation, 1, events.append, workspace=workspace)
    own, less = (one.scores[evaluation.headline] for one in (evaluation, report))
    assert own is not None
    assert less is not None
    assert less > own - 0.3, (own, less)  # a network without answers is far below
    losses = [event.loss for event in events if isinstance(event, StepsTrained) and event.loss is not None]
    assert losses[-1] < 0.5 * max(losses)


def test_answers_are_calibrated_as_those_of_the_run(made: Smaller) -> None:
    run = msgspec.structs.replace(
        made.evaluation.run,
        temperature=1.5,
        unsure=UnsureRule("confidence", least_confidence=0.7),
        thresholds={"a": 0.6},
    )
    first, second = smaller._answered_like(msgspec.structs.replace(made.evaluation, run=run))
    assert (first.temperature, first.unsure, first.least_confidence) == ("fit", "confidence", 0.7)
    assert (second.threshold_label, second.threshold) == ("a", 0.6)
    (plain,) = smaller._answered_like(made.evaluation)
    assert not plain.changes_answers


@pytest.mark.parametrize("layers", [0, 2, 9])
def test_a_wrong_number_of_layers_is_refused_before_anything_is_made(made: Smaller, layers: int) -> None:
    with pytest.raises(InvalidSetting, match="1 to 1 of its layers"):
        smaller_models(made.evaluation.run, (1, layers), ignore, workspace=made.workspace)


@pytest.mark.parametrize(("task", "constant"), [("token_classification", "EPOCHS_OF_WORDS"), ("regression", "EPOCHS")])
def test_it_is_trained_for_longer_than_auto_and_where_words_are_labelled_for_longer_still(
    task: str, constant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(dataset=a_dataset(task=task, label_names=("O", "B-PER") if "token" in task else ()))
    for name, published in LENGTHS.items():  # `made` has shortened them for as long as this file's tests run
        monkeypatch.setattr(smaller, name, published)
    longer = smaller.student_settings(run, 1)
    assert smaller.EPOCHS_OF_WORDS > smaller.EPOCHS > 1
    monkeypatch.setattr(smaller, constant, getattr(smaller, constant) / 2)
    shorter = smaller.student_settings(run, 1)
    assert shorter.epochs == longer.epochs / 2


def test_without_held_out_rows_it_is_refused() -> None:
    evaluation = an_evaluation(settings=EvaluateSettings(split="cross_validation"))
    with pytest.raises(DatasetInvalid, match="held-out rows"):
        smaller.refuse_layers(evaluation, 1)


def test_a_full_disk_ends_the_query_with_its_sentence(made: Smaller) -> None:
    full = DiskFilled("runs/x", needed=2_000_000, free=1_000, is_full=True, step=3, kept_step=0)
    listener = smaller._Listener(ignore, 1, disk_waits=False)
    with pytest.raises(StopRequested):
        listener(full)
    with pytest.raises(DiskFull):
        listener.raise_if_full()
    events: list[Event] = []
    waiting = smaller._Listener(events.append, 1, disk_waits=True)
    waiting(full)
    waiting.raise_if_full()
    assert events == [full]


def test_a_smaller_model_is_not_trained_without_its_parent(made: Smaller) -> None:
    record = read_run(made.workspace, made.found.models[-1].run)
    alone = msgspec.structs.replace(record.settings, parent="gone")
    with pytest.raises(EngineError, match="no longer there"):
        stages.fine_tune(record.dataset, alone, ignore, workspace=made.workspace)
    question = AskForecast(reference_to_dataset(record.dataset), record.settings)
    with pytest.raises(InvalidSetting, match="cannot be trained without it"):
        stages.answer(question, ignore, workspace=made.workspace)


def test_it_is_exported_by_the_command_line(made: Smaller, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "small"
    identity = made.evaluation.run.id
    root = str(made.workspace.root)
    assert main(["--workspace", root, "export", identity, str(target), "--smaller", "1", "--quiet"]) == 0
    assert json.loads((target / "config.json").read_text("utf-8"))["num_hidden_layers"] == 1
    assert main(["--workspace", root, "export", identity, str(target), "--smaller", "7"]) == 1
    assert "1 to 1 of its layers" in capsys.readouterr().err


def test_a_notebook_of_it_is_refused_by_name(made: Smaller, tmp_path: Path) -> None:
    report = read_run(made.workspace, made.found.models[-1].run).evaluation
    assert report is not None
    settings = ExportSettings(folder=str(tmp_path / "model"), artefacts=("notebook",))
    exported = stages.export(report, settings, ignore, workspace=made.workspace)
    proof = exported.artefacts[-1]
    assert (proof.name, proof.passed) == ("notebook", False)
    assert "learns from its parent" in str(proof.refused)
