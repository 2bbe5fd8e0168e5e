"""Saves checkpoints beside the training: copied in memory, written by a thread of their own, at most one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine import storage
from engine.events import CheckpointSaved, Emit
from engine.training.checkpoints import Best, Snapshot, remove_old, snapshot, write_checkpoint
from engine.training.progress import Progress
from engine.training.training import Training

KEPT = 2  # complete checkpoints: the newest, and the one before in case the newest gets damaged
SHARE = 5  # the time between two checkpoints is at least so many times what writing one takes


class CheckpointSaver:
    """Writes checkpoints of one run; `saved` is called with the step of each that a run can continue from."""

    def __init__(self, run_folder: Path, training: Training, *, saved: Callable[[int], None]) -> None:
        self._run_folder = run_folder
        self._training = training
        self._saved = saved
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._finished: list[CheckpointSaved] = []
        self._last = time.monotonic()
        self._has_complete = False
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
        taken = snapshot(self._training, progress, complete=whole)
        best = None
        if is_best:
            best = Best(progress.step, "", self._training.task.metric, progress.best_score)
        if whole:
            self._last = time.monotonic()
        self._thread = threading.Thread(target=self._write, args=(taken, best), name="checkpoint")
        self._thread.start()

    def wait(self) -> None:
        """Returns once nothing is being written; raises what went wrong."""
        self.abandon()
        self._raise_error()

    def abandon(self) -> None:
        """Returns once nothing is being written, whatever came of it: the run ends for another reason."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def tell(self, emit: Emit) -> None:
        """Says which checkpoints are safe on the disk; raises what went wrong with one."""
        self._raise_error()
        while self._finished:
            event = self._finished.pop(0)
            self._saved(event.step)
            emit(event)

    def _is_time(self) -> bool:
        return time.monotonic() - self._last >= self._interval

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _write(self, taken: Snapshot, best: Best | None) -> None:
        begun = time.monotonic()
        try:
            folder = write_checkpoint(self._run_folder, taken)
            if best is not None:
                named = msgspec.structs.replace(best, folder=f"checkpoints/{folder.name}")
                storage.write_record(self._run_folder / "best.json", named)
            lying = (path for path in folder.parent.rglob("*") if path.is_file())
            self.most_bytes = max(self.most_bytes, sum(path.stat().st_size for path in lying))
            remove_old(self._run_folder, keep=KEPT)
        except BaseException as error:  # handed to the training's thread
            self._error = error
            return
        seconds = time.monotonic() - begun
        if taken.optimizer is not None:
            self._has_complete = True
            self._interval = max(self._training.settings.checkpoint_interval, SHARE * seconds)
            self._finished.append(CheckpointSaved(taken.step, seconds))
