"""The frame around the pages: steps left, page in the middle, Why and Code right, the buttons below.

The window decides which page is shown, which buttons are in the footer, and who receives an event. What a page returns
and does is the page's own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.contract.errors import ErrorReport
from engine.contract.events import DeviceSampled, Event, StageFailed, StageSucceeded, TrainingStarted
from engine.contract.queries import AskDevices, DevicesFound
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, Recipe
from engine.contract.states import ModelHandle, PreparedDataset, TrainingRun
from gui.design.application_style import style_window
from gui.page import DataAction, ExportAction, ModelAction, Page, TrainingAction, WindowAction, owner_of
from gui.preferences import RecentFile, RecentModel
from gui.runs.run_index import RunIndex
from gui.runs.run_list import RunList
from gui.session import Session
from gui.shell.application_menu import application_menu, show_about
from gui.shell.closing import Closing
from gui.shell.content_area import ContentArea
from gui.shell.engine_monitor import EngineMonitor
from gui.shell.footer import Footer
from gui.shell.guide_window import GuideWindow, page_name
from gui.shell.lost_focus import LostFocus
from gui.shell.preferences_opener import PreferencesOpener
from gui.shell.recipe_opener import RecipeOpener
from gui.shell.run_opener import RunOpener
from gui.shell.side_panel import SidePanel
from gui.shell.side_panel_layout import SidePanelLayout
from gui.shell.sidebar import Sidebar
from gui.shell.step_list import StepView
from gui.shell.steps import Steps
from gui.shell.tour import Hint, Tour
from gui.shell.unsent_entries import UnsentEntries

TURN = 1  # milliseconds; after 0 Qt would go on in the same turn, before what the user has done since


def runs_why() -> str:
    """The Why text of the list of runs."""
    return f"{Sentence('gui.why.runs.folder')}\n\n{Sentence('gui.why.runs.continue')}"


class Window(QWidget):
    """The one window of the program."""

    painted = Signal()  # the first picture is on the screen
    ended = Signal()  # the engine has ended after the window was closed
    stayed = Signal()  # it was to be closed, and is not
    workspace_requested = Signal()  # another folder for data sets and runs
    workspace_chosen = Signal(object)  # the Path of that folder
    reopening_requested = Signal()  # the window is to be built anew, in another language

    def __init__(self, session: Session, pages: Sequence[type[Page]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._types = tuple(pages)
        self._pages: dict[int, Page] = {}
        self._unfinished: dict[int, Page] = {}  # that are built in turns
        self._late: list[int] = []  # pages that have not taken the present state yet
        self.steps = Steps(self._types)
        self._here = 0
        self._stage_page: int | None = None
        self._shows_runs = False
        self._goes_on = False  # to the next step, once the state is there
        self._is_painted = False
        self._guide: GuideWindow | None = None
        self._tour: Tour | None = None
        self.runs = RunIndex(session.workspace, self)

        self.setWindowTitle("Tunewright")
        self.setProperty("kind", "window")
        self.setMinimumSize(900, 600)
        self.sidebar = Sidebar(session.preferences, len(self._types))
        self.content_area = ContentArea(len(self._types))
        self.side_panel = SidePanel(session.preferences.now.side_panel_width)
        self.side_panel.choose_tab(session.preferences.now.side_panel_tab)
        self.footer = Footer()
        self.run_list = RunList(self.runs)
        self.content_area.add_runs(self.run_list)
        self._side_line = _rule(1)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self.sidebar)
        self._row.addWidget(_rule(1))
        self._row.addWidget(self.content_area, 1)
        self._row.addWidget(self._side_line)
        self._row.addWidget(self.side_panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._row, 1)
        column.addWidget(self.footer)
        self._place = SidePanelLayout(
            self, self._row, self.side_panel, self._side_line, self.content_area.panel_button, session.preferences
        )
        self._closing = Closing(self, session)
        self._run_opener = RunOpener(session, self.steps, self.content_area, self.runs, self.run_list, self)
        self.recipes = RecipeOpener(session, self.steps, self.content_area, self)
        self.entries = UnsentEntries(
            session, self.steps, self.content_area, self.runs, lambda: self._pages, self.page, self
        )
        self._engine_monitor = EngineMonitor(session, self.content_area, self)
        self.preferences = PreferencesOpener(session, self.content_area, self)
        self._lost_focus = LostFocus(self, self.footer)
        self._connect()
        self.steps.show_state(session.state)
        self.go_to(0)
        style_window(self)
        self._place.place()
        self.footer.primary.setFocus()

    def _connect(self) -> None:
        session = self.session
        session.state_changed.connect(self._state_changed)
        session.busy_changed.connect(self._busy_changed)
        session.stage_event.connect(self._stage_event)
        session.runs_changed.connect(self.runs.refresh)
        session.device_chosen.connect(self.sidebar.choose_device)
        session.preferences.trouble.connect(self.content_area.show_error)
        self.sidebar.steps.step_chosen.connect(self.go_to)
        self.sidebar.runs_pressed.connect(self.show_runs)
        self.sidebar.preferences_requested.connect(self.preferences.open)
        self.sidebar.recent_chosen.connect(self._open_recent)
        self.preferences.workspace_chosen.connect(self.workspace_chosen)
        self.preferences.reopening_requested.connect(self.reopening_requested)
        self.sidebar.about_requested.connect(lambda: show_about(self))
        self.sidebar.guide_requested.connect(self.open_guide)
        self.sidebar.tour_requested.connect(self.show_tour)
        self.footer.back_pressed.connect(self._back)
        self.footer.next_pressed.connect(lambda: self.go_to(self._here + 1))
        self.footer.primary_pressed.connect(self._primary)
        self.footer.stop_pressed.connect(self._stop)
        self.footer.pause_pressed.connect(self._pause)
        self.content_area.panel_pressed.connect(self._place.toggle)
        self.content_area.step_pressed.connect(lambda: self.go_to(self.steps.step_before(self._here)))
        self.content_area.action_taken.connect(self._solve)
        self.side_panel.fold_pressed.connect(self._place.fold)
        self.side_panel.resized.connect(lambda width: session.preferences.change(side_panel_width=width))
        self.side_panel.tab_changed.connect(lambda tab: session.preferences.change(side_panel_tab=tab))
        self.runs.failed.connect(self.content_area.show_error)
        self.runs.changed.connect(lambda: self.sidebar.show_runs(len(self.runs.rows)))
        self._run_opener.step_requested.connect(self.go_to)
        self.recipes.step_requested.connect(self.go_to)
        self.recipes.opened.connect(self._show_recipe)
        self.sidebar.recipe_requested.connect(self.recipes.ask)
        self.sidebar.recipe_to_save.connect(lambda: self.recipes.save(self._training_settings))
        self._run_opener.offer_changed.connect(self.show_frame)
        self.entries.step_requested.connect(self.go_to)
        self.entries.offer_changed.connect(self.show_frame)
        self._closing.ended.connect(self.entries.end)
        self._engine_monitor.continue_requested.connect(self._run_opener.continue_run)
        self._closing.saving.connect(self._show_saving)
        self._closing.ended.connect(self.ended)
        self._closing.stayed.connect(self.stayed)
        for keys, step in ((QKeySequence.StandardKey.Back, -1), (QKeySequence.StandardKey.Forward, 1)):
            QShortcut(keys, self).activated.connect(lambda step=step: self._step(step))
        QShortcut(QKeySequence(QKeySequence.StandardKey.HelpContents), self).activated.connect(self.open_guide)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._primary)
        # Qt has keys for it on macOS only.
        preferences = QKeySequence.keyBindings(QKeySequence.StandardKey.Preferences) or [QKeySequence("Ctrl+,")]
        QShortcut(preferences[0], self).activated.connect(self.preferences.open)
        if sys.platform == "darwin":
            self._menu_bar = application_menu(self, preferences=self.preferences.open, leave=self.save_and_close)

    # ── What the program asks ─────────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Asks for what the first picture does not need: devices and runs."""
        self.runs.empty_left_bins()
        self.runs.refresh()
        self._ask_devices()
        self.preferences.take_stored_token()

    def build_pages(self) -> None:
        """Builds the pages that were not visited yet, a part per turn of the event loop."""
        missing = next((index for index in range(len(self._types)) if index not in self._pages), None)
        if missing is not None and not self._closing.has_begun:
            page = self._begun(missing)
            if page.is_built:
                self.page(missing)
            else:
                page.build_part()
            QTimer.singleShot(TURN, self, self.build_pages)

    def _begun(self, index: int) -> Page:
        """The page of this step, complete or not, in its place: parts that join it there are styled once."""
        if index not in self._unfinished:
            self._unfinished[index] = self._types[index](self.session, in_turns=True)
            self.content_area.add_page(index, self._unfinished[index])
        return self._unfinished[index]

    def page(self, index: int) -> Page:
        """The page of this step with the present state, built when it is first asked for."""
        is_late = index in self._late
        if is_late:
            self._late.remove(index)
        if index in self._pages and is_late:
            self._pages[index].show_state(self.session.state)
        elif index not in self._pages:
            page = self._begun(index)
            page.build_rest()
            self._pages[index] = self._unfinished.pop(index)
            self.content_area.let_tab_reach(page)
            page.footer_changed.connect(lambda: self._page_changed(index))
            page.error_found.connect(lambda report: self.content_area.keep_error(index, report))
            page.error_solved.connect(lambda: self.content_area.forget_error(index))
            page.done.connect(self.show_frame)
            page.settled.connect(self.footer.take_focus)
            page.step_requested.connect(self._go_to_step)
            page.action_passed_on.connect(self._pass_on)
            page.show_state(self.session.state)
        return self._pages[index]

    def save_and_close(self) -> None:
        """Closes without a question; a running training saves what it has."""
        self._closing.begin()

    @property
    def is_closing(self) -> bool:
        """Whether the window was closed and only waits for the engine."""
        return self._closing.has_begun

    @property
    def here(self) -> int:
        """The step that is shown."""
        return self._here

    def is_open(self, index: int) -> bool:
        """Whether what this step needs has been reached."""
        return self.steps.is_open(index)

    def go_to(self, index: int) -> None:
        """Shows this step, or what it waits for."""
        if not 0 <= index < len(self._types):
            return
        self._here = index
        self.entries.take_step(index)
        self._shows_runs = False
        kind = self._types[index]
        if self.steps.is_open(index):
            self.page(index)
            self.content_area.show_page(index)
        else:
            before = self._types[self.steps.step_before(index)].caption()
            self.content_area.show_closed(
                kind.closed_reason() or Sentence("gui.shell.do_before_first", before=before),
                Sentence("gui.shell.go_to_step", step=before),
            )
        self.show_frame()

    def _go_to_step(self, title: str) -> None:
        self.go_to([kind.title for kind in self._types].index(title))

    def show_runs(self) -> None:
        """Shows the list of runs in the place of the page."""
        self._shows_runs = True
        self.content_area.show_run_list()
        self.show_frame()
        self.runs.refresh()

    # ── What the session emits ────────────────────────────────────────────────────────────────────────────────────────

    def _state_changed(self) -> None:
        self.steps.show_state(self.session.state)
        self._late = sorted({*range(self.steps.furthest() + 1), *self._pages})
        self.page(self._here)
        goes_on, self._goes_on = self._goes_on, False
        if self._shows_runs:
            self.show_frame()
        else:
            sentence = self.page(self._here).continued_sentence() if goes_on else ""
            self.go_to(self._here + 1 if goes_on else self._here)
            if sentence:
                self.content_area.show_passing_note("good", sentence)
        QTimer.singleShot(TURN, self, self._show_state_to_next)

    def _show_state_to_next(self) -> None:
        """Gives the state to one of the pages that are not in sight: each may have a list or charts to fill."""
        if not self._late or self._closing.has_begun:
            return
        index = self._late[0]
        if index not in self._pages and not self._begun(index).is_built:
            self._begun(index).build_part()
        else:
            self.page(index)
            self._show_steps()
        QTimer.singleShot(TURN, self, self._show_state_to_next)

    def _busy_changed(self) -> None:
        job = self.session.stage_job
        if job is not None:
            self._stage_page = self.steps.page_of(job)
            self.content_area.forget_error(self._stage_page)
            self.content_area.recovery.clear()
            self._engine_monitor.begin()
        else:
            self._stage_page = None
            self._ask_devices()
        for page in self._pages.values():
            page.footer_changed.emit()
        self.show_frame()

    def _stage_event(self, event: Event) -> None:
        index = self._stage_page
        if index is None:
            return
        if self._engine_monitor.on_event(index, event):
            return
        match event:
            case TrainingStarted():
                self.sidebar.show_training_on(event.device)
            case DeviceSampled():
                self.sidebar.show_memory(event.memory_used, event.memory_total)
            case StageFailed():
                self.content_area.keep_error(index, event.error)
            case _:
                pass
        page = self.page(index)
        page.show_event(event)
        if isinstance(event, StageSucceeded) and index == self._here and not self._shows_runs:
            self._goes_on = page.continues(event.state)

    def _show_saving(self) -> None:
        self.content_area.show_note(
            "news", Sentence("gui.shell.saving_closing"), Sentence("gui.shell.window_closes_when_everything_saved")
        )

    def _ask_devices(self) -> None:
        def show(answer: object) -> None:
            if isinstance(answer, DevicesFound):
                self.sidebar.show_devices(answer)
                self.session.take_devices(answer)

        self.session.ask(AskDevices(), show)

    # ── What the user does ────────────────────────────────────────────────────────────────────────────────────────────

    def _back(self) -> None:
        self.go_to(self._here if self._shows_runs else self._here - 1)

    def _step(self, change: int) -> None:
        button = self.footer.next if change > 0 else self.footer.back
        if button.isEnabled() and not button.isHidden():
            button.click()

    def open_guide(self) -> None:
        """F1: the guide, at what is shown here."""
        if self._guide is None:
            self._guide = GuideWindow(self)
        self._guide.open_at("runs" if self._shows_runs else page_name(self._types[self._here].title))

    def open_recipe(self, path: Path) -> None:
        """Opens the recipe that the program was started with; hints would lie above what it fills in."""
        if self._tour is not None:
            self._tour.end()
        self.recipes.open(path)

    def show_tour_once(self) -> None:
        """Shows the hints where they were never shown before."""
        if not self.session.preferences.now.tour_seen:
            self.show_tour()

    def show_tour(self) -> None:
        """Shows the four hints, beginning with the first."""
        self.session.preferences.change(tour_seen=True)
        if self._tour is None:
            self._tour = Tour(self, self._hints())
            self._tour.ended.connect(self.footer.take_focus)
        self._tour.begin()

    def _hints(self) -> Sequence[Hint]:
        panel, opener, footer = self.side_panel, self.content_area.panel_button, self.footer
        return (
            Hint(lambda: self.sidebar.steps, Sentence("gui.tour.steps"), Sentence("gui.tour.steps_text")),
            Hint(
                lambda: footer.primary if footer.primary.isVisible() else footer.next,
                Sentence("gui.tour.button"),
                Sentence("gui.tour.button_text"),
            ),
            Hint(
                lambda: panel if panel.isVisible() else opener,
                Sentence("gui.tour.panel"),
                Sentence("gui.tour.panel_text"),
            ),
            Hint(lambda: self.sidebar.settings, Sentence("gui.tour.guide"), Sentence("gui.tour.guide_text")),
        )

    def _open_recent(self, entry: RecentFile | RecentModel) -> None:
        """Leads to the step that an entry of the menu is for; of a closed one the reason is shown."""
        made = PreparedDataset if isinstance(entry, RecentFile) else ModelHandle
        self.go_to(self.steps.page_making(made))
        if self.steps.is_open(self._here):
            self.page(self._here).open_recent(entry)

    def _show_recipe(self, recipe: Recipe) -> None:
        for index in range(len(self._types)):
            self.page(index).show_recipe(recipe)
        self.show_frame()

    def _training_settings(self) -> FineTuneSettings | None:
        """What is entered in the form of the training, where it has been seen."""
        index = self.steps.page_making(TrainingRun)
        return self.page(index).training_settings() if index in self._pages else None

    def _primary(self) -> None:
        if self.footer.primary.isEnabled() and not self.footer.primary.isHidden():
            self.page(self._here).take_primary_action()
            self.show_frame()

    def _stop(self, number: int) -> None:
        if self._stage_page is not None:
            self.page(self._stage_page).stop(number)
            self.show_frame()

    def _pause(self) -> None:
        if self._stage_page is not None:
            self.page(self._stage_page).pause()
            self.show_frame()

    def _solve(self, action: RecoveryAction, report: ErrorReport) -> None:
        """A button of the banner was pressed: the page takes the action, or passes it on."""
        self.page(self._here).solve(action, report)

    def _pass_on(
        self,
        action: ModelAction | DataAction | TrainingAction | ExportAction | WindowAction,
        report: ErrorReport,
    ) -> None:
        """Takes an action that is no page's, and leads to the page whose one it is."""
        match action:
            case RecoveryAction.NONE:
                pass
            case RecoveryAction.CHOOSE_WORKSPACE:
                self.workspace_requested.emit()
            case RecoveryAction.COPY_DETAILS:
                QGuiApplication.clipboard().setText(report.details)
            case RecoveryAction.RESTART_ENGINE:
                self.content_area.forget_error(self._here)
                self._engine_monitor.restart()
            case RecoveryAction.WAIT:
                self.content_area.forget_error(self._here)
                self._engine_monitor.wait()
            case RecoveryAction.WORK_OFFLINE:
                self.content_area.forget_error(self._here)
                self.session.preferences.change(offline=True)
            case RecoveryAction.OPEN_PREFERENCES:
                self.preferences.open(network=True)
            case _:
                self._go_to_step(owner_of(action))
                if self.steps.is_open(self._here):
                    self.page(self._here).solve(action, report)

    # ── The frame ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _page_changed(self, index: int) -> None:
        if index == self._here:
            self.show_frame()
        else:
            self._show_steps()

    def show_frame(self) -> None:
        """Asks the page for its texts, and shows them in heading, steps, side panel and footer."""
        self._show_steps()
        self.sidebar.runs.setChecked(self._shows_runs)
        kind = self._types[self._here]
        page = self._pages.get(self._here) if self.steps.is_open(self._here) else None
        if self._shows_runs:
            self.content_area.show_heading(
                Sentence("gui.shell.runs"), Sentence("gui.shell.everything_was_trained_here")
            )
        else:
            self.content_area.show_heading(kind.caption(), page.sentence() if page is not None else "")
            is_made_again = self._stage_page == self._here
            self.content_area.show_stale(self.steps.status(self._here) == "stale" and not is_made_again)
        shown = page if not self._shows_runs else None
        self.side_panel.show_why(
            runs_why() if self._shows_runs else page.why() if page is not None else kind.closed_reason()
        )
        before = self.page(self.steps.step_before(self._here)) if page is None and not self._shows_runs else page
        self.side_panel.show_code(before.code() if before is not None else "")  # of a closed page: what leads there
        self.content_area.recovery_place(visible=self._here == 0 and not self._shows_runs)
        self._show_footer(shown)
        self.footer.settle_focus()

    def _show_footer(self, page: Page | None) -> None:
        footer, busy = self.footer, self.session.busy
        runs_here = page is not None and self._stage_page == self._here
        footer.show_back(enabled=self._shows_runs or self._here > 0)
        following = self._here + 1
        has_next = following < len(self._types) and not self._shows_runs
        next_reason = page.next_reason() if page is not None else ""
        next_open = has_next and self.steps.is_open(following) and not next_reason
        done = self.steps.status(self._here) == "done" and not (page is not None and page.is_outdated())
        footer.show_next(
            visible=has_next,
            enabled=next_open,
            reason=(next_reason or self._types[following].closed_reason()) if has_next and not next_open else "",
            emphasised=next_open and done and not runs_here,
        )
        stops = page.stop_texts() if page is not None and runs_here else ()
        footer.show_stops(stops, enabled=not self._closing.has_begun)
        pause = page.pause_text() if page is not None and runs_here else ""
        footer.show_pause(pause, enabled=not self._closing.has_begun)
        if page is None:
            footer.show_primary("", enabled=False, reason="", emphasised=False)
            footer.show_reason("")
            return
        blocked = Sentence("gui.shell.another_step_running_wait_stop") if busy and not runs_here else ""
        enabled = page.primary_enabled() and not blocked and not (busy and runs_here)
        reason = blocked or page.primary_reason()
        emphasised = not (done and (next_open or not has_next))
        footer.show_primary(page.primary_text(), enabled=enabled, reason=reason, emphasised=emphasised)
        footer.show_reason(reason if not enabled and not runs_here and page.primary_text() else "")

    def _show_steps(self) -> None:
        views = []
        for index, kind in enumerate(self._types):
            status = "running" if index == self._stage_page else self.steps.status(index)
            page = self._pages.get(index)
            reason = kind.closed_reason() if status == "closed" else ""
            if status == "stale":
                reason = Sentence("gui.shell.something_before_step_has_changed")
            doubtful = status == "done" and page is not None and page.is_doubtful()
            here = index == self._here and not self._shows_runs
            shown = "doubtful" if doubtful else status
            views.append(StepView(kind.caption(), shown, here, page.chosen() if page is not None else "", reason))
        self.sidebar.steps.show_steps(views)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place.place(height=self.height() - self.footer.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing.may_close():
            event.accept()
        else:
            event.ignore()


def _rule(width: int) -> QFrame:
    rule = QFrame()
    rule.setProperty("kind", "rule")
    rule.setFixedWidth(width)
    return rule
