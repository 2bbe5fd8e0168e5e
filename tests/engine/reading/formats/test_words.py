"""Words of texts in every script: marks stay with their letters, and what nobody sees is no word of its own."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.formats.words import is_inside_word, places_of_words, whole_clusters


def words(text: str, borders: tuple[int, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in places_of_words(text, borders)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王伟去年搬到北京。", list("王伟去年搬到北京。")),
        ("用GPT模型，2023年", ["用", "GPT", "模", "型", "，", "2023", "年"]),
        ("ローマ字の人々", list("ローマ字の人々")),
        ("ที่กรุงเทพ", ["ที่", "ก", "รุ", "ง", "เ", "ท", "พ"]),
        ("ຢູ່ລາວ", ["ຢູ່", "ລ", "າ", "ວ"]),
        ("ខ្ញុំនៅ", regex.findall(r"\X", "ខ្ញុំនៅ")),
        ("བོད་ཡིག", [*regex.findall(r"\X", "བོདཡིག")[:2], "་", *regex.findall(r"\X", "བོདཡིག")[2:]]),
        ("서울에서 만났다.", ["서울에서", "만났다", "."]),
    ],
)
def test_scripts_without_spaces_are_words_by_character(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("राहुल दिल्ली में", ["राहुल", "दिल्ली", "में"]),
        (unicodedata.normalize("NFD", "Amélie à Łódź."), unicodedata.normalize("NFD", "Amélie à Łódź .").split()),
        ("مُحَمَّد في", ["مُحَمَّد", "في"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("தமிழ் நாடு", ["தமிழ்", "நாடு"]),
        ("👩‍👩‍👧 🇩🇪🇫🇷 1️⃣ ❤️!", ["👩‍👩‍👧", "🇩🇪", "🇫🇷", "1️⃣", "❤️", "!"]),
    ],
)
def test_marks_are_never_split_off(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("sign", "\u00ad\u200c\u200d\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff\ufe0f\u034f")
def test_what_nobody_sees_is_no_word_of_its_own(sign: str) -> None:
    assert words(f"می{sign}خواهد {sign} (Graz{sign}) x") == [f"می{sign}خواهد", "(", f"Graz{sign}", ")", "x"]
    assert words(sign) == []


def test_a_space_without_width_parts_words() -> None:
    assert words("foo\u200bbar") == ["foo", "bar"]


def test_words_of_latin_text_are_as_they_were() -> None:
    text = "Anna's well-known café, don’t: https://a.b/c?d 3.5 U.S. @me #top"
    assert words(text) == [
        *("Anna", "'s", "well-known", "café", ",", "don", "’t", ":"),
        *("https://a.b/c?d", "3.5", "U.S", ".", "@me", "#top"),
    ]


def test_no_word_reaches_across_a_border() -> None:
    assert words("Anna's Berlin-Fahrt", (4, 13)) == ["Anna", "'s", "Berlin", "-", "Fahrt"]
    assert words("서울에서", (2,)) == ["서울", "에서"]


def test_clusters_are_whole_and_without_spaces() -> None:
    text = " e\u0301\u200c  दिल्ली\ufeff "  # \u200c continues a cluster, \ufeff does not
    assert whole_clusters(text, 0, 2) == (1, 4)
    assert whole_clusters(text, 2, 5) == (1, 4)
    assert whole_clusters(text, 5, 7) == (6, 8)
    assert whole_clusters(text, 4, 6) == (6, 6)
    assert text[slice(*whole_clusters(text, 7, len(text)))] == "दिल्ली"


def test_a_border_is_inside_a_word_between_two_of_its_letters() -> None:
    assert [is_inside_word("ab-cd 北京", border) for border in range(9)] == [
        *(False, True, False, False, True),
        *(False, False, False, False),
    ]


@given(
    st.text(
        st.sampled_from("ab1 .,-'’@/\n漢กำुद\u0301\u200c\u200d\u200f\ufeff\ufe0f😀👩🇩\u0e34ー\u00ad\u0600\u1100"),
        max_size=30,
    ),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_every_visible_character_belongs_to_one_word(text: str, borders: list[int]) -> None:
    places = places_of_words(text, borders)
    assert all(start < end for start, end in places)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(places))
    covered = {at for start, end in places for at in range(start, end)}
    for at, letter in enumerate(text):
        if at not in covered:
            assert letter.isspace() or regex.match(r"\p{DI}", letter), (text, at)
    for start, end in places:
        assert not any(start < border < end for border in borders)
        assert regex.search(r"[^\s\p{DI}]", text[start:end])
