"""Arrow arrays and numpy arrays without pandas: pyarrow's own ways between them import it, which takes a second.

Arrays hold no nulls where they are read here. pyarrow is imported where it is used, which takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers_in(array: Any) -> NDArray[Any]:
    """The numbers of a `pyarrow.Array` of integers or floats, sharing its memory."""
    width = array.type.bit_width // 8
    name = str(array.type)
    kind = {"float": "float32", "double": "float64"}.get(name, name)
    if not len(array):
        return np.zeros(0, dtype=kind)
    return np.frombuffer(array.buffers()[1], dtype=kind, count=len(array), offset=array.offset * width)


def truths_in(array: Any) -> NDArray[np.bool_]:
    """A `pyarrow.Array` of bool as a mask; null is False."""
    import pyarrow as pa
    import pyarrow.compute as compute

    filled = compute.fill_null(array, False) if array.null_count else array
    return numbers_in(compute.cast(filled, pa.uint8())).astype(np.bool_)


def truths(mask: NDArray[np.bool_]) -> Any:
    """The mask as a `pyarrow.Array`."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(mask), [None, pa.py_buffer(np.packbits(mask, bitorder="little"))])


def strings(texts: Sequence[str]) -> Any:
    """The texts as a `pyarrow.Array`."""
    import pyarrow as pa

    encoded = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def doubles(numbers: Sequence[float]) -> Any:
    """The numbers as a `pyarrow.Array`."""
    import pyarrow as pa

    return pa.Array.from_buffers(
        pa.float64(), len(numbers), [None, pa.py_buffer(np.asarray(numbers, dtype=np.float64))]
    )


def one_text(column: Any) -> Any:
    """The column with the words of each list joined by spaces; texts as they are."""
    import pyarrow as pa
    import pyarrow.compute as compute

    return compute.binary_join(column, " ") if pa.types.is_list(column.type) else column
