"""The smoothing of a curve. Knows no widgets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 256  # 0.1 ** 256 is still a number; at 0.9 what is older than a block weighs 2e-12


def smoothed(values: Floats, strength: float) -> Floats:
    """A debiased exponential moving average; `strength` 0 returns the values, 0.9 is very smooth. NaN is passed over.

    Source: the smoothing of TensorBoard's scalar charts, with the correction of Adam's paper (section 3) for the
    first points. Computed in blocks: within one, the average after n more values is
    k^n (average + (1 - k) sum of value_i / k^i).
    """
    if strength <= 0 or len(values) == 0:
        return values
    keep = max(strength, 0.1)
    is_number = ~np.isnan(values)
    numbers = values if is_number.all() else values[is_number]
    count = len(numbers)
    if not count:
        return values
    blocks = -(-count // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[:count] = numbers
    powers = keep ** np.arange(1, _BLOCK + 1)
    within = np.cumsum(padded.reshape(blocks, _BLOCK) * ((1 - keep) / powers), axis=1) * powers
    carried = np.empty(blocks)  # the average before each block
    average = 0.0
    for index, end in enumerate(within[:, -1].tolist()):
        carried[index] = average
        average = average * powers[-1] + end
    averages: Floats = (within + carried[:, None] * powers).reshape(-1)[:count]
    averages[:_BLOCK] /= (1 - powers)[:count]  # the correction of the first points; later it is 1
    if count == len(values):
        return averages
    result = np.full(len(values), np.nan)
    result[is_number] = averages
    return result
