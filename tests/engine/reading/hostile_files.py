"""Large files that make a reader slow or large: one long line, many columns, many keys, deep and endless JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Parts(NamedTuple):
    """A file as its start, a part that is repeated, and its end."""

    start: str
    part: str
    times: int
    end: str = ""


_KEYS = json.dumps({"text": "good film", "label": 1, **{f"k{number}": number for number in range(20_000)}}) + "\n"

HOSTILE = {
    "line.csv": Parts("text,label\n", "word " * 200_000, 200),
    "line.txt": Parts("", "word " * 200_000, 200),
    "array.json": Parts('[{"text": "a", "x": [', "1," * 500_000, 200),
    "jsonl.jsonl": Parts('{"text": "', "word " * 200_000, 200, '"}\n'),
    "sentence.conll": Parts("-DOCSTART- O\n\n", "Anna B-PER\n" * 100_000, 90),
    "wide.csv": Parts(",".join(f"c{number}" for number in range(100_000)) + "\n", ("x," * 100_000)[:-1] + "\n", 500),
    "signs.csv": Parts("", ",;|\t" * 250_000 + "\n", 100),
    "narrow.csv": Parts("", "Anna B-PER\n" * 100_000, 90),
    "keys.jsonl": Parts("", _KEYS, 300),
    "digits.jsonl": Parts("", '{"text": "good", "label": 1' + "0" * 10_000 + "}\n", 10_000),
    "digits.json": Parts('{"text": "good", "label": 1', "0" * 1_000_000, 100, "}"),
    "deep.json": Parts("", "[" * 100_000, 1),
    "deep.jsonl": Parts("", '{"a":' * 100_000 + "1" + "}" * 100_000 + "\n", 100),
}


def new_keys(rows: int) -> Iterator[str]:
    """Rows of JSON, each with a key that no other has."""
    for number in range(rows):
        yield json.dumps({"text": "good film", "label": number % 2, f"key{number}": "x" * 100}) + "\n"


def write_hostile(folder: Path, name: str) -> Path:
    """The file of this name in the folder."""
    path = folder / name
    parts = HOSTILE.get(name)
    with path.open("w", encoding="utf-8") as file:
        if parts is None:
            file.writelines(new_keys(int(name.split("_")[0])))
            return path
        file.write(parts.start)
        for _ in range(parts.times):
            file.write(parts.part)
        file.write(parts.end)
    return path
