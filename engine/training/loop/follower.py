"""The loop of every rank but rank 0: computes its share of each step until rank 0 ends the run.

It saves nothing, evaluates nothing and emits no events. It exits when rank 0 does: its standard input, which rank 0
holds open, then ends.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from datasets import DatasetDict

from engine.contract.errors import LOST_RANK_EXIT_CODE, InvalidSetting
from engine.contract.events import Event
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.devices.detection import Compute
from engine.training.acceleration.feature_cache import with_feature_cache
from engine.training.batching.rows import choosing_splits, read_splits
from engine.training.checkpoints import files as checkpoints
from engine.training.distributed.ranks import Group, Place, launched_place
from engine.training.loop.assembly import assemble
from engine.training.memory.out_of_memory import RetryingStep
from engine.training.step.progress import Progress

SEED_STRIDE = 1_000_003  # between ranks, so that no two draw the same dropout


def main(arguments: Sequence[str]) -> None:
    """Follows the rank 0 that started this process: rank, size, local rank, address, device type, threads."""
    rank, size, local_rank, address, device_type, threads = arguments
    threading.Thread(target=_end_with_rank_0, name="rank 0", daemon=True).start()
    follow(Place(int(rank), int(size), int(local_rank), address), device_type, threads=int(threads))


def follow_launched(device: str) -> bool:
    """Follows the rank 0 of the group that torch's launcher started, perhaps on another host; False where this is it.

    `device` is that of the settings, which rank 0 computes on: a group of GPUs and processors never forms.
    """
    place = launched_place()
    if place is None or place.rank == 0:
        return False
    follow(place, devices.choose(device).device.type)
    return True


def follow(place: Place, device_type: str, *, threads: int = 1) -> None:
    """Computes this place's share of every step of one run."""
    warnings.simplefilter("ignore")  # rank 0 reports them
    torch.set_num_threads(threads)
    device = torch.device(device_type, place.local_rank) if device_type == "cuda" else torch.device(device_type)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    group = Group(place, device_type)
    job = group.receive_job()
    settings = job.settings
    torch.manual_seed(settings.seed)
    training = dataclasses.replace(
        assemble(
            job.dataset,
            settings,
            Compute(device, job.precision, threads, str(device)),
            choosing_splits(_rows_of(job.dataset), settings),
            network_folder=Path(job.checkpoint) if job.checkpoint else None,
        ),
        group=group,
    )
    group.wait()  # for rank 0, which writes the feature cache
    training = with_feature_cache(training, job.dataset, _silent)
    progress = checkpoints.restore(training, Path(job.checkpoint)) if job.checkpoint else Progress()
    training = training.synchronized()
    torch.manual_seed(settings.seed + SEED_STRIDE * place.rank + progress.step)
    step = RetryingStep(training, progress, torch.zeros((), dtype=torch.bool, device=device), _silent)
    training.to_training_mode()
    while (order := group.receive()) is not None:
        epoch, number = divmod(order.step, training.steps_per_epoch)
        step(training.plan.epoch(epoch)[number], order.rate)
    torch.distributed.destroy_process_group()


def _rows_of(dataset: PreparedDataset) -> DatasetDict:
    """The prepared rows; `InvalidSetting` (T12) where only rank 0's computer has them."""
    for folder in (dataset.folder, dataset.model.folder):
        if not Path(folder).is_dir():
            raise InvalidSetting(
                "T12",
                Sentence("training.t12.folder_of_rank_0_missing", folder=folder),
                hint=Sentence("training.t12.same_workspace_everywhere"),
            )
    return read_splits(dataset)


def _end_with_rank_0() -> None:
    while os.read(sys.stdin.fileno(), 1):  # not through `sys.stdin`, whose lock the interpreter needs when it ends
        pass
    os._exit(LOST_RANK_EXIT_CODE)


def _silent(_event: Event) -> None:
    """Rank 0 reports for all."""
