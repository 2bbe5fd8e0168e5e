"""Which files of a Hub data set hold rows, and of which configuration and split: by its card, or by their names.

Only files with rows are ever named here; a program that comes with a data set is not one of them, and is never run.
Uses no network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from engine.contract.errors import DatasetUnreadable
from engine.contract.file_formats import DATA_SUFFIXES, file_format
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.text_parsing import split_of

Parts = dict[str, dict[str, tuple[str, ...]]]  # configuration -> split -> names of files, in their order

PLAIN = "default"  # the configuration of a data set that names none
CONVERTED = "refs/convert/parquet"  # the version in which the Hub keeps a copy as Parquet, without a program
_TYPED = (*file_format("parquet").suffixes, *file_format("arrow").suffixes)  # preferred: they have the types of columns
_NO_ROWS = frozenset(
    "dataset_info.json dataset_infos.json dataset_dict.json state.json config.json requirements.txt robots.txt".split()
)
_NOTES = ("readme", "license", "licence", "changelog", "citation", "notice")
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".7z", ".rar", ".lz4")
_OTHER = (RecoveryAction.CHOOSE_OTHER_DATA,)
_LONGEST_PATTERN = 300
_MOST_DEEP = 3  # ** in one pattern


def configurations(id: str, names: Iterable[str], described: Any) -> Parts:
    """The files by configuration and split, the usual configuration first.

    `described` is what is in the card under `configs`. Raises `DatasetUnreadable` (D11) where no file holds rows.
    """
    everything = sorted(name for name in names if is_plain(name))
    rows = [name for name in everything if _holds_rows(name)]
    found: Parts = {}
    for one in described if isinstance(described, list) else []:
        if isinstance(one, Mapping):
            splits = _described_splits(one, rows)
            if splits:
                found[str(one.get("config_name") or PLAIN)] = splits
    usual = [
        str(one.get("config_name"))
        for one in (described if isinstance(described, list) else [])
        if isinstance(one, Mapping) and one.get("default") is True
    ]
    if not found:
        found = _converted(rows) or {PLAIN: _splits_by_names(rows)}
    found = {name: splits for name, splits in found.items() if splits}
    if not found:
        raise _without_rows(id, everything)
    first = next((name for name in (*usual, PLAIN) if name in found), next(iter(found)))
    return {first: found[first], **found}


def _described_splits(one: Mapping[str, Any], rows: list[str]) -> dict[str, tuple[str, ...]]:
    """The splits of a configuration as the card describes it; patterns that lead out of the data set find nothing."""
    folder = str(one.get("data_dir") or "").strip("/")
    files = one.get("data_files")
    if files is None:
        return _splits_by_names([name for name in rows if not folder or name.startswith(f"{folder}/")])
    if isinstance(files, Mapping):
        files = [{"split": split, "path": path} for split, path in files.items()]
    patterns: dict[str, list[str]] = {}
    for entry in files if isinstance(files, list) else [files]:
        if isinstance(entry, Mapping):
            path = entry.get("path")
            wanted = path if isinstance(path, list) else [path]
            patterns.setdefault(str(entry.get("split") or "train"), []).extend(map(str, wanted))
        else:
            patterns.setdefault("train", []).append(str(entry))
    splits = {}
    for split, given in patterns.items():
        within = [f"{folder}/{pattern}" if folder else pattern for pattern in given]
        files_found = [name for pattern in within for name in rows if fits(pattern, name)]
        if files_found:
            splits[split] = tuple(dict.fromkeys(files_found))
    return splits


def _converted(rows: list[str]) -> Parts:
    """The copy that the Hub has made: each file lies at configuration/split/number.parquet."""
    found: Parts = {}
    for name in rows:
        parts = name.split("/")
        if len(parts) != 3 or not parts[2].removesuffix(".parquet").isdigit():
            return {}
        splits = found.setdefault(parts[0], {})
        splits[parts[1]] = (*splits.get(parts[1], ()), name)
    return found


def _splits_by_names(rows: list[str]) -> dict[str, tuple[str, ...]]:
    """The files of the commonest format by the split that their name or folder means; else all of them are train."""
    suffixes = Counter(PurePosixPath(name).suffix.lower() for name in rows)
    if not suffixes:
        return {}
    preferred = (*_TYPED, *DATA_SUFFIXES)
    usual = max(suffixes, key=lambda suffix: (suffixes[suffix], -preferred.index(suffix)))
    rows = [name for name in rows if name.lower().endswith(usual)]
    splits: dict[str, tuple[str, ...]] = {}
    for name in rows:
        path = PurePosixPath(name)
        split = next(filter(None, (split_of(part) for part in (path.name, *reversed(path.parts[:-1])))), None)
        if split is not None:
            splits[split] = (*splits.get(split, ()), name)
    order = [split for split in ("train", "validation", "test") if split in splits]
    return {split: splits[split] for split in order} if "train" in splits else {"train": tuple(rows)}


def fits(pattern: str, name: str) -> bool:
    """Whether a file's name is one that the pattern means: * and ? stay within a folder, ** goes through folders."""
    segments = pattern.removeprefix("./").split("/")
    if len(pattern) > _LONGEST_PATTERN or segments.count("**") > _MOST_DEEP:
        return False
    return _segments_fit(segments, name.split("/"))


def _segments_fit(pattern: list[str], parts: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_segments_fit(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _segments_fit(pattern[1:], parts[1:])


def is_plain(name: str) -> bool:
    """Whether a name leads to a file within the data set, whatever the system it is written to."""
    parts = name.split("/")
    return len(name) <= 400 and not any(
        part in ("", ".", "..") or part.startswith(".") or any(sign in part for sign in '\\:*?"<>|\0\r\n')
        for part in parts
    )


def _holds_rows(name: str) -> bool:
    last = PurePosixPath(name).name.lower()
    return last.endswith(DATA_SUFFIXES) and last not in _NO_ROWS and not last.startswith(_NOTES)


def _without_rows(id: str, names: list[str]) -> DatasetUnreadable:
    programs = [name for name in names if name.endswith(".py")]
    own = id.rpartition("/")[2] + ".py"
    packed = next((name for name in names if name.lower().endswith(_PACKED)), "")
    if packed and own not in programs:
        return DatasetUnreadable(
            "D11",
            Sentence("reading.d11.data_set_keeps_rows_files", id_=id, packed=packed[:100]),
            hint=Sentence("reading.d11.download_unpack_them_yourself_type", converted=CONVERTED),
            actions=_OTHER,
        )
    if programs:
        return DatasetUnreadable(
            "D11",
            Sentence(
                "reading.d11.data_set_made_program_programs", id_=id, own=own if own in programs else programs[0][:100]
            ),
            hint=Sentence("reading.d11.type_version_hub_may_keep", converted=CONVERTED),
            actions=_OTHER,
        )
    return DatasetUnreadable(
        "D11",
        Sentence("reading.d11.data_set_holds_no_file", id_=id),
        hint=Sentence("reading.d11.choose_parquet_arrow_csv_json"),
        actions=_OTHER,
    )
