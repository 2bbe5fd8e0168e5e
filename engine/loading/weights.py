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
from engine.contract.sentences import Sentence
from engine.hub.model_files import ANOTHER, ModelFiles, old_format
from engine.loading.configuration import Configuration, sizes_in
from engine.tasks.network import calm_transformers

AGAIN = (RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER)
LARGEST_HEADER = 100_000_000  # bytes, the format's own limit
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
ALL_ZERO_IS_FINE = "token_type_embeddings.weight"  # RoBERTa's are zero by design


class Loaded(NamedTuple):
    """The live network and sentences about what its file does and does not hold."""

    network: PreTrainedModel
    notes: tuple[Sentence, ...]


class Held(NamedTuple):
    """What weight files hold: so many numbers in so many tensors."""

    numbers: int
    tensors: int


def check_headers(files: ModelFiles) -> Held:
    """Checks every weight file's header; returns what the files hold together."""
    each = [_held_by(files.folder / name) for name in files.weights]
    return Held(sum(held.numbers for held in each), sum(held.tensors for held in each))


def load_network(
    files: ModelFiles, configuration: Configuration, held: Held, progress: Callable[[Sentence], None]
) -> Loaded:
    """Loads the encoder, whose files hold so much, and checks it; `progress` receives what comes next."""
    _check_sizes(configuration, held)
    _check_size(configuration, held.numbers)
    progress(Sentence("loading.progress.reading_weights"))
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
        raise _incomplete(
            Sentence("loading.incomplete.weights_model_cant_loaded"), f"{type(error).__name__}: {error}"
        ) from error
    progress(Sentence("loading.progress.checking_numbers"))
    parts = len(list(network.parameters()))
    _check_report(report, parts)
    _check_numbers(network, parts, set(report["missing_keys"]))
    return Loaded(network.eval(), _notes(report, configuration))


def _held_by(path: Path) -> Held:
    """Reads and checks a safetensors header (https://huggingface.co/docs/safetensors, format)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(512)
        _refuse_other_content(start, size)
        length = struct.unpack("<Q", start[:8])[0]
        if length > LARGEST_HEADER:
            raise _incomplete(Sentence("loading.incomplete.model_file_damaged_first_bytes"))
        if length + 8 > size:
            raise _incomplete(Sentence("loading.incomplete.model_file_incomplete_only_there", size=size))
        file.seek(8)
        header = file.read(length)
    try:
        tensors: dict[str, Any] = {k: v for k, v in json.loads(header).items() if k != "__metadata__"}
        end = 8 + length + max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)
        count: int = sum(math.prod(tensor["shape"]) for tensor in tensors.values())
        unusual = sorted({str(tensor["dtype"]) for tensor in tensors.values() if _is_compressed(tensor)})
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise _incomplete(Sentence("loading.incomplete.model_file_damaged_table_contents"), str(error)) from error
    if end > size:
        raise _incomplete(Sentence("loading.incomplete.model_file_incomplete", size=size, end=end))
    if unusual:
        raise ModelDamaged(
            "M6",
            Sentence("loading.m6.model_stores_numbers_compressed_format", unusual=unusual),
            hint=Sentence("loading.m6.choose_full_version_model"),
            actions=ANOTHER,
        )
    try:
        with safe_open(str(path), framework="pt"):  # the format's own library checks offsets and overlaps
            return Held(count, len(tensors))
    except (SafetensorError, OSError) as error:
        raise _incomplete(Sentence("loading.incomplete.model_file_damaged_table_contents_2"), str(error)) from error


def _is_compressed(tensor: dict[str, Any]) -> bool:
    """Whether a matrix is stored as other than floats; single rows may be position numbers or masks."""
    return tensor["dtype"] not in FLOATS and len(tensor["shape"]) > 1 and tensor["shape"][0] > 1


def _refuse_other_content(start: bytes, size: int) -> None:
    if start.startswith(b"version https://git-lfs"):
        raise _incomplete(Sentence("loading.incomplete.model_file_only_git_lfs"))
    if start.lstrip()[:1] == b"<":
        raise _incomplete(Sentence("loading.incomplete.model_file_web_page_not"))
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")) and start[8:9] != b"{":
        raise old_format()
    if size < 10:
        raise _incomplete(
            Sentence("loading.incomplete.model_file_empty")
            if not size
            else Sentence("loading.incomplete.model_file_incomplete_2")
        )


def _check_sizes(configuration: Configuration, held: Held) -> None:
    """Refuses sizes that the files cannot hold, before anything is built by them.

    Not even the description of the network, without memory for its numbers, is cheap to build: each layer is made one
    by one, and two families compute a table of positions in a loop.
    """
    for key, value in sizes_in(configuration.values):
        if key not in ("num_labels", "max_position_embeddings") and value > held.numbers:
            raise _beyond(key, value, held.numbers)
    config, kind = configuration.config, configuration.model_type
    if kind == "albert":  # whose layers share their weights
        built = {"num_hidden_groups": config.num_hidden_groups, "inner_group_num": config.inner_group_num}
    else:
        built = {"num_hidden_layers": config.num_hidden_layers}
        if kind == "mobilebert":
            built["num_feedforward_networks"] = config.num_feedforward_networks
    if math.prod(built.values()) > held.tensors:
        key = max(built, key=lambda name: built[name])
        raise _beyond(key, built[key], held.numbers)
    positions = config.max_position_embeddings
    wide = config.hidden_size // config.num_attention_heads if kind == "roformer" else config.hidden_size
    computes_positions = kind == "roformer" or (kind == "distilbert" and config.sinusoidal_pos_embds)
    if computes_positions and positions * wide > held.numbers:
        raise _beyond("max_position_embeddings", positions, held.numbers)


def _beyond(key: str, value: int, numbers: int) -> ModelDamaged:
    return ModelDamaged(
        "M7",
        Sentence("loading.m7.config_json_beyond_weights", key=key, value=value, numbers=numbers),
        hint=Sentence("loading.m7.two_different_models_copy_download"),
        actions=AGAIN,
    )


def _check_size(configuration: Configuration, numbers: int) -> None:
    """Refuses a config that describes far more than the files hold, before any memory is taken for it."""
    try:
        with torch.device("meta"), calm_transformers():
            described = AutoModel.from_config(configuration.config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    except Exception as error:  # any value of the config can be one that its class does not work with
        raise ModelDamaged(
            "M3",
            Sentence("loading.m3.config_json_model_cannot_used"),
            hint=Sentence("loading.m3.download_model_again_choose_another"),
            actions=ANOTHER,
            details=f"{type(error).__name__}: {error}",
        ) from error
    parameters = sum(parameter.numel() for parameter in described.parameters())
    if parameters > 2 * numbers:
        raise ModelDamaged(
            "M7",
            Sentence("loading.m7.config_json_describes_numbers_model", parameters=parameters, numbers=numbers),
            hint=Sentence("loading.m7.two_different_models_copy_download"),
            actions=AGAIN,
        )
    needed, free = 4 * (parameters + numbers), psutil.virtual_memory().available
    if needed > free:
        raise OutOfMemory(
            "M16",
            Sentence("loading.m16.model_needs_memory_load_free", needed=needed, free=free),
            hint=Sentence("loading.m16.close_other_programs_choose_smaller"),
            actions=(RecoveryAction.TRY_AGAIN, *ANOTHER),
        )


def _check_report(report: dict[str, Any], parts: int) -> None:
    missing = [name for name in report["missing_keys"] if not _is_pooler(name)]
    wrong = [str(entry) for entry in report["mismatched_keys"] if not _is_pooler(str(entry))]
    if missing or wrong:
        amount = len(missing) + len(wrong)
        raise ModelDamaged(
            "M7",
            Sentence("loading.m7.parts_model_missing_file_another", amount=amount, parts=parts),
            hint=Sentence("loading.m7.config_json_weights_different_models"),
            actions=AGAIN,
            details="\n".join([*missing[:20], *wrong[:20]]),
        )


def _check_numbers(network: PreTrainedModel, parts: int, new: set[str]) -> None:
    bad = [name for name, part in network.named_parameters() if name not in new and _is_damaged(name, part)]
    if bad:
        raise ModelDamaged(
            "M6",
            Sentence("loading.m6.models_numbers_damaged_parts", bad=len(bad), parts=parts),
            hint=Sentence("loading.m6.download_model_again_choose_another"),
            actions=AGAIN,
            details="\n".join(bad[:20]),
        )


def _is_damaged(name: str, part: torch.Tensor) -> bool:
    """Whether a part holds a number that is not finite, or is a matrix of nothing but zeros."""
    if not part.numel():
        return False
    lowest, highest = torch.aminmax(part.detach())  # NaN, where there is one; a tenth of the time of `isfinite`
    if not bool(torch.isfinite(lowest)) or not bool(torch.isfinite(highest)):
        return True
    is_matrix = part.dim() > 1 and min(part.shape) > 1
    return is_matrix and not name.endswith(ALL_ZERO_IS_FINE) and bool(lowest == highest == 0)


def _notes(report: dict[str, Any], configuration: Configuration) -> tuple[Sentence, ...]:
    notes = []
    labels = configuration.answer_layer()
    if labels is not None:
        notes.append(Sentence("loading.note.model_already_answer_layer_labels", labels=labels))
    if any(_is_pooler(name) for name in report["missing_keys"]):
        notes.append(Sentence("loading.note.model_comes_without_pooling_layer"))
    return tuple(notes)


def _is_pooler(name: str) -> bool:
    return "pooler" in name.split(".") or ".pooler." in name


def _incomplete(sentence: Sentence, details: str = "") -> ModelDamaged:
    return ModelDamaged(
        "M5",
        sentence,
        hint=Sentence("loading.m5.download_copy_model_again"),
        actions=AGAIN,
        details=details[:2000],
    )
