"""The same input, nearly the same, or one of the same group, in rows to learn from and in rows to be measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.contract.cleaning_rules import KeepNearDuplicatesTogether, LeaveOutLeaks, LeaveOutNearDuplicates
from engine.contract.findings import Offer
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import SplitName
from engine.preparing.checks.context import CheckContext, Found
from engine.preparing.rows.collecting import answer_numbers
from engine.preparing.rows.groups import group_numbers, in_common, repeated, with_first_partners
from engine.preparing.rows.near_duplicates import MOST_PAIRS, rows_nearly_in

_HELD_OUT: tuple[tuple[SplitName, SplitName], ...] = (
    ("test", "train"),
    ("validation", "train"),
    ("test", "validation"),
)
FEWEST_GROUPS = 10  # in a split: of fewer, a score is that of these groups more than of others
_TOLERABLE = 0.01  # of the held-out rows


def leaks(seen: CheckContext) -> Iterator[Found]:
    """Inputs that are in two splits; without groups only splits with a file of their own can share any."""
    identities = seen.collected.identities
    for held_out, other, mine, theirs in _compared(seen):
        if other.file == held_out.file and seen.collected.groups is None:
            continue
        leaked, partners = in_common(identities, mine, theirs), in_common(identities, theirs, mine)
        number = int(leaked.sum())
        if not number:
            continue
        yield Found(
            f"leaks_{held_out.split}_{other.split}",
            "problem" if number > _TOLERABLE * mine.sum() else "caution",
            Sentence(
                "preparing.finding.leaks",
                rows=number,
                split=held_out.split,
                other=other.split,
                harm=_harm(held_out.split, other.split),
            ),
            number,
            () if other.file == held_out.file else _offers(held_out.file, other.file, leaked, partners, near=False),
            pairs=with_first_partners(group_numbers(identities), np.flatnonzero(leaked), np.flatnonzero(theirs)),
        )


def near_leaks(seen: CheckContext) -> Iterator[Found]:
    """Inputs of different splits that are nearly the same."""
    for held_out, other, mine, theirs in _compared(seen):
        found = rows_nearly_in(seen.near, seen.collected.identities, mine, theirs)
        number = int(found.mine.sum())
        if not number:
            continue
        yield Found(
            f"near_leaks_{held_out.split}_{other.split}",
            "caution",
            Sentence(
                "preparing.finding.near_leaks",
                rows=number,
                split=held_out.split,
                to_whom=to_whom(seen),
                other=other.split,
                harm=_harm(held_out.split, other.split),
                looked_at=looked_at(seen),
            ),
            number,
            _offers(held_out.file, other.file, found.mine, found.theirs, near=True),
            pairs=found.pairs,
            shares=found.shares,
        )


def group_leaks(seen: CheckContext) -> Iterator[Found]:
    """Rows to be measured on whose group has training rows too; only splits with a file of their own can have any."""
    groups = seen.collected.groups
    if groups is None:
        return
    for held_out, other, mine, theirs in _compared(seen):
        named = groups != seen.collected.identities
        leaked = in_common(groups, mine & named, theirs & named)
        number = int(leaked.sum())
        if other.split == "train" and number:
            yield Found(
                f"group_leaks_{held_out.split}",
                "caution",
                Sentence(
                    "preparing.finding.group_leaks",
                    rows=number,
                    split=held_out.split,
                    groups=len(np.unique(groups[leaked])),
                ),
                number,
                positions=np.flatnonzero(leaked),
            )


def few_groups(seen: CheckContext) -> Iterator[Found]:
    """Splits to be measured on whose rows are of few groups."""
    groups = seen.collected.groups
    if groups is None:
        return
    for index, split in enumerate(seen.splits):
        mine = groups[seen.assignment == index]
        number = len(np.unique(mine))
        if split != "train" and 0 < number < FEWEST_GROUPS:
            sentence = Sentence("preparing.finding.few_groups", split=split, rows=len(mine), groups=number)
            yield Found(f"few_groups_{split}", "caution", sentence)


class _Side(NamedTuple):
    """A split, and the split that the file of its rows is for."""

    split: SplitName
    file: SplitName


def _compared(seen: CheckContext) -> Iterator[tuple[_Side, _Side, np.ndarray, np.ndarray]]:
    """The splits that are compared, each with its rows, (rows,) bool.

    Against a file of its own all rows of the other file count, whatever split they are drawn into, and each two files
    are compared once: what a fix excludes is then what was counted. Sentences without an entity, such as those that
    open a document, are no evidence of what was learned.
    """
    informative = seen.used
    if "tags" in seen.collected.columns:
        named = np.asarray([bool(labels) for labels in seen.collected.answer_labels], dtype=bool)
        informative = informative & named[seen.collected.answers] if len(named) else informative
    files: set[frozenset[SplitName]] = set()
    for held_out, other in _HELD_OUT:
        sides = [_Side(name, name if name in seen.files else "train") for name in (held_out, other)]
        of_file = sides[0].file != sides[1].file
        if of_file and frozenset(side.file for side in sides) in files:
            continue
        files.add(frozenset(side.file for side in sides))
        mine, theirs = (
            informative
            & (
                seen.collected.files == list(seen.files).index(side.file)
                if of_file
                else seen.assignment == seen.splits.index(side.split)
            )
            for side in sides
        )
        yield sides[0], sides[1], mine, theirs


def near_duplicates(seen: CheckContext) -> Iterator[Found]:
    """Rows of one file that are nearly the same, with one answer: one of them is enough; or with different ones."""
    collected, answers = seen.collected, answer_numbers(seen.collected)
    one, other = seen.near.pairs.T
    inside = seen.used[one] & seen.used[other] & (collected.files[one] == collected.files[other])
    alike, shares = inside & (answers[one] == answers[other]), seen.near.shares
    rows = repeated(group_numbers(collected.files, seen.near.groups, answers), seen.used)
    number = int(rows.sum()) if alike.any() else 0
    if number:
        yield Found(
            "near_duplicates",
            "note",
            Sentence(
                "preparing.finding.rows_nearly_repeat",
                number=number,
                to_whom=to_whom(seen),
                looked_at=looked_at(seen),
            ),
            number,
            (Offer(Sentence("preparing.offer.leave_out_rows", rows=number), LeaveOutNearDuplicates()),),
            pairs=seen.near.pairs[alike],
            shares=shares[alike],
        )
    different = inside & ~alike
    if different.any() and not np.isfinite(collected.targets).all():
        number = len(np.unique(seen.near.pairs[different]))
        yield Found(
            "near_contradictions",
            "note",
            Sentence(
                "preparing.finding.near_contradictions",
                number=number,
                to_whom=to_whom(seen),
                labels=seen.task.facts.label_nouns[1],
            ),
            number,
            pairs=seen.near.pairs[different],
            shares=shares[different],
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
    held_out: SplitName, other: SplitName, mine: np.ndarray, theirs: np.ndarray, *, near: bool
) -> tuple[Offer, ...]:
    """Excluding the rows that were found from either file; where both splits come from one, keeping them together."""
    if held_out == other:
        return (Offer(Sentence("preparing.offer.keep_nearly_equal_rows_split"), KeepNearDuplicatesTogether()),)
    return tuple(
        Offer(
            Sentence("preparing.offer.leave_out_rows_of", rows=int(rows.sum()), file=file),
            LeaveOutLeaks(split=file, near=near, other=against),
        )
        for file, against, rows in ((other, held_out, theirs), (held_out, other, mine))
    )
