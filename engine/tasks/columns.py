"""Which columns of a file a task would take: the base of every task's `columns.py`, and what these share.

Names are compared first, with those that data sets usually have; without a known name a column is judged by what it
holds (`ColumnSurvey`). All of it is a guess, which the user sees marked as such and can change.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from engine.contract.column_roles import SINGLE_ROLES
from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey

LABEL_NAMES_USUAL = ("label", "intent", "class", "category", "sentiment", "coarse_label", "target", "topic", "emotion")
_LABEL_NAMES_RARER = ("label_text", "label_name", "labels", "polarity", "stance", "genre", "answer", "y", "tag", "type")
LABEL_NAMES = (*LABEL_NAMES_USUAL, *_LABEL_NAMES_RARER, "rating", "stars")
_TEXT_NAMES = ("text", "sentence", "review", "content", "body", "message", "comment", "question", "query", "utterance")
_PAIR_NAMES = {
    "premise": "hypothesis",
    "query": "passage",
    "question": "context",
    "text": "text_pair",
    "claim": "evidence",
    "sentence": "sentence2",
}
_FIRST_OF_PAIR = re.compile(r"(?P<stem>.*[^\W\d_])(?P<gap>[_\s-]?)(?P<sign>1|a|first|one)$", re.IGNORECASE)
_SECONDS = {"1": "2", "a": "b", "first": "second", "one": "two"}
_WORDS_NAMES = ("tokens", "words", "token", "sentence", "form")
TAG_NAMES = ("tags", "ner_tags", "slots", "ner", "labels", "pos_tags", "bio_tags", "entities", "tag", "upos")


class Evidence(IntEnum):
    """What makes a file one for a task; of several tasks that could read it, the one with the most is proposed.

    Names come before contents: a column that is called `label` is one whatever else there is, and a column of numbers
    that has no known name is the weakest sign.
    """

    NONE = 0
    NUMBERS = 1
    LISTS_OF_WORDS = 2
    REPEATED_VALUES = 3
    TAG_NAME = 4
    LABEL_NAME = 5
    SCORE_NAME = 6
    SEVERAL_LABELS = 7
    USUAL_LABEL_NAME = 8


class ColumnGuess(NamedTuple):
    """The likely roles of a file's columns for one task, empty where no column will do, and what supports the task.

    `evidence` is NONE where the roles are not complete.
    """

    roles: Roles
    evidence: Evidence


class TaskColumns(ABC):
    """Which columns of a file one task would take."""

    @abstractmethod
    def guess(self, surveys: Sequence[ColumnSurvey]) -> ColumnGuess:
        """The likely roles of the columns, all of which were surveyed over the same rows."""

    def kinds(self, roles: Roles) -> dict[str, str]:
        """What a preview calls the columns of these guessed roles while another task is chosen."""
        return kinds_of(roles)


def kinds_of(roles: Roles) -> dict[str, str]:
    """The kind of each column that has a role (`ColumnFound.kind`)."""
    single = {column: role for role in SINGLE_ROLES if (column := getattr(roles, role))}
    return {**dict.fromkeys(roles.label_columns, "yes_no"), **single}


def rank(name: str, known: Sequence[str]) -> int:
    """The place of the name among the known ones; a name that holds one of them comes after all that are equal."""
    plain = name.casefold().strip().replace(" ", "_").replace("-", "_")
    if plain in known:
        return known.index(plain)
    parts = set(plain.split("_"))
    return len(known) - 1 if parts & set(known[:6]) else len(known)


def is_known(name: str, known: Sequence[str]) -> bool:
    """Whether the name is one of the known ones, or holds one of the first of them."""
    return rank(name, known) < len(known)


def name_of(survey: ColumnSurvey | None) -> str:
    """The column's name; an empty string for none."""
    return survey.name if survey else ""


def label_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    """The likeliest column with one label per row."""
    candidates = [survey for survey in surveys if survey.could_be_label]
    several = [survey for survey in candidates if survey.distinct > 1]
    named = [survey for survey in candidates if is_known(survey.name, LABEL_NAMES)]
    pool = [survey for survey in named if survey.distinct > 1] or named or several or candidates
    if len(pool) == len(surveys) and len(pool) > 1 and not named:
        longest = max(surveys, key=lambda survey: survey.mean_characters)
        pool = [survey for survey in pool if survey is not longest]  # something must be left to read
    return min(pool, key=lambda survey: (rank(survey.name, LABEL_NAMES), survey.distinct), default=None)


def texts_in(surveys: Sequence[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """The text; and where its name says that it is one of a pair, the first of the two and the second."""
    label = label_in(surveys)
    others = [survey for survey in surveys if survey is not label]
    text = _text_in(others)
    if text is None:
        return None, None
    readable = {
        survey.name.casefold(): survey
        for survey in others
        if not survey.is_list and not survey.is_object and not survey.is_number and not survey.is_identifier
    }
    for name, first in readable.items():
        second = readable.get(_second_name(name))
        if second is not None and text in (first, second):
            return first, second
    return text, None


def words_and_tags_in(surveys: Sequence[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """Two columns with lists of equal lengths."""
    lists = [survey for survey in surveys if survey.is_list]
    pairs = [(one, other) for one in lists for other in lists if one is not other and one.lists_match(other)]
    if not pairs:
        return None, None
    return min(
        pairs,
        key=lambda pair: (
            rank(pair[0].name, _WORDS_NAMES) + rank(pair[1].name, TAG_NAMES),
            pair[1].distinct - pair[0].distinct,
        ),
    )


def _text_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    readable = [survey for survey in surveys if survey.cells and not survey.is_list and not survey.is_object]
    words = [survey for survey in readable if not survey.is_number and not survey.is_identifier]
    if not words:
        words = [survey for survey in readable if not survey.is_number]
    return max(words, key=lambda survey: (survey.mean_characters, -rank(survey.name, _TEXT_NAMES)), default=None)


def _second_name(name: str) -> str:
    """What the other of a pair is called where this one is the first; an empty string where it is none."""
    match = _FIRST_OF_PAIR.fullmatch(name)
    if match and match["stem"] != "column":  # "column 1" is the name of a column without one
        return match["stem"] + match["gap"] + _SECONDS[match["sign"].casefold()]
    return _PAIR_NAMES.get(name, "")
