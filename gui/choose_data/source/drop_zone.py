"""Where files are dropped, or chosen by a dialog; and which of several files holds which split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from engine.contract.errors import DatasetUnreadable
from engine.contract.file_formats import DATA_SUFFIXES, PACKED_SUFFIXES, PRODUCTS
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, SplitName
from engine.contract.text_parsing import split_of
from engine.workspace.data_folders import files_in, kind_of
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel
from gui.design.theme import CORNER, MARGIN, SPACE, appearance, theme


def file_filter() -> str:
    """What the dialogs for files show: those of a known format, or all."""
    suffixes = " ".join(f"*{suffix}" for suffix in (*DATA_SUFFIXES, *PACKED_SUFFIXES))
    return f"{Sentence('gui.choose_data.data_files')} ({suffixes});;{Sentence('gui.choose_data.all_files')} (*)"


class DropZone(QFrame):
    """A dashed field with a sentence and a button. The page around it takes the drop and highlights the field."""

    choose_pressed = Signal()
    folder_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inviting = False
        self.setMinimumHeight(150)
        self.sentence = PlainLabel(Sentence("gui.choose_data.drop_file", products=PRODUCTS), role="strong", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.advice = PlainLabel(Sentence("gui.choose_data.files_together"), role="secondary", wrap=True)
        self.advice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.choose_button = QPushButton(Sentence("gui.choose_data.choose_file"))
        self.choose_button.setAccessibleDescription(Sentence("gui.choose_data.choose_file_opens"))
        self.folder_button = QPushButton(Sentence("gui.choose_data.choose_folder"))
        self.folder_button.setAccessibleDescription(Sentence("gui.choose_data.choose_folder_opens"))
        buttons = horizontal(None, STRETCH, self.choose_button, self.folder_button, STRETCH, gap=SPACE)
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
        """Highlights the field while files hover over the page."""
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


ACTIONS = (RecoveryAction.CHOOSE_OTHER_FILE,)


def rows_from(paths: Sequence[str]) -> FileRows:
    """The row source that these files or this folder make; raises `DatasetUnreadable` (D11) where it is not clear."""
    if not paths:
        raise DatasetUnreadable(
            "D11",
            Sentence("gui.d11.what_dropped_not_file_computer"),
            hint=Sentence("gui.d11.save_file_first_then_drop"),
            actions=ACTIONS,
        )
    if len(paths) == 1 and _is_read_as_a_whole(Path(paths[0])):
        return FileRows(paths[0])
    files = _without_folders(paths)
    if len(files) == 1:
        return FileRows(files[0])
    parts: dict[SplitName, list[str]] = {"train": [], "validation": [], "test": []}
    unnamed = []
    for path in files:
        split = split_of(path)
        if split is None:
            unnamed.append(path)
        else:
            parts[split].append(path)
    if not parts["train"] and len(unnamed) == 1:
        parts["train"] = [unnamed.pop()]
    if unnamed or len(parts["train"]) != 1 or len(parts["validation"]) > 1 or len(parts["test"]) > 1:
        raise DatasetUnreadable(
            "D11",
            Sentence("gui.d11.not_clear_which_files_holds", files=len(files)),
            hint=Sentence("gui.d11.choose_file_files_whose_names"),
            actions=ACTIONS,
        )
    return FileRows(parts["train"][0], _only(parts["validation"]), _only(parts["test"]))


def _without_folders(paths: Sequence[str]) -> list[str]:
    files: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            files.append(path)
            continue
        try:
            inside = files_in(Path(path))
        except OSError as error:
            raise DatasetUnreadable(
                "D11",
                Sentence("gui.d11.folder_cannot_read", path=Path(path).name),
                hint=Sentence("gui.d11.choose_file_instead"),
                actions=ACTIONS,
                details=str(error),
            ) from error
        if not inside:
            raise DatasetUnreadable(
                "D11",
                Sentence("gui.d11.folder_holds_no_file_rows", path=Path(path).name),
                hint=Sentence("gui.d11.choose_file_folder_folder_texts"),
                actions=ACTIONS,
            )
        files.extend(inside)
    return files


def _is_read_as_a_whole(path: Path) -> bool:
    """Whether this is a folder of texts by class or a saved data set."""
    try:
        return path.is_dir() and kind_of(path) != "files"
    except OSError:
        return False


def _only(paths: Sequence[str]) -> str:
    return paths[0] if paths else ""
