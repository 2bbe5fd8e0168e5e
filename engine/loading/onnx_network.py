"""An ONNX model in the place of a trained network: tasks ask it as they ask one of torch, on the processor."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from engine.contract.artefacts import ARTEFACTS, MODELS

SUFFIX = ".onnx"


class _Output(NamedTuple):
    logits: torch.Tensor


class OnnxNetwork:
    """What tasks need of a network: its configuration, its device, and its logits for a batch."""

    device = torch.device("cpu")
    dtype = torch.float32

    def __init__(self, file: Path, config: PreTrainedConfig) -> None:
        """Raises `RuntimeError` or another error of onnxruntime for a file that holds no model."""
        import onnxruntime  # a tenth of a second, for those who ask such a model

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = torch.get_num_threads()
        self.config = config
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = [one.name for one in self._session.get_inputs()]

    def __call__(self, **given: torch.Tensor) -> _Output:
        """`input_ids`, `attention_mask` and, where they are read, `token_type_ids` (batch, length) int64."""
        given.setdefault("token_type_ids", torch.zeros_like(given["input_ids"]))
        (logits,) = self._session.run(None, {name: given[name].numpy() for name in self._inputs})
        return _Output(torch.from_numpy(logits))

    def train(self, mode: bool = True) -> OnnxNetwork:
        """It is always in evaluation mode."""
        return self


def onnx_network(file: Path, config: PreTrainedConfig) -> PreTrainedModel:
    """The model of the file; raises `OSError` for a file that holds none."""
    try:
        return cast(PreTrainedModel, OnnxNetwork(file, config))
    except Exception as error:  # onnxruntime has errors of its own, which have no common base
        raise OSError(str(error)) from error


def folder_and_file(place: Path) -> tuple[Path, Path | None]:
    """The folder with the configuration and the ONNX model to ask, None where the weights are those of torch.

    `place` is an exported folder, or one of its ONNX models.
    """
    if place.suffix == SUFFIX:
        folder = place.parent.parent if place.parent.name == "onnx" else place.parent
        return folder, place
    if any(place.glob("*.safetensors")):
        return place, None
    files = (place / ARTEFACTS[name].file for name in MODELS)
    return place, next((file for file in files if file.is_file()), None)
