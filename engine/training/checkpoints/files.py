"""A checkpoint as a folder: written whole or not at all, read only where every byte is as it was written.

    checkpoints/step-000120/   config.json, model.safetensors, optimizer.safetensors, state.json, MANIFEST.json
    checkpoints/best-000100/   the same without the optimizer: a network to evaluate, not to continue from
    best.json                  which of them is the best

Tensors are stored in safetensors and everything else in JSON; nothing here can hold code.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.contract.errors import DiskFull, EngineError
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, decode_hook, encode_hook
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.training.trainable.lora import adapter_state, plain_state, whole_state
from engine.workspace import atomic_files
from engine.workspace.checkpoint_locations import checkpoint_folders, checkpoint_named, checkpoint_places
from engine.workspace.file_operations import remove_folder
from engine.workspace.runs import checkpoint_steps

_ADAPTER = "adapter."  # prefix in optimizer.safetensors of adapters, which model.safetensors holds merged

_LARGEST_BEST = 1_000_000  # bytes


class Best(msgspec.Struct, frozen=True):
    """best.json: `folder` is checkpoints/ with the checkpoint's name, wherever the run's checkpoints are."""

    step: int
    folder: str
    metric: str
    score: float | None
    thresholds: dict[str, float] = {}  # from which probability on each label is given; without one 0.5


class Snapshot(NamedTuple):
    """A copy in memory of everything a checkpoint holds; `optimizer` None: the network only."""

    step: int
    config: str
    network: dict[str, torch.Tensor]
    optimizer: dict[str, torch.Tensor] | None
    state: bytes


def snapshot(training: Training, progress: Progress, *, complete: bool) -> Snapshot:
    """Copies the network and, where complete, the optimizer and the random generators."""
    network = {name: _copied(tensor) for name, tensor in plain_state(training.network).items()}
    return Snapshot(
        step=progress.step,
        config=training.network.config.to_json_string(),
        network=network,
        optimizer=_optimizer_tensors(training) if complete else None,
        state=msgspec.json.encode(progress, enc_hook=encode_hook),
    )


def write_checkpoint(run_folder: Path, taken: Snapshot) -> Path:
    """Writes the snapshot and returns its folder; raises `DiskFull` (C4, C6) and leaves the others untouched."""
    kind = "best" if taken.optimizer is None else "step"
    target = checkpoint_places(run_folder)[-1] / f"{kind}-{taken.step:06d}"
    full_disk_named = atomic_files.full_disk_named(Sentence("training.c4_what.checkpoint"))
    try:
        if target.is_dir():
            if atomic_files.is_whole(target):
                with full_disk_named:
                    atomic_files.sync_folder(target.parent)  # the previous try may have failed here
                return target
            remove_folder(target)
        with full_disk_named, atomic_files.new_folder(target) as folder:
            _save(taken.network, folder / "model.safetensors")
            if taken.optimizer is not None:
                _save(taken.optimizer, folder / "optimizer.safetensors")
            (folder / "config.json").write_text(taken.config, encoding="utf-8")
            (folder / "state.json").write_bytes(taken.state)
    except OSError as error:
        raise not_written(taken.step, error) from error
    return target


def not_written(step: int, error: OSError) -> DiskFull:
    """The error (C6) of a disk that failed at the checkpoint of this step."""
    return DiskFull(
        "C6",
        Sentence("training.c6.checkpoint_step_could_not_written", step=step),
        hint=Sentence("training.c6.check_disk_then_continue_run"),
        actions=(RecoveryAction.CONTINUE_RUN,),
        details=str(error),
    )


def restore(training: Training, folder: Path) -> Progress:
    """Restores network, optimizer and random generators; returns the progress of this checkpoint."""
    tensors = load_file(folder / "optimizer.safetensors")
    adapters = {name.removeprefix(_ADAPTER): part for name, part in tensors.items() if name.startswith(_ADAPTER)}
    training.network.load_state_dict(whole_state(load_file(folder / "model.safetensors"), adapters), strict=True)
    if training.bf16_copy is not None:
        training.bf16_copy.refresh_all()
    device = training.compute.device
    for name, parameter in training.network.named_parameters():
        if f"step.{name}" in tensors:
            training.optimizer.state[parameter] = {
                # A copy also on the CPU: the file is mapped, and Windows keeps what is mapped from being removed.
                part: tensors[f"{part}.{name}"].to(device, copy=True)
                for part in ("step", "exp_avg", "exp_avg_sq")
            }
    torch.set_rng_state(tensors["random.cpu"])
    if device.type == "cuda" and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"], device)
    progress = read_progress(folder)
    if training.scaler.is_enabled() and progress.scaler:
        training.scaler.load_state_dict(progress.scaler)
    return progress


def read_progress(folder: Path) -> Progress:
    """How far the run had come when this checkpoint was taken."""
    return msgspec.json.decode((folder / "state.json").read_bytes(), type=Progress, dec_hook=decode_hook)


def newest_whole(run_folder: Path) -> tuple[Path, tuple[int, ...]]:
    """The newest checkpoint that a run can continue from, and the steps of newer ones that are damaged.

    Raises `EngineError` (C8) where none can be read.
    """
    damaged: list[int] = []
    for step in reversed(checkpoint_steps(run_folder)):
        folder = checkpoint_named(run_folder, f"step-{step:06d}")
        if folder is None:
            continue
        if (folder / "optimizer.safetensors").is_file() and atomic_files.is_whole(folder):
            return folder, tuple(damaged)
        damaged.append(step)
    raise EngineError(
        "C8",
        Sentence("training.c8.no_checkpoint_run_can_read"),
        hint=Sentence("training.c8.start_run_again_same_settings"),
        actions=(RecoveryAction.START_AGAIN,),
    )


def read_best(run_folder: Path) -> Best | None:
    """The best checkpoint, or None where none was evaluated or it is damaged."""
    try:
        best = msgspec.json.decode(atomic_files.read_regular(run_folder / "best.json", _LARGEST_BEST), type=Best)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    folder = best_folder(run_folder, best)
    return best if folder is not None and atomic_files.is_whole(folder) else None


def best_folder(run_folder: Path, best: Best) -> Path | None:
    """The folder of the best checkpoint, or None where it is missing or the name is no checkpoint's."""
    inside, _, name = best.folder.rpartition("/")
    return checkpoint_named(run_folder, name) if inside == "checkpoints" else None


def remove_old(run_folder: Path, *, keep: int) -> None:
    """Deletes all checkpoints but the best and the newest `keep` complete ones; never a link or a foreign folder."""
    best = read_best(run_folder)
    kept = {best.folder.rpartition("/")[2]} if best else set()
    kept |= {f"step-{step:06d}" for step in checkpoint_steps(run_folder)[-keep:]}
    for folder in checkpoint_folders(run_folder):
        if folder.name not in kept:
            remove_folder(folder, ignore_errors=True)


def remove_damaged(run_folder: Path, steps: tuple[int, ...]) -> None:
    """Deletes damaged checkpoints, so that none is taken for the newest."""
    names = {f"step-{step:06d}" for step in steps}
    for folder in checkpoint_folders(run_folder):
        if folder.name in names:
            remove_folder(folder, ignore_errors=True)


def _optimizer_tensors(training: Training) -> dict[str, torch.Tensor]:
    tensors = {
        f"{part}.{name}": _copied(training.optimizer.state[parameter][part])
        for name, parameter in training.network.named_parameters()
        if parameter in training.optimizer.state
        for part in ("step", "exp_avg", "exp_avg_sq")
    }
    tensors |= {f"{_ADAPTER}{name}": _copied(tensor) for name, tensor in adapter_state(training.network).items()}
    tensors["random.cpu"] = torch.get_rng_state()
    if training.compute.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state(training.compute.device)
    return tensors


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:
        named = atomic_files.system_error(error)
        if named is None:
            raise
        raise named from error
