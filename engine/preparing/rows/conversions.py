"""The book about entities: in which scheme their tags are written, and which did not stay as they were.

Entities in the file = entities read as they were + entities that changed or were excluded; of used rows only.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.sentences import Sentence
from engine.contract.states import ConversionReport, ConvertedEntity
from engine.contract.tag_schemes import slips, strict_spans, to_iob2, type_of
from engine.reading.formats.chunks import Conversion, Marked
from engine.reading.formats.marked_text import NOT_FOUND

EXAMPLES_KEPT = 200
_LONGEST = 120  # characters
_NAMES_KEPT = 3
_SLIP = Sentence("preparing.conversion.no_beginning")
_SCHEMES = {
    "IOB1": Sentence("preparing.data_note.tags_iob1"),
    "BIOES": Sentence("preparing.data_note.tags_bioes"),
    "words": Sentence("preparing.data_note.tags_of_words"),
    "IO": Sentence("preparing.data_note.tags_io"),
}
_NUMBERS = Sentence("preparing.data_note.tags_are_numbers")


class ConversionBook:
    """Reads each used row's tags as they are written."""

    def __init__(self) -> None:
        self._entities = self._marked_changes = self._slips = 0
        self._prefixed = self._ends = self._plain = self._begins_after_other = 0  # tags
        self._outside = self._named = False
        self._changed_rows = self._slip_rows = 0
        self.begin_inside = self._inside = 0  # marks that begin, and that begin or end, inside a word
        self.not_found = 0
        self.names_not_found: list[str] = []  # the first of them
        self.rows_not_found: list[int] = []
        self._examples: list[ConvertedEntity] = []
        self._slip_examples: list[ConvertedEntity] = []

    def add(self, file: str, number: int, words: Sequence[str], tags: Sequence[str], marked: Marked | None) -> None:
        """One used row; `marked` where the file marks characters instead of words."""
        if marked is not None:
            self._entities += marked.entities
            self._marked_changes += len(marked.conversions)
            self._changed_rows += bool(marked.conversions)
            self.begin_inside += marked.begin_inside
            self._inside += max(marked.begin_inside, marked.end_inside)
            self._keep(self._examples, file, number, marked.conversions)
            missing = [one.before for one in marked.conversions if one.reason == NOT_FOUND]
            if missing:
                self.not_found += len(missing)
                self.names_not_found += [name for name in missing if name not in self.names_not_found][:_NAMES_KEPT]
                del self.names_not_found[_NAMES_KEPT:]
                self.rows_not_found += [number] if len(self.rows_not_found) < EXAMPLES_KEPT else []
            return
        before = ""
        for tag in tags:
            kind, prefix = type_of(tag), tag[:1].upper()
            self._outside |= not kind
            self._named |= not tag.isdigit()
            self._plain += bool(kind) and kind == tag
            self._prefixed += bool(kind) and kind != tag
            self._ends += kind != tag and prefix in ("E", "S", "L", "U")
            self._begins_after_other += kind != tag and prefix == "B" and before != kind
            before = kind
        spans = strict_spans(to_iob2(tags))
        self._entities += len(spans)
        wrong = set(slips(tags))
        if wrong:
            found = [span for span in spans if span.start in wrong]
            self._slips += len(found)
            self._slip_rows += 1
            examples = [
                Conversion(
                    " ".join(f"{word}/{tag}" for word, tag in zip(words[at], tags[at], strict=True)),
                    f"{span.type}: {' '.join(words[at])}",
                    _SLIP,
                )
                for span in found
                for at in (slice(span.start, span.end),)
            ]
            self._keep(self._slip_examples, file, number, examples)

    @property
    def scheme(self) -> str:
        """IOB1, IOB2, BIOES, IO, or "words" where each has a tag of its own; empty where there was no tag but O.

        It is that of most tags: a few stray ones make no scheme.
        """
        if not self._prefixed and not self._plain:
            return ""
        if not self._prefixed or (self._outside and self._plain > self._prefixed):
            return "IO" if self._outside or self._prefixed else "words"
        if 2 * self._ends > self._entities:
            return "BIOES"
        return "IOB2" if self._begins_after_other >= self._slips and self._begins_after_other else "IOB1"

    def notes(self) -> tuple[Sentence, ...]:
        """In which scheme the tags were written, where it is not IOB2."""
        if self._inside:
            return (Sentence("preparing.data_note.marks_inside_words", marks=self._inside, entities=self._entities),)
        if self.scheme == "words" and not self._named:
            return (_NUMBERS,)
        return (_SCHEMES[self.scheme],) if self.scheme in _SCHEMES else ()

    def report(self) -> ConversionReport:
        """All entities of the file and what changed; an I- alone is a change only where the scheme forbids it."""
        counts = self.scheme in ("IOB2", "BIOES")
        examples = self._examples + (self._slip_examples if counts else [])
        return ConversionReport(
            entities=0 if self.scheme == "words" else self._entities,
            changed=self._marked_changes + (self._slips if counts else 0),
            rows=self._changed_rows + (self._slip_rows if counts else 0),
            examples=tuple(examples[:EXAMPLES_KEPT]),
        )

    def _keep(self, kept: list[ConvertedEntity], file: str, number: int, changes: Sequence[Conversion]) -> None:
        for before, after, reason in changes[: max(0, EXAMPLES_KEPT - len(kept))]:
            kept.append(ConvertedEntity(number, file, _short(before), _short(after), reason))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
