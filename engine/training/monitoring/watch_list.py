"""The user's own sentences, predicted after each evaluation.

A listener around `emit`, so the loop is independent of it. Draws nothing from the random generators: a run
with a watch-list is bit-equal to the same run without one.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import torch
from transformers import PreTrainedTokenizerBase

from engine.contract.events import Emit, Evaluated, Event, Noted, Watched
from engine.contract.queries import Prediction
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.devices.device_errors import is_out_of_memory
from engine.loading.tokenizer import load_tokenizer
from engine.training.step.training import Training

MOST_LABELS = 5  # of each prediction that are reported
SEPARATORS = ("\t", "|")  # between the two texts of a pair


def watching(training: Training, dataset: PreparedDataset, emit: Emit) -> Emit:
    """Returns `emit` with a `Watched` after each `Evaluated`; the same `emit` where the watch-list is empty.

    Raises `ModelDamaged` (M4) where the model's tokenizer cannot be read.
    """
    pairs = bool(dataset.settings.roles.second_text)
    texts = [watched_texts(line, pairs=pairs) for line in training.settings.watch_list]
    texts = [(first, second) for first, second in texts if first and (second or not pairs)]
    if not texts:
        return emit
    tokenizer = load_tokenizer(Path(dataset.model.folder))

    def emit_and_watch(event: Event) -> None:
        emit(event)
        if isinstance(event, Evaluated):
            emit(_predict_watched(training, tokenizer, texts, dataset.model.max_length, event.step))

    return emit_and_watch


def watched_texts(line: str, *, pairs: bool) -> tuple[str, str]:
    """The text of a line and, where rows are pairs, the second one after a tab or a "|"."""
    separator = next((sign for sign in SEPARATORS if pairs and sign in line), "")
    first, _, second = line.partition(separator) if separator else (line, "", "")
    return " ".join(first.split()), " ".join(second.split())


def _predict_watched(
    training: Training,
    tokenizer: PreTrainedTokenizerBase,
    texts: list[tuple[str, str]],
    max_length: int,
    step: int,
) -> Event:
    network = training.network  # not the computing one, which may be a part or a copy
    modes = [(module, module.training) for module in network.modules()]
    network.train(False)
    try:
        with torch.inference_mode(), training.autocast():
            predictions = [
                training.task.predict(network, tokenizer, first, max_length=max_length, second_text=second)
                for first, second in texts
            ]
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return Noted(Sentence("training.note.watch_list_skipped_time_memory"))
    finally:
        for module, mode in modes:
            module.training = mode
    return Watched(step, tuple(map(_short, predictions)))


def _short(prediction: Prediction) -> Prediction:
    """The prediction with its likeliest labels and those above the threshold. Not timed: runs compare equal."""
    labels = tuple(
        label for place, label in enumerate(prediction.labels) if place < MOST_LABELS or label in prediction.given
    )
    return msgspec.structs.replace(prediction, labels=labels, milliseconds=0.0)
