"""The folder that starts without Python: its launcher from any place, and nightly the whole of it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.make_bundle import bundle, lay_interpreter, lay_program

ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the launcher is made for this system")


@ON_LINUX
def test_the_launcher_finds_its_interpreter_wherever_it_is_moved_and_whoever_calls_it(tmp_path: Path) -> None:
    place = tmp_path / "a b" / "tunewright"
    (place / "python" / "bin").mkdir(parents=True)
    interpreter = place / "python" / "bin" / "python3"
    interpreter.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n', encoding="ascii")
    interpreter.chmod(0o755)
    lay_program(place, "linux")
    moved = place.rename(tmp_path / "ü moved")
    link = tmp_path / "link"
    link.symlink_to(moved / "tunewright")
    for called in (str(moved / "tunewright"), str(link), "./tunewright"):
        said = subprocess.run([called, "predict", "two words"], cwd=moved, capture_output=True, text=True, check=True)
        python, isolated, program, *words = said.stdout.splitlines()
        assert (python, isolated, words) == (str(moved / "python/bin/python3"), "-I", ["predict", "two words"])
        assert Path(program) == moved / "program" / "main.py"
        assert Path(program).is_file()


def test_it_holds_the_program_without_what_makes_a_checkout(tmp_path: Path) -> None:
    lay_program(tmp_path, "windows")
    assert (tmp_path / "tunewright.cmd").read_bytes().endswith(b"%*\r\n")
    assert {path.name for path in (tmp_path / "program").iterdir()} >= {"engine", "gui", "resources", "main.py"}
    assert not (tmp_path / "program" / "pyproject.toml").exists()  # else it would be set up
    assert list(tmp_path.rglob("__pycache__")) == []


def test_an_interpreter_comes_without_other_packages_and_tests_of_its_own(tmp_path: Path) -> None:
    library = tmp_path / "given" / "lib" / "python3.11"
    for name in ("os.py", "site-packages/other/__init__.py", "test/test_os.py", "json/__init__.py", "ensurepip/a.py"):
        path = library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lay_interpreter(tmp_path / "given", tmp_path / "folder" / "python")
    packed = tmp_path / "python.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(tmp_path / "given", "python")
    (tmp_path / "archive").mkdir()
    lay_interpreter(packed, tmp_path / "archive" / "python")
    for place, kept in (("folder", {"os.py", "json", "ensurepip"}), ("archive", {"os.py", "json", "site-packages"})):
        left = tmp_path / place / "python" / "lib" / "python3.11"
        assert {path.name for path in left.iterdir()} == kept


def test_the_library_of_another_system_is_known_by_its_name(tmp_path: Path) -> None:
    for name in ("os.py", "site-packages/other/__init__.py", "test/test_os.py", "site/share/a.py"):
        path = tmp_path / "given" / "Lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lay_interpreter(tmp_path / "given", tmp_path / "python")
    assert {path.name for path in (tmp_path / "python" / "Lib").iterdir()} == {"os.py", "site"}


@ON_LINUX
@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_a_bundle_answers_with_its_own_packages_where_it_is_unpacked(tmp_path: Path) -> None:
    packed = bundle(Path(sys.base_prefix), "linux", tmp_path / "bundle.tar.gz")
    assert packed.stat().st_size < 600e6
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "any where", filter="tar")
    program = tmp_path / "any where" / "tunewright" / "tunewright"
    said = subprocess.run([program, "doctor"], capture_output=True, text=True, env={"LC_ALL": "C"}, check=False)
    assert "torch" in said.stdout
    assert said.returncode == 0, said.stdout + said.stderr
    asked = subprocess.run([program, "--help"], capture_output=True, text=True, env={"LC_ALL": "C"}, check=True)
    assert "tunewright predict" in asked.stdout
