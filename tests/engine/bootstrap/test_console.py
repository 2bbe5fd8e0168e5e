"""Terminals, pipes and closed pipes; consoles of Windows emulated."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.bootstrap import console
from engine.contract.settings import FolderModel, Recipe
from tests.paths import ROOT

LETTERS = "żółć – Ελληνικά – 日本語 – “naïve”"


class Terminal(io.BytesIO):
    """A console that has the letters of its code page only."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("code_page", ["cp1252", "cp850", "ascii"])
def test_files_and_pipes_are_utf8_whatever_the_code_page(code_page: str) -> None:
    written = io.BytesIO()
    output = io.TextIOWrapper(written, encoding=code_page, write_through=True)
    console.use_utf8((output, None))
    output.write(LETTERS)
    assert written.getvalue().decode("utf-8") == LETTERS
    for mark in (b"", b"\xef\xbb\xbf"):
        source = io.TextIOWrapper(io.BufferedReader(io.BytesIO(mark + LETTERS.encode())), encoding=code_page)
        console.use_utf8((source,))
        assert source.read() == LETTERS


def test_a_terminal_keeps_its_code_page_and_never_fails_at_a_letter() -> None:
    screen = Terminal()
    output = io.TextIOWrapper(screen, encoding="cp1252", write_through=True)
    console.use_utf8((output,))
    output.write("né 日")
    assert screen.getvalue().decode("cp1252") == "né ?"


def test_the_command_line_reads_and_writes_utf8_in_pipes_under_a_narrow_code_page(tmp_path: Path) -> None:
    from engine.cli.recipe import read_recipe, write_recipe

    chosen = Recipe(model=FolderModel(str(tmp_path / "Größe")))
    text = write_recipe(chosen)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.__main__ import main\n"
        "from engine.cli import commands\n"
        "def predict(*_):\n"
        "    text = sys.stdin.read()\n"
        "    print(f'# {len(text)} letters, 日本\\n{text}', end='')\n"
        "    return 0\n"
        "commands.COMMANDS['predict'] = predict\n"
        "sys.exit(main(['predict', 'folder', '--workspace', sys.argv[2]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(tmp_path)],
        input=text.encode("utf-8"),
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    (tmp_path / "r.toml").write_bytes(done.stdout)
    assert read_recipe(tmp_path / "r.toml") == chosen
    assert done.stdout.decode("utf-8").startswith(f"# {len(text)} letters, 日本")


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL, errno.ECONNRESET])
def test_windows_invalid_argument_is_a_closed_pipe_like_the_others(number: int) -> None:
    assert console.is_closed_pipe(OSError(number, "gone"))
    assert not console.is_closed_pipe(OSError(errno.EINVAL, "bad name", "a?b.csv"))
    assert not console.is_closed_pipe(OSError(errno.ENOSPC, "full"))


def test_without_a_console_a_sentence_is_shown_in_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    shown: list[object] = []
    library = SimpleNamespace(user32=SimpleNamespace(MessageBoxW=lambda *given: shown.append(given)))
    monkeypatch.setattr(ctypes, "windll", library, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    console.show_without_console("There is a console.")
    monkeypatch.setattr(sys, "stderr", None)
    console.show_without_console("The disk is full.")
    assert shown == [(None, "The disk is full.", "Tunewright", 0x10)]


@pytest.mark.parametrize(
    ("programs", "own"),
    [
        ([r"C:\Windows\py.exe", r"C:\Python313\python.exe"], True),
        ([r"C:\Python313\pythonw.exe"], True),
        ([r"C:\Windows\System32\cmd.exe", r"C:\Python313\python.exe"], False),
        ([r"C:\Program Files\PowerShell\7\pwsh.exe", r"C:\Windows\py.exe", r"C:\Python313\python.exe"], False),
        ([], False),
    ],
)
def test_a_console_of_its_own_is_one_without_a_shell(programs: list[str], own: bool) -> None:
    assert console.is_own_console(programs) is own
