"""Files with one word per line: which column holds the words and which the tags is found from what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, ReadingOptions, Roles
from engine.preparing.inspection import inspect
from engine.reading.formats import conll
from engine.reading.formats.registry import layout_of, read
from engine.reading.formats.text_files import TextSample
from tests.builders_data import ignore

NAMES = [("Anna", "PER"), ("Ben", "PER"), ("Graz", "LOC"), ("Oslo", "LOC"), ("Bluefin", "ORG")]
REST = [("visited", "VBD"), ("the", "DT"), ("fair", "NN"), ("in", "IN"), ("May", "NNP")]


def sentences() -> list[list[tuple[str, str, str, str]]]:
    """Words with a part of speech, a chunk tag and an entity tag."""
    made = []
    for number in range(30):
        first, kind = NAMES[number % 5]
        words = [(first, "NNP", "B-NP", f"B-{kind}"), ("Weber", "NNP", "I-NP", f"I-{kind}")]
        words += [(word, pos, ("B-VP", "B-NP", "I-NP", "B-PP", "B-NP")[at], "O") for at, (word, pos) in enumerate(REST)]
        made.append([*words[: 3 + number % 5], (str(number), "CD", "I-NP", "O")])
    return made


def written(folder: Path, lines: list[list[str]], delimiter: str = "\t") -> Path:
    path = folder / "rows.conll"
    path.write_text("\n\n".join("\n".join(lines_of) for lines_of in lines) + "\n", "utf-8")
    return path


def seen(folder: Path, path: Path) -> Inspection:
    (folder / "scratch").mkdir(exist_ok=True)
    return inspect(FileRows(str(path)), ignore, scratch=folder / "scratch")


FORMS = {
    "word and tag": (lambda at, word, pos, chunk, tag: f"{word}\t{tag}", Roles(tokens="tokens", tags="tags")),
    "word and tag, spaces": (lambda at, word, pos, chunk, tag: f"{word} {tag}", Roles(tokens="tokens", tags="tags")),
    "CoNLL-2003": (
        lambda at, word, pos, chunk, tag: f"{word} {pos} {chunk} {tag}",
        Roles(tokens="tokens", tags="tags"),
    ),
    "tag and word": (lambda at, word, pos, chunk, tag: f"{tag}\t{word}", Roles(tokens="tokens 2", tags="tags 1")),
    "number, word, outer, nested": (
        lambda at, word, pos, chunk, tag: f"{at + 1}\t{word}\t{tag}\t{'B-LOC' if word == 'Graz' else 'O'}",
        Roles(tokens="tokens 2", tags="tags 3"),
    ),
    "number, word, tag": (
        lambda at, word, pos, chunk, tag: f"{at}\t{word}\t{tag}",
        Roles(tokens="tokens 2", tags="tags"),
    ),
    "document, word, part of speech, tag": (
        lambda at, word, pos, chunk, tag: f"news/a\t{word}\t{pos}\t{tag}",
        Roles(tokens="tokens 2", tags="tags"),
    ),
    "word, tag, part of speech": (
        lambda at, word, pos, chunk, tag: f"{word}\t{tag}\t{pos}",
        Roles(tokens="tokens", tags="tags 2"),
    ),
    "tabs and spaces": (
        lambda at, word, pos, chunk, tag: f"{word}{' ' if at % 3 else chr(9)}{tag}",
        Roles(tokens="tokens", tags="tags"),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_words_and_tags_are_found_wherever_they_are(tmp_path: Path, form: str) -> None:
    line, roles = FORMS[form]
    path = written(tmp_path, [[line(at, *word) for at, word in enumerate(words)] for words in sentences()])
    found = seen(tmp_path, path)
    assert (found.format, found.task, found.roles) == ("conll", "token_classification", roles)
    assert (found.rows_in, found.rows_used) == (30, 30)
    assert found.entities == {"PER": 12, "LOC": 12, "ORG": 6}
    assert found.words == sum(map(len, sentences()))
    assert found.examples[0]["tokens"] == [word for word, *_ in sentences()[0]]


def test_a_no_break_space_is_a_part_of_its_word(tmp_path: Path) -> None:
    path = written(tmp_path, [["20\u00a0000 B-QUANTITY", "Euro I-QUANTITY", "pro O", "Tag O"] for _ in range(6)])
    layout = layout_of(path, ReadingOptions())
    (chunk,) = read(path, layout, ("tokens",))
    assert chunk.columns["tokens"][0] == ["20\u00a0000", "Euro", "pro", "Tag"]
    assert chunk.excluded == []


def test_words_with_spaces_stay_whole_between_tabs(tmp_path: Path) -> None:
    path = written(tmp_path, [["New York\tB-LOC", "is\tO", "a lot\tO"] for _ in range(6)])
    (chunk,) = read(path, layout_of(path, ReadingOptions()), ("tokens",))
    assert chunk.columns["tokens"][0] == ["New York", "is", "a lot"]


def test_a_sentence_with_a_line_without_a_tag_and_a_word_that_nobody_sees_are_named(tmp_path: Path) -> None:
    lines = [["Anna B-PER", "Weber I-PER", f"sings{n} O"] for n in range(8)]
    lines[2][2] = "sings"
    lines[4][2] = "\u200b O"
    found = seen(tmp_path, written(tmp_path, lines))
    assert found.rows_used == 6
    assert found.rows_excluded == {"has a line with 1 column instead of 2": 1, "has an empty word": 1}


def test_prefixes_in_small_letters_are_prefixes(tmp_path: Path) -> None:
    found = seen(tmp_path, written(tmp_path, [["anna b-per", "weber i-per", f"sings{n} o"] for n in range(8)]))
    assert found.entities == {"per": 8}


def test_the_word_i_at_the_same_place_of_each_line_is_no_tag(tmp_path: Path) -> None:
    lines = [
        f'"The {place}th parcel that I ordered has not come, and why","late number {place % 6}"' for place in range(60)
    ]
    path = tmp_path / "parcels.csv"
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = layout_of(path, ReadingOptions())
    assert (found.options.format, found.columns) == ("csv", ("text", "label"))


def test_words_with_tabs_need_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("Anna\tB-PER\nsings\tO\n\n" * 5, "utf-8")
    assert conll.rows_of(path, ReadingOptions(delimiter="\t")) is None
    path.write_text("Anna;B-PER\nsings;O\n\n" * 5, "utf-8")
    assert conll.rows_of(path, ReadingOptions(delimiter=";")) is not None


def test_a_file_is_looked_at_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[int] = []
    shape = conll._shape
    monkeypatch.setattr(conll, "_shape", lambda lines: (shapes.append(len(lines)), shape(lines))[1])
    path = tmp_path / "words.txt"
    for words in (6, 7):
        path.write_text("once_looked_at O\n\n" * words, "utf-8")
        text = path.read_text("utf-8")
        answers = [conll.is_conll(TextSample(path, "utf-8", f"{text} "[:-1])) for _ in range(3)]
        assert answers == [True, True, True]
    assert len(shapes) == 2


def test_a_file_whose_lines_are_words_alone_is_read_without_tags(tmp_path: Path) -> None:
    """A damaged file (found by fuzzing): one line with a tag, and hundreds of words of one column."""
    path = tmp_path / "words.conll"
    path.write_text("-DOCSTART- O\n\n" + "Anna\nlives\n\n" * 60, encoding="utf-8")
    layout = layout_of(path, ReadingOptions(format="conll"))
    chunks = list(read(path, layout, layout.columns))
    assert layout.columns == ("tokens", "tags")
    assert sum(len(chunk.excluded) for chunk in chunks) == 60
    assert not any(chunk.numbers for chunk in chunks)
