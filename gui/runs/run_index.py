"""The runs on disk as the window knows them, read, renamed and deleted in a plain thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.formatting import count
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, interrupted_runs, list_runs, rename_run
from engine.workspace.trash import RunBin


class RunIndex(QObject):
    """All runs, the newest first, and those that can be continued."""

    changed = Signal()
    binned = Signal(object)  # RunRecord that was moved to the bin
    failed = Signal(object)  # ErrorReport
    _read = Signal(object, object, int)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: tuple[RunRecord, ...] = ()
        self.interrupted: tuple[RunRecord, ...] = ()
        self._workspace = workspace
        self._bin = RunBin(workspace)
        self._request = 0
        self._told_newer = False
        self._read.connect(self._take)

    def refresh(self) -> None:
        """Reads the runs again; `changed` follows."""
        self._request += 1
        request, workspace = self._request, self._workspace

        def read() -> None:
            newer: list[str] = []
            records, interrupted = list_runs(workspace, newer), interrupted_runs(workspace)
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                if newer and not self._told_newer:
                    self._told_newer = True
                    self.failed.emit(_newer(newer))
                self._read.emit(records, interrupted, request)

        _in_a_thread("read runs", read)

    def delete(self, record: RunRecord) -> None:
        """Moves a run to the bin; `binned` and `changed` follow, or `failed`."""

        def delete() -> None:
            self._bin.take(record.id)
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                self.binned.emit(record)

        self._change("delete a run", delete, f"{record.name} could not be deleted.")

    def restore(self, record: RunRecord) -> None:
        """Takes a run back from the bin; `changed` follows, or `failed`."""
        self._change(
            "restore a run", lambda: self._bin.give_back(record.id), f"{record.name} could not be brought back."
        )

    def rename(self, record: RunRecord, name: str) -> None:
        """Gives a run another name, in its record; `changed` follows, or `failed`."""
        self._change(
            "rename a run",
            lambda: rename_run(self._workspace, record.id, name),
            f"{record.name} could not be renamed.",
        )

    def empty_bin(self) -> None:
        """Deletes for good what this window has moved to the bin; `changed` follows, or `failed`."""
        self._change("empty the bin", self._bin.empty, "Not all files in the bin could be deleted.")

    def empty_left_bins(self) -> None:
        """Deletes what windows that have gone left in their bins."""
        _in_a_thread("empty bins", self._bin.empty_left_ones)

    def can_continue(self, record: RunRecord) -> bool:
        """Whether this run was interrupted and has a checkpoint to go on from."""
        return any(other.id == record.id for other in self.interrupted)

    def _change(self, what: str, change: Callable[[], None], trouble: str) -> None:
        def work() -> None:
            report: ErrorReport | None = None
            try:
                change()
            except EngineError as error:
                report = error.report()
            except OSError as error:
                hint = "Close programs that use its files, then do it again."
                report = EngineError("T20", trouble, hint=hint, details=str(error)).report()
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                if report is not None:
                    self.failed.emit(report)
                self.refresh()

        _in_a_thread(what, work)

    def _take(self, records: tuple[RunRecord, ...], interrupted: tuple[RunRecord, ...], request: int) -> None:
        if request == self._request:
            self.records = records
            self.interrupted = interrupted
            self.changed.emit()


def _newer(runs: list[str]) -> ErrorReport:
    found = count(len(runs), "run was", "runs were")
    return ErrorReport(
        "EngineError",
        "C14",
        f"{found} made by a newer Tunewright; the list does not show {'it' if len(runs) == 1 else 'them'}.",
        hint="Update the program. The files are untouched.",
        details="\n".join(sorted(runs)),
    )


def _in_a_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
