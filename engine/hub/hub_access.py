"""How the Hub is asked, whether about a model or a data set: addresses, names, sizes of files, room on the disk.

The real `huggingface_hub` client asks, and everything lies in its own cache layout below the workspace. Nothing here
downloads more than a listing.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import HFValidationError
from huggingface_hub.hf_api import DatasetInfo, ModelInfo, RepoSibling
from huggingface_hub.utils import build_hf_headers, validate_repo_id  # type: ignore[attr-defined]

from engine import __version__
from engine.contract.errors import DiskFull
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.hub.hub_errors import Kind, not_a_name
from engine.hub.transfer import RemoteFile, Tally, retry

ASK_TIMEOUT = 6.0  # seconds; a question without an answer keeps the jobs behind it waiting
ASK_RETRIES = 1
COMMIT = re.compile(r"[0-9a-f]{40}")
REVISION = re.compile(r"[\w.-]+(/[\w.-]+)*")
SPARE_SHARE = 1.1  # of the download, that must be free on the disk

constants.HF_HUB_DISABLE_TELEMETRY = True  # neither the machine's packages nor anything else is sent to the Hub


def ask_about(id: str, revision: str, kind: Kind, tally: Tally) -> ModelInfo | DatasetInfo:
    """What the Hub returns about one version; raises `ValueError` where it names no commit."""
    api = HfApi(endpoint=endpoint(), library_name="tunewright", library_version=__version__)
    ask: Callable[[], ModelInfo | DatasetInfo] = partial(
        api.dataset_info if kind.repo_type == "dataset" else api.model_info,
        id,
        revision=revision,
        files_metadata=True,
        timeout=ASK_TIMEOUT,
    )
    info = retry(ask, tally, retries=ASK_RETRIES)
    if not COMMIT.fullmatch(str(info.sha)):
        raise ValueError("no commit")
    return info


def measured(id: str, commit: str, siblings: Iterable[RepoSibling], kind: Kind, tally: Tally) -> dict[str, RemoteFile]:
    """These files by name, with size and content id; asks for them where a mirror's listing lacks them."""
    return {
        sibling.rfilename: retry(partial(_measured, id, commit, sibling, kind), tally, retries=ASK_RETRIES)
        for sibling in siblings
    }


def _measured(id: str, commit: str, sibling: RepoSibling, kind: Kind) -> RemoteFile:
    name = sibling.rfilename
    url = file_address(id, name, commit, kind)
    if sibling.lfs is not None:
        return RemoteFile(name, url, sibling.lfs.size, sibling.lfs.sha256)
    if sibling.size is not None and sibling.blob_id:
        return RemoteFile(name, url, sibling.size, sibling.blob_id)
    found = get_hf_file_metadata(url, timeout=ASK_TIMEOUT, headers=headers(), endpoint=endpoint())
    if found.size is None:
        raise ValueError("no size")
    return RemoteFile(name, url, found.size, found.etag or f"{commit}/{name}")


def file_address(id: str, name: str, commit: str, kind: Kind) -> str:
    """Where the Hub gives out a file of this version."""
    return hf_hub_url(id, name, repo_type=kind.repo_type, revision=commit, endpoint=endpoint())


def checked_name(id: str, revision: str, kind: Kind) -> str:
    """The name without spaces and without the address before it; raises where it cannot be one."""
    id = id.strip().removeprefix("https://huggingface.co/").removeprefix(kind.path).strip("/")
    try:
        validate_repo_id(id)
    except HFValidationError as error:
        raise not_a_name(id, kind) from error
    if not id or not REVISION.fullmatch(revision) or ".." in revision:
        raise not_a_name(f"{id}@{revision}" if id else "", kind)
    return id


def repository_folder(hub: Path, id: str, kind: Kind) -> Path:
    """Where the files of this model or data set are kept, as in the Hub's own cache."""
    return hub / f"{kind.repo_type}s--{id.replace('/', '--')}"


def check_space(id: str, missing: int, place: Path, kind: Kind) -> None:
    """Raises `DiskFull` (M12), with numbers, where the disk has no room for so many bytes."""
    free = free_bytes(place)
    if missing * SPARE_SHARE > free:
        raise DiskFull(
            "M12",
            Sentence(
                "hub.m12.downloading_needs_free_disk_nothing", id_=id, missing=int(missing * SPARE_SHARE), free=free
            ),
            hint=Sentence("hub.m12.free_some_space_choose_smaller", noun=kind.noun),
            actions=(RecoveryAction.TRY_AGAIN, *kind.others),
        )


def free_bytes(place: Path) -> int:
    """Free bytes on the disk that holds `place`, or will."""
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def endpoint() -> str:
    """The Hub's address, or its mirror's."""
    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def headers() -> dict[str, str]:
    """What a request contains about the program, with the user's access token where there is one."""
    made: dict[str, str] = build_hf_headers(library_name="tunewright", library_version=__version__)
    return made
