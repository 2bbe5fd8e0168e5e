"""Two processes train as one does: the same losses, one voice, and nobody is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from engine.contract.errors import LOST_RANK_EXIT_CODE, InvalidSetting, StopRequested, WorkerDied
from engine.contract.events import Event, StepsTrained
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.training.distributed import ranks
from engine.training.distributed.gradient_sums import GradientSums
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs, list_runs
from tests.engine.small_runs import Listener, small_settings


@pytest.fixture(autouse=True)
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert not followers()
    assert not torch.distributed.is_initialized()


def followers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "engine.training.loop.follower" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
    return found


def losses(dataset: PreparedDataset, workspace: Workspace, **changes: object) -> list[float]:
    listener = Listener()
    fine_tune(dataset, small_settings(epochs=1, batch_size=7, **changes), listener, workspace=workspace)
    return [event.loss for event in listener.of(StepsTrained) if event.loss is not None]


def test_two_ranks_have_the_losses_of_one(
    without_dropout: PreparedDataset, workspace: Workspace, warm_python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", warm_python)
    # 72 rows in batches of 7: the last has two rows, and each rank of three would have one or none.
    alone = losses(without_dropout, workspace)
    together = losses(without_dropout, workspace, gpus=2, gradient_accumulation=2)
    assert len(alone) == len(together) == 11
    assert together == pytest.approx(alone, rel=1e-5)


@pytest.mark.nightly
@pytest.mark.parametrize("part", ["last_layers", "head_only", "lora"])
def test_two_ranks_have_the_losses_of_one_whatever_is_trained(
    without_dropout: PreparedDataset, workspace: Workspace, part: str
) -> None:
    if part == "lora":
        pytest.importorskip("peft")
    alone = losses(without_dropout, workspace, layers_to_train=part, last_layers=1)
    together = losses(without_dropout, workspace, layers_to_train=part, last_layers=1, gpus=2)
    assert together == pytest.approx(alone, rel=1e-5)


@pytest.mark.nightly
def test_memory_that_runs_out_in_one_rank_changes_no_loss(
    without_dropout: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = losses(without_dropout, workspace)
    start, calls = GradientSums._start_next, 0

    def runs_out(sums: GradientSums) -> None:
        nonlocal calls
        calls += 1
        if calls in (3, 4):  # before the sum of the third step starts, twice
            raise torch.OutOfMemoryError
        start(sums)

    monkeypatch.setattr(GradientSums, "_start_next", runs_out)
    assert losses(without_dropout, workspace, gpus=2) == pytest.approx(alone, rel=1e-5)
    assert calls > 4
    record = next(record for record in list_runs(workspace) if record.settings.gpus == 2)
    assert record.run is not None
    assert any("less memory" in str(note) for note in record.run.notes)


@pytest.mark.nightly
def test_a_stopped_run_goes_on_with_two_ranks_and_a_killed_rank_is_reported(
    without_dropout: PreparedDataset, workspace: Workspace
) -> None:
    def stop(event: Event) -> BaseException | None:
        return StopRequested(leaving=True) if isinstance(event, StepsTrained) and event.step == 3 else None

    settings = small_settings(epochs=1, gpus=2)
    with pytest.raises(StopRequested):
        fine_tune(without_dropout, settings, Listener(stop), workspace=workspace)
    assert not followers()
    (record,) = list_runs(workspace)

    def kill(event: Event) -> BaseException | None:
        if isinstance(event, StepsTrained) and event.step == 6:
            (follower,) = followers()
            os.kill(follower.pid, signal.SIGKILL)
            follower.wait(60)
        return None

    with pytest.raises(WorkerDied, match="another GPU has ended") as caught:
        fine_tune(without_dropout, settings, Listener(kill), workspace=workspace, continue_run=record.id)
    assert caught.value.id == "T3"
    assert [interrupted.id for interrupted in interrupted_runs(workspace)] == [record.id]


@pytest.mark.nightly
def test_a_rank_ends_when_the_process_that_started_it_is_killed() -> None:
    command = ranks.follower_command(ranks.Place(1, 2, 1, "127.0.0.1:1"), "cpu", 1)
    follower = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert follower.stdin is not None
    follower.stdin.close()  # what the system does with the pipe of a killed process
    assert follower.wait(120) == LOST_RANK_EXIT_CODE


def test_a_follower_finds_the_packages_of_the_process_that_starts_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "given_by_pythonpath.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    python, *options, _start, path = ranks.follower_command(ranks.Place(1, 2, 1, "127.0.0.1:1"), "cpu", 1)[:7]
    assert "-I" in options
    code = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import given_by_pythonpath"
    assert subprocess.run([python, *options, code, path], check=False).returncode == 0


def test_more_gpus_than_there_are_is_refused_beside_the_field(reviews: PreparedDataset, workspace: Workspace) -> None:
    with pytest.raises(InvalidSetting, match="4 GPUs are requested, and there is") as caught:
        fine_tune(reviews, small_settings(device="auto", gpus=4), Listener(), workspace=workspace)
    assert (caught.value.id, caught.value.field) == ("T12", "gpus")


@pytest.mark.nightly
def test_ranks_of_a_launcher_train_one_run_together(tmp_path: Path) -> None:
    recipe = "resources/recipes/support_tickets.toml"
    changes = ["prepare.row_limit=80", "fine_tune.epochs=1", "fine_tune.device=cpu", "export.proof_rows=5"]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "engine"]
    options = ["run", recipe, "--workspace", str(tmp_path), *(f"--set={change}" for change in changes)]
    done = subprocess.run(
        [*command, *options], cwd=ranks.ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    (record,) = list_runs(Workspace(tmp_path))
    assert record.run is not None
    assert record.run.device.startswith("2 × cpu")


def test_several_gpus_without_nccl_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(ranks.dist, "is_nccl_available", lambda: False)
    gpu = Compute(torch.device("cuda:0"), "bf16", 1, "cuda:0")
    with pytest.raises(InvalidSetting, match="NCCL, which this PyTorch does not have") as caught:
        ranks._size(FineTuneSettings(gpus=2), gpu, continuing=False)
    assert (caught.value.id, caught.value.field) == ("T12", "gpus")
    assert ranks._size(FineTuneSettings(gpus=0), gpu, continuing=False) == 1  # all that can work together
    assert ranks._size(FineTuneSettings(gpus=2), gpu, continuing=True) == 1


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"RANK": "1", "WORLD_SIZE": "1"}, "RANK=1, WORLD_SIZE=1"),
        ({"RANK": "1"}, "RANK=1, no WORLD_SIZE"),
        ({"WORLD_SIZE": "2"}, "no RANK, WORLD_SIZE=2"),
        ({"RANK": "one", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}, "RANK=one"),
        ({"RANK": "1", "WORLD_SIZE": "2"}, "no LOCAL_RANK"),
        ({"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "-1"}, "LOCAL_RANK=-1"),
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}, "no MASTER_ADDR and no MASTER_PORT"),
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "host"}, "no MASTER_PORT"),
    ],
    ids=str,
)
def test_a_launch_that_cannot_meet_is_a_sentence_and_not_a_wait(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], missing: str
) -> None:
    launched(monkeypatch, variables)
    with pytest.raises(InvalidSetting, match="do not give the place of this process") as caught:
        ranks.launched_place()
    assert caught.value.id == "T12"
    assert missing in caught.value.message


def test_the_place_is_the_launchers(monkeypatch: pytest.MonkeyPatch) -> None:
    launched(monkeypatch, {})
    assert ranks.launched_place() is None
    launched(monkeypatch, {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"})
    assert ranks.launched_place() is None
    both = {"MASTER_ADDR": "host", "MASTER_PORT": "29500"}
    launched(monkeypatch, {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", **both})
    assert ranks.launched_place() == ranks.Place(3, 4, 1, "")


def test_a_method_of_one_gpu_is_refused_in_a_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = {"MASTER_ADDR": "host", "MASTER_PORT": "29500"}
    launched(monkeypatch, {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", **meeting})
    monkeypatch.setattr(ranks, "Group", None)  # a group would wait for the others
    cpu = Compute(torch.device("cpu"), "fp32", 1, "cpu")
    with (
        pytest.raises(InvalidSetting, match="Only fine-tuning can be shared") as caught,
        ranks.group_of(small_settings(method="contrastive"), cpu),
    ):
        pass
    assert (caught.value.id, caught.value.field) == ("T12", "method")


def launched(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Sets the variables of torch's launcher, and no others of them."""
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
