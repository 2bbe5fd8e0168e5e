"""Which columns hold words, and a tag for each."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.settings import Roles
from engine.reading.columns import ColumnSurvey
from engine.tasks.column_names import is_known, name_of, rank

_TOKEN_NAMES = ["tokens", "words", "token", "sentence", "form"]
_TAG_NAMES = ["tags", "ner_tags", "slots", "ner", "labels", "pos_tags", "bio_tags", "entities", "tag", "upos"]


def guess(surveys: Sequence[ColumnSurvey]) -> Roles:
    """Words and tags."""
    tokens, tags = words_and_tags_in(surveys)
    return Roles(tokens=name_of(tokens), tags=name_of(tags))


def has_known_tags(roles: Roles) -> bool:
    """Whether the tags are called as tags are."""
    return is_known(roles.tags, _TAG_NAMES)


def words_and_tags_in(surveys: Sequence[ColumnSurvey]) -> tuple[ColumnSurvey | None, ColumnSurvey | None]:
    """Two columns with lists of equal lengths."""
    lists = [survey for survey in surveys if survey.is_list]
    pairs = [(one, other) for one in lists for other in lists if one is not other and one.lists_match(other)]
    if not pairs:
        return None, None
    return min(
        pairs,
        key=lambda pair: (
            rank(pair[0].name, _TOKEN_NAMES) + rank(pair[1].name, _TAG_NAMES),
            pair[1].distinct - pair[0].distinct,
        ),
    )
