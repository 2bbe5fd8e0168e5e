"""Files of earlier versions are read under the names of their time, and what is not theirs is left alone."""

from __future__ import annotations

import json

import msgspec
import pytest

from engine.contract.cleaning_rules import LeaveOutDuplicates, MergeLabels
from engine.contract.findings import AppliedRule, Finding, Offer
from engine.contract.former_names import FORMER_KEYS, FORMER_TAGS, current_path, decode, with_current_names
from engine.contract.sentences import decode_hook
from engine.contract.settings import FineTuneSettings, PrepareSettings, Recipe
from engine.contract.states import EvaluationReport, PreparedDataset, SplitCounts
from engine.workspace.atomic_files import as_json
from tests.builders import a_dataset, a_run, an_evaluation

OLD = {  # name of today: names of 0.1.0, which no value below has
    "excluded": "left_out",
    "cleaning_rules": "remedies",
    "near_duplicates": "likeness",
    "layers_to_train": "trained_part",
    "rule": "remedy",
    "exclude_duplicates": "leave_out_duplicates",
}


def as_0_1_0_wrote_it(record: msgspec.Struct) -> bytes:
    text = msgspec.json.encode(record, enc_hook=str).decode()
    for now, then in OLD.items():
        text = text.replace(f'"{now}"', f'"{then}"')
    return text.encode()


def test_a_whole_chain_of_states_is_read_under_its_former_names() -> None:
    rule = LeaveOutDuplicates()
    dataset = a_dataset(
        settings=PrepareSettings(cleaning_rules=(rule, MergeLabels(("a",), "b")), near_duplicates="meaning"),
        applied=(AppliedRule(rule, 3),),
        findings=(Finding("duplicates", "caution", "3 rows appear twice.", offers=(Offer("Exclude 3 rows", rule),)),),
    )
    report = an_evaluation(run=a_run(dataset=dataset, settings=FineTuneSettings(layers_to_train="lora")))
    written = as_0_1_0_wrote_it(report)
    assert b"leave_out_duplicates" in written
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(written, type=EvaluationReport, dec_hook=decode_hook)
    assert decode(written, EvaluationReport) == report
    assert decode(as_json(report), EvaluationReport) == report


def test_labels_that_are_called_like_a_former_key_stay() -> None:
    dataset = a_dataset(label_names=("left_out", "remedies"), splits={"train": SplitCounts(2, {"left_out": 1})})
    assert decode(as_0_1_0_wrote_it(dataset), PreparedDataset) == dataset


def test_a_key_under_both_its_names_keeps_them() -> None:
    both = {"trained_part": "lora", "layers_to_train": "full"}
    assert with_current_names(both, FineTuneSettings) == both


def test_values_of_no_record_come_back_as_they_are() -> None:
    for value in (None, 3, "left_out", ["remedies"], {"remedies": 1}):
        assert with_current_names(value, int) is value
    assert with_current_names([1], PreparedDataset) == [1]
    assert with_current_names({"settings": 5, "findings": {"a": 1}}, PreparedDataset) == {
        "settings": 5,
        "findings": {"a": 1},
    }


def test_a_place_in_a_recipe_is_found_under_its_former_name() -> None:
    assert current_path(("prepare", "remedies"), Recipe) == ["prepare", "cleaning_rules"]
    assert current_path(("fine_tune", "trained_part"), Recipe) == ["fine_tune", "layers_to_train"]
    assert current_path(("fine_tune", "remedies", "x"), Recipe) == ["fine_tune", "remedies", "x"]


def test_every_line_of_the_table_leads_to_a_name_of_today() -> None:
    for kind, keys in FORMER_KEYS.items():
        now = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert set(keys.values()) <= now, kind
        assert not set(keys) & now, kind
    tags = {one.__struct_config__.tag for one in FORMER_TAGS}  # type: ignore[attr-defined]
    assert not tags & set(FORMER_TAGS.values())
    assert json.loads(msgspec.json.encode(LeaveOutDuplicates())) == {"type": "exclude_duplicates"}
