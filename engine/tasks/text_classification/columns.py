"""Which column holds one label per row, and which the text or the pair of texts that other tasks read as well."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.column_names import is_known, name_of, rank

_USUAL = ["label", "intent", "class", "category", "sentiment", "coarse_label", "target", "topic", "emotion"]
_RARER = ["label_text", "label_name", "labels", "polarity", "stance", "genre", "answer", "y", "tag", "type"]
_LABEL_NAMES = [*_USUAL, *_RARER, "rating", "stars"]
_TEXT_NAMES = ["text", "sentence", "review", "content", "body", "message", "comment", "question", "query", "utterance"]
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


def guess(surveys: Sequence[ColumnSurvey]) -> Roles:
    """The text or pair, and the label."""
    text, second = texts_in(surveys)
    return Roles(text=name_of(text), second_text=name_of(second), label=name_of(label_in(surveys)))


def has_known_label(surveys: Sequence[ColumnSurvey], *, usual: bool = False) -> bool:
    """Whether the label is called as labels are; `usual` asks for the most frequent names."""
    label = label_in(surveys)
    if label is None:
        return False
    return rank(label.name, _LABEL_NAMES) < len(_USUAL) if usual else is_known(label.name, _LABEL_NAMES)


def label_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    """The likeliest column with one label per row."""
    candidates = [survey for survey in surveys if survey.could_be_label]
    several = [survey for survey in candidates if survey.distinct > 1]
    named = [survey for survey in candidates if is_known(survey.name, _LABEL_NAMES)]
    pool = [survey for survey in named if survey.distinct > 1] or named or several or candidates
    if len(pool) == len(surveys) and len(pool) > 1 and not named:
        longest = max(surveys, key=lambda survey: survey.mean_characters)
        pool = [survey for survey in pool if survey is not longest]  # something must be left to read
    return min(pool, key=lambda survey: (rank(survey.name, _LABEL_NAMES), survey.distinct), default=None)


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
