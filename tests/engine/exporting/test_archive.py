"""The zip in an export: it holds the folder's files, and `verify` accepts it only as long as it does."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.contract.passport import DIGEST, PASSPORT, FileClaim
from engine.exporting.archive import holds_alone, make_zip
from engine.verifying.folder import _zip_check
from engine.workspace.atomic_files import sha256_of
from tests.builders_data import ignore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "onnx").mkdir()
    for name in ("config.json", "onnx/model.onnx", PASSPORT, DIGEST):
        (tmp_path / name).write_text(name)
    assert make_zip(tmp_path, "My model", ignore).passed
    return tmp_path


def status(folder: Path) -> str:
    names = ("config.json", "onnx/model.onnx")
    claims = {name: FileClaim((folder / name).stat().st_size, sha256_of(folder / name)) for name in names}
    passport: Any = SimpleNamespace(files=claims)
    return _zip_check(folder, "My-model.zip", passport).status


def test_verify_accepts_the_zip_of_an_untouched_folder(folder: Path) -> None:
    assert status(folder) == "holds"


@pytest.mark.parametrize("change", ["another file", "a changed file", "a file twice", "no zip"])
def test_verify_names_a_zip_that_is_not_that_of_the_folder(
    folder: Path, change: str, recwarn: pytest.WarningsRecorder
) -> None:
    archive = folder / "My-model.zip"
    match change:
        case "a changed file":
            (folder / "config.json").write_text("other")
        case "no zip":
            archive.write_bytes(b"no zip")
        case _:
            with zipfile.ZipFile(archive, "a") as file:
                name = "config.json" if change == "a file twice" else "evil.py"
                file.writestr(f"My-model/{name}", name)
    assert status(folder) == "differs"


def test_a_zip_holds_no_more_and_no_less(folder: Path) -> None:
    files = {name: sha256_of(folder / name) for name in ("config.json", "onnx/model.onnx", PASSPORT, DIGEST)}
    assert holds_alone(folder / "My-model.zip", files)
    assert not holds_alone(folder / "My-model.zip", {**files, "more.txt": files[PASSPORT]})
    assert not holds_alone(folder / "My-model.zip", {PASSPORT: files[PASSPORT]})
