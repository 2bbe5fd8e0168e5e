"""Devices: what Auto takes, what is refused, and the sentence about the GPU."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.contract.errors import InvalidSetting
from engine.devices import detection as devices

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


def nvidia_smi(monkeypatch: pytest.MonkeyPatch, output: bytes | None) -> None:
    def run(*_: object, **__: object) -> Any:
        if output is None:
            raise FileNotFoundError("nvidia-smi")
        return subprocess.CompletedProcess([], 0, output, b"")

    monkeypatch.setattr(devices.subprocess, "run", run)


@without_gpu
def test_the_cpu_is_found_with_its_cores_and_memory() -> None:
    found = devices.found()
    cpu = next(device for device in found.devices if device.id == "cpu")
    assert f"({devices.cores()} core" in cpu.name
    assert 0 < cpu.memory_free <= cpu.memory_total
    assert found.devices[0].id == str(devices.choose("auto").device)


@without_gpu
@pytest.mark.parametrize(
    ("smi", "cuda", "sentence"),
    [
        (b"GPU 0: NVIDIA H200 (UUID: x)", None, "built for the CPU only"),
        (b"GPU 0: NVIDIA H200 (UUID: x)", "13.0", "driver does not serve this PyTorch"),
        (b"No devices were found", None, "No GPU was found"),
        (None, None, "No GPU was found"),
    ],
)
def test_the_sentence_shows_why_a_gpu_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, smi: bytes | None, cuda: str | None, sentence: str
) -> None:
    nvidia_smi(monkeypatch, smi)
    monkeypatch.setattr(devices, "NVIDIA_GPUS", tmp_path / "none")
    monkeypatch.setattr(devices, "AMD_GPU", tmp_path / "none")
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert sentence in devices.gpu_sentence()


@without_gpu
def test_an_nvidia_driver_is_seen_without_its_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nvidia_smi(monkeypatch, None)
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    monkeypatch.setattr(devices, "NVIDIA_GPUS", tmp_path / "gpus")
    monkeypatch.setattr(torch.version, "cuda", None)
    assert "“Get started” page" in devices.gpu_sentence()


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="cuda:99") as caught:
        devices.choose("cuda:99")
    assert (caught.value.id, caught.value.field) == ("T12", "device")


@pytest.mark.parametrize(
    ("avx512_bf16", "amx", "chosen"), [(False, False, "fp32"), (True, False, "bf16"), (False, True, "bf16")]
)
def test_auto_on_a_cpu_is_bf16_where_the_processor_multiplies_it(
    avx512_bf16: bool, amx: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert devices.choose("cpu", precision="auto").precision == chosen
    assert next(device for device in devices.found().devices if device.id == "cpu").bf16 == (chosen == "bf16")


def test_a_cpu_computes_in_bf16_when_asked_to_and_never_in_fp16() -> None:
    assert devices.choose("cpu", precision="bf16").precision == "bf16"
    with pytest.raises(InvalidSetting, match="fp16") as caught:
        devices.choose("cpu", precision="fp16")
    assert caught.value.field == "precision"


def test_threads_are_as_asked_or_all_cores() -> None:
    assert devices.choose("cpu", threads=3).threads == 3
    assert devices.choose("cpu", threads=3).name == "cpu (3 threads)"
    assert devices.choose("cpu").threads == devices.cores() >= 1


@without_gpu
def test_an_apple_gpu_shows_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 2_000_000)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 9_000_000)
    apple = next(device for device in devices.found().devices if device.id == "mps")
    assert (apple.memory_free, apple.memory_total) == (7_000_000, 9_000_000)
    assert devices.memory(torch.device("mps")) == (2_000_000, 9_000_000)
    assert devices.choose("auto").device.type == "mps"


@without_gpu
def test_the_command_for_an_nvidia_gpu_is_that_of_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(monkeypatch, b"GPU 0: NVIDIA H200 (UUID: x)")
    monkeypatch.setattr(torch.version, "cuda", None)
    sentence = devices.gpu_sentence()
    assert f"{sys.executable} -m pip install --force-reinstall 'torch>=2.13,<2.14' --index-url INDEX where" in sentence
    assert "--no-deps" not in sentence
    monkeypatch.setattr(devices.sys, "platform", "win32")  # its build brings the libraries of CUDA along
    assert '-m pip install --force-reinstall "torch>=2.13,<2.14" --index-url INDEX --no-deps' in devices.gpu_sentence()


def test_the_processor_is_named_as_its_maker_calls_it_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices._processor_name()

    class Registry:
        HKEY_LOCAL_MACHINE = 1

        def OpenKey(self, root: int, place: str) -> AbstractContextManager[str]:
            return nullcontext(place)

        def QueryValueEx(self, key: str, name: str) -> tuple[str, int]:
            found = {
                (r"HARDWARE\DESCRIPTION\System\CentralProcessor\0", "ProcessorNameString"): " Intel(R) Core(TM) i7 "
            }
            return found[key, name], 1

    monkeypatch.setitem(sys.modules, "winreg", Registry())  # type: ignore[arg-type]
    monkeypatch.setattr(devices.sys, "platform", "win32")
    assert devices._processor_name() == "Intel(R) Core(TM) i7"

    def asked(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(
            command, 0, "Apple M4\n" if command[-1] == "machdep.cpu.brand_string" else ""
        )

    monkeypatch.setattr(devices.subprocess, "run", asked)
    monkeypatch.setattr(devices.sys, "platform", "darwin")
    assert devices._processor_name() == "Apple M4"
