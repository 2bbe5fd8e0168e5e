"""A run from prepared rows to its state: what is learned, said and kept."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import torch
from conftest_training import Listener, small_settings  # type: ignore[import-not-found]
from safetensors.torch import load_file

from engine import storage
from engine.errors import EngineError, InvalidSetting, StopRequested
from engine.events import (
    BaselineMeasured,
    CheckpointSaved,
    DeviceSampled,
    Evaluated,
    StepsTrained,
    TrainingStarted,
)
