"""The program's modules on Windows and macOS, as far as Linux can show: types, imports, and wheels that exist."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

# What only Linux has, or Linux and macOS, of the modules and functions that Python's library offers.
HIDDEN = {
    "win32": {
        "modules": "fcntl grp posix pty pwd resource syslog termios",
        "names": "os.fork os.geteuid os.getuid os.killpg os.sched_getaffinity os.sync os.statvfs os.uname os.wait "
        "signal.SIGKILL signal.SIGHUP signal.SIGUSR1 signal.alarm signal.pause socket.AF_UNIX time.tzset",
    },
    "darwin": {"modules": "", "names": "os.sched_getaffinity os.memfd_create os.posix_fadvise socket.AF_NETLINK"},
}
# Nine tenths of what mypy reads are these packages (61 s of processor time for a system, 13 s without them). They are
# the same on every system, and the check of this system has read them. Without them their names have no types, so that
# what strict reports of such names does not count.
WITHOUT_LARGE_PACKAGES = """
[[tool.mypy.overrides]]
module = ["huggingface_hub.*", "optuna.*", "safetensors.*", "tokenizers.*", "torch.*", "transformers.*"]
follow_imports = "skip"
[[tool.mypy.overrides]]
module = "peft.*"
follow_imports = "skip"
"""
OWN_CODE = (
    "--allow-subclassing-any",
    "--allow-untyped-decorators",
    "--no-warn-redundant-casts",
    "--no-warn-return-any",
    "--no-warn-unused-ignores",
)
IMPORT_ALL = """
import importlib, pkgutil, signal, socket, os, sys, time
sys.path.insert(0, sys.argv[1])
platform, modules, hidden = sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
import engine, gui
names = []
for package in (engine, gui):
    names += [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
names = [name for name in names if not name.endswith("__main__") and not name.endswith("proof_script")]
for name in names:  # once as it is: other packages must not see the emulation
    importlib.import_module(name)
for name in list(sys.modules):
    if name.partition(".")[0] in ("engine", "gui", "main"):
        del sys.modules[name]
sys.platform = platform
for name in modules:
    sys.modules[name] = None
for name in hidden:
    module, _, attribute = name.partition(".")
    if hasattr(sys.modules[module], attribute):
        delattr(sys.modules[module], attribute)
for name in [*names, "main"]:
    importlib.import_module(name)
print(len(names))
"""


def test_files_have_the_same_lines_on_every_system() -> None:
    rules = (ROOT / ".gitattributes").read_text("utf-8").splitlines()
    assert "* text=auto eol=lf" in rules
    written = [path for top in ("engine", "gui", "resources", "tests", "docs") for path in (ROOT / top).rglob("*")]
    texts = [path for path in [*written, *ROOT.glob("*.*")] if path.suffix in (".py", ".md", ".toml", ".txt", ".svg")]
    assert [path.name for path in texts if b"\r\n" in path.read_bytes()] == []


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_all_modules_are_imported_without_what_only_linux_has(platform: str, warm_python: str) -> None:
    hidden = HIDDEN[platform]
    command = [warm_python, "-I", "-W", "ignore", "-c", IMPORT_ALL, str(ROOT), platform]
    done = subprocess.run(
        [*command, hidden["modules"], hidden["names"]], capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) > 300


@pytest.mark.parametrize("platform", ["win32", pytest.param("darwin", marks=pytest.mark.nightly)])
def test_our_own_types_are_right_on_the_system(platform: str) -> None:
    """Strict for our code, Python's library and PySide6; the nightly test reads the large packages as well.

    A system costs a sixth of a minute; what Python's library has on both Linux and Windows, macOS has too.
    """
    lines = mypy(platform, *OWN_CODE, large_packages=False)
    assert lines[-1].startswith("Success"), "\n".join(lines[-40:])


@pytest.mark.nightly
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_mypy_finds_nothing_for_the_system(platform: str) -> None:
    lines = mypy(platform, "--strict", large_packages=True)
    assert lines[-1].startswith("Success"), "\n".join(lines[-40:])


def mypy(platform: str, *options: str, large_packages: bool) -> list[str]:
    """What mypy prints for a system, with pyproject's settings; a cache for each keeps later runs short."""
    cache = ROOT / ".mypy_cache" / f"{platform}-{'all' if large_packages else 'own'}"
    settings = ROOT / "pyproject.toml"
    if not large_packages:
        cache.mkdir(parents=True, exist_ok=True)
        text = settings.read_text("utf-8")
        settings = cache / "pyproject.toml"
        settings.write_text(text + WITHOUT_LARGE_PACKAGES, "utf-8")
    command = [sys.executable, "-I", "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(cache)]
    command += ["--platform", platform, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.nightly
@pytest.mark.timeout(2000)  # pip downloads every wheel of an index that does not serve their metadata alone
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", ["win_amd64", "macosx_14_0_arm64"])
def test_every_tested_version_has_a_wheel_for_the_system(platform: str, python: str, tmp_path: Path) -> None:
    source_only = {"seqeval"}  # pure Python, and of the tests alone
    pinned = [
        line
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#") and line.partition("==")[0] not in source_only
    ]
    (tmp_path / "pinned.txt").write_text("\n".join(pinned), "utf-8")
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--report", str(report), "--no-deps"]
    command += ["--only-binary", ":all:", "--ignore-installed", "--target", str(tmp_path / "nowhere")]
    command += ["--platform", platform, "--python-version", python, "-r", str(tmp_path / "pinned.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    found = {item["metadata"]["name"] for item in json.loads(report.read_text("utf-8"))["install"]}
    assert len(found) == len(pinned)
