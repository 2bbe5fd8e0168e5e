"""Sends an exported folder to the Hub: a new repository, private by default, and one commit with all files.

Nothing half: the repository is made for this, everything is in its first commit, and where that does not come about, or
the user stops, the repository is deleted again. One that is there already is never touched. The real `huggingface_hub`
client sends; the token is the user's, from the environment, and is neither kept nor shown.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi, get_token, is_offline_mode
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from engine import __version__
from engine.contract.errors import EngineError, ExportFailed
from engine.contract.events import Emit
from engine.contract.queries import Pushed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.hub.hub_access import endpoint
from engine.hub.transfer import Tally, beside, is_transport_error
from engine.workspace.atomic_files import is_whole

CLEANING_SECONDS = 20.0  # that a stop waits for the repository to be deleted again
LIMIT_STATUS = frozenset({402, 413, 507})
_LIMIT = re.compile(r"storage|quota|limit|billing|plan", re.IGNORECASE)
TRY_OR_CHANGE = (RecoveryAction.TRY_AGAIN, RecoveryAction.OPEN_PREFERENCES)  # the token is entered there


def sent_files(folder: Path) -> list[tuple[str, int]]:
    """What is sent of a folder: every file with its size in bytes, except a zip of the others."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = ((path.relative_to(folder).as_posix(), path.stat().st_size) for path in files)
    return [(name, size) for name, size in named if "/" in name or not name.endswith(".zip")]


def checked_repository(name: str) -> str:
    """The name as the Hub takes it; raises `ExportFailed` (X8) where it cannot be one."""
    name = name.strip().removeprefix("https://huggingface.co/").strip("/")
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise _not_a_name(name) from error
    if not name:
        raise _not_a_name(name)
    return name


def check_before(folder: Path, name: str) -> str:
    """The repository's name, where all is ready; raises `ExportFailed` (X8) for what needs no answer of the Hub."""
    repository = checked_repository(name)
    if is_offline_mode():
        raise _offline()
    if not (folder / "config.json").is_file() or not is_whole(folder):
        raise _failed(Sentence("hub.x8.folder_changed", folder=folder.name), Sentence("hub.x8.export_again"))
    if not get_token():
        sentence = Sentence("hub.x8.no_token")
        raise _failed(sentence, Sentence("hub.x8.enter_token"), RecoveryAction.OPEN_PREFERENCES)
    return repository


def push(folder: Path, name: str, emit: Emit, *, private: bool = True) -> Pushed:
    """Sends the folder and returns where it is; raises `ExportFailed` (X8) with nothing left on the Hub."""
    repository = check_before(folder, name)
    files = sent_files(folder)
    ended = threading.Event()

    def work(tally: Tally) -> Pushed:
        try:
            return _send(folder, repository, files, tally, private=private)
        finally:
            ended.set()

    with _to_push_error(repository):
        try:
            return beside(work, emit)
        except BaseException:
            ended.wait(CLEANING_SECONDS)  # else the process might end before the repository is gone again
            raise


def _send(folder: Path, repository: str, files: Sequence[tuple[str, int]], tally: Tally, *, private: bool) -> Pushed:
    api = HfApi(endpoint=endpoint(), library_name="tunewright", library_version=__version__)
    tally.total = sum(size for _, size in files)
    made = api.create_repo(repository, private=private, exist_ok=False, repo_type="model")
    try:
        tally.check()
        with contextlib.ExitStack() as opened:
            tally.note = Sentence("hub.progress.checking_files")
            operations = []
            for name, _ in files:
                stream = opened.enter_context(_Counted(folder / name, tally))
                operations.append(CommitOperationAdd(path_in_repo=name, path_or_fileobj=stream))
                operations[-1].upload_info.sha256  # noqa: B018  read now, so that what is counted next is what is sent
            tally.note, tally.done = Sentence("hub.progress.sending"), 0
            opened.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", DeprecationWarning)  # of httpx, about how the client hands a file over
            commit = api.create_commit(made.repo_id, operations, commit_message="Add model", repo_type="model")
        tally.check()
    except BaseException as error:
        try:
            api.delete_repo(made.repo_id, repo_type="model", missing_ok=True)
        except Exception as second:
            raise _failed(
                Sentence("hub.x8.not_sent_and_left", repository=made.repo_id),
                Sentence("hub.x8.delete_it_there", repository=made.repo_id),
                details=f"{type(error).__name__}, {type(second).__name__}",
            ) from error
        raise
    return Pushed(made.repo_id, str(made), str(commit.oid), len(files), tally.total, private)


class _Counted(io.BufferedReader):
    """A file whose bytes are counted as they are read; reading ends where the user has stopped."""

    def __init__(self, path: Path, tally: Tally) -> None:
        super().__init__(io.FileIO(path))
        self._tally = tally

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; raises `Abandoned`."""
        self._tally.check()
        found = super().read(-1 if size is None else size)
        self._tally.done = min(self._tally.total, self._tally.done + len(found))
        return found


@contextlib.contextmanager
def _to_push_error(repository: str) -> Iterator[None]:
    """The client's errors as `ExportFailed` (X8); none of their texts, which may hold a header, is shown."""
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        named = _named(error, repository)
        if named is None:
            raise
        raise named from error


def _named(error: Exception, repository: str) -> ExportFailed | None:
    """The error for the user; None for what has nothing to do with the Hub."""
    details = type(error).__name__
    cause: BaseException | None = error
    while cause is not None:  # the client hides what went wrong with one file behind an error of its own
        if isinstance(cause, OfflineModeIsEnabled):
            return _offline()
        if isinstance(cause, HfHubHTTPError):
            return _answered(cause, repository)
        if isinstance(cause, UnicodeError):  # only the token can hold such a character; its text must not be shown
            return _refused_token(details)
        if isinstance(cause, Exception) and is_transport_error(cause):
            sentence, hint = Sentence("hub.x8.no_connection"), Sentence("hub.x8.check_network")
            return _failed(sentence, hint, *TRY_OR_CHANGE, details=details)
        cause = cause.__cause__
    if isinstance(error, ValueError | KeyError | TypeError | OSError):
        return _wrong_answer(details)
    return None


def _answered(error: HfHubHTTPError, repository: str) -> ExportFailed:
    status = error.response.status_code
    message = str(getattr(error, "server_message", "") or "")
    details = f"HTTP {status}"
    if status in LIMIT_STATUS or (status == 403 and _LIMIT.search(message)):
        return _failed(Sentence("hub.x8.no_room"), Sentence("hub.x8.make_room"), details=details)
    if status == 401:
        return _refused_token(details)
    if status in (403, 404):
        sentence, hint = Sentence("hub.x8.not_allowed", repository=repository), Sentence("hub.x8.token_must_write")
        return _failed(sentence, hint, *TRY_OR_CHANGE, details=details)
    if status == 409:
        sentence, hint = Sentence("hub.x8.exists", repository=repository), Sentence("hub.x8.choose_another_name")
        return _failed(sentence, hint, field="repository", details=details)
    return _wrong_answer(details)


def _offline() -> ExportFailed:
    sentence, hint = Sentence("hub.x8.works_offline"), Sentence("hub.x8.switch_offline_off")
    return _failed(sentence, hint, RecoveryAction.WORK_ONLINE)


def _not_a_name(name: str) -> ExportFailed:
    sentence = Sentence("hub.x8.not_a_name", name=name[:100]) if name else Sentence("hub.x8.name_empty")
    return _failed(sentence, Sentence("hub.x8.names_look_like"), field="repository")


def _refused_token(details: str) -> ExportFailed:
    return _failed(Sentence("hub.x8.token_refused"), Sentence("hub.x8.enter_token"), *TRY_OR_CHANGE, details=details)


def _wrong_answer(details: str) -> ExportFailed:
    sentence, hint = Sentence("hub.x8.wrong_answer"), Sentence("hub.x8.try_again_later")
    return _failed(sentence, hint, RecoveryAction.TRY_AGAIN, details=details)


def _failed(
    sentence: Sentence, hint: Sentence, *actions: RecoveryAction, field: str = "", details: str = ""
) -> ExportFailed:
    return ExportFailed("X8", sentence, hint=hint, actions=actions, field=field, details=details)
