"""Wrong labels put among rows are at the front of the queue: the small version of tests/benchmarks/label_errors.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.contract.tag_schemes import Span
from engine.diagnosing.label_errors import doubts_of, entity_difference, entity_doubts, label_errors
from engine.diagnosing.row_features import PreparedRow, RowFeatures, Rows
from engine.tasks.registry import task_named
from tests.builders import a_dataset
from tests.engine.diagnosing.planted import class_rows, flipped, nearest_classes, with_wrong_entities

CLASSES = 5
NAMES = tuple(f"c{number}" for number in range(CLASSES))
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def silent(_event: Event) -> None:
    pass


def found_in(suspicious: np.ndarray, wrong: np.ndarray) -> tuple[float, float]:
    """Average precision, and the share of the wrong rows in the first tenth."""
    first = np.argsort(-suspicious, kind="stable")[: len(wrong) // 10]
    return float(average_precision_score(wrong, suspicious)), float(wrong[first].sum() / wrong.sum())


def with_labels(found: RowFeatures, labels: np.ndarray) -> RowFeatures:
    columns = {**found.rows.columns, "label": [NAMES[label] for label in labels]}
    return replace(found, rows=replace(found.rows, labels=labels.tolist(), columns=columns))


@pytest.mark.parametrize("seed", range(5))
def test_flipped_labels_come_first(seed: int) -> None:
    found = class_rows(250, CLASSES, seed=seed, apart=4.0)
    truth = np.asarray(found.rows.labels)
    task = task_named("text_classification")
    for nearest in (None, nearest_classes(found.features, truth, CLASSES)):
        labels, wrong = flipped(truth, 0.05, CLASSES, seed=seed, nearest=nearest)
        doubts = doubts_of(task, NAMES, with_labels(found, labels), silent, seed=1)
        precision, early = found_in(-doubts.margin, wrong)
        assert precision >= 0.6
        assert early >= 0.8


def test_the_queue_reaches_over_all_splits_with_suggestions_and_nearest_training_rows() -> None:
    found = class_rows(200, CLASSES, seed=3)
    truth = np.asarray(found.rows.labels)
    labels, wrong = flipped(truth, 0.05, CLASSES, seed=3)
    found = with_labels(found, labels)
    answer = label_errors(a_dataset(label_names=NAMES), found, silent, seed=1)
    assert (answer.rows, answer.total, answer.folds) == (200, 200, 5)
    first = answer.suspected[: int(wrong.sum())]
    assert {row.split for row in first} == {"train", "test"}
    margins = [row.margin for row in answer.suspected]
    assert margins == sorted(margins)
    right = 0
    for row in first:
        position = row.number - 1
        assert found.rows.places[position] == PreparedRow(row.split, row.index, row.number)
        assert row.label == (NAMES[labels[position]],)
        right += wrong[position] and row.suggested == (NAMES[truth[position]],)
        assert len(row.near) == 3
        numbers = [near.number for near in row.near]
        assert row.number not in numbers
        assert all(found.rows.places[number - 1].split == "train" for number in numbers)
    assert right >= 0.7 * wrong.sum()
    assert 0.3 * wrong.sum() <= answer.expected <= 4 * wrong.sum()
    assert 0.8 * (len(labels) - wrong.sum()) <= answer.agreeing <= len(labels) - 0.8 * wrong.sum()


def test_a_missing_and_a_superfluous_label_of_a_row_come_first() -> None:
    found = class_rows(240, 3, seed=5, apart=9.0)
    truth = np.eye(3, dtype=np.int64)[np.asarray(found.rows.labels)]
    marked = truth.copy()
    marked[7, truth[7].argmax()] = 0  # none is left
    marked[8, (truth[8].argmax() + 1) % 3] = 1  # one too many
    found = replace(found, rows=replace(found.rows, labels=marked.tolist()))
    doubts = doubts_of(task_named("multi_label_classification"), ("a", "b", "c"), found, silent, seed=1)
    assert set(np.argsort(doubts.margin)[:12].tolist()) >= {7, 8}
    assert doubts.suggested(7) == ("abc"[truth[7].argmax()],)
    assert doubts.suggested(8) == ("abc"[truth[8].argmax()],)


def test_a_number_far_from_what_its_row_says_comes_first() -> None:
    generator = np.random.default_rng(2)
    features = generator.normal(size=(200, 6)).astype(np.float32)
    truth = features @ np.arange(6) + generator.normal(size=200) * 0.1
    written = truth.copy()
    written[11] += 30
    places = [PreparedRow("train", number, number + 1) for number in range(200)]
    columns = {"text": [f"text {number}" for number in range(200)], "score": written.tolist()}
    found = RowFeatures(Rows(places, columns, [[1]] * 200, written.tolist(), 200), features)
    doubts = doubts_of(task_named("regression"), ("score",), found, silent, seed=1)
    assert int(doubts.margin.argmin()) == 11
    assert doubts.is_confident[11]
    assert doubts.kind(11) == "number"


def named_rows(rows: int, seed: int) -> RowFeatures:
    """Sentences with persons and places, whose words have features of their type."""
    generator = np.random.default_rng(seed)
    words, tags, states = [], [], []
    for _ in range(rows):
        own_words, own_tags = [], []
        for _ in range(int(generator.integers(4, 9))):
            kind = str(generator.choice(["O", "O", "O", "PER", "LOC"]))
            for place in range(1 if kind == "O" else int(generator.integers(1, 3))):
                own_words.append(f"o{generator.integers(40)}" if kind == "O" else f"X{generator.integers(90)}")
                own_tags.append("O" if kind == "O" else ("B-" if place == 0 else "I-") + kind)
        words.append(own_words)
        tags.append(own_tags)
        states += [np.eye(5)[TAGS.index(tag)] * 3 + generator.normal(size=5) * 0.7 for tag in own_tags]
    places = [PreparedRow("train", number, number + 1) for number in range(rows)]
    columns = {"tokens": words, "tags": tags, "word_tokens": [list(range(1, len(one) + 1)) for one in words]}
    owner = np.repeat(np.arange(rows), [len(one) for one in words])
    labels = [[-100, *(TAGS.index(tag) for tag in one), -100] for one in tags]
    features = generator.normal(size=(rows, 5)).astype(np.float32)
    return RowFeatures(
        Rows(places, columns, [[0]] * rows, labels, rows), features, np.asarray(states, dtype=np.float32), owner
    )


@pytest.mark.parametrize("kind", ["type", "missing", "boundary"])
def test_wrong_entities_of_each_kind_come_first(kind: str) -> None:
    for seed in (0,):
        found = named_rows(120, seed)
        tags, wrong = with_wrong_entities(found.rows.columns["tags"], TAGS, kind, 0.05, seed=seed)
        columns = {**found.rows.columns, "tags": tags}
        found = replace(found, rows=replace(found.rows, columns=columns))
        doubts = doubts_of(task_named("token_classification", TAGS), TAGS, found, silent, seed=1)
        precision, _ = found_in(-doubts.margin, wrong)
        assert precision >= 0.5
        assert found_in(np.nan_to_num(doubts.by_kind[kind]), wrong)[0] >= 0.5
        worst = int(doubts.margin.argmin())
        assert len(doubts.suggested(worst)) == len(tags[worst])


def test_each_kind_of_doubt_is_about_the_words_that_can_have_it() -> None:
    likely = np.full((4, 5), 0.05)
    likely[0, TAGS.index("B-PER")] = 0.8  # marked as a place: a wrong type
    likely[1, TAGS.index("O")] = 0.8
    likely[2, TAGS.index("B-LOC")] = 0.8  # marked as nothing: missing
    likely[3, TAGS.index("O")] = 0.8  # marked as a person: no entity, or other limits
    labels = np.asarray([TAGS.index(tag) for tag in ("B-LOC", "O", "O", "B-PER")])
    found = entity_doubts(likely, labels, TAGS, np.arange(4), 4)
    assert {kind: int(doubt.argmax()) for kind, doubt in found.items()} == {"type": 0, "missing": 2, "boundary": 0}
    assert np.isneginf(found["type"][[1, 2]]).all()
    assert np.isneginf(found["missing"][[0, 3]]).all()
    assert found["boundary"][3] > 0.5 > 0 > found["boundary"][1]
    alone = entity_doubts(np.full((2, 3), 1 / 3), np.asarray([0, 1]), ("O", "B-PER", "I-PER"), np.arange(2), 2)
    assert set(alone) == {"missing", "boundary"}  # of one type none can be wrong


def test_rows_that_only_one_kind_finds_are_listed_behind_those_of_all() -> None:
    found = named_rows(60, 1)
    dataset = a_dataset(task="token_classification", label_names=tuple(TAGS))
    plain = label_errors(dataset, found, silent, seed=1)
    overall = [row.index for row in plain.suspected][: len(plain.orders[""])]
    assert plain.orders[""] == tuple(range(len(overall)))
    assert set(plain.orders) == {"", "type", "missing", "boundary"}
    doubts = doubts_of(task_named("token_classification", TAGS), TAGS, found, silent, seed=1)
    for kind in ("type", "missing", "boundary"):
        order = [plain.suspected[place].index for place in plain.orders[kind]]
        assert len(order) == 6
        assert order == np.argsort(-doubts.by_kind[kind], kind="stable")[:6].tolist()
    assert len(plain.suspected) > len(overall)


def test_a_row_that_cannot_have_a_kind_of_error_is_not_in_its_order() -> None:
    found = named_rows(60, 1)
    own = found.rows.columns["tags"]
    named = [one for one, tags in enumerate(own) if "O" not in tags]
    tags = [["B-PER"] * len(one) if number < 58 else one for number, one in enumerate(own)]
    labels = [[-100, *(TAGS.index(tag) for tag in one), -100] for one in tags]
    found = replace(found, rows=replace(found.rows, columns={**found.rows.columns, "tags": tags}, labels=labels))
    dataset = a_dataset(task="token_classification", label_names=tuple(TAGS))
    answer = label_errors(dataset, found, silent, seed=1)
    missing = [answer.suspected[place].index for place in answer.orders["missing"]]
    assert set(missing) == {58, 59} - set(named)  # in all others every word is an entity


def test_what_is_wrong_with_entities_is_named() -> None:
    person, longer, place = Span(0, 2, "PER"), Span(0, 3, "PER"), Span(0, 2, "LOC")
    assert entity_difference([], [person]) == "missing"
    assert entity_difference([place], [person]) == "type"
    assert entity_difference([longer], [person]) == "boundary"
    assert entity_difference([person], []) == "invented"


def test_few_rows_and_one_label_are_refused_with_a_sentence() -> None:
    few = label_errors(a_dataset(label_names=NAMES), class_rows(10, CLASSES, seed=1), silent, seed=1)
    assert not few.suspected
    assert "10 rows are too few" in few.refused
    single = class_rows(40, 1, seed=1)
    assert "none can be wrong" in label_errors(a_dataset(label_names=("c0",)), single, silent, seed=1).refused


def test_the_search_can_be_stopped() -> None:
    def stop(_event: Event) -> None:
        raise StopRequested(discard=True)

    with pytest.raises(StopRequested):
        label_errors(a_dataset(label_names=NAMES), class_rows(60, CLASSES, seed=1), stop, seed=1)
