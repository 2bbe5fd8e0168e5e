"""The middle of the window: heading, sentence, news, and the page, or what a closed page waits for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.contract.errors import ErrorReport
from engine.contract.sentences import Sentence
from gui.components.banner import Banner, Button, Kind
from gui.components.layouts import tab_after, vertical
from gui.components.page_scroll import PageScroll
from gui.components.plain_label import PlainLabel
from gui.design import assets
from gui.design.theme import HALF, INSIDE, MARGIN, SPACE, appearance, theme
from gui.page import Page


class ContentArea(QWidget):
    """One heading, one sentence, at most one message, one page."""

    panel_pressed = Signal()
    step_pressed = Signal()
    action_taken = Signal(object, object)  # RecoveryAction, ErrorReport

    def __init__(self, pages: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._areas: dict[int, QScrollArea] = {}
        self._errors: dict[int, ErrorReport] = {}
        self._shown: int | None = None
        self._shows_stale = False
        self._note_passes = False  # what the banner shows is a note about the step before
        self.title = PlainLabel(role="title")
        self.sentence = PlainLabel(role="quiet", elide=True)
        self.panel_button = QPushButton(Sentence("gui.shell.why_code"))
        self.panel_button.setProperty("kind", "quiet")
        self.panel_button.setAccessibleName(Sentence("gui.shell.why_code_2"))
        self.panel_button.setIconSize(QSize(16, 16))
        self.banner = Banner()
        self.recovery = Banner()
        self._stack = QStackedWidget()
        self._closed_reason = PlainLabel(wrap=True)
        self._closed_button = QPushButton()
        self._closed = self._closed_page()
        self._stack.addWidget(self._closed)
        self._runs: QWidget | None = None

        texts = vertical(None, self.title, self.sentence, gap=HALF)
        top = QHBoxLayout()
        top.addLayout(texts, 1)
        top.addWidget(self.panel_button, 0, Qt.AlignmentFlag.AlignTop)
        top.setContentsMargins(0, 0, MARGIN, 0)
        news = QVBoxLayout()
        news.setContentsMargins(0, 0, MARGIN, 0)
        news.setSpacing(INSIDE)
        self._recovery_holder = QWidget()
        holder = QVBoxLayout(self._recovery_holder)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.recovery)
        news.addWidget(self._recovery_holder)
        news.addWidget(self.banner)
        column = QVBoxLayout(self)
        # The scroll bar of a page is in the right margin.
        column.setContentsMargins(MARGIN, MARGIN - HALF, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(top)
        column.addLayout(news)
        column.addWidget(self._stack, 1)

        self.panel_button.clicked.connect(self.panel_pressed)
        self._closed_button.clicked.connect(self.step_pressed)
        self.banner.action_taken.connect(self.action_taken)
        self.banner.closed.connect(self._banner_closed)
        self.recovery.closed.connect(self._recovery_holder.hide)
        appearance().changed.connect(self._paint)
        self._paint()

    def add_page(self, index: int, page: Page) -> None:
        """Takes a page into the stack, scrolled where it does not fit."""
        area = PageScroll()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        holder = QWidget()
        holder.setProperty("kind", "scrolled")
        row = QVBoxLayout(holder)
        row.setContentsMargins(0, 0, MARGIN, MARGIN)
        area.setWidget(holder)
        holder.setAutoFillBackground(False)
        self._areas[index] = area
        self._stack.addWidget(area)
        # The page last, into what is in its place already: with every new parent all its widgets are styled again.
        row.addWidget(page)

    def let_tab_reach(self, page: Page) -> None:
        """Lets Tab go from the message into a page, once all its widgets are there."""
        tab_after(self.banner.close_button, page)

    def add_runs(self, runs: QWidget) -> None:
        """Takes the list of runs into the stack."""
        holder = QWidget()
        row = QVBoxLayout(holder)
        row.setContentsMargins(0, 0, MARGIN, MARGIN)
        row.addWidget(runs)
        self._runs = holder
        self._stack.addWidget(holder)
        tab_after(self.banner.close_button, runs)

    def show_page(self, index: int) -> None:
        """Shows this page with its message, if it has one."""
        self._shown = index
        self._stack.setCurrentWidget(self._areas[index])
        self._show_kept_error()

    def show_closed(self, reason: str, caption: str) -> None:
        """Shows what a closed page waits for, and the way there."""
        self._shown = None
        self._closed_reason.setText(reason)
        self._closed_button.setText(caption)
        self._stack.setCurrentWidget(self._closed)
        self.banner.clear()

    def show_run_list(self) -> None:
        """Shows the runs in the place of the page."""
        self._shown = None
        assert self._runs is not None
        self._stack.setCurrentWidget(self._runs)
        self.banner.clear()

    def show_heading(self, title: str, sentence: str) -> None:
        """The heading and the line under it."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))

    # ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def keep_error(self, index: int, report: ErrorReport) -> None:
        """Shows an error on its page, now or when the page is shown."""
        self._errors[index] = report
        if self._shown == index:
            self._show_kept_error()

    def forget_error(self, index: int) -> None:
        """Takes a page's error away, and a note about the step before: here something was done since."""
        if (self._errors.pop(index, None) is not None or self._note_passes) and self._shown == index:
            self._note_passes = False
            self.banner.clear()

    def show_error(self, report: ErrorReport) -> None:
        """Shows an error that belongs to no page."""
        self._shows_stale = self._note_passes = False
        self.banner.show_error(report)

    def show_note(self, kind: Kind, message: str, hint: str = "", buttons: tuple[Button, ...] = ()) -> None:
        """Shows a sentence that is no error."""
        self._shows_stale = self._note_passes = False
        self.banner.show_note(kind, message, hint, buttons)

    def show_passing_note(self, kind: Kind, message: str) -> None:
        """Shows what the step before has made, until the user does something on this page."""
        self.show_note(kind, message)
        self._note_passes = True

    def show_stale(self, is_stale: bool) -> None:
        """Shows that the page's result was closed by an earlier step; an error has the right of way."""
        if is_stale and self._shown is not None and not self.banner.message():
            self.banner.show_note(
                "caution",
                Sentence("gui.shell.something_before_step_has_changed_2"),
                Sentence("gui.shell.was_made_here_no_longer"),
            )
            self._shows_stale = True
        elif not is_stale and self._shows_stale:
            self.banner.clear()

    def recovery_place(self, *, visible: bool) -> None:
        """Whether this is where the offer to continue a run is."""
        self._recovery_holder.setVisible(visible and not self.recovery.isHidden())

    def _show_kept_error(self) -> None:
        report = self._errors.get(self._shown) if self._shown is not None else None
        self._note_passes = False
        if report is not None:
            self._shows_stale = False
            self.banner.show_error(report)
        else:
            self.banner.clear()

    def _banner_closed(self) -> None:
        self._shows_stale = self._note_passes = False
        if self._shown is not None:
            self._errors.pop(self._shown, None)

    def _closed_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, SPACE, MARGIN, MARGIN)
        column.setSpacing(INSIDE)
        column.addWidget(self._closed_reason)
        column.addWidget(self._closed_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def _paint(self) -> None:
        self.panel_button.setIcon(assets.icon("panel", theme().accent))
