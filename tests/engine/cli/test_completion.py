"""Shells complete commands, options and the choices of these."""

from __future__ import annotations

import shutil
import subprocess
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


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ver"], {"verify"}),
        (["run", "--ch"], {"--check"}),
        (["evaluate", "--split", "v"], {"validation"}),
        (["completion", "f"], {"fish"}),
    ],
)
def test_bash_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    script = completion(command_parser(), "bash", "tunewright")
    line = " ".join(f"'{word}'" for word in ["tunewright", *words])
    code = f'{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _tunewright; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert set(done.stdout.split()) == expected


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_scripts_are_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    script = capsys.readouterr().out
    assert "bashcompinit" in script
    subprocess.run(["bash", "-n"], input=completion(command_parser(), "bash", "x"), text=True, check=True)
