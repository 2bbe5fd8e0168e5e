"""A model on the Hub: what it is before any download, and its files once they are here.

The real `huggingface_hub` client asks; the files are kept in its own cache layout below the workspace, and only names
on the allow-list are ever asked for. config.json comes first: what cannot be fine-tuned is refused before its weights
are downloaded. A snapshot gets its name in `refs` last, when every file of it is complete.
"""

from __future__ import annotations

import os
import re
import shutil
from functools import partial
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url, is_offline_mode
from huggingface_hub.errors import HFValidationError
from huggingface_hub.hf_api import RepoSibling
from huggingface_hub.utils import build_hf_headers, validate_repo_id  # type: ignore[attr-defined]

from engine.errors import DiskFull, DownloadFailed, EngineError, ModelDamaged
from engine.events import Emit, Noted
from engine.loading.card import Card, card_of, read_card
from engine.loading.configuration import parse_configuration, read_configuration
from engine.loading.files import (
    ANOTHER,
    CONFIG,
    INDEX,
    LARGEST_TEXT,
    LARGEST_TOKENIZER,
    README,
    TOKENIZER_FILES,
    WEIGHTS,
    find_files,
    is_regular,
    is_wanted,
    known_sha256,
    refuse_without_config,
    refuse_without_weights,
    shards,
    size_in_words,
)
from engine.loading.folder import link_file
from engine.loading.hub_errors import not_a_name, offline, told_plainly
from engine.loading.transfer import RemoteFile, Tally, beside, bytes_kept, fetch_file, patiently
from engine.questions import HubModelFound
from engine.settings import HubModel
from engine.storage import Workspace, write_file
from engine.version import program_version

ASK_TIMEOUT = 6.0  # seconds; a question that stands still keeps the jobs behind it waiting
ASK_RETRIES = 1
COMMIT = re.compile(r"[0-9a-f]{40}")
REVISION = re.compile(r"[\w.-]+(/[\w.-]+)*")
SPARE_SHARE = 1.1  # of the download, that must be free on the disk

constants.HF_HUB_DISABLE_TELEMETRY = True  # neither the machine's packages nor anything else is told to the Hub


class Fetched(NamedTuple):
    """A complete snapshot on this computer."""

    id: str
    folder: Path
    commit: str


class Listing(NamedTuple):
    """What the Hub says about one version of a model."""

    commit: str
    names: frozenset[str]
    files: dict[str, RemoteFile]
    card: Card


def describe(id: str, revision: str, *, workspace: Workspace) -> HubModelFound:
    """What a Hub model is and how large its download would be; refuses what cannot be fine-tuned here."""
    id = _checked(id, revision)
    repository = _repository(workspace, id)
    if is_offline_mode():
        return _describe_kept(id, revision, repository, workspace)
    tally = Tally()
    with told_plainly(id, revision):
        listing = _list(id, revision, tally)
        plan = _plan(listing, repository, tally)
        config = parse_configuration(_small(listing.files[CONFIG], repository, tally))
    return HubModelFound(
        id=id,
        revision=listing.commit,
        model_type=config.model_type,
        download_bytes=sum(file.size for file in plan),
        cached_bytes=sum(bytes_kept(repository, file) for file in plan),
        license=listing.card.license,
        languages=listing.card.languages,
        free_bytes=_free(workspace.hub),
    )


def fetch(source: HubModel, emit: Emit, *, workspace: Workspace) -> Fetched:
    """The complete files of a Hub model, downloaded as far as they are not here.

    Progress comes in bytes. Without a connection, a copy downloaded earlier is used; with the offline switch nothing
    is asked at all. Stopped, what has come is kept and continued next time.
    """
    id = _checked(source.id, source.revision)
    repository = _repository(workspace, id)
    kept = _kept(id, source.revision, repository)
    if source.offline or is_offline_mode():
        if kept is None:
            raise offline(id)
        return kept
    if kept is not None and kept.commit == source.revision:
        return kept

    def work(tally: Tally) -> Fetched:
        with told_plainly(id, source.revision):
            return _download(id, source.revision, repository, tally)

    try:
        return beside(work, emit)
    except DownloadFailed as error:
        if kept is None or error.id != "M10":
            raise
        emit(Noted(f"{error.message} The copy that was downloaded earlier is used."))
        return kept


def _download(id: str, revision: str, repository: Path, tally: Tally) -> Fetched:
    listing = _list(id, revision, tally)
    plan = _plan(listing, repository, tally)
    tally.total = sum(file.size for file in plan)
    tally.done = 0
    tally.note = f"Downloading {id}"
    _check_space(id, tally.total - sum(bytes_kept(repository, file) for file in plan), repository.parent)
    headers = _headers()
    blobs = {file.name: fetch_file(file, repository, headers, tally) for file in plan}
    folder = repository / "snapshots" / listing.commit
    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in blobs.items():
        link_file(blob, folder / name)
    for name in {revision, listing.commit}:
        write_file(repository / "refs" / name, listing.commit.encode())
    return Fetched(id, folder, listing.commit)


def _list(id: str, revision: str, tally: Tally) -> Listing:
    api = HfApi(endpoint=_endpoint(), library_name="tunewright", library_version=program_version())
    info = patiently(
        lambda: api.model_info(id, revision=revision, files_metadata=True, timeout=ASK_TIMEOUT),
        tally,
        retries=ASK_RETRIES,
    )
    commit = str(info.sha)
    if not COMMIT.fullmatch(commit):
        raise ValueError("no commit")
    siblings = info.siblings or []
    files = {
        sibling.rfilename: patiently(partial(_measured, id, commit, sibling), tally, retries=ASK_RETRIES)
        for sibling in siblings
        if is_wanted(sibling.rfilename)
    }
    card = card_of(getattr(info.card_data, "license", None), getattr(info.card_data, "language", None))
    return Listing(commit, frozenset(sibling.rfilename for sibling in siblings), files, card)


def _measured(id: str, commit: str, sibling: RepoSibling) -> RemoteFile:
    """A file with its size and content id; asks for them where a mirror's listing does not tell."""
    name = sibling.rfilename
    url = hf_hub_url(id, name, revision=commit, endpoint=_endpoint())
    if sibling.lfs is not None:
        return RemoteFile(name, url, sibling.lfs.size, sibling.lfs.sha256)
    if sibling.size is not None and sibling.blob_id:
        return RemoteFile(name, url, sibling.size, sibling.blob_id)
    found = get_hf_file_metadata(url, timeout=ASK_TIMEOUT, headers=_headers(), endpoint=_endpoint())
    if found.size is None:
        raise ValueError("no size")
    return RemoteFile(name, url, found.size, found.etag or f"{commit}/{name}")


def _plan(listing: Listing, repository: Path, tally: Tally) -> list[RemoteFile]:
    """The files to download, small ones first; raises why the model cannot be fine-tuned here."""
    refuse_without_config(listing.names)
    parse_configuration(_small(listing.files[CONFIG], repository, tally))
    refuse_without_weights(listing.names)
    texts = [CONFIG, README, *TOKENIZER_FILES]
    weights: tuple[str, ...] = (WEIGHTS,)
    if WEIGHTS not in listing.names:
        texts.append(INDEX)
        weights = shards(_small(listing.files[INDEX], repository, tally))
    gone = [name for name in weights if name not in listing.names]
    if gone:
        raise ModelDamaged(
            "M7",
            f"{len(gone):,} of {len(weights):,} weight files of this model are missing on the Hub.",
            hint="Choose another model.",
            actions=ANOTHER,
        )
    plan = [listing.files[name] for name in texts if name in listing.names]
    if any(file.size > LARGEST_TOKENIZER for file in plan):
        raise ModelDamaged("M4", "A tokenizer file of this model is too large.", actions=ANOTHER)
    return plan + [listing.files[name] for name in weights]


def _small(file: RemoteFile, repository: Path, tally: Tally) -> bytes:
    """The content of a small file, from the cache where it is there."""
    if file.size > LARGEST_TEXT:
        raise ModelDamaged("M3", f"{file.name} of this model is too large to be real.", actions=ANOTHER)
    return fetch_file(file, repository, _headers(), tally).read_bytes()


def _kept(id: str, revision: str, repository: Path) -> Fetched | None:
    """The complete snapshot that was downloaded under this name, its weights unchanged, or None.

    Where main itself was never downloaded, but a version of it by its commit, the newest of these stands for it.
    """
    try:
        commits = [(repository / "refs" / revision).read_text("utf-8").strip()]
    except (OSError, ValueError):
        commits = []
    if revision == "main":
        snapshots = (repository / "snapshots").glob("*")
        commits += [path.name for path in sorted(snapshots, key=lambda path: path.stat().st_mtime, reverse=True)]
    for commit in commits:
        folder = repository / "snapshots" / commit
        if COMMIT.fullmatch(commit) and _is_whole(folder):
            return Fetched(id, folder, commit)
    return None


def _is_whole(snapshot: Path) -> bool:
    """Whether the weights, which are linked last, are there and unchanged."""
    try:
        files = find_files(snapshot)
        blobs = [(snapshot / name).resolve() for name in files.weights]
        return all(len(blob.name) != 64 or known_sha256(blob) == blob.name for blob in blobs)
    except (OSError, EngineError):
        return False


def _describe_kept(id: str, revision: str, repository: Path, workspace: Workspace) -> HubModelFound:
    kept = _kept(id, revision, repository)
    if kept is None:
        raise offline(id)
    card = read_card(kept.folder)
    size = sum(path.stat().st_size for path in kept.folder.iterdir() if is_regular(path))
    return HubModelFound(
        id=id,
        revision=kept.commit,
        model_type=read_configuration(kept.folder).model_type,
        download_bytes=size,
        cached_bytes=size,
        license=card.license,
        languages=card.languages,
        free_bytes=_free(workspace.hub),
    )


def _check_space(id: str, missing: int, place: Path) -> None:
    free = _free(place)
    if missing * SPARE_SHARE > free:
        raise DiskFull(
            "M12",
            f"Downloading {id} needs {size_in_words(int(missing * SPARE_SHARE))}, and {size_in_words(free)} are free "
            "on the disk. Nothing was downloaded.",
            hint="Free some space, or choose a smaller model.",
            actions=("Try again", *ANOTHER),
        )


def _free(place: Path) -> int:
    """Free bytes on the disk that holds `place`, or will."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def _checked(id: str, revision: str) -> str:
    """The name without spaces and without the address before it; raises `ModelNotFound` where it cannot be one."""
    id = id.strip().removeprefix("https://huggingface.co/").strip("/")
    try:
        validate_repo_id(id)
    except HFValidationError as error:
        raise not_a_name(id) from error
    if not id or not REVISION.fullmatch(revision) or ".." in revision:
        raise not_a_name(f"{id}@{revision}" if id else "")
    return id


def _repository(workspace: Workspace, id: str) -> Path:
    return workspace.hub / f"models--{id.replace('/', '--')}"


def _endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def _headers() -> dict[str, str]:
    headers: dict[str, str] = build_hf_headers(library_name="tunewright", library_version=program_version())
    return headers
