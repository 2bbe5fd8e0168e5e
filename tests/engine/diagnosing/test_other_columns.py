"""Columns that nothing is learned from: found again for each prepared row, from whatever file the rows came."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from datasets import load_from_disk

from engine.contract.events import Event, Progressed
from engine.contract.settings import FileRows, HubRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.diagnosing import other_columns as module
from engine.diagnosing.other_columns import FILE, OtherColumn, other_columns
from engine.evaluating.predict_file import WorkbookWriter
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.engine.loading.stand_in_hub import Repository, serving

ROWS = 120
SETTINGS = PrepareSettings(roles=Roles(text="said", label="verdict"))
NAMES = ("said", "shop", "verdict", "price", "day", "note", "split")
Rows = list[dict[str, str]]


def some_rows(first: int = 0, count: int = ROWS) -> Rows:
    return [
        {
            "said": f"the film number {number} is {'good' if number % 2 else 'bad'}",
            "shop": ("Ulm", "Bonn", "")[number % 3],
            "verdict": "positive" if number % 2 else "negative",
            "price": f"{number * 1.5}",
            "day": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            "note": f"nobody learns from text {number}",
            "split": "in store" if number % 2 else "online",
        }
        for number in range(first, first + count)
    ]


def as_csv(rows: Rows) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, NAMES)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def csv_file(folder: Path) -> Path:
    path = folder / "shops.csv"
    path.write_text(as_csv(some_rows()), "utf-8")
    return path


def packed_file(folder: Path) -> Path:
    path = folder / "shops.csv.gz"
    path.write_bytes(gzip.compress(as_csv(some_rows()).encode()))
    return path


def json_file(folder: Path) -> Path:
    path = folder / "shops.jsonl"
    path.write_text("\n".join(map(json.dumps, some_rows())), "utf-8")
    return path


def sheet_file(folder: Path) -> Path:
    path = folder / "shops.xlsx"
    writer = WorkbookWriter(path, NAMES, ())
    writer.write(some_rows())
    writer.close()
    return path


def archive(folder: Path) -> Path:
    path = folder / "shops.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("train.csv", as_csv(some_rows()))
        packed.writestr("test.csv", as_csv(some_rows(1, 40)))  # another row has each number
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def few_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VALUES", 20)


def prepared(path: Path, model: ModelHandle, tmp_path: Path, rows: FileRows | None = None) -> PreparedDataset:
    workspace = Workspace(tmp_path / "workspace").create()
    return prepare(model, rows or FileRows(str(path)), SETTINGS, ignore, workspace=workspace)


def found_in(dataset: PreparedDataset, split: str) -> tuple[list[int], dict[str, OtherColumn]]:
    numbers = load_from_disk(dataset.folder)[split]["row"][:]
    return numbers, {one.name: one for one in other_columns(dataset, split, numbers, ignore)}


@pytest.mark.parametrize("write", [csv_file, packed_file, json_file, sheet_file, archive])
def test_each_prepared_row_has_the_cells_of_its_line(
    write: Callable[[Path], Path], model: ModelHandle, tmp_path: Path
) -> None:
    path = write(tmp_path)
    dataset = prepared(path, model, tmp_path)
    path.unlink()  # they come from the copy
    for split in ("train", "validation", "test"):
        numbers, columns = found_in(dataset, split)
        first = 1 if write is archive and split == "test" else 0
        rows = [some_rows(number - 1 + first, 1)[0] for number in numbers]
        assert set(columns) == {"shop", "price", "day", "split"}  # neither the notes nor what is learned from
        assert columns["shop"].cells.tolist() == [row["shop"] or None for row in rows]
        assert columns["split"].cells.tolist() == [row["split"] for row in rows]
        assert columns["day"].cells.tolist() == [row["day"][:7] for row in rows]
        assert columns["price"].cells == pytest.approx([float(row["price"]) for row in rows])


def as_parquet(rows: Rows) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), written)
    return written.getvalue()


@pytest.mark.parametrize("shards", [1, 3])
def test_rows_of_the_hub_have_the_cells_of_their_split(
    shards: int, model: ModelHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = ROWS // shards
    files = {f"data/train-{one}.parquet": as_parquet(some_rows(one * part, part)) for one in range(shards)}
    files["data/test-0.parquet"] = as_parquet(some_rows(ROWS, 40))
    splits = [{"split": name, "path": f"data/{name}-*"} for name in ("train", "test")]
    card = {"license": "mit", "configs": [{"config_name": "default", "data_files": splits}]}
    with serving(monkeypatch, tmp_path) as server:
        server.repositories["datasets/someone/shops"] = Repository({**files, "README.md": b"---\n---\n"}, card=card)
        workspace = Workspace(tmp_path / "workspace").create()
        dataset = prepare(model, HubRows("someone/shops"), SETTINGS, ignore, workspace=workspace)
    for split, first in (("train", 0), ("validation", 0), ("test", ROWS)):
        numbers, columns = found_in(dataset, split)
        assert numbers
        rows = [some_rows(first + number - 1, 1)[0] for number in numbers]
        assert columns["shop"].cells.tolist() == [row["shop"] or None for row in rows]
        assert columns["price"].cells == pytest.approx([float(row["price"]) for row in rows])


def test_the_file_is_read_once_and_a_stop_leaves_nothing(model: ModelHandle, tmp_path: Path) -> None:
    dataset = prepared(csv_file(tmp_path), model, tmp_path)

    def stop(event: Event) -> None:
        assert isinstance(event, Progressed)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        other_columns(dataset, "test", [1], stop)
    assert not (Path(dataset.folder) / FILE).exists()
    first = found_in(dataset, "test")[1]
    for copy in (Path(dataset.folder) / "source" / "train").iterdir():
        copy.unlink()
    second = found_in(dataset, "test")[1]
    assert list(first) == list(second)
    assert all(np.array_equal(first[name].cells, second[name].cells) for name in ("shop", "price", "day"))


def test_without_a_copy_or_with_another_file_in_its_place_there_are_no_columns(
    model: ModelHandle, tmp_path: Path
) -> None:
    dataset = prepared(csv_file(tmp_path), model, tmp_path)
    copy = Path(dataset.folder) / "source" / "train" / "shops.csv"
    copy.chmod(0o644)
    copy.write_text("other,columns\n1,2\n", "utf-8")
    assert other_columns(dataset, "test", [1, 2], ignore) == []
    (Path(dataset.folder) / FILE).unlink()
    copy.write_text(as_csv(some_rows(count=20)), "utf-8")  # too few rows to be it
    assert found_in(dataset, "train")[1] == {}


def test_columns_are_bounded(model: ModelHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COLUMNS", 2)
    monkeypatch.setattr(module, "LONGEST_VALUE", 4)
    dataset = prepared(csv_file(tmp_path), model, tmp_path)
    _, columns = found_in(dataset, "train")
    assert list(columns) == ["shop", "price"]
    assert set(columns["shop"].cells.tolist()) == {"Ulm", "Bonn", None}
    assert max(len(str(price)) for price in columns["price"].cells) <= 5
