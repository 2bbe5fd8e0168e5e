"""Weak groups planted among rows are found first, and none where there is none: small version of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.diagnosing.weak_slices import Group, Judged, halves, judged, significant, weak_slices, without_repeats
from tests.engine.diagnosing.planted import sliced_rows


def silent(_event: Event) -> None:
    pass


def test_the_halves_have_as_many_wrong_rows_each() -> None:
    wrong = np.arange(200) < 30
    first = halves(wrong, 1)
    assert (first.sum(), wrong[first].sum()) == (100, 15)


def with_probabilities(*probabilities: float) -> list[Judged]:
    return [Judged(Group("word", f"w{p}", 0, 0, np.zeros(1, dtype=bool)), 1, 1, 1, 1, p) for p in probabilities]


def test_the_procedure_of_benjamini_and_hochberg_is_that_of_scipy() -> None:
    from scipy.stats import false_discovery_control

    generator = np.random.default_rng(3)
    for _ in range(20):
        probabilities = generator.uniform(0, 1, 12) ** 4
        kept = significant(with_probabilities(*probabilities), 0.05)
        expected = np.sort(probabilities[false_discovery_control(probabilities) <= 0.05])
        assert [one.probability for one in kept] == pytest.approx(expected.tolist())


def test_a_group_with_mostly_the_rows_of_a_clearer_one_is_left_out() -> None:
    masks = [np.arange(10) < 6, np.arange(10) < 4, np.arange(10) > 6]
    found = [Judged(Group("word", str(i), 0, 0, mask), 1, 1, 1, 1, 0.001 * i) for i, mask in enumerate(masks)]
    assert [one.candidate.name for one in without_repeats(found)] == ["0", "2"]


def test_a_group_that_is_clear_in_either_half_alone_is_found_and_has_the_figures_of_that_half() -> None:
    first = np.arange(2_000) < 1_000
    wrong = np.arange(2_000) % 10 == 0
    for rows in (first, ~first):
        mask = np.zeros(2_000, dtype=bool)
        clearly, hardly = np.flatnonzero(rows)[:30], np.flatnonzero(~rows)[:30]
        mask[clearly] = mask[hardly] = True
        here = wrong.copy()
        here[clearly[:18]], here[hardly[:7]] = True, True  # 7 of 30 are not enough after six tests
        found, tested = judged([Group("word", "w", 0, 0, mask)], here, first)
        assert [(one.candidate.name, one.rows, one.wrong) for one in found] == [("w", 30, int(here[clearly].sum()))]
        assert tested == 1


@pytest.mark.parametrize(("kind", "seed"), [("word", 0), ("length", 1), ("cluster", 2), ("word", 3), ("cluster", 4)])
def test_a_planted_group_is_found_first(kind: str, seed: int) -> None:
    rows = sliced_rows(2_000, kind, seed=seed)
    answer = weak_slices(rows.wrong, rows.texts, rows.lengths, rows.labels, rows.features, silent, seed=1)
    assert answer.slices
    first = np.zeros(2_000, dtype=bool)
    first[list(answer.slices[0].positions)] = True
    assert (first & rows.planted).sum() >= 0.5 * rows.planted.sum()
    worst = answer.slices[0]
    assert worst.wrong / worst.rows > 1.5 * worst.rest_wrong / worst.rest_rows
    assert answer.rows == 2_000
    assert 1 <= answer.tested <= 12


def test_where_no_group_is_worse_hardly_any_is_reported() -> None:
    reported = 0
    for seed in range(5):
        rows = sliced_rows(2_000, "", seed=seed)
        answer = weak_slices(rows.wrong, rows.texts, rows.lengths, rows.labels, rows.features, silent, seed=1)
        assert not answer.refused
        reported += len(answer.slices)
    assert reported <= 1


def test_few_rows_and_rows_that_are_all_right_are_refused_with_a_sentence() -> None:
    rows = sliced_rows(100, "", seed=0)
    few = weak_slices(rows.wrong, rows.texts, rows.lengths, rows.labels, rows.features, silent, seed=1)
    assert "100 rows are too few" in few.refused
    rows = sliced_rows(400, "", seed=0)
    alike = weak_slices(np.zeros(400, dtype=bool), rows.texts, rows.lengths, rows.labels, rows.features, silent, seed=1)
    assert "All rows are right" in alike.refused


def test_the_search_can_be_stopped() -> None:
    def stop(_event: Event) -> None:
        raise StopRequested(discard=True)

    rows = sliced_rows(400, "", seed=0)
    with pytest.raises(StopRequested):
        weak_slices(rows.wrong, rows.texts, rows.lengths, rows.labels, rows.features, stop, seed=1)
