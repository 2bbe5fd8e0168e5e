"""The row of controls above the charts: which are seen, smoothing, axis, window, other runs, saving."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.chart_preferences import CLASS_F1, LOSS, WINDOWS, ChartChoices
from gui.components.choices import Choice, Slider
from gui.components.layouts import FlowRow, horizontal
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, SPACE
from gui.fine_tune.monitor.chart_specs import KINDS
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
        self.charts = CheckListButton("Charts")
        self.charts.setToolTip("Chooses the charts that are seen.")
        self.charts.offer([(key, kind.short) for key, kind in KINDS.items()])
        self.classes = CheckListButton("Classes", empty="The classes are known after the first evaluation.")
        self.classes.setToolTip("Chooses the classes in the F1 chart; with none ticked, the weakest are shown.")
        self.runs = CheckListButton("Other runs", empty="There are no other runs on these rows yet.")
        self.runs.setToolTip("Chooses other runs on the same rows to draw faintly behind this one.")
        self.smoothing = Slider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 90)
        self.smoothing.setPageStep(10)
        self.smoothing.setFixedWidth(60)  # so that all stands in one line of a window of 900 pixels
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("How strongly curves are smoothed; the thin line behind is the raw value.")
        self._strength = PlainLabel(role="secondary")
        self._strength.setFixedWidth(self._strength.fontMetrics().horizontalAdvance("0.00") + HALF)
        label = PlainLabel("Smooth", role="secondary")
        label.setBuddy(self.smoothing)
        smoothing = QWidget()
        horizontal(smoothing, label, self.smoothing, self._strength, gap=HALF)
        self.axis = CheckListButton("Axis")
        self.axis.setToolTip("Log axis: small values as clear as large ones. Clip outliers: cuts 2 % above and below.")
        self.axis.offer([(LOGARITHMIC, "Log axis"), (CLIPPED, "Clip outliers")])
        self.window_choice = Choice()
        self.window_choice.setAccessibleName("Steps that are seen")
        self.window_choice.setToolTip("Shows the whole run, or follows so many of its last steps.")
        for steps in WINDOWS:
            self.window_choice.addItem(f"Last {steps:,}" if steps else "Whole run", steps)
        self.whole_run = QPushButton("Reset zoom")
        self.whole_run.setToolTip("Shows the whole run again; a double-click on a chart does the same.")
        self.whole_run.hide()
        self.save = QPushButton("Save ▾")
        self.save.setToolTip("Saves the values or a picture of the charts that are seen.")
        menu = QMenu(self.save)
        for ending, text in (
            ("csv", "Values as CSV…"),
            ("jsonl", "Values as JSON lines…"),
            ("png", "Picture as PNG…"),
            ("svg", "Picture as SVG…"),
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

    def say(self, text: str) -> None:
        """Says what became of saving."""
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
        self._strength.setText(f"{self._value.smoothing / 100:.2f}")
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
