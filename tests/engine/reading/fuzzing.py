"""Files of every format, mutated byte by byte, through the whole reading room: D21 and G4 of the fault catalogue.

    python -m tests.engine.reading.fuzzing --count 20000 --seed 1

Each case follows from the seed and its number alone, so that any of them can be made again with --first N --count 1.
The files are read in a child with 2 GB of address space and 20 s for each; a child that dies names the case it had.
Whatever happens to a file, it ends as rows or as an error of the catalogue, and every row is used or excluded.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from engine.contract.errors import EngineError
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
from tests.engine.reading.sources_on_disk import (
    COLUMNS,
    ROWS,
    arrow_bytes,
    csv_bytes,
    feather_bytes,
    ignore,
    jsonl_bytes,
    parquet_bytes,
    workbook_bytes,
    zip_bytes,
)
from tests.paths import ROOT

MEMORY = 2 * 1024**3  # bytes of address space
SECONDS = 20  # for one file
CASES_PER_CHILD = 500
_CONLL = "-DOCSTART- O\n\n" + "Anna\tB-PER\nlives\tO\nin\tO\nRome\tB-LOC\n\n" * 12
_SHEET = [COLUMNS, *ROWS]
SEEDS: dict[str, bytes] = {
    "csv": csv_bytes(),
    "tsv": csv_bytes().replace(b",", b"\t"),
    "quoted": b"text;label\n" + b'"one; with ""marks"", and\nlines";x\nplain;y\n' * 8,
    "cp1252": csv_bytes().decode().encode("cp1252"),
    "utf-16": csv_bytes().decode().encode("utf-16"),
    "jsonl": jsonl_bytes(),
    "json": b"[" + b",\n".join(jsonl_bytes().splitlines()) + b"]",
    "document": b'{"version": 1, "data": [' + b",".join(jsonl_bytes().splitlines()) + b"]}",
    "parquet": parquet_bytes(),
    "arrow": arrow_bytes(),
    "stream": arrow_bytes(stream=True),
    "feather": feather_bytes(),
    "workbook": workbook_bytes({"train": _SHEET, "test": _SHEET[:9]}),
    "conll": _CONLL.encode(),
    "zip": zip_bytes({"train.csv": csv_bytes(), "test.jsonl": jsonl_bytes()}),
    "texts": zip_bytes({f"{label}/{number}.txt": text.encode() for number, (text, label) in enumerate(ROWS)}),
}
_INSERTS = (
    b"\0",
    b'"',
    b"'",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b",",
    b"\t",
    b"\xff",
    b"\xed\xa0\x80",
    b"{",
    b"[",
    b"\\u0",
)


class Case(NamedTuple):
    """A mutated file and the format it came from."""

    kind: str
    content: bytes


def case(seed: int, number: int) -> Case:
    """The case of this number, the same each time."""
    chance = random.Random(f"{seed} {number}")
    kind = chance.choice(list(SEEDS))
    content = SEEDS[kind]
    if content.startswith(b"PK") and chance.random() < 0.6:
        return Case(kind, _with_mutated_member(chance, content))
    return Case(kind, _mutated(chance, content))


def _with_mutated_member(chance: random.Random, content: bytes) -> bytes:
    """The archive packed anew with one of its files mutated, so that its sums are right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(members))
    members[name] = _mutated(chance, members[name])
    return zip_bytes(members)


def _mutated(chance: random.Random, content: bytes) -> bytes:
    body = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(body) + 1)
        length = min(chance.choice((1, 2, 8, 64, 512)), len(body) - place)
        match chance.randrange(8):
            case 0 if length:
                body[chance.randrange(place, place + length)] ^= 1 << chance.randrange(8)
            case 1:
                del body[place : place + length]
            case 2:
                body[place:place] = body[place : place + length] * chance.choice((1, 2, 50))
            case 3:
                body[place:place] = chance.choice(_INSERTS) * chance.choice((1, 1, 3, 200))
            case 4:
                other = SEEDS[chance.choice(list(SEEDS))]
                start = chance.randrange(len(other))
                body[place:place] = other[start : start + chance.choice((4, 64, 1_000))]
            case 5:
                del body[place:]
            case 6:
                body[place : place + length] = chance.randbytes(length)
            case _:
                body[place : place + 4] = chance.choice(
                    (b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff\xff\xff\xff", b"9999")
                )
    return bytes(body)


def outcome(path: Path, scratch: Path) -> str:
    """rows, refused with an id, or what is wrong with the reader: a traceback, or rows that are not accounted for."""
    try:
        preview(FileRows(str(path)), ReadingOptions(), 50, ignore, scratch=scratch)
        with Unpacking(scratch, ignore) as unpacking:
            for file in all_files(FileRows(str(path)), ReadingOptions(), unpacking):
                seen: list[int] = []
                for chunk in rows_of(file, file.layout.columns):
                    if any(len(cells) != len(chunk.numbers) for cells in chunk.columns.values()):
                        return "WRONG: columns of unequal length"
                    seen += [*chunk.numbers, *(number for number, _ in chunk.excluded)]
                if sorted(seen) != list(range(1, len(seen) + 1)):
                    return "WRONG: rows that are not accounted for"
    except EngineError as error:
        return f"refused {error.id}"
    except BaseException:
        return f"WRONG: {traceback.format_exc()}"
    return "WRONG: something left behind" if any(scratch.iterdir()) else "rows"


def run_child(seed: int, first: int, count: int) -> None:
    """Reads the cases one after the other; prints the number before and the outcome after each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        path, scratch = Path(folder) / "rows.dat", Path(folder) / "scratch"
        scratch.mkdir()
        for number in range(first, first + count):
            made = case(seed, number)
            path.write_bytes(made.content)
            print(f"case {number} {made.kind}", flush=True)
            signal.alarm(SECONDS)  # ends this process
            found = outcome(path, scratch)
            signal.alarm(0)
            print(f"outcome {found!r}", flush=True)
    print("end", flush=True)


def fuzz(seed: int, first: int, count: int) -> tuple[Counter[str], list[str]]:
    """Outcomes by kind of file, and what was wrong, each with the number that makes it again."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    last = first + count
    while first < last:
        part = min(CASES_PER_CHILD, last - first)
        numbers = ["--seed", str(seed), "--first", str(first), "--count", str(part)]
        child = subprocess.run(
            [sys.executable, "-m", "tests.engine.reading.fuzzing", "--child", *numbers],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        number, kind = first, ""
        for line in child.stdout.splitlines():
            word, _, rest = line.partition(" ")
            if word == "case":
                number, kind = int(rest.split()[0]), rest.split()[1]
            elif word == "outcome":
                found = rest.strip("'\"")
                outcomes[f"{kind}: {found if not found.startswith('WRONG') else 'WRONG'}"] += 1
                if found.startswith("WRONG"):
                    wrong.append(f"case {number} of seed {seed}, {kind}: {found}")
            elif word == "end":
                number = last
        if child.returncode != 0:
            wrong.append(f"case {number} of seed {seed}, {kind}: child ended {child.returncode} {child.stderr[-600:]}")
            outcomes[f"{kind}: DIED"] += 1
            first = number + 1
        else:
            first += part
    return outcomes, wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--child", action="store_true")
    given = parser.parse_args()
    if given.child:
        run_child(given.seed, given.first, given.count)
        return 0
    outcomes, wrong = fuzz(given.seed, given.first, given.count)
    for name, number in sorted(outcomes.items()):
        print(f"{number:7,}  {name}")
    print(f"{sum(outcomes.values()):,} files, {len(wrong):,} wrong")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
