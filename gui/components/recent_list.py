"""Files or models that were used before, as buttons; those that are gone are said to be, and can be removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.sentences import Sentence
from gui.components.background import run_in_thread
from gui.components.layouts import FlowRow, horizontal, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import both_ends, button_text
from gui.design.theme import SPACE
from gui.preferences import PreferenceStore, RecentFile, RecentModel

Recent = RecentFile | RecentModel
MOST_SHOWN = 5
LONGEST_NAME = 40  # characters


def name_of(entry: Recent) -> str:
    """What an entry is called: the name of the file or folder, or that on the Hub."""
    match entry:
        case RecentFile():
            return Path(entry.path).name or entry.path
        case RecentModel():
            return entry.hub_id or Path(entry.folder).name or entry.folder


def place_of(entry: Recent) -> str:
    """Where it is, in whole."""
    match entry:
        case RecentFile():
            return "\n".join(path for path in (entry.path, entry.validation_path, entry.test_path) if path)
        case RecentModel():
            return entry.folder or Sentence("gui.components.hub", hub_id=entry.hub_id)


def short_name(entry: Recent) -> str:
    """The name for a button or a menu: both its ends where it is long."""
    return both_ends(name_of(entry), LONGEST_NAME)


class RecentList(QWidget):
    """Hidden while there is nothing in it. `chosen` follows once the entry was found where it was."""

    chosen = Signal(object)

    def __init__(self, heading: str, preferences: PreferenceStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._entries: tuple[Recent, ...] = ()
        self._missing: Recent | None = None
        self._heading = PlainLabel(heading, role="group")
        self._row_holder = QWidget()
        row = FlowRow(self._row_holder, gap=SPACE, line_gap=SPACE)
        self.buttons = [QPushButton() for _ in range(MOST_SHOWN)]  # always the same ones, so that Tab finds them here
        for number, button in enumerate(self.buttons):
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, number=number: self.open(self._entries[number]))
        self._sentence = PlainLabel(role="caution", wrap=True)
        self.remove_button = QPushButton(Sentence("gui.components.remove_from_list"))
        self._gone = QWidget()
        gone = horizontal(self._gone, self._sentence, self.remove_button, gap=SPACE)
        gone.setStretch(0, 1)
        vertical(self, self._heading, self._row_holder, self._gone, gap=SPACE)
        self.remove_button.clicked.connect(self._remove)
        self._gone.hide()
        self.hide()

    def show_entries(self, entries: Sequence[Recent]) -> None:
        """Offers these, the latest first."""
        wanted = tuple(entries[:MOST_SHOWN])
        if wanted == self._entries:
            return
        self._entries = wanted
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(wanted))
            if number < len(wanted):
                entry = wanted[number]
                button.setText(button_text(short_name(entry)))
                set_tooltip(button, place_of(entry))
                button.setAccessibleDescription(place_of(entry))
        if self._missing not in wanted:
            self._show_missing(None)
        self.setVisible(bool(wanted) or self._missing is not None)

    def open(self, entry: Recent) -> None:
        """Looks whether the entry is still there, beside the window: a disk of the network may take its time."""
        self._show_missing(None)
        paths = [path for path in place_of(entry).split("\n") if isinstance(entry, RecentFile) or entry.folder]

        def gone(_job: object) -> str:
            return next((path for path in paths if not Path(path).exists()), "")

        run_in_thread(
            self,
            gone,
            name="recent",
            on_result=lambda path: self._show_missing(entry, path) if path else self.chosen.emit(entry),
        )

    def missing(self) -> str:
        """The sentence about an entry that is gone, or an empty string."""
        return self._sentence.text() if self._missing is not None else ""

    def _show_missing(self, entry: Recent | None, path: str = "") -> None:
        self._missing = entry
        if entry is not None:
            self._sentence.setText(Sentence("gui.components.no_longer", name=Path(path).name, parent=Path(path).parent))
        self._gone.setVisible(entry is not None)
        self.setVisible(bool(self._entries) or entry is not None)

    def _remove(self) -> None:
        entry, self._missing = self._missing, None
        self._gone.hide()
        if entry is not None:
            self._preferences.forget_recent(entry)
