"""Rows that occur more than once in a file, and equal inputs with different answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.contract.cleaning_rules import KeepMajorityLabel, LeaveOutContradictions, LeaveOutDuplicates
from engine.contract.findings import Offer
from engine.contract.sentences import Sentence
from engine.preparing.checks.context import CheckContext, Found
from engine.preparing.rows.collecting import answer_numbers
from engine.preparing.rows.groups import group_numbers, kinds_in_each, outvoted, repeated, with_first_partners


def duplicates(seen: CheckContext) -> Iterator[Found]:
    """Rows of one file whose input and answer repeat those of a row before them."""
    collected = seen.collected
    groups = group_numbers(collected.files, collected.identities, answer_numbers(collected))
    rows = np.flatnonzero(repeated(groups, seen.used))
    if not len(rows):
        return
    yield Found(
        "duplicates",
        "note",
        Sentence(
            "preparing.finding.duplicates" if seen.given else "preparing.finding.duplicates_in_one_split",
            rows=len(rows),
        ),
        len(rows),
        (Offer(Sentence("preparing.offer.leave_out_rows", rows=len(rows)), LeaveOutDuplicates()),),
        pairs=with_first_partners(groups, rows, np.flatnonzero(seen.used)),
    )


def contradictions(seen: CheckContext) -> Iterator[Found]:
    """Inputs that have different answers in different rows."""
    collected, used = seen.collected, seen.used
    inputs, answers = group_numbers(collected.identities), answer_numbers(collected)
    several = kinds_in_each(inputs, answers, used) > 1
    rows = np.flatnonzero(used & several[inputs])
    if not len(rows):
        return
    number = int(several.sum())
    offers = [Offer(Sentence("preparing.offer.leave_out_rows", rows=len(rows)), LeaveOutContradictions())]
    if not np.isfinite(collected.targets).all():
        leave = int(outvoted(inputs, answers, used).sum())
        offers.append(Offer(Sentence("preparing.offer.keep_most_frequent_answer", rows=leave), KeepMajorityLabel()))
    yield Found(
        "contradictions",
        "problem" if len(rows) > 0.01 * used.sum() else "caution",
        Sentence(
            "preparing.finding.contradictions", inputs=number, labels=seen.task.facts.label_nouns[1], rows=len(rows)
        ),
        len(rows),
        tuple(offers),
        rows[np.argsort(inputs[rows], kind="stable")],
    )


# Rows without anything to read or to answer: already excluded, and reported here because many of them are a sign.

_SIGNS = (
    "tasks.excluded.no_text",
    "tasks.excluded.no_second_text",
    "tasks.excluded.no_label",
    "tasks.excluded.no_score",
    "tasks.excluded.no_words",
    "tasks.excluded.no_tags",
    "reading.excluded.no_marks",
    "reading.excluded.all_cancelled",
)


def empty_rows(seen: CheckContext) -> Iterator[Found]:
    """Rows excluded because a cell that is needed is empty."""
    entries = [entry for entry in seen.collected.excluded.entries() if any(map(entry.reason.holds, _SIGNS))]
    number = sum(entry.count for entry in entries)
    if not number:
        return
    share = number / max(1, seen.collected.rows_in)
    yield Found(
        "empty_rows",
        "caution" if share > 0.05 else "note",
        Sentence("preparing.finding.empty_rows_share", rows=number, percent=100 * share)
        if share >= 0.01
        else Sentence("preparing.finding.empty_rows", rows=number),
        number,
        numbers=tuple(sorted(row for entry in entries for row in entry.rows)),
    )
