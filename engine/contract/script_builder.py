"""Python code as text: a script that collects imports and sections, and literals that no name can break."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

OWN_MODULES = (
    "ast",
    "collections",
    "csv",
    "datetime",
    "importlib.resources",
    "json",
    "pathlib",
    "random",
    "re",
    "statistics",
    "sys",
)


class Places(NamedTuple):
    """Where the script finds and puts things, each a Python expression; an empty one is filled in from the state."""

    model: str = ""
    data: str = ""
    validation: str = ""
    test: str = ""
    rows: str = ""  # the Path of a JSON file with the row numbers of each split; empty: the script splits by itself
    output: str = ""


class Script:
    """Imports and sections as they come together."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._sections: list[str] = []

    def imports(self, module: str, *names: str) -> None:
        """Imports names from a module, or the module itself."""
        if names:
            self._names.setdefault(module, set()).update(names)
        else:
            self._whole.add(module)

    def add(self, heading: str, code: str) -> None:
        """A section; without a heading it begins with its first line."""
        head = f"# {heading}\n" if heading else ""
        self._sections.append(re.sub(r"\n{4,}", "\n\n\n", f"{head}{code.strip()}\n"))

    def text(self) -> str:
        """The whole script: Python's own modules, the others, the sections."""
        groups = []
        for wanted in (True, False):
            lines = [f"import {name}" for name in sorted(self._whole) if (name in OWN_MODULES) is wanted]
            for module in sorted(self._names):
                if (module in OWN_MODULES) is wanted:
                    lines.append(from_import(module, sorted(self._names[module])))
            if lines:
                groups.append("\n".join(lines) + "\n")
        return "\n".join([*groups, *self._sections])


_quote: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def literal(value: str) -> str:
    """A text as a Python literal; what is not valid Unicode is escaped."""
    return _quote(value).encode("utf-8", "backslashreplace").decode("utf-8")


def list_of(name: str, texts: tuple[str, ...]) -> str:
    line = f"{name} = [{', '.join(literal(text) for text in texts)}]"
    if len(line) <= 110:
        return line + "\n"
    return f"{name} = [\n" + "".join(f"    {literal(text)},\n" for text in texts) + "]\n"


def from_import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 110:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
