"""Four ways to a model (the starter, BERT, any other model of the Hub, a folder of this computer), and the shelf."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.contract.sentences import Sentence
from engine.contract.settings import FolderModel, HubModel, ModelSource, StarterModel
from engine.contract.shelf import ShelfEntry
from gui.components.card import Card, ChoiceCard
from gui.components.hub_verdict import VerdictLine
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.recent_list import RecentList
from gui.design.theme import INSIDE, SPACE
from gui.load_model.shelf_view import ShelfView
from gui.preferences import PreferenceStore

BERT = "bert-base-uncased"
HUB_EXAMPLE = "distilbert-base-cased"
CARD_WIDTH = 290  # pixels; where there is so much for each, they are in one row


class ModelChooser(QWidget):
    """The cards. `changed` when another model is chosen; `folder_pressed` asks for the folder dialog."""

    changed = Signal()
    folder_pressed = Signal()
    entered = Signal()  # Return in the Hub field

    def __init__(self, preferences: PreferenceStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = ""
        self.recent = RecentList(Sentence("gui.load_model.recent_models"), preferences)
        self.starter_card = ChoiceCard(
            "all-MiniLM-L6-v2",
            Sentence("gui.load_model.starter_small_quick_already_here"),
            Sentence("gui.load_model.english_uncased_22_7_million"),
        )
        self.bert_card = ChoiceCard(
            BERT,
            Sentence("gui.load_model.original_bert_from_hugging_face"),
            Sentence("gui.load_model.english_uncased_110_million_parameters"),
        )
        self.hub_card = ChoiceCard(
            Sentence("gui.load_model.another_model_from_hub"), Sentence("gui.load_model.any_encoder_bert_family_name")
        )
        self.folder_card = ChoiceCard(
            Sentence("gui.load_model.folder_computer"), Sentence("gui.load_model.safetensors_can_dropped_here")
        )
        self.hub_field = QLineEdit()
        self.hub_field.setPlaceholderText(Sentence("gui.load_model.hub_example", example=HUB_EXAMPLE))
        self.hub_field.setAccessibleName(Sentence("gui.load_model.name_model_hub"))
        self.hub_field.setMaxLength(200)
        self.hub_field.installEventFilter(self)
        self.revision_field = QLineEdit()
        self.revision_field.setPlaceholderText(Sentence("gui.load_model.version_main"))
        self.revision_field.setAccessibleName(Sentence("gui.load_model.version_model_branch_tag_commit"))
        set_tooltip(self.revision_field, Sentence("gui.load_model.branch_tag_commit_hub_empty"))
        self.revision_field.setMaxLength(100)
        self.hub_card.column.addWidget(self.hub_field)
        self.hub_card.column.addWidget(self.revision_field)
        self.folder_button = QPushButton(Sentence("gui.load_model.folder"))
        self.folder_button.setAccessibleDescription(Sentence("gui.load_model.chooses_folder_model"))
        self._folder_name = PlainLabel(role="secondary", elide=True)
        folder_row = QHBoxLayout()
        folder_row.setSpacing(SPACE)
        folder_row.addWidget(self.folder_button)
        folder_row.addWidget(self._folder_name, 1)
        self.folder_card.column.addLayout(folder_row)
        self.verdict = VerdictLine()
        self.shelf = ShelfView()
        shelf = Card(Sentence("gui.load_model.shelf"))
        shelf.column.addWidget(self.shelf)

        self._grid = QGridLayout()
        self._grid.setSpacing(INSIDE)
        self._columns = 0
        self.cards = (self.starter_card, self.bert_card, self.hub_card, self.folder_card)
        self._arrange()
        vertical(self, self._grid, self.verdict, self.recent, shelf, gap=INSIDE)

        self.starter_card.setChecked(True)
        for card in self.cards:
            card.toggled.connect(self._toggled)
        self.hub_field.textEdited.connect(self._typed)
        self.hub_field.returnPressed.connect(self.entered)
        self.revision_field.textEdited.connect(self._revision_typed)
        self.revision_field.returnPressed.connect(self.entered)
        self.shelf.chosen.connect(self._take_from_shelf)
        self.folder_button.clicked.connect(self._folder_button)

    def hub_id(self) -> str:
        """The Hub name that is chosen, or an empty string."""
        if self.bert_card.isChecked():
            return BERT
        return self.hub_field.text().strip() if self.hub_card.isChecked() else ""

    def hub_revision(self) -> str:
        """The version of the Hub model that is asked for."""
        return (self.revision_field.text().strip() if self.hub_card.isChecked() else "") or "main"

    def source(self, *, offline: bool, revision: str = "main") -> ModelSource | None:
        """What is chosen, or None while it has no name."""
        if self.starter_card.isChecked():
            return StarterModel()
        if self.folder_card.isChecked():
            return FolderModel(self.folder) if self.folder else None
        name = self.hub_id()
        return HubModel(name, revision=revision, offline=offline) if name else None

    def choose_starter(self) -> None:
        """Chooses the model that is always there."""
        self.starter_card.setChecked(True)

    def choose_folder(self, folder: str) -> None:
        """Chooses this folder."""
        self.folder = folder
        self._folder_name.setText(Path(folder).name or folder)
        self._folder_name.setAccessibleName(folder)
        self.folder_card.setChecked(True)
        self.changed.emit()

    def choose_hub(self) -> None:
        """Chooses a model of the Hub by its name, which is typed next."""
        self.hub_card.setChecked(True)
        self.hub_field.setFocus()

    def choose_source(self, source: ModelSource) -> None:
        """Chooses what was chosen before."""
        match source:
            case StarterModel():
                self.starter_card.setChecked(True)
            case FolderModel():
                self.choose_folder(source.folder)
            case HubModel(id=name) if name == BERT:
                self.bert_card.setChecked(True)
            case HubModel():
                self._name_hub_model(source.id, "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.hub_field and event.type() == QEvent.Type.FocusIn:
            self.hub_card.setChecked(True)
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = len(self.cards) if self.width() >= len(self.cards) * CARD_WIDTH else 2
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)
            self._grid.setColumnStretch(number, 1 if number < columns else 0)

    def _toggled(self, checked: bool) -> None:
        if checked:
            self.shelf.select(self.hub_id())
            self.changed.emit()

    def _take_from_shelf(self, entry: ShelfEntry) -> None:
        self._name_hub_model(entry.id, entry.revision)
        self.changed.emit()

    def _name_hub_model(self, id: str, revision: str) -> None:
        self.hub_field.setText(id)
        self.revision_field.setText(revision)
        for field in (self.hub_field, self.revision_field):
            field.setCursorPosition(0)
        self.hub_card.setChecked(True)

    def _revision_typed(self, _text: str) -> None:
        self.hub_card.setChecked(True)
        self.changed.emit()

    def _typed(self, text: str) -> None:
        self.hub_card.setChecked(True)
        self.revision_field.clear()  # it was another model's
        self.shelf.select(text.strip())
        self.changed.emit()

    def _folder_button(self) -> None:
        self.folder_card.setChecked(True)
        self.folder_pressed.emit()
