"""Curves as files: values as CSV or JSON lines, in long form (curve, step, value). Knows no widgets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class NamedCurve(NamedTuple):
    """One curve of one chart; x and y float64 (points,), NaN is a gap."""

    chart: str
    name: str
    x: Floats
    y: Floats


def as_csv(curves: Iterable[NamedCurve]) -> bytes:
    """A line per point: chart, curve, step, value. A cell that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("chart", "curve", "step", "value"))
    for curve in curves:
        name = f"'{curve.name}" if curve.name.startswith(("=", "+", "-", "@", "\t")) else curve.name
        writer.writerows((curve.chart, name, x, y) for x, y in _points(curve))
    return text.getvalue().encode("utf-8")


def as_json_lines(curves: Iterable[NamedCurve]) -> bytes:
    """A line per point: {"chart": …, "curve": …, "step": …, "value": …}."""
    lines = [
        json.dumps({"chart": curve.chart, "curve": curve.name, "step": x, "value": y}, ensure_ascii=False)
        for curve in curves
        for x, y in _points(curve)
    ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _points(curve: NamedCurve) -> Iterable[tuple[float, float]]:
    pairs = zip(curve.x.tolist(), curve.y.tolist(), strict=True)
    return ((int(x) if x == int(x) else x, y) for x, y in pairs if y == y)
