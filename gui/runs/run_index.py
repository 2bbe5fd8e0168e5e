"""The runs on disk as the window knows them: listed, opened, renamed and deleted in a plain thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.formatting import count
from engine.workspace.layout import Workspace
from engine.workspace.run_index import RunList, interrupted_rows, list_rows
from engine.workspace.runs import RunRecord, RunRow, checkpoint_steps, read_run, rename_run, run_folder
from engine.workspace.trash import RunBin
from gui.runs.run_differences import differing_settings


class ListedRuns(NamedTuple):
    """What one reading of the list has found."""

    rows: tuple[RunRow, ...]  # the newest first
    interrupted: tuple[RunRow, ...]  # those that ended without being stopped and can be continued
    unfinished: frozenset[str]  # ids of all that can be continued
    differing: tuple[str, ...]  # names of settings that are not the same in all runs


class RunIndex(QObject):
    """All runs, the newest first, and those that can be continued."""

    changed = Signal()
    binned = Signal(object)  # RunRow that was moved to the bin
    failed = Signal(object)  # ErrorReport
    _listed = Signal(object, int)
    _opened = Signal(object, object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listed = ListedRuns((), (), frozenset(), ())
        self._workspace = workspace
        self._bin = RunBin(workspace)
        self._request = 0
        self._reported: set[str] = set()  # folders that cannot be shown
        self._listed.connect(self._take)
        self._opened.connect(lambda record, receive: receive(record))

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """All runs, the newest first."""
        return self.listed.rows

    @property
    def interrupted(self) -> tuple[RunRow, ...]:
        """Runs that ended without being stopped and can be continued, the newest first."""
        return self.listed.interrupted

    def refresh(self) -> None:
        """Lists the runs again; `changed` follows."""
        self._request += 1
        request, workspace = self._request, self._workspace

        def read() -> None:
            found = list_rows(workspace)
            open_ended = [row for row in found.rows if row.status != "finished"]
            listed = ListedRuns(
                found.rows,
                interrupted_rows(workspace, found.rows),
                frozenset(row.id for row in open_ended if checkpoint_steps(run_folder(workspace, row.id))),
                differing_settings(found.rows),
            )
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                self._report_unshown(found)
                self._listed.emit(listed, request)

        _in_a_thread("read runs", read)

    def open(self, row: RunRow, receive: Callable[[RunRecord], None]) -> None:
        """Reads a run with its states; `receive` gets it in this thread, or `failed` follows."""

        def read() -> None:
            try:
                record = read_run(self._workspace, row.id)
            except EngineError as error:
                with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                    self.failed.emit(error.report())
                return
            with contextlib.suppress(RuntimeError):
                self._opened.emit(record, receive)

        _in_a_thread("open a run", read)

    def delete(self, row: RunRow) -> None:
        """Moves a run to the bin; `binned` and `changed` follow, or `failed`."""

        def delete() -> None:
            self._bin.take(row.id)
            with contextlib.suppress(RuntimeError):  # the window has gone in the meantime
                self.binned.emit(row)

        self._change("delete a run", delete, f"{row.name} could not be deleted.")

    def restore(self, row: RunRow) -> None:
        """Takes a run back from the bin; `changed` follows, or `failed`."""
        self._change("restore a run", lambda: self._bin.give_back(row.id), f"{row.name} could not be brought back.")

    def rename(self, row: RunRow, name: str) -> None:
        """Gives a run another name, in its record; `changed` follows, or `failed`."""
        self._change(
            "rename a run",
            lambda: rename_run(self._workspace, row.id, name),
            f"{row.name} could not be renamed.",
        )

    def empty_bin(self) -> None:
        """Deletes for good what this window has moved to the bin; `changed` follows, or `failed`."""
        self._change("empty the bin", self._bin.empty, "Not all files in the bin could be deleted.")

    def empty_left_bins(self) -> None:
        """Deletes what windows that have gone left in their bins."""
        _in_a_thread("empty bins", self._bin.empty_left_ones)

    def can_continue(self, row: RunRow) -> bool:
        """Whether this run is not finished and has a checkpoint to continue from."""
        return row.id in self.listed.unfinished

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

    def _take(self, listed: ListedRuns, request: int) -> None:
        if request == self._request:
            self.listed = listed
            self.changed.emit()

    def _report_unshown(self, found: RunList) -> None:
        """Reports each folder that the list cannot show once, not at every reading."""
        newer = [folder for folder in found.newer if folder not in self._reported]
        unreadable = [one for one in found.unreadable if one[0] not in self._reported]
        self._reported.update(newer, (folder for folder, _ in unreadable))
        if newer or unreadable:
            self.failed.emit(_unshown(newer, unreadable))


def _unshown(newer: list[str], unreadable: list[tuple[str, str]]) -> ErrorReport:
    sentences, hint = [], "The details name each folder and the reason. The files are untouched."
    if newer:
        sentences.append(
            f"{count(len(newer), 'run was', 'runs were')} made by a newer Tunewright; the list does not show "
            f"{'it' if len(newer) == 1 else 'them'}."
        )
        hint = "Update the program. The files are untouched."
    if unreadable:
        sentences.append(
            f"{count(len(unreadable), 'run folder')} cannot be read; the list shows {'all' if not newer else 'the'} "
            "other runs."
        )
    return ErrorReport(
        "EngineError",
        "C14" if newer else "C9",
        " ".join(sentences),
        hint=hint,
        details="\n".join([*newer, *(f"{folder}: {reason}" for folder, reason in unreadable)]),
    )


def _in_a_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()
