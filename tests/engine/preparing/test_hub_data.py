"""A data set of the Hub through preparing: its own splits, its version in the recipe, and nothing asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.recipe import parse_recipe, recipe_of, without_paths, write_recipe
from engine.contract.errors import DatasetUnreadable, DownloadFailed
from engine.contract.events import Event, Progressed
from engine.contract.script_builder import Places, Script
from engine.contract.settings import HubRows, PrepareSettings
from engine.contract.states import ModelHandle
from engine.exporting.model_card import model_card
from engine.exporting.proof import Proof
from engine.exporting.record import data_files
from engine.exporting.script import repeating_script
from engine.preparing.prepare import prepare
from engine.script.data import read_code
from engine.workspace.layout import Workspace
from tests.builders import a_run, an_evaluation
from tests.builders_data import ignore, tiny_model
from tests.engine.loading.stand_in_hub import COMMIT, Repository, StandInHub
from tests.engine.reading.reviews_on_the_hub import ALL, ID, NUMBERED, TEST, parquet

PINNED = HubRows(ID, "plain", COMMIT)
PROOF = Proof(200, 1.0, 2e-7, 6.5, ("negative", "positive"), True)


@pytest.fixture
def model(tmp_path: Path) -> ModelHandle:
    return tiny_model(tmp_path)


def test_its_own_splits_are_kept_and_its_version_is_in_the_recipe(
    hub: StandInHub, workspace: Workspace, model: ModelHandle
) -> None:
    received: list[Event] = []
    dataset = prepare(model, HubRows(ID), PrepareSettings(), received.append, workspace=workspace)
    assert any(isinstance(event, Progressed) and event.note == f"Downloading {ID}" for event in received)
    assert dataset.source == PINNED
    assert dataset.name == f"{ID}, plain"
    assert dataset.label_names == ("negative", "positive")
    assert dataset.rows_in == dataset.rows_used == len(ALL)
    assert dataset.splits["test"].rows == len(ALL) - 80
    recipe = without_paths(recipe_of(dataset))
    assert recipe.data == PINNED
    text = write_recipe(recipe)
    assert f'type = "hub"\nid = "{ID}"\nconfig = "plain"\nrevision = "{COMMIT}"\n' in text
    assert parse_recipe(text) == recipe

    hub.requests.clear()
    again = prepare(model, recipe.data, dataset.settings, ignore, workspace=workspace)
    assert again == dataset
    assert not hub.requests
    other = prepare(model, recipe.data, recipe.prepare, ignore, workspace=Workspace(workspace.root / "b").create())
    assert other.splits == dataset.splits
    assert hub.requests


def test_test_rows_whose_labels_are_kept_back_are_drawn_from_the_others(
    hub: StandInHub, workspace: Workspace, model: ModelHandle
) -> None:
    hub.repositories[f"datasets/{ID}"].files[TEST] = parquet([(text, -1) for text, _ in NUMBERED[80:]])
    dataset = prepare(model, HubRows(ID), PrepareSettings(), ignore, workspace=workspace)
    assert "No row of the split test can be used; its rows are drawn from the others." in dataset.notes
    assert dataset.label_names == ("negative", "positive")
    assert dataset.rows_in == 96
    assert dataset.rows_used == 80
    assert dataset.splits["test"].rows == 8
    assert [(one.reason, one.count) for one in dataset.excluded] == [
        ("has no label (test.arrow)", 16),
    ]


def test_the_plain_script_reads_the_copy_and_the_card_names_the_source(
    hub: StandInHub, workspace: Workspace, model: ModelHandle
) -> None:
    dataset = prepare(model, HubRows(ID), PrepareSettings(), ignore, workspace=workspace)
    assert sorted(data_files(dataset)) == ["test.arrow", "train.arrow"]
    assert all(data_files(dataset).values())
    script = Script()
    read_code(script, dataset, Places())
    made: dict[str, object] = {}
    exec(script.text(), made)
    splits = made["splits"]
    assert {(row["text"], row["label"]) for part in splits.values() for row in part} == set(ALL)  # type: ignore[attr-defined]
    evaluation = an_evaluation(run=a_run(dataset=dataset))
    told = f"The data are those of {ID} on the Hub, configuration plain, version\n{COMMIT}"
    assert told in repeating_script(evaluation)
    card = model_card(evaluation, PROOF, name="x", pipeline="text-classification", files=data_files(dataset))
    assert f"datasets:\n- {ID}\n" in card
    assert f"version `{COMMIT}`" in card


def test_what_cannot_be_had_leaves_nothing_behind(hub: StandInHub, workspace: Workspace, model: ModelHandle) -> None:
    hub.repositories["datasets/someone/program"] = Repository({"program.py": b"raise SystemExit"})
    with pytest.raises(DatasetUnreadable, match="never run"):
        prepare(model, HubRows("someone/program"), PrepareSettings(), ignore, workspace=workspace)
    with pytest.raises(DownloadFailed, match="set to work offline"):
        prepare(model, HubRows(ID, offline=True), PrepareSettings(), ignore, workspace=workspace)
    assert not list(workspace.datasets.iterdir())
