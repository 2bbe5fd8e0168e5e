"""Splits hold for every histogram of labels: stratified, repeatable, equal inputs together, never an error."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.preparing.splitting import TEST, TRAIN, VALIDATION, draw_rows, draw_splits

histograms = st.lists(st.integers(1, 400), min_size=1, max_size=40)
shares = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.33, 0.5])


def rows_of(histogram: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(histogram)), histogram)


def split(strata: np.ndarray, identities: np.ndarray | None = None, seed: int = 42) -> np.ndarray:
    if identities is None:
        identities = np.arange(len(strata))
    return draw_splits(strata, identities, validation_share=0.1, test_share=0.1, seed=seed)


@settings(max_examples=300, deadline=None)
@given(histogram=histograms, validation=shares, test=shares, seed=st.integers(0, 2**32 - 1))
def test_any_histogram_of_labels_can_be_split(histogram: list[int], validation: float, test: float, seed: int) -> None:
    strata = rows_of(histogram)
    identities = np.arange(len(strata))
    splits = draw_splits(strata, identities, validation_share=validation, test_share=test, seed=seed)
    assert splits.shape == strata.shape
    if len(strata) >= 3:
        assert {TRAIN, VALIDATION, TEST} == set(splits.tolist())
    for kind, size in enumerate(histogram):
        parts = splits[strata == kind]
        if len(histogram) < len(strata) / 3 and size >= 1:
            assert (parts == TRAIN).any() or size == 1
        # A class too rare to be split leaves its share to the others.
        assert (parts == TEST).sum() <= size * test + len(histogram)
        assert (parts == VALIDATION).sum() <= size * validation + len(histogram)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=200), seed=st.integers(0, 99)
)
def test_equal_inputs_never_straddle_splits(rows: list[tuple[int, int]], seed: int) -> None:
    strata, identities = np.asarray(rows).T
    splits = split(strata, identities, seed)
    for identity in set(identities.tolist()):
        assert len(set(splits[identities == identity].tolist())) == 1


def test_shares_are_kept_within_each_label() -> None:
    splits = split(rows_of([1_000, 100, 10]))
    counts = [
        [int((splits[rows_of([1_000, 100, 10]) == kind] == part).sum()) for part in range(3)] for kind in range(3)
    ]
    assert counts == [[800, 100, 100], [80, 10, 10], [8, 1, 1]]


def test_a_label_with_one_row_stays_in_training() -> None:
    for seed in range(50):
        assert split(rows_of([100, 1]), seed=seed)[-1] == TRAIN


def test_the_seed_decides() -> None:
    strata = rows_of([50, 50])
    assert (split(strata, seed=1) == split(strata, seed=1)).all()
    assert (split(strata, seed=1) != split(strata, seed=2)).any()


def test_a_given_split_is_not_drawn() -> None:
    strata = rows_of([50, 50])
    splits = draw_splits(strata, np.arange(100), validation_share=0.0, test_share=0.1, seed=3)
    assert (splits == VALIDATION).sum() == 0
    assert (splits == TEST).sum() == 10


@settings(max_examples=200, deadline=None)
@given(histogram=histograms, limit=st.integers(1, 3_000), seed=st.integers(0, 99))
def test_a_row_limit_takes_exactly_as_many_and_of_each_kind(histogram: list[int], limit: int, seed: int) -> None:
    strata = rows_of(histogram)
    used = draw_rows(strata, limit, seed)
    assert used.sum() == min(limit, len(strata))
    if limit >= len(histogram):
        assert set(strata[used].tolist()) == set(strata.tolist())


def test_a_row_limit_takes_rows_from_everywhere_and_not_the_first() -> None:
    used = np.flatnonzero(draw_rows(rows_of([1_000]), 100, 7))
    assert used.max() > 900
    assert used.min() < 100


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.booleans()), min_size=1, max_size=200),
    validation=shares,
    test=shares,
    seed=st.integers(0, 99),
)
def test_what_stays_in_training_stays_there_with_its_equals(
    rows: list[tuple[int, int, bool]], validation: float, test: float, seed: int
) -> None:
    strata, identities, stays = np.asarray(rows).T
    splits = draw_splits(
        strata, identities, validation_share=validation, test_share=test, seed=seed, in_training=stays.astype(bool)
    )
    staying = np.isin(identities, identities[stays.astype(bool)])
    assert (splits[staying] == TRAIN).all()
    for identity in set(identities.tolist()):
        assert len(set(splits[identities == identity].tolist())) == 1
    free = len(set(identities[~staying].tolist()))
    # Where nothing stays, one of the free inputs is left to train on.
    assert len(set(splits.tolist())) == min(3, free + int(staying.any()))


def test_three_inputs_are_enough_for_three_splits_whatever_the_shares() -> None:
    for test in (0.01, 0.5):
        for validation in (0.01, 0.5):
            drawn = draw_splits(np.zeros(3), np.arange(3), validation_share=validation, test_share=test, seed=1)
            assert sorted(drawn.tolist()) == [TRAIN, VALIDATION, TEST]


def test_nothing_that_stays_leaves_the_draw_as_it_is() -> None:
    strata = rows_of([50, 7, 1])
    nothing = np.zeros(len(strata), dtype=bool)
    shares_of = {"validation_share": 0.1, "test_share": 0.1, "seed": 5}
    drawn = draw_splits(strata, np.arange(58), **shares_of, in_training=nothing)
    assert (drawn == draw_splits(strata, np.arange(58), **shares_of)).all()
