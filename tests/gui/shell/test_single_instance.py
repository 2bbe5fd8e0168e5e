"""One window to a workspace: who comes second, what a dead process leaves, and what arrives on the socket."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from PySide6.QtCore import QDir
from pytestqt.qtbot import QtBot

from gui.shell.single_instance import (
    LEAVING,
    LONGEST_MESSAGE,
    SHOWN,
    ShowRequest,
    SingleInstance,
    show_request,
    socket_names,
)
from tests.paths import ROOT

PATIENCE = 20 * float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
WISH = b'{"version": 1, "request": "show"}\n'

# Prints "first" and serves until its input ends, or prints what it ends with.
CHILD = f"""
import sys, threading
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from gui.shell.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]), lambda recipe: print("shown", flush=True) is None)
sentence = instance.begin(float(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3] else None)
print(sentence or "first", flush=True)
if not sentence:
    threading.Thread(target=lambda: (sys.stdin.read(), QTimer.singleShot(0, application, application.quit))).start()
    application.exec()
"""


def start(workspace: Path, patience: float = PATIENCE, recipe: Path | str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(workspace), str(patience), str(recipe)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def rest(process: subprocess.Popen[str]) -> str:
    """What it prints until it ends; `communicate` would lose what `first_line` has read ahead."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdin, process.stdout, process.stderr:
        process.stdin.close()
        output = process.stdout.read()
        assert process.stderr.read() == ""
    assert process.wait(PATIENCE) == 0
    return output


class Shown:
    def __init__(self) -> None:
        self.times = 0
        self.may = True
        self.recipes: set[Path | None] = set()

    def __call__(self, recipe: Path | None) -> bool:
        self.times += self.may
        self.recipes.add(recipe)
        return self.may


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def instance(tmp_path: Path, shown: Shown, qtbot: QtBot) -> Iterator[SingleInstance]:
    instance = SingleInstance(tmp_path, shown)
    assert instance.begin() == ""
    yield instance
    instance.end()
    instance.deleteLater()


def start_many(workspace: Path, count: int) -> None:
    """Starts so many at once: one is first, all others have it shown and end."""
    children = [start(workspace) for _ in range(count)]
    lines = [first_line(child) for child in children]
    assert lines.count("first") == 1
    first = children.pop(lines.index("first"))
    for child in children:
        rest(child)
    assert rest(first).split() == ["shown"] * (count - 1)
    assert sum("brought to the front" in line for line in lines) == count - 1


def test_of_several_started_at_once_one_is_the_window(tmp_path: Path) -> None:
    start_many(tmp_path, 3)


@pytest.mark.nightly
@pytest.mark.parametrize("attempt", range(10))
def test_of_twenty_started_at_once_one_is_the_window(tmp_path: Path, attempt: int) -> None:
    start_many(tmp_path, 20)


def test_what_a_killed_window_leaves_never_is_in_the_way(tmp_path: Path) -> None:
    killed = start(tmp_path)
    assert first_line(killed) == "first"
    killed.kill()
    killed.communicate()
    assert (tmp_path / "window.lock").exists()
    (tmp_path / "window.lock").write_text(f"{os.getpid()}\nanother-machine\n")
    following = start(tmp_path, 0)
    assert first_line(following) == "first"
    third = start(tmp_path)
    assert "brought to the front" in first_line(third)  # the socket of the killed one is replaced as well
    rest(third)
    assert rest(following) == "shown\n"


def test_a_window_that_reports_nothing_is_reported_to_the_user(tmp_path: Path) -> None:
    with FileLock(tmp_path / "window.lock"):
        child = start(tmp_path, 0.3)
        assert "its window does not answer" in first_line(child)
        rest(child)


def test_a_start_waits_for_a_window_that_is_about_to_close(tmp_path: Path) -> None:
    with FileLock(tmp_path / "window.lock"):
        child = start(tmp_path)
    assert first_line(child) == "first"
    rest(child)


def test_a_folder_that_cannot_be_locked_opens_all_the_same(tmp_path: Path, shown: Shown) -> None:
    (tmp_path / "file").write_text("in the way")
    assert SingleInstance(tmp_path / "file", shown).begin() == ""


@pytest.mark.skipif(os.name == "nt", reason="there it is a pipe")
def test_only_this_user_may_speak_to_the_window(instance: SingleInstance, tmp_path: Path) -> None:
    name = next(name for name in full_names(tmp_path) if Path(name).exists())
    assert stat.S_IMODE(Path(name).stat().st_mode) & 0o077 == 0


@pytest.mark.skipif(os.name == "nt", reason="there it is a pipe")
@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xfe\n",
        b"{\n",
        b'{"version": 2, "request": "show"}\n',
        b'{"version": 1, "request": "run", "path": "/bin/sh"}\n',
        b'{"version": 1, "request": "show", "recipe": "relative.toml"}\n',
        b'{"version": 1, "request": "show", "recipe": "/recipe.toml", "start": true}\n',
        b"[" * LONGEST_MESSAGE + b"\n",
        b"x" * 10_000_000 + b"\n",
        b'{"version": 1',
        b"",
    ],
    ids=[
        "not UTF-8",
        "not JSON",
        "another version",
        "another request",
        "no whole path",
        "more",
        "deep",
        "10 MB",
        "half a line",
        "nothing",
    ],
)
def test_what_is_no_request_is_dropped_and_the_next_one_is_served(
    instance: SingleInstance, shown: Shown, tmp_path: Path, qtbot: QtBot, message: bytes
) -> None:
    def speak(content: bytes, *, finished: bool) -> bytes:
        with socket.socket(socket.AF_UNIX) as own:
            own.connect(next(name for name in full_names(tmp_path) if Path(name).exists()))
            own.setblocking(False)
            received = b""
            if not finished:
                return received

            def exchange() -> bool:
                nonlocal content, received
                try:
                    if content:
                        content = content[own.send(content) :]
                    received += (part := own.recv(100))
                    return not part
                except BlockingIOError:
                    return False
                except (BrokenPipeError, ConnectionResetError):
                    return True

            qtbot.waitUntil(exchange, timeout=round(1000 * PATIENCE))
            return received

    assert SHOWN not in speak(message, finished=message.endswith(b"\n"))
    assert shown.times == 0
    assert speak(WISH, finished=True) == SHOWN
    assert shown.times == 1
    shown.may = False
    assert speak(WISH, finished=True) == LEAVING


def test_only_the_one_line_is_a_request() -> None:
    assert show_request(WISH) == ShowRequest(None)
    assert show_request(WISH + WISH) is None
    assert show_request(WISH[:-1]) is None


def test_a_recipe_of_any_name_reaches_the_window(
    instance: SingleInstance, tmp_path: Path, shown: Shown, qtbot: QtBot
) -> None:
    recipes = {tmp_path / name for name in ("a recipe.toml", "ü\udcff.toml", "n" * 4_000 + "/recipe.toml")}
    others = [start(tmp_path, recipe=recipe) for recipe in recipes]
    qtbot.waitUntil(lambda: shown.times == len(recipes), timeout=round(1000 * PATIENCE))
    qtbot.waitUntil(lambda: all(other.poll() is not None for other in others), timeout=round(1000 * PATIENCE))
    assert ["brought to the front" in rest(other) for other in others] == [True] * len(recipes)
    assert shown.recipes == recipes


def full_names(workspace: Path) -> list[str]:
    """The places of the socket that the system has."""
    return [str(Path(QDir.tempPath()) / name) for name in socket_names(workspace)]
