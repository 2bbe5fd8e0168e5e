"""Which rows were chosen: the file or example with its facts, and separate files for validation and test."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.examples import example_named
from engine.contract.formatting import size, split_name
from engine.contract.queries import Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, HubRows, RowSource
from gui.components.layouts import FlowRow, horizontal, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import SPACE

_SEPARATE = ("validation", "test")  # splits that can have a file of their own


class SourceLine(QWidget):
    """Name and facts of the rows, and a place for each separate file."""

    file_requested = Signal(str)  # validation or test
    file_removed = Signal(str)
    reading_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = PlainLabel(role="group", elide=True)
        self.facts = PlainLabel(role="quiet", elide=True)
        self.files = {split: _SeparateFile(split) for split in _SEPARATE}
        texts = vertical(None, self.name, self.facts, gap=2)
        self._files = QWidget()
        row = FlowRow(self._files, gap=SPACE)
        for file in self.files.values():
            row.addWidget(file)
        vertical(self, texts, self._files, gap=SPACE)
        for split, file in self.files.items():
            file.add_button.clicked.connect(lambda _checked=False, split=split: self.file_requested.emit(split))
            file.remove_button.clicked.connect(lambda _checked=False, split=split: self.file_removed.emit(split))
            file.reading_button.clicked.connect(lambda _checked=False, split=split: self.reading_requested.emit(split))

    def show_source(self, source: RowSource, name: str, facts: str) -> None:
        """Shows these rows; examples have no separate files."""
        self.name.setText(name)
        self.facts.setText(facts)
        self._files.setVisible(isinstance(source, FileRows))
        if isinstance(source, FileRows):
            set_tooltip(self.name, source.path)
            self.files["validation"].show_path(source.validation_path)
            self.files["test"].show_path(source.test_path)


class _SeparateFile(QWidget):
    """A button to add a file for one split or, once there is one, its name and a button to take it away."""

    def __init__(self, split: str) -> None:
        super().__init__()
        self._split = split
        is_validation = split == "validation"
        self.add_button = QPushButton(
            Sentence("gui.choose_data.add_validation" if is_validation else "gui.choose_data.add_test")
        )
        self.add_button.setProperty("kind", "quiet")
        set_tooltip(
            self.add_button,
            Sentence("gui.choose_data.add_validation_about" if is_validation else "gui.choose_data.add_test_about"),
        )
        self.label = PlainLabel()
        self.remove_button = QPushButton(Sentence("gui.choose_data.remove"))
        self.remove_button.setProperty("kind", "quiet")
        self.remove_button.setAccessibleName(
            Sentence("gui.choose_data.remove_validation" if is_validation else "gui.choose_data.remove_test")
        )
        self.reading_button = QPushButton(Sentence("gui.choose_data.reading"))
        self.reading_button.setProperty("kind", "quiet")
        self.reading_button.setAccessibleName(
            Sentence("gui.choose_data.reading_validation" if is_validation else "gui.choose_data.reading_test")
        )
        set_tooltip(
            self.reading_button,
            Sentence(
                "gui.choose_data.reading_validation_about" if is_validation else "gui.choose_data.reading_test_about"
            ),
        )
        horizontal(self, self.add_button, self.label, self.reading_button, self.remove_button, gap=0)
        self.show_path("")

    def show_path(self, path: str) -> None:
        """Shows this file, or the button to add one."""
        name = PurePath(path).name
        shown = name if len(name) <= 32 else f"{name[:20]}…{name[-10:]}"
        self.label.setText(f"{split_name(self._split)}: {shown}")
        set_tooltip(self.label, path)
        self.add_button.setVisible(not path)
        self.label.setVisible(bool(path))
        self.reading_button.setVisible(bool(path))
        self.remove_button.setVisible(bool(path))


def source_name(source: RowSource | None, preview: Preview | None) -> str:
    """What the rows are called."""
    if preview is not None:
        return preview.name
    match source:
        case FileRows():
            return PurePath(source.path).name
        case ExampleRows():
            example = example_named(source.name)
            return example.title if example is not None else source.name
        case HubRows():
            return source.id
        case None:
            return ""


def source_facts(preview: Preview) -> str:
    """5,452 rows · 336 kB · 3 columns."""
    parts: list[str] = [Sentence("gui.choose_data.rows_number", rows=preview.rows_total)] if preview.rows_total else []
    if preview.size_bytes:
        parts.append(size(preview.size_bytes))
    return " · ".join([*parts, Sentence("gui.choose_data.columns_number", columns=len(preview.columns))])
