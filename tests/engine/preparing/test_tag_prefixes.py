"""Tags with a wrong prefix are put right at one click, in all rows and in the plain script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest

from engine.contract.cleaning_rules import CorrectTagPrefixes
from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import corrected
from engine.preparing.prepare import prepare
from engine.script.data import read_code
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.engine.preparing.test_misleading_findings import tagged

RIGHT = ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]


def prepared(tmp_path: Path, *rules: CorrectTagPrefixes) -> PreparedDataset:
    workspace = Workspace(tmp_path / "workspace").create()
    settings = PrepareSettings(task="token_classification", cleaning_rules=rules)
    return prepare(tiny_model(tmp_path), FileRows(str(tmp_path / "train.conll")), settings, ignore, workspace=workspace)


@pytest.mark.parametrize(
    ("tags", "finding"),
    [
        ("B-PER B-PER O O B-LOC O", "all_begin"),
        ("B-PER I-PER B-O B-O B-LOC B-O", "outside_with_prefix"),
        ("B-PER I-PER I-none I-none B-LOC I-none", "outside_with_prefix"),
        ("PER-B PER-I O O LOC-B O", "other_prefix"),
        ("B:PER I:PER O O B:LOC O", "other_prefix"),
    ],
)
def test_one_click_gives_tags_the_prefixes_that_they_mean(tmp_path: Path, tags: str, finding: str) -> None:
    (tmp_path / "train.conll").write_text(tagged(tags), "utf-8")
    (found,) = (one for one in prepared(tmp_path).findings if one.id == finding)
    (offer,) = found.offers
    assert isinstance(offer.rule, CorrectTagPrefixes)
    mended = prepared(tmp_path, offer.rule)
    assert finding not in [one.id for one in mended.findings]
    assert [(one.rule, one.rows) for one in mended.applied] == [(offer.rule, 40)]
    assert set(mended.label_names) == {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}
    script, made = Script(), dict[str, Any]()
    read_code(script, mended, Places(rows=f"Path({str(Path(mended.folder) / 'split.json')!r})"))
    exec(compile(script.text(), "script", "exec"), made)
    for split, rows in datasets.load_from_disk(mended.folder).items():
        assert rows["tags"][:] == made["splits"][split]["tags"][:] == [RIGHT] * len(rows)


def test_tags_that_are_right_stay() -> None:
    rules = (CorrectTagPrefixes("sign", ":"), CorrectTagPrefixes("sign", "-", True), CorrectTagPrefixes("outside"))
    for tags in (RIGHT, ["B-O2", "NOUN", "B", "I", "B_cell", "T-cell", "other"]):
        for rule in rules:
            assert corrected(tags, rule) == tags
    assert corrected(["B-PER", "O", "B-PER", "B-LOC", "B-LOC"], CorrectTagPrefixes("begin")) == [
        "B-PER", "O", "B-PER", "B-LOC", "I-LOC",
    ]  # fmt: skip
