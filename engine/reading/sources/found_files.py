"""From a path to the files with its rows: the file itself, or what an archive, a folder or a workbook holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.file_formats import file_format
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions, SplitName
from engine.contract.text_parsing import parts_by_split, splits_by_exact_name
from engine.reading.formats import registry
from engine.reading.formats.annotation_tools import brat_rows
from engine.reading.formats.chunks import Layout
from engine.reading.formats.rows_as_objects import RowsAsObjects
from engine.reading.sources import archives, gzip_files, table_kinds
from engine.reading.sources.class_files import class_files
from engine.reading.sources.class_files import rows_of as class_rows
from engine.reading.sources.parallel_files import Parallel, beside, parallel_files
from engine.reading.sources.parallel_files import rows_of as parallel_rows
from engine.reading.sources.saved_datasets import gather_saved, gather_texts
from engine.reading.sources.shards import gather_shards, shards_by_split
from engine.reading.sources.unpacking import Unpacking
from engine.workspace.data_folders import (
    class_folders,
    files_in,
    kind_of,
    marked_documents,
    skipped_folders,
    without_wrapping,
)

_OTHER = (RecoveryAction.CHOOSE_OTHER_FILE,)
_MOST_LISTED = 8  # names in a note
_MOST_NESTED = 200  # folders of an archive that are searched for data files


class FoundFile(NamedTuple):
    """A regular file with rows, how it is asked to be read, and what is noted about it."""

    path: Path
    reading: ReadingOptions
    notes: tuple[Sentence, ...] = ()
    parts: tuple[str, ...] = ()  # files beside it that could be chosen instead
    name: str = ""  # of the user's file, where this is a copy of its rows
    origin: ReadingOptions | None = None  # how the file is read whose rows were gathered here

    def layout(self) -> Layout:
        """How it is read, with nothing left open."""
        layout = registry.layout_of(self.path, self.reading)
        notes = (*self.notes, *layout.notes)
        return layout._replace(notes=notes, parts=self.parts or layout.parts, origin=self.origin)


def files_of(path: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    """The files by split; train is always there, and holds all rows where the others are not.

    Raises `DatasetUnreadable` where there is no such thing or it is not clear what holds the training rows.
    """
    if _is_folder(path):
        return _in_folder(path, reading, unpacking)
    registry.check_is_readable(path)
    text = path.with_suffix(".txt")
    if path.suffix == ".ann" and text.is_file():
        return _documents(path, {"train": [(text, path)]}, reading, unpacking)
    parallel = beside(path) if not reading.format else {}
    if parallel:
        return _parallel(path, parallel, unpacking)
    classes = class_files(path.parent, path) if not reading.format else {}
    if any(path in files.values() for files in classes.values()):
        return _class_files(path, classes, reading, unpacking)
    if _is_archive(path):
        return _in_archive(path, reading, unpacking)
    if gzip_files.is_packed(path):
        return _in_file(gzip_files.unpack_file(path, unpacking), reading, unpacking)
    return _in_file(path, reading, unpacking)


def _in_file(path: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    """The rows of a file that holds no files, by split where it names the split of its rows."""
    form = registry.binary_format(path)
    if form is None or form.part_names is None:
        is_gathered = reading.format == "arrow" and (form is None or form.description.name != "arrow")
        # What was chosen about the file whose rows were gathered; a gathered file always has a header.
        own = msgspec.structs.replace(reading, format="", header="") if is_gathered else reading
        found = _by_tables(path, own, unpacking)
        return _by_table(found["train"], unpacking) if len(found) == 1 else found
    parts = {} if reading.part else parts_by_split(form.part_names(path))
    return _by_parts(path, form, parts, reading, unpacking) if parts else _by_table(FoundFile(path, reading), unpacking)


def _sentences(found: FoundFile, unpacking: Unpacking) -> FoundFile:
    """The file; where it has one word per row its sentences."""
    layout = found.layout()
    is_table = layout.options.format != "" and file_format(layout.options.format).is_table
    words = table_kinds.word_table(found.path, layout) if is_table else None
    if words is None:
        return found
    chunks = table_kinds.sentences(found.path, layout, words)
    size = found.path.stat().st_size
    path = unpacking.gather(f"{found.path.stem} (sentences).arrow", words.columns, chunks, total=size)
    notes = (*layout.notes, Sentence("reading.note.words_in_rows", column=words.sentence))
    name = found.name or found.path.name
    return FoundFile(path, ReadingOptions(format="arrow"), notes, found.parts, name, layout.as_written)


def _by_table(found: FoundFile, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    """The file; where it has one word per row its sentences, and where a column gives the splits a file for each."""
    as_sentences = _sentences(found, unpacking)
    layout = found.layout()
    is_table = layout.options.format != "" and file_format(layout.options.format).is_table
    if as_sentences is not found or not is_table:
        return {"train": as_sentences}
    size = found.path.stat().st_size
    column = table_kinds.split_column(found.path, layout)
    if not column:
        return {"train": found}
    splits = table_kinds.splits_in(found.path, layout, column)
    notes = (*layout.notes, Sentence("reading.note.column_gives_splits", column=column, splits=splits))
    by_split: dict[SplitName, FoundFile] = {}
    for split in splits:
        chunks = table_kinds.rows_of_split(found.path, layout, column, split)
        path = unpacking.gather(f"{found.path.stem} ({split}).arrow", layout.columns, chunks, total=size)
        own_notes = notes if split == "train" else ()
        name = f"{found.name or found.path.name} ({split})"
        by_split[split] = FoundFile(
            path, ReadingOptions(format="arrow"), own_notes, found.parts, name, layout.as_written
        )
    return by_split


def _by_tables(path: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    """The file; where its rows are written anew, the copies of its tables, by split where their names give it."""
    objects = registry.rows_as_objects(path, reading)
    if objects is None:
        return {"train": FoundFile(path, reading)}
    names = tuple(objects.tables)
    chosen: dict[SplitName, str] = {"train": reading.part if reading.part in names else names[0]}
    notes = objects.notes
    if len(names) > 1 and reading.part not in names:
        chosen = parts_by_split(names) or splits_by_exact_name(names) or chosen
        notes = (*_split_note("part", chosen), *notes)
    return {
        split: _copied(path, name, objects, reading if split == "train" else ReadingOptions(), unpacking)._replace(
            notes=notes, parts=names if len(names) > 1 else ()
        )
        for split, name in chosen.items()
    }


def _one(path: Path, reading: ReadingOptions, unpacking: Unpacking) -> FoundFile:
    """A file of one split alone, unpacked where it is packed with gzip."""
    if gzip_files.is_packed(path) and not _is_archive(path):
        path = gzip_files.unpack_file(path, unpacking)
    found = _by_tables(path, reading, unpacking)["train"]
    return found if found.path == path and _is_archive(path) else _sentences(found, unpacking)


def _copied(path: Path, table: str, objects: RowsAsObjects, reading: ReadingOptions, unpacking: Unpacking) -> FoundFile:
    name = f"{path.name}.{table}.jsonl" if table else f"{path.name}.jsonl"
    copy = unpacking.write_rows(name, objects.tables[table](), encoding=objects.encoding)
    read_as = msgspec.structs.replace(reading, format=objects.format, encoding=objects.encoding)
    return FoundFile(copy, read_as, objects.notes, name=path.name)


def _by_parts(
    path: Path, form: registry.Format, parts: dict[SplitName, str], reading: ReadingOptions, unpacking: Unpacking
) -> dict[SplitName, FoundFile]:
    """The tables of one file, such as the sheets of a workbook, by split."""
    found: dict[SplitName, FoundFile] = {}
    note = _split_note(form.description.part_word, parts)
    for split, name in parts.items():
        layout = form.layout_of(path, msgspec.structs.replace(reading, format=form.description.name, part=name))
        chunks = form.read(path, layout, layout.columns)
        gathered = unpacking.gather(f"{split}.arrow", layout.columns, chunks, total=path.stat().st_size)
        found[split] = FoundFile(gathered, ReadingOptions(format="arrow"), note, layout.parts, origin=layout.options)
    return found


def _is_archive(path: Path) -> bool:
    """Whether this is an archive of files; many documents, workbooks among them, are zip archives of their own."""
    return (archives.is_zip(path) and registry.binary_format(path) is None) or archives.is_tar(path)


def _in_folder(folder: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    try:
        documents = marked_documents(without_wrapping(folder))
        if documents:
            return _documents(folder, documents, reading, unpacking)
        parallel = parallel_files(without_wrapping(folder))
        if parallel:
            return _parallel(folder, parallel, unpacking)
        files = class_files(without_wrapping(folder))
        if files:
            return _class_files(folder, files, reading, unpacking)
        kind = kind_of(folder)
        if kind == "saved":
            saved = gather_saved(folder, unpacking)
            note = _split_note("part", {split: path.stem for split, path in saved.items()}) if len(saved) > 1 else ()
            return {split: FoundFile(path, ReadingOptions(format="arrow"), note) for split, path in saved.items()}
        if kind == "classes":
            return _texts(without_wrapping(folder), reading, unpacking)
        return _by_names(folder, _data_files(folder), reading, unpacking)
    except OSError as error:
        raise DatasetUnreadable(
            "D20",
            Sentence("reading.d20.folder_cannot_read", folder=folder.name),
            hint=Sentence("reading.d20.check_whether_you_may_open"),
            actions=_OTHER,
            details=str(error),
        ) from error


def _in_archive(path: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    folder = archives.unpack(path, unpacking)
    inner = without_wrapping(folder)
    if kind_of(folder) != "files" or marked_documents(inner) or parallel_files(inner) or class_files(inner):
        found = _in_folder(folder, reading, unpacking)
    else:
        found = _by_names(folder, _data_files(folder), reading, unpacking)
        if any(_is_archive(one.path) for one in found.values()):
            raise DatasetUnreadable(
                "D11",
                Sentence("reading.d11.holds_another_archive", path=path.name),
                hint=Sentence("reading.d11.unpack_yourself_choose_what_inside"),
                actions=_OTHER,
            )
    return found


def _documents(
    folder: Path, documents: dict[SplitName, list[tuple[Path, Path]]], reading: ReadingOptions, unpacking: Unpacking
) -> dict[SplitName, FoundFile]:
    """Documents of brat, as marked texts."""
    found: dict[SplitName, FoundFile] = {}
    read_as = ReadingOptions(format="spans", encoding="utf-8", offsets=reading.offsets)
    for split, pairs in documents.items():
        copy = unpacking.write_rows(f"{split} of {folder.name}.jsonl", brat_rows(pairs), encoding="utf-8")
        note = Sentence("reading.note.documents_of_brat", documents=len(pairs))
        found[split] = FoundFile(copy, read_as, (note,), name=folder.name if len(documents) == 1 else f"{split}")
    return found


def _parallel(chosen: Path, by_split: dict[SplitName, Parallel], unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    """Files whose lines belong together, as one for each split."""
    found: dict[SplitName, FoundFile] = {}
    for split, files in by_split.items():
        copy = unpacking.write_rows(f"{split} of {chosen.name}.jsonl", parallel_rows(files), encoding="utf-8")
        note = Sentence("reading.note.parallel_files", names=files.names)
        name = chosen.name if len(by_split) == 1 else f"{chosen.name} ({split})"
        found[split] = FoundFile(copy, ReadingOptions(format="jsonl", encoding="utf-8"), (note,), name=name)
    return found


def _class_files(
    chosen: Path, by_split: dict[SplitName, dict[str, Path]], reading: ReadingOptions, unpacking: Unpacking
) -> dict[SplitName, FoundFile]:
    """Files of which each holds the texts of one class, as one for each split."""
    found: dict[SplitName, FoundFile] = {}
    for split, classes in by_split.items():
        rows = class_rows(classes, reading.encoding, reading.undecodable)
        copy = unpacking.write_rows(f"{split} of {chosen.name}.jsonl", rows, encoding="utf-8")
        note = Sentence("reading.note.files_are_labels", names=_listed([path.name for path in classes.values()]))
        name = chosen.name if len(by_split) == 1 else f"{chosen.name} ({split})"
        found[split] = FoundFile(copy, ReadingOptions(format="jsonl", encoding="utf-8"), (note,), name=name)
    return found


def _texts(folder: Path, reading: ReadingOptions, unpacking: Unpacking) -> dict[SplitName, FoundFile]:
    found: dict[SplitName, FoundFile] = {}
    by_split = class_folders(folder)
    skipped = [name for inner in (folder, *folder.iterdir()) if inner.is_dir() for name in skipped_folders(inner)]
    for split, classes in by_split.items():
        name = split if len(by_split) > 1 else folder.name
        path, encoding, note = gather_texts(
            name, classes, unpacking, encoding=reading.encoding, undecodable=reading.undecodable
        )
        notes = [Sentence("reading.note.folders_are_labels", names=_listed(sorted(classes)))]
        notes += [note] if note else []
        if skipped:
            notes.append(Sentence("reading.note.texts_without_label", names=_listed(sorted(set(skipped)))))
        found[split] = FoundFile(
            path, ReadingOptions(format="folder", encoding=encoding, undecodable=reading.undecodable), tuple(notes)
        )
    return found


def _data_files(folder: Path) -> list[str]:
    """The data files of the folder, or of the nearest folders inside that hold some."""
    level = [folder]
    for _ in range(4):
        files = [file for one in level for file in files_in(one)]
        if files:
            return sorted(files)
        level = sorted(
            inner
            for one in level
            for inner in one.iterdir()
            if inner.is_dir() and not inner.is_symlink() and not inner.name.startswith((".", "__MACOSX"))
        )[:_MOST_NESTED]
    return []


def _by_names(
    folder: Path, files: Sequence[str], reading: ReadingOptions, unpacking: Unpacking
) -> dict[SplitName, FoundFile]:
    if not files:
        raise DatasetUnreadable(
            "D11",
            Sentence("reading.d11.holds_no_file_rows", folder=folder.name),
            hint=Sentence("reading.d11.choose_file_folder_folder_texts"),
            actions=_OTHER,
        )
    names = {Path(file).relative_to(folder).as_posix(): Path(file) for file in files}
    parts = tuple(names) if len(names) > 1 else ()
    if reading.part in names:
        within = _within(names[reading.part], reading)
        return {"train": _one(names[reading.part], within, unpacking)._replace(parts=parts)}
    if len(names) == 1:
        only = next(iter(names.values()))
        if _is_archive(only):
            return {"train": _one(only, reading, unpacking)}
        only = gzip_files.unpack_file(only, unpacking) if gzip_files.is_packed(only) else only
        return _in_file(only, reading, unpacking)
    plain = msgspec.structs.replace(reading, part="")
    by_split = parts_by_split(names)
    shards = shards_by_split(names) if not by_split else {}
    if shards:
        return {
            split: _joined(folder, split, [names[name] for name in several], reading, unpacking)._replace(parts=parts)
            for split, several in shards.items()
        }
    if not by_split:
        first = max(names, key=lambda name: names[name].stat().st_size)
        note = Sentence("reading.note.largest_file_read", files=len(names), first=first)
        read_as = _within(names[first], msgspec.structs.replace(reading, part=first))
        largest = _one(names[first], read_as, unpacking)
        return {"train": largest._replace(notes=(note, *largest.notes), parts=parts)}
    note_of_splits = _split_note("file", by_split)
    found = {
        split: _one(names[name], plain if split == "train" else ReadingOptions(), unpacking)
        for split, name in by_split.items()
    }
    return {split: one._replace(notes=(*note_of_splits, *one.notes), parts=parts) for split, one in found.items()}


def _joined(
    folder: Path, split: SplitName, paths: Sequence[Path], reading: ReadingOptions, unpacking: Unpacking
) -> FoundFile:
    """Files of one split as one, their rows one after the other."""
    plain = (
        ReadingOptions() if split != "train" or reading.format == "arrow" else msgspec.structs.replace(reading, part="")
    )
    found = [_one(path, plain, unpacking) for path in paths]
    if len(found) == 1:
        return found[0]
    layouts = [one.layout() for one in found]
    path = gather_shards(
        f"{folder.name} ({split})", [(one.path, layout) for one, layout in zip(found, layouts, strict=True)], unpacking
    )
    further = dict.fromkeys(note for layout in layouts for note in layout.notes)
    note = Sentence("reading.note.files_joined", files=len(paths), split=split)
    name = f"{folder.name} ({split})"
    return FoundFile(path, ReadingOptions(format="arrow"), (note, *further), name=name, origin=layouts[0].as_written)


def _within(path: Path, reading: ReadingOptions) -> ReadingOptions:
    """The same for a file inside; one with several tables would take the part for one of them, and none was chosen."""
    form = registry.binary_format(path)
    has_parts = form is not None and form.part_names is not None
    return msgspec.structs.replace(reading, part="") if has_parts else reading


def _split_note(kind: str, names: dict[SplitName, str]) -> tuple[Sentence, ...]:
    written = names_for_splits(names)
    match kind:
        case "file":
            return (Sentence("reading.note.files_give_splits", names=written),)
        case "sheet":
            return (Sentence("reading.note.sheets_give_splits", names=written),)
    return (Sentence("reading.note.parts_give_splits", names=written),)


def names_for_splits(names: Mapping[SplitName, str]) -> list[Sentence]:
    """Which file, sheet or split is read for which split."""
    return [Sentence("reading.names.for_split", name=name, split=split) for split, name in names.items()]


def _listed(names: Sequence[str]) -> Sentence:
    if len(names) > _MOST_LISTED:
        return Sentence("reading.names.many", shown=names[:_MOST_LISTED], more=len(names) - _MOST_LISTED)
    return Sentence("reading.names.all", shown=names)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
