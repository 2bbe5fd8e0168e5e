"""Which files of a data set on the Hub are rows, and of which split: no network, only names and what the card says."""

from __future__ import annotations

import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.reading.sources.hub_parts import configurations, fits
from engine.reading.sources.hub_rows import read_as

ID = "someone/reviews"
TRAIN = ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet")
TEST = ("data/test-00000-of-00001.parquet",)
BESIDE = ("README.md", ".gitattributes", "reviews.py", "dataset_infos.json", "LICENSE.txt")


def refusal(*names: str) -> DatasetUnreadable:
    with pytest.raises(DatasetUnreadable) as caught:
        configurations(ID, names, None)
    assert caught.value.id == "D11"
    assert caught.value.actions == (RecoveryAction.CHOOSE_OTHER_DATA,)
    return caught.value


def test_the_card_shows_configurations_and_splits() -> None:
    described = [
        {"config_name": "plain", "data_files": [{"split": "train", "path": "data/train-*"}]},
        {"config_name": "pairs", "default": True, "data_files": [{"split": "test", "path": ["pairs/*.csv"]}]},
        {"config_name": "gone", "data_files": "nowhere/*.parquet"},
    ]
    found = configurations(ID, [*TRAIN, *TEST, *BESIDE, "pairs/a.csv", "pairs/deep/b.csv"], described)
    assert list(found) == ["pairs", "plain"]  # the usual one first
    assert found["plain"] == {"train": TRAIN}
    assert found["pairs"] == {"test": ("pairs/a.csv",)}


@pytest.mark.parametrize(
    ("files", "splits"),
    [
        ("rows/*.csv", {"train": ("rows/a.csv", "rows/test.csv")}),
        (["rows/a.csv"], {"train": ("rows/a.csv",)}),
        ({"train": "rows/a.csv", "test": ["rows/test.csv"]}, {"train": ("rows/a.csv",), "test": ("rows/test.csv",)}),
        (None, {"train": ("rows/a.csv", "rows/test.csv")}),
    ],
)
def test_a_card_may_say_it_in_several_ways(files: object, splits: dict[str, tuple[str, ...]]) -> None:
    described = [{"config_name": "one", "data_files": files}]
    assert configurations(ID, ["rows/a.csv", "rows/test.csv"], described) == {"one": splits}


def test_without_a_card_the_names_show_the_splits() -> None:
    assert configurations(ID, [*TRAIN, *TEST, *BESIDE], None) == {"default": {"train": TRAIN, "test": TEST}}
    found = configurations(ID, ["train/a.jsonl", "dev/a.jsonl", "train/b.jsonl", "extra.csv"], None)
    assert found == {"default": {"train": ("train/a.jsonl", "train/b.jsonl"), "validation": ("dev/a.jsonl",)}}
    assert configurations(ID, ["one.csv", "two.csv"], None) == {"default": {"train": ("one.csv", "two.csv")}}


def test_the_copy_that_the_hub_makes_of_a_program_is_understood() -> None:
    names = ["first/train/0000.parquet", "first/train/0001.parquet", "first/test/0000.parquet", "second/x/0000.parquet"]
    found = configurations(ID, names, None)
    assert found["first"] == {"train": tuple(names[:2]), "test": (names[2],)}
    assert found["second"] == {"x": (names[3],)}


def test_a_data_set_that_is_made_by_a_program_is_refused_in_a_sentence() -> None:
    error = refusal("reviews.py", "README.md", "dataset_infos.json")
    assert error.message == (
        "The data set someone/reviews is made by a program (reviews.py), and programs from the Hub are never run."
    )
    assert "refs/convert/parquet" in error.hint
    assert "cannot be read here, such as rows.tar.gz" in refusal("rows.tar.gz").message
    assert refusal("a.png", "README.md").message == "The data set someone/reviews holds no file with rows of text."


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.csv",
        "/etc/rows.csv",
        "a//b.csv",
        "a/../b.csv",
        "C:rows.csv",
        "a\\b.csv",
        ".hidden/rows.csv",
        "x\0.csv",
    ],
)
def test_a_name_that_leads_elsewhere_is_no_file_of_the_data_set(name: str) -> None:
    refusal(name)
    described = [{"config_name": "one", "data_files": "**"}]
    assert configurations(ID, [name, "fine.csv"], described) == {"one": {"train": ("fine.csv",)}}


@pytest.mark.parametrize("described", [7, {}, ["x"], [{"data_files": 5}], [{"config_name": "a", "data_files": [{}]}]])
def test_a_card_of_nonsense_is_passed_over(described: object) -> None:
    assert configurations(ID, ["one.csv"], described) == {"default": {"train": ("one.csv",)}}


def test_patterns_stay_in_their_folder_and_end_soon() -> None:
    assert fits("data/**", "data/deep/er/a.csv")
    assert fits("**/a-*.csv", "a-1.csv")
    assert not fits("data/*.csv", "data/deep/a.csv")
    assert not fits("hf://datasets/other/one.csv", "one.csv")
    assert not fits("*a" * 120 + "b", "a" * 300)  # would take for ever where every star is tried
    assert not fits("**/" * 40 + "x", "/".join("a" * 60))


def test_splits_of_other_names_are_read_by_what_they_mean() -> None:
    assert read_as({"train": 0, "test": 0, "unsupervised": 0}) == {"train": "train", "test": "test"}
    assert (
        read_as({"validation_matched": 0, "validation_mismatched": 0, "train": 0})["validation"] == "validation_matched"
    )
    assert read_as({"english": 0, "german": 0}) == {"train": "english"}
    assert read_as({"test": 0}) == {"train": "test"}
