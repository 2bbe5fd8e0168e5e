"""The network of a run's best checkpoint, with its tokenizer; the last one is kept warm, and one beside it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.errors import ModelDamaged
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.loading.tokenizer import tokenizer_of_run
from engine.tasks.registry import task_named
from engine.training.methods.head import output_layer
from engine.workspace.atomic_files import is_whole


class TrainedNetwork(NamedTuple):
    """A live network in evaluation mode and the tokenizer it was trained with."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


_warm: dict[tuple[str, float], TrainedNetwork] = {}


def trained_network(run: TrainingRun, *, beside: bool = False) -> TrainedNetwork:
    """The network wherever it was last moved, on the CPU at first; raises `ModelDamaged` (C8).

    The run's temperature is in its output layer, so that whoever asks it, and whatever is exported, has the calibrated
    probabilities; the checkpoint stays as it was trained. `beside` keeps the network that was asked for before as well:
    the two are compared, text after text.
    """
    key = run.checkpoint, run.temperature
    if key not in _warm:
        kept = list(_warm.items())[-1:] if beside else []
        _warm.clear()  # the old one's memory is free before the new one is read
        _warm.update(kept)
        trained = _read(run)
        if run.temperature != 1:
            fold_temperature(trained.network, run.temperature)
        _warm[key] = trained
    _warm[key] = _warm.pop(key)  # the last one of the dictionary
    return _warm[key]


def fold_temperature(network: PreTrainedModel, temperature: float) -> None:
    """Divides the output layer, weights and bias, so that all logits are divided: exact up to rounding."""
    layer = output_layer(network)
    with torch.no_grad():
        layer.weight.div_(temperature)
        if layer.bias is not None:
            layer.bias.div_(temperature)


def _read(run: TrainingRun) -> TrainedNetwork:
    dataset = run.dataset
    checkpoint = Path(run.checkpoint)
    if not is_whole(checkpoint):
        raise _damaged(run, "its files are not those that were saved")
    task = task_named(dataset.task, dataset.label_names).in_training(dataset.target_scale)
    try:
        network = task.build_network(checkpoint, dataset.label_names)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise _damaged(run, str(error)) from error
    task.finish(network)
    network.train(False)
    tokenizer = tokenizer_of_run(Path(dataset.model.folder), Path(run.folder))
    return TrainedNetwork(network, tokenizer)


def _damaged(run: TrainingRun, details: str) -> ModelDamaged:
    return ModelDamaged(
        "C8",
        Sentence("evaluating.c8.checkpoint_step_run_damaged", best_step=run.best_step, id_=run.id),
        hint=Sentence("evaluating.c8.continue_run_earlier_checkpoint_train"),
        details=details,
    )
