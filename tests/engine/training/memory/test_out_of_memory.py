"""A memory that is too small costs parts of a batch, never the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from engine.contract.errors import OutOfMemory, StopRequested
from engine.contract.events import Event, Noted, StepsTrained
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices.device_errors import is_out_of_memory
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.memory import out_of_memory
from engine.training.step import predictions, update
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs, list_runs, run_folder
from tests.engine import small_runs
from tests.engine.small_runs import Listener, small_settings

FULL = "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 7.79 GiB"


class OnceFull:
    """Stands in for a function and raises at its call number `at`, `times` times in a row."""

    def __init__(self, function: Callable[..., Any], *, at: int, times: int = 1) -> None:
        self.function, self.calls, self.at, self.times = function, 0, at, times

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls += 1
        if self.at <= self.calls < self.at + self.times:
            raise RuntimeError(FULL)
        return self.function(*given, **named)


@pytest.fixture
def plain_reviews(tmp_path: Path) -> PreparedDataset:
    """Without dropout, so that parts of a batch add up to the whole."""
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=small_runs.VOCABULARY,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(tmp_path / "plain")
    return small_runs.prepared_reviews(tmp_path / "plain", tmp_path / "rows")


def weights(run: TrainingRun) -> dict[str, torch.Tensor]:
    return load_file(Path(run.checkpoint) / "model.safetensors")


def assert_close(one: TrainingRun, other: TrainingRun) -> None:
    expected, found = weights(one), weights(other)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=1e-6, msg=name)


PLACES = {
    "forward, first step": (update, "logits_of", 1),
    "forward, mid epoch": (update, "logits_of", 5),
    "backward": (torch.autograd, "backward", 4),
    "creation of the optimizer's state": (out_of_memory, "prepare_states", 1),
    "update": (torch.optim.AdamW, "step", 3),
    "last short batch": (update, "logits_of", 18),
}


@pytest.mark.parametrize("place", list(PLACES))
def test_a_step_that_does_not_fit_is_tried_again_in_halves(
    plain_reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    settings = small_settings(learning_rate=1e-3, batch_size=10 if "short" in place else 8)
    steps = 16 if "short" in place else 18
    halves = fine_tune(
        plain_reviews,
        small_runs.small_settings(learning_rate=1e-3, batch_size=settings.batch_size, gradient_accumulation=2),
        Listener(),
        workspace=workspace,
    )
    owner, name, at = PLACES[place]
    full = OnceFull(getattr(owner, name), at=min(at, steps))
    if isinstance(owner, type):
        monkeypatch.setattr(owner, name, lambda *given, **named: full(*given, **named))
    else:
        monkeypatch.setattr(owner, name, full)
    listener = Listener()
    run = fine_tune(plain_reviews, settings, listener, workspace=workspace)
    assert full.calls > full.at
    assert run.steps == halves.steps == steps
    half = settings.batch_size // 2
    sentence = f"Using less memory: 2 × {half} instead of {settings.batch_size}"
    assert run.notes == (sentence,)
    assert Noted(sentence) in listener.events
    assert_close(halves, run)


def test_a_first_step_that_does_not_fit_draws_the_same_dropout_again(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    halves = fine_tune(reviews, small_settings(gradient_accumulation=2), Listener(), workspace=workspace)
    monkeypatch.setattr(torch.autograd, "backward", OnceFull(torch.autograd.backward, at=1))
    run = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    expected, found = weights(halves), weights(run)
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


def test_validation_rows_that_do_not_fit_leave_training_as_it_was(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    full = OnceFull(predictions.logits_of, at=1, times=2)
    monkeypatch.setattr(predictions, "logits_of", full)
    listener = Listener()
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert [note.text for note in listener.of(Noted)] == [
        "The memory is full: the rows are computed 8 at a time.",
        "The memory is full: the rows are computed 4 at a time.",
    ]
    assert_close(whole, run)


def test_a_memory_that_never_suffices_ends_in_a_sentence_after_one_row_was_tried(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OnceFull(update.logits_of, at=1, times=1000)
    monkeypatch.setattr(update, "logits_of", full)
    with pytest.raises(OutOfMemory, match="does not hold 1 text at once") as caught:
        fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert (caught.value.id, full.calls) == ("T1", 4)


def test_memory_is_halved_six_times_at_most(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OnceFull(update.logits_of, at=1, times=1000)
    monkeypatch.setattr(update, "logits_of", full)
    with pytest.raises(OutOfMemory, match="does not hold 4 texts at once"):
        fine_tune(reviews, small_settings(batch_size=256), Listener(), workspace=workspace)
    assert full.calls == 7


def test_a_continued_run_goes_on_with_the_smaller_parts(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    backward = torch.autograd.backward
    monkeypatch.setattr(torch.autograd, "backward", OnceFull(backward, at=3))
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    monkeypatch.setattr(torch.autograd, "backward", OnceFull(backward, at=3))
    stop = Listener(lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == 7 else None)
    stopped = fine_tune(reviews, small_settings(), stop, workspace=workspace)
    run = fine_tune(reviews, small_settings(), Listener(), continue_run=stopped.id, workspace=workspace)
    expected, found = weights(whole), weights(run)
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())
    assert run.notes == whole.notes == ("Using less memory: 2 × 4 instead of 8",)


def leaving_at(step: int) -> Callable[[Event], BaseException | None]:
    def at(event: Event) -> BaseException | None:
        return StopRequested(leaving=True) if isinstance(event, StepsTrained) and event.step == step else None

    return at


def test_leaving_keeps_a_whole_checkpoint_that_ends_like_an_uninterrupted_run(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(), Listener(leaving_at(7)), workspace=workspace)
    (record,) = interrupted_runs(workspace)
    assert (record.status, record.step) == ("stopping", 7)
    folder = run_folder(workspace, record.id)
    assert atomic_files.is_whole(folder / "checkpoints" / "step-000007")
    run = fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    expected, found = weights(whole), weights(run)
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())
    assert interrupted_runs(workspace) == ()


def test_leaving_before_the_first_step_leaves_nothing(reviews: PreparedDataset, workspace: Workspace) -> None:
    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(), Listener(lambda _: StopRequested(leaving=True)), workspace=workspace)
    assert list_runs(workspace) == ()
    assert list(workspace.runs.iterdir()) == []


def wrapped(inner: BaseException) -> Exception:
    outer = RuntimeError("the forward pass failed")
    outer.__cause__ = inner
    return outer


FULL_MEMORIES: list[Exception] = [
    MemoryError(),
    torch.OutOfMemoryError(FULL),
    RuntimeError(FULL),
    RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
    RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("XPU out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("MPS backend out of memory (MPS allocated: 5.0 GB, other allocations: 1.0 GB)"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4294967296 bytes."),
    RuntimeError("FATAL ERROR :: MODULE:PT_DEVMEM Allocation failed for size::1073741824 (1024)MB"),
    RuntimeError("std::bad_alloc"),
    wrapped(torch.OutOfMemoryError(FULL)),
    RuntimeError(FULL, "a second argument"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB, max allowed: 9.07 GB). Tried to allocate 2 GB."),
    RuntimeError("Invalid buffer size: 12.50 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried to"),
    OSError("[WinError 1455] The paging file is too small for this operation to complete"),
    SafetensorError("I/O error: The paging file is too small for this operation to complete. (os error 1455)"),
]
OTHER_ERRORS: list[Exception] = [
    ValueError("Row 3: 'CUDA out of memory' is not a label"),
    KeyError("out of memory"),
    RuntimeError("the text 'we ran out of memory on holiday' has no label"),
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("mat1 and mat2 shapes cannot be multiplied (8x16 and 32x2)"),
    RuntimeError("CUDA error: an illegal memory access was encountered"),
    RuntimeError("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED"),
    OSError("No space left on device"),
    IndexError("index out of range in self"),
    wrapped(ValueError("the caption is 'MPS backend out of memory'")),
]


@pytest.mark.parametrize("error", FULL_MEMORIES, ids=repr)
def test_a_full_memory_is_recognised_in_each_of_its_texts(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", OTHER_ERRORS, ids=repr)
def test_nothing_else_is_taken_for_a_full_memory(error: Exception) -> None:
    assert not is_out_of_memory(error)
