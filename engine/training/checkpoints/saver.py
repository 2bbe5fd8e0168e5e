"""Saves checkpoints beside the training: copied in memory, written by a thread of their own, at most one at a time.

Where the disk is full or fails, the listener is told and keeps the run waiting; once it returns, the same copy is
written again. So no checkpoint is left out, and those before stay untouched.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from engine.contract.errors import DiskFull
from engine.contract.events import CheckpointSaved, DiskFilled, Emit
from engine.contract.formatting import size
from engine.training.checkpoints.files import Best, Snapshot, not_written, remove_old, snapshot, write_checkpoint
from engine.training.loop.training import Progress, Training
from engine.training.trainable.lora import adapter_state
from engine.workspace import atomic_files
from engine.workspace.checkpoint_locations import checkpoint_folders, checkpoint_places
from engine.workspace.runs import checkpoint_steps

KEPT = 2  # complete checkpoints: the newest, and the one before in case the newest gets damaged
SHARE = 5  # the time between two checkpoints is at least so many times what writing one takes
COPY_SHARE = 50  # and so many times what training waits for the copy: at most 2 % of the time
MOST_TRIES = 3  # at a disk that stays full, where the listener does not wait
WAITED = 0.2  # seconds after which a listener has surely waited for somebody


class CheckpointSaver:
    """Writes checkpoints of one run; `saved` is called with the step of each that a run can continue from."""

    def __init__(
        self, run_folder: Path, training: Training, *, saved: Callable[[int], None], emit: Emit | None = None
    ) -> None:
        self._run_folder = run_folder
        self._training = training
        self._saved = saved
        self._emit = emit  # hears that the disk is full; None: the error is raised at once
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._unwritten: tuple[Snapshot, Best | None] | None = None
        self._finished: list[CheckpointSaved] = []
        self._last = time.monotonic()
        self._has_complete = False
        self._copying = 0.0  # seconds that training last waited for a complete copy
        self._interval = training.settings.checkpoint_interval
        self.most_bytes = 0  # of all checkpoints together

    def is_due(self) -> bool:
        """Whether it is time for a checkpoint and the one before is written."""
        return self._is_time() and (self._thread is None or not self._thread.is_alive())

    def save(self, progress: Progress, *, is_best: bool = False, complete: bool = False) -> None:
        """Copies the state and has it written; waits for the write before, and raises what went wrong there.

        The best network alone is written where a run could be continued from a recent checkpoint anyway.
        """
        self.wait()
        whole = complete or not is_best or self._is_time() or not self._has_complete
        begun = time.monotonic()
        taken = snapshot(self._training, progress, complete=whole)
        best = None
        if is_best:
            best = Best(progress.step, "", self._training.task.metric, progress.best_score)
        if whole:
            self._last = time.monotonic()
            self._copying = self._last - begun
        self._thread = threading.Thread(target=self._write, args=(taken, best), name="checkpoint")
        self._thread.start()

    def save_last(self, progress: Progress) -> None:
        """Writes where the run stands, asks nobody, and raises what went wrong."""
        self._emit = None
        self.abandon()
        self._error = None
        self.save(progress, complete=True)
        self.wait()

    def wait(self) -> None:
        """Returns once nothing is being written; raises what went wrong and could not be mended."""
        self.abandon()
        self._mend()

    def abandon(self) -> None:
        """Returns once nothing is being written, whatever came of it: the run ends for another reason."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def tell(self, emit: Emit) -> None:
        """Says which checkpoints are safe on the disk; raises what went wrong with one and could not be mended."""
        self._mend()
        while self._finished:
            event = self._finished.pop(0)
            self._saved(event.step)
            emit(event)

    def _is_time(self) -> bool:
        return time.monotonic() - self._last >= self._interval

    def _mend(self) -> None:
        """Writes again what could not be written, as often as the listener waits and returns."""
        tries = 0
        while self._error is not None:
            error, self._error = self._error, None
            if not isinstance(error, DiskFull) or self._emit is None or self._unwritten is None or tries >= MOST_TRIES:
                raise error
            begun = time.monotonic()
            self._emit(self._question(self._unwritten[0], error))
            tries = tries + 1 if time.monotonic() - begun < WAITED else 0
            self._write(*self._unwritten)

    def _question(self, taken: Snapshot, error: DiskFull) -> DiskFilled:
        tensors = [*taken.network.values(), *(taken.optimizer or {}).values()]
        return DiskFilled(
            folder=str(self._run_folder),
            needed=sum(tensor.nbytes for tensor in tensors),
            free=_free(self._run_folder),
            is_full=error.id == "C4",
            step=taken.step,
            kept_step=max(checkpoint_steps(self._run_folder), default=0),
        )

    def _write(self, taken: Snapshot, best: Best | None) -> None:
        begun = time.monotonic()
        try:
            folder = write_checkpoint(self._run_folder, taken)
            if best is not None:
                named = msgspec.structs.replace(best, folder=f"checkpoints/{folder.name}")
                atomic_files.write_record(self._run_folder / "best.json", named)
            lying = (path for one in checkpoint_folders(self._run_folder) for path in one.iterdir() if path.is_file())
            self.most_bytes = max(self.most_bytes, sum(path.stat().st_size for path in lying))
            remove_old(self._run_folder, keep=KEPT)
        except BaseException as error:  # handed to the training's thread
            self._unwritten = (taken, best)
            self._error = not_written(taken.step, error) if isinstance(error, OSError) else error
            return
        self._unwritten = None
        seconds = time.monotonic() - begun
        if taken.optimizer is not None:
            asked = self._training.settings.checkpoint_interval
            self._has_complete = True
            self._interval = max(asked, SHARE * seconds, COPY_SHARE * self._copying)
            longer = self._interval if self._interval > asked else 0.0
            self._finished.append(CheckpointSaved(taken.step, seconds, longer))


def _free(run_folder: Path) -> int:
    """Bytes free where the next checkpoint goes; the run's folder is there before its first checkpoint."""
    place = checkpoint_places(run_folder)[-1]
    return shutil.disk_usage(place if place.is_dir() else run_folder).free


# How much disk the checkpoints of a run take at their most, told before the first one is written.

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
    for number, moment in enumerate(looks[:MOST_LOOKS]):
        while moment - last > interval:
            last += interval
            write(f"timed-{number}-{last}", best, whole=True)
        whole = not complete or moment - last >= interval
        if whole:
            last = moment
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
