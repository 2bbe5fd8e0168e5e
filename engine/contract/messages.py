"""Jobs, events and states as JSON lines; nothing else crosses the process border.

One line is one message, UTF-8. A number on the wire is Python's own. Text that is not
valid Unicode (lone surrogates from file names or JSON) is written with those characters replaced.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.contract.events import Event
from engine.contract.queries import Question
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import decode_hook, encode_hook
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FineTuneSettings,
    ModelSource,
    PrepareSettings,
    RowSource,
    SearchSettings,
)
from engine.contract.states import EvaluationReport, ModelHandle, PreparedDataset, RunForecast, TrainingRun

# ── Window to worker ────────────────────────────────────────────────────────────────────────────────────────────


class LoadModel(msgspec.Struct, frozen=True, tag="load_model"):
    """Job: stage 1."""

    source: ModelSource


class PrepareDataset(msgspec.Struct, frozen=True, tag="prepare_dataset"):
    """Job: stage 2; the `device` computes the embeddings where near-duplicates are found by them."""

    model: ModelHandle
    rows: RowSource
    settings: PrepareSettings
    device: str = "auto"


class FineTune(msgspec.Struct, frozen=True, tag="fine_tune"):
    """Job: stage 3; `continue_run` is the id of an interrupted run to continue with, `action` what is changed in it.

    A new run that comes without a `forecast` measures a few steps first. With `prepare` the rows of the data set are
    prepared with these settings before, and the run is trained on what comes of that.
    """

    dataset: PreparedDataset
    settings: FineTuneSettings
    continue_run: str = ""
    action: RecoveryAction = RecoveryAction.NONE
    forecast: RunForecast | None = None
    prepare: PrepareSettings | None = None


class Search(msgspec.Struct, frozen=True, tag="search"):
    """Job: stage 3 several times with other settings; the best run comes back."""

    dataset: PreparedDataset
    settings: FineTuneSettings
    search: SearchSettings


class Evaluate(msgspec.Struct, frozen=True, tag="evaluate"):
    """Job: stage 4."""

    run: TrainingRun
    settings: EvaluateSettings


class Export(msgspec.Struct, frozen=True, tag="export"):
    """Job: stage 5."""

    evaluation: EvaluationReport
    settings: ExportSettings


StageJob = LoadModel | PrepareDataset | FineTune | Search | Evaluate | Export
Job = StageJob | Question


class StartJob(msgspec.Struct, frozen=True, tag="start"):
    """Run this job; jobs run one after the other, in order."""

    number: int
    job: Job


class StopJob(msgspec.Struct, frozen=True, tag="stop"):
    """Stop the job of this number, or forget it if it waits. `discard`: nothing needs to be kept."""

    number: int
    discard: bool = False


class PauseJob(msgspec.Struct, frozen=True, tag="pause"):
    """Pause the job of this number, or let it continue; a job that asks because the disk is full continues, too."""

    number: int
    paused: bool


Command = StartJob | StopJob | PauseJob

# ── Worker to window ────────────────────────────────────────────────────────────────────────────────────────────


class Happened(msgspec.Struct, frozen=True, tag="happened"):
    """An event of the job of this number; 0 belongs to no job."""

    number: int
    event: Event
    worker_ends: bool = False  # it was ended, with this as its last word


def _plain(value: Any) -> Any:
    item = getattr(value, "item", None)  # a numpy or torch scalar that slipped through
    return item() if item is not None else encode_hook(value)


_encoder = msgspec.json.Encoder(enc_hook=_plain)
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command, dec_hook=decode_hook)
_happenings: msgspec.json.Decoder[Happened] = msgspec.json.Decoder(Happened, dec_hook=decode_hook)


def encode(message: msgspec.Struct) -> bytes:
    """One line of JSON with its line feed."""
    try:
        return _encoder.encode(message) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(message, enc_hook=_plain))) + b"\n"


def decode_command(line: bytes) -> Command:
    """The command in this line; raises `msgspec.DecodeError` when it is none."""
    return _commands.decode(line)


def decode_happened(line: bytes) -> Happened:
    """The event in this line; raises `msgspec.DecodeError` when it is none."""
    return _happenings.decode(line)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
