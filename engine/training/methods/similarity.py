"""The similarity start of pairs: first the network learns what a simple comparison predicts for many pairs.

A network that reads two texts as one input has no notion of comparing them, and a hundred rows do not teach it; the
cosine between the mean states of the two texts, from the same encoder, is there without training, and so are the words
that both share. So a linear model on these, fitted to the training rows, answers pairs that are made of the texts of
these rows (at random, of near neighbours, and of a text and itself with words left out), and the network learns its
answers: Augmented SBERT (Thakur et al. 2021) with the encoder as its own teacher. In the last third of the updates it
learns the rows' own labels as well. What remains is the plain network of its task.

Measured with MiniLM on a GPU (tests/benchmarks/few_rows.py; docs/measured.md): Spearman on stsb with 32 rows 77
instead of 20; accuracy on mrpc with 128 rows a class 74 instead of 63.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from datasets import Dataset
from sklearn.linear_model import LogisticRegression, Ridge
from transformers import PreTrainedTokenizerBase

from engine.contract.errors import ModelNotFound
from engine.contract.events import Emit, Progressed
from engine.contract.pair_likeness import (
    INVERSE_PENALTY,
    PENALTY,
    WEIGHTS,
    is_no_evidence,
    pairs_to_make,
    word_likeness,
)
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import PreparedDataset
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.baselines import one_blas_thread
from engine.tasks.network import logits_of
from engine.tasks.padding import padded_inputs
from engine.tasks.task import Task
from engine.tasks.texts import encoded_inputs
from engine.training.memory.out_of_memory import micro_batch
from engine.training.step.encoder_states import encoder_states
from engine.training.step.training import Method, Training

OWN_LABELS_FROM = 2 / 3  # of the updates: from here on the rows' own labels are learned as well
MOST_TEXTS = 4_000  # that pairs are made of
NEIGHBOURS = 10
AT_RANDOM = 0.4  # of the pairs; the others are a text and one of its nearest neighbours
OF_ITSELF = 0.3  # of the pairs, at least one of whose texts then lacks words
SHORTENED = 0.5  # of the texts
LEFT_OUT = 0.2  # of the words of a shortened text
FEWEST_WORDS = 4  # of a text that is shortened
NO_SPREAD = 1e-9  # of what is compared, where all rows are the same
NOTE = Sentence("training.progress.making_pairs")


class Teacher(NamedTuple):
    """A linear model on what is compared: its answers, the share of the labels' spread it explains, the evidence."""

    # What `likeness` gives of pairs (pairs, 4) to probabilities (pairs, classes) or scores (pairs, 1).
    answers: Callable[[np.ndarray], np.ndarray]
    share: float
    evidence: float


class MadePairs(NamedTuple):
    """Encoded pairs with the teacher's answers (pairs, outputs) float32, and the weight beside the rows' own labels."""

    features: list[dict[str, Any]]
    answers: torch.Tensor
    share: float


class SimilarityStart(Method):
    """The method as the loop uses it; the rows' own labels alone are learned where the comparison predicts nothing."""

    def __init__(self, dataset: PreparedDataset, rows: Dataset, task: Task) -> None:
        self._dataset, self._rows, self._task = dataset, rows, task
        self._made: MadePairs | None = None
        self._step, self._is_late = 0, True

    def begin(self, training: Training, emit: Emit) -> Sentence:
        """Makes the pairs; equal for equal seeds. Draws nothing from torch's generators; `emit` may raise.

        Raises `ModelNotFound` (M9) where the untouched encoder is gone, which a continued run needs as well.
        """
        device = training.compute.device
        encoder_folder = Path(self._dataset.model.folder)
        if not encoder_folder.is_dir():
            raise ModelNotFound(
                "M9",
                Sentence("training.m9.untouched_encoder_gone", folder=encoder_folder),
                hint=Sentence("training.m9.put_model_back"),
            )
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            network = self._task.build_network(encoder_folder, self._dataset.label_names)
            encoder = network.base_model
            encoder.train(False)
            encoder.to(device)
            self._made = made_pairs(training, self._dataset, self._rows, encoder, emit)
        return NOTHING if self._made is not None else Sentence("training.note.cosine_says_nothing")

    def begin_update(self, step: int, total_steps: int) -> None:
        """Which pairs and labels the update after `step` learns."""
        self._step = step
        self._is_late = self._made is None or step >= OWN_LABELS_FROM * total_steps

    def backward(
        self, training: Training, parts: Iterable[Mapping[str, torch.Tensor]], labels: float | torch.Tensor
    ) -> torch.Tensor:
        """Adds the gradients of the made pairs, and late of the rows; returns the loss of the labels that are learned.

        That is the teacher's answers first, and the rows' own labels late. Means over labels.
        """
        total = torch.zeros((), device=training.compute.device)
        if self._made is not None:
            learned = self._from_made_pairs(training, self._made)
            if not self._is_late:
                return learned
        for part in parts:
            with training.autocast():
                logits = logits_of(training.computing_network, part)
            loss = training.task.loss(logits, part, training.loss_options) / labels
            total += loss.detach()
            torch.autograd.backward(training.scaler.scale(loss))
            training.collect_gradients()
        return total

    def _from_made_pairs(self, training: Training, made: MadePairs) -> torch.Tensor:
        size, at_once = training.settings.batch_size, micro_batch(training.settings)
        weight = made.share if self._is_late else 1.0
        generator = np.random.Generator(np.random.PCG64([training.settings.seed, self._step]))
        chosen = generator.integers(len(made.features), size=size)
        total = torch.zeros((), device=training.compute.device)
        padding_id = int(getattr(training.network.config, "pad_token_id", None) or 0)
        for start in range(0, size, at_once):
            places = chosen[start : start + at_once]
            batch = padded_inputs([made.features[place] for place in places], padding_id=padding_id, multiple=1)
            on_device = training.train_batches.on_device(batch)
            with training.autocast():
                logits = logits_of(training.computing_network, on_device)
            loss = teacher_loss(logits, made.answers[places].to(logits.device)) / size
            total += loss.detach()
            torch.autograd.backward(training.scaler.scale(weight * loss))
            training.collect_gradients()
        return total


def teacher_loss(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Cross-entropy against probabilities, or the squared error where there is one output; 0-d, summed over pairs."""
    own = logits.float()
    if own.shape[-1] == 1:
        return (own - answers).square().sum()
    return -(answers * own.log_softmax(dim=-1)).sum()


def made_pairs(
    training: Training, dataset: PreparedDataset, rows: Dataset, encoder: torch.nn.Module, emit: Emit
) -> MadePairs | None:
    """Pairs of the texts of the training rows, answered by the teacher; None where it has no answer."""
    tokenizer = load_tokenizer(Path(dataset.model.folder))
    cosines = _Cosines(tokenizer, encoder, training, dataset.max_length, emit)
    first, second = (list(map(str, rows[column][:])) for column in ("text", "second_text"))
    texts = sorted({*first, *second})
    generator = np.random.Generator(np.random.PCG64([training.settings.seed, len(texts)]))
    count = pairs_to_make(training.total_steps, training.settings.batch_size)
    cosines.total = len(texts) + 2 * count
    states = cosines.states_of(texts)
    place = {text: index for index, text in enumerate(texts)}
    cosines_of_rows = (states[[place[text] for text in first]] * states[[place[text] for text in second]]).sum(axis=1)
    own = likeness(cosines_of_rows, list(zip(first, second, strict=True)))
    labels = np.asarray(training.train_rows.labels)
    if dataset.target_scale is not None:
        labels = (labels - dataset.target_scale.mean) / dataset.target_scale.spread
    teacher = fitted_teacher(own, labels, classes=len(training.label_names))
    if teacher is None or is_no_evidence(teacher.evidence, len(labels)):
        return None
    pairs = pairs_of(texts, states, count, generator)
    encoded = _encoded(tokenizer, pairs, training, dataset.max_length)
    if not encoded:
        return None
    pairs, features = [pairs[index] for index, _ in encoded], [row for _, row in encoded]
    answers = teacher.answers(likeness(cosines.of(pairs), pairs))
    return MadePairs(features, torch.from_numpy(answers.astype(np.float32)), teacher.share)


def likeness(cosines: np.ndarray, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """What is compared of each pair, (pairs, 4) float64: the cosine (pairs,), then the values of `word_likeness`."""
    return np.column_stack([cosines.astype(np.float64), [word_likeness(*pair) for pair in pairs]])


def fitted_teacher(compared: np.ndarray, labels: np.ndarray, *, classes: int) -> Teacher | None:
    """The linear model on what `likeness` gives (rows, 4) of these labels (rows,); None where all labels are the same.

    Labels are classes (int) or numbers (float), whose mean and spread need not be 0 and 1.
    """
    # Standardised, since the cosines of other encoders lie closer together.
    mean, spread = compared.mean(axis=0), compared.std(axis=0)
    spread[spread < NO_SPREAD] = 1.0

    def standardised(given: np.ndarray) -> np.ndarray:
        return np.asarray((given - mean) / spread * WEIGHTS)

    wide = standardised(compared)
    if labels.dtype.kind == "f":
        if not float(labels.std()) or not wide.any():
            return None
        with one_blas_thread():
            line = Ridge(alpha=PENALTY).fit(wide, labels)
        share = max(0.0, float(line.score(wide, labels)))
        return Teacher(lambda given: line.predict(standardised(given))[:, None], share, len(labels) * share)
    occurring, counts = np.unique(labels, return_counts=True)
    if len(occurring) < 2:
        return None
    with one_blas_thread():
        fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1_000).fit(wide, labels)

    def answers(given: np.ndarray) -> np.ndarray:
        found = np.zeros((len(given), classes))
        found[:, occurring] = fitted.predict_proba(standardised(given))
        return found

    places = np.searchsorted(occurring, labels)
    likelihood = np.log(fitted.predict_proba(wide)[np.arange(len(labels)), places] + 1e-12).sum()
    alone = (counts * np.log(counts / counts.sum())).sum()  # of the shares of the classes
    return Teacher(answers, max(0.0, float(1 - likelihood / alone)), float(2 * (likelihood - alone)))


def pairs_of(
    texts: Sequence[str], states: np.ndarray, count: int, generator: np.random.Generator
) -> list[tuple[str, str]]:
    """`count` pairs of these texts, whose unit states are (texts, hidden)."""
    chosen = np.arange(len(texts))
    if len(texts) > MOST_TEXTS:
        chosen = np.sort(generator.choice(len(texts), MOST_TEXTS, replace=False))
    likeness = states[chosen] @ states[chosen].T
    np.fill_diagonal(likeness, -np.inf)
    near = min(NEIGHBOURS, len(chosen) - 1)
    neighbours = np.argpartition(-likeness, max(0, near - 1), axis=1)[:, :near]
    made = []
    for _ in range(count):
        one = int(generator.integers(len(chosen)))
        at_random = generator.random() < AT_RANDOM or not near
        other = int(generator.integers(len(chosen)) if at_random else generator.choice(neighbours[one]))
        first, second = texts[chosen[one]], texts[chosen[other]]
        if generator.random() < OF_ITSELF:
            second = first
        made.append(tuple(shortened(t, generator) if generator.random() < SHORTENED else t for t in (first, second)))
    return made  # type: ignore[return-value]


def shortened(text: str, generator: np.random.Generator) -> str:
    """The text without some of its words. It keeps the first one, whose tokens may be those of a beginning."""
    words = text.split()
    if len(words) < FEWEST_WORDS:
        return text
    kept = generator.random(len(words)) >= LEFT_OUT
    kept[0] = True
    return " ".join(word for word, is_kept in zip(words, kept, strict=True) if is_kept)


def _encoded(
    tokenizer: PreTrainedTokenizerBase, pairs: Sequence[tuple[str, str]], training: Training, max_length: int
) -> list[tuple[int, dict[str, Any]]]:
    """The pairs that have no other tokens than the training rows, which alone are trained, by their places."""
    columns = encoded_inputs(
        tokenizer, {"text": [pair[0] for pair in pairs], "second_text": [pair[1] for pair in pairs]}, max_length
    )
    known = np.unique(training.train_rows.token_ids)
    names = [name for name in ("input_ids", "token_type_ids") if name in columns]
    rows = zip(*(columns[name] for name in names), strict=True)
    found = [(index, dict(zip(names, row, strict=True))) for index, row in enumerate(rows)]
    return [(index, row) for index, row in found if np.isin(row["input_ids"], known).all()]


class _Cosines:
    """Cosines between the mean states of two texts, each text computed once."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        encoder: torch.nn.Module,
        training: Training,
        max_length: int,
        emit: Emit,
    ) -> None:
        self._tokenizer, self._encoder, self._emit = tokenizer, encoder, emit
        self._max_length = max_length
        self._padding_id = int(getattr(training.network.config, "pad_token_id", None) or 0)
        self._done = 0
        self.total = 0

    def states_of(self, texts: Sequence[str]) -> np.ndarray:
        """The mean states (texts, hidden), of length 1."""
        ids = encoded_inputs(self._tokenizer, {"text": list(texts)}, self._max_length)["input_ids"]

        def report(done: int) -> None:
            self._emit(Progressed(min(self._done + done, self.total), self.total, NOTE, "rows"))

        found = np.stack(encoder_states(self._encoder, ids, padding_id=self._padding_id, by_word=False, report=report))
        self._done += len(texts)
        unit: np.ndarray = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return unit

    def of(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """The cosine of each pair (pairs,)."""
        texts = sorted({text for pair in pairs for text in pair})
        place = {text: index for index, text in enumerate(texts)}
        states = self.states_of(texts)
        cosines: np.ndarray = (
            states[[place[first] for first, _ in pairs]] * states[[place[second] for _, second in pairs]]
        ).sum(axis=1)
        return cosines
