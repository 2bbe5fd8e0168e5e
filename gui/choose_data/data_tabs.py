"""The tabs of Choose data: Overview, Rows, Labels, Lengths, Settings; and the button that chooses other rows."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QTabBar, QWidget

from engine.contract.sentences import Sentence
from gui.components.layouts import FlowRow, OneAtATime, vertical
from gui.design.theme import SPACE

Tab = Literal["overview", "rows", "labels", "lengths", "settings"]
TABS: tuple[Tab, ...] = ("overview", "rows", "labels", "lengths", "settings")


class DataTabs(QWidget):
    """A row of tabs over one view at a time; `moved` means that another one is shown, after `left` was."""

    change_pressed = Signal()  # other rows are to be chosen
    moved = Signal(str, str)  # the tab that was left, the one that is shown

    def __init__(self, views: dict[Tab, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views = views
        self._shown: Tab = TABS[0]
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(False)
        self.bar.setAccessibleName(Sentence("gui.choose_data.parts"))
        for tab in TABS:
            self.bar.addTab(_title(tab))
        self.change_button = QPushButton(Sentence("gui.choose_data.choose_other"))
        self._stack = OneAtATime()
        for tab in TABS:
            self._stack.addWidget(views[tab])
        head = QWidget()
        row = FlowRow(head, gap=SPACE, line_gap=SPACE, last_at_right=True)
        row.addWidget(self.bar)
        row.addWidget(self.change_button)
        vertical(self, head, self._stack, gap=SPACE)
        self.bar.currentChanged.connect(self._show)
        self.change_button.clicked.connect(self.change_pressed)

    def current(self) -> Tab:
        """The tab that is shown."""
        return self._shown

    def go_to(self, tab: Tab) -> None:
        """Shows this tab."""
        self.bar.setCurrentIndex(TABS.index(tab))

    def allow(self, tab: Tab, reason: str = "") -> None:
        """Opens a tab, or closes it where there is a reason, which is its tooltip; a closed one is left."""
        place = TABS.index(tab)
        self.bar.setTabEnabled(place, not reason)
        self.bar.setTabToolTip(place, reason)
        if reason and tab == self._shown:
            self.go_to(TABS[0])

    def show_content(self, shown: bool) -> None:
        """Whether the view of the tab is seen; not while its rows are prepared again."""
        self._stack.setVisible(shown)

    def _show(self, place: int) -> None:
        left, self._shown = self._shown, TABS[place]
        self._stack.setCurrentWidget(self._views[self._shown])
        self.moved.emit(left, self._shown)


def prepare_first() -> str:
    """Why a tab is closed while there are no prepared rows."""
    return Sentence("gui.choose_data.prepare_first")


def _title(tab: Tab) -> str:
    match tab:
        case "overview":
            return Sentence("gui.choose_data.tab_overview")
        case "rows":
            return Sentence("gui.choose_data.tab_rows")
        case "labels":
            return Sentence("gui.choose_data.tab_labels")
        case "lengths":
            return Sentence("gui.choose_data.tab_lengths")
        case "settings":
            return Sentence("gui.choose_data.tab_settings")
