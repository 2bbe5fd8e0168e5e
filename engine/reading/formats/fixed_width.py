"""Tables whose columns are at the same places in every line, filled up with spaces.

    id    text                      label
    1     The lamp came late        bad
    2     A kettle worth its price  good

Places that are a space in every line separate columns, or a line of hyphens below the names has their places. Where
that leaves a doubt, columns are separated by several spaces if each line has as many cells then as there are names;
else the file is refused by name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import UNREADABLE, numbered_names, unique_names
from engine.reading.formats.dialect import has_header, holds_common_name
from engine.reading.formats.rows_as_objects import Row, RowsAsObjects, at_line, unusable
from engine.reading.formats.text_files import Lines, encoding_of, lines_of, open_text, sample_text

_LINES_LOOKED_AT = 5_000
_FEWEST = 10  # lines: of fewer, words of a text part at the same place now and then
_LONGEST = 5_000  # characters of a line
_NEARLY_ALL = 0.95
_FILLED_UP = re.compile(r"\S {2,}\S")
_GAP = re.compile(r" {2,}")
_RULE = re.compile(r"[-=+ ]*[-=][-=+ ]*")
_OTHER_SIGNS = re.compile(r"[\t|]")

_Cells = Callable[[str], list[str] | None]  # of a line; None where it does not fit


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of such a table; None for every other file.

    Raises `DatasetUnreadable` (D11) where the columns cannot be distinguished.
    """
    encoding, note = encoding_of(path, options.encoding)
    sample = sample_text(path, encoding)
    head = itertools.islice(lines_of(sample), _LINES_LOOKED_AT)
    lines = [line.rstrip().lstrip("\ufeff") for line in head if line.strip()]
    filled_up = sum(_FILLED_UP.search(line) is not None for line in lines)
    if len(lines) < _FEWEST or 2 * filled_up < len(lines) or max(map(len, lines)) > _LONGEST:
        return None
    if any(_OTHER_SIGNS.search(line) for line in lines[:_FEWEST]):
        return None
    rule = int(_RULE.fullmatch(lines[1]) is not None)
    body = [line for number, line in enumerate(lines) if number != 1 or not rule]
    cells_of = _by_places(body, lines[1] if rule else "") or _by_gaps(body)
    if cells_of is None:
        if _are_names(body[0]) and filled_up >= _NEARLY_ALL * len(lines):
            raise _refused(path)
        return None
    rows = [cells for line in body[:1_000] if (cells := cells_of(line)) is not None]
    prose = (sum(" " in cell for cell in column) for column in zip(*rows, strict=True))
    if 2 * max(prose) < len(rows):
        return None  # no column with texts, as where each line is a word with its tags
    is_named = bool(rule) or has_header(rows)
    names = unique_names(rows[0]) if is_named else numbered_names(len(rows[0]))

    def rows_again() -> Iterator[Row]:
        with open_text(path, encoding, options.undecodable) as file:
            read = Lines(file)
            for number, (line, is_unreadable) in enumerate(read.filled()):
                if number < is_named + rule:
                    continue
                cells = cells_of(line.rstrip().lstrip("\ufeff"))
                if is_unreadable or cells is None:
                    reason = UNREADABLE if is_unreadable else Sentence("reading.excluded.other_places")
                    yield at_line(unusable(reason, dict.fromkeys(names)), read.number)
                else:
                    yield at_line(dict(zip(names, cells, strict=True)), read.number)

    remark = Sentence("reading.note.fixed_width", columns=names[:8])
    return RowsAsObjects("lines", {"": rows_again}, encoding, (note, remark) if note else (remark,))


def _by_places(lines: Sequence[str], rule: str) -> _Cells | None:
    """The cells between places that are a space in every line, or those of the rule below the names, where one is."""
    occupied = {place for line in lines for place, sign in enumerate(line) if sign != " "}
    if " " in rule:
        starts = [match.start() for match in re.finditer(r"[-=]+", rule)]
    else:
        found = sorted(place for place in occupied if place - 1 not in occupied)
        ends = [next(place for place in itertools.count(start) if place not in occupied) for start in found]
        starts = _starts_of(lines, list(zip(found, ends, strict=True)))
    places = [*starts, _LONGEST]
    if len(starts) < 2:
        return None

    def cells_of(line: str) -> list[str] | None:
        fits = not line[: starts[0]].strip() and all(line[start - 1 : start] in ("", " ") for start in starts[1:])
        return [line[start:end].strip() for start, end in itertools.pairwise(places)] if fits else None

    return cells_of if not _are_names(lines[0]) or not any(map(_GAP.search, cells_of(lines[0]) or [])) else None


def _starts_of(lines: Sequence[str], parts: Sequence[tuple[int, int]]) -> list[int]:
    """Where columns begin: parts of lines of which some are parts of one text, with a space in every line by chance.

    Without names a column has a wider gap before it, and is filled in most lines. A part without a name belongs to the
    side with the narrower gap; where both are alike, to the left, or to the right where names are at the right.
    """
    gaps = [start - end for (_, end), (start, _) in itertools.pairwise(parts)]
    begins = [True] * len(parts)
    if not _are_names(lines[0]):
        for number, (start, end) in enumerate(parts[1:], start=1):
            filled = sum(bool(line[start:end].strip()) for line in lines)
            begins[number] = gaps[number - 1] > 1 and 2 * filled > len(lines)
    else:
        named = [bool(lines[0][start:end].strip()) for start, end in parts]
        to_the_left = all(lines[0][start] != " " for (start, _), is_named in zip(parts, named, strict=True) if is_named)
        for number in range(1, len(parts)):
            if not named[number]:
                before, behind = (gaps[at] if at < len(gaps) else _LONGEST for at in (number - 1, number))
                at = number if before < behind or (before == behind and to_the_left) else number + 1
                begins[at] = False
    return [start for (start, _), is_first in zip(parts, begins, strict=True) if is_first]


def _by_gaps(lines: Sequence[str]) -> _Cells | None:
    """The cells between several spaces, where nearly all lines have as many as the first has names."""
    width = len(_GAP.split(lines[0].strip()))
    fitting = sum(len(_GAP.split(line.strip())) == width for line in lines)
    if not _are_names(lines[0]) or fitting < _NEARLY_ALL * len(lines):
        return None

    def cells_of(line: str) -> list[str] | None:
        cells = _GAP.split(line.strip())
        return cells if len(cells) == width else None

    return cells_of


def _are_names(line: str) -> bool:
    """Whether names are here with several spaces between them, of which one is what columns are often called."""
    names = _GAP.split(line.strip())
    return len(names) > 1 and all(len(name) <= 40 for name in names) and holds_common_name(names)


def _refused(path: Path) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        Sentence("reading.d11.is", path=path.name, what=Sentence("reading.d11_what.fixed_width")),
        hint=Sentence("reading.d11.save_as_csv"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )
