"""The weights of a model: whether the files are whole, whether they fit the config, whether the numbers are sound.

Only safetensors are opened. The header is read first, so that a cut download, a Git LFS pointer or a web page is
named for what it is. The network is then loaded once, float32 on the CPU.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoModel, PreTrainedModel

from engine.contract.errors import ModelDamaged, OutOfMemory
from engine.contract.recovery_actions import RecoveryAction
from engine.hub.model_files import ANOTHER, ModelFiles, old_format, size_in_words
from engine.loading.configuration import Configuration
from engine.tasks.network import calm_transformers

AGAIN = (RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER)
LARGEST_HEADER = 100_000_000  # bytes, the format's own limit
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
ALL_ZERO_IS_FINE = "token_type_embeddings.weight"  # RoBERTa's are zero by design


class Loaded(NamedTuple):
    """The live network and sentences about what its file does and does not hold."""

    network: PreTrainedModel
    notes: tuple[str, ...]


def check_headers(files: ModelFiles) -> int:
    """Checks every weight file's header; returns how many numbers the files hold together."""
    return sum(_numbers_in(files.folder / name) for name in files.weights)


def load_network(
    files: ModelFiles, configuration: Configuration, numbers: int, progress: Callable[[str], None]
) -> Loaded:
    """Loads the encoder, whose files hold so many numbers, and checks it; `progress` hears what comes next."""
    _check_size(configuration, numbers)
    progress("Reading the weights")
    try:
        with calm_transformers():
            network, report = AutoModel.from_pretrained(
                str(files.folder),
                config=configuration.config,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
                dtype=torch.float32,
            )
    except (SafetensorError, OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise _incomplete("The weights of this model can't be loaded.", f"{type(error).__name__}: {error}") from error
    progress("Checking the numbers")
    parts = len(list(network.parameters()))
    _check_report(report, parts)
    _check_numbers(network, parts, set(report["missing_keys"]))
    return Loaded(network.eval(), _notes(report, configuration))


def _numbers_in(path: Path) -> int:
    """Reads and checks a safetensors header (https://huggingface.co/docs/safetensors, format)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(512)
        _refuse_other_content(start, size)
        length = struct.unpack("<Q", start[:8])[0]
        if length > LARGEST_HEADER:
            raise _incomplete("The model file is damaged: its first bytes are not those of a safetensors file.")
        if length + 8 > size:
            raise _incomplete(f"The model file is incomplete: only {size_in_words(size)} of it are there.")
        file.seek(8)
        header = file.read(length)
    try:
        tensors: dict[str, Any] = {k: v for k, v in json.loads(header).items() if k != "__metadata__"}
        end = 8 + length + max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)
        count: int = sum(math.prod(tensor["shape"]) for tensor in tensors.values())
        unusual = sorted({str(tensor["dtype"]) for tensor in tensors.values() if _is_compressed(tensor)})
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise _incomplete("The model file is damaged: its table of contents cannot be read.", str(error)) from error
    if end > size:
        raise _incomplete(f"The model file is incomplete: {size_in_words(size)} of {size_in_words(end)}.")
    if unusual:
        raise ModelDamaged(
            "M6",
            f"This model stores its numbers in a compressed format ({', '.join(unusual)}).",
            hint="Choose the full version of the model.",
            actions=ANOTHER,
        )
    try:
        with safe_open(str(path), framework="pt"):  # the format's own library checks offsets and overlaps
            return count
    except (SafetensorError, OSError) as error:
        raise _incomplete("The model file is damaged: its table of contents is wrong.", str(error)) from error


def _is_compressed(tensor: dict[str, Any]) -> bool:
    """Whether a matrix is stored as other than floats; single rows may be position numbers or masks."""
    return tensor["dtype"] not in FLOATS and len(tensor["shape"]) > 1 and tensor["shape"][0] > 1


def _refuse_other_content(start: bytes, size: int) -> None:
    if start.startswith(b"version https://git-lfs"):
        raise _incomplete("The model file is only a Git LFS pointer; the weights themselves were not downloaded.")
    if start.lstrip()[:1] == b"<":
        raise _incomplete("The model file is a web page, not a model.")
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")) and start[8:9] != b"{":
        raise old_format()
    if size < 10:
        raise _incomplete("The model file is empty." if not size else "The model file is incomplete.")


def _check_size(configuration: Configuration, numbers: int) -> None:
    """Refuses a config that describes far more than the files hold, before any memory is taken for it."""
    try:
        with torch.device("meta"), calm_transformers():
            described = AutoModel.from_config(configuration.config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    except Exception as error:  # any value of the config can be one that its class does not work with
        raise ModelDamaged(
            "M3",
            "config.json of this model cannot be used.",
            hint="Download the model again, or choose another one.",
            actions=ANOTHER,
            details=f"{type(error).__name__}: {error}",
        ) from error
    parameters = sum(parameter.numel() for parameter in described.parameters())
    if parameters > 2 * numbers:
        raise ModelDamaged(
            "M7",
            f"config.json describes {parameters:,} numbers, and the model file holds {numbers:,}.",
            hint="The two are from different models. Copy or download the model again.",
            actions=AGAIN,
        )
    needed, free = 4 * (parameters + numbers), psutil.virtual_memory().available
    if needed > free:
        raise OutOfMemory(
            "M16",
            f"This model needs {size_in_words(needed)} of memory to load, and {size_in_words(free)} are free.",
            hint="Close other programs, or choose a smaller model.",
            actions=(RecoveryAction.TRY_AGAIN, *ANOTHER),
        )


def _check_report(report: dict[str, Any], parts: int) -> None:
    missing = [name for name in report["missing_keys"] if not _is_pooler(name)]
    wrong = [str(entry) for entry in report["mismatched_keys"] if not _is_pooler(str(entry))]
    if missing or wrong:
        amount = len(missing) + len(wrong)
        raise ModelDamaged(
            "M7",
            f"{amount:,} of {parts:,} parts of this model are missing from its file or have another size.",
            hint="config.json and the weights are from different models. Copy or download the model again.",
            actions=AGAIN,
            details="\n".join([*missing[:20], *wrong[:20]]),
        )


def _check_numbers(network: PreTrainedModel, parts: int, new: set[str]) -> None:
    bad = [name for name, part in network.named_parameters() if name not in new and _is_damaged(name, part)]
    if bad:
        raise ModelDamaged(
            "M6",
            f"This model's numbers are damaged ({len(bad):,} of {parts:,} parts).",
            hint="Download the model again, or choose another one.",
            actions=AGAIN,
            details="\n".join(bad[:20]),
        )


def _is_damaged(name: str, part: torch.Tensor) -> bool:
    """Whether a part holds a number that is not finite, or is a matrix of nothing but zeros."""
    if not bool(torch.isfinite(part).all()):
        return True
    is_matrix = part.dim() > 1 and min(part.shape) > 1
    return is_matrix and not name.endswith(ALL_ZERO_IS_FINE) and not bool(part.any())


def _notes(report: dict[str, Any], configuration: Configuration) -> tuple[str, ...]:
    notes = []
    labels = configuration.answer_layer()
    if labels is not None:
        notes.append(
            f"This model already has an answer layer with {labels:,} labels. Fine-tuning replaces it with a new one."
        )
    if any(_is_pooler(name) for name in report["missing_keys"]):
        notes.append("This model comes without a pooling layer. A new one is trained where the task needs it.")
    return tuple(notes)


def _is_pooler(name: str) -> bool:
    return "pooler" in name.split(".") or ".pooler." in name


def _incomplete(sentence: str, details: str = "") -> ModelDamaged:
    return ModelDamaged(
        "M5",
        sentence,
        hint="Download or copy the model again.",
        actions=AGAIN,
        details=details[:2000],
    )
