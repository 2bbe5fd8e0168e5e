"""Completion for shells, made of the parser: commands, their options, the choices of these, and files for the rest.

eval "$(tunewright completion bash)"        in ~/.bashrc
eval "$(tunewright completion zsh)"         in ~/.zshrc, after compinit
tunewright completion fish | source         in ~/.config/fish/config.fish
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import NamedTuple

SHELLS = ("bash", "zsh", "fish")


class Command(NamedTuple):
    """A command: its sentence, its options with their values (empty: any, or none), the choices of its arguments."""

    sentence: str
    options: Mapping[str, tuple[str, ...]]
    choices: tuple[str, ...]


def commands_of(parser: argparse.ArgumentParser) -> dict[str, Command]:
    """Every command of the parser by its name."""
    (listed,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    sentences = {action.dest: action.help or "" for action in listed._choices_actions}
    return {name: _command(own, sentences.get(name, "")) for name, own in listed.choices.items()}


def _command(parser: argparse.ArgumentParser, sentence: str) -> Command:
    options: dict[str, tuple[str, ...]] = {}
    choices: list[str] = []
    for action in parser._actions:
        values = tuple(map(str, action.choices or ()))
        if action.option_strings:
            options |= dict.fromkeys((one for one in action.option_strings if one.startswith("--")), values)
        else:
            choices += values
    return Command(sentence, options, tuple(choices))


def completion(parser: argparse.ArgumentParser, shell: str, program: str) -> str:
    """The script for this shell, which completes `program`."""
    commands = commands_of(parser)
    return _fish(commands, program) if shell == "fish" else _bash(commands, program, zsh=shell == "zsh")


def _bash(commands: Mapping[str, Command], program: str, *, zsh: bool) -> str:
    """For bash, and for zsh by its own emulation of bash's completion."""
    cases = []
    for name, command in commands.items():
        words = " ".join([*command.options, *command.choices])
        cases.append(f'        {name}) words="{words}" ;;')
        for option, values in command.options.items():
            if values:
                cases.append(f'        "{name} {option}") words="{" ".join(values)}" ;;')
    start = "autoload -U +X bashcompinit && bashcompinit\n" if zsh else ""
    return f"""{start}_{_plain(program)}() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
    local command="${{COMP_WORDS[1]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{" ".join(commands)}" -- "$current"))
        return
    fi
    case "$command $before" in
{_cases(cases, of_options=True)}
        *) case "$command" in
{_cases(cases, of_options=False)}
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}}
complete -o filenames -F _{_plain(program)} {program}
"""


def _cases(cases: list[str], *, of_options: bool) -> str:
    """The lines for what follows an option, or those for all else of a command."""
    return "\n".join(line for line in cases if line.lstrip().startswith('"') == of_options)


def _fish(commands: Mapping[str, Command], program: str) -> str:
    lines = []
    for name, command in commands.items():
        described = _quoted(command.sentence)
        lines.append(f"complete -c {program} -n __fish_use_subcommand -a {name} -d {described}")
        seen = f"'__fish_seen_subcommand_from {name}'"
        for option, values in command.options.items():
            with_values = f" -x -a {_quoted(' '.join(values))}" if values else ""
            lines.append(f"complete -c {program} -n {seen} -l {option.removeprefix('--')}{with_values}")
        if command.choices:
            lines.append(f"complete -c {program} -n {seen} -a {_quoted(' '.join(command.choices))}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _plain(program: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in program)
