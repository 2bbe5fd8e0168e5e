"""Zip archives: unpacked into a scratch folder, or refused before anything is written.

Each name is checked part by part, only regular files come out, and number, size and ratio have limits. Hidden files
and what macOS adds stay inside.
"""

from __future__ import annotations

import errno
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.reading.sources.unpacking import Unpacking
from engine.workspace import file_operations
from engine.workspace.atomic_files import full_disk_named

MOST_ENTRIES = 200_000
MOST_BYTES = 20 * 1024**3
MOST_RATIO = 200
_SMALL = 64 * 1024 * 1024  # bytes that may be packed as tightly as they like
_BLOCK = 1024 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")
# Names of devices, with any ending; a colon would open another stream of the file; ends that are dropped.
_NOT_ON_WINDOWS = re.compile(
    r'^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)|[<>:"|?*\x00-\x1f]|[ .]$', re.IGNORECASE
)
_BAD_NAMES = (errno.EINVAL, errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)  # or a place before 0
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, UnicodeError)


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip archive, which many documents do as well."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(path: Path, unpacking: Unpacking) -> Path:
    """A folder with the files of the archive; raises `DatasetUnreadable` (D11) where it is damaged or dangerous."""
    target = unpacking.new_folder()
    try:
        with zipfile.ZipFile(path) as archive, full_disk_named(path.name):
            members = _checked(path, archive)
            total = sum(member.file_size for member in members)
            done = 0
            for member in members:
                place = target.joinpath(*PurePosixPath(member.filename).parts)
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, place.open("xb") as copy:
                    while block := source.read(_BLOCK):
                        copy.write(block)
                        done += len(block)
                        unpacking.progress.report(
                            done, total, Sentence("reading.progress.unpacking", path=path.name), "bytes"
                        )
                unpacking.progress.report(done, total, Sentence("reading.progress.unpacking", path=path.name), "bytes")
    except _DAMAGE as error:
        raise _refused(path, Sentence("reading.d11_why.damaged"), details=str(error)) from error
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise
        raise _refused(
            path, Sentence("reading.d11_why.holds_files_contradict_each_other"), details=str(error)
        ) from error
    return target


def _checked(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members worth unpacking; their sizes are upheld by `zipfile`, which reads no more than an entry says."""
    everything = archive.infolist()
    if len(everything) > MOST_ENTRIES:
        raise _refused(
            path,
            Sentence("reading.d11_why.holds_files_more_than", everything=len(everything), most_entries=MOST_ENTRIES),
        )
    members: list[zipfile.ZipInfo] = []
    seen: set[str] = set()
    for member in everything:
        name = member.filename
        parts = name.rstrip("/").split("/")
        if "\\" in member.orig_filename or "\0" in member.orig_filename or _DRIVE.match(name) or name.startswith("/"):
            raise _refused(path, Sentence("reading.d11_why.holds_file_absolute_place", name=name[:80]))
        if any(part in ("", ".", "..") for part in parts):
            raise _refused(path, Sentence("reading.d11_why.holds_file_leads_out", name=name[:80]))
        if file_operations.WINDOWS and any(_NOT_ON_WINDOWS.search(part) for part in parts):
            raise _refused(path, Sentence("reading.d11_why.holds_name_windows_does_not", name=name[:80]))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(path, Sentence("reading.d11_why.holds_link_device", name=name[:80]))
        if member.flag_bits & 0x1:
            raise _refused(path, Sentence("reading.d11_why.protected_password"))
        if member.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        if name.casefold() in seen:
            raise _refused(path, Sentence("reading.d11_why.name_twice", name=name[:80]))
        seen.add(name.casefold())
        members.append(member)
    total = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if total > MOST_BYTES or (total > _SMALL and total > MOST_RATIO * min(packed, path.stat().st_size)):
        raise _refused(
            path, Sentence("reading.d11_why.unpacks_which_too_much", total=total, st_size=path.stat().st_size)
        )
    if not members:
        raise _refused(path, Sentence("reading.d11_why.holds_no_file"))
    return members


def _refused(path: Path, why: Sentence, *, details: str = "") -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        Sentence("reading.d11.archive", path=path.name, why=why),
        hint=Sentence("reading.d11.unpack_yourself_choose_file_folder"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        details=details,
    )
