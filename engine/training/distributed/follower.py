"""A rank beside rank 0: computes its share of each step until it is told that the run ends.

It saves nothing, looks at no validation rows and speaks to nobody. It ends when the input that rank 0 holds open ends.
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

from engine.contract.events import Event
from engine.devices.detection import Compute
from engine.training.acceleration.feature_cache import with_frozen_states
from engine.training.checkpoints import files as checkpoints
from engine.training.distributed.ranks import LOST_RANK_EXIT_CODE, Group, Place, launched_place
from engine.training.loop.assembly import assemble, read_splits
from engine.training.loop.training import Progress
from engine.training.memory.out_of_memory import HealingStep

SEEDS_APART = 1_000_003  # so that no two ranks draw the same dropout


def main(arguments: Sequence[str]) -> None:
    """Follows a rank 0 that has started this process: rank, size, local rank, address, device type, threads."""
    rank, size, local_rank, address, device_type, threads = arguments
    threading.Thread(target=_end_with_rank_0, name="rank 0", daemon=True).start()
    follow(Place(int(rank), int(size), int(local_rank), address), device_type, threads=int(threads))


def follow_launched() -> None:
    """Follows the rank 0 of the group that torch's launcher has started, perhaps on another host."""
    place = launched_place()
    if place is not None:
        follow(place, "cuda" if torch.cuda.is_available() else "cpu")


def follow(place: Place, device_type: str, *, threads: int = 1) -> None:
    """Computes this place's share of every step of one run."""
    warnings.simplefilter("ignore")  # rank 0 has said it already
    torch.set_num_threads(threads)
    device = torch.device(device_type, place.local_rank) if device_type == "cuda" else torch.device(device_type)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    group = Group(place, device_type)
    job = group.hear_job()
    settings = job.settings
    torch.manual_seed(settings.seed)
    training = dataclasses.replace(
        assemble(
            job.dataset,
            settings,
            Compute(device, job.precision, threads, str(device)),
            read_splits(job.dataset),
            network_folder=Path(job.checkpoint) if job.checkpoint else None,
        ),
        group=group,
    )
    group.wait()  # rank 0 keeps what the frozen layers say
    training = with_frozen_states(training, job.dataset, _silent)
    progress = checkpoints.restore(training, Path(job.checkpoint)) if job.checkpoint else Progress()
    training.begin_together()
    torch.manual_seed(settings.seed + SEEDS_APART * place.rank + progress.step)
    step = HealingStep(training, progress, torch.zeros((), dtype=torch.bool, device=device), _silent)
    training.to_training_mode()
    while (order := group.hear()) is not None:
        epoch, number = divmod(order.step, training.steps_per_epoch)
        step(training.plan.epoch(epoch)[number], order.rate)
    torch.distributed.destroy_process_group()


def _end_with_rank_0() -> None:
    sys.stdin.buffer.read()
    os._exit(LOST_RANK_EXIT_CODE)


def _silent(_event: Event) -> None:
    """Rank 0 speaks for all."""
