"""Cells made fit for a tokenizer in the same way whatever file they came from, with a count of what was changed.

Control characters, NUL, lone surrogates and U+FEFF go. Codes 128 to 159, which remain when Windows-1252 was taken for
Latin-1, become the quotation marks and dashes they represent, as in browsers. A text of nothing but invisible
characters is empty. A mark for a line break from HTML becomes a space. Nothing else is touched: NA, None and 007 stay
as they are written. In UTF-8 that was read as Windows-1252 or Latin-1 the codes 128 to 159 stay, since a repair needs
them.
"""

from __future__ import annotations

import re

from engine.contract.sentences import NOTHING, Sentence
from engine.contract.text_parsing import NO, YES, joined_words, places_in
from engine.preparing.rows.misread_text import holds_signs, repaired
from engine.reading.columns import name_at, written_list
from engine.reading.formats.chunks import Cell

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACING = re.compile("[\x0b\x0c\x1c-\x1f]")
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_ODD_IN_ASCII = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063"
)
_BLANK = (
    _INVISIBLE
    + " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u3000"
)
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}


class Cleaner:
    """Turns cells into canonical values.

    `text`, `second_text`, `label` and `score` are texts; `tokens`, `tags` and `label_set` lists of texts.
    `label_delimiter` is between several labels in one cell; where it is empty, such a cell is one label. Where
    lists of 0 and 1 hold labels by their position, `label_positions` is the column that these are named after.
    """

    def __init__(self, *, strip_html_breaks: bool, label_delimiter: str = "", label_positions: str = "") -> None:
        self._strip_html_breaks = strip_html_breaks
        self._label_delimiter = label_delimiter
        self._label_positions = label_positions
        self.texts_with_breaks = 0
        self.cells_with_odd_characters = 0
        self.rows_joined = 0  # of words, made a text here

    def value(self, role: str, cell: Cell) -> tuple[str | list[str], Sentence]:
        """The canonical value of a cell that plays this part, and why the row cannot be used, or an empty string."""
        match role:
            case "text" | "second_text":
                return self._text(" ".join(cell) if isinstance(cell, list) else cell or ""), NOTHING
            case "label" | "score":
                if isinstance(cell, list):
                    if len(cell) > 1:
                        return "", Sentence(
                            "preparing.excluded.several_labels"
                            if role == "label"
                            else "preparing.excluded.several_scores",
                            number=len(cell),
                        )
                    cell = cell[0] if cell else ""
                return self._plain(cell or "").strip(), NOTHING
            case "label_set":
                items = labels_in(cell, self._label_delimiter) if isinstance(cell, str) else cell or []
                if self._label_positions:
                    return self._labels_at(items)
                return [word for word in map(self._word, items) if word], NOTHING
        if isinstance(cell, str):
            cell = list_in(cell)
        return [self._word(item) for item in cell or []], NOTHING

    def _labels_at(self, items: list[str]) -> tuple[list[str], Sentence]:
        """The labels at whose position there is a 1."""
        names = [name_at(self._label_positions, position) for position in range(1, len(items) + 1)]
        return self.marked(tuple(names), list(items))

    def marked(self, columns: tuple[str, ...], cells: list[Cell]) -> tuple[list[str], Sentence]:
        """The columns of 0 and 1 whose cell means yes, and why the row cannot be used, or an empty string."""
        yes = []
        for name, cell in zip(columns, cells, strict=True):
            written = cell.strip().casefold() if isinstance(cell, str) else ""
            if written in YES:
                yes.append(name)
            elif written not in NO:
                return [], Sentence("preparing.excluded.not_yes_or_no", written=written[:40], column=name)
        return yes, NOTHING

    def full_text(self, words: list[str], written: str | None) -> str:
        """The text of a row of words: the one they were found in, where that holds them, else joined."""
        counted = self.cells_with_odd_characters  # its words are counted already
        text = "" if written is None else self._plain(written)
        self.cells_with_odd_characters = counted
        if text and places_in(text, words) is not None:
            return text
        self.rows_joined += 1
        return joined_words(words)

    def notes(self) -> list[Sentence]:
        """What was changed, in sentences."""
        notes = []
        if self.texts_with_breaks:
            notes.append(Sentence("preparing.data_note.texts_with_breaks", texts=self.texts_with_breaks))
        if self.cells_with_odd_characters:
            notes.append(
                Sentence("preparing.data_note.cells_with_odd_characters", cells=self.cells_with_odd_characters)
            )
        if self.rows_joined:
            notes.append(Sentence("preparing.data_note.words_joined", rows=self.rows_joined))
        return notes

    def _text(self, text: str) -> str:
        text = self._plain(text)
        if self._strip_html_breaks and "<" in text:
            replaced = _BREAK.sub(" ", text)
            if replaced != text:
                self.texts_with_breaks += 1
                text = replaced
        return text if text.strip(_BLANK) else ""

    def _word(self, word: str) -> str:
        word = self._plain(word)
        return word.strip() if word.strip(_BLANK) else ""

    def _plain(self, text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        if _ODD.search(text) is None:
            return text
        if holds_signs(text) or repaired(text) != text:  # without the codes 128 to 159 it could not be repaired
            return _ODD_IN_ASCII.sub("", _SPACING.sub(" ", text))
        self.cells_with_odd_characters += 1
        return _ODD.sub("", _SPACING.sub(" ", text.translate(_WINDOWS)))


def labels_in(cell: str, delimiter: str) -> list[str]:
    """The labels in a cell of text: written as a list in brackets, or with a delimiter between."""
    text = cell.strip()
    if text.startswith("[") and text.endswith("]"):
        return list_in(text) if text != "[]" else []
    return [part.strip() for part in text.split(delimiter)] if delimiter else [text]


def list_in(cell: str) -> list[str]:
    """The list that a cell of text represents: written as a list in brackets, or words with spaces between."""
    items = written_list(cell)
    return cell.split() if items is None else items
