"""Names of export folders: sound on every system, whatever the model is called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.errors import ExportFailed
from engine.exporting.target import RESERVED, folder_name, target_folder
from engine.workspace.layout import Workspace


@given(st.text(max_size=400))
def test_every_name_gives_a_sound_folder(name: str) -> None:
    folder = folder_name(name)
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", folder)
    assert len(folder) <= 70
    assert folder.split(".")[0].lower() not in RESERVED


@pytest.mark.parametrize(
    ("name", "folder"),
    [("My model", "My-model"), ("bert-base_v2", "bert-base-v2"), ("1234", "1234"), ("reviews.csv", "reviews.csv")],
)
def test_ordinary_names_stay_readable(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@pytest.mark.parametrize("name", ["../..", "CON", "con.txt", "a/b", "x" * 300, "ü", "", "a\0b", "trailing.", "LABEL:0"])
def test_odd_names_are_distinguished_by_a_hash(name: str) -> None:
    assert re.search(r"-[0-9a-f]{8}$", folder_name(name))


def test_names_that_look_alike_give_different_folders() -> None:
    assert len({folder_name(name) for name in ("a/b", "a:b", "a*b", "ä/b")}) == 4


@pytest.mark.parametrize("wanted", ["new", "new/deep/er", "empty"])
def test_a_new_or_empty_folder_is_taken_as_it_is(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "empty").mkdir()
    place = tmp_path / wanted
    assert target_folder(str(place), "x", run_folder=tmp_path / "run", workspace=Workspace(tmp_path / "w")) == place


def test_a_link_to_a_folder_is_followed_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    found = target_folder(str(link), "x", run_folder=tmp_path / "run", workspace=Workspace(tmp_path / "w"))
    assert found == tmp_path / "real" / "x"
    assert link.is_symlink()


@pytest.mark.parametrize("wanted", ["a\0b", "loop"])
def test_a_name_that_no_system_takes_is_refused(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ExportFailed) as raised:
        target_folder(str(tmp_path / wanted), "x", run_folder=tmp_path / "run", workspace=Workspace(tmp_path / "w"))
    assert raised.value.id == "X2"
