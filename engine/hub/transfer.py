"""Moves one file from the Hub to the disk: in pieces, continued where it broke off, checked before it counts.

The client's own `hf_hub_download` deletes what it has when it is interrupted, so the bytes are read here, through the
client's session (its proxies, its offline switch, its errors). Transfers run in a thread of their own: the caller
receives them several times a second and can stop at once, even while nothing arrives.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from filelock import FileLock, Timeout
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import get_session, hf_raise_for_status  # type: ignore[attr-defined]

from engine.contract.errors import DownloadFailed, EngineError
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.hub.model_files import known_sha256
from engine.workspace.atomic_files import FULL_DISK, full_disk_named, sync_file
from engine.workspace.file_operations import remove_file, replace

REPORT_INTERVAL = 0.2  # seconds between two words to the listener
READ_TIMEOUT = 8.0  # seconds without a byte until a connection counts as broken
CONNECT_TIMEOUT = 10.0
RETRIES = 5  # in a row, without a byte of progress
PAUSE = 0.25  # seconds before the first retry; doubled each time
PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504})
CONTENT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

Result = TypeVar("Result")


class RemoteFile(NamedTuple):
    """A file on the Hub. `content_id` is the sha256 of a large file, git's sha1 of a small one."""

    name: str
    url: str
    size: int
    content_id: str


class Abandoned(Exception):
    """The caller has stopped listening; ends the transfer's thread."""


class CutShort(Exception):
    """The connection ended before the file did."""


class Tally:
    """How far a transfer has come; written by its thread, read by the caller."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.note = Sentence("hub.progress.asking_hub")
        self.stopped = threading.Event()

    def check(self) -> None:
        """Raises `Abandoned` once the caller has stopped."""
        if self.stopped.is_set():
            raise Abandoned


def beside(work: Callable[[Tally], Result], emit: Emit) -> Result:
    """Runs `work` in a thread and reports its tally until it ends; a stop raised by `emit` ends it."""
    tally = Tally()
    ended = threading.Event()
    results: list[Result] = []
    failures: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work(tally))
        except BaseException as error:
            failures.append(error)
        finally:
            ended.set()

    threading.Thread(target=body, name="hub-transfer", daemon=True).start()
    try:
        while not ended.wait(REPORT_INTERVAL):
            emit(Progressed(tally.done, tally.total, tally.note, "bytes"))
    except BaseException:
        tally.stopped.set()
        raise
    if failures:
        raise failures[0]
    emit(Progressed(tally.done, tally.total, tally.note, "bytes"))
    return results[0]


def beside_or_kept(
    work: Callable[[Tally], Result], kept: Result | None, note: Callable[[Sentence], Sentence], emit: Emit
) -> Result:
    """What `work` returns, run as in `beside`; without a connection what was downloaded earlier, with a note."""
    try:
        return beside(work, emit)
    except DownloadFailed as error:
        if kept is None or error.id != "M10":
            raise
        emit(Noted(note(error.message)))
        return kept


def retry(attempt: Callable[[], Result], tally: Tally, *, retries: int = RETRIES) -> Result:
    """Repeats an attempt whose failure may pass, with growing pauses; any byte of progress starts the count anew."""
    failures, before = 0, tally.done
    while True:
        try:
            return attempt()
        except Exception as error:
            if not may_pass(error):
                raise
            failures = 1 if tally.done > before else failures + 1
            before = tally.done
            if failures > retries:
                raise
            tally.stopped.wait(PAUSE * 2 ** (failures - 1))
            tally.check()


def may_pass(error: Exception) -> bool:
    """Whether trying again can help: a broken connection, a busy server."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in PASSING_STATUS
    return isinstance(error, CutShort) or is_transport_error(error)


def is_transport_error(error: BaseException) -> bool:
    """Whether the connection failed: no route, no name, a timeout, a broken answer."""
    http: Any = importlib.import_module(type(get_session()).__module__.partition(".")[0])  # httpx, or its successor
    return isinstance(error, http.TransportError)


def blob_path(repository: Path, file: RemoteFile) -> Path:
    """Where the content of a file is kept, as in the Hub's own cache."""
    identity = file.content_id
    if not CONTENT_ID.fullmatch(identity):
        identity = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]
    return repository / "blobs" / identity


def partial_path(blob: Path) -> Path:
    """Where the bytes of an unfinished file wait to be continued."""
    return blob.with_name(blob.name + ".part")


def bytes_kept(repository: Path, file: RemoteFile) -> int:
    """How many bytes of a file are here already."""
    blob = blob_path(repository, file)
    if is_content(blob, file):
        return file.size
    partial = partial_path(blob)
    return min(partial.stat().st_size, file.size) if partial.is_file() else 0


def fetch_file(file: RemoteFile, repository: Path, headers: dict[str, str], tally: Tally) -> Path:
    """Downloads a file or what is missing of it, adds its bytes to the tally, and returns where it is kept."""
    blob = blob_path(repository, file)
    partial = partial_path(blob)
    with _writable(repository.parent):
        blob.parent.mkdir(parents=True, exist_ok=True)
    lock = _taken(repository.parent / ".locks" / repository.name / f"{blob.name}.lock", tally)
    try:
        if is_content(blob, file):
            tally.done += file.size
            return blob
        for _ in range(2):
            if partial.is_file() and partial.stat().st_size > file.size:
                remove_file(partial)
            tally.done += partial.stat().st_size if partial.is_file() else 0
            retry(lambda: _continue(file, partial, headers, tally), tally)
            if is_content(partial, file):
                sync_file(partial)
                replace(partial, blob)
                return blob
            tally.done -= partial.stat().st_size
            remove_file(partial)
    finally:
        lock.release()
    raise DownloadFailed(
        "M10",
        Sentence("hub.m10.hub_announced_another_than_sent", file=file.name),
        hint=Sentence("hub.m10.proxy_sign_page_may_stand"),
        actions=(RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER),
    )


def is_content(path: Path, file: RemoteFile) -> bool:
    """Whether this is the whole, unchanged content of the file."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    match len(file.content_id) if CONTENT_ID.fullmatch(file.content_id) else 0:
        case 64:
            return known_sha256(path) == file.content_id
        case 40:
            content = path.read_bytes()
            return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == (
                file.content_id
            )
        case _:
            return True


def _continue(file: RemoteFile, partial: Path, headers: dict[str, str], tally: Tally) -> None:
    """Reads the rest of a file behind what is there; starts over where the server does not continue."""
    here = partial.stat().st_size if partial.is_file() else 0
    if here == file.size and partial.is_file():
        return
    asked = {**headers, "Accept-Encoding": "identity"}
    if here:
        asked["Range"] = f"bytes={here}-"
    http: Any = importlib.import_module(type(get_session()).__module__.partition(".")[0])
    timeout = http.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
    with get_session().stream("GET", file.url, headers=asked, timeout=timeout) as response:
        if response.status_code >= 400 and not (here and response.status_code == 416):
            response.read()
            hf_raise_for_status(response)
        continues = response.headers.get("Content-Range", "").startswith(f"bytes {here}-")
        if here and not (response.status_code == 206 and continues):
            tally.done -= here
            remove_file(partial)
            if response.status_code != 200:
                raise CutShort
            here = 0
        with full_disk_named(file.name), partial.open("ab") as target:
            for chunk in response.iter_bytes():
                tally.check()
                if here + len(chunk) > file.size:
                    break  # more than announced: the check of the content decides
                target.write(chunk)
                here += len(chunk)
                tally.done += len(chunk)
    if here < file.size:
        raise CutShort


@contextlib.contextmanager
def _writable(hub: Path) -> Iterator[None]:
    """Names the folder for files of the Hub where nothing can be written in it, such as on a disk that was removed."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise
        raise EngineError(
            "A3",
            Sentence("hub.a3.files_hub_cannot_saved", folder=hub),
            hint=Sentence("hub.a3.connect_disk_choose_another_folder"),
            actions=(RecoveryAction.OPEN_PREFERENCES, RecoveryAction.TRY_AGAIN),
            details=str(error),
        ) from error


def _taken(path: Path, tally: Tally) -> FileLock:
    """The lock of one file's content; waits while another thread or program is writing it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while True:
        tally.check()
        try:
            lock.acquire(timeout=REPORT_INTERVAL)
            return lock
        except Timeout:
            continue


# A second name for a file, without a second copy of it where the system allows that.


def link_file(original: Path, place: Path) -> None:
    """Makes `place` lead to `original`: a link, where the system allows none a second name, else a copy."""
    staging = place.with_name(f".staging-{os.getpid()}-{place.name}")
    remove_file(staging, missing_ok=True)
    try:
        original = original.resolve()
        for make in (os.symlink, os.link):
            with contextlib.suppress(OSError, NotImplementedError):
                make(original, staging)
                break
        else:
            with full_disk_named(place.name):
                shutil.copyfile(original, staging)
        replace(staging, place)
    finally:
        remove_file(staging, missing_ok=True)
