"""Assembles what a run trains with: network, optimizer, batches, plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from transformers import PreTrainedModel

from engine.contract.errors import InvalidSetting
from engine.contract.kept_head import matching_labels
from engine.contract.presets import planned_steps
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.settings import Method as MethodName
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices.detection import Compute
from engine.tasks.losses import LossOptions
from engine.tasks.registry import task_named
from engine.tasks.task import Task
from engine.training.acceleration.used_embeddings import train_used_embeddings
from engine.training.batching.batch_plan import BatchPlan
from engine.training.batching.rows import Batches, EncodedRows, encoded_rows
from engine.training.loop.kept_head import keep_head
from engine.training.methods.contrastive import ContrastivePlan, ContrastiveStart, without_head_dropout
from engine.training.methods.distillation import Distillation, student_of, teacher_network
from engine.training.methods.linear_head import LinearHead
from engine.training.methods.similarity import SimilarityStart
from engine.training.step.bf16_copy import Bf16Copy
from engine.training.step.optimizer import adamw
from engine.training.step.training import Method, Plan, Training
from engine.training.trainable.freezing import freeze
from engine.training.trainable.layers import draw_head, encoder_layers, layers_unknown, rate_factors, recompute_layers
from engine.training.trainable.lora import add_adapters

_METHODS: dict[MethodName, Callable[[PreparedDataset, Dataset, Task], Method | None]] = {
    "fine_tuning": lambda *_: None,  # the task's own loss
    "contrastive": lambda *_: ContrastiveStart(),
    "linear": lambda *_: LinearHead(),
    "similarity": SimilarityStart,
}


def assemble(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    compute: Compute,
    splits: DatasetDict,
    *,
    network_folder: Path | None = None,
    parent: TrainingRun | None = None,
) -> Training:
    """Everything a run trains with, on its device.

    The network comes from the data set's model with a new classification head, drawn with the seed of the settings; or
    from `network_folder`, with the head there, where a run is continued. A student is made from the network of its
    `parent`. Sets torch's generator.
    """
    task = task_named(dataset.task, dataset.label_names).in_training(dataset.target_scale)
    teacher = _teacher(settings, parent, task, compute)
    if teacher is not None and network_folder is None:
        network = student_of(teacher, settings.student_layers)
    else:
        network = task.build_network(network_folder or Path(dataset.model.folder), dataset.label_names)
    if network_folder is None and teacher is None:
        torch.manual_seed(settings.seed)  # the same head, whatever part of one the folder holds
        draw_head(network)
        if settings.head_start == "kept" and dataset.model.head is not None:
            own = task.build_network(Path(dataset.model.folder), dataset.model.head.labels)
            keep_head(network, own, matching_labels(dataset))
    if settings.layers_to_train == "lora":
        add_adapters(network, settings)
    frozen_layers = freeze(network, settings)
    if settings.method == "contrastive":
        without_head_dropout(network)
    words_of = partial(task.words_of_row, label_names=dataset.label_names)
    train_rows, validation_rows = encoded_rows(splits["train"]), encoded_rows(splits["validation"], words_of)
    train_used_embeddings(network, (train_rows, validation_rows))
    network.to(compute.device)  # type: ignore[arg-type]
    if settings.gradient_checkpointing:
        recompute_layers(network)
    padding_id = int(getattr(network.config, "pad_token_id", None) or 0)  # masked, so any id does
    on_gpu = compute.device.type == "cuda"
    multiple = 8 if on_gpu and dataset.model.max_length % 8 == 0 else 1  # what tensor cores need to be used
    train_batches, validation_batches = (
        Batches(task, rows, padding_id=padding_id, device=compute.device, multiple=multiple)
        for rows in (train_rows, validation_rows)
    )
    return Training(
        task=task,
        label_names=dataset.label_names,
        settings=settings,
        compute=compute,
        network=network,
        optimizer=adamw(
            network,
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            factors=_rate_factors(network, settings),
        ),
        scaler=torch.amp.GradScaler(compute.device.type, enabled=compute.precision == "fp16"),
        train_rows=train_rows,
        train_batches=train_batches,
        validation_rows=validation_rows,
        validation_batches=validation_batches,
        plan=_plan(train_rows, settings),
        method=_METHODS[settings.method](dataset, splits["train"], task) if teacher is None else Distillation(teacher),
        total_steps=planned_steps(dataset, settings),
        loss_options=_loss_options(task, train_rows, dataset, settings, compute),
        bf16_copy=Bf16Copy(network, torch.bfloat16) if on_gpu and compute.precision == "bf16" else None,
        frozen_layers=frozen_layers,
    )


def _teacher(
    settings: FineTuneSettings, parent: TrainingRun | None, task: Task, compute: Compute
) -> PreTrainedModel | None:
    """What a student learns from; raises `InvalidSetting` (T16) where a student would be trained without its parent."""
    if not settings.student_layers:
        return None
    if parent is None:
        raise InvalidSetting(
            "T16",
            Sentence("training.t16.student_learns_from_its_parent"),
            hint=Sentence("training.t16.make_smaller_from_its_run"),
            field="student_layers",
        )
    return teacher_network(parent, task, compute)


def _plan(rows: EncodedRows, settings: FineTuneSettings) -> Plan:
    if settings.method == "contrastive":
        return ContrastivePlan(np.asarray(rows.labels), batch_size=settings.batch_size, seed=settings.seed)
    return BatchPlan(
        rows.lengths, batch_size=settings.batch_size, seed=settings.seed, length_buckets=settings.length_buckets
    )


def _rate_factors(network: PreTrainedModel, settings: FineTuneSettings) -> dict[str, float]:
    if settings.layer_decay != 1 and encoder_layers(network) is None:
        raise layers_unknown("layer_decay")
    return rate_factors(network, layer_decay=settings.layer_decay, head_factor=settings.head_rate_factor)


def _loss_options(
    task: Task, rows: EncodedRows, dataset: PreparedDataset, settings: FineTuneSettings, compute: Compute
) -> LossOptions:
    weights = None
    if settings.class_weights == "balanced":
        weights = task.balanced_weights(rows.labels, dataset.label_names)
    return LossOptions(
        class_weights=None if weights is None else weights.to(compute.device), label_smoothing=settings.label_smoothing
    )
