"""The watch-list: the user's own sentences, answered while a run trains, without changing the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.cli.recipe import parse_recipe, without_paths, write_recipe
from engine.contract.errors import InvalidSetting
from engine.contract.events import Evaluated, Noted, Watched
from engine.contract.settings import FineTuneSettings, Recipe, check
from engine.evaluating.predict import predict
from engine.tasks.text_classification.task import TextClassification
from engine.training.fine_tune import fine_tune
from engine.training.monitoring.watch_list import watched_texts
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from tests.engine.every_task import prepared_as_guessed
from tests.engine.small_runs import Listener, small_settings
from tests.engine.trained_run import a_prepared_dataset

MINE = ("the film is good", "the film is dull", "  ")


def test_the_sentences_are_answered_after_each_look_and_the_run_is_the_same_without_them(tmp_path: Path) -> None:
    dataset = a_prepared_dataset(tmp_path)
    workspace = Workspace(tmp_path / "workspace").create()
    listeners = Listener(), Listener()
    watched, plain = (
        fine_tune(dataset, small_settings(watch_list=lines), listener, workspace=workspace)
        for lines, listener in zip((MINE, ()), listeners, strict=True)
    )
    looks = listeners[0].of(Watched)
    assert [look.step for look in looks] == [event.step for event in listeners[0].of(Evaluated)] == [5, 10]
    assert [answer.text for answer in looks[0].predictions] == ["the film is good", "the film is dull"]
    assert {label.label for label in looks[1].predictions[0].labels} == {"negative", "positive"}
    assert looks[0].predictions != looks[1].predictions
    assert listeners[1].of(Watched) == []
    one, other = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (watched, plain))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert watched.history == plain.history
    assert [event for event in read_events(Path(watched.folder)) if isinstance(event, Watched)] == looks


def test_entities_and_pairs_are_answered_too(tmp_path: Path) -> None:
    names = a_prepared_dataset(tmp_path / "names", task="token_classification")
    listener = Listener()
    settings = small_settings(epochs=6, watch_list=("Anna lives in Rome",))
    fine_tune(names, settings, listener, workspace=Workspace(tmp_path / "names" / "workspace").create())
    found = listener.of(Watched)[-1].predictions[0].entities
    assert {(entity.start, entity.label) for entity in found} >= {(0, "PER")}

    pairs = prepared_as_guessed("pair", tmp_path / "pairs")
    listener = Listener()
    lines = ("good movie | this movie was dull", "one text alone", "good film\tbad film")
    workspace = Workspace(tmp_path / "pairs" / "workspace").create()
    fine_tune(pairs, small_settings(epochs=1, watch_list=lines), listener, workspace=workspace)
    answers = listener.of(Watched)[-1].predictions
    assert [(answer.text, answer.second_text) for answer in answers] == [
        ("good movie", "this movie was dull"),
        ("good film", "bad film"),
    ]


@pytest.mark.parametrize("part", ["head_only", "last_layers", "lora"])
def test_a_part_that_learns_alone_changes_the_answers_too(tmp_path: Path, part: str) -> None:
    dataset = a_prepared_dataset(tmp_path)
    workspace = Workspace(tmp_path / "workspace").create()
    listener = Listener()
    settings = small_settings(layers_to_train=part, last_layers=1, learning_rate=2e-2, watch_list=MINE)
    run = fine_tune(dataset, settings, listener, workspace=workspace)
    looks = listener.of(Watched)
    assert looks[0].predictions != looks[1].predictions
    best = next(look for look in looks if look.step == run.best_step)
    told = {label.label: label.probability for label in best.predictions[0].labels}
    later = {label.label: label.probability for label in predict(run, MINE[0]).labels}
    assert told == pytest.approx(later, abs=1e-5)


def test_a_memory_that_is_full_while_watching_does_not_end_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(TextClassification, "predict", full)
    listener = Listener()
    workspace = Workspace(tmp_path / "workspace").create()
    run = fine_tune(a_prepared_dataset(tmp_path), small_settings(watch_list=MINE), listener, workspace=workspace)
    assert run.steps == run.steps_planned
    assert "watch-list" in listener.of(Noted)[0].text


def test_a_line_is_a_text_or_a_pair() -> None:
    assert watched_texts("one | two", pairs=True) == ("one", "two")
    assert watched_texts(" one\ttwo | three", pairs=True) == ("one", "two | three")
    assert watched_texts("one | two", pairs=False) == ("one | two", "")


def test_the_sentences_are_in_a_recipe_but_not_in_one_that_is_given_away() -> None:
    mine = Recipe(fine_tune=FineTuneSettings(watch_list=('He said "no".', "ä | ö")))
    assert parse_recipe(write_recipe(mine)) == mine
    assert without_paths(mine).fine_tune.watch_list == ()


@pytest.mark.parametrize("lines", [("x",) * 21, ("x" * 1001,)])
def test_too_many_or_too_long_lines_are_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(InvalidSetting, match="at most 20 lines"):
        check(FineTuneSettings(watch_list=lines))
