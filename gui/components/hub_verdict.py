"""What a model or data set of the Hub costs before it is downloaded: size, free disk space, licence and languages."""

from __future__ import annotations

import functools

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.contract.formatting import language_text
from engine.contract.queries import HubConfigurationFound, HubDatasetFound, HubModelFound
from engine.contract.sentences import Sentence
from gui.components.plain_label import PlainLabel
from gui.design import assets
from gui.design.theme import SPACE, appearance, theme

ICON_WIDTH = 18  # pixels
MOST_LANGUAGES = 3


def download_sentence(found: HubModelFound | HubDatasetFound, sizes: HubModelFound | HubConfigurationFound) -> str:
    """One line of facts about what would be downloaded; `sizes` are those of the model or of one configuration."""
    missing = max(0, sizes.download_bytes - sizes.cached_bytes)
    parts: list[str]
    if missing == 0:
        parts = [Sentence("gui.components.already_computer", value=found.id, download_bytes=sizes.download_bytes)]
    elif sizes.cached_bytes:
        parts = [
            Sentence(
                "gui.components.still_downloaded", value=found.id, missing=missing, download_bytes=sizes.download_bytes
            )
        ]
    else:
        parts = [Sentence("gui.components.download", value=found.id, missing=missing)]
    if missing:
        parts.append(Sentence("gui.components.free_disk", free_bytes=found.free_bytes))
    parts.append(
        Sentence("gui.components.licence", license=found.license)
        if found.license
        else Sentence("gui.components.licence_not_stated")
    )
    if found.languages:
        parts.append(", ".join(language_name(code) for code in found.languages[:MOST_LANGUAGES]))
    if not has_room(found, sizes):
        parts.append(Sentence("gui.components.does_not_fit_disk"))
    return " · ".join(parts) + "."


def has_room(found: HubModelFound | HubDatasetFound, sizes: HubModelFound | HubConfigurationFound) -> bool:
    """Whether the disk has room for what is missing."""
    return sizes.download_bytes - sizes.cached_bytes <= found.free_bytes


def language_name(code: str) -> str:
    """The name of a language by its code; an unknown code as it is."""
    return language_text(_in_english(code))


def language_code(name: str) -> str:
    """The code of a language by its English name; empty where it is none."""
    return next((code for code in _codes() if _in_english(code).casefold() == name.casefold()), "")


def _in_english(code: str) -> str:
    language = QLocale.codeToLanguage(code)
    return code if language == QLocale.Language.AnyLanguage else QLocale.languageToString(language)


@functools.cache
def _codes() -> tuple[str, ...]:
    """All codes of two letters that Qt has a language for."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = (first + second for first in letters for second in letters)
    return tuple(code for code in pairs if QLocale.codeToLanguage(code) != QLocale.Language.AnyLanguage)


class VerdictLine(QWidget):
    """An icon and a sentence; hidden while there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._icon.setFixedWidth(ICON_WIDTH)
        self._sentence = PlainLabel(role="quiet", wrap=True)
        self._role = "accent"
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._icon)
        row.addWidget(self._sentence, 1)
        appearance().changed.connect(self._paint)
        self.show_verdict("")

    def show_verdict(self, sentence: str, role: str = "accent") -> None:
        """Shows this sentence; `role` is accent, good or caution."""
        self._sentence.setText(sentence)
        self._role = role
        self.setVisible(bool(sentence))
        self._paint()

    def sentence(self) -> str:
        """The sentence that is shown."""
        return self._sentence.text()

    def _paint(self) -> None:
        name = {"caution": "caution", "good": "good"}.get(self._role, "news")
        self._icon.setPixmap(assets.pixmap(name, getattr(theme(), self._role)))
