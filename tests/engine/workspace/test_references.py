"""Queries name runs and data sets instead of carrying them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.contract import languages
from engine.contract import messages as wire
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.errors import DatasetUnreadable, EngineError
from engine.contract.former_names import decode
from engine.contract.queries import AskPrediction, AskRow
from engine.contract.row_edits import RowChange
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, PrepareSettings
from engine.contract.states import PreparedDataset, TrainingRun
from engine.workspace.atomic_files import as_json, write_record
from engine.workspace.layout import Workspace
from engine.workspace.references import DATASET, find_dataset, find_run, reference_to_dataset, reference_to_run
from engine.workspace.runs import create_run, save_run
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    changes = tuple(RowChange(row, f"{row:016x}", leave_out=True) for row in range(1, 2_001))
    folder = tmp_path / "dataset"
    folder.mkdir()
    made = a_dataset(folder=str(folder), settings=PrepareSettings(changes=changes))
    write_record(folder / DATASET, made)
    return made


def a_stored_run(workspace: Workspace, dataset: PreparedDataset) -> TrainingRun:
    record = create_run(workspace, dataset, FineTuneSettings())
    run = a_run(id=record.id, dataset=dataset)
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=run))
    return run


def test_a_query_is_short_whatever_its_run_and_data_set_hold(workspace: Workspace, dataset: PreparedDataset) -> None:
    run = a_stored_run(workspace, dataset)
    assert len(wire.encode(run)) > 200_000
    for question in (
        AskPrediction(reference_to_run(run), "a warm film"),
        AskRow(reference_to_dataset(dataset), "train", 0),
    ):
        assert len(wire.encode(wire.StartJob(1, question))) < 500


def test_the_run_that_was_meant_is_found(workspace: Workspace, dataset: PreparedDataset) -> None:
    run = a_stored_run(workspace, dataset)
    found = find_run(str(workspace.root), reference_to_run(run))
    assert found == run
    assert find_run(str(workspace.root), reference_to_run(run)) is found  # it is read once


def test_a_run_that_has_just_been_made_is_found_like_one_that_was_read(
    workspace: Workspace, dataset: PreparedDataset
) -> None:
    """Its numbers can be whole, and a folder's name no Unicode, until it is read again."""
    record = create_run(workspace, dataset, FineTuneSettings())
    run = a_run(id=record.id, dataset=dataset, seconds=7, device="\udcff")
    save_run(workspace, msgspec.structs.replace(record, run=run))
    assert find_run(str(workspace.root), reference_to_run(run)).seconds == 7.0


def test_the_run_of_an_evaluation_is_found_beside_a_later_one(workspace: Workspace, dataset: PreparedDataset) -> None:
    record = create_run(workspace, dataset, FineTuneSettings())
    first, second, third = (a_run(id=record.id, dataset=dataset, seconds=float(number)) for number in range(3))
    exported = an_export(evaluation=an_evaluation(run=third))
    evaluation = an_evaluation(run=second)
    save_run(workspace, msgspec.structs.replace(record, run=first, evaluation=evaluation, exported=exported))
    for run in (first, second, third):
        assert find_run(str(workspace.root), reference_to_run(run)) == run


def test_a_run_that_was_trained_on_since_reports_it(workspace: Workspace, dataset: PreparedDataset) -> None:
    run = a_stored_run(workspace, dataset)
    other = msgspec.structs.replace(run, steps=run.steps + 1)
    with pytest.raises(EngineError, match="has changed since it was opened"):
        find_run(str(workspace.root), reference_to_run(other))
    with pytest.raises(EngineError, match="C9"):
        find_run(str(workspace.root), reference_to_run(msgspec.structs.replace(run, id="gone")))


def test_a_data_set_is_found_where_it_and_its_model_lie_now(dataset: PreparedDataset, tmp_path: Path) -> None:
    moved = Path(dataset.folder).rename(tmp_path / "moved")
    now = msgspec.structs.replace(dataset, folder=str(moved), model=a_model(folder="/elsewhere"))
    assert find_dataset(reference_to_dataset(now)) == now


@pytest.mark.parametrize("damage", ["gone", "cut", "other rows", "a link"])
def test_a_data_set_that_is_not_there_any_more_is_a_sentence(dataset: PreparedDataset, damage: str) -> None:
    path = Path(dataset.folder) / DATASET
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[:-10])
    elif damage == "other rows":
        write_record(path, msgspec.structs.replace(dataset, fingerprint="other"))
    elif damage == "a link":
        path.with_suffix(".moved").write_bytes(content)
        path.symlink_to(path.with_suffix(".moved"))
    with pytest.raises(DatasetUnreadable, match="not there any more") as caught:
        find_dataset(reference_to_dataset(dataset))
    assert caught.value.hint == "Prepare the data again."


def test_a_reference_is_the_same_in_every_language(
    workspace: Workspace, dataset: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(dataset=dataset, notes=(Sentence("training.note.best_of_search", trials=3),))
    reference = reference_to_run(run)
    other = msgspec.structs.replace(run, notes=(Sentence("training.note.best_of_search", trials=4),))
    assert reference_to_run(other) != reference
    german = {**TEMPLATES, "training.note.best_of_search": "Der beste von {trials:# Versuch|# Versuchen} einer Suche"}
    monkeypatch.setattr(languages, "_catalogue", languages.Catalogue(german, languages.ENGLISH.plural_form))
    again = decode(as_json(run), TrainingRun)
    assert again.notes == ("Der beste von 3 Versuchen einer Suche",)
    assert reference_to_run(again) == reference
