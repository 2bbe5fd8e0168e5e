"""Batches hold every row once, are equal for equal seeds, and waste little on padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, concatenate_datasets

from engine.training.batching.batch_plan import BatchPlan, by_length, in_parts
from engine.training.batching.rows import encoded_rows
from engine.training.step.optimizer import learning_rate_at

LENGTHS = np.random.Generator(np.random.PCG64(1)).geometric(0.05, 1_003) + 2


def plan(**changes: object) -> BatchPlan:
    values: dict[str, object] = {"batch_size": 16, "seed": 5, "length_buckets": True, **changes}
    return BatchPlan(LENGTHS, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("length_buckets", [True, False])
@pytest.mark.parametrize("batch_size", [1, 16, 1_003, 5_000])
def test_every_row_is_in_one_batch(length_buckets: bool, batch_size: int) -> None:
    made = plan(length_buckets=length_buckets, batch_size=batch_size)
    batches = made.epoch(0)
    assert len(batches) == made.batches_per_epoch == -(-1_003 // batch_size)
    assert sorted(np.concatenate(batches).tolist()) == list(range(1_003))


def test_any_epoch_can_be_asked_for_at_any_time() -> None:
    there, again = plan(), plan()
    there.epoch(0)
    there.epoch(1)
    assert all(np.array_equal(a, b) for a, b in zip(there.epoch(2), again.epoch(2), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(again.epoch(2), again.epoch(3), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(again.epoch(2), plan(seed=6).epoch(2), strict=True))


def test_buckets_leave_little_to_pad_and_the_longest_row_comes_first() -> None:
    def share_of_tokens(batches: list[np.ndarray]) -> float:
        padded = sum(int(LENGTHS[batch].max()) * len(batch) for batch in batches)
        return int(LENGTHS.sum()) / padded

    assert share_of_tokens(plan().epoch(0)) > 0.85
    assert share_of_tokens(plan(length_buckets=False).epoch(0)) < 0.5
    assert LENGTHS[plan().epoch(0)[0]].max() == LENGTHS.max()


def test_batches_of_similar_length_do_not_come_in_order() -> None:
    longest = np.asarray([int(LENGTHS[batch].max()) for batch in plan().epoch(0)])
    assert np.mean(np.diff(longest) > 0) > 0.3


def test_parts_of_a_batch_fit_into_their_share() -> None:
    parts = in_parts(np.arange(10), batch_size=16, parts=3)
    assert [len(part) for part in parts] == [6, 4]


def test_evaluation_takes_the_longest_rows_first() -> None:
    batches = by_length(np.asarray([3, 9, 5, 9]), 3)
    assert [batch.tolist() for batch in batches] == [[1, 3, 2], [0]]


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    rates = [learning_rate_at(step, peak=1.0, warmup_share=0.25, total_steps=8) for step in range(9)]
    assert rates == pytest.approx([0.0, 0.5, 1.0, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6, 0.0])
    assert learning_rate_at(0, peak=1.0, warmup_share=0.0, total_steps=1) == 1.0


def test_rows_come_from_disk_as_they_were(tmp_path: Path) -> None:
    columns = {"input_ids": [[2, 7, 3], [2, 3], [2, 8, 9, 3]], "labels": [[-100, 1, -100], [-100, -100], [0, 1, 2, 3]]}
    parts = [Dataset.from_dict({name: [value] for name, value in row.items()}) for row in _rows(columns)]
    concatenate_datasets(parts).save_to_disk(str(tmp_path / "split"))
    rows = encoded_rows(Dataset.load_from_disk(str(tmp_path / "split")))
    assert rows.lengths.tolist() == [3, 2, 4]
    assert rows.numbers.tolist() == [1, 2, 3]
    found = [{name: values.tolist() for name, values in row.items()} for row in rows.features(np.asarray([2, 0]))]
    assert found == [_rows(columns)[2], _rows(columns)[0]]


def _rows(columns: dict[str, list[list[int]]]) -> list[dict[str, list[int]]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
