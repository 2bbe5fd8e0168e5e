"""A data set of the Hub by its name: what is in it, how large it is, and how far its download has come.

Sends no queries itself.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.contract.queries import HubConfigurationFound, HubDatasetFound
from engine.contract.sentences import Sentence
from gui.components.choices import Choice
from gui.components.hub_verdict import ICON_WIDTH, VerdictLine
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.progress_line import ProgressLine
from gui.design.theme import SPACE

MOST_SPLITS = 10  # that are listed
MOST_FILES = 20  # whose names are shown


class HubDataForm(QWidget):
    """Name and version, a button to look them up, then the configurations and a button to download one."""

    edited = Signal()  # name or version have changed
    look_up_pressed = Signal()
    configuration_changed = Signal()
    download_pressed = Signal()
    cancel_pressed = Signal()
    grown = Signal()  # it is taller than before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: HubDatasetFound | None = None
        self.name_field = QLineEdit()
        self.name_field.setPlaceholderText(Sentence("gui.choose_data.hub_name_hint"))
        self.name_field.setAccessibleName(Sentence("gui.choose_data.hub_name"))
        set_tooltip(self.name_field, self.name_field.placeholderText())
        self.name_field.setMaxLength(200)
        self.version_field = QLineEdit()
        self.version_field.setPlaceholderText(Sentence("gui.choose_data.hub_version_hint"))
        self.version_field.setAccessibleName(Sentence("gui.choose_data.hub_version"))
        about = (self.version_field.placeholderText(), Sentence("gui.choose_data.hub_version_about"))
        set_tooltip(self.version_field, "\n".join(about))
        self.version_field.setMaxLength(100)
        self.look_up_button = QPushButton(Sentence("gui.choose_data.look_up"))
        self.look_up_button.setAccessibleDescription(Sentence("gui.choose_data.look_up_about"))
        for field in (self.name_field, self.version_field):
            field.setAcceptDrops(False)  # a file dropped here is meant for the page
        asking = QHBoxLayout()
        asking.setSpacing(SPACE)
        asking.addWidget(self.name_field, 3)
        asking.addWidget(self.version_field, 1)
        asking.addWidget(self.look_up_button)

        self.verdict = VerdictLine()
        self.configurations = Choice()
        self.configurations.setAccessibleName(Sentence("gui.choose_data.configuration"))
        self.configurations.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.configurations.setMinimumContentsLength(24)
        self._configuration_label = PlainLabel(Sentence("gui.choose_data.configuration"))
        self._configuration_label.setBuddy(self.configurations)
        choosing = horizontal(None, self._configuration_label, self.configurations, STRETCH, gap=SPACE)
        self.splits = PlainLabel(role="secondary", wrap=True)
        self.download_button = QPushButton()
        pressing = QHBoxLayout()
        pressing.addWidget(self.download_button)
        pressing.addStretch(1)
        self._parts = QWidget()
        parts = QVBoxLayout(self._parts)
        parts.setContentsMargins(ICON_WIDTH + SPACE, 0, 0, 0)
        parts.setSpacing(SPACE)
        parts.addLayout(choosing)
        parts.addWidget(self.splits)
        parts.addLayout(pressing)

        self.progress = ProgressLine()
        self.cancel_button = QPushButton(Sentence("gui.choose_data.cancel_download"))
        self._progress_row = QWidget()
        moving = QHBoxLayout(self._progress_row)
        moving.setContentsMargins(0, 0, 0, 0)
        moving.setSpacing(SPACE)
        moving.addWidget(self.progress, 1)
        moving.addWidget(self.cancel_button)

        vertical(self, asking, self.verdict, self._parts, self._progress_row, gap=SPACE)
        for field in (self.name_field, self.version_field):
            field.textEdited.connect(lambda _text: self.edited.emit())
            field.returnPressed.connect(self._entered)
        self.look_up_button.clicked.connect(self.look_up_pressed)
        self.configurations.currentIndexChanged.connect(self._choose)
        self.download_button.clicked.connect(self.download_pressed)
        self.cancel_button.clicked.connect(self.cancel_pressed)
        self.show_downloading(False)
        self.show_found(None)

    def name(self) -> str:
        """The name in the field."""
        return self.name_field.text().strip()

    def version(self) -> str:
        """The version in the field, main where it is empty."""
        return self.version_field.text().strip() or "main"

    def configuration(self) -> HubConfigurationFound | None:
        """The configuration that is chosen, once the data set was looked up."""
        index = self.configurations.currentIndex()
        return self._found.configurations[index] if self._found is not None and index >= 0 else None

    def show_found(self, found: HubDatasetFound | None) -> None:
        """Offers the configurations that were found; None offers nothing."""
        if found is not self._found:
            self._found = found
            self.configurations.blockSignals(True)
            self.configurations.clear()
            if found is not None:
                self.configurations.addItems([one.name for one in found.configurations])
            self.configurations.blockSignals(False)
        several = found is not None and len(found.configurations) > 1
        self.configurations.setVisible(several)
        self._configuration_label.setVisible(several)
        self._parts.setVisible(found is not None)
        self._choose()
        if found is not None:
            self.grown.emit()

    def show_downloading(self, downloading: bool) -> None:
        """Shows or hides how far the download has come; nothing else can be pressed meanwhile."""
        self._progress_row.setVisible(downloading)
        for widget in (self.name_field, self.version_field, self._parts):
            widget.setEnabled(not downloading)
        if downloading:
            self.grown.emit()

    def _choose(self) -> None:
        chosen = self.configuration()
        if chosen is None or self._found is None:
            return
        self.splits.setText(splits_text(chosen))
        names = [name for split in chosen.splits if split.read_as for name in split.files]
        hidden = len(names) - MOST_FILES
        more = [Sentence("gui.choose_data.and_more", more=hidden)] if hidden > 0 else []
        set_tooltip(self.splits, "\n".join([*names[:MOST_FILES], *more]))
        missing = chosen.download_bytes - chosen.cached_bytes
        self.download_button.setText(
            Sentence("gui.choose_data.download", missing=missing)
            if missing > 0
            else Sentence("gui.choose_data.use_these_rows")
        )
        self.configuration_changed.emit()

    def _entered(self) -> None:
        if self.look_up_button.isEnabled():
            self.look_up_pressed.emit()


def splits_text(configuration: HubConfigurationFound) -> str:
    """A line for each split: "train: 2 files, 21 MB"."""
    lines: list[str] = []
    for split in configuration.splits[:MOST_SPLITS]:
        facts = {"split": split.name, "files": len(split.files), "bytes": split.bytes}
        if not split.read_as:
            lines.append(Sentence("gui.choose_data.hub_split_not_read", **facts))
        elif split.read_as != split.name:
            lines.append(Sentence("gui.choose_data.hub_split_read_as", **facts, read_as=split.read_as))
        else:
            lines.append(Sentence("gui.choose_data.hub_split", **facts))
    hidden = len(configuration.splits) - MOST_SPLITS
    return "\n".join([*lines, *([Sentence("gui.choose_data.and_more", more=hidden)] if hidden > 0 else [])])
