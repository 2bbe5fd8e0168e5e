"""How a validation or test file is read, where that is not as the training file is: shown, and changed for it alone.

A form over the files' own `ReadingOptions`, empty where the content decides. It sends no queries itself.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.file_formats import applies_to
from engine.contract.queries import Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from gui.choose_data.source.encoding_question import EncodingQuestion
from gui.choose_data.source.reading_line import ReadingLine
from gui.components.layouts import tab_after, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, INSIDE

SPLITS = ("validation", "test")
COMPARED = ("format", "encoding", "delimiter", "quoting", "header")


class SplitReading(QWidget):
    """A reading line for each further file that is written in another way, and the question about its encoding."""

    changed = Signal(str)  # the split whose file is to be read again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files = {split: _SplitReading() for split in SPLITS}
        vertical(self, *self.files.values(), gap=INSIDE)
        for split, file in self.files.items():
            file.changed.connect(lambda split=split: self.changed.emit(split))
        self.hide()

    def value(self, split: str) -> ReadingOptions:
        """What was chosen about reading this split's file; empty where its content decides."""
        return self.files[split].chosen

    def complaint(self) -> str:
        """What is still to be chosen, in one sentence; empty when nothing is."""
        return next(filter(None, (file.complaint() for file in self.files.values())), "")

    def keep(self, split: str, chosen: ReadingOptions) -> None:
        """Takes this as chosen."""
        self.files[split].chosen = chosen

    def open(self, split: str) -> None:
        """Shows how this split's file is read, also where that is as the training file is."""
        self.files[split].open()
        self.show()

    def wait(self) -> None:
        """Hides everything until the files are shown again."""
        for file in self.files.values():
            file.show_file(None, ReadingOptions())
        self.hide()

    def show_file(self, split: str, preview: Preview, training: ReadingOptions) -> None:
        """Shows how this split's file was read, beside how the training file was."""
        self.files[split].show_file(preview, training)
        self.setVisible(any(not file.isHidden() for file in self.files.values()))


class _SplitReading(QWidget):
    """The reading of one file."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ReadingOptions()
        self._reading_line: ReadingLine | None = None  # most data sets need none: it takes the window 50 ms
        self.encodings = EncodingQuestion()
        self._name = ""
        self._is_open = False  # on request
        self._sentence = PlainLabel(role="secondary", wrap=True)
        self.unusable = PlainLabel(role="caution", wrap=True)
        self._column = vertical(self, self._sentence, self.encodings, self.unusable, gap=HALF)
        self.encodings.chosen.connect(self._choose_encoding)
        self.hide()

    @property
    def reading_line(self) -> ReadingLine:
        """The choices about reading this file, made when they are first needed."""
        if self._reading_line is None:
            self._reading_line = ReadingLine()
            self._column.insertWidget(1, self._reading_line)
            tab_after(self._sentence, self._reading_line)
            self._reading_line.changed.connect(self._choose)
        return self._reading_line

    def show_file(self, preview: Preview | None, training: ReadingOptions) -> None:
        self.encodings.ask(preview.encodings if preview is not None else ())
        if preview is None:
            self.hide()
            return
        self._name = preview.name
        self._sentence.setText(Sentence("gui.choose_data.how_read", file=preview.name))
        self.reading_line.set_value(self.chosen, preview.reading, preview.parts)
        self.unusable.setText("\n".join(preview.unusable))
        self.unusable.setVisible(bool(preview.unusable))
        differs = any(
            getattr(preview.reading, name) != getattr(training, name)
            for name in COMPARED
            if applies_to(name, preview.reading.format) and applies_to(name, training.format)
        )
        own = msgspec.structs.replace(self.chosen, undecodable="") != ReadingOptions()
        other_format = preview.reading.format != training.format
        needs_a_look = bool(self.encodings.buttons) or bool(preview.unusable)
        self.setVisible(differs or own or other_format or self._is_open or needs_a_look)

    def open(self) -> None:
        self._is_open = True
        self.setVisible(bool(self._name))
        self.reading_line.combo("format").setFocus()

    def complaint(self) -> str:
        if not self.encodings.buttons:
            return ""
        return Sentence("gui.choose_data.choose_encoding_of", file=self._name)

    def _choose(self) -> None:
        self.chosen = msgspec.structs.replace(self.reading_line.value(), undecodable=self.chosen.undecodable)
        self.changed.emit()

    def _choose_encoding(self, encoding: str) -> None:
        self.reading_line.combo("encoding").setFocus()  # the buttons disappear; there the choice can be changed
        self.reading_line.choose("encoding", encoding)
