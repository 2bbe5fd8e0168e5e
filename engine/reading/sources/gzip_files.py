"""Single files packed with gzip, such as reviews.csv.gz: unpacked into a scratch folder, within the limits of archives.

A packed tar archive is refused: it holds files, not rows.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from engine.contract.errors import DatasetUnreadable
from engine.contract.formatting import size
from engine.contract.recovery_actions import RecoveryAction
from engine.reading.sources.archives import MOST_BYTES, MOST_RATIO
from engine.reading.sources.unpacking import Unpacking
from engine.workspace.atomic_files import full_disk_named

_BEGINNING = b"\x1f\x8b"
_TAR_MARK, _TAR_PLACE = b"ustar", 257
_BLOCK = 1024 * 1024
_SMALL = 64 * 1024 * 1024  # bytes that may be packed as tightly as they like
_DAMAGE = (gzip.BadGzipFile, zlib.error, EOFError)


def is_packed(path: Path) -> bool:
    """Whether the file begins like one packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == _BEGINNING


def unpack_file(path: Path, unpacking: Unpacking) -> Path:
    """The file without its packing; raises `DatasetUnreadable` (D11) where it is damaged, too large or an archive."""
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
                if not written and block[_TAR_PLACE : _TAR_PLACE + len(_TAR_MARK)] == _TAR_MARK:
                    raise _refused(path, "holds a tar archive, not rows")
                written += len(block)
                if written > most:
                    raise _refused(path, f"unpacks to more than {size(most)}, too much for {size(packed)}")
                copy.write(block)
                unpacking.progress.report(min(raw.tell(), packed), packed, f"Unpacking {path.name}", "bytes")
    except _DAMAGE as error:
        raise _refused(path, "is damaged or not complete", details=str(error)) from error
    return target


def _refused(path: Path, why: str, *, details: str = "") -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        f"{path.name} {why}.",
        hint="Unpack it yourself and choose the file inside.",
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        details=details,
    )
