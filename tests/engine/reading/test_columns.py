"""What a column holds, from its values alone."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from engine.reading.columns import ColumnSurvey, _sign_between_numbers


@pytest.mark.parametrize(("values", "sign"), [(("1|2", "3", "2|3"), "|"), (("01|02", "3", "02|03"), "")])
def test_numbers_with_a_zero_before_them_are_no_labels_in_one_cell(values: tuple[str, ...], sign: str) -> None:
    assert _sign_between_numbers(Counter(dict.fromkeys(values, 3))) == sign


def survey(cells: list[str]) -> ColumnSurvey:
    found = ColumnSurvey("label")
    found.add(cells)
    return found


@pytest.mark.parametrize(
    ("cells", "marked"),
    [
        (["x", "", "X"], True),
        (["✓", "", ""], True),
        (["x", "", "y"], False),
        (["x", "x", "x"], False),
        (["", "", ""], False),
        (["a", "", "a"], False),
    ],
)
def test_a_column_of_one_mark_or_nothing_is_marked(cells: list[str], marked: bool) -> None:
    assert survey(cells).is_marked is marked


@pytest.mark.parametrize(
    ("cells", "counts", "rises"),
    [
        ([str(n) for n in range(40)], True, True),
        ([f"{1_000 + 3 * n}" for n in range(40)], True, True),
        ([f"{n}.0" for n in range(40)], True, True),
        ([f"{n * 1.5:.1f} %".replace(".", ",") for n in range(40)], True, True),
        ([f"{n / 39:.4f}" for n in range(40)], False, True),  # rounded: a sorted score has such steps as well
        ([str(n * n) for n in range(40)], False, True),
        ([str(n % 20) for n in range(40)], False, False),
        (["7"] * 40, False, False),
        ([str(40 - n) for n in range(40)], False, False),
        ([str(n) for n in range(19)], False, False),
        ([*map(str, range(30)), "", "31"], False, False),
        ([*map(str, range(30)), "thirty"], False, False),
    ],
)
def test_numbers_of_rows_are_distinguished_from_those_that_only_rise(
    cells: list[str], counts: bool, rises: bool
) -> None:
    assert (survey(cells).counts_up, survey(cells).rises) == (counts, rises)


def test_two_numbers_in_every_cell_that_rise_are_labels() -> None:
    pairs = [f"{one},{other}" for one, other in itertools.combinations(range(6), 2)] * 4
    assert survey(pairs).delimiter == ","  # 5 is never alone, nor first
    assert survey([f"{one},{other}" for one in range(1, 9) for other in range(0, 9, 2)] * 2).delimiter == ""


def test_numbers_in_no_order_may_be_decimals_or_labels_and_decimals_are_decimals() -> None:
    chance = random.Random(3)
    labels = [",".join(map(str, chance.sample(range(6), chance.choice((1, 2))))) for _ in range(100)]
    assert survey(labels).may_hold_several_numbers
    assert not survey(labels[:20]).may_hold_several_numbers  # too few to tell
    for digits in (1, 2):
        decimals = [f"{chance.uniform(0, 10):.{digits}f}".replace(".", ",") for _ in range(300)]
        assert not survey(decimals).may_hold_several_numbers
    assert not survey(["good", "bad"] * 50).may_hold_several_numbers
