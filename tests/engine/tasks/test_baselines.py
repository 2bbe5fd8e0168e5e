"""Simple methods are fitted by one thread, whatever the libraries would take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info, threadpool_limits

from engine.tasks.baselines import word_counts_label_sets, word_counts_regression

ROWS = {"text": ["good film", "bad film", "good book", "bad book"]}


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_a_fit_takes_one_thread_and_gives_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[set[int]] = []
    fit = LogisticRegression.fit

    def watched(self: LogisticRegression, *data: Any) -> LogisticRegression:
        meanwhile.append(blas_threads())
        fitted: LogisticRegression = fit(self, *data)
        return fitted

    monkeypatch.setattr(LogisticRegression, "fit", watched)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        answers = word_counts_regression(ROWS, np.array([1, 0, 1, 0]), ROWS)
        sets = word_counts_label_sets(ROWS, np.array([[1, 0], [0, 0], [1, 0], [0, 0]], dtype=bool), ROWS)
        assert blas_threads() == before == {2}
    assert meanwhile == [{1}, {1}]
    assert answers is not None
    assert answers.tolist() == [1, 0, 1, 0]
    assert sets[:, 0].tolist() == [True, False, True, False]
