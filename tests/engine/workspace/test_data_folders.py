"""What a folder is, by the names of what lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.workspace.data_folders import SAVED_SPLITS, SAVED_STATE, files_in, kind_of


@pytest.mark.parametrize("name", [SAVED_SPLITS, SAVED_STATE])
def test_a_saved_data_set_is_one_even_with_texts_by_class_in_it(tmp_path: Path, name: str) -> None:
    for label in ("good", "bad"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").write_text("a film", "utf-8")
    assert kind_of(tmp_path) == "classes"
    (tmp_path / name).write_text("{}", "utf-8")
    assert kind_of(tmp_path) == "saved"


def test_all_data_files_of_a_folder_of_thousands_are_found(tmp_path: Path) -> None:
    for number in range(1_500):
        (tmp_path / f"{number}.csv").touch()
    assert len(files_in(tmp_path)) == 1_500
