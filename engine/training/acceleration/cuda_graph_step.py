"""The training step as one CUDA graph per shape of a batch: captured once, then replayed with a single launch.

Short texts on a fast GPU are bound by Python and by kernel launches, not by arithmetic. A replayed step costs the host
a few copies and one launch; the learning rate and the count of labels are tensors on the device. A network that cannot
be captured is trained operator by operator.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, AttentionMaskInterface

from engine.contract.events import Emit, Noted
from engine.contract.sentences import Sentence
from engine.devices.device_errors import is_out_of_memory
from engine.training.acceleration.compiling import compile_layers, compiled
from engine.training.step.optimizer import set_learning_rate
from engine.training.step.training import Training
from engine.training.step.update import EagerStep, Step, Updated, compute_update, count_labels, parts_of

MOST_GRAPHS = 64  # one a shape; further shapes are computed operator by operator
NOT_CAPTURED = Sentence("training.note.network_cannot_captured_cuda_graph")
NOT_COMPILED = Sentence("training.note.layers_network_cannot_compiled_here")

_Shape = tuple[tuple[str, tuple[int, ...]], ...]


class _Captured(NamedTuple):
    """A graph with the tensors it reads; it writes into the step's own loss and norm."""

    graph: torch.cuda.CUDAGraph
    inputs: dict[str, torch.Tensor]


def fastest_step(training: Training, diverged: torch.Tensor, emit: Emit) -> Step:
    """The fastest step for this training: a CUDA graph on an NVIDIA GPU, elsewhere operator by operator."""
    compute = training.compute
    if (
        training.method is not None or training.settings.gradient_checkpointing
    ):  # it saves and restores random generators, which cannot be captured
        return EagerStep(training, diverged)
    if compute.device.type == "cuda" and compute.precision != "fp16" and torch.version.hip is None:
        return CudaGraphStep(training, diverged, emit)
    return EagerStep(training, diverged)


class CudaGraphStep:
    """Replays the step for whole batches of a shape seen twice before; all others are computed operator by operator."""

    def __init__(self, training: Training, diverged: torch.Tensor, emit: Emit) -> None:
        device = training.compute.device
        self._training = training
        self._diverged = diverged
        self._emit = emit
        self._eager = EagerStep(training, diverged)
        self._pool = torch.cuda.graph_pool_handle()
        self._graphs: dict[_Shape, _Captured] = {}
        self._seen: set[_Shape] = set()
        self._compiled: set[_Shape] = set()
        self._compiles = bool(training.compiled_tokens) and compile_layers(training.computing_network)
        self._gave_up = False
        self._labels = torch.ones((), device=device)
        self._updated = Updated(torch.zeros((), device=device), torch.zeros((), device=device))

    def __call__(self, rows: np.ndarray, rate: float) -> Updated:
        training = self._training
        if self._gave_up or len(rows) != training.settings.batch_size:
            return self._eager(rows, rate)
        batch = without_full_mask(training.train_batches.of(training.own(rows)))
        shape = tuple((name, tuple(tensor.shape)) for name, tensor in batch.items())
        captured = self._graphs.get(shape)
        if captured is None:
            if shape not in self._seen or len(self._graphs) >= MOST_GRAPHS:
                # The first step of a shape loads kernels and allocates workspaces, which cannot be captured.
                self._seen.add(shape)
                return self._once(batch, rows, rate)
            if self._is_to_compile(shape, rows):
                self._compiled.add(shape)
                try:
                    with compiled():
                        return self._once(batch, rows, rate)
                except Exception as error:
                    self._free_gradients()
                    if is_out_of_memory(error):
                        raise
                    self._emit(Noted(NOT_COMPILED))
                    self._compiles = False
                    self._compiled.clear()
                    return self._once(batch, rows, rate)
            with compiled() if shape in self._compiled else nullcontext():
                captured = self._capture(batch)
            if captured is None:
                return self._eager(rows, rate)
            self._graphs[shape] = captured
        for name, tensor in batch.items():
            captured.inputs[name].copy_(tensor.pin_memory(), non_blocking=True)
        self._labels.fill_(count_labels(training, rows, [batch]))
        set_learning_rate(training.optimizer, rate)
        captured.graph.replay()
        return self._updated

    def _once(self, batch: Mapping[str, torch.Tensor], rows: np.ndarray, rate: float) -> Updated:
        """One update, operator by operator, in the form in which it will be captured."""
        parts = self._parts(self._training.train_batches.on_device(batch))
        return self._eager.of_parts(parts, count_labels(self._training, rows, [batch]), rate)

    def _is_to_compile(self, shape: _Shape, rows: np.ndarray) -> bool:
        """Whether compiling this batch's length pays and has not been done yet."""
        if not self._compiles or shape in self._compiled:
            return False
        return self._training.train_batches.padded_tokens(rows) in self._training.compiled_tokens

    def _capture(self, batch: Mapping[str, torch.Tensor]) -> _Captured | None:
        """The step for batches of this shape, captured and not yet computed; None where that is not possible.

        Running out of memory is raised: smaller parts in a graph are faster than whole batches without one.
        """
        training = self._training
        device = training.compute.device
        inputs = {name: torch.zeros_like(tensor, device=device) for name, tensor in batch.items()}
        parts = self._parts(inputs)
        graph = torch.cuda.CUDAGraph()
        try:
            with (
                fused_attention_masks(),
                torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"),
            ):
                updated = compute_update(training, parts, self._labels, self._diverged)
                self._updated.loss.copy_(updated.loss)
                self._updated.gradient_norm.copy_(updated.gradient_norm)
        except Exception as error:
            if training.gradient_sums is not None:
                training.gradient_sums.abandon()
            self._give_up()
            if is_out_of_memory(error):
                raise
            self._emit(Noted(NOT_CAPTURED))
            return None
        return _Captured(graph, inputs)

    def _parts(self, batch: Mapping[str, torch.Tensor]) -> list[dict[str, torch.Tensor]]:
        """A batch split for gradient accumulation."""
        return [
            {name: tensor[part[0] : part[-1] + 1] for name, tensor in batch.items()}
            for part in parts_of(self._training, np.arange(self._training.own_batch_size))
        ]

    def _give_up(self) -> None:
        """Frees all graphs; from here on, operator by operator."""
        self._gave_up = True
        self._graphs.clear()
        self._free_gradients()
        gc.collect()
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        # A capture that failed leaves the generator in capture mode; a copy of its state is not.
        generator = torch.cuda.default_generators[self._training.compute.device.index or 0]
        generator.graphsafe_set_state(generator.clone_state())

    def _free_gradients(self) -> None:
        """Frees what a failed step has left."""
        self._training.optimizer.zero_grad(set_to_none=True)
        if self._training.bf16_copy is not None:
            self._training.bf16_copy.free_gradients()


@contextmanager
def fused_attention_masks() -> Iterator[None]:
    """Inside, transformers builds only attention masks that the fused kernels of PyTorch accept.

    While a stream is captured transformers (seen in 5.17) cannot read a mask, so it builds one even where no token is
    masked, and this one has a last stride of 0. Flash attention takes no mask, memory-efficient attention no such
    stride: what remains is the plain attention in fp32, with which a step of BERT-base takes twice as long.
    """
    original = ALL_MASK_ATTENTION_FUNCTIONS["sdpa"]
    AttentionMaskInterface.register("sdpa", with_fused_masks(original))
    try:
        yield
    finally:
        AttentionMaskInterface.register("sdpa", original)


def with_fused_masks(original: Callable[..., Any]) -> Callable[..., Any]:
    """The mask function, which returns None where nothing is masked and otherwise a mask with a last stride of 1."""

    def mask(*args: Any, **options: Any) -> torch.Tensor | None:
        window, length = options.get("local_size"), options.get("kv_length", 0)
        is_plain = options.get("allow_is_bidirectional_skip", False) and options.get("attention_mask") is None
        if is_plain and (window is None or length < window):
            return None
        made: torch.Tensor | None = original(*args, **options)
        return made.contiguous() if made is not None and made.stride(-1) != 1 else made

    return mask


def without_full_mask(batch: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The batch without an attention mask that masks nothing, so that attention takes its fastest kernel."""
    mask = batch.get("attention_mask")
    if mask is None or not bool(mask.all()):
        return dict(batch)
    return {name: tensor for name, tensor in batch.items() if name != "attention_mask"}
