"""Gaps of a 10 ms heartbeat in the window's thread, in every phase: idle, import, load, prepare, train, evaluate, runs.

    python tests/benchmarks/heartbeat.py [--rows 3000] [--evaluated 200000] [--runs 1000] [--explain]

Aims: p99 25 ms at most, longest 100 ms at most. Beside the gap by the clock stands the processor time that the
window's thread itself has used in it: on a busy computer the clock also counts what other programs did meanwhile. The
idle window of the same process is the other side of the ratio. With `--explain` (not on Windows) the stacks that were
seen in gaps above 25 ms, half of it on the processor, are printed, the most frequent first.

Import is what follows the first picture: the engine imports torch, a thread pyqtgraph, and the window builds its other
pages in turns. Prepare, train and evaluate go through
the real engine. 200,000 evaluated rows are made up and opened on the page: listed, a cell, a class, a search, an order.
The runs are those of `run_list.py`: opened, sorted, compared.
"""

from __future__ import annotations

import argparse
import collections
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.contract import messages as wire
from engine.contract.events import is_outcome
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    FineTuneSettings,
    PrepareSettings,
    Roles,
    StarterModel,
)
from engine.contract.states import ModelHandle, PreparedDataset, TrainingRun, find
from gui.application import import_parts, page_types
from gui.components import background
from gui.design import application_style
from gui.evaluate.page import EvaluatePage
from gui.session import Session, open_session
from gui.shell.gc_between_events import GarbageCollector
from gui.shell.window import Window
from tests.benchmarks.measuring import save

SEED = 42
INTERVAL = 10  # milliseconds
LONG = 0.025  # seconds, the aim for the 99th percentile
LOAD, DATA, TUNE, EVALUATE = range(4)


class Heart:
    """Beats on the window's thread and records, by phase, how long each beat was late and what the thread used."""

    def __init__(self, *, explain: bool) -> None:
        self.gaps: dict[str, list[tuple[float, float]]] = {}  # milliseconds by the clock, and of the processor
        self.stacks: dict[str, collections.Counter[str]] = {}
        self.phase = "between"
        self._last, self._used = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(INTERVAL)
        if explain:
            # On this thread itself: another one that looked at its frames would keep painters alive, and end them.
            signal.signal(signal.SIGALRM, self._look)
            signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)

    def stop(self) -> None:
        """No more beats."""
        self._timer.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _beat(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        self.gaps.setdefault(self.phase, []).append((1000 * (now - self._last), 1000 * (used - self._used)))
        self._last, self._used = now, used

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if time.perf_counter() - self._last > LONG and time.thread_time() - self._used > LONG / 2:
            stack = traceback.extract_stack(frame)
            lines = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in stack]
            self.stacks.setdefault(self.phase, collections.Counter())[" < ".join(lines[:-16:-1])] += 1


def main() -> int:
    """Walks the wizard in a real window and measures all the while."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--evaluated", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--only", choices=("load", "engine", "evaluated", "runs"), nargs="+")
    options = parser.parse_args()
    parts = options.only or ["engine", "evaluated", "runs"]
    application = QApplication([])
    application_style.set_up(application, "light")
    GarbageCollector(application)
    heart = Heart(explain=options.explain)
    with tempfile.TemporaryDirectory() as folder:
        if "load" in parts or "engine" in parts:
            walk_the_engine(heart, Path(folder) / "engine", options.rows, load_only="engine" not in parts)
        if "evaluated" in parts:
            open_evaluated_rows(heart, Path(folder) / "evaluated", options.evaluated)
        if "runs" in parts:
            list_runs(heart, Path(folder) / "runs", options.runs)
        heart.stop()
        background.cancel_all()
        background.wait_for_all(10)
    figures = figures_of(heart)
    save("heartbeat", figures=figures, seed=SEED, rows=options.rows, evaluated=options.evaluated, runs=options.runs)
    return 0


def figures_of(heart: Heart) -> dict[str, dict[str, float]]:
    """Prints and returns median, 99th percentile and longest gap of each phase."""
    print(f"\n{'':<22}{'':>8}{'by the clock, ms':^30}{'own processor time, ms':^30}")
    print(f"{'phase':<22}{'beats':>8}" + 2 * f"{'median':>10}{'p99':>10}{'longest':>10}")
    figures: dict[str, dict[str, float]] = {}
    for phase, gaps in heart.gaps.items():
        if phase == "between":
            continue
        found: dict[str, float] = {"beats": len(gaps)}
        line = f"{phase:<22}{len(gaps):>8}"
        for name, values in zip(("clock", "processor"), np.array(gaps).T, strict=True):
            for key, value in (
                ("median", np.median(values)),
                ("p99", np.percentile(values, 99)),
                ("longest", values.max()),
            ):
                found[f"{name} {key}"] = float(value)
                line += f"{value:>10.1f}"
        figures[phase] = found
        print(line)
    for phase, stacks in heart.stacks.items():
        print(f"\nseen in gaps above {1000 * LONG:.0f} ms, {phase}")
        for stack, count in stacks.most_common(6):
            print(f"  {count:>4}  {stack}")
    return figures


def walk_the_engine(heart: Heart, folder: Path, rows: int, *, load_only: bool = False) -> None:
    """Import, idle, load twice, prepare, train and evaluate with the real engine."""
    session = open_session(folder)
    ready: list[object] = []
    session.engine_event.connect(ready.append)
    window = Window(session, page_types())
    window.resize(1280, 800)
    painted: list[object] = []
    window.painted.connect(lambda: painted.append(True))
    window.show()
    live_until(lambda: bool(painted))
    heart.phase = "import, pages built"
    window.begin()
    build_pages(window)
    live_until(lambda: bool(ready))
    live(1.0)
    heart.phase = "idle"
    live(5.0)

    def stage(name: str, job: wire.StageJob, page: int) -> None:
        over: list[object] = []
        received = session.stage_event.connect(lambda event: over.append(event) if is_outcome(event) else None)
        window.go_to(page)
        heart.phase = name
        assert session.run_stage(job)
        live_until(lambda: bool(over))
        live(0.5)
        session.stage_event.disconnect(received)
        heart.phase = "between"
        print(f"  {name}: {type(over[-1]).__name__}", flush=True)

    stage("load the model", wire.LoadModel(StarterModel()), LOAD)
    stage("load it again", wire.LoadModel(StarterModel()), LOAD)
    if load_only:
        close(window, session)
        return
    model = reached(session, ModelHandle)
    settings = PrepareSettings(roles=Roles(text="text", label="label"), row_limit=rows, seed=SEED)
    stage("prepare data", wire.PrepareDataset(model, ExampleRows("short_reviews"), settings), DATA)
    dataset = reached(session, PreparedDataset)
    stage("train", wire.FineTune(dataset, FineTuneSettings(epochs=1.0, batch_size=32, seed=SEED)), TUNE)
    run = reached(session, TrainingRun)
    stage("evaluate", wire.Evaluate(run, EvaluateSettings()), EVALUATE)
    close(window, session)


def open_evaluated_rows(heart: Heart, folder: Path, rows: int) -> None:
    """A report on so many rows, opened on its page."""
    from tests.benchmarks.evaluated_rows import report_of

    heart.phase = "between"
    folder.mkdir()
    report = report_of(folder, rows)
    window, session = window_without_engine(folder / "workspace")
    heart.phase = f"{rows:,} evaluated rows"
    session.go_to(report)
    window.go_to(EVALUATE)
    page = window.page(EVALUATE)
    assert isinstance(page, EvaluatePage)
    table = page.evaluated_rows

    def done() -> bool:
        return table._opening is None and table._finding is None and not table._pause.isActive()

    acts: tuple[Callable[[], object], ...] = (
        lambda: table.filter_cell("positive", "negative", "", 1),
        table.leave_cell,
        lambda: table.filter_label("neutral"),
        table.leave_label,
        lambda: table.filter.setText("never always"),
        table.filter.clear,
        lambda: table._sort_by("text", False),
        lambda: table._sort_by("row", False),
    )
    live_until(done)
    for act in acts:
        live(0.3)
        act()
        live_until(done)
    live(0.3)
    heart.phase = "between"
    close(window, session)


def list_runs(heart: Heart, folder: Path, runs: int) -> None:
    """The list of so many runs: opened, scrolled, sorted, compared."""
    from engine.workspace.layout import Workspace
    from tests.benchmarks.run_list import make_runs

    heart.phase = "between"
    make_runs(Workspace(folder).create(), runs)
    window, session = window_without_engine(folder)
    heart.phase = f"{runs:,} runs"
    window.sidebar.runs.click()
    live_until(lambda: window.run_list.table.model().rowCount() == runs)
    live(1.0)
    table = window.run_list.table
    for column in range(table.model().columnCount()):
        table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        live(0.1)
    table.scrollToBottom()
    live(0.3)
    for row in range(3):
        table.selectionModel().select(
            table.model().index(row, 0),
            table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
        )
    live(0.3)
    window.run_list.compare_button.click()
    live(1.0)
    heart.phase = "between"
    close(window, session)


def window_without_engine(folder: Path) -> tuple[Window, Session]:
    """A window on the screen with all its pages, in whose place of the engine nobody answers."""
    from engine.workspace.layout import Workspace
    from tests.gui.conftest import StandInEngine

    engine = StandInEngine()
    session = Session(Workspace(folder).create(), engine)  # type: ignore[arg-type]
    engine.setParent(session)
    window = Window(session, page_types())
    window.resize(1280, 800)
    window.show()
    build_pages(window)
    live(1.0)
    return window, session


def build_pages(window: Window) -> None:
    """As the program does after its first picture: what the charts need is imported in a thread of its own."""
    imported: list[object] = []
    background.run_in_thread(window, import_parts, name="import charts", on_result=lambda _: imported.append(True))
    live_until(lambda: bool(imported))
    window.build_pages()
    live_until(lambda: all(index in window._pages for index in range(5)))


def close(window: Window, session: Session) -> None:
    """Ends the engine and the window."""
    session.close()
    window.hide()
    window.deleteLater()
    live(0.2)


def live(seconds: float) -> None:
    """Lets the window live so long."""
    until = time.monotonic() + seconds
    live_until(lambda: time.monotonic() > until)


def live_until(holds: Callable[[], bool]) -> None:
    """Lets the window live until something holds."""
    while not holds():
        QApplication.processEvents()
        time.sleep(0.0005)


def reached(session: Session, kind: type) -> object:
    """The state of this kind."""
    state = find(session.state, kind)
    assert state is not None
    return state


if __name__ == "__main__":
    sys.exit(main())
