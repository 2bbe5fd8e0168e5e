"""What was loaded: its facts, a drawing of its parts, and a sentence as this model reads it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from engine.contract.formatting import number, size
from engine.contract.queries import MaskedWordsGuessed, TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHandle
from gui.components.card import Card
from gui.components.fact_grid import FactGrid
from gui.components.hub_verdict import language_name
from gui.components.layouts import SideBySide, horizontal, vertical
from gui.components.numbers import count_text
from gui.components.plain_label import PlainLabel
from gui.components.throttle import Debounce
from gui.design import assets
from gui.design.theme import SPACE, appearance, theme
from gui.load_model.network_drawing import NetworkDrawing
from gui.load_model.token_strip import TokenStrip

WIDTHS = (560, 560)  # pixels that the facts and the sentence need beside each other
PAUSE = 300  # milliseconds after the last key before the sentence is read


class ModelSummary(QWidget):
    """Shown once a model is loaded. `sentence_typed` asks for the tokens of a sentence."""

    sentence_typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._headline = PlainLabel(Sentence("gui.load_model.loaded"), role="group")
        self.name = PlainLabel(role="quiet", elide=True)
        self.facts = FactGrid()
        self._drawing = NetworkDrawing()
        self.notes = PlainLabel(role="quiet", wrap=True)
        self.sentence = QLineEdit(Sentence("gui.load_model.example"))
        self.sentence.setAccessibleName(Sentence("gui.load_model.sentence_try"))
        self.sentence.setMaxLength(5_000)
        self.sentence.setPlaceholderText(Sentence("gui.load_model.type_sentence"))
        self.strip = TokenStrip()
        self._reading = PlainLabel(role="secondary", wrap=True)
        self.guesses = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.guesses.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mask_token = ""

        headline = horizontal(None, self._icon, self._headline, gap=SPACE)
        headline.addWidget(self.name, 1)
        loaded = Card()
        loaded.column.setSpacing(2 * SPACE)
        loaded.column.addLayout(headline)
        loaded.column.addWidget(self.facts)
        loaded.column.addWidget(self._drawing)
        loaded.column.addWidget(self.notes)
        try_it = Card(Sentence("gui.load_model.how_model_reads_sentence"))
        label = PlainLabel(Sentence("gui.load_model.under_each_token_number_vocabulary"), role="quiet", wrap=True)
        label.setBuddy(self.sentence)
        try_it.column.addWidget(label)
        try_it.column.addWidget(self.sentence)
        try_it.column.addWidget(self.strip)
        try_it.column.addWidget(self._reading)
        try_it.column.addWidget(self.guesses)
        loaded.column.addStretch(1)
        try_it.column.addStretch(1)
        vertical(self, SideBySide(loaded, try_it, WIDTHS))

        self._typed = Debounce(self, PAUSE, lambda: self.sentence_typed.emit(self.sentence.text()))
        self.sentence.textEdited.connect(self._typed.request)
        appearance().changed.connect(self._paint)
        self._paint()

    def show_model(self, model: ModelHandle) -> None:
        """Shows this model."""
        self.name.setText(model.name)
        self.facts.show_facts(facts_of(model))
        self._drawing.show_model(model)
        self.notes.setText("\n".join(model.notes))
        self.notes.setVisible(bool(model.notes))
        self.strip.show_tokens(None)
        self._reading.setText("")
        self._reading.hide()
        self._mask_token = model.mask_token
        self.show_guesses(None)

    def show_tokens(self, pieces: TokenizedText) -> None:
        """Shows a sentence as the model reads it."""
        self.strip.show_tokens(pieces)
        self._reading.hide()

    def show_guesses(self, guessed: MaskedWordsGuessed | None) -> None:
        """Shows the words for the masks of the sentence; without them, how to ask for some, where the model can."""
        if guessed is not None and guessed.masks:
            lines = [
                Sentence(
                    "gui.load_model.guessed",
                    token=self._mask_token,
                    words=[
                        Sentence("gui.load_model.guessed_word", word=one.word, probability=one.probability)
                        for one in mask
                    ],
                )
                for mask in guessed.masks
            ]
            self.guesses.setText("\n".join(lines))
        elif guessed is not None:
            self.guesses.setText(Sentence("gui.load_model.cannot_guess"))
        else:
            self.guesses.setText(Sentence("gui.load_model.type_mask", token=self._mask_token))
        self.guesses.setVisible(bool(self._mask_token))

    def show_problem(self, sentence: str) -> None:
        """Shows why the tokens of the sentence cannot be shown now."""
        self.strip.show_tokens(None)
        self._reading.setText(sentence)
        self._reading.setVisible(bool(sentence))

    def _paint(self) -> None:
        self._icon.setPixmap(assets.pixmap("good", theme().good, 20))


def facts_of(model: ModelHandle) -> list[tuple[str, str]]:
    """The facts worth showing, as pairs."""
    cases = {
        True: Sentence("gui.load_model.read_same"),
        False: Sentence("gui.load_model.kept_apart"),
        None: Sentence("gui.load_model.not_stated"),
    }
    languages = ", ".join(language_name(code) for code in model.languages[:4])
    if len(model.languages) > 4:
        languages += Sentence("gui.load_model.more", value=len(model.languages) - 4)
    return [
        (Sentence("gui.load_model.architecture"), model.architecture),
        (Sentence("gui.load_model.parameters"), count_text(model.parameters)),
        (Sentence("gui.load_model.layers"), f"{model.layers}"),
        (Sentence("gui.load_model.hidden_size"), number(model.hidden_size)),
        (Sentence("gui.load_model.attention_heads"), f"{model.attention_heads}"),
        (
            Sentence("gui.load_model.vocabulary"),
            Sentence("gui.load_model.tokens", vocabulary_size=model.vocabulary_size),
        ),
        (Sentence("gui.load_model.maximum_length"), Sentence("gui.load_model.tokens_2", max_length=model.max_length)),
        (Sentence("gui.load_model.size_disk"), size(model.size_bytes)),
        (Sentence("gui.load_model.languages"), languages or Sentence("gui.load_model.not_stated")),
        (Sentence("gui.load_model.upper_lower_case"), cases[model.lower_case]),
        (Sentence("gui.load_model.licence"), model.license or Sentence("gui.load_model.not_stated")),
    ]
