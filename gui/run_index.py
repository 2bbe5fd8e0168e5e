"""The runs on disk as the window knows them, read and deleted in a plain thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError, ErrorReport
from engine.storage import RunRecord, Workspace, delete_run, interrupted_runs, list_runs


class RunIndex(QObject):
    """All runs, the newest first, and those that can be continued."""

    changed = Signal()
    failed = Signal(object)  # ErrorReport
    _read = Signal(object, object, int)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: tuple[RunRecord, ...] = ()
        self.interrupted: tuple[RunRecord, ...] = ()
        self._workspace = workspace
        self._request = 0
        self._read.connect(self._take)

    def refresh(self) -> None:
        """Reads the runs again; `changed` follows."""
        self._request += 1
        request, workspace = self._request, self._workspace

        def read() -> None:
            records, interrupted = list_runs(workspace), interrupted_runs(workspace)
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                self._read.emit(records, interrupted, request)

        _in_a_thread("read runs", read)

    def delete(self, record: RunRecord) -> None:
        """Deletes a run with its files; `changed` follows, or `failed`."""
        workspace = self._workspace

        def delete() -> None:
            report: ErrorReport | None = None
            try:
                delete_run(workspace, record.id)
            except EngineError as error:
                report = error.report()
            except OSError as error:
                report = EngineError(
                    "T20",
                    f"Not all files of {record.name} could be deleted.",
                    hint="Close programs that use them, then delete it again.",
                    details=str(error),
                ).report()
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                if report is not None:
                    self.failed.emit(report)
                self.refresh()

        _in_a_thread("delete a run", delete)

    def can_continue(self, record: RunRecord) -> bool:
        """Whether this run was interrupted and has a checkpoint to go on from."""
        return any(other.id == record.id for other in self.interrupted)

    def _take(self, records: tuple[RunRecord, ...], interrupted: tuple[RunRecord, ...], request: int) -> None:
        if request == self._request:
            self.records = records
            self.interrupted = interrupted
            self.changed.emit()


def _in_a_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
