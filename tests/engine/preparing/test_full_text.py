"""Rows of words are stored with the text that is read of them, and the plain script reads the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasets import Dataset, DatasetDict, load_from_disk

from engine import stages
from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, FolderModel, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.script.data import encode_code, read_code
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset
from tests.engine.family_folders import family_folder
from tests.engine.small_runs import small_settings

CONLLU = """\
# text = {name} doesn't like zum, {number}.
1\t{name}\t_\tPROPN\t_\t_\t0\troot\t_\t_
2-3\tdoesn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdoes\t_\tAUX\t_\t_\t0\troot\t_\t_
3\tn't\t_\tPART\t_\t_\t0\troot\t_\t_
4\tlike\t_\tVERB\t_\t_\t0\troot\t_\t_
5-6\tzum\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
5\tzu\t_\tADP\t_\t_\t0\troot\t_\t_
6\tdem\t_\tDET\t_\t_\t0\troot\t_\t_
7\t,\t_\tPUNCT\t_\t_\t0\troot\t_\t_
8\t{number}\t_\tNUM\t_\t_\t0\troot\t_\tSpaceAfter=No
9\t.\t_\tPUNCT\t_\t_\t0\troot\t_\t_
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    folder = tmp_path_factory.mktemp("full")
    workspace = Workspace(folder / "workspace").create()
    return stages.load_model(FolderModel(str(family_folder(folder / "m", "roberta"))), ignore, workspace=workspace)


def prepared(tmp_path: Path, model: ModelHandle, name: str, content: str, roles: Roles) -> PreparedDataset:
    (tmp_path / name).write_text(content, "utf-8")
    settings = PrepareSettings(task="token_classification", roles=roles)
    workspace = Workspace(tmp_path / "workspace").create()
    return prepare(model, FileRows(str(tmp_path / name)), settings, ignore, workspace=workspace)


def texts_of(dataset: PreparedDataset) -> list[str]:
    splits = load_from_disk(dataset.folder)
    return [text for split in splits.values() for text in split["full_text"]]


def rows_of_script(dataset: PreparedDataset) -> tuple[DatasetDict, DatasetDict]:
    """The rows as the plain script reads them, and as it encodes them with the tokenizer of the model."""
    from transformers import AutoTokenizer

    script = Script()
    read_code(script, dataset, Places(rows="split_json"))
    encode_code(script, dataset)
    code = script.text().replace("splits = splits.map", "read = splits\nsplits = splits.map")
    made: dict[str, object] = {
        "tokenizer": AutoTokenizer.from_pretrained(dataset.model.folder),
        "split_json": Path(dataset.folder) / "split.json",
    }
    exec(code, made)
    return made["read"], made["splits"]  # type: ignore[return-value]


def equal_in_script(dataset: PreparedDataset) -> bool:
    own = load_from_disk(dataset.folder)
    _, theirs = rows_of_script(dataset)
    return all(
        list(own[name][column]) == list(theirs[name][column]) for name in own for column in ("input_ids", "labels")
    )


def test_conllu_keeps_the_spaces_that_its_file_has(tmp_path: Path, model: ModelHandle) -> None:
    names = ("Anna", "Ben", "Mara", "Li", "Tom")
    sentences = [CONLLU.format(name=name, number=number) for name in names for number in range(8)]
    dataset = prepared(tmp_path, model, "rows.conllu", "\n".join(sentences), Roles(tokens="form", tags="upos"))
    assert "Anna doesn't like zu dem, 3." in texts_of(dataset)
    assert equal_in_script(dataset)


def test_the_script_finds_the_columns_of_conll_where_they_are(tmp_path: Path, model: ModelHandle) -> None:
    rows = [f"{name}{number}" for number in range(8) for name in ("Anna", "Ben", "Mara", "Li", "Tom")]
    lines = [f"1 {name} B-PER O\n2 20\u00a0000 b-LOC B-LOC\n3\there\tO\tO\n" for name in rows]
    roles = Roles(tokens="tokens 2", tags="tags 3")
    dataset = prepared(tmp_path, model, "rows.conll", "\n".join(lines), roles)
    assert dataset.rows_used == 40
    assert "Ben0 20\u00a0000 here" in texts_of(dataset)
    assert equal_in_script(dataset)


def test_marked_texts_stay_as_they_are_written(tmp_path: Path, model: ModelHandle) -> None:
    rows = [
        {"text": f"{name}  lives\tin {place}, near  {number}!", "label": [[0, len(name), "PER"]]}
        for name in ("Anna", "Ben")
        for place in ("Graz", "Lima", "Oslo")
        for number in range(6)
    ]
    content = "\n".join(map(json.dumps, rows))
    dataset = prepared(tmp_path, model, "rows.jsonl", content, Roles(tokens="tokens", tags="tags"))
    assert set(texts_of(dataset)) == {row["text"] for row in rows}
    assert equal_in_script(dataset)


def test_marked_texts_of_every_script_have_the_same_words_in_the_script(tmp_path: Path, model: ModelHandle) -> None:
    texts = [
        ("王伟{n}在北京GPT市。", [[0, 2, "PER"], [4, 6, "LOC"]]),
        ("สมชาย{n}อยู่ที่กรุงเทพ", [[0, 5, "PER"], [13, 20, "LOC"]]),
        ("राहुल {n} दिल्ली में", [[0, 5, "PER"], [8, 14, "LOC"]]),
        ("علی{n} می\u200cخواهد \u200fتهران", [[0, 3, "PER"], [15, 20, "LOC"]]),
        ("Rene\u0301{n} in Berlin-Mitte", [[0, 4, "PER"], [10, 13, "LOC"]]),
        ("👩‍👩‍👧{n} 서울에서", [[0, 1, "PER"], [7, 9, "LOC"]]),
    ]
    rows = [{"text": text.format(n=n), "label": marks} for text, marks in texts for n in range(8)]
    content = "\n".join(map(json.dumps, rows))
    dataset = prepared(tmp_path, model, "rows.jsonl", content, Roles(tokens="tokens", tags="tags"))
    assert dataset.rows_used == 48
    assert dataset.conversion is not None
    assert (dataset.conversion.entities, dataset.conversion.changed) == (96, 16)  # those that cut an é and an emoji
    assert {finding.id for finding in dataset.findings} >= {"changed_entities"}
    own, (theirs, _) = load_from_disk(dataset.folder), rows_of_script(dataset)
    for name in own:
        assert list(own[name]["tokens"]) == list(theirs[name]["tokens"])
        assert list(own[name]["tags"]) == list(theirs[name]["tags"])


def test_offsets_that_are_counted_otherwise_are_read_so_in_the_script(tmp_path: Path, model: ModelHandle) -> None:
    names = [("Anna", "PER"), ("Graz", "LOC"), ("Ben", "PER")]
    rows = []
    for number in range(36):
        name, label = names[number % 3]
        marks: list[object] = [[6, 5 + len(name), label]]  # in units of UTF-16, of which the emoji has two
        if number % 9 == 0:  # a copy shows that this one is counted in characters
            marks = [{"start": 5, "end": 5 + len(name), "label": label, "text": name}]
        rows.append({"text": f"😀 on {name} {number}", "label": marks})
    content = "\n".join(map(json.dumps, rows))
    dataset = prepared(tmp_path, model, "rows.jsonl", content, Roles(tokens="tokens", tags="tags"))
    assert dataset.settings.reading.offsets == "utf-16-inclusive"
    assert any("units of UTF-16" in note for note in dataset.notes)
    own, (theirs, _) = load_from_disk(dataset.folder), rows_of_script(dataset)
    for name in own:
        assert list(own[name]["tags"]) == list(theirs[name]["tags"])
        assert all(row["tags"][row["tokens"].index(names[row["row"] % 3 - 1][0])][0] == "B" for row in own[name])


def test_words_are_joined_and_the_script_joins_them_too(tmp_path: Path, model: ModelHandle) -> None:
    rows = [
        {"tokens": [*name, "在", *place, "。"], "tags": ["B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O"]}
        for name in ("张敏", "李娜", "王伟", "刘洋")
        for place in ("上海", "北京", "广州", "南京", "西安", "重庆")
    ]
    content = "\n".join(map(json.dumps, rows))
    dataset = prepared(tmp_path, model, "rows.jsonl", content, Roles(tokens="tokens", tags="tags"))
    assert "李娜在北京。" in texts_of(dataset)
    assert equal_in_script(dataset)
    assert any("joined" in note for note in dataset.notes)


def test_rows_that_0_1_0_prepared_are_prepared_again_before_a_new_run(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    for name in ("train", "validation", "test"):
        folder = Path(dataset.folder) / name
        rows = Dataset.load_from_disk(str(folder)).remove_columns(["word_tokens", "read_tokens", "full_text"])
        rows = Dataset.from_dict(rows.to_dict())
        rows.save_to_disk(str(tmp_path / name))
        for file in folder.iterdir():
            file.unlink()
        for file in (tmp_path / name).iterdir():
            file.rename(folder / file.name)
    with pytest.raises(DatasetUnreadable) as raised:
        stages.fine_tune(dataset, small_settings(epochs=1), ignore, workspace=Workspace(tmp_path / "workspace"))
    assert (raised.value.id, raised.value.actions) == ("D20", (RecoveryAction.PREPARE_AGAIN,))
    assert "earlier version" in raised.value.message
