"""argparse's own texts, in German: the frame of a help, and every mistake that a command line can hold."""

from __future__ import annotations

import argparse
import inspect
import re

import pytest

from engine.__main__ import command_parser
from engine.cli.argparse_texts import TEXTS, use_program_language
from engine.contract import languages

# What argparse brings up where a programmer used it wrongly, and what our parsers cannot meet: no option is a file
# (FileType), none has an alias or is deprecated, and the version has its own help.
NOT_SHOWN = (
    "not defined",
    "is required for options like",
    "conflict",
    "cannot merge actions",
    "is not callable",
    "an invalid argument for positionals",
    "invalid option string",
    "mutually exclusive arguments must",
    "cannot have multiple subparser",
    "with mode %r",
    "can't open",
    "unexpected option string",
    "deprecated",
    "warning:",
    "(default:",
    "subcommands",
    "version number and exit",
)
MISTAKES = {
    "run": "Diese Argumente fehlen: RECIPE.toml",
    "nothing": "Argument COMMAND: Ungültige Wahl: 'nothing'",
    "runs more": "Unbekannte Argumente: more",
    "--language": "Argument --language: Ein Wert fehlt",
    "inspect": "Diese Argumente fehlen: FILE",
    "serve folder --port x": "Argument --port: Ungültiger Wert für den Typ int: 'x'",
    "continue run --fp32 --half-rate": "Argument --half-rate: Zusammen mit --fp32 nicht erlaubt",
    "run recipe --check=yes": "Argument --check: Diese Option nimmt keinen Wert an: 'yes'",
}


def test_the_frame_of_every_help_is_german() -> None:
    with languages.using(languages.catalogue_of("de")):
        parser = command_parser()
        (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        helps = [parser.format_help(), *(each.format_help() for each in commands.choices.values())]
    for text in helps:
        assert text.startswith("Aufruf: ")
        assert "\nOptionen:\n" in text
        assert "diese Hilfe ausgeben" in text
        assert not re.search(r"usage|options:|arguments|show this", text)
    assert "\nArgumente:\n" in "".join(helps)


@pytest.mark.parametrize("arguments", MISTAKES)
def test_a_mistake_is_named_in_german(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with languages.using(languages.catalogue_of("de")), pytest.raises(SystemExit):
        command_parser().parse_args(arguments.split())
    usage, _, error = capsys.readouterr().err.rpartition(": Fehler: ")
    assert usage.startswith("Aufruf: ")
    assert error.startswith(MISTAKES[arguments])


def test_english_is_argparse_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    command_parser()  # the texts of German, taken before, are not kept
    with pytest.raises(SystemExit):
        command_parser().parse_args(["run"])
    assert "error: the following arguments are required: RECIPE.toml" in capsys.readouterr().err


def test_a_count_of_values_takes_its_form() -> None:
    use_program_language()
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--pair", nargs=2)
    with languages.using(languages.catalogue_of("de")), pytest.raises(argparse.ArgumentError) as raised:
        parser.parse_args(["--pair", "a"])
    assert raised.value.message == "2 Werte werden gebraucht"


def test_every_text_of_this_argparse_that_a_user_may_see_is_in_the_table() -> None:
    source = re.sub(r"'\s*\n\s*'", "", inspect.getsource(argparse))
    found = re.findall(r"""(?:\b_|ngettext)\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", source)
    texts = {text[1:-1].replace(r"\n", "\n") for text in found}
    assert len(texts) > 30
    assert [text for text in texts - set(TEXTS.values()) if not any(part in text for part in NOT_SHOWN)] == []
