"""What the actions of errors do on the Fine-tune page: each starts a run, stops it, or leads to where it is taken.

Emits what is to be done; the page starts runs and shows settings. Actions of other pages are passed on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.contract.defaults import next_settings
from engine.contract.errors import EngineError, ErrorReport
from engine.contract.events import DiskFilled, disk_sentence
from engine.contract.messages import FineTune, Search
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import with_action
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, find
from engine.tasks.registry import task_facts
from engine.workspace.checkpoint_relocation import keep_checkpoints_in
from engine.workspace.run_index import interrupted_rows, list_rows
from engine.workspace.runs import RunRecord, is_interrupted, read_run
from gui.components.question import Question
from gui.page import DataAction, ExportAction, ModelAction, WindowAction
from gui.session import Session

# The question that a full disk asks: the banner's text, and what its buttons mean. Uses no widgets.

QUESTIONS = ("C4", "C6")


def question(event: DiskFilled, refusal: EngineError | None = None) -> ErrorReport:
    """The text of the banner while training waits; `refusal` states why the folder that was chosen does not do."""
    way_out = Sentence("gui.disk.free_space" if event.is_full else "gui.disk.check_disk")
    hint = Sentence("gui.disk.training_waits", way_out=way_out)
    if event.kept_step:
        hint = Sentence("gui.disk.training_waits_stop_keeps", way_out=way_out, step=event.kept_step)
    return ErrorReport(
        kind="DiskFull",
        id="C4" if event.is_full else "C6",
        message=refusal.message if refusal is not None else disk_sentence(event),
        hint=refusal.hint if refusal is not None else hint,
        actions=(RecoveryAction.TRY_AGAIN, RecoveryAction.SAVE_IN_OTHER_FOLDER, RecoveryAction.STOP_RUN),
        details=refusal.details if refusal is not None else event.folder,
    )


def save_in(session: Session, event: DiskFilled, chosen: Path) -> ErrorReport | None:
    """Puts the next checkpoints of the waiting run into this folder and continues it; else returns why it cannot."""
    try:
        keep_checkpoints_in(Path(event.folder), chosen, needed=event.needed)
    except EngineError as refusal:
        return question(event, refusal)
    session.pause(False)
    return None


Job = FineTune | Search


class TrainingActions(QObject):
    """`settings` returns what is entered in the form."""

    start_requested = Signal(object)  # FineTune or Search
    begin_requested = Signal()  # a new run as the form describes it
    settings_requested = Signal(object)  # FineTuneSettings for the form
    field_requested = Signal(str)  # the form with the keyboard in this field
    stop_requested = Signal()
    passed_on = Signal(object, object)  # RecoveryAction of another page, ErrorReport
    error_found = Signal(object)  # ErrorReport
    answered = Signal()  # the question of the disk

    def __init__(self, session: Session, settings: Callable[[], FineTuneSettings], page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._settings = settings
        self._page = page
        self._job: Job | None = None
        self._run = ""  # its id, once it has one
        self._full: DiskFilled | None = None

    def begin(self, job: Job) -> None:
        """This job has been started."""
        self._job = job
        self._run = job.continue_run if isinstance(job, FineTune) else ""
        self._full = None

    def training_started(self, run: str) -> None:
        """The run of this id has begun."""
        self._run = run

    def disk_filled(self, event: DiskFilled) -> ErrorReport:
        """The run waits; returns the question for the banner."""
        self._full = event
        return question(event)

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        """Takes an action of the banner."""
        match action:
            case RecoveryAction.TRY_AGAIN:
                if self._is_waiting(error):
                    self._session.pause(False)
                    self.answered.emit()
                else:
                    self._try_again()
            case RecoveryAction.SAVE_IN_OTHER_FOLDER:
                if self._full is not None and self._session.paused:
                    self._ask_for_folder(self._full)
            case RecoveryAction.STOP_RUN:
                if self._is_waiting(error):
                    self._session.stop()
                    self.answered.emit()
                else:
                    self.stop_requested.emit()
            case RecoveryAction.STOP_KEEP_BEST:
                self.stop_requested.emit()
            case RecoveryAction.USE_CPU:
                self._use_the_cpu()
            case RecoveryAction.CONTINUE_RUN:
                self._continue()
            case RecoveryAction.START_AGAIN:
                self._start_again()
            case RecoveryAction.START_NEW_RUN:
                self.begin_requested.emit()
            case RecoveryAction.CHANGE_LEARNING_RATE:
                self.field_requested.emit("learning_rate")
            case RecoveryAction.USE_LESS_MEMORY:
                changed = with_action(self._settings(), action)
                self._with(gradient_accumulation=changed.gradient_accumulation)
            case (
                RecoveryAction.USE_PRESET_RATE
                | RecoveryAction.TRAIN_LONGER
                | RecoveryAction.TRAIN_WITH_AUTO
                | RecoveryAction.KEEP_SIMPLE_MODEL
            ):
                self._begin_changed(action)
            case (
                RecoveryAction.LOWER_LEARNING_RATE
                | RecoveryAction.HALVE_LEARNING_RATE
                | RecoveryAction.TRIPLE_LEARNING_RATE
                | RecoveryAction.USE_FP32
            ):
                self._continue_with(action)
            case _:
                foreign: ModelAction | DataAction | ExportAction | WindowAction = action
                self.passed_on.emit(foreign, error)

    def _is_waiting(self, error: ErrorReport) -> bool:
        """Whether this is the question of a run that waits for its disk."""
        return error.id in QUESTIONS and self._session.paused

    # ── The disk ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_for_folder(self, event: DiskFilled) -> None:
        title = Sentence("gui.fine_tune.folder_next_checkpoints")
        dialog = QFileDialog(self._page, title, self._session.preferences.now.last_folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.save_in(event, folder))
        dialog.open()

    def save_in(self, event: DiskFilled, folder: str) -> None:
        """The run that waits saves in this folder from now on."""
        if not self._session.paused or self._full != event:  # it ended while the dialog was open
            return
        refused = save_in(self._session, event, Path(folder))
        if refused is None:
            self.answered.emit()
        else:
            self.error_found.emit(refused)

    # ── Runs that have failed ─────────────────────────────────────────────────────────────────────────────────────────

    def _try_again(self) -> None:
        """The same job where it is a search, continues with a run or prepares edited rows; else that of the form."""
        job = self._job
        if isinstance(job, Search) or (isinstance(job, FineTune) and (job.continue_run or job.prepare)):
            self.start_requested.emit(job)
        else:
            self.begin_requested.emit()

    def _with(self, **changes: object) -> None:
        """The same again with other settings; a search keeps its breadth, a run that went on goes on."""
        changed = msgspec.structs.replace(self._settings(), **changes)
        self.settings_requested.emit(changed)
        job = self._job
        if isinstance(job, Search):
            self.start_requested.emit(msgspec.structs.replace(job, settings=changed))
        elif job is not None and job.prepare is not None:
            self._prepare_and_train(job, changed)
        elif job is not None and job.continue_run and "device" in changes:
            own = msgspec.structs.replace(job.settings, device=changed.device)
            self.start_requested.emit(msgspec.structs.replace(job, settings=own))
        else:
            self.begin_requested.emit()

    def _use_the_cpu(self) -> None:
        """The run that has failed continues there; one without a checkpoint begins anew."""
        record = self._interrupted()
        if record is None:
            self._with(device="cpu")
        else:
            there = msgspec.structs.replace(record.settings, device="cpu")
            self.start_requested.emit(FineTune(record.dataset, there, continue_run=record.id))

    def _start_again(self) -> None:
        """A new run with the settings of the one that cannot continue."""
        if isinstance(self._job, FineTune):
            self.settings_requested.emit(self._job.settings)
        self.begin_requested.emit()

    def _interrupted(self) -> RunRecord | None:
        """The run that has failed, where it has a checkpoint to continue from."""
        if not self._run:
            return None
        try:
            record = read_run(self._session.workspace, self._run)
        except EngineError:  # its folder was changed or has gone
            return None
        return record if is_interrupted(self._session.workspace, record) else None

    def _newest_interrupted(self) -> RunRecord | None:
        workspace = self._session.workspace
        for row in interrupted_rows(workspace, list_rows(workspace).rows):
            with contextlib.suppress(EngineError):  # the next one may be whole
                return read_run(workspace, row.id)
        return None

    def _continue(self) -> None:
        record = self._interrupted() or self._newest_interrupted()
        if record is None:
            self.begin_requested.emit()
        else:
            self.start_requested.emit(FineTune(record.dataset, record.settings, continue_run=record.id))

    def _continue_with(self, action: RecoveryAction) -> None:
        """The run that has failed, changed by the action, from its last checkpoint, or from the start without one."""
        record = self._interrupted()
        if record is None:
            self.settings_requested.emit(with_action(self._settings(), action))
            self._repeat()
            return
        self.settings_requested.emit(with_action(record.settings, action))
        self.start_requested.emit(FineTune(record.dataset, record.settings, continue_run=record.id, action=action))

    def _begin_changed(self, action: RecoveryAction) -> None:
        """A new run with the settings that the action makes of those in the form."""
        dataset = find(self._session.state, PreparedDataset)
        if dataset is not None:
            refused = task_facts(dataset.task).refused_settings
            self.settings_requested.emit(next_settings(self._settings(), action, dataset, refused))
            self.begin_requested.emit()

    def _repeat(self) -> None:
        if isinstance(self._job, Search):
            self.start_requested.emit(msgspec.structs.replace(self._job, settings=self._settings()))
        elif self._job is not None and self._job.prepare is not None:
            self._prepare_and_train(self._job, self._settings())
        else:
            self.begin_requested.emit()

    def _prepare_and_train(self, job: FineTune, changed: FineTuneSettings) -> None:
        """The same edited rows with other settings, as a child of the same run."""
        own = msgspec.structs.replace(changed, run_name=job.settings.run_name, parent=job.settings.parent)
        self.start_requested.emit(msgspec.structs.replace(job, settings=own, forecast=None))


# The question before a training is thrown away: its checkpoints go with it, and nothing brings them back.


def what_is_lost(job: FineTune | Search, steps: int) -> str:
    """The sentence about what discarding deletes after so many steps; empty where there is nothing yet."""
    if isinstance(job, Search):
        return Sentence("gui.fine_tune.every_run_search_deleted")
    return Sentence("gui.fine_tune.run_is_deleted", steps=steps) if steps else ""


class StopQuestion:
    """Asks once before a run is stopped; while the question is open, asking again only brings it to the front."""

    def __init__(self, page: QWidget) -> None:
        self._question = Question(page)

    def ask_to_discard(self, lost: str, discard: Callable[[], None]) -> None:
        """Asks whether what the sentence `lost` names shall be deleted; discards at once where it names nothing."""
        if lost:
            self.ask(Sentence("gui.fine_tune.ask_discard"), lost, Sentence("gui.fine_tune.stop_discard"), discard)
        else:
            discard()

    def ask(self, what: str, follows: str, caption: str, act: Callable[[], None]) -> None:
        """Asks `what`, with what `follows`; `caption` is the button that acts, the other one continues training."""
        self._question.ask(
            what, follows, yes=caption, no=Sentence("gui.fine_tune.keep_training"), act=act, destroys=True
        )

    def close(self) -> None:
        """Withdraws the question: the training has ended meanwhile."""
        self._question.withdraw()
