"""The exported folder to the Hub: what would be sent is shown first, and nothing goes without a second click."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import size
from engine.contract.queries import AskPush, Pushed
from engine.contract.sentences import Sentence
from engine.contract.states import ExportedFile, ExportedModel
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE
from gui.session import Session

MOST_NAMES = 12  # files that are named


class PushView(QWidget):
    """A button, and behind it the name, who may read it, the files and the button that sends them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._exported: ExportedModel | None = None
        self.open_button = QPushButton(Sentence("gui.export.push_open"))
        self.name_edit = QLineEdit()
        self.name_edit.setAccessibleName(Sentence("gui.export.push_name"))
        title = PlainLabel(Sentence("gui.export.push_name"), role="secondary")
        title.setBuddy(self.name_edit)
        self.private_box = QCheckBox(Sentence("gui.export.push_private"))
        self.files = PlainLabel(role="quiet", wrap=True)
        self.query = LongQuery(session, Sentence("gui.export.push_send"), Sentence("gui.export.push_tip"))
        self.result = PlainLabel(role="body", wrap=True, selectable=True)
        self.panel = QWidget()
        vertical(self.panel, title, self.name_edit, self.private_box, self.files, self.query, self.result, gap=SPACE)
        vertical(self, horizontal(None, self.open_button, STRETCH, gap=SPACE), self.panel, gap=SPACE)
        self.open_button.clicked.connect(self._open)
        self.name_edit.textChanged.connect(self._offer)
        self.private_box.toggled.connect(self._offer)
        self.query.answered.connect(self._take)
        self.panel.hide()

    def show_export(self, exported: ExportedModel, name: str) -> None:
        """Offers to send this export under this name; one that is being sent is withdrawn."""
        if exported == self._exported:
            return
        self._exported = exported
        self.panel.hide()
        self.open_button.show()
        self.result.hide()
        self.private_box.setChecked(True)
        self.name_edit.setText(name)
        self._offer()

    def _open(self) -> None:
        self.open_button.hide()
        self.panel.show()
        self.name_edit.setFocus()

    def _offer(self) -> None:
        exported, name = self._exported, self.name_edit.text().strip()
        self.result.hide()
        if exported is None or not name:
            self.query.offer(None)
            return
        sent = sent_files(exported.files)
        shown = [f"{file.name} ({size(file.size_bytes)})" for file in sent[:MOST_NAMES]]
        if len(sent) > MOST_NAMES:
            shown.append(Sentence("gui.export.more", value=len(sent) - MOST_NAMES).lstrip(" ,"))
        values = {"files": len(sent), "bytes": sum(file.size_bytes for file in sent), "name": name, "shown": shown}
        private = self.private_box.isChecked()
        self.files.setText(
            Sentence("gui.export.push_files_private", **values)
            if private
            else Sentence("gui.export.push_files_public", **values)
        )
        self.query.offer(AskPush(exported.folder, name, private))

    def _take(self, answer: object) -> None:
        if isinstance(answer, Pushed):
            self.result.setText(Sentence("gui.export.push_done", files=answer.files, url=answer.url))
            self.result.show()


def sent_files(files: tuple[ExportedFile, ...]) -> list[ExportedFile]:
    """What is sent: all but a zip of the others."""
    return [file for file in files if "/" in file.name or not file.name.endswith(".zip")]
