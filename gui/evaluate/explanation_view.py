"""Why a text is answered as it is: its tokens by what they add, and the training rows that read most like it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskExplanation, AskNearRows, Explanation, NearRow, NearRows, RunReference
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.tasks.registry import task_facts
from gui.components.layouts import FlowRow, vertical
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.attribution_strip import AttributionStrip
from gui.session import Session

LONGEST_NEAR = 140  # characters of a neighbour
LARGE_ERROR = 0.05  # of the sum, from which the strip is marked as rough


class ExplanationView(QWidget):
    """Two buttons, the strip and the neighbours; `offer` names the text that is meant."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: TrainingRun | None = None
        self._text: tuple[str, str] | None = None
        self.why = LongQuery(
            session, Sentence("gui.evaluate.why_answer"), Sentence("gui.evaluate.shows_how_much_each_token")
        )
        self.nearest = LongQuery(
            session,
            Sentence("gui.evaluate.similar_training_rows"),
            Sentence("gui.evaluate.lists_training_rows_read_most"),
        )
        self.strip = AttributionStrip()
        self.note = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.near = PlainLabel(role="body", wrap=True, selectable=True)
        buttons = QWidget()
        line = FlowRow(buttons, gap=INSIDE, line_gap=HALF)
        line.addWidget(self.why)
        line.addWidget(self.nearest)
        vertical(self, buttons, self.strip, self.note, self.near, gap=SPACE)
        self.why.answered.connect(self._show_explanation)
        self.nearest.answered.connect(self._show_near)
        self.offer(None, None, "")

    def offer(self, run: TrainingRun | None, reference: RunReference | None, text: str, second_text: str = "") -> None:
        """What is asked about from now on; what was shown of another text is taken away."""
        pairs = run is not None and bool(run.dataset.settings.roles.second_text)
        is_whole = bool(text.strip() and (second_text.strip() or not pairs))
        subject = (text, second_text) if is_whole else None
        if subject != self._text or run != self._run:
            self._run, self._text = run, subject
            for part in (self.strip, self.note, self.near):
                part.hide()
        if reference is None or subject is None:
            self.why.offer(None)
            self.nearest.offer(None)
        else:
            self.why.offer(AskExplanation(reference, text, second_text))
            self.nearest.offer(AskNearRows(reference, text, second_text))
        self.setVisible(subject is not None)

    def _show_explanation(self, answer: object) -> None:
        if not isinstance(answer, Explanation):
            return
        self.strip.show_tokens(answer.tokens, answer.attributions, answer.place)
        self.strip.show()
        self.note.setText(explanation_text(answer))
        self.note.show()

    def _show_near(self, answer: object) -> None:
        if isinstance(answer, NearRows) and self._run is not None:
            self.near.setText(
                "\n".join(near_text(row, self._run) for row in answer.rows)
                or Sentence("gui.evaluate.there_no_training_rows")
            )
            self.near.show()


def explanation_text(found: Explanation) -> str:
    """What the strip shows, with the baseline and how far the sum of all tokens is off."""
    label = on_one_line(found.label, 60)
    steps, output, baseline = found.points, found.output, found.baseline
    if not found.label:
        added = Sentence("gui.evaluate.adds_to_number", steps=steps, output=output, baseline=baseline)
    elif found.place < 0:
        added = Sentence("gui.evaluate.adds_to_label", label=label, steps=steps, output=output, baseline=baseline)
    else:
        token = found.tokens[found.place]
        added = Sentence(
            "gui.evaluate.adds_to_token", label=label, token=token, steps=steps, output=output, baseline=baseline
        )
    parts = [added, Sentence("gui.evaluate.tokens_miss", error=found.error)]
    if found.error > LARGE_ERROR:
        parts.append(Sentence("gui.evaluate.values_rough"))
    if found.cut_tokens:
        parts.append(Sentence("gui.evaluate.tokens_had_no_part", tokens=found.cut_tokens))
    parts.append(Sentence("gui.evaluate.seconds", seconds=found.milliseconds / 1000))
    return " ".join(parts)


def near_text(row: NearRow, run: TrainingRun) -> str:
    """A neighbour on one line: its label first."""
    facts = task_facts(run.dataset.task)
    label = facts.label_text(row.label, row.words, run.dataset.label_names) or Sentence("gui.evaluate.no_label")
    return Sentence(
        "gui.evaluate.near_row",
        label=on_one_line(label, 80),
        row=row.number,
        similarity=row.similarity,
        text=on_one_line(row.text, LONGEST_NEAR),
    )
