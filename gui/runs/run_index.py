"""The runs on disk for the window: listed, opened, renamed and deleted in a plain thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.sentences import Sentence
from engine.workspace.layout import Workspace
from engine.workspace.run_index import RunList, list_rows
from engine.workspace.runs import (
    RunRecord,
    RunRow,
    is_left_alone,
    is_unfinished,
    note_run,
    pin_run,
    read_run,
    rename_run,
)
from engine.workspace.trash import RunBin
from gui.components.background import BackgroundTask, Job, run_in_thread
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

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listed = ListedRuns((), (), frozenset(), ())
        self._workspace = workspace
        self._bin = RunBin(workspace)
        self._reading: BackgroundTask | None = None
        self._reported: set[str] = set()  # folders that cannot be shown

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
        if self._reading is not None:
            self._reading.cancel()
        workspace = self._workspace

        def read(_job: Job) -> tuple[RunList, ListedRuns]:
            found = list_rows(workspace)
            unfinished = [row for row in found.rows if is_unfinished(workspace, row)]
            return found, ListedRuns(
                found.rows,
                tuple(row for row in unfinished if is_left_alone(workspace, row)),
                frozenset(row.id for row in unfinished),
                differing_settings(found.rows),
            )

        self._reading = run_in_thread(self, read, name="list runs", on_result=self._show)

    def open(self, row: RunRow, receive: Callable[[RunRecord], None]) -> None:
        """Reads a run with its states; `receive` gets it in this thread, or `failed` follows."""
        workspace = self._workspace
        run_in_thread(
            self,
            lambda _job: read_run(workspace, row.id),
            name="open a run",
            on_result=receive,
            on_failure=lambda error: self._fail(error, Sentence("gui.c9_trouble.could_not_opened", row=row.name)),
        )

    def delete(self, row: RunRow) -> None:
        """Moves a run to the bin; `binned` and `changed` follow, or `failed`."""
        self._change(
            "delete a run",
            lambda: self._bin.take(row.id),
            Sentence("gui.c9_trouble.could_not_deleted", row=row.name),
            then=lambda: self.binned.emit(row),
        )

    def restore(self, row: RunRow) -> None:
        """Takes a run back from the bin; `changed` follows, or `failed`."""
        self._change(
            "restore a run",
            lambda: self._bin.give_back(row.id),
            Sentence("gui.c9_trouble.could_not_brought_back", row=row.name),
        )

    def rename(self, row: RunRow, name: str) -> None:
        """Gives a run another name, in its record; `changed` follows, or `failed`."""
        self._change(
            "rename a run",
            lambda: rename_run(self._workspace, row.id, name),
            Sentence("gui.c9_trouble.could_not_renamed", row=row.name),
        )

    def note(self, row: RunRow, note: str) -> None:
        """Keeps the user's words with a run, in its record; `changed` follows, or `failed`."""
        self._change(
            "note a run",
            lambda: note_run(self._workspace, row.id, note),
            Sentence("gui.c9_trouble.could_not_changed", row=row.name),
        )

    def pin(self, row: RunRow, pinned: bool) -> None:
        """Keeps a run at the top of the list, or no longer; `changed` follows, or `failed`."""
        self._change(
            "pin a run",
            lambda: pin_run(self._workspace, row.id, pinned=pinned),
            Sentence("gui.c9_trouble.could_not_changed", row=row.name),
        )

    def empty_bin(self) -> None:
        """Deletes for good what this window has moved to the bin; `changed` follows, or `failed`."""
        self._change("empty the bin", self._bin.empty, Sentence("gui.c9_trouble.not_all_files_bin_could"))

    def empty_left_bins(self) -> None:
        """Deletes what windows that have gone left in their bins."""
        run_in_thread(self, lambda _job: self._bin.empty_left_ones(), name="empty bins")

    def can_continue(self, row: RunRow) -> bool:
        """Whether this run is not finished and has a checkpoint to continue from."""
        return row.id in self.listed.unfinished

    def _change(
        self, what: str, change: Callable[[], None], trouble: Sentence, *, then: Callable[[], None] = lambda: None
    ) -> None:
        def done(_result: None) -> None:
            then()
            self.refresh()

        def failed(error: Exception) -> None:
            self._fail(error, trouble)
            self.refresh()

        run_in_thread(self, lambda _job: change(), name=what, on_result=done, on_failure=failed)

    def _fail(self, error: Exception, trouble: Sentence) -> None:
        if not isinstance(error, EngineError):
            hint = Sentence("gui.t20.close_programs_use_files_then")
            error = EngineError("T20", trouble, hint=hint, details=str(error))
        self.failed.emit(error.report())

    def _show(self, result: tuple[RunList, ListedRuns]) -> None:
        found, self.listed = result
        self._report_unshown(found)
        self.changed.emit()

    def _report_unshown(self, found: RunList) -> None:
        """Reports each folder that the list cannot show once, not at every reading."""
        newer = [folder for folder in found.newer if folder not in self._reported]
        unreadable = [one for one in found.unreadable if one[0] not in self._reported]
        self._reported.update(newer, (folder for folder, _ in unreadable))
        if newer or unreadable:
            self.failed.emit(_unshown(newer, unreadable))


def _unshown(newer: list[str], unreadable: list[tuple[str, str]]) -> ErrorReport:
    values = {"newer": len(newer), "unreadable": len(unreadable)}
    hint = Sentence("gui.c9.details_name_folders")
    if newer:
        hint = Sentence("gui.c14.update")
        message = Sentence("gui.c14.newer_and_unreadable_runs" if unreadable else "gui.c14.newer_runs", **values)
    else:
        message = Sentence("gui.c9.unreadable_runs", **values)
    return ErrorReport(
        "EngineError",
        "C14" if newer else "C9",
        message,
        hint=hint,
        details="\n".join([*newer, *(f"{folder}: {reason}" for folder, reason in unreadable)]),
    )
