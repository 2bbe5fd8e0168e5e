"""Preferences: what is saved, what never is, and what the worker receives of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.contract.network import HUB_FOLDER
from engine.contract.sentences import Sentence
from gui.components.progress_line import show_endless
from gui.design import application_style
from gui.design.theme import appearance
from gui.load_model.page import LoadModelPage
from gui.preferences import Preferences, PreferenceStore
from gui.session import Session
from gui.shell import preferences_opener, token_keyring
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window
from tests.gui.conftest import StandInEngine, WindowWith

SECRET = "hf_ASecretThatNobodyMaySave"


class InMemory(KeyringBackend):
    """A keyring as a desktop has one; nothing leaves the process. `refuses`: it is locked."""

    priority = 5.0

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self._refuses = refuses

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._refuses:
            raise KeyringLocked("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class InAFile(InMemory):
    """As `keyrings.alt` rates its backend that writes plain text."""

    priority = 0.5


@pytest.fixture
def use_keyring() -> Iterator[Callable[[KeyringBackend], None]]:
    """Makes a backend the system's; before and after it is keyring's own that keeps nothing (tests/conftest.py)."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def light_again() -> object:
    yield
    appearance().choose("light")
    application_style.reduce_motion(False)


@pytest.fixture
def window(window_with: WindowWith) -> Window:
    return window_with((LoadModelPage,))


def opened(window: Window) -> PreferencesDialog:
    window.sidebar.preferences_requested.emit()
    (dialog,) = window.findChildren(PreferencesDialog)
    assert dialog.isVisible()
    return dialog


def whole_workspace(session: Session) -> bytes:
    return b"".join(path.read_bytes() for path in session.workspace.root.rglob("*") if path.is_file())


def test_what_is_entered_is_saved_and_reaches_the_worker(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, tmp_path: Path, light_again: object
) -> None:
    dialog = opened(window)
    dialog._take_hub_folder(str(tmp_path / "hub"))
    dialog.mirror.setText(" https://mirror.example.org ")
    dialog.proxy.setText("http://proxy:3128")
    dialog.offline.setChecked(True)
    dialog.theme.setCurrentIndex(2)
    dialog.reduce_motion.setChecked(True)
    assert session.preferences.now == Preferences()  # not before Save
    dialog.save_button.click()
    stored = PreferenceStore(session.preferences.path).now
    assert (stored.hub_folder, stored.mirror) == (str(tmp_path / "hub"), "https://mirror.example.org")
    assert (stored.proxy, stored.offline, stored.theme, stored.reduce_motion) == (
        "http://proxy:3128",
        True,
        "dark",
        True,
    )
    assert engine.environment[HUB_FOLDER] == str(tmp_path / "hub")
    assert engine.environment["HF_ENDPOINT"] == "https://mirror.example.org"
    assert engine.environment["HTTPS_PROXY"] == "http://proxy:3128"
    assert engine.environment["HF_HUB_OFFLINE"] == "1"
    assert appearance().theme.name == "dark"
    assert window.sidebar._offline.isChecked()
    assert window.sidebar._themes["dark"].isChecked()
    qtbot.waitUntil(lambda: not window.findChildren(PreferencesDialog))
    session.preferences.change(offline=False)
    assert "HF_HUB_OFFLINE" not in engine.environment


def test_another_language_is_saved_and_used_after_a_restart_that_is_offered(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    dialog = opened(window)
    assert [dialog.language.itemText(place) for place in range(3)] == ["Like the system", "English", "Deutsch"]
    dialog.language.setCurrentIndex(2)
    dialog.save_button.click()
    assert PreferenceStore(session.preferences.path).now.language == "de"
    assert window.content_area.banner.message() == "The language changes with the next start: Deutsch."
    (restart,) = window.content_area.banner.buttons()
    with qtbot.waitSignal(window.reopening_requested):
        restart.click()


def test_the_same_language_needs_no_restart(window: Window, session: Session, qtbot: QtBot) -> None:
    session.preferences.change(language="de")
    dialog = opened(window)
    assert dialog.language.currentText() == "Deutsch"
    dialog.save_button.click()
    assert window.content_area.banner.message() == ""


def test_the_standard_keys_open_it(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.findChildren(PreferencesDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_cancel_changes_nothing(window: Window, session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    dialog = opened(window)
    dialog.mirror.setText("https://mirror.example.org")
    dialog.token.setText(SECRET)
    dialog.reject()
    assert session.preferences.now == Preferences()
    assert engine.environment == {}


def test_a_token_is_for_this_start_and_in_no_file(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    dialog = opened(window)
    assert Sentence("gui.shell.start_only_not_saved") in dialog._token_note.text()
    assert not dialog.in_keyring.isVisible()
    dialog.token.setText(SECRET)
    dialog.save_button.click()
    assert engine.environment == {"HF_TOKEN": SECRET}
    session.preferences.change(last_folder="/data")
    assert SECRET.encode() not in whole_workspace(session)
    assert not any(SECRET in repr(job) for job in engine.jobs)
    qtbot.waitUntil(lambda: not window.findChildren(PreferencesDialog))
    dialog = opened(window)
    assert dialog.token.text() == ""
    dialog.save_button.click()  # an empty field keeps the one in use
    assert engine.environment == {"HF_TOKEN": SECRET}
    qtbot.waitUntil(lambda: not window.findChildren(PreferencesDialog))
    dialog = opened(window)
    dialog.forget_button.click()
    dialog.save_button.click()
    assert engine.environment == {}


def test_a_token_is_put_into_the_keyring_where_the_user_asks_for_it(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, use_keyring: Callable[..., None]
) -> None:
    desktop = InMemory()
    use_keyring(desktop)
    dialog = opened(window)
    qtbot.waitUntil(dialog.in_keyring.isVisible)
    assert not dialog.in_keyring.isChecked()  # this start only, unless chosen
    dialog.in_keyring.setChecked(True)
    assert Sentence("gui.shell.kept_system_s_keyring_no") in dialog._token_note.text()
    dialog.token.setText(SECRET)
    dialog.save_button.click()
    qtbot.waitUntil(lambda: list(desktop.kept.values()) == [SECRET])
    assert SECRET.encode() not in whole_workspace(session)
    session.take_token("")
    window.preferences.take_stored_token()  # as the next start does
    qtbot.waitUntil(lambda: engine.environment == {"HF_TOKEN": SECRET})
    dialog = opened(window)
    qtbot.waitUntil(dialog.in_keyring.isVisible)
    dialog.forget_button.click()
    dialog.save_button.click()
    qtbot.waitUntil(lambda: desktop.kept == {})
    assert engine.environment == {}


def test_a_keyring_that_refuses_is_reported_and_the_token_is_used_once(
    window: Window, session: Session, engine: StandInEngine, qtbot: QtBot, use_keyring: Callable[..., None]
) -> None:
    use_keyring(InMemory(refuses=True))
    dialog = opened(window)
    qtbot.waitUntil(dialog.in_keyring.isVisible)
    dialog.in_keyring.setChecked(True)
    dialog.token.setText(SECRET)
    dialog.save_button.click()
    qtbot.waitUntil(lambda: "did not take the access token" in window.content_area.banner.message())
    assert engine.environment == {"HF_TOKEN": SECRET}
    assert not session.preferences.now.token_in_keyring


@pytest.mark.parametrize("backend", [null.Keyring, fail.Keyring, InAFile])
def test_where_no_keyring_keeps_it_the_dialog_reports_it_and_the_token_is_for_this_start(
    window: Window,
    session: Session,
    engine: StandInEngine,
    qtbot: QtBot,
    use_keyring: Callable[..., None],
    backend: type[KeyringBackend],
) -> None:
    use_keyring(backend())
    dialog = opened(window)
    qtbot.waitUntil(lambda: Sentence("gui.shell.system_has_no_keyring_can") in dialog._token_note.text())
    assert Sentence("gui.shell.start_only_not_saved") in dialog._token_note.text()
    assert not dialog.in_keyring.isVisible()
    dialog.token.setText(SECRET)
    dialog.save_button.click()
    assert engine.environment == {"HF_TOKEN": SECRET}
    assert not session.preferences.now.token_in_keyring
    assert SECRET.encode() not in whole_workspace(session)


def test_a_keyring_that_does_not_answer_in_time_is_waited_for_without_a_standstill(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(preferences_opener, "KEYRING_ANSWERS_IN", 1)
    monkeypatch.setattr(token_keyring, "has_keyring", lambda: answers.wait(20))
    dialog = opened(window)
    qtbot.waitUntil(lambda: Sentence("gui.shell.system_s_keyring_has_not") in dialog._token_note.text())
    assert not dialog.in_keyring.isVisible()
    answers.set()
    qtbot.waitUntil(dialog.in_keyring.isVisible)
    assert Sentence("gui.shell.system_s_keyring_has_not") not in dialog._token_note.text()
    dialog.reject()


def test_no_keyring_gives_and_takes_no_token(use_keyring: Callable[..., None]) -> None:
    for backend in (fail.Keyring(), InMemory(refuses=True)):
        use_keyring(backend)
        assert token_keyring.stored_token() == ""
        assert not token_keyring.store_token(SECRET)
    assert token_keyring.store_token("")  # where none is kept, none has to be removed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mirror.example.org", "An address begins with"),
        ("https://me:secret@proxy", Sentence("gui.shell.user_name_password_would_saved")),
    ],
)
def test_an_address_that_is_none_or_holds_a_password_cannot_be_saved(
    window: Window, qtbot: QtBot, text: str, sentence: str
) -> None:
    dialog = opened(window)
    for field in (dialog.mirror, dialog.proxy):
        field.setText(text)
        assert dialog.complaint().startswith(sentence)
        assert not dialog.save_button.isEnabled()
        field.clear()
        assert dialog.save_button.isEnabled()
    dialog.reject()


def test_another_workspace_is_opened_after_save_and_the_logs_at_once(
    window: Window, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_urls: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened_urls.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "other"))
    dialog = opened(window)
    dialog.logs_button.click()
    assert opened_urls == [QUrl.fromLocalFile(str(session.workspace.logs))]
    dialog.workspace_button.click()
    with qtbot.waitSignal(window.workspace_chosen) as chosen:
        dialog.save_button.click()
    assert chosen.args == [tmp_path / "other"]


def test_reduced_motion_lets_no_bar_run_without_end(qtbot: QtBot, light_again: object) -> None:
    from PySide6.QtWidgets import QApplication, QProgressBar

    bar = QProgressBar()
    qtbot.addWidget(bar)
    show_endless(bar)
    assert bar.maximum() == 0
    application_style.reduce_motion(True)
    show_endless(bar)
    assert (bar.maximum(), bar.value()) == (1, 0)
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateCombo)


def test_settings_of_the_version_before_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"schema": 1, "theme": "dark", "side_panel_open": false, "offline": true, "last_folder": "/d"}')
    store = PreferenceStore(path)
    assert store.set_aside is None
    assert (store.now.theme, store.now.offline, store.now.last_folder, store.now.proxy) == ("dark", True, "/d", "")
