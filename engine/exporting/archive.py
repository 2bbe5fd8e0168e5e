"""All files of an export in one archive inside it: in a folder of their own, each with its sum in MANIFEST.json."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from engine.contract.errors import ExportFailed
from engine.contract.events import Emit, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof
from engine.exporting.target import folder_name
from engine.workspace.atomic_files import MANIFEST, sha256_of, sha256_of_stream, write_manifest


def make_zip(folder: Path, title: str, emit: Emit) -> ArtefactProof:
    """Writes the archive and reads it again; the last file of an export. Raises `ExportFailed` (X7)."""
    write_manifest(folder)
    name = folder_name(title)
    archive = folder / f"{name}.zip"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != archive]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:  # weights hardly shrink
        for number, path in enumerate(paths):
            emit(Progressed(number, len(paths), Sentence("exporting.progress.writing_zip"), "files"))
            file.write(path, f"{name}/{path.relative_to(folder).as_posix()}")
    if not holds_alone(archive, {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}):
        raise ExportFailed(
            "X7",
            Sentence("exporting.x7.zip_differs"),
            hint=Sentence("exporting.x7.trained_run_untouched_try_again"),
            actions=(RecoveryAction.TRY_AGAIN,),
        )
    return ArtefactProof("zip", passed=True, size_bytes=archive.stat().st_size)


def holds_alone(archive: Path, files: Mapping[str, str]) -> bool:
    """Whether the archive holds these files, by name with their sha256, in one folder, and at most a manifest more."""
    with zipfile.ZipFile(archive) as file:
        found = {}
        for entry in file.infolist():
            name = entry.filename.partition("/")[2]
            if name == MANIFEST and name not in files:
                continue
            if name not in files or name in found:
                return False
            with file.open(entry) as stream:
                found[name] = sha256_of_stream(stream)
        return found == dict(files)
