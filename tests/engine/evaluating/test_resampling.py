"""Resamples: always enough, of kinds as of rows, of coarse curves and of bags as of all; exchanged as rows are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from engine.contract.errors import StopRequested
from engine.contract.events import Event, Progressed
from engine.evaluating import resampling
from engine.evaluating.resampling import Drawing, drawn_times, equal_rows, exchanged_differences, resampled_scores
from engine.tasks import further_scores, scores
from engine.tasks.further_scores import ClassProbabilityRows, EntityErrorRows, EntityErrors
from engine.tasks.scores import (
    CountedRows,
    EntityCounts,
    NumberRows,
    SampleScores,
    confusion_rows,
    entity_rows,
    label_set_rows,
)


def quietly(_event: Event) -> None:
    """Shows nothing."""


def classes_of(generator: np.random.Generator, rows: int) -> SampleScores:
    truth = generator.integers(0, 4, rows)
    return confusion_rows(truth, np.where(generator.random(rows) < 0.8, truth, generator.integers(0, 4, rows)), 4)


def label_sets(generator: np.random.Generator, rows: int) -> SampleScores:
    truth = generator.random((rows, 3)) < 0.3
    return label_set_rows(truth, truth ^ (generator.random((rows, 3)) < 0.1))


def entities(generator: np.random.Generator, rows: int) -> SampleScores:
    true = generator.integers(0, 3, size=(rows, 1))
    correct = generator.binomial(true, 0.7)
    words = np.full(rows, 8)
    return entity_rows(EntityCounts(correct, correct + generator.integers(0, 2, size=(rows, 1)), true, words, words))


def entity_kinds(generator: np.random.Generator, rows: int) -> SampleScores:
    return EntityErrorRows([EntityErrors(*row) for row in generator.integers(0, 2, size=(rows, 6)).tolist()])


def of_rows(rows: SampleScores, groups: np.ndarray | None, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Scores of 5,000 resamples that are drawn row by row, or group by group."""
    observations = len(rows) if groups is None else int(groups.max()) + 1
    picked = generator.integers(0, observations, size=(5_000, observations))
    times = np.stack([np.bincount(one, minlength=observations) for one in picked], axis=1).astype(np.float32)
    return rows.scores(times if groups is None else times[groups])


def same_distribution(one: np.ndarray, other: np.ndarray) -> None:
    """Means within four standard errors, spreads within 6 % and the ends of the middle 95 % within a tenth of it."""
    one, other = one[np.isfinite(one)], other[np.isfinite(other)]
    assert one.mean() == pytest.approx(other.mean(), abs=4 * other.std() * np.sqrt(2 / 5_000))
    assert one.std() == pytest.approx(other.std(), rel=0.06)
    ends = [np.quantile(each, [0.025, 0.975]) for each in (one, other)]
    assert ends[0] == pytest.approx(ends[1], abs=0.1 * (ends[1][1] - ends[1][0]))


@pytest.mark.parametrize("make", [classes_of, label_sets, entities, entity_kinds])
@pytest.mark.parametrize("grouped", [False, True])
def test_draws_of_kinds_are_those_of_rows(
    make: Callable[[np.random.Generator, int], SampleScores], grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "KIND_COSTS", 1)
    generator = np.random.default_rng(3)
    rows = make(generator, 300)
    groups = equal_rows((np.arange(300) // 2).tolist()) if grouped else None
    assert Drawing(rows, groups).scored is not rows
    found = resampled_scores(rows, groups, quietly, generator)
    expected = of_rows(rows, groups, generator)
    assert found.keys() == expected.keys()
    for name, values in found.items():
        assert len(values) == 5_000
        same_distribution(values, expected[name])


def test_a_resample_may_be_smaller_than_the_rows() -> None:
    drawing = Drawing(classes_of(np.random.default_rng(1), 1_000), None)
    drawn = drawing.drawn(np.random.default_rng(2), 2_000, kept=0.8)
    assert len(drawn) <= 16
    assert drawn.sum(axis=0).mean() == pytest.approx(800, abs=2)
    assert drawn.sum(axis=0).std() == pytest.approx(np.sqrt(1_000 * 0.8 * 0.2), rel=0.1)


def test_there_are_five_thousand_resamples_of_very_many_rows_and_a_stop_ends_them() -> None:
    generator = np.random.default_rng(0)
    found = resampled_scores(classes_of(generator, 100_000), None, quietly, generator)
    assert {len(values) for values in found.values()} == {5_000}
    rows = ClassProbabilityRows(generator.integers(0, 5, 50_000), generator.standard_normal((50_000, 5)))
    seen: list[Progressed] = []

    def stop(event: Event) -> None:
        assert isinstance(event, Progressed)
        seen.append(event)
        if event.done:
            raise StopRequested()

    with pytest.raises(StopRequested):
        resampled_scores(rows, None, stop, generator)
    assert [event.total for event in seen] == [5_000, 5_000]


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_areas_of_coarse_curves_vary_as_those_of_all_rows(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    truth = (generator.random(3_000) < share).astype(int)
    logits = np.stack([np.zeros(3_000), 2 * truth + generator.standard_normal(3_000)], axis=1)
    times = drawn_times(generator, 3_000, 400)
    drawn = []
    for blocks in (10_000, 100):
        monkeypatch.setattr(further_scores, "MOST_BLOCKS", blocks)
        drawn.append(ClassProbabilityRows(truth, logits).scores(times))
    for name in ("roc_auc", "pr_auc"):
        exact, coarse = (one[name] for one in drawn)
        assert coarse.std() == pytest.approx(exact.std(), rel=0.03)
        assert np.corrcoef(coarse, exact)[0, 1] > 0.998
        assert (coarse != exact).any() == (share == 0.5 or name == "pr_auc")


def test_numbers_of_bags_vary_as_those_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(6)
    truth = generator.standard_normal(1_200)
    rows = NumberRows(truth, truth + generator.standard_normal(1_200))
    whole = resampled_scores(rows, None, quietly, generator)
    monkeypatch.setattr(resampling, "BAG", 200)
    monkeypatch.setattr(resampling, "LARGE", 100)
    groups = np.arange(1_200)
    for found in (resampled_scores(rows, None, quietly, generator), resampled_scores(rows, groups, quietly, generator)):
        for name, values in found.items():
            assert len(values) == 5_000
            assert values.mean() == pytest.approx(whole[name].mean(), abs=0.2 * whole[name].std())
            assert values.std() == pytest.approx(whole[name].std(), rel=0.12)


@pytest.mark.parametrize("grouped", [False, True])
def test_exchanged_kinds_differ_as_exchanged_rows_do(grouped: bool) -> None:
    generator = np.random.default_rng(7)
    truth = generator.integers(0, 3, 200)
    one, other = (np.where(generator.random(200) < 0.7, truth, generator.integers(0, 3, 200)) for _ in range(2))
    groups = np.arange(200) // 2 if grouped else np.arange(200)
    sides = [confusion_rows(truth, side, 3) for side in (one, other)]
    exchange = sides[0].exchange_with(sides[1], "macro_f1", groups if grouped else None)
    assert len(exchange.number) < exchange.number.sum()
    found, chance = exchanged_differences(exchange, quietly, generator)
    assert chance is None
    coins = (generator.random((groups.max() + 1, 5_000)) < 0.5)[groups]
    both = sparse.vstack([side.columns for side in sides]).tocsr()
    drawn = [
        CountedRows(both, sides[0].score, one_class=True).scores(np.concatenate(times).astype(np.float32))["macro_f1"]
        for times in ((~coins, coins), (coins, ~coins))
    ]
    assert found.mean() == pytest.approx(0, abs=4 * found.std() / np.sqrt(5_000))
    same_distribution(found, drawn[0] - drawn[1])


@pytest.mark.parametrize("name", ["spearman", "mae"])
def test_many_exchanged_numbers_move_normal_sums(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(8)
    truth = generator.standard_normal(2_000)
    sides = [NumberRows(truth, truth + generator.standard_normal(2_000)) for _ in range(2)]
    each, _ = exchanged_differences(sides[0].exchange_with(sides[1], name, None), quietly, generator)
    monkeypatch.setattr(scores, "MANY_NUMBERS", 100)
    together = sides[0].exchange_with(sides[1], name, None)
    assert together.normal
    same_distribution(exchanged_differences(together, quietly, generator)[0], each)


def test_few_exchanges_are_all_counted_with_their_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(9)
    truth = generator.integers(0, 3, 40)
    one, other = (np.where(generator.random(40) < 0.8, truth, generator.integers(0, 3, 40)) for _ in range(2))
    exchange = confusion_rows(truth, one, 3).exchange_with(confusion_rows(truth, other, 3), "macro_f1", None)
    counted, chance = exchanged_differences(exchange, quietly, generator)
    assert chance is not None
    assert len(counted) == np.prod(exchange.number + 1)
    assert chance.sum() == pytest.approx(1)
    monkeypatch.setattr(resampling, "MOST_COUNTED", 1)
    drawn, _ = exchanged_differences(exchange, quietly, generator)
    assert chance @ counted == pytest.approx(0, abs=1e-12)
    assert np.sqrt(chance @ counted**2) == pytest.approx(drawn.std(), rel=0.05)
    assert chance[counted > counted.std()].sum() == pytest.approx((drawn > counted.std()).mean(), abs=0.03)
