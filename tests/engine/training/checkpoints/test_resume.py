"""A run that was interrupted continues as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import EngineError
from engine.contract.events import Event, Noted, StepsTrained, TrainingStarted
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, TrainingRun
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from engine.workspace.runs import checkpoint_steps, read_run, run_folder
from tests.engine.small_runs import Listener, small_settings


class PowerCutError(BaseException):
    """The process ends here, as far as the run notices."""


@pytest.fixture(autouse=True)
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)


@pytest.fixture(autouse=True)
def every_step_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)


def interrupted(dataset: PreparedDataset, workspace: Workspace, settings: FineTuneSettings, *, after: int) -> str:
    """Starts a run that is cut off after this step, and returns its id."""

    def cut(event: Event) -> BaseException | None:
        return PowerCutError() if isinstance(event, StepsTrained) and event.step == after else None

    listener = Listener(cut)
    with pytest.raises(EngineError):
        fine_tune(dataset, settings, listener, workspace=workspace)
    return listener.of(TrainingStarted)[0].run_id


def tensors_of(run: TrainingRun, workspace: Workspace) -> dict[str, torch.Tensor]:
    """Weights of the best checkpoint, and weights, moments and generators of the newest."""
    newest = Path(run.folder) / "checkpoints" / f"step-{checkpoint_steps(Path(run.folder))[-1]:06d}"
    found = dict(load_file(Path(run.checkpoint) / "model.safetensors"))
    for name in ("model", "optimizer"):
        for key, tensor in load_file(newest / f"{name}.safetensors").items():
            found[f"{newest.name}.{name}.{key}"] = tensor
    return found


@pytest.mark.parametrize(("accumulation", "steps"), [(1, (2, 5, 9, 12, 17)), (3, (5, 12))])
def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    reviews: PreparedDataset, workspace: Workspace, accumulation: int, steps: tuple[int, ...]
) -> None:
    settings = small_settings(gradient_accumulation=accumulation, evaluation_interval=4)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    expected = tensors_of(whole, workspace)
    for after in steps:
        identity = interrupted(reviews, workspace, settings, after=after)
        listener = Listener()
        resumed = fine_tune(reviews, settings, listener, continue_run=identity, workspace=workspace)
        assert 0 < listener.of(TrainingStarted)[0].first_step <= after
        found = tensors_of(resumed, workspace)
        assert expected.keys() == found.keys()
        assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items()), after
        assert resumed.history == whole.history
        assert resumed.steps == whole.steps
        assert read_run(workspace, identity).status == "finished"


def test_a_finished_run_is_not_continued_but_shows_that_it_is_finished(
    reviews: PreparedDataset, workspace: Workspace
) -> None:
    run = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    before = read_run(workspace, run.id)
    with pytest.raises(EngineError, match=rf"is finished: it ended after step {run.steps} of {run.steps}"):
        fine_tune(reviews, small_settings(), Listener(), continue_run=run.id, workspace=workspace)
    assert read_run(workspace, run.id) == before


def test_dropout_goes_on_where_it_was(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings()
    identity = interrupted(reviews, workspace, settings, after=6)
    newest = run_folder(workspace, identity) / "checkpoints" / "step-000004"
    state = load_file(newest / "optimizer.safetensors")["random.cpu"]
    torch.manual_seed(settings.seed)
    assert not torch.equal(state, torch.get_rng_state())


def test_a_damaged_checkpoint_gives_way_to_the_one_before(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings()
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    identity = interrupted(reviews, workspace, settings, after=8)
    folder = run_folder(workspace, identity)
    before, newest = checkpoint_steps(folder)[-2:]
    weights = folder / "checkpoints" / f"step-{newest:06d}" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)

    listener = Listener()
    resumed = fine_tune(reviews, settings, listener, continue_run=identity, workspace=workspace)
    assert listener.of(TrainingStarted)[0].first_step == before
    assert f"step {newest} is damaged" in listener.of(Noted)[0].text
    expected, found = tensors_of(whole, workspace), tensors_of(resumed, workspace)
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


def test_a_run_without_a_readable_checkpoint_reports_it(reviews: PreparedDataset, workspace: Workspace) -> None:
    identity = interrupted(reviews, workspace, small_settings(), after=6)
    for path in run_folder(workspace, identity).glob("checkpoints/*/MANIFEST.json"):
        path.unlink()
    with pytest.raises(EngineError, match="No checkpoint of this run can be read") as caught:
        fine_tune(reviews, small_settings(), Listener(), continue_run=identity, workspace=workspace)
    assert caught.value.id == "C8"


def test_a_damaged_best_is_not_offered(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings(epochs=3)
    identity = interrupted(reviews, workspace, settings, after=14)
    folder = run_folder(workspace, identity)
    (folder / "best.json").write_text('{"step": 9, "folder": "../../elsewhere", "metric": "x", "score": 1.0}')
    run = fine_tune(reviews, settings, Listener(), continue_run=identity, workspace=workspace)
    assert run.best_step in (18, 27)
    assert Path(run.checkpoint).parent == folder / "checkpoints"


def test_a_stopped_run_can_be_continued_to_the_same_end(reviews: PreparedDataset, workspace: Workspace) -> None:
    from engine.contract.errors import StopRequested

    settings = small_settings()
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    listener = Listener(lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == 7 else None)
    stopped = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    resumed = fine_tune(reviews, settings, Listener(), continue_run=stopped.id, workspace=workspace)
    best, expected = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (resumed, whole))
    assert all(torch.equal(tensor, best[name]) for name, tensor in expected.items())


def test_a_continued_run_keeps_its_own_settings(reviews: PreparedDataset, workspace: Workspace) -> None:
    identity = interrupted(reviews, workspace, small_settings(), after=6)
    run = fine_tune(
        reviews, small_settings(learning_rate=1e-6, seed=1), Listener(), continue_run=identity, workspace=workspace
    )
    assert (run.settings.learning_rate, run.settings.seed) == (5e-3, 42)


def test_other_data_are_refused(reviews: PreparedDataset, workspace: Workspace) -> None:
    identity = interrupted(reviews, workspace, small_settings(), after=6)
    other = msgspec.structs.replace(reviews, fingerprint="other")
    with pytest.raises(EngineError, match="made with other data"):
        fine_tune(other, small_settings(), Listener(), continue_run=identity, workspace=workspace)


def test_the_curves_of_a_continued_run_have_no_step_twice(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings()
    identity = interrupted(reviews, workspace, settings, after=11)
    run = fine_tune(reviews, settings, Listener(), continue_run=identity, workspace=workspace)
    steps = [event.step for event in read_events(Path(run.folder)) if isinstance(event, StepsTrained)]
    assert steps == list(range(1, 19))
