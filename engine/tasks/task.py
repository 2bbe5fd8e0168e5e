"""What a task does with rows and networks: the base of every task's `task.py`.

Data sets, training, evaluation and export call these methods; nothing outside `engine/tasks/` asks which task it is
(tests/test_architecture.py). What needs no network is in each task's `facts.py`, `columns.py` and `script.py`.

The defaults are those of a task that reads a text or a pair of texts and predicts one class; a task overrides what is
different. Only the methods without a default are abstract.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import numpy as np
import torch

from engine.contract.calibration import Calibration, UnsureRule
from engine.contract.queries import Prediction, TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, TargetScale, WrongRow
from engine.tasks.baselines import carry_on
from engine.tasks.facts import TaskFacts
from engine.tasks.losses import PLAIN, LossOptions, balanced_weights, class_loss, class_loss_count
from engine.tasks.network import label_names_of, network_from
from engine.tasks.rows import Features, Outputs, Rows, WordsOfRow
from engine.tasks.scores import SampleScores, ScoredRows
from engine.tasks.texts import logits_of_text, text_complaint, text_identity

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Activation = Literal["softmax", "sigmoid", "none"]


TOLERANCE = 1e-4  # between probabilities of two processes, and between numbers relative to their size


class Compared(NamedTuple):
    """Whether two final answers are the same, and the largest difference between numbers in them."""

    is_same: bool
    difference: float


class Task(ABC):
    """One kind of prediction that a BERT-family encoder can be fine-tuned for.

    A canonical row has the columns of `readable_columns` under their own names. Where there are `label_names`, they
    are in the order of their ids.
    """

    facts: TaskFacts
    metric: str  # the score that decides which checkpoint is best, higher is better
    activation: Activation = "softmax"  # what makes probabilities of logits

    def for_labels(self, label_names: Sequence[str]) -> Task:
        """The task for a data set with these labels: `metric` and scores can depend on them."""
        return self

    def calibrated(self, calibration: Calibration) -> Task:
        """The task of a network whose answers follow these thresholds and this rule.

        The temperature is not the task's matter: it is in the logits.
        """
        return self

    @property
    def unsure_rule(self) -> UnsureRule | None:
        """When the answer is "don't know"; None where there is always one."""
        return None

    @property
    def has_probabilities(self) -> bool:
        """Whether a text has one row of logits that represent probabilities, so that answers can be calibrated."""
        return self.activation != "none" and not self.facts.one_label_per_word

    # Rows

    @abstractmethod
    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Columns to take from the file: canonical name (text, label, tokens, …) to the user's name.

        Several names are columns of 0 and 1 that make one list: those with 1.
        """

    @abstractmethod
    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """All label names in the canonical rows, in the order of their ids."""

    def complaint(self, row: Mapping[str, Any]) -> Sentence:
        """Why this canonical row cannot be used ("has no label"), or an empty sentence."""
        return text_complaint(row)

    def identity(self, row: Mapping[str, Any]) -> str:
        """Equal for rows whose input is the same, so that duplicates never fall into different splits."""
        return text_identity(row)

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """What this row adds to the label counts, by which splits are drawn: its class, the types of its entities."""
        return ()

    def sample_keys(self, row: Mapping[str, Any]) -> Collection[str]:
        """What this row holds of all that `label_names` must have seen."""
        return self.count_labels(row)

    def target(self, row: Mapping[str, Any]) -> float:
        """The number to be predicted; NaN where the prediction is no number."""
        return float("nan")

    @abstractmethod
    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> Sentence:
        """A sentence where all rows have the same label, or an empty string; `targets` (rows,) float64."""

    @abstractmethod
    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """Canonical rows to `input_ids`, `labels` and `length` (tokens before the cut), one list entry per row.

        Pairs also have `token_type_ids` where the tokenizer gives them. Where labels belong to places in the text,
        `answer_tokens` holds for each row how many of its tokens each of them needs, those beyond the cut included, and
        `word_tokens` and `read_tokens` what `words_of_row` needs.
        Attention masks are all ones before padding and are made by `collate`.
        """

    @abstractmethod
    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> TokenizedText:
        """One canonical row as the network reads it, with its labels."""

    # Training

    def in_training(self, scale: TargetScale | None) -> Task:
        """The task in training, before `finish`."""
        return self

    def build_network(self, folder: Path, label_names: Sequence[str]) -> PreTrainedModel:
        """The pre-trained encoder of `folder` with a new head, float32, on the CPU."""
        import transformers  # takes seconds; what only counts rows does not wait for it

        auto_class: Any = getattr(transformers, self.facts.auto_class)
        return network_from(folder, label_names, auto_class, problem_type=self.facts.problem_type or None)

    def finish(self, network: PreTrainedModel) -> None:  # noqa: B027  most networks are finished when trained
        """Makes a trained network predict what its users expect; called once, on the task in training."""

    @abstractmethod
    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A batch padded to its longest row, rounded up to `multiple`.

        `input_ids`, `attention_mask`, `token_type_ids` (batch, length) int64; `labels` (batch,) or (batch, length)
        int64, for numbers (batch,) and for sets of labels (batch, labels) float32.
        """

    def loss(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN
    ) -> torch.Tensor:
        """The loss summed over all labels of the batch, 0-d, where `logits` are."""
        return class_loss(logits, batch, options)

    def loss_count(self, batch: Mapping[str, torch.Tensor]) -> int:
        """How many labels `loss` sums over."""
        return class_loss_count(batch)

    def balanced_weights(self, labels: np.ndarray, label_names: Sequence[str]) -> torch.Tensor | None:
        """Weights with which rare labels count as much as frequent ones; None where labels are not counted.

        `labels` are those of all training rows end to end, as `encode` makes them.
        """
        return balanced_weights(labels, len(label_names))

    # Scores

    @abstractmethod
    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """A batch's logits and labels cut into one float32 and one int64 array per row, padding removed."""

    @abstractmethod
    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """All scores of these rows; None where a score is not measurable. Holds `metric`."""

    def fit_thresholds(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float]:
        """From which probability on each label is given, fitted on validation rows; empty where nothing is fitted."""
        return {}

    def constant_prediction(self, outputs: Outputs, label_names: Sequence[str]) -> Sentence:
        """A sentence where every row gets the same answer, as far as the confusion matrix does not show it."""
        return NOTHING

    def class_scores(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[ClassScores, ...]:
        """Precision, recall, F1 and support per class or entity type."""
        return ()

    def confusion(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
        """Labels and the matrix of counts, truth down, predicted across, int64; empty where nothing is confused."""
        return (), np.zeros((0, 0), dtype=np.int64)

    @abstractmethod
    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """The rows with a wrong prediction, those with the largest loss first."""

    @abstractmethod
    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Columns truth, predicted, probability, loss and right, one entry per row; None where nothing fits."""

    def scatter(self, outputs: Outputs) -> tuple[tuple[float, float], ...]:
        """Truth and prediction of at most 2,000 rows where both are numbers."""
        return ()

    def words_of_row(self, row: Mapping[str, Any], label_names: Sequence[str]) -> WordsOfRow | None:
        """How the tokens of a row represent its words, where scores are per word.

        `row` has `tags` and the encoded columns as arrays.
        """
        return None

    @abstractmethod
    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """The rows as the bootstrap resamples them."""

    @abstractmethod
    def further_scores(self, outputs: Outputs, label_names: Sequence[str]) -> ScoredRows:
        """What an evaluation states beside `score`, with the rows as the bootstrap resamples them."""

    @abstractmethod
    def scored_predictions(
        self, truth: Sequence[Any], predicted: Sequence[Any], label_names: Sequence[str]
    ) -> ScoredRows:
        """Rows whose truth and prediction are given as `predictions` has them."""

    def answer_of(self, prediction: Prediction, row: Mapping[str, Any] | None = None) -> Any:
        """The prediction as `scored_predictions` takes it; of an answer that is "don't know", the one behind it.

        `row` is the canonical row that was predicted, where labels belong to its words.
        """
        return prediction.given[0].label

    def truth_of(self, row: Mapping[str, Any], label_names: Sequence[str]) -> Any:
        """What a prepared row has for a label, as `scored_predictions` takes it."""
        return label_names[int(row["labels"])]

    @abstractmethod
    def baselines(
        self, train: Rows, held_out: Rows, label_names: Sequence[str], *, pause: Callable[[], object] = carry_on
    ) -> dict[str, ScoredRows]:
        """Baselines trained on `train` and measured on `held_out`, by name; `pause` is called often and may raise."""

    # The finished network

    def plain_input(self, row: Mapping[str, Any]) -> str | dict[str, str]:
        """What the pipeline of `transformers` is given for this row: a text, or a pair by its names."""
        if row.get("second_text") is None:
            return str(row["text"])
        return {"text": row["text"], "text_pair": row["second_text"]}

    def pipeline_options(
        self, tokenizer: PreTrainedTokenizerBase, label_names: Sequence[str], max_length: int
    ) -> dict[str, str | int]:
        """Arguments with which the pipeline of `transformers` gives whole answers for this tokenizer."""
        return dict(self.facts.pipeline_options(label_names, True))

    def compared(self, prediction: Prediction, answer: Sequence[Mapping[str, Any]]) -> Compared:
        """The prediction beside what a pipeline answers, called with `top_k=None`: the likeliest label is the same.

        Labels that are equally likely up to rounding count as the same.
        """
        ours = {item.label: item.probability for item in prediction.labels}
        theirs = {str(item["label"]): float(item["score"]) for item in answer}
        if ours.keys() != theirs.keys():
            return Compared(False, 1.0)
        difference = max(abs(ours[label] - score) for label, score in theirs.items())
        best = max(theirs, key=lambda label: theirs[label])
        return Compared(ours[best] >= max(ours.values()) - TOLERANCE, difference)

    def prediction_of(
        self, logits: np.ndarray, label_names: Sequence[str], text: str, *, second_text: str = "", cut_tokens: int = 0
    ) -> Prediction:
        """The prediction that the logits (labels,) float32 of one text represent, where a text has one row of them."""
        raise NotImplementedError(f"{self.facts.name} has logits for every token")

    def predict(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text: str,
        *,
        max_length: int,
        second_text: str = "",
    ) -> Prediction:
        """The network's prediction for one text, or for a pair, and how long it took."""
        started = time.perf_counter()
        logits, cut = logits_of_text(network, tokenizer, text, second_text, max_length)
        names = label_names_of(network)
        found = self.prediction_of(logits, names, text, second_text=second_text, cut_tokens=cut)
        return msgspec.structs.replace(found, milliseconds=(time.perf_counter() - started) * 1000)

    def predict_texts(
        self, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int
    ) -> list[Prediction]:
        """The network's predictions for several texts, of similar length, together where the task can."""
        return [self.predict(network, tokenizer, text, max_length=max_length) for text in texts]
