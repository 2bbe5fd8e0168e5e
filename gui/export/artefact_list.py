"""What is exported: each artefact with a checkbox, what it is for, and its figures once it was proven."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from engine.contract.artefact_sentences import figures_text
from engine.contract.artefacts import ARTEFACTS, ArtefactName, with_needs
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design import assets
from gui.design.theme import HALF, SPACE, appearance, theme

MARK = 20  # pixels of a mark
# Of the weights in fp32, as measured with the starter (docs/measured.md): 92, 91, 25, 23 and 31 MB.
SIZES: dict[ArtefactName, float] = {
    "transformers": 1.0,
    "onnx": 1.0,
    "onnx_int8": 0.28,
    "onnx_fastest": 0.25,
    "html": 0.345,
}
ALWAYS: dict[ArtefactName, int] = {"html": 5_000_000}  # bytes of ONNX Runtime Web and its licences


class ArtefactList(QWidget):
    """A form over the chosen artefacts; what one of them needs is checked with it and cannot be taken away."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[ArtefactName, QCheckBox] = {}
        self.figures: dict[ArtefactName, PlainLabel] = {}
        self._about: dict[ArtefactName, PlainLabel] = {}
        self._marks: dict[ArtefactName, QLabel] = {}
        self._proofs: dict[ArtefactName, ArtefactProof] = {}
        self._chosen: set[ArtefactName] = set()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(HALF)
        grid.setColumnStretch(2, 1)
        for number, (name, facts) in enumerate(ARTEFACTS.items()):
            box = QCheckBox(facts.title)
            set_tooltip(box, facts.sentence)
            box.setAccessibleDescription(facts.sentence)
            box.clicked.connect(lambda checked, name=name: self._choose(name, checked))
            about, figures, mark = PlainLabel(facts.sentence, role="quiet", wrap=True), PlainLabel(wrap=True), QLabel()
            figures.hide()
            mark.setFixedWidth(MARK)
            grid.addWidget(box, 2 * number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(about, 2 * number, 1, 1, 2)
            grid.addWidget(mark, 2 * number + 1, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(figures, 2 * number + 1, 2)
            self.boxes[name], self.figures[name], self._marks[name] = box, figures, mark
            self._about[name] = about
        self._show()
        appearance().changed.connect(self._paint)

    def value(self) -> tuple[ArtefactName, ...]:
        """What is wanted besides the folder for transformers, in the order of the list."""
        return tuple(name for name in with_needs(self._chosen) if name != "transformers")

    def set_value(self, chosen: Sequence[ArtefactName]) -> None:
        """Checks these and what they need."""
        self._chosen = set(chosen)
        self._show()

    def show_sizes(self, weights: int) -> None:
        """Shows for each model about how large it will be, where the weights are so many bytes in fp32."""
        for name, share in SIZES.items():
            size = round(share * weights) + ALWAYS.get(name, 0)
            about = Sentence("gui.export.about_size", about=ARTEFACTS[name].sentence, bytes=size)
            self._about[name].setText(about)

    def about(self, name: ArtefactName) -> str:
        """What is said of an artefact before it is exported."""
        return self._about[name].text()

    def show_proofs(self, proofs: Sequence[ArtefactProof]) -> None:
        """Shows the figures of an export, or none."""
        self._proofs = {proof.name: proof for proof in proofs}
        for name, label in self.figures.items():
            text = figures_text(self._proofs[name]) if name in self._proofs else ""
            label.setText(text)
            label.setVisible(bool(text))
            self._marks[name].setVisible(bool(text))
        self._paint()

    def _choose(self, name: ArtefactName, checked: bool) -> None:
        if checked:
            self._chosen.add(name)
        else:
            self._chosen.discard(name)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        wanted = with_needs(self._chosen)
        for name, box in self.boxes.items():
            box.setChecked(name in wanted)
            box.setEnabled(name not in wanted or name in self._chosen)

    def _paint(self) -> None:
        colors = theme()
        for name, proof in self._proofs.items():
            holds = proof.passed and not proof.unproven
            color = colors.good if holds else colors.caution
            self._marks[name].setPixmap(assets.pixmap("check" if holds else "caution", color))
