"""Every kind of file that people bring is read right, asked about or refused by its cause, and none in silence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.engine.reading.brought_files import CHANGES, all_kinds, changed, tried, variant

KINDS = [pytest.param(*kind, id=f"{kind[0]}, {kind[1]}") for kind in all_kinds()]


@pytest.mark.parametrize(("group", "name"), KINDS)
def test_a_kind_of_file_is_read_as_it_is_meant(tmp_path: Path, group: str, name: str) -> None:
    assert tried(tmp_path / "first", variant(group, name, 1)).differences == {}


@pytest.mark.nightly
@pytest.mark.parametrize(("group", "name"), KINDS)
def test_further_variants_of_a_kind_are_read_as_they_are_meant(tmp_path: Path, group: str, name: str) -> None:
    for seed in range(2, 10):
        assert tried(tmp_path / str(seed), variant(group, name, seed)).differences == {}, seed


@settings(max_examples=8, suppress_health_check=[HealthCheck.filter_too_much])
@given(kind=st.sampled_from(all_kinds()), change=st.sampled_from(sorted(CHANGES)), seed=st.integers(1, 10_000))
def test_the_same_file_written_in_another_way_is_read_the_same(kind: tuple[str, str], change: str, seed: int) -> None:
    expected = changed(variant(*kind, seed), change)
    assume(expected is not None)
    assert expected is not None
    with tempfile.TemporaryDirectory() as folder:
        assert tried(Path(folder), expected).differences == {}
