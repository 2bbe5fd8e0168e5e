"""Opens, searches and sorts prepared rows beside the window: one thread, the newest wish, results as they are found.

The thread knows no Qt object. It puts what it finds into a queue that a timer of the window empties, so the window may
go at any moment.
"""

from __future__ import annotations

import importlib
import queue
import threading
import time
import weakref
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.contract.states import PreparedDataset
from gui.choose_data.rows.prepared_rows import Positions, PreparedRows
from gui.choose_data.rows.row_search import RowQuery, RowSearch

SECONDS_BETWEEN_WORDS = 0.06
INTERVAL = 25  # milliseconds between two looks into the queue


@dataclass(frozen=True)
class Word:
    """What the thread says: about a wish (0: about opening)."""

    kind: str  # opened, failed, found, hits, progress, finished
    wish: int = 0
    value: object = None
    fresh: bool = False  # positions that take the place of the last
    amount: tuple[int, int] = (0, 0)  # rows done, all rows


@dataclass
class Desk:
    """What window and thread share."""

    wishes: queue.SimpleQueue[tuple[int, RowQuery] | None] = field(default_factory=queue.SimpleQueue)
    words: queue.SimpleQueue[Word] = field(default_factory=queue.SimpleQueue)
    newest: int = 0  # the wish that counts
    closed: bool = False

    def close(self) -> None:
        """Lets the thread end."""
        self.closed = True
        self.newest += 1
        self.wishes.put(None)


class RowFinder(QObject):
    """Each wish has a number, and only the newest is answered."""

    opened = Signal(object)  # PreparedRows
    failed = Signal(str)
    found = Signal(int, object, bool)  # wish, positions in order, whether they take the place of the last
    hits = Signal(int, object)  # wish, more lines that hold the text, ascending
    progressed = Signal(int, int, int)  # wish, rows done, all rows (0: not known)
    finished = Signal(int)

    def __init__(self, dataset: PreparedDataset, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = Desk()
        self._thread = threading.Thread(target=_work, args=(dataset, self._desk), name="find rows", daemon=True)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._hear)
        weakref.finalize(self, self._desk.close)

    def start(self) -> None:
        """Opens the rows; `opened` or `failed` follows."""
        self._thread.start()
        self._timer.start()

    def find(self, query: RowQuery) -> int:
        """Looks for these rows instead of the last; returns the number of the wish."""
        self._desk.newest += 1
        self._desk.wishes.put((self._desk.newest, query))
        self._timer.start()
        return self._desk.newest

    def cancel(self) -> None:
        """Wants no answer to the last wish."""
        self._desk.newest += 1
        self._timer.stop()

    def close(self) -> None:
        """Ends the thread; nothing is said afterwards."""
        self._timer.stop()
        self._desk.close()

    def wait(self, seconds: float) -> bool:
        """Whether the thread has ended within this time."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _hear(self) -> None:
        while not self._desk.closed:
            try:
                word = self._desk.words.get_nowait()
            except queue.Empty:
                return
            if word.kind == "opened":
                self._timer.stop()
                self.opened.emit(word.value)
            elif word.kind == "failed":
                self._timer.stop()
                self.failed.emit(word.value)
            elif word.wish == self._desk.newest:
                self._tell(word)

    def _tell(self, word: Word) -> None:
        if word.kind == "found":
            self.found.emit(word.wish, word.value, word.fresh)
        elif word.kind == "hits":
            self.hits.emit(word.wish, word.value)
        elif word.kind == "progress":
            self.progressed.emit(word.wish, *word.amount)
        else:
            self._timer.stop()
            self.finished.emit(word.wish)


# ── In the thread ───────────────────────────────────────────────────────────────────────────────────────────────


class _NotWanted(Exception):
    """Another wish counts by now."""


def _work(dataset: PreparedDataset, desk: Desk) -> None:
    try:
        rows = PreparedRows(dataset)
    except (OSError, ValueError, KeyError) as error:
        desk.words.put(Word("failed", value=str(error)))
        return
    search = RowSearch(rows)
    desk.words.put(Word("opened", value=rows))
    importlib.import_module("pyarrow.compute")  # takes a while: before somebody waits for a search
    while (wish := desk.wishes.get()) is not None:
        number, query = wish
        if number == desk.newest:
            try:
                _Answer(desk, search, number, query).give()
            except _NotWanted:
                continue
            except (OSError, ValueError, KeyError) as error:
                desk.words.put(Word("failed", value=str(error)))


class _Answer:
    """One wish being answered; leaves through `_NotWanted` where another one counts."""

    def __init__(self, desk: Desk, search: RowSearch, number: int, query: RowQuery) -> None:
        self._desk, self._search, self._number, self._query = desk, search, number, query
        self._spoken = time.monotonic()

    def give(self) -> None:
        search, query = self._search, self._query
        order = search.order(query, self._tell) if query.sort else None
        kept = search.kept(query, self._tell) if query.filters else None
        if order is None and query.text and query.only_hits:
            self._as_found(kept)
        else:
            self._at_once(order, kept)
        self._say("finished")

    def _as_found(self, kept: np.ndarray | None) -> None:
        """Rows that hold the text, in the order of the file, while they are found."""
        waiting: list[Positions] = []
        fresh = True
        for start, mask in self._search.hits(self._query):
            if kept is not None:
                mask = mask & kept[start : start + len(mask)]
            waiting.append(start + np.flatnonzero(mask))
            if self._tell(start + len(mask), len(self._search.rows)):
                found = np.concatenate(waiting)
                if len(found):
                    self._say("found", found, fresh=fresh)
                    waiting, fresh = [], False
        self._say("found", np.concatenate([*waiting, np.zeros(0, dtype=np.int64)]), fresh=fresh)

    def _at_once(self, order: Positions | None, kept: np.ndarray | None) -> None:
        """Sorted rows, or all rows and which of their lines hold the text."""
        search, query = self._search, self._query
        total = len(search.rows)
        shown = np.arange(total, dtype=np.int64) if order is None else order
        shown = shown if kept is None else shown[kept[shown]]
        if not query.only_hits or not query.text:
            self._say("found", shown, fresh=True)
        if not query.text:
            return
        holds = np.zeros(total, dtype=bool)
        for start, mask in search.hits(query):
            holds[start : start + len(mask)] = mask
            self._tell(start + len(mask), total)
        if query.only_hits:
            self._say("found", shown[holds[shown]], fresh=True)
        else:
            self._say("hits", np.flatnonzero(holds[shown]))

    def _tell(self, done: int, total: int) -> bool:
        """Says how far it is, now and then; whether it did."""
        if self._number != self._desk.newest:
            raise _NotWanted
        now = time.monotonic()
        if total and now - self._spoken < SECONDS_BETWEEN_WORDS:
            return False
        self._spoken = now
        self._say("progress", amount=(done, total))
        return True

    def _say(self, kind: str, value: object = None, *, fresh: bool = False, amount: tuple[int, int] = (0, 0)) -> None:
        if self._number != self._desk.newest:
            raise _NotWanted
        self._desk.words.put(Word(kind, self._number, value, fresh, amount))
