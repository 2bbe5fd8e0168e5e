"""All checks in their order, and the rows behind what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.contract.events import Emit, Progressed
from engine.contract.findings import Examples, Finding, FoundPair, FoundRow
from engine.contract.sentences import Sentence
from engine.preparing.checks.context import CheckContext, Found, answer_text, read_text
from engine.preparing.checks.duplicates import contradictions, duplicates, empty_rows
from engine.preparing.checks.entities import changed_entities, marks_inside_words, words_not_found
from engine.preparing.checks.labels import (
    imbalance,
    labels_with_invisible_characters,
    look_alike_labels,
    one_label_in_training,
    rare_labels,
    signs_of_no_label,
)
from engine.preparing.checks.leaks import few_groups, group_leaks, leaks, near_duplicates, near_leaks
from engine.preparing.checks.prefixes import prefixes_of_tags, same_beginning, words_of_a_tokenizer
from engine.preparing.checks.text_fit import casing, language, long_texts, misread_text
from engine.preparing.rows.collecting import rows_at

CHECKS: tuple[Callable[[CheckContext], Iterator[Found]], ...] = (
    marks_inside_words,
    changed_entities,
    words_not_found,
    prefixes_of_tags,
    words_of_a_tokenizer,
    leaks,
    group_leaks,
    few_groups,
    contradictions,
    one_label_in_training,
    misread_text,
    signs_of_no_label,
    near_leaks,
    labels_with_invisible_characters,
    look_alike_labels,
    language,
    casing,
    rare_labels,
    imbalance,
    duplicates,
    near_duplicates,
    long_texts,
    same_beginning,
    empty_rows,
)
_ORDER = {"problem": 0, "caution": 1, "note": 2}
_MOST_FINDINGS = 40
_MOST_EXAMPLES = 100
_NUMBERS = 20
_LONGEST = 400  # characters of a text that is shown


def run_checks(seen: CheckContext, emit: Emit) -> tuple[tuple[Finding, ...], tuple[Examples, ...]]:
    """What all checks find, the worst first, and the rows or pairs behind each finding that has any."""
    found: list[Found] = []
    for done, check in enumerate(CHECKS):
        emit(Progressed(done, len(CHECKS), Sentence("preparing.progress.checking_rows")))
        found.extend(check(seen))
    found = sorted(found, key=lambda one: _ORDER[one.severity])[:_MOST_FINDINGS]
    shown = [_shown(one) for one in found]
    wanted = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(part.reshape(-1) for part in shown)]))
    fetched = (row for rows in rows_at(seen.collected, wanted) for row in rows)
    rows = dict(zip(wanted.tolist(), fetched, strict=True))
    findings, examples = [], []
    for one, part in zip(found, shown, strict=True):
        behind = _examples(one, part, seen, rows)
        findings.append(_finding(one, part, seen, behind))
        if behind.rows or behind.pairs:
            examples.append(behind)
    return tuple(findings), tuple(examples)


def _shown(found: Found) -> np.ndarray:
    """The positions to be shown: (rows,) or, of pairs, (pairs, 2)."""
    return (found.positions if found.pairs is None else found.pairs)[:_MOST_EXAMPLES].astype(np.int64)


def _finding(found: Found, shown: np.ndarray, seen: CheckContext, examples: Examples) -> Finding:
    numbers = found.numbers or tuple(seen.collected.lines[shown.reshape(-1)].tolist())
    return Finding(
        id=found.id,
        severity=found.severity,
        sentence=found.sentence,
        count=found.number,
        rows=numbers[:_NUMBERS],
        offers=found.offers,
        examples=len(examples.rows) or len(examples.pairs),
        pairs=bool(examples.pairs),
    )


def _examples(found: Found, shown: np.ndarray, seen: CheckContext, rows: dict[int, dict[str, Any]]) -> Examples:
    def row(position: int) -> FoundRow:
        return FoundRow(
            split=seen.splits[seen.assignment[position]],
            row=int(seen.collected.lines[position]),
            text=read_text(rows[position])[:_LONGEST],
            answer=answer_text(rows[position], seen.task)[:_LONGEST],
        )

    if found.pairs is None:
        return Examples(found.id, rows=tuple(row(position) for position in shown.tolist()))
    shares = np.ones(len(found.pairs)) if found.shares is None else found.shares
    pairs = tuple(
        FoundPair(row(one), row(other), round(float(share), 3))
        for (one, other), share in zip(shown.tolist(), shares, strict=False)
    )
    return Examples(found.id, pairs=pairs)
