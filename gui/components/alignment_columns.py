"""A row as columns: one per token, with its word above and its numbers below; as a description and as text to copy.

Draws nothing. All words and tokens are foreign text and leave this file in their visible form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.contract.formatting import count, spreadsheet_cell
from engine.contract.queries import TokenizedText
from gui.components.plain_text import runs_right_to_left, visible

IGNORED = -100
MINUS = "−"
NAMED = 6  # unknown words or lost entities that a note names
LONGEST_NAMED = 40  # characters of each

Kind = Literal["token", "special", "padding", "cut"]
LABEL, LABEL_ID = "Label", "Label id"


@dataclass(frozen=True)
class Column:
    """One token; `values` are shown beneath it in the order of `Alignment.names`, an ignored label included."""

    kind: Kind
    token: str
    word: int | None  # which word it belongs to
    word_text: str
    original: str
    is_first: bool  # of its word
    is_unknown: bool
    values: tuple[str, ...]
    label: str = ""

    @property
    def is_ignored(self) -> bool:
        """Whether there are labels and this token's is ignored in training."""
        return bool(self.values) and self.values[-1] == f"{MINUS}100"


@dataclass(frozen=True)
class Alignment:
    """All columns of a row and the names of what is shown beneath each token."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]

    def description(self, position: int) -> str:
        """Everything about one column in a sentence."""
        column = self.columns[position]
        kinds = {"special": "special token", "padding": "padding", "cut": "cut off", "token": ""}
        parts = [f"{position + 1:,} of {len(self.columns):,}: {column.token}"]
        if kinds[column.kind]:
            parts.append(kinds[column.kind])
        if column.is_unknown:
            parts.append(f"not in the vocabulary, replaces “{column.original}”")
        elif column.original and _letters_of(column.token) != column.original.casefold():
            parts.append(f"from “{column.original}”")
        if column.word is not None:
            parts.append(f"of the word “{column.word_text}”")
        for name, value in zip(self.names, column.values, strict=True):
            if name == LABEL_ID and column.is_ignored:
                parts.append(f"label id {MINUS}100, ignored: {_why_ignored(column)}")
            elif value and value != MINUS:
                parts.append(f"{name[0].lower()}{name[1:]} {value}")
        return " · ".join(parts)

    def as_text(self) -> str:
        """One line per token, tab-separated, with a header."""
        lines = ["\t".join(("Word", "Token", "Kind", *self.names))]
        for column in self.columns:
            cells = (column.word_text, column.token, column.kind, *column.values)
            lines.append("\t".join(map(spreadsheet_cell, cells)))
        return "\n".join(lines)


def alignment_of(pieces: TokenizedText, *, padding: bool = False) -> Alignment:
    """The columns of a row in the order the network reads them; with `padding`, filled up to the maximum length."""
    has_types, has_labels = bool(pieces.type_ids), bool(pieces.labels)
    names = ["Input id", "Attention mask"]
    names += ["Token type id"] if has_types else []
    names += [LABEL, LABEL_ID] if has_labels else []
    columns: list[Column] = []
    cut = list(pieces.cut)
    before: int | None = None

    def values_of(input_id: int, mask: str, type_id: str, label: str, label_id: int | None) -> tuple[str, ...]:
        number = "" if label_id is None else f"{label_id}".replace("-", MINUS)
        return (
            str(input_id),
            mask,
            *((type_id,) if has_types else ()),
            *((label, number) if has_labels else ()),
        )

    def word_of(word: int | None) -> str:
        return visible(pieces.words[word]) if word is not None and word < len(pieces.words) else ""

    for place in range(len(pieces.tokens) + 1):
        while cut and cut[0].before == place:
            lost = cut.pop(0)
            values = values_of(lost.input_id, MINUS, MINUS, lost.label, None)
            first = lost.word_id != before
            text = visible(lost.token)
            is_unknown = lost.input_id == pieces.unknown_id
            word = word_of(lost.word_id)
            columns.append(
                Column("cut", text, lost.word_id, word, visible(lost.original), first, is_unknown, values, lost.label)
            )
            before = lost.word_id
        if place == len(pieces.tokens):
            break
        word_id, input_id = pieces.word_ids[place], pieces.input_ids[place]
        label = pieces.labels[place] if has_labels else ""
        label_id = pieces.label_ids[place] if pieces.label_ids else (None if label else IGNORED)
        columns.append(
            Column(
                kind="special" if word_id is None else "token",
                token=visible(pieces.tokens[place]),
                word=word_id,
                word_text=word_of(word_id),
                original=visible(pieces.originals[place]) if pieces.originals else "",
                is_first=word_id is not None and word_id != before,
                is_unknown=word_id is not None and input_id == pieces.unknown_id,
                values=values_of(
                    input_id,
                    str(pieces.attention_mask[place]),
                    str(pieces.type_ids[place]) if has_types else "",
                    visible(label),
                    label_id,
                ),
                label=label,
            )
        )
        before = word_id
    if padding:
        values = values_of(pieces.padding_id, "0", "0", "", IGNORED)
        filler = Column("padding", visible(pieces.padding_token), None, "", "", False, False, values)
        columns += [filler] * padding_of(pieces)
    return Alignment(tuple(names), tuple(columns))


def padding_of(pieces: TokenizedText) -> int:
    """How many padding tokens the row has room for."""
    return max(0, pieces.max_length - len(pieces.tokens)) if pieces.padding_token else 0


def notes_of(pieces: TokenizedText, *, padding: bool = False) -> list[str]:
    """What is worth knowing about this row, in sentences; what is lost comes first."""
    notes = []
    if pieces.cut_tokens:
        more = f" The first {len(pieces.cut):,} of them are shown." if pieces.cut_tokens > len(pieces.cut) > 0 else ""
        notes.append(
            f"{count(pieces.cut_tokens, 'token')} beyond the maximum length of {pieces.max_length:,} "
            f"{'is' if pieces.cut_tokens == 1 else 'are'} cut off (grey, after the dashed line): "
            f"the network never sees {'it' if pieces.cut_tokens == 1 else 'them'}.{more}"
        )
    if pieces.lost_entities_count:
        named = _named(pieces.lost_entities, pieces.lost_entities_count)
        notes.append(f"{count(pieces.lost_entities_count, 'entity', 'entities')} lost with the cut: {named}.")
    if pieces.unread_characters:
        notes.append(f"{count(pieces.unread_characters, 'more character')} of this row {_are(pieces)} not read at all.")
    unknown = [
        pieces.originals[place]
        for place, number in enumerate(pieces.input_ids)
        if number == pieces.unknown_id and pieces.originals and pieces.word_ids[place] is not None
    ]
    if unknown:
        different = list(dict.fromkeys(unknown))
        token = pieces.tokens[pieces.input_ids.index(pieces.unknown_id or 0)]
        notes.append(
            f"Not in the vocabulary: {_named(different, len(different))}. The network reads {visible(token)} instead "
            f"and does not know what it was."
        )
    if pieces.labels:
        notes.append(f"{MINUS}100 means ignored: these tokens do not count in training.")
    if len(set(pieces.type_ids)) > 1:
        notes.append("Token type id 0 is the first text, 1 the second.")
    if padding and padding_of(pieces):
        notes.append(
            f"Padding fills a row up to the longest of its batch, at most {count(pieces.max_length, 'token')}; "
            f"the attention mask 0 hides it from the network."
        )
    if runs_right_to_left(pieces.text[:10_000]):
        notes.append(
            "Right-to-left text is shown in the order in which the network reads it: its first token is on the left."
        )
    return notes


def _are(pieces: TokenizedText) -> str:
    return "is" if pieces.unread_characters == 1 else "are"


def _named(names: Sequence[str], total: int) -> str:
    shown = ", ".join(f"“{visible(name, LONGEST_NAMED)}”" for name in names[:NAMED])
    return f"{shown} and {total - NAMED:,} more" if total > NAMED else shown


def _letters_of(token: str) -> str:
    """A token without the characters that tokenizers put before it."""
    return token.removeprefix("##").lstrip("Ġ▁").casefold()


def _why_ignored(column: Column) -> str:
    match column.kind:
        case "special":
            return "a special token has no label"
        case "padding":
            return "padding has no label"
        case _:
            return "the first token of the word carries its label"
