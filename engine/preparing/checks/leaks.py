"""The same input, or nearly the same, in rows to learn from and in rows to be measured on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.contract.cleaning_rules import KeepNearDuplicatesTogether, LeaveOutLeaks, LeaveOutNearDuplicates
from engine.contract.findings import Offer
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import SplitName
from engine.preparing.checks.context import CheckContext, Found
from engine.preparing.rows.groups import group_numbers, in_common, with_first_partners
from engine.preparing.rows.near_duplicates import MOST_PAIRS

_HELD_OUT: tuple[tuple[SplitName, SplitName], ...] = (
    ("test", "train"),
    ("validation", "train"),
    ("test", "validation"),
)
_TOLERABLE = 0.01  # of the held-out rows


def leaks(seen: CheckContext) -> Iterator[Found]:
    """Inputs that are in two splits; only splits with a file of their own can share any."""
    for held_out, other in _HELD_OUT:
        if not {held_out, other} & set(seen.given):
            continue
        mine, theirs = (seen.assignment == seen.splits.index(name) for name in (held_out, other))
        leaked = in_common(seen.collected.identities, mine, theirs)
        number = int(leaked.sum())
        if not number:
            continue
        yield Found(
            f"leaks_{held_out}_{other}",
            "problem" if number > _TOLERABLE * mine.sum() else "caution",
            Sentence("preparing.finding.leaks", rows=number, split=held_out, other=other, harm=_harm(held_out, other)),
            number,
            _offers(seen, seen.collected.identities, held_out, other, near=False),
            pairs=with_first_partners(
                group_numbers(seen.collected.identities), np.flatnonzero(leaked), np.flatnonzero(theirs)
            ),
        )


def near_leaks(seen: CheckContext) -> Iterator[Found]:
    """Inputs of different splits that are nearly the same."""
    pairs, of = seen.near.pairs, seen.assignment
    for held_out, other in _HELD_OUT:
        first, second = (of[pairs] == seen.splits.index(held_out)), (of[pairs] == seen.splits.index(other))
        crossing = first.any(axis=1) & second.any(axis=1)
        if not crossing.any():
            continue
        found = pairs[crossing]
        ordered = np.where(first[crossing][:, :1], found, found[:, ::-1])  # the held-out row is first
        number = len(np.unique(ordered[:, 0]))
        yield Found(
            f"near_leaks_{held_out}_{other}",
            "caution",
            Sentence(
                "preparing.finding.near_leaks",
                rows=number,
                split=held_out,
                to_whom=to_whom(seen),
                other=other,
                harm=_harm(held_out, other),
                looked_at=looked_at(seen),
            ),
            number,
            _offers(seen, seen.near.groups, held_out, other, near=True),
            pairs=ordered,
            shares=seen.near.shares[crossing],
        )


def near_duplicates(seen: CheckContext) -> Iterator[Found]:
    """Inputs of one split that are nearly the same."""
    pairs, of = seen.near.pairs, seen.assignment
    inside = (of[pairs[:, 0]] == of[pairs[:, 1]]) & (of[pairs[:, 0]] >= 0)
    number = len(np.unique(pairs[inside]))
    if not number:
        return
    yield Found(
        "near_duplicates",
        "note",
        Sentence(
            "preparing.finding.rows_nearly_same_another_row",
            number=number,
            to_whom=to_whom(seen),
            looked_at=looked_at(seen),
        ),
        number,
        (Offer(Sentence("preparing.offer.leave_out_nearly_equal_rows"), LeaveOutNearDuplicates()),),
        pairs=pairs[inside],
        shares=seen.near.shares[inside],
    )


def to_whom(seen: CheckContext) -> Sentence:
    """Who finds the rows nearly the same, where it is not a count of words."""
    return Sentence("preparing.finding.model") if seen.near.by == "meaning" else NOTHING


def looked_at(seen: CheckContext) -> Sentence:
    """How many inputs were compared, where it were not all."""
    near = seen.near
    if near.compared < near.inputs:
        return Sentence("preparing.finding.different_inputs_compared", compared=near.compared, inputs=near.inputs)
    return Sentence("preparing.finding.there_may_more_not_all") if len(near.pairs) >= MOST_PAIRS else NOTHING


def _harm(held_out: str, other: str) -> Sentence:
    if other == "validation":
        return Sentence("preparing.finding.best_moment_training_chosen_rows")
    return Sentence("preparing.finding.score_looks_better_than", held_out=held_out)


def _offers(
    seen: CheckContext, groups: np.ndarray, held_out: SplitName, other: SplitName, *, near: bool
) -> tuple[Offer, ...]:
    """Leaving rows out of either file; where both splits come from one file, keeping them together."""
    files = [name if name in seen.files else "train" for name in (held_out, other)]
    if files[0] == files[1]:
        return (Offer(Sentence("preparing.offer.keep_nearly_equal_rows_split"), KeepNearDuplicatesTogether()),)
    offers = []
    for file in (files[1], files[0]):
        mine = seen.collected.files == list(seen.files).index(file)
        number = int(in_common(groups, seen.used & mine, seen.used & ~mine).sum())
        offers.append(
            Offer(
                Sentence("preparing.offer.leave_out_rows_of", rows=number, file=file),
                LeaveOutLeaks(split=file, near=near),
            )
        )
    return tuple(offers)
