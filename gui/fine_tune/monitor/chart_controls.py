"""The row of controls above the charts: which are seen, smoothing, axis, window, other runs, saving."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.chart_preferences import CLASS_F1, LOSS, WINDOWS, ChartChoices
from gui.components.choices import Choice, Slider
from gui.components.layouts import FlowRow, horizontal
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, SPACE
from gui.fine_tune.monitor.chart_specs import KINDS, short_title
from gui.fine_tune.monitor.check_list_button import CheckListButton

LOGARITHMIC, CLIPPED = "logarithmic", "clipped"  # entries of Axis


class ChartControls(QWidget):
    """A form over `ChartChoices`; what belongs to one run (its classes, other runs) is asked for by name."""

    changed = Signal()  # value() is another one
    runs_changed = Signal()
    classes_changed = Signal()
    whole_run_requested = Signal()
    save_requested = Signal(str)  # csv, jsonl, png, svg

    def __init__(self, value: ChartChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self.charts = CheckListButton(Sentence("gui.fine_tune.charts"))
        self.charts.setToolTip(Sentence("gui.fine_tune.chooses_charts_seen"))
        self.charts.offer([(kind, short_title(kind)) for kind in KINDS])
        self.classes = CheckListButton(
            Sentence("gui.fine_tune.classes"), empty=Sentence("gui.fine_tune.classes_known_after_first_evaluation")
        )
        self.classes.setToolTip(Sentence("gui.fine_tune.chooses_classes_f1_chart_none"))
        self.runs = CheckListButton(
            Sentence("gui.fine_tune.other_runs"), empty=Sentence("gui.fine_tune.there_no_other_runs_these")
        )
        self.runs.setToolTip(Sentence("gui.fine_tune.chooses_other_runs_same_rows"))
        self.smoothing = Slider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 90)
        self.smoothing.setPageStep(10)
        self.smoothing.setFixedWidth(60)  # so that all is in one line of a window of 900 pixels
        self.smoothing.setAccessibleName(Sentence("gui.fine_tune.smoothing"))
        self.smoothing.setToolTip(Sentence("gui.fine_tune.how_strongly_curves_smoothed_thin"))
        self._strength = PlainLabel(role="secondary")
        self._strength.setFixedWidth(self._strength.fontMetrics().horizontalAdvance(number(0.0, ".2f")) + HALF)
        label = PlainLabel(Sentence("gui.fine_tune.smooth"), role="secondary")
        label.setBuddy(self.smoothing)
        smoothing = QWidget()
        horizontal(smoothing, label, self.smoothing, self._strength, gap=HALF)
        self.axis = CheckListButton(Sentence("gui.fine_tune.axis"))
        self.axis.setToolTip(Sentence("gui.fine_tune.log_axis_small_values_clear"))
        self.axis.offer(
            [(LOGARITHMIC, Sentence("gui.fine_tune.log_axis")), (CLIPPED, Sentence("gui.fine_tune.clip_outliers"))]
        )
        self.window_choice = Choice()
        self.window_choice.setAccessibleName(Sentence("gui.fine_tune.steps_seen"))
        self.window_choice.setToolTip(Sentence("gui.fine_tune.shows_whole_run_follows_many"))
        for steps in WINDOWS:
            self.window_choice.addItem(
                Sentence("gui.fine_tune.last_steps", steps=steps) if steps else Sentence("gui.fine_tune.whole_run"),
                steps,
            )
        self.whole_run = QPushButton(Sentence("gui.fine_tune.reset_zoom"))
        self.whole_run.setToolTip(Sentence("gui.fine_tune.shows_whole_run_again_double"))
        self.whole_run.hide()
        self.save = QPushButton(Sentence("gui.fine_tune.save_menu"))
        self.save.setToolTip(Sentence("gui.fine_tune.saves_values_picture_charts_seen"))
        menu = QMenu(self.save)
        for ending, text in (
            ("csv", Sentence("gui.fine_tune.values_csv")),
            ("jsonl", Sentence("gui.fine_tune.values_json_lines")),
            ("png", Sentence("gui.fine_tune.picture_png")),
            ("svg", Sentence("gui.fine_tune.picture_svg")),
        ):
            menu.addAction(text).triggered.connect(lambda _checked=False, kind=ending: self.save_requested.emit(kind))
        self.save.setMenu(menu)
        self.save_note = PlainLabel(role="secondary")
        self.save_note.hide()

        flow = FlowRow(self, gap=SPACE - 2, line_gap=HALF)
        for widget in (
            self.charts,
            smoothing,
            self.axis,
            self.window_choice,
            self.classes,
            self.runs,
            self.save,
            self.whole_run,
            self.save_note,
        ):
            flow.addWidget(widget)
        self._show_value()

        self.charts.changed.connect(self._take)
        self.smoothing.valueChanged.connect(self._take)
        self.axis.changed.connect(self._take)
        self.window_choice.currentIndexChanged.connect(self._take)
        self.classes.changed.connect(self.classes_changed)
        self.runs.changed.connect(self.runs_changed)
        self.whole_run.clicked.connect(self.whole_run_requested)

    def value(self) -> ChartChoices:
        """What is chosen."""
        return self._value

    def show_text(self, text: str) -> None:
        """Shows the outcome of saving."""
        self.save_note.setText(text)
        self.save_note.setVisible(bool(text))

    def _show_value(self) -> None:
        value = self._value
        self.charts.set_chosen(value.shown)
        self.smoothing.setValue(value.smoothing)
        chosen = {LOGARITHMIC: value.logarithmic, CLIPPED: value.without_outliers}
        self.axis.set_chosen([key for key, is_chosen in chosen.items() if is_chosen])
        self.window_choice.setCurrentIndex(max(0, self.window_choice.findData(value.window)))
        self._show_dependent()

    def _show_dependent(self) -> None:
        self._strength.setText(number(self._value.smoothing / 100, ".2f"))
        self.classes.setVisible(CLASS_F1 in self._value.shown)

    def _take(self) -> None:
        shown = self.charts.chosen() or (LOSS,)
        if not self.charts.chosen():
            self.charts.set_chosen(shown)
        self._value = msgspec.structs.replace(
            self._value,
            shown=shown,
            smoothing=self.smoothing.value(),
            logarithmic=LOGARITHMIC in self.axis.chosen(),
            without_outliers=CLIPPED in self.axis.chosen(),
            window=int(self.window_choice.currentData()),
        )
        self._show_dependent()
        self.changed.emit()
