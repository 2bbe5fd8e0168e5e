"""What can happen while a job runs: frozen, past tense, plain numbers.

`emit(event)` is how a stage reports, and every `emit` is a place where the user can stop it: it may raise
`StopRequested`. Values that may be non-finite are `float | None` with a flag beside them, because JSON has no NaN.
The outcome is always the last event of a job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from engine.contract.errors import ErrorReport
from engine.contract.queries import Answer, Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import Choice, State


class EngineReady(msgspec.Struct, frozen=True, tag="engine_ready"):
    """The worker process has started and reads jobs; torch is not imported yet."""

    pid: int


class StageStarted(msgspec.Struct, frozen=True, tag="stage_started"):
    """A stage began; `phase` names it for the user ("Preparing data")."""

    phase: Sentence


class Progressed(msgspec.Struct, frozen=True, tag="progressed"):
    """So much of the current phase is done. `total` 0: unknown. `unit` is rows, bytes, steps or empty."""

    done: int
    total: int
    note: Sentence
    unit: str = ""


class TrainingStarted(msgspec.Struct, frozen=True, tag="training_started"):
    """The run folder exists and the first step follows."""

    run_id: str
    run_folder: str
    total_steps: int
    steps_per_epoch: float
    first_step: int  # 0, or where a continued run continues
    device: str
    precision: str
    metric: str
    is_scored: bool = True  # whether there are validation rows


class StepsTrained(msgspec.Struct, frozen=True, tag="steps_trained"):
    """Training reached `step`; the numbers are means since the last word."""

    step: int
    total: int
    epoch: float
    loss: float | None
    learning_rate: float
    gradient_norm: float | None
    tokens_per_second: float
    seconds: float  # of training so far
    finite: bool = True


class Evaluated(msgspec.Struct, frozen=True, tag="evaluated"):
    """The validation rows were scored."""

    step: int
    epoch: float
    loss: float | None
    scores: dict[str, float | None]
    metric: str
    is_best: bool
    class_f1: dict[str, float | None] = {}  # per class or entity type, of at most the 500 with the most rows


class DeviceSampled(msgspec.Struct, frozen=True, tag="device_sampled"):
    """Memory in bytes; `utilisation` 0 to 1 of the GPU, or of all cores by this process, None where not reported."""

    memory_used: int
    memory_total: int
    utilisation: float | None = None


class CheckpointSaved(msgspec.Struct, frozen=True, tag="checkpoint_saved"):
    """Training can be continued from this step."""

    step: int
    seconds: float
    interval: float = 0.0  # seconds to the next one, where that is more than was asked for; 0: as asked


class DiskFilled(msgspec.Struct, frozen=True, tag="disk_filled"):
    """A checkpoint could not be written, and training waits: the listener returns to have it tried again.

    A listener that wants to stop raises `StopRequested`. Sizes in bytes.
    """

    folder: str  # of the run
    needed: int
    free: int
    is_full: bool  # else the disk does not answer as it should
    step: int  # of the checkpoint
    kept_step: int  # of the newest checkpoint that is whole, 0 where there is none


def disk_sentence(event: DiskFilled) -> Sentence:
    """Why training waits, with the numbers that count."""
    if event.is_full:
        return Sentence("contract.c4.disk_full_checkpoint_needs_free", needed=event.needed, free=event.free)
    return Sentence("contract.c6.checkpoint_not_written_disk_fails", step=event.step)


class Paused(msgspec.Struct, frozen=True, tag="paused"):
    """The user has paused the stage; it waits for the next message."""


class Continued(msgspec.Struct, frozen=True, tag="went_on"):
    """The stage continues after a pause of so many seconds."""

    seconds: float


class Advised(msgspec.Struct, frozen=True, tag="advised"):
    """A finding about the run with one thing to do; `NONE` where another version wrote what is unknown here."""

    finding: Sentence
    action: RecoveryAction


class Noted(msgspec.Struct, frozen=True, tag="noted"):
    """One sentence worth knowing."""

    text: Sentence


class BaselineMeasured(msgspec.Struct, frozen=True, tag="baseline_measured"):
    """What a baseline reaches on the validation rows; a dashed line in the metric plot."""

    name: str
    metric: str
    score: float
    learned_rows: int = 0  # how many training rows it learned from, where these are not all


class ComparisonProgressed(msgspec.Struct, frozen=True, tag="comparison_progressed"):
    """What is known of the candidates so far, while they are compared: `choice.taken` is −1."""

    choice: Choice


class CandidatesCompared(msgspec.Struct, frozen=True, tag="candidates_compared"):
    """What is trained was chosen by cross-validation."""

    choice: Choice


class Watched(msgspec.Struct, frozen=True, tag="watched"):
    """The user's own sentences, answered by the network as it is after `step`; labels are the likeliest few."""

    step: int
    predictions: tuple[Prediction, ...]


TrialOutcome = Literal["finished", "ended early", "stopped", "failed"]


class TrialStarted(msgspec.Struct, frozen=True, tag="trial_started"):
    """A search begins its trial of this number, from 1; the events of an ordinary run follow."""

    number: int
    total: int
    learning_rate: float
    epochs: float
    batch_size: int


class TrialEnded(msgspec.Struct, frozen=True, tag="trial_ended"):
    """A trial has come to its end; `score` is its best one on the validation rows."""

    number: int
    total: int
    run_id: str
    score: float | None
    outcome: TrialOutcome
    is_best: bool


class StopAccepted(msgspec.Struct, frozen=True, tag="stop_accepted"):
    """The stage has received the request to stop and is finishing."""


class EngineSilent(msgspec.Struct, frozen=True, tag="engine_silent"):
    """The process that runs a stage has sent nothing for so long; reported by `thread.py`, not by the process.

    `saved_step` is the last checkpoint of the training that runs, 0 where there is none.
    """

    seconds: float
    saved_step: int = 0


class EngineResponded(msgspec.Struct, frozen=True, tag="engine_heard"):
    """The process sends events again."""


class StageSucceeded(msgspec.Struct, frozen=True, tag="stage_succeeded"):
    """Outcome: the next state is on disk."""

    state: State


class StageStopped(msgspec.Struct, frozen=True, tag="stage_stopped"):
    """Outcome: the user stopped, and nothing was changed."""


class StageFailed(msgspec.Struct, frozen=True, tag="stage_failed"):
    """Outcome: an error fit to be shown."""

    error: ErrorReport


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """Outcome of a question."""

    answer: Answer


Outcome = StageSucceeded | StageStopped | StageFailed | Answered
Event = (
    EngineReady
    | StageStarted
    | Progressed
    | TrainingStarted
    | StepsTrained
    | Evaluated
    | DeviceSampled
    | CheckpointSaved
    | Advised
    | Noted
    | BaselineMeasured
    | ComparisonProgressed
    | CandidatesCompared
    | Watched
    | TrialStarted
    | TrialEnded
    | StopAccepted
    | EngineSilent
    | EngineResponded
    | DiskFilled
    | Paused
    | Continued
    | Outcome
)
Emit = Callable[[Event], None]


def is_outcome(event: Event) -> bool:
    """Whether this event ends its job."""
    return isinstance(event, StageSucceeded | StageStopped | StageFailed | Answered)
