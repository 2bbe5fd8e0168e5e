"""The question before a training is thrown away: its checkpoints go with it, and nothing brings them back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.wire import FineTune, Search
from engine.words import count

DISCARD = "Stop and discard"
GO_ON = "Keep training"


def what_is_lost(job: FineTune | Search, steps: int) -> str:
    """The sentence about what discarding deletes after so many steps; empty where there is nothing yet."""
    if isinstance(job, Search):
        return "Every run of this search is deleted."
    return f"The run is deleted with all that it has learned in {count(steps, 'step')}." if steps else ""


class DiscardQuestion:
    """Asks once; while the question stands, asking again only brings it to the front."""

    def __init__(self, page: QWidget) -> None:
        self._page = page
        self._box: QMessageBox | None = None

    def ask(self, lost: str, discard: Callable[[], None]) -> None:
        """Asks whether what the sentence `lost` names shall be deleted; discards at once where it names nothing."""
        if not lost:
            discard()
            return
        if self._box is not None:
            self._box.raise_()
            return
        box = QMessageBox(self._page.window())
        box.setWindowTitle("Tunewright")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText("Stop and discard?")
        box.setInformativeText(lost)
        yes = box.addButton(DISCARD, QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(GO_ON, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._box = box

        def answered(_result: int) -> None:
            self._box = None
            if box.clickedButton() is yes:
                discard()

        box.finished.connect(answered)
        box.open()

    def close(self) -> None:
        """Takes the question back: the training has ended meanwhile."""
        if self._box is not None:
            self._box.reject()
