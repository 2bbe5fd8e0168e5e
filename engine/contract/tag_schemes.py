"""Word tags in the ways people write them (IOB1, IOB2, BIOES, BILOU, plain types), all read as IOB2; and entities.

In IOB2 every entity begins with B-TYPE and continues with I-TYPE; all other words are O. Where no tag has a prefix and
none is O, as with parts of speech, every word has a tag of its own: the tags stay as they are and nothing is joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, assert_never

from engine.contract.cleaning_rules import CorrectTagPrefixes
from engine.contract.sentences import Sentence

OUTSIDE = "O"
LETTERS = "BIESLUM"  # that prefixes have
ONLY_TYPE = "entity"  # of tags without one, as files with a single type have them
_BARE = ("B", "I")
# Of small letters those alone that no words begin with. B_PER and "B PER" are B-PER as some converters write it.
_PREFIXED = re.compile(r"([BIESLUMbi])(?:-|(?<!M)[_ ])(.+)", re.DOTALL)
_STARTS = frozenset("BSU")  # begin an entity: B-egin, S-ingle, U-nit
_ENDS = frozenset("ESLU")  # end it: E-nd, S-ingle, L-ast, U-nit


class Span(NamedTuple):
    """An entity: words [start, end) and its type."""

    start: int
    end: int
    type: str


def type_of(tag: str) -> str:
    """The entity type of a tag, an empty string for O. Of B and I without a type it is `ONLY_TYPE`."""
    if tag in ("", OUTSIDE, "o"):
        return ""
    return _parts(tag)[1]


def _parts(tag: str) -> tuple[str, str]:
    """The prefix of a tag as a capital, an empty string where it has none, and its type."""
    if tag in _BARE:
        return tag, ONLY_TYPE
    match = _PREFIXED.fullmatch(tag)
    return (match.group(1).upper(), match.group(2)) if match else ("", tag)


def are_one_per_word(names: Iterable[str]) -> bool:
    """Whether tags, or label names, mark single words and no entities: none has a prefix, none is O."""
    return all(name and type_of(name) == name for name in names)


def as_learned(tags: Sequence[str], label_names: Sequence[str]) -> list[str]:
    """The tags of one row as the label names have them: in IOB2, or untouched where each word has a tag of its own."""
    return list(tags) if are_one_per_word(label_names) else to_iob2(tags)


def to_iob2(tags: Sequence[str]) -> list[str]:
    """The tags of one row in IOB2.

    A tag without a prefix is a plain type: neighbours of the same plain type are one entity. An I- without a
    beginning (IOB1, or a slip) begins one.
    """
    result = []
    before, ended = "", True
    for tag in tags:
        kind = type_of(tag)
        if not kind:
            result.append(OUTSIDE)
            before, ended = "", True
            continue
        prefix = _parts(tag)[0] or "I"
        begins = prefix in _STARTS or ended or kind != before
        result.append(("B-" if begins else "I-") + kind)
        before, ended = kind, prefix in _ENDS
    return result


# Types that are no entity, in files whose O has a prefix.
OUTSIDE_TYPES = frozenset(("o", "out", "outside", "other", "none", "null", "na", "n/a", "0"))


def corrected(tags: Sequence[str], rule: CorrectTagPrefixes) -> list[str]:
    """The tags of one row with the prefixes that they mean."""
    match rule.fault:
        case "sign":
            sign = re.escape(rule.sign)
            pattern = (
                rf"(?P<type>.*\w){sign}(?P<letter>[{LETTERS}])"
                if rule.is_behind
                else (rf"(?P<letter>[{LETTERS}]){sign}(?P<type>\w.*)")
            )
            found = (re.fullmatch(pattern, tag) for tag in tags)
            return [
                f"{match['letter']}-{match['type']}" if match else tag for match, tag in zip(found, tags, strict=True)
            ]
        case "outside":
            return [OUTSIDE if _has_prefix(tag) and type_of(tag).casefold() in OUTSIDE_TYPES else tag for tag in tags]
        case "begin":
            pairs = zip(["", *tags], tags, strict=False)
            return [
                ("I" if tag[0] == "B" else "i") + tag[1:] if tag == before and _has_prefix(tag) else tag
                for before, tag in pairs
            ]
    assert_never(rule.fault)


def _has_prefix(tag: str) -> bool:
    return type_of(tag) not in ("", tag)


def slips(tags: Sequence[str]) -> list[int]:
    """Where a tag continues with an entity (I-, E-, L-, M-) that none before began: right in IOB1, a slip elsewhere."""
    found = []
    before, ended = "", True
    for index, tag in enumerate(tags):
        kind = type_of(tag)
        prefix = _parts(tag)[0]
        if kind and prefix and prefix not in _STARTS and (ended or kind != before):
            found.append(index)
        before, ended = kind, not kind or prefix in _ENDS
    return found


def entities_in(tags: Sequence[str], label_names: Sequence[str]) -> list[Span]:
    """The entities that tags mark, or each word's own tag: the one decoder of scores, Try it, tables and exports.

    An I- without a beginning begins an entity, as in the `token-classification` pipeline of transformers and in
    seqeval's default mode.
    """
    return strict_spans(as_learned(tags, label_names))


def strict_spans(tags: Sequence[str]) -> list[Span]:
    """The entities of IOB2 tags, strictly: without a B- there is no entity (as seqeval's strict mode counts).

    A tag without a prefix is the tag of its word alone.
    """
    spans = []
    start, kind = 0, ""
    for index, tag in enumerate(tags):
        if kind and tag == "I-" + kind:
            continue
        if kind:
            spans.append(Span(start, index, kind))
            kind = ""
        if tag.startswith("B-"):
            start, kind = index, tag[2:]
        elif type_of(tag) == tag != "":
            spans.append(Span(index, index + 1, tag))
    if kind:
        spans.append(Span(start, len(tags), kind))
    return spans


def label_names_for(types: Sequence[str]) -> tuple[str, ...]:
    """O, then B- and I- of each type, in the order of the types."""
    return (OUTSIDE, *(prefix + kind for kind in types for prefix in ("B-", "I-")))


def types_in(label_names: Sequence[str]) -> tuple[str, ...]:
    """The entity types behind label names, in their order."""
    return tuple(dict.fromkeys(kind for name in label_names if (kind := type_of(name))))


# What the window needs of a row's tags: the entities they mark, and what they are when one word's tag changes.


def entities_text(words: Sequence[str], tags: Sequence[str], tag_names: Sequence[str]) -> str:
    """John Smith (PER) · Paris (LOC); of tags that each word has for itself: The (DET) · dog (NOUN)."""
    spans = entities_in(tags, tag_names)
    found = (f"{' '.join(words[span.start : span.end])} ({span.type})" for span in spans)
    return " · ".join(found) or Sentence("contract.edit.no_entity")


def with_tag(
    before: Sequence[str], tags: Sequence[str], word: int, tag: str, tag_names: Sequence[str]
) -> tuple[str, ...]:
    """The tags with another one for this word (from 0), in IOB2 where they mark entities; `before` where they equal it.

    `before` are the tags as the file writes them.
    """
    new = as_learned([*tags[:word], tag, *tags[word + 1 :]], tag_names)
    return tuple(before) if new == as_learned(before, tag_names) else tuple(new)


def marks_entities(tag_names: Sequence[str]) -> bool:
    """Whether tags mark entities; otherwise each word has one for itself."""
    return not are_one_per_word(tag_names)


def tag_type(tag: str) -> str:
    """The type that a tag names, an empty string for O."""
    return type_of(tag)


def plain_tag(tag: str) -> str:
    """The tag as files write it: O where it names no type."""
    return tag if type_of(tag) else OUTSIDE
