"""The two texts of a pair under each other: which words are marked, and that nothing in them is markup."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from gui.evaluate.pair_text import MOST_WORDS, PairText, differing_parts


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("A man plays a guitar.", "A woman plays a flute.", (["man", "guitar"], ["woman", "flute"])),
        ("The same words", "the SAME words", ([], [])),
        ("He did", "He did not go", ([], ["not go"])),
        ("", "all of it", ([], ["all of it"])),
        ("你好 世界", "你好 大地", (["世界"], ["大地"])),
    ],
)
def test_words_that_one_text_alone_has_are_marked(first: str, second: str, marked: tuple[list[str], list[str]]) -> None:
    parts = differing_parts(first, second)
    assert tuple("".join(text for text, _ in side) for side in parts) == (first, second)
    found = tuple([text.strip() for text, is_marked in side if is_marked] for side in parts)
    assert found == marked


def test_both_texts_are_shown_as_they_are_written(qtbot: QtBot) -> None:
    view = PairText()
    qtbot.addWidget(view)
    view.resize(400, 100)
    view.show_texts("<b>bold</b> &amp; plain", "<i>bold</i> &amp; plain")
    assert view.toPlainText() == "<b>bold</b> &amp; plain\n<i>bold</i> &amp; plain"
    assert view.marked() == (["b", "b"], ["i", "i"])
    cursor = QTextCursor(view.document())
    cursor.setPosition(2)  # behind “<b”
    assert cursor.charFormat().fontUnderline()
    cursor.setPosition(6)
    assert not cursor.charFormat().fontUnderline()


def test_a_very_long_pair_is_compared_in_part(qtbot: QtBot) -> None:
    first, second = "word " * MOST_WORDS + "left", "word " * MOST_WORDS + "right"
    view = PairText()
    qtbot.addWidget(view)
    view.show_texts(first, second)
    assert view.marked() == ([], [])
    assert view.height() <= 220
