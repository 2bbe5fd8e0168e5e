"""Long lines, wide tables, deep and large JSON: an answer or a refusal with the place, in seconds and in 1.5 GB."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.contract.errors import EngineError
from engine.contract.queries import Preview
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing import preview as previewing
from engine.preparing.preview import preview
from engine.reading.columns import ColumnSurvey
from engine.reading.formats import annotation_tools, conll, json_rows, json_shapes, marked_text, marks, text_files
from engine.reading.formats.chunks import BYTES_PER_CHUNK, unique_names
from engine.reading.formats.registry import MOST_COLUMNS, layout_of, read
from engine.reading.formats.rows_as_objects import ROWS_LOOKED_AT, looked_at
from engine.reading.formats.text_files import LONGEST_LINE
from engine.tasks.columns import words_and_tags_in
from engine.tasks.labels import in_natural_order
from tests.builders_data import ignore
from tests.engine.reading.hostile_files import HOSTILE, write_hostile
from tests.paths import ROOT

PATIENCE = float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
LONG = "word " * (LONGEST_LINE // 5 + 1)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def seen(path: Path) -> Preview:
    return preview(FileRows(str(path)), ReadingOptions(), 50, ignore, scratch=path.parent)


def refused(path: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        seen(path)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("name", "before", "after", "line"),
    [
        ("rows.csv", "text,label\ngood,1\n", ",1\nbad,0\n", 3),
        ("quoted.csv", 'text,label\n"', '",1\nbad,0\n', 2),
        ("rows.tsv", "text\tlabel\ngood\t1\n", "\t1\n", 3),
        ("rows.jsonl", '{"text": "good", "label": 1}\n{"text": "', '", "label": 1}\n', 2),
        ("rows.conll", "-DOCSTART- O\n\n", "\nAnna B-PER\n", 3),
        ("rows.txt", "", "", 1),
    ],
)
def test_a_line_without_an_end_is_refused_by_its_number(
    tmp_path: Path, name: str, before: str, after: str, line: int
) -> None:
    error = refused(written(tmp_path, name, before + LONG + after))
    assert (error.id, error.rows) == ("D8", (line,))
    assert f"Line {line} of {name}" in error.message


@pytest.mark.parametrize(("inside", "part"), [('"text": "', "word "), ('"text": "a", "x": [', "1,")])
def test_an_item_of_a_list_that_goes_on_and_on_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, part: str
) -> None:
    longest = 2**20  # the real one below
    for module in (text_files, json_rows):
        monkeypatch.setattr(module, "LONGEST_LINE", longest)
    error = refused(written(tmp_path, "rows.json", '[{"text": "good"}, {' + inside + part * (3 * longest // len(part))))
    assert (error.id, error.rows) == ("D8", (2,))


def test_a_text_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    text = "word " * 2_000_000
    for name, content in {
        "rows.csv": f"text,label\n{text},1\ngood,0\n",
        "rows.jsonl": json.dumps({"text": text, "label": "1"}) + '\n{"text": "good", "label": "0"}\n',
        "rows.json": json.dumps([{"text": text, "label": "1"}, {"text": "good", "label": "0"}]),
    }.items():
        found = seen(written(tmp_path, name, content))
        assert found.rows_total == 2
        assert len(found.cells[0][0]) < 3_000


def test_long_rows_are_handed_on_before_many_of_them_are_in_memory(tmp_path: Path) -> None:
    text = "word " * (BYTES_PER_CHUNK // 5 + 1)
    for name, content in {
        "rows.csv": "text,label\n" + f"{text},1\n" * 4,
        "rows.jsonl": (json.dumps({"text": text, "label": "1"}) + "\n") * 4,
    }.items():
        path = written(tmp_path, name, content)
        layout = layout_of(path, ReadingOptions())
        assert max(len(chunk.numbers) for chunk in read(path, layout, layout.columns)) <= 1


def test_a_record_that_takes_in_too_many_characters_has_an_open_quotation_mark(tmp_path: Path) -> None:
    lines = ("word " * 200_000 + "\n") * (LONGEST_LINE // 1_000_000 + 2)
    path = written(tmp_path, "rows.csv", 'text,label\ngood,1\n"' + lines + "fine,0\n" * 40)
    found = seen(path)
    assert any("never closes" in entry.reason for entry in found.excluded)
    assert ("fine", "0") in found.cells


def test_a_table_of_more_columns_than_can_be_shown_is_refused_with_their_number(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MOST_COLUMNS + 50)]
    for name, content in {
        "rows.csv": ",".join(names) + "\n" + ",".join("x" * len(names)) + "\n",
        "same.csv": ",".join("c" * len(names)) + "\n" + ",".join("x" * len(names)) + "\n",
        "rows.jsonl": "".join(
            json.dumps(dict.fromkeys(names[place : place + 50], "x")) + "\n" for place in range(0, len(names), 50)
        ),
    }.items():
        error = refused(written(tmp_path, name, content))
        assert error.id == "D5"
        assert f"at most {MOST_COLUMNS:,}" in error.message


@pytest.mark.nightly  # a minute
def test_as_many_columns_as_can_be_shown_are_read(tmp_path: Path) -> None:
    names = ["text", "label", *(f"c{number}" for number in range(MOST_COLUMNS - 2))]
    found = seen(
        written(
            tmp_path,
            "rows.csv",
            ",".join(names) + "\n" + ("good film," + ",".join("01" * (MOST_COLUMNS // 2))[:-2] + "\n") * 20,
        )
    )
    assert len(found.columns) == MOST_COLUMNS
    assert found.rows_total == 20


def test_many_columns_of_one_name_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unique_names(["a", "a", "a 2", "a", "a"]) == ("a", "a 2", "a 2 2", "a 3", "a 4")
    assert len(set(unique_names(["a"] * 100_000))) == 100_000


@pytest.mark.parametrize("name", ["rows.txt", "rows.json", "rows.jsonl", "rows.csv"])
def test_a_line_is_split_whatever_a_library_has_set_as_the_longest_cell(tmp_path: Path, name: str) -> None:
    """131,072 characters are what csv takes in a process of its own."""
    text = "word " * 40_000
    contents = {
        "rows.txt": text,
        "rows.json": json.dumps([{"text": text, "label": "a"}, {"text": "good", "label": "b"}]),
        "rows.jsonl": "".join(json.dumps({"text": one, "label": "a"}) + "\n" for one in (text, "good")),
        "rows.csv": f"text,label\n{text},a\ngood,b\n",
    }
    before = csv.field_size_limit(131_072)
    try:
        found = seen(written(tmp_path, name, contents[name]))
    finally:
        csv.field_size_limit(before)
    assert found.cells[0][0].startswith("word word")


def test_of_rows_with_very_many_keys_fewer_are_looked_at() -> None:
    assert len(list(looked_at({"text": number, "label": number} for number in range(5_000)))) == ROWS_LOOKED_AT
    found = len(list(looked_at({f"key{number}": 0} for number in range(5_000))))  # a new key in each
    assert 500 < found < 1_000


def test_names_of_columns_are_looked_for_in_so_many_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "_KEYS_FOR_NAMES", 1_000)
    rows = [dict.fromkeys([f"key{key}" for key in range(100)] + ["last"] * (number > 40), 1) for number in range(50)]
    path = written(tmp_path, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert len(layout_of(path, ReadingOptions()).columns) == 100


def test_marks_are_looked_for_in_columns_with_lists_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(marks, "holder_of", lambda columns: looked.extend(columns) or "")
    rows = [{"text": "Anna", "marks": [[0, 4, "PER"]], "written": "[[0, 4]]", f"key{n}": "x"} for n in range(100)]
    assert marks.with_plain_marks(rows) is rows
    assert looked == ["marks", "written"]


def test_marks_without_a_text_stay_as_they_are() -> None:
    rows = [{"marks": [[0, 4, "PER"]], "number": number} for number in range(3)]
    assert marks.with_plain_marks(rows) is rows


def test_columns_without_tags_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(ColumnSurvey, "is_tag_sequence", property(lambda survey: asked.append(survey.name) is not None))
    words_and_tags_in([ColumnSurvey(f"key{number}") for number in range(300)])
    assert len(asked) <= 2 * 300


def test_an_endless_item_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (json_rows, text_files):
        monkeypatch.setattr(module, "LONGEST_LINE", 100_000)
    monkeypatch.setattr(json_rows, "_BLOCK", 10_000)
    read: list[int] = []
    objects = json_rows.objects_of
    for module in (json_shapes, annotation_tools, marked_text):
        monkeypatch.setattr(module, "objects_of", lambda *given: read.append(1) or objects(*given))
    error = refused(written(tmp_path, "rows.json", '[{"text": "a", "x": [' + "1," * 200_000))
    assert (error.id, len(read)) == ("D8", 1)


def test_too_long_a_sentence_is_passed_over_and_what_follows_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conll, "LONGEST_SENTENCE", 50)
    cells, split = conll._cells, []
    monkeypatch.setattr(conll, "_cells", lambda line, sign: split.append(line) or cells(line, sign))
    long, short = "Anna B-PER\n" * 200, "Ben B-PER\n\n"
    lines = text_files.Lines(io.StringIO(long + "\n" + short + long + "-DOCSTART- O\n\n" + short))
    found = list(conll._sentences(lines, " ", 2, False))
    assert [(len(words), problem is conll.TOO_LONG, line) for words, problem, line in found] == [
        (0, True, 1),
        (1, False, 202),
        (0, True, 204),
        (1, False, 406),
    ]
    assert len(split) == 51 + 1 + 51 + 1


DIGITS = "1" + "0" * 10_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.json", f'[{{"text": "good", "label": {DIGITS}}}, {{"text": "bad", "label": 2}}]'),
        ("rows.jsonl", f'{{"text": "good", "label": {DIGITS}}}\n{{"text": "bad", "label": 2}}\n'),
        ("one.json", f'{{"text": "good", "label": {DIGITS}}}'),
        ("document.json", f'{{"n": {DIGITS}, "data": [{{"text": "good", "label": {DIGITS}}}]}}'),
        ("rows.csv", f"text,label\ngood,{DIGITS}\nbad,2\n"),
    ],
)
def test_a_number_of_ten_thousand_digits_is_a_cell(tmp_path: Path, name: str, content: str) -> None:
    found = seen(written(tmp_path, name, content))
    assert found.cells[0][1].startswith("1000")


def test_labels_of_thousands_of_digits_have_an_order() -> None:
    names = ("1" + "0" * 5_001, "a10", "a9", "007", "1" + "0" * 5_000, "8")
    assert in_natural_order(names) == ("007", "8", names[4], names[0], "a9", "a10")


@pytest.mark.parametrize("content", ["[" * 100_000, "[\n" * 100_000, "[" * 100_000 + "]" * 100_000])
def test_lists_in_lists_in_lists_are_json_and_no_table(tmp_path: Path, content: str) -> None:
    assert refused(written(tmp_path, "rows.json", content)).id == "D12"


@pytest.mark.parametrize("content", ['{"a":' * 100_000 + "1" + "}" * 100_000, '{"a": ' + "[" * 100_000 + "\n"])
def test_a_row_nested_too_deeply_is_named(tmp_path: Path, content: str) -> None:
    error = refused(written(tmp_path, "rows.jsonl", content))
    assert (error.id, error.rows) == ("D12", (1,))


def test_names_with_many_dots_are_looked_up_in_time(tmp_path: Path) -> None:
    inside = {"a": 1}
    for _ in range(40):
        inside = {"a": inside, "a.a": inside}
    row = json.dumps({".".join("a" * 60): None, "text": "good", "a": {"b": 1}, "a.a": {"b": 2}})
    found = seen(written(tmp_path, "rows.jsonl", (row + "\n") * 20))
    assert found.rows_total == 20


def test_a_sentence_of_more_words_than_any_has_is_excluded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conll, "LONGEST_SENTENCE", 50)
    path = written(tmp_path, "rows.conll", "-DOCSTART- O\n\nAnna B-PER\n\n" + "Anna B-PER\n" * 60 + "\nBen B-PER\n")
    found = seen(path)
    assert [entry.rows for entry in found.excluded] == [(5,)]
    assert "words" in found.excluded[0].reason
    assert [row[0] for row in found.cells] == ["Anna", "Ben"]


def test_numbers_of_words_in_conllu_make_no_list_of_their_own(tmp_path: Path) -> None:
    row = "{}\tAnna\t_\tX\t_\t_\t_\t_\t_\t_\n"
    for numbers in (("1", "2-999999999", "2", "3"), ("1", "2", "9" * 5_000, "4")):
        path = written(tmp_path, "rows.conllu", ("".join(map(row.format, numbers)) + "\n") * 30)
        assert seen(path).reading.format == "conll"


def test_a_marked_text_of_more_characters_than_any_has_is_excluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked_text, "LONGEST_TEXT", 50)
    rows = [{"text": text, "label": [[0, 4, "PER"]]} for text in ("Anna lives", "Anna " * 20, "Anna sings")]
    found = seen(written(tmp_path, "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert [entry.rows for entry in found.excluded] == [(2,)]


def test_a_look_at_a_file_ends_after_so_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "COUNTED_CELLS", 60_000)
    found = seen(written(tmp_path, "rows.csv", "text,label\n" + "good film,1\nbad film,0\n" * 20_000))
    assert found.rows_total == 0  # not known
    assert found.columns[0].filled < 30_000


# ── The real sizes ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.nightly
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited as Linux does it")
@pytest.mark.parametrize("name", [*HOSTILE, "600000_new_keys.jsonl"])
def test_a_large_hostile_file_is_answered_or_refused_in_seconds(tmp_path: Path, name: str) -> None:
    path = write_hostile(tmp_path, name)
    code = (
        "import sys, resource, time; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from engine.contract.errors import EngineError\n"
        "from engine.contract.settings import FileRows, ReadingOptions\n"
        "from engine.preparing.preview import preview\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2_500_000_000, 2_500_000_000))\n"
        "begun = time.process_time()\n"
        "rows, scratch = FileRows(sys.argv[2]), Path(sys.argv[2]).parent\n"
        "try: preview(rows, ReadingOptions(), 50, lambda event: None, scratch=scratch)\n"
        "except EngineError as error: print(error.id)\n"
        "print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT), str(path)], capture_output=True, text=True, timeout=60 * PATIENCE
    )
    assert done.returncode == 0, done.stderr[-1_000:]
    seconds, peak = done.stdout.split()[-2:]
    assert float(seconds) < 5 * 2  # of the processor; a shared one is slower
    assert int(peak) < 1_500_000  # kB
