"""What 0.1.0 wrote is still read: runs in every state, row edits, the window's choices, recipes.

The archive is described in tests/stored/README.md. It is unpacked into another folder than it was written in, so that
each of its runs is one of a moved workspace as well.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import msgspec
import pyarrow.parquet as parquet
import pytest
from datasets import Dataset

from engine import stages
from engine.cli.recipe import read_recipe, recipe_of
from engine.contract.cleaning_rules import (
    KeepRareLabelsInTraining,
    LeaveOutContradictions,
    LeaveOutDuplicates,
    LeaveOutLeaks,
    MergeLabels,
    MergeRareLabels,
)
from engine.contract.events import Event, StepsTrained, TrainingStarted
from engine.contract.findings import read_examples
from engine.contract.length_table import read_lengths
from engine.contract.queries import AskPrediction, AskRow, Prediction, TokenizedText
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.row_edits import RowChange
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    HubModel,
    PrepareSettings,
    ReadingOptions,
    Roles,
)
from engine.contract.states import EvaluationReport, ExportedModel, TrainingRun
from engine.preparing import arranging
from engine.training.batching.rows import read_splits
from engine.workspace import runs as run_store
from engine.workspace.atomic_files import MANIFEST, is_whole
from engine.workspace.event_log import FILE_NAME, each_event, read_events
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset, reference_to_run
from engine.workspace.row_edit_file import read_changes
from engine.workspace.run_index import list_rows
from engine.workspace.runs import RunRecord
from engine.workspace.trash import RunBin
from gui.chart_preferences import ChartChoices
from gui.preferences import Preferences, PreferenceStore
from tests.stored import MADE_IN, unpacked

STATUS = {  # of each run by its name, and the furthest state that it reached
    "Moved": ("finished", EvaluationReport),
    "Finished": ("finished", TrainingRun),
    "Exported": ("finished", ExportedModel),
    "Stopped": ("stopped", TrainingRun),
    "Failed": ("failed", type(None)),
    "Edited rows": ("finished", TrainingRun),
    "Names": ("finished", EvaluationReport),
    "Marks of pairs": ("finished", EvaluationReport),
    "Interrupted": ("training", type(None)),
}
EDITS = (
    RowChange(
        row=1, input_hash="8f7aef43fc2f67b7", old=("negative",), new=("positive",), column="verdict", per_word=False
    ),
    RowChange(
        row=4, input_hash="26791bd4e7b349f2", leave_out=True, old=("positive",), new=("positive",), column="verdict"
    ),
)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive, to be looked at only."""
    return unpacked(tmp_path_factory.mktemp("stored"))


@pytest.fixture
def home(packed: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return shutil.copytree(packed, tmp_path / "home")


def workspace_in(home: Path) -> Workspace:
    return Workspace(home / "workspace").create()


def run_named(home: Path, name: str) -> RunRecord:
    (record,) = (one for one in run_store.list_runs(workspace_in(home)) if one.name == name)
    return record


def quietly(event: Event) -> None:
    """Ignores events."""


# ── Opened ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_run_is_listed_with_its_status_and_opens_at_its_furthest_state(packed: Path) -> None:
    listed = list_rows(workspace_in(packed))
    assert not listed.newer
    assert not listed.unreadable
    records = run_store.list_runs(workspace_in(packed))
    assert listed.rows == tuple(run_store.row_of(record) for record in records)
    assert {record.name: (record.status, type(record.furthest)) for record in records} == STATUS
    assert [record.created for record in records] == sorted((record.created for record in records), reverse=True)


def test_what_can_go_on_is_known(packed: Path) -> None:
    workspace = workspace_in(packed)
    assert {record.name for record in run_store.interrupted_runs(workspace)} == {"Failed", "Interrupted"}
    going_on = {
        record.name for record in run_store.list_runs(workspace) if run_store.can_continue(workspace, record.id)
    }
    assert going_on == {"Stopped", "Failed", "Interrupted"}


def test_folders_are_found_where_the_workspace_lies_now(packed: Path) -> None:
    workspace = workspace_in(packed)
    written = {
        json.loads((workspace.runs / record.id / "run.json").read_bytes())["root"]
        for record in run_store.list_runs(workspace)
    }
    assert written == {f"{MADE_IN}/earlier", f"{MADE_IN}/workspace"}
    for record in run_store.list_runs(workspace):
        assert record.root == str(workspace.root)
        places = [record.dataset.folder, record.dataset.model.folder]
        places += [record.run.folder, record.run.checkpoint] if record.run else []
        places += [record.evaluation.folder] if record.evaluation else []
        places += [record.exported.folder] if record.exported else []
        for place in places:
            assert Path(place).is_relative_to(workspace.root), record.name
            assert Path(place).is_dir(), record.name


def test_every_folder_with_a_manifest_is_whole(packed: Path) -> None:
    folders = [manifest.parent for manifest in (packed / "workspace").rglob(MANIFEST)]
    assert {folder.parent.name for folder in folders} >= {"checkpoints", "datasets", "frozen"}
    assert [folder for folder in folders if not is_whole(folder)] == []


def test_the_curves_of_every_run_are_there(packed: Path) -> None:
    workspace = workspace_in(packed)
    for record in run_store.list_runs(workspace):
        folder = run_store.run_folder(workspace, record.id)
        lines = (folder / FILE_NAME).read_bytes().splitlines()
        assert len(list(each_event(folder))) == len(lines), record.name  # none that cannot be read
        assert [event.step for event in read_events(folder) if isinstance(event, StepsTrained)], record.name


def test_why_a_run_failed_is_reported(packed: Path) -> None:
    error = run_named(packed, "Failed").error
    assert error is not None
    assert (error.kind, error.id, error.field) == ("NumbersDiverged", "T5", "learning_rate")
    assert error.message.startswith("Training stopped before step 13: the loss or the gradient is no longer")
    assert error.actions == (RecoveryAction.LOWER_LEARNING_RATE,)  # 0.1.0 wrote the caption of its button


def test_scores_and_proof_are_those_that_were_written(packed: Path) -> None:
    tags, pairs, exported = (run_named(packed, name) for name in ("Names", "Marks of pairs", "Exported"))
    assert tags.evaluation is not None
    assert (tags.dataset.task, tags.evaluation.headline) == ("token_classification", "entity_f1")
    assert tags.dataset.conversion is not None
    assert tags.dataset.conversion.entities == 120
    assert pairs.evaluation is not None
    assert (pairs.dataset.task, len(pairs.evaluation.scatter)) == ("regression", pairs.evaluation.rows)
    assert pairs.dataset.target_scale is not None
    assert exported.exported is not None
    assert exported.exported.proof.passed
    assert {file.name for file in exported.exported.files} == {
        path.name for path in Path(exported.exported.folder).iterdir()
    }


def test_what_was_found_about_the_rows_is_there(packed: Path) -> None:
    for name in STATUS:
        dataset = run_named(packed, name).dataset
        lengths = read_lengths(dataset.folder)
        assert lengths is not None
        assert lengths.everything.total() == dataset.rows_used
        for finding in dataset.findings:
            examples = read_examples(dataset.folder, finding.id)
            assert len(examples.rows) + len(examples.pairs) == finding.examples


def test_the_bin_of_a_window_that_has_gone_is_emptied(home: Path) -> None:
    workspace = workspace_in(home)
    assert list(workspace.root.glob("bin/*/*/run.json"))
    RunBin(workspace).empty_left_ones()
    assert not list(workspace.root.glob("bin/*"))


def test_a_run_that_is_opened_again_keeps_its_splits(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn_anew(*_rows: object, **_choices: object) -> None:
        raise AssertionError("The splits of a stored run are drawn anew.")

    monkeypatch.setattr(arranging, "draw_splits", drawn_anew)
    workspace = workspace_in(home)
    for name in ("Finished", "Moved"):
        run = run_named(home, name).run
        assert run is not None
        written = json.loads((Path(run.dataset.folder) / "split.json").read_text())
        assert {split: list(rows["row"]) for split, rows in read_splits(run.dataset).items()} == written
        stages.evaluate(run, EvaluateSettings(device="cpu"), quietly, workspace=workspace)
        again = run_named(home, name).evaluation
        assert again is not None
        answered = parquet.read_table(Path(again.folder) / "predictions.parquet")["row"].to_pylist()
        assert answered == written["test"]


# ── Gone on with ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "first"), [("Stopped", 16), ("Failed", 8), ("Interrupted", 8)])
def test_a_run_that_ended_early_goes_on_to_its_end(home: Path, name: str, first: int) -> None:
    workspace, record, received = workspace_in(home), run_named(home, name), list[Event]()
    written = (workspace.runs / record.id / "run.json").read_bytes()
    action = record.error.actions[0] if record.error else RecoveryAction.NONE
    run = stages.fine_tune(
        record.dataset, record.settings, received.append, continue_run=record.id, action=action, workspace=workspace
    )
    assert [event.first_step for event in received if isinstance(event, TrainingStarted)] == [first]
    assert run.id == record.id
    assert run.steps == run.steps_planned == record.total_steps
    after = run_store.read_run(workspace, record.id)
    assert (after.status, after.furthest, after.root) == ("finished", run, str(workspace.root))
    assert (workspace.runs / record.id / "run-schema-1.json").read_bytes() == written  # as 0.1.0 can read it
    if action is not RecoveryAction.NONE:
        assert run.settings.learning_rate == record.settings.learning_rate / 2
        assert after.changes == ("From step 8 on: learning rate 0.0025 instead of 0.005",)


def test_a_finished_run_is_evaluated_and_exported(home: Path, warm_proof: None) -> None:
    workspace, record = workspace_in(home), run_named(home, "Finished")
    assert record.run is not None
    evaluation = stages.evaluate(record.run, EvaluateSettings(device="cpu"), quietly, workspace=workspace)
    exported = stages.export(evaluation, ExportSettings(proof_rows=3), quietly, workspace=workspace)
    assert exported.proof.passed
    assert run_store.read_run(workspace, record.id).furthest == exported
    answer = stages.predict_with_folder(exported.folder, "the film is good")
    assert {label.label for label in answer.labels} == {"negative", "positive"}


@pytest.mark.parametrize("name", ["Moved", "Exported", "Names", "Marks of pairs"])
def test_an_evaluated_run_comes_to_the_same_scores_and_answers(home: Path, name: str) -> None:
    workspace, record = workspace_in(home), run_named(home, name)
    before = record.evaluation
    assert before is not None
    again = stages.evaluate(before.run, before.settings, quietly, workspace=workspace)
    # The pairs' answers are nearly all the same, so that the last digits, which differ between processors, move
    # their correlation; their errors are as close as other scores.
    within = {"pearson": 0.02, "spearman": 0.02}
    assert {key: pytest.approx(score, abs=within.get(key, 1e-4)) for key, score in before.scores.items()} == {
        key: again.scores[key] for key in before.scores
    }
    second = "a joy" if record.dataset.settings.roles.second_text else ""
    answer = stages.answer(
        AskPrediction(reference_to_run(before.run), "Anna lives in Rome", second), quietly, workspace=workspace
    )
    assert isinstance(answer, Prediction)


# ── Row edits ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="the file of changes is named by the place of the user's file")
def test_the_changes_to_a_file_are_found_by_its_place(packed: Path) -> None:
    source = FileRows(f"{MADE_IN}/data/reviews.csv")
    assert run_named(packed, "Edited rows").dataset.source == source
    assert read_changes(workspace_in(packed), source) == EDITS


def test_the_changes_to_an_example_are_found_by_its_name(packed: Path) -> None:
    (change,) = read_changes(workspace_in(packed), ExampleRows("entities")) or ()
    assert (change.row, change.old, change.new, change.per_word) == (3, ("O", "B-PERSON"), ("O", "O"), True)


def test_prepared_rows_show_their_edits_and_can_be_prepared_with_them_again(home: Path) -> None:
    workspace, dataset = workspace_in(home), run_named(home, "Edited rows").dataset
    assert dataset.settings.changes == EDITS
    assert dataset.settings.cleaning_rules == (LeaveOutDuplicates(),)
    assert [(left.reason, left.count, left.rows) for left in dataset.excluded] == [("left out by you", 1, (4,))]
    labels = {
        row["row"]: row["label"]
        for split in dataset.splits
        for row in Dataset.load_from_disk(str(Path(dataset.folder) / split))
    }
    assert labels[1] == "positive"
    assert 4 not in labels
    shown = stages.answer(AskRow(reference_to_dataset(dataset), "", 0, number=1), quietly, workspace=workspace)
    assert isinstance(shown, TokenizedText)

    source = FileRows(str(home / "data" / "reviews.csv"))
    again = stages.prepare_dataset(dataset.model, source, dataset.settings, quietly, workspace=workspace)
    assert (again.splits, again.applied) == (dataset.splits, dataset.applied)
    assert [(left.reason, left.count, left.rows) for left in again.excluded] == [("excluded by you", 1, (5,))]
    assert again.notes == dataset.notes


# ── Preferences and recipes ─────────────────────────────────────────────────────────────────────────────────────


def test_the_window_remembers_its_choices(packed: Path) -> None:
    store = PreferenceStore(packed / "workspace" / "settings.json")
    assert store.set_aside is None
    assert store.now == Preferences(
        theme="dark",
        side_panel_open=False,
        side_panel_tab="code",
        offline=True,
        last_folder=f"{MADE_IN}/data",
        geometry=(40, 30, 1200, 800),
        charts=ChartChoices(
            shown=("loss", "score", "class_f1", "speed"),
            smoothing=30,
            logarithmic=True,
            without_outliers=True,
            window=200,
        ),
    )


@pytest.mark.parametrize("name", ["Exported", "Edited rows", "Names"])
def test_the_recipe_of_a_run_is_read_back(packed: Path, name: str) -> None:
    record = run_named(packed, name)
    recipe = read_recipe(packed / "recipes" / f"{name.lower().replace(' ', '_')}.toml")
    assert record.furthest is not None
    assert recipe == recipe_of(record.furthest)


def test_the_recipe_in_an_export_is_read(packed: Path) -> None:
    exported = run_named(packed, "Exported").exported
    assert exported is not None
    recipe = read_recipe(Path(exported.folder) / "recipe.toml")
    assert recipe.fine_tune == exported.evaluation.run.settings
    assert recipe.prepare == exported.evaluation.run.dataset.settings


def test_a_recipe_that_was_written_by_hand_is_read(packed: Path) -> None:
    recipe = read_recipe(packed / "recipes" / "by_hand.toml")
    assert recipe.model == HubModel("google/bert_uncased_L-2_H-128_A-2", offline=True)
    assert isinstance(recipe.data, FileRows)
    assert Path(recipe.data.path).resolve() == (packed / "data" / "names.conll").resolve()
    assert recipe.prepare == PrepareSettings(
        task="token_classification",
        roles=Roles(tokens="tokens", tags="tags"),
        reading=ReadingOptions(
            format="conll", encoding="utf-8", delimiter="\t", quoting="plain", header="no", undecodable="replace"
        ),
        max_length=24,
        validation_share=0.15,
        test_share=0.2,
        row_limit=50,
        strip_html_breaks=False,
        seed=7,
        cleaning_rules=(
            MergeLabels(("LOC", "GPE"), "PLACE"),
            LeaveOutDuplicates(),
            LeaveOutContradictions(),
            LeaveOutLeaks("test", near=True),
            MergeRareLabels(5, "other"),
            KeepRareLabelsInTraining(3),
        ),
        changes=(
            RowChange(row=3, input_hash="00112233445566aa", leave_out=True),
            RowChange(
                row=5,
                input_hash="8899aabbccddeeff",
                file="test",
                old=("O", "B-PER"),
                new=("O", "O"),
                column="tags",
                per_word=True,
            ),
        ),
        near_duplicates="meaning",
        test_roles=Roles(tokens="words", tags="labels"),
    )
    assert recipe.fine_tune == FineTuneSettings(
        run_name="By hand",
        epochs=2.5,
        batch_size=8,
        gradient_accumulation=2,
        learning_rate=5e-4,  # not named: the usual one of adapters
        warmup_share=0.06,
        weight_decay=0.02,
        max_gradient_norm=2,
        evaluation_interval=4,
        checkpoint_interval=30,
        device="cpu",
        precision="fp32",
        threads=1,
        length_buckets=False,
        seed=3,
        schedule="cosine",
        patience=2,
        watch_list=("Anna lives in Rome", "Ben likes tea"),
        class_weights="balanced",
        label_smoothing=0.05,
        layer_decay=0.9,
        head_rate_factor=5,
        gradient_checkpointing=True,
        layers_to_train="lora",
        lora_rank=4,
        lora_alpha=8,
        lora_layers="all",
        lora_dropout=0.1,
    )
    assert recipe.evaluate == EvaluateSettings(split="validation", batch_size=32)
    assert msgspec.structs.replace(recipe.export, folder="") == ExportSettings(name="Names by hand", proof_rows=20)
