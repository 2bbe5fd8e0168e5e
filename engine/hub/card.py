"""Licence and languages, as a model's README.md states them in the block between its first two lines of dashes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml  # type: ignore[import-untyped]

from engine.hub.model_files import LARGEST_TEXT, README, is_regular

LONGEST_BLOCK = 200_000  # characters
DEEPEST_BRACKETS = 20  # [ and { inside each other; the time to scan grows with the square of their number


class Card(NamedTuple):
    """What is in the card about the model; empty where nothing is."""

    license: str = ""
    languages: tuple[str, ...] = ()


def read_card(folder: Path) -> Card:
    """The card of a model folder; an unreadable one gives an empty card."""
    path = folder / README
    if not is_regular(path) or path.stat().st_size > LARGEST_TEXT:
        return Card()
    try:
        lines = path.read_text("utf-8", errors="replace")[:LONGEST_BLOCK].splitlines()
    except OSError:
        return Card()
    if not lines or lines[0].strip() != "---" or "---" not in lines[1:]:
        return Card()
    block = "\n".join(lines[1 : lines.index("---", 1)])
    try:
        if _is_hostile(block):
            return Card()
        values = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        return Card()
    if not isinstance(values, dict):
        return Card()
    return card_of(values.get("license"), values.get("language"))


def _is_hostile(block: str) -> bool:
    """Whether it has aliases, which can be nested into a memory bomb, or deep brackets: no card needs either."""
    depth = 0
    for token in yaml.scan(block):
        depth += isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken)
        depth -= isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken)
        if isinstance(token, yaml.AliasToken) or depth > DEEPEST_BRACKETS:
            return True
    return False


def card_of(license: object, languages: object) -> Card:
    """A card from loose values: names become text, everything else is excluded."""
    found = languages if isinstance(languages, list) else [languages]
    return Card(
        license=_name(license) if isinstance(license, str) else "",
        languages=tuple(dict.fromkeys(name for one in found if (name := _name(one))))[:200],
    )


def _name(value: object) -> str:
    if value is False:  # `no` is Norwegian here; YAML reads it as a truth value
        return "no"
    return value.strip()[:100] if isinstance(value, str) else ""
