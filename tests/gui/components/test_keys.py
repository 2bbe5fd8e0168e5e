"""Keys by system."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from gui.components import keys
from gui.shell.application_menu import application_menu


def test_macos_deletes_with_backspace_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.sys, "platform", "linux")
    assert keys.delete_keys() == [QKeySequence("Delete")]
    monkeypatch.setattr(keys.sys, "platform", "darwin")
    assert keys.delete_keys() == [QKeySequence("Delete"), QKeySequence("Backspace")]


class KeysOfMacos(QKeySequence):
    """Linux writes its keys as programs do; macOS has signs for people."""

    def toString(self, format: QKeySequence.SequenceFormat = QKeySequence.SequenceFormat.PortableText) -> str:
        text = super().toString(format)
        return text.replace("Ctrl+", "⌘") if format == QKeySequence.SequenceFormat.NativeText else text


def test_keys_are_shown_in_the_signs_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.shown(QKeySequence.StandardKey.Undo) == "Ctrl+Z"
    monkeypatch.setattr(keys, "QKeySequence", KeysOfMacos)
    assert keys.shown("Ctrl+Z") == "⌘Z"
    assert keys.sequences("F3", QKeySequence.StandardKey.FindNext)[0] == QKeySequence("F3")


def test_the_application_menu_has_what_every_program_of_macos_has(qtbot: QtBot) -> None:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMessageBox, QWidget

    asked: list[str] = []
    window = QWidget()
    qtbot.addWidget(window)
    bar = application_menu(window, preferences=lambda: asked.append("preferences"), leave=lambda: asked.append("leave"))
    qtbot.addWidget(bar)
    actions = {action.menuRole(): action for action in bar.actions()[0].menu().actions()}
    actions[QAction.MenuRole.PreferencesRole].trigger()
    actions[QAction.MenuRole.QuitRole].trigger()
    assert asked == ["preferences", "leave"]
    actions[QAction.MenuRole.AboutRole].trigger()
    (about,) = window.findChildren(QMessageBox)
    assert about.text().startswith("Tunewright 0.")
    about.close()
