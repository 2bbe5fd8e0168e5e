"""Starts the window: nothing heavy before it is on the screen, everything that can go wrong written to a log.

main(["--workspace", "/data/tunewright"])   returns the exit code
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import logging
import logging.handlers
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.contract import languages
from engine.contract.errors import EngineError, ErrorReport, UnexpectedError
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_record
from engine.workspace.layout import CHOICE, WorkspaceChoice, chosen_folder, default_workspace, own_folder
from gui.components import background
from gui.components.background import Job, run_in_thread
from gui.design import application_style, assets
from gui.page import Page
from gui.session import Session, open_session
from gui.shell.gc_between_events import GarbageCollector
from gui.shell.language import use_language
from gui.shell.placement import place_window
from gui.shell.single_instance import IS_SHOWN, SingleInstance
from gui.shell.window import Window

log = logging.getLogger("tunewright.window")
SECONDS_AT_THE_END = 5.0  # for files that are being written when the window closes
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def main(argv: Sequence[str]) -> int:
    """Opens the window and returns when it has been closed and the engine has ended."""
    parser = argparse.ArgumentParser(prog="tunewright", description="Fine-tunes BERT-family encoders.")
    parser.add_argument("--workspace", type=Path, default=None, help="keep data sets and runs in this folder")
    parser.add_argument("--language", choices=languages.codes(), default="", help="use this language for this start")
    parser.add_argument("recipe", type=Path, nargs="?", default=None, help="a recipe to open")
    chosen = parser.parse_args(list(argv))
    QApplication.setApplicationName("tunewright")
    QApplication.setApplicationDisplayName("Tunewright")
    QApplication.setDesktopFileName("tunewright")
    application = QApplication([sys.argv[0] if sys.argv else "tunewright"])
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(assets.window_icon())
    GarbageCollector(application)
    home = None if chosen.workspace else own_folder()
    program = Program(application, chosen.workspace or default_workspace().root, home, chosen.recipe, chosen.language)
    return application.exec() if program.open() else program.exit_code


class Program(QObject):
    """The running program: its window, its log, and the signals of the system."""

    _broke = Signal(str)  # the text of an exception of any thread

    def __init__(
        self,
        application: QApplication,
        workspace_root: Path,
        home: Path | None = None,
        recipe: Path | None = None,
        language: str = "",
    ) -> None:
        """`home` is where another choice of the workspace is remembered; without one it counts for this start.

        `recipe` is opened once the window is there. `language` counts before that of Preferences.
        """
        super().__init__()
        self._language = language
        use_language(application, language, "")
        self._recipe = recipe.absolute() if recipe is not None else None
        self._home = home
        self._application = application
        self._root = workspace_root
        self.exit_code = 0
        self._instance: SingleInstance | None = None
        self._signals = 0
        self._reopen_in: Path | None = None
        self.window: Window | None = None
        self._begun = False  # the window has been painted, and its pages are there
        self._broke.connect(self._show_bug)

    def open(self) -> bool:
        """Puts the window on the screen, the rest follows; False where another one is open with this folder."""
        self._instance = SingleInstance(self._root, self._come_to_front, self)
        if sentence := self._instance.begin(recipe=self._recipe):
            print(sentence, file=sys.stderr, flush=True)
            self.exit_code = 0 if sentence.id == IS_SHOWN else 1
            return False
        session, trouble = _session_somewhere(self._root)
        use_language(self._application, self._language, session.preferences.now.language)
        keep_log(session.workspace.logs)
        application_style.set_up(self._application, session.preferences.now.theme)
        application_style.reduce_motion(session.preferences.now.reduce_motion)
        self._listen_to_system()
        self._catch_bugs()
        self.window = window = Window(session, page_types())
        window.workspace_requested.connect(self._ask_for_workspace)
        window.workspace_chosen.connect(self._reopen_with)
        window.reopening_requested.connect(lambda: self._reopen_with(self._root))
        window.preferences.keeps_workspace = self._home is not None
        window.painted.connect(self._window_is_there)
        window.ended.connect(self._left)
        window.stayed.connect(self._forget_other_workspace)
        place_window(window, session)
        window.show()
        if trouble is not None:
            window.content_area.show_error(trouble)
        elif session.preferences.set_aside is not None:
            window.content_area.show_note(
                "caution",
                Sentence("gui.application.settings_damaged"),
                Sentence("gui.application.settings_kept_as", file=session.preferences.set_aside.name),
            )
        elif missing := self._missing_workspace():
            window.content_area.show_note(
                "caution",
                Sentence("gui.application.workspace_missing", folder=missing),
                Sentence("gui.application.own_folder_instead"),
            )
        return True

    def _come_to_front(self, recipe: Path | None) -> bool:
        """Shows the window to a user who started the program again; False where it is about to close."""
        window = self.window
        if window is None or window.is_closing:
            return False
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        self._application.alert(window)
        if recipe is not None:
            self._recipe = recipe
            if self._begun:
                QTimer.singleShot(0, self, self._open_recipe)  # once the other start has its answer
        return True

    def _open_recipe(self) -> None:
        recipe, self._recipe = self._recipe, None
        if self.window is not None and recipe is not None:
            self.window.open_recipe(recipe)

    def _window_is_there(self) -> None:
        assert self.window is not None
        self.window.begin()
        self._begun = True
        if self._recipe is not None:
            self._open_recipe()
        else:
            self.window.show_tour_once()
        # From a plain thread, so that the window stays fluid: 339 ms on its own thread.
        run_in_thread(self.window, import_parts, name="import charts", on_result=self._build_pages)

    def _build_pages(self, _imported: None) -> None:
        if self.window is not None:
            self.window.build_pages()

    def _ask_for_workspace(self) -> None:
        if self.window is None:
            return
        folder = QFileDialog.getExistingDirectory(self.window, Sentence("gui.application.folder_data_runs"))
        if folder:
            self._reopen_with(Path(folder))

    def _reopen_with(self, folder: Path) -> None:
        """Closes the window and opens it with another workspace; the next start finds that, too."""
        if self.window is None:
            return
        self._reopen_in = folder
        self.window.close()

    def _forget_other_workspace(self) -> None:
        """A window that stays open is not opened again elsewhere when it is closed one day."""
        self._reopen_in = None

    def _missing_workspace(self) -> Path | None:
        """The folder that the user has chosen, where it cannot be opened now."""
        chosen = chosen_folder(self._home) if self._home is not None else None
        return chosen if chosen is not None and not chosen.is_dir() else None

    def _remember_workspace(self, folder: Path) -> None:
        if self._home is not None:
            choice = WorkspaceChoice("" if folder == self._home else str(folder))
            with contextlib.suppress(OSError, EngineError):  # then the folder counts for this start
                self._home.mkdir(parents=True, exist_ok=True)
                write_record(self._home / CHOICE, choice)

    def _left(self) -> None:
        self._begun = False
        if self.window is not None:
            self.window.deleteLater()
            self.window = None
        background.cancel_all()
        background.wait_for_all(SECONDS_AT_THE_END)
        if self._instance is not None:
            self._instance.end()
        if self._reopen_in is not None:
            self._root, self._reopen_in = self._reopen_in, None
            self._remember_workspace(self._root)
            QTimer.singleShot(0, self, self._reopen)
            return
        self._application.exit(self.exit_code)

    def _reopen(self) -> None:
        if not self.open():
            self._application.exit(self.exit_code)

    # ── Bugs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _catch_bugs(self) -> None:
        def in_this_thread(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if self.window is None:  # it could not even be built: there is only the terminal to write it to
                sys.__excepthook__(kind, error, trace)
            self._broke.emit("".join(traceback.format_exception(kind, error, trace)))

        def in_another_thread(broken: threading.ExceptHookArgs) -> None:
            kind, error, trace = broken.exc_type, broken.exc_value, broken.exc_traceback
            self._broke.emit("".join(traceback.format_exception(kind, error, trace)))

        sys.excepthook = in_this_thread
        threading.excepthook = in_another_thread

    def _show_bug(self, details: str) -> None:
        log.error("%s", details)
        window = self.window
        if window is None or (
            window.content_area.banner.report is not None and window.content_area.banner.report.id == "A6"
        ):
            return
        window.content_area.show_error(
            UnexpectedError(
                "A6",
                Sentence("gui.a6.something_went_wrong_a6_your"),
                hint=Sentence("gui.a6.go_if_happens_again_close"),
                actions=(RecoveryAction.COPY_DETAILS,),
                details=details,
            ).report()
        )

    # ── The system ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _listen_to_system(self) -> None:
        """Ctrl-C and the end of the session save and close; a second one ends at once."""
        if self._signals_reach_qt():
            return
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        self._sockets = (ours, theirs)
        self._notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._signalled)
        signal.set_wakeup_fd(theirs.fileno())
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # the last two by system; SIGBREAK is Ctrl-Break
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._count_signal)

    def _signals_reach_qt(self) -> bool:
        return hasattr(self, "_notifier") or threading.current_thread() is not threading.main_thread()

    def _count_signal(self, number: int, _frame: object) -> None:
        self._signals += 1
        self.exit_code = 128 + number
        if self._signals > 1:
            os._exit(self.exit_code)

    def _signalled(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._sockets[0].recv(4096)
        if self.window is not None:
            self.window.save_and_close()


def import_parts(_job: Job) -> None:
    """Imports what the pages need only once the window is on the screen."""
    for kind in page_types():
        kind.import_parts()


def page_types() -> tuple[type[Page], ...]:
    """The five pages of the wizard, in order."""
    from gui.choose_data.page import ChooseDataPage  # not where a second start only shows the first one's window
    from gui.evaluate.page import EvaluatePage
    from gui.export.page import ExportPage
    from gui.fine_tune.page import FineTunePage
    from gui.load_model.page import LoadModelPage

    return LoadModelPage, ChooseDataPage, FineTunePage, EvaluatePage, ExportPage


# ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def keep_log(folder: Path) -> None:
    """Writes what happens to `window.log`, a native crash to `crash.log`; without a folder, to nowhere."""
    for handler in log.handlers[:]:
        log.removeHandler(handler)
        handler.close()
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        handler = logging.handlers.RotatingFileHandler(
            folder / "window.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8", delay=True
        )
        crash = (folder / "crash.log").open("a", encoding="utf-8")
    except OSError:
        log.addHandler(logging.NullHandler())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        faulthandler.enable(crash)
    logging.raiseExceptions = False  # a full disk must not end in messages about messages
    qInstallMessageHandler(_log_qt)


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    log.log(LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _session_somewhere(root: Path) -> tuple[Session, ErrorReport | None]:
    """A session in this folder or, where nothing can be written there, in a temporary one with a word about it."""
    try:
        session = open_session(root)
    except EngineError as error:
        return open_session(Path(tempfile.mkdtemp(prefix="tunewright-"))), _nothing_saved(root, error.details)
    if not os.access(root, os.W_OK):
        return session, _nothing_saved(root, Sentence("gui.application.folder_read_only"))
    return session, None


def _nothing_saved(root: Path, details: str) -> ErrorReport:
    return EngineError(
        "A3",
        Sentence("gui.a3.nothing_can_saved", root=root),
        hint=Sentence("gui.a3.everything_works_but_runs_lost"),
        actions=(RecoveryAction.CHOOSE_WORKSPACE,),
        details=details,
    ).report()
