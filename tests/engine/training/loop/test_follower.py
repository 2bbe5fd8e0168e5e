"""What a rank that does not run the stages needs on its own computer."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.contract.errors import InvalidSetting
from engine.contract.states import PreparedDataset
from engine.training.batching.rows import read_splits
from engine.training.loop import follower


def test_a_computer_without_the_shared_workspace_shows_which_folder_is_missing(
    reviews: PreparedDataset, tmp_path: Path
) -> None:
    assert follower._rows_of(reviews).num_rows == read_splits(reviews).num_rows
    elsewhere = str(tmp_path / "elsewhere")
    for lost in (
        msgspec.structs.replace(reviews, folder=elsewhere),
        msgspec.structs.replace(reviews, model=msgspec.structs.replace(reviews.model, folder=elsewhere)),
    ):
        with pytest.raises(InvalidSetting, match="has no folder") as caught:
            follower._rows_of(lost)
        assert caught.value.id == "T12"
        assert elsewhere in caught.value.message
        assert "the same workspace under the same path" in caught.value.hint
