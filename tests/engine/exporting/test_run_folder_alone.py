"""A run whose data set and model are gone, or whose folder was copied alone, opens, answers and is exported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from engine import stages
from engine.contract.errors import DatasetUnreadable
from engine.contract.events import Event, Noted
from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import EvaluateSettings, ExportSettings
from engine.contract.states import EvaluationReport
from engine.evaluating.predict import predict_with_folder
from engine.loading.tokenizer import OF_A_RUN, keep_tokenizer, tokenizer_of_run
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from engine.workspace.runs import list_runs
from tests.builders_data import ignore
from tests.engine.trained_run import a_trained_run

pytestmark = pytest.mark.usefixtures("warm_proof")


def copied_alone(root: Path, task: str, *, wrong: bool) -> tuple[EvaluationReport, Workspace]:
    """An evaluated run, its folder copied into an empty workspace; all else is gone."""
    run, workspace = a_trained_run(root / "before", task=task, steps=0 if wrong else 60)
    keep_tokenizer(Path(run.dataset.model.folder), Path(run.folder))
    report = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
    assert bool(report.wrong_rows) == wrong
    other = Workspace(root / "after").create()
    shutil.copytree(run.folder, other.runs / "a copy")
    shutil.rmtree(root / "before")
    (record,) = list_runs(other)
    assert record.evaluation is not None
    return record.evaluation, other


@pytest.mark.parametrize("wrong", [True, False])
@pytest.mark.parametrize("task", ["text_classification", "token_classification"])
def test_a_folder_that_was_copied_alone_is_exported(tmp_path: Path, task: str, wrong: bool) -> None:
    report, workspace = copied_alone(tmp_path, task, wrong=wrong)
    received: list[Event] = []
    exported = stages.export(report, ExportSettings(proof_rows=3), received.append, workspace=workspace)
    assert exported.proof.passed
    assert exported.proof.rows > 0
    assert Path(exported.folder).is_relative_to(workspace.runs / "a copy")
    names = {file.name for file in exported.files}
    assert names >= {"README.md", "config.json", "model.safetensors", "tokenizer.json", "training_record.json"}
    assert not names & {"repeat_run.py", "split.json"}
    card = (Path(exported.folder) / "README.md").read_text("utf-8")
    assert not [name for name in ("repeat_run.py", "split.json", "held-out rows:") if name in card]
    (note,) = [event.text for event in received if isinstance(event, Noted) and "repeat_run.py" in event.text]
    assert "are not there any more" in note

    answer = stages.answer(AskPrediction(reference_to_run(report.run), "the film is good"), ignore, workspace=workspace)
    assert isinstance(answer, Prediction)
    theirs = predict_with_folder(exported.folder, "the film is good")
    assert [one.label for one in theirs.labels] == [one.label for one in answer.labels]
    assert [one.label for one in theirs.entities] == [one.label for one in answer.entities]


def test_its_evaluation_says_in_a_sentence_what_is_missing(tmp_path: Path) -> None:
    report, workspace = copied_alone(tmp_path, "text_classification", wrong=False)
    with pytest.raises(DatasetUnreadable, match="are not there any more") as caught:
        stages.evaluate(report.run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
    assert caught.value.hint == "Prepare the data again."


def test_a_tokenizer_is_kept_once_and_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    run, _ = a_trained_run(tmp_path, steps=1)
    model, folder = Path(run.dataset.model.folder), Path(run.folder)
    keep_tokenizer(model, folder)
    own = folder / OF_A_RUN
    assert {path.name for path in own.iterdir()} == {
        *("MANIFEST.json", "config.json", "tokenizer.json", "tokenizer_config.json")
    }
    before = (own / "MANIFEST.json").stat().st_mtime_ns
    keep_tokenizer(model, folder)
    assert (own / "MANIFEST.json").stat().st_mtime_ns == before
    vocabulary = json.loads((own / "tokenizer.json").read_text("utf-8"))
    vocabulary["model"]["vocab"] = {"[UNK]": 0}
    (own / "tokenizer.json").write_text(json.dumps(vocabulary))
    assert tokenizer_of_run(model, folder).vocab_size > 1


def test_a_run_that_is_trained_keeps_its_tokenizer(tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path, steps=1)
    settings = msgspec.structs.replace(run.settings, epochs=1.0, precision="fp32")
    trained = stages.fine_tune(run.dataset, settings, ignore, workspace=workspace)
    assert (Path(trained.folder) / OF_A_RUN / "tokenizer.json").is_file()
