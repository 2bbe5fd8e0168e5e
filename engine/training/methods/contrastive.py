"""The contrastive start: rows of one class are pulled together where the head reads, then a linear model is folded in.

With few rows a head that starts at random teaches the encoder noise. Here the first phase trains no head at all: a
supervised contrastive loss (Khosla et al. 2020, SupCon, L_out) on what the output layer reads. Before each evaluation a
logistic regression is fitted on those features of the training rows and its weights become the output layer's. What
remains is the plain network of its task, which any tool of transformers loads.

Measured on trec with 16 rows a class (MiniLM, 300 updates): 91 % accuracy, where fine-tuning for as many epochs as
usual reaches 56 % and counted words 57 % (tests/benchmarks/few_rows.py).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from transformers import PreTrainedModel

from engine.contract.events import Emit
from engine.tasks.baselines import one_blas_thread
from engine.training.methods.head import head_dropouts, head_input_of
from engine.training.methods.head_features import head_features, replace_output_layer
from engine.training.step.training import Method, Training

TEMPERATURE = 0.1  # Khosla et al. 2020; also measured best with the starter
ROWS_PER_CLASS = 4
# Of the logistic regression, as by default: between 0.01 and 1 the test accuracy of trec moved by at most 0.2 points.
INVERSE_PENALTY = 0.1
# Of its gradient. At scikit-learn's 1e-4 the solver ends after a few steps, with logits that are off by 0.2 and depend
# on the rounding of the features; to this end it takes 0.3 s for 616 rows of 77 classes.
TOLERANCE = 1e-9
NEVER = 20.0  # how far the bias of a class without training rows lies below the lowest other one


class ContrastivePlan:
    """Batches of a few classes with a few rows each: every batch holds rows that belong together.

    A class with fewer rows repeats them: the encoder's dropout makes the second view (Gao et al. 2021, SimCSE). Equal
    for equal (seed, epoch), like `BatchPlan`.
    """

    def __init__(self, labels: np.ndarray, *, batch_size: int, seed: int) -> None:
        self._rows_of = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self._classes = max(1, min(len(self._rows_of), batch_size // ROWS_PER_CLASS))
        self._seed = seed
        self.batches_per_epoch = max(1, -(-len(labels) // batch_size))
        self.epoch = lru_cache(maxsize=1)(self._epoch)

    def _epoch(self, number: int) -> list[np.ndarray]:
        generator = np.random.Generator(np.random.PCG64([self._seed, number]))
        return [self._batch(generator) for _ in range(self.batches_per_epoch)]

    def _batch(self, generator: np.random.Generator) -> np.ndarray:
        chosen = generator.choice(len(self._rows_of), self._classes, replace=False)
        return np.concatenate([_some(self._rows_of[index], generator) for index in chosen])


def _some(rows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """So many rows of a class; each as often as the others where there are fewer."""
    drawn: list[np.ndarray] = []
    while sum(map(len, drawn)) < ROWS_PER_CLASS:
        drawn.append(generator.permutation(rows))
    return np.concatenate(drawn)[:ROWS_PER_CLASS]


def contrastive_loss(features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """SupCon, L_out, over features (rows, hidden) and labels (rows,): the mean over all rows that have a partner."""
    unit = torch.nn.functional.normalize(features.float(), dim=1)
    similarity = unit @ unit.T / TEMPERATURE
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    similarity = similarity.masked_fill(itself, -torch.inf)
    log_share = (similarity - torch.logsumexp(similarity, dim=1, keepdim=True)).masked_fill(itself, 0.0)
    partners = (labels[:, None] == labels[None, :]) & ~itself
    counts = partners.sum(dim=1)
    losses = -(log_share * partners).sum(dim=1) / counts.clamp(min=1)
    return losses.sum() / (counts > 0).sum().clamp(min=1)


class ContrastiveStart(Method):
    """The method as the loop uses it: the gradients of a batch, and what precedes an evaluation."""

    def backward(
        self, training: Training, parts: Iterable[Mapping[str, torch.Tensor]], _labels: float | torch.Tensor
    ) -> torch.Tensor:
        """Adds the gradients of the contrastive loss over all parts together, and returns that loss."""
        network, scaler = training.computing_network, training.scaler
        on_device = list(parts)
        labels = torch.cat([part["labels"] for part in on_device])
        compute = head_input_of(network)
        if len(on_device) == 1:
            with training.autocast():
                features = compute(on_device[0])
            loss = contrastive_loss(features, labels)
            torch.autograd.backward(scaler.scale(loss))
            training.collect_gradients()
            return loss.detach()
        # The loss needs all features at once, memory holds one part: first the features without a graph, then the
        # gradient of the loss with respect to them, then each part again with the same dropout (Gao et al. 2021b).
        states, pieces = [], []
        for part in on_device:
            states.append(_random_state(training))
            with torch.no_grad(), training.autocast():
                pieces.append(compute(part).float())
        after = _random_state(training)
        whole = torch.cat(pieces).requires_grad_()
        loss = contrastive_loss(whole, labels)
        torch.autograd.backward(scaler.scale(loss))
        assert whole.grad is not None
        gradients = torch.split(whole.grad, [len(piece) for piece in pieces])
        for part, state, gradient in zip(on_device, states, gradients, strict=True):
            _set_random_state(training, state)
            with training.autocast():
                features = compute(part)
            torch.autograd.backward(features, gradient.to(features.dtype))
            training.collect_gradients()
        _set_random_state(training, after)
        return loss.detach()

    def prepare_evaluation(self, training: Training, emit: Emit) -> None:
        """Fits the linear head on the training rows and folds it into the output layer."""
        fold_linear_head(training, emit)


def without_head_dropout(network: PreTrainedModel) -> None:
    """Switches the head's dropout off for this training: the views of a row are the encoder's."""
    for module in head_dropouts(network):
        module.p = 0.0  # type: ignore[assignment]


def fold_linear_head(training: Training, emit: Emit) -> None:
    """Replaces the output layer by a logistic regression on standardised features of all training rows.

    Balanced where the metric is an average over classes, since then each class counts the same. The standardisation is
    folded in: W' = W / s and b' = b − W' m. Changes nothing where the training rows have one class only.
    """
    features, labels = head_features(training, emit)
    weight, bias = linear_head(
        features,
        labels,
        classes=len(training.label_names),
        balanced=training.task.metric.startswith("macro"),
        inverse_penalty=training.settings.inverse_penalty,
    )
    if weight is None or bias is None:
        return
    replace_output_layer(training, weight, bias)


def linear_head(
    features: np.ndarray, labels: np.ndarray, *, classes: int, balanced: bool, inverse_penalty: float = INVERSE_PENALTY
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Weights (classes, hidden) and biases (classes,) float32 of a softmax over the features as they are.

    `(None, None)` where there is one class only. A class without rows is never predicted.
    """
    occurring = np.unique(labels)
    if len(occurring) < 2:
        return None, None
    wide = features.astype(np.float64)
    mean, spread = wide.mean(axis=0), wide.std(axis=0) + 1e-6
    with warnings.catch_warnings(), one_blas_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)  # accurate enough after so many iterations
        fitted = LogisticRegression(
            C=inverse_penalty, max_iter=1_000, tol=TOLERANCE, class_weight="balanced" if balanced else None
        ).fit((wide - mean) / spread, labels)
    weights, biases = fitted.coef_, fitted.intercept_
    if len(occurring) == 2:  # one decision: its halves make the same softmax
        weights, biases = np.concatenate([-weights / 2, weights / 2]), np.concatenate([-biases / 2, biases / 2])
    weights = weights / spread
    biases = biases - weights @ mean
    weight = np.zeros((classes, features.shape[1]), dtype=np.float32)
    bias = np.full(classes, biases.min() - NEVER, dtype=np.float32)
    weight[occurring], bias[occurring] = weights, biases
    return weight, bias


def _random_state(training: Training) -> tuple[torch.Tensor, torch.Tensor | None]:
    device = training.compute.device
    return torch.get_rng_state(), torch.cuda.get_rng_state(device) if device.type == "cuda" else None


def _set_random_state(training: Training, state: tuple[torch.Tensor, torch.Tensor | None]) -> None:
    torch.set_rng_state(state[0])
    if state[1] is not None:
        torch.cuda.set_rng_state(state[1], training.compute.device)
