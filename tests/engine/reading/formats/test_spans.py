"""Marked characters as words and tags: every entity is kept as it was, or reported."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.contract.tag_schemes import strict_spans
from engine.contract.text_parsing import places_in
from engine.reading.formats.marked_text import NO_LABEL, NO_WORD, OVERLAPS, WIDENED, Mark, words_and_tags
from engine.reading.formats.words import places_of_words

TEXT = "Anna Smith lives in New York."
PER, PLACE = Mark(0, 10, "PER"), Mark(20, 28, "LOC")


def test_marks_on_word_borders_become_tags_and_nothing_is_reported() -> None:
    tagged = words_and_tags(TEXT, [PER, PLACE, PER])
    assert tagged.words == ["Anna", "Smith", "lives", "in", "New", "York", "."]
    assert tagged.tags == ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]
    assert tagged.conversions == ()


def test_spaces_at_the_border_of_a_mark_are_no_change() -> None:
    tagged = words_and_tags(TEXT, [Mark(0, 11, "PER")])
    assert tagged.tags[:3] == ["B-PER", "I-PER", "O"]
    assert tagged.conversions == ()


def test_a_word_is_parted_where_a_mark_begins_or_ends() -> None:
    tagged = words_and_tags(TEXT, [Mark(5, 8, "PER"), Mark(25, 28, "LOC")])
    assert tagged.words == ["Anna", "Smi", "th", "lives", "in", "New", "Y", "ork", "."]
    assert tagged.tags == ["O", "B-PER", "O", "O", "O", "O", "O", "B-LOC", "O"]
    assert tagged.conversions == ()
    assert (tagged.begin_inside, tagged.end_inside) == (1, 1)
    korean = words_and_tags("서울에서 만났다", [Mark(0, 2, "LOC")])
    assert (korean.words, korean.tags) == (["서울", "에서", "만났다"], ["B-LOC", "O", "O"])
    assert (korean.begin_inside, korean.end_inside) == (0, 1)


def test_two_marks_in_one_word_are_both_kept() -> None:
    tagged = words_and_tags("Nordtalwerk", [Mark(0, 7, "ORG"), Mark(7, 11, "THING")])
    assert (tagged.words, tagged.tags) == (["Nordtal", "werk"], ["B-ORG", "B-THING"])
    assert tagged.conversions == ()


def test_scripts_without_spaces_keep_every_mark_as_it_is() -> None:
    chinese = words_and_tags("王伟去年搬到了北京市工作。", [Mark(0, 2, "PER"), Mark(7, 10, "LOC")])
    assert chinese.words == list("王伟去年搬到了北京市工作。")
    assert chinese.tags == ["B-PER", "I-PER", *["O"] * 5, "B-LOC", "I-LOC", "I-LOC", "O", "O", "O"]
    thai = words_and_tags("สมชายอยู่ที่กรุงเทพ", [Mark(0, 5, "PER"), Mark(12, 19, "LOC")])
    spans = strict_spans(thai.tags)
    assert ["".join(thai.words[span.start : span.end]) for span in spans] == ["สมชาย", "กรุงเทพ"]
    assert chinese.conversions == thai.conversions == ()
    assert chinese.begin_inside == chinese.end_inside == thai.begin_inside == 0


def test_a_mark_between_a_letter_and_its_marks_is_widened_and_reported() -> None:
    tagged = words_and_tags("cafe\u0301 दिल्ली", [Mark(0, 4, "A"), Mark(6, 7, "B")])
    assert (tagged.words, tagged.tags) == (["cafe\u0301", "दि", "ल्ली"], ["B-A", "B-B", "O"])
    assert tagged.conversions == (("A: cafe", "A: cafe\u0301", WIDENED), ("B: द", "B: दि", WIDENED))


def test_invisible_characters_at_the_edge_of_a_mark_are_no_change() -> None:
    tagged = words_and_tags("\ufeffAnna\u200f in \u200eGraz", [Mark(0, 6, "PER"), Mark(10, 15, "LOC")])
    assert [word.strip("\u200f") for word in tagged.words] == ["Anna", "in", "Graz"]
    assert (tagged.tags, tagged.conversions) == (["B-PER", "O", "B-LOC"], ())


def test_of_overlapping_marks_the_longest_stays_and_words_are_parted_by_it_alone() -> None:
    tagged = words_and_tags(TEXT, [Mark(0, 3, "FIRST"), PER, Mark(25, 29, "X"), PLACE])
    assert tagged.words == ["Anna", "Smith", "lives", "in", "New", "York", "."]
    assert tagged.tags == ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]
    assert [change.reason for change in tagged.conversions] == [OVERLAPS, OVERLAPS]
    assert {change.before for change in tagged.conversions} == {"FIRST: Ann", "X: ork."}


def test_marks_of_nothing_are_left_out_and_reported() -> None:
    marks = [Mark(4, 5, "A"), Mark(7, 7, "B"), Mark(-1, -1, "C"), Mark(20, 99, "D"), Mark(0, 4, "")]
    tagged = words_and_tags(TEXT, marks)
    assert set(tagged.tags) == {"O"}
    assert {change.before[0]: change.reason for change in tagged.conversions} == {
        "A": NO_WORD,
        "B": NO_WORD,
        "C": NO_WORD,
        "D": NO_WORD,
        "n": NO_LABEL,
    }


@given(
    st.text(alphabet="ab1 .,-'’@/\nß漢😀\u00a0", max_size=40),
    st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45), st.sampled_from(["PER", "LOC", ""])), max_size=8),
)
def test_entities_in_the_file_are_unchanged_ones_widened_ones_and_lost_ones(
    text: str, marks: list[tuple[int, int, str]]
) -> None:
    given_marks = [Mark(*mark) for mark in marks]
    tagged = words_and_tags(text, given_marks)
    assert len(tagged.words) == len(tagged.tags)
    assert "".join(tagged.words) == "".join(text.split())  # no character that can be seen is lost
    entities = strict_spans(tagged.tags)
    lost = [change for change in tagged.conversions if not change.after]
    assert len(set(given_marks)) == len(entities) + len(lost)
    places = places_in(text, tagged.words) or []
    for span in entities:
        start, end = places[span.start][0], places[span.end - 1][1]
        assert any(mark.label == span.type and start < mark.end and mark.start < end for mark in given_marks)


@given(st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), min_size=1, max_size=12))
def test_tags_to_marks_and_back_are_the_same_tags(tags: list[str]) -> None:
    words = [f"word{number}" for number in range(len(tags))]
    text = " ".join(words)
    places = places_of_words(text)
    spans = strict_spans(tags)
    marks = [Mark(places[span.start][0], places[span.end - 1][1], span.type) for span in spans]
    tagged = words_and_tags(text, marks)
    assert tagged.conversions == ()
    assert strict_spans(tagged.tags) == spans
