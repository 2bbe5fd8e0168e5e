"""The empty page's invitation: drop a file here, or choose one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data_folders import DATA_SUFFIXES
from gui.theme import CORNER, MARGIN, SPACE, appearance, theme
from gui.widgets.plain_label import PlainLabel

FILE_FILTER = f"Data files ({' '.join(f'*{suffix}' for suffix in (*DATA_SUFFIXES, '.gz'))});;All files (*)"


class DropZone(QFrame):
    """A dashed field with a sentence and a button. The page around it takes the drop and lights the field up."""

    choose_pressed = Signal()
    folder_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inviting = False
        self.setMinimumHeight(150)
        invitation = "Drop a file with rows here: CSV, JSON, Excel, Parquet, Arrow, CoNLL, or a zip of these"
        self.sentence = PlainLabel(invitation, role="strong", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.advice = PlainLabel(
            "Files named train, validation and test can be dropped together. A folder may hold such files, one folder "
            "of text files per class, or a data set that was saved. Nothing leaves this computer.",
            role="secondary",
            wrap=True,
        )
        self.advice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.choose_button = QPushButton("Choose file…")
        self.choose_button.setAccessibleDescription("Opens a dialog to choose a file with rows.")
        self.folder_button = QPushButton("Choose folder…")
        self.folder_button.setAccessibleDescription("Opens a dialog to choose a folder with data files or texts.")
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.choose_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACE)
        column.addStretch(1)
        column.addWidget(self.sentence)
        column.addWidget(self.advice)
        column.addSpacing(SPACE)
        column.addLayout(buttons)
        column.addStretch(1)
        self.choose_button.clicked.connect(self.choose_pressed)
        self.folder_button.clicked.connect(self.folder_pressed)
        appearance().changed.connect(self.update)

    def invite(self, inviting: bool) -> None:
        """Lights up while files hover over the page."""
        if inviting != self._inviting:
            self._inviting = inviting
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("accent" if self._inviting else "disabled"), 2 if self._inviting else 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme().color("soft" if self._inviting else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), CORNER, CORNER)
        painter.end()


class FileDrops(QObject):
    """Lets a whole page take files that are dropped anywhere on it."""

    hovering = Signal(bool)
    dropped = Signal(list)  # paths; empty when nothing that was dropped is a file of this computer

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def eventFilter(self, page: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            if event.mimeData().hasUrls():
                event.acceptProposedAction()
                self.hovering.emit(True)
            return True
        if isinstance(event, QDragLeaveEvent):
            self.hovering.emit(False)
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.hovering.emit(False)
            self.dropped.emit(local_paths(event.mimeData()))
            return True
        return super().eventFilter(page, event)


def local_paths(mime: QMimeData) -> list[str]:
    """The files and folders of this computer in what is dragged or pasted; web addresses are not among them."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile() and url.toLocalFile()]
