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
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions, field_sentence, field_title
from gui.components.choices import Choice, fit_to_choice
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import set_tooltip
from gui.design.theme import HALF, INSIDE, SPACE

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
        for name, offered in choices().items():
            label = QLabel(field_title(ReadingOptions, name))
            label.setProperty("role", "secondary")
            combo = Choice(popup_width=POPUP_WIDTH)
            combo.addItem("", "")
            combo.insertSeparator(1)
            for value, caption in offered.items():
                combo.addItem(caption, value)
            combo.setMinimumContentsLength(4)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setMinimumWidth(FIELD_WIDTH)
            combo.setAccessibleName(field_title(ReadingOptions, name))
            set_tooltip(combo, field_sentence(ReadingOptions, name))
            label.setBuddy(combo)
            field = QWidget()
            vertical(field, label, combo, gap=HALF)
            line.addWidget(field)
            self._labels[name], self._combos[name], self._fields[name] = label, combo, field
            combo.activated.connect(self.changed)
            combo.currentTextChanged.connect(lambda _text, name=name: self._fit(name))

    def _fit(self, name: str) -> None:
        """Gives a choice the width that it needs; where that is too much, its tooltip has it whole."""
        combo, about = self._combos[name], field_sentence(ReadingOptions, name)
        fits = fit_to_choice(combo, FIELD_WIDTH, POPUP_WIDTH)
        set_tooltip(combo, about if fits else f"{combo.currentText()}\n{about}")

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
        names = choices()
        for name, combo in self._combos.items():
            wanted, detected = getattr(chosen, name), getattr(found, name)
            caption = names[name].get(detected) or _visible(detected)
            combo.setItemText(0, caption or Sentence("gui.components.detect"))
            title = field_title(ReadingOptions, name)
            is_detected = bool(caption) and not wanted
            self._labels[name].setText(
                Sentence("gui.choose_data.title_detected", title=title) if is_detected else title
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
    """What a value is called that is not among the choices: a separator that cannot be seen has a name."""
    return choices()["delimiter"][value] if value in ("\t", " ") else value


def choices() -> Mapping[str, Mapping[str, str]]:
    """What each field of `ReadingOptions` can be, and what that is called."""
    return {
        "format": {one.name: one.title for one in FILE_FORMATS},
        "part": {},
        "encoding": _encodings(),
        "delimiter": {
            ",": Sentence("gui.choose_data.delimiter_comma"),
            "\t": Sentence("gui.choose_data.delimiter_tab"),
            ";": Sentence("gui.choose_data.delimiter_semicolon"),
            "|": Sentence("gui.choose_data.delimiter_bar"),
            " ": Sentence("gui.choose_data.delimiter_space"),
        },
        "quoting": {
            "quoted": Sentence("gui.choose_data.quoting_enclosing"),
            "escaped": Sentence("gui.choose_data.quoting_escaped"),
            "single": Sentence("gui.choose_data.quoting_single"),
            "plain": Sentence("gui.choose_data.quoting_plain"),
        },
        "header": {
            "yes": Sentence("gui.choose_data.header_first_row"),
            "no": Sentence("gui.choose_data.header_none"),
        },
        "offsets": {
            "characters": Sentence("gui.choose_data.offsets_characters"),
            "characters-inclusive": Sentence("gui.choose_data.offsets_characters_inclusive"),
            "utf-16": "utf-16".upper(),
            "utf-16-inclusive": Sentence("gui.choose_data.offsets_utf16_inclusive"),
            "utf-8": Sentence("gui.choose_data.offsets_utf8"),
        },
    }


def encoding_name(encoding: str) -> str:
    """What an encoding is called; an unknown one as it is."""
    return _encodings().get(encoding, encoding)


def _encodings() -> Mapping[str, str]:
    return {
        **{encoding: encoding.upper() for encoding in ("utf-8", "utf-16", "utf-32")},
        "cp1252": Sentence("gui.choose_data.encoding_cp1252"),
        "iso-8859-15": Sentence("gui.choose_data.encoding_iso_8859_15"),
        "mac-roman": Sentence("gui.choose_data.encoding_mac_roman"),
        "cp850": Sentence("gui.choose_data.encoding_cp850"),
        "cp858": Sentence("gui.choose_data.encoding_cp858"),
        "cp437": Sentence("gui.choose_data.encoding_cp437"),
        "cp860": Sentence("gui.choose_data.encoding_cp860"),
        "cp865": Sentence("gui.choose_data.encoding_cp865"),
        "cp1250": Sentence("gui.choose_data.encoding_cp1250"),
        "iso-8859-2": Sentence("gui.choose_data.encoding_iso_8859_2"),
        "mac-latin2": Sentence("gui.choose_data.encoding_mac_latin2"),
        "cp852": Sentence("gui.choose_data.encoding_cp852"),
        "iso-8859-16": Sentence("gui.choose_data.encoding_iso_8859_16"),
        "cp1257": Sentence("gui.choose_data.encoding_cp1257"),
        "iso-8859-13": Sentence("gui.choose_data.encoding_iso_8859_13"),
        "iso-8859-4": Sentence("gui.choose_data.encoding_iso_8859_4"),
        "cp775": Sentence("gui.choose_data.encoding_cp775"),
        "cp1251": Sentence("gui.choose_data.encoding_cp1251"),
        "koi8-r": Sentence("gui.choose_data.encoding_koi8_r"),
        "koi8-u": Sentence("gui.choose_data.encoding_koi8_u"),
        "iso-8859-5": Sentence("gui.choose_data.encoding_iso_8859_5"),
        "mac-cyrillic": Sentence("gui.choose_data.encoding_mac_cyrillic"),
        "cp866": Sentence("gui.choose_data.encoding_cp866"),
        "cp855": Sentence("gui.choose_data.encoding_cp855"),
        "cp1125": Sentence("gui.choose_data.encoding_cp1125"),
        "cp1253": Sentence("gui.choose_data.encoding_cp1253"),
        "iso-8859-7": Sentence("gui.choose_data.encoding_iso_8859_7"),
        "mac-greek": Sentence("gui.choose_data.encoding_mac_greek"),
        "cp737": Sentence("gui.choose_data.encoding_cp737"),
        "cp869": Sentence("gui.choose_data.encoding_cp869"),
        "cp1254": Sentence("gui.choose_data.encoding_cp1254"),
        "mac-turkish": Sentence("gui.choose_data.encoding_mac_turkish"),
        "cp857": Sentence("gui.choose_data.encoding_cp857"),
        "cp1255": Sentence("gui.choose_data.encoding_cp1255"),
        "cp862": Sentence("gui.choose_data.encoding_cp862"),
        "cp1256": Sentence("gui.choose_data.encoding_cp1256"),
        "iso-8859-6": Sentence("gui.choose_data.encoding_iso_8859_6"),
        "cp720": Sentence("gui.choose_data.encoding_cp720"),
        "cp1258": Sentence("gui.choose_data.encoding_cp1258"),
        "cp874": Sentence("gui.choose_data.encoding_cp874"),
        "shift_jis": Sentence("gui.choose_data.encoding_shift_jis"),
        "cp932": Sentence("gui.choose_data.encoding_cp932"),
        "euc-jp": Sentence("gui.choose_data.encoding_euc_jp"),
        "iso2022_jp_2": Sentence("gui.choose_data.encoding_iso2022_jp_2"),
        "gb18030": Sentence("gui.choose_data.encoding_gb18030"),
        "big5": Sentence("gui.choose_data.encoding_big5"),
        "big5hkscs": Sentence("gui.choose_data.encoding_big5hkscs"),
        "euc-kr": Sentence("gui.choose_data.encoding_euc_kr"),
        "cp949": Sentence("gui.choose_data.encoding_cp949"),
        "johab": Sentence("gui.choose_data.encoding_johab"),
        "iso2022_kr": Sentence("gui.choose_data.encoding_iso2022_kr"),
    }
