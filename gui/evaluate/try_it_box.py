"""A box to type a sentence into, and the prediction of the fine-tuned network while one types.

`requested` is emitted when there is something to predict; the page brings the prediction. Everything in the box is
plain text, pasted text too; one that is far longer than any network reads is cut, with a note in the box.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from engine.contract.formatting import number, percent
from engine.contract.queries import Prediction
from engine.contract.sentences import Sentence
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import show_endless
from gui.components.throttle import Debounce
from gui.design.theme import SPACE
from gui.evaluate.entity_text import EntityText
from gui.evaluate.score_bars import ScoreBar, ScoreBars

TYPING_PAUSE = 80  # ms after the last key before a prediction is requested: it shall be there 150 ms after that key
SLOW_AFTER = 400  # ms without a prediction before the box shows that it waits
LONGEST_TEXT = 20_000  # characters; no network here reads as much
MOST_BARS = 6
EDIT_HEIGHT, ENTITIES_HEIGHT = 76, 186


class TryItBox(QWidget):
    """Requests a prediction through `requested`; shows it as bars or as a text with its entities."""

    requested = Signal(str)
    cleared = Signal()  # the box is empty: no prediction is needed any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._types: tuple[str, ...] = ()
        self._max_length = 0
        self.edit = _Edit()
        self.edit.setPlaceholderText(Sentence("gui.evaluate.type_paste_sentence"))
        self.edit.setAccessibleName(Sentence("gui.evaluate.sentence_try"))
        self.edit.setFixedHeight(EDIT_HEIGHT)
        self.second_edit = _Edit()
        self.second_edit.setPlaceholderText(Sentence("gui.evaluate.second_text_pair"))
        self.second_edit.setAccessibleName(Sentence("gui.evaluate.second_text_pair"))
        self.second_edit.setFixedHeight(EDIT_HEIGHT)
        self.second_edit.hide()
        self.value = PlainLabel(selectable=True)
        self.value.setStyleSheet("font-size: 26px; font-weight: 600;")
        self.cut = PlainLabel(Sentence("gui.evaluate.text_cut", characters=LONGEST_TEXT), role="caution", wrap=True)
        self.bars = ScoreBars(Sentence("gui.evaluate.probabilities_labels"))
        self.entities = EntityText()
        self._entities_area = QScrollArea()
        self._entities_area.setWidget(self.entities)
        self._entities_area.setWidgetResizable(True)
        self._entities_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._entities_area.setAccessibleName(Sentence("gui.evaluate.entities_text"))
        self._entities_area.viewport().setAutoFillBackground(False)
        self.entities.setAutoFillBackground(False)
        self.progress = QProgressBar()
        show_endless(self.progress)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(Sentence("gui.evaluate.waiting_prediction"))
        self.note = PlainLabel(role="secondary", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        for widget in (
            self.edit,
            self.second_edit,
            self.cut,
            self.value,
            self.bars,
            self._entities_area,
            self.progress,
            self.note,
        ):
            column.addWidget(widget)
        column.addStretch(1)

        self._pause = Debounce(self, TYPING_PAUSE, self.request_now)
        self._slow = Debounce(self, SLOW_AFTER, self._show_predicting)
        for edit in (self.edit, self.second_edit):
            edit.textChanged.connect(self._typed)
            edit.entered.connect(self.request_now)
            edit.was_cut.connect(self.cut.show)
        self.cut.hide()
        self._show_nothing(Sentence("gui.evaluate.prediction_appears"))

    def take_run(self, entity_types: Sequence[str], max_length: int, *, pairs: bool = False) -> None:
        """Another network predicts from now on; `entity_types` in the order of their colours, `max_length` in tokens.

        `pairs`: it reads two texts at once.
        """
        self._types = tuple(entity_types)
        self.second_edit.setVisible(pairs)
        self._max_length = max_length
        self._show_nothing(self._hint())
        self.request_now()

    def text(self) -> str:
        """The text in the box."""
        return self.edit.toPlainText()

    def second_text(self) -> str:
        """The text in the second field; empty where texts are single."""
        return "" if self.second_edit.isHidden() else self.second_edit.toPlainText()

    def try_text(self, text: str, second_text: str = "") -> None:
        """Puts this text, or these two, into the box and requests at once; the lines of a pair in one are its texts."""
        if not self.second_edit.isHidden():
            if not second_text:
                text, _, second_text = text.partition("\n")
            self.second_edit.setPlainText(second_text[:LONGEST_TEXT])
        self.edit.setPlainText(text[:LONGEST_TEXT])
        if len(text) > LONGEST_TEXT:
            self.cut.show()
        self.request_now()

    def request_now(self) -> None:
        """Requests a prediction without waiting for a pause in typing."""
        self._pause.stop()
        if self._is_complete():
            self._slow.request()
            self.requested.emit(self.text())

    def _hint(self) -> str:
        return (
            Sentence("gui.evaluate.prediction_appears")
            if self.second_edit.isHidden()
            else Sentence("gui.evaluate.pair_prediction_appears")
        )

    def _is_complete(self) -> bool:
        """Whether there is all that the network reads."""
        return bool(self.text().strip() and (self.second_edit.isHidden() or self.second_text().strip()))

    def show_prediction(self, prediction: Prediction, *, entities: bool) -> None:
        """Shows a prediction: labels, a number, or entities in the text."""
        self._end_waiting()
        self.bars.setVisible(not entities and prediction.value is None)
        self.value.setVisible(prediction.value is not None)
        self._entities_area.setVisible(entities)
        notes: list[str] = []
        if entities:
            self.entities.show_entities(prediction.text, prediction.entities, self._types)
            self._fit_entities()
            if not prediction.entities:
                notes.append(Sentence("gui.evaluate.no_entity_found_2"))
            if not self.entities.is_whole():
                notes.append(Sentence("gui.evaluate.beginning_text_shown"))
        elif prediction.value is not None:
            self.value.setText(number(prediction.value, ".4g"))
        else:
            best = prediction.labels[:MOST_BARS]
            self.bars.show_bars(
                [
                    ScoreBar(
                        one.label,
                        one.probability,
                        percent(one.probability),
                        emphasized=_is_predicted(prediction, position),
                    )
                    for position, one in enumerate(best)
                ]
            )
            rest = prediction.labels[MOST_BARS:]
            if prediction.unsure:
                notes.append(Sentence("gui.evaluate.answer_unsure"))
                if prediction.possible:
                    notes.append(Sentence("gui.evaluate.possible_labels", labels=prediction.possible))
            if prediction.answer:
                notes.append(Sentence("gui.evaluate.because_of_threshold", label=prediction.answer))
            elif prediction.threshold and any(one.threshold for one in prediction.labels):
                notes.append(Sentence("gui.evaluate.each_label_has_own_threshold"))
            elif prediction.threshold:
                notes.append(Sentence("gui.evaluate.labels_upwards", threshold=prediction.threshold))
            elif rest:
                together = sum(one.probability for one in rest)
                notes.append(Sentence("gui.evaluate.less_likely", labels=len(rest), share=together))
        if prediction.cut_tokens:
            notes.append(Sentence("gui.evaluate.end_cut", tokens=prediction.cut_tokens, most=self._max_length))
        notes.append(Sentence("gui.evaluate.predicted_in", milliseconds=prediction.milliseconds))
        self.note.setText(" ".join(notes))
        self.note.show()

    def show_waiting(self) -> None:
        """Shows that the prediction comes after the running stage."""
        self._show_nothing(Sentence("gui.evaluate.prediction_waits"))

    def expect_prediction(self) -> None:
        """Shows after a while that a prediction is awaited."""
        if self.text().strip():
            self._slow.request()

    def show_problem(self, sentence: str) -> None:
        """Shows why there is no prediction."""
        self._show_nothing(sentence)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_entities()

    def _typed(self) -> None:
        self.cut.hide()
        if self._is_complete():
            self._pause.request()
        else:
            self._pause.stop()
            self._show_nothing(self._hint())
            self.cleared.emit()
        self.edit.keep_short()
        self.second_edit.keep_short()

    def _show_predicting(self) -> None:
        self.progress.show()
        self.note.setText(Sentence("gui.evaluate.predicting_soon"))
        self.note.show()

    def _show_nothing(self, sentence: str) -> None:
        self._end_waiting()
        self.bars.hide()
        self.value.hide()
        self._entities_area.hide()
        self.note.setText(sentence)
        self.note.show()

    def _end_waiting(self) -> None:
        self._slow.stop()
        self.progress.hide()

    def _fit_entities(self) -> None:
        needed = self.entities.heightForWidth(max(120, self.width()))
        self._entities_area.setFixedHeight(min(ENTITIES_HEIGHT, needed + 2))


class _Edit(QPlainTextEdit):
    """Enter requests at once, Shift+Enter begins a line, Tab leaves; what goes beyond `LONGEST_TEXT` is cut."""

    entered = Signal()
    was_cut = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes a pasted or dropped text as it is written; a huge one never reaches the document whole."""
        text = source.text()
        room = LONGEST_TEXT - self.document().characterCount() + 1 + len(self.textCursor().selectedText())
        self.textCursor().insertText(text[: max(0, room)])
        self.ensureCursorVisible()
        if len(text) > room:
            self.was_cut.emit()

    def keep_short(self) -> None:
        """Cuts what typing or an input method has brought beyond the limit."""
        excess = self.document().characterCount() - 1 - LONGEST_TEXT
        if excess > 0:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter, QTextCursor.MoveMode.KeepAnchor, excess)
            cursor.removeSelectedText()
            self.was_cut.emit()


def _is_predicted(prediction: Prediction, position: int) -> bool:
    """Whether this label is the prediction, or one of several."""
    return not prediction.unsure and prediction.labels[position] in prediction.given
