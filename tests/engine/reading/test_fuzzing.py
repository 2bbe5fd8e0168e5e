"""Mutated files of every format end as rows or as an error of the catalogue, with every row accounted for (D21, G4)."""

from __future__ import annotations

import sys

import pytest

from tests.engine.reading.fuzzing import case, fuzz

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and time are Linux's")


def test_a_case_can_be_made_again() -> None:
    assert case(1, 17) == case(1, 17)
    assert case(1, 17) != case(2, 17)


def test_no_mutated_file_of_a_few_goes_wrong() -> None:
    outcomes, wrong = fuzz(seed=20, first=0, count=250)
    assert not wrong, wrong
    assert sum(outcomes.values()) == 250
    assert sum(number for name, number in outcomes.items() if name.endswith(": rows")) > 50


@pytest.mark.release
@pytest.mark.timeout(7_200)
def test_no_mutated_file_of_twenty_thousand_goes_wrong() -> None:
    _, wrong = fuzz(seed=1, first=0, count=20_000)
    assert not wrong, wrong
