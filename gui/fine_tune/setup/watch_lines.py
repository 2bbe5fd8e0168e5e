"""Where the user enters the sentences of the watch-list, one a line: `value()`, `set_value()`, `changed`."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.contract.errors import InvalidSetting
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, check, field_sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
from gui.design.theme import HALF

LINES_SHOWN = 3
MOST_CHARACTERS = 25_000  # beyond what the setting takes: a huge paste never reaches the document whole


class WatchLines(QWidget):
    """Lines of text; impossible ones get a sentence beside them, and `value()` keeps the last possible ones."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: tuple[str, ...] = ()
        self._refusal = ""
        self.edit = _Edit()
        self.edit.setAccessibleName(Sentence("gui.fine_tune.watch_list"))
        set_tooltip(self.edit, field_sentence(FineTuneSettings, "watch_list"))
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * LINES_SHOWN + 22)
        self._hint = PlainLabel(Sentence("gui.fine_tune.watch_alone"), role="secondary", wrap=True)
        self._hint.setBuddy(self.edit)
        self._refusal_label = PlainLabel(role="bad", wrap=True)
        self._refusal_label.hide()
        vertical(self, self._hint, self.edit, self._refusal_label, gap=HALF)
        self.edit.textChanged.connect(self._edited)

    def value(self) -> tuple[str, ...]:
        """The sentences, empty lines excluded."""
        return self._value

    def set_value(self, lines: tuple[str, ...]) -> None:
        """Shows these sentences; emits no signal."""
        if lines == self._value:
            return  # the user may be typing: spaces and empty lines stay
        self._value = lines
        self._refuse("")
        self.edit.blockSignals(True)
        self.edit.setPlainText("\n".join(" ".join(line.splitlines()) for line in lines))
        self.edit.blockSignals(False)

    def refusal(self) -> str:
        """Why the lines are refused, or an empty string."""
        return self._refusal

    def expect_pairs(self, pairs: bool) -> None:
        """Whether a line holds two texts."""
        self._hint.setText(Sentence("gui.fine_tune.watch_pairs") if pairs else Sentence("gui.fine_tune.watch_alone"))
        example = Sentence("gui.fine_tune.watch_pair_example") if pairs else Sentence("gui.fine_tune.watch_example")
        self.edit.setPlaceholderText(example)

    def _edited(self) -> None:
        lines = tuple(line.strip() for line in self.edit.toPlainText().splitlines() if line.strip())
        try:
            check(msgspec.structs.replace(FineTuneSettings(), watch_list=lines))
        except InvalidSetting:
            if len(lines) > 20:
                self._refuse(Sentence("gui.fine_tune.watch_too_many", lines=len(lines)))
            else:
                self._refuse(Sentence("gui.fine_tune.watch_too_long", characters=max(map(len, lines))))
        else:
            self._refuse("")
            self._value = lines
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        if sentence != self._refusal:
            self._refusal = sentence
            self._refusal_label.setText(sentence)
            self._refusal_label.setVisible(bool(sentence))
            self.edit.setProperty("refused", bool(sentence))
            repolish(self.edit)


class _Edit(QPlainTextEdit):
    """Tab leaves; pasted tabs stay, since they part the two texts of a pair."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes a pasted or dropped text as it is written, up to what can ever fit."""
        room = max(0, MOST_CHARACTERS - self.document().characterCount())
        self.textCursor().insertText(source.text()[:room])
        self.ensureCursorVisible()
