"""A pre-trained encoder with a new head, read from safetensors in a local folder and nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from engine.workspace import file_operations

if TYPE_CHECKING:
    from transformers import PreTrainedModel


# Attention between blocks that are drawn at random, in long batches only: a row would be answered by its batch.
_FIXED: Mapping[str, Mapping[str, Any]] = {"big_bird": {"attention_type": "original_full"}}


def network_from(
    folder: Path, label_names: Sequence[str], auto_class: Any, *, problem_type: str | None = None
) -> PreTrainedModel:
    """The network of `folder` with one logit per label name, float32, on the CPU, in evaluation mode.

    Parts that the folder does not hold (the new head) are drawn from torch's generator, so that they are equal under
    equal seeds.
    """
    options: dict[str, Any] = {} if problem_type is None else {"problem_type": problem_type}
    options |= _FIXED.get(_model_type(folder), {})
    with calm_transformers():
        network: PreTrainedModel = auto_class.from_pretrained(
            str(folder),
            num_labels=len(label_names),
            id2label=dict(enumerate(label_names)),
            label2id={name: index for index, name in enumerate(label_names)},
            ignore_mismatched_sizes=True,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            **options,
        )
    if file_operations.WINDOWS:
        _unmap(network)
    return network


def _model_type(folder: Path) -> str:
    return str(json.loads((folder / "config.json").read_text("utf-8")).get("model_type", ""))


def _unmap(network: PreTrainedModel) -> None:
    """Copies the weights, which lie in the mapped file at first: Windows keeps what is mapped from being removed."""
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data = tensor.data.clone()


def logits_of(network: PreTrainedModel, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The network's logits for a collated batch, in the number format it computes in.

    Without an attention mask every position counts. A batch with `hidden_states` (batch, length, width) is for a
    network without its lower layers (training/acceleration/split_network.py), which reads them in place of embeddings.
    """
    if "hidden_states" in batch:
        mask = {"attention_mask": batch["attention_mask"]} if "attention_mask" in batch else {}
        upper: torch.Tensor = network(inputs_embeds=batch["hidden_states"].to(network.dtype), **mask).logits
        return upper
    given = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch}
    logits: torch.Tensor = network(**given).logits
    return logits


def label_names_of(network: PreTrainedModel) -> tuple[str, ...]:
    """The network's label names in the order of their ids."""
    names: dict[int, str] = network.config.id2label  # type: ignore[assignment]
    return tuple(names[index] for index in range(len(names)))


@contextlib.contextmanager
def calm_transformers() -> Iterator[None]:
    """Switches off the progress bar and the warning about a new head, which here is meant to be new."""
    from transformers.utils import logging as _logging

    transformers_logging: Any = _logging  # without types
    verbosity = transformers_logging.get_verbosity()
    had_bar = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if had_bar:
            transformers_logging.enable_progress_bar()
