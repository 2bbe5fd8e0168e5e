"""Distillation: a student with some of its parent's layers learns what the parent answers to the training rows.

The student begins as the parent without the layers in between: embeddings, head and the kept layers are the parent's
(Sanh et al. 2019, DistilBERT). Its loss is the Kullback-Leibler divergence from the parent's answers at a temperature
(Hinton et al. 2015), in which a text has probabilities of wrong labels as well, and one minus the cosine between
the last hidden states of both, token by token. Where words are labelled, half of the texts have tokens exchanged for
others: the parent answers these as well, and so shows more of itself than by the few texts that it has memorized
(after Jiao et al. 2020, TinyBERT, who write such texts beforehand).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, kl_div, log_softmax
from transformers import PreTrainedModel

from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.devices.detection import Compute
from engine.tasks.losses import IGNORED
from engine.tasks.network import logits_of
from engine.tasks.task import Activation, Task
from engine.training.step.training import Method, Training
from engine.training.trainable.layers import encoder_layers, layers_unknown

TEMPERATURE = 2.0  # that the logits of both are divided by; DistilBERT's
PER_LAYER = ("attention_window", "layer_types")  # what a configuration may hold of each layer
REPLACED = 0.3  # of the tokens in half of the rows, where words are labelled: measured on wnut17
STATES_WEIGHT = 1.0  # of the cosine of the hidden states beside the divergence; DistilBERT's


class Distillation(Method):
    """The method as the loop uses it; the student ends as the plain network of its task."""

    def __init__(self, teacher: PreTrainedModel) -> None:
        teacher.train(False)
        self._teacher = teacher.requires_grad_(False)

    def backward(
        self, training: Training, parts: Iterable[Mapping[str, torch.Tensor]], labels: float | torch.Tensor
    ) -> torch.Tensor:
        """Adds the gradients of the divergence, a mean over labels, and of the states', a mean over tokens."""
        student, activation = training.computing_network, training.task.activation
        on_device = list(parts)
        if training.task.facts.one_label_per_word:
            on_device = [{**part, "input_ids": replaced_tokens(part)} for part in on_device]
        tokens = torch.stack([part["attention_mask"].sum() for part in on_device]).sum()
        total = torch.zeros((), device=training.compute.device)
        with LastStates(student) as own, LastStates(self._teacher) as theirs:
            for part in on_device:
                with torch.no_grad(), training.autocast():
                    wanted = logits_of(self._teacher, part)
                with training.autocast():
                    logits = logits_of(student, part)
                loss = distillation_loss(logits, wanted, part["labels"], activation) / labels
                loss = loss + STATES_WEIGHT * states_loss(own.take(), theirs.take(), part["attention_mask"]) / tokens
                total += loss.detach()
                torch.autograd.backward(training.scaler.scale(loss))
                training.collect_gradients()
        return total


def replaced_tokens(part: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The input ids (rows, tokens) where in half of the rows a share of the tokens is another token of these rows.

    Padding stays, and so do the ids that begin and end a row: they are special tokens, wherever they are.
    """
    ids, attended = part["input_ids"], part["attention_mask"].bool()
    places = torch.arange(ids.shape[1], device=ids.device)
    first, last = attended.int().argmax(1, keepdim=True), (attended * places).argmax(1, keepdim=True)
    free = attended & (ids != ids.gather(1, first)) & (ids != ids.gather(1, last))
    others = ids[free]
    if not len(others):
        return ids
    drawn = others[torch.randint(len(others), ids.shape, device=ids.device)]
    rows = torch.rand(len(ids), 1, device=ids.device) < 0.5
    return torch.where(free & rows & (torch.rand(ids.shape, device=ids.device) < REPLACED), drawn, ids)


class LastStates:
    """While it is open, the latest output of a network's encoder, (rows, tokens, hidden), with its gradient graph."""

    def __init__(self, network: PreTrainedModel) -> None:
        self._latest: torch.Tensor | None = None
        self._hook = network.base_model.register_forward_hook(self._keep)

    def __enter__(self) -> LastStates:
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def _keep(self, _module: torch.nn.Module, _given: object, output: Any) -> None:
        self._latest = output[0]

    def take(self) -> torch.Tensor:
        """The states of the forward pass that was just computed; drops them."""
        if self._latest is None:
            raise LookupError("the encoder has not been reached")
        latest, self._latest = self._latest, None
        return latest


def distillation_loss(
    logits: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, activation: Activation
) -> torch.Tensor:
    """The divergence from the teacher's answers, 0-d, in nats, summed over the labels that the task's loss sums over.

    `logits` and `teacher` have one shape. Where they are softmax logits (…, classes), `labels` (…) are −100 where there
    is nothing to answer. Labels that are each given or not diverge one by one. Numbers: the squared difference.
    The factor T² keeps the gradient's size at any temperature.
    """
    own, theirs = logits.float(), teacher.float()
    if activation == "none":
        return (own - theirs).square().sum()
    own, theirs = own / TEMPERATURE, theirs / TEMPERATURE
    if activation == "sigmoid":
        wanted = theirs.sigmoid()
        least = binary_cross_entropy_with_logits(theirs, wanted, reduction="sum")
        return TEMPERATURE**2 * (binary_cross_entropy_with_logits(own, wanted, reduction="sum") - least)
    each = kl_div(log_softmax(own, -1), log_softmax(theirs, -1), reduction="none", log_target=True).sum(-1)
    return TEMPERATURE**2 * (each * (labels != IGNORED)).sum()


def states_loss(own: torch.Tensor, theirs: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """One minus the cosine of hidden states (rows, tokens, hidden), 0-d, summed over the tokens that are no padding."""
    return ((1 - cosine_similarity(own.float(), theirs.float(), dim=-1)) * mask).sum()


def even_layers(count: int, kept: int) -> tuple[int, ...]:
    """Which of `count` layers a student keeps: the lowest and the uppermost, and as many between, evenly apart.

    One layer is the lowest: it reads the embeddings as it did before.
    """
    return tuple(np.linspace(0, count - 1, kept).round().astype(int).tolist())


def student_of(teacher: PreTrainedModel, kept: int) -> PreTrainedModel:
    """The network without the layers between, on the CPU; raises `InvalidSetting` (T16) where they are not known."""
    layers = encoder_layers(teacher)
    if layers is None or not 0 < kept < len(layers.modules):
        raise layers_unknown("student_layers")
    count = len(layers.modules)
    chosen = even_layers(count, kept)
    config = copy.deepcopy(teacher.config)
    for name in PER_LAYER:
        value = getattr(config, name, None)
        if isinstance(value, list | tuple) and len(value) == count:
            setattr(config, name, [value[index] for index in chosen])
    config.num_hidden_layers = kept
    student: PreTrainedModel = type(teacher)(config)
    place = {f"{layers.prefix}.{old}.": f"{layers.prefix}.{new}." for new, old in enumerate(chosen)}
    weights = {}
    for name, tensor in teacher.state_dict().items():
        if not name.startswith(f"{layers.prefix}."):
            weights[name] = tensor
            continue
        number, _, rest = name.removeprefix(f"{layers.prefix}.").partition(".")
        old = f"{layers.prefix}.{number}."
        if old in place:
            weights[place[old] + rest] = tensor
    student.load_state_dict(weights, strict=True)
    return student


def distilled_from(parent: TrainingRun, layers: int) -> Sentence:
    """The note of a student: of which run's network it is, as it was then."""
    return Sentence(
        "training.note.distilled_from",
        layers=layers,
        of=parent.settings.student_layers or parent.dataset.model.layers,
        parent=parent.id,
        step=parent.best_step,
    )


def teacher_network(run: TrainingRun, task: Task, compute: Compute) -> PreTrainedModel:
    """The parent's best checkpoint as it was trained, on the device, in the number format that it computes in."""
    network = task.build_network(Path(run.checkpoint), run.dataset.label_names)
    half = compute.device.type == "cuda" and compute.precision == "bf16"
    network.to(compute.device, torch.bfloat16 if half else torch.float32)  # type: ignore[arg-type]
    return network
