"""A form over one frozen settings record: `value()`, `set_value()`, `changed`.

Title, tooltip and range of each field come from `engine.contract.settings`; an impossible value gets a sentence
below its field, and `value()` keeps the last possible one.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin

import msgspec
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.contract.errors import InvalidSetting
from engine.contract.sentences import Sentence
from engine.contract.settings import check, field_sentence, field_title, fields_of
from gui.components.choices import Choice, bounded
from gui.components.numbers import read_float, read_int, write_number
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
from gui.design.theme import HALF, INSIDE, MARGIN

Settings = TypeVar("Settings", bound=msgspec.Struct)
Captions = Mapping[str, Sequence[tuple[Any, str]]]  # field name: values with what they are called
LONGEST_QUOTE = 40  # characters
NO_CAPTIONS: Captions = types.MappingProxyType({})


def zero_text(field: str) -> str:
    """What 0 means where it is no amount, so that the field is empty and shows this; empty where it is an amount."""
    match field:
        case "patience":
            return Sentence("gui.components.zero_patience")
        case "threads":
            return Sentence("gui.components.zero_threads")
        case "gpus":
            return Sentence("gui.components.zero_gpus")
        case "evaluation_interval":
            return Sentence("gui.components.zero_evaluation_interval")
        case "row_limit":
            return Sentence("gui.components.zero_row_limit")
        case "max_length":
            return Sentence("gui.components.zero_max_length")
        case _:
            return ""


class SettingsForm(QWidget, Generic[Settings]):
    """Shows the named fields of a settings record in `columns` columns, in fewer where they do not fit.

    A field with entries in `captions` is a choice among these values; a `Literal` field is one without them too.
    """

    changed = Signal()

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        parent: QWidget | None = None,
        *,
        columns: int = 2,
        captions: Captions = NO_CAPTIONS,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._fields: dict[str, SettingField] = {}
        self._most_columns, self._columns = columns, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(MARGIN)
        self._grid.setVerticalSpacing(INSIDE)
        for name in names:
            self._fields[name] = SettingField(type(settings), name, captions.get(name, ()))
        self._arrange(columns)
        self.set_value(settings)
        for field in self._fields.values():
            field.edited.connect(self._edited)

    def value(self) -> Settings:
        """The settings as entered; a refused field keeps its last possible value."""
        return self._settings

    def set_value(self, settings: Settings) -> None:
        """Shows these settings; emits no signal."""
        self._settings = settings
        for name, field in self._fields.items():
            field.show_value(getattr(settings, name))
            field.refuse("")

    def set_choices(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        """Replaces what a choice field offers; keeps what is chosen where that is possible."""
        self._fields[name].offer(choices)
        self._fields[name].show_value(getattr(self._settings, name))

    def set_zero_text(self, name: str, text: str) -> None:
        """What an empty field shows where 0 is no amount, such as "Auto (40)"."""
        self._fields[name].set_zero_text(text)

    def is_valid(self) -> bool:
        """Whether every field shown holds a possible value."""
        return not self.errors()

    def errors(self) -> dict[str, str]:
        """The sentence of every refused field."""
        return {name: field.refusal for name, field in self._fields.items() if field.refusal}

    def show_refusal(self, name: str, sentence: str) -> bool:
        """Puts a sentence of the engine below its field; returns False where the field is not shown."""
        if name not in self._fields:
            return False
        self._fields[name].refuse(sentence)
        return True

    def field(self, name: str) -> SettingField:
        """The field of this name, e.g. to hide it or to reach its editor."""
        return self._fields[name]

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(1), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a choice has longer entries than before
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        fitting = (columns for columns in range(self._most_columns, 1, -1) if self._needed(columns) <= self.width())
        self._arrange(next(fitting, 1))

    def _needed(self, columns: int) -> int:
        """Pixels of width that the fields need in so many columns."""
        fields = list(self._fields.values())
        widths = [
            max(
                (field.minimumSizeHint().width() for field in fields[column::columns] if not field.isHidden()),
                default=0,
            )
            for column in range(columns)
        ]
        return sum(widths) + MARGIN * (columns - 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, field in enumerate(self._fields.values()):
            self._grid.addWidget(field, number // columns, number % columns, Qt.AlignmentFlag.AlignTop)
        for column in range(self._most_columns):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _edited(self, name: str) -> None:
        field = self._fields[name]
        try:
            entered = msgspec.structs.replace(self._settings, **{name: field.read()})
            check(entered)
        except InvalidSetting as error:
            field.refuse(error.message)
        except ValueError as error:
            field.refuse(str(error))
        else:
            field.refuse("")
            self._settings = entered
        self.changed.emit()


class SettingField(QWidget):
    """One setting: its title, its editor and, where needed, why its value is refused."""

    edited = Signal(str)  # the field's name

    def __init__(self, kind: type[msgspec.Struct], name: str, choices: Sequence[tuple[Any, str]] = ()) -> None:
        super().__init__()
        self.name = name
        self.refusal = ""
        self._is_narrow = False
        self._zero = zero_text(name)
        self._title = field_title(kind, name)
        self._type = _plain_type(kind, name)
        self._help = field_sentence(kind, name)
        if not choices and get_origin(self._type) is Literal:
            choices = [(value, str(value) or Sentence("gui.components.detect")) for value in get_args(self._type)]
        self.editor: QLineEdit | QComboBox | QCheckBox
        if choices:
            self.editor = Choice()
            self.offer(choices)
            self.editor.activated.connect(self._chosen)
        elif self._type is bool:
            self.editor = QCheckBox(self._title)
            self.editor.clicked.connect(lambda _checked: self.edited.emit(self.name))
        else:
            self.editor = QLineEdit()
            self.editor.setPlaceholderText(self._zero)
            self.editor.textEdited.connect(lambda _text: self.edited.emit(self.name))
        self.editor.setAccessibleName(self._title)
        self.editor.setAccessibleDescription(self._help)
        self._label = PlainLabel(self._title, role="secondary")
        self._label.setBuddy(self.editor)
        # A check box carries its title itself; the empty line above keeps it level with its neighbours.
        self._label.setText("" if isinstance(self.editor, QCheckBox) else self._title)
        self._refusal_label = PlainLabel(role="bad", wrap=True)
        self._refusal_label.hide()
        for widget in (self._label, self.editor):
            set_tooltip(widget, self._help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._label)
        self._line = QHBoxLayout()
        self._line.setSpacing(HALF)
        self._line.addWidget(self.editor, 1)
        column.addLayout(self._line)
        column.addWidget(self._refusal_label)
        column.addStretch(1)
        # No focus proxy: Qt takes a field that has one for a stop of its own, and Tab goes round in the form for ever.

    def add_button(self, button: QWidget) -> None:
        """Puts a button that helps with this field to the right of its editor."""
        self._line.addWidget(button)
        QWidget.setTabOrder(self.editor, button)

    def set_zero_text(self, text: str) -> None:
        """What the empty field shows; only for fields in which 0 is no amount."""
        self._zero = text
        if isinstance(self.editor, QLineEdit):
            self.editor.setPlaceholderText(text)

    def keep_narrow(self, characters: int) -> None:
        """Keeps a choice about so many characters wide; a longer entry is cut and whole in the tooltip."""
        assert isinstance(self.editor, QComboBox)
        bounded(self.editor, characters)
        self._is_narrow = True

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offers these values, each with what it is called."""
        assert isinstance(self.editor, QComboBox)
        self.editor.clear()
        for value, caption in choices:
            self.editor.addItem(caption, value)

    def show_value(self, value: Any) -> None:
        """Shows a value that is in force."""
        if isinstance(self.editor, QComboBox):
            position = next((i for i in range(self.editor.count()) if self.editor.itemData(i) == value), -1)
            self.editor.setCurrentIndex(position)
            self._show_tooltip()
        elif isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        else:
            text = write_number(value) if isinstance(value, int | float) else str(value)
            self.editor.setText("" if value == 0 and zero_text(self.name) else text)
            self.editor.setCursorPosition(0)

    def _chosen(self) -> None:
        self._show_tooltip()
        self.edited.emit(self.name)

    def _show_tooltip(self) -> None:
        if self._is_narrow and isinstance(self.editor, QComboBox):
            set_tooltip(self.editor, f"{self.editor.currentText()}\n{self._help}")

    def read(self) -> Any:
        """What is entered; raises `ValueError` with a sentence when it is no value of the field's kind."""
        if isinstance(self.editor, QComboBox):
            return self.editor.currentData()
        if isinstance(self.editor, QCheckBox):
            return self.editor.isChecked()
        text = self.editor.text()
        if self._type is str:
            return text
        if (usual := zero_text(self.name)) and text.strip().lower() in ("", usual.lower(), self._zero.lower()):
            return 0
        reader, kind = (
            (read_int, Sentence("gui.components.whole_number"))
            if self._type is int
            else (read_float, Sentence("gui.components.number"))
        )
        try:
            return reader(text)
        except (ValueError, OverflowError) as error:
            what = (
                Sentence("gui.components.not", text=shortened(text), kind=kind)
                if text.strip()
                else Sentence("gui.components.needs", kind=kind)
            )
            raise ValueError(f"{self._title}: {what}.") from error

    def refuse(self, sentence: str) -> None:
        """Shows why the value is refused; an empty sentence removes that."""
        if sentence == self.refusal:
            return
        self.refusal = sentence
        self._refusal_label.setText(sentence)
        self._refusal_label.setVisible(bool(sentence))
        self.editor.setProperty("refused", bool(sentence))
        self.editor.setAccessibleDescription(f"{sentence} {self._help}".strip())
        repolish(self.editor)


def shortened(text: str) -> str:
    """What is quoted of an entry: a page that was pasted by mistake does not fill the window."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"


def _plain_type(kind: type[msgspec.Struct], name: str) -> Any:
    annotation = next(field.type for field in fields_of(kind) if field.name == name)
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
