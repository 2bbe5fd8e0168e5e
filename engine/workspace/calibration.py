"""calibration.json: how a network's probabilities become answers, beside its weights.

Lies in the run's folder and in an exported one. A network without the file gives labels from 0.5 on.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.workspace import atomic_files
from engine.workspace.file_operations import remove_file

FILE = "calibration.json"


class Calibration(msgspec.Struct, frozen=True):
    """`thresholds`: from which probability on a label is given, by its name."""

    thresholds: dict[str, float]


def write_calibration(folder: Path, thresholds: dict[str, float]) -> None:
    """Writes the file, or removes one of before where there is nothing to say."""
    if thresholds:
        atomic_files.write_record(folder / FILE, Calibration(thresholds))
    else:
        remove_file(folder / FILE, missing_ok=True)


def read_calibration(folder: Path) -> Calibration:
    """What the file says, an empty record where there is none; raises `ValueError` where it is damaged."""
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return Calibration({})
    found = msgspec.json.decode(content, type=Calibration)
    if not all(0 < threshold < 1 for threshold in found.thresholds.values()):
        raise ValueError(f"{FILE} holds a threshold that is no probability")
    return found
