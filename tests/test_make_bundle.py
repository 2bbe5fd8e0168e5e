"""The folder that starts without Python: its launcher from any place, and nightly the whole of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.make_bundle import (
    UNUSED,
    bundle,
    carry_libraries,
    lay_interpreter,
    lay_program,
    leave_out_unused,
    needed_libraries,
    requirements,
    resolved,
)
from tests.paths import ROOT

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
    for name, python in (("tunewright", rb"\python.exe"), ("tunewright-window", rb"\pythonw.exe")):
        command = (tmp_path / f"{name}.cmd").read_bytes()
        assert python in command
        assert command.endswith(b"%*\r\n")
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


WHEELS: dict[str, tuple[str, Sequence[str]]] = {
    "sample": (
        "py3-none-any",
        [
            "part[more]>=1",
            "left; sys_platform == 'linux'",
            "right; sys_platform == 'win32'",
            "mac; platform_system == 'Darwin'",
        ],
    ),
    "part": ("{}", ["far; extra == 'more'", "sample"]),  # which needs what needs it
    "far": ("py3-none-any", ["old; python_version < '3.12'"]),
    "left": ("py3-none-any", []),
    "right": ("py3-none-any", []),
    "mac": ("py3-none-any", []),
}
SYSTEMS = {
    "windows": ("cp313-cp313-win_amd64", ["python.exe", "python313.dll", "Lib/os.py"], "Lib/site-packages", "right"),
    "macos": (
        "cp313-cp313-macosx_11_0_arm64",
        ["bin/python3", "lib/python3.13/os.py"],
        "lib/python3.13/site-packages",
        "mac",
    ),
}


@pytest.mark.parametrize("system", ["windows", pytest.param("macos", marks=pytest.mark.nightly)])
def test_another_systems_folder_holds_its_own_interpreter_wheels_and_launcher(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an archive of the layout of python-build-standalone, and wheels that hold a line each."""
    tag, files, place, own = SYSTEMS[system]
    given = tmp_path / "given"
    for name in files:
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        (given / name).write_text("an interpreter", encoding="ascii")
    packed = tmp_path / "cpython-3.13-install_only.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(given, "python")
    shop = tmp_path / "wheels"
    shop.mkdir()
    for name, (tags, needs) in WHEELS.items():
        a_wheel(shop, name, tags.format(tag), needs)
    a_wheel(shop, "part", "cp313-cp313-manylinux_2_17_x86_64", [], version="2.0")  # newer, and for Linux alone
    monkeypatch.setattr("tests.make_bundle.requirements", lambda: ["sample"])
    for name, value in (("CONFIG_FILE", os.devnull), ("NO_INDEX", "1"), ("FIND_LINKS", str(shop))):
        monkeypatch.setenv(f"PIP_{name}", value)

    made = bundle(packed, system, tmp_path / "made.tar.gz")

    with tarfile.open(made) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    folder = tmp_path / "unpacked" / "tunewright"
    packages = folder / "python" / place
    held = {path.stem for path in packages.glob("*.py")}
    assert held == {"sample", "part", "far", own}
    assert (packages / "part.py").read_text("ascii") == f"WHEEL = '{tag}'\n"
    assert {path.name for path in packages.glob("*.dist-info")} == {f"{name}-1.0.dist-info" for name in held}
    assert not (packages / "bin").exists()
    assert (folder / "python" / files[0]).is_file()
    assert (folder / "program" / "main.py").is_file()
    assert (folder / ("tunewright.cmd" if system == "windows" else "tunewright")).is_file()


def a_wheel(shop: Path, name: str, tag: str, needs: Sequence[str], *, version: str = "1.0") -> None:
    information = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: more\n"
    contents = {
        f"{name}.py": f"WHEEL = '{tag}'\n",
        f"{information}/METADATA": metadata + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{information}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{information}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    contents[f"{information}/RECORD"] = "".join(f"{path},,\n" for path in [*contents, f"{information}/RECORD"])
    with zipfile.ZipFile(shop / f"{name}-{version}-{tag}.whl", "w") as wheel:
        for path, text in contents.items():
            wheel.writestr(path, text)


def test_what_the_program_never_reads_of_its_packages_stays_behind(tmp_path: Path) -> None:
    kept = [
        "torch/__init__.py",
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "torch/testing/a.py",
        "PySide6/QtCore.abi3.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "sympy/testing/a.py",
        "pyarrow/libarrow.so.2600",
        "pyarrow/libarrow_substrait.so.2600",
    ]
    left = [
        "torch/include/a.h",
        "torch/bin/test_api",
        "torch/bin/protoc",
        "torch/bin/TCPStoreTest",
        "torch/test/a.py",
        "sympy/core/tests/a.py",
        "sympy/core/tests/tests/a.py",
        "PySide6/QtQml.abi3.so",
        "PySide6/assistant",
        "PySide6/qml/a.qml",
        "PySide6/Qt/qml/a.qml",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/translations/qtdeclarative_de.qm",
        "PySide6/Qt/translations/assistant_de.qm",
        "PySide6/translations/qt_help_de.qm",
        "pyarrow/libarrow_flight.so.2600",
        "pyarrow/_flight.cpython-311-x86_64-linux-gnu.so",
    ]
    for name in (*kept, *left):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    leave_out_unused(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        kept
    )


@ON_LINUX
def test_no_library_that_stays_needs_one_that_stays_behind() -> None:
    packages = Path(metadata.distribution("torch").locate_file(""))
    left = {path for pattern in UNUSED for path in packages.glob(pattern)}

    def stays(path: Path) -> bool:
        return not left & {path, *path.parents}

    libraries = [path for name in ("pyarrow", "PySide6", "torch") for path in (packages / name).rglob("*.so*")]
    kept = list(filter(stays, libraries))
    assert 20 < len(kept) < len(libraries)
    listed = subprocess.run(["ldd", *kept], capture_output=True, text=True, check=False).stdout
    needed = {Path(place).resolve() for place in re.findall(r" => (/\S+)", listed)}
    assert len(needed) > 20
    assert [path.name for path in needed if path.is_relative_to(packages.resolve()) and not stays(path)] == []


@ON_LINUX
@pytest.mark.skipif(not shutil.which("patchelf"), reason="patchelf is not installed")
def test_an_interpreter_finds_the_libraries_of_the_system_beside_itself(tmp_path: Path) -> None:
    python = tmp_path / "python"
    (python / "bin").mkdir(parents=True)
    modules = python / "lib" / "python3.11" / "lib-dynload"
    modules.mkdir(parents=True)
    source = next(path for path in Path(sys.base_prefix).glob("lib/python3.*/lib-dynload/_ssl.*"))
    shutil.copyfile(source, modules / source.name)
    carry_libraries(python)
    carried = {path.name for path in (python / "lib").glob("*.so*")}
    assert any(name.startswith("libcrypto.so") for name in carried)
    assert not any(re.match(r"(libc|libm|ld-linux\S*)\.so", name) for name in carried)
    for program in [modules / source.name, *(python / "lib").glob("*.so*")]:
        found = {name: path for name, path in needed_libraries(program).items() if name in carried}
        assert {Path(path).resolve().parent for path in found.values()} <= {(python / "lib").resolve()}


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_package_of_another_systems_folder_was_tested_in_its_version(system: str) -> None:
    pins = {
        canonicalize_name(line.partition("==")[0])
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    }
    found = [canonicalize_name(each.partition("==")[0]) for each in resolved(system, "3.13", requirements())]
    assert len(found) > 60
    assert sorted(set(found) - pins - {"torch"}) == []
    assert ("pywin32-ctypes" in found, "jeepney" in found) == (system == "windows", False)


@ON_LINUX
@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_a_bundle_answers_with_its_own_packages_where_it_is_unpacked(tmp_path: Path) -> None:
    packed = bundle(Path(sys.base_prefix), "linux", tmp_path / "bundle.tar.gz")
    assert packed.stat().st_size < 560e6  # the aim is 600 MB, and packages grow
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "any where", filter="tar")
    program = tmp_path / "any where" / "tunewright" / "tunewright"
    said = subprocess.run([program, "doctor"], capture_output=True, text=True, env={"LC_ALL": "C"}, check=False)
    assert "torch" in said.stdout
    assert said.returncode == 0, said.stdout + said.stderr
    rows = program.parent / "program" / "resources" / "examples" / "support_tickets.csv"
    seen = subprocess.run([program, "inspect", rows], capture_output=True, text=True, env={"LC_ALL": "C"}, check=True)
    assert "label" in seen.stdout
    asked = subprocess.run([program, "--help"], capture_output=True, text=True, env={"LC_ALL": "C"}, check=True)
    assert "tunewright predict" in asked.stdout
