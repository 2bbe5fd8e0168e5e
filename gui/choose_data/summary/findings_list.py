"""What the checks found in the prepared rows, with the fixes one click away and those already applied.

Requests fixes through signals and shows the next data set when there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.contract.cleaning_rules import MergeLabels, rule_name
from engine.contract.findings import AppliedRule, Finding, read_examples
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from gui.choose_data.summary.excluded_rows import numbers_text
from gui.choose_data.summary.finding_examples import ExamplesTable
from gui.components.card import Card
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import button_text, on_one_line
from gui.design import assets
from gui.design.theme import HALF, INSIDE, SPACE, appearance, theme

ICONS = {"problem": "error", "caution": "caution", "note": "news"}
COLORS = {"problem": "bad", "caution": "caution", "note": "secondary"}
LONGEST_CAPTION = 60
ELSEWHERE = {  # findings that another step can do something about, and the step
    "language": "Load model",
    "casing": "Load model",
    "unknown_pieces": "Load model",
    "pieces_per_word": "Load model",
    "imbalance": "Fine-tune",
}


class FindingsList(Card):
    """A line for each finding, the worst first, and a line for each applied fix."""

    fix_requested = Signal(object)  # Fix
    fixes_requested = Signal(object)  # tuple of several at once
    fix_undone = Signal(object)
    step_requested = Signal(str)  # the title of another step
    row_chosen = Signal(str, int)  # split, number in the file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Sentence("gui.choose_data.findings"), parent)
        self.lines: list[FindingLine] = []
        self.applied: list[AppliedFixLine] = []
        self._reason = ""
        self.reason = PlainLabel(role="caution", wrap=True)
        self.reason.hide()
        self.column.addWidget(self.reason)
        self.applied_title = PlainLabel(Sentence("gui.choose_data.applied_fixes"), role="strong")
        self.column.addWidget(self.applied_title)
        self._done = QVBoxLayout()
        self._done.setSpacing(HALF)
        self.column.addLayout(self._done)
        self.nothing = PlainLabel(Sentence("gui.choose_data.nothing_found"), role="quiet", wrap=True)
        self.column.addWidget(self.nothing)
        self._found = QVBoxLayout()
        self._found.setSpacing(INSIDE)
        self.column.addLayout(self._found)
        appearance().changed.connect(self._paint_icons)

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows the findings of this data set instead of the last."""
        for line in (*self.lines, *self.applied):
            line.hide()
            line.deleteLater()
        self.lines = [FindingLine(finding, dataset.folder) for finding in dataset.findings]
        for kind in dict.fromkeys(line.kind for line in self.lines):
            alike = [line for line in self.lines if line.kind == kind and line.merge is not None]
            if len(alike) > 1:  # each alone would prepare the rows once
                alike[0].offer_all(tuple(line.merge for line in alike if line.merge is not None))
        self.applied = [AppliedFixLine(applied) for applied in dataset.applied]
        for line in self.lines:
            self._found.addWidget(line)
            line.fix_requested.connect(self.fix_requested)
            line.fixes_requested.connect(self.fixes_requested)
            line.step_requested.connect(self.step_requested)
            line.row_chosen.connect(self.row_chosen)
        for done in self.applied:
            self._done.addWidget(done)
            done.undone.connect(self.fix_undone)
        self.nothing.setVisible(not self.lines)
        self.applied_title.setVisible(bool(self.applied))
        self.allow(self._reason)

    def allow(self, reason: str) -> None:
        """Lets fixes be chosen and undone where there is no reason against it."""
        self._reason = reason
        buttons = self.fix_buttons()
        for button in buttons:
            button.setEnabled(not reason)
        self.reason.setText(Sentence("gui.choose_data.no_fix", reason=reason))
        self.reason.setVisible(bool(reason and buttons))

    def fix_buttons(self) -> list[QPushButton]:
        """The buttons that prepare the rows again."""
        return [button for line in self.lines for button in line.offers] + [line.undo for line in self.applied]

    def _paint_icons(self) -> None:
        for line in self.lines:
            line.paint_icon()


class FindingLine(QWidget):
    """One finding: icon, sentence, a button for each fix or to another step, and one that shows rows or pairs."""

    fix_requested = Signal(object)
    fixes_requested = Signal(object)  # tuple of MergeLabels
    step_requested = Signal(str)
    row_chosen = Signal(str, int)

    def __init__(self, finding: Finding, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self._folder = folder
        self._icon = QLabel()
        severity = _severity_name(finding.severity)
        self._icon.setAccessibleName(severity)
        set_tooltip(self._icon, severity)
        self.sentence = PlainLabel(finding.sentence, wrap=True, selectable=True)
        self.sentence.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.numbers = PlainLabel(_numbers_of(finding), role="secondary", wrap=True, selectable=True)
        self.numbers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.numbers.setVisible(bool(self.numbers.text()))
        self.show_button = QPushButton()
        self.show_button.setProperty("kind", "quiet")
        self.show_button.setCheckable(True)
        self.show_button.setVisible(bool(finding.examples))
        self._name_show_button()
        self.offers = [
            self._button(offer.caption, partial(self.fix_requested.emit, offer.rule)) for offer in finding.offers
        ]
        self.elsewhere: QPushButton | None = None
        if finding.id in ELSEWHERE:
            step, (caption, about) = ELSEWHERE[finding.id], _elsewhere(finding.id)
            self.elsewhere = QPushButton(caption)
            self.elsewhere.setAccessibleDescription(finding.sentence)
            set_tooltip(self.elsewhere, about)
            self.elsewhere.clicked.connect(lambda: self.step_requested.emit(step))
        self.examples: ExamplesTable | None = None
        buttons = QWidget(self)
        line = self._buttons = FlowRow(buttons, gap=SPACE, line_gap=HALF)
        for button in (*self.offers, self.elsewhere, self.show_button):
            if button is not None:
                line.addWidget(button)
        self._texts = vertical(None, self.sentence, self.numbers, buttons, gap=HALF)
        buttons.setVisible(bool(finding.examples or self.offers or self.elsewhere))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._texts, 1)
        self.show_button.toggled.connect(self._unfold)
        self.paint_icon()

    @property
    def kind(self) -> str:
        """What was looked for; several findings of one kind are numbered."""
        return re.sub(r"_\d+$", "", self.finding.id)

    @property
    def merge(self) -> MergeLabels | None:
        """The fix that gives labels of this finding one name, where it is the first on offer."""
        rule = self.finding.offers[0].rule if self.finding.offers else None
        return rule if isinstance(rule, MergeLabels) else None

    def offer_all(self, merges: tuple[MergeLabels, ...]) -> None:
        """Offers, here too, what all findings of this kind offer."""
        caption = Sentence("gui.choose_data.merge_all", count=len(merges))
        button = self._button(caption, partial(self.fixes_requested.emit, merges))
        self.offers.append(button)
        self._buttons.addWidget(button)

    def paint_icon(self) -> None:
        """Draws the icon of the severity in the present colours."""
        severity = self.finding.severity
        color = str(getattr(theme(), COLORS[severity]))
        self._icon.setPixmap(assets.pixmap(ICONS[severity], color, 16))

    def _button(self, caption: str, press: Callable[[], None]) -> QPushButton:
        button = QPushButton(button_text(on_one_line(caption, LONGEST_CAPTION)))
        button.setAccessibleDescription(self.finding.sentence)
        set_tooltip(button, Sentence("gui.choose_data.fix_about", fix=caption))
        button.clicked.connect(lambda: press())
        return button

    def _name_show_button(self) -> None:
        if self.show_button.isChecked():
            caption = Sentence("gui.choose_data.hide_pairs" if self.finding.pairs else "gui.choose_data.hide_rows")
        else:
            caption = Sentence("gui.choose_data.show_pairs" if self.finding.pairs else "gui.choose_data.show_rows")
        self.show_button.setText(caption)
        self.show_button.setAccessibleDescription(self.finding.sentence)

    def _unfold(self, unfolded: bool) -> None:
        self._name_show_button()
        if unfolded and self.examples is None:
            self.examples = ExamplesTable(self.finding, read_examples(self._folder, self.finding.id))
            self._texts.addWidget(self.examples)
            self.examples.row_chosen.connect(self.row_chosen)
        if self.examples is not None:
            self.examples.setVisible(unfolded)


class AppliedFixLine(QWidget):
    """An applied fix, what it did, and the button that undoes it."""

    undone = Signal(object)

    def __init__(self, applied: AppliedRule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = rule_name(applied.rule)
        self.sentence = PlainLabel(Sentence("gui.choose_data.named_rows", name=name, rows=applied.rows), wrap=True)
        self.undo = QPushButton(Sentence("gui.choose_data.undo"))
        self.undo.setAccessibleName(Sentence("gui.choose_data.undo_fix", fix=on_one_line(name, 120)))
        set_tooltip(self.undo, Sentence("gui.choose_data.undo_fix_about"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignTop)
        self.undo.clicked.connect(lambda: self.undone.emit(applied.rule))


def _numbers_of(finding: Finding) -> str:
    """The numbers of rows that cannot be shown, because they are not among those prepared."""
    if finding.examples or not finding.rows:
        return ""
    return numbers_text(finding.rows, finding.count)


def _severity_name(severity: str) -> str:
    match severity:
        case "problem":
            return Sentence("gui.choose_data.problem")
        case "caution":
            return Sentence("gui.choose_data.caution")
        case _:
            return Sentence("gui.choose_data.note")


def _elsewhere(finding: str) -> tuple[str, str]:
    """Caption and tooltip of the button to another step."""
    if ELSEWHERE[finding] == "Fine-tune":
        return Sentence("gui.choose_data.go_fine_tune"), Sentence("gui.choose_data.goes_fine_tune")
    is_language = finding == "language"
    caption = Sentence("gui.choose_data.model_for_language" if is_language else "gui.choose_data.another_model")
    return caption, Sentence("gui.choose_data.goes_load_model")
