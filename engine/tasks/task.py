"""What a task must be able to do: build its network, encode, collate, measure the loss, score, decode.

Nothing outside `engine/tasks/` asks which task it is dealing with, and `tests/test_architecture.py` sees to it. Data
sets, training, evaluation and export see this protocol. What needs no network stands beside it, one file per task
again: `facts/` (words, and what an answer is; the window reads these too), `scripts/` (the plain `transformers`
script) and `guesses/` (which columns of a file a task would take). A new task is a name in `settings.py`, four such
files, and a line in each `choose.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.queries import Pieces, Prediction
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, TargetScale, WrongRow
from engine.tasks.losses import PLAIN, LossOptions
from engine.tasks.task_facts import TaskFacts

Rows = Mapping[str, Sequence[Any]]  # a batch of rows by column, as `datasets` hands it to `map`
Features = Sequence[Mapping[str, Any]]  # encoded rows: input_ids, and the task's labels
Activation = Literal["softmax", "sigmoid", "none"]


class Outputs:
    """Logits of many rows with their labels, in the order of the rows.

    `logits` and `labels` have one entry per row: for one label per row shapes (classes,) and (); for one label per
    token (length, classes) and (length,), special and continued pieces included (label -100); for any number of labels
    per row (labels,) twice; for a number (1,) and () float32.
    """

    def __init__(self, logits: list[np.ndarray], labels: list[np.ndarray], rows: list[int]) -> None:
        self.logits = logits  # float32
        self.labels = labels  # int64, of numbers float32
        self.rows = rows  # number in the file, from 1


class Task(Protocol):
    """One kind of question that a BERT-family encoder can learn to answer."""

    facts: TaskFacts  # its name and words, and what an answer of it is
    metric: str  # the score that decides which checkpoint is best, higher is better
    activation: Activation  # what makes probabilities of logits

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Columns to take from the file: canonical name (text, label, tokens, …) to the user's name.

        Several names stand for columns of 0 and 1 that make one list: those with 1.
        """

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """All label names in the canonical rows, in the order of their ids."""

    def complaint(self, row: Mapping[str, Any]) -> str:
        """Why this canonical row cannot be used ("has no label"), or an empty string."""

    def stratum(self, row: Mapping[str, Any]) -> str:
        """What splits should hold in equal shares; equal for rows of one kind."""

    def identity(self, row: Mapping[str, Any]) -> str:
        """Equal for rows whose input is the same, so that duplicates never straddle splits."""

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """What this row adds to the label counts: its class, or the types of its entities."""

    def sample_keys(self, row: Mapping[str, Any]) -> Collection[str]:
        """What is in this row of all that `label_names` must have seen."""

    def target(self, row: Mapping[str, Any]) -> float:
        """The number to be answered; NaN where the answer is no number."""

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> str:
        """A sentence where all rows have the same answer, or an empty string; `targets` (rows,) float64."""

    def in_training(self, scale: TargetScale | None) -> Task:
        """The task as training sees it, before `finish`."""

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Canonical rows to `input_ids`, `labels` and `length` (tokens before the cut), one list entry per row.

        Pairs also have `token_type_ids` where the tokenizer gives them. Where answers stand at places in the text,
        `answer_tokens` holds for each row how many of its tokens each answer needs, those beyond the cut included.
        Attention masks are all ones before padding and are made by `collate`.
        """

    def build_network(self, folder: Path, label_names: Sequence[str]) -> PreTrainedModel:
        """The pre-trained encoder of `folder` with a new answer layer, float32, on the CPU."""

    def finish(self, network: PreTrainedModel) -> None:
        """Makes a trained network answer as users will ask it; called once, on the task in training."""

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A batch padded to its longest row, rounded up to `multiple`.

        `input_ids`, `attention_mask`, `token_type_ids` (batch, length) int64; `labels` (batch,) or (batch, length)
        int64, for numbers (batch,) and for sets of labels (batch, labels) float32.
        """

    def loss(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN
    ) -> torch.Tensor:
        """The loss summed over all labels of the batch, 0-d, where `logits` are."""

    def loss_count(self, batch: Mapping[str, torch.Tensor]) -> int:
        """How many labels `loss` sums over."""

    def balanced_weights(self, labels: np.ndarray, label_names: Sequence[str]) -> torch.Tensor | None:
        """Weights with which rare answers count as much as frequent ones; None where answers are not counted.

        `labels` are those of all training rows end to end, as `encode` makes them.
        """

    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """A batch's logits and labels cut into one float32 and one int64 array per row, padding removed."""

    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """All scores of these rows; None where a score is not measurable. Holds `metric`."""

    def class_scores(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[ClassScores, ...]:
        """Precision, recall, F1 and support per class or entity type."""

    def confusion(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
        """Labels and the matrix of counts, truth down, predicted across, int64."""

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """The wrongly answered rows with the largest loss first."""

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Columns truth, predicted, probability, loss and right, one entry per row; None where nothing fits."""

    def scatter(self, outputs: Outputs) -> tuple[tuple[float, float], ...]:
        """Truth and answer of at most 2,000 rows where both are numbers."""

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """What the bootstrap resamples: sufficient counts per row."""

    def baselines(self, train: Rows, held_out: Rows, label_names: Sequence[str]) -> dict[str, dict[str, float | None]]:
        """Scores of simple methods trained on `train` and measured on `held_out`, by name."""

    def predict(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text: str,
        *,
        max_length: int,
        second_text: str = "",
    ) -> Prediction:
        """The network's answer to one text, or to a pair."""

    def pieces(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> Pieces:
        """One canonical row as the network reads it, with its labels."""


class SampleScores(Protocol):
    """Scores of any selection of the rows, cheap enough to be asked 1,000 times."""

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions (int64, with repetitions)."""
