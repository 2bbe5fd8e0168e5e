"""How many rows of each file can be used, and why others cannot, before anything is prepared.

The rows are read as Prepare reads them and by the same code, but nothing is kept of them.
"""

from __future__ import annotations

from pathlib import Path

from engine.contract.events import Emit
from engine.contract.progress import ProgressReporter
from engine.contract.queries import FileRowCount, RowCounts
from engine.contract.sentences import Sentence
from engine.contract.settings import PrepareSettings, RowSource
from engine.contract.split_columns import own_reading
from engine.preparing.arranging import columns_in, with_columns, with_guesses, with_other_files
from engine.preparing.preview import limited_reading
from engine.preparing.rows.collecting import columns_wanted, not_collected, usable_rows
from engine.reading.sources.sources import all_files, name_of, rows_of
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named

COUNTED_CELLS = 2_000_000  # cells and words of lists of one file: some seconds


def count_rows(rows: RowSource, settings: PrepareSettings, emit: Emit, *, scratch: Path, hub: Path) -> RowCounts:
    """The counts with these settings, before fixes and the limit of rows; raises as `prepare` does.

    Very large files are counted in part. What has to be unpacked goes below `scratch` and is removed again; rows of
    the Hub are looked for below `hub`.
    """
    task = task_named(settings.task)
    own = {split: own_reading(settings, split) for split in ("validation", "test")}
    with limited_reading(name_of(rows)), Unpacking(scratch, emit) as unpacking:
        files = all_files(rows, settings.reading, unpacking, hub=hub, own=own)
        settings = with_other_files(with_guesses(task, settings, files[0], emit), files)
        files = with_columns(files, task, settings)
        settings = with_other_files(settings, files)
        roles = [columns_in(file, task, settings) for file in files]
        collected = not_collected(Path(), roles[0], settings)
        counts, progress = [], ProgressReporter(emit)
        for file, parts in zip(files, roles, strict=True):
            named = file.name if len(files) > 1 else ""
            before, used, cells, is_whole = collected.rows_in, 0, 0, True
            size = file.place.path.stat().st_size
            for chunk in rows_of(file, columns_wanted(parts)):
                if cells > COUNTED_CELLS:
                    is_whole = False
                    break
                progress.report(
                    min(chunk.bytes_done, size), size, Sentence("preparing.progress.reading", file=file.name), "bytes"
                )
                used += sum(1 for _ in usable_rows(chunk, file.split, named, parts, collected, task))
                cells += sum(
                    len(cell) if isinstance(cell, list) else 1 for column in chunk.columns.values() for cell in column
                )
            counts.append(FileRowCount(file.split, file.name, collected.rows_in - before, used, is_whole))
    return RowCounts(tuple(counts), collected.excluded.entries())
