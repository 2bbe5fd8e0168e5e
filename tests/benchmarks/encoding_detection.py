"""Whether the letters of files from before Unicode are right: languages × encodings × numbers of rows.

    .venv/bin/python tests/benchmarks/encoding_detection.py [--before CHECKOUT] [--wrong]

The sentences (`encoding_texts.py`) are of other subjects than those that the detection was tuned on. A file counts as
right by its text, not by the name of its encoding: ISO 8859-1 read as Windows-1252 is right. `--before` measures an
earlier version of the program as well, `--wrong` lists each file that is not right at once. chardet alone, which takes
the likeliest of what it offers and never asks, is listed beside them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.encoding_texts import ENCODINGS, SENTENCES, encoded

ROOT = Path(__file__).resolve().parents[2]
DRAWS = {1: 8, 5: 4, 50: 2, 1_000: 1}  # files for each language, encoding and number of rows
OUTCOMES = ("right", "asked, right first", "asked, right offered", "asked, not offered", "wrong")
FIRST_RIGHT = OUTCOMES[:2]


class Case(NamedTuple):
    language: str
    encoding: str
    rows: int
    text: str
    content: bytes


def cases() -> Iterator[Case]:
    """The files: a header, a text and a label in each row."""
    for language, encodings in ENCODINGS.items():
        for encoding in encodings:
            sentences = [one for one in SENTENCES[language] if _is_held(one, encoding)]
            draw = random.Random(f"{language} {encoding}")
            for rows, draws in DRAWS.items():
                for number in range(min(draws, len(sentences)) if rows == 1 else draws):
                    chosen = [sentences[number]] if rows == 1 else [_row(draw, sentences) for _ in range(rows)]
                    lines = [f"{text};{'yes' if place % 3 else 'no'}\n" for place, text in enumerate(chosen)]
                    text = "text;label\n" + "".join(lines)
                    content = encoded(text, encoding)
                    yield Case(
                        language, encoding, rows, unicodedata.normalize("NFC", content.decode(encoding)), content
                    )


def _is_held(sentence: str, encoding: str) -> bool:
    try:
        return not sentence.isascii() and bool(encoded(sentence, encoding))
    except UnicodeEncodeError:
        return False


def _row(draw: random.Random, sentences: list[str]) -> str:
    return " ".join(draw.sample(sentences, min(len(sentences), draw.choice((1, 1, 2)))))


def outcomes(*, alone: bool) -> list[tuple[str, str, int, str, str]]:
    """Language, encoding, number of rows, outcome and what was found, of each file."""
    from engine.reading.formats.text_files import encoding_choices, encoding_of

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases()):
            path = Path(folder) / f"{number}.csv"
            path.write_bytes(case.content)
            if alone:
                names, is_asked = [_of_chardet(case.content)], False
            else:
                offered = [one.encoding for one in encoding_choices(path)]
                names, is_asked = offered or [encoding_of(path, "")[0]], bool(offered)
            path.unlink()
            right = [place for place, name in enumerate(names) if _reads(case, name)]
            if not is_asked:
                outcome = "right" if right else "wrong"
            else:
                outcome = OUTCOMES[3] if not right else OUTCOMES[1] if right[0] == 0 else OUTCOMES[2]
            found.append((case.language, case.encoding, case.rows, outcome, ", ".join(names)))
    return found


def _reads(case: Case, name: str) -> bool:
    return unicodedata.normalize("NFC", case.content.decode(name, "replace")) == case.text


def _of_chardet(content: bytes) -> str:
    import chardet

    return chardet.detect(content[:100_000], max_bytes=100_000)["encoding"] or "cp1252"


def _measured(checkout: Path, *, alone: bool = False) -> list[tuple[str, str, int, str, str]]:
    """The outcomes with the program of this checkout, in a process of its own."""
    command = [sys.executable, __file__, "--of", str(checkout), *(["--alone"] if alone else [])]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [tuple(one) for one in json.loads(printed)]


def _print_table(columns: Mapping[str, list[tuple[str, str, int, str, str]]]) -> None:
    """The share of files whose letters are right at once, for each encoding and number of rows."""
    heads = [f"{rows:,} {'row' if rows == 1 else 'rows'}" for rows in DRAWS]
    print(f"| encoding (languages) | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    counts: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    languages: dict[str, set[str]] = defaultdict(set)
    for name, found in columns.items():
        for language, encoding, rows, outcome, _ in found:
            for key in (encoding, "**all**"):
                counts[key, rows, name][outcome] += 1
            languages[encoding].add(language)
    for encoding in (*sorted(languages), "**all**"):
        cells = []
        for rows in DRAWS:
            shares = [_share(counts[encoding, rows, name]) for name in columns]
            cells.append(" / ".join(shares))
        title = f"{encoding} ({len(languages[encoding])})" if encoding in languages else encoding
        print(f"| {title} | {' | '.join(cells)} |")
    print(f"\nPercent of the files whose letters are right at once: {' / '.join(columns)}.\n")
    for name, rows in itertools.product(columns, DRAWS):
        found = counts["**all**", rows, name]
        parts = ", ".join(f"{found[outcome]} {outcome}" for outcome in OUTCOMES if found[outcome])
        print(f"{name}, {rows:,} rows: {found.total()} files: {parts}")


def _share(found: Counter[str]) -> str:
    return f"{100 * sum(found[one] for one in FIRST_RIGHT) / found.total():.0f}" if found else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--wrong", action="store_true", help="list the files that are not right at once")
    parser.add_argument("--of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.of:
        sys.path.insert(0, str(options.of))
        print(json.dumps(outcomes(alone=options.alone)))
        return
    columns = {"before": _measured(options.before)} if options.before else {}
    columns |= {"chardet alone": _measured(ROOT, alone=True), "now": _measured(ROOT)}
    _print_table(columns)
    if options.wrong:
        for language, encoding, rows, outcome, names in columns["now"]:
            if outcome not in FIRST_RIGHT:
                print(f"{language}, {encoding}, {rows}: {outcome}: {names}")


if __name__ == "__main__":
    main()
