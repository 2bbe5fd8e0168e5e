"""Validation rows that calibrate answers later are not looked at while a checkpoint is chosen."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from datasets import DatasetDict

from engine import stages
from engine.calibration.stored_logits import SCORED, VALIDATION, read_logits
from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.contract.score_sentences import selection_sentence
from engine.contract.settings import EvaluateSettings, FineTuneSettings
from engine.contract.states import TrainingRun
from engine.evaluating import evaluate as evaluating
from engine.script.assemble import code_so_far
from engine.training import fine_tune as training
from engine.training.batching.rows import choosing_splits, read_splits
from engine.workspace.layout import Workspace
from tests.engine.trained_run import a_trained_run

OWN = FineTuneSettings(calibration_rows="own", device="cpu", threads=1)


def silent(_event: Event) -> None:
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    run, workspace = a_trained_run(tmp_path_factory.mktemp("run"), steps=2, sizes=(40, 401, 40))
    settings = msgspec.structs.replace(run.settings, calibration_rows="own")
    return msgspec.structs.replace(run, settings=settings, evaluations_compared=4), workspace


def test_the_rows_that_choose_and_those_that_calibrate_are_all_and_none_is_both(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    splits = read_splits(run.dataset)
    every = splits["validation"]["row"][:]
    choosing = choosing_splits(splits, OWN)["validation"]["row"][:]
    assert choosing_splits(splits, FineTuneSettings())["validation"]["row"][:] == every

    seen: list[list[int]] = []

    def assemble(_dataset: object, _settings: object, _compute: object, splits: DatasetDict, **_: object) -> None:
        seen.append(splits["validation"]["row"][:])
        raise StopRequested(discard=True)

    monkeypatch.setattr(training, "assemble", assemble)
    with pytest.raises(StopRequested):
        training.fine_tune(run.dataset, OWN, silent, workspace=workspace)
    assert seen == [choosing]

    wanted = EvaluateSettings(temperature="fit", unsure="conformal")
    report = stages.evaluate(run, wanted, silent, workspace=workspace)
    calibrating = read_logits(Path(report.folder) / VALIDATION)
    assert calibrating is not None
    assert sorted([*calibrating.rows.tolist(), *choosing]) == every
    assert report.run.unsure is not None
    assert report.run.unsure.rows == (101 if report.run.temperature != 1 else 201)
    assert any("has chosen nothing else" in note for note in report.notes)
    assert not any("chosen the checkpoint" in note for note in report.notes)


def test_validation_rows_that_are_scored_calibrate_with_the_half_that_chose_nothing(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    given = []
    chosen = evaluating.chosen_calibration

    def noted(run: object, settings: object, task: object, validation: object) -> object:
        given.append(validation)
        return chosen(run, settings, task, validation)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluating, "chosen_calibration", noted)
    wanted = EvaluateSettings(split="validation", unsure="conformal")
    report = stages.evaluate(run, wanted, silent, workspace=workspace)
    scored = read_logits(Path(report.folder) / SCORED)
    assert scored is not None
    assert len(scored.rows) == 401  # the score is that of all
    choosing = choosing_splits(read_splits(run.dataset), OWN)["validation"]["row"][:]
    (calibrating,) = given
    assert sorted([*calibrating.rows.tolist(), *choosing]) == scored.rows.tolist()


def test_few_validation_rows_are_not_divided(trained: tuple[TrainingRun, Workspace]) -> None:
    splits = read_splits(trained[0].dataset)
    few = DatasetDict({**splits, "validation": splits["validation"].select(range(399))})
    assert len(choosing_splits(few, OWN)["validation"]) == 399


def test_the_script_and_the_sentence_about_the_choice_know_the_half(trained: tuple[TrainingRun, Workspace]) -> None:
    run = msgspec.structs.replace(trained[0], best_score=0.8)
    assert " 200 " in selection_sentence(run)
    code = code_so_far(run)
    assert 'eval_dataset=splits["validation"].select(sorted(Generator(PCG64(0)).permutation(401)[:200]))' in code
    assert "from numpy.random import Generator, PCG64" in code
