"""Chooses the language of the window before it is built: texts, signs of numbers, and Qt's own texts."""

from __future__ import annotations

import os

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from engine.contract import languages
from engine.contract.sentences import Sentence

_OF_QT = "qt_translations"  # name of the object with Qt's own texts


def use_language(application: QApplication, asked: str, preferred: str) -> None:
    """Uses the language asked for on the command line, else of the environment, of Preferences, or of the system."""
    wanted = (asked, os.environ.get(languages.VARIABLE, ""), preferred)
    code = languages.choose(*wanted, system=QLocale.system().uiLanguages()).code
    QLocale.setDefault(QLocale(code))
    for earlier in application.findChildren(QTranslator, _OF_QT):
        application.removeTranslator(earlier)
        earlier.deleteLater()
    if code != languages.ENGLISH.code:
        translator = QTranslator(application)
        translator.setObjectName(_OF_QT)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(QLocale(code), "qtbase", "_", folder):
            application.installTranslator(translator)


def language_choices() -> list[tuple[str, str]]:
    """The choices of Preferences, each with its caption: a language is called as it calls itself."""
    named = [(code, languages.facts_of(code).name) for code in languages.codes()]
    return [(languages.SYSTEM, Sentence("gui.shell.theme_system")), *named]
