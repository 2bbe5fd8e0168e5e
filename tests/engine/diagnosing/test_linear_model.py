"""The linear model beside scikit-learn's, and its end when somebody asks for it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from engine.contract.errors import StopRequested
from engine.diagnosing.linear_model import fitted


def rows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = np.arange(90) % 3
    return generator.normal(size=(90, 5)) + labels[:, None], labels


def test_a_softmax_is_that_of_scikit_learn() -> None:
    features, labels = rows()
    ours = fitted(features, np.eye(3)[labels], inverse_penalty=0.5, iterations=500).probabilities(features)
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=1_000).fit(features, labels).predict_proba(features)
    assert np.abs(ours - theirs).max() < 2e-3


def test_sigmoids_are_those_of_scikit_learn_also_for_sparse_features() -> None:
    features, labels = rows()
    marked = np.stack([labels == 1, labels > 0], axis=1).astype(float)
    counted = sparse.csr_matrix(np.maximum(features, 0))
    ours = fitted(counted, marked, inverse_penalty=2.0, activation="sigmoid", iterations=500).probabilities(counted)
    for column in (0, 1):
        model = LogisticRegression(C=2.0, tol=1e-8, max_iter=1_000).fit(counted, marked[:, column])
        assert np.abs(ours[:, column] - model.predict_proba(counted)[:, 1]).max() < 2e-3


def test_a_fit_ends_at_the_step_in_which_it_is_stopped() -> None:
    features, labels = rows()
    steps = []

    def pause() -> None:
        steps.append(1)
        if len(steps) == 3:
            raise StopRequested(discard=True)

    with pytest.raises(StopRequested):
        fitted(features, np.eye(3)[labels], inverse_penalty=1.0, pause=pause)
    assert len(steps) == 3
