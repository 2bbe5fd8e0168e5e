"""Numbers as people write them in cells and fields."""

from __future__ import annotations

import math


def number_in(written: object) -> float:
    """The number a cell stands for, a comma read as a decimal point; NaN where it is none."""
    text = str(written).strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else math.nan
    except ValueError:
        return math.nan
