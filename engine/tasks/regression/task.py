"""A number per text or pair of texts, in the user's own unit.

Training learns standardised scores (mean 0, standard deviation 1), which a new head starts close to. `finish` folds
both into the last linear layer, so that a plain `transformers` head predicts in the user's unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engine.contract.queries import Prediction, TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.states import TargetScale, WrongRow
from engine.contract.text_parsing import number_in
from engine.tasks.baselines import carry_on, mean_score, tfidf_numbers
from engine.tasks.facts import TaskFacts
from engine.tasks.further_scores import ResidualRows, scored
from engine.tasks.losses import PLAIN, LossOptions, squared_loss
from engine.tasks.padding import as_float32, padded_inputs
from engine.tasks.regression.facts import FACTS
from engine.tasks.rows import Features, Outputs, Rows, line_of
from engine.tasks.scores import NumberRows, SampleScores, ScoredRows, number_scores
from engine.tasks.task import TOLERANCE, Activation, Compared, Task
from engine.tasks.texts import encoded_inputs, shown_text, text_columns, text_complaint, tokenized_text

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MOST_POINTS = 2_000  # of the scatter
LABEL = "score"  # the name of the only label

_NO_SCORE = Sentence("tasks.excluded.no_score")
_NO_NUMBER = Sentence("tasks.excluded.no_number")


class Regression(Task):
    """Rows are `text`, `second_text` where they are pairs, and `score`."""

    facts: TaskFacts = FACTS
    metric: str = "spearman"
    activation: Activation = "none"

    def __init__(self, scale: TargetScale | None = None) -> None:
        """`scale` is that of the network's predictions; without one they are in the user's unit."""
        self._mean = scale.mean if scale else 0.0
        self._spread = scale.spread if scale else 1.0

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Canonical names to the user's."""
        return {**text_columns(roles), "score": roles.score}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """The only one."""
        return (LABEL,)

    def complaint(self, row: Mapping[str, Any]) -> Sentence:
        """A row needs its texts and a finite number."""
        if reason := text_complaint(row):
            return reason
        written = str(row.get("score") or "").strip()
        if not written:
            return _NO_SCORE
        return NOTHING if math.isfinite(number_in(written)) else _NO_NUMBER

    def target(self, row: Mapping[str, Any]) -> float:
        """The score, in the user's unit."""
        return number_in(row["score"])

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> Sentence:
        """A sentence where all scores are equal."""
        return (
            NOTHING
            if np.ptp(targets) > 0
            else Sentence("tasks.d17.all_rows_same_score", targets=len(targets), targets_2=targets[0])
        )

    def in_training(self, scale: TargetScale | None) -> Regression:
        """The task with a network that predicts standardised scores."""
        return Regression(scale)

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Inputs, and `labels` (float, in the user's unit) per row."""
        labels = [number_in(value) for value in rows["score"]]
        return {**encoded_inputs(tokenizer, rows, max_length), "labels": labels}

    def finish(self, network: PreTrainedModel) -> None:
        """Folds scale and mean into the last linear layer, once: afterwards the network predicts in the user's unit."""
        layer = head_of(network)
        with torch.no_grad():
            bias = layer.bias.double() if layer.bias is not None else torch.zeros(1, dtype=torch.float64)
            folded = bias.to(layer.weight.device) * self._spread + self._mean
            layer.weight.copy_(layer.weight.double() * self._spread)
            if layer.bias is None:
                layer.bias = torch.nn.Parameter(folded.to(layer.weight.dtype))
            else:
                layer.bias.copy_(folded)

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A padded batch; `labels` (batch,) float64, standardised.

        float32 has 24 bits: of scores such as times in seconds (mean 1.7e9, standard deviation 1e3) it keeps steps of
        128, so nothing is rounded before the mean is taken off.
        """
        batch = padded_inputs(features, padding_id=padding_id, multiple=multiple)
        scores = torch.as_tensor([float(row["labels"]) for row in features], dtype=torch.float64)
        batch["labels"] = (scores - self._mean) / self._spread
        return batch

    def loss(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN
    ) -> torch.Tensor:
        """Squared error of the standardised scores."""
        return squared_loss(logits, batch)

    def loss_count(self, batch: Mapping[str, torch.Tensor]) -> int:
        """One per row."""
        return len(batch["labels"])

    def balanced_weights(self, labels: np.ndarray, label_names: Sequence[str]) -> torch.Tensor | None:
        """None: numbers are not counted."""
        return None

    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """(1,) float64 and () float64 per row, both in the user's unit."""
        predicted, truth = as_float32(logits).astype(np.float64), batch["labels"].cpu().numpy().astype(np.float64)
        return list(predicted * self._spread + self._mean), list(map(np.asarray, truth * self._spread + self._mean))

    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """spearman, pearson, mae, rmse."""
        return number_scores(*_truth_and_predicted(outputs))

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """The rows whose prediction is farthest from the truth; the loss is the squared error."""
        truth, predicted = _truth_and_predicted(outputs)
        far = np.argsort(-np.abs(predicted - truth), kind="stable")[:limit]
        return tuple(
            WrongRow(
                row=line_of(rows[index], outputs.rows[index]),
                text=shown_text(rows[index]),
                truth=shown_number(float(truth[index])),
                predicted=shown_number(float(predicted[index])),
                probability=0.0,
                loss=float((predicted[index] - truth[index]) ** 2),
                second_text=str(rows[index].get("second_text") or ""),
            )
            for index in far.tolist()
            if predicted[index] != truth[index]
        )

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and prediction as numbers, and the squared error."""
        truth, predicted = _truth_and_predicted(outputs)
        return {
            "truth": truth.tolist(),
            "predicted": predicted.tolist(),
            "probability": [None] * len(truth),
            "loss": np.square(predicted - truth).tolist(),
            "right": [None] * len(truth),
        }

    def scatter(self, outputs: Outputs) -> tuple[tuple[float, float], ...]:
        """Truth and prediction of at most 2,000 rows, spread evenly over the file."""
        truth, predicted = _truth_and_predicted(outputs)
        shown = np.unique(np.linspace(0, len(truth) - 1, min(len(truth), MOST_POINTS)).astype(int))
        return tuple((float(truth[index]), float(predicted[index])) for index in shown.tolist())

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """Truth and prediction per row."""
        return NumberRows(*_truth_and_predicted(outputs))

    def further_scores(self, outputs: Outputs, label_names: Sequence[str]) -> ScoredRows:
        """r2, mean_residual, residual_spread."""
        return scored(ResidualRows(*_truth_and_predicted(outputs)))

    def scored_predictions(
        self, truth: Sequence[Any], predicted: Sequence[Any], label_names: Sequence[str]
    ) -> ScoredRows:
        """Scores of numbers."""
        sides = [np.asarray(side, dtype=np.float64) for side in (truth, predicted)]
        return ScoredRows(number_scores(*sides), NumberRows(*sides))

    def answer_of(self, prediction: Prediction, row: Mapping[str, Any] | None = None) -> Any:
        """The number."""
        return prediction.value

    def truth_of(self, row: Mapping[str, Any], label_names: Sequence[str]) -> Any:
        """The number of the row."""
        return float(row["labels"])

    def baselines(
        self, train: Rows, held_out: Rows, label_names: Sequence[str], *, pause: Callable[[], object] = carry_on
    ) -> dict[str, ScoredRows]:
        """The mean of training for every row, and ridge regression on TF-IDF."""
        learned, truth = (np.asarray(list(rows["labels"]), dtype=np.float64) for rows in (train, held_out))
        predicted = {
            "mean": mean_score(learned, len(truth)),
            "tfidf_ridge": tfidf_numbers(train, learned, held_out, pause=pause),
        }
        return {
            name: ScoredRows(number_scores(truth, given), NumberRows(truth, given)) for name, given in predicted.items()
        }

    def compared(self, prediction: Prediction, answer: Sequence[Mapping[str, Any]]) -> Compared:
        """The same number, within rounding; the difference is in its unit."""
        if len(answer) != 1 or prediction.value is None:
            return Compared(False, 1.0)
        difference = abs(prediction.value - float(answer[0]["score"]))
        return Compared(difference <= TOLERANCE * max(1.0, abs(prediction.value)), difference)

    def prediction_of(
        self, logits: np.ndarray, label_names: Sequence[str], text: str, *, second_text: str = "", cut_tokens: int = 0
    ) -> Prediction:
        """The number."""
        value = float(logits[0]) * self._spread + self._mean
        return Prediction(text=text, second_text=second_text, value=value, cut_tokens=cut_tokens)

    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> TokenizedText:
        """The text as the network reads it, with the score of the row."""
        score = row["labels"] if "labels" in row else number_in(row["score"])
        return tokenized_text(tokenizer, row, label=shown_number(float(score)), max_length=max_length)


TASK = Regression()


def shown_number(value: float) -> str:
    """The number with four significant digits."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def head_of(network: PreTrainedModel) -> torch.nn.Linear:
    """The last linear layer with one output; raises `TypeError` for a network without one."""
    layers = [
        module for module in network.modules() if isinstance(module, torch.nn.Linear) and module.out_features == 1
    ]
    if not layers:
        raise TypeError(f"{type(network).__name__} has no linear layer with one output")
    return layers[-1]


def _truth_and_predicted(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    truth = np.asarray([float(label) for label in outputs.labels], dtype=np.float64)
    predicted = np.asarray([float(row[0]) for row in outputs.logits], dtype=np.float64)
    return truth, predicted
