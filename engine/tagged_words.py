"""What the window must know of a row's tags: the entities they mark, and what they are when one word's tag changes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.tag_schemes import OUTSIDE, are_one_per_word, as_learned, strict_spans, type_of


def entities_text(words: Sequence[str], tags: Sequence[str], tag_names: Sequence[str]) -> str:
    """John Smith (PER) · Paris (LOC); of tags that each word has for itself: The (DET) · dog (NOUN)."""
    spans = strict_spans(as_learned(tags, tag_names))
    return " · ".join(f"{' '.join(words[span.start : span.end])} ({span.type})" for span in spans) or "no entity"


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
