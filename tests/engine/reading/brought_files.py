"""Files as people bring them: generators of many kinds with what is to be seen in them, and how many are read right.

    python -m tests.engine.reading.brought_files --count 20 --seed 1

Every kind is made from a source of chance alone, so that any of its variants can be made again. Texts, names and
numbers are ours; names and order of columns, separators and shapes are those of tools and published data sets.
A variant is right, asked about, refused by the expected cause, or wrong: read in another way, with or without a word.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences
from tests.engine.reading.sources_on_disk import zip_bytes

Make = Callable[[random.Random], Expected]
Outcome = Literal["right", "asked", "refused", "wrong"]
GROUPS: dict[str, dict[str, Make]] = {}

_THINGS = "kettle lamp router chair phone camera blender printer heater radio drill tent scale bike clock".split()
_GOOD = (
    "The {thing} works very well, even in room {n}",
    "Order {n}: the {thing} is worth every cent",
    "I'm glad that we took the {thing} no. {n}; it was a pleasure",
    "My {thing} came on day {n}, quiet and clean",
    "A “very good” {thing}, we bought {n} of them",
)
_BAD = (
    "The {thing} broke after {n} days of use",
    "Case {n}: this {thing} never worked, sadly",
    "I can't return the {thing} from order {n}; nobody answers",
    "Too loud, too slow: {thing} number {n}",
    "The {thing} was “late” by {n} days",
)
FIRST_NAMES = "Anna Tom Mara Jürgen Zoë Omar Li Ida Paul Yuki".split()
LAST_NAMES = "Weber Reed Stone Çelik Novak Okoro Berg Lund".split()
PLACES = "Lima Graz Oslo Porto Köln Bern Turku Riga".split()
FIRMS = "Nordtal Bluefin Kessler Altavia Corvex".split()
_SENTENCES = (
    "{per} lives in {loc} .",
    "Yesterday {per} sold {org} for {n} euros .",
    "{org} moved from {loc} to house {n} .",
    "In {loc} , nobody knew {per} or case {n} .",
    "Room {n} was empty that day .",
    "Did {per} call {org} about order {n} ?",
)
Tagged = list[tuple[str, str]]  # words with IOB2 tags
Span = tuple[int, int, str]  # characters [start, end) and the type


def kind(group: str) -> Callable[[Make], Make]:
    """Adds a kind to a group under its function's name."""

    def add(make: Make) -> Make:
        GROUPS.setdefault(group, {})[make.__name__] = make
        return make

    return add


# ── Texts, labels, names ────────────────────────────────────────────────────────────────────────────────────────


def how_many(chance: random.Random, *, least: int = 24) -> int:
    return chance.choice([number for number in (24, 30, 40, 60, 100, 160, 300) if number >= least])


def text_of(chance: random.Random, index: int, *, good: bool) -> str:
    """A text that no other index has."""
    form = chance.choice(_GOOD if good else _BAD)
    return form.format(thing=_THINGS[index % len(_THINGS)], n=1_000 + 7 * index + chance.randrange(7))


def texts(chance: random.Random, number: int) -> list[str]:
    return [text_of(chance, index, good=chance.random() < 0.5) for index in range(number)]


def labelled(chance: random.Random, number: int, names: Sequence[str] = ("pos", "neg")) -> list[tuple[str, str]]:
    """Different texts, each with one of the names; each name comes often enough to be learned."""
    labels = [names[index % len(names)] for index in range(number)]
    chance.shuffle(labels)
    return [(text_of(chance, index, good=label == names[0]), label) for index, label in enumerate(labels)]


def counted(rows: Iterable[Sequence[object]], place: int = 1) -> dict[str, int]:
    return dict(Counter(str(row[place]) for row in rows))


def sentence(chance: random.Random, index: int) -> Tagged:
    """Words with tags in IOB2; no other index has the same words."""
    words: Tagged = []
    form = _SENTENCES[index % len(_SENTENCES)].format(per="\1", loc="\2", org="\3", n=1_000 + index)
    for word in form.split():
        match word:
            case "\1":
                words.append((chance.choice(FIRST_NAMES), "B-PER"))
                if chance.random() < 0.6:
                    words.append((chance.choice(LAST_NAMES), "I-PER"))
            case "\2":
                words.append((chance.choice(PLACES), "B-LOC"))
            case "\3":
                words.append((chance.choice(FIRMS), "B-ORG"))
                if chance.random() < 0.4:
                    words.append(("AG", "I-ORG"))
            case _:
                words.append((word, "O"))
    return words


def sentences(chance: random.Random, number: int) -> list[Tagged]:
    return [sentence(chance, index) for index in range(number)]


def entities(rows: Iterable[Tagged]) -> dict[str, int]:
    return dict(Counter(tag[2:] for row in rows for _, tag in row if tag.startswith("B-")))


def words(rows: Iterable[Tagged]) -> int:
    return sum(map(len, rows))


def spans(row: Tagged) -> tuple[str, list[Span]]:
    """The words with single spaces between them, and the places of the entities."""
    text, found = "", list[Span]()
    for word, tag in row:
        text += " " * bool(text)
        start, text = len(text), text + word
        if tag.startswith("B-"):
            found.append((start, len(text), tag[2:]))
        elif tag.startswith("I-"):
            found[-1] = (found[-1][0], len(text), tag[2:])
    return text, found


def in_scheme(tags: Sequence[str], scheme: str) -> list[str]:
    """IOB2 tags in another scheme: iob1, iob2, bioes, bilou, io, plain."""
    made = []
    for index, tag in enumerate(tags):
        after = tags[index + 1] if index + 1 < len(tags) else "O"
        before = tags[index - 1] if index else "O"
        if tag == "O":
            made.append("O")
            continue
        prefix, name = tag[0], tag[2:]
        ends = after != f"I-{name}"
        match scheme:
            case "iob1":
                prefix = "B" if prefix == "B" and before[2:] == name else "I"
            case "bioes":
                prefix = {("B", True): "S", ("I", True): "E"}.get((prefix, ends), prefix)
            case "bilou":
                prefix = {("B", True): "U", ("I", True): "L"}.get((prefix, ends), prefix)
            case "plain":
                made.append(name)
                continue
        made.append(f"{prefix}-{name}")
    return made


# ── How they are written ────────────────────────────────────────────────────────────────────────────────────────


def table(
    names: Sequence[str] | None,
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    quoting: int = csv.QUOTE_MINIMAL,
    ending: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    written = io.StringIO()
    escape = "\\" if quoting == csv.QUOTE_NONE else None
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=ending, escapechar=escape)
    writer.writerows([names, *rows] if names else rows)
    return written.getvalue().encode(encoding)


def any_table(
    chance: random.Random, names: Sequence[str] | None, rows: Iterable[Sequence[object]], delimiters: str = ",;\t|"
) -> bytes:
    """A table in one of the ways that programs write it."""
    return table(
        names,
        rows,
        delimiter=chance.choice(delimiters),
        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
        ending=chance.choice(("\n", "\r\n")),
        encoding=chance.choice(("utf-8", "utf-8-sig", "utf-16")),
    )


def lines(records: Iterable[object], *, ascii: bool = True) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=ascii) + "\n" for record in records).encode()


def as_json(chance: random.Random, records: Sequence[object]) -> tuple[str, bytes]:
    """A name and the records in one of the ways JSON is written: lines, a list, a list over many lines."""
    match chance.randrange(3):
        case 0:
            return "rows.jsonl", lines(records, ascii=chance.random() < 0.5)
        case 1:
            return "rows.json", json.dumps(records).encode()
        case _:
            return "rows.json", json.dumps(records, indent=2, ensure_ascii=False).encode()


def shuffled_columns(
    chance: random.Random, names: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[list[str], list[list[object]]]:
    """The columns in another order."""
    order = list(range(len(names)))
    chance.shuffle(order)
    return [names[place] for place in order], [[row[place] for place in order] for row in rows]


# ── Changes that change nothing ─────────────────────────────────────────────────────────────────────────────────

CHANGES: dict[str, Callable[[str], bytes]] = {
    "a byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "lines of Windows": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
    "blank lines at the end": lambda text: (text.rstrip("\n") + "\n\n\n").encode(),
    "no end of the last line": lambda text: text.rstrip("\r\n").encode(),
    "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    "a zip archive": lambda text: zip_bytes({"data/rows.txt": text.encode(), "README.md": b"What this is."}),
}


def changed(expected: Expected, change: str) -> Expected | None:
    """The same file written in another way; None where it is no text in UTF-8, or one of several."""
    (name, content), *others = expected.files.items()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if others or text.startswith("\ufeff") or "\0" in text:
        return None
    suffix = {"gzip": ".gz", "a zip archive": ".zip"}.get(change, "")
    return msgspec.structs.replace(expected, files={f"{name}{suffix}": CHANGES[change](text)})


# ── Trying them ─────────────────────────────────────────────────────────────────────────────────────────────────


class Tried(NamedTuple):
    """What became of a variant, what was expected, and how the two differ."""

    outcome: Outcome
    differences: dict[str, tuple[object, object]]
    found: Inspection


def look(folder: Path, expected: Expected) -> Inspection:
    """What `inspect` reports of the files, written to the folder."""
    place = folder / "rows"
    (folder / "scratch").mkdir(parents=True)
    for name, content in expected.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    paths = [str(place)] if expected.is_folder else [str(place / name) for name in expected.files]
    return inspect(FileRows(*paths), ignore, scratch=folder / "scratch")


def variant(group: str, name: str, seed: int) -> Expected:
    """The variant of this seed, the same each time."""
    return GROUPS[group][name](random.Random(f"{group} {name} {seed}"))


def tried(folder: Path, expected: Expected) -> Tried:
    found = look(folder, expected)
    different = differences(found, expected)
    if different:
        return Tried("wrong", different, found)
    if expected.error:
        return Tried("refused", {}, found)
    return Tried("asked" if any(one.severity == "question" for one in found.findings) else "right", {}, found)


def all_kinds() -> list[tuple[str, str]]:
    """The group and the name of every kind."""
    from tests.engine.reading import brought_tables, brought_tools, brought_words  # noqa: F401  (they add their kinds)

    return [(group, name) for group, kinds in GROUPS.items() for name in kinds]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10, help="variants of each kind")
    parser.add_argument("--seed", type=int, default=1, help="the first of these variants")
    parser.add_argument("--only", default="", help="a part of the kind's name")
    chosen = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    for group, name in all_kinds():
        if chosen.only not in f"{group}/{name}":
            continue
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            with tempfile.TemporaryDirectory() as folder:
                made = variant(group, name, seed)
                result = tried(Path(folder), made)
            counts.setdefault(group, Counter())[result.outcome] += 1
            if result.outcome == "wrong":
                print(f"{group}/{name}, seed {seed}: {result.differences}")
                for finding in result.found.findings:
                    print(f"    {finding.severity} {finding.id}: {finding.sentence[:160]}")
                if result.found.error and not made.error:
                    print(f"    {result.found.error.id}: {result.found.error.sentence[:300]}")
    for group, outcomes in counts.items():
        kinds = len([name for name in GROUPS[group] if chosen.only in f"{group}/{name}"])
        summary = ", ".join(f"{one} {outcomes[one]}" for one in ("right", "asked", "refused", "wrong"))
        print(f"{group}: {kinds} kinds, {outcomes.total()} variants: {summary}")
    return 1 if any(outcomes["wrong"] for outcomes in counts.values()) else 0


if __name__ == "__main__":
    from tests.engine.reading.brought_files import main as run  # the module that the kinds use

    raise SystemExit(run())
