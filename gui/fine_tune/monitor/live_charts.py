"""The charts of a training run over one axis of steps, with their controls.

Redraws at most ten times a second, and only while it can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.contract.errors import EngineError
from engine.contract.metrics import score_name
from engine.contract.score_sentences import baseline_title
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_file
from engine.workspace.layout import Workspace
from gui.chart_preferences import CLASS_F1, SCORE, ChartChoices
from gui.charts.curve_data import smoothed
from gui.charts.curve_line import MOST_DASHES
from gui.charts.line_plot import CurvePlot
from gui.components.background import Job, run_in_thread
from gui.components.image_export import write_png, write_svg
from gui.components.throttle import Throttle
from gui.design.theme import SPACE
from gui.fine_tune.monitor.chart_controls import ChartControls
from gui.fine_tune.monitor.chart_export import NamedCurve, RunLogs, as_csv, as_json_lines
from gui.fine_tune.monitor.chart_specs import KINDS, Curve, chart_title, curve_title, why_empty
from gui.fine_tune.monitor.other_runs import OtherRun, OtherRuns
from gui.fine_tune.monitor.training_curves import TrainingCurves
from gui.preferences import PreferenceStore

REDRAW_INTERVAL = 100  # ms
TWO_COLUMNS_FROM = 560  # pixels of width, where there are three charts or more
COMFORTABLE = 200  # pixels of height of a chart with its legend
SMALLEST = 200  # pixels of height; charts that need more scroll
# Numbers of the theme's series, so that a baseline has one colour in every run, whichever others are there.
BASELINE_COLORS = {
    **dict.fromkeys(("majority", "mean"), 3),
    **dict.fromkeys(("tfidf_svm", "tfidf_ridge", "most_frequent_tag"), 4),
    **dict.fromkeys(("tfidf_logistic_regression", "word_dictionary"), 4),  # in runs of 0.1.0
    "frozen_encoder": 5,
}
MOST_CLASSES = 6  # that are shown unless others are chosen


class LiveCharts(QWidget):
    """Draws `TrainingCurves`; call `refresh` whenever they changed."""

    def __init__(
        self,
        curves: TrainingCurves,
        *,
        preferences: PreferenceStore | None = None,
        workspace: Workspace | None = None,
        parent: QWidget | None = None,
        in_turns: bool = False,
    ) -> None:
        """`in_turns` leaves the charts to `build_part`, or to when they are seen: each takes some 30 ms to make."""
        super().__init__(parent)
        self._curves = curves
        self._preferences = preferences
        self._workspace = workspace
        self._others = OtherRuns(workspace, self) if workspace is not None else None
        self._plots: dict[str, CurvePlot] = {}  # each takes some 40 ms to make: made when it is wanted
        self._class_colors: dict[str, int] = {}
        self._arrangement: tuple[tuple[str, ...], bool] = ((), False)
        self.controls = ChartControls(preferences.now.charts if preferences is not None else ChartChoices())
        self.controls.runs.setVisible(self._others is not None)
        self.charts = QWidget()
        self.charts.setProperty("kind", "scrolled")
        self._grid = QGridLayout(self.charts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE)
        for side in (0, 1):
            self._grid.setColumnStretch(side, 1)
        self._whole = False
        self._scroll = scroll = QScrollArea()
        scroll.setWidget(self.charts)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setMinimumHeight(SMALLEST)
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.controls)
        column.addWidget(scroll, 1)

        self._redraw = Throttle(self, REDRAW_INTERVAL, self._draw)
        self.controls.changed.connect(self._choices_changed)
        self.controls.classes_changed.connect(self.refresh)
        self.controls.whole_run_requested.connect(self.reset_zoom)
        self.controls.save_requested.connect(self._save)
        if self._others is not None:
            self._others.offer_changed.connect(self._offer_runs)
            self._others.changed.connect(self.refresh)
            self.controls.runs_changed.connect(self._choose_runs)
        if not in_turns:
            self._complete()

    def build_part(self) -> bool:
        """Makes another chart of those that are seen, or arranges them; returns whether there is more to do."""
        missing = next((kind for kind in self._seen() if kind not in self._plots), None)
        if missing is None:
            self._complete()
        else:
            self.plot(missing)
        return missing is not None

    def _complete(self) -> None:
        self._arrange()
        self._draw()

    def refresh(self) -> None:
        """Redraws soon."""
        if self.isVisible():
            self._redraw.request()

    def show_runs_on(self, fingerprint: str) -> None:
        """Offers other runs on these prepared rows; those that are chosen are drawn behind this one."""
        if self._others is not None:
            self._others.look_for(fingerprint, without=self._curves.run_id)

    def show_whole(self, whole: bool) -> None:
        """Takes the height that all charts need, or as little as there is, so that what is below stays in sight."""
        self._whole = whole
        self._arrange()
        self._insist_on_height()

    def _insist_on_height(self) -> None:
        self._scroll.setMinimumHeight(max(SMALLEST, self._grid.minimumSize().height() if self._whole else 0))

    def plot(self, kind: str) -> CurvePlot:
        """The chart of this kind; it is made when it is asked for first."""
        if kind not in self._plots:
            made = CurvePlot(chart_title(kind), parent=self.charts)
            made.hovered.connect(self._show_values)
            made.zoomed.connect(self._zoomed)
            made.zoom_ended.connect(self._zoom_ended)
            for other in list(self._plots.values())[:1]:
                made.link_to(other)
            self._plots[kind] = made
        return self._plots[kind]

    def reset_zoom(self) -> None:
        """Shows the whole run in all charts."""
        for plot in self._plots.values():
            plot.reset_zoom()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # ── Layout ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _seen(self) -> list[str]:
        return [kind for kind in KINDS if kind in self.controls.value().shown]

    def _arrange(self) -> None:
        """One chart above the other; in two columns where they are three or more, or too low so, an odd one across."""
        kinds = self._seen()
        low = not self._whole and self.height() < len(kinds) * COMFORTABLE
        two = (len(kinds) > 2 or (low and len(kinds) > 1)) and self.width() >= TWO_COLUMNS_FROM
        if self._arrangement == (tuple(kinds), two):
            return
        self._arrangement = (tuple(kinds), two)
        for plot in self._plots.values():
            self._grid.removeWidget(plot)
            plot.hide()
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        place = 0
        for index, kind in enumerate(kinds):
            plot = self.plot(kind)
            wide = not two or (index == 0 and len(kinds) % 2 == 1)
            self._grid.addWidget(plot, place // 2, place % 2, 1, 2 if wide else 1)
            self._grid.setRowStretch(place // 2, 3 if index == 0 else 2)
            plot.show()
            place += 2 if wide else 1
        self._insist_on_height()

    # ── Drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        curves, choices = self._curves, self.controls.value()
        newest = curves.step
        whole = (0.0, float(max(1, curves.total_steps)))
        seen = (max(0.0, float(newest - choices.window)), float(newest)) if choices.window and newest else whole
        for kind in self._seen():
            plot = self.plot(kind)
            plot.set_logarithmic(choices.logarithmic and KINDS[kind].can_be_logarithmic)
            plot.set_clipping(choices.without_outliers)
            plot.set_range(*seen)
            plot.set_empty_sentence(why_empty(kind, curves))
            wanted = list(self._lines_of(kind))
            for name in set(plot.line_names()) - {line.key for line in wanted}:
                plot.remove_line(name)
            for line in wanted:
                line.show_in(plot, choices.smoothing / 100)
        if SCORE in self._seen():
            self._draw_baselines(self.plot(SCORE))
            name = score_name(curves.metric)
            if name in self.plot(SCORE).line_names():
                self.plot(SCORE).set_best(name, curves.best)
        self._insist_on_height()
        if CLASS_F1 in self._seen():
            self.controls.classes.offer([(label, label) for label in curves.class_f1])

    def _lines_of(self, kind: str) -> Iterator[_Shown]:
        for curve in KINDS[kind].curves:
            name = score_name(self._curves.metric) if kind == SCORE else curve.name
            if kind != SCORE or self._curves.metric:
                yield _Shown(name, curve_title(name), curve, self._curves)
        if kind == CLASS_F1:
            for label, color in self._classes().items():
                yield _Shown(f"class:{label}", label, _class_curve(label, color), self._curves)
        for index, other in enumerate(self._other_runs()):
            for number, curve in enumerate(KINDS[kind].curves):
                if len(curve.series(other.curves)):
                    shown = other.name if number == 0 else ""
                    key = f"run:{other.id}:{curve.name}"
                    yield _Shown(key, shown, curve, other.curves, color=3 + index, dash=1 + index % MOST_DASHES)

    def _classes(self) -> dict[str, int]:
        """The classes that are shown with their colours; a class keeps its colour while it is shown."""
        chosen = [label for label in self.controls.classes.chosen() if label in self._curves.class_f1]
        shown = chosen or self._curves.classes_by_f1()[:MOST_CLASSES]
        kept = {label: self._class_colors[label] for label in shown if label in self._class_colors}
        free = iter([color for color in range(len(shown)) if color not in kept.values()])
        self._class_colors = {label: kept[label] if label in kept else next(free) for label in shown}
        return self._class_colors

    def _draw_baselines(self, plot: CurvePlot) -> None:
        titles = {name: baseline_title(name, self._curves.learned_rows.get(name, 0)) for name in self._curves.baselines}
        if set(plot.reference_names()) - set(titles.values()):
            plot.clear_reference_lines()
        for name, value in sorted(self._curves.baselines.items()):
            plot.set_reference_line(titles[name], value, BASELINE_COLORS.get(name, 3))

    def _show_values(self, x: float | None) -> None:
        for kind in self._seen():
            self.plot(kind).show_values_at(x)

    def _zoomed(self) -> None:
        self.controls.whole_run.show()

    def _zoom_ended(self) -> None:
        self.controls.whole_run.hide()

    # ── Choices ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _choices_changed(self) -> None:
        if self._preferences is not None:
            self._preferences.change(charts=self.controls.value())
        self._arrange()
        self._draw()

    def _other_runs(self) -> tuple[OtherRun, ...]:
        shown = self._others.shown if self._others is not None else ()
        return tuple(run for run in shown if run.id != self._curves.run_id)

    def _offer_runs(self) -> None:
        if self._others is not None:
            self.controls.runs.offer(self._others.offered)
            self.controls.runs.set_chosen(self._others.chosen)

    def _choose_runs(self) -> None:
        if self._others is not None:
            self._others.choose(self.controls.runs.chosen())

    # ── Saving ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _save(self, kind: str) -> None:
        name = f"{self._curves.run_id or 'curves'}.{kind}"
        chosen, _ = QFileDialog.getSaveFileName(self, Sentence("gui.fine_tune.save"), name, f"*.{kind}")
        if chosen:
            self.save_to(Path(chosen), kind)

    def save_to(self, path: Path, kind: str) -> None:
        """Writes csv, jsonl, png or svg of the charts that are seen; values are written in a plain thread."""
        if kind in ("png", "svg"):
            for shown in self._seen():
                self.plot(shown).redraw()
            self.controls.show_text(
                _written(path, lambda: write_png(self.charts, path))
                if kind == "png"
                else _written(path, lambda: write_svg(self.charts, path, title=self._curves.run_id))
            )
            return
        lines = [(chart_title(shown), line) for shown in self._seen() for line in self._lines_of(shown) if line.shown]
        curves = [line.named(title) for title, line in lines]
        form = as_csv if kind == "csv" else as_json_lines

        def write(_job: Job) -> str:
            logs = RunLogs(self._workspace)
            whole = [
                line.named(title, logs) if line.is_thinned else curve
                for (title, line), curve in zip(lines, curves, strict=True)
            ]
            return _written(path, lambda: write_file(path, form(whole)))

        run_in_thread(self, write, name="save curves", on_result=self.controls.show_text)


class _Shown:
    """One line that a chart shall show."""

    def __init__(
        self,
        key: str,
        shown: str,
        curve: Curve,
        curves: TrainingCurves,
        *,
        color: int | None = None,
        dash: int = 0,
    ) -> None:
        self.key = key
        self.shown = shown
        self.is_thinned = curve.series(curves).is_thinned
        self._curve = curve
        self._curves = curves
        self._color = color  # of another run
        self._dash = dash

    def show_in(self, plot: CurvePlot, strength: float) -> None:
        """Adds or renews the line; other runs are drawn without their raw values."""
        other = self._color is not None
        if self.key not in plot.line_names():
            color = self._curve.color if self._color is None else self._color
            plot.add_line(self.key, color, self._curve.style, faded=other, shown=self.shown, dash=self._dash)
        series = self._curve.series(self._curves)
        values = series.y if self._curve.factor == 1.0 else series.y * self._curve.factor
        if self._curve.smoothed and strength:
            plot.set_line(self.key, series.x, smoothed(values, strength), before_smoothing=None if other else values)
        else:
            plot.set_line(self.key, series.x, values)

    def named(self, chart: str, logs: RunLogs | None = None) -> NamedCurve:
        """The measured values for a file: every one of them where the logs are given and have them."""
        series = self._curve.series(self._curves)
        if logs is not None:
            series = logs.whole(self._curve, self._curves.run_id) or series
        return NamedCurve(chart, self.shown, series.x.copy(), series.y * self._curve.factor)


def _class_curve(label: str, color: int) -> Curve:
    return Curve(label, color, "points", lambda curves: curves.class_f1[label])


def _written(path: Path, write: Callable[[], None]) -> str:
    try:
        write()
    except (OSError, EngineError):
        return Sentence("gui.fine_tune.file_not_written", name=path.name)
    return Sentence("gui.fine_tune.file_saved", name=path.name)
