"""How the file is read: format, encoding, delimiter, quotes, header. A form over `ReadingOptions`.

Each choice begins with what was detected from the file's content, and is marked so; the others overrule it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from engine.contract.file_formats import FILE_FORMATS, FormatName, applies_to
from engine.contract.settings import ReadingOptions, field_meta, field_title
from gui.components.choices import Choice
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import set_tooltip
from gui.design.theme import HALF, INSIDE, SPACE

CHOICES: Mapping[str, Mapping[str, str]] = {
    "format": {one.name: one.title for one in FILE_FORMATS},
    "part": {},
    "encoding": {
        "utf-8": "UTF-8",
        "utf-16": "UTF-16",
        "utf-32": "UTF-32",
        "cp1252": "Western (Windows-1252)",
        "iso-8859-15": "Western (ISO 8859-15)",
        "mac-roman": "Western (Mac Roman)",
        "cp850": "Western (DOS 850)",
        "cp858": "Western (DOS 858)",
        "cp437": "Western (DOS 437)",
        "cp860": "Portuguese (DOS 860)",
        "cp865": "Nordic (DOS 865)",
        "cp1250": "Central European (Windows-1250)",
        "iso-8859-2": "Central European (ISO 8859-2)",
        "mac-latin2": "Central European (Mac)",
        "cp852": "Central European (DOS 852)",
        "iso-8859-16": "Romanian (ISO 8859-16)",
        "cp1257": "Baltic (Windows-1257)",
        "iso-8859-13": "Baltic (ISO 8859-13)",
        "iso-8859-4": "Baltic (ISO 8859-4)",
        "cp775": "Baltic (DOS 775)",
        "cp1251": "Cyrillic (Windows-1251)",
        "koi8-r": "Cyrillic (KOI8-R)",
        "koi8-u": "Ukrainian (KOI8-U)",
        "iso-8859-5": "Cyrillic (ISO 8859-5)",
        "mac-cyrillic": "Cyrillic (Mac)",
        "cp866": "Cyrillic (DOS)",
        "cp855": "Cyrillic (DOS 855)",
        "cp1125": "Ukrainian (DOS 1125)",
        "cp1253": "Greek (Windows-1253)",
        "iso-8859-7": "Greek (ISO 8859-7)",
        "mac-greek": "Greek (Mac)",
        "cp737": "Greek (DOS 737)",
        "cp869": "Greek (DOS 869)",
        "cp1254": "Turkish (Windows-1254)",
        "mac-turkish": "Turkish (Mac)",
        "cp857": "Turkish (DOS 857)",
        "cp1255": "Hebrew (Windows-1255)",
        "cp862": "Hebrew (DOS 862)",
        "cp1256": "Arabic (Windows-1256)",
        "iso-8859-6": "Arabic (ISO 8859-6)",
        "cp720": "Arabic (DOS 720)",
        "cp1258": "Vietnamese (Windows-1258)",
        "cp874": "Thai (Windows-874)",
        "shift_jis": "Japanese (Shift JIS)",
        "cp932": "Japanese (Windows-932)",
        "euc-jp": "Japanese (EUC-JP)",
        "iso2022_jp_2": "Japanese (ISO 2022-JP)",
        "gb18030": "Chinese (GB 18030)",
        "big5": "Chinese (Big5)",
        "big5hkscs": "Chinese (Big5-HKSCS)",
        "euc-kr": "Korean (EUC-KR)",
        "cp949": "Korean (Windows-949)",
        "johab": "Korean (Johab)",
        "iso2022_kr": "Korean (ISO 2022-KR)",
    },
    "delimiter": {",": "Comma", "\t": "Tab", ";": "Semicolon", "|": "Vertical bar", " ": "Space"},
    "quoting": {"quoted": "Enclosing", "escaped": "Enclosing, \\ before them", "plain": "Plain"},
    "header": {"yes": "First row", "no": "None"},
    "offsets": {
        "characters": "Characters",
        "characters-inclusive": "Characters, end included",
        "utf-16": "UTF-16",
        "utf-16-inclusive": "UTF-16, end included",
        "utf-8": "Bytes of UTF-8",
    },
}
FIELD_WIDTH = 112  # pixels
POPUP_WIDTH = 210  # pixels


class ReadingLine(QWidget):
    """Choices in a line, or more where it is narrow; those that do not apply to the format are hidden."""

    changed = Signal()  # the user chose something else

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[str, ...] = ()
        self._labels: dict[str, QLabel] = {}
        self._combos: dict[str, QComboBox] = {}
        self._fields: dict[str, QWidget] = {}  # a choice with its label above it
        line = FlowRow(self, gap=INSIDE, line_gap=SPACE)
        for name, choices in CHOICES.items():
            label = QLabel(field_title(ReadingOptions, name))
            label.setProperty("role", "secondary")
            combo = Choice(popup_width=POPUP_WIDTH)
            combo.addItem("", "")
            combo.insertSeparator(1)
            for value, caption in choices.items():
                combo.addItem(caption, value)
            combo.setMinimumContentsLength(4)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setMinimumWidth(FIELD_WIDTH)
            combo.setAccessibleName(field_title(ReadingOptions, name))
            meta = field_meta(ReadingOptions, name)
            set_tooltip(combo, meta.description or "" if meta is not None else "")
            label.setBuddy(combo)
            field = QWidget()
            vertical(field, label, combo, gap=HALF)
            line.addWidget(field)
            self._labels[name], self._combos[name], self._fields[name] = label, combo, field
            combo.activated.connect(self.changed)

    def value(self) -> ReadingOptions:
        """What the user chose; empty where the file's content decides."""
        return ReadingOptions(**{name: combo.currentData() for name, combo in self._combos.items()})

    def set_value(self, chosen: ReadingOptions, found: ReadingOptions, parts: Sequence[str] = ()) -> None:
        """Shows what was chosen, and what was detected where nothing was; `parts` are sheets or files inside."""
        self._parts = tuple(parts)
        part = self._combos["part"]
        while part.count() > 2:
            part.removeItem(2)
        for name in self._parts:
            part.addItem(name if len(name) <= 60 else f"…{name[-58:]}", name)
        for name, combo in self._combos.items():
            wanted, detected = getattr(chosen, name), getattr(found, name)
            caption = CHOICES[name].get(detected) or _visible(detected)
            combo.setItemText(0, caption or "Detect")
            self._labels[name].setText(
                field_title(ReadingOptions, name) + ("" if wanted or not caption else " · detected")
            )
            position = combo.findData(wanted)
            if position < 0:
                combo.addItem(_visible(wanted), wanted)
                position = combo.count() - 1
            combo.setCurrentIndex(position)
        self._show_what_applies(found.format or chosen.format)

    def choose(self, name: str, value: str) -> None:
        """The user chose this elsewhere."""
        combo = self._combos[name]
        position = combo.findData(value)
        if position < 0:
            combo.addItem(_visible(value), value)
            position = combo.count() - 1
        combo.setCurrentIndex(position)
        self.changed.emit()

    def offer_parts(self, parts: Sequence[str]) -> None:
        """Opens the choice of a sheet or of a file inside; `parts` are its names, empty where they are known."""
        combo = self._combos["part"]
        if parts:
            chosen = self.value()
            self.set_value(msgspec.structs.replace(chosen, part=""), ReadingOptions(format=chosen.format), parts)
        self._fields["part"].setVisible(combo.count() > 2)
        combo.setFocus()
        combo.showPopup()

    def combo(self, name: str) -> QComboBox:
        """The choice of a field of `ReadingOptions`."""
        return self._combos[name]

    def _show_what_applies(self, format: FormatName | Literal[""]) -> None:
        for name, field in self._fields.items():
            field.setVisible(len(self._parts) > 1 if name == "part" else applies_to(name, format))


def _visible(value: str) -> str:
    return {"\t": "Tab", " ": "Space"}.get(value, value)
