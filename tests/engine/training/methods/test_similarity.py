"""The similarity start of pairs: its pairs, its teacher, and runs that end as plain networks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import EngineError, InvalidSetting, ModelNotFound, StopRequested
from engine.contract.events import Event, Progressed, StepsTrained, TrainingStarted
from engine.contract.pair_likeness import LEAST_EVIDENCE, is_no_evidence, pairs_to_make, word_likeness
from engine.contract.presets import SIMILARITY_UPDATES, presets, similarity_possible
from engine.contract.script_builder import Script
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.script.similarity import similarity_training
from engine.tasks.registry import task_facts
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.methods import similarity
from engine.training.methods.similarity import (
    AT_RANDOM,
    NOTE,
    MadePairs,
    SimilarityStart,
    fitted_teacher,
    likeness,
    pairs_of,
    shortened,
    teacher_loss,
)
from engine.workspace.layout import Workspace
from tests.builders import a_dataset
from tests.engine.every_task import prepared_as_guessed
from tests.engine.small_runs import Listener, small_settings
from tests.engine.training.methods.test_contrastive import PowerCutError, assembled

TEXTS = [f"word{number} is one of the texts here" for number in range(30)]


@pytest.fixture(scope="module", params=["pair", "pair_score"])
def pairs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepared_as_guessed(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(autouse=True)
def few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.contract.pair_likeness.MADE_PAIRS", 60)
    monkeypatch.setattr(
        similarity, "is_no_evidence", lambda evidence, rows: False
    )  # a tiny network's cosine is no evidence


def settings_of(**changes: object) -> FineTuneSettings:
    return small_settings(
        **{"method": "similarity", "updates": 9, "batch_size": 8, "evaluation_interval": 3, **changes}
    )


def rows_of(cosines: list[float]) -> np.ndarray:
    """What is compared, where the words are no evidence."""
    return np.column_stack([cosines, np.full((len(cosines), 3), 0.5)])


def test_the_teacher_of_classes_answers_as_its_cosines_say() -> None:
    compared = rows_of([0.1, 0.2, 0.25, 0.7, 0.8, 0.9])
    teacher = fitted_teacher(compared, np.asarray([0, 0, 0, 2, 2, 2]), classes=3)
    assert teacher is not None
    answers = teacher.answers(rows_of([0.0, 1.0]))
    assert answers.shape == (2, 3)
    assert answers.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert min(answers[0, 0], answers[1, 2]) > 0.85
    assert not answers[:, 1].any()  # a class without rows
    assert 0.5 < teacher.share <= 1.0
    assert teacher.evidence > 4.0


def test_the_teacher_reads_a_cosine_the_same_in_a_narrow_range() -> None:
    wide, labels = [0.1, 0.2, 0.25, 0.7, 0.8, 0.9], np.asarray([0, 0, 0, 1, 1, 1])
    narrow = [0.98 + 0.01 * cosine for cosine in wide]
    found = [fitted_teacher(rows_of(cosines), labels, classes=2) for cosines in (wide, narrow)]
    answers = [teacher.answers(rows_of(own)) for teacher, own in zip(found, (wide, narrow), strict=True) if teacher]
    assert answers[0] == pytest.approx(answers[1])


def test_the_teacher_reads_shared_words_lengths_and_numbers() -> None:
    pairs = [(f"the cat number {row} sat", f"the cat number {row + row % 2} sat") for row in range(40)]
    compared = likeness(np.full(40, 0.5), pairs)
    teacher = fitted_teacher(compared, np.arange(40) % 2, classes=2)
    assert teacher is not None
    assert (teacher.answers(compared).argmax(axis=1) == np.arange(40) % 2).all()
    assert word_likeness("The cat sat", "the CAT sat") == (1.0, 1.0, 0.0)
    assert word_likeness("a b 3", "a b c d 4") == (0.5, 0.6, 1.0)
    assert word_likeness("", "") == (0.0, 0.0, 0.0)
    assert word_likeness("猫が好き", "犬が好き")[0] == pytest.approx(0.75)  # without spaces, by characters


def test_the_teacher_of_numbers_is_a_line_through_them() -> None:
    cosines = np.linspace(0, 1, 1_000)
    teacher = fitted_teacher(rows_of(cosines.tolist()), 2 * cosines - 1, classes=1)
    assert teacher is not None
    assert teacher.answers(rows_of([0.25]))[0, 0] == pytest.approx(-0.5, abs=0.02)
    assert (teacher.share, teacher.evidence) == (pytest.approx(1.0, abs=1e-3), pytest.approx(1_000, abs=1))


def test_labels_that_do_not_follow_what_is_compared_give_no_evidence() -> None:
    generator = np.random.default_rng(0)
    found = [fitted_teacher(generator.random((500, 4)), generator.integers(2, size=500), classes=2) for _ in range(20)]
    evidence = [teacher.evidence for teacher in found if teacher is not None]
    assert np.mean(evidence) == pytest.approx(LEAST_EVIDENCE, abs=1.4)  # chi square with four degrees of freedom
    assert fitted_teacher(rows_of([0.1, 0.2]), np.asarray([1, 1]), classes=2) is None
    assert fitted_teacher(rows_of([0.1, 0.2]), np.asarray([0.5, 0.5]), classes=1) is None
    assert fitted_teacher(rows_of([0.1, 0.1]), np.asarray([0.5, 0.7]), classes=1) is None


def test_few_rows_need_less_evidence() -> None:
    assert not is_no_evidence(1.5, 14)
    assert is_no_evidence(1.3, 14)
    assert is_no_evidence(3.9, 57)
    assert not is_no_evidence(4.0, 5_000)


def test_the_teachers_loss_is_cross_entropy_of_probabilities_or_a_squared_difference() -> None:
    logits, answers = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.75, 0.25]])
    expected = -(0.75 * logits.log_softmax(-1)[0, 0] + 0.25 * logits.log_softmax(-1)[0, 1])
    assert float(teacher_loss(logits, answers)) == pytest.approx(float(expected))
    assert float(teacher_loss(torch.tensor([[2.0], [1.0]]), torch.tensor([[0.5], [1.0]]))) == pytest.approx(2.25)


def test_longer_training_is_given_more_pairs(pairs: PreparedDataset) -> None:
    made = []
    for updates in (9, 90):
        training = assembled(pairs, settings_of(updates=updates))
        assert isinstance(training.method, SimilarityStart)
        training.method.begin(training, lambda _event: None)
        assert training.method._made is not None
        made.append(len(training.method._made.features))
    assert made[0] <= 60 < made[1]


def test_pairs_are_neighbours_strangers_and_texts_with_themselves() -> None:
    states = np.eye(30, dtype=np.float32)
    states[1] = states[0]  # each other's nearest
    made = pairs_of(TEXTS, states, 60, np.random.default_rng(0))
    assert made == pairs_of(TEXTS, states, 60, np.random.default_rng(0))
    assert len(made) == 60
    first_words = [(one.split()[0], other.split()[0]) for one, other in made]
    assert any(one == other for one, other in first_words)
    assert any(one != other for one, other in first_words)
    assert pairs_of(TEXTS[:1], states[:1], 60, np.random.default_rng(0))  # one text alone


def test_a_shortened_text_keeps_its_first_word_and_loses_others() -> None:
    generator = np.random.default_rng(0)
    found = {shortened("one two three four five six", generator) for _ in range(50)}
    assert len(found) > 10
    assert all(text.startswith("one") for text in found)
    assert shortened("one two three", generator) == "one two three"
    assert 0 < AT_RANDOM < 1


def test_a_run_reports_its_loss_is_scored_and_ends_as_a_plain_network(
    pairs: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    listener = Listener()
    run = fine_tune(pairs, settings_of(), listener, workspace=workspace)
    assert run.steps == 9
    assert [point.step for point in run.history] == [3, 6, 9]
    notes = [event.note for event in listener.of(Progressed)]
    assert NOTE in notes
    weights = load_file(Path(run.checkpoint) / "model.safetensors")
    assert not [name for name in weights if "similarity" in name]


def test_a_model_that_is_gone_has_its_own_sentence(pairs: PreparedDataset, tmp_path: Path) -> None:
    training = assembled(pairs, settings_of())
    assert isinstance(training.method, SimilarityStart)
    training.method._dataset = msgspec.structs.replace(
        pairs, model=msgspec.structs.replace(pairs.model, folder=str(tmp_path / "gone"))
    )
    with pytest.raises(ModelNotFound, match="gone is not there") as error:
        training.method.begin(training, lambda _event: None)
    assert error.value.id == "M9"


@pytest.mark.parametrize("after", [2, 7])  # while it learns from the teacher, and from the labels as well
def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    pairs: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    whole = fine_tune(pairs, settings_of(), Listener(), workspace=workspace)

    def cut(event: Event) -> BaseException | None:
        return PowerCutError() if isinstance(event, StepsTrained) and event.step == after else None

    listener = Listener(cut)
    with pytest.raises(EngineError):
        fine_tune(pairs, settings_of(), listener, workspace=workspace)
    identity = listener.of(TrainingStarted)[0].run_id
    continued = fine_tune(pairs, settings_of(), Listener(), continue_run=identity, workspace=workspace)
    expected, found = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (whole, continued))
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


def test_parts_of_a_batch_give_the_gradients_of_the_whole(pairs: PreparedDataset) -> None:
    found = []
    for parts in (1, 4):
        training = assembled(pairs, settings_of(gradient_accumulation=parts))
        training.network.eval()  # without dropout, which differs between parts
        assert isinstance(training.method, SimilarityStart)
        training.method.begin(training, lambda _event: None)
        training.network.eval()
        training.method.begin_update(7, 9)
        rows = training.plan.epoch(0)[0]
        batches = [training.train_batches.of(part) for part in np.array_split(rows, parts)]
        training.method.backward(training, batches, float(len(rows)))
        found.append([p.grad.clone() for p in training.network.parameters() if p.grad is not None])
    assert len(found[0]) > 5
    for whole, split in zip(*found, strict=True):
        assert torch.allclose(whole, split, atol=1e-5)


def test_early_updates_learn_from_the_teacher_alone(pairs: PreparedDataset) -> None:
    training = assembled(pairs, settings_of())
    assert isinstance(training.method, SimilarityStart)
    training.method.begin(training, lambda _event: None)
    rows = training.plan.epoch(0)[0]

    def read(_part: object) -> dict[str, torch.Tensor]:
        raise AssertionError("a row's own label was read")

    training.method.begin_update(5, 9)
    assert float(training.method.backward(training, map(read, [rows]), 8.0)) > 0
    training.method.begin_update(6, 9)
    with pytest.raises(AssertionError, match="own label"):
        training.method.backward(training, map(read, [rows]), 8.0)


def test_where_the_cosine_reports_nothing_the_labels_alone_are_learned(
    pairs: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "is_no_evidence", lambda evidence, rows: True)
    run = fine_tune(pairs, settings_of(updates=3), Listener(), workspace=workspace)
    assert run.steps == 3
    assert [note.id for note in run.notes].count("training.note.cosine_says_nothing") == 1


def test_stop_takes_effect_while_texts_are_compared(pairs: PreparedDataset, workspace: Workspace) -> None:
    def stop(event: Event) -> BaseException | None:
        return StopRequested() if isinstance(event, Progressed) and event.note == NOTE else None

    with pytest.raises(StopRequested):
        fine_tune(pairs, settings_of(), Listener(stop), workspace=workspace)


def test_auto_takes_it_for_few_pairs_and_no_other_rows(pairs: PreparedDataset) -> None:
    refused = task_facts(pairs.task).refused_settings
    _, auto, best = presets(pairs, refused=refused)
    assert (auto.settings.method, auto.settings.updates) == ("similarity", SIMILARITY_UPDATES)
    assert (best.settings.updates, best.settings.batch_size) == (3 * SIMILARITY_UPDATES, 2 * auto.settings.batch_size)
    # A made pair is seen three times at most, in the run, its forecast and its script.
    made = [pairs_to_make(one.settings.updates, one.settings.batch_size) for one in (auto, best)]
    assert made == [400 * 16 // 3, 1_200 * 32 // 3]
    assert "for _ in range(12800):" in similarity_training(Script(), pairs, best.settings, "'x'")
    for preset in (auto, best):
        check_together(pairs, preset.settings, refused)
    assert auto.settings.chosen_by == "settings"
    many = {**pairs.splits, "train": msgspec.structs.replace(pairs.splits["train"], rows=5_000)}
    assert presets(msgspec.structs.replace(pairs, splits=many), refused=refused)[1].settings.method == "fine_tuning"
    assert not similarity_possible(a_dataset())


@pytest.mark.parametrize("changes", [{"layers_to_train": "head_only"}, {"gpus": 2}])
def test_it_trains_the_whole_network_on_one_device(pairs: PreparedDataset, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidSetting, match="similarity start"):
        check_together(pairs, settings_of(**changes), task_facts(pairs.task).refused_settings)


def test_single_texts_refuse_it() -> None:
    with pytest.raises(InvalidSetting, match="pairs of texts"):
        check_together(a_dataset(), settings_of(), {})


def test_the_texts_of_the_splits_are_there(pairs: PreparedDataset) -> None:
    assert {"text", "second_text"} <= set(read_splits(pairs)["train"].column_names)


def test_late_updates_weigh_the_teacher_by_what_it_explains(pairs: PreparedDataset) -> None:
    training = assembled(pairs, settings_of())
    assert isinstance(training.method, SimilarityStart)
    training.method.begin(training, lambda _event: None)
    training.network.eval()  # without dropout
    training.method.begin_update(7, 9)
    made = training.method._made
    assert made is not None
    batch = training.train_batches.of(training.plan.epoch(0)[0])

    def gradient(changed: MadePairs | None) -> torch.Tensor:
        assert isinstance(training.method, SimilarityStart)
        training.method._made = changed
        training.network.zero_grad()
        training.method.backward(training, [batch], 8.0)
        return torch.cat([p.grad.flatten() for p in training.network.parameters() if p.grad is not None])

    alone, half, whole = gradient(None), gradient(made._replace(share=0.5)), gradient(made._replace(share=1.0))
    assert not torch.allclose(alone, whole, atol=1e-6)
    assert torch.allclose(half, (alone + whole) / 2, atol=1e-5)
