"""Syntax highlighting of Python code: comments, strings, numbers and keywords, in the colours of the theme."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.design.theme import appearance, theme

_PARTS = re.compile(
    r"""(?P<comment>\#.*$)
    | (?P<string>[rbfu]*(?:\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?))
    | (?P<word>\b[A-Za-z_]\w*\b)
    | (?P<number>\b\d[\d_.]*(?:e[-+]?\d+)?\b)""",
    re.VERBOSE | re.IGNORECASE,
)


class CodeColors(QSyntaxHighlighter):
    """Colours a document line by line."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        appearance().changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        """Colours one line."""
        for part in _PARTS.finditer(text):
            role = self._role(part)
            if role:
                form = QTextCharFormat()
                form.setForeground(theme().color(role))
                self.setFormat(part.start(), part.end() - part.start(), form)

    def _role(self, part: re.Match[str]) -> str:
        match part.lastgroup:
            case "comment":
                return "secondary"
            case "string":
                return "good"
            case "number":
                return "caution"
            case _:
                return "accent" if keyword.iskeyword(part.group()) else ""
