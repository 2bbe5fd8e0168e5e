"""Rows that stand more than once in a file, and equal inputs with different answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.contract.cleaning_rules import KeepMajorityLabel, LeaveOutContradictions, LeaveOutDuplicates
from engine.contract.findings import Offer
from engine.contract.formatting import count
from engine.preparing.checks.context import Found, Seen
from engine.preparing.rows.collecting import answer_numbers
from engine.preparing.rows.groups import first_of_each, group_numbers, kinds_in_each, with_first_partners


def duplicates(seen: Seen) -> Iterator[Found]:
    """Rows of one file whose input and answer repeat those of a row before them."""
    collected = seen.collected
    groups = group_numbers(collected.files, collected.identities, answer_numbers(collected))
    repeated = np.flatnonzero(seen.used & ~first_of_each(groups, seen.used))
    if not len(repeated):
        return
    verb = "repeats" if len(repeated) == 1 else "repeat"
    tail = "" if seen.given else " Equal inputs always stand in the same split."
    yield Found(
        "duplicates",
        "note",
        f"{count(len(repeated), 'row')} {verb} another row, input and answer alike.{tail}",
        len(repeated),
        (Offer(f"Leave out {count(len(repeated), 'row')}", LeaveOutDuplicates()),),
        pairs=with_first_partners(groups, repeated, np.flatnonzero(seen.used)),
    )


def contradictions(seen: Seen) -> Iterator[Found]:
    """Inputs that stand with different answers in different rows."""
    collected, used = seen.collected, seen.used
    inputs, answers = group_numbers(collected.identities), answer_numbers(collected)
    several = kinds_in_each(inputs, answers, used) > 1
    rows = np.flatnonzero(used & several[inputs])
    if not len(rows):
        return
    number = int(several.sum())
    what = f"different {seen.task.facts.label_nouns[1]}"
    offers = [Offer(f"Leave out {count(len(rows), 'row')}", LeaveOutContradictions())]
    if not np.isfinite(collected.targets).all():
        offers.append(Offer("Keep the most frequent answer", KeepMajorityLabel()))
    yield Found(
        "contradictions",
        "problem" if len(rows) > 0.01 * used.sum() else "caution",
        f"{count(number, 'input')} {'stands' if number == 1 else 'stand'} with {what} in different rows "
        f"({count(len(rows), 'row')}).",
        len(rows),
        tuple(offers),
        rows[np.argsort(inputs[rows], kind="stable")],
    )


# Rows without anything to read or to answer: already left out, and told here because many of them are a sign.

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
