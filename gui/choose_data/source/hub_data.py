"""Looks up a data set of the Hub and downloads it, each at a click; `chosen` follows once its rows are here."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from engine.contract.errors import ErrorReport
from engine.contract.queries import Answer, AskHubDataset, AskHubRows, HubDatasetFound, HubRowsFetched
from engine.contract.sentences import Sentence
from engine.contract.settings import HubRows
from gui.choose_data.source.hub_data_form import HubDataForm
from gui.components.hub_verdict import download_sentence, has_room
from gui.session import Session


class HubData(QObject):
    """Connects the form with the engine. Nothing is sent before a button is pressed."""

    chosen = Signal(object)  # HubRows that are on this computer
    error_found = Signal(object)  # ErrorReport
    error_solved = Signal()

    def __init__(self, session: Session, form: HubDataForm, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._form = form
        self._found: tuple[str, str, HubDatasetFound] | None = None  # for which name and version
        self._looking_up: int | None = None
        self._downloading: int | None = None
        self._download_failed = False  # the last request was a download
        form.edited.connect(self._edited)
        form.look_up_pressed.connect(self.look_up)
        form.configuration_changed.connect(self._show)
        form.download_pressed.connect(self._download)
        form.cancel_pressed.connect(self.cancel)
        session.busy_changed.connect(self._show)
        session.preferences.changed.connect(self._show)
        self._show()

    def look_up(self) -> None:
        """Asks the Hub about the name in the form."""
        if not self._form.name() or self._session.busy or self._downloading is not None:
            return
        self._withdraw()
        self.error_solved.emit()
        self._form.show_found(None)
        question = AskHubDataset(self._form.name(), self._form.version(), self._offline())
        self._looking_up = self._session.ask(question, self._looked_up)
        self._show()

    def try_again(self) -> None:
        """Repeats the request that has failed."""
        if self._download_failed:
            self._download()
        else:
            self.look_up()

    def cancel(self) -> None:
        """Ends the download; the next one continues from what is here."""
        if self._downloading is not None:
            self._session.forget(self._downloading)
            self._downloading = None
            self._form.show_downloading(False)
            self._form.download_button.setFocus()
            self._show()
            self._form.verdict.show_verdict(Sentence("gui.choose_data.download_cancelled"))

    def open_page(self) -> None:
        """Opens the data set's page in a browser."""
        QDesktopServices.openUrl(QUrl(f"https://huggingface.co/datasets/{self._form.name()}"))

    def _download(self) -> None:
        chosen = self._form.configuration()
        if self._found is None or chosen is None or self._session.busy or self._downloading is not None:
            return
        self.error_solved.emit()
        found = self._found[2]
        rows = HubRows(found.id, chosen.name, found.revision, self._offline())
        self._form.progress.reset(Sentence("gui.choose_data.downloading", name=found.id))
        self._downloading = self._session.ask(AskHubRows(rows), self._downloaded, self._form.progress.show_event)
        self._form.show_downloading(True)
        self._form.cancel_button.setFocus()
        self._show()

    def _looked_up(self, answer: Answer | ErrorReport) -> None:
        self._looking_up = None
        if isinstance(answer, HubDatasetFound):
            self._found = (self._form.name(), self._form.version(), answer)
            self._form.show_found(answer)
        elif isinstance(answer, ErrorReport):
            self._download_failed = False
            self.error_found.emit(answer)
        self._show()

    def _downloaded(self, answer: Answer | ErrorReport) -> None:
        self._downloading = None
        self._form.show_downloading(False)
        if isinstance(answer, HubRowsFetched):
            self._found = None
            self._form.show_found(None)
            self.chosen.emit(answer.rows)
        elif isinstance(answer, ErrorReport):
            self._download_failed = True
            self.error_found.emit(answer)
        self._show()

    def _edited(self) -> None:
        self._withdraw()
        if self._found is not None and self._found[:2] != (self._form.name(), self._form.version()):
            self._found = None
            self._form.show_found(None)
        self._show()

    def _withdraw(self) -> None:
        if self._looking_up is not None:
            self._session.forget(self._looking_up)
            self._looking_up = None

    def _offline(self) -> bool:
        return self._session.preferences.now.offline

    def _show(self) -> None:
        form, busy = self._form, self._session.busy
        chosen = form.configuration()
        idle = not busy and self._looking_up is None and self._downloading is None
        form.look_up_button.setEnabled(idle and bool(form.name()))
        form.download_button.setEnabled(
            idle and self._found is not None and chosen is not None and has_room(self._found[2], chosen)
        )
        if self._looking_up is not None:
            form.verdict.show_verdict(Sentence("gui.choose_data.asking_hub", name=form.name()))
        elif busy and form.name():
            form.verdict.show_verdict(Sentence("gui.choose_data.another_step_look_up"), "caution")
        elif self._found is not None and chosen is not None:
            fits = has_room(self._found[2], chosen)
            form.verdict.show_verdict(download_sentence(self._found[2], chosen), "good" if fits else "caution")
        elif self._offline():
            form.verdict.show_verdict(Sentence("gui.choose_data.offline"), "caution")
        else:
            form.verdict.show_verdict(Sentence("gui.choose_data.look_up_asks") if form.name() else "")
