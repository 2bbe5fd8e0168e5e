"""The race: rounds, what is left behind, encoders that cannot be compared, and a stop."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.contract.errors import EngineError, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.queries import AskEncoderRace, EncodersRaced
from engine.contract.settings import FolderModel, HubModel
from engine.contract.states import PreparedDataset
from engine.racing import race as racing
from engine.racing.race import race
from engine.tasks.scores import ScoredRows, confusion_rows
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


def losses_by_name(
    monkeypatch: pytest.MonkeyPatch, losses: dict[str, float], *, scores: dict[str, float] | None = None
) -> list[tuple[str, int]]:
    """Puts a training in place that only has its outcome; returns what was trained, for how many updates."""
    trained: list[tuple[str, int]] = []

    def prepare(self: racing._Race, candidate: racing._Candidate, number: int, splits: object) -> None:
        candidate.whole_run = 100
        self._metric = "macro_f1"

    def take_times(self: racing._Race) -> None:
        for candidate in self._candidates:
            candidate.step_seconds = 0.1

    def train(self: racing._Race, candidate: racing._Candidate, updates: int, batch: int, note: str) -> None:
        trained.append((candidate.name, updates))
        candidate.losses = np.full(10, losses[candidate.name])
        score = (scores or {}).get(candidate.name, 0.0)
        counted = confusion_rows(np.asarray([0, 1]), np.asarray([0, 1]), 2)
        candidate.scored = ScoredRows({"macro_f1": score}, counted)
        candidate.rounds, candidate.updates = candidate.rounds + 1, updates

    monkeypatch.setattr(racing._Race, "_prepare", prepare)
    monkeypatch.setattr(racing._Race, "_take_times", take_times)
    monkeypatch.setattr(racing._Race, "_train", train)
    return trained


def test_the_better_half_by_loss_goes_on_and_trains_for_longer(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = {"a": 0.5, "b": 0.1, "c": 0.4, "d": 0.2, "e": 0.3, "f": 0.6}
    trained = losses_by_name(monkeypatch, losses, scores={"f": 1.0})
    question = asked(dataset, *(tmp_path / name for name in losses), seconds=60.0)
    found = race(question, ignore, workspace=workspace, clock=lambda: 0.0)
    assert [name for name, _ in trained] == [*"abcdef", *"bde"]
    # A third of the time for six would be 28 updates; then all of it, for the clock does not move: a whole run.
    assert [updates for _, updates in trained] == [30] * 6 + [100] * 3
    assert [one.name for one in found.encoders] == ["b", "d", "e", "c", "a", "f"]
    assert found.encoders[0].source == FolderModel(str(tmp_path / "b"))
    assert found.encoders[0].run_seconds == pytest.approx(10.0)
    assert found.encoders[0].loss == pytest.approx(0.1)


def test_after_long_runs_the_score_decides(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses_by_name(monkeypatch, {"a": 0.5, "b": 0.1}, scores={"a": 0.9, "b": 0.8})
    short, long = (
        race(asked(dataset, tmp_path / "a", tmp_path / "b", seconds=seconds), ignore, workspace=workspace)
        for seconds in (5.0, 60.0)
    )
    assert [one.name for one in short.encoders] == ["b", "a"]
    assert [one.name for one in long.encoders] == ["a", "b"]


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
        assert one.loss
        assert one.updates >= 10
        assert not one.why_out
    assert (first.loss or 0) <= (second.loss or 0)  # 12 updates are few
    assert third.name == "broken"
    assert "empty" in third.why_out or "damaged" in third.why_out or "incomplete" in third.why_out
    assert third.score is None
    assert sorted(path.name for path in workspace.datasets.iterdir()) == before
    assert not list(workspace.runs.iterdir())
    notes = [str(event.note) for event in received if isinstance(event, Progressed)]
    assert any(note.startswith("Round 1 of 1: one-layer") for note in notes)


def test_the_time_of_one_encoder_gives_that_of_the_others_until_they_have_trained(
    dataset: PreparedDataset, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tiny_bert_folder(tmp_path / "one-layer", num_hidden_layers=1)
    timed: list[str] = []
    rounds: list[list[tuple[float, float]]] = []
    take_round = racing._Race._round

    def take_time(self: racing._Race, candidate: racing._Candidate) -> None:
        timed.append(candidate.name)
        candidate.step_seconds, candidate.further_seconds = 500.0, 2_000.0

    def keep(self: racing._Race, left: list[racing._Candidate], *numbers: float) -> None:
        rounds.append([(one.step_seconds, one.further_seconds) for one in left])
        take_round(self, left, *numbers)  # type: ignore[arg-type]
        rounds.append([(one.step_seconds, one.further_seconds) for one in left])

    monkeypatch.setattr(racing._Race, "_time", take_time)
    monkeypatch.setattr(racing._Race, "_round", keep)
    race(asked(dataset, Path(dataset.model.folder), other), ignore, workspace=workspace)
    assert len(timed) == 1
    before, after = rounds
    assert before == [(500.0, 2_000.0), (500.0 / dataset.model.layers, 2_000.0)]
    assert all(0 < step < 250 and further < 2_000 for step, further in after)  # measured since


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
