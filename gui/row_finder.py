"""Opens, searches and sorts prepared rows beside the window: one thread, the newest wish, results as they are found."""

from __future__ import annotations

import contextlib
import queue
import threading
import time

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.states import PreparedDataset
from gui.prepared_rows import Positions, PreparedRows, RowQuery, SortKey

SECONDS_BETWEEN_WORDS = 0.06


class RowFinder(QObject):
    """Speaks through signals in the thread it lives in; each wish has a number, and only the newest is answered."""

    opened = Signal(object)  # PreparedRows
    failed = Signal(str)
    found = Signal(int, object)  # number of the wish, more positions in order
    finished = Signal(int)

    def __init__(self, dataset: PreparedDataset, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dataset = dataset
        self._newest = 0
        self._closed = False
        self._wishes: queue.SimpleQueue[tuple[int, RowQuery] | None] = queue.SimpleQueue()
        self._orders: dict[SortKey, Positions] = {}
        self._thread = threading.Thread(target=self._run, name="find rows", daemon=True)

    def start(self) -> None:
        """Opens the rows; `opened` or `failed` follows."""
        self._thread.start()

    def find(self, query: RowQuery) -> int:
        """Looks for these rows instead of the last; returns the number of the wish."""
        self._newest += 1
        self._wishes.put((self._newest, query))
        return self._newest

    def close(self) -> None:
        """Ends the thread; nothing is said afterwards."""
        self._closed = True
        self._newest += 1
        self._wishes.put(None)

    def wait(self, seconds: float) -> bool:
        """Whether the thread has ended within this time."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    # ── In the thread ───────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        with contextlib.suppress(RuntimeError):  # the window went meanwhile
            try:
                rows = PreparedRows(self._dataset)
            except (OSError, ValueError, KeyError) as error:
                self._say_failed(str(error))
                return
            if self._closed:
                return
            self.opened.emit(rows)
            while (wish := self._wishes.get()) is not None:
                number, query = wish
                if number == self._newest:
                    self._answer(rows, number, query)

    def _say_failed(self, details: str) -> None:
        if not self._closed:
            self.failed.emit(details)

    def _answer(self, rows: PreparedRows, number: int, query: RowQuery) -> None:
        if query.sort:
            self._answer_sorted(rows, number, query)
        else:
            self._answer_as_found(rows, number, query)
        if number == self._newest:
            self.finished.emit(number)

    def _answer_as_found(self, rows: PreparedRows, number: int, query: RowQuery) -> None:
        if query.everything:
            self.found.emit(number, rows.order(""))
            return
        waiting: list[Positions] = []
        spoken = time.monotonic()
        for part in rows.matches(query):
            if number != self._newest:
                return
            waiting.append(part)
            now = time.monotonic()
            if now - spoken >= SECONDS_BETWEEN_WORDS:
                self._say(number, waiting)
                waiting, spoken = [], now
        self._say(number, waiting)

    def _answer_sorted(self, rows: PreparedRows, number: int, query: RowQuery) -> None:
        if query.sort not in self._orders:
            self._orders[query.sort] = rows.order(query.sort)
        order = self._orders[query.sort]
        if query.descending:
            order = order[::-1]
        if not query.everything:
            wanted = np.zeros(len(rows), dtype=bool)
            for part in rows.matches(query):
                if number != self._newest:
                    return
                wanted[part] = True
            order = order[wanted[order]]
        self._say(number, [order])

    def _say(self, number: int, parts: list[Positions]) -> None:
        found = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        if len(found) and number == self._newest:
            self.found.emit(number, found)
