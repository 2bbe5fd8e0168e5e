"""Where the workspace lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs
import pytest

from engine.contract.errors import EngineError
from engine.contract.network import HUB_FOLDER
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.workspace import layout
from engine.workspace.atomic_files import write_record
from tests.builders_data import ignore

STORE = Path("/C/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.13_3.13.496.0_x64__qbz5n2kfra8p0")
ASKED = Path("/C/Users/me/AppData/Local/tunewright")
PACKAGE = "PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0"
REAL = Path(f"/C/Users/me/AppData/Local/Packages/{PACKAGE}/LocalCache/Local/tunewright")


def test_the_python_of_the_microsoft_store_shows_the_real_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert layout.really_at(ASKED, STORE) == REAL
    assert layout.really_at(ASKED, Path("/C/Python313")) == ASKED
    assert layout.really_at(Path("/D/data"), STORE) == Path("/D/data")
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(ASKED))
    monkeypatch.setattr(sys, "base_prefix", str(STORE))
    assert layout.default_workspace().root == REAL


def test_the_folder_that_was_chosen_is_the_workspace_while_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other = tmp_path / "home", tmp_path / "disk" / "work"
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(home))
    assert layout.default_workspace().root == home
    home.mkdir()
    write_record(home / layout.CHOICE, layout.WorkspaceChoice(str(other)))
    assert layout.chosen_folder(home) == other
    assert layout.default_workspace().root == home  # the disk is not there
    other.mkdir(parents=True)
    assert layout.default_workspace().root == other
    (home / layout.CHOICE).write_bytes(b"{")
    assert layout.default_workspace().root == home


def test_files_of_the_hub_may_lie_on_a_disk_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "disk" / "hub"
    monkeypatch.setenv(HUB_FOLDER, str(elsewhere))
    workspace = layout.workspace_at(tmp_path / "workspace").create()
    assert workspace.hub == elsewhere
    assert workspace.runs.is_dir()
    assert not elsewhere.exists()
    monkeypatch.delenv(HUB_FOLDER)
    assert layout.workspace_at(tmp_path / "workspace").create().hub == tmp_path / "workspace" / "hub"


def deep_folder(root: Path, length: int) -> Path:
    """A folder whose path has so many bytes, most of them letters of two."""
    path = root
    while (missing := length - len(os.fsencode(path)) - 1) > 0:
        path /= "x" if missing < 2 else "ü" * min(100, missing // 2)
        path.mkdir(exist_ok=True)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="paths of other systems are shorter")
def test_a_workspace_whose_files_would_have_too_long_paths_is_refused_at_the_start(tmp_path: Path) -> None:
    assert layout.Workspace(deep_folder(tmp_path, 3_600)).create().runs.is_dir()
    place = deep_folder(tmp_path, 4_000)
    with pytest.raises(EngineError) as caught:
        layout.Workspace(place).create()
    assert caught.value.id == "A3"
    assert not list(place.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="paths of other systems are shorter")
def test_rows_are_read_from_a_path_of_4000_bytes(tmp_path: Path) -> None:
    path = deep_folder(tmp_path, 4_000) / "rows.csv"
    path.write_text("text,label\n" + "good film,1\nbad film,0\n" * 5, "utf-8")
    for chosen in (path, path.parent):
        found = preview(FileRows(str(chosen)), ReadingOptions(), 50, ignore, scratch=tmp_path)
        assert found.rows_total == 10
