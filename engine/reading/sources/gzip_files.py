"""Single files packed with gzip, such as reviews.csv.gz: unpacked into a scratch folder, within the limits of archives.

A packed tar archive is no such file: archives.py unpacks it.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.reading.sources.archives import MOST_BYTES, MOST_RATIO
from engine.reading.sources.unpacking import Unpacking
from engine.workspace.atomic_files import full_disk_named

_BEGINNING = b"\x1f\x8b"
_BLOCK = 1024 * 1024
_SMALL = 64 * 1024 * 1024  # bytes that may be packed as tightly as they like
_DAMAGE = (gzip.BadGzipFile, zlib.error, EOFError)


def is_packed(path: Path) -> bool:
    """Whether the file begins like one packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == _BEGINNING


def unpack_file(path: Path, unpacking: Unpacking) -> Path:
    """The file without its packing; raises `DatasetUnreadable` (D11) where it is damaged or too large."""
    packed = path.stat().st_size
    most = max(_SMALL, min(MOST_BYTES, MOST_RATIO * packed))
    name = path.name[:-3] if path.name.lower().endswith(".gz") and len(path.name) > 3 else f"{path.name} unpacked"
    target = unpacking.new_folder() / name
    written = 0
    try:
        with (
            path.open("rb") as raw,
            gzip.GzipFile(fileobj=raw) as source,
            full_disk_named(name),
            target.open("xb") as copy,
        ):
            while block := source.read(_BLOCK):
                written += len(block)
                if written > most:
                    raise _refused(
                        path, Sentence("reading.d11_why.unpacks_more_than_too_much", most=most, packed=packed)
                    )
                copy.write(block)
                unpacking.progress.report(
                    min(raw.tell(), packed), packed, Sentence("reading.progress.unpacking", path=path.name), "bytes"
                )
    except _DAMAGE as error:
        raise _refused(path, Sentence("reading.d11_why.damaged_not_complete"), details=str(error)) from error
    return target


def _refused(path: Path, why: Sentence, *, details: str = "") -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        Sentence("reading.d11.packed_file", path=path.name, why=why),
        hint=Sentence("reading.d11.unpack_yourself_choose_file_inside"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        details=details,
    )
