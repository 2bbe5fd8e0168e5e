"""The list of many runs: read with its index and without, and how long the window takes to paint it.

    python tests/benchmarks/run_list.py [--runs 1000 10000] [--rounds 5]

Each run is evaluated and has three epochs; one in twenty was interrupted and has a checkpoint. "All states" is what a
list cost before there were rows: the record of each run with its data set and model. The window is a real one without
an engine: from the click on Runs until the table with all runs is painted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from engine.contract.settings import FineTuneSettings
from engine.workspace import run_index
from engine.workspace.layout import Workspace
from engine.workspace.run_index import INDEX, list_rows
from engine.workspace.runs import RECORD, create_run, list_runs, save_run
from gui.application import page_types
from gui.design import application_style
from gui.session import Session
from gui.shell.gc_between_events import GarbageCollector
from gui.shell.window import Window
from tests.benchmarks.measuring import interleaved, report
from tests.builders import a_dataset, a_run, an_evaluation
from tests.gui.conftest import StandInEngine

SEED = 7
MADE_AT = 1_790_000_000.0  # seconds since the epoch, of the first run


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    application = QApplication([])
    application_style.set_up(application, "light")
    GarbageCollector(application)
    for runs in options.runs:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace(Path(folder)).create()
            make_runs(workspace, runs)
            measure(application, workspace, runs, options.rounds)
    return 0


def make_runs(workspace: Workspace, runs: int) -> None:
    """Run folders as training leaves them, with small checkpoints."""
    record = create_run(workspace, a_dataset(), FineTuneSettings(run_name="Run"))
    run = a_run(id=record.id)
    record = msgspec.structs.replace(record, status="finished", run=run, evaluation=an_evaluation(run=run))
    save_run(workspace, record)
    first = workspace.runs / record.id
    stored = msgspec.json.decode((first / RECORD).read_bytes())
    for number in range(1, runs):
        folder = workspace.runs / f"{record.id}-{number}"
        (folder / "states").mkdir(parents=True)
        for state in (first / "states").iterdir():
            (folder / "states" / state.name).hardlink_to(state)
        own = stored | {"id": folder.name, "name": f"Run {number}", "created": MADE_AT + 60 * number}
        own["settings"] = own["settings"] | {"epochs": 1 + number % 5}
        if number % 20 == 0:
            own["status"] = "training"
            (folder / "checkpoints" / "step-000100").mkdir(parents=True)
        (folder / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(own), indent=1))


def measure(application: QApplication, workspace: Workspace, runs: int, rounds: int) -> None:
    """Prints all sides for one workspace."""
    time.sleep(run_index.SETTLED_SECONDS + 0.5)  # what was just written is not put into the index
    list_rows(workspace)
    assert (workspace.runs / INDEX).is_file()

    def rows(*, with_index: bool) -> float:
        started = time.perf_counter()
        found = list_rows(workspace, with_index=with_index)
        assert len(found.rows) == runs
        return time.perf_counter() - started

    def all_states() -> float:
        started = time.perf_counter()
        assert len(list_runs(workspace)) == runs
        return time.perf_counter() - started

    def window(*, with_index: bool) -> float:
        if not with_index:
            (workspace.runs / INDEX).unlink()
        with open_window(application, workspace) as (shown, gaps):
            seconds = until_painted(application, shown, runs)
            longest.setdefault(with_index, []).append(max(gaps.found, default=0.0))
        return seconds

    longest: dict[bool, list[float]] = {}
    print(f"\n{runs:,} runs")
    sides = {
        "list with the index": lambda: rows(with_index=True),
        "list without it": lambda: rows(with_index=False),
        "all states": all_states,
        "window, painted": lambda: window(with_index=True),
        "window, painted, index deleted": lambda: window(with_index=False),
    }
    measured = interleaved(sides, rounds)
    gaps = {("with" if key else "without"): max(found) for key, found in longest.items()}
    print(f"  longest time without an answer of the window, s: {gaps}")
    size = (workspace.runs / INDEX).stat().st_size
    report("run_list", "seconds", measured, "list with the index", seed=SEED, runs=runs, gaps=gaps, index_bytes=size)


class Gaps(QObject):
    """How long the window could not have answered, in seconds, by a timer of 5 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.found.append(now - self._last)
        self._last = now


@contextmanager
def open_window(application: QApplication, workspace: Workspace) -> Iterator[tuple[Window, Gaps]]:
    """A window on the screen, its pages built."""
    engine = StandInEngine()
    session = Session(workspace, engine)  # type: ignore[arg-type]
    window = Window(session, page_types())
    window.resize(1280, 800)
    window.show()
    window.build_pages()
    until = time.perf_counter() + 1.0
    while time.perf_counter() < until:
        application.processEvents()
    gaps = Gaps()
    try:
        yield window, gaps
    finally:
        gaps.deleteLater()
        window.hide()
        window.deleteLater()
        session.deleteLater()
        engine.deleteLater()
        application.processEvents()


class Painted(QObject):
    """Whether the table was painted since it holds so many rows."""

    def __init__(self, window: Window, runs: int) -> None:
        super().__init__(window)
        self.is_done = False
        self._model = window.run_list.model
        self._runs = runs
        window.run_list.table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._model.rowCount() == self._runs:
            QTimer.singleShot(0, self, self._finish)  # after this event, so after the painting
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        self.is_done = True


def until_painted(application: QApplication, window: Window, runs: int) -> float:
    """Seconds from the click on Runs until the table with all of them is painted."""
    painted = Painted(window, runs)
    started = time.perf_counter()
    window.left.runs.click()
    while not painted.is_done:
        application.processEvents()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
