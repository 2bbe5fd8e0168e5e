"""What is seen of a training run once it was started: what it reached, its curves, and how far it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSizePolicy, QTabBar, QVBoxLayout, QWidget

from engine.contract.events import (
    Advised,
    CheckpointSaved,
    Continued,
    DiskFilled,
    Evaluated,
    Event,
    Noted,
    Paused,
    Progressed,
    StageStarted,
    StopAccepted,
    TrainingStarted,
    TrialStarted,
    is_outcome,
)
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from engine.workspace.runs import run_folder
from gui.components.layouts import STRETCH, OneAtATime, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE
from gui.fine_tune.monitor.candidate_table import CandidateTable
from gui.fine_tune.monitor.training_progress import TrainingProgress
from gui.fine_tune.monitor.training_result import TrainingResult
from gui.fine_tune.monitor.trial_table import TrialTable
from gui.fine_tune.monitor.watch_table import WatchTable
from gui.preferences import PreferenceStore

if TYPE_CHECKING:
    from gui.fine_tune.monitor.live_charts import LiveCharts


class TrainingMonitor(QWidget):
    """Result, charts, progress and notes, one above the other; tables of the run in tabs beside the charts.

    `begin` and `show_event` follow a run while it trains, `open` reads one that lies on disk; `show_result` ends both.
    """

    def __init__(self, preferences: PreferenceStore, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from gui.fine_tune.monitor.training_curves import (
            TrainingCurves,  # with numpy: not before the window is on the screen
        )

        self._preferences = preferences
        self._workspace = workspace
        self._shown_run = ""  # the id of the run whose curves are drawn
        self._charts: LiveCharts | None = None
        self.curves = TrainingCurves()
        self.result = TrainingResult()
        self.progress = TrainingProgress()
        self._chart_place = QVBoxLayout()  # charts come when they are wanted first
        self._chart_place.setContentsMargins(0, 0, 0, 0)
        self.notes = PlainLabel(role="secondary", wrap=True)
        self.notes.hide()
        self.watch_table = WatchTable()
        self.trial_table = TrialTable()
        self.candidate_table = CandidateTable()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        charts = QWidget()
        charts.setLayout(self._chart_place)
        charts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._views = (charts, _on_top(self.watch_table), _on_top(self.trial_table), _on_top(self.candidate_table))
        self.tabs = QTabBar()  # so that the charts have the height while a run trains
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(Sentence("gui.fine_tune.what_seen_run"))
        self._stack = OneAtATime()
        for caption, view in zip(_captions(), self._views, strict=True):
            self.tabs.addTab(caption)
            self._stack.addWidget(view)
        column.addWidget(self.result)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        column.addWidget(self.progress)
        column.addWidget(self.notes)
        self.tabs.currentChanged.connect(lambda place: self._stack.setCurrentWidget(self._views[place]))
        self._show_tabs()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_progress)
        if "pyqtgraph" in sys.modules:  # imported beside the running window: make the charts while nothing happens
            QTimer.singleShot(0, self, self._make_charts_in_turns)

    # ── A run that trains ─────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self, fingerprint: str, *, continue_run: str = "", evaluation_interval: int = 0) -> None:
        """A run on the prepared rows of this fingerprint was started, or the run of this id continues."""
        self._clear()
        self.curves.evaluation_interval = evaluation_interval
        self.trial_table.clear()
        self.tabs.setCurrentIndex(0)
        if continue_run:
            self._read(continue_run)
        self.result.hide()
        self.progress.begin()
        self._show_charts(fingerprint, whole=False)
        self._clock.start()

    def on_event(self, event: Event) -> None:
        """Takes in an event of the run, its outcome included."""
        if self.curves.on_event(event) and self._charts is not None:
            self._charts.refresh()
        self.watch_table.show_event(event)
        self.trial_table.show_event(event)
        self.candidate_table.show_event(event)
        self._show_tabs()
        match event:
            case TrialStarted():
                self._clear()
                self.progress.begin(Sentence("gui.fine_tune.trial_starting", number=event.number, total=event.total))
            case TrainingStarted():
                self._shown_run = event.run_id
                self.progress.show_event(event)
            case StageStarted() | Progressed() | Evaluated() | StopAccepted() | CheckpointSaved() | Continued():
                self.progress.show_event(event)
            case Paused():
                self.progress.show_paused(self.curves.step)
            case DiskFilled():
                self.progress.show_paused(self.curves.step, disk_is_full=event.is_full)
            case Noted():
                self._note(event.text)
            case _ if is_outcome(event):
                self._clock.stop()
            case _:
                pass
        self._show_progress()

    def end(self) -> None:
        """The run has ended, whatever came of it."""
        self._clock.stop()
        self.progress.hide()

    # ── A run that has ended ──────────────────────────────────────────────────────────────────────────────────────────

    def open(self, run_id: str) -> Advised | None:
        """Reads what the run of this id has said, unless it is shown already; returns the last advice in it."""
        advice: Advised | None = None
        if self._shown_run != run_id:
            self._clear()
            advice = self._read(run_id)
            self._shown_run = run_id
        if not self.trial_table.has_trial(run_id):
            self.trial_table.clear()
        self._show_tabs()
        return advice

    def show_result(self, run: TrainingRun, *, can_continue: bool) -> None:
        """Shows what this run has reached, with its notes, and what the network that was kept answers."""
        self.end()
        self.result.show_run(run, self.curves.baselines, can_continue=can_continue)
        self._note("\n".join(run.notes))
        self.candidate_table.show_choice(run.choice)
        self.result.show()
        self.watch_table.show_best(run.best_step)
        self._show_tabs()
        self._show_charts(run.dataset.fingerprint, whole=True)

    # ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_tabs(self) -> None:
        """Offers the tabs that have something to show, and none where there are only charts."""
        tables = (self.watch_table, self.trial_table, self.candidate_table)
        has_content = (True, *(not table.isHidden() for table in tables))
        for place, shown in enumerate(has_content):
            self.tabs.setTabVisible(place, shown)
            if not shown and self.tabs.currentIndex() == place:
                self.tabs.setCurrentIndex(0)
        self.tabs.setVisible(sum(has_content) > 1)

    def _note(self, text: str) -> None:
        self.notes.setText(text)
        self.notes.setVisible(bool(text))  # an empty line would take height from the charts

    def _clear(self) -> None:
        self.curves.clear()
        self.watch_table.clear()
        self.candidate_table.clear()
        self._show_tabs()
        self._note("")

    def _read(self, run_id: str) -> Advised | None:
        advice = None
        for event in read_events(run_folder(self._workspace, run_id)):
            self.curves.on_event(event)
            self.watch_table.show_event(event)
            self.candidate_table.show_event(event)
            if isinstance(event, Advised):
                advice = event
        return advice

    def _show_progress(self) -> None:
        if self._clock.isActive():
            self.progress.show_curves(self.curves)

    def _make_charts(self, *, in_turns: bool = False) -> LiveCharts:
        if self._charts is None:
            from gui.fine_tune.monitor.live_charts import LiveCharts

            self._charts = LiveCharts(
                self.curves, preferences=self._preferences, workspace=self._workspace, in_turns=in_turns
            )
            self._chart_place.addWidget(self._charts)
        return self._charts

    def _make_charts_in_turns(self) -> None:
        if self._charts is None:
            self._make_charts(in_turns=True)
        elif not self._charts.build_part():
            return
        QTimer.singleShot(1, self, self._make_charts_in_turns)  # after 0 Qt would go on in the same turn

    def _show_charts(self, fingerprint: str, *, whole: bool) -> None:
        charts = self._make_charts()
        charts.show_whole(whole)
        charts.refresh()
        charts.show_runs_on(fingerprint)


def _on_top(part: QWidget) -> QWidget:
    """A view with this part at its top, which may hide itself."""
    view = QWidget()
    vertical(view, part, STRETCH)
    return view


def _captions() -> tuple[str, ...]:
    """Of the tabs."""
    return (
        Sentence("gui.fine_tune.charts"),
        Sentence("gui.fine_tune.watch_list"),
        Sentence("gui.fine_tune.trials"),
        Sentence("gui.fine_tune.candidates"),
    )
