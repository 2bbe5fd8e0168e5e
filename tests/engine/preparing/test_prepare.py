"""Stage 2 from files to a data set on disk."""

from __future__ import annotations

import csv
import errno
import json
import threading
from collections.abc import Callable
from pathlib import Path

import datasets
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.contract.cleaning_rules import KeepNearDuplicatesTogether, LeaveOutDuplicates
from engine.contract.errors import DatasetInvalid, DatasetUnreadable, DiskFull, InvalidSetting, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing import prepare as preparing
from engine.preparing.encoding import Encoder
from engine.preparing.prepare import prepare
from engine.preparing.row_inspection import show_row
from engine.workspace.atomic_files import is_whole
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset, review_file, tiny_model
from tests.builders_models import tiny_bert_folder, tiny_model_handle

Prepare = Callable[..., PreparedDataset]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def prepared(model: ModelHandle, workspace: Workspace) -> Prepare:
    def run(source: Path | FileRows | ExampleRows, **changes: object) -> PreparedDataset:
        rows = FileRows(str(source)) if isinstance(source, Path) else source
        return prepare(model, rows, PrepareSettings(**changes), ignore, workspace=workspace)  # type: ignore[arg-type]

    return run


def table(path: Path, rows: list[tuple[str, str]], header: tuple[str, str] = ("text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows_of(count: int, labels: str = "ab") -> list[tuple[str, str]]:
    return [(f"the movie number {number} is good", labels[number % len(labels)]) for number in range(count)]


def used_rows(dataset: PreparedDataset) -> dict[str, list[int]]:
    splits = datasets.load_from_disk(dataset.folder)
    return {name: list(rows["row"]) for name, rows in splits.items()}


def sentences(dataset: PreparedDataset) -> list[str]:
    return [finding.sentence for finding in dataset.findings]


def test_a_file_becomes_three_encoded_splits(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    assert dataset.rows_in == dataset.rows_used == 96
    assert {name: split.rows for name, split in dataset.splits.items()} == {"train": 76, "validation": 10, "test": 10}
    assert dataset.splits["test"].labels == {"negative": 5, "positive": 5}
    assert dataset.label_names == ("negative", "positive")
    assert dataset.settings.roles == Roles(text="text", label="label")
    assert dataset.settings.reading.delimiter == ","
    splits = datasets.load_from_disk(dataset.folder)
    row = splits["train"][0]
    assert set(row) == {"input_ids", "labels", "length", "row", "line", "file", "text", "label"}
    assert dataset.label_names[row["labels"]] == row["label"]
    assert json.loads((Path(dataset.folder) / "split.json").read_text()) == used_rows(dataset)
    assert is_whole(Path(dataset.folder))


def test_entities_are_prepared_by_the_same_stage(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    assert dataset.label_names == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    row = datasets.load_from_disk(dataset.folder)["train"][0]
    assert len(row["labels"]) == len(row["input_ids"]) == row["length"]
    assert row["labels"][0] == -100
    assert row["tags"][0] == "B-PER"


def test_the_users_file_is_copied_and_left_alone(tmp_path: Path, prepared: Prepare) -> None:
    path = table(tmp_path / "mine.csv", rows_of(30))
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    dataset = prepared(path)
    copy = Path(dataset.folder) / "source" / "train" / "mine.csv"
    assert copy.read_bytes() == before[0]
    assert copy.stat().st_mode & 0o222 == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    path.unlink()
    assert show_row(dataset, "test", 0).text.startswith("the movie number")


def test_the_same_rows_and_settings_are_not_prepared_twice(
    tmp_path: Path, model: ModelHandle, prepared: Prepare
) -> None:
    path = table(tmp_path / "mine.csv", rows_of(30))
    first = prepared(path)
    marker = Path(first.folder) / "dataset.json"
    stamp = marker.stat().st_mtime_ns
    assert prepared(path) == first
    assert prepared(path, roles=Roles(text="text", label="label")) == first
    assert marker.stat().st_mtime_ns == stamp
    assert prepared(path, seed=43).folder != first.folder
    table(path, rows_of(31))
    assert prepared(path).folder != first.folder


def test_a_damaged_data_set_is_prepared_again(tmp_path: Path, prepared: Prepare) -> None:
    path = table(tmp_path / "mine.csv", rows_of(30))
    first = prepared(path)
    arrow = next((Path(first.folder) / "train").glob("*.arrow"))
    arrow.write_bytes(arrow.read_bytes()[:-1] + b"?")
    assert prepared(path) == first
    assert is_whole(Path(first.folder))


def test_stopping_anywhere_leaves_nothing_behind(tmp_path: Path, model: ModelHandle, workspace: Workspace) -> None:
    path = table(tmp_path / "mine.csv", rows_of(30))
    received: list[Event] = []
    prepare(model, FileRows(str(path)), PrepareSettings(seed=1), received.append, workspace=workspace)
    before = sorted(workspace.datasets.iterdir())
    assert len(received) > 3
    for moment in range(len(received)):
        countdown = [moment]

        def stop(event: Event, countdown: list[int] = countdown) -> None:
            if countdown[0] == 0:
                raise StopRequested
            countdown[0] -= 1

        with pytest.raises(StopRequested):
            prepare(model, FileRows(str(path)), PrepareSettings(seed=2), stop, workspace=workspace)
        assert sorted(workspace.datasets.iterdir()) == before


def test_near_duplicates_are_looked_for_while_texts_become_tokens(
    tmp_path: Path, model: ModelHandle, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for, reporting = threading.Event(), set()
    find, encode = preparing.find_near_duplicates, Encoder.encode

    def find_and_say(*given: object, **named: object) -> object:
        looked_for.set()
        return find(*given, **named)  # type: ignore[arg-type]

    def encode_meanwhile(*given: object) -> object:
        assert looked_for.wait(30), "tokens come first"
        return encode(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "find_near_duplicates", find_and_say)
    monkeypatch.setattr(Encoder, "encode", encode_meanwhile)
    rows = FileRows(str(table(tmp_path / "mine.csv", rows_of(30))))
    prepare(model, rows, PrepareSettings(), lambda _: reporting.add(threading.get_ident()), workspace=workspace)
    assert reporting == {threading.get_ident()}


def test_progress_is_reported_in_bytes_and_rows(tmp_path: Path, model: ModelHandle, workspace: Workspace) -> None:
    path = table(tmp_path / "mine.csv", rows_of(5_000))
    received: list[Event] = []
    prepare(model, FileRows(str(path)), PrepareSettings(), received.append, workspace=workspace)
    spoken = [event for event in received if isinstance(event, Progressed)]
    assert {"bytes", "rows"} <= {event.unit for event in spoken}
    assert all(event.done <= event.total or not event.total for event in spoken)


# ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rows_without_text_or_label_are_left_out_by_number(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of(30)
    rows[4] = ("the film is dull", "")
    rows[9] = (" \u200b ", "a")
    dataset = prepared(table(tmp_path / "mine.csv", rows))
    assert {(entry.reason, entry.count, entry.rows) for entry in dataset.excluded} == {
        ("has no label", 1, (6,)),
        ("has no text", 1, (11,)),
    }
    assert dataset.rows_used == 28


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.text(alphabet=st.sampled_from('ab ,"\0'), min_size=1, max_size=9), max_size=30),
    limit=st.sampled_from([0, 20]),
)
@example(lines=["a", " ", " "], limit=0)  # lines of spaces made a CoNLL file of it
def test_rows_in_are_rows_used_and_rows_left_out(
    tmp_path: Path, prepared: Prepare, lines: list[str], limit: int
) -> None:
    path = tmp_path / "mine.csv"
    good = "".join(f"the movie number {number},{'ab'[number % 2]}\n" for number in range(60))
    path.write_text("text,label\n" + good + "\n".join(lines) + "\n", newline="")
    dataset = prepared(path, row_limit=limit)
    used = [line for split in datasets.load_from_disk(dataset.folder).values() for line in split["line"]]
    excluded = [line for entry in dataset.excluded for line in entry.rows]
    assert len({*used, *excluded}) == len(used + excluded) == dataset.rows_in
    assert dataset.rows_in == dataset.rows_used + sum(entry.count for entry in dataset.excluded)
    assert len(used) == dataset.rows_used


def test_a_row_limit_leaves_the_others_out_with_a_reason(tmp_path: Path, prepared: Prepare) -> None:
    dataset = prepared(table(tmp_path / "mine.csv", rows_of(200)), row_limit=50)
    assert dataset.rows_used == 50
    assert [(entry.reason, entry.count) for entry in dataset.excluded] == [("is beyond the limit of 50 rows", 150)]
    assert max(max(numbers) for numbers in used_rows(dataset).values()) > 100


# ── Splits ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_given_files_are_the_splits_and_leaks_are_reported(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of(40)
    source = FileRows(
        str(table(tmp_path / "train.csv", rows[:20])),
        str(table(tmp_path / "validation.csv", rows[20:30])),
        str(table(tmp_path / "test.csv", [*rows[30:], rows[0], ("", "a")])),
    )
    dataset = prepared(source)
    assert [split.rows for split in dataset.splits.values()] == [20, 10, 11]
    assert "1 test row is also in train, so the test score looks better than it is." in sentences(dataset)
    assert [(entry.reason, entry.rows) for entry in dataset.excluded] == [("has no text (test.csv)", (13,))]
    assert (Path(dataset.folder) / "source" / "validation" / "validation.csv").is_file()


def test_what_is_not_given_is_drawn_from_the_training_file(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of(120)
    source = FileRows(str(table(tmp_path / "train.csv", rows[:100])), str(table(tmp_path / "dev.csv", rows[100:])))
    dataset = prepared(source, test_share=0.2)
    assert [split.rows for split in dataset.splits.values()] == [80, 20, 20]


def test_a_further_file_with_other_columns_is_refused(tmp_path: Path, prepared: Prepare) -> None:
    train = table(tmp_path / "train.csv", rows_of(20))
    test = table(tmp_path / "test.csv", rows_of(10), header=("sentence", "label"))
    with pytest.raises(DatasetInvalid) as caught:
        prepared(FileRows(str(train), test_path=str(test)))
    assert (caught.value.id, caught.value.message) == ("D16", "test.csv has no column “text”.")


def test_a_label_that_only_the_test_file_has_is_reported(tmp_path: Path, prepared: Prepare) -> None:
    train = table(tmp_path / "train.csv", rows_of(30))
    test = table(tmp_path / "test.csv", [("a new film", "c"), ("an old film", "a")])
    dataset = prepared(FileRows(str(train), test_path=str(test)))
    assert dataset.label_names == ("a", "b", "c")
    assert any(note.startswith("The label “c” occurs in test but never in train") for note in dataset.notes)


def test_duplicates_stay_together_and_contradictions_are_reported(tmp_path: Path, prepared: Prepare) -> None:
    rows = [(f"the movie {number % 20}", "ab"[number % 2]) for number in range(100)]
    rows.append(("the movie 1", "a"))
    dataset = prepared(table(tmp_path / "mine.csv", rows))
    texts = {name: set(split["text"]) for name, split in datasets.load_from_disk(dataset.folder).items()}
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert not texts["test"] & texts["validation"]
    assert "80 rows repeat another row, input and answer alike. Equal inputs are always in the same split." in (
        sentences(dataset)
    )
    assert "1 text appears with different labels in different rows (6 rows)." in sentences(dataset)


AUTHORS = 40


def rows_of_authors(count: int = 400, authors: int = AUTHORS) -> list[list[str]]:
    """Author, text, label; every fiftieth row has no author, and the first two texts are of two authors."""
    rows = [
        [
            "" if number % 50 == 49 else f"A{number * 7 % authors}",
            f"film {number} of {number * 31 % 97}",
            "ab"[number % 2],
        ]
        for number in range(count)
    ]
    rows[1][1] = rows[0][1]
    rows[1][2] = rows[0][2]
    return rows


def authors_table(path: Path, rows: list[list[str]], header: tuple[str, ...] = ("author", "text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


OF_AUTHORS = Roles(text="text", label="label", group="author")


def test_rows_of_one_group_are_in_one_split(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of_authors()
    dataset = prepared(authors_table(tmp_path / "mine.csv", rows), roles=OF_AUTHORS)
    splits = {name: [rows[number - 1] for number in numbers] for name, numbers in used_rows(dataset).items()}
    authors = {name: {row[0] for row in split} - {""} for name, split in splits.items()}
    assert sum(map(len, authors.values())) == AUTHORS
    texts = [{row[1] for row in split} for split in splits.values()]
    assert len(set().union(*texts)) == sum(map(len, texts))
    shares = [len(split) / len(rows) for split in splits.values()]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.04)
    counts = ", ".join(f"{len(authors[name])} in {name}" for name in ("train", "validation"))
    assert f"Rows with the same “author” are in one split: 40 groups, of which {counts}" in str(dataset.notes)
    assert any(note.startswith("8 rows have no “author” and are taken for independent") for note in dataset.notes)
    held = datasets.load_from_disk(dataset.folder)["test"]
    assert len(set(held["group"])) == len(set(authors["test"])) + sum(row[0] == "" for row in splits["test"])


def test_without_the_role_rows_of_one_author_are_apart_and_the_role_is_offered(
    tmp_path: Path, prepared: Prepare
) -> None:
    rows = rows_of_authors()
    dataset = prepared(authors_table(tmp_path / "mine.csv", rows))
    authors = [{rows[number - 1][0] for number in numbers} for numbers in used_rows(dataset).values()]
    assert authors[0] & authors[2]
    assert any(
        note.startswith("“author” has 40 values in 392 rows: rows of one may belong together.")
        for note in dataset.notes
    )
    assert "group" not in datasets.load_from_disk(dataset.folder)["train"].column_names


def test_groups_stay_together_where_fixes_exclude_rows_and_near_duplicates_are_kept_together(
    tmp_path: Path, prepared: Prepare
) -> None:
    rows = rows_of_authors()
    rules = (LeaveOutDuplicates(), KeepNearDuplicatesTogether())
    dataset = prepared(authors_table(tmp_path / "mine.csv", rows), roles=OF_AUTHORS, cleaning_rules=rules)
    authors = [{rows[number - 1][0] for number in numbers} - {""} for numbers in used_rows(dataset).values()]
    assert dataset.rows_used == 399
    assert sum(map(len, authors)) == AUTHORS == len(set().union(*authors))


def test_groups_of_a_test_file_that_have_training_rows_are_reported_and_a_file_without_groups_is_taken(
    tmp_path: Path, prepared: Prepare
) -> None:
    rows = rows_of_authors()
    train = authors_table(tmp_path / "train.csv", rows[:300])
    same = authors_table(tmp_path / "same.csv", rows[300:])
    found = sentences(prepared(FileRows(str(train), test_path=str(same)), roles=OF_AUTHORS))
    assert any(one.startswith("98 test rows are of 40 groups that have training rows too") for one in found)
    without = table(tmp_path / "without.csv", [(row[1], row[2]) for row in rows[300:]])
    dataset = prepared(FileRows(str(train), test_path=str(without)), roles=OF_AUTHORS)
    assert dataset.splits["test"].rows == 100
    assert not any("training rows too" in one for one in sentences(dataset))


def test_a_test_file_may_name_its_groups_otherwise(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of_authors()
    train = authors_table(tmp_path / "train.csv", rows[:300])
    test = authors_table(tmp_path / "test.csv", rows[300:], header=("Author", "text", "label"))
    found = sentences(prepared(FileRows(str(train), test_path=str(test)), roles=OF_AUTHORS))
    assert any("test rows are of 40 groups that have training rows too" in one for one in found)


def test_few_groups_to_be_measured_on_are_reported(tmp_path: Path, prepared: Prepare) -> None:
    rows = rows_of_authors(authors=20)
    dataset = prepared(authors_table(tmp_path / "mine.csv", [row for row in rows if row[0]]), roles=OF_AUTHORS)
    assert any("alone: the score is that of these, and says little about others" in one for one in sentences(dataset))


def test_a_column_of_groups_must_be_there_and_be_no_other(tmp_path: Path, prepared: Prepare) -> None:
    source = authors_table(tmp_path / "mine.csv", rows_of_authors())
    with pytest.raises(DatasetInvalid, match="has no column “writer”"):
        prepared(source, roles=Roles(text="text", label="label", group="writer"))
    with pytest.raises(DatasetInvalid, match="“label”"):
        prepared(source, roles=Roles(text="text", label="label", group="label"))


# ── What cannot be learned from ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "changes", "expected"),
    [
        (rows_of(30, "a"), {}, "D17"),
        ([(f"the movie is good {number}", f"label {number}") for number in range(30)], {}, "D16"),
        (rows_of(30), {"roles": Roles(text="label", label="text")}, "D16"),
        (rows_of(30), {"roles": Roles(text="text", label="nothing")}, "D16"),
        (rows_of(30), {"roles": Roles(text="text", label="text")}, "D16"),
        (rows_of(30), {"task": "token_classification"}, "D16"),
        (rows_of(2), {}, "D10"),
        ([], {}, "D10"),
        ([("", "a"), ("", "b")] * 10, {}, "D10"),
    ],
)
def test_rows_that_nothing_can_be_learned_from(
    tmp_path: Path, prepared: Prepare, rows: list[tuple[str, str]], changes: dict[str, object], expected: str
) -> None:
    path = table(tmp_path / "mine.csv", rows)
    with pytest.raises((DatasetInvalid, DatasetUnreadable)) as caught:
        prepared(path, **{"roles": Roles(text="text", label="label"), **changes})
    assert caught.value.id == expected
    assert caught.value.message.endswith((".", "?"))
    assert not list((tmp_path / "workspace" / "datasets").iterdir())


def test_a_column_of_free_text_as_label_is_questioned(tmp_path: Path, prepared: Prepare) -> None:
    path = table(tmp_path / "mine.csv", rows_of(40))
    with pytest.raises(DatasetInvalid) as caught:
        prepared(path, roles=Roles(text="label", label="text"))
    assert caught.value.message == "Each of the 40 rows has a label of its own in “text”."


def test_a_file_without_labels_is_refused(tmp_path: Path, prepared: Prepare) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("".join(f"the movie number {number} is good\n" for number in range(30)))
    with pytest.raises(DatasetInvalid) as caught:
        prepared(path)
    assert caught.value.id == "D16"


# ── Lengths ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_length_is_the_95th_percentile_and_longer_rows_are_cut(tmp_path: Path, prepared: Prepare) -> None:
    rows = [
        (" ".join(["good"] * (10 if number % 25 else 40)) + f" {number % 10}", "ab"[number % 2])
        for number in range(100)
    ]
    rows = [(f"{text} {number // 10}", label) for number, (text, label) in enumerate(rows)]
    dataset = prepared(table(tmp_path / "mine.csv", rows))
    assert dataset.max_length == 16  # 10 + 2 words and two special tokens, rounded up
    assert (dataset.cut_rows, dataset.longest_tokens) == (4, 44)
    assert dataset.settings.max_length == 0
    for split in datasets.load_from_disk(dataset.folder).values():
        for row in split:
            assert len(row["input_ids"]) == min(row["length"], 16)
            assert row["input_ids"][-1] == 3  # [SEP]


@pytest.mark.parametrize(("place", "longest"), [(20, 24), (58, 62)])
def test_no_entity_that_the_model_can_reach_is_cut_by_default(
    tmp_path: Path, prepared: Prepare, place: int, longest: int
) -> None:
    """The tiny model reads 64 tokens; the last word of its longest sentence is no entity, and is cut."""
    path = tmp_path / "mine.conll"
    blocks = [f"John\tB-PER\nlikes\tO\n{number}\tO" for number in range(60)]
    long = ["good\tO"] * place + ["Paris\tB-LOC", "London\tI-LOC", *["bad\tO"] * 90]
    path.write_text("\n\n".join([*blocks, "\n".join(long)]) + "\n")
    dataset = prepared(path, task="token_classification")
    assert dataset.max_length == min(64, -(-longest // 8) * 8)
    assert "preparing.data_note.answers_cut" not in {note.id for note in dataset.notes}
    assert dataset.cut_rows == 1


def test_entities_that_the_model_cannot_reach_are_counted_and_make_no_row_longer(
    tmp_path: Path, prepared: Prepare
) -> None:
    path = tmp_path / "mine.conll"
    blocks = [f"John\tB-PER\nlikes\tO\n{number}\tO" for number in range(60)]
    long = ["good\tO"] * 90 + ["Paris\tB-LOC", "London\tI-LOC", "Paris\tB-LOC"]
    path.write_text("\n\n".join([*blocks, "\n".join(long)]) + "\n")
    dataset = prepared(path, task="token_classification")
    assert dataset.max_length == 8
    assert "2 of 62 tagged entities lie behind the maximum length and cannot be found." in dataset.notes


def test_labels_of_cut_sentences_are_cut_too(tmp_path: Path, prepared: Prepare) -> None:
    path = tmp_path / "mine.conll"
    blocks = []
    for number in range(60):
        words = ["John\tB-PER", "likes\tO", *["good\tO"] * (4 if number % 30 else 30), f"{number}\tO"]
        blocks.append("\n".join(words))
    path.write_text("\n\n".join(blocks) + "\n")
    dataset = prepared(path, task="token_classification")
    assert dataset.cut_rows == 2
    for split in datasets.load_from_disk(dataset.folder).values():
        assert all(len(row["labels"]) == len(row["input_ids"]) <= dataset.max_length for row in split)


def test_a_chosen_length_is_kept_up_to_the_models_limit(tmp_path: Path, prepared: Prepare) -> None:
    path = table(tmp_path / "mine.csv", rows_of(30))
    assert prepared(path, max_length=8).max_length == 8
    far = prepared(path, max_length=1_000)
    assert far.max_length == 64
    assert any("at most 64 tokens" in note for note in far.notes)
    with pytest.raises(InvalidSetting):
        prepared(path, max_length=3)


def test_an_endless_text_is_cut_before_it_is_tokenized(tmp_path: Path, prepared: Prepare) -> None:
    rows = [*rows_of(30), ("good " * 2_000_000, "a")]
    dataset = prepared(table(tmp_path / "mine.csv", rows))
    assert dataset.rows_used == 31
    assert dataset.cut_rows == 1


# ── Other readers, same rows ────────────────────────────────────────────────────────────────────────────────────


def test_the_reader_makes_no_difference(tmp_path: Path, prepared: Prepare) -> None:
    rows = [(f"odd\0 text\ufeff {number} <br> end", "ab"[number % 2]) for number in range(30)]
    table(tmp_path / "rows.csv", rows)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": a, "label": b}) + "\n" for a, b in rows))
    pa.parquet.write_table(
        pa.table({"text": [row[0] for row in rows], "label": [row[1] for row in rows]}), tmp_path / "rows.parquet"
    )
    found = []
    for name in ("rows.csv", "rows.jsonl", "rows.parquet"):
        splits = datasets.load_from_disk(prepared(tmp_path / name).folder)
        found.append({name: split.remove_columns("line").to_dict() for name, split in splits.items()})
    assert found[0] == found[1] == found[2]
    assert "odd text" in found[0]["train"]["text"][0]


def test_lone_surrogates_in_json_do_no_harm(tmp_path: Path, prepared: Prepare) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "".join(f'{{"text": "a \\ud800 film {number}", "label": "{number % 2}"}}\n' for number in range(30))
    )
    assert prepared(path).rows_used == 30


def test_words_and_tags_in_json_lists_or_as_text(tmp_path: Path, prepared: Prepare) -> None:
    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        for number in range(30):
            words, tags = ["John", "likes", str(number)], ["B-PER", "O", "O"]
            file.write(json.dumps({"tokens": words, "tags": tags if number % 2 else " ".join(tags)}) + "\n")
    dataset = prepared(path, task="token_classification", roles=Roles(tokens="tokens", tags="tags"))
    assert dataset.rows_used == 30
    assert dataset.splits["train"].labels == {"PER": 24}


@pytest.mark.parametrize(("name", "rows"), [("support_tickets", 567)])
def test_an_example_needs_no_settings(prepared: Prepare, name: str, rows: int) -> None:
    dataset = prepared(ExampleRows(name))
    assert (dataset.rows_in, dataset.rows_used) == (rows, rows)
    assert not (Path(dataset.folder) / "source").exists()


def test_a_full_disk_is_named_and_leaves_nothing_behind(
    tmp_path: Path, prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.preparing.prepare.encode_splits", no_space)
    with pytest.raises(DiskFull) as caught:
        prepared(table(tmp_path / "mine.csv", rows_of(30)))
    assert caught.value.id == "C4"
    assert not list((tmp_path / "workspace" / "datasets").iterdir())


def test_a_text_on_which_a_pattern_of_the_tokenizer_gives_up_is_named_by_its_row(tmp_path: Path) -> None:
    folder = tiny_bert_folder(tmp_path / "tiny-bert")
    for name, changes in {
        "tokenizer.json": {
            "pre_tokenizer": {
                "type": "Split",
                "pattern": {"Regex": "(a+)+$x"},  # tries 2ⁿ ways for n letters
                "behavior": "Isolated",
                "invert": False,
            }
        },
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"},  # BERT's own makes it anew
    }.items():
        values = json.loads((folder / name).read_text("utf-8"))
        (folder / name).write_text(json.dumps({**values, **changes}), "utf-8")
    rows = review_file(tmp_path / "reviews.csv")
    workspace = Workspace(tmp_path / "workspace").create()
    prepare(tiny_model_handle(folder), FileRows(str(rows)), PrepareSettings(), ignore, workspace=workspace)
    lines = rows.read_text("utf-8").splitlines(keepends=True)
    rows.write_text("".join([*lines[:7], "a" * 60 + "!,positive\n", *lines[7:]]), "utf-8")
    with pytest.raises(DatasetUnreadable) as caught:
        prepare(tiny_model_handle(folder), FileRows(str(rows)), PrepareSettings(), ignore, workspace=workspace)
    assert (caught.value.id, caught.value.rows) == ("D21", (8,))


def test_a_tokenizer_that_lacks_its_token_for_unknown_words_is_named_with_the_row(tmp_path: Path) -> None:
    folder = tiny_bert_folder(tmp_path / "tiny-bert")
    values = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    values["model"]["unk_token"] = "[NOWHERE]"
    (folder / "tokenizer.json").write_text(json.dumps(values), "utf-8")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}', "utf-8")
    rows = review_file(tmp_path / "reviews.csv")
    lines = rows.read_text("utf-8").splitlines(keepends=True)
    rows.write_text("".join([*lines[:7], "☃☃☃,positive\n", *lines[7:]]), "utf-8")
    workspace = Workspace(tmp_path / "workspace").create()
    with pytest.raises(DatasetUnreadable) as caught:
        prepare(tiny_model_handle(folder), FileRows(str(rows)), PrepareSettings(), ignore, workspace=workspace)
    assert (caught.value.id, caught.value.rows) == ("D21", (8,))
    assert caught.value.message == "The tokenizer failed on the text of row 8."
