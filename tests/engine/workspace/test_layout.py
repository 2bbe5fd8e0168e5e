"""Where the workspace lies."""

from __future__ import annotations

from pathlib import Path


def test_the_python_of_the_microsoft_store_shows_the_real_folder() -> None:
    from engine.workspace.layout import really_at

    store = Path("/C/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.13_3.13.496.0_x64__qbz5n2kfra8p0")
    asked = Path("/C/Users/me/AppData/Local/tunewright")
    package = "PythonSoftwareFoundation.Python.3.13_qbz5n2kfra8p0"
    assert really_at(asked, store) == Path(f"/C/Users/me/AppData/Local/Packages/{package}/LocalCache/Local/tunewright")
    assert really_at(asked, Path("/C/Python313")) == asked
    assert really_at(Path("/D/data"), store) == Path("/D/data")
