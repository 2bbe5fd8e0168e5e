"""What argparse itself writes into a help and into an error of a command line, in the language of the program.

argparse asks gettext for each of its texts under the English one, and takes gettext's two functions into its own module
when it is imported. They are exchanged there: gettext finds no catalogue of ours, which is not made of `.mo` files.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from engine.contract import languages

# The English texts by their ids, of Python 3.11 to 3.14; what only a programmer's mistake brings up is not here, and a
# text that a later Python adds stays English. Values keep argparse's form: %s, %(name)s.
TEXTS: Mapping[str, str] = {
    "usage": "usage: ",
    "heading": "%(heading)s:",
    "positional": "positional arguments",
    "options": "options",
    "help": "show this help message and exit",
    "error": "%(prog)s: error: %(message)s\n",
    "argument": "argument %(argument_name)s: %(message)s",
    "required": "the following arguments are required: %s",
    "one_required": "one of the arguments %s is required",
    "unrecognized": "unrecognized arguments: %s",
    "unknown_command": "unknown parser %(parser_name)r (choices: %(choices)s)",
    "not_allowed_with": "not allowed with argument %s",
    "ignored_value": "ignored explicit argument %r",
    "one_value": "expected one argument",
    "at_most_one_value": "expected at most one argument",
    "at_least_one_value": "expected at least one argument",
    "values.one": "expected %s argument",
    "values.other": "expected %s arguments",
    "invalid_value": "invalid %(type)s value: %(value)r",
    "invalid_choice": "invalid choice: %(value)r (choose from %(choices)s)",
    "invalid_choice_near": "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)",
    "ambiguous": "ambiguous option: %(option)s could match %(matches)s",
}
_ids = {english: id for id, english in TEXTS.items()}


def use_program_language() -> None:
    """Lets argparse take its texts from the program's catalogue, whichever is chosen when it needs one."""
    vars(argparse).update(_=_text, ngettext=_counted)


def texts() -> list[str]:
    """All of them in the language of the program."""
    return [_text(english) for english in TEXTS.values()]


def _text(english: str) -> str:
    id = _ids.get(english)
    return english if id is None else languages.translated(f"cli.argparse.{id}", english)


def _counted(one: str, other: str, number: int) -> str:
    """The text for this number; argparse has a single text of two forms, and every language here two or none."""
    return _text(one if languages.catalogue().plural_form(number) == 0 else other)
