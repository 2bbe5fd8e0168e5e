"""Opens, searches and sorts prepared rows beside the window; only the newest search is answered, as rows are found."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.contract.states import PreparedDataset
from gui.choose_data.rows.row_search import RowQuery, RowSearch
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.rows.prepared_rows import Mask, Positions, PreparedRows

SECONDS_BETWEEN_REPORTS = 0.06
UNREADABLE = (OSError, ValueError, KeyError)  # what opening and reading damaged files may raise


@dataclass(frozen=True)
class FoundRows:
    """Positions in order; `fresh` ones replace the rows that are shown."""

    positions: Positions
    fresh: bool


@dataclass(frozen=True)
class FoundLines:
    """Lines of the rows that are shown which contain the text, ascending."""

    lines: Positions


@dataclass(frozen=True)
class SearchProgress:
    """Rows done and all rows; 0 where that is not known."""

    done: int
    total: int


Report = FoundRows | FoundLines | SearchProgress


class RowFinder(QObject):
    """Each search has a number."""

    opened = Signal(object)  # PreparedRows
    failed = Signal(str)
    reported = Signal(int, object)  # number, Report
    finished = Signal(int)  # number

    def __init__(self, dataset: PreparedDataset, parent: QObject) -> None:
        super().__init__(parent)
        self._dataset = dataset
        self._search: RowSearch | None = None
        self._task: BackgroundTask | None = None
        self._number = 0

    def start(self) -> None:
        """Opens the rows; `opened` or `failed` follows."""
        dataset = self._dataset
        self._task = run_in_thread(
            self,
            lambda _job: PreparedRows(dataset),
            name="open rows",
            on_result=self._take_rows,
            on_failure=self._fail,
            expected=UNREADABLE,
        )

    def find(self, query: RowQuery) -> int:
        """Looks for these rows instead of the last, once the rows are open; returns the number of the search."""
        assert self._search is not None
        self.cancel()
        self._number += 1
        self._task = run_in_thread(
            self,
            partial(_answer, self._search, query),
            name="find rows",
            on_result=self._finish,
            on_failure=self._fail,
            on_progress=self._take_report,
            expected=UNREADABLE,
        )
        return self._number

    def cancel(self) -> None:
        """Ends what runs without an answer."""
        if self._task is not None:
            self._task.cancel()

    def _take_rows(self, rows: PreparedRows) -> None:
        self._search = RowSearch(rows)
        # Takes a while: done before the first search needs it.
        run_in_thread(self, lambda _job: importlib.import_module("pyarrow.compute"), name="import pyarrow.compute")
        self.opened.emit(rows)

    def _take_report(self, report: Report) -> None:
        self.reported.emit(self._number, report)

    def _finish(self, _answered: None) -> None:
        self.finished.emit(self._number)

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error))


# ── In the thread ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(search: RowSearch, query: RowQuery, job: Job) -> None:
    """Answers a query by reports."""
    with search.lock:  # a cancelled search may still run until its next check
        _Answer(search, query, job).give()


class _Answer:
    def __init__(self, search: RowSearch, query: RowQuery, job: Job) -> None:
        self._search, self._query, self._job = search, query, job
        self._reported = time.monotonic()

    def give(self) -> None:
        search, query = self._search, self._query
        self._job.check()
        order = search.order(query, self._progress) if query.sort else None
        kept = search.kept(query, self._progress) if query.filters else None
        if order is None and query.text and query.only_hits:
            self._report_as_found(kept)
        else:
            self._report_at_once(order, kept)

    def _report_as_found(self, kept: Mask | None) -> None:
        """Rows that contain the text, in the order of the file, while they are found."""
        waiting: list[Positions] = []
        fresh = True
        for start, mask in self._search.hits(self._query):
            if kept is not None:
                mask = mask & kept[start : start + len(mask)]
            waiting.append(start + np.flatnonzero(mask))
            if self._progress(start + len(mask), len(self._search.rows)):
                found = np.concatenate(waiting)
                if len(found):
                    self._job.report(FoundRows(found, fresh))
                    waiting, fresh = [], False
        self._job.report(FoundRows(np.concatenate([*waiting, np.zeros(0, dtype=np.int64)]), fresh))

    def _report_at_once(self, order: Positions | None, kept: Mask | None) -> None:
        """Sorted rows, or all rows and which of their lines contain the text."""
        search, query = self._search, self._query
        total = len(search.rows)
        shown = np.arange(total, dtype=np.int64) if order is None else order
        shown = shown if kept is None else shown[kept[shown]]
        if not query.only_hits or not query.text:
            self._job.report(FoundRows(shown, fresh=True))
        if not query.text:
            return
        holds = np.zeros(total, dtype=bool)
        for start, mask in search.hits(query):
            holds[start : start + len(mask)] = mask
            self._progress(start + len(mask), total)
        if query.only_hits:
            self._job.report(FoundRows(shown[holds[shown]], fresh=True))
        else:
            self._job.report(FoundLines(np.flatnonzero(holds[shown])))

    def _progress(self, done: int, total: int) -> bool:
        """Reports how far it is, at most every `SECONDS_BETWEEN_REPORTS`; returns whether it did."""
        self._job.check()
        now = time.monotonic()
        if total and now - self._reported < SECONDS_BETWEEN_REPORTS:
            return False
        self._reported = now
        self._job.report(SearchProgress(done, total))
        return True
