"""While a model is trained the computer is asked to stay awake, and not longer."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from engine.runtime.keep_awake import kept_awake

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has a call for it, no command")
NAME = "caffeinate" if sys.platform == "darwin" else "systemd-inhibit"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the system's command was asked; it ends when its input does."""
    journal, command = tmp_path / "journal", tmp_path / NAME
    command.write_text(f'#!/bin/sh\necho "begun $*" >> "{journal}"\ncat\necho ended >> "{journal}"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return journal


def test_the_request_ends_with_the_work_also_where_it_fails(journal: Path) -> None:
    with pytest.raises(ZeroDivisionError), kept_awake("Here is why."):
        raise ZeroDivisionError
    begun, ended = journal.read_text().splitlines()
    assert begun.startswith("begun ")
    assert "Here is why." in begun or NAME == "caffeinate"
    assert ended == "ended"


def test_without_the_command_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with kept_awake():
        assert list(tmp_path.iterdir()) == []
