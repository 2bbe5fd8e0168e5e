"""Logits of evaluated rows on disk, from which every curve, threshold and cutoff can be computed again.

evaluation/logits.parquet               of the rows that were scored
evaluation/validation_logits.parquet    of at most 5,000 validation rows, where others were scored

row       int64                          number in the file, from 1
truth     int64, or a list of int64      the class, or 0 and 1 for each label
logits    fixed-size list of float32     one for each label, before any temperature

The schema's metadata name the network, the data set, the split and the precision they were computed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SCORED, VALIDATION = "logits.parquet", "validation_logits.parquet"


class StoredLogits(NamedTuple):
    """Rows with their logits; `truth` (rows,) int64, or (rows, labels) where each label is decided alone."""

    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]  # (rows, labels)


def write_logits(path: Path, stored: StoredLogits, origin: Mapping[str, str]) -> None:
    """Writes the table with zstd; staging and sync are the caller's."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    labels = stored.logits.shape[1]
    truth = (
        pa.array(stored.truth)
        if stored.truth.ndim == 1
        else pa.FixedSizeListArray.from_arrays(stored.truth.reshape(-1), labels)
    )
    logits = pa.FixedSizeListArray.from_arrays(stored.logits.reshape(-1).astype(np.float32), labels)
    table = pa.table({"row": pa.array(stored.rows), "truth": truth, "logits": logits})
    parquet.write_table(table.replace_schema_metadata(dict(origin)), path, compression="zstd")


def read_logits(path: Path, origin: Mapping[str, str] | None = None) -> StoredLogits | None:
    """The rows of the file; None where there is none, or one of another origin than the given one.

    Raises `OSError` or `ValueError` where the file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    if not path.is_file():
        return None
    table = parquet.read_table(path, use_threads=False)
    found = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    if origin is not None and {key: found.get(key) for key in origin} != dict(origin):
        return None
    try:
        kind = table.schema.field("logits").type
        labels = kind.list_size
        logits = _values(table["logits"]).reshape(-1, labels).astype(np.float32, copy=False)
        truth = table["truth"]
        marks = _values(truth).reshape(-1, labels) if not pa.types.is_integer(truth.type) else truth.to_numpy()
        return StoredLogits(table["row"].to_numpy().astype(np.int64), marks.astype(np.int64), logits)
    except (KeyError, AttributeError) as error:
        raise ValueError(f"{path.name} holds no logits") from error


def _values(column: object) -> NDArray[np.generic]:
    import pyarrow as pa

    whole = column.combine_chunks()  # type: ignore[attr-defined]
    whole = whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
    result: NDArray[np.generic] = whole.flatten().to_numpy(zero_copy_only=False)
    return result
