"""What every test needs: no screen, no network."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest file begins, so that it does not run alone at the end."""
    items.sort(key=lambda item: "test_end_to_end" not in item.nodeid)
