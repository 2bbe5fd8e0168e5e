"""The index of the runs saves time and never changes what is listed, whatever happens to it or to the runs."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.contract.settings import FineTuneSettings
from engine.workspace import run_index
from engine.workspace.layout import Workspace
from engine.workspace.run_index import INDEX, list_rows
from engine.workspace.runs import RECORD, RunRecord, create_run, read_run, rename_run, row_of, save_run
from tests.builders import a_dataset, a_run, an_evaluation

Mutation = Callable[[Workspace, random.Random], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the runs had been written long ago."""
    monkeypatch.setattr(run_index, "SETTLED_SECONDS", -3600.0)


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def a_stored_run(workspace: Workspace, name: str = "mine") -> RunRecord:
    record = create_run(workspace, a_dataset(), FineTuneSettings(run_name=name))
    run = a_run(id=record.id)
    record = msgspec.structs.replace(record, status="finished", run=run, evaluation=an_evaluation(run=run))
    save_run(workspace, record)
    return record


def records_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the run folders whose record is read from now on."""
    read: list[str] = []
    real = run_index.read_regular

    def counted(path: Path, largest: int) -> bytes:
        if path.name == RECORD:
            read.append(path.parent.name)
        return real(path, largest)

    monkeypatch.setattr(run_index, "read_regular", counted)
    return read


def next_tick(folder: Path) -> None:
    """Returns when a file that changes now has another time than one that changed before."""
    probe = folder / "tick"
    probe.write_bytes(b"")
    before = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == before:
        probe.write_bytes(b"")


# ── What it saves ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("later")
def test_only_a_run_that_has_changed_is_read_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = a_stored_run(workspace, "one"), a_stored_run(workspace, "two")
    read = records_read(monkeypatch)
    rows = list_rows(workspace).rows
    assert sorted(read) == sorted([first.id, second.id])
    assert rows == (row_of(second), row_of(first))
    read.clear()
    assert list_rows(workspace).rows == rows
    assert read == []
    next_tick(workspace.root)
    rename_run(workspace, first.id, "another name")
    assert list_rows(workspace).rows[1].name == "another name"
    assert read == [first.id]


@pytest.mark.nightly  # 10,000 folders
@pytest.mark.usefixtures("later")
def test_of_ten_thousand_runs_none_is_read_at_a_later_start(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_stored_run(workspace)
    record = (workspace.runs / first.id / RECORD).read_bytes()
    for number in range(9_999):
        folder = workspace.runs / f"{first.id}-{number}"
        folder.mkdir()
        (folder / RECORD).write_bytes(record)
    assert len(list_rows(workspace).rows) == 10_000
    read = records_read(monkeypatch)
    begun = time.process_time()
    assert len(list_rows(workspace).rows) == 10_000
    assert read == []
    assert time.process_time() - begun < 2


def test_a_run_that_was_just_written_is_read_once_more(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes within one tick of the clock can leave a file with the same signature."""
    record = a_stored_run(workspace, "one")
    path = workspace.runs / record.id / RECORD
    signature = run_index._signature_of(str(path))
    monkeypatch.setattr(run_index, "_signature_of", lambda _: signature)
    assert list_rows(workspace).rows[0].name == "one"
    path.write_bytes(path.read_bytes().replace(b'"one"', b'"two"'))
    assert list_rows(workspace).rows[0].name == "two"


@pytest.mark.usefixtures("later")
def test_an_index_of_another_program_or_place_is_left_aside(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_stored_run(workspace)
    list_rows(workspace)
    read = records_read(monkeypatch)
    monkeypatch.setattr(run_index, "__version__", "99")
    assert len(list_rows(workspace).rows) == len(read) == 1
    moved = Workspace(tmp_path / "moved")
    workspace.root.rename(moved.root)
    assert list_rows(moved).rows[0].summary.model_folder == "/models/starter"
    assert len(read) == 2


@pytest.mark.usefixtures("later")
def test_a_workspace_that_takes_no_index_is_listed_all_the_same(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_stored_run(workspace)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(run_index, "write_file", refuse)
    assert [row.id for row in list_rows(workspace).rows] == [record.id]


def test_where_nothing_was_ever_trained_the_list_is_empty(tmp_path: Path) -> None:
    assert list_rows(Workspace(tmp_path / "nowhere")) == ((), (), ())


# ── What it never changes ───────────────────────────────────────────────────────────────────────────────────────


def _runs(workspace: Workspace) -> list[Path]:
    return sorted(path for path in workspace.runs.iterdir() if path.is_dir())


def _record(workspace: Workspace, draw: random.Random) -> Path | None:
    found = [run / RECORD for run in _runs(workspace) if (run / RECORD).is_file()]
    return draw.choice(found) if found else None


def _new(workspace: Workspace, draw: random.Random) -> None:
    a_stored_run(workspace, f"run {draw.random()}")


def _deleted(workspace: Workspace, draw: random.Random) -> None:
    shutil.rmtree(draw.choice(_runs(workspace)))


def _renamed(workspace: Workspace, draw: random.Random) -> None:
    draw.choice(_runs(workspace)).rename(workspace.runs / f"renamed-{draw.random()}")


def _copied(workspace: Workspace, draw: random.Random) -> None:
    record = _record(workspace, draw)
    if record is not None:
        shutil.copytree(record.parent, workspace.runs / f"copy-{draw.random()}")


def _touched(workspace: Workspace, draw: random.Random) -> None:
    record = _record(workspace, draw)
    if record is not None:
        os.utime(record, (draw.randrange(2**31), draw.randrange(2**31)))


def _rewritten(workspace: Workspace, draw: random.Random) -> None:
    """In place, with the same size and the time of before."""
    record = _record(workspace, draw)
    if record is not None:
        found = record.stat()
        record.write_bytes(record.read_bytes().replace(b"run 0", b"RUN 1"))
        os.utime(record, ns=(found.st_atime_ns, found.st_mtime_ns))


def _torn(workspace: Workspace, draw: random.Random) -> None:
    record = _record(workspace, draw)
    if record is not None:
        record.write_bytes(record.read_bytes()[: draw.randrange(200)])


def _newer(workspace: Workspace, draw: random.Random) -> None:
    record = _record(workspace, draw)
    if record is not None:
        record.write_text(json.dumps({"schema": 99, "id": record.parent.name}))


def _pipe(workspace: Workspace, draw: random.Random) -> None:
    record = draw.choice(_runs(workspace)) / RECORD
    if record.is_file():
        record.unlink()
        os.mkfifo(record)


def _index_cut(workspace: Workspace, draw: random.Random) -> None:
    index = workspace.runs / INDEX
    if index.is_file():
        index.write_bytes(index.read_bytes()[: draw.randrange(1 + index.stat().st_size)])


def _index_flipped(workspace: Workspace, draw: random.Random) -> None:
    index = workspace.runs / INDEX
    if index.is_file() and (content := bytearray(index.read_bytes())):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        index.write_bytes(content)


def _index_garbage(workspace: Workspace, draw: random.Random) -> None:
    garbage = (b"", b"\n", b"{}", b'{"format": 1}\n[]\n', b"\xff\xfe\n", draw.randbytes(500), b"[" * 100_000)
    (workspace.runs / INDEX).unlink(missing_ok=True)
    (workspace.runs / INDEX).write_bytes(draw.choice(garbage))


def _index_gone(workspace: Workspace, draw: random.Random) -> None:
    (workspace.runs / INDEX).unlink(missing_ok=True)


def _index_pipe(workspace: Workspace, draw: random.Random) -> None:
    (workspace.runs / INDEX).unlink(missing_ok=True)
    os.mkfifo(workspace.runs / INDEX)


def _two_writers(workspace: Workspace, draw: random.Random) -> None:
    """Two windows list at once, while a run comes and another one goes."""
    barrier = threading.Barrier(3)

    def listed() -> None:
        barrier.wait()
        list_rows(workspace)

    windows = [threading.Thread(target=listed) for _ in range(2)]
    for window in windows:
        window.start()
    barrier.wait()
    draw.choice((_new, _deleted, _renamed))(workspace, draw)
    for window in windows:
        window.join()


def _stale_index(workspace: Workspace, draw: random.Random) -> None:
    """A window that was slow writes what it read before another change."""
    index = workspace.runs / INDEX
    if index.is_file():
        content = index.read_bytes()
        draw.choice((_new, _deleted, _renamed, _rewritten))(workspace, draw)
        list_rows(workspace)
        index.write_bytes(content)


MUTATIONS: tuple[Mutation, ...] = (
    *(_new, _deleted, _renamed, _copied, _touched, _rewritten, _torn, _newer),
    *(_index_cut, _index_flipped, _index_garbage, _index_gone, _two_writers, _stale_index),
    *((_pipe, _index_pipe) if hasattr(os, "mkfifo") else ()),
)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("seed", range(8))
def test_what_is_listed_is_the_same_with_the_index_and_without(workspace: Workspace, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(5):
        _new(workspace, draw)
    for number in range(40):
        mutation = draw.choice(MUTATIONS)
        if not _runs(workspace):
            _new(workspace, draw)
        next_tick(workspace.root)
        mutation(workspace, draw)
        next_tick(workspace.root)
        assert list_rows(workspace) == list_rows(workspace, with_index=False), (number, mutation.__name__)


# ── Hostile folders ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_folder_that_is_no_run_is_named_and_hides_no_other(workspace: Workspace) -> None:
    good = a_stored_run(workspace, "good")
    folders = {
        name: workspace.runs / name for name in ("pipe", "endless", "folder", "deep", "huge", "empty", "nothing")
    }
    for folder in folders.values():
        folder.mkdir()
    os.mkfifo(folders["pipe"] / RECORD)
    (folders["endless"] / RECORD).symlink_to("/dev/zero")
    (folders["folder"] / RECORD).mkdir()
    (folders["deep"] / RECORD).write_bytes(b"[" * 200_000)
    with (folders["huge"] / RECORD).open("wb") as file:
        file.truncate(10**10)
    (folders["empty"] / RECORD).write_bytes(b"")
    listed = list_rows(workspace)
    assert [row.id for row in listed.rows] == [good.id]
    assert [folder for folder, _ in listed.unreadable] == ["deep", "empty", "endless", "folder", "huge", "pipe"]
    reasons = dict(listed.unreadable)
    assert "is a link" in reasons["endless"]
    assert "is not a plain file" in reasons["pipe"]
    assert "is not a plain file" in reasons["folder"]
    assert "has 10,000,000,000 bytes" in reasons["huge"]
    assert reasons["deep"]
    assert reasons["empty"]
    for name in folders:
        with pytest.raises(Exception, match="C9"):
            read_run(workspace, name)
