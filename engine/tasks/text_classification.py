"""One label per text, out of two or more."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerBase

from engine.questions import LabelProbability, Pieces, Prediction
from engine.settings import Roles, TaskName
from engine.states import ClassScores, WrongRow
from engine.tasks.baselines import majority_class, word_counts_regression
from engine.tasks.bootstrap_counts import ConfusionCounts
from engine.tasks.encoding import encode_texts
from engine.tasks.labels import class_ids, ids_of, in_natural_order, label_text
from engine.tasks.network import answers_of, network_from
from engine.tasks.padding import as_float32, padded_inputs, probabilities, row_losses
from engine.tasks.protocol import Features, Outputs, Rows, SampleScores
from engine.tasks.text_scores import confusion_matrix, confusion_scores, scores_per_class


class TextClassification:
    """Rows are `text` and `label`."""

    name: TaskName = "text_classification"
    metric: str = "macro_f1"
    pipeline: str = "text-classification"

    def readable_columns(self, roles: Roles) -> dict[str, str]:
        """Canonical names to the user's."""
        return {"text": roles.text, "label": roles.label}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """The classes in natural order."""
        return in_natural_order(label_text(value) for value in rows["label"])

    def complaint(self, row: Mapping[str, Any]) -> str:
        """Why this row cannot be used, or an empty string."""
        if row.get("text") is None or not str(row["text"]).strip():
            return "has no text"
        if not label_text(row.get("label")):
            return "has no label"
        return ""

    def stratum(self, row: Mapping[str, Any]) -> str:
        """The class."""
        return label_text(row["label"])

    def identity(self, row: Mapping[str, Any]) -> str:
        """The text without its spacing."""
        return " ".join(str(row["text"]).split())

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The class."""
        return (label_text(row["label"]),)

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """`input_ids` (list), `labels` (int) and `length` per row."""
        encoded = encode_texts(tokenizer, [str(text) for text in rows["text"]], max_length)
        ids = ids_of(label_names)
        return {
            "input_ids": [row.input_ids for row in encoded],
            "labels": [ids[label_text(value)] for value in rows["label"]],
            "length": [row.length for row in encoded],
        }

    def build_network(self, folder: Path, label_names: Sequence[str]) -> PreTrainedModel:
        """The encoder with one answer per class."""
        return network_from(
            folder, label_names, AutoModelForSequenceClassification, problem_type="single_label_classification"
        )

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
                text=str(rows[index]["text"]),
                truth=label_names[truth[index]],
                predicted=label_names[answers[index]],
                probability=float(confidence[index, answers[index]]),
                loss=float(losses[index]),
            )
            for index in worst.tolist()
        )

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """Confusion counts per row."""
        return ConfusionCounts(*_truth_and_answers(outputs), len(label_names))

    def baselines(self, train: Rows, held_out: Rows, label_names: Sequence[str]) -> dict[str, dict[str, float | None]]:
        """The majority class, and logistic regression on TF-IDF; rows hold `text` and `label` or `labels`."""
        learned, truth = class_ids(train, label_names), class_ids(held_out, label_names)
        answers = {"majority": majority_class(learned, len(truth))}
        regression = word_counts_regression(list(train["text"]), learned, list(held_out["text"]))
        if regression is not None:
            answers["tfidf_logistic_regression"] = regression
        return {
            name: confusion_scores(confusion_matrix(truth, given, len(label_names))) for name, given in answers.items()
        }

    def predict(
        self, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, *, max_length: int
    ) -> Prediction:
        """All classes with their probabilities, the likeliest first."""
        started = time.perf_counter()
        (row,) = encode_texts(tokenizer, [text], max_length)
        input_ids = torch.tensor([row.input_ids], device=network.device)
        with torch.inference_mode():
            logits = network(input_ids=input_ids, attention_mask=torch.ones_like(input_ids)).logits
        likely = probabilities(as_float32(logits)[0])
        names = answers_of(network)
        return Prediction(
            text=text,
            labels=tuple(
                LabelProbability(names[index], float(likely[index]))
                for index in np.argsort(-likely, kind="stable").tolist()
            ),
            cut_tokens=row.length - len(row.input_ids),
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def pieces(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> Pieces:
        """The text as the network reads it, with the label of the row."""
        text = str(row["text"])
        (encoded,) = encode_texts(tokenizer, [text], max_length)
        label = label_names[int(row["labels"])] if "labels" in row else label_text(row.get("label"))
        return Pieces(
            text=text,
            tokens=tuple(tokenizer.convert_ids_to_tokens(encoded.input_ids)),
            input_ids=tuple(encoded.input_ids),
            attention_mask=(1,) * len(encoded.input_ids),
            word_ids=tuple(encoded.word_ids),
            label=label,
            cut_tokens=encoded.length - len(encoded.input_ids),
            row=int(row.get("row", 0)),
        )


def _truth_and_answers(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    truth = np.asarray([int(label) for label in outputs.labels], dtype=np.int64)
    answers = np.asarray([int(row.argmax()) for row in outputs.logits], dtype=np.int64)
    return truth, answers
