"""What can go wrong, in the words that are shown to a user.

    Exception
    ├── EngineError                    fit to be shown: what happened, what is safe, what to try
    │   ├── ModelNotFound              nothing loadable under this name or folder
    │   ├── ModelNotSupported          a model, but none that can be fine-tuned here
    │   ├── ModelDamaged               files that contradict each other or are cut
    │   ├── DownloadFailed             the network, the Hub, a permission
    │   ├── DatasetUnreadable          the file is not what it should be
    │   ├── DatasetInvalid             readable, but nothing can be learned from it as it is
    │   ├── InvalidSetting             a value out of its range; names the field
    │   ├── OutOfMemory
    │   ├── NumbersDiverged            NaN or infinity in loss or gradient
    │   ├── DiskFull
    │   ├── WorkerDied                 the engine's process ended
    │   ├── ExportFailed
    │   └── UnexpectedError            a bug of ours
    BaseException
    └── StopRequested                  not an error: the user asked, `emit` raises it

Raised where the fact is known, `raise … from cause`. The id is a row of the fault catalogue
(A, M, D, T, C, E, X, Q and a number) so that a message, a test and a log line can be matched.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence

LOST_RANK_EXIT_CODE = 70  # of a rank whose group has lost another one
DEVICE_LOST = "T11"  # the GPU no longer answers: the worker is replaced, and the run is continued from its checkpoint


class ErrorReport(msgspec.Struct, frozen=True, tag="error"):
    """An error as it crosses the process border and is shown in a banner.

    `actions` are the ways out that the window offers as buttons, the best first; `choices` are the names to choose
    from where an action asks for a choice (the sheets of a workbook); `details` hold the technical text behind the
    Details button. Each may be empty. `kind` lies in run.json, so it stays whatever a class is called.
    """

    kind: str
    id: str
    message: Sentence
    hint: Sentence = NOTHING
    actions: tuple[RecoveryAction, ...] = ()
    field: str = ""
    rows: tuple[int, ...] = ()
    details: str = ""
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if RecoveryAction.NONE in self.actions:  # of a stored run: written by another version
            known = tuple(action for action in self.actions if action is not RecoveryAction.NONE)
            msgspec.structs.force_setattr(self, "actions", known)


class EngineError(Exception):
    """An error with an id, one sentence, a hint, and the actions that are a way out."""

    kind: ClassVar[str] = "EngineError"

    def __init__(
        self,
        id: str,
        message: Sentence,
        *,
        hint: Sentence = NOTHING,
        actions: tuple[RecoveryAction, ...] = (),
        field: str = "",
        rows: tuple[int, ...] = (),
        details: str = "",
        choices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{message} ({id})")
        self.id = id
        self.message = message
        self.hint = hint
        self.actions = actions
        self.field = field
        self.rows = rows
        self.details = details
        self.choices = choices

    def report(self) -> ErrorReport:
        """The error as a record for the wire."""
        return ErrorReport(
            kind=self.kind,
            id=self.id,
            message=self.message,
            hint=self.hint,
            actions=self.actions,
            field=self.field,
            rows=self.rows,
            details=self.details,
            choices=self.choices,
        )


class ModelNotFound(EngineError):
    """Nothing loadable is under the name or folder."""

    kind: ClassVar[str] = "ModelNotFound"


class ModelNotSupported(EngineError):
    """A model, but none that can be fine-tuned here."""

    kind: ClassVar[str] = "ModelNotSupported"


class ModelDamaged(EngineError):
    """The model's files contradict each other, are cut, or hold numbers that are not finite."""

    kind: ClassVar[str] = "ModelDamaged"


class DownloadFailed(EngineError):
    """The network, the Hub or a permission prevented it."""

    kind: ClassVar[str] = "DownloadFailed"


class DatasetUnreadable(EngineError):
    """The file is not what it should be."""

    kind: ClassVar[str] = "DatasetUnreadable"


class DatasetInvalid(EngineError):
    """The file can be read, but nothing can be learned from it as it is."""

    kind: ClassVar[str] = "DatasetInvalid"


class InvalidSetting(EngineError):
    """A value is out of its range; `field` names the setting."""

    kind: ClassVar[str] = "InvalidSetting"


class OutOfMemory(EngineError):
    """The device's or the computer's memory does not hold what was asked."""

    kind: ClassVar[str] = "OutOfMemory"


class NumbersDiverged(EngineError):
    """A loss or a gradient is NaN or infinite; found before the weights were touched."""

    kind: ClassVar[str] = "NumbersDiverged"


class DiskFull(EngineError):
    """A file could not be written completely; what was there before is untouched."""

    kind: ClassVar[str] = "DiskFull"


class WorkerDied(EngineError):
    """The process that torch lives in ended without an answer."""

    kind: ClassVar[str] = "WorkerDied"


class ExportFailed(EngineError):
    """The export could not be written or does not agree with the trained model."""

    kind: ClassVar[str] = "ExportFailed"


class UnexpectedError(EngineError):
    """A bug of ours; the details belong into a report."""

    kind: ClassVar[str] = "UnexpectedError"


class StopRequested(BaseException):
    """The user asked to stop. Raised by `emit`.

    `discard` means that nothing needs to be kept; `leaving` that the program ends, so that the next start offers to
    continue.
    """

    def __init__(self, discard: bool = False, *, leaving: bool = False) -> None:
        super().__init__("stop requested")
        self.discard = discard
        self.leaving = leaving


def memory_full(error: MemoryError) -> OutOfMemory:
    """The error (T1) of a computer whose memory is full."""
    return OutOfMemory(
        "T1",
        Sentence("contract.t1.computers_memory_full"),
        hint=Sentence("contract.t1.close_other_programs_use_fewer"),
        details=str(error),
    )
