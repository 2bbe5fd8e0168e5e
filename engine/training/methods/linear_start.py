"""The linear start: before the first step the classification head becomes a linear model on the untouched encoder.

A head that starts at random teaches the encoder noise until it has learned what a linear model has at once (Kumar et
al. 2022, LP-FT). With many labels, each of them rare, it first learns to give no label at all: with 358 rows of nlupp
(62 labels) 200 updates from a random head end at a micro F1 of 0, from the linear start at 73 (MiniLM, one draw).
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from engine.contract.events import Emit
from engine.tasks.baselines import one_blas_thread
from engine.training.methods.contrastive import INVERSE_PENALTY, TOLERANCE
from engine.training.methods.head_features import head_features, replace_output_layer
from engine.training.step.training import Training

MOST_ROWS = 20_000  # to fit on; a model of a few hundred weights for each label learns little from more


def start_from_linear_model(training: Training, emit: Emit) -> None:
    """Fits one logistic regression per label on what the head reads of the training rows, and folds them into it.

    `emit` may raise `StopRequested`. Draws nothing from torch's generators.
    """
    replace_output_layer(training, *linear_start(training, emit))


def linear_start(training: Training, emit: Emit) -> tuple[np.ndarray, np.ndarray]:
    """Weights (labels, hidden) and biases (labels,) with which the head starts, as `start_from_linear_model` folds."""
    features, labels = head_features(training, emit, most_rows=MOST_ROWS)
    return label_heads(features, labels, inverse_penalty=training.settings.inverse_penalty)


def label_heads(
    features: np.ndarray, labels: np.ndarray, *, inverse_penalty: float = INVERSE_PENALTY
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (labels, hidden) and biases (labels,) of a logistic regression for each column of `labels`.

    `labels` (rows, labels) holds 0 and 1. A label that all rows have, or none, gets its log-odds with half a row added
    on either side, and no weights.
    """
    wide = features.astype(np.float64)
    mean, spread = wide.mean(axis=0), wide.std(axis=0) + 1e-6
    scaled = (wide - mean) / spread
    weight = np.zeros((labels.shape[1], wide.shape[1]))
    bias = np.log((labels.sum(axis=0) + 0.5) / ((1 - labels).sum(axis=0) + 0.5)).astype(np.float64)
    with warnings.catch_warnings(), one_blas_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)  # accurate enough after so many iterations
        for index, marked in enumerate(labels.T):
            if 0 < marked.sum() < len(marked):
                fitted = LogisticRegression(C=inverse_penalty, max_iter=1_000, tol=TOLERANCE).fit(scaled, marked)
                weight[index] = fitted.coef_[0] / spread
                bias[index] = fitted.intercept_[0] - weight[index] @ mean
    return weight, bias
