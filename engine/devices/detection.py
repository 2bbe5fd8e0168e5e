"""Where to compute: which devices are there, which one Auto takes, in which number format, with how many threads.

Uses no task and no run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from engine.bootstrap.commands import TORCH, install_command
from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import InvalidSetting
from engine.contract.queries import Device, DevicesFound
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence

SELECTOR = "the selector on PyTorch's “Get started” page"
NVIDIA_GPUS = Path("/proc/driver/nvidia/gpus")  # a folder per GPU, where the Linux driver is loaded
AMD_GPU = Path("/dev/kfd")


class Compute(NamedTuple):
    """A device that was chosen; `name` is for people: "cpu (2 threads)", "cuda:0 (NVIDIA H200)"."""

    device: torch.device
    precision: str  # fp32, bf16, fp16
    threads: int
    name: str


def found() -> DevicesFound:
    """All devices, the one that Auto takes first, with one sentence about the GPU."""
    automatic = _automatic()
    devices = [_cuda_device(index) for index in range(torch.cuda.device_count())] if _cuda_works() else []
    if torch.backends.mps.is_available():
        used, total = memory(torch.device("mps"))
        free = min(max(0, total - used), psutil.virtual_memory().available)  # it shares the computer's memory
        devices.append(Device("mps", "Apple GPU", total, free, bf16=False))
    devices.append(_cpu_device())
    devices.sort(key=lambda device: device.id != str(automatic))
    return DevicesFound(tuple(devices), gpu_sentence())


def gpu_sentence() -> Sentence:
    """Whether this torch can use the GPU that is there, and how to get one that can."""
    if _cuda_works():
        names = dict.fromkeys(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        return Sentence("devices.gpu.usable", names=list(names))
    if torch.backends.mps.is_available():
        return Sentence("devices.gpu.mac")
    if _has_nvidia_gpu():
        if torch.version.cuda is None:
            return Sentence("devices.gpu.nvidia_with_cpu_build", command=cuda_command())
        return Sentence("devices.gpu.nvidia_with_old_driver", cuda=torch.version.cuda)
    if AMD_GPU.exists() and torch.version.hip is None:
        return Sentence("devices.gpu.amd_unusable")
    return Sentence("devices.gpu.none")


def cuda_command() -> str:
    """What replaces the torch of this environment by a build for NVIDIA GPUs.

    pip takes the version that is there for good enough, whatever it was built for, unless it is asked to install it
    again. On Windows the build brings all libraries of CUDA along; on Linux they are packages of their own.
    """
    options = ("--index-url", "INDEX", *(("--no-deps",) if sys.platform == "win32" else ()))
    return install_command(TORCH, options=options, reinstall=True)


def choose(device: str, *, precision: str = "fp32", threads: int = 0) -> Compute:
    """The device for these settings; raises `InvalidSetting` (T12) where it is not there or cannot do the precision."""
    chosen = _automatic() if device == "auto" else torch.device(device)
    if chosen.type == "cuda":
        chosen = torch.device("cuda", chosen.index or 0)
    _require(chosen)
    count = threads or cores()
    name = f"cpu ({count} thread{'' if count == 1 else 's'})" if chosen.type == "cpu" else str(chosen)
    if chosen.type == "cuda":
        name = f"{chosen} ({torch.cuda.get_device_name(chosen)})"
    return Compute(chosen, _precision(chosen, precision), count, name)


def precision_of_answers(device: str, *, wanted: str, trained: str, numbers: bool) -> str:
    """The number format for answering rows: `wanted`, or for "auto" that of the training, where it is quick here.

    Answers that are `numbers` keep their digits: they are computed in fp32.
    """
    if wanted != "auto":
        return wanted
    return "fp32" if numbers or trained == "fp32" else choose(device, precision="auto").precision


def cores() -> int:
    """Physical cores that this process may use; the arithmetic gains nothing from hyper-threads."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def memory(device: torch.device) -> tuple[int, int]:
    """Bytes used and bytes in all: of the GPU, or of the computer by this process."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return total - free, total
    if device.type == "mps":
        return torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
    return psutil.Process().memory_info().rss, psutil.virtual_memory().total


def _automatic() -> torch.device:
    """The best device of this process; the ranks of a launched group have one GPU each, which the launcher names."""
    if _cuda_works():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _require(device: torch.device) -> None:
    if device.type == "cpu":
        return
    if device.type == "mps" and torch.backends.mps.is_available():
        return
    if device.type == "cuda" and _cuda_works() and (device.index or 0) < torch.cuda.device_count():
        return
    raise InvalidSetting(
        "T12",
        Sentence("devices.t12.device_not_there", device=device, gpu_sentence=gpu_sentence()),
        hint=Sentence("devices.t12.choose_another_device_cpu_always"),
        actions=(RecoveryAction.USE_CPU,),
        field="device",
    )


def _precision(device: torch.device, wanted: str) -> str:
    bf16 = device.type == "cpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False))
    if wanted == "auto":
        fast = bf16 if device.type == "cuda" else device.type == "cpu" and _processor_multiplies_bf16()
        return "bf16" if fast else "fp32"
    if (wanted == "bf16" and not bf16) or (wanted == "fp16" and device.type != "cuda"):
        raise InvalidSetting(
            "T12",
            Sentence("devices.t12.device_does_not_compute", device=device, wanted=wanted),
            hint=Sentence("devices.t12.choose_fp32_leave_precision_auto"),
            field="precision",
        )
    return wanted


def _processor_multiplies_bf16() -> bool:
    """Whether the CPU has instructions for matrix products in bfloat16; without them it is slower than float32."""
    # What torch.compile asks too; torch has no public name for it.
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _cuda_works() -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver: gpu_sentence states it
        return torch.cuda.is_available()


def _has_nvidia_gpu() -> bool:
    if NVIDIA_GPUS.is_dir() and any(NVIDIA_GPUS.iterdir()):
        return True
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, timeout=10, check=False, creationflags=NO_WINDOW
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and b"GPU" in listed.stdout


def _cuda_device(index: int) -> Device:
    free, total = torch.cuda.mem_get_info(index)
    with torch.cuda.device(index):
        bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    return Device(f"cuda:{index}", torch.cuda.get_device_name(index), total, free, bf16)


def _cpu_device() -> Device:
    available = psutil.virtual_memory()
    count = cores()
    name = f"{_processor_name()} ({count} core{'' if count == 1 else 's'})"
    return Device("cpu", name, available.total, available.available, bf16=_processor_multiplies_bf16())


def _processor_name() -> str:
    """As its maker calls it; `platform.processor` has a family and a number at most."""
    if sys.platform == "win32":
        import winreg

        place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    elif sys.platform == "darwin":
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            answered = subprocess.run(
                asked, capture_output=True, text=True, timeout=5, check=True, creationflags=NO_WINDOW
            )
            return answered.stdout.strip()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        return platform.processor() or "CPU"
    return platform.processor() or "CPU"


# How busy the device of a run is, from one look to the next. Uses no run.


class DeviceLoad:
    """Asked now and then; the share is that of the time since it was asked before."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._process = psutil.Process()
        self._cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._is_reported = device.type == "cpu" or (device.type == "cuda" and _gpu_reports())
        if device.type == "cpu":
            self._process.cpu_percent()  # starts its clock

    def share(self) -> float | None:
        """0 to 1: of the cores that this process may use, or of the GPU's time by whomever; None where unknown."""
        if not self._is_reported:
            return None
        if self._device.type == "cpu":
            busy: float = self._process.cpu_percent()
            return min(1.0, busy / 100 / self._cores)
        try:
            return min(1.0, torch.cuda.utilization(self._device) / 100)
        except Exception:  # the driver's library has errors of its own, all of them outside our reach
            self._is_reported = False
            return None


def _gpu_reports() -> bool:
    """Whether the driver's library for such questions is installed (the package is nvidia-ml-py)."""
    return torch.version.hip is None and importlib.util.find_spec("pynvml") is not None
