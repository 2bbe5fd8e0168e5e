"""The two-layer network and the prepared rows of the training tests, whose runs lie in the workspace."""

from __future__ import annotations

from tests.engine.training.conftest import one_thread, reviews, reviews_of_all, tiny_bert

__all__ = ["one_thread", "reviews", "reviews_of_all", "tiny_bert"]
