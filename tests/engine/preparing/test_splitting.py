"""Splits hold for every histogram of labels: stratified, repeatable, equal inputs together, never an error."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.preparing.splitting import TEST, TRAIN, VALIDATION, draw_rows, draw_splits, rarest_labels

histograms = st.lists(st.integers(1, 400), min_size=1, max_size=40)
shares = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.33, 0.5])


def rows_of(histogram: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(histogram)), histogram)


def split(strata: np.ndarray, identities: np.ndarray | None = None, seed: int = 42) -> np.ndarray:
    if identities is None:
        identities = np.arange(len(strata))
    return draw_splits(strata, identities, validation_share=0.1, test_share=0.1, seed=seed)


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


def held_out_counts(
    histogram: list[int], seed: int, *, validation: float = 0.1, test: float = 0.1
) -> tuple[np.ndarray, np.ndarray]:
    """How many rows of each kind validation and test have."""
    strata = rows_of(histogram)
    splits = draw_splits(strata, np.arange(len(strata)), validation_share=validation, test_share=test, seed=seed)
    held_out = [np.bincount(strata[splits == part], minlength=len(histogram)) for part in (VALIDATION, TEST)]
    return held_out[0], held_out[1]


def test_with_some_seed_every_class_is_measured() -> None:
    measured = np.zeros(77, dtype=bool)
    for seed in range(20):
        validation, test = held_out_counts([4] * 77, seed)
        assert (validation.sum(), test.sum()) == (31, 31)
        assert (validation + test).max() == 1  # none is held twice while another is held nowhere
        measured |= validation + test > 0
    assert measured.all()


def test_of_fifty_question_types_each_with_two_rows_is_measured_with_some_seed() -> None:
    frequent = 1 / np.arange(1, 51) ** 1.3
    types = np.round(1_000 * frequent / frequent.sum()).astype(int).tolist()
    assert min(types) == 2
    measured = sum(sum(held_out_counts(types, seed)) > 0 for seed in range(40))
    assert np.all(measured > 0)


def test_each_class_expects_its_share_of_each_split() -> None:
    histogram = [2, 3, 5, 9, 13, 20, 40, 58, 200]
    drawn = np.array([held_out_counts(histogram, seed, test=0.2) for seed in range(200)])
    expected = np.array([histogram, histogram]) * np.array([[0.1], [0.2]])
    spread = np.sqrt(drawn.var(axis=0) / len(drawn)) + 0.01
    assert (np.abs(drawn.mean(axis=0) - expected) < 4 * spread).all()
    assert (np.abs(drawn - expected) < 1 + 1e-9).all()


def test_a_class_due_a_row_in_both_splits_together_is_in_one_of_them() -> None:
    for seed in range(50):
        validation, test = held_out_counts([5] * 20, seed)
        assert (validation + test == 1).all()


def label_sets(seed: int, rows: int, labels: int, rare: int) -> list[tuple[int, ...]]:
    """Sets of frequent labels, and one label more on so many rows."""
    generator = np.random.default_rng(seed)
    marked = generator.random((rows, labels)) < 0.4 / np.sqrt(np.arange(1, labels + 1))
    sets = [tuple(np.flatnonzero(row).tolist()) for row in marked]
    for row in generator.choice(rows, rare, replace=False).tolist():
        sets[row] += (labels,)
    return sets


def split_sets(sets: list[tuple[int, ...]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The splits, and which row has which label (rows, labels) bool."""
    rows = np.arange(len(sets))
    splits = draw_splits(rows, rows, labels=sets, validation_share=0.1, test_share=0.1, seed=seed)
    marked = np.zeros((len(sets), 1 + max(label for own in sets for label in own)), dtype=bool)
    for row, own in enumerate(sets):
        marked[row, list(own)] = True
    return splits, marked


def test_a_label_of_five_rows_among_several_is_always_measured() -> None:
    for seed in range(30):
        splits, marked = split_sets(label_sets(seed, 500, 8, rare=5), seed)
        assert (splits[marked[:, 8]] != TRAIN).sum() == 1


def test_each_of_several_labels_has_its_share_in_each_split() -> None:
    for seed in range(20):
        splits, marked = split_sets(label_sets(seed, 1_000, 8, rare=20), seed)
        for part in (VALIDATION, TEST):
            assert (np.abs(marked[splits == part].sum(axis=0) - marked.sum(axis=0) / 10) <= 1).all()
            assert abs((splits == part).sum() - 100) <= 20


@given(
    sets=st.lists(st.lists(st.integers(0, 6), max_size=4, unique=True), min_size=1, max_size=80),
    identities=st.lists(st.integers(0, 50), min_size=80, max_size=80),
    seed=st.integers(0, 99),
)
def test_any_sets_of_labels_can_be_split_and_none_is_lost_to_training(
    sets: list[list[int]], identities: list[int], seed: int
) -> None:
    rows, inputs = np.arange(len(sets)), np.asarray(identities[: len(sets)])
    splits = draw_splits(rows, inputs, labels=sets, validation_share=0.3, test_share=0.3, seed=seed)
    different = len(set(inputs.tolist()))
    assert len(set(splits.tolist())) == min(3, different)
    for identity in set(inputs.tolist()):
        assert len(set(splits[inputs == identity].tolist())) == 1
    if different > 20:
        learned = {label for row in np.flatnonzero(splits == TRAIN).tolist() for label in sets[row]}
        assert learned == {label for own in sets for label in own}


def test_a_label_that_comes_with_rarer_ones_only_stays_in_training() -> None:
    sets = [(0, 1), (0, 2), (1,), (2,), *[(3,)] * 40]
    for seed in range(60):
        splits, marked = split_sets(sets, seed)
        assert marked[splits == TRAIN].any(axis=0).all()


def test_equal_inputs_count_once_and_have_the_labels_of_all_their_rows() -> None:
    kinds = np.array([0] * 40 + [0, 1] * 10)  # each of the ten inputs at the end has both labels
    inputs = np.concatenate([np.arange(40), np.repeat(np.arange(40, 50), 2)])
    for seed in range(20):
        splits = draw_splits(kinds, inputs, validation_share=0.1, test_share=0.1, seed=seed)
        for part in (VALIDATION, TEST):
            assert (splits[kinds == 1] == part).sum() == 1
            assert len(set(inputs[splits == part].tolist())) == 5


def test_the_rarest_label_of_a_row_is_the_one_the_fewest_rows_have() -> None:
    kinds = np.array([0, 0, 0, 1, 2, 2, 3])
    assert rarest_labels(kinds, [(0,), (0, 1), (1, 2), ()]).tolist() == [0, 0, 0, 1, 2, 2, -1]


def test_a_row_limit_expects_its_share_of_each_kind_whatever_their_order() -> None:
    strata = rows_of([10] * 30)
    taken = sum(np.bincount(strata[draw_rows(strata, 45, seed)], minlength=30) for seed in range(200)) / 200
    assert (np.abs(taken - 1.5) < 0.15).all()


def test_the_seed_decides() -> None:
    strata = rows_of([50, 50])
    assert (split(strata, seed=1) == split(strata, seed=1)).all()
    assert (split(strata, seed=1) != split(strata, seed=2)).any()


def test_a_given_split_is_not_drawn() -> None:
    strata = rows_of([50, 50])
    splits = draw_splits(strata, np.arange(100), validation_share=0.0, test_share=0.1, seed=3)
    assert (splits == VALIDATION).sum() == 0
    assert (splits == TEST).sum() == 10


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


# ── Groups of near-duplicates ────────────────────────────────────────────────────────────────────────────────────────


def split_groups(
    kinds: np.ndarray, groups: np.ndarray, seed: int, labels: list[tuple[int, ...]] | None = None
) -> np.ndarray:
    return draw_splits(kinds, groups, labels=labels, validation_share=0.1, test_share=0.1, seed=seed, by_rows=True)


def test_one_large_group_leaves_the_shares_of_the_rows_as_they_are() -> None:
    groups = np.concatenate([np.zeros(300, dtype=np.int64), np.arange(1, 701)])
    kinds = np.arange(1_000) % 2
    for seed in range(30):
        splits = split_groups(kinds, groups, seed)
        assert np.bincount(splits).tolist() == [800, 100, 100]
        assert set(splits[groups == 0].tolist()) == {TRAIN}


def test_groups_of_one_size_give_each_split_its_share_and_every_label() -> None:
    groups = np.repeat(np.arange(200), 5)
    kinds = groups % 4
    for seed in range(30):
        splits = split_groups(kinds, groups, seed)
        for part in (VALIDATION, TEST):
            assert abs((splits == part).sum() - 100) <= 5
            assert set(kinds[splits == part].tolist()) == {0, 1, 2, 3}


@given(
    sizes=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12)), min_size=40, max_size=120),
    mixed=st.lists(st.booleans(), min_size=120, max_size=120),
    seed=st.integers(0, 999),
)
def test_groups_of_any_sizes_keep_the_shares_and_every_label_in_every_split(
    sizes: list[tuple[int, int]], mixed: list[bool], seed: int
) -> None:
    """A group may hold a row of a second label, and a label may lie in a few groups."""
    groups = np.repeat(np.arange(len(sizes)), [size for _, size in sizes])
    kinds = np.repeat([kind for kind, _ in sizes], [size for _, size in sizes])
    first_rows = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    kinds[first_rows[[one for one in range(len(sizes)) if mixed[one]]]] = 3
    splits = split_groups(kinds, groups, seed)
    assert all(len(set(splits[groups == group].tolist())) == 1 for group in range(len(sizes)))
    for part in (VALIDATION, TEST):
        assert abs((splits == part).sum() - len(kinds) / 10) <= 12 * 4  # a group for each label
    for kind in set(kinds.tolist()):
        in_groups = len(set(groups[kinds == kind].tolist()))
        assert (splits[kinds == kind] == TRAIN).any()
        if in_groups >= 5 and (kinds == kind).sum() >= 20:
            assert set(splits[kinds == kind].tolist()) == {TRAIN, VALIDATION, TEST}


def test_groups_of_rows_with_several_labels_keep_each_label_in_each_split() -> None:
    groups = np.repeat(np.arange(300), 4)
    generator = np.random.default_rng(3)
    sets = [tuple(np.flatnonzero(generator.random(6) < 0.3).tolist()) for _ in range(300)]
    for seed in range(10):
        splits = split_groups(groups, groups, seed, labels=sets)
        for part in (VALIDATION, TEST):
            assert {label for group in set(groups[splits == part].tolist()) for label in sets[group]} == set(range(6))
            assert abs((splits == part).sum() - 120) <= 40
