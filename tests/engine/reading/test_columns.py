"""What a column holds, from its values alone."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.reading.columns import _sign_between_numbers


@pytest.mark.parametrize(("values", "sign"), [(("1|2", "3", "2|3"), "|"), (("01|02", "3", "02|03"), "")])
def test_numbers_with_a_zero_before_them_are_no_labels_in_one_cell(values: tuple[str, ...], sign: str) -> None:
    assert _sign_between_numbers(Counter(dict.fromkeys(values, 3))) == sign
