"""The loading room's fixtures: a Hub on this computer, a workspace, ears for events."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.contract.events import Event
from tests.builders_models import tiny_bert_folder
from tests.engine.loading.stand_in_hub import Repository, StandInHub, serving


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def received() -> list[Event]:
    """Pass `received.append` as `emit`."""
    return []


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One tiny model for all tests; never changed, only copied."""
    return tiny_bert_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    """A copy of the tiny model that the test may damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "my model 😀"))


@pytest.fixture
def tiny_files(tiny_folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tiny_folder.iterdir()}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_files: dict[str, bytes]) -> Iterator[StandInHub]:
    """A Hub that has the model `someone/tiny`."""
    with serving(monkeypatch, tmp_path) as server:
        server.repositories["someone/tiny"] = Repository(
            dict(tiny_files), card={"license": "apache-2.0", "language": ["en", "de"]}
        )
        yield server
