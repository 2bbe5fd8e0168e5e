"""Zip and tar archives, the latter also packed with gzip: unpacked into a scratch folder, or refused.

Each name is checked part by part, only regular files come out, and number, size and ratio have limits. Hidden files
and what macOS adds stay inside. A zip archive is refused before anything is written; a tar archive is read from its
beginning to its end, so that what was unpacked before is removed with the scratch folder.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
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
_TAR_DAMAGE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, UnicodeError)
_TAR_MARK, _TAR_PLACE = b"ustar", 257
_GZIP_MARK = b"\x1f\x8b"


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip archive, which many documents do as well."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def is_tar(path: Path) -> bool:
    """Whether the file begins like a tar archive, or like one that is packed with gzip."""
    with path.open("rb") as file:
        head = file.read(_TAR_PLACE + len(_TAR_MARK))
    if head.startswith(_GZIP_MARK):
        try:
            with gzip.open(path) as file:
                head = file.read(_TAR_PLACE + len(_TAR_MARK))
        except (OSError, zlib.error, EOFError):
            return False
    return head[_TAR_PLACE:] == _TAR_MARK


def unpack(path: Path, unpacking: Unpacking) -> Path:
    """A folder with the files of the archive; raises `DatasetUnreadable` (D11) where it is damaged or dangerous."""
    return _unpack_zip(path, unpacking) if is_zip(path) else _unpack_tar(path, unpacking)


def _unpack_tar(path: Path, unpacking: Unpacking) -> Path:
    target = unpacking.new_folder()
    packed = path.stat().st_size
    most = max(_SMALL, min(MOST_BYTES, MOST_RATIO * packed))
    seen: set[str] = set()
    entries = done = 0
    # As a stream: nothing is read twice, and the size written in it is not relied on.
    with (
        _damage_named(path, _TAR_DAMAGE),
        path.open("rb") as raw,
        tarfile.open(fileobj=raw, mode="r|*") as archive,
        full_disk_named(path.name),
    ):
        for member in archive:
            entries += 1
            if entries > MOST_ENTRIES:
                why = Sentence("reading.d11_why.holds_files_more_than", everything=entries, most_entries=MOST_ENTRIES)
                raise _refused(path, why)
            name = member.name.removeprefix("./")
            if member.isdir() and name in ("", "."):
                continue
            _check_name(path, name, name)
            if not (member.isreg() or member.isdir()):
                raise _refused(path, Sentence("reading.d11_why.holds_link_device", name=name[:80]))
            if member.isdir() or _is_hidden(name):
                continue
            if name.casefold() in seen:
                raise _refused(path, Sentence("reading.d11_why.name_twice", name=name[:80]))
            seen.add(name.casefold())
            done += member.size
            if done > most:
                raise _refused(path, Sentence("reading.d11_why.unpacks_which_too_much", total=done, st_size=packed))
            place = target.joinpath(*PurePosixPath(name).parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            source = archive.extractfile(member)
            assert source is not None, "a regular file has content"
            with source, place.open("xb") as copy:
                while block := source.read(_BLOCK):
                    copy.write(block)
                    unpacking.progress.report(
                        raw.tell(), packed, Sentence("reading.progress.unpacking", path=path.name), "bytes"
                    )
    if not seen:
        raise _refused(path, Sentence("reading.d11_why.holds_no_file"))
    return target


@contextlib.contextmanager
def _damage_named(path: Path, damage: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turns these errors of unpacking, and names that cannot lie beside each other, into `DatasetUnreadable`."""
    try:
        yield
    except damage as error:
        raise _refused(path, Sentence("reading.d11_why.damaged"), details=str(error)) from error
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise
        raise _refused(
            path, Sentence("reading.d11_why.holds_files_contradict_each_other"), details=str(error)
        ) from error


def _check_name(path: Path, name: str, written: str) -> None:
    """Raises `DatasetUnreadable` for a name that leads out of the folder, or that this system does not allow."""
    if "\\" in written or "\0" in written or _DRIVE.match(name) or name.startswith("/"):
        raise _refused(path, Sentence("reading.d11_why.holds_file_absolute_place", name=name[:80]))
    parts = name.rstrip("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refused(path, Sentence("reading.d11_why.holds_file_leads_out", name=name[:80]))
    if file_operations.WINDOWS and any(_NOT_ON_WINDOWS.search(part) for part in parts):
        raise _refused(path, Sentence("reading.d11_why.holds_name_windows_does_not", name=name[:80]))


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _unpack_zip(path: Path, unpacking: Unpacking) -> Path:
    target = unpacking.new_folder()
    with _damage_named(path, _DAMAGE), zipfile.ZipFile(path) as archive, full_disk_named(path.name):
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
    return target


def _checked(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members worth unpacking; their sizes are upheld by `zipfile`, which reads no more than an entry's size."""
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
        _check_name(path, name, member.orig_filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(path, Sentence("reading.d11_why.holds_link_device", name=name[:80]))
        if member.flag_bits & 0x1:
            raise _refused(path, Sentence("reading.d11_why.protected_password"))
        if member.is_dir() or _is_hidden(name):
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
