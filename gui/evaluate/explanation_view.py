"""Why a text is answered as it is: its tokens by what they add, and the training rows that read most like it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskExplanation, AskNearRows, Explanation, NearRow, NearRows, RunReference
from engine.contract.formatting import count
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
LARGE_ERROR = 0.05  # of the sum, from which the strip says that it is rough


class ExplanationView(QWidget):
    """Two buttons, the strip and the neighbours; `offer` names the text that is meant."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: TrainingRun | None = None
        self._text: tuple[str, str] | None = None
        self.why = LongQuery(session, "Why this answer", "Shows how much each token adds to the answer.")
        self.nearest = LongQuery(
            session,
            "Similar training rows",
            "Lists the training rows that read most like this text, with their labels. Reads all rows the first time.",
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
                "\n".join(near_text(row, self._run) for row in answer.rows) or "There are no training rows."
            )
            self.near.show()


def explanation_text(found: Explanation) -> str:
    """What the strip shows, with the baseline and how far the sum of all tokens is off."""
    what = f"“{on_one_line(found.label, 60)}”" if found.label else "the number"
    where = f" of the outlined token “{found.tokens[found.place]}”" if found.place >= 0 else ""
    unit = "" if not found.label else "logit "
    parts = [
        f"What each token adds to {what}{where}, by integrated gradients in {found.points} steps: {unit}"
        f"{found.output:.2f}, with padding in place of all words {found.baseline:.2f}.",
        f"All tokens together miss the difference by {100 * found.error:.1f} %.",
    ]
    if found.error > LARGE_ERROR:
        parts.append("Take single values as rough.")
    if found.cut_tokens:
        parts.append(f"{count(found.cut_tokens, 'token')} beyond the maximum length had no part in it.")
    parts.append(f"{found.milliseconds / 1000:.1f} s.")
    return " ".join(parts)


def near_text(row: NearRow, run: TrainingRun) -> str:
    """A neighbour on one line: its label first."""
    facts = task_facts(run.dataset.task)
    label = facts.label_text(row.label, row.words, run.dataset.label_names) or "no label"
    return (
        f"{on_one_line(label, 80)} · row {row.number:,} ({row.similarity:.2f}): {on_one_line(row.text, LONGEST_NEAR)}"
    )
