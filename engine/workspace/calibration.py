"""calibration.json: how a network's probabilities become answers, beside its weights.

Lies in the run's folder and in an exported one. A network without the file gives the likeliest label, or where a text
may have several, those from 0.5 on. Beside the fields of `Calibration` it has `version`: files without one are of
version 1, and a later one than that of this program is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.contract.calibration import VERSION, Calibration
from engine.workspace import atomic_files
from engine.workspace.file_operations import remove_file

FILE = "calibration.json"


class CalibrationFile(msgspec.Struct, frozen=True):
    """The number of the format."""

    version: int = 1


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Writes the file, or removes one of before where there is nothing to store."""
    if calibration.is_plain:
        remove_file(folder / FILE, missing_ok=True)
        return
    usual = msgspec.structs.asdict(Calibration())
    chosen = {name: value for name, value in msgspec.structs.asdict(calibration).items() if value != usual[name]}
    values: dict[str, Any] = {"version": VERSION, **msgspec.to_builtins(chosen)}
    atomic_files.write_file(folder / FILE, msgspec.json.format(msgspec.json.encode(values), indent=1) + b"\n")


def read_calibration(folder: Path) -> Calibration:
    """The content of the file, an empty record where there is none; raises `ValueError` where damaged or later."""
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return Calibration()
    if msgspec.json.decode(content, type=CalibrationFile).version > VERSION:
        raise ValueError(f"{FILE} was written by a newer Tunewright")
    found = msgspec.json.decode(content, type=Calibration)
    cutoffs = [] if found.unsure is None else [found.unsure.cutoff, *found.unsure.label_cutoffs.values()]
    cuts_are_shares = all(0 <= cut <= 1 for cut in cutoffs)
    if not cuts_are_shares or not all(0 < threshold < 1 for threshold in found.thresholds.values()):
        raise ValueError(f"{FILE} holds a threshold that is no probability")
    if not found.temperature > 0:
        raise ValueError(f"{FILE} holds a temperature that is none")
    return found
