"""Makes a folder that starts without Python: an interpreter, the tested packages, the program and a launcher, packed.

    python tests/make_bundle.py --python ARCHIVE_OR_FOLDER --output tunewright-linux.tar.xz
    python tests/make_bundle.py --python ARCHIVE --system windows --output tunewright-windows.tar.xz

The interpreter is an archive “install_only” of python-build-standalone for the system (any `.tar.gz`, which holds a
folder called `python`), or on Linux the folder of any Python: the system's libraries that it needs, but for glibc, are
laid beside it then, for which patchelf has to be there. pip installs what constraints.txt names, from where the user's
own settings of pip decide; the build of torch, too, is chosen there. For another system than this one the packages are
those that their own metadata names for it, all of them as wheels. What is unpacked is started from any place by
`tunewright`, on Windows by `tunewright.cmd` and, without a console, `tunewright-window.cmd`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PIP = (sys.executable, "-I", "-m", "pip")
PROGRAM = ("engine", "gui", "resources", "main.py", "README.md", "LICENSE", "CHANGELOG.md")  # no pyproject.toml: set up
# What the program never reads of Python: tests and Python's own windows.
LEFT_OUT = ("test", "idlelib", "turtledemo", "tkinter", "lib2to3", "ensurepip", "config-*")
# The same of packages, below site-packages: tests, what compiles C++ against them, and Qt beyond the modules in use.
# What trains needs a compiler's headers on a GPU alone, and a torch for a GPU brings its own.
UNUSED = (
    "**/tests",
    "*/test",
    "onnx/backend/test",
    "torch/include",
    "torch/share",
    "torch/bin/[!t]*",  # test_*, as well; torch_shm_manager stays
    "torch/bin/test_*",
    "torch/lib/*_test*",
    "torch/lib/libtorchbind_test*",
    "torch/lib/*.lib",
    "pyarrow/include",
    "pyarrow/*_flight*",
    "pyarrow/_substrait*",  # its library stays: all others of pyarrow need it
    "pyarrow/src",
    "PySide6/*.pyi",
    "PySide6/QtQml*",
    "PySide6/QtQuick*",
    "PySide6/QtDesigner*",
    "PySide6/QtHelp*",
    "PySide6/QtSql*",
    "PySide6/QtUiTools*",
    "PySide6/libpyside6qml*",
    "PySide6/pyside6qml*",
    *(f"PySide6/{tool}*" for tool in ("assistant", "designer", "linguist", "lrelease", "lupdate", "qml", "svgtoqml")),
    *(f"PySide6/{folder}" for folder in ("doc", "glue", "include", "metatypes", "scripts", "typesystems", "support")),
    *(
        f"PySide6/Qt6{library}*.dll"
        for library in ("Designer", "Labs", "Lottie", "Qml", "Quick", "Help", "Sql", "UiTools")
    ),
    *(
        f"PySide6/Qt/lib/{form}"
        for library in ("Designer", "Labs", "Lottie", "Qml", "Quick", "Help", "Sql", "UiTools", "WaylandCompositor")
        for form in (f"libQt6{library}*", f"Qt{library}*.framework")
    ),
    "PySide6/Qt/lib/libQt6WaylandEglCompositor*",
    *(f"PySide6/{place}{part}" for place in ("", "Qt/") for part in ("qml", "metatypes", "libexec")),
    "PySide6/**/translations/[!q]*",
    "PySide6/**/translations/qt[!b]*",  # those of qtbase are Qt's own dialogs
    *(
        f"PySide6/**/plugins/{kind}"
        for kind in (
            "designer",
            "egldeviceintegrations",
            "generic",
            "qmllint",
            "qmltooling",
            "sqldrivers",
            "vectorimageformats",
            "wayland-graphics-integration-server",
            "platforminputcontexts/*virtualkeyboard*",
        )
    ),
)
SH = """#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd -P)
exec "$here/python/bin/python3" -I "$here/program/main.py" "$@"
"""
# Libraries of Linux that are part of glibc or go with the machine: each system has its own.
OF_THE_SYSTEM = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|crypt|anl)|linux-vdso)\.so\.\d+")
CMD = '@"%~dp0python\\python.exe" -I "%~dp0program\\main.py" %*\r\n'
WINDOW_CMD = '@start "" "%~dp0python\\pythonw.exe" -I "%~dp0program\\main.py" %*\r\n'
PLATFORMS = {"linux": (), "windows": ("win_amd64",), "macos": ("macosx_14_0_arm64",)}  # onnxruntime needs 14
# What the markers of packages ask about another system (PEP 508).
MARKERS = {
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    "macos": {
        "os_name": "posix",
        "sys_platform": "darwin",
        "platform_system": "Darwin",
        "platform_machine": "arm64",
        "platform_release": "23.0.0",
    },
}


def bundle(interpreter: Path, system: str, output: Path) -> Path:
    """Writes the packed folder and returns it; raises `OSError` and `subprocess.CalledProcessError`."""
    with tempfile.TemporaryDirectory(prefix="tunewright-bundle-") as scratch:
        folder = Path(scratch) / "tunewright"
        folder.mkdir()
        lay_interpreter(interpreter, folder / "python")
        if system == "linux":
            carry_libraries(folder / "python")
        install(folder / "python", system, requirements())
        leave_out_unused(packages_of(folder / "python"))
        lay_program(folder, system)
        with tarfile.open(output, "w:xz" if output.suffix == ".xz" else "w:gz") as archive:
            archive.add(folder, "tunewright")
    return output


def requirements() -> list[str]:
    """What the program needs, by pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def lay_interpreter(source: Path, to: Path) -> None:
    """The interpreter without its own tests and windows; packages that somebody installed into it stay behind."""
    if source.is_file():
        with tarfile.open(source) as archive:
            archive.extractall(to.parent, filter="tar")  # `data` refuses the absolute links of some interpreters
        if not to.is_dir():
            raise FileNotFoundError(f"{source} holds no folder called python.")
        for name in (*LEFT_OUT, "*.lib", "*.a"):
            for left in [*to.glob(f"lib/python3*/{name}"), *to.glob(f"Lib/{name}"), *to.glob(f"lib*/{name}")]:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        for folder in ("include", "share", "tcl", "libs"):  # headers, manuals, Tcl
            shutil.rmtree(to / folder, ignore_errors=True)
        return

    def left_out(folder: str, names: list[str]) -> set[str]:
        in_library = Path(folder).name.startswith("python3") or Path(folder).name == "Lib"
        taken = ("site-packages", *(name for name in LEFT_OUT if name != "ensurepip")) if in_library else ("share",)
        return set(shutil.ignore_patterns("__pycache__", "*.a", "include", *taken)(folder, names))

    shutil.copytree(source, to, symlinks=True, ignore=left_out)


def carry_libraries(python: Path) -> None:
    """Lays the system's libraries that this interpreter and its modules need beside it, and lets them be found there.

    An interpreter that is made to be moved needs none; what only Python's own windows need stays where it is.
    """
    library = python / "lib"
    for module in [*library.glob("python3*/lib-dynload/_tkinter*"), *library.glob("python3*/lib-dynload/nis*")]:
        module.unlink()
    waiting = [*python.glob("bin/python3.*[0-9]"), *library.glob("*.so*"), *library.glob("python3*/lib-dynload/*.so")]
    for program in waiting:  # which grows
        if program.is_symlink():
            continue
        needed = {name: path for name, path in needed_libraries(program).items() if not OF_THE_SYSTEM.fullmatch(name)}
        for name, path in needed.items():
            if not (library / name).exists():
                shutil.copyfile(path, library / name)
                waiting.append(library / name)
        if needed:
            way = os.path.relpath(library, program.parent)
            run(["patchelf", "--force-rpath", "--set-rpath", f"$ORIGIN/{way}", program])


def needed_libraries(program: Path) -> dict[str, str]:
    """Every library that the loader takes for it, with its file; raises `FileNotFoundError` where one is missing."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    if "not found" in listed.stdout:
        raise FileNotFoundError(f"{program} needs a library that is not here:\n{listed.stdout}")
    return dict(re.findall(r"^\s*(\S+) => (/\S+)", listed.stdout, re.MULTILINE))


def install(python: Path, system: str, wanted: Sequence[str]) -> None:
    """The tested packages in the interpreter's own folder, without what the tests alone need."""
    if PLATFORMS[system]:
        pins = resolved(system, version_of(python), wanted)
        where = ["--no-deps", "--target", str(packages_of(python))]
        run([*PIP, "install", "--no-compile", *where, *for_system(system, version_of(python)), *pins])
        shutil.rmtree(packages_of(python) / "bin", ignore_errors=True)  # scripts for this system
        return
    own = python / "bin" / "python3"
    if subprocess.call([own, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL):
        run([own, "-I", "-m", "ensurepip"])
    tested = ["-c", str(ROOT / "constraints.txt")]
    run([own, "-I", "-m", "pip", "install", "--no-user", "--no-compile", "--no-warn-script-location", *tested, *wanted])
    for path in (python / "bin").iterdir():  # their first line names the folder where they were installed
        if not path.name.startswith("python"):
            path.unlink()
    for cache in python.rglob("__pycache__"):
        shutil.rmtree(cache)


def resolved(system: str, python_version: str, wanted: Sequence[str]) -> list[str]:
    """Every package with its version that the wanted ones need on another system, found without downloading them.

    pip itself resolves for the system that it runs on: it would take what only Linux needs and leave what only Windows
    does. So it is asked for single packages, and what their metadata names for the system is asked for next.
    """
    environment = {
        **default_environment(),
        **MARKERS[system],
        "python_version": python_version,
        "python_full_version": f"{python_version}.0",
    }
    found: dict[str, str] = {}
    waiting = [Requirement(text) for text in wanted]
    seen: set[tuple[str, str]] = set()
    while waiting:
        fresh: dict[str, Requirement] = {}
        extras: dict[str, set[str]] = {}
        for each in waiting:
            if not each.marker or each.marker.evaluate(environment):
                name = canonicalize_name(each.name)
                new = {extra for extra in ("", *each.extras) if (name, extra) not in seen}
                seen |= {(name, extra) for extra in new}
                extras.setdefault(name, set()).update(new)
                if new:
                    fresh[name] = each
        waiting = []
        if not fresh:
            break
        for item in asked(system, python_version, [f"{each.name}{each.specifier}" for each in fresh.values()]):
            metadata = item["metadata"]
            name = canonicalize_name(metadata["name"])
            found[name] = f"{metadata['name']}=={metadata['version']}"
            for text in metadata.get("requires_dist", ()):
                each = Requirement(text)
                if not each.marker or any(each.marker.evaluate({**environment, "extra": one}) for one in extras[name]):
                    each.marker = None
                    waiting.append(each)
    return sorted(found.values(), key=str.lower)


def asked(system: str, python_version: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """What pip would install for the system, package by package and without what these need."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        options = [
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--report",
            str(report),
            "--target",
            scratch,
        ]
        run([*PIP, "install", *options, *for_system(system, python_version), *wanted])
        installed: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return installed


def for_system(system: str, python_version: str) -> list[str]:
    """Options of pip for another system."""
    platforms = [word for platform in PLATFORMS[system] for word in ("--platform", platform)]
    options = ["--only-binary", ":all:", "--python-version", python_version, "-c", str(ROOT / "constraints.txt")]
    return [*platforms, *options]


def version_of(python: Path) -> str:
    """The version of an interpreter, by the names of its files: 3.13."""
    names = [path.name for path in [*python.glob("lib/python3.*"), *python.glob("python3[0-9]*.dll")]]
    found = [re.fullmatch(r"python(3)\.?(\d+)(?:\.dll)?", name) for name in names]
    versions = {f"{match[1]}.{match[2]}" for match in found if match}
    if len(versions) != 1:
        raise FileNotFoundError(f"{python} holds no interpreter.")
    return versions.pop()


def packages_of(python: Path) -> Path:
    """The folder of an interpreter's packages."""
    on_windows = python / "Lib" / "site-packages"
    return on_windows if on_windows.parent.is_dir() else next(python.glob("lib/python3.*")) / "site-packages"


def leave_out_unused(packages: Path) -> None:
    """Takes what the program never reads out of the packages."""
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


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
        (folder / "tunewright-window.cmd").write_text(WINDOW_CMD, encoding="ascii", newline="")
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
    parser.add_argument("--output", type=Path, required=True, help="a .tar.xz or .tar.gz")
    options = parser.parse_args()
    made = bundle(options.python, options.system, options.output)
    print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
