"""Drives the real window through the five steps with the real engine: for the end-to-end test and the pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.contract.events import Event, StageFailed, is_outcome
from engine.contract.settings import FineTuneSettings, PrepareSettings, RowSource, ScoredRowsName
from gui.application import page_types
from gui.choose_data.page import ChooseDataPage
from gui.evaluate.page import EvaluatePage
from gui.fine_tune.page import FineTunePage
from gui.session import Session, open_session
from gui.shell.window import Window

LOAD, DATA, TUNE, EVALUATE, EXPORT = range(5)


class Walk:
    """A user who presses the right buttons."""

    def __init__(self, workspace: Path, *, patience: float = 300.0) -> None:
        self.patience = patience
        self.session: Session = open_session(workspace)
        self.window = Window(self.session, page_types())
        self.events: list[Event] = []
        self.session.stage_event.connect(self.events.append)

    def open(self, width: int = 1280, height: int = 800) -> None:
        """Puts the window on the screen."""
        self.window.resize(width, height)
        self.window.show()
        self.window.begin()
        QApplication.processEvents()

    def close_and_reopen(self) -> None:
        """Closes the program and starts it again on the same workspace."""
        self.close()
        self.session = open_session(self.session.workspace.root)
        self.window = Window(self.session, page_types())
        self.events = []
        self.session.stage_event.connect(self.events.append)
        self.open()

    def close(self) -> None:
        """Ends the engine and the window."""
        self.session.close()
        self.window.hide()
        self.window.deleteLater()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # processEvents leaves these to a loop

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Lets the window live until something holds."""
        end = time.monotonic() + self.patience
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {self.patience:.0f} s for: {what}; {self.events[-1:]}")
            QTest.qWait(10)

    @staticmethod
    def settle(seconds: float) -> None:
        """Lets the window live so long, in short waits: `qWait` does not let go of Python for the engine's thread."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QTest.qWait(10)

    def press_primary(self) -> None:
        """Presses the page's one button, which must be enabled."""
        button = self.window.footer.primary
        assert button.isEnabled(), self.window.footer.reason.text()
        button.click()

    def do_step(self) -> None:
        """Presses the primary button and waits for the last event of its stage."""
        events_seen = len(self.events)
        self.press_primary()
        self.wait_for_outcome(events_seen)

    def wait_for_outcome(self, events_seen: int) -> None:
        """Waits until the running stage has ended; a failure is raised."""
        self.wait_until(lambda: any(is_outcome(event) for event in self.events[events_seen:]), "the outcome of a stage")
        for event in self.events[events_seen:]:
            if isinstance(event, StageFailed):
                raise AssertionError(f"{event.error.id}: {event.error.message} {event.error.details}")

    def press_next(self) -> None:
        """Presses Next, which must be open."""
        assert self.window.footer.next.isEnabled()
        self.window.footer.next.click()
        QApplication.processEvents()

    # ── The steps ───────────────────────────────────────────────────────────────────────────────────────────────

    def load_starter(self) -> None:
        """Step 1."""
        self.window.go_to(LOAD)
        self.do_step()

    def choose_rows(self, source: RowSource, **changes: object) -> None:
        """Step 2 up to the preview; `changes` go into the settings form."""
        page = self.window.page(DATA)
        assert isinstance(page, ChooseDataPage)
        self.window.go_to(DATA)
        page.take_source(source)
        if changes:
            page.choice.form.set_value(msgspec.structs.replace(PrepareSettings(), **changes))  # type: ignore[arg-type]
        self.wait_until(lambda: self.window.footer.primary.isEnabled(), "the preview")

    def prepare(self, source: RowSource, **changes: object) -> None:
        """Step 2."""
        self.choose_rows(source, **changes)
        self.do_step()

    def set_training(self, **changes: object) -> None:
        """Step 3, before Start."""
        page = self.window.page(TUNE)
        assert isinstance(page, FineTunePage)
        self.window.go_to(TUNE)
        page.set_settings(msgspec.structs.replace(FineTuneSettings(), **changes))  # type: ignore[arg-type]

    def train(self, **changes: object) -> None:
        """Step 3."""
        self.set_training(**changes)
        self.do_step()

    def evaluate(self, rows: ScoredRowsName | None = "test") -> EvaluatePage:
        """Step 4, on these rows, or on those that the page offers first: of few rows that trains five times again."""
        page = self.window.page(EVALUATE)
        assert isinstance(page, EvaluatePage)
        self.window.go_to(EVALUATE)
        if rows is not None:
            page.split_choice.setCurrentIndex(page.split_choice.findData(rows))
        self.do_step()
        return page

    def export(self) -> None:
        """Step 5."""
        self.window.go_to(EXPORT)
        self.do_step()
