"""The prepared data set on disk: what identifies it, how it is written as a whole, how it is found again.

<folder>/dataset_dict.json, train/, validation/, test/    as `datasets.load_from_disk` reads them
<folder>/split.json                                        row numbers of each split
<folder>/findings.json                                     some of the rows behind each finding
<folder>/lengths.json                                      how many rows have which length
<folder>/near_duplicate_groups.json                        rows of a split that are near-duplicates of each other
<folder>/dataset.json                                      the state
<folder>/source/<split>/<file>                             the user's files as they were, read-only
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import datasets
import msgspec
import numpy as np

from engine import __version__
from engine.contract.errors import DatasetUnreadable
from engine.contract.events import Emit, Progressed
from engine.contract.findings import EXAMPLES_FILE, Examples, encode_examples
from engine.contract.former_names import decode
from engine.contract.length_table import LENGTHS_FILE, LengthTable, encode_lengths
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, HubRows, PrepareSettings, Roles, RowSource, SplitName
from engine.contract.states import ModelHandle, PreparedDataset
from engine.reading.sources.sources import RowFile
from engine.workspace import near_duplicate_groups
from engine.workspace.atomic_files import full_disk_named, is_whole, new_folder, write_file, write_record
from engine.workspace.data_folders import SAVED_SPLITS
from engine.workspace.file_operations import remove_folder, rename
from engine.workspace.references import DATASET

PREPARING_VERSION = 9  # counts up when the same rows and settings come out differently
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
SAVING = Sentence("preparing.progress.saving_prepared_rows")
_BLOCK = 4 * 1024 * 1024


def content_hash(path: Path, emit: Emit) -> str:
    """The sha256 of a file, hexadecimal."""
    return _hashed(path, emit, Sentence("preparing.progress.checking", path=path.name), lambda block: None)


def snapshot(files: Sequence[RowFile], hashes: Sequence[str], folder: Path, emit: Emit) -> tuple[RowFile, ...]:
    """Copies the files; the returned ones are read in place of them.

    Raises `DatasetUnreadable` (D20) where a file has changed since `hashes` were taken.
    """
    copies = []
    for file, known in zip(files, hashes, strict=True):
        target = folder / file.split / file.place.path.name  # that of a copy of its rows, where it is one
        target.parent.mkdir(parents=True)
        with full_disk_named(file.name), target.open("wb") as copy:
            found = _hashed(file.place.path, emit, Sentence("preparing.progress.copying", file=file.name), copy.write)
        if found != known:
            raise DatasetUnreadable(
                "D20",
                Sentence("preparing.d20.changed_while_being_read", file=file.name),
                hint=Sentence("preparing.d20.wait_until_no_other_program"),
                actions=(RecoveryAction.TRY_AGAIN,),
            )
        copies.append(file._replace(place=file.place._replace(path=target)))
    return tuple(copies)


def fingerprint_of(
    model: ModelHandle, rows: RowSource, settings: PrepareSettings, files: Sequence[RowFile], hashes: Sequence[str]
) -> str:
    """Equal for equal content, settings, model and program; 32 hexadecimal digits."""
    identity = {
        "content": [[file.split, found] for file, found in zip(files, hashes, strict=True)],
        "source": _kind_of(rows),
        "layouts": [msgspec.to_builtins(file.layout.options) for file in files],
        "settings": _identity_of(settings),
        "model": [model.sha256, model.max_length, model.lower_case, model.languages],
        "tokenizer": tokenizer_files(model),
        "program": [__version__, PREPARING_VERSION],
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]


def tokenizer_files(model: ModelHandle) -> dict[str, str]:
    """What each file of its tokenizer holds, hashed; equal ones make equal tokens."""
    folder = Path(model.folder)
    return {name: _short_hash(folder / name) for name in _TOKENIZER_FILES if (folder / name).is_file()}


def _identity_of(settings: PrepareSettings) -> dict[str, object]:
    """All settings; one that 0.1.0 did not have counts only where it is used, so that its data sets are found again."""
    identity: dict[str, object] = msgspec.to_builtins(settings)
    if not settings.kept_splits:
        del identity["kept_splits"]
    for name in ("roles", "validation_roles", "test_roles"):
        roles: Roles = getattr(settings, name)
        identity[name] = {part: at for part, at in msgspec.to_builtins(roles).items() if at or part != "group"}
    identity["changes"] = [
        {name: value for name, value in msgspec.to_builtins(change).items() if name not in ("checked", "line")}
        for change in settings.changes
    ]
    return identity


def kept_splits(folder: Path, files: Sequence[RowFile], hashes: Sequence[str]) -> dict[str, np.ndarray]:
    """The row numbers of each split of the data set in this folder, which was prepared from the same files.

    Raises `DatasetUnreadable` (D20) where it is not there any more, and where a file has changed since: then a number
    is of another row, and a test row could come into training.
    """
    try:
        numbers = json.loads((folder / "split.json").read_bytes())
        found = {name: np.asarray(rows, dtype=np.int64) for name, rows in numbers.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise DatasetUnreadable(
            "D20",
            Sentence("preparing.d20.kept_splits_gone"),
            hint=Sentence("preparing.d20.prepare_without_kept_splits"),
            actions=(RecoveryAction.PREPARE_AGAIN,),
            details=str(error),
        ) from error
    for file, now in zip(files, hashes, strict=True):
        copy = folder / "source" / file.split / file.name
        if (folder / "source").is_dir() and (not copy.is_file() or _short_hash(copy) != now):
            raise DatasetUnreadable(
                "D20",
                Sentence("preparing.d20.changed_since_splits", file=file.name),
                hint=Sentence("preparing.d20.prepare_without_kept_splits"),
                actions=(RecoveryAction.PREPARE_AGAIN,),
            )
    return found


def _kind_of(rows: RowSource) -> list[str]:
    match rows:
        case FileRows():
            return ["file"]
        case HubRows():
            return ["hub"]
        case ExampleRows(name):
            return ["example", name]


def find_again(folder: Path, model: ModelHandle, rows: RowSource, name: str) -> PreparedDataset | None:
    """The data set that was prepared here before, if it is whole; one that is not is deleted."""
    if not folder.exists():
        return None
    if is_whole(folder):
        with contextlib.suppress(OSError, msgspec.DecodeError):
            state = decode((folder / DATASET).read_bytes(), PreparedDataset)
            return msgspec.structs.replace(state, model=model, folder=str(folder), source=rows, name=name)
    remove_folder(folder)
    return None


def save(
    streams: Mapping[SplitName, Path],
    numbers: Mapping[SplitName, np.ndarray],
    state: PreparedDataset,
    examples: tuple[Examples, ...],
    lengths: LengthTable,
    near_duplicates: bytes,
    sources: Path | None,
    emit: Emit,
) -> None:
    """Writes the folder of `state` as a whole; `sources` is a folder with the user's files that moves into it.

    `near_duplicates` is the content of their file (engine/workspace/near_duplicate_groups.py).
    """
    target = Path(state.folder)
    with new_folder(target) as staging:
        write_file(staging / SAVED_SPLITS, json.dumps({"splits": list(streams)}).encode())
        with _without_bars():
            for name, path in streams.items():  # one by one, so that a stop is noticed between them
                emit(Progressed(0, 0, SAVING))
                rows = datasets.Dataset.from_file(str(path))
                # Left to itself it writes no file of a split without rows, which cannot be read again.
                rows.save_to_disk(str(staging / name), num_shards=None if len(rows) else 1)
        emit(Progressed(0, 0, SAVING))
        text = json.dumps({name: rows.tolist() for name, rows in numbers.items()})
        write_file(staging / "split.json", text.encode())
        write_file(staging / EXAMPLES_FILE, encode_examples(examples))
        write_file(staging / LENGTHS_FILE, encode_lengths(lengths))
        write_file(staging / near_duplicate_groups.FILE_NAME, near_duplicates)
        write_record(staging / DATASET, state)
        if sources is not None:
            rename(sources, staging / "source")
        emit(Progressed(0, 0, SAVING))
    for path in (target / "source").rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def _hashed(path: Path, emit: Emit, note: Sentence, use: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    try:
        total = path.stat().st_size
        with path.open("rb") as file:
            done = 0
            while block := file.read(_BLOCK):
                digest.update(block)
                use(block)
                done += len(block)
                if done % (16 * _BLOCK) == 0:
                    emit(Progressed(done, total, note, "bytes"))
    except FileNotFoundError as error:
        raise DatasetUnreadable(
            "D20",
            Sentence("preparing.d20.not_there_any_more", path=path.name),
            hint=Sentence("preparing.d20.check_whether_moved"),
            details=str(error),
        ) from error
    return digest.hexdigest()


def _short_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextlib.contextmanager
def _without_bars() -> Iterator[None]:
    shown = not datasets.utils.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
