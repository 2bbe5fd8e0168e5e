"""Where the workspace lies."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from engine.workspace import layout

STORE = Path("/C/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.13_3.13.496.0_x64__qbz5n2kfra8p0")
ASKED = Path("/C/Users/me/AppData/Local/tunewright")
PACKAGE = "PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0"
REAL = Path(f"/C/Users/me/AppData/Local/Packages/{PACKAGE}/LocalCache/Local/tunewright")


def test_the_python_of_the_microsoft_store_shows_the_real_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert layout.really_at(ASKED, STORE) == REAL
    assert layout.really_at(ASKED, Path("/C/Python313")) == ASKED
    assert layout.really_at(Path("/D/data"), STORE) == Path("/D/data")
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(ASKED))
    monkeypatch.setattr(sys, "base_prefix", str(STORE))
    assert layout.default_workspace().root == REAL
