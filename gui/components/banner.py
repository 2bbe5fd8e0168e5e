"""News on the page: what happened, what is safe, one or two actions, Details. Never a modal box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from engine.contract.errors import ErrorReport
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from gui.components.action_captions import caption_of
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, repolish
from gui.components.plain_text import button_text
from gui.design import assets
from gui.design.theme import INSIDE, SPACE, appearance, code_font, theme

Kind = Literal["bad", "caution", "good", "news"]
ICONS = {"bad": "error", "caution": "caution", "good": "good", "news": "news"}
COLORS = {"bad": "bad", "caution": "caution", "good": "good", "news": "accent"}
Button = tuple[str, Callable[[], None]]  # caption, what it does


def _spoken(kind: Kind) -> str:
    match kind:
        case "bad":
            return Sentence("gui.components.error")
        case "caution":
            return Sentence("gui.components.caution")
        case "good":
            return Sentence("gui.components.done")
        case "news":
            return Sentence("gui.components.news")


class Banner(QFrame):
    """One message at a time; hidden while there is none."""

    action_taken = Signal(object, object)  # RecoveryAction, ErrorReport
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: ErrorReport | None = None
        self._kind: Kind = "news"
        self._icon = QLabel()
        self._message = PlainLabel(role="strong", wrap=True, selectable=True)
        self._message.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hint = PlainLabel(wrap=True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setFont(code_font())
        self._details.setMaximumHeight(160)
        self._details.setAccessibleName(Sentence("gui.components.details"))
        self._details_button = QPushButton(Sentence("gui.components.details"))
        self._details_button.setProperty("kind", "quiet")
        self._details_button.setCheckable(True)
        self._copy_button = QPushButton(Sentence("gui.components.copy_details"))
        self._copy_button.setProperty("kind", "quiet")
        self.close_button = QToolButton()
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.setAccessibleName(Sentence("gui.components.close_message"))
        self.close_button.setToolTip(Sentence("gui.components.close_message"))

        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(SPACE)
        self._captions: list[QPushButton] = []
        self._buttons.addWidget(self._details_button)
        self._buttons.addWidget(self._copy_button)
        self._buttons.addStretch(1)
        texts = vertical(None, self._message, self._hint, gap=4)
        self._button_row = QWidget()
        self._button_row.setLayout(self._buttons)
        self._buttons.setContentsMargins(0, 4, 0, 0)
        texts.addWidget(self._button_row)
        texts.addWidget(self._details)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(INSIDE, INSIDE, INSIDE, INSIDE)
        row.setSpacing(INSIDE)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

        self._details_button.toggled.connect(self._unfold)
        self._copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.clear)
        appearance().changed.connect(self._paint_icons)
        self.hide()

    def show_error(self, report: ErrorReport) -> None:
        """Shows an error with its way out."""
        buttons = tuple((caption_of(action), self._taking(action, report)) for action in report.actions)
        self._show("bad", report.message, report.hint, buttons, report.details, report)
        if report.id:
            self._details_button.setToolTip(Sentence("gui.components.write_into_report", value=report.id))

    def show_note(self, kind: Kind, message: str, hint: str = "", buttons: tuple[Button, ...] = ()) -> None:
        """Shows something that is not an error."""
        self._show(kind, message, hint, buttons, "", None)

    def clear(self) -> None:
        """Takes the message away."""
        if not self.isHidden():
            self.hide()
            self.report = None
            self.closed.emit()

    def message(self) -> str:
        """The text of the banner, or an empty string."""
        return "" if self.isHidden() else self._message.text()

    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons of the actions."""
        return tuple(self._captions)

    def _taking(self, action: RecoveryAction, report: ErrorReport) -> Callable[[], None]:
        return lambda: self.action_taken.emit(action, report)

    def _show(
        self,
        kind: Kind,
        message: str,
        hint: str,
        buttons: tuple[Button, ...],
        details: str,
        report: ErrorReport | None,
    ) -> None:
        self.report = report
        self._kind = kind
        self.setProperty("kind", f"banner-{kind}")
        repolish(self)
        self._paint_icons()
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._details.setPlainText(_details_text(report) if report and details else details)
        self._details_button.setChecked(False)
        self._details_button.setVisible(bool(details))
        self._copy_button.setVisible(False)
        self._details.hide()
        for button in self._captions:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self._captions = []
        for number, (caption, press) in enumerate(buttons):
            button = QPushButton(button_text(caption))
            button.clicked.connect(lambda _checked=False, press=press: press())
            self._buttons.insertWidget(number, button)
            self._captions.append(button)
        self._button_row.setVisible(bool(buttons or details))
        is_alone = not (hint or buttons or details)  # then it is level with the button that closes the banner
        self._row.setAlignment(self._icon, Qt.AlignmentFlag.AlignVCenter if is_alone else Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{_spoken(kind)}: {message} {hint}".strip())
        self.show()

    def _unfold(self, unfolded: bool) -> None:
        self._details.setVisible(unfolded)
        self._copy_button.setVisible(unfolded)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details.toPlainText())

    def _paint_icons(self) -> None:
        self._icon.setPixmap(assets.pixmap(ICONS[self._kind], getattr(theme(), COLORS[self._kind]), 20))
        self.close_button.setIcon(assets.icon("close", theme().secondary))


def _details_text(report: ErrorReport) -> str:
    return f"{report.kind} {report.id}: {report.message}\n\n{report.details}"
