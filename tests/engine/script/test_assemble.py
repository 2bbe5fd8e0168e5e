"""The Code panel's script: it grows with each step, begins with the model, and runs at every step."""

from __future__ import annotations

import ast
import csv
import itertools
import json
import re
from pathlib import Path

import msgspec
import pytest

from engine.contract.presets import linear_settings
from engine.contract.settings import (
    FileRows,
    FineTuneSettings,
    FolderModel,
    HubModel,
    PrepareSettings,
    ReadingOptions,
    Roles,
    StarterModel,
)
from engine.contract.states import State
from engine.script.assemble import code_so_far
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export
from tests.engine.every_task import prepared_as_guessed
from tests.engine.script_process import output_of
from tests.engine.trained_run import a_prepared_dataset


def after_imports(code: str) -> list[str]:
    tree = ast.parse(code)
    last = max(node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    return [line for line in code.splitlines()[last:] if line.strip()]


def test_the_first_line_loads_the_model() -> None:
    lines = after_imports(code_so_far(a_model()))
    assert lines[0] == 'model = BertModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")'
    assert lines[-1] == 'print("Model loaded successfully!")'


def test_before_anything_is_loaded_the_chosen_source_is_shown() -> None:
    assert 'BertModel.from_pretrained("bert-base-uncased")' in code_so_far(None, source=HubModel("bert-base-uncased"))
    assert 'AutoModel.from_pretrained("/my/model")' in code_so_far(None, source=FolderModel("/my/model"))
    assert "BertModel.from_pretrained(" in code_so_far(None, source=StarterModel())


def test_a_revision_is_kept() -> None:
    model = a_model(source=HubModel("bert-base-uncased", revision="abc123"))
    assert 'from_pretrained("bert-base-uncased", revision="abc123")' in code_so_far(model)


def test_the_script_grows_with_each_step() -> None:
    states: list[State] = [a_model(), a_dataset(), a_run(), an_evaluation(), an_export()]
    codes = [code_so_far(state) for state in states]
    for shorter, longer in itertools.pairwise(codes):
        ast.parse(longer)
        assert set(after_imports(shorter)) <= set(after_imports(longer))
        assert len(longer) > len(shorter)


def test_what_is_about_to_be_trained_is_shown_with_its_values() -> None:
    code = code_so_far(a_dataset(), fine_tune=FineTuneSettings(learning_rate=3e-5, batch_size=8, epochs=2))
    assert "learning_rate=3e-05," in code
    assert "per_device_train_batch_size=8," in code
    assert "trainer.train()" in code
    assert "trainer.train()" not in code_so_far(a_dataset())


@pytest.mark.parametrize("format", ["", "csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("header", ["yes", "no"])
def test_every_format_gives_a_script_that_parses(format: str, header: str) -> None:
    reading = ReadingOptions(format=format, header=header, quoting="plain")  # type: ignore[arg-type]
    ast.parse(
        code_so_far(
            an_export(
                evaluation=an_evaluation(
                    run=a_run(dataset=a_dataset(settings=PrepareSettings(reading=reading, row_limit=10)))
                )
            )
        )
    )


@pytest.mark.parametrize("task", ["text_classification", "token_classification"])
def test_the_complete_script_runs(tmp_path: Path, task: str, warm_python: str) -> None:
    dataset = a_prepared_dataset(tmp_path, task=task)
    settings = FineTuneSettings(epochs=1, batch_size=8, learning_rate=1e-3, evaluation_interval=3)
    run = a_run(dataset=dataset, settings=settings, device="cpu (1 thread)")
    exported = an_export(evaluation=an_evaluation(run=run), folder=str(tmp_path / "exported"))
    script = tmp_path / "script.py"
    script.write_text(code_so_far(exported), "utf-8")
    printed = output_of(warm_python, script)
    assert printed.startswith("Model loaded successfully!")
    assert "test_f1" in printed
    assert (tmp_path / "exported" / "config.json").is_file()


def test_the_script_of_a_linear_model_answers_as_the_regression_that_it_fits(tmp_path: Path, warm_python: str) -> None:
    dataset = a_prepared_dataset(tmp_path)
    settings = linear_settings(dataset, 0.5)
    run = a_run(dataset=dataset, settings=settings, device="cpu (1 thread)", precision="fp32")
    exported = an_export(evaluation=an_evaluation(run=run), folder=str(tmp_path / "exported"))
    end = "trainer.model_wrapped = model\n"
    code = code_so_far(exported)
    assert code.count(end) == 1
    check = """with torch.no_grad():
    given = model(**trainer.data_collator([rows[number] for number in range(len(rows))])).logits
difference = (given[:, 1] - given[:, 0]).numpy() - fitted.decision_function(((found - mean) / spread).numpy())
print("FARTHEST", abs(difference).max(), fitted.C)
"""
    script = tmp_path / "script.py"
    script.write_text(code.replace(end, end + check), "utf-8")
    printed = output_of(warm_python, script)
    found = re.search(r"FARTHEST ([0-9.e-]+) 0\.5", printed)
    assert found is not None, printed
    assert float(found[1]) < 0.01
    assert "test_f1" in printed


# Each starts a process of its own that trains; the ordinary run takes the two that differ most.
@pytest.mark.parametrize(
    "kind",
    [
        "pair_score",
        "labels_list",
        *(pytest.param(kind, marks=pytest.mark.nightly) for kind in ("pair", "labels_joined", "labels_columns")),
    ],
)
def test_the_script_of_every_task_runs(tmp_path: Path, kind: str, warm_python: str) -> None:
    dataset = prepared_as_guessed(kind, tmp_path)
    run = a_run(dataset=dataset, settings=FineTuneSettings(epochs=1, batch_size=16), device="cpu (1 thread)")
    exported = an_export(evaluation=an_evaluation(run=run), folder=str(tmp_path / "exported"))
    script = tmp_path / "script.py"
    script.write_text(code_so_far(exported), "utf-8")
    printed = output_of(warm_python, script)
    assert ("test_spearman" if dataset.target_scale else "test_f1") in printed
    last = printed.splitlines()[-1]
    if dataset.target_scale:  # folded: around 15, in the unit of the rows, whatever one epoch has learned
        assert 8 < float(last.rpartition(" ")[2].rstrip("}]")) < 24
    else:
        assert any(name in last for name in dataset.label_names)


def test_tags_in_other_schemes_are_read_as_the_labels_of_the_network() -> None:
    dataset = msgspec.structs.replace(
        a_dataset(), task="token_classification", label_names=("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    )
    code = code_so_far(dataset)
    start = code.index("def iob2")
    names: dict[str, object] = {}
    exec(code[start : code.index("UNSPACED")], names)
    read = names["iob2"]
    assert callable(read)
    assert read(["S-PER", "O", "B-LOC", "E-LOC"]) == ["B-PER", "O", "B-LOC", "I-LOC"]
    assert read(["I-PER", "I-PER", "I-LOC", "O", "U-PER", "L-PER"]) == [
        "B-PER",
        "I-PER",
        "B-LOC",
        "O",
        "B-PER",
        "B-PER",
    ]
    assert read(["PER", "PER", "O", "LOC"]) == ["B-PER", "I-PER", "O", "B-LOC"]


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_word_lists_in_cells_are_read(tmp_path: Path, format: str) -> None:
    roles = Roles(tokens="words", tags="ner")
    reading = ReadingOptions(format=format, header="yes")  # type: ignore[arg-type]
    settings = PrepareSettings("token_classification", roles, reading)
    dataset = a_dataset(task="token_classification", source=FileRows("x"), settings=settings)
    path = tmp_path / "rows"
    if format == "jsonl":
        path.write_text('{"words": ["Anna", "lives"], "ner": ["B-PER", "O"]}\n\n{"words": [1], "ner": ["O"]}\n')
    else:
        path.write_text("words,ner\n\"['Anna', 'lives']\",B-PER O\n1,O\n['Ben' 'hums'],\"[B-PER, O]\"\n")
    assert read_with(code_so_far(dataset), path) == [
        {"tokens": ["Anna", "lives"], "tags": ["B-PER", "O"]},
        {"tokens": ["1"], "tags": ["O"]},
        *([{"tokens": ["Ben", "hums"], "tags": ["B-PER", "O"]}] if format == "csv" else []),
    ]


def test_keys_inside_objects_are_read(tmp_path: Path) -> None:
    roles, reading = Roles(text="data.text", label="label"), ReadingOptions(format="jsonl", header="yes")
    dataset = a_dataset(source=FileRows("x"), settings=PrepareSettings(roles=roles, reading=reading))
    path = tmp_path / "rows"
    path.write_text('{"data": {"text": "good", "id": 1}, "label": "yes"}\n{"data.text": "bad", "label": "no"}\n')
    assert read_with(code_so_far(dataset), path) == [{"text": "good", "label": "yes"}, {"text": "bad", "label": "no"}]


def test_a_file_without_a_header_and_with_plain_quotes_is_read(tmp_path: Path) -> None:
    reading = ReadingOptions(format="tsv", header="no", quoting="plain", delimiter="\t")
    roles = Roles(text="column 2", label="column 1")
    dataset = a_dataset(source=FileRows("x"), settings=PrepareSettings(roles=roles, reading=reading))
    path = tmp_path / "spam.tsv"
    path.write_text('ham\tthe "film\nspam\twin" now\tmore\n')
    assert read_with(code_so_far(dataset), path) == [
        {"text": 'the "film', "label": "ham"},
        {"text": 'win" now', "label": "spam"},
    ]


def test_conll_columns_are_found_by_their_names(tmp_path: Path) -> None:
    reading = ReadingOptions(format="conll", header="no", delimiter=" ")
    roles = Roles(tokens="tokens", tags="column 2")
    settings = PrepareSettings("token_classification", roles, reading)
    dataset = a_dataset(task="token_classification", source=FileRows("x"), settings=settings)
    path = tmp_path / "x.conll"
    path.write_text("-DOCSTART- -X- O\n\n# id = 1\nAnna NNP B-PER\nlives VB O\n\n\nBen NNP B-PER\n")
    assert read_with(code_so_far(dataset), path) == [
        {"tokens": ["Anna", "lives"], "tags": ["NNP", "VB"]},
        {"tokens": ["Ben"], "tags": ["NNP"]},
    ]


def test_sentences_of_a_conll_file_are_texts_where_the_task_reads_texts(tmp_path: Path) -> None:
    reading = ReadingOptions(format="conll", header="no", delimiter="\t")
    task = "multi_label_classification"
    settings = PrepareSettings(task, Roles(text="tokens", labels="tags"), reading)
    dataset = a_dataset(task=task, source=FileRows("x"), settings=settings)
    path = tmp_path / "x.conll"
    path.write_text("Anna\tB-PER\nlives\tO\n\nBen\tB-PER\n")
    assert read_with(code_so_far(dataset), path) == [
        {"text": "Anna lives", "label_set": ["B-PER", "O"]},
        {"text": "Ben", "label_set": ["B-PER"]},
    ]


def read_with(code: str, path: Path) -> object:
    """What the script's own `read` makes of a file."""
    tree = ast.parse(code)
    named = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    wanted: list[ast.stmt] = [named[name] for name in ("read", "words", "flat", "labels_in") if name in named]
    names: dict[str, object] = {"ast": ast, "csv": csv, "json": json, "re": re}
    exec(compile(ast.Module(wanted, []), "script", "exec"), names)
    read = names["read"]
    assert callable(read)
    return read(path)
