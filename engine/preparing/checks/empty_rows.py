"""Rows without anything to read or to answer: already left out, and told here because many of them are a sign."""

from __future__ import annotations

from collections.abc import Iterator

from engine.preparing.checks.seen import Found, Seen
from engine.words import count

_SIGNS = ("has no ", "is empty")


def empty_rows(seen: Seen) -> Iterator[Found]:
    """Rows left out because a cell that is needed is empty."""
    entries = [entry for entry in seen.collected.left_out.entries() if entry.reason.startswith(_SIGNS)]
    number = sum(entry.count for entry in entries)
    if not number:
        return
    share = number / max(1, seen.collected.rows_in)
    verb = "lacks" if number == 1 else "lack"
    yield Found(
        "empty_rows",
        "caution" if share > 0.05 else "note",
        f"{count(number, 'row')} {verb} something to read or to answer and {'is' if number == 1 else 'are'} left out"
        f"{f': {100 * share:.0f} % of all' if share >= 0.01 else ''}.",
        number,
        numbers=tuple(sorted(row for entry in entries for row in entry.rows)),
    )
