"""The linear model on the untouched encoder: what it reads of texts, words and pairs, and that it is measured once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from datasets import load_from_disk
from sklearn.linear_model import LogisticRegression
from transformers import AutoModel, AutoTokenizer

from engine import stages
from engine.contract.events import Event, Progressed
from engine.contract.settings import EvaluateSettings, FineTuneSettings
from engine.contract.states import EvaluationReport, PreparedDataset, TrainingRun
from engine.evaluating import frozen_encoder as measuring
from engine.evaluating.evaluate import evaluate
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.engine.every_task import prepared_as_guessed
from tests.engine.trained_run import a_trained_run


def mean_states(dataset: PreparedDataset, texts: list[str]) -> np.ndarray:
    """The mean of the last states of each text, by transformers alone; (texts, hidden)."""
    encoder = AutoModel.from_pretrained(dataset.model.folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(dataset.model.folder)
    tokenizer.backend_tokenizer.no_padding()
    with torch.no_grad():
        found = [encoder(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0) for text in texts]
    return torch.stack(found).numpy()


def standardised(train: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    return (train - mean) / spread, (held_out - mean) / spread


def evaluated(dataset: PreparedDataset, root: Path) -> EvaluationReport:
    workspace = Workspace(root / "workspace").create()
    settings = FineTuneSettings(updates=2, batch_size=8, device="cpu", precision="fp32", threads=1)
    run = stages.fine_tune(dataset, settings, ignore, workspace=workspace)
    return stages.evaluate(run, EvaluateSettings(), ignore, workspace=workspace)


def test_texts_are_read_as_the_mean_of_their_states(tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path)
    report = evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    splits = load_from_disk(run.dataset.folder)
    train, test = (mean_states(run.dataset, splits[name]["text"][:]) for name in ("train", "test"))
    learned, held_out = standardised(train, test)
    fitted = LogisticRegression(C=0.1, max_iter=100).fit(learned, splits["train"]["labels"][:])
    assert report.baselines["frozen_encoder"]["accuracy"] == fitted.score(held_out, splits["test"]["labels"][:])
    assert "frozen_encoder" in report.differences


def test_pairs_are_read_as_the_cosine_of_their_texts(tmp_path: Path) -> None:
    dataset = prepared_as_guessed("pair_score", tmp_path)
    report = evaluated(dataset, tmp_path)
    splits = load_from_disk(dataset.folder)
    cosines = {}
    for name in ("train", "test"):
        first, second = (mean_states(dataset, splits[name][column][:]) for column in ("text", "second_text"))
        cosines[name] = (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
    order = np.argsort(np.argsort(cosines["test"]))
    falls = np.corrcoef(cosines["train"], np.asarray(splits["train"]["labels"][:]))[0, 1] < 0
    truth = np.asarray(splits["test"]["labels"][:])
    from scipy.stats import spearmanr

    expected = spearmanr(-order if falls else order, truth).statistic
    assert set(report.baselines) == {"mean", "tfidf_ridge", "cosine"}
    assert report.baselines["cosine"]["spearman"] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("task", ["text_classification", "token_classification"])
def test_it_is_measured_once_for_a_split(task: str, tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path, task=task, steps=1)
    notes: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progressed):
            notes.append(event.note)

    first = evaluate(run, EvaluateSettings(), listen, workspace=workspace)
    assert measuring.NOTE in notes
    notes.clear()
    again = evaluate(run, EvaluateSettings(), listen, workspace=workspace)
    assert measuring.NOTE not in notes
    assert again.baselines == first.baselines
    assert again.differences == first.differences
    evaluate(run, EvaluateSettings(split="validation"), listen, workspace=workspace)
    assert measuring.NOTE in notes


def test_where_it_did_not_learn_from_all_rows_the_report_reports_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = a_trained_run(tmp_path)
    sentence = f"learned from 20 of the {run.dataset.splits['train'].rows} training rows"
    report = evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    assert sentence not in " ".join(map(str, report.notes))
    for module in ("evaluate", "frozen_encoder"):
        monkeypatch.setattr(f"engine.evaluating.{module}.MOST_TRAINING_ROWS", 20)
    report = evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    assert sentence in " ".join(map(str, report.notes))


def test_a_damaged_file_of_before_is_measured_again(tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path, steps=1)
    first = evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    kept = Path(run.dataset.folder) / "frozen_encoder_test.safetensors"
    kept.write_bytes(kept.read_bytes()[:40])
    assert evaluate(run, EvaluateSettings(), ignore, workspace=workspace).baselines == first.baselines


def without_model(run: TrainingRun, tmp_path: Path) -> TrainingRun:
    model = msgspec.structs.replace(run.dataset.model, folder=str(tmp_path / "gone"))
    return msgspec.structs.replace(run, dataset=msgspec.structs.replace(run.dataset, model=model))


def test_many_rows_and_a_model_that_is_gone_leave_it_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, workspace = a_trained_run(tmp_path, steps=1)
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "MOST_ROWS", 5)
        report = evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
        assert "frozen_encoder" not in report.baselines
    evaluate(run, EvaluateSettings(split="validation"), ignore, workspace=workspace)  # keeps the tokenizer warm
    gone = evaluate(without_model(run, tmp_path), EvaluateSettings(), ignore, workspace=workspace)
    assert "frozen_encoder" not in gone.baselines
    assert "majority" in gone.baselines
    (reason,) = (note for note in gone.notes if note.id == "evaluating.note.frozen_encoder_left_out")
    assert "gone" in reason
    assert not any(note.id == "evaluating.note.frozen_encoder_left_out" for note in report.notes)
