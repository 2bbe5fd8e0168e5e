"""Foreign text is shown as written, and never interpreted."""

from __future__ import annotations

from gui.components.plain_text import button_text, on_one_line, tooltip


def test_a_tooltip_is_no_markup_and_keeps_its_lines() -> None:
    assert tooltip("<b>a</b>\n b & c") == "<p style='white-space:pre-wrap'>&lt;b&gt;a&lt;/b&gt;\n b &amp; c</p>"
    assert tooltip("   ") == ""


def test_a_tooltip_of_a_huge_text_is_shortened() -> None:
    assert len(tooltip("y" * 10_000_000)) < 3_000


def test_a_line_holds_no_line_break_and_nothing_that_reorders_it() -> None:
    assert on_one_line("a\0b\u2028c") == "a\ufffdb⏎c"
    assert on_one_line("a\u202eb", 20) == "a⟨U+202E⟩b"
    assert on_one_line("x" * 50, 8) == "xxxxxxxx…"


def test_an_ampersand_of_a_caption_is_no_shortcut() -> None:
    assert button_text("R&D") == "R&&D"
