"""Without a window, what is in Preferences about the network holds where the environment has nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from engine.__main__ import main
from engine.contract.network import HUB_FOLDER, PROXY_NAMES
from engine.workspace.network_choice import take_network_of

NAMES = (HUB_FOLDER, "HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_TOKEN", *PROXY_NAMES)
CHOSEN = {
    "schema": 1,
    "theme": "dark",
    "mirror": "https://mirror.example.org",
    "proxy": "http://proxy.example.org:3128",
    "hub_folder": "/elsewhere",
    "offline": True,
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")  # so that it is as it was afterwards


def saved(folder: Path) -> Path:
    (folder / "settings.json").write_bytes(msgspec.json.encode(CHOSEN))
    return folder


def found() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if os.environ[name]}


def test_what_was_chosen_in_preferences_is_set(tmp_path: Path) -> None:
    take_network_of(saved(tmp_path))
    proxies = dict.fromkeys(PROXY_NAMES, "http://proxy.example.org:3128")
    rest = {"HF_ENDPOINT": "https://mirror.example.org", "HF_HUB_OFFLINE": "1", HUB_FOLDER: "/elsewhere"}
    assert found() == {**proxies, **rest}


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://own.example.org")
    monkeypatch.setenv("https_proxy", "http://own.example.org:80")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    take_network_of(saved(tmp_path))
    assert found() == {
        "HF_ENDPOINT": "https://own.example.org",
        "https_proxy": "http://own.example.org:80",
        "HF_HUB_OFFLINE": "0",
        HUB_FOLDER: "/elsewhere",
    }


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b'{"mirror": 3}', b"[]"])
def test_a_missing_or_damaged_file_sets_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "settings.json").write_bytes(content)
    take_network_of(tmp_path)
    assert found() == {}


def test_a_command_takes_what_was_chosen_in_its_workspace(tmp_path: Path) -> None:
    assert main(["--workspace", str(saved(tmp_path)), "runs"]) == 0
    assert os.environ["HF_ENDPOINT"] == "https://mirror.example.org"
