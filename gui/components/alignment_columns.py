"""A row as columns: one per token, with its word above and its numbers below; as a description and as text to copy.

Draws nothing. All words and tokens are foreign text and leave this file in their visible form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.contract.formatting import spreadsheet_cell
from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from gui.components.plain_text import runs_right_to_left, visible

IGNORED = -100
MINUS = "−"
NAMED = 6  # unknown words or lost entities that a note names
LONGEST_NAMED = 40  # characters of each

Kind = Literal["token", "special", "padding", "cut"]


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
        kinds = {
            "special": Sentence("gui.components.special_token"),
            "padding": Sentence("gui.components.padding"),
            "cut": Sentence("gui.components.cut_off"),
            "token": "",
        }
        parts: list[str] = [
            Sentence("gui.components.of", value=position + 1, columns=len(self.columns), token=column.token)
        ]
        if kinds[column.kind]:
            parts.append(kinds[column.kind])
        if column.is_unknown:
            parts.append(Sentence("gui.components.not_vocabulary_replaces", original=column.original))
        elif column.original and _letters_of(column.token) != column.original.casefold():
            parts.append(Sentence("gui.components.from", original=column.original))
        if column.word is not None:
            parts.append(Sentence("gui.components.word", word_text=column.word_text))
        for name, value in zip(self.names, column.values, strict=True):
            if name == label_id_line() and column.is_ignored:
                parts.append(Sentence("gui.components.label_id_100_ignored", minus=MINUS, column=_why_ignored(column)))
            elif value and value != MINUS:
                parts.append(f"{name[0].lower()}{name[1:]} {value}")
        return " · ".join(parts)

    def as_text(self) -> str:
        """One line per token, tab-separated, with a header."""
        lines = [
            "\t".join(
                (
                    Sentence("gui.components.word_2"),
                    Sentence("gui.components.token"),
                    Sentence("gui.components.kind"),
                    *self.names,
                )
            )
        ]
        for column in self.columns:
            cells = (column.word_text, column.token, column.kind, *column.values)
            lines.append("\t".join(map(spreadsheet_cell, cells)))
        return "\n".join(lines)


def alignment_of(pieces: TokenizedText, *, padding: bool = False) -> Alignment:
    """The columns of a row in the order the network reads them; with `padding`, filled up to the maximum length."""
    has_types, has_labels = bool(pieces.type_ids), bool(pieces.labels)
    names: list[str] = [Sentence("gui.components.input_id"), Sentence("gui.components.attention_mask")]
    names += [Sentence("gui.components.token_type_id")] if has_types else []
    names += [label_line(), label_id_line()] if has_labels else []
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


def label_line() -> str:
    """What the line of labels is called."""
    return Sentence("gui.components.label")


def label_id_line() -> str:
    """What the line of label ids is called."""
    return Sentence("gui.components.label_id")


def notes_of(pieces: TokenizedText, *, padding: bool = False) -> list[str]:
    """What is worth knowing about this row, in sentences; what is lost comes first."""
    notes: list[str] = []
    if pieces.cut_tokens:
        notes.append(Sentence("gui.components.cut_tokens", tokens=pieces.cut_tokens, max_length=pieces.max_length))
        if pieces.cut_tokens > len(pieces.cut) > 0:
            notes.append(Sentence("gui.components.first_shown", shown=len(pieces.cut)))
    if pieces.lost_entities_count:
        named = _named(pieces.lost_entities, pieces.lost_entities_count)
        notes.append(Sentence("gui.components.lost_cut", lost_entities_count=pieces.lost_entities_count, named=named))
    if pieces.unread_characters:
        notes.append(Sentence("gui.components.not_read", characters=pieces.unread_characters))
    unknown = [
        pieces.originals[place]
        for place, number in enumerate(pieces.input_ids)
        if number == pieces.unknown_id and pieces.originals and pieces.word_ids[place] is not None
    ]
    if unknown:
        different = list(dict.fromkeys(unknown))
        token = pieces.tokens[pieces.input_ids.index(pieces.unknown_id or 0)]
        notes.append(
            Sentence(
                "gui.components.not_vocabulary_network_reads_instead",
                different=_named(different, len(different)),
                token=visible(token),
            )
        )
    if pieces.labels:
        notes.append(Sentence("gui.components.100_means_ignored_these_tokens", minus=MINUS))
    if len(set(pieces.type_ids)) > 1:
        notes.append(Sentence("gui.components.token_type_id_0_first"))
    if padding and padding_of(pieces):
        notes.append(Sentence("gui.components.padding_fills_row_up_longest", max_length=pieces.max_length))
    if runs_right_to_left(pieces.text[:10_000]):
        notes.append(Sentence("gui.components.right_left_text_shown_order"))
    return notes


def _named(names: Sequence[str], total: int) -> str:
    shown = ", ".join(f"“{visible(name, LONGEST_NAMED)}”" for name in names[:NAMED])
    return Sentence("gui.components.more", shown=shown, value=total - NAMED) if total > NAMED else shown


def _letters_of(token: str) -> str:
    """A token without the characters that tokenizers put before it."""
    return token.removeprefix("##").lstrip("Ġ▁").casefold()


def _why_ignored(column: Column) -> str:
    match column.kind:
        case "special":
            return Sentence("gui.components.special_token_has_no_label")
        case "padding":
            return Sentence("gui.components.padding_has_no_label")
        case _:
            return Sentence("gui.components.first_token_word_carries_label")
