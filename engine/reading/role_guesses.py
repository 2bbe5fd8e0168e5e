"""Which part each column of a file seems to play, for every task; and so which task it is.

Guesses only; the user sees them marked as such and can change each.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.questions import ColumnFound
from engine.reading.columns import ColumnSurvey
from engine.settings import Roles, TaskName

_USUAL_LABELS = ["label", "intent", "class", "category", "sentiment", "coarse_label", "target", "topic", "emotion"]
_RARER_LABELS = ["label_text", "label_name", "labels", "polarity", "stance", "genre", "answer", "y", "tag", "type"]
_LABEL_NAMES = [*_USUAL_LABELS, *_RARER_LABELS, "rating", "stars"]
_TEXT_NAMES = ["text", "sentence", "review", "content", "body", "message", "comment", "question", "query", "utterance"]
_TOKEN_NAMES = ["tokens", "words", "token", "sentence", "form"]
_TAG_NAMES = ["tags", "ner_tags", "slots", "ner", "labels", "pos_tags", "bio_tags", "entities", "tag", "upos"]
_LABELS_NAMES = ["labels", "intents", "tags", "topics", "categories", "emotions", "genres", "classes", "keywords"]
_SCORE_NAMES = ["score", "similarity", "relatedness", "similarity_score", "relatedness_score", "value", "points"]
_PAIR_NAMES = {
    "premise": "hypothesis",
    "query": "passage",
    "question": "context",
    "text": "text_pair",
    "claim": "evidence",
    "sentence": "sentence2",
}
_FIRST_OF_PAIR = re.compile(r"(?P<stem>.*[^\W\d_])(?P<gap>[_\s-]?)(?P<sign>1|a|first|one)$", re.IGNORECASE)
_LONGEST_JOINED = 200  # characters of a cell with several labels, on average
_SECONDS = {"1": "2", "a": "b", "first": "second", "one": "two"}


class Guesses(NamedTuple):
    """The likely roles of the columns for each task, empty where no column will do; and the likeliest task."""

    by_task: dict[TaskName, Roles]
    task: TaskName


def guess_roles(surveys: list[ColumnSurvey]) -> Guesses:
    """The likely roles and the likeliest task."""
    label = _guess_label(surveys)
    tokens, tags = _guess_tokens(surveys)
    text, second = _guess_texts([survey for survey in surveys if survey is not label])
    score = _guess_score(surveys)
    reads = Roles(text=_name(text), second_text=_name(second))
    free = [survey for survey in surveys if survey not in (text, second, tokens, tags)]
    by_task: dict[TaskName, Roles] = {
        "text_classification": Roles(text=reads.text, second_text=reads.second_text, label=_name(label)),
        "token_classification": Roles(tokens=_name(tokens), tags=_name(tags)),
        "regression": Roles(text=reads.text, second_text=reads.second_text, score=_name(score)),
        "multi_label_classification": _with_labels(reads, free),
    }
    return Guesses(by_task, _likeliest(by_task, label, score))


def describe(surveys: list[ColumnSurvey], guesses: Guesses) -> tuple[ColumnFound, ...]:
    """The columns as the preview names them."""
    return tuple(
        ColumnFound(
            name=survey.name,
            kind=_kind(survey, guesses),
            distinct=survey.distinct,
            mean_characters=round(survey.mean_characters, 1),
            filled=survey.cells,
            delimiter=survey.delimiter if survey.mean_characters <= _LONGEST_JOINED else "",
            is_list=survey.is_list,
            items=survey.items if survey.is_list else 0,
        )
        for survey in surveys
    )


def _kind(survey: ColumnSurvey, guesses: Guesses) -> str:
    chosen, by_task = guesses.by_task[guesses.task], guesses.by_task
    classes, words = by_task["text_classification"], by_task["token_classification"]
    several = by_task["multi_label_classification"]
    parts = {
        several.labels: "labels",
        words.tokens: "tokens",
        words.tags: "tags",
        classes.label: "label",
        classes.second_text: "second_text",
        classes.text: "text",
        chosen.score: "score",
        chosen.labels: "labels",
    }
    if survey.name in chosen.label_columns:
        return "yes_no"
    if survey.name in parts:
        return parts[survey.name]
    if not survey.cells:
        return "empty"
    if survey.is_list:
        return "tokens"
    if survey.is_object:
        return "object"
    if survey.is_identifier:
        return "id"
    if survey.name in several.label_columns:
        return "yes_no"
    if survey.could_be_label:
        return "label"
    return "number" if survey.is_number else "text"


def _likeliest(by_task: dict[TaskName, Roles], label: ColumnSurvey | None, score: ColumnSurvey | None) -> TaskName:
    """A column that is called a label decides; then several labels, a score, any label, tags, any number."""
    several, words = by_task["multi_label_classification"], by_task["token_classification"]
    if not by_task["text_classification"].text:
        return "token_classification" if words.tokens and words.tags else "text_classification"
    if label is not None and _rank(label.name, _LABEL_NAMES) < len(_USUAL_LABELS):
        return "text_classification"
    if several.labels or several.label_columns:
        return "multi_label_classification"
    if score is not None and _rank(score.name, _SCORE_NAMES) < len(_SCORE_NAMES):
        return "regression"
    named = label is not None and _rank(label.name, _LABEL_NAMES) < len(_LABEL_NAMES)
    if words.tokens and words.tags and not named and _rank(words.tags, _TAG_NAMES) < len(_TAG_NAMES):
        return "token_classification"
    if label is not None:
        return "text_classification"
    if words.tokens and words.tags:
        return "token_classification"
    return "regression" if score is not None else "text_classification"


def _with_labels(reads: Roles, surveys: list[ColumnSurvey]) -> Roles:
    """A list column, else columns of 0 and 1, else a column with several labels in one cell that is called so."""
    lists = [survey for survey in surveys if survey.is_label_list]
    yes_no = tuple(survey.name for survey in surveys if survey.is_yes_no)
    joined = [
        survey for survey in surveys if survey.delimiter and _rank(survey.name, _LABELS_NAMES) < len(_LABELS_NAMES)
    ]
    found = min(lists or joined, key=lambda survey: _rank(survey.name, _LABELS_NAMES), default=None)
    if lists or len(yes_no) < 2:
        return Roles(text=reads.text, second_text=reads.second_text, labels=_name(found))
    return Roles(text=reads.text, second_text=reads.second_text, label_columns=yes_no)


def _guess_score(surveys: list[ColumnSurvey]) -> ColumnSurvey | None:
    return min(
        (survey for survey in surveys if survey.is_measured),
        key=lambda survey: _rank(survey.name, _SCORE_NAMES),
        default=None,
    )


def _guess_texts(surveys: list[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """The text; and where its name says that it is one of a pair, the first of the two and the second."""
    text = _guess_text(surveys)
    if text is None:
        return None, None
    readable = {
        survey.name.casefold(): survey
        for survey in surveys
        if not survey.is_list and not survey.is_object and not survey.is_number and not survey.is_identifier
    }
    for name, first in readable.items():
        second = readable.get(_second_name(name))
        if second is not None and text in (first, second):
            return first, second
    return text, None


def _second_name(name: str) -> str:
    """What the other of a pair is called where this one is the first; an empty string where it is none."""
    match = _FIRST_OF_PAIR.fullmatch(name)
    if match and match["stem"] != "column":  # "column 1" is the name of a column without one
        return match["stem"] + match["gap"] + _SECONDS[match["sign"].casefold()]
    return _PAIR_NAMES.get(name, "")


def _name(survey: ColumnSurvey | None) -> str:
    return survey.name if survey else ""


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
