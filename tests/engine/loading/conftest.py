"""The loading room's fixtures: a Hub on this computer, a workspace, ears for events."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants

from engine.events import Event
from engine.loading import transfer
from engine.storage import Workspace
from tests.builders_models import tiny_bert_folder
from tests.engine.loading.stand_in_hub import Repository, StandInHub


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


@pytest.fixture
def heard() -> list[Event]:
    """Pass `heard.append` as `emit`."""
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
    """A Hub that has the model `someone/tiny`; offline switches of the environment are off."""
    server = StandInHub()
    server.repositories["someone/tiny"] = Repository(
        dict(tiny_files), card={"license": "apache-2.0", "language": ["en", "de"]}
    )
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "HF_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(transfer, "PAUSE", 0.001)
    monkeypatch.setattr(transfer, "REPORT_INTERVAL", 0.01)
    huggingface_hub.close_session()  # a session remembers the proxies it was made with
    yield server
    server.close()
    huggingface_hub.close_session()
