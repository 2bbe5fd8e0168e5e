"""A linear model that can be stopped while it is fitted: softmax or independent sigmoids, with an L2 penalty.

scikit-learn's `LogisticRegression` minimises the same and cannot be stopped within a fit, which takes minutes with many
classes (tests/engine/diagnosing/test_linear_model.py compares both). Uses arrays and sparse matrices only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import optimize

from engine.tasks.baselines import carry_on

Activation = Literal["softmax", "sigmoid"]
ITERATIONS = 60  # accurate enough for probabilities; what follows changes their second digit at most


class LinearModel(NamedTuple):
    """Weights (features, outputs) and biases (outputs,) float64."""

    weight: np.ndarray
    bias: np.ndarray
    activation: Activation

    def probabilities(self, features: Any) -> np.ndarray:
        """(rows, outputs) float64 for dense or sparse features (rows, features)."""
        return activated(_product(features, self.weight) + self.bias, self.activation)


def activated(logits: np.ndarray, activation: Activation) -> np.ndarray:
    """Probabilities of logits (rows, outputs)."""
    if activation == "sigmoid":
        # Of either sign without an overflow.
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fitted(
    features: Any,
    targets: np.ndarray,
    *,
    inverse_penalty: float,
    activation: Activation = "softmax",
    pause: Callable[[], object] = carry_on,
    iterations: int = ITERATIONS,
) -> LinearModel:
    """The model with the smallest summed cross-entropy times `inverse_penalty`, plus half the squared weights.

    `features` (rows, features) dense or sparse; `targets` (rows, outputs) are 0 and 1, for a softmax one 1 in each row.
    `pause` is called at each step and may raise to end the fit.
    """
    rows, width, outputs = features.shape[0], features.shape[1], targets.shape[1]
    penalty = 1.0 / (inverse_penalty * rows)
    transposed = features.T.tocsr() if hasattr(features, "tocsr") else features.T
    is_target = targets > 0

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        pause()
        weight, bias = parameters[outputs:].reshape(width, outputs), parameters[:outputs]
        found = activated(_product(features, weight) + bias, activation)
        own = found[is_target] if activation == "softmax" else np.where(is_target, found, 1 - found)
        difference = (found - targets) / rows
        slope = _product(transposed, difference) + penalty * weight
        gradient = np.concatenate([difference.sum(axis=0), slope.reshape(-1)])
        return float(-np.log(np.maximum(own, 1e-300)).sum() / rows + 0.5 * penalty * (weight**2).sum()), gradient

    start = np.zeros(outputs * (width + 1))
    shares = np.clip(targets.mean(axis=0), 0.5 / rows, 1 - 0.5 / rows)
    start[:outputs] = np.log(shares) if activation == "softmax" else np.log(shares / (1 - shares))
    done = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 10, "ftol": 1e-7}
    )
    return LinearModel(done.x[outputs:].reshape(width, outputs), done.x[:outputs], activation)


def _product(features: Any, numbers: np.ndarray) -> np.ndarray:
    """In the number format of the features, which would else be copied into another at each step."""
    return np.asarray(features @ numbers.astype(features.dtype, copy=False), dtype=np.float64)


def standardised(features: np.ndarray) -> np.ndarray:
    """Each column with a mean of 0 and a spread of 1, float32."""
    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64) + 1e-6
    return np.asarray((features - mean) / spread, dtype=np.float32)
