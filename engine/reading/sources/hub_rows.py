"""A data set on the Hub: what it holds before any download, and its files once they are here.

As with models the real `huggingface_hub` client asks, and the files lie in its own cache layout below the workspace.
What a version consists of is noted beside them, so that rows that are here are found again without asking anybody.
Only files with rows are downloaded; no program that comes with them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from huggingface_hub import is_offline_mode

from engine.contract.errors import DatasetUnreadable
from engine.contract.events import Emit
from engine.contract.queries import HubConfigurationFound, HubDatasetFound, HubSplitFound
from engine.contract.sentences import Sentence
from engine.contract.settings import HubRows, RowSource, SplitName
from engine.contract.text_parsing import split_of
from engine.hub.card import card_of
from engine.hub.hub_access import (
    COMMIT,
    ask_about,
    check_space,
    checked_name,
    file_address,
    free_bytes,
    headers,
    measured,
    repository_folder,
)
from engine.hub.hub_errors import DATA_SET, offline, to_hub_error
from engine.hub.transfer import (
    RemoteFile,
    Tally,
    beside_or_kept,
    blob_path,
    bytes_kept,
    fetch_file,
    is_content,
    link_file,
)
from engine.reading.sources.hub_parts import configurations, is_plain
from engine.workspace.atomic_files import write_file, write_record

MOST_FILES = 5_000  # in all configurations together
_LISTINGS = "listings"
_SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


class ListedFile(msgspec.Struct, frozen=True):
    """A file with rows; `content_id` is the sha256 of a large file, git's sha1 of a small one."""

    name: str
    size: int
    content_id: str


class Listing(msgspec.Struct, frozen=True):
    """What one version of a data set consists of: files by configuration and split, the usual configuration first."""

    id: str
    commit: str
    license: str
    languages: tuple[str, ...]
    configurations: dict[str, dict[str, tuple[ListedFile, ...]]]

    def remote_files(self, splits: Mapping[str, tuple[ListedFile, ...]]) -> list[RemoteFile]:
        """The files of those splits that are read."""
        return [self.remote(file) for files in _read(splits).values() for file in files]

    def remote(self, file: ListedFile) -> RemoteFile:
        """The file with its address."""
        url = file_address(self.id, file.name, self.commit, DATA_SET)
        return RemoteFile(file.name, url, file.size, file.content_id)


class FetchedRows(NamedTuple):
    """Rows on this computer: by split, in the order of the data set, the paths of their files."""

    rows: HubRows
    splits: dict[str, tuple[Path, ...]]


_listings = msgspec.json.Decoder(Listing)


def describe(question_id: str, revision: str, *, hub: Path, without_asking: bool = False) -> HubDatasetFound:
    """What a data set holds and how large its download would be; refuses one without files of rows (D11)."""
    id = checked_name(question_id, revision, DATA_SET)
    repository = repository_folder(hub, id, DATA_SET)
    if without_asking or is_offline_mode():
        listing = _noted(repository, revision)
        if listing is None:
            raise offline(id, DATA_SET)
    else:
        with to_hub_error(id, revision, DATA_SET):
            listing = _ask(id, revision, repository, Tally())
    return HubDatasetFound(
        id=id,
        revision=listing.commit,
        configurations=tuple(
            _configuration_found(name, splits, listing, repository) for name, splits in listing.configurations.items()
        ),
        license=listing.license,
        languages=listing.languages,
        free_bytes=free_bytes(hub),
    )


def fetch(rows: HubRows, emit: Emit, *, hub: Path) -> FetchedRows:
    """The rows' files, downloaded as far as they are not here; progress comes in bytes.

    Without a connection, rows downloaded earlier are used; with the offline switch nothing is asked at all. Stopped,
    what has come is kept and continued next time. Raises `DownloadFailed`, `DatasetUnreadable` and `DiskFull`.
    """
    id = checked_name(rows.id, rows.revision, DATA_SET)
    kept = find_kept(rows, hub=hub)
    if kept is not None and kept.rows.revision == rows.revision:
        return kept
    if rows.offline or is_offline_mode():
        if kept is None:
            raise offline(id, DATA_SET)
        return kept

    def work(tally: Tally) -> FetchedRows:
        with to_hub_error(id, rows.revision, DATA_SET):
            return _download(msgspec.structs.replace(rows, id=id), hub, tally)

    return beside_or_kept(
        work, kept, lambda message: Sentence("reading.note.rows_downloaded_earlier_used", message=message), emit
    )


def find_kept(rows: HubRows, *, hub: Path) -> FetchedRows | None:
    """The rows as they were downloaded, whole and unchanged; None where something is missing. Asks nobody."""
    id = checked_name(rows.id, rows.revision, DATA_SET)
    repository = repository_folder(hub, id, DATA_SET)
    listing = _noted(repository, rows.revision)
    if listing is None:
        return None
    config = rows.config or next(iter(listing.configurations), "")
    files = listing.remote_files(listing.configurations.get(config, {}))
    if not files or not all(is_content(blob_path(repository, file), file) for file in files):
        return None
    return _fetched(rows, id, config, listing, repository)


def on_this_computer(rows: RowSource, emit: Emit, *, hub: Path) -> RowSource:
    """The same rows; those of the Hub are downloaded where they are not here, and named by their commit."""
    return fetch(rows, emit, hub=hub).rows if isinstance(rows, HubRows) else rows


def read_as(splits: Mapping[str, object]) -> dict[SplitName, str]:
    """Which split is read as train, validation and test: those called so, else the first whose name means it."""
    found: dict[SplitName, str] = {}
    for split in _SPLITS:
        named = [name for name in splits if split_of(name) == split]
        if named:
            found[split] = split if split in named else named[0]
    if "train" not in found:
        others = [name for name in splits if name not in found.values()]
        name = next(iter(others or splits), "")
        found = {split: other for split, other in found.items() if other != name}
        found["train"] = name
    return found


def _download(rows: HubRows, hub: Path, tally: Tally) -> FetchedRows:
    repository = repository_folder(hub, rows.id, DATA_SET)
    noted = _noted(repository, rows.revision) if COMMIT.fullmatch(rows.revision) else None
    listing = noted or _ask(rows.id, rows.revision, repository, tally)
    config = _chosen(rows, listing)
    plan = listing.remote_files(listing.configurations[config])
    tally.total = sum(file.size for file in plan)
    tally.done = 0
    tally.note = Sentence("reading.progress.downloading", name=rows.id)
    check_space(rows.id, tally.total - sum(bytes_kept(repository, file) for file in plan), hub, DATA_SET)
    sent = headers()
    for file in plan:
        fetch_file(file, repository, sent, tally)
    for name in {rows.revision, listing.commit}:
        write_file(repository / "refs" / name, listing.commit.encode())
    return _fetched(rows, rows.id, config, listing, repository)


def _fetched(rows: HubRows, id: str, config: str, listing: Listing, repository: Path) -> FetchedRows:
    folder = repository / "snapshots" / listing.commit
    splits: dict[str, tuple[Path, ...]] = {}
    for split, files in _read(listing.configurations[config]).items():
        for file in files:
            place = folder / file.name
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                link_file(blob_path(repository, listing.remote(file)), place)
        splits[split] = tuple(folder / file.name for file in files)
    return FetchedRows(HubRows(id, config, listing.commit, rows.offline), splits)


def _ask(id: str, revision: str, repository: Path, tally: Tally) -> Listing:
    """Asks the Hub, and stores its answer beside the files of the data set."""
    info = ask_about(id, revision, DATA_SET, tally)
    commit = str(info.sha)
    siblings = {sibling.rfilename: sibling for sibling in info.siblings or []}
    parts = configurations(id, siblings, getattr(info.card_data, "configs", None))
    wanted = {name for splits in parts.values() for names in splits.values() for name in names}
    if len(wanted) > MOST_FILES:
        raise DatasetUnreadable(
            "D11",
            Sentence("reading.d11.data_set_consists_files_rows", id_=id, wanted=len(wanted), most_files=MOST_FILES),
            hint=Sentence("reading.d11.choose_smaller_download_part_yourself"),
            actions=DATA_SET.others,
        )
    files = measured(id, commit, (siblings[name] for name in sorted(wanted)), DATA_SET, tally)
    card = card_of(getattr(info.card_data, "license", None), getattr(info.card_data, "language", None))
    listing = Listing(
        id,
        commit,
        card.license,
        card.languages,
        {
            config: {split: tuple(_listed(files[name]) for name in names) for split, names in splits.items()}
            for config, splits in parts.items()
        },
    )
    write_record(_listing_path(repository, commit), listing)
    return listing


def _noted(repository: Path, revision: str) -> Listing | None:
    """What was noted about this version when it was asked for; of a branch, the one downloaded last."""
    commit = revision
    try:
        if not COMMIT.fullmatch(revision):
            commit = (repository / "refs" / revision).read_text("utf-8").strip()
        listing = _listings.decode(_listing_path(repository, commit).read_bytes())
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    names = (file.name for splits in listing.configurations.values() for files in splits.values() for file in files)
    sound = listing.commit == commit and COMMIT.fullmatch(commit) and all(map(is_plain, names))
    return listing if sound else None


def _listing_path(repository: Path, commit: str) -> Path:
    return repository / _LISTINGS / f"{commit}.json"


def _chosen(rows: HubRows, listing: Listing) -> str:
    if rows.config and rows.config not in listing.configurations:
        names = list(listing.configurations)
        shown = ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
        raise DatasetUnreadable(
            "M10",
            Sentence("reading.m10.data_set_no_configuration", id_=rows.id, config=rows.config[:100]),
            hint=Sentence("reading.m10.there", names=shown),
            actions=DATA_SET.others,
        )
    return rows.config or next(iter(listing.configurations))


def _read(splits: Mapping[str, tuple[ListedFile, ...]]) -> dict[str, tuple[ListedFile, ...]]:
    """The splits that are read, by their own names."""
    return {name: splits[name] for name in read_as(splits).values()} if splits else {}


def _configuration_found(
    name: str, splits: Mapping[str, tuple[ListedFile, ...]], listing: Listing, repository: Path
) -> HubConfigurationFound:
    roles = {own: split for split, own in read_as(splits).items()}
    read = listing.remote_files(splits)
    return HubConfigurationFound(
        name=name,
        splits=tuple(
            HubSplitFound(own, roles.get(own, ""), tuple(file.name for file in files), sum(file.size for file in files))
            for own, files in splits.items()
        ),
        download_bytes=sum(file.size for file in read),
        cached_bytes=sum(bytes_kept(repository, file) for file in read),
    )


def _listed(file: RemoteFile) -> ListedFile:
    return ListedFile(file.name, file.size, file.content_id)
