"""A question over the window with two answers; asked again while it is open, it only comes to the front."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def nothing() -> None:
    """What follows where nothing is to be done."""


class Question:
    """One box at a time above the window of a widget."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._box: QMessageBox | None = None

    def ask(
        self,
        what: str,
        follows: str,
        *,
        yes: str,
        no: str,
        act: Callable[[], None],
        decline: Callable[[], None] = nothing,
        destroys: bool = False,
    ) -> None:
        """Asks `what`, with what `follows`; `yes` and `no` are the buttons. Return is no where the act `destroys`."""
        if self._box is not None:
            self._box.raise_()
            return
        role = QMessageBox.ButtonRole
        box = QMessageBox(self._widget.window())
        box.setWindowTitle("Tunewright")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(what)
        box.setInformativeText(follows)
        accepted = box.addButton(yes, role.DestructiveRole if destroys else role.AcceptRole)
        declined = box.addButton(no, role.RejectRole)
        box.setDefaultButton(declined if destroys else accepted)
        box.setEscapeButton(declined)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._box = box

        def answered(_result: int) -> None:
            self._box = None
            if box.clickedButton() is accepted:
                act()
            else:
                decline()

        box.finished.connect(answered)
        box.open()

    def withdraw(self) -> None:
        """Closes the box, as if it were declined."""
        if self._box is not None:
            self._box.reject()
