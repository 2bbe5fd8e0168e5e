"""How busy the device of a run is, from one look to the next. Knows no run."""

from __future__ import annotations

import importlib.util
import os

import psutil
import torch


class DeviceLoad:
    """Asked now and then; the share is that of the time since it was asked before."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._process = psutil.Process()
        self._cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._tells = device.type == "cpu" or (device.type == "cuda" and _gpu_tells())
        if device.type == "cpu":
            self._process.cpu_percent()  # starts its clock

    def share(self) -> float | None:
        """0 to 1: of the cores that this process may use, or of the GPU's time by whomever; None: it does not tell."""
        if not self._tells:
            return None
        if self._device.type == "cpu":
            busy: float = self._process.cpu_percent()
            return min(1.0, busy / 100 / self._cores)
        try:
            return min(1.0, torch.cuda.utilization(self._device) / 100)
        except Exception:  # the driver's library has errors of its own, all of them outside our reach
            self._tells = False
            return None


def _gpu_tells() -> bool:
    """Whether the driver's library for such questions is installed (the package is nvidia-ml-py)."""
    return torch.version.hip is None and importlib.util.find_spec("pynvml") is not None
