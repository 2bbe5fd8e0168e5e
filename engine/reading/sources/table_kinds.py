"""Tables that mean more than rows with columns: one word per row, or a column with the split that a row is for.

    Sentence #    Word      POS   Tag          text               label   split
    Sentence: 1   Nordtal   NN    B-ORG        I love this lamp   good    train
                  hired     VB    O            It broke           bad     test

The first becomes a table with a row for each sentence, whose columns hold lists; the second becomes a file for each
split. Both are recognized by names and content together, from the first rows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.contract.sentences import Sentence
from engine.contract.settings import SplitName
from engine.contract.text_parsing import split_of
from engine.reading.columns import ColumnSurvey
from engine.reading.formats import registry
from engine.reading.formats.chunks import Cell, Chunk, ChunkBuilder, Layout

_LOOKED_AT = 3  # chunks
_TAG = re.compile(r"O|B|I|[BIESLU][-_].+", re.IGNORECASE)
_SENTENCE_NAME = re.compile(r"(sent|sentence|doc|document)([ _\-.]*(#|id|idx|index|no|nr|num|number))?", re.IGNORECASE)
_WORD_NAMES = frozenset({"word", "words", "token", "tokens", "form"})
_NEARLY_ALL = 0.95


class WordTable(NamedTuple):
    """A table with one word per row: the column that numbers sentences, and those that become lists."""

    sentence: str
    columns: tuple[str, ...]


def word_table(path: Path, layout: Layout) -> WordTable | None:
    """How words make sentences here; None where rows are no words.

    There is a column that is called like a number of sentences and goes on over several rows, one with tags such as
    B-PER and O, and one with single words.
    """
    by_name = [name for name in layout.columns if _SENTENCE_NAME.fullmatch(name.strip())]
    if not by_name or len(layout.columns) < 3:
        return None
    surveys, cells = _surveyed(path, layout)
    for name in by_name:
        others = [survey for survey in surveys if survey.name != name]
        words = [one for one in others if _holds_words(one)]
        tags = [one for one in others if _holds_tags(one)]
        runs = sum(1 for _ in itertools.groupby(_filled_down(cells[name])))
        if words and tags and 0 < runs <= len(cells[name]) / 2:
            return WordTable(name, tuple(survey.name for survey in others))
    return None


def sentences(path: Path, layout: Layout, table: WordTable) -> Iterator[Chunk]:
    """A row for each sentence, with a list for each column; one with a row that cannot be used is left out."""
    builder = ChunkBuilder(table.columns)
    number, current, line = 0, "", 0
    words: list[list[str]] = []
    problem: Sentence | None = None

    def finish() -> None:
        if problem is not None:
            builder.leave_out(number, problem, line)
        elif words:
            builder.add(number, [list(column) for column in zip(*words, strict=True)], line)

    done = 0
    for chunk in registry.read(path, layout, (table.sentence, *table.columns)):
        rows: dict[int, tuple[Cell, ...] | Sentence] = dict(chunk.excluded)
        rows.update(zip(chunk.numbers, zip(*chunk.columns.values(), strict=True), strict=True))
        for place in sorted(rows):
            row = rows[place]
            if isinstance(row, Sentence):
                problem = row
                continue
            name, *cells = (cell if isinstance(cell, str) else " ".join(cell or ()) for cell in row)
            if (name.strip() and name.strip() != current) or not number:
                if number:
                    finish()
                number, current, words, problem = number + 1, name.strip() or current, [], None
                line = chunk.lines.get(place, 0)
            words.append(cells)
        done = chunk.bytes_done
        if builder.is_full(done):
            yield builder.take(done)
    if number:
        finish()
    yield builder.take(done)


def split_column(path: Path, layout: Layout) -> str:
    """The column with the split of each row; an empty string where none does."""
    return next((survey.name for survey in _surveyed(path, layout)[0] if survey.is_split), "")


def rows_of_split(path: Path, layout: Layout, column: str, split: SplitName) -> Iterator[Chunk]:
    """The rows for one split; rows that cannot be used, or in which the column is empty, count as training rows."""
    for chunk in registry.read(path, layout, layout.columns):
        kept = [index for index, cell in enumerate(chunk.columns[column]) if _split_named(cell) == split]
        yield chunk._replace(
            numbers=[chunk.numbers[index] for index in kept],
            columns={name: [cells[index] for index in kept] for name, cells in chunk.columns.items()},
            excluded=chunk.excluded if split == "train" else [],
        )


def splits_in(path: Path, layout: Layout, column: str) -> list[SplitName]:
    """The splits that the column names, in all rows."""
    found = {_split_named(cell) for chunk in registry.read(path, layout, (column,)) for cell in chunk.columns[column]}
    splits: list[SplitName] = ["train", "validation", "test"]
    return [split for split in splits if split in found]


def _split_named(cell: Cell) -> SplitName:
    return (split_of(cell) if isinstance(cell, str) else None) or "train"


def _surveyed(path: Path, layout: Layout) -> tuple[list[ColumnSurvey], dict[str, list[Cell]]]:
    names = layout.columns
    surveys = [ColumnSurvey(name) for name in names]
    cells: dict[str, list[Cell]] = {name: [] for name in names}
    for chunk in itertools.islice(registry.read(path, layout, names), _LOOKED_AT):
        for survey in surveys:
            survey.add(chunk.columns[survey.name])
            cells[survey.name] += chunk.columns[survey.name]
    return surveys, cells


def _filled_down(cells: list[Cell]) -> Iterator[Cell]:
    last: Cell = ""
    for cell in cells:
        last = cell or last
        yield last


def _holds_words(survey: ColumnSurvey) -> bool:
    if survey.is_list or not survey.cells or survey.is_prose or survey.mean_characters > 25:
        return False
    return survey.name.strip().casefold() in _WORD_NAMES


def _holds_tags(survey: ColumnSurvey) -> bool:
    tags = sum(count for value, count in survey.values.items() if _TAG.fullmatch(value))
    return (
        not survey.is_list and survey.values["O"] > 0 and tags >= _NEARLY_ALL * survey.cells > 0 and survey.distinct > 1
    )
