"""One label per text or pair of texts, out of two or more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engine.calibration.answers import predicted_classes
from engine.contract.calibration import UNCALIBRATED, Calibration, UnsureRule
from engine.contract.queries import LabelProbability, Prediction, TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, WrongRow
from engine.tasks.baselines import carry_on, majority_class, tfidf_classes
from engine.tasks.facts import TaskFacts
from engine.tasks.further_scores import ClassProbabilityRows, averaged_rows, scored
from engine.tasks.labels import class_ids, ids_of, in_natural_order, label_text
from engine.tasks.padding import as_float32, padded_inputs, probabilities, row_losses
from engine.tasks.rows import Features, Outputs, Rows, line_of
from engine.tasks.scores import (
    JoinedRows,
    SampleScores,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    scores_per_class,
)
from engine.tasks.task import Task
from engine.tasks.text_classification.facts import FACTS
from engine.tasks.texts import encoded_inputs, shown_text, text_columns, text_complaint, tokenized_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_NO_LABEL = Sentence("tasks.excluded.no_label")


class TextClassification(Task):
    """Rows are `text`, `second_text` where they are pairs, and `label`."""

    facts: TaskFacts = FACTS
    metric: str = "macro_f1"

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        """With the threshold of one class, if there is one, and the rule for "don't know"."""
        self._calibration = calibration

    def calibrated(self, calibration: Calibration) -> TextClassification:
        """The task of a network with this threshold and this rule."""
        return TextClassification(calibration)

    @property
    def unsure_rule(self) -> UnsureRule | None:
        """The rule of the calibration."""
        return self._calibration.unsure

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Canonical names to the user's."""
        return {**text_columns(roles), "label": roles.label}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """The classes in natural order."""
        return in_natural_order(label_text(value) for value in rows["label"])

    def complaint(self, row: Mapping[str, Any]) -> Sentence:
        """A row needs its texts and a label."""
        return text_complaint(row) or (NOTHING if label_text(row.get("label")) else _NO_LABEL)

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The class."""
        return (label_text(row["label"]),)

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> Sentence:
        """A sentence where there is one class only."""
        if len(label_names) > 1:
            return NOTHING
        return Sentence("tasks.d17.all_rows_same_label", targets=len(targets), next=next(iter(counts), ""))

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Inputs, and `labels` (int): the class of each row."""
        ids = ids_of(label_names)
        labels = [ids[label_text(value)] for value in rows["label"]]
        return {**encoded_inputs(tokenizer, rows, max_length), "labels": labels}

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A padded batch; `labels` (batch,) int64."""
        batch = padded_inputs(features, padding_id=padding_id, multiple=multiple)
        batch["labels"] = torch.as_tensor([int(row["labels"]) for row in features], dtype=torch.int64)
        return batch

    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """(classes,) float32 and () int64 per row."""
        return list(as_float32(logits)), list(map(np.asarray, batch["labels"].cpu().numpy()))

    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """accuracy, macro_f1, weighted_f1, mcc."""
        return confusion_scores(self.confusion(outputs, label_names)[1])

    def class_scores(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[ClassScores, ...]:
        """One entry per class."""
        return scores_per_class(self.confusion(outputs, label_names)[1], tuple(label_names))

    def confusion(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
        """The classes and their matrix (classes, classes), truth down."""
        return tuple(label_names), confusion_matrix(*self._truth_and_predicted(outputs, label_names), len(label_names))

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """Rows of which another class was predicted; the probability is that of the predicted one."""
        if not outputs.rows:
            return ()
        logits = np.stack(outputs.logits)
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        losses = row_losses(logits, truth)
        confidence = probabilities(logits)
        wrong = np.flatnonzero(truth != predicted)
        worst = wrong[np.argsort(-losses[wrong], kind="stable")][:limit]
        return tuple(
            WrongRow(
                row=line_of(rows[index], outputs.rows[index]),
                text=shown_text(rows[index]),
                truth=label_names[truth[index]],
                predicted=label_names[predicted[index]],
                probability=float(confidence[index, predicted[index]]),
                loss=float(losses[index]),
                second_text=str(rows[index].get("second_text") or ""),
            )
            for index in worst.tolist()
        )

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and prediction as label names, and the cross-entropy in nats."""
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        logits = np.asarray(outputs.logits, dtype=np.float32).reshape(-1, len(label_names))
        return {
            "truth": [label_names[index] for index in truth.tolist()],
            "predicted": [label_names[index] for index in predicted.tolist()],
            "probability": probabilities(logits)[np.arange(len(predicted)), predicted].tolist(),
            "loss": row_losses(logits, truth).tolist(),
            "right": (truth == predicted).tolist(),
        }

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """True and predicted class of each row."""
        return confusion_rows(*self._truth_and_predicted(outputs, label_names), len(label_names))

    def further_scores(self, outputs: Outputs, label_names: Sequence[str]) -> ScoredRows:
        """micro_f1, macro_precision, macro_recall, and what is made of probabilities."""
        truth, predicted = self._truth_and_predicted(outputs, label_names)
        logits = np.asarray(outputs.logits, dtype=np.float32).reshape(-1, len(label_names))
        averaged = averaged_rows(truth, predicted, classes=len(label_names))
        return scored(JoinedRows(averaged, ClassProbabilityRows(truth, logits)))

    def scored_predictions(
        self, truth: Sequence[Any], predicted: Sequence[Any], label_names: Sequence[str]
    ) -> ScoredRows:
        """Scores of classes by name."""
        ids = ids_of(label_names)
        true, given = (np.asarray([ids[label] for label in side], dtype=np.int64) for side in (truth, predicted))
        classes = len(label_names)
        scores = confusion_scores(confusion_matrix(true, given, classes))
        return ScoredRows(scores, confusion_rows(true, given, classes))

    def baselines(
        self, train: Rows, held_out: Rows, label_names: Sequence[str], *, pause: Callable[[], object] = carry_on
    ) -> dict[str, ScoredRows]:
        """The majority class, and a linear SVM on TF-IDF; rows hold `text` and `label` or `labels`."""
        learned, truth = class_ids(train, label_names), class_ids(held_out, label_names)
        predicted = {"majority": majority_class(learned, len(truth))}
        by_words = tfidf_classes(train, learned, held_out, pause=pause)
        if by_words is not None:
            predicted["tfidf_svm"] = by_words
        classes = len(label_names)
        return {
            name: ScoredRows(
                confusion_scores(confusion_matrix(truth, given, classes)), confusion_rows(truth, given, classes)
            )
            for name, given in predicted.items()
        }

    def prediction_of(
        self, logits: np.ndarray, label_names: Sequence[str], text: str, *, second_text: str = "", cut_tokens: int = 0
    ) -> Prediction:
        """All classes with their probabilities, the likeliest first."""
        likely = probabilities(logits)
        answer = int(predicted_classes(likely[None], label_names, self._calibration.thresholds)[0])
        by_label = dict(zip(label_names, likely.tolist(), strict=True))
        rule = self._calibration.unsure
        return Prediction(
            text=text,
            second_text=second_text,
            labels=tuple(
                LabelProbability(
                    label_names[index],
                    float(likely[index]),
                    self._calibration.thresholds.get(label_names[index], 0.0),
                )
                for index in np.argsort(-likely, kind="stable").tolist()
            ),
            cut_tokens=cut_tokens,
            answer=label_names[answer] if answer != int(likely.argmax()) else "",
            unsure=rule is not None and rule.is_unsure(label_names[answer], by_label),
            possible=rule.possible(by_label) if rule is not None else (),
        )

    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> TokenizedText:
        """The text as the network reads it, with the label of the row."""
        label = label_names[int(row["labels"])] if "labels" in row else label_text(row.get("label"))
        numbers = [label_names.index(label)] if label in label_names else []
        return tokenized_text(tokenizer, row, label=label, max_length=max_length, label_numbers=numbers)

    def _truth_and_predicted(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        truth = np.asarray([int(label) for label in outputs.labels], dtype=np.int64)
        if not self._calibration.thresholds:
            return truth, np.asarray([int(row.argmax()) for row in outputs.logits], dtype=np.int64)
        likely = probabilities(np.asarray(outputs.logits, dtype=np.float32).reshape(-1, len(label_names)))
        return truth, predicted_classes(likely, label_names, self._calibration.thresholds)


TASK = TextClassification()
