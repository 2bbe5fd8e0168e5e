"""Where rows come from: a drop zone, a file dialog, one of the examples, or a data set of the Hub."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.contract.examples import Example
from engine.contract.sentences import Sentence
from engine.tasks.registry import task_facts
from gui.choose_data.source.drop_zone import DropZone
from gui.choose_data.source.hub_data_form import HubDataForm
from gui.components.card import ChoiceCard
from gui.components.plain_label import PlainLabel
from gui.components.recent_list import RecentList
from gui.design.theme import INSIDE, MARGIN
from gui.preferences import PreferenceStore

TWO_COLUMNS_FROM = 520  # pixels


class SourcePicker(QWidget):
    """Offers files, examples and data sets of the Hub."""

    file_requested = Signal()
    folder_requested = Signal()
    example_chosen = Signal(str)
    kept = Signal()  # keep what was chosen before

    def __init__(self, preferences: PreferenceStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent = RecentList(Sentence("gui.choose_data.recent_files"), preferences)
        self.drop_zone = DropZone()
        self.hub_form = HubDataForm()
        self.keep_button = QPushButton(Sentence("gui.choose_data.keep_chosen"))
        self.cards: dict[str, ChoiceCard] = {}
        self._group = QButtonGroup(self)
        self._columns = 0
        examples = QWidget()  # Tab goes through the widgets in the order in which they were added
        self._grid = QGridLayout(examples)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(INSIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addWidget(self.drop_zone)
        column.addWidget(self.recent)
        column.addSpacing(MARGIN - INSIDE)
        column.addWidget(PlainLabel(Sentence("gui.choose_data.or_example"), role="group"))
        column.addWidget(examples)
        column.addSpacing(MARGIN - INSIDE)
        column.addWidget(PlainLabel(Sentence("gui.choose_data.or_hub"), role="group"))
        column.addWidget(self.hub_form)
        column.addWidget(self.keep_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.drop_zone.choose_pressed.connect(self.file_requested)
        self.drop_zone.folder_pressed.connect(self.folder_requested)
        self.keep_button.clicked.connect(self.kept)
        self.keep_button.hide()

    def offer(self, examples: Sequence[Example]) -> None:
        """Shows a card for each example."""
        for example in examples:
            facts = f"{Sentence('gui.choose_data.rows_number', rows=example.rows)} · {task_facts(example.task).title}"
            card = ChoiceCard(example.title, example.sentence, facts)
            card.setAutoExclusive(False)  # the group does that, so that none can be marked
            card.clicked.connect(lambda _checked=False, name=example.name: self.example_chosen.emit(name))
            card.setMinimumWidth(240)
            self._group.addButton(card)
            self.cards[example.name] = card
        self._columns = 0
        self._arrange()

    def mark(self, name: str) -> None:
        """Marks the example that is in use; an empty name marks none."""
        self._group.setExclusive(False)
        for own_name, card in self.cards.items():
            card.setChecked(own_name == name)
        self._group.setExclusive(True)

    def offer_to_keep(self, name: str) -> None:
        """Offers the way back to these rows; an empty name offers none."""
        self.keep_button.setText(Sentence("gui.choose_data.keep", name=name.replace("&", "&&")) if name else "")
        self.keep_button.setVisible(bool(name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= TWO_COLUMNS_FROM else 1
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, number // columns, number % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
