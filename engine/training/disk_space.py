"""How much disk the checkpoints of a run take at their most, told before the first one is written."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from engine.checkpoint_places import checkpoint_places
from engine.errors import DiskFull
from engine.training.adapters import adapter_state
from engine.training.saver import KEPT
from engine.training.training import Training
from engine.words import size

MOST_LOOKS = 500  # after these the checkpoints on the disk only change places


def checkpoint_bytes(training: Training) -> tuple[int, int]:
    """Bytes of the network, and of what a checkpoint to continue from holds beside it: moments, adapters apart."""
    network = sum(tensor.nbytes for tensor in training.network.state_dict().values())
    moments = sum(2 * parameter.nbytes for group in training.optimizer.param_groups for parameter in group["params"])
    apart = sum(tensor.nbytes for tensor in adapter_state(training.network).values())
    return network, moments + apart


def most_on_disk(network: int, moments: int, looks: Sequence[float], *, interval: float) -> int:
    """Bytes of all checkpoints at their most, with looks at the validation rows at these times (seconds).

    Each look is taken for the best so far, which needs the most. It follows what the saver does: `KEPT` complete
    checkpoints and the best one stay, old ones go once the new one is whole.
    """
    lying: dict[str, int] = {}
    complete: list[str] = []
    most, last = 0, 0.0

    def write(name: str, best: str, *, whole: bool) -> None:
        nonlocal most
        lying[name] = network + (moments if whole else 0)
        if whole:
            complete.append(name)
        most = max(most, sum(lying.values()))
        kept = {best, *complete[-KEPT:]}
        for old in [name for name in lying if name not in kept]:
            del lying[old]

    best = ""
    for number, time in enumerate(looks[:MOST_LOOKS]):
        while time - last > interval:
            last += interval
            write(f"timed-{number}-{last}", best, whole=True)
        whole = not complete or time - last >= interval
        if whole:
            last = time
        best = f"look-{number}"
        write(best, best, whole=whole)
    return most


def require_space(training: Training, folder: Path, expected: int) -> None:
    """Raises `DiskFull` (C5) where the disk with the run's checkpoints has no room for them and the export.

    `expected` is what the checkpoints need by the forecast, 0 where there is none.
    """
    network, moments = checkpoint_bytes(training)
    places = checkpoint_places(folder)
    place = folder if len(places) == 1 else places[-1]
    lying = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    needed = max(0, (expected or (KEPT + 1) * (network + moments)) - lying) + network
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            "C5",
            f"The disk has too little space for this run: its checkpoints and the export need {size(needed)}, "
            f"{size(free)} are free.",
            hint=f"Free {size(needed - free)}, for instance by deleting runs, then start again.",
            actions=("Try again",),
            details=str(folder),
        )
