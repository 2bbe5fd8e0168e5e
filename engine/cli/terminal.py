"""What a run looks like in a terminal: progress bars, plain lines where nobody watches, or one JSON line per event.

Progress goes to standard error, results to standard output. The first Ctrl-C lets the stage finish its step and keep
what is worth keeping, the second ends at once. Uses no stage.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Protocol, assert_never

from engine.contract import messages as wire
from engine.contract.choice_sentences import lines as choice_lines
from engine.contract.column_roles import SINGLE_ROLES
from engine.contract.errors import EngineError, ErrorReport, StopRequested
from engine.contract.events import (
    Advised,
    Answered,
    BaselineMeasured,
    CandidatesCompared,
    CheckpointSaved,
    ComparisonProgressed,
    Continued,
    DeviceSampled,
    DiskFilled,
    EngineReady,
    EngineResponded,
    EngineSilent,
    Evaluated,
    Event,
    Noted,
    Paused,
    Progressed,
    StageFailed,
    StageStarted,
    StageStopped,
    StageSucceeded,
    StepsTrained,
    StopAccepted,
    TrainingStarted,
    TrialEnded,
    TrialOutcome,
    TrialStarted,
    Watched,
    disk_sentence,
)
from engine.contract.formatting import number as number_text
from engine.contract.formatting import unit_text
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import baseline_title
from engine.contract.sentences import Sentence

ROOM_INTERVAL = 1.0  # seconds between two looks at a full disk
RETRY_SECONDS = 10.0  # until a disk that failed is tried again
LEAVING_PATIENCE = 10.0  # seconds for what is kept, after the system's request to end
QUIET_SECONDS = 300.0  # between two lines about the same state where there is no bar to redraw


class Listener(Protocol):
    """Receives the events of a command."""

    def on_event(self, event: Event) -> None:
        """Shows one event."""

    def close(self) -> None:
        """Leaves the terminal as it was."""


# ── Ctrl-C ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Interrupts:
    """Turns Ctrl-C into a request to stop; a context manager around a command.

    `emit` shows an event and raises `StopRequested` once after the first Ctrl-C. A command with nothing to save ends
    `at_once`; any other within `LEAVING_PATIENCE` of a request that is not Ctrl-C, in the middle of anything: what is
    on disk is whole at every moment.
    """

    def __init__(self, listener: Listener, *, at_once: bool = False) -> None:
        self._listener = listener
        self._at_once = at_once
        self._last: threading.Timer | None = None
        self._signals = 0
        self._has_reported = False
        self._before: dict[int, Any] = {}
        self.exit_code = 0  # 130 after Ctrl-C, 143 after a polite request to end

    def __enter__(self) -> Interrupts:
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # the last two by system; SIGBREAK is Ctrl-Break
            number = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):  # nohup
                continue
            self._before[number] = signal.signal(number, self._interrupted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last is not None:
            self._last.cancel()
        for received, handler in self._before.items():
            signal.signal(received, handler)
        self._listener.close()

    def emit(self, event: Event) -> None:
        """Shows the event; raises `StopRequested` where the user has asked to stop."""
        if self._signals and not self._has_reported:
            self._has_reported = True
            self._listener.on_event(StopAccepted())
            raise StopRequested()
        self._listener.on_event(event)
        if isinstance(event, DiskFilled):
            self._wait_for_room(event)

    def report(self, event: Event) -> None:
        """Shows the event, whatever the user has asked."""
        self._listener.on_event(event)

    def close(self) -> None:
        """Leaves the terminal free for the results."""
        self._listener.close()

    @property
    def asked(self) -> bool:
        """Whether the user has asked to stop."""
        return self._signals > 0

    def _wait_for_room(self, event: DiskFilled) -> None:
        """Returns once the disk has room, or may answer again; raises `StopRequested` where the user asks to stop."""
        since = time.monotonic()
        while not self._signals:
            time.sleep(ROOM_INTERVAL)
            waited_long = time.monotonic() - since >= RETRY_SECONDS
            if waited_long if not event.is_full else shutil.disk_usage(event.folder).free > event.needed:
                return
        self._has_reported = True
        self._listener.on_event(StopAccepted())
        raise StopRequested()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self.exit_code = 128 + number
        if self._at_once:
            raise KeyboardInterrupt
        if self._signals == 1 and number != signal.SIGINT:
            self._last = threading.Timer(LEAVING_PATIENCE, os._exit, (self.exit_code,))
            self._last.daemon = True
            self._last.start()
        if self._signals == 1:
            os.write(2, f"\n{Sentence('cli.event.finishing_step')}\n".encode("utf-8", "replace"))
        elif self._signals == 2:
            raise KeyboardInterrupt
        else:
            os._exit(self.exit_code)


# ── Listeners ───────────────────────────────────────────────────────────────────────────────────────────────────


class JsonLines:
    """Each event as one line of JSON on standard output."""

    def on_event(self, event: Event) -> None:
        """Writes the event."""
        sys.stdout.write(wire.encode(event).decode("utf-8"))
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is open."""


class Silent:
    """For commands whose answer is all that counts."""

    def on_event(self, event: Event) -> None:
        """Shows nothing."""

    def close(self) -> None:
        """Nothing is open."""


class PlainLines:
    """One line for each phase, state and evaluation, and for a long state one every few minutes; for logs and pipes."""

    def __init__(self) -> None:
        self._last = 0.0
        self._states: set[str] = set()  # of this phase

    def on_event(self, event: Event) -> None:
        """Writes a line where the event deserves one."""
        match event:
            case StageStarted():
                self._states = set()
                self._line(event.phase)
            case Progressed() | StepsTrained():
                state, now = event.note if isinstance(event, Progressed) else "", time.monotonic()
                if state not in self._states or now - self._last >= QUIET_SECONDS:
                    self._states.add(state)
                    self._last = now
                    self._line("  " + progress_sentence(event))
            case _:
                if sentence := event_sentence(event):
                    self._line("  " + sentence)

    def close(self) -> None:
        """Nothing is open."""

    def _line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class ProgressBars:
    """A bar per phase, redrawn in place, with sentences above it."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._tqdm = tqdm
        self._bar: Any = None
        self._name = ""

    def on_event(self, event: Event) -> None:
        """Moves the bar, or writes a line above it."""
        match event:
            case StageStarted():
                self.close()
                self._tqdm.write(event.phase, file=sys.stderr)
            case Progressed():
                self._move(
                    event.note or Sentence("cli.progress.working"), event.done, event.total, unit_text(event.unit)
                )
            case StepsTrained():
                self._move(
                    Sentence("stages.stage.fine_tuning"), event.step, event.total, Sentence("cli.progress.steps")
                )
                if event.loss is not None:
                    self._bar.set_postfix_str(
                        Sentence("cli.progress.speed", loss=event.loss, speed=event.tokens_per_second)
                    )
            case _:
                if sentence := event_sentence(event):
                    self._tqdm.write("  " + sentence, file=sys.stderr)

    def close(self) -> None:
        """Finishes the open bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _move(self, name: str, done: int, total: int, unit: str) -> None:
        if self._bar is None or self._name != name or (total and self._bar.total != total) or done < self._bar.n:
            self.close()
            self._name = name
            self._bar = self._tqdm(
                total=total or None,
                initial=done,
                desc=f"  {name}",
                unit=" " + unit if unit and unit != "bytes" else "B" if unit == "bytes" else "",
                unit_scale=unit == "bytes",
                file=sys.stderr,
                dynamic_ncols=True,
                leave=False,
            )
        self._bar.update(done - self._bar.n)


def listener_for(*, json_lines: bool) -> Listener:
    """JSON where it is asked for, bars where somebody watches, else plain lines."""
    if json_lines:
        return JsonLines()
    if sys.stderr is not None and sys.stderr.isatty():
        return ProgressBars()
    return PlainLines()


# ── Sentences ───────────────────────────────────────────────────────────────────────────────────────────────────


def progress_sentence(event: Progressed | StepsTrained) -> str:
    """The state of a phase, in one line."""
    if isinstance(event, StepsTrained):
        facts = {"step": event.step, "total": event.total, "epoch": event.epoch, "seconds": event.seconds}
        if event.loss is None:
            return Sentence("cli.progress.step", **facts)
        return Sentence("cli.progress.step_loss", loss=event.loss, **facts)
    note = event.note or Sentence("cli.progress.working")
    if not event.done and not event.total:
        return note
    amount: str = (
        Sentence("cli.progress.of", done=event.done, total=event.total) if event.total else number_text(event.done)
    )
    return f"{note}: {amount} {unit_text(event.unit)}".rstrip()


def event_sentence(event: Event) -> str:
    """The event as one line, or an empty string where it needs none."""
    match event:
        case TrainingStarted():
            facts = {
                "run": event.run_id,
                "steps": event.total_steps,
                "device": event.device,
                "precision": event.precision,
            }
            if event.first_step:
                return Sentence("cli.event.run_continues", first_step=event.first_step, **facts)
            return Sentence("cli.event.run_starts", **facts)
        case Evaluated():
            parts: list[str] = [] if event.loss is None else [Sentence("cli.event.loss", loss=event.loss)]
            parts.append(Sentence("cli.event.score", metric=event.metric, score=event.scores.get(event.metric)))
            parts += [Sentence("cli.event.best_so_far")] if event.is_best else []
            return Sentence("cli.event.validation", step=event.step, parts=parts)
        case BaselineMeasured():
            title = baseline_title(event.name, event.learned_rows)
            return Sentence("cli.event.baseline", title=title, metric=event.metric, score=event.score)
        case CandidatesCompared():
            return "\n  ".join(choice_lines(event.choice))
        case Advised():
            return " ".join(part for part in (event.finding, _advice(event.action)) if part)
        case Noted():
            return event.text
        case StopAccepted():
            return Sentence("cli.event.stopping")
        case DiskFilled():
            return f"{disk_sentence(event)} {Sentence('cli.event.waits_for_room')}"
        case TrialStarted():
            shape = {
                "number": event.number,
                "total": event.total,
                "rate": event.learning_rate,
                "batch": event.batch_size,
            }
            if event.epochs == 1:
                return Sentence("cli.event.trial_one_epoch", **shape)
            return Sentence("cli.event.trial_starts", epochs=event.epochs, **shape)
        case TrialEnded():
            ended = {"number": event.number, "outcome": _outcome(event.outcome), "score": event.score}
            return Sentence("cli.event.trial_best" if event.is_best else "cli.event.trial_ended", **ended)
        case (
            EngineReady()
            | StageStarted()
            | Progressed()
            | StepsTrained()
            | DeviceSampled()
            | CheckpointSaved()
            | Paused()
            | Continued()
            | EngineSilent()
            | ComparisonProgressed()
            | EngineResponded()
            | Watched()
            | StageSucceeded()
            | StageStopped()
            | StageFailed()
            | Answered()
        ):
            return ""
        case _:
            assert_never(event)


# What is typed for an action that is a button in the window. Those that are missing have no command of their own.
TYPED = {
    RecoveryAction.USE_CPU: "--set fine_tune.device=cpu",
    RecoveryAction.CHOOSE_OTHER_SHEET: "--set prepare.reading.part=SHEET",
    RecoveryAction.CHOOSE_COLUMNS: "--set prepare.roles.ROLE=COLUMN",
    RecoveryAction.CHANGE_SPLITS: "--set prepare.validation_share=SHARE --set prepare.test_share=SHARE",
    RecoveryAction.TRAIN_ON_ALL_ROWS: "--set prepare.test_share=0",
    RecoveryAction.CONTINUE_RUN: "tunewright continue RUN_ID",
    RecoveryAction.CHANGE_LEARNING_RATE: "--set fine_tune.learning_rate=RATE",
    RecoveryAction.LOWER_LEARNING_RATE: "tunewright continue RUN_ID --half-rate",
    RecoveryAction.USE_FP32: "tunewright continue RUN_ID --fp32",
    RecoveryAction.USE_LESS_MEMORY: "--set fine_tune.gradient_accumulation=NUMBER",
    RecoveryAction.CHOOSE_EXPORT_FOLDER: "tunewright export RUN_ID FOLDER",
    RecoveryAction.CHOOSE_WORKSPACE: "--workspace FOLDER",
}


def _advice(action: RecoveryAction | None) -> str:
    """What to do about a finding, where the terminal has a way."""
    match action:
        case RecoveryAction.HALVE_LEARNING_RATE:
            return Sentence("cli.advice.half_rate")
        case RecoveryAction.TRIPLE_LEARNING_RATE:
            return Sentence("cli.advice.three_times_rate")
        case RecoveryAction.USE_PRESET_RATE:
            return Sentence("cli.advice.no_rate_of_your_own")
        case RecoveryAction.TRAIN_LONGER:
            return Sentence("cli.advice.more_updates")
        case RecoveryAction.STOP_KEEP_BEST:
            return Sentence("cli.advice.stop_keeps_best")
        case _:
            return ""


def _outcome(outcome: TrialOutcome) -> Sentence:
    """How a trial of a search ended."""
    match outcome:
        case "finished":
            return Sentence("cli.event.trial_finished")
        case "ended early":
            return Sentence("cli.event.trial_ended_early")
        case "stopped":
            return Sentence("cli.event.trial_stopped")
        case "failed":
            return Sentence("cli.event.trial_failed")


def print_error(error: ErrorReport) -> None:
    """One sentence with its id, the hint, and what can be typed, on standard error."""
    print(_lines_of(error), file=sys.stderr)


def error_lines(error: EngineError) -> bytes:
    """The same for a process that writes it after this one has ended."""
    return f"\n{_lines_of(error.report())}\n".encode("utf-8", "replace")


def _lines_of(error: ErrorReport) -> str:
    lines = [f"{error.message} ({error.id})"]
    if error.hint:
        lines.append(str(error.hint))
    return "\n".join([*lines, *(f"  {_typed(action, error)}" for action in error.actions if action in TYPED)])


def _typed(action: RecoveryAction, error: ErrorReport) -> str:
    """What is typed for an action, with the role whose column it is where the error has it."""
    typed = TYPED[action]
    if action is RecoveryAction.CHOOSE_COLUMNS and error.field == "encoding":
        return "--set prepare.reading.encoding=ENCODING"
    known = error.field in (*SINGLE_ROLES, "label_columns")
    return typed.replace("ROLE", error.field) if action is RecoveryAction.CHOOSE_COLUMNS and known else typed
