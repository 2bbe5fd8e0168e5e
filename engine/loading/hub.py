"""A model on the Hub: what it is before any download, and its files once they are here.

The real `huggingface_hub` client asks; the files are kept in its own cache layout below the workspace, and only names
on the allow-list are ever asked for. What other programs have left in the user's own cache is used from there, and
nothing is written into it. config.json comes first: what cannot be fine-tuned is refused before its weights
are downloaded. A snapshot gets its name in `refs` last, when every file of it is complete.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import constants, is_offline_mode
from huggingface_hub.utils import get_session, hf_raise_for_status  # type: ignore[attr-defined]

from engine.contract.errors import EngineError, ModelDamaged
from engine.contract.events import Emit
from engine.contract.memory_estimate import EncoderShape
from engine.contract.queries import HubListing, HubModelFound, HubModelsListed
from engine.contract.sentences import Sentence
from engine.contract.settings import HubModel
from engine.hub.card import Card, card_of, read_card
from engine.hub.hub_access import (
    ASK_RETRIES,
    ASK_TIMEOUT,
    COMMIT,
    ask_about,
    check_space,
    checked_name,
    endpoint,
    free_bytes,
    headers,
    measured,
    repository_folder,
)
from engine.hub.hub_errors import MODEL, offline, to_hub_error
from engine.hub.model_files import (
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
    is_weights,
    known_sha256,
    refuse_without_config,
    refuse_without_weights,
    shards,
)
from engine.hub.transfer import RemoteFile, Tally, beside_or_kept, bytes_kept, fetch_file, link_file, retry
from engine.loading.configuration import ENCODERS, Configuration, parse_configuration, read_configuration
from engine.workspace.atomic_files import write_file
from engine.workspace.layout import Workspace

# Owners of models that had none in their names until 2024; the Hub leads from one name to the other.
FIRST_OWNERS = ("google-bert", "distilbert", "FacebookAI", "albert", "almanach")


class Fetched(NamedTuple):
    """A complete snapshot on this computer."""

    id: str
    folder: Path
    commit: str


class Listing(NamedTuple):
    """What the Hub returns about one version of a model."""

    commit: str
    names: frozenset[str]
    files: dict[str, RemoteFile]
    card: Card


def describe(id: str, revision: str, *, workspace: Workspace) -> HubModelFound:
    """What a Hub model is and how large its download would be; refuses what cannot be fine-tuned here."""
    id = checked_name(id, revision, MODEL)
    repository = repository_folder(workspace.hub, id, MODEL)
    if is_offline_mode():
        kept = _kept_anywhere(id, revision, repository)
        if kept is None:
            raise offline(id)
        return _describe_kept(kept, workspace)
    tally = Tally()
    with to_hub_error(id, revision):
        listing = _list(id, revision, tally)
        kept = _kept_by_user(id, listing.commit)
        if kept is not None:
            return _describe_kept(kept, workspace)
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
        free_bytes=free_bytes(workspace.hub),
        shape=_shape(config, sum(file.size for file in plan if is_weights(file.name))),
    )


MOST_LISTED = 30


def search(text: str) -> HubModelsListed:
    """The models of the Hub whose names hold this text, the most downloaded first."""
    if is_offline_mode():
        raise offline(text)
    asked: dict[str, str | int | list[str]] = {
        "search": text.strip(),
        "limit": MOST_LISTED,
        "sort": "downloads",
        "expand": list(_LISTED),
    }
    tally = Tally()

    def ask() -> list[object]:
        response = get_session().get(f"{endpoint()}/api/models", params=asked, headers=headers(), timeout=ASK_TIMEOUT)
        hf_raise_for_status(response)
        found = response.json()
        if not isinstance(found, list):
            raise ValueError("no list")
        return found

    with to_hub_error(text, "main"):
        return HubModelsListed(tuple(_listed(item) for item in retry(ask, tally, retries=ASK_RETRIES)))


_LISTED = ("config", "downloads", "gated", "private", "safetensors", "tags")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _listed(item: object) -> HubListing:
    """One line of the Hub's answer, which is foreign: what is not as it should be counts as not stated."""
    found = item if isinstance(item, dict) else {}
    tags = [tag for tag in found.get("tags") or [] if isinstance(tag, str)]
    config = found.get("config")
    family = str(config.get("model_type") or "") if isinstance(config, dict) else ""
    weights = found.get("safetensors")
    parameters = weights.get("total") if isinstance(weights, dict) else None
    downloads = found.get("downloads")
    return HubListing(
        id=str(found["id"])[:200],
        model_type=family[:100],
        parameters=parameters if isinstance(parameters, int) else 0,
        downloads=downloads if isinstance(downloads, int) else 0,
        license=next((tag.removeprefix("license:")[:100] for tag in tags if tag.startswith("license:")), ""),
        languages=tuple(tag for tag in tags if _LANGUAGE.fullmatch(tag) and tag != "tf"),
        needs_permission=bool(found.get("gated")) or bool(found.get("private")),
        is_trainable=(not family or family in ENCODERS) and (weights is not None or "safetensors" in tags),
    )


def fetch(source: HubModel, emit: Emit, *, workspace: Workspace) -> Fetched:
    """The complete files of a Hub model, downloaded as far as they are not here.

    Progress comes in bytes. Without a connection, a copy downloaded earlier is used; with the offline switch nothing
    is asked at all. Stopped, what has come is kept and continued next time.
    """
    id = checked_name(source.id, source.revision, MODEL)
    repository = repository_folder(workspace.hub, id, MODEL)
    kept = _kept_anywhere(id, source.revision, repository)
    if source.offline or is_offline_mode():
        if kept is None:
            raise offline(id)
        return kept
    if kept is not None and kept.commit == source.revision:
        return kept

    def work(tally: Tally) -> Fetched:
        with to_hub_error(id, source.revision):
            return _download(id, source.revision, repository, tally)

    return beside_or_kept(
        work, kept, lambda message: Sentence("loading.note.copy_downloaded_earlier_used", message=message), emit
    )


def _download(id: str, revision: str, repository: Path, tally: Tally) -> Fetched:
    listing = _list(id, revision, tally)
    kept = _kept_by_user(id, listing.commit)
    if kept is not None:
        return kept
    plan = _plan(listing, repository, tally)
    tally.total = sum(file.size for file in plan)
    tally.done = 0
    tally.note = Sentence("loading.progress.downloading", name=id)
    check_space(id, tally.total - sum(bytes_kept(repository, file) for file in plan), repository.parent, MODEL)
    sent = headers()
    blobs = {file.name: fetch_file(file, repository, sent, tally) for file in plan}
    folder = repository / "snapshots" / listing.commit
    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in blobs.items():
        link_file(blob, folder / name)
    for name in {revision, listing.commit}:
        write_file(repository / "refs" / name, listing.commit.encode())
    return Fetched(id, folder, listing.commit)


def _list(id: str, revision: str, tally: Tally) -> Listing:
    info = ask_about(id, revision, MODEL, tally)
    siblings = info.siblings or []
    commit = str(info.sha)
    files = measured(id, commit, (sibling for sibling in siblings if is_wanted(sibling.rfilename)), MODEL, tally)
    card = card_of(getattr(info.card_data, "license", None), getattr(info.card_data, "language", None))
    return Listing(commit, frozenset(sibling.rfilename for sibling in siblings), files, card)


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
            Sentence("loading.m7.weight_files_model_missing_hub", gone=len(gone), weights=len(weights)),
            hint=Sentence("loading.m7.choose_another_model"),
            actions=ANOTHER,
        )
    plan = [listing.files[name] for name in texts if name in listing.names]
    if any(file.size > LARGEST_TOKENIZER for file in plan):
        raise ModelDamaged("M4", Sentence("loading.m4.tokenizer_file_model_too_large"), actions=ANOTHER)
    return plan + [listing.files[name] for name in weights]


def _small(file: RemoteFile, repository: Path, tally: Tally) -> bytes:
    """The content of a small file, from the cache where it is there."""
    if file.size > LARGEST_TEXT:
        raise ModelDamaged("M3", Sentence("loading.m3.model_too_large_real", file=file.name), actions=ANOTHER)
    return fetch_file(file, repository, headers(), tally).read_bytes()


def _kept(id: str, revision: str, repository: Path) -> Fetched | None:
    """The complete snapshot that was downloaded under this name, its weights unchanged, or None.

    Where main itself was never downloaded, but a version of it by its commit, the newest of these is taken.
    """
    commits = [revision] if COMMIT.fullmatch(revision) else []
    with contextlib.suppress(OSError, ValueError):
        commits.append((repository / "refs" / revision).read_text("utf-8").strip())
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


def _kept_anywhere(id: str, revision: str, repository: Path) -> Fetched | None:
    """What was downloaded, by this program or by another one into the user's own cache."""
    return _kept(id, revision, repository) or _kept_by_user(id, revision)


def _kept_by_user(id: str, revision: str) -> Fetched | None:
    """The complete snapshot in the cache that other programs of this user share (HF_HUB_CACHE, HF_HOME), or None.

    A snapshot there may be in part, as another program needed it: without a tokenizer it does not count.
    """
    for name in (id, *_other_names(id)):
        kept = _kept(id, revision, repository_folder(Path(constants.HF_HUB_CACHE), name, MODEL))
        if kept is not None and find_files(kept.folder).tokenizer:
            return kept
    return None


def _other_names(id: str) -> tuple[str, ...]:
    """What the same model was called before it had an owner in its name, or is called since."""
    owner, _, name = id.rpartition("/")
    if owner:
        return (name,) if owner in FIRST_OWNERS else ()
    return tuple(f"{owner}/{id}" for owner in FIRST_OWNERS)


def _describe_kept(kept: Fetched, workspace: Workspace) -> HubModelFound:
    config = read_configuration(kept.folder)
    files = find_files(kept.folder)
    card = read_card(kept.folder)
    size = sum(path.stat().st_size for path in kept.folder.iterdir() if is_regular(path))
    return HubModelFound(
        id=kept.id,
        revision=kept.commit,
        model_type=config.model_type,
        download_bytes=size,
        cached_bytes=size,
        license=card.license,
        languages=card.languages,
        free_bytes=free_bytes(workspace.hub),
        shape=_shape(config, sum((kept.folder / name).stat().st_size for name in files.weights)),
    )


def _shape(found: Configuration, weights_bytes: int) -> EncoderShape:
    """The numbers that its memory follows from; training computes in fp32 whatever the file is stored in."""
    config = found.config
    stored = str(getattr(config, "dtype", None) or getattr(config, "torch_dtype", None) or "float32")
    return EncoderShape(
        found.model_type,
        weights_bytes // (2 if stored.removeprefix("torch.") in ("float16", "bfloat16") else 4),
        int(config.num_hidden_layers),
        int(config.hidden_size),
        int(config.num_attention_heads),
        int(getattr(config, "intermediate_size", 0) or getattr(config, "hidden_dim", 0) or 0),
    )
