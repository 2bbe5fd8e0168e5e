"""UTF-8 that was read as Windows-1252 or Latin-1 is read back, and nothing else is touched."""

from __future__ import annotations

import sys

import pytest

from engine.preparing.rows import misread_text
from engine.preparing.rows.cleaning import Cleaner
from engine.preparing.rows.misread_text import DAMAGED, REPAIRABLE, RIGHT, holds_signs, repair, repaired, state_of
from tests.benchmarks.encoding_texts import SENTENCES


def misread(text: str, encoding: str) -> str:
    """The text as a program reads it that takes UTF-8 for this encoding; codes without a character stay as they are."""
    return "".join(
        bytes([code]).decode(encoding) if bytes([code]).decode(encoding, "ignore") else chr(code)
        for code in text.encode()
    )


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_misread_sentence_of_any_language_is_read_back(language: str, encoding: str) -> None:
    for sentence in SENTENCES[language]:
        assert repaired(misread(sentence, encoding)) == sentence
        assert repaired(misread(misread(sentence, encoding), encoding)) == sentence


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_that_is_right_stays(language: str) -> None:
    for sentence in SENTENCES[language]:
        assert repaired(sentence) == sentence
        assert repaired(sentence.upper()) == sentence.upper()
        assert not holds_signs(sentence)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "CAFÉ”", "“CAFÉ”", "À™", "NÃO", "Ça va ?", "£5 – Â", "50 °C", "Ångström", "[SECCIÓ…]", "‚Ärger‘"],
)
def test_capitals_and_signs_that_are_right_stay(text: str) -> None:
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Łódź jest piękna, a “śnieg” w górach leży do maja", "cp1250"),
        ("Это — “хороший” фильм, правда", "cp1251"),
        ("Ο καιρός “είναι” καλός", "cp1253"),
        ("Günaydın, “bugün” hava çok güzel", "cp1254"),
        ("Ryto rūkas – “labai” tirštas", "cp1257"),
        ("It’s the café’s “best” crème brûlée", "mac-roman"),
        ("It’s the café’s “best” crème brûlée", "cp437"),
    ],
)
def test_text_that_was_misread_in_another_encoding_is_read_back(text: str, encoding: str) -> None:
    assert repaired(misread(text, encoding)) == text


def test_what_was_misread_is_repaired_beside_what_was_right() -> None:
    assert repaired(f"{misread('schön, låt stå', 'cp1252')} — teuer, Öl") == "schön, låt stå — teuer, Öl"


@pytest.mark.parametrize("text", ["â€œ like this â€\ufffd", "voilÃ le travail", "fÃ cil", "â€œ like this â€"])
def test_no_letter_is_invented_where_a_byte_was_lost(text: str) -> None:
    lost = text.removeprefix("â€œ like this ")
    assert repaired(text).endswith(lost)
    assert state_of({"text": repaired(text)}, ("text",)) == DAMAGED


def test_a_code_of_windows_1252_alone_is_no_misread_text() -> None:
    for text in ("It\x92s", "caf\u00e9\x85", "abc\x81", "caf\u00e9 \ufffd"):
        assert repaired(text) == text


@pytest.mark.parametrize("sentence", ["“So,” he said.", "Á la carte", "Ý is a letter", "こんにちは。", "Ő és Ű"])
def test_cleaning_leaves_the_codes_that_a_repair_needs(sentence: str) -> None:
    for encoding in ("cp1252", "latin-1"):
        written = misread(sentence, encoding)
        cleaner = Cleaner(strip_html_breaks=True)
        cleaned = cleaner.value("text", written)[0]
        assert cleaned == written
        assert repaired(str(cleaned)) == sentence
        assert not cleaner.notes()


def test_a_row_is_repaired_in_all_its_columns() -> None:
    row = {"text": "caf\u00c3\u00a9", "label_set": ["gut", "sch\u00c3\u00b6n"]}
    columns = ("text", "label_set")
    assert state_of(row, columns) == REPAIRABLE
    assert repair(row, columns)
    assert row == {"text": "café", "label_set": ["gut", "schön"]}
    assert state_of(row, columns) == RIGHT
    assert not repair(row, columns)


def test_words_that_were_cut_within_a_misread_character_are_damaged() -> None:
    assert state_of({"tokens": ["don", "â", "€", "™", "t"]}, ("tokens",)) == DAMAGED
    assert state_of({"tokens": ["donâ€™t"]}, ("tokens",)) == REPAIRABLE


def test_a_byte_order_mark_that_was_read_as_letters_goes() -> None:
    assert repaired("ï»¿text") == "text"


def test_without_ftfy_nothing_is_repaired_and_damage_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ftfy", None)
    misread_text._can_repair.cache_clear()
    try:
        assert repaired("It wasnâ€™t") == "It wasnâ€™t"
        assert state_of({"text": "It wasnâ€™t"}, ("text",)) == DAMAGED
    finally:
        misread_text._can_repair.cache_clear()
