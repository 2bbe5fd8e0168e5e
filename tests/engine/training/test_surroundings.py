"""What changes around a training: a real full disk, a workspace that goes, a home that cannot be used, clocks."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import DatasetUnreadable, EngineError
from engine.contract.events import CheckpointSaved, DiskFilled, Event, StepsTrained
from engine.contract.states import PreparedDataset, TrainingRun
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.files import read_best
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.workspace.atomic_files import is_whole, write_manifest
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import create_run, interrupted_runs, list_runs, run_folder
from tests.engine.small_runs import Listener, copied, small_settings
from tests.engine.training.failing_disk import operations
from tests.paths import ROOT

PATIENCE = float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))


def weights(run: TrainingRun) -> dict[str, torch.Tensor]:
    return load_file(Path(run.checkpoint) / "model.safetensors")


def same(one: TrainingRun, other: TrainingRun) -> bool:
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def at_step(number: int, act: object) -> Listener:
    """A listener that does something once, at the first report of this step or a later one."""
    done: list[int] = []

    def look(event: Event) -> None:
        if isinstance(event, StepsTrained) and event.step >= number and not done:
            done.append(event.step)
            act()  # type: ignore[operator]

    return Listener(look)


@pytest.mark.parametrize("what", ["workspace", "runs"])
def test_a_workspace_that_is_removed_while_training_is_made_anew_with_what_was_learned(
    reviews: PreparedDataset, workspace: Workspace, tmp_path: Path, what: str
) -> None:
    gone = workspace.root if what == "workspace" else workspace.root / "runs"
    assert gone.is_relative_to(tmp_path)
    run = fine_tune(reviews, small_settings(epochs=4), at_step(3, lambda: shutil.rmtree(gone)), workspace=workspace)
    assert is_whole(Path(run.checkpoint))
    assert [record.status for record in list_runs(workspace)] == ["finished"]


CUT_WHILE_TRAINING = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
from engine.contract.errors import EngineError
from engine.contract.events import StepsTrained
from engine.training.fine_tune import fine_tune
from engine.workspace.layout import Workspace
from tests.engine import small_runs
folder = Path(sys.argv[2])
reviews = small_runs.prepared_reviews(small_runs.tiny_bert(folder / "bert"), folder / "reviews")
def act(event):
    if isinstance(event, StepsTrained) and event.step >= 3:
        for path in Path(reviews.folder).rglob("*.arrow"):
            os.truncate(path, 0)
workspace = Workspace(folder / "workspace").create()
run = fine_tune(reviews, small_runs.small_settings(), small_runs.Listener(act), workspace=workspace)
print(run.steps == run.steps_planned)
try:
    fine_tune(reviews, small_runs.small_settings(), lambda event: None, workspace=workspace)
except EngineError as error:
    print(error.id)
"""


def test_prepared_rows_that_are_cut_while_training_are_in_memory_by_then(tmp_path: Path, warm_python: str) -> None:
    """In a process of its own: who reads a mapped file that was cut meanwhile is killed (SIGBUS)."""
    python = [warm_python, "-I", "-c", CUT_WHILE_TRAINING, str(ROOT), str(tmp_path)]
    done = subprocess.run(python, capture_output=True, text=True, timeout=120 * PATIENCE)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.split()[-2:] == ["True", "D20"]


@pytest.mark.parametrize("step", [86_400.0, -86_400.0])
def test_a_clock_that_jumps_changes_nothing_of_a_training(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    clock, jumps = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: clock() + jumps[0])

    def look(event: Event) -> None:
        if isinstance(event, StepsTrained):
            jumps[0] += step

    listener = Listener(look)
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert same(run, whole)
    assert 0 <= run.seconds < 600
    assert len(list_rows(workspace).rows) == 2


def test_a_home_that_cannot_be_used_changes_nothing_of_a_training(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    (tmp_path / "file").write_text("no folder")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HF_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "home"))
    assert same(fine_tune(reviews, small_settings(), Listener(), workspace=workspace), whole)


def test_a_disk_that_fails_at_everything_leaves_the_checkpoint_before(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing below the workspace is read or written, from the first checkpoint on until the run has ended."""
    broken: list[str] = []

    def fail(kind: str, path: str) -> None:
        if broken:
            broken.append(path)
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    def listen(event: Event) -> None:
        if isinstance(event, CheckpointSaved) and not broken:
            broken.append("from now on")

    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    with operations(workspace.root, fail), pytest.raises(EngineError) as caught:
        fine_tune(reviews, small_settings(epochs=9), listen, workspace=workspace)
    # Not written; or, where all was written by then, not read for the result.
    assert caught.value.id in ("C6", "C8")
    assert len(broken) > 1
    monkeypatch.undo()
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    assert run.steps == run.steps_planned


_read_only: list[str] = []  # folders
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.utime", "os.link"}


def _refuse_changes(event: str, arguments: tuple[object, ...]) -> None:
    """As a file system that is mounted read-only."""
    if not _read_only or not (event == "open" or event in _CHANGES) or not isinstance(arguments[0], str | os.PathLike):
        return
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & writes):
        return
    path = os.fspath(arguments[0])
    if not Path(path).is_absolute() or path.startswith(_read_only[-1]):  # rmtree: relative to their folder
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)


sys.addaudithook(_refuse_changes)


@pytest.fixture
def read_only() -> Iterator[list[str]]:
    """Folders below which nothing can be changed; the last one counts."""
    yield _read_only
    _read_only.clear()


def test_a_workspace_that_is_read_only_for_a_while_changes_nothing_of_a_training(
    reviews: PreparedDataset, workspace: Workspace, read_only: list[str]
) -> None:
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    asked: list[DiskFilled] = []

    def act(event: Event) -> None:
        if isinstance(event, StepsTrained) and event.step >= 3 and not asked:
            read_only[:] = [str(workspace.root)]
        if isinstance(event, DiskFilled):
            asked.append(event)
            if len(asked) == 2:
                read_only.clear()

    run = fine_tune(reviews, small_settings(), Listener(act), workspace=workspace)
    assert [event.is_full for event in asked] == [False, False]
    assert same(run, whole)


def test_a_workspace_that_stays_read_only_keeps_the_run_until_it_is_not(
    reviews: PreparedDataset, workspace: Workspace, read_only: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            read_only[:] = [str(workspace.root)]

    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    with pytest.raises(EngineError) as caught:
        fine_tune(reviews, small_settings(epochs=9), Listener(act), workspace=workspace)
    assert caught.value.id == "C6"
    read_only.clear()
    monkeypatch.undo()
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    assert run.steps == run.steps_planned


def test_two_windows_train_in_one_workspace(reviews: PreparedDataset, workspace: Workspace) -> None:
    inner: list[TrainingRun] = []

    def other() -> None:
        inner.append(fine_tune(reviews, small_settings(), Listener(), workspace=workspace))

    outer = fine_tune(reviews, small_settings(), at_step(3, other), workspace=workspace)
    assert is_whole(Path(outer.checkpoint))
    assert is_whole(Path(inner[0].checkpoint))
    assert {record.status for record in list_runs(workspace)} == {"finished"}
    assert {record.id for record in list_runs(workspace)} == {outer.id, inner[0].id}
    assert len({row.id for row in list_rows(workspace).rows}) == 2


ONE_OF_TWO = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from engine.training.fine_tune import fine_tune
from engine.workspace.layout import Workspace
from tests.engine import small_runs
folder = Path(sys.argv[2])
reviews = small_runs.prepared_reviews(small_runs.tiny_bert(folder / sys.argv[3]), folder / f"reviews {sys.argv[3]}")
settings = small_runs.small_settings(epochs=6, evaluation_interval=4)
print(fine_tune(reviews, settings, lambda event: None, workspace=Workspace(folder / "workspace").create()).id)
"""


@pytest.mark.nightly
def test_two_processes_train_in_one_workspace_at_once(tmp_path: Path, warm_python: str) -> None:
    commands = [[warm_python, "-I", "-c", ONE_OF_TWO, str(ROOT), str(tmp_path), name] for name in ("one", "two")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    trained = {child.communicate(timeout=120 * PATIENCE)[0].split()[-1] for child in children}
    assert [child.returncode for child in children] == [0, 0]
    records = list_runs(Workspace(tmp_path / "workspace"))
    assert {record.id for record in records} == trained
    assert len(trained) == 2
    assert {record.status for record in records} == {"finished"}
    assert all(is_whole(Path(record.run.checkpoint)) for record in records if record.run is not None)


# ── Folders that are not what the program has written ───────────────────────────────────────────────────────────────


def other_content(path: Path, kind: str) -> None:
    """Puts something else in the place of a file."""
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(os.devnull)
        case "deep":
            path.write_bytes(b'{"a":' * 100_000)
        case "list":
            path.write_bytes(b"[]")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "deep", "list"])
def test_what_lies_in_the_place_of_a_checkpoints_files_makes_it_damaged(tmp_path: Path, kind: str) -> None:
    checkpoint = tmp_path / "checkpoints" / "best-000007"
    checkpoint.mkdir(parents=True)
    (checkpoint / "model.safetensors").write_bytes(b"weights")
    write_manifest(checkpoint)
    assert is_whole(checkpoint)
    for name in ("model.safetensors", "MANIFEST.json"):
        content = (checkpoint / name).read_bytes()
        other_content(checkpoint / name, kind)
        assert not is_whole(checkpoint)
        (checkpoint / name).rmdir() if kind == "folder" else (checkpoint / name).unlink()
        (checkpoint / name).write_bytes(content)
    other_content(tmp_path / "best.json", kind)
    assert read_best(tmp_path) is None
    other_content(tmp_path / "events.jsonl", kind)
    assert read_events(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.parametrize(("name", "kind"), [(".lock", "folder"), (".lock", "link"), ("events.jsonl", "pipe")])
def test_a_run_whose_lock_or_log_is_something_else_is_refused(
    reviews: PreparedDataset, workspace: Workspace, name: str, kind: str
) -> None:
    record = create_run(workspace, reviews, small_settings())
    other_content(run_folder(workspace, record.id) / name, kind)
    with pytest.raises(EngineError) as caught:
        fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    assert caught.value.id == "C9"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
@pytest.mark.parametrize("kind", ["pipe", "deep", "list"])
@pytest.mark.parametrize("name", ["dataset_dict.json", "train/state.json", "train/dataset_info.json"])
def test_prepared_rows_that_are_something_else_are_refused(
    reviews: PreparedDataset, tmp_path: Path, name: str, kind: str
) -> None:
    changed = copied(reviews, tmp_path / "changed")
    other_content(Path(changed.folder) / name, kind)
    with pytest.raises(DatasetUnreadable) as caught:
        read_splits(changed)
    assert caught.value.id == "D20"


# ── A real disk of 8 MB ─────────────────────────────────────────────────────────────────────────────────────────────

FILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import msgspec, torch
torch.set_num_threads(1)
from engine.contract.events import CheckpointSaved, DiskFilled
from engine.training.fine_tune import fine_tune
from engine.workspace.atomic_files import is_whole, write_manifest
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from tests.engine import small_runs
folder = Path(sys.argv[2])
disk = folder / "disk"
assert os.statvfs(disk).f_blocks * os.statvfs(disk).f_frsize < 20_000_000
reviews = small_runs.prepared_reviews(small_runs.tiny_bert(folder / "bert"), folder / "reviews")
asked, filler = [], disk / "filler"
def act(event):
    if isinstance(event, CheckpointSaved) and not asked and not filler.exists():
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
    if isinstance(event, DiskFilled):
        asked.append(event)
        if len(asked) == 2:
            filler.unlink()
settings = small_runs.small_settings(evaluation_interval=4)
run = fine_tune(reviews, settings, small_runs.Listener(act), workspace=Workspace(disk / "workspace").create())
print(len(asked), run.stopped_early, Path(run.checkpoint).is_dir())
"""


@pytest.mark.nightly
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a disk of its own as Linux does it")
def test_a_real_disk_that_is_full_is_waited_for(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("this user may make no mount namespace")
    (tmp_path / "disk").mkdir()
    mounted = 'mount --make-rprivate / && mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"'
    python = [sys.executable, "-I", "-c", FILLED, str(ROOT), str(tmp_path)]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted, str(tmp_path / "disk"), *python],
        capture_output=True,
        text=True,
        timeout=120 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    asked, stopped, kept = done.stdout.split()[-3:]
    assert int(asked) >= 2
    assert (stopped, kept) == ("False", "True")
