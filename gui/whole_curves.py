"""The curves of runs with every point, read again from their logs: for files, where the window has thinned them."""

from __future__ import annotations

from engine.run_log import each_event
from engine.storage import Workspace, run_folder
from gui.chart_contents import Curve
from gui.series import Series
from gui.training_curves import TrainingCurves


class RunLogs:
    """Reads each log once, when a curve of its run is asked for; slow for long runs, so not on the window's thread."""

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
                self._known[run].hear(event)
        try:
            series = curve.series(self._known[run])
        except KeyError:  # a class that is not in the log
            return None
        return series if len(series) else None
