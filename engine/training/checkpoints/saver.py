"""Saves checkpoints while training continues: copied in memory, written by their own thread, at most one at a time.

Where the disk is full or fails, the listener receives an event and may keep the run waiting; once it returns, the same
copy is written again. So no checkpoint is skipped, and earlier ones stay untouched.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from engine.contract.errors import DiskFull
from engine.contract.events import CheckpointSaved, DiskFilled, Emit
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.training.checkpoints.files import Best, Snapshot, not_written, remove_old, snapshot, write_checkpoint
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.training.trainable.lora import adapter_state
from engine.workspace import atomic_files
from engine.workspace.checkpoint_locations import checkpoint_folders, checkpoint_places
from engine.workspace.runs import checkpoint_steps

KEPT = 2  # complete checkpoints: the newest, and the one before in case the newest gets damaged
SHARE = 5  # the time between two checkpoints is at least so many times what writing one takes
COPY_SHARE = 50  # and so many times what training waits for the copy: at most 2 % of the time
MOST_TRIES = 3  # at a disk that stays full, where the listener does not wait
MOST_EVALUATIONS = 500  # of a forecast: after these the peak on the disk does not rise
WAITED = 0.2  # seconds; a listener that takes longer has waited for the user


def checkpoint_bytes(training: Training) -> tuple[int, int]:
    """Bytes of the network, and of what a checkpoint to continue from holds beside it: moments, adapters apart."""
    network = sum(tensor.nbytes for tensor in training.network.state_dict().values())
    moments = sum(2 * parameter.nbytes for group in training.optimizer.param_groups for parameter in group["params"])
    apart = sum(tensor.nbytes for tensor in adapter_state(training.network).values())
    return network, moments + apart


def most_on_disk(network: int, moments: int, evaluations: Sequence[float], *, interval: float) -> int:
    """The peak of bytes of all checkpoints, with evaluations at these times (seconds).

    Each evaluation counts as the best so far, which needs the most. It follows the saver: `KEPT` complete checkpoints
    and the best one stay, old ones are deleted once the new one is whole.
    """
    on_disk: dict[str, int] = {}
    complete: list[str] = []
    most, last = 0, 0.0

    def write(name: str, best: str, *, whole: bool) -> None:
        nonlocal most
        on_disk[name] = network + (moments if whole else 0)
        if whole:
            complete.append(name)
        most = max(most, sum(on_disk.values()))
        kept = {best, *complete[-KEPT:]}
        for old in [name for name in on_disk if name not in kept]:
            del on_disk[old]

    best = ""
    for number, moment in enumerate(evaluations[:MOST_EVALUATIONS]):
        while moment - last > interval:
            last += interval
            write(f"timed-{number}-{last}", best, whole=True)
        whole = not complete or moment - last >= interval
        if whole:
            last = moment
        best = f"evaluation-{number}"
        write(best, best, whole=whole)
    return most


def require_space(training: Training, folder: Path, expected: int) -> None:
    """Raises `DiskFull` (C5) where the disk with the run's checkpoints has no room for them and the export.

    `expected` is what the checkpoints need by the forecast, 0 where there is none.
    """
    network, moments = checkpoint_bytes(training)
    places = checkpoint_places(folder)
    place = folder if len(places) == 1 else places[-1]
    present = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    needed = max(0, (expected or (KEPT + 1) * (network + moments)) - present) + network
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            "C5",
            Sentence("training.c5.disk_too_little_space_run", needed=needed, free=free),
            hint=Sentence("training.c5.free_instance_deleting_runs_then", needed=needed - free),
            actions=(RecoveryAction.TRY_AGAIN,),
            details=str(folder),
        )


class CheckpointSaver:
    """Writes checkpoints of one run; `saved` is called with the step of each that a run can continue from."""

    def __init__(
        self, run_folder: Path, training: Training, *, saved: Callable[[int], None], emit: Emit | None = None
    ) -> None:
        self._run_folder = run_folder
        self._training = training
        self._saved = saved
        self._emit = emit  # receives that the disk is full; None: the error is raised at once
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._unwritten: tuple[Snapshot, Best | None] | None = None
        self._finished: list[CheckpointSaved] = []
        self._last = time.monotonic()
        self._has_complete = False
        self._copying = 0.0  # seconds that training waited for the last complete copy
        self._interval = training.settings.checkpoint_interval
        self.most_bytes = 0  # of all checkpoints together

    def is_due(self) -> bool:
        """Whether it is time for a checkpoint and the previous one is written."""
        return self._is_time() and (self._thread is None or not self._thread.is_alive())

    def save(
        self,
        progress: Progress,
        *,
        is_best: bool = False,
        complete: bool = False,
        thresholds: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Copies the state and starts writing it; waits for the previous write, and raises its error.

        Of a best score the network alone is written where a recent checkpoint to continue from exists; `thresholds` are
        those of its labels.
        """
        self.wait()
        whole = complete or not is_best or self._is_time() or not self._has_complete
        begun = time.monotonic()
        taken = snapshot(self._training, progress, complete=whole)
        best = None
        if is_best:
            best = Best(progress.step, "", self._training.task.metric, progress.best_score, dict(thresholds))
        if whole:
            self._last = time.monotonic()
            self._copying = self._last - begun
        self._thread = threading.Thread(target=self._write, args=(taken, best), name="checkpoint")
        self._thread.start()

    def save_last(self, progress: Progress) -> None:
        """Writes the current state without asking the listener, and raises any error."""
        self._emit = None
        self.abandon()
        self._error = None
        self.save(progress, complete=True)
        self.wait()

    def wait(self) -> None:
        """Returns once nothing is being written; raises an error that retrying did not solve."""
        self.abandon()
        self._retry()

    def abandon(self) -> None:
        """Returns once nothing is being written, whatever the outcome: the run ends for another reason."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def report(self, emit: Emit) -> None:
        """Reports the checkpoints that are safe on the disk; raises an error that retrying did not solve."""
        self._retry()
        while self._finished:
            event = self._finished.pop(0)
            self._saved(event.step)
            emit(event)

    def _is_time(self) -> bool:
        return time.monotonic() - self._last >= self._interval

    def _retry(self) -> None:
        """Writes again what could not be written, as often as the listener waits and returns."""
        tries = 0
        while self._error is not None:
            error, self._error = self._error, None
            if not isinstance(error, DiskFull) or self._emit is None or self._unwritten is None or tries >= MOST_TRIES:
                raise error
            begun = time.monotonic()
            self._emit(self._disk_filled(self._unwritten[0], error))
            tries = tries + 1 if time.monotonic() - begun < WAITED else 0
            self._write(*self._unwritten)

    def _disk_filled(self, taken: Snapshot, error: DiskFull) -> DiskFilled:
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
            written = (path for one in checkpoint_folders(self._run_folder) for path in one.iterdir() if path.is_file())
            self.most_bytes = max(self.most_bytes, sum(path.stat().st_size for path in written))
            remove_old(self._run_folder, keep=KEPT)
        except BaseException as error:  # raised in the training's thread
            self._unwritten = (taken, best)
            self._error = not_written(taken.step, error) if isinstance(error, OSError) else error
            return
        self._unwritten = None
        seconds = time.monotonic() - begun
        if taken.optimizer is not None:
            chosen = self._training.settings.checkpoint_interval
            self._has_complete = True
            self._interval = max(chosen, SHARE * seconds, COPY_SHARE * self._copying)
            longer = self._interval if self._interval > chosen else 0.0
            self._finished.append(CheckpointSaved(taken.step, seconds, longer))


def _free(run_folder: Path) -> int:
    """Bytes free where the next checkpoint is written; before the first one the run's folder counts."""
    place = checkpoint_places(run_folder)[-1]
    return shutil.disk_usage(place if place.is_dir() else run_folder).free
