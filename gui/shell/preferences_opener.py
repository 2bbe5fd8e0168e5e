"""Opens Preferences and carries out what was saved: settings, appearance, access token, another workspace."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.contract.sentences import Sentence
from gui.components.background import run_in_thread
from gui.design.application_style import reduce_motion
from gui.design.theme import appearance
from gui.session import Session
from gui.shell import token_keyring
from gui.shell.content_area import ContentArea
from gui.shell.preferences_dialog import PreferencesDialog

KEYRING_ANSWERS_IN = 5_000  # milliseconds; after that the dialog shows that it waits


class PreferencesOpener(QObject):
    """One dialog at a time, over the window."""

    workspace_chosen = Signal(object)  # Path
    reopening_requested = Signal()  # so that another language is used

    def __init__(self, session: Session, content_area: ContentArea, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._content_area = content_area
        self._window = window
        self._dialog: PreferencesDialog | None = None
        self.keeps_workspace = True  # another workspace folder is remembered for the next start

    def open(self, *, network: bool = False) -> None:
        """Shows the dialog; with `network` the keyboard is at what concerns the network."""
        if self._dialog is None:
            self._dialog = dialog = PreferencesDialog(self._session, self._window, keeps_workspace=self.keeps_workspace)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.saved.connect(self._save)
            dialog.finished.connect(self._closed)
            silence = QTimer(dialog, singleShot=True, interval=KEYRING_ANSWERS_IN)
            silence.timeout.connect(dialog.keyring_is_silent)

            def answered(has_keyring: bool) -> None:
                silence.stop()
                dialog.offer_keyring(has_keyring)

            run_in_thread(dialog, lambda _job: token_keyring.has_keyring(), name="keyring", on_result=answered)
            silence.start()
        self._dialog.open()
        if network:
            self._dialog.focus_network()

    def take_stored_token(self) -> None:
        """Uses the token of the keyring where the user has put it there; the window does not wait for it."""
        if self._session.preferences.now.token_in_keyring:
            run_in_thread(
                self, lambda _job: token_keyring.stored_token(), name="keyring", on_result=self._session.take_token
            )

    def _closed(self, _result: int) -> None:
        self._dialog = None

    def _save(self, dialog: PreferencesDialog) -> None:
        preferences = self._session.preferences
        was_kept = preferences.now.token_in_keyring
        language = preferences.now.language
        preferences.change(**dialog.changes())
        appearance().choose(preferences.now.theme)
        reduce_motion(preferences.now.reduce_motion)
        token = dialog.token.text().strip()
        if token or dialog.forgets_token:
            self._session.take_token(token)
        keeps = preferences.now.token_in_keyring
        if (keeps and token) or (was_kept and not keeps):
            stored = token if keeps else ""
            run_in_thread(self, lambda _job: token_keyring.store_token(stored), name="keyring", on_result=self._stored)
        if dialog.workspace != self._session.workspace.root:
            self.workspace_chosen.emit(Path(dialog.workspace))
        elif preferences.now.language != language:
            self._content_area.show_note(
                "news",
                Sentence("gui.shell.language_has_changed", name=dialog.language.currentText()),
                Sentence("gui.shell.language_restart_hint"),
                ((Sentence("gui.shell.restart_now"), self.reopening_requested.emit),),
            )

    def _stored(self, has_worked: bool) -> None:
        if not has_worked and self._session.preferences.now.token_in_keyring:
            self._session.preferences.change(token_in_keyring=False)
            self._content_area.show_note(
                "caution",
                Sentence("gui.shell.system_s_keyring_did_not"),
                Sentence("gui.shell.used_start_only_enter_again"),
            )
