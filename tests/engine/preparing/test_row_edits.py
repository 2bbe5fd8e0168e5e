"""Labels put right and excluded rows by the user: applied, accounted for, repeatable, and never in the user's file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import datasets
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cli.recipe import Recipe, parse_recipe, write_recipe
from engine.contract.errors import EngineError
from engine.contract.row_edits import LEFT_OUT, RowChange, change_name, in_order, input_hash
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.preparing.rows.collecting import Collected, collect
from engine.reading.row_accounts import ExcludedRowsTally
from engine.reading.sources.sources import all_files
from engine.reading.sources.unpacking import Unpacking
from engine.script.assemble import code_so_far
from engine.tasks.registry import task_named
from engine.workspace.layout import Workspace
from engine.workspace.row_edit_file import changes_path, read_changes, write_changes
from tests.builders_data import ignore, name_file, review_file, tiny_model

Prepare = Callable[..., PreparedDataset]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def prepared(model: ModelHandle, tmp_path: Path) -> Prepare:
    workspace = Workspace(tmp_path / "workspace").create()

    def run(rows: FileRows, *changes: RowChange, **options: object) -> PreparedDataset:
        return prepare(model, rows, PrepareSettings(changes=changes, **options), ignore, workspace=workspace)  # type: ignore[arg-type]

    return run


def rows_in(dataset: PreparedDataset) -> dict[int, dict[str, object]]:
    splits = datasets.load_from_disk(dataset.folder)
    return {row["row"]: row for split in splits.values() for row in split}


def change_of(dataset: PreparedDataset, number: int, **values: object) -> RowChange:
    row = rows_in(dataset)[number]
    old = () if "tokens" in row else (str(row["label"]),)
    return RowChange(number, input_hash(row), old=old, **values)  # type: ignore[arg-type]


def test_a_changed_label_and_a_row_left_out_are_applied_and_accounted_for(tmp_path: Path, prepared: Prepare) -> None:
    path = review_file(tmp_path / "reviews.csv")
    before = path.read_bytes()
    first = prepared(FileRows(str(path)))
    changes = (change_of(first, 3, new=("mixed",)), change_of(first, 8, leave_out=True))
    second = prepared(FileRows(str(path)), *changes)
    assert rows_in(second)[3]["label"] == "mixed"
    assert 8 not in rows_in(second)
    assert [(one.reason, one.count, one.rows) for one in second.excluded] == [(LEFT_OUT, 1, (9,))]
    assert second.rows_in == second.rows_used + 1 == first.rows_in
    assert "1 answer was changed by you." in second.notes
    assert second.fingerprint != first.fingerprint
    assert path.read_bytes() == before
    assert prepared(FileRows(str(path))).fingerprint == first.fingerprint


def test_a_change_belongs_to_its_own_file(tmp_path: Path, prepared: Prepare) -> None:
    rows = FileRows(str(review_file(tmp_path / "train.csv")), test_path=str(review_file(tmp_path / "test.csv")))
    first = prepared(rows)
    assert {row["file"] for row in datasets.load_from_disk(first.folder)["test"]} == {1}
    second = prepared(rows, change_of(first, 5, leave_out=True, file="test"))
    assert second.splits["test"].rows == 95
    assert [one.reason for one in second.excluded] == [f"{LEFT_OUT} (test.csv)"]


def test_a_row_that_reads_differently_now_is_left_alone_and_reported(tmp_path: Path, prepared: Prepare) -> None:
    path = review_file(tmp_path / "reviews.csv")
    change = change_of(prepared(FileRows(str(path))), 3, leave_out=True)
    lines = path.read_text("utf-8").splitlines()
    lines[3] = "the plot is long and new,positive"
    path.write_text("\n".join(lines), "utf-8")
    dataset = prepared(FileRows(str(path)), change)
    assert 3 in rows_in(dataset)
    assert "1 of your changes finds its row no more: row 3 reads differently now." in dataset.notes


def test_sentences_with_tags_can_be_left_out(tmp_path: Path, prepared: Prepare) -> None:
    rows = FileRows(str(name_file(tmp_path / "names.conll")))
    first = prepared(rows, task="token_classification")
    second = prepared(rows, change_of(first, 2, leave_out=True), task="token_classification")
    assert (first.rows_used, second.rows_used) == (54, 53)


def test_the_tag_of_a_word_is_changed_and_the_report_stays_about_the_file(tmp_path: Path, prepared: Prepare) -> None:
    rows = FileRows(str(name_file(tmp_path / "names.conll")))
    first = prepared(rows, task="token_classification")
    tags = tuple(rows_in(first)[2]["tags"])  # type: ignore[arg-type]
    new = ("O", *tags[1:-1], "B-THING")
    change = change_of(first, 2, new=new, column=first.settings.roles.tags, per_word=True)
    second = prepared(rows, msgspec.structs.replace(change, old=tags), task="token_classification")
    assert rows_in(second)[2]["tags"] == list(new)
    assert "B-THING" in second.label_names
    assert second.conversion == first.conversion
    assert "1 answer was changed by you." in second.notes
    cut = msgspec.structs.replace(change, new=new[:-1])
    assert rows_in(prepared(rows, cut, task="token_classification"))[2]["tags"] == list(tags)


def test_the_plain_script_puts_the_same_answers_in(tmp_path: Path, prepared: Prepare) -> None:
    path = review_file(tmp_path / "reviews.csv")
    first = prepared(FileRows(str(path)))
    label = change_of(first, 3, new=("mixed",), column="label")
    code = code_so_far(prepared(FileRows(str(path)), label, change_of(first, 8, leave_out=True)))
    assert "# Not done here: 1 row excluded by hand." in code
    start, end = code.index("def read("), code.index("# Not done here")
    script: dict[str, list[dict[str, str]]] = {}
    exec("import csv\n" + code[start:end], script)  # type: ignore[arg-type]
    assert [row["label"] for row in script["rows"][:4]] == ["positive", "negative", "mixed", "negative"]
    tags = name_file(tmp_path / "names.conll")
    change = RowChange(2, "0" * 16, new=("O",) * 60 + ("B-PER",), column="tags", per_word=True)
    dataset = prepared(FileRows(str(tags)), change, task="token_classification")
    assert "by_hand" in code_so_far(dataset)
    assert [line for line in code_so_far(dataset).replace(str(tmp_path), "").splitlines() if len(line) > 120] == []


def test_a_recipe_repeats_the_changes() -> None:
    changes = (RowChange(3, "0" * 16, old=("a",), new=("b", 'c"')), RowChange(9, "f" * 16, "test", leave_out=True))
    recipe = Recipe(prepare=PrepareSettings(changes=changes))
    assert parse_recipe(write_recipe(recipe)) == recipe


def test_changes_survive_a_restart_and_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    source = FileRows("/data/reviews.csv")
    changes = (RowChange(3, "0" * 16, old=("a",), new=("b",)),)
    assert read_changes(Workspace(tmp_path), source) is None
    write_changes(Workspace(tmp_path), source, changes)
    assert read_changes(Workspace(tmp_path), source) == changes
    assert read_changes(Workspace(tmp_path), ExampleRows("short_reviews")) is None
    path = changes_path(Workspace(tmp_path), source)
    path.write_bytes(b"{")
    with pytest.raises(EngineError, match="cannot be read"):
        read_changes(Workspace(tmp_path), source)
    assert path.with_suffix(".damaged").read_bytes() == b"{"
    assert read_changes(Workspace(tmp_path), source) is None


def test_one_change_a_row_stays_and_one_that_changes_nothing_goes() -> None:
    first, second = RowChange(2, "0", old=("a",), new=("b",)), RowChange(2, "0", leave_out=True, old=("a",))
    assert in_order([RowChange(7, "0", old=("a",), new=("a",)), first, second]) == (second,)
    assert change_name(first) == "Row 2: a → b"
    assert change_name(msgspec.structs.replace(second, file="test")) == "Row 2 of test: excluded"


@given(st.dictionaries(st.integers(1, 40), st.sampled_from(["", "a", "b", "new"]), max_size=12), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_are_rows_used_and_rows_left_out_whatever_was_changed(
    tmp_path: Path, edits: dict[int, str], stale: bool
) -> None:
    path = tmp_path / "rows.csv"
    rows = [(f"text {number}" if number % 7 else "", "ab"[number % 2]) for number in range(1, 31)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    changes = tuple(
        RowChange(number, input_hash({"text": f"text {number}{'?' * stale}"}), leave_out=not new, new=(new,))
        for number, new in edits.items()
    )
    collected = _collected(path, changes, tmp_path)
    reached = [number for number in edits if number <= 30 and number % 7 and not stale]
    assert collected.rows_in == 30 == len(collected) + collected.excluded.total
    assert _count(collected.excluded, LEFT_OUT) == sum(not edits[number] for number in reached)
    assert collected.changes.relabelled == sum(bool(edits[number]) for number in reached)


def _collected(path: Path, changes: tuple[RowChange, ...], work: Path) -> Collected:
    task = task_named("text_classification")
    roles = (task.readable_columns(Roles(text="text", label="label")),)
    with Unpacking(work, ignore) as unpacking:
        files = all_files(FileRows(str(path)), ReadingOptions(), unpacking)
        return collect(files, roles, task, PrepareSettings(changes=changes), work, ignore)


def _count(book: ExcludedRowsTally, reason: str) -> int:
    return sum(entry.count for entry in book.entries() if entry.reason == reason)
