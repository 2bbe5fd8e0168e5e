"""Makes a folder that starts without Python: an interpreter, the tested packages, the program and a launcher, packed.

    python tests/make_bundle.py --python ARCHIVE_OR_FOLDER --output tunewright-linux.tar.xz
    python tests/make_bundle.py --python ARCHIVE_OR_FOLDER --system windows --output tunewright-windows.tar.xz

The interpreter is one that runs wherever it is unpacked: an archive “install_only” of python-build-standalone for the
system (any `.tar.gz`, or the folder that was in it, called `python`). pip installs what constraints.txt names, from
where the user's own settings of pip say; the build of torch, too, is chosen there. For another system than this one
only wheels are taken, which are all there (tests/test_platforms.py). What is unpacked is started from any place by
`tunewright`, on Windows by `tunewright.cmd`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("engine", "gui", "resources", "main.py", "README.md", "LICENSE", "CHANGELOG.md")  # no pyproject.toml: set up
# What the program never reads: tests, headers and Python's own windows. Headers of torch stay, for compiled layers.
LEFT_OUT = ("test", "idlelib", "turtledemo", "tkinter", "lib2to3", "ensurepip", "config-*")
SH = """#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd -P)
exec "$here/python/bin/python3" -I "$here/program/main.py" "$@"
"""
CMD = '@"%~dp0python\\python.exe" -I "%~dp0program\\main.py" %*\r\n'
PLATFORMS = {"linux": (), "windows": ("win_amd64",), "macos": ("macosx_14_0_arm64", "macosx_11_0_arm64")}


def bundle(interpreter: Path, system: str, output: Path, *, python_version: str = "") -> Path:
    """Writes the packed folder and returns it; raises `OSError` and `subprocess.CalledProcessError`."""
    with tempfile.TemporaryDirectory(prefix="tunewright-bundle-") as scratch:
        folder = Path(scratch) / "tunewright"
        folder.mkdir()
        lay_interpreter(interpreter, folder / "python")
        install(folder / "python", system, python_version)
        lay_program(folder, system)
        with tarfile.open(output, "w:xz" if output.suffix == ".xz" else "w:gz") as archive:
            archive.add(folder, "tunewright")
    return output


def lay_interpreter(source: Path, to: Path) -> None:
    """The interpreter without its own tests and windows; packages that somebody installed into it stay behind."""
    if source.is_file():
        with tarfile.open(source) as archive:
            archive.extractall(to.parent, filter="tar")  # `data` refuses the absolute links of some interpreters
        if not to.is_dir():
            raise FileNotFoundError(f"{source} holds no folder called python.")
        for name in LEFT_OUT:
            for left in to.glob(f"lib/python3*/{name}"):
                shutil.rmtree(left)
        return

    def left_out(folder: str, names: list[str]) -> set[str]:
        in_library = Path(folder).name.startswith("python3") or Path(folder).name == "Lib"
        taken = ["site-packages", *(name for name in LEFT_OUT if name != "ensurepip")] if in_library else ["share"]
        return set(shutil.ignore_patterns("__pycache__", "*.a", *taken)(folder, names))

    shutil.copytree(source, to, symlinks=True, ignore=left_out)


def install(python: Path, system: str, python_version: str) -> None:
    """The tested packages in the interpreter's own folder, without what the tests alone need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = ["-c", str(ROOT / "constraints.txt"), *project["dependencies"]]
    if PLATFORMS[system]:
        place = python / "Lib" / "site-packages"
        if system == "macos":
            place = next(python.glob("lib/python3*")) / "site-packages"
        options = [word for platform in PLATFORMS[system] for word in ("--platform", platform)]
        options += ["--only-binary", ":all:", "--python-version", python_version, "--target", str(place)]
        run([sys.executable, "-I", "-m", "pip", "install", "--no-compile", *options, *wanted])
        return
    own = python / "bin" / "python3"
    if subprocess.call([own, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL):
        run([own, "-I", "-m", "ensurepip"])
    run([own, "-I", "-m", "pip", "install", "--no-user", "--no-compile", "--no-warn-script-location", *wanted])
    for path in (python / "bin").iterdir():  # their first line names the folder where they were installed
        if not path.name.startswith("python"):
            path.unlink()
    for cache in python.rglob("__pycache__"):
        shutil.rmtree(cache)


def lay_program(folder: Path, system: str) -> None:
    """The program beside the interpreter, and what starts it."""
    for name in PROGRAM:
        source, to = ROOT / name, folder / "program" / name
        to.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, to)
    if system == "windows":
        (folder / "tunewright.cmd").write_text(CMD, encoding="ascii", newline="")
        return
    launcher = folder / "tunewright"
    launcher.write_text(SH, encoding="ascii")
    launcher.chmod(0o755)


def run(command: Sequence[str | Path]) -> None:
    """A command whose failure ends the making; the user's PYTHONPATH stays out of it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([str(word) for word in command], check=True, env=variables)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", type=Path, required=True, help="archive or folder of an interpreter")
    parser.add_argument("--system", choices=list(PLATFORMS), default="linux")
    parser.add_argument("--python-version", default="3.13", help="that of the interpreter, for another system")
    parser.add_argument("--output", type=Path, required=True, help="a .tar.xz or .tar.gz")
    options = parser.parse_args()
    made = bundle(options.python, options.system, options.output, python_version=options.python_version)
    print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
