"""Files that are dropped: very many of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from engine.contract.errors import DatasetUnreadable
from gui.choose_data.source.drop_zone import local_paths, rows_from


@pytest.mark.parametrize("are_in_a_folder", [True, False])
def test_five_thousand_files_are_refused_with_their_number(tmp_path: Path, are_in_a_folder: bool) -> None:
    paths = [tmp_path / f"rows {number}.csv" for number in range(5_000)]
    for path in paths:
        path.touch()
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path)) for path in ([tmp_path] if are_in_a_folder else paths)])
    with pytest.raises(DatasetUnreadable) as caught:
        rows_from(local_paths(dropped))
    assert caught.value.id == "D11"
    assert "5,000" in caught.value.message


def test_of_five_thousand_files_one_of_each_split_is_not_taken_for_all(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("train.csv", "test.csv", *(f"{number}.csv" for number in range(4_998)))]
    with pytest.raises(DatasetUnreadable, match="5,000"):
        rows_from([str(path) for path in paths])
