"""A two-layer network and prepared rows on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from engine.contract.states import PreparedDataset
from engine.workspace.layout import Workspace
from tests.engine import small_runs


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.tiny_bert(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


@pytest.fixture
def reviews(tiny_bert: Path, tmp_path: Path) -> PreparedDataset:
    return small_runs.prepared_reviews(tiny_bert, tmp_path / "reviews")


@pytest.fixture
def entities(tiny_bert: Path, tmp_path: Path) -> PreparedDataset:
    return small_runs.prepared_entities(tiny_bert, tmp_path / "entities")


@pytest.fixture
def without_dropout(reviews: PreparedDataset, tmp_path: Path) -> PreparedDataset:
    folder = Path(shutil.copytree(reviews.model.folder, tmp_path / "still"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return msgspec.structs.replace(reviews, model=msgspec.structs.replace(reviews.model, folder=str(folder)))
