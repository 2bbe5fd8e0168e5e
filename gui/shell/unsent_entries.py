"""Entries outlive a window that was killed: they are kept while it is open, and offered at the next start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from engine.contract.sentences import Sentence
from engine.contract.settings import PrepareSettings
from engine.contract.states import TrainingRun, find
from engine.workspace.runs import RunRecord
from gui.entries import Entries, EntriesFile
from gui.page import Page
from gui.runs.run_index import RunIndex
from gui.session import Session
from gui.shell.content_area import ContentArea
from gui.shell.first_steps import FirstSteps
from gui.shell.steps import Steps

INTERVAL = 3_000  # milliseconds between two looks at the pages


class UnsentEntries(QObject):
    """Keeps what the pages hold in a file, and puts it back into them.

    `pages` gives those that are built, by their step, `page` any of them.
    """

    step_requested = Signal(int)
    offer_changed = Signal()  # the offer has appeared

    def __init__(
        self,
        session: Session,
        steps: Steps,
        content_area: ContentArea,
        runs: RunIndex,
        pages: Callable[[], Mapping[int, Page]],
        page: Callable[[int], Page],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._content_area = content_area
        self._runs = runs
        self._pages, self._page = pages, page
        self._step = 0
        self._file = EntriesFile(session.workspace.root)
        self._found = self._file.read()
        self._first_steps = FirstSteps(session, steps, self)
        self._first_steps.step_requested.connect(self.step_requested)
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.keep)
        runs.changed.connect(self._offer)

    def take_step(self, step: int) -> None:
        """The step that is shown now."""
        self._step = step

    def keep(self) -> None:
        """Writes what the pages hold now; as long as an offer is open, that of before stays."""
        if self._found is not None and not self._content_area.recovery.isHidden():
            return
        run = find(self._session.state, TrainingRun)
        entries = Entries(step=self._step, run="" if run is None else run.id)
        for page in self._pages().values():
            entries = page.add_entries(entries)
        self._file.write(entries)

    def end(self) -> None:
        """The window ends by itself: nothing is offered at the next start."""
        self._clock.stop()
        self._file.remove()

    # ── At the next start ─────────────────────────────────────────────────────────────────────────────────────────────

    def _offer(self) -> None:
        if self._clock.isActive():
            return
        self._clock.start()
        found = self._found
        if found is None or msgspec.structs.replace(found, step=0) == Entries() or self._session.state is not None:
            self._found = None
            return
        if not self._content_area.recovery.isHidden():  # an interrupted run is offered, whose entries these are
            self._found = None
            return
        self._content_area.recovery.show_note(
            "news",
            Sentence("gui.shell.continue_where_you_left_off"),
            Sentence("gui.shell.entries_kept"),
            (
                (Sentence("gui.shell.restore_entries"), self.restore),
                (Sentence("gui.shell.not_now"), self._withdraw),
            ),
        )
        self.offer_changed.emit()

    def _withdraw(self) -> None:
        self._found = None
        self._content_area.recovery.clear()

    def restore(self) -> None:
        """Loads, prepares and opens again what was there, and shows the entries in the forms."""
        found = self._found
        self._withdraw()
        if found is None or self._session.busy:
            return
        row = next((row for row in self._runs.rows if row.id == found.run), None)
        if row is not None:

            def show(record: RunRecord) -> None:
                if not self._session.busy:
                    self._session.open_run(record)
                    self._show(found)

            self._runs.open(row, show)
        elif found.model is None or not found.is_loaded:
            self._show(found)
        else:
            rows = None
            if found.is_prepared and found.data is not None:
                rows = found.data, found.prepare or PrepareSettings()
            self._first_steps.go(found.model, rows, lambda: self._show(found))

    def _show(self, entries: Entries) -> None:
        self.step_requested.emit(entries.step)
        for step in range(max(self._pages(), default=0) + 1):
            self._page(step).restore(entries)
