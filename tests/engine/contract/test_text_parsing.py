"""The text of a row that is given as words."""

from __future__ import annotations

import pytest

from engine.contract.text_parsing import full_text, joined_words, places_in


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["Anna", "lives", "in", "Graz", "."], "Anna lives in Graz ."),
        (list("张敏在上海。"), "张敏在上海。"),
        (["東京", "タワー", "に", "行く"], "東京タワーに行く"),
        (["ฉัน", "อยู่", "กรุงเทพ"], "ฉันอยู่กรุงเทพ"),
        (["서울", "에서"], "서울 에서"),  # Korean has spaces
        (["在", "iPhone", "上"], "在 iPhone 上"),
        ([], ""),
    ],
)
def test_words_have_single_spaces_between_them_except_in_scripts_without(words: list[str], text: str) -> None:
    assert joined_words(words) == text
    assert [text[start:end] for start, end in places_in(text, words) or []] == words


def test_a_file_can_say_that_no_space_follows() -> None:
    assert joined_words(["Graz", ",", "Linz", "."], glued={0, 2}) == "Graz, Linz."


def test_words_that_a_text_does_not_hold_in_this_order_have_no_places() -> None:
    assert places_in("a b", ["b", "a"]) is None
    assert places_in("a  b a", ["a", "b", "a"]) == [(0, 1), (3, 4), (5, 6)]


def test_a_row_without_a_text_of_its_own_is_joined() -> None:
    assert full_text({"tokens": ["a", "b"]}) == "a b"
    assert full_text({"tokens": ["a", "b"], "full_text": "a\tb"}) == "a\tb"
