"""What every page of the wizard is: a title, what it needs, and two events that it receives.

The window owns the frame: step list, heading, side panel, footer with Back, the primary button, Stop and Next. A page
owns its content and determines the footer through `footer_changed` and the properties below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, assert_never

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.errors import ErrorReport
from engine.contract.events import Event
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings, Recipe
from engine.contract.states import State
from gui.entries import Entries
from gui.preferences import RecentFile, RecentModel
from gui.session import Session

# Which page each action belongs to. A page handles its own in `solve` and passes on the rest, by a type that names
# exactly these, so that an action without a handler is a type error.

ModelAction = Literal[
    RecoveryAction.CHOOSE_OTHER_MODEL,
    RecoveryAction.DOWNLOAD_AGAIN,
    RecoveryAction.USE_HUB,
    RecoveryAction.USE_FOLDER,
    RecoveryAction.OPEN_HUB_PAGE,
    RecoveryAction.WORK_ONLINE,
]
DataAction = Literal[
    RecoveryAction.CHOOSE_OTHER_FILE,
    RecoveryAction.CHOOSE_OTHER_SHEET,
    RecoveryAction.CHOOSE_OTHER_DATA,
    RecoveryAction.CHOOSE_COLUMNS,
    RecoveryAction.CHANGE_SPLITS,
    RecoveryAction.TRAIN_ON_ALL_ROWS,
    RecoveryAction.PREPARE_AGAIN,
]
TrainingAction = Literal[
    RecoveryAction.CONTINUE_RUN,
    RecoveryAction.START_AGAIN,
    RecoveryAction.START_NEW_RUN,
    RecoveryAction.CHANGE_LEARNING_RATE,
    RecoveryAction.LOWER_LEARNING_RATE,
    RecoveryAction.HALVE_LEARNING_RATE,
    RecoveryAction.TRIPLE_LEARNING_RATE,
    RecoveryAction.USE_PRESET_RATE,
    RecoveryAction.TRAIN_LONGER,
    RecoveryAction.TRAIN_WITH_AUTO,
    RecoveryAction.KEEP_SIMPLE_MODEL,
    RecoveryAction.USE_FP32,
    RecoveryAction.USE_LESS_MEMORY,
    RecoveryAction.SAVE_IN_OTHER_FOLDER,
    RecoveryAction.STOP_RUN,
    RecoveryAction.STOP_KEEP_BEST,
]
ExportAction = Literal[RecoveryAction.CHOOSE_EXPORT_FOLDER]
WindowAction = Literal[
    RecoveryAction.NONE,
    RecoveryAction.CHOOSE_WORKSPACE,
    RecoveryAction.COPY_DETAILS,
    RecoveryAction.RESTART_ENGINE,
    RecoveryAction.WAIT,
    RecoveryAction.WORK_OFFLINE,
    RecoveryAction.OPEN_PREFERENCES,
]


def owner_of(action: ModelAction | DataAction | TrainingAction | ExportAction) -> str:
    """The title of the page that an action belongs to."""
    match action:
        case (
            RecoveryAction.CHOOSE_OTHER_MODEL
            | RecoveryAction.DOWNLOAD_AGAIN
            | RecoveryAction.USE_HUB
            | RecoveryAction.USE_FOLDER
            | RecoveryAction.OPEN_HUB_PAGE
            | RecoveryAction.WORK_ONLINE
        ):
            return "Load model"
        case (
            RecoveryAction.CHOOSE_OTHER_FILE
            | RecoveryAction.CHOOSE_OTHER_SHEET
            | RecoveryAction.CHOOSE_OTHER_DATA
            | RecoveryAction.CHOOSE_COLUMNS
            | RecoveryAction.CHANGE_SPLITS
            | RecoveryAction.TRAIN_ON_ALL_ROWS
            | RecoveryAction.PREPARE_AGAIN
        ):
            return "Choose data"
        case RecoveryAction.CHOOSE_EXPORT_FOLDER:
            return "Export"
        case (
            RecoveryAction.CONTINUE_RUN
            | RecoveryAction.START_AGAIN
            | RecoveryAction.START_NEW_RUN
            | RecoveryAction.CHANGE_LEARNING_RATE
            | RecoveryAction.LOWER_LEARNING_RATE
            | RecoveryAction.HALVE_LEARNING_RATE
            | RecoveryAction.TRIPLE_LEARNING_RATE
            | RecoveryAction.USE_PRESET_RATE
            | RecoveryAction.TRAIN_LONGER
            | RecoveryAction.TRAIN_WITH_AUTO
            | RecoveryAction.KEEP_SIMPLE_MODEL
            | RecoveryAction.USE_FP32
            | RecoveryAction.USE_LESS_MEMORY
            | RecoveryAction.SAVE_IN_OTHER_FOLDER
            | RecoveryAction.STOP_RUN
            | RecoveryAction.STOP_KEEP_BEST
        ):
            return "Fine-tune"
        case _:
            assert_never(action)


_BUILT = object()
NO_ERROR = ErrorReport("", "", NOTHING)  # of an action that follows from a result, not from an error


class Page(QWidget):
    """One step. Subclasses lay out their widgets in `_build` and override what they need below.

    A page has hundreds of widgets. The window builds those that were not visited yet in turns, `build_part` by
    `build_part`, so that it answers in between; whoever makes a page without `in_turns` has it complete at once.

    The window calls `show_state` when the furthest state changed and `show_event` for every event of a stage that
    this page started (`session.run_stage` from this page).
    """

    title: ClassVar[str]  # what the step is called in the program; `caption` is what the window shows
    needs: ClassVar[type | None] = None  # the state that must have been reached before the page opens
    makes: ClassVar[type | None] = None  # the state the page's stage returns

    footer_changed = Signal()  # primary_text, primary_enabled, can_stop changed: ask again
    error_found = Signal(object)  # ErrorReport for the banner
    error_solved = Signal()  # take the banner away
    done = Signal()  # what this page makes has been made
    settled = Signal()  # a choice is made: the keyboard goes to what is to be pressed next
    step_requested = Signal(str)  # the title of the step where the user can do something about what this page shows
    action_passed_on = Signal(object, object)  # RecoveryAction of another page or of the window, ErrorReport

    def __init__(self, session: Session, parent: QWidget | None = None, *, in_turns: bool = False) -> None:
        super().__init__(parent)
        self.session = session
        self._left_to_build: Iterator[None] | None = self._build()
        if not in_turns:
            self.build_rest()

    @classmethod
    def import_parts(cls) -> None:
        """Imports modules with numpy or charts that `_build` needs; runs beside the window, in a plain thread."""

    def _build(self) -> Iterator[None]:
        """Lays out and connects the widgets; at each `yield` the window may handle other events first."""
        return iter(())

    @property
    def is_built(self) -> bool:
        """Whether all its widgets are there."""
        return self._left_to_build is None

    def build_part(self) -> None:
        """Builds up to the next `yield`."""
        if self._left_to_build is not None and next(self._left_to_build, _BUILT) is _BUILT:
            self._left_to_build = None

    def build_rest(self) -> None:
        """Builds all that is left."""
        while not self.is_built:
            self.build_part()

    # ── What the frame asks ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        """What the step is called in the window."""
        return cls.title

    @classmethod
    def closed_reason(cls) -> str:
        """What the page waits for while it is closed."""
        return ""

    def sentence(self) -> str:
        """The line under the heading: what this page is about right now."""
        return ""

    def chosen(self) -> str:
        """One short line for the step list: what was chosen here ("MiniLM-L6", "2,000 rows"); empty before."""
        return ""

    def is_doubtful(self) -> bool:
        """Whether what was made here is no better than something much simpler, so that the step gets no tick."""
        return False

    def why(self) -> str:
        """Plain text of the side panel's Why tab, with the user's own data; paragraphs separated by blank lines."""
        return ""

    def code(self) -> str:
        """The plain `transformers` code of the side panel's Code tab."""
        return ""

    def primary_text(self) -> str:
        """Caption of the page's one primary action ("Load", "Prepare", "Start")."""
        return ""

    def primary_enabled(self) -> bool:
        """Whether the primary action can be taken now."""
        return False

    def primary_reason(self) -> str:
        """Why it cannot, as its tooltip."""
        return ""

    def is_outdated(self) -> bool:
        """Whether what is entered differs from what was made: then the primary action comes next, and not Next."""
        return False

    def next_reason(self) -> str:
        """Why the step after this one must not be entered from here although it is open; "" where it may."""
        return ""

    def continues(self, made: State) -> bool:
        """Whether the window goes to the next step at once: nothing has to be decided about what was made."""
        return False

    def continued_sentence(self) -> str:
        """What the next page shows on top where the window went there at once; "" for nothing."""
        return ""

    def stop_texts(self) -> tuple[str, ...]:
        """Captions of the stop buttons while the page's stage runs; the first keeps what is worth keeping."""
        return (Sentence("gui.page.cancel"),)

    def pause_text(self) -> str:
        """Caption of the button that pauses the page's stage or lets it continue; without one it cannot be paused."""
        return ""

    # ── What the frame reports ────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        """The primary button was pressed."""

    def stop(self, index: int) -> None:
        """The stop button of this index was pressed."""
        self.session.stop(discard=index > 0)

    def pause(self) -> None:
        """The pause button was pressed."""
        self.session.pause(not self.session.paused)

    def show_state(self, state: State | None) -> None:
        """The furthest state is this one now."""

    def show_event(self, event: Event) -> None:
        """An event of the stage that this page started, its outcome included."""

    def open_recent(self, entry: RecentFile | RecentModel) -> None:
        """An entry of the menu's recent files or models was chosen."""

    def training_settings(self) -> FineTuneSettings | None:
        """What is entered in the form of the training; None of every other page."""
        return None

    def show_recipe(self, recipe: Recipe) -> None:
        """A recipe was opened: its settings of this step are those of the form now."""

    def add_entries(self, entries: Entries) -> Entries:
        """The entries with what this page holds; unchanged where it holds none."""
        return entries

    def restore(self, entries: Entries) -> None:
        """Shows what was entered before the window was killed; the states of before are there again."""

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        """Takes an action of the error banner; emits `action_passed_on` for those of other pages."""
        raise NotImplementedError
