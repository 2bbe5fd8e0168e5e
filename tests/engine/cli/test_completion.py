"""Shells complete commands, options and the choices of these."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.__main__ import command_parser, main
from engine.cli.completion import SHELLS, commands_of, completion


def test_every_command_and_option_is_completed_in_every_shell() -> None:
    parser = command_parser()
    for shell in SHELLS:
        script = completion(parser, shell, "tunewright")
        for name, command in commands_of(parser).items():
            assert name in script
            for option in command.options:
                assert (option.removeprefix("--") if shell == "fish" else option) in script


WORDS = [
    (["ver"], {"verify"}),
    (["run", "--ch"], {"--check"}),
    (["evaluate", "--split", "v"], {"validation"}),
    (["completion", "f"], {"fish"}),
]
# A terminal of zsh, whose line a key writes into a file.
ZSHRC = """
PS1='ready> '
autoload -U compinit && compinit -u -D
source {script}
keep() {{ print -r -- "$BUFFER" > {line}.new; mv {line}.new {line} }}
zle -N keep
bindkey '^X' keep
"""


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@needs("bash")
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_bash_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    script = completion(command_parser(), "bash", "tunewright")
    line = " ".join(f"'{word}'" for word in ["tunewright", *words])
    code = f'{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _tunewright; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert set(done.stdout.split()) == expected


@needs("fish")
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_fish_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    script = tmp_path / "tunewright.fish"
    script.write_text(completion(command_parser(), "fish", "tunewright"), "utf-8")
    code = f"source '{script}'; complete -C 'tunewright {' '.join(words)}'"
    surroundings = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "own")}
    done = subprocess.run(
        ["fish", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=surroundings
    )
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == expected


@needs("zsh")
@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals of Unix")
def test_zsh_completes(tmp_path: Path) -> None:
    import pty

    script, line = tmp_path / "tunewright.zsh", tmp_path / "line"
    script.write_text(completion(command_parser(), "zsh", "tunewright"), "utf-8")
    (tmp_path / ".zshrc").write_text(ZSHRC.format(script=script, line=line), "utf-8")
    terminal, of_zsh = pty.openpty()
    surroundings = {**os.environ, "ZDOTDIR": str(tmp_path), "TERM": "dumb"}
    zsh = subprocess.Popen(
        ["zsh", "-d", "-i"], stdin=of_zsh, stdout=of_zsh, stderr=of_zsh, cwd=tmp_path, env=surroundings
    )
    shown = b""

    def wait_for(fact: Callable[[], bool]) -> None:
        nonlocal shown
        late = time.monotonic() + 60
        while not fact():
            assert time.monotonic() < late, shown.decode(errors="replace")
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096)

    try:
        wait_for(lambda: b"ready> " in shown)
        for words, (expected,) in WORDS:
            os.write(terminal, f"tunewright {' '.join(words)}\t\x18".encode())  # tab, and the key that keeps the line
            wait_for(line.is_file)
            assert line.read_text("utf-8").split() == ["tunewright", *words[:-1], expected]
            line.unlink()
            os.write(terminal, b"\x15")  # empties the line
    finally:
        zsh.kill()
        zsh.wait()
        os.close(terminal)
        os.close(of_zsh)


@needs("bash")
def test_the_scripts_are_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    script = capsys.readouterr().out
    assert "bashcompinit" in script
    subprocess.run(["bash", "-n"], input=completion(command_parser(), "bash", "x"), text=True, check=True)
