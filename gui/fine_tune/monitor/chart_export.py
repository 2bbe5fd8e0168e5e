"""Curves as files: values as CSV or JSON lines, in long form (curve, step, value). Uses no widgets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contract.formatting import spreadsheet_cell
from engine.workspace.event_log import each_event
from engine.workspace.layout import Workspace
from engine.workspace.runs import run_folder
from gui.charts.curve_data import Series
from gui.fine_tune.monitor.chart_specs import Curve
from gui.fine_tune.monitor.training_curves import TrainingCurves

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
        name = spreadsheet_cell(curve.name)
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


class RunLogs:
    """The curves of runs with every point, where the window has thinned them, read again from their logs.

    Each log is read once, when a curve of its run is first needed; slow for long runs, so not on the window's thread.
    """

    def __init__(self, workspace: Workspace | None) -> None:
        self._workspace = workspace
        self._known: dict[str, TrainingCurves] = {}

    def whole(self, curve: Curve, run: str) -> Series | None:
        """All points of this curve of a run, or None where its log does not have them."""
        if self._workspace is None or not run:
            return None
        if run not in self._known:
            self._known[run] = TrainingCurves(whole=True)
            for event in each_event(run_folder(self._workspace, run)):
                self._known[run].on_event(event)
        try:
            series = curve.series(self._known[run])
        except KeyError:  # a class that is not in the log
            return None
        return series if len(series) else None


def _points(curve: NamedCurve) -> Iterable[tuple[float, float]]:
    pairs = zip(curve.x.tolist(), curve.y.tolist(), strict=True)
    return ((int(x) if x == int(x) else x, y) for x, y in pairs if y == y)
