"""A workspace that is moved keeps its runs; a run that a newer program has written is left alone and reported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine import stages
from engine.contract.errors import EngineError
from engine.contract.events import Evaluated, Event
from engine.contract.settings import EvaluateSettings, PrepareSettings
from engine.training.fine_tune import fine_tune
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import create_run, interrupted_runs, read_run, with_new_root
from tests.builders_data import ignore
from tests.engine.every_task import prepared_as_guessed
from tests.engine.small_runs import Listener, small_settings


class Dying(Listener):
    """Ends the process, as far as the run notices, at the second look."""

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, Evaluated) and len([one for one in self.events if isinstance(one, Evaluated)]) == 2:
            raise OSError("gone")


def test_a_moved_workspace_goes_on_and_is_evaluated(tmp_path: Path) -> None:
    dataset = prepared_as_guessed("pair", tmp_path / "before", PrepareSettings(seed=1))
    workspace = Workspace(tmp_path / "before" / "workspace")
    with pytest.raises(EngineError):
        fine_tune(dataset, small_settings(epochs=3), Dying(), workspace=workspace)
    (record,) = interrupted_runs(workspace)
    moved = Workspace(tmp_path / "after")
    shutil.move(workspace.root, moved.root)
    (found,) = interrupted_runs(moved)
    assert Path(found.dataset.folder).is_dir()
    run = fine_tune(found.dataset, found.settings, Listener(), continue_run=found.id, workspace=moved)
    assert Path(run.checkpoint).is_relative_to(moved.root)
    report = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=moved)
    assert Path(report.folder).is_relative_to(moved.root)
    assert str(workspace.root) not in (moved.runs / record.id / "run.json").read_text()


def test_a_run_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    dataset = prepared_as_guessed("pair", tmp_path, PrepareSettings(seed=1))
    workspace = Workspace(tmp_path / "workspace")
    record = create_run(workspace, dataset, small_settings())
    path = workspace.runs / record.id / "run.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps({**written, "schema": 3, "meaning": "unknown"}))
    before = path.read_bytes()
    with pytest.raises(EngineError) as caught:
        read_run(workspace, record.id)
    assert caught.value.id == "C14"
    assert list_rows(workspace) == ((), (record.id,), ())
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("/home/a/work/data/1", "/home/a/work", "/mnt/b", "/mnt/b/data/1"),
        ("/home/a/work", "/home/a/work", "/mnt/b", "/mnt/b"),
        ("/home/a/workshop/data", "/home/a/work", "/mnt/b", "/home/a/workshop/data"),
        ("C:\\Users\\a\\work\\data\\1", "C:\\Users\\a\\work", "/mnt/b", "/mnt/b/data/1"),
        ("/home/a/work/data/1", "/home/a/work", "D:\\b", "D:\\b\\data\\1"),
        ("a label", "/home/a/work", "/mnt/b", "a label"),
    ],
)
def test_paths_inside_follow_and_other_texts_stay(text: str, old: str, new: str, expected: str) -> None:
    assert with_new_root({"x": [text, 3, None]}, old, new) == {"x": [expected, 3, None]}
