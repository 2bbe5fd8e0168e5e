"""Edits of rows against a plain dictionary, whatever is done in whatever order; tags, scores and several labels."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.row_edits import LEFT_OUT, MOST_CHANGES, ChangedRows, RowChange, change_name, input_hash
from engine.contract.settings import FileRows
from engine.workspace.atomic_files import as_json
from engine.workspace.layout import Workspace
from engine.workspace.row_edit_file import read_changes, still_fitting, write_changes
from gui.rows.row_edits import MOST_UNDONE, RowEdits
from tests.builders_data import prepared_tiny_dataset
from tests.paths import ROOT

CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from engine.contract.former_names import decode
from engine.contract.states import PreparedDataset
from gui.rows.prepared_rows import PreparedRows
from gui.rows.row_edits import RowEdits
from gui.choose_data.rows.row_search import RowQuery, RowSearch

rows = PreparedRows(decode(open(sys.argv[2], "rb").read(), PreparedDataset))
search = RowSearch(rows)
report = lambda done, total: None
print(sum(int(mask.sum()) for _, mask in search.hits(RowQuery(text="movie is GOOD"))))
print(int(search.kept(RowQuery(label="positive"), report).sum()))
edits = RowEdits()
edits.show_rows((), "label")
positions = search.order(RowQuery(sort="row"), report)
edits.relabel([rows.cells(int(positions[0]))], ("negative",))
edits.relabel([rows.cells(int(positions[1]))], ("positive",))
edited = dict(changes=edits.changes, column="label")
print(int(search.kept(RowQuery(label="positive", **edited), report).sum()))
for key in ("text", "answer", "length", "split", "change"):
    order = search.order(RowQuery(sort=key, **edited), report)
print({rows.cells(int(position)).row for position in order[:2]} == {1, 2})
print("pandas" in sys.modules)
"""


@dataclass(frozen=True)
class Row:
    row: int
    answer: tuple[str, ...] = ("a",)
    file: str = "train"
    words: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        return self.row + 1

    @property
    def input_hash(self) -> str:
        return input_hash({"tokens": list(self.words)} if self.words else {"text": f"{self.file} {self.row}"})


ROWS = [Row(number, ("ab"[number % 2],)) for number in range(1, 9)] + [Row(2, ("b",), "test")]
NUMBERS = st.lists(st.integers(0, len(ROWS) - 1), max_size=4, unique=True)
STEPS = st.one_of(
    st.tuples(st.just("relabel"), NUMBERS, st.sampled_from(["a", "b", "new"])),
    st.tuples(st.just("leave_out"), NUMBERS, st.just("")),
    st.tuples(st.just("bring_back"), NUMBERS, st.just("")),
    st.tuples(st.just("take_back"), NUMBERS, st.just("")),
    st.tuples(st.sampled_from(["undo", "redo"]), st.just([]), st.just("")),
)
State = dict[int, tuple[str, bool]]  # the label and whether it is excluded, by position


def done(state: State, step: str, numbers: list[int], label: str) -> State:
    after = dict(state)
    for number in numbers:
        was, out = after[number]
        match step:
            case "relabel":
                after[number] = (label, out)
            case "leave_out":
                after[number] = (was, True)
            case "bring_back":
                after[number] = (was, False)
            case "take_back":
                after[number] = (ROWS[number].answer[0], False)
    return after


@given(st.lists(STEPS, max_size=25))
def test_any_sequence_of_edits_ends_where_a_dictionary_ends(steps: list[tuple[str, list[int], str]]) -> None:
    edits = RowEdits()
    edits.show_rows((), "label")
    past: list[State] = [{number: (row.answer[0], False) for number, row in enumerate(ROWS)}]
    future: list[State] = []
    for step, numbers, label in steps:
        rows = [ROWS[number] for number in numbers]
        if step == "undo":
            assert edits.undo() == (len(past) > 1)
            if len(past) > 1:
                future.append(past.pop())
        elif step == "redo":
            assert edits.redo() == bool(future)
            if future:
                past.append(future.pop())
        else:
            after = done(past[-1], step, numbers, label)
            if step == "relabel":
                happened = edits.relabel(rows, (label,))
            elif step == "take_back":
                places = {(row.file, row.row) for row in rows}
                happened = edits.revert([change for change in edits.changes if change.place in places])
            else:
                happened = edits.exclude(rows) if step == "leave_out" else edits.include(rows)
            assert happened == (after != past[-1])
            if happened:
                past.append(after)
                future.clear()
        for number, row in enumerate(ROWS):
            assert (edits.answer_of(row)[0], edits.is_excluded(row)) == past[-1][number]

    used, excluded = applied(edits.changes)
    assert len(used) + excluded == len(ROWS)
    assert used == {number: label for number, (label, out) in past[-1].items() if not out}


def applied(changes: tuple[RowChange, ...]) -> tuple[dict[int, str], int]:
    """What preparing makes of the rows: labels of those used by position, and how many are excluded."""
    book = ChangedRows(msgspec.json.decode(msgspec.json.encode(changes), type=tuple[RowChange, ...]), "label")
    used, excluded = {}, 0
    for number, row in enumerate(ROWS):
        written = {"text": f"{row.file} {row.row}", "label": row.answer[0]}
        if book.apply(row.file, row.row, written) == LEFT_OUT:
            excluded += 1
        else:
            used[number] = written["label"]
    assert not [note for note in book.notes() if "no more" in note]
    return used, excluded


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])), max_size=6))
def test_tags_stay_iob2_and_as_many_as_words(steps: list[tuple[int, str]]) -> None:
    row = Row(1, ("I-PER", "O", "O", "O"), words=("Ann", "saw", "Paris", "."))
    edits = RowEdits()
    edits.show_rows((), "tags", ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
    for word, tag in steps:
        edits.set_tag(row, word, tag)
        assert len(edits.answer_of(row)) == 4
    assert edits.undo() or not edits.changes
    while edits.undo():
        pass
    assert edits.answer_of(row) == row.answer
    assert not edits.changes


def test_a_row_prepared_with_a_change_can_go_back_to_its_first_answer() -> None:
    change = RowChange(3, Row(3).input_hash, old=("b",), new=("a",), column="label")
    edits = RowEdits()
    edits.show_rows((change,), "label")
    edits.take((change,))
    row = Row(3, ("a",))
    assert edits.answer_before(row) == ("b",)
    assert edits.relabel([row], ("b",))
    assert edits.changes == ()
    assert edits.answer_of(row) == ("b",)
    assert edits.relabel([row], ("c",))
    assert [change_name(one) for one in edits.changes] == ["Row 4: b → c"]


def test_a_change_of_another_columns_answers_waits() -> None:
    row = Row(3, ("warm",))
    change = RowChange(3, row.input_hash, old=("b",), new=("a",), column="mood")
    edits = RowEdits()
    edits.show_rows((), "weather")
    edits.take((change,))
    assert edits.answer_of(row) == ("warm",)
    book = ChangedRows((change,), "weather")
    written = {"text": "train 3", "label": "warm"}
    assert not book.apply("train", 3, written)
    assert written["label"] == "warm"
    assert book.notes() == ["1 of your changes is about the answers of another column, and kept for it."]


def test_more_changes_than_can_be_kept_are_refused_as_a_whole() -> None:
    edits = RowEdits()
    edits.show_rows((), "label")
    assert edits.exclude([Row(number) for number in range(1, MOST_CHANGES)])
    assert not edits.exclude([Row(MOST_CHANGES), Row(MOST_CHANGES + 1)])
    assert len(edits.changes) == MOST_CHANGES - 1
    assert edits.exclude([Row(MOST_CHANGES)])


def test_steps_back_are_bounded() -> None:
    edits = RowEdits()
    edits.show_rows((), "label")
    for number in range(MOST_UNDONE + 5):
        edits.relabel([Row(1)], (f"label {number}",))
    steps = 0
    while edits.undo():
        steps += 1
    assert steps == MOST_UNDONE


@pytest.mark.parametrize("tag_names", [("O", "B-PER", "I-PER"), ("DET", "NOUN", "VERB")])
def test_tags_that_each_word_has_for_itself_stay_as_they_are(tag_names: tuple[str, ...]) -> None:
    row = Row(1, (tag_names[0], tag_names[1], tag_names[1]), words=("a", "b", "c"))
    edits = RowEdits()
    edits.show_rows((), "tags", tag_names)
    edits.set_tag(row, 2, tag_names[2])
    assert edits.answer_of(row) == (tag_names[0], tag_names[1], tag_names[2])
    assert change_name(edits.changes[0]) == f"Row 2: word 3: {tag_names[1]} → {tag_names[2]}"


def test_changes_go_along_when_a_file_is_added(tmp_path: Path) -> None:
    alone, both = FileRows("/data/a.csv"), FileRows("/data/a.csv", test_path="/data/b.csv")
    changes = (RowChange(1, "0" * 16, leave_out=True), RowChange(2, "1" * 16, "test", leave_out=True))
    write_changes(Workspace(tmp_path), both, changes)
    assert read_changes(Workspace(tmp_path), alone) is None
    assert still_fitting(changes, both, alone) == changes[:1]
    assert still_fitting(changes, both, FileRows("/data/c.csv")) == ()
    assert still_fitting(changes, None, alone) == ()


def test_finding_and_sorting_rows_needs_no_pandas(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    (tmp_path / "dataset.json").write_bytes(as_json(dataset))
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(ROOT), str(tmp_path / "dataset.json")],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert child.stdout.split() == ["1", "48", "48", "True", "False"], child.stderr
