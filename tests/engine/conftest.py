"""What tests of several folders of the engine need: a Hub with a data set, a disk that is full at one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.workspace import atomic_files

if TYPE_CHECKING:
    from tests.engine.loading.stand_in_hub import StandInHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    """A Hub that has the data set `someone/reviews`."""
    from tests.engine.loading.stand_in_hub import serving
    from tests.engine.reading.reviews_on_the_hub import ID, reviews

    with serving(monkeypatch, tmp_path) as server:
        server.repositories[f"datasets/{ID}"] = reviews()
        yield server


@pytest.fixture
def fill_disk_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the disk be full when a file of this name is synced."""

    def fill(name: str) -> None:
        sync = atomic_files.sync_file

        def full(path: Path) -> None:
            if path.name == name:
                raise OSError(28, "No space left on device")
            sync(path)

        monkeypatch.setattr(atomic_files, "sync_file", full)

    return fill
