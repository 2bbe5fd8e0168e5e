"""The buttons below the page, each always in its place: Back left; Stop, the page's action and Next right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from engine.contract.sentences import Sentence
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
from gui.components.plain_text import button_text
from gui.components.throttle import Throttle
from gui.design.theme import INSIDE, MARGIN, SPACE


class Footer(QFrame):
    """Back, the stop buttons, the one primary action, Next."""

    back_pressed = Signal()
    next_pressed = Signal()
    primary_pressed = Signal()
    stop_pressed = Signal(int)
    pause_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.back = _Wide(88, Sentence("gui.shell.back"))
        self.next = _Wide(96, Sentence("gui.shell.next"))
        self.primary = _Wide(144)
        self.reason = PlainLabel(role="secondary", elide=True)
        self.pause = _Wide(80)  # so that "Continue" and "Pause" take the same place
        self.pause.hide()
        self.stops: list[QPushButton] = []
        self.back.setAccessibleName(Sentence("gui.shell.back_2"))
        self.next.setAccessibleName(Sentence("gui.shell.next_2"))
        policy = self.next.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the primary button keeps its place on the last page
        self.next.setSizePolicy(policy)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN - SPACE, INSIDE, MARGIN - SPACE, INSIDE)
        self._row.setSpacing(SPACE)
        self._row.addWidget(self.back)
        self._row.addSpacing(SPACE)
        self._row.addWidget(self.reason, 1)
        self._row.addWidget(self.pause)
        self._row.addWidget(self.primary)
        self._row.addWidget(self.next)
        # After everything that one event brings about, since buttons change several times on the way.
        self._settling = Throttle(self, 0, self._settle)
        self.back.clicked.connect(self.back_pressed)
        self.next.clicked.connect(self.next_pressed)
        self.primary.clicked.connect(self.primary_pressed)
        self.pause.clicked.connect(self.pause_pressed)

    def show_back(self, *, enabled: bool) -> None:
        """Whether there is a step before."""
        if self._is_focused(self.back) and not enabled:
            self._hold_focus()
        self.back.setEnabled(enabled)

    def show_next(self, *, visible: bool, enabled: bool, reason: str, emphasised: bool) -> None:
        """Whether there is a step after, whether it is open, or why not; emphasised where it is what comes now."""
        if self._is_focused(self.next) and not (visible and enabled):
            self._hold_focus()
        self.next.setVisible(visible)
        self.next.setEnabled(enabled)
        set_tooltip(self.next, "" if enabled else reason)
        self.next.setAccessibleDescription("" if enabled else reason)
        _set_kind(self.next, "primary" if emphasised and enabled else "")

    def show_primary(self, text: str, *, enabled: bool, reason: str, emphasised: bool) -> None:
        """The page's action; without a caption there is none."""
        if self._is_focused(self.primary) and not (text and enabled):
            self._hold_focus()
        self.primary.setVisible(bool(text))
        self.primary.setText(button_text(text))
        self.primary.setEnabled(enabled)
        shown_reason = "" if enabled else reason
        set_tooltip(self.primary, shown_reason)
        self.primary.setAccessibleDescription(shown_reason)
        _set_kind(self.primary, "primary" if emphasised else "")

    def show_reason(self, reason: str) -> None:
        """One line about why an action waits, readable without hovering."""
        self.reason.setText(reason)

    def show_pause(self, text: str, *, enabled: bool, tooltip: str = "") -> None:
        """The button that pauses the running stage or lets it continue; none without a caption."""
        if self._is_focused(self.pause) and not (text and enabled):
            self._hold_focus()
        self.pause.setVisible(bool(text))
        self.pause.setText(button_text(text))
        self.pause.setEnabled(enabled)
        set_tooltip(self.pause, tooltip)

    def show_stops(self, captions: Sequence[str], *, enabled: bool) -> None:
        """The stop buttons of the running stage; none while nothing runs."""
        if [button.text() for button in self.stops] != [button_text(caption) for caption in captions]:
            if any(self._is_focused(button) for button in self.stops):
                self._hold_focus()  # neither on a neighbour nor on another stop button, where a second press ends all
            for button in self.stops:
                self._row.removeWidget(button)
                button.hide()
                button.deleteLater()
            self.stops = []
            for number, caption in enumerate(captions):
                button = QPushButton(button_text(caption))
                button.clicked.connect(lambda _checked=False, number=number: self.stop_pressed.emit(number))
                self._row.insertWidget(self._row.indexOf(self.primary), button)
                self.stops.append(button)
                QWidget.setTabOrder(self.stops[number - 1] if number else self.pause, button)
        for button in self.stops:
            button.setEnabled(enabled)

    def _is_focused(self, button: QPushButton) -> bool:
        return self.window().focusWidget() is button  # also while another program has the keyboard

    def _hold_focus(self) -> None:
        """Keeps the focus in the footer, not on some neighbour, until there is a next thing to press."""
        self.setFocus()
        self._settling.request()

    def take_focus(self) -> None:
        """Soon gives the focus to the button that comes now, as after a choice in a dialog."""
        self._hold_focus()

    def settle_focus(self) -> None:
        """Soon gives a held focus to the button that comes now."""
        if self.window().focusWidget() is self:
            self._settling.request()

    def _settle(self) -> None:
        if self.window().focusWidget() is not self:
            return
        if self.next.isEnabled() and self.next.property("kind") == "primary":
            self.next.setFocus()
        elif self.primary.isEnabled() and not self.primary.isHidden():
            self.primary.setFocus()


class _Wide(QPushButton):
    """A button that is so wide, where there is no need of the room for others."""

    def __init__(self, width: int, text: str = "") -> None:
        super().__init__(text)
        self._width = width
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(self._width, 0))

    def minimumSizeHint(self) -> QSize:
        return super().sizeHint()


def _set_kind(button: QPushButton, kind: str) -> None:
    if (button.property("kind") or "") != kind:
        button.setProperty("kind", kind)
        repolish(button)
