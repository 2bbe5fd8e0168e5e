"""What a file is follows from its content; what it is not is said in one sentence."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import ReadingOptions
from engine.reading.formats.registry import layout_of, read, rows_as_objects


def rows_in(path: Path, *names: str) -> list[tuple[object, ...]]:
    layout = layout_of(path, ReadingOptions())
    rows: list[tuple[object, ...]] = []
    for chunk in read(path, layout, names or layout.columns):
        rows.extend(zip(*(chunk.columns[name] for name in names or layout.columns), strict=True))
    return rows


def refused(path: Path) -> DatasetUnreadable:
    with pytest.raises(DatasetUnreadable) as caught:
        rows_in(path)
    assert caught.value.hint
    return caught.value


def a_workbook() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return output.getvalue()


NOT_ROWS = {
    "xlsx": a_workbook(),
    "jpg": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4,
    "png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "pdf": b"%PDF-1.7\n" + bytes(range(256)),
    "gz": gzip.compress(b"text,label\n"),
    "exe": b"MZ\x90\x00\x03" + bytes(300),
    "elf": b"\x7fELF" + bytes(300),
    "html": b"<!DOCTYPE html><html><body>404</body></html>",
    "xml": b"\xef\xbb\xbf  <?xml version='1.0'?><rows/>",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
    "binary": bytes(range(32)) * 50,
}


@pytest.mark.parametrize("kind", NOT_ROWS)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(NOT_ROWS[kind])
    error = refused(path)
    assert error.id == "D11"
    assert error.message.startswith("rows.csv is ")


def test_a_tar_archive_under_another_name_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"rows.csv".ljust(257, b"\0") + b"ustar\x0000" + bytes(300))
    assert "tar archive" in refused(path).message


@pytest.mark.parametrize("content", [b"", b"   \n\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    assert refused(path).id == "D10"


def test_a_folder_an_address_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).id == "D11"
    assert refused(Path("https://example.org/rows.csv")).id == "D11"
    assert refused(tmp_path / "gone.csv").id == "D20"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    os.mkfifo(path)
    assert refused(path).id == "D20"


def test_the_name_decides_nothing(tmp_path: Path) -> None:
    table = pa.table({"text": ["one text", "two"], "label": ["x", "y"]})
    pq.write_table(table, tmp_path / "rows.csv")
    assert layout_of(tmp_path / "rows.csv", ReadingOptions()).options.format == "parquet"
    (tmp_path / "rows.parquet").write_text('{"text": "one", "label": "x"}\n')
    assert layout_of(tmp_path / "rows.parquet", ReadingOptions()).options.format == "jsonl"
    (tmp_path / "rows.txt").write_text("Anna\tB-PER\nsings\tO\n\nBen\tB-PER\n")
    assert layout_of(tmp_path / "rows.txt", ReadingOptions()).options.format == "conll"
    (tmp_path / "rows.json").write_text("text\tlabel\none text\tx\n")
    assert layout_of(tmp_path / "rows.json", ReadingOptions()).options.format == "tsv"


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_json_values_stay_as_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"a": 1.0, "b": 1e5, "c": true}\r\n\r\n{"a": null, "b": ["x", "y"], "c": {"k": "v"}}\n', newline=""
    )
    assert rows_in(path, "a", "b", "c") == [("1.0", "1e5", "true"), (None, ["x", "y"], '{"k": "v"}')]


def test_keys_that_come_late_are_columns_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b", "label": "x"}\n')
    assert rows_in(path) == [("a", None), ("b", "x")]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_objects_reads_like_lines(tmp_path: Path, indent: int | None) -> None:
    rows = [{"text": f"text {number} " + "ü" * 400, "label": str(number % 3)} for number in range(4_000)]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows, indent=indent, ensure_ascii=False), encoding="utf-8")
    assert path.stat().st_size > 2 * 1024 * 1024  # more than one block
    assert rows_in(path) == [(row["text"], row["label"]) for row in rows]


@pytest.mark.parametrize(
    "bad", ['{"text": "cut', '{"text": "a",}', "[1, 2]", "17", '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}"]
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a"}\n' * 16 + bad + '\n{"text": "b"}\n')
    error = refused(path)
    assert error.id == "D12"
    assert error.rows == (17,)
    assert error.message.startswith("Line 17 of rows.jsonl")


def test_a_bad_item_of_a_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"text": "a"}, {"text": "b"}, {"text": nothing at all stands here}, {"text": "c"}]')
    error = refused(path)
    assert error.id == "D12"
    assert error.rows == (3,)


def test_a_list_that_is_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"text": "a"}, {"text": "b"')
    assert refused(path).id == "D12"


def test_one_object_is_not_a_list_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('{\n "text": "a",\n "label": "b"\n}\n')
    assert refused(path).id == "D12"


@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_may_hold_the_list_of_rows(tmp_path: Path, indent: int | None) -> None:
    rows = [{"text": f"text {number} " + "ü" * 400, "label": str(number % 3)} for number in range(4_000)]
    path = tmp_path / "rows.json"
    document = {"version": "1.0", "about": {"by": ["a", "b"]}, "data": rows, "more": 1}
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False), encoding="utf-8")
    assert rows_in(path) == [(row["text"], row["label"]) for row in rows]


def test_lines_that_hold_lists_of_objects_stay_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "spans": [{"start": 0}]}\n{"text": "b", "spans": []}\n')
    assert [row[0] for row in rows_in(path)] == ["a", "b"]


# ── Parquet ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_parquet_values_are_text_and_lists_of_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(
        pa.table({"text": ["a", None], "label": [1, 2], "score": [1.0, 2.5], "tokens": [["x", "y"], []]}), path
    )
    assert rows_in(path) == [("a", "1", "1.0", ["x", "y"]), (None, "2", "2.5", [])]


def test_class_numbers_become_the_names_that_datasets_wrote(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["negative", "positive"])}
    )
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    rows.to_parquet(str(tmp_path / "rows.parquet"))
    assert rows_in(tmp_path / "rows.parquet") == [("a", "positive"), ("b", "negative")]
    rows = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [-1, 0]}, features=features)
    rows.to_parquet(str(tmp_path / "kept back.parquet"))
    assert rows_in(tmp_path / "kept back.parquet") == [("a", None), ("b", "negative")]


@pytest.mark.parametrize("keep", [4, 40, 200, -10])
def test_a_damaged_parquet_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": [f"text {number}" for number in range(500)]}), path)
    path.write_bytes(path.read_bytes()[:keep])
    assert refused(path).id == "D13"


def test_dates_that_python_has_none_for_do_no_harm_to_the_other_columns(tmp_path: Path) -> None:
    never = {
        "day": pa.array([2**31 - 1, None], pa.date32()),
        "moment": pa.array([2**62, 0], pa.timestamp("us")),
    }
    pq.write_table(pa.table({"text": ["one", "two"], **never}), tmp_path / "rows.parquet")
    assert rows_in(tmp_path / "rows.parquet", "text") == [("one",), ("two",)]
    days = [day for (day,) in rows_in(tmp_path / "rows.parquet", "day")]
    assert days[0]
    assert days[1] is None
    moments = [str(moment) for (moment,) in rows_in(tmp_path / "rows.parquet", "moment")]
    assert moments[0]
    assert moments[1].startswith("1970-01-01")


def test_a_parquet_file_with_two_columns_of_one_name_shows_which(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(table, tmp_path / "rows.parquet")
    error = refused(tmp_path / "rows.parquet")
    assert error.id == "D13"
    assert error.message == "Two columns of rows.parquet are called “text”."


def test_what_a_parquet_file_shows_of_its_classes_may_be_nonsense(tmp_path: Path) -> None:
    told = b'{"info": {"features": {"label": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}}"
    table = pa.table({"text": ["a", "b"], "label": [1, 0]}).replace_schema_metadata({b"huggingface": told})
    pq.write_table(table, tmp_path / "rows.parquet")
    assert rows_in(tmp_path / "rows.parquet") == [("a", "1"), ("b", "0")]


def test_a_parquet_file_whose_names_are_no_characters_is_refused(tmp_path: Path) -> None:
    """Found by fuzzing: the name inside the schema, which is not in Arrow's copy of it."""
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": ["a"], "mark": [[{"from": 1}]]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"from", b"\xff\xff\xff\xff"))
    assert rows_as_objects(path, ReadingOptions()) is None
    assert refused(path).id == "D13"


@pytest.mark.parametrize(
    ("head", "row", "line", "written"),
    [
        ("[\n", '  {{text: "A lamp {n}", label: "fine"}},\n', 2, 'line 2 is “{text: "A lamp 0"'),
        ("", '{{text: "A lamp {n}", label: "fine"}}\n', 1, 'line 1 is “{text: "A lamp 0"'),
        ("[\n", "  {{\n    text: 'A lamp {n}',\n    label: 'fine',\n  }},\n", 3, "line 3 is “text: 'A lamp 0'"),
        ("{\n  rows: [\n", '    {{"text": "A lamp {n}", "label": "fine"}},\n', 2, "line 2 is “rows: [”"),
        ("const data = [\n", '  {{"text": "A lamp {n}", "label": "fine"}},\n', 1, "line 1 is “const data = [”"),
        ("export default [\n", '  {{text: "A lamp {n}", label: "fine"}},\n', 1, "line 1 is “export default [”"),
        ("\n// our rows\n[\n", '  {{"text": "A lamp {n}", "label": "fine"}},\n', 2, "line 2 is “// our rows”"),
        ("/* our\nrows */ [\n", '  {{"text": "A lamp {n}", "label": "fine"}},\n', 1, "line 1 is “/* our”"),
        ("[\n", "  {{'text': 'A lamp {n}', 'spam': true}},\n", 2, "line 2 is “{'text': 'A lamp 0'"),
    ],
)
def test_what_is_javascript_and_no_json_is_named_with_its_line(
    tmp_path: Path, head: str, row: str, line: int, written: str
) -> None:
    rows = [row.format(n=n).replace("A lamp", f"A lamp{', late' * (n % 3)}") for n in range(40)]
    (tmp_path / "rows.json").write_text(head + "".join(rows), "utf-8")
    assert rows_as_objects(tmp_path / "rows.json", ReadingOptions()) is None
    error = refused(tmp_path / "rows.json")
    assert (error.id, error.report().rows) == ("D12", (line,))
    assert written in str(error)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("above", ["", "% made by us\n\n"])
def test_a_file_of_weka_is_named_in_any_encoding(tmp_path: Path, encoding: str, above: str) -> None:
    head = f"{above}@RELATION x\n@attribute text string\n@attribute class {{pos,neg}}\n@data\n"
    mark = "" if encoding in ("utf-8", "utf-8-sig", "utf-16") else "\ufeff"
    (tmp_path / "rows.arff").write_bytes((mark + head + "'A lamp',pos\n" * 40).encode(encoding))
    error = refused(tmp_path / "rows.arff")
    assert error.id == "D11"
    assert "Weka" in str(error)
    assert rows_as_objects(tmp_path / "rows.arff", ReadingOptions()) is None


# ── CoNLL ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sentences_of_four_columns_with_document_marks(tmp_path: Path) -> None:
    path = tmp_path / "eng.train"
    path.write_text(
        "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n# sent_id = 2\nPeter NNP I-NP I-PER", newline=""
    )
    layout = layout_of(path, ReadingOptions())
    assert layout.columns == ("tokens", "column 2", "column 3", "tags")
    assert rows_in(path, "tokens", "tags") == [(["EU", "rejects"], ["I-ORG", "O"]), (["Peter"], ["I-PER"])]


def test_a_sentence_with_a_short_line_is_left_out_and_never_filled_up(tmp_path: Path) -> None:
    path = tmp_path / "rows.conll"
    path.write_text("Anna\tB-PER\nsings\tO\n\nBen\nhums\tO\n\n" + "Rome\tB-LOC\nis\tO\nold\tO\n\n" * 10)
    layout = layout_of(path, ReadingOptions())
    chunks = list(read(path, layout, layout.columns))
    assert [number for chunk in chunks for number in chunk.numbers] == [1, *range(3, 13)]
    assert chunks[0].excluded == [(2, "has a line with 1 column instead of 2")]


def test_hashtags_are_words_and_not_comments(tmp_path: Path) -> None:
    path = tmp_path / "rows.conll"
    path.write_text("#photo\tO\nBerlin\tB-LOC\n\n#\tO\nRome\tB-LOC\n")
    assert rows_in(path, "tokens") == [(["#photo", "Berlin"],), (["#", "Rome"],)]
