"""Batches hold every row once, are equal for equal seeds, and waste little on padding."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset, concatenate_datasets
from transformers.trainer_pt_utils import get_length_grouped_indices

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


def share_of_tokens(batches: list[np.ndarray], lengths: np.ndarray = LENGTHS) -> float:
    padded = sum(int(lengths[batch].max()) * len(batch) for batch in batches)
    return int(lengths.sum()) / padded


def test_buckets_leave_little_to_pad() -> None:
    assert share_of_tokens(plan().epoch(0)) > 0.75
    assert share_of_tokens(plan(length_buckets=False).epoch(0)) < 0.5


def test_the_longest_row_comes_first_once() -> None:
    first = [int(LENGTHS[plan().epoch(epoch)[0]].max()) for epoch in range(8)]
    assert first[0] == LENGTHS.max()
    assert LENGTHS.max() not in first[1:]


def pairs_together(batches: list[np.ndarray]) -> set[tuple[int, int]]:
    """The pairs of rows that share a batch."""
    return {(a, b) for batch in batches for a in batch.tolist() for b in batch.tolist() if a < b}


def pairs_again(rows: int) -> tuple[float, float]:
    """The share of pairs of one epoch that share a batch in the next: of this plan and of `group_by_length`."""
    lengths, batch_size = LENGTHS[:rows], 16
    ours = BatchPlan(lengths, batch_size=batch_size, seed=5, length_buckets=True)
    generator = torch.Generator().manual_seed(5)
    theirs = [get_length_grouped_indices(lengths.tolist(), batch_size, generator=generator) for _ in range(9)]
    epochs = [ours.epoch(number) for number in range(9)]
    grouped = [[np.asarray(order[i : i + batch_size]) for i in range(0, rows, batch_size)] for order in theirs]
    shares = [
        float(np.mean([len(before & after) / len(before) for before, after in pairwise(map(pairs_together, one))]))
        for one in (epochs, grouped)
    ]
    return shares[0], shares[1]


@pytest.mark.parametrize("rows", [72, 200, 1_000])
def test_few_rows_meet_others_in_each_epoch(rows: int) -> None:
    ours, theirs = pairs_again(rows)
    assert ours < theirs + 0.03
    assert ours < 0.3


def test_no_row_is_always_alone_in_the_last_batch() -> None:
    lengths = np.arange(10, 10 + 33)
    made = BatchPlan(lengths, batch_size=16, seed=5, length_buckets=True)
    epochs = [made.epoch(number) for number in range(20)]
    alone = [int(batch[0]) for batches in epochs for batch in batches if len(batch) == 1]
    places = {index for batches in epochs for index, batch in enumerate(batches) if len(batch) == 1}
    assert len(alone) == 20
    assert len(set(alone)) > 10
    assert places == {0, 1, 2}


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
