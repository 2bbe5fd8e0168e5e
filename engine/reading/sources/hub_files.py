"""From rows of the Hub that are on this computer to the files that are read: one for each split."""

from __future__ import annotations

from pathlib import Path, PurePath

import msgspec

from engine.contract.errors import DownloadFailed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import HubRows, ReadingOptions, SplitName
from engine.reading.sources.found_files import FoundFile, files_of, names_for_splits
from engine.reading.sources.hub_rows import find_kept, read_as
from engine.reading.sources.shards import gather_shards
from engine.reading.sources.unpacking import Unpacking


def hub_files(
    rows: HubRows, reading: ReadingOptions, unpacking: Unpacking, *, hub: Path | None, only_first: bool = False
) -> dict[SplitName, FoundFile]:
    """The files by split, the training rows first; `only_first` leaves it at these.

    A split may be chosen as the part that is read, and is the only one then. Raises `DownloadFailed` (M10) where the
    rows are not on this computer: nothing is asked here.
    """
    kept = find_kept(rows, hub=hub) if hub is not None else None
    if kept is None:
        raise DownloadFailed(
            "M10",
            Sentence("reading.m10.data_set_not_computer", id_=rows.id),
            hint=Sentence("reading.m10.look_up_again_download"),
            actions=(RecoveryAction.CHOOSE_OTHER_DATA,),
        )
    chosen, plain = read_as(kept.splits), reading
    if reading.part in kept.splits:
        chosen, plain = {"train": reading.part}, msgspec.structs.replace(reading, part="")
    gathered = any(len(kept.splits[name]) > 1 for name in chosen.values())  # then all splits have one format
    if only_first:
        chosen = {"train": chosen["train"]}
    if len(kept.splits) == len(kept.splits[chosen["train"]]) == 1:
        return files_of(kept.splits[chosen["train"]][0], plain, unpacking)  # an archive may have the splits
    parts = tuple(kept.splits) if len(kept.splits) > 1 else ()
    notes = _notes(chosen) if len(chosen) > 1 else ()
    found: dict[SplitName, FoundFile] = {}
    for split, name in chosen.items():
        one = _one_file(name, kept.splits[name], plain if split == "train" else ReadingOptions(), unpacking, gathered)
        options = msgspec.structs.replace(one.reading, part=reading.part) if split == "train" and parts else one.reading
        found[split] = one._replace(notes=(*notes, *one.notes), parts=parts, reading=options)
    return found


def _one_file(
    name: str, paths: tuple[Path, ...], reading: ReadingOptions, unpacking: Unpacking, gathered: bool
) -> FoundFile:
    if not gathered:
        return files_of(paths[0], reading, unpacking)["train"]
    if reading.format == "arrow":  # what the shards became when they were read before
        reading = ReadingOptions(undecodable=reading.undecodable)
    found = [files_of(path, reading, unpacking)["train"] for path in paths]
    shards = [(one.path, one.layout()) for one in found]
    path = gather_shards(PurePath(name).name, shards, unpacking)
    notes = tuple(dict.fromkeys(note for _, layout in shards for note in layout.notes))
    return FoundFile(path, ReadingOptions(format="arrow", undecodable=reading.undecodable), notes)


def _notes(chosen: dict[SplitName, str]) -> tuple[Sentence, ...]:
    same = all(split == name for split, name in chosen.items())
    names = list(chosen) if same else names_for_splits(chosen)
    return (Sentence("reading.note.own_splits_used", names=names),)
