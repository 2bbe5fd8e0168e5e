"""Entities: tags of all schemes are read as IOB2, one decoder counts them, and the counts equal seqeval's."""

from __future__ import annotations

import warnings
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.metrics import f1_score as f1_of_classes

from engine.contract.tag_schemes import Span, entities_in, label_names_for, strict_spans, to_iob2, types_in
from engine.tasks.scores import count_entities, entity_rows, scores_of, scores_per_type

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
TAGS_OF_WORDS = ("ADJ", "DET", "NOUN", "VERB")
WORD_TAGS = st.sampled_from(TAGS_OF_WORDS)
ROWS = st.lists(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=8), min_size=1, max_size=6)


@given(ROWS)
def test_scores_equal_seqevals_as_a_pipeline_reads_tags(rows: list[list[tuple[str, str]]]) -> None:
    truth = [[true for true, _ in row] for row in rows]
    answers = [[answer for _, answer in row] for row in rows]
    assert counted(truth, answers) == seqeval_scores(truth, answers)


@given(ROWS)
def test_scores_of_sound_tags_equal_seqevals_strict_mode(rows: list[list[tuple[str, str]]]) -> None:
    truth = [to_iob2([true for true, _ in row]) for row in rows]
    answers = [to_iob2([answer for _, answer in row]) for row in rows]
    assert counted(truth, answers) == seqeval_scores(truth, answers, mode="strict", scheme=IOB2)


@given(ROWS)
def test_the_scores_of_each_type_equal_seqevals(rows: list[list[tuple[str, str]]]) -> None:
    truth = [to_iob2([true for true, _ in row]) for row in rows]
    answers = [to_iob2([answer for _, answer in row]) for row in rows]
    own = scores_per_type(count_entities(truth, answers, ("LOC", "PER")), ("LOC", "PER"))
    for item in own:
        of_type = [[[tag if item.label in tag else "O" for tag in row] for row in side] for side in (truth, answers)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = [score(*of_type, zero_division=0) for score in (precision_score, recall_score, f1_score)]
        found, true = (sum(tag == f"B-{item.label}" for row in side for tag in row) for side in (answers, truth))
        measurable = (found, true, found + true)
        expected = [pytest.approx(value) if some else None for value, some in zip(values, measurable, strict=True)]
        assert [item.precision, item.recall, item.f1] == expected
        assert item.support == true


@given(ROWS)
def test_word_accuracy_equals_scikit_learns(rows: list[list[tuple[str, str]]]) -> None:
    truth, answers = ([[pair[side] for pair in row] for row in rows] for side in (0, 1))
    found = scores_of(count_entities(truth, answers, ("LOC", "PER")))["word_accuracy"]
    assert found == pytest.approx(accuracy_score(list(chain(*truth)), list(chain(*answers))))


@given(st.lists(st.lists(st.tuples(WORD_TAGS, WORD_TAGS), min_size=1, max_size=8), min_size=1, max_size=6))
def test_scores_of_tags_of_single_words_equal_scikit_learns(rows: list[list[tuple[str, str]]]) -> None:
    truth, answers = ([[pair[side] for pair in row] for row in rows] for side in (0, 1))
    counts = count_entities(truth, answers, TAGS_OF_WORDS, one_per_word=True)
    flat_truth, flat_answers = list(chain(*truth)), list(chain(*answers))
    present = sorted(set(flat_truth))
    macro = f1_of_classes(flat_truth, flat_answers, labels=present, average="macro", zero_division=0)
    accuracy = accuracy_score(flat_truth, flat_answers)
    assert scores_of(counts) == {"word_accuracy": pytest.approx(accuracy), "macro_f1": pytest.approx(macro)}
    reference = precision_recall_fscore_support(
        flat_truth, flat_answers, labels=TAGS_OF_WORDS, average=None, zero_division=np.nan
    )
    for item, *values, support in zip(scores_per_type(counts, TAGS_OF_WORDS), *reference, strict=True):
        expected = [None if np.isnan(value) else pytest.approx(value) for value in values]
        assert [item.precision, item.recall, item.f1] == expected
        assert item.support == support


def counted(truth: list[list[str]], answers: list[list[str]]) -> dict[str, float | None]:
    scores = scores_of(count_entities(truth, answers, ("LOC", "PER")))
    return {name: scores[name] for name in ("entity_f1", "entity_precision", "entity_recall")}


def seqeval_scores(truth: list[list[str]], answers: list[list[str]], **options: object) -> dict[str, object]:
    """seqeval's, and None where it divides by nothing."""
    types = ("LOC", "PER")
    some_true, some_found = (
        any(entities_in(tags, label_names_for(types)) for tags in rows) for rows in (truth, answers)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f1, precision, recall = (
            score(truth, answers, zero_division=0, **options) for score in (f1_score, precision_score, recall_score)
        )
    return {
        "entity_f1": pytest.approx(f1) if some_true or some_found else None,
        "entity_precision": pytest.approx(precision) if some_found else None,
        "entity_recall": pytest.approx(recall) if some_true else None,
    }


def test_an_entity_without_a_beginning_is_scored_as_it_is_shown() -> None:
    assert entities_in(["O", "I-PER", "I-PER"], label_names_for(("PER",))) == [Span(1, 3, "PER")]
    scores = scores_of(count_entities([["O", "B-PER", "I-PER"]], [["O", "I-PER", "I-PER"]], ("PER",)))
    assert scores["entity_f1"] == 1.0


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("IOB2", ["B-PER", "I-PER", "O", "B-LOC", "B-LOC"]),
        ("IOB1", ["I-PER", "I-PER", "O", "I-LOC", "B-LOC"]),
        ("BIOES", ["B-PER", "E-PER", "O", "S-LOC", "S-LOC"]),
        ("BILOU", ["B-PER", "L-PER", "O", "U-LOC", "U-LOC"]),
    ],
)
def test_all_schemes_say_the_same(scheme: str, tags: list[str]) -> None:
    assert to_iob2(tags) == ["B-PER", "I-PER", "O", "B-LOC", "B-LOC"], scheme


def test_plain_types_are_joined_where_they_touch() -> None:
    assert to_iob2(["PER", "PER", "O", "LOC", "PER"]) == ["B-PER", "I-PER", "O", "B-LOC", "B-PER"]


def test_an_end_closes_an_entity_even_when_the_next_lacks_its_beginning() -> None:
    assert to_iob2(["B-PER", "E-PER", "I-PER"]) == ["B-PER", "I-PER", "B-PER"]


@given(st.lists(TAGS, max_size=10))
def test_iob2_is_left_as_it_is_once_it_is_sound(tags: list[str]) -> None:
    sound = to_iob2(tags)
    assert to_iob2(sound) == sound


def test_without_a_beginning_there_is_no_entity() -> None:
    assert strict_spans(["I-PER", "O", "B-PER", "I-LOC", "I-PER"]) == [Span(2, 3, "PER")]


def test_label_names_hold_both_tags_of_each_type() -> None:
    assert label_names_for(("LOC", "PER")) == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert types_in(label_names_for(("LOC", "PER"))) == ("LOC", "PER")


def test_where_there_is_nothing_to_find_scores_are_not_measurable() -> None:
    scores = scores_of(count_entities([["O"]], [["O"]], ("PER",)))
    assert scores == {"entity_f1": None, "entity_precision": None, "entity_recall": None, "word_accuracy": 1.0}
    (row,) = scores_per_type(count_entities([["O"]], [["O"]], ("PER",)), ("PER",))
    assert (row.precision, row.recall, row.f1, row.support) == (None, None, None, 0)


@given(ROWS, st.lists(st.integers(0, 100), min_size=1, max_size=20))
def test_a_selection_scores_like_the_selected_rows(rows: list[list[tuple[str, str]]], picks: list[int]) -> None:
    truth = [[true for true, _ in row] for row in rows]
    answers = [[answer for _, answer in row] for row in rows]
    selection = np.asarray([pick % len(rows) for pick in picks])
    counts = count_entities(truth, answers, ("LOC", "PER"))
    expected = scores_of(
        count_entities([truth[index] for index in selection], [answers[index] for index in selection], ("LOC", "PER"))
    )
    times = np.bincount(selection, minlength=len(rows))[:, None].astype(np.float32)
    found = {name: values[0] for name, values in entity_rows(counts).scores(times).items()}
    assert found == pytest.approx(
        {name: np.nan if score is None else score for name, score in expected.items()}, nan_ok=True
    )
