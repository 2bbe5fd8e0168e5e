"""Scores by a column: the same as scoring those rows alone, ranges of numbers, what is not listed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from engine import stages
from engine.contract.diagnoses import AskColumnScores, ColumnScores
from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.contract.settings import EvaluateSettings
from engine.diagnosing import column_scores as module
from engine.diagnosing.column_scores import Answers, column_scores, values_of
from engine.diagnosing.other_columns import OtherColumn
from engine.diagnosing.weak_slices import weak_slices
from engine.tasks.registry import task_named
from engine.workspace.references import reference_to_run
from tests.engine.diagnosing.planted import sliced_rows
from tests.engine.trained_run import a_trained_run

NAMES = ("no", "yes")
TASK = task_named("text_classification", NAMES)


def silent(_event: Event) -> None:
    pass


def texts(*cells: str | None) -> np.ndarray:
    return np.asarray(cells, dtype=object)


def scored(columns: list[OtherColumn], answers: Answers, wanted: str = "") -> ColumnScores:
    return column_scores(TASK, NAMES, columns, wanted, answers, silent, split="test", seed=1)


def test_frequent_values_come_first_and_rows_without_one_last() -> None:
    found = values_of(OtherColumn("shop", texts("a", "b", None, "b", "b", None, None)))
    assert [(one.value, np.flatnonzero(one.mask).tolist()) for one in found] == [
        ("b", [1, 3, 4]),
        ("a", [0]),
        ("", [2, 5, 6]),
    ]


def test_numbers_become_ranges_with_equally_many_rows() -> None:
    numbers = np.concatenate([np.arange(800.0), [np.nan] * 5])
    found = values_of(OtherColumn("price", numbers))
    assert [int(one.mask.sum()) for one in found] == [100] * 8 + [5]
    assert [(one.lowest, one.highest) for one in found[:2]] == [(0.0, 99.0), (100.0, 199.0)]
    assert found[-1].lowest is None
    written = values_of(OtherColumn("price", texts(*map(str, range(800)))))
    assert [(one.lowest, one.highest) for one in written] == [(one.lowest, one.highest) for one in found[:-1]]
    few = values_of(OtherColumn("stars", texts("1", "2", "3", "1")))
    assert [one.value for one in few] == ["1", "2", "3"]  # few numbers are values


def test_the_score_of_a_value_is_that_of_its_rows_alone() -> None:
    generator = np.random.default_rng(2)
    truth, predicted = (generator.choice(NAMES, 90).tolist() for _ in range(2))
    cells = texts(*generator.choice(["x", "y", "z"], 90))
    answer = scored([OtherColumn("kind", cells)], Answers(truth, predicted, None))
    assert (answer.columns, answer.column, answer.metric, answer.rows) == (("kind",), "kind", TASK.metric, 90)
    for one in answer.values:
        own = [place for place in range(90) if cells[place] == one.value]
        assert list(one.positions) == own
        alone = TASK.scored_predictions([truth[p] for p in own], [predicted[p] for p in own], NAMES)
        assert one.score == alone.scores[TASK.metric]
        assert one.interval is not None
        assert one.score is not None
        assert one.interval[0] < one.score < one.interval[1]
    without = scored([OtherColumn("kind", cells)], Answers(truth, predicted, None, has_intervals=False))
    assert {one.interval for one in without.values} == {None}


def test_rows_of_one_text_are_one_observation_in_a_value_too() -> None:
    truth, predicted = ["no", "yes"] * 20, ["no", "no"] * 20
    cells = texts(*["x"] * 40, *["y"] * 40)
    groups = np.asarray([*np.repeat(np.arange(10), 4), *range(10, 50)])
    answers = Answers(truth * 2, predicted * 2, groups)
    wide, narrow = (one.interval for one in scored([OtherColumn("kind", cells)], answers).values)
    assert wide is not None
    assert narrow is not None
    assert wide[1] - wide[0] > 1.2 * (narrow[1] - narrow[0])


def test_the_least_frequent_values_are_counted_and_columns_of_single_rows_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_SHOWN", 2)
    cells = texts("a", "a", "a", "b", "b", "c", "d", "a")
    alone = OtherColumn("id", texts(*(f"n{place}" for place in range(8))))
    same = OtherColumn("country", texts(*["DE"] * 8))
    answers = Answers(["yes"] * 8, ["yes"] * 8, None)
    answer = scored([alone, same, OtherColumn("shop", cells)], answers, "id")
    assert answer.columns == ("shop",)
    assert [one.value for one in answer.values] == ["a", "b"]
    assert answer.further == 2
    assert "no other column" in scored([alone, same], answers).refused


def test_a_value_with_more_wrong_rows_is_a_weak_group() -> None:
    rows = sliced_rows(2_000, "word", seed=3)
    column = OtherColumn("shop", np.where(rows.planted, "Ulm", "elsewhere").astype(object))
    plain = [" ".join(text.split()[:-1]) if "zeppelin" in text else text for text in rows.texts]
    answer = weak_slices(rows.wrong, plain, rows.lengths, rows.labels, rows.features, silent, seed=1, columns=[column])
    first = answer.slices[0]
    assert (first.kind, first.column, first.name, first.lowest) == ("column", "shop", "Ulm", None)
    assert list(first.positions) == np.flatnonzero(rows.planted).tolist()
    number = OtherColumn("price", np.where(rows.planted, 5.0, np.arange(2_000) + 10.0))
    half = weak_slices(
        rows.planted, plain, rows.lengths, rows.labels, rows.features, silent, seed=1, columns=[number]
    ).slices[0]
    assert (half.column, half.name, half.lowest, half.shortest) == ("price", "", 5.0, 0)


def test_a_run_answers_by_the_columns_of_its_file_and_can_be_stopped(tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path, steps=20)
    question = AskColumnScores(reference_to_run(run))
    before = stages.answer(question, silent, workspace=workspace)
    assert isinstance(before, ColumnScores)
    assert before.refused == "Evaluate first: there are no predictions of this run."
    stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)
    source = Path(run.dataset.source.path)  # type: ignore[union-attr]
    lines = list(csv.reader(source.read_text("utf-8").splitlines()))
    copy = Path(run.dataset.folder) / "source" / "train" / source.name
    copy.parent.mkdir(parents=True)
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [*line, "shop" if not place else ("Ulm", "Bonn")[place % 2]] for place, line in enumerate(lines)
        )
    answer = stages.answer(question, silent, workspace=workspace)
    assert isinstance(answer, ColumnScores)
    assert (answer.columns, answer.split, answer.rows) == (("shop",), "test", 20)
    assert {one.value: len(one.positions) for one in answer.values} == {"Ulm": 10, "Bonn": 10}

    def stop(_event: Event) -> None:
        raise StopRequested(discard=True)

    with pytest.raises(StopRequested):
        stages.answer(question, stop, workspace=workspace)
