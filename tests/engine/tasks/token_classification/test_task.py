"""Words beyond the maximum length count as what they truly are, whatever is predicted before the cut."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from datasets import Dataset

from engine.tasks.losses import IGNORED
from engine.tasks.rows import Outputs
from engine.tasks.scores import CountedRows
from engine.tasks.token_classification.task import TokenClassification
from engine.training.batching.rows import encoded_rows
from tests.builders_models import tiny_tokenizer

ENTITIES = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
WORD_TAGS = ("DET", "NOUN", "VERB")
LONGEST = 6  # tokens: four words between the two special tokens
ROWS = {
    "tokens": [["the", "film", "is", "good", "and", "bad"], ["a", "good", "story"]],
    "tags": [["B-PER", "O", "O", "B-LOC", "I-LOC", "B-PER"], ["O", "O", "B-LOC"]],
}


def oracle(rows: dict[str, list[list[str]]], names: tuple[str, ...]) -> tuple[TokenClassification, Outputs]:
    """A network that is right at every word that it reads."""
    task = TokenClassification(names)
    encoded = task.encode(tiny_tokenizer(), rows, label_names=names, max_length=LONGEST)
    split = Dataset.from_dict({**rows, **encoded, "row": [1, 2]})
    read = encoded_rows(split, partial(task.words_of_row, label_names=names))
    labels = [np.asarray(row["labels"]) for row in read.features([0, 1])]
    logits = [np.eye(len(names), dtype=np.float32)[np.where(row == IGNORED, 0, row)] for row in labels]
    return task, Outputs(logits, labels, read.numbers.tolist(), read.words)


def test_a_perfect_network_misses_what_it_has_not_read() -> None:
    task, outputs = oracle(ROWS, ENTITIES)
    scores = task.score(outputs, ENTITIES)
    # One of four entities begins beyond the cut, one is cut in two and found too short.
    assert scores["entity_recall"] == 2 / 4
    assert scores["entity_precision"] == 2 / 3
    assert scores["word_accuracy"] == 7 / 9
    assert {row.label: row.support for row in task.class_scores(outputs, ENTITIES)} == {"LOC": 2, "PER": 2}
    names, matrix = task.confusion(outputs, ENTITIES)
    assert names == ("O", "LOC", "PER")
    assert matrix.tolist() == [[4, 0, 0], [1, 2, 0], [1, 0, 1]]


def test_the_baselines_are_measured_against_the_same_truth() -> None:
    task, outputs = oracle(ROWS, ENTITIES)
    true = task.sample_scores(outputs, ENTITIES).scores(np.ones((2, 1), dtype=np.float32))
    assert true["entity_recall"][0] == 2 / 4
    measured = task.baselines(ROWS, ROWS, ENTITIES)["most_frequent_tag"]
    assert measured.scores["entity_recall"] == 1.0  # of four; it reads every word


def test_a_row_that_is_cut_shows_its_whole_truth() -> None:
    task, outputs = oracle(ROWS, ENTITIES)
    (wrong,) = task.wrong_rows(outputs, [{"tokens": tokens} for tokens in ROWS["tokens"]], ENTITIES, limit=9)
    assert (wrong.truth, wrong.predicted) == ("PER: the; LOC: good and; PER: bad", "PER: the; LOC: good")
    assert wrong.probability == 0.0
    columns = task.predictions(outputs, ENTITIES)
    assert columns["truth"] == ROWS["tags"]
    assert columns["predicted"][0] == ["B-PER", "O", "O", "B-LOC", "O", "O"]
    assert columns["right"] == [False, True]


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (["the", "film", "is", "goodly"], ["O", "O", "O", "B-LOC"]),  # good ##ly, of which the first is read
        (["the", "film", "a", "goodly", "story"], ["O", "O", "B-LOC", "I-LOC", "O"]),
        (["the", "film", "is", "goodly", "bad"], ["O", "O", "O", "B-LOC", "B-LOC"]),
    ],
)
def test_an_entity_that_is_cut_within_a_word_is_missed(words: list[str], tags: list[str]) -> None:
    task, outputs = oracle({"tokens": [words, ["a"]], "tags": [tags, ["O"]]}, ENTITIES)
    counts = task.sample_scores(outputs, ENTITIES)
    assert isinstance(counts, CountedRows)
    correct, found, true = (int(part.sum()) for part in counts.counts(np.ones((2, 1)))[:3])
    # A pipeline that reads as much finds a part of it, which is no entity.
    assert (correct, found, true) == (0, 1, tags.count("B-LOC"))
    (wrong,) = task.wrong_rows(outputs, [{"tokens": words}, {"tokens": ["a"]}], ENTITIES, limit=9)
    assert wrong.truth != wrong.predicted
    assert task.predictions(outputs, ENTITIES)["right"] == [False, True]


def test_a_tag_of_a_word_that_is_cut_is_that_of_its_first_token() -> None:
    task, outputs = oracle(
        {"tokens": [["the", "film", "is", "goodly"], ["a"]], "tags": [["NOUN"] * 4, ["DET"]]}, WORD_TAGS
    )
    assert task.score(outputs, WORD_TAGS)["word_accuracy"] == 1.0


def test_a_tag_of_its_own_is_missed_where_the_word_is_not_read() -> None:
    rows = {"tokens": ROWS["tokens"], "tags": [["DET", "NOUN", "VERB", "NOUN", "DET", "VERB"], ["DET", "NOUN", "NOUN"]]}
    task, outputs = oracle(rows, WORD_TAGS)
    assert task.score(outputs, WORD_TAGS)["word_accuracy"] == 7 / 9
    assert task.confusion(outputs, WORD_TAGS)[1].sum() == 7
    assert task.predictions(outputs, WORD_TAGS)["predicted"][0][-2:] == ["", ""]
