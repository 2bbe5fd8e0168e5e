"""The race: rounds, what is left behind, encoders that cannot be compared, and a stop."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.contract.errors import EngineError, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.queries import AskEncoderRace, EncodersRaced
from engine.contract.settings import FolderModel, HubModel
from engine.contract.states import PreparedDataset
from engine.racing import race as racing
from engine.racing.race import race
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset
from tests.builders_data import ignore, prepared_tiny_dataset
from tests.builders_models import tiny_bert_folder


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path)


@pytest.fixture
def workspace(tmp_path: Path, dataset: PreparedDataset) -> Workspace:
    return Workspace(tmp_path / "workspace")


def asked(dataset: PreparedDataset, *folders: Path, seconds: float = 0.5) -> AskEncoderRace:
    sources = tuple(FolderModel(str(folder)) for folder in folders)
    return AskEncoderRace(sources, reference_to_dataset(dataset), seconds, device="cpu")


def scores_by_name(monkeypatch: pytest.MonkeyPatch, scores: dict[str, float]) -> list[tuple[str, int]]:
    """Puts a training in place that only knows its score; returns what was trained, for how many updates."""
    trained: list[tuple[str, int]] = []

    def prepare(self: racing._Race, candidate: racing._Candidate, number: int) -> None:
        candidate.step_seconds, candidate.whole_run = 0.1, 100
        self._metric = "macro_f1"

    def train(self: racing._Race, candidate: racing._Candidate, updates: int, note: str) -> None:
        trained.append((candidate.name, updates))
        candidate.score, candidate.rounds, candidate.updates = scores[candidate.name], candidate.rounds + 1, updates

    monkeypatch.setattr(racing._Race, "_prepare", prepare)
    monkeypatch.setattr(racing._Race, "_train", train)
    return trained


def test_the_better_half_goes_on_and_trains_for_longer(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {"a": 0.5, "b": 0.9, "c": 0.6, "d": 0.8, "e": 0.7, "f": 0.4}
    trained = scores_by_name(monkeypatch, scores)
    question = asked(dataset, *(tmp_path / name for name in scores), seconds=60.0)
    found = race(question, ignore, workspace=workspace, clock=lambda: 0.0)
    rounds = [[name for name, _ in trained[:6]], [name for name, _ in trained[6:9]], [name for name, _ in trained[9:]]]
    assert rounds == [list("abcdef"), list("bde"), list("bd")]
    assert [updates for _, updates in trained] == [33] * 6 + [100] * 3 + [100] * 2  # the clock stands still
    assert [one.name for one in found.encoders] == ["b", "d", "e", "c", "a", "f"]
    assert found.encoders[0].source == FolderModel(str(tmp_path / "b"))
    assert found.encoders[0].run_seconds == pytest.approx(10.0)


def test_two_real_encoders_are_trained_and_scored_and_nothing_is_left_behind(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path
) -> None:
    other = tiny_bert_folder(tmp_path / "one-layer", num_hidden_layers=1)
    broken = Path(shutil.copytree(other, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"nothing")
    before = sorted(path.name for path in workspace.datasets.iterdir())
    received: list[Event] = []
    found = race(asked(dataset, Path(dataset.model.folder), other, broken), received.append, workspace=workspace)
    assert isinstance(found, EncodersRaced)
    assert found.metric == "macro_f1"
    assert found.rows == dataset.splits["validation"].rows
    first, second, third = found.encoders
    for one in (first, second):
        assert one.score is not None
        assert one.interval is not None
        assert one.interval[0] <= one.score <= one.interval[1]
        assert one.run_seconds
        assert one.updates >= 10
        assert not one.why_out
    assert (first.score or 0) >= (second.score or 0)
    assert third.name == "broken"
    assert "empty" in third.why_out or "damaged" in third.why_out or "incomplete" in third.why_out
    assert third.score is None
    assert sorted(path.name for path in workspace.datasets.iterdir()) == before
    assert not list(workspace.runs.iterdir())
    notes = [str(event.note) for event in received if isinstance(event, Progressed)]
    assert any(note.startswith("Round 1 of 1: one-layer") for note in notes)


def test_a_stop_ends_it_within_a_step_and_leaves_nothing_behind(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path
) -> None:
    other = tiny_bert_folder(tmp_path / "one-layer", num_hidden_layers=1)
    before = sorted(path.name for path in workspace.datasets.iterdir())

    def stop(event: Event) -> None:
        if isinstance(event, Progressed) and str(event.note).startswith("Round"):
            raise StopRequested

    with pytest.raises(StopRequested):
        race(asked(dataset, Path(dataset.model.folder), other), stop, workspace=workspace)
    assert sorted(path.name for path in workspace.datasets.iterdir()) == before


def test_where_none_can_be_loaded_the_last_reason_is_the_error(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path
) -> None:
    sources = (FolderModel(str(tmp_path / "nowhere")), HubModel("someone/else", offline=True))
    question = AskEncoderRace(sources, reference_to_dataset(dataset), 1.0, device="cpu")
    with pytest.raises(EngineError, match="someone/else"):
        race(question, ignore, workspace=workspace)
