"""Why this step comes now, and the plain code that does the same: two tabs beside the page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextOption,
)
from PySide6.QtWidgets import (
    QFrame,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contract.sentences import Sentence
from gui.components.code_colors import CodeColors
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel, repolish
from gui.components.tab_buttons import tab_buttons
from gui.design import assets
from gui.design.theme import INSIDE, PANEL_WIDTH, SPACE, appearance, code_font, theme

NARROWEST, WIDEST = 260, 720  # pixels
LEAVES = 560  # pixels of the window that the panel leaves to steps and page
GRIP = 5  # pixels
STEP = 20  # pixels that an arrow key moves


class SidePanel(QFrame):
    """Why and Code. The window decides whether it is beside the page or lies over it as a drawer."""

    fold_pressed = Signal()
    tab_changed = Signal(str)  # "why" or "code"

    resized = Signal(int)  # pixels of width that the user chose

    def __init__(self, width: int = 0, parent: QWidget | None = None) -> None:
        """`width` is what the user chose, in pixels; 0: nothing yet."""
        super().__init__(parent)
        self.setFixedWidth(max(NARROWEST, min(width or PANEL_WIDTH, WIDEST)))
        self.grip = _Grip(self)
        self.grip.dragged.connect(self._widen)
        self.setProperty("kind", "panel")
        self.setAccessibleName(Sentence("gui.shell.why_code_2"))
        self.why_tab, self.code_tab = tab_buttons(self, Sentence("gui.shell.why"), Sentence("gui.shell.code"))
        self._fold = QToolButton()
        self._fold.setIconSize(QSize(16, 16))
        self._fold.setToolTip(Sentence("gui.shell.fold_panel_away"))
        self._fold.setAccessibleName(Sentence("gui.shell.fold_panel_away"))

        self._why = ""
        self._paragraphs = QVBoxLayout()
        self._paragraphs.setSpacing(INSIDE)
        self._paragraphs.setContentsMargins(0, 0, INSIDE, 0)
        paragraphs = QWidget()
        paragraphs.setProperty("kind", "scrolled")
        vertical(paragraphs, self._paragraphs, STRETCH)
        self._why_area = QScrollArea()
        self._why_area.setWidgetResizable(True)
        self._why_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._why_area.setWidget(paragraphs)
        self._why_area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._why_area.setAccessibleName(Sentence("gui.shell.why_step"))

        self.code = QPlainTextEdit()
        self.code.setProperty("role", "code")
        self.code.setReadOnly(True)
        self.code.setFont(code_font())
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)  # a line that ends at the edge is no code
        self.code.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.code.setTabChangesFocus(True)
        self.code.setAccessibleName(Sentence("gui.shell.code"))
        self._colors = CodeColors(self.code.document())
        self.copy_button = QPushButton(Sentence("gui.shell.copy"))
        self.copy_button.setAccessibleDescription(Sentence("gui.shell.copies_code_clipboard"))
        code_page = QWidget()
        code_column = QVBoxLayout(code_page)
        code_column.setContentsMargins(0, 0, INSIDE, 0)
        code_column.setSpacing(SPACE)
        code_column.addWidget(self.code, 1)
        code_column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignRight)

        self._stack = QStackedWidget()
        self._stack.addWidget(self._why_area)
        self._stack.addWidget(code_page)
        tabs = horizontal(None, self.why_tab, self.code_tab, STRETCH, self._fold, gap=INSIDE)
        tabs.setContentsMargins(0, 0, SPACE, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSIDE + 4, INSIDE + 4, 0, INSIDE + 4)
        column.setSpacing(INSIDE + 4)
        column.addLayout(tabs)
        column.addWidget(self._stack, 1)

        self.why_tab.toggled.connect(self._show_tab)
        self._fold.clicked.connect(self.fold_pressed)
        self.copy_button.clicked.connect(self._copy)
        appearance().changed.connect(self._paint)
        self._paint()

    def show_why(self, text: str) -> None:
        """Shows paragraphs separated by blank lines; the window repeats them whenever a page changes."""
        if text == self._why:
            return
        self._why = text
        while (item := self._paragraphs.takeAt(0)) is not None:
            label = item.widget()
            if label is not None:
                label.hide()
                label.deleteLater()
        for paragraph in (part.strip() for part in text.split("\n\n")):
            if paragraph:
                self._paragraphs.addWidget(PlainLabel(paragraph, wrap=True, selectable=True))

    def show_code(self, text: str) -> None:
        """Shows this code; where it only grew at its end, the view stays where it is."""
        if text == self.code.toPlainText():
            return
        self.copy_button.setText(Sentence("gui.shell.copy"))
        position = self.code.verticalScrollBar().value()
        self.code.setPlainText(text)
        self.code.verticalScrollBar().setValue(position)

    def choose_tab(self, name: str) -> None:
        """Opens "why" or "code"."""
        (self.code_tab if name == "code" else self.why_tab).setChecked(True)

    def set_drawer(self, is_drawer: bool) -> None:
        """Looks like a part of the window, or like something that lies over it."""
        self.setProperty("kind", "drawer" if is_drawer else "panel")
        repolish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.grip.setGeometry(0, 0, GRIP, self.height())
        self.grip.raise_()

    def _widen(self, pixels: int) -> None:
        """Makes the panel so much wider, within what leaves the page its room; its right edge stays."""
        room = self.window().width() - LEAVES if self.window() is not self else WIDEST
        width = max(NARROWEST, min(self.width() + pixels, WIDEST, max(NARROWEST, room)))
        if width != self.width():
            right = self.geometry().right()
            self.setFixedWidth(width)
            self.move(right - width + 1, self.y())
            self.resized.emit(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.property("kind") == "drawer":
            self.fold_pressed.emit()
            return
        super().keyPressEvent(event)

    def _show_tab(self, why: bool) -> None:
        self._stack.setCurrentIndex(0 if why else 1)
        self.tab_changed.emit("why" if why else "code")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())
        self.copy_button.setText(Sentence("gui.shell.copied"))

    def _paint(self) -> None:
        self._fold.setIcon(assets.icon("chevron-right", theme().secondary))


class _Grip(QWidget):
    """The left edge of the panel: a drag, or the arrow keys, make it wider and narrower."""

    dragged = Signal(int)  # pixels to the left

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(Sentence("gui.shell.width_panel"))
        self.setToolTip(Sentence("gui.shell.drag_press_arrow_keys_make"))
        self._from: float | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.globalPosition().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            here = event.globalPosition().x()
            self.dragged.emit(round(self._from - here))
            self._from = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: STEP, Qt.Key.Key_Right: -STEP}
        if event.key() in steps:
            self.dragged.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus() or self.underMouse():
            QPainter(self).fillRect(self.rect(), theme().color("accent"))
