"""Which columns of a file a task would take: the base of every task's `columns.py`, and what these share.

Names are compared first, with those that data sets usually have; without a known name a column is judged by what it
holds (`ColumnSurvey`). All of it is a guess, which is marked as such in the window and can be changed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from engine.contract.column_roles import SINGLE_ROLES
from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey, plain_name

# In this order: a target and a topic beside a stance or an emotion are what the text is about.
LABEL_NAMES_USUAL = (
    *("label", "intent", "class", "category", "sentiment", "coarse_label", "emotion", "stance", "target", "topic"),
)
_LABEL_NAMES_RARER = ("label_text", "label_name", "labels", "polarity", "genre", "answer", "y", "tag", "type")
LABEL_NAMES = (*LABEL_NAMES_USUAL, *_LABEL_NAMES_RARER, "rating", "stars", "overall")
_NAMES_OF_CLASSES = frozenset({"label", "labels", "class", "classes", "category", "categories"})
_OFTEN = 5  # times that each value comes, on average, where it is a label for certain
# What a row is about and no text is judged by: the category of a product is no judgement of its review.
_OF_THINGS = frozenset({"product", "item", "business", "store", "shop", "parent", "user", "customer", "brand"})
_TEXT_NAMES = (
    *("text", "sentence", "sentence1", "tweet", "review_text", "comment_text", "utterance", "review", "comment"),
    *("message", "post", "document", "body", "content", "question", "query", "premise", "input", "prompt", "sms"),
    *("texto", "texte", "testo", "tekst", "satz", "frase", "phrase", "kommentar", "nachricht"),
)
_TEXT_WORDS = frozenset({"text", "sentence", "tweet", "review", "comment", "message", "body", "content", "utterance"})
_NAMES_OF_LABELS = frozenset({"text", "name", "names", "str", "string", "title", "desc", "description", "label"})
_PAIR_NAMES = {
    "premise": ("hypothesis",),
    "query": ("passage", "document"),
    "question": ("context", "passage", "sentence"),
    "text": ("text_pair",),
    "context": ("hypothesis",),
    "claim": ("evidence",),
    "sentence": ("sentence2",),
}
_SECONDS = {"1": "2", "a": "b", "first": "second", "one": "two", "1st": "2nd", "left": "right", "i": "ii"}
SCORE_NAMES = ("score", "similarity", "relatedness", "similarity_score", "relatedness_score", "value", "points")
_WORDS_NAMES = ("tokens", "words", "token", "sentence", "form")
TAG_NAMES = ("tags", "ner_tags", "slots", "ner", "labels", "pos_tags", "bio_tags", "entities", "tag", "upos")

# How texts of a pair are distinguished from other texts, by the first rows: words in common, of the shorter one's.
_IN_COMMON = 0.3
_MORE_THAN_BY_CHANCE = 0.15
_NEARLY_ALL = 0.95  # rows of a column that holds the text again, cleaned
_WORD = re.compile(r"\w+")
_OF_THE_LENGTH = 2.5
_FEWEST_COMPARED = 10
_MOST_LISTS = 200  # columns with lists that are compared with all others


# Whom or what several rows may be of. The second need a word behind them that is one: an article may be a text.
_OF_WHOM = frozenset(
    (
        *("author", "user", "username", "speaker", "patient", "customer", "client", "participant", "respondent"),
        *("reviewer", "writer", "student", "group", "autor", "autorin", "verfasser", "sprecher", "kunde", "kunden"),
        *("teilnehmer", "nutzer", "auteur", "autore", "paciente", "patientin"),
    )
)
_OF_WHAT = frozenset(
    (
        *("document", "doc", "conversation", "dialogue", "dialog", "session", "thread", "subject", "article", "report"),
        *("case", "book", "page", "video", "ticket", "dokument", "sitzung", "fall", "bericht"),
    )
)
_NUMBERED = frozenset({"id", "ids", "number", "no", "nr", "key", "uuid", "code", "nummer"})
_FEWEST_GROUPS = 5
_LONGEST_GROUP = 60  # characters of a cell, on average
_LEAST_REPEATED = 0.05  # of the cells, beyond the first of each value


class Evidence(IntEnum):
    """What makes a file one for a task; of several tasks that could read it, the one with the most is proposed.

    Names come before contents: a column that is called `label` is one whatever else there is, and a column of numbers
    that has no known name is the weakest sign.
    """

    NONE = 0
    NUMBERS = 1
    LISTS_OF_WORDS = 2
    REPEATED_VALUES = 3
    SCORED_PAIRS = 4
    TAG_NAME = 5
    LABEL_NAME = 6
    SCORE_NAME = 7
    SEVERAL_LABELS = 8
    USUAL_LABEL_NAME = 9
    TAG_SEQUENCES = 9


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
    plain = plain_name(name)
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


def label_rank(name: str) -> int:
    """The place of a name among those of labels: the usual ones, those that hold one such as gold_label, rarer ones."""
    place = rank(name, LABEL_NAMES)
    if place < len(LABEL_NAMES_USUAL) or place == len(LABEL_NAMES):
        return place
    if plain_name(name) in LABEL_NAMES:
        return place + 1
    return len(LABEL_NAMES) if _OF_THINGS & set(plain_name(name).split("_")) else len(LABEL_NAMES_USUAL)


def is_usual_label(name: str) -> bool:
    """Whether the name is one of what is to be learned: label, intent, gold_label."""
    return label_rank(name) < len(LABEL_NAMES_USUAL) or {"label", "class"} & set(plain_name(name).split("_")) != set()


def label_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    """The likeliest column with one label per row: one with a known name, else the last that is suitable."""
    named = [survey for survey in surveys if is_known(survey.name, LABEL_NAMES) and _may_be_label(survey)]
    several = [survey for survey in named if survey.distinct > 1]
    candidates = label_candidates(surveys)
    # The type of all messages of a chat is "message"; a label that is called one is one, and a sentence has the reason.
    is_constant = named and not several and not any(is_usual_label(survey.name) for survey in named)
    if is_constant and any(survey.distinct > 1 for survey in candidates):
        return candidates[-1]
    if named:
        found = min(several or named, key=lambda survey: (label_rank(survey.name), survey.distinct))
        return _with_its_names(found, surveys)
    if candidates:
        return candidates[-1]
    # A column that is called label is one, even where that cannot be learned: then a sentence has the reason.
    by_name = [survey for survey in surveys if _is_label_by_name_alone(survey)]
    return by_name[0] if by_name else None


def is_long_label(survey: ColumnSurvey) -> bool:
    """Whether a column that is called label holds classes as long as sentences, which come again and again.

    Of several labels in one cell there are more combinations than labels.
    """
    if plain_name(survey.name) not in _NAMES_OF_CLASSES or survey.could_be_label or survey.is_list or survey.is_object:
        return False
    comes_again = survey.distinct > 1 and survey.cells >= _OFTEN * survey.distinct
    return comes_again and len(survey.label_counts()) >= survey.distinct


def named_labels(surveys: Sequence[ColumnSurvey]) -> list[str]:
    """The columns that have a name of labels and may hold them, leaving out numbers whose names are beside them."""
    named = [survey for survey in surveys if is_known(survey.name, LABEL_NAMES) and _may_be_label(survey)]
    return [survey.name for survey in named if survey.distinct > 1 and _with_its_names(survey, surveys) is survey]


def label_candidates(surveys: Sequence[ColumnSurvey]) -> list[ColumnSurvey]:
    """The columns without a known name that may hold one label per row; where several do, only the user can decide."""
    text = _named_text(surveys)
    possible = [
        survey
        for survey in surveys
        if _may_be_label(survey) and survey is not text and not _is_second_text(survey, surveys)
    ]
    several = [survey for survey in possible if survey.distinct > 1] or possible
    if len(several) > 1 and len(several) == sum(survey.cells > 0 for survey in surveys):
        longest = max(surveys, key=lambda survey: survey.mean_characters)
        several = [survey for survey in several if survey is not longest]  # something must be left to read
    short = [survey for survey in several if not survey.is_prose] or several
    return [survey for survey in short if survey.cells >= _OFTEN * survey.distinct] or short


def texts_in(surveys: Sequence[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """The text; and where it is one of a pair, by its name or by what it has in common, the first and the second."""
    label = label_in(surveys)
    others = [survey for survey in surveys if survey is not label]
    text = _text_in(others)
    if text is None:
        return None, None
    readable = [survey for survey in others if _is_readable(survey)]
    for first in readable if text in readable else []:
        for second in readable if first is text else [text]:
            if is_second_name(first.name, second.name) and first.first != second.first:
                return first, second
    for other in readable:
        if other is not text and not _may_be_label(other) and _are_a_pair(text, other):
            return (text, other) if surveys.index(text) < surveys.index(other) else (other, text)
    return text, None


def unread_texts(surveys: Sequence[ColumnSurvey], roles: Roles) -> list[str]:
    """Further columns with texts of several words, which no role reads."""
    used = {getattr(roles, role) for role in SINGLE_ROLES}
    return [
        survey.name
        for survey in surveys
        if survey.name not in used and _is_readable(survey) and survey.is_prose and not _may_be_label(survey)
    ]


def may_name_groups(name: str) -> bool:
    """Whether a column is called like whom or what several rows are of: author, patient_id, docId."""
    *before, last = [part for part in plain_name(name).split("_") if part] or [""]
    whose = before[-1] if before and last in _NUMBERED else last
    return whose in _OF_WHOM or (whose in _OF_WHAT and last in _NUMBERED) or plain_name(name) in ("docid", "userid")


def groups_in(surveys: Sequence[ColumnSurvey], roles: Roles) -> list[ColumnSurvey]:
    """The columns without a role whose name and cells are whom or what several rows are of."""
    used = {*(getattr(roles, role) for role in SINGLE_ROLES), *roles.label_columns}
    return [
        survey
        for survey in surveys
        if survey.name not in used
        and may_name_groups(survey.name)
        and not (survey.is_list or survey.is_object or survey.holds_fractions)
        and survey.mean_characters <= _LONGEST_GROUP
        and survey.distinct >= _FEWEST_GROUPS
        and survey.cells - survey.distinct >= _LEAST_REPEATED * survey.cells
    ]


def words_and_tags_in(surveys: Sequence[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """Two columns with lists of equal lengths, or with as many tags as words in each cell."""
    lists = [survey for survey in surveys if survey.is_list][:_MOST_LISTS]
    words = [survey for survey in lists if not survey.is_tag_scheme]
    # Words in a text beside lists of tags are as many as these.
    words += [one for one in surveys if one.is_prose and any(map(one.words_match, lists))]
    pairs = [
        (one, other)
        for one in words
        for other in lists
        if one is not other and (one.lists_match(other) if one.is_list else one.words_match(other))
    ]
    if not pairs:
        pairs = [
            (one, other)
            for other in [survey for survey in surveys if survey.is_tag_sequence][:_MOST_LISTS]
            for one in surveys
            if one is not other and not one.is_list and one.words_match(other)
        ]
        pairs = [pair for pair in pairs if not pair[0].is_tag_sequence]
    if not pairs:
        return None, None
    return min(
        pairs,
        key=lambda pair: (
            not (pair[1].is_tag_scheme or pair[1].is_tag_sequence or plain_name(pair[1].name) in TAG_NAMES[:3]),
            rank(pair[0].name, _WORDS_NAMES) + rank(pair[1].name, TAG_NAMES),
            pair[1].distinct - pair[0].distinct,
        ),
    )


def is_second_name(first: str, second: str) -> bool:
    """Whether the second is called like the second of a pair whose first text is called so."""
    one, other = (_parts_of(name) for name in (first, second))
    if one[:1] == ["column"] or other[:1] == ["column"]:
        return False  # "column 1" is the name of a column without one
    if len(one) == len(other):
        different = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        if len(different) == 1 and _SECONDS.get(different[0][0]) == different[0][1] and len(one) > 1:
            return True
    return plain_name(second) in _PAIR_NAMES.get(plain_name(first), ())


def _is_second_text(survey: ColumnSurvey, surveys: Sequence[ColumnSurvey]) -> bool:
    """Whether two columns of texts are a pair by their names, and this is its second, however few texts there are."""
    return survey.is_prose and any(other.is_prose and is_second_name(other.name, survey.name) for other in surveys)


def _parts_of(name: str) -> list[str]:
    """The words and numbers of a name: sentence1, #1 String, questionA."""
    plain = plain_name(name)
    plain = re.sub(r"(?<=[^\W\d_]{2})(?=\d)", "_", plain)
    if plain == name.casefold() and re.fullmatch(r"[^\W\d_]{3,}[ab]", plain) and name[-1:].isupper():
        plain = f"{plain[:-1]}_{plain[-1]}"
    return [part for part in re.split(r"[\W_]+", plain) if part]


def _may_be_label(survey: ColumnSurvey) -> bool:
    """Whether the cells are few values that come again and again, and mean something."""
    if (
        not (survey.could_be_label or is_long_label(survey))
        or survey.is_link
        or survey.is_date
        or survey.is_tag_sequence
    ):
        return False
    if survey.holds_several_labels or survey.holds_fractions:
        return False
    return not survey.is_split


def _is_label_by_name_alone(survey: ColumnSurvey) -> bool:
    is_short = survey.cells > 0 and not survey.is_list and survey.mean_characters <= 60
    named = plain_name(survey.name) in LABEL_NAMES_USUAL
    is_other = survey.is_measured or survey.holds_several_labels or survey.is_tag_sequence
    return named and is_short and not is_other


def _with_its_names(label: ColumnSurvey, surveys: Sequence[ColumnSurvey]) -> ColumnSurvey:
    """The column beside a label of numbers that holds their names, recognized by its own name and by its counts."""
    if not label.is_number:
        return label
    counts = sorted(label.values.values())
    for survey in surveys:
        if survey is label or survey.is_number or not _may_be_label(survey):
            continue
        further = set(_parts_of(survey.name)) - set(_parts_of(label.name))
        about_it = set(_parts_of(label.name)) & set(_parts_of(survey.name))
        if about_it and further <= _NAMES_OF_LABELS and sorted(survey.values.values()) == counts:
            return survey
    return label


def _is_readable(survey: ColumnSurvey) -> bool:
    """Whether there is something to read in the column."""
    if not survey.cells or survey.is_list or survey.is_object or survey.is_number or survey.is_identifier:
        return False
    return not (survey.is_constant or survey.is_link or survey.is_date)


def _named_text(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    """The column that is called as texts are, where it may be one."""
    words = [survey for survey in surveys if _is_readable(survey)]
    few = [survey for survey in words if survey.could_be_label and survey.cells >= _OFTEN * survey.distinct]
    fitting = words if len(few) == len(words) else [survey for survey in words if survey not in few]
    named = [survey for survey in fitting if plain_name(survey.name) in _TEXT_NAMES]
    if named:
        return min(named, key=lambda survey: _TEXT_NAMES.index(plain_name(survey.name)))
    partly = [survey for survey in fitting if _TEXT_WORDS & set(plain_name(survey.name).split("_"))]
    return max(partly, key=lambda survey: survey.mean_characters, default=None)


def _text_in(surveys: Sequence[ColumnSurvey]) -> ColumnSurvey | None:
    named = _named_text(surveys)
    if named is not None:
        return named
    readable = [survey for survey in surveys if survey.cells and not survey.is_list and not survey.is_object]
    words = [survey for survey in readable if _is_readable(survey)]
    if not words:
        words = [survey for survey in readable if not survey.is_number and not survey.is_constant]
    return max(words, key=lambda survey: (not survey.is_markup, survey.mean_characters), default=None)


def _are_a_pair(one: ColumnSurvey, other: ColumnSurvey) -> bool:
    """Whether the texts of both columns are of about the same length and share more words than those of other rows."""
    if not (one.is_prose and other.is_prose):
        return False
    lengths = sorted([one.mean_characters, other.mean_characters])
    if lengths[1] > _OF_THE_LENGTH * lengths[0]:
        return False
    written = [(a.casefold(), b.casefold()) for a, b in zip(one.first, other.first, strict=False) if a and b]
    if len(written) < _FEWEST_COMPARED:
        return False
    if sum(_is_shortened(a, b) or _is_shortened(b, a) for a, b in written) > _NEARLY_ALL * len(written):
        return False  # the same text again, perhaps cleaned
    rows = [(set(_WORD.findall(a)), set(_WORD.findall(b))) for a, b in written]
    together = sum(_in_common(a, b) for a, b in rows) / len(rows)
    apart = sum(_in_common(a, rows[index - 1][1]) for index, (a, _) in enumerate(rows)) / len(rows)
    return together >= _IN_COMMON and together - apart >= _MORE_THAN_BY_CHANCE


def _is_shortened(text: str, of: str) -> bool:
    """Whether the letters of a text are letters of the other, in its order."""
    rest = iter(of)
    return all(letter in rest for word in _WORD.findall(text) for letter in word)


def _in_common(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
