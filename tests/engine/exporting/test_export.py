"""The export stage on a tiny trained run: what lies in the folder, where it goes, and that it is proven."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.cli.recipe import parse_recipe
from engine.contract.errors import DiskFull, ExportFailed, ModelDamaged, ModelNotSupported, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.queries import EntityFound, LabelProbability, Prediction
from engine.contract.settings import ExportSettings
from engine.contract.states import EvaluationReport, ExportedModel, Proof
from engine.evaluating.predict import predict_with_folder
from engine.exporting import clean_process as proving
from engine.exporting.export import export
from engine.tasks.registry import task_named
from engine.workspace import atomic_files, leftovers
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run
from tests.builders import an_evaluation
from tests.emulated_windows import emulated_windows
from tests.engine.trained_run import a_trained_run

pytestmark = pytest.mark.usefixtures("warm_proof")
PASSED = Proof(3, 1.0, 0.0, 1.0, ("negative", "positive"), True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[EvaluationReport, Workspace]:
    run, workspace = a_trained_run(tmp_path_factory.mktemp("CANARY-user-name"))
    return an_evaluation(run=run, folder=str(Path(run.folder) / "evaluation")), workspace


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the proof is not the point, its process is not started."""
    monkeypatch.setattr("engine.exporting.export.prove", lambda *args, **named: PASSED)


def quietly(event: Event) -> None:
    """Ignores events."""


def exported_to(trained: tuple[EvaluationReport, Workspace], folder: Path | str, **settings: object) -> ExportedModel:
    evaluation, workspace = trained
    return export(
        evaluation,
        ExportSettings(folder=str(folder), **{"proof_rows": 3, **settings}),  # type: ignore[arg-type]
        quietly,
        workspace=workspace,
    )


def test_the_exported_folder_is_proven_and_holds_everything(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path
) -> None:
    evaluation, workspace = trained
    received: list[Event] = []
    target = tmp_path / "Ünï çode 😀"
    settings = ExportSettings(folder=str(target), name="Reviews", proof_rows=20)
    exported = export(evaluation, settings, received.append, workspace=workspace)

    assert exported.proof.passed
    assert exported.proof.rows == 20
    assert exported.proof.largest_difference < 1e-6  # the pipeline computes probabilities in float32
    assert exported.proof.label_names == ("negative", "positive")
    assert exported.folder == str(target)
    assert {file.name for file in exported.files} >= {
        "README.md",
        "config.json",
        "model.safetensors",
        "recipe.toml",
        "repeat_run.py",
        "split.json",
        "tokenizer.json",
        "training_record.json",
    }
    assert all((target / file.name).stat().st_size == file.size_bytes for file in exported.files)
    assert any(isinstance(event, Progressed) and event.note == "Asking the exported model" for event in received)
    assert not list(tmp_path.glob(atomic_files.STAGING + "*"))
    record = read_run(workspace, evaluation.run.id)
    assert record.exported == exported

    config = json.loads((target / "config.json").read_text("utf-8"))
    assert config["id2label"] == {"0": "negative", "1": "positive"}
    assert config["label2id"] == {"negative": 0, "positive": 1}
    assert config["problem_type"] == "single_label_classification"
    tokenizer = json.loads((target / "tokenizer.json").read_text("utf-8"))
    assert tokenizer["truncation"] is None
    assert tokenizer["padding"] is None
    assert (
        json.loads((target / "tokenizer_config.json").read_text("utf-8"))["model_max_length"] == 64
    )  # what the encoder reads, not the 24 of training
    assert json.loads((target / "training_record.json").read_text("utf-8"))["data"]["max_length"] == 24
    numbers = json.loads((target / "split.json").read_text("utf-8"))
    assert numbers["test"] == list(range(51, 71))


def test_the_pipeline_answers_with_label_names_in_a_clean_process(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None, warm_python: str
) -> None:
    exported = exported_to(trained, tmp_path / "model")
    code = (
        "import sys, transformers\n"
        "print([a['label'] for a in transformers.pipeline('text-classification', model=sys.argv[1])(sys.argv[2:])])"
    )
    answer = subprocess.run(
        [
            warm_python,
            "-I",
            "-c",
            code,
            exported.folder,
            "the film is bright and a joy",
            "the end is dull and a bore",
        ],
        env=proving.offline_environment(dict(os.environ)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "['positive', 'negative']"


def test_an_exported_folder_answers_sentences_and_another_folder_is_refused(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None
) -> None:
    exported = exported_to(trained, tmp_path / "model")
    answer = predict_with_folder(exported.folder, "the film is bright and a joy")
    assert answer.labels[0].label == "positive"
    assert predict_with_folder(exported.folder, "bright " * 100).cut_tokens == 102 - 64
    with pytest.raises(ModelNotSupported) as raised:
        predict_with_folder(trained[0].run.dataset.model.folder, "the film")
    assert raised.value.id == "M9"
    (Path(exported.folder) / "model.safetensors").write_bytes(b"")
    shutil.copytree(exported.folder, tmp_path / "damaged")
    with pytest.raises(ModelDamaged) as damaged:
        predict_with_folder(str(tmp_path / "damaged"), "the film")
    assert damaged.value.id == "M5"


def test_nothing_private_is_exported(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None
) -> None:
    evaluation, workspace = trained
    exported = exported_to(trained, tmp_path / "model")
    places = [str(workspace.root), str(Path.home()) + "/", "CANARY-user-name", "not half as bad as it could be"]
    texts = ["the end is", "is bright and a", "hf_", str(Path(evaluation.run.dataset.folder))]
    for path in Path(exported.folder).rglob("*"):
        content = path.read_bytes()
        for canary in (*places, *texts):
            assert canary.encode() not in content, f"{path.name} holds {canary}"
    record = json.loads((Path(exported.folder) / "training_record.json").read_text("utf-8"))
    data = Path(evaluation.run.dataset.source.path)  # type: ignore[union-attr]
    assert record["data"]["files"] == {"reviews.csv": atomic_files.sha256_of(data)}
    assert record["settings"]["data"]["path"] == "reviews.csv"


def test_the_exported_recipe_is_the_run(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None
) -> None:
    exported = exported_to(trained, tmp_path / "model")
    recipe = parse_recipe((Path(exported.folder) / "recipe.toml").read_text("utf-8"))
    assert recipe.fine_tune == trained[0].run.settings
    assert recipe.prepare == trained[0].run.dataset.settings


def test_an_export_without_a_folder_replaces_the_runs_own(
    trained: tuple[EvaluationReport, Workspace], unproven: None
) -> None:
    with emulated_windows(trained[1].root, refuse_once=True) as windows:
        first = exported_to(trained, "", name="First")
        second = exported_to(trained, "", name="Second")
        assert windows.refused == []
    assert first.folder == second.folder == str(Path(trained[0].run.folder) / "export")
    assert "# Second" in (Path(second.folder) / "README.md").read_text("utf-8")
    assert atomic_files.is_whole(Path(second.folder))


def test_a_folder_with_files_in_it_is_not_touched(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None
) -> None:
    (tmp_path / "config.json").write_text("mine")
    (tmp_path / "My-model").mkdir()
    exported = exported_to(trained, tmp_path, name="My model")
    assert Path(exported.folder) == tmp_path / "My-model-2"
    assert (tmp_path / "config.json").read_text() == "mine"
    assert list((tmp_path / "My-model").iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "below a file", "dead link", "workspace", "read-only"])
def test_a_place_that_cannot_be_used_is_refused(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    match kind:
        case "file":
            place.write_text("mine")
        case "below a file":
            place.write_text("mine")
            place = place / "model"
        case "dead link":
            place.symlink_to(tmp_path / "gone")
        case "workspace":
            place = trained[1].runs / trained[0].run.id / "checkpoints"
        case "read-only":
            monkeypatch.setattr("engine.exporting.target.os.access", lambda path, mode: False)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExportFailed) as raised:
        exported_to(trained, place)
    assert raised.value.id == "X2"
    assert raised.value.hint
    assert sorted(tmp_path.rglob("*")) == before


def test_an_export_that_answers_differently_is_taken_back(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.exporting import export as stage

    honest = stage.write_model

    def damaging(folder: Path, *args: object) -> None:
        honest(folder, *args)  # type: ignore[arg-type]
        tensors = load_file(folder / "model.safetensors")
        tensors["classifier.weight"] = -tensors["classifier.weight"]
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    monkeypatch.setattr(stage, "write_model", damaging)
    with pytest.raises(ExportFailed) as raised:
        exported_to(trained, tmp_path / "model")
    assert raised.value.id == "X7"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_does_not_load_is_taken_back(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.exporting import export as stage

    honest = stage.write_model

    def damaging(folder: Path, *args: object) -> None:
        honest(folder, *args)  # type: ignore[arg-type]
        (folder / "model.safetensors").write_bytes(b"no tensors")

    monkeypatch.setattr(stage, "write_model", damaging)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExportFailed) as raised:
        exported_to(trained, tmp_path / "empty")
    assert raised.value.id == "X7"
    assert "Traceback" in raised.value.details
    assert list(tmp_path.iterdir()) == [tmp_path / "empty"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_stop_during_the_proof_ends_its_process_and_leaves_nothing(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []
    honest = subprocess.Popen

    def remembering(*args: object, **named: object) -> subprocess.Popen[str]:
        started.append(honest(*args, **named))  # type: ignore[call-overload]
        return started[-1]

    def stop(event: Event) -> None:
        if isinstance(event, Progressed) and event.note.startswith("Loading the exported"):
            raise StopRequested()

    monkeypatch.setattr(proving.subprocess, "Popen", remembering)
    evaluation, workspace = trained
    with pytest.raises(StopRequested):
        export(evaluation, ExportSettings(folder=str(tmp_path / "model")), stop, workspace=workspace)
    assert len(started) == 1
    assert started[0].poll() is not None
    assert list(tmp_path.iterdir()) == []
    assert not list(Path(evaluation.run.folder).glob(atomic_files.STAGING + "*"))


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "README.md"])
def test_a_full_disk_leaves_the_earlier_export_whole(
    trained: tuple[EvaluationReport, Workspace], unproven: None, fill_disk_at: Callable[[str], None], file: str
) -> None:
    before = exported_to(trained, "")
    content = (Path(before.folder) / "README.md").read_bytes()
    fill_disk_at(file)
    with pytest.raises(DiskFull) as raised:
        exported_to(trained, "", name="Another")
    assert raised.value.id == "C4"
    assert (Path(before.folder) / "README.md").read_bytes() == content
    assert atomic_files.is_whole(Path(before.folder))


def test_too_little_space_is_reported_before_anything_is_written(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("engine.exporting.export.shutil.disk_usage", lambda path: usage)
    with pytest.raises(DiskFull, match="the export needs"):
        exported_to(trained, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_checkpoint_is_named(trained: tuple[EvaluationReport, Workspace], tmp_path: Path) -> None:
    evaluation, workspace = trained
    copy = tmp_path / "step-000060"
    shutil.copytree(evaluation.run.checkpoint, copy)
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    run = msgspec.structs.replace(evaluation.run, checkpoint=str(copy))
    with pytest.raises(ModelDamaged, match="damaged"):
        exported_to((msgspec.structs.replace(evaluation, run=run), workspace), tmp_path / "model")


def test_other_labels_another_number_and_other_characters_do_not_agree() -> None:
    ours = Prediction("x", labels=(LabelProbability("a", 0.6), LabelProbability("b", 0.4)), threshold=0.5)
    task = task_named("text_classification")
    assert task.compared(ours, [{"label": "a", "score": 0.6}, {"label": "b", "score": 0.4}]) == (True, 0.0)
    assert task.compared(ours, [{"label": "a", "score": 0.4}, {"label": "b", "score": 0.6}])[0] is False
    assert task.compared(ours, [{"label": "LABEL_0", "score": 0.6}, {"label": "b", "score": 0.4}]) == (False, 1.0)
    marks = task_named("multi_label_classification")
    assert marks.compared(ours, [{"label": "a", "score": 0.6}, {"label": "b", "score": 0.45}])[0] is True
    assert marks.compared(ours, [{"label": "a", "score": 0.6}, {"label": "b", "score": 0.55}])[0] is False
    number = task_named("regression")
    assert number.compared(Prediction("x", value=20.0), [{"label": "score", "score": 20.001}])[0] is True
    assert number.compared(Prediction("x", value=20.0), [{"label": "score", "score": 20.1}])[0] is False
    names = task_named("token_classification")
    found = Prediction("in Graz", entities=(EntityFound(3, 7, "LOC", 0.9),))
    assert names.compared(found, [{"entity_group": "LOC", "start": 2, "end": 7, "score": 0.9}]) == (True, 0.0)
    assert names.compared(found, [{"entity_group": "LOC", "start": 3, "end": 6, "score": 0.9}]) == (False, 1.0)
    assert names.compared(found, [{"entity_group": "PER", "start": 3, "end": 7, "score": 0.9}]) == (False, 1.0)
    assert names.compared(found, []) == (False, 1.0)


def test_tags_of_single_words_are_compared_at_their_tokens() -> None:
    names = task_named("token_classification")
    found = Prediction("old dogs", entities=(EntityFound(0, 3, "DET", 0.9), EntityFound(4, 8, "NOUN", 0.8)))
    tokens = [("DET", 0, 3, 0.9), ("NOUN", 3, 6, 0.8), ("VERB", 6, 8, 0.7)]
    answer = [{"entity": tag, "start": start, "end": end, "score": score} for tag, start, end, score in tokens]
    assert names.compared(found, answer) == (True, 0.0)
    assert names.compared(found, [answer[0], {**answer[1], "entity": "DET"}, answer[2]]) == (False, 1.0)


def test_no_token_reaches_the_clean_process() -> None:
    environment = proving.offline_environment(
        {"HF_TOKEN": "secret", "PYTHONPATH": "/tmp", "PATH": "/bin", "MY_TOKEN": "x"}
    )
    assert environment["PATH"] == "/bin"
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert not {"HF_TOKEN", "PYTHONPATH", "MY_TOKEN"} & set(environment)


def test_entities_are_proven_as_a_pipeline_finds_them(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    run, workspace = a_trained_run(tmp_path, task="token_classification", steps=30)
    evaluation = an_evaluation(
        run=run,
        headline="entity_f1",
        scores={"entity_f1": 0.9},
        intervals={},
        baselines={"majority": {"entity_f1": None}},
    )
    exported = exported_to((evaluation, workspace), tmp_path / "model", proof_rows=5)
    assert exported.proof.passed
    assert exported.proof.label_names == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert "| Entity F1 | 0.900 |" in (tmp_path / "model" / "README.md").read_text("utf-8")


def test_exported_files_can_be_read_by_others_and_hold_nothing_of_the_models_old_cutting(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, unproven: None
) -> None:
    exported = exported_to(trained, tmp_path / "model")
    modes = {path.stat().st_mode for path in Path(exported.folder).iterdir()}
    assert len(modes) == 1
    config = json.loads((Path(exported.folder) / "tokenizer_config.json").read_text("utf-8"))
    assert not {"max_length", "is_local", "stride", "name_or_path"} & set(config)


def test_what_a_crash_leaves_in_a_users_folder_is_found_and_removed(
    trained: tuple[EvaluationReport, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = trained[1]
    seen: list[Path] = []

    def crash(folder: Path, *args: object, **named: object) -> Proof:
        shutil.copytree(folder, tmp_path / "copy")
        (note,) = workspace.runs.glob("*/" + leftovers.OUTSIDE)
        seen.append(note)
        (tmp_path / "note").write_bytes(note.read_bytes())
        return PASSED

    monkeypatch.setattr("engine.exporting.export.prove", crash)
    exported_to(trained, tmp_path / "target" / "model")
    assert not seen[0].exists()  # a finished export leaves no note

    left = Path(json.loads((tmp_path / "note").read_bytes())["folder"])  # as kill -9 would leave it
    shutil.copytree(tmp_path / "copy", left)
    shutil.copy(tmp_path / "note", seen[0])
    leftovers.remove_leftovers(workspace)
    assert left.is_dir()  # perhaps somebody is writing it right now
    os.utime(left, (0, 0))
    leftovers.remove_leftovers(workspace)
    assert not left.exists()
    assert not seen[0].exists()
    assert (tmp_path / "target" / "model" / "config.json").is_file()
