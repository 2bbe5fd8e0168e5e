"""One label per text or pair of texts, out of two or more."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.queries import LabelProbability, Pieces, Prediction
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, WrongRow
from engine.tasks.baselines import majority_class, word_counts_regression
from engine.tasks.facts import TaskFacts
from engine.tasks.network import answers_of
from engine.tasks.padding import as_float32, padded_inputs, probabilities, row_losses
from engine.tasks.rows import Features, Outputs, Rows
from engine.tasks.scores import ConfusionCounts, SampleScores, confusion_matrix, confusion_scores, scores_per_class
from engine.tasks.task import Task
from engine.tasks.text_classification.facts import FACTS
from engine.tasks.texts import (
    answered,
    class_ids,
    encoded_inputs,
    ids_of,
    in_natural_order,
    label_text,
    shown_text,
    text_columns,
    text_complaint,
    text_pieces,
)


class TextClassification(Task):
    """Rows are `text`, `second_text` where they are pairs, and `label`."""

    facts: TaskFacts = FACTS
    metric: str = "macro_f1"

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Canonical names to the user's."""
        return {**text_columns(roles), "label": roles.label}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """The classes in natural order."""
        return in_natural_order(label_text(value) for value in rows["label"])

    def complaint(self, row: Mapping[str, Any]) -> str:
        """Why this row cannot be used, or an empty string."""
        return text_complaint(row) or ("" if label_text(row.get("label")) else "has no label")

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The class."""
        return (label_text(row["label"]),)

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> str:
        """A sentence where there is one class only."""
        if len(label_names) > 1:
            return ""
        return f"All {len(targets):,} rows have the same label: {next(iter(counts), '')}."

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Inputs, and `labels` (int) per row."""
        ids = ids_of(label_names)
        labels = [ids[label_text(value)] for value in rows["label"]]
        return {**encoded_inputs(tokenizer, rows, max_length), "labels": labels}

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A padded batch; `labels` (batch,)."""
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
        """The classes and the matrix, truth down."""
        return tuple(label_names), confusion_matrix(*_truth_and_answers(outputs), len(label_names))

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """The wrongly answered rows with the largest loss first."""
        if not outputs.rows:
            return ()
        logits = np.stack(outputs.logits)
        truth, answers = _truth_and_answers(outputs)
        losses = row_losses(logits, truth)
        confidence = probabilities(logits)
        wrong = np.flatnonzero(truth != answers)
        worst = wrong[np.argsort(-losses[wrong], kind="stable")][:limit]
        return tuple(
            WrongRow(
                row=outputs.rows[index],
                text=shown_text(rows[index]),
                truth=label_names[truth[index]],
                predicted=label_names[answers[index]],
                probability=float(confidence[index, answers[index]]),
                loss=float(losses[index]),
                second_text=str(rows[index].get("second_text") or ""),
            )
            for index in worst.tolist()
        )

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and answer as label names, and the cross-entropy."""
        truth, answers = _truth_and_answers(outputs)
        logits = np.asarray(outputs.logits, dtype=np.float32).reshape(-1, len(label_names))
        return {
            "truth": [label_names[index] for index in truth.tolist()],
            "predicted": [label_names[index] for index in answers.tolist()],
            "probability": probabilities(logits)[np.arange(len(answers)), answers].tolist(),
            "loss": row_losses(logits, truth).tolist(),
            "right": (truth == answers).tolist(),
        }

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """Confusion counts per row."""
        return ConfusionCounts(*_truth_and_answers(outputs), len(label_names))

    def baselines(self, train: Rows, held_out: Rows, label_names: Sequence[str]) -> dict[str, dict[str, float | None]]:
        """The majority class, and logistic regression on TF-IDF; rows hold `text` and `label` or `labels`."""
        learned, truth = class_ids(train, label_names), class_ids(held_out, label_names)
        answers = {"majority": majority_class(learned, len(truth))}
        regression = word_counts_regression(train, learned, held_out)
        if regression is not None:
            answers["tfidf_logistic_regression"] = regression
        return {
            name: confusion_scores(confusion_matrix(truth, given, len(label_names))) for name, given in answers.items()
        }

    def predict(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text: str,
        *,
        max_length: int,
        second_text: str = "",
    ) -> Prediction:
        """All classes with their probabilities, the likeliest first."""
        started = time.perf_counter()
        logits, cut = answered(network, tokenizer, text, second_text, max_length)
        likely, names = probabilities(logits), answers_of(network)
        return Prediction(
            text=text,
            second_text=second_text,
            labels=tuple(
                LabelProbability(names[index], float(likely[index]))
                for index in np.argsort(-likely, kind="stable").tolist()
            ),
            cut_tokens=cut,
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def pieces(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> Pieces:
        """The text as the network reads it, with the label of the row."""
        label = label_names[int(row["labels"])] if "labels" in row else label_text(row.get("label"))
        numbers = [label_names.index(label)] if label in label_names else []
        return text_pieces(tokenizer, row, label=label, max_length=max_length, label_numbers=numbers)


TASK = TextClassification()


def _truth_and_answers(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    truth = np.asarray([int(label) for label in outputs.labels], dtype=np.int64)
    answers = np.asarray([int(row.argmax()) for row in outputs.logits], dtype=np.int64)
    return truth, answers
