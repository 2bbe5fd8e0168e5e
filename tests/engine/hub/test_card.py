"""What a README states about licence and languages, and that a hostile one gives an empty card."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.hub.card import Card, read_card


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("---\nlicense: mit\nlanguage: en\n---\n", Card("mit", ("en",))),
        ("---\nlanguage:\n- en\n- no\n- en\n---\n# x", Card("", ("en", "no"))),
        ("---\r\nlicense: apache-2.0\r\n---\r\n", Card("apache-2.0")),
        ("# Only a title\n---\nlicense: mit\n---\n", Card()),
        ("---\nlicense: mit\n", Card()),
        ("---\nlicense: [mit]\nlanguage: {a: b}\n---\n", Card()),
        ("---\nlicense: 3\nlanguage: 4\n---\n", Card()),
        ("---\n- a\n---\n", Card()),
        ("---\nlicense: 'mit\n---\n", Card()),
        ("---\n!!python/object/apply:os.system ['true']\n---\n", Card()),
        ("---\na: &a [x, x]\nb: &b [*a, *a]\nlicense: mit\n---\n", Card()),
        ("---\n" + "[" * 150_000 + "\n---\n", Card()),  # hours, if it were scanned to its end
        ("---\n" + "{" * 150_000 + "\n---\n", Card()),
        ("---\nother: [[a], {b: [c]}]\nlicense: mit\n---\n", Card("mit")),
        ("", Card()),
    ],
)
def test_the_block_at_the_top_is_read_and_nothing_else(tmp_path: Path, text: str, card: Card) -> None:
    (tmp_path / "README.md").write_text(text, "utf-8", newline="")
    assert read_card(tmp_path) == card


def test_a_folder_without_a_readme_or_with_something_else_reports_nothing(tmp_path: Path) -> None:
    assert read_card(tmp_path) == Card()
    (tmp_path / "README.md").mkdir()
    assert read_card(tmp_path) == Card()
