"""Findings that would mislead: a button that does more than its sentence counts, a language or a scheme that is not."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.contract.cleaning_rules import CleaningRule, LeaveOutContradictions
from engine.contract.findings import AppliedRule, Finding
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.preparing.arranging import arrange, columns_in
from engine.preparing.checks.context import CheckContext
from engine.preparing.checks.run_checks import run_checks
from engine.preparing.encoding import SPLITS
from engine.preparing.rows.near_duplicates import find_near_duplicates
from engine.reading.sources.sources import all_files
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named
from tests.builders_data import ignore

Rows = list[tuple[str, str]]
WORDS = "the movie film story actor scene plot is was good bad great awful fine dull nice boring best worst and".split()


class Seen(NamedTuple):
    """What became of rows, and what is found in them."""

    used: int
    findings: tuple[Finding, ...]
    applied: tuple[AppliedRule, ...]

    def finding(self, id: str) -> Finding | None:
        return next((one for one in self.findings if one.id == id), None)


Look = Callable[..., Seen]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Arranges and checks rows as Prepare does, without a model."""
    runs = iter(range(1_000))

    def seen(train: Rows, test: Rows = (), *rules: CleaningRule) -> Seen:  # type: ignore[assignment]
        place = tmp_path / str(next(runs))
        place.mkdir()
        for name, rows in (("train", train), ("test", test)):
            with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("text", "label"), *rows])
        source = FileRows(str(place / "train.csv"), "", str(place / "test.csv") if test else "")
        settings = PrepareSettings(roles=Roles(text="text", label="label"), cleaning_rules=rules)
        task = task_named(settings.task)
        with Unpacking(place, ignore) as unpacking:
            files = all_files(source, settings.reading, unpacking)
            roles = tuple(columns_in(file, task, settings) for file in files)
            made = arrange(files, roles, settings, place, ignore, compare=find_near_duplicates)
        near = find_near_duplicates(made.collected, made.assignment >= 0, ignore, seed=settings.seed)
        of_files = [file.split for file in files]
        context = CheckContext(made.collected, made.assignment, SPLITS, made.given, of_files, near, task, None)
        return Seen(int((made.assignment >= 0).sum()), run_checks(context, ignore)[0], made.applied)

    return seen


def untidy(seed: int, number: int) -> Rows:
    """Rows with copies, near copies and chains of them, whose labels contradict now and then; some labels are rare."""
    draw = random.Random(seed)
    rows: Rows = []
    while len(rows) < number:
        text, label = " ".join(draw.choices(WORDS, k=20)), draw.choice("aaaabbbc")
        rows.append((text, label))
        for step in range(draw.choice((0, 0, 0, 1, 3))):
            if draw.random() < 0.6:
                text = f"{text} more{step}" if draw.random() < 0.8 else text.upper() + "!"
            rows.append((text, label if draw.random() < 0.8 else draw.choice("abcd")))
    draw.shuffle(rows)
    return rows[:number]


# ── Buttons ─────────────────────────────────────────────────────────────────────────────────────────────────────


def counted_offers(seen: Seen) -> Iterator[tuple[int, CleaningRule]]:
    for finding in seen.findings:
        for offer in finding.offers:
            found = re.search(r"xclude ([\d,]+)", offer.caption)
            if found:
                yield int(found[1].replace(",", "")), offer.rule


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("given", [False, True])
def test_every_button_excludes_as_many_rows_as_it_says(look: Look, seed: int, given: bool) -> None:
    rows = untidy(seed, 220)
    train, test = (rows[:160], rows[160:]) if given else (rows, [])
    before = look(train, test)
    offers = list(counted_offers(before))
    kinds = {type(rule).__name__ for _, rule in offers}
    assert {"LeaveOutDuplicates", "LeaveOutContradictions", "KeepMajorityLabel", "LeaveOutNearDuplicates"} <= kinds
    assert ("LeaveOutLeaks" in kinds) == given
    for number, rule in offers:
        after = look(train, test, rule)
        assert (after.applied[0].rows, before.used - after.used) == (number, number), rule


def test_what_another_fix_has_excluded_connects_no_near_duplicates_any_more(look: Look) -> None:
    draw = random.Random(0)
    texts = [" ".join(draw.choices(WORDS, k=20)) for _ in range(40)]
    rows = [(text, "ab"[number % 2]) for number, text in enumerate(texts)]
    middle = f"{texts[0]} one two"
    end = f"{middle} three four five"
    rows += [(middle, "a"), (middle, "b"), (end, "a"), (f"{texts[2]} indeed", "a")]
    first = LeaveOutContradictions()
    before = look(rows, [], first)
    found = before.finding("near_duplicates")
    assert found is not None
    assert found.count == 1
    after = look(rows, [], first, found.offers[0].rule)
    assert (after.applied[-1].rows, before.used - after.used) == (1, 1)
    assert after.finding("near_duplicates") is None


def test_near_duplicates_with_other_labels_are_pointed_out_without_a_button(look: Look) -> None:
    draw = random.Random(0)
    rows = [(" ".join(draw.choices(WORDS, k=20)), "ab"[number % 2]) for number in range(60)]
    rows += [(f"{text} indeed", "a") for text, _ in rows[:10]]
    seen = look(rows)
    alike, different = seen.finding("near_duplicates"), seen.finding("near_contradictions")
    assert alike is not None
    assert different is not None
    assert (alike.count, different.count, different.offers) == (5, 10, ())
    assert different.sentence.startswith("10 rows are nearly the same as another row of the file with other labels")
