"""Any number of labels per text or pair of texts: each label is decided by itself.

A label is given from a probability of 0.5 on, or from its own threshold, where one was fitted (thresholds.py).

The best checkpoint is chosen by micro F1: with many labels most are rare, and the macro mean over a few validation
rows jumps with every single row of a rare one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engine.contract.calibration import Calibration
from engine.contract.queries import LabelProbability, Prediction, TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, WrongRow
from engine.tasks.baselines import carry_on, tfidf_label_sets, usual_labels
from engine.tasks.facts import TaskFacts
from engine.tasks.further_scores import LabelProbabilityRows, averaged_rows, scored
from engine.tasks.labels import ids_of, in_natural_order, label_text
from engine.tasks.losses import PLAIN, LossOptions, balanced_binary_weights, binary_loss
from engine.tasks.multi_label_classification.facts import FACTS
from engine.tasks.multi_label_classification.thresholds import USUAL, fitted_thresholds
from engine.tasks.padding import as_float32, padded_inputs
from engine.tasks.rows import Features, Outputs, Rows, line_of
from engine.tasks.scores import (
    JoinedRows,
    SampleScores,
    ScoredRows,
    label_set_rows,
    label_set_scores,
    scores_per_label,
)
from engine.tasks.task import TOLERANCE, Activation, Compared, Task
from engine.tasks.texts import encoded_inputs, shown_text, text_columns, tokenized_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NO_LABEL = "no label"


class MultiLabelClassification(Task):
    """Rows are `text`, `second_text` where they are pairs, and `label_set`, a list that may be empty."""

    facts: TaskFacts = FACTS
    metric: str = "micro_f1"
    activation: Activation = "sigmoid"

    def __init__(self, thresholds: Mapping[str, float] = MappingProxyType({})) -> None:
        """`thresholds` by label name; labels without one have 0.5."""
        self._thresholds = thresholds

    def calibrated(self, calibration: Calibration) -> MultiLabelClassification:
        """The task of a network with these thresholds."""
        return MultiLabelClassification(calibration.thresholds)

    def fit_thresholds(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float]:
        """A threshold for each label, from validation rows; empty where 0.5 for all is as good."""
        truth, _ = self._truth_and_predicted(outputs, label_names)
        likely = label_probabilities(np.asarray(outputs.logits, dtype=np.float32).reshape(truth.shape))
        found = fitted_thresholds(likely, truth)
        return {} if found is None else dict(zip(label_names, found.tolist(), strict=True))

    def constant_prediction(self, outputs: Outputs, label_names: Sequence[str]) -> Sentence:
        """A sentence where every row gets the same labels, or none."""
        _, predicted = self._truth_and_predicted(outputs, label_names)
        if len(predicted) < 2 or not (predicted == predicted[0]).all():
            return NOTHING
        if not predicted[0].any():
            return Sentence("evaluating.note.no_label_to_any_row")
        return Sentence("evaluating.note.same_labels_to_every_row", labels=_names(predicted[0], label_names))

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Canonical names to the user's; several columns of 0 and 1 make one list."""
        return {**text_columns(roles), "label_set": roles.label_columns or roles.labels}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """All labels in natural order."""
        return in_natural_order(name for labels in rows["label_set"] for name in _labels(labels))

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The labels."""
        return tuple(sorted(_labels(row["label_set"])))

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> Sentence:
        """A sentence where all rows have the same labels, or none."""
        if not label_names:
            return Sentence("tasks.d17.none_rows_label", targets=len(targets))
        if all(counts.get(name) == len(targets) for name in label_names):
            return Sentence("tasks.d17.all_rows_same_labels", targets=len(targets), label_names=label_names[:5])
        return NOTHING

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Inputs, and `labels` (list of 0 and 1, one entry per label name) of each row."""
        ids = ids_of(label_names)
        marked = []
        for labels in rows["label_set"]:
            row = [0] * len(label_names)
            for name in _labels(labels):
                row[ids[name]] = 1
            marked.append(row)
        return {**encoded_inputs(tokenizer, rows, max_length), "labels": marked}

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A padded batch; `labels` (batch, labels) float32."""
        batch = padded_inputs(features, padding_id=padding_id, multiple=multiple)
        batch["labels"] = torch.from_numpy(np.stack([np.asarray(row["labels"], dtype=np.float32) for row in features]))
        return batch

    def loss(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN
    ) -> torch.Tensor:
        """Binary cross-entropy over all labels."""
        return binary_loss(logits, batch, options)

    def loss_count(self, batch: Mapping[str, torch.Tensor]) -> int:
        """One per row and label."""
        return batch["labels"].numel()

    def balanced_weights(self, labels: np.ndarray, label_names: Sequence[str]) -> torch.Tensor | None:
        """What an absent and a present label count, for each label; (2, labels) float32."""
        return balanced_binary_weights(labels, len(label_names))

    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """(labels,) float32 and (labels,) int64 per row."""
        return list(as_float32(logits)), list(batch["labels"].cpu().numpy().astype(np.int64))

    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """micro_f1, macro_f1, subset_accuracy."""
        return label_set_scores(*self._truth_and_predicted(outputs, label_names))

    def class_scores(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[ClassScores, ...]:
        """One entry per label."""
        return scores_per_label(*self._truth_and_predicted(outputs, label_names), tuple(label_names))

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """Rows with a wrong label or without a right one, the largest summed loss first.

        The probability is that of the decision with the largest loss.
        """
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        wrong = np.flatnonzero((truth != predicted).any(axis=1))
        losses = np.asarray([_losses(outputs.logits[index], truth[index]).sum() for index in wrong.tolist()])
        found = []
        for index in wrong[np.argsort(-losses, kind="stable")][:limit].tolist():
            each = _losses(outputs.logits[index], truth[index])
            worst = int(each.argmax())
            likely = float(label_probabilities(outputs.logits[index])[worst])
            found.append(
                WrongRow(
                    row=line_of(rows[index], outputs.rows[index]),
                    text=shown_text(rows[index]),
                    truth=_joined(truth[index], label_names),
                    predicted=_joined(predicted[index], label_names),
                    probability=likely if predicted[index, worst] else 1 - likely,
                    loss=float(each.sum()),
                    second_text=str(rows[index].get("second_text") or ""),
                )
            )
        return tuple(found)

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and prediction as lists of labels; the probability of the least certain decision, the summed loss."""
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        likely = [label_probabilities(row) for row in outputs.logits]
        return {
            "truth": [_names(row, label_names) for row in truth],
            "predicted": [_names(row, label_names) for row in predicted],
            "probability": [float(np.maximum(row, 1 - row).min(initial=1.0)) for row in likely],
            "loss": [float(_losses(row, true).sum()) for row, true in zip(outputs.logits, truth, strict=True)],
            "right": (truth == predicted).all(axis=1).tolist(),
        }

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """True and predicted labels per row."""
        return label_set_rows(*self._truth_and_predicted(outputs, label_names))

    def further_scores(self, outputs: Outputs, label_names: Sequence[str]) -> ScoredRows:
        """Averaged precision and recall, and what is made of probabilities, whatever the thresholds are."""
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        logits = np.asarray(outputs.logits, dtype=np.float32).reshape(truth.shape)
        return scored(JoinedRows(averaged_rows(truth, predicted), LabelProbabilityRows(truth, logits)))

    def scored_predictions(
        self, truth: Sequence[Any], predicted: Sequence[Any], label_names: Sequence[str]
    ) -> ScoredRows:
        """Scores of lists of labels."""
        sides = [np.asarray([[name in row for name in label_names] for row in side]) for side in (truth, predicted)]
        shaped = [side.astype(bool).reshape(-1, len(label_names)) for side in sides]
        return ScoredRows(label_set_scores(*shaped), label_set_rows(*shaped))

    def answer_of(self, prediction: Prediction, row: Mapping[str, Any] | None = None) -> Any:
        """The labels that reach their thresholds."""
        return [label.label for label in prediction.given]

    def truth_of(self, row: Mapping[str, Any], label_names: Sequence[str]) -> Any:
        """The labels of the row."""
        return [name for name, mark in zip(label_names, row["labels"], strict=True) if mark]

    def baselines(
        self, train: Rows, held_out: Rows, label_names: Sequence[str], *, pause: Callable[[], object] = carry_on
    ) -> dict[str, ScoredRows]:
        """The most frequent set of labels for every row, and a linear SVM per label on TF-IDF."""
        learned, truth = (
            np.asarray(list(rows["labels"]), dtype=bool).reshape(-1, len(label_names)) for rows in (train, held_out)
        )
        predicted = {
            "majority": usual_labels(learned, len(truth)),
            "tfidf_svm": tfidf_label_sets(train, learned, held_out, pause=pause),
        }
        return {
            name: ScoredRows(label_set_scores(truth, given), label_set_rows(truth, given))
            for name, given in predicted.items()
        }

    def compared(self, prediction: Prediction, answer: Sequence[Mapping[str, Any]]) -> Compared:
        """The same labels reach their thresholds; on the edge, rounding decides."""
        ours = {item.label: item for item in prediction.labels}
        theirs = {str(item["label"]): float(item["score"]) for item in answer}
        if ours.keys() != theirs.keys():
            return Compared(False, 1.0)
        cuts = {label: item.threshold or prediction.threshold for label, item in ours.items()}
        is_same = all(
            (score >= cuts[label]) == (ours[label].probability >= cuts[label])
            or abs(ours[label].probability - cuts[label]) <= TOLERANCE
            for label, score in theirs.items()
        )
        return Compared(is_same, max(abs(ours[label].probability - score) for label, score in theirs.items()))

    def prediction_of(
        self, logits: np.ndarray, label_names: Sequence[str], text: str, *, second_text: str = "", cut_tokens: int = 0
    ) -> Prediction:
        """All labels with their probabilities, the likeliest first."""
        likely = label_probabilities(logits)
        return Prediction(
            text=text,
            second_text=second_text,
            labels=tuple(
                LabelProbability(
                    label_names[index], float(likely[index]), self._thresholds.get(label_names[index], 0.0)
                )
                for index in np.argsort(-likely, kind="stable").tolist()
            ),
            threshold=USUAL,
            cut_tokens=cut_tokens,
        )

    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> TokenizedText:
        """The text as the network reads it, with the labels of the row."""
        names = sorted(_labels(row["label_set"]))
        numbers = sorted(label_names.index(name) for name in names if name in label_names)
        label = ", ".join(names) or NO_LABEL
        return tokenized_text(tokenizer, row, label=label, max_length=max_length, label_numbers=numbers)

    def _truth_and_predicted(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(rows, labels) bool; a probability of 0.5 is a logit of 0."""
        labels = len(label_names)
        cuts = np.asarray([self._thresholds.get(name, USUAL) for name in label_names], dtype=np.float64)
        truth = np.asarray(outputs.labels, dtype=np.int64).reshape(-1, labels) == 1
        logits = np.asarray(outputs.logits, dtype=np.float32).reshape(-1, labels)
        return truth, logits >= np.log(cuts / (1 - cuts))


TASK = MultiLabelClassification()


def label_probabilities(logits: np.ndarray) -> np.ndarray:
    """The probability (labels,) of each label, in float64 so that none becomes exactly 1."""
    wide = logits.astype(np.float64)
    result: np.ndarray = np.exp(-np.logaddexp(0.0, -wide))
    return result


def _labels(written: Sequence[Any] | None) -> set[str]:
    return {name for name in map(label_text, written or ()) if name}


def _losses(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Binary cross-entropy of each label, in nats."""
    wide = logits.astype(np.float64)
    result: np.ndarray = np.logaddexp(0.0, np.where(truth, -wide, wide))
    return result


def _names(marked: np.ndarray, label_names: Sequence[str]) -> list[str]:
    return [label_names[index] for index in np.flatnonzero(marked).tolist()]


def _joined(marked: np.ndarray, label_names: Sequence[str]) -> str:
    return ", ".join(_names(marked, label_names)) or NO_LABEL
