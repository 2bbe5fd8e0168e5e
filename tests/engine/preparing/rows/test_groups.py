"""Numbers for rows that belong together."""

from __future__ import annotations

import numpy as np
import pytest

from engine.preparing.rows.groups import numbered


@pytest.mark.parametrize(("rows", "kinds"), [(0, 3), (1, 3), (12, 2), (1_000, 100), (1_000, 10**15)])
def test_rows_are_numbered_as_numpy_does_it(rows: int, kinds: int) -> None:
    keys = np.random.default_rng(rows).integers(-kinds, kinds, rows)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    numbers, positions = numbered(keys)
    assert np.array_equal(numbers, inverse.reshape(-1))
    assert np.array_equal(positions, first)
