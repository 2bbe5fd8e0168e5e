"""The user's guide in a window of its own: pages of Markdown in `resources/guide`, nothing from the network.

Pages in English are in that folder, those of another language in a folder of it with the language's code as a name. A
page is shown by its file's name; the window's pages have the names of the steps (`page_name`).
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFont,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from engine.contract.languages import catalogue
from engine.contract.sentences import Sentence
from gui.components.layouts import horizontal
from gui.components.plain_label import PlainLabel
from gui.components.throttle import Debounce
from gui.design import assets
from gui.design.theme import (
    GROUP_SIZE,
    HALF,
    INSIDE,
    MARGIN,
    SPACE,
    STEPS_WIDTH,
    TABLE_ROW,
    TITLE_SIZE,
    appearance,
    code_font,
    theme,
)
from gui.shell.screen_fit import bound_to_screen, keep_on_screen

FOLDER = assets.ROOT / "guide"
FIRST = "index"
# In the order of the contents; each is a file in FOLDER.
PAGES = (
    FIRST,
    "load_model",
    "choose_data",
    "fine_tune",
    "evaluate",
    "export",
    "runs",
    "few_rows",
    "entities",
    "headless",
    "examples",
)
PICTURE_WIDTH = 680  # pixels; the pictures of the window are twice as wide
SIZE = QSize(1040, 760)  # pixels
SMALLEST = QSize(720, 480)  # pixels
PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"  # where a picture is in a text
LINE_HEIGHT = 125  # percent of what the font asks for


def page_name(title: str) -> str:
    """The guide's page for a step with this title in English; the first page where it has none of its own."""
    name = title.lower().replace(" ", "_").replace("-", "_")
    return name if name in PAGES else FIRST


def file_of(page: str) -> Path:
    """The page's file in the language of the program; the English one where it has not been translated."""
    own = FOLDER / catalogue().code / f"{page}.md"
    return own if own.is_file() else FOLDER / f"{page}.md"


def heading_of(page: str) -> str:
    """What the page calls itself: its first line."""
    first = file_of(page).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ").strip()


class GuideWindow(QWidget):
    """Contents on the left, the page on the right. Stays open beside the program's window."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setProperty("kind", "window")
        self.setWindowTitle(Sentence("gui.guide.title"))
        self.setMinimumSize(SMALLEST)
        self.resize(SIZE)
        bound_to_screen(self)
        self.contents = QListWidget()
        self.contents.setUniformItemSizes(True)
        self.contents.setFixedWidth(STEPS_WIDTH)
        self.contents.setAccessibleName(Sentence("gui.guide.contents"))
        for page in PAGES:
            item = QListWidgetItem(heading_of(page))
            item.setSizeHint(QSize(0, TABLE_ROW))
            item.setData(Qt.ItemDataRole.UserRole, page)
            self.contents.addItem(item)
        self.browser = GuideBrowser()
        self.back_button = QPushButton(Sentence("gui.guide.back"))
        self.forward_button = QPushButton(Sentence("gui.guide.forward"))
        self.close_button = QPushButton(Sentence("gui.guide.close"))
        self._hint = PlainLabel(Sentence("gui.guide.keys"), role="secondary", elide=True)

        row = QHBoxLayout()
        row.setSpacing(INSIDE)
        row.addWidget(self.contents)
        row.addWidget(self.browser, 1)
        buttons = horizontal(None, self.back_button, self.forward_button, gap=SPACE)
        buttons.addWidget(self._hint, 1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, INSIDE + SPACE)
        column.setSpacing(INSIDE)
        column.addLayout(row, 1)
        column.addLayout(buttons)

        self.contents.currentItemChanged.connect(self._chosen)
        self.browser.page_changed.connect(self._page_changed)
        self.browser.backwardAvailable.connect(self.back_button.setEnabled)
        self.browser.forwardAvailable.connect(self.forward_button.setEnabled)
        self.back_button.clicked.connect(self.browser.backward)
        self.forward_button.clicked.connect(self.browser.forward)
        self.close_button.clicked.connect(self.close)
        self.back_button.setEnabled(False)
        self.forward_button.setEnabled(False)

    def open_at(self, page: str) -> None:
        """Shows this page, in front of the program's window."""
        self.browser.show_page(page)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.browser.setFocus()
        keep_on_screen(self)

    def page(self) -> str:
        """The name of the page that is shown."""
        return self.browser.page()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() == Qt.Key.Key_Left:
            self.browser.backward()
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() == Qt.Key.Key_Right:
            self.browser.forward()
        else:
            super().keyPressEvent(event)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(Qt.ItemDataRole.UserRole) != self.page():
            self.browser.show_page(item.data(Qt.ItemDataRole.UserRole))

    def _page_changed(self, page: str) -> None:
        self.contents.setCurrentRow(PAGES.index(page))


class GuideBrowser(QTextBrowser):
    """Shows pages of the guide and the pictures they name; follows links between them and no others."""

    page_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = ""
        self._picture_width = PICTURE_WIDTH  # of those on this page
        self._reloading = Debounce(self, 100, self._reload_in_place)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(Sentence("gui.guide.page"))
        self.document().setDocumentMargin(MARGIN)
        self.anchorClicked.connect(self._follow)
        self.sourceChanged.connect(self._source_changed)
        appearance().changed.connect(self.reload)

    def show_page(self, page: str) -> None:
        """Loads a page by its name; what is no page of the guide is the first one."""
        known = page if page in PAGES else FIRST
        self.setSource(QUrl.fromLocalFile(str(file_of(known))), QTextDocument.ResourceType.MarkdownResource)

    def page(self) -> str:
        """The name of the page that is shown; empty before the first one."""
        return self._page

    def loadResource(self, kind: int, name: QUrl) -> object:  # type: ignore[override]  # Qt takes any variant
        """A file of `resources`, or nothing: no other place on this computer and none of the network is read."""
        place = self.source().resolved(name) if name.isRelative() else name
        path = Path(place.toLocalFile()).resolve() if place.isLocalFile() else None
        if path is None or not path.is_relative_to(assets.ROOT) or not path.is_file():
            return None
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._fitted(QImage(str(path)))
        return path.read_text(encoding="utf-8")

    def _fitted(self, picture: QImage) -> QImage:
        """As many pixels as the screen has for it: a document makes larger ones smaller by leaving out pixels."""
        self._picture_width = self._room()
        width = min(picture.width(), round(self._picture_width * self.devicePixelRatioF()))
        if width < picture.width():
            picture = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(max(1.0, picture.width() / self._picture_width))
        return picture

    def _room(self) -> int:
        """The pixels that a picture may be wide in this window."""
        bar = 0 if self.verticalScrollBar().isVisible() else self.verticalScrollBar().sizeHint().width()
        return max(1, min(PICTURE_WIDTH, self.viewport().width() - bar - 2 * MARGIN - HALF))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._page and self._room() != self._picture_width:
            self._reloading.request()

    def _reload_in_place(self) -> None:
        """Takes the pictures as large as they fit now."""
        place = self.verticalScrollBar().value()
        self.reload()
        self.verticalScrollBar().setValue(place)

    def _style_page(self) -> None:
        """Gives headings, code and tables the sizes and colours of the window: Markdown itself has none."""
        block = self.document().begin()
        while block.isValid():
            _style_block(QTextCursor(block))
            block = block.next()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _style_table(frame)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _follow(self, link: QUrl) -> None:
        place = self.source().resolved(link)
        path = Path(place.toLocalFile())
        if place.isLocalFile() and path.parent in (FOLDER, FOLDER / catalogue().code):
            self.show_page(path.stem)

    def _source_changed(self, source: QUrl) -> None:
        self._page = Path(source.toLocalFile()).stem  # `source()` is still the page before
        self._style_page()
        self.page_changed.emit(self._page)


def _style_block(cursor: QTextCursor) -> None:
    shape = cursor.blockFormat()
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    letters = QTextCharFormat()
    level = shape.headingLevel()
    if level:
        font = QFont()
        font.setPixelSize(TITLE_SIZE if level == 1 else GROUP_SIZE)
        font.setWeight(QFont.Weight.DemiBold)
        letters.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesSpecifiedOnly)
        cursor.setCharFormat(letters)  # merged into Markdown's own, its relative size would win
        shape.setTopMargin(0 if level == 1 else MARGIN)
        shape.setBottomMargin(SPACE)
    elif shape.hasProperty(QTextFormat.Property.BlockCodeLanguage):
        letters.setFont(code_font())
        shape.setBackground(theme().color("hover"))
        shape.setLeftMargin(MARGIN)
    elif cursor.currentTable() is None:
        shape.setTopMargin(HALF)
        shape.setBottomMargin(HALF if cursor.currentList() is not None else SPACE)
    if PICTURE not in cursor.selectedText():  # a line as high as a picture would get a quarter of it as a gap
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.mergeCharFormat(letters)
    cursor.setBlockFormat(shape)


def _style_table(table: QTextTable) -> None:
    shape = table.format().toTableFormat()
    shape.setBorder(0)
    shape.setCellPadding(SPACE - 2)
    shape.setTopMargin(SPACE)
    shape.setBottomMargin(INSIDE)
    table.setFormat(shape)
