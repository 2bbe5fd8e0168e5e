"""Every kind of file that people bring is read right, asked about or refused by its cause, and none in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.reading.brought_files import all_kinds, tried, variant

KINDS = [pytest.param(*kind, id=f"{kind[0]}, {kind[1]}") for kind in all_kinds()]


@pytest.mark.parametrize(("group", "name"), KINDS)
def test_a_kind_of_file_is_read_as_it_is_meant(tmp_path: Path, group: str, name: str) -> None:
    assert tried(tmp_path / "first", variant(group, name, 1)).differences == {}


@pytest.mark.nightly
@pytest.mark.parametrize(("group", "name"), KINDS)
def test_further_variants_of_a_kind_are_read_as_they_are_meant(tmp_path: Path, group: str, name: str) -> None:
    for seed in range(2, 10):
        assert tried(tmp_path / str(seed), variant(group, name, seed)).differences == {}, seed
