"""Smaller models of the run: made by a click, drawn by score, time and size, and one of them is what is exported."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.contract.diagnoses import RunReference
from engine.contract.formatting import number, score_text, size
from engine.contract.metrics import score_name
from engine.contract.queries import AskSmaller, SmallerFound, SmallerModel
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import INSIDE, SPACE
from gui.export.point_plot import Point, PointPlot
from gui.session import Session

WIDEST = 240  # pixels of a column: a difference with its interval is not cut


def offered_layers(layers: int) -> tuple[int, ...]:
    """A half and a third of so many layers; fewer where these are the same, none of a network with one."""
    return tuple(dict.fromkeys(kept for kept in (layers // 2, layers // 3) if 0 < kept < layers))


class SmallerView(QWidget):
    """The choice of layers, the button, and what was made; `chosen` has a `SmallerModel`, or None."""

    chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reference: RunReference | None = None
        self._run: TrainingRun | None = None
        self._models: tuple[SmallerModel, ...] = ()
        self.boxes = (QCheckBox(), QCheckBox())  # a half of the layers, and a third
        self._layers: tuple[int, ...] = ()  # of the boxes
        self.hint = PlainLabel(role="quiet", wrap=True)
        tip = Sentence("gui.export.smaller_tip")
        self.query = LongQuery(session, Sentence("gui.export.make_smaller"), tip)
        milliseconds = Sentence("gui.export.smaller_milliseconds")
        self.plot = PointPlot(Sentence("gui.export.smaller_plot"), milliseconds, "")
        columns = (
            Sentence("gui.export.smaller_model"),
            Sentence("gui.export.smaller_score"),
            Sentence("gui.export.smaller_change"),
            Sentence("gui.export.smaller_alike"),
            Sentence("gui.export.smaller_milliseconds_both"),
            Sentence("gui.export.smaller_size"),
        )
        self.table = SortedTable(columns, range(1, 6))
        self.table.setAccessibleName(Sentence("gui.export.smaller_plot"))
        self.result = PlainLabel(role="body", wrap=True)
        line = horizontal(None, *self.boxes, STRETCH, gap=INSIDE)
        vertical(self, self.hint, line, self.query, self.plot, self.table, self.result, gap=SPACE)
        for box in self.boxes:
            box.clicked.connect(self._offer)
        self.query.answered.connect(self._take)
        self.plot.chosen.connect(self.table.selectRow)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self._show()

    def show_run(self, run: TrainingRun, reference: RunReference, *, has_some: bool) -> None:
        """Offers smaller models of this run; those that there are, of which `has_some` is true, are asked for."""
        if reference == self._reference:
            return
        self._run, self._reference, self._models = run, reference, ()
        layers = run.settings.student_layers or run.dataset.model.layers
        self._layers = offered_layers(layers)
        for place, box in enumerate(self.boxes):
            box.setVisible(place < len(self._layers))
            if place < len(self._layers):
                kept = self._layers[place]
                box.setText(Sentence("gui.export.smaller_layers", layers=kept, of=layers))
                set_tooltip(box, Sentence("gui.export.smaller_layers_tip", layers=kept))
                box.setChecked(True)
        self.hint.setText(Sentence("gui.export.smaller_hint", seconds=run.seconds))
        self._offer()
        self._show()
        if has_some:
            self._session.ask(AskSmaller(reference), lambda answer: self._take_of(reference, answer))

    def chosen_model(self) -> SmallerModel | None:
        """The model that was chosen, or None."""
        place = self.table.selected_row()
        return None if place is None else self._models[place]

    def leave(self) -> None:
        """Chooses none any more."""
        with QSignalBlocker(self.table.selectionModel()):
            self.table.clearSelection()
        self.table.viewport().update()
        self.plot.mark(-1)
        self.result.hide()

    def _offer(self) -> None:
        wanted = tuple(kept for kept, box in zip(self._layers, self.boxes, strict=False) if box.isChecked())
        self.query.offer(AskSmaller(self._reference, wanted) if wanted and self._reference is not None else None)

    def _take_of(self, reference: RunReference, answer: object) -> None:
        if reference == self._reference:
            self._take(answer)

    def _take(self, answer: object) -> None:
        if not isinstance(answer, SmallerFound):
            return
        self._models = tuple(one for one in answer.models if one.passed and one.latencies and one.score is not None)
        self._show()

    def _show(self) -> None:
        is_any = bool(self._models)
        headline = score_name(self._models[0].headline) if is_any else ""
        groups = {layers: place for place, layers in enumerate(dict.fromkeys(one.layers for one in self._models))}
        self.plot.show_points(
            [
                Point(name_of(one), one.latencies[0].p50, one.score or 0.0, float(one.size_bytes), groups[one.layers])
                for one in self._models
            ],
            y_name=headline,
        )
        rows = [row_of(one) for one in self._models]
        with QSignalBlocker(self.table.selectionModel()):
            self.table.show_rows(rows)
        self.table.measure(rows, most=WIDEST)
        self.table.show_height_for(len(rows))
        for part in (self.plot, self.table):
            part.setVisible(is_any)
        self.result.hide()

    def _choose(self) -> None:
        model = self.chosen_model()
        self.plot.mark(self._models.index(model) if model is not None else -1)
        self.result.setVisible(model is not None)
        if model is not None:
            self.result.setText(Sentence("gui.export.smaller_chosen", model=name_of(model)))
        self.chosen.emit(model)


def name_of(model: SmallerModel) -> str:
    """3 layers; 3 layers, int8."""
    match model.format:
        case "transformers":
            return Sentence("gui.export.smaller_folder", layers=model.layers)
        case "onnx":
            return Sentence("gui.export.smaller_onnx", layers=model.layers)
        case "onnx_fastest":
            return Sentence("gui.export.smaller_fastest", layers=model.layers)
        case _:
            return Sentence("gui.export.smaller_int8", layers=model.layers)


def row_of(model: SmallerModel) -> TableRow:
    """The figures of a model as a line of the table."""
    change = model.difference
    return TableRow(
        (
            name_of(model),
            score_text(model.score),
            ""
            if change is None
            else Sentence("gui.export.smaller_interval", value=change.value, low=change.low, high=change.high),
            "" if model.agreement is None else f"{number(100 * model.agreement, '.1f')} %",
            " / ".join(number(one.p50, ".1f") for one in model.latencies),
            size(model.size_bytes),
        ),
        (
            name_of(model),
            model.score,
            None if change is None else change.value,
            model.agreement,
            model.latencies[0].p50,
            float(model.size_bytes),
        ),
    )
