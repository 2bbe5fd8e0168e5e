"""How long the rows of a prepared data set are, counted by length, and what another maximum would cut or cost.

The counts lie in `lengths.json` in the data set's folder. Lengths are in tokens before any cut, special tokens
included. Uses no torch and no Qt.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

LENGTHS_FILE = "lengths.json"


class LengthCounts(msgspec.Struct, frozen=True):
    """Rows by length: `lengths` ascend, `rows` is how many rows have each."""

    lengths: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    def beyond(self, maximum: int) -> int:
        """Rows longer than this."""
        return sum(rows for length, rows in zip(self.lengths, self.rows, strict=True) if length > maximum)

    def total(self) -> int:
        """All rows."""
        return sum(self.rows)


class LengthTable(msgspec.Struct, frozen=True):
    """Lengths of all rows, of those that train, and of the rows with each of the most frequent labels.

    `answers` counts the answers that have a place in the text (entities) by the tokens a row must keep for them.
    """

    everything: LengthCounts = LengthCounts()
    training: LengthCounts = LengthCounts()
    labels: dict[str, LengthCounts] = {}
    answers: LengthCounts = LengthCounts()

    def rows_cut(self, maximum: int) -> int:
        """Rows that lose their end."""
        return self.everything.beyond(maximum)

    def tokens_lost(self, maximum: int) -> int:
        """Tokens beyond the cut."""
        pairs = zip(self.everything.lengths, self.everything.rows, strict=True)
        return sum((length - maximum) * rows for length, rows in pairs if length > maximum)

    def tokens(self) -> int:
        """Tokens of all rows before any cut."""
        return sum(length * rows for length, rows in zip(self.everything.lengths, self.everything.rows, strict=True))

    def answers_lost(self, maximum: int) -> int:
        """Entities that end beyond the cut."""
        return self.answers.beyond(maximum)

    def cost(self, maximum: int, hidden_size: int) -> float:
        """What an epoch computes with this maximum, in an arbitrary unit: the sum of 6·h·n + n² over training rows.

        A layer multiplies 24·h² per token for its projections and its feed-forward part of four times the width, and
        4·h per pair of tokens for attention; divided by 4·h. Padding within batches is excluded, which grouping by
        length keeps small.
        """
        pairs = zip(self.training.lengths, self.training.rows, strict=True)
        kept = ((min(length, maximum), rows) for length, rows in pairs)
        return float(sum(rows * (6 * hidden_size * length + length * length) for length, rows in kept))

    def longest(self) -> int:
        """The longest row."""
        return self.everything.lengths[-1] if self.everything.lengths else 0


_tables = msgspec.json.Decoder(LengthTable)


def encode_lengths(table: LengthTable) -> bytes:
    """The content of `lengths.json`."""
    return msgspec.json.encode(table)


def read_lengths(folder: str) -> LengthTable | None:
    """The lengths of the data set in this folder; None where it was prepared without or cannot be read."""
    try:
        return _tables.decode((Path(folder) / LENGTHS_FILE).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
