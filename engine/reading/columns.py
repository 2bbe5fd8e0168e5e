"""What the columns of a file seem to be: which holds texts, which labels, which numbers; and so which task it is.

Guesses only; the user sees them marked as such and can change each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.questions import ColumnFound
from engine.reading.chunks import Cell
from engine.reading.sniffing import looks_like_number
from engine.settings import Roles, TaskName

COUNTED_VALUES = 20_000
_USUAL_LABELS = ["label", "intent", "class", "category", "sentiment", "coarse_label", "target", "topic", "emotion"]
_RARER_LABELS = ["label_text", "label_name", "labels", "polarity", "stance", "genre", "answer", "y", "tag", "type"]
_LABEL_NAMES = [*_USUAL_LABELS, *_RARER_LABELS, "rating", "stars"]
_TEXT_NAMES = ["text", "sentence", "review", "content", "body", "message", "comment", "question", "query", "utterance"]
_TOKEN_NAMES = ["tokens", "words", "token", "sentence"]
_TAG_NAMES = ["tags", "ner_tags", "slots", "ner", "labels", "pos_tags", "bio_tags", "entities", "tag"]
_LONGEST_VALUE = 200  # characters of a value that is counted
_MOST_NUMBERED_LABELS = 50


class ColumnSurvey:
    """Counts what one column holds, row by row, in bounded memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: Counter[str] = Counter()  # cells, or the items of lists; at most COUNTED_VALUES different ones
        self.cells = 0  # that are not empty
        self._rows = 0
        self._lists = 0
        self._items = 0
        self._characters = 0
        self._numbers = 0
        self._spaced = 0
        self._objects = 0
        self._decimals = 0
        self._lengths: list[int] = []  # of the first lists

    def add(self, cells: Iterable[Cell]) -> None:
        """More cells of this column."""
        for cell in cells:
            self._rows += 1
            if not cell:
                continue
            self.cells += 1
            if isinstance(cell, list):
                self._lists += 1
                self._items += len(cell)
                self._characters += sum(map(len, cell)) + len(cell)
                if len(self._lengths) < 1_000:
                    self._lengths.append(len(cell))
                for item in cell:
                    self._count(item)
            else:
                self._characters += len(cell)
                self._numbers += looks_like_number(cell) if len(cell) < 40 else 0
                self._spaced += " " in cell
                self._decimals += "." in cell
                self._objects += cell.startswith("{") and cell.endswith("}")
                self._count(cell.strip())

    @property
    def distinct(self) -> int:
        """Different values, at most COUNTED_VALUES."""
        return len(self.values)

    @property
    def mean_characters(self) -> float:
        """Of the cells that are not empty."""
        return self._characters / self.cells if self.cells else 0.0

    @property
    def is_list(self) -> bool:
        """Whether the column holds lists of words."""
        return self._lists > self.cells / 2

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers."""
        return not self.is_list and self._numbers > 0.95 * self.cells > 0

    @property
    def is_object(self) -> bool:
        """Whether the cells are nested JSON objects."""
        return not self.is_list and self._objects > self.cells / 2

    @property
    def could_be_label(self) -> bool:
        """Whether few short values come again and again."""
        if self.is_list or not self.cells or self.mean_characters > 60:
            return False
        most = _MOST_NUMBERED_LABELS if self.is_number else 2_000
        return not self.is_object and self.distinct <= max(2, min(most, self.cells // 2))

    @property
    def is_identifier(self) -> bool:
        """Whether every cell is another short word."""
        unique = self.distinct >= min(self.cells, COUNTED_VALUES) > 5
        measured = self.is_number and self._decimals > self.cells / 2
        return (
            not self.is_list
            and not measured
            and unique
            and self.mean_characters <= 40
            and self._spaced < 0.05 * self.cells
        )

    def lists_match(self, other: ColumnSurvey) -> bool:
        """Whether the lists of both columns have the same lengths."""
        return self._lengths == other._lengths

    def _count(self, value: str) -> None:
        value = value[:_LONGEST_VALUE]
        if value in self.values or len(self.values) < COUNTED_VALUES:
            self.values[value] += 1


def guess_roles(surveys: list[ColumnSurvey]) -> tuple[Roles, Roles]:
    """The likely roles for text classification and for token classification; empty where no column will do."""
    label = _guess_label(surveys)
    text = _guess_text([survey for survey in surveys if survey is not label])
    tokens, tags = _guess_tokens(surveys)
    return (
        Roles(text=text.name if text else "", label=label.name if label else ""),
        Roles(tokens=tokens.name if tokens else "", tags=tags.name if tags else ""),
    )


def guess_task(by_text: Roles, by_tokens: Roles) -> TaskName:
    """Text classification where there are a text and a label, else what else fits."""
    if by_tokens.tokens and by_tokens.tags and not (by_text.text and by_text.label):
        return "token_classification"
    return "text_classification"


def describe(surveys: list[ColumnSurvey], by_text: Roles, by_tokens: Roles) -> tuple[ColumnFound, ...]:
    """The columns as the preview names them."""
    found = []
    for survey in surveys:
        found.append(
            ColumnFound(
                name=survey.name,
                kind=_kind(survey, by_text, by_tokens),
                distinct=survey.distinct,
                mean_characters=round(survey.mean_characters, 1),
            )
        )
    return tuple(found)


def _kind(survey: ColumnSurvey, by_text: Roles, by_tokens: Roles) -> str:
    parts = {by_text.text: "text", by_text.label: "label", by_tokens.tokens: "tokens", by_tokens.tags: "tags"}
    if survey.name in parts:
        return parts[survey.name]
    if not survey.cells:
        return "empty"
    if survey.is_list:
        return "tokens"
    if survey.is_identifier:
        return "id"
    if survey.could_be_label:
        return "label"
    return "number" if survey.is_number else "text"


def _guess_label(surveys: list[ColumnSurvey]) -> ColumnSurvey | None:
    candidates = [survey for survey in surveys if survey.could_be_label]
    several = [survey for survey in candidates if survey.distinct > 1]
    named = [survey for survey in candidates if _rank(survey.name, _LABEL_NAMES) < len(_LABEL_NAMES)]
    pool = [survey for survey in named if survey.distinct > 1] or named or several or candidates
    if len(pool) == len(surveys) and len(pool) > 1 and not named:
        longest = max(surveys, key=lambda survey: survey.mean_characters)
        pool = [survey for survey in pool if survey is not longest]  # something must be left to read
    return min(pool, key=lambda survey: (_rank(survey.name, _LABEL_NAMES), survey.distinct), default=None)


def _guess_text(surveys: list[ColumnSurvey]) -> ColumnSurvey | None:
    readable = [survey for survey in surveys if survey.cells and not survey.is_list and not survey.is_object]
    words = [survey for survey in readable if not survey.is_number and not survey.is_identifier]
    if not words:
        words = [survey for survey in readable if not survey.is_number]
    return max(
        words,
        key=lambda survey: (survey.mean_characters, -_rank(survey.name, _TEXT_NAMES)),
        default=None,
    )


def _guess_tokens(surveys: list[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    lists = [survey for survey in surveys if survey.is_list]
    pairs = [(one, other) for one in lists for other in lists if one is not other and one.lists_match(other)]
    if not pairs:
        return None, None
    return min(
        pairs,
        key=lambda pair: (
            _rank(pair[0].name, _TOKEN_NAMES) + _rank(pair[1].name, _TAG_NAMES),
            pair[1].distinct - pair[0].distinct,
        ),
    )


def _rank(name: str, known: list[str]) -> int:
    """The place of the name among the known ones; a name that holds one of them comes after all that are equal."""
    plain = name.casefold().strip().replace(" ", "_").replace("-", "_")
    if plain in known:
        return known.index(plain)
    parts = set(plain.split("_"))
    return len(known) - 1 if parts & set(known[:6]) else len(known)
