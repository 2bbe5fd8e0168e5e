"""Where an export goes. Nothing that is there is ever overwritten, save the run's own earlier export.

no folder given          the run's own export folder, replaced as a whole
not there, or empty      exactly this folder
anything in it           a new folder inside, named after the model
a file, a dead link, a folder of the program itself     refused (X2)
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

from engine.contract.errors import ExportFailed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.workspace.layout import Workspace

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
LONGEST_NAME = 60


def target_folder(wanted: str, name: str, *, run_folder: Path, workspace: Workspace) -> Path:
    """The folder that the export will be, which does not exist or is empty; raises `ExportFailed` (X2)."""
    if not wanted:
        return run_folder / "export"
    place = Path(wanted).expanduser()
    try:
        if place.resolve() == (run_folder / "export").resolve():
            return run_folder / "export"
        return _free_place(place, name, workspace)
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a loop of links
        raise ExportFailed(
            "X2",
            Sentence("exporting.x2.folder_cannot_used", place=place.name or place),
            hint=Sentence("exporting.x2.choose_another_folder"),
            actions=(RecoveryAction.CHOOSE_EXPORT_FOLDER,),
            field="folder",
            details=str(error),
        ) from error


def _free_place(place: Path, name: str, workspace: Workspace) -> Path:
    if not place.is_absolute():
        place = place.absolute()
    if (place.is_symlink() and not place.exists()) or (place.exists() and not place.is_dir()):
        raise _refused(place, Sentence("exporting.x2_reason.not_folder"))
    real = place.resolve()
    for own in (workspace.runs, workspace.datasets, workspace.hub, workspace.logs):
        if real == own.resolve() or own.resolve() in real.parents:
            raise _refused(place, Sentence("exporting.x2_reason.belongs_program_itself"))
    existing = next(parent for parent in (real, *real.parents) if parent.exists())
    if not existing.is_dir():
        raise _refused(existing, Sentence("exporting.x2_reason.not_folder"))
    if not os.access(existing, os.W_OK | os.X_OK):
        raise _refused(existing, Sentence("exporting.x2_reason.cannot_written"))
    if not real.exists():
        return real
    if not any(real.iterdir()) and not place.is_symlink() and os.access(real.parent, os.W_OK | os.X_OK):
        return real
    inside = real / folder_name(name)
    number = 2
    while inside.exists() or inside.is_symlink():
        inside = real / f"{folder_name(name)}-{number}"
        number += 1
    return inside


def _refused(place: Path, reason: Sentence) -> ExportFailed:
    return ExportFailed(
        "X2",
        Sentence("exporting.x2.nothing_written", place=place.name or place, reason=reason),
        hint=Sentence("exporting.x2.choose_another_folder"),
        actions=(RecoveryAction.CHOOSE_EXPORT_FOLDER,),
        field="folder",
    )


def folder_name(name: str) -> str:
    """A folder name for any model name, sound on every system.

    Where more than spaces had to be changed, a hash distinguishes names that would look alike.
    """
    ascii_text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", ascii_text).strip("-.")[:LONGEST_NAME].strip("-.")
    if slug and slug == re.sub(r"[\s_]+", "-", name) and slug.split(".")[0].lower() not in RESERVED:
        return slug
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug or 'model'}-{digest}" if slug.split(".")[0].lower() not in RESERVED else f"model-{digest}"
