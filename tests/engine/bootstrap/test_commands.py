"""Commands in sentences: how the program is called here, and what installs a package here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from engine.bootstrap import commands


@pytest.mark.parametrize(
    ("platform", "started", "source_folder", "expected"),
    [
        ("linux", "/home/me/tunewright/main.py", True, "python3 main.py"),
        ("darwin", "-c", True, "python3 main.py"),
        ("win32", "main.py", True, "py main.py"),
        ("linux", "/home/me/.local/bin/tunewright", False, "tunewright"),
        ("linux", "/home/me/.local/bin/tunewright", True, "tunewright"),  # pip install --editable
        ("win32", "tunewright-window.exe", True, "tunewright"),
        ("linux", "-c", False, "tunewright"),  # the worker process of an installed package
    ],
)
def test_the_command_is_what_works_here(
    platform: str, started: str, source_folder: bool, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.sys, "platform", platform)
    monkeypatch.setattr(commands.sys, "argv", [started])
    monkeypatch.setattr(commands, "ROOT", str(tmp_path))
    if source_folder:
        (tmp_path / "pyproject.toml").touch()
    assert commands.command() == expected


def test_packages_are_installed_by_what_made_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.sys, "executable", "/home/me/env/bin/python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert commands.install_command("x>=1,<2", reinstall=True) == (
        "/home/me/env/bin/python -m pip install --force-reinstall 'x>=1,<2'"
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert commands.install_command("x>=1", reinstall=True) == (
        "uv pip install --python /home/me/env/bin/python --reinstall-package x 'x>=1'"
    )
    monkeypatch.setattr(commands.sys, "prefix", "/home/me/.local/share/pipx/venvs/tunewright")
    assert commands.install_command("x") == "pipx runpip tunewright install x"


def test_on_windows_a_command_is_written_for_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.sys, "platform", "win32")
    python = r"C:\Users\me\tunewright\.venv\Scripts\python.exe"
    assert commands.quoted([python, "-m", "pip", "install", "torch>=2.13,<2.14"]) == (
        python + ' -m pip install "torch>=2.13,<2.14"'
    )
    assert commands.quoted([r"C:\Users\M E\python.exe", "x"]) == r'& "C:\Users\M E\python.exe" x'


@pytest.mark.parametrize(
    ("platform", "keys"), [("linux", "Ctrl-D"), ("darwin", "Ctrl-D"), ("win32", "Ctrl-Z and Enter")]
)
def test_what_ends_typed_lines_is_that_of_the_system(platform: str, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.sys, "platform", platform)
    assert commands.end_of_input() == keys
