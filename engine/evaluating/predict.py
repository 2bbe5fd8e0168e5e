"""What a fine-tuned network predicts for one text or one pair: of a run, or of an exported folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import transformers
from safetensors import SafetensorError
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.calibration import DO_NOT_KNOW
from engine.contract.errors import InvalidSetting, ModelDamaged, ModelNotSupported
from engine.contract.queries import Prediction
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.evaluating.trained_network import trained_network
from engine.loading.onnx_network import folder_and_file, onnx_network
from engine.tasks.registry import task_name_of, task_named
from engine.tasks.task import Task
from engine.workspace.calibration import read_calibration

LONGEST_TEXT = 200_000  # characters: far beyond what any of these networks reads, quickly tokenized
_warm_folder: dict[str, tuple[PreTrainedModel, PreTrainedTokenizerBase, Task]] = {}


def predict(run: TrainingRun, text: str, second_text: str = "", *, beside: bool = False) -> Prediction:
    """The answer of the run's best checkpoint; raises `InvalidSetting` (E4) for an empty text.

    A second text is needed where the run has learned from pairs, and left aside where it has not. `beside` keeps the
    network of the run that was asked before.
    """
    shortened = _readable(text)
    second = _readable(second_text, "second_text") if run.dataset.settings.roles.second_text else ""
    trained = trained_network(run, beside=beside)
    trained.network.train(False)
    task = task_named(run.dataset.task).calibrated(run.calibration)
    return task.predict(
        trained.network, trained.tokenizer, shortened, max_length=run.dataset.model.max_length, second_text=second
    )


def predict_with_folder(folder: str, text: str, second_text: str = "") -> Prediction:
    """The answer of an exported model: of a folder, or of one of its ONNX models.

    Raises `ModelNotSupported` (M9) or `ModelDamaged` (M5) for another folder.
    """
    shortened = _readable(text)
    second = _readable(second_text, "second_text") if second_text else ""
    if folder not in _warm_folder:
        _warm_folder.clear()
        _warm_folder[folder] = _read(Path(folder))
    network, tokenizer, task = _warm_folder[folder]
    longest = min(tokenizer.model_max_length, 512 if tokenizer.model_max_length > 1_000_000 else 1_000_000)
    return task.predict(network, tokenizer, shortened, max_length=int(longest), second_text=second)


def answers_of_folder(folder: str) -> Callable[[Sequence[Any]], list[dict[str, Any]]]:
    """The function that answers texts and pairs with an exported model, in the form of predict.py."""
    network, tokenizer, task, longest = model_of_folder(folder)

    def answers(texts: Sequence[Any]) -> list[dict[str, Any]]:
        found = []
        for text in texts:
            first, second = (text, "") if isinstance(text, str) else text
            found.append(_as_answer(task.predict(network, tokenizer, first, max_length=longest, second_text=second)))
        return found

    return answers


def _as_answer(prediction: Prediction) -> dict[str, Any]:
    """A prediction as engine/exporting/standalone/predict.py has it."""
    found: dict[str, Any]
    scores = {label.label: label.probability for label in prediction.labels}
    if prediction.value is not None:
        found = {"answer": prediction.value}
    elif prediction.threshold:
        found = {"answer": [label.label for label in prediction.given], "scores": scores}
    elif prediction.labels:
        given = prediction.given[0]
        answer = DO_NOT_KNOW if prediction.unsure else given.label
        found = {"answer": answer, "label": given.label, "score": given.probability, "scores": scores}
        if prediction.possible:
            found["possible"] = list(prediction.possible)
    else:
        parts = [(one, prediction.text[one.start : one.end]) for one in prediction.entities]
        found = {
            "answer": [
                {"start": one.start, "end": one.end, "label": one.label, "score": one.probability, "text": text}
                for one, text in parts
            ]
        }
    return {**found, "cut_tokens": prediction.cut_tokens} if prediction.cut_tokens else found


def _readable(text: str, field: str = "text") -> str:
    if not text.strip():
        sentence = (
            Sentence("evaluating.e4.there_no_text_answer")
            if field == "text"
            else Sentence("evaluating.e4.there_no_second_text_compare")
        )
        raise InvalidSetting("E4", sentence, hint=Sentence("evaluating.e4.type_sentence"), field=field)
    return text.encode("utf-8", "replace").decode("utf-8")[:LONGEST_TEXT]


def _read(place: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, Task]:
    folder, onnx_file = folder_and_file(place)
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        architecture = (config.architectures or [""])[0]
        task_name = task_name_of(config)
        if task_name is None:
            raise ModelNotSupported(
                "M9",
                Sentence("evaluating.m9.holds_no_fine_tuned_classifier", folder=folder.name),
                hint=Sentence("evaluating.m9.give_me_folder_exported_model"),
            )
        network: PreTrainedModel
        if onnx_file is not None:
            network = onnx_network(onnx_file, config)
        else:
            network = getattr(transformers, architecture).from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        calibration = read_calibration(folder)
    except (OSError, ValueError, AttributeError, RuntimeError, SafetensorError) as error:
        raise ModelDamaged(
            "M5",
            Sentence("evaluating.m5.model_cannot_loaded", folder=folder.name),
            hint=Sentence("evaluating.m5.export_again"),
            details=str(error),
        ) from error
    network.train(False)
    return network, tokenizer, task_named(task_name).calibrated(calibration)


def model_of_folder(folder: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, Task, int]:
    """The network of an exported folder, its tokenizer, its task, and how many tokens it reads."""
    network, tokenizer, task = _read(Path(folder))
    longest = min(tokenizer.model_max_length, 512 if tokenizer.model_max_length > 1_000_000 else 1_000_000)
    return network, tokenizer, task, int(longest)
