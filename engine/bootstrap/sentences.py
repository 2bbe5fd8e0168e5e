"""What is said before the environment is complete, by the program's own catalogues, with Python's own library alone.

`contract/sentences.py` needs a package, which may just be what is missing; numbers have Python's formats here, and no
plural forms.
"""

import os
import sys

TYPE_CHECKING = False  # as typing's, without its import
if TYPE_CHECKING:
    from collections.abc import Mapping


def setup_sentence(id: str, **values: object) -> str:
    """Return the text of a template in the language of this start."""
    return templates()[id].format(**values)


def command_sentence(name: str, english: str) -> str:
    """Return what a command does; its English text is beside its name in main.py."""
    from engine.contract import languages

    id = "bootstrap.command." + name
    languages.declared[id] = english
    return templates().get(id, english)


def templates() -> "Mapping[str, str]":
    """Return those of the language in use; before one is chosen, of --language, of the environment, of the system."""
    from engine.contract import languages

    if languages.catalogue() is not languages.ENGLISH:
        return languages.catalogue().templates
    code = language_option(sys.argv[1:]) or os.environ.get(languages.VARIABLE, "")
    return languages.catalogue_of(code if code in languages.codes() else languages.system_language()).templates


def language_option(words: "list[str]") -> str:
    """Return the value of --language among these words, or an empty string."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--language":
            return following
        if word.startswith("--language="):
            return word.partition("=")[2]
    return ""
