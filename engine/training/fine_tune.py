"""Fine-tunes a network on a prepared data set, from the run's folder to the state that evaluation starts from.

The run's folder always holds its status (run.json), its events (events.jsonl) and what it can be continued from
(checkpoints/). The loop itself is in loop/loop.py.
"""

from __future__ import annotations

import dataclasses
import gc
import math
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec
import torch
from filelock import FileLock, Timeout

from engine.contract.defaults import without_choosing
from engine.contract.errors import DiskFull, EngineError, StopRequested, UnexpectedError
from engine.contract.events import CandidatesCompared, Emit, Event, Noted, Progressed, TrainingStarted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import change_sentence, with_action
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import Choice, PreparedDataset, RunForecast, TrainingRun
from engine.contract.time_budget import MINUTES
from engine.devices import detection as devices
from engine.devices.detection import Compute
from engine.devices.device_errors import device_lost, is_device_lost, is_out_of_memory
from engine.loading.tokenizer import keep_tokenizer, tokenizer_of_run
from engine.training.acceleration.feature_cache import with_feature_cache
from engine.training.batching.rows import choosing_splits, read_splits, refuse_outdated
from engine.training.checkpoints import files as checkpoints
from engine.training.checkpoints.saver import CheckpointSaver, require_space
from engine.training.distributed.ranks import Group, Job, group_of
from engine.training.loop.assembly import assemble
from engine.training.loop.loop import is_out_of_patience, train
from engine.training.loop.reports import WorkingClock
from engine.training.memory import peak_memory
from engine.training.memory.out_of_memory import out_of_memory
from engine.training.memory.peak_memory import PeakMemory
from engine.training.methods.distillation import distilled_from
from engine.training.methods.linear_start import start_from_linear_model
from engine.training.monitoring.coach import Coach
from engine.training.monitoring.linear_probe import measure_baselines, measure_linear_probe
from engine.training.monitoring.watch_list import watching
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.workspace.calibration import write_calibration
from engine.workspace.checkpoint_relocation import give_reserve, hold_reserve
from engine.workspace.event_log import RunLog
from engine.workspace.layout import Workspace
from engine.workspace.leftovers import remove_leftovers_of_run
from engine.workspace.runs import (
    RunRecord,
    RunStatus,
    checkpoint_steps,
    create_run,
    read_run,
    remove_run_folder,
    run_folder,
    run_lock,
    save_run,
)


def fine_tune(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    emit: Emit,
    *,
    continue_run: str = "",
    action: RecoveryAction = RecoveryAction.NONE,
    forecast: RunForecast | None = None,
    choice: Choice | None = None,
    workspace: Workspace,
) -> TrainingRun:
    """Trains a new run, or continues an interrupted one; `forecast` is stored in it beside the facts.

    `choice` is what the settings are the outcome of; they are trained as they are, and so is the run's repeat.

    A continued run keeps the settings it was started with; only the device may be another, and what `action` changes,
    which is noted in the run's record. Raises `StopRequested` where the user stopped before the first step or discards
    the run, whose folder is then deleted.
    """
    before = None
    if continue_run:
        record = _record_to_continue(workspace, continue_run, dataset, settings)
        before = record.settings
        if forecast is None and record.run is not None:
            forecast = record.run.forecast
        record = msgspec.structs.replace(record, settings=with_action(before, action))
        compute = devices.choose(
            record.settings.device, precision=record.settings.precision, threads=record.settings.threads
        )
    else:
        compute = devices.choose(settings.device, precision=settings.precision, threads=settings.threads)
        own = msgspec.structs.replace(settings, threads=compute.threads)  # part of the run's identity
        record = msgspec.structs.replace(create_run(workspace, dataset, without_choosing(own)), choice=choice)
    folder = run_folder(workspace, record.id)
    try:
        with _locked(workspace, record), _threads(compute.threads), _log(record, folder) as log:
            run = _Run(workspace, record, compute, log, emit, before=before, forecast=forecast)
            try:
                return run.train()
            except StopRequested as stop:
                if not stop.leaving:
                    run.save_status("stopped")
                raise
            except BaseException as error:
                reported = _to_engine_error(error, record.settings, compute)
                run.save_failure(reported)
                raise reported from error
    except StopRequested as stop:
        if stop.discard or not (continue_run or checkpoint_steps(folder)):
            remove_run_folder(folder, ignore_errors=True)
        raise
    finally:
        gc.collect()
        peak_memory.malloc_trim()
        peak_memory.release_gpu_cache(compute.device)


class _Run:
    """One run while it is being trained: its record on disk, its log and its listener."""

    def __init__(
        self,
        workspace: Workspace,
        record: RunRecord,
        compute: Compute,
        log: RunLog,
        emit: Emit,
        *,
        before: FineTuneSettings | None,
        forecast: RunForecast | None,
    ) -> None:
        self._workspace = workspace
        self._record = record
        self._compute = compute
        self._log = log
        self._clock = WorkingClock()
        self._listener = self._clock.without_time_of(emit)
        self._before = before  # the previous settings of a run that is continued
        self._forecast = forecast
        self._memory = PeakMemory(compute.device)
        self._folder = run_folder(workspace, record.id)
        self._coach = Coach(record.dataset, record.settings)

    def train(self) -> TrainingRun:
        """Assembles the network, trains it, and returns the result."""
        start = self._checkpoint_to_start_from()
        self.save_status("preparing")
        if self._record.choice is not None and start is None:
            self._emit(CandidatesCompared(self._record.choice))
        self._emit(Progressed(0, 0, Sentence("training.progress.starting_devices")))
        continuing = self._before is not None
        with group_of(self._record.settings, self._compute, continuing=continuing, on_loss=self.save_failure) as group:
            if group is not None:
                name = f"{group.size:,} × {self._compute.device.type}"
                self._compute = self._compute._replace(name=self._compute.name.replace(str(self._compute.device), name))
            return self._train(start, group)

    def _train(self, start: Path | None, group: Group | None) -> TrainingRun:
        dataset, settings, continuing = self._record.dataset, self._record.settings, self._before is not None
        if group is not None:
            group.send_job(Job(dataset, settings, str(start or ""), self._compute.precision))
        self._emit(Progressed(0, 0, Sentence("training.progress.reading_rows")))
        splits = choosing_splits(read_splits(dataset), settings)
        self._emit(Progressed(0, 0, Sentence("training.progress.building_network")))
        torch.manual_seed(settings.seed)
        parent = teacher_of(settings, self._workspace)
        training = assemble(dataset, settings, self._compute, splits, network_folder=start, parent=parent)
        tokenizer = partial(tokenizer_of_run, Path(dataset.model.folder), self._folder) if continuing else None
        refuse_outdated(dataset, splits["train"], training.task, tokenizer)
        compiled = () if self._forecast is None or group is not None else self._forecast.compiled_tokens
        training = dataclasses.replace(training, group=group, compiled_tokens=frozenset(compiled))
        require_space(training, self._folder, 0 if self._forecast is None else self._forecast.disk_bytes)
        hold_reserve(self._folder)
        with suppress(DiskFull, OSError):  # the model's own is there as well
            keep_tokenizer(Path(dataset.model.folder), self._folder)
        if len(splits["validation"]):
            measure_baselines(training.task, splits["train"], splits["validation"], training.label_names, self._emit)
        if start is None and parent is None:
            measure_linear_probe(training, self._emit)
            if settings.head_start == "linear":
                start_from_linear_model(training, self._emit)
        training = with_feature_cache(training, dataset, self._emit)
        if group is not None:
            group.wait()
        torch.manual_seed(settings.seed)  # independent of what was drawn before
        progress = Progress() if start is None else self._restored(training, start)
        if parent is not None and start is None:
            progress.notes.append(distilled_from(parent, settings.student_layers))
        training = training.synchronized()
        saver = CheckpointSaver(self._folder, training, saved=self._saved, emit=self._emit)
        self.save_status("training", step=progress.step, total_steps=training.total_steps)
        try:
            self._emit(
                TrainingStarted(
                    run_id=self._record.id,
                    run_folder=str(self._folder),
                    total_steps=training.total_steps,
                    steps_per_epoch=float(training.steps_per_epoch),
                    first_step=progress.step,
                    device=self._compute.name,
                    precision=self._compute.precision,
                    metric=training.task.metric,
                    is_scored=len(training.validation_rows) > 0,
                )
            )
            listener = watching(training, dataset, self._emit)
            train(training, progress, saver, listener, clock=self._clock, most_seconds=self._most_seconds())
            saver.wait()
        except StopRequested as stop:
            if stop.discard or progress.step == 0:
                saver.abandon()
                raise
            progress = self._saved_progress(saver, progress)
            if stop.leaving:  # the next start finds it interrupted, and offers to continue it
                with suppress(DiskFull, OSError):
                    self.save_status("stopping", step=progress.step)
                raise
        except BaseException:
            saver.abandon()
            raise
        with suppress(StopRequested):  # it is stopping already
            saver.report(self._emit)
        return self._finished(training, progress, saver)

    def _most_seconds(self) -> float:
        """What the time budget leaves for training after the choice."""
        minutes, choice = MINUTES[self._record.settings.time_budget], self._record.choice
        return 60 * minutes - (choice.seconds if choice is not None else 0.0) if minutes else math.inf

    def save_status(
        self,
        status: RunStatus,
        *,
        step: int | None = None,
        total_steps: int | None = None,
        run: TrainingRun | None = None,
    ) -> None:
        """Writes the status into run.json."""
        known = self._record
        self._record = msgspec.structs.replace(
            known,
            status=status,
            step=known.step if step is None else step,
            total_steps=known.total_steps if total_steps is None else total_steps,
            run=run or known.run,
            error=None,
        )
        save_run(self._workspace, self._record)

    def save_failure(self, error: EngineError) -> None:
        """Writes the error into run.json; a full disk must not hide it from the user."""
        self._record = msgspec.structs.replace(self._record, status="failed", error=error.report())
        with suppress(EngineError, OSError):
            save_run(self._workspace, self._record)

    def _emit(self, event: Event) -> None:
        self._log.append(event)
        self._listener(event)
        for advice in self._coach.on_event(event):
            self._emit(advice)

    def _saved(self, step: int) -> None:
        with suppress(DiskFull, OSError):  # the checkpoint matters more than its status
            self.save_status(self._record.status, step=step)

    def _saved_progress(self, saver: CheckpointSaver, progress: Progress) -> Progress:
        """Saves a run that is to stop; where the disk has no room, it returns to its last checkpoint."""
        with suppress(DiskFull, OSError):
            self.save_status("stopping", step=progress.step)
        try:
            saver.save_last(progress)
        except DiskFull as error:
            try:
                folder, _ = checkpoints.newest_whole(self._folder)
            except EngineError:
                raise error from None
            saved = checkpoints.read_progress(folder)
            saved.notes.append(
                Sentence("training.note.step_kept_after_did_not", step=saved.step, lost=progress.step - saved.step)
            )
            return saved
        return progress

    def _checkpoint_to_start_from(self) -> Path | None:
        if self._before is None:
            return None
        folder, damaged = checkpoints.newest_whole(self._folder)
        first_step = int(folder.name.rpartition("-")[2])
        if damaged:
            self._emit(Noted(Sentence("training.note.training_continues_step", steps=damaged, first_step=first_step)))
            checkpoints.remove_damaged(self._folder, damaged)
        if self._record.settings != self._before:
            self._note_change(change_sentence(self._before, self._record.settings, first_step))
        return folder

    def _note_change(self, sentence: str) -> None:
        self._record = msgspec.structs.replace(self._record, changes=(*self._record.changes, sentence))
        self._emit(Noted(Sentence("training.note.text", sentence=sentence)))

    def _restored(self, training: Training, start: Path) -> Progress:
        progress = checkpoints.restore(training, start)
        best = checkpoints.read_best(self._folder)
        # best.json is decisive, since its evaluation may have come after this checkpoint.
        progress.best_step, progress.best_score = (best.step, best.score) if best else (0, None)
        return progress

    def _finished(self, training: Training, progress: Progress, saver: CheckpointSaver) -> TrainingRun:
        best = checkpoints.read_best(self._folder)
        folder = checkpoints.best_folder(self._folder, best) if best is not None else None
        if folder is None:
            folder, _ = checkpoints.newest_whole(self._folder)
        planned = progress.shortened_to or training.total_steps
        stopped_early = progress.step < planned
        if progress.shortened_to:
            progress.notes.append(
                Sentence("training.note.shortened_to_end_in_time", steps=planned, planned=training.total_steps)
            )
        ended = not stopped_early or is_out_of_patience(training, progress)
        if ended:
            checkpoints.remove_old(self._folder, keep=1)
            give_reserve(self._folder)
        run = TrainingRun(
            dataset=self._record.dataset,
            id=self._record.id,
            folder=str(self._folder),
            checkpoint=str(folder),
            settings=self._record.settings,
            metric=training.task.metric,
            best_step=best.step if best else progress.step,
            best_score=best.score if best else None,
            steps=progress.step,
            steps_planned=planned,
            seconds=progress.seconds,
            device=self._compute.name,
            precision=self._compute.precision,
            history=tuple(progress.history),
            stopped_early=stopped_early,
            notes=(*self._record.changes, *progress.notes),
            forecast=self._forecast,
            memory_bytes=self._memory.bytes(),
            disk_bytes=saver.most_bytes,
            thresholds=best.thresholds if best else {},
            evaluations_compared=1 if self._record.settings.kept_checkpoint == "last" else 0,
            choice=self._record.choice,
        )
        write_calibration(self._folder, run.calibration)
        self.save_status("finished" if ended else "stopped", step=progress.step, run=run)
        return run


def teacher_of(settings: FineTuneSettings, workspace: Workspace) -> TrainingRun | None:
    """The run that a student learns from, None of every other run; raises `EngineError` (C9) where it is gone."""
    if not settings.student_layers:
        return None
    try:
        parent = read_run(workspace, settings.parent).run if settings.parent else None
    except (EngineError, OSError) as error:
        raise _without_parent(str(error)) from error
    if parent is None:
        raise _without_parent("")
    return parent


def _without_parent(details: str) -> EngineError:
    return EngineError(
        "C9",
        Sentence("training.c9.no_parent_to_learn_from"),
        hint=Sentence("training.c9.make_smaller_from_its_run"),
        details=details,
    )


def _record_to_continue(
    workspace: Workspace, identity: str, dataset: PreparedDataset, settings: FineTuneSettings
) -> RunRecord:
    record = read_run(workspace, identity)
    if record.status == "finished":
        raise EngineError(
            "T20",
            Sentence(
                "training.t20.run_finished_ended_after_step",
                record=record.name,
                step=record.step,
                total_steps=record.total_steps,
            ),
            hint=Sentence("training.t20.evaluate_export_start_new_run"),
            actions=(RecoveryAction.START_NEW_RUN,),
        )
    remove_leftovers_of_run(run_folder(workspace, identity))  # of the process that was killed while it trained this
    if record.dataset.fingerprint != dataset.fingerprint:
        raise EngineError(
            "C10",
            Sentence("training.c10.run_made_other_data", record=record.name, dataset=record.dataset.name),
            hint=Sentence("training.c10.start_new_run_open_data"),
            actions=(RecoveryAction.START_NEW_RUN,),
        )
    return msgspec.structs.replace(record, settings=msgspec.structs.replace(record.settings, device=settings.device))


@contextmanager
def _locked(workspace: Workspace, record: RunRecord) -> Iterator[FileLock]:
    lock = run_lock(workspace, record.id)
    try:
        lock.acquire()
    except Timeout as error:
        raise EngineError(
            "T20",
            Sentence("training.t20.run_being_trained_now"),
            hint=Sentence("training.t20.wait_until_ends_stop_own"),
        ) from error
    except OSError as error:
        raise _changed_folder(record, error) from error
    try:
        yield lock
    finally:
        lock.release()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _log(record: RunRecord, folder: Path) -> Iterator[RunLog]:
    try:
        log = RunLog(folder)
    except OSError as error:
        raise _changed_folder(record, error) from error
    with closing(log):
        yield log


def _changed_folder(record: RunRecord, error: OSError) -> EngineError:
    """The error (C9) for a run whose lock or log is something else than the file that was made."""
    return EngineError(
        "C9",
        Sentence("workspace.c9.run_cannot_read", identity=record.id),
        hint=Sentence("workspace.c9.folder_changed_comes_another_version"),
        details=str(error),
    )


def _to_engine_error(error: BaseException, settings: FineTuneSettings, compute: Compute) -> EngineError:
    """The error as it is shown to the user."""
    if isinstance(error, EngineError):
        return error
    if is_out_of_memory(error):
        return out_of_memory(settings, compute, error)
    if is_device_lost(error):
        return device_lost(error, training=True)
    return UnexpectedError(
        "A6",
        Sentence("training.a6.something_went_wrong_inside_program"),
        hint=Sentence("training.a6.try_again_details_hold_what"),
        actions=(RecoveryAction.TRY_AGAIN,),
        details="".join(traceback.format_exception(error)),
    )
