"""Other runs on the same rows, read from their folders beside the window, to be drawn faintly behind a run's curves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.workspace.event_log import each_event
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import RunRow, run_folder
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.fine_tune.monitor.training_curves import TrainingCurves

_EVENTS_AT_ONCE = 2_000  # between two pauses of a reading thread


@dataclass(frozen=True)
class OtherRun:
    """A run with its curves."""

    id: str
    name: str
    curves: TrainingCurves


class OtherRuns(QObject):
    """`offered` holds id and name of what there is, `shown` what was chosen and has been read."""

    offer_changed = Signal()
    changed = Signal()  # `shown` is another one

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offered: tuple[tuple[str, str], ...] = ()
        self.chosen: tuple[str, ...] = ()
        self._workspace = workspace
        self._rows = ""
        self._looking: BackgroundTask | None = None
        self._known: dict[str, OtherRun] = {}
        self._asked: set[str] = set()

    @property
    def shown(self) -> tuple[OtherRun, ...]:
        """The chosen runs that have been read, the newest first."""
        order = [identity for identity, _ in self.offered]
        return tuple(self._known[identity] for identity in order if identity in self.chosen and identity in self._known)

    def look_for(self, fingerprint: str, *, without: str = "") -> None:
        """Looks for runs on the prepared rows of this fingerprint; `offer_changed` follows."""
        if fingerprint != self._rows:
            self._rows = fingerprint
            self._known.clear()
            self._asked.clear()
            self.offered, self.chosen = (), ()
            self.offer_changed.emit()
        if self._looking is not None:
            self._looking.cancel()
        workspace = self._workspace

        def look(_job: Job) -> tuple[tuple[str, str], ...]:
            found = [row for row in list_rows(workspace).rows if row.summary.fingerprint == fingerprint]
            return _with_names_of_their_own([row for row in found if row.id != without and row.step > 0])

        self._looking = run_in_thread(self, look, name="look for other runs", on_result=self._take_list)

    def choose(self, identities: Sequence[str]) -> None:
        """Shows these from now on; `changed` follows, again when what was not known yet has been read."""
        self._show(identities)

    def _show(self, identities: Sequence[str]) -> None:
        self.chosen = tuple(identities)
        for identity, name in self.offered:
            if identity in self.chosen and identity not in self._asked:
                self._asked.add(identity)
                self._read(identity, name)
        self.changed.emit()

    def _read(self, identity: str, name: str) -> None:
        folder = run_folder(self._workspace, identity)

        def read(job: Job) -> OtherRun:
            curves = TrainingCurves()
            for count, event in enumerate(each_event(folder), start=1):
                curves.on_event(event)
                if count % _EVENTS_AT_ONCE == 0:
                    job.check()
                    time.sleep(0.002)  # the window's thread needs the interpreter, too
            return OtherRun(identity, name, curves)

        run_in_thread(self, read, name="read another run", on_result=self._take_run)

    def _take_list(self, found: tuple[tuple[str, str], ...]) -> None:
        self.offered = found
        known = [identity for identity, _ in found]
        self._show([one for one in self.chosen if one in known])
        self.offer_changed.emit()

    def _take_run(self, run: OtherRun) -> None:
        if run.id in self._asked:
            self._known[run.id] = run
            self.changed.emit()


def _with_names_of_their_own(rows: Sequence[RunRow]) -> tuple[tuple[str, str], ...]:
    """Id and name; where two runs have the same name, with their time."""
    names = [row.name for row in rows]
    return tuple((row.id, row.name if names.count(row.name) == 1 else f"{row.name} ({row.id})") for row in rows)
