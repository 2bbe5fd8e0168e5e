"""The race between encoders: which take part, for how long, how far it has come, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from engine.contract.formatting import about, score_text, size
from engine.contract.metrics import score_name
from engine.contract.queries import Answer, AskEncoderRace, EncodersRaced, RacedEncoder
from engine.contract.sentences import Sentence
from engine.contract.settings import FolderModel, HubModel, ModelSource, StarterModel
from engine.contract.shelf import BYTES_PER_PARAMETER, ShelfEntry, recommended, shelf
from engine.contract.states import PreparedDataset
from engine.workspace.references import reference_to_dataset
from gui.components.choices import Choice
from gui.components.layouts import STRETCH, horizontal
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import INSIDE, MARGIN, SPACE, TABLE_ROW
from gui.session import Session

FEWEST, MOST = 2, 6
BUDGETS = (2, 5, 20, 60)  # minutes
WIDTH, HEIGHT = 800, 560  # pixels; it fits over the smallest window
NUMBERS = (1, 2, 3, 4, 5, 6)
UNKNOWN = "–"
WIDEST_COLUMN = 180  # pixels


class Entrant(NamedTuple):
    """An encoder that can take part; `bytes` are those of its download, 0 where it is here."""

    name: str
    source: ModelSource
    bytes: int = 0


def entrants(
    dataset: PreparedDataset, folders: Sequence[str], language: str, *, offline: bool, best: Sequence[ShelfEntry] = ()
) -> tuple[Entrant, ...]:
    """The loaded encoder first, then the starter, folders that were used, and the shelf, the recommended first."""
    found = [
        Entrant(Sentence("gui.load_model.race_loaded", name=dataset.model.name), dataset.model.source),
        Entrant(Sentence("gui.load_model.race_starter"), StarterModel()),
    ]
    found += [Entrant(Path(folder).name or folder, FolderModel(folder)) for folder in folders]
    entries = sorted(
        (entry for entry in shelf() if not language or language in entry.languages),
        key=lambda entry: (entry not in best, entry.parameters),
    )
    for entry in entries:
        source = msgspec.structs.replace(entry.source, offline=offline)
        found.append(Entrant(entry.id, source, entry.download_bytes or BYTES_PER_PARAMETER * entry.parameters))
    by_key: dict[tuple[type[ModelSource], str], Entrant] = {}
    for one in found:
        by_key.setdefault(_key(one.source), one)
    return tuple(by_key.values())


class RaceDialog(QDialog):
    """Opened with `open()`; `winner_chosen` emits the source of the encoder that is to be loaded."""

    winner_chosen = Signal(object)  # ModelSource

    def __init__(
        self, session: Session, dataset: PreparedDataset, language: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(Sentence("gui.load_model.race_title"))
        self._dataset = dataset
        self._device = session.devices[0] if session.devices else None
        now = session.preferences.now
        best = recommended(shelf(), language=language, device=self._device, tokens=dataset.max_length)
        folders = [entry.folder for entry in now.recent_models if entry.folder]
        self._entrants = entrants(dataset, folders, language, offline=now.offline, best=best)
        self._raced: EncodersRaced | None = None
        self.choices = QListWidget()
        self.choices.setAccessibleName(Sentence("gui.load_model.race_entrants"))
        for entrant in self._entrants:
            item = QListWidgetItem(f"{entrant.name}" + (f" · {size(entrant.bytes)}" if entrant.bytes else ""))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, TABLE_ROW))
            self.choices.addItem(item)
        self.choices.item(0).setCheckState(Qt.CheckState.Checked)
        self.budget = Choice()
        self.budget.setAccessibleName(Sentence("gui.load_model.race_time"))
        for minutes in BUDGETS:
            self.budget.addItem(Sentence("gui.load_model.race_minutes", minutes=minutes), 60 * minutes)
        self.budget.setCurrentIndex(1)
        label = PlainLabel(Sentence("gui.load_model.race_time"))
        label.setBuddy(self.budget)
        self.extent = PlainLabel(role="secondary", wrap=True)
        self.query = LongQuery(
            session, Sentence("gui.load_model.race_start"), Sentence("gui.load_model.race_start_tip")
        )
        self.table = SortedTable(_columns(), NUMBERS)
        self.table.setAccessibleName(Sentence("gui.load_model.race_found"))
        self.table.hide()
        self.outcome = PlainLabel(wrap=True)
        self.outcome.hide()
        self.load_button = QPushButton(Sentence("gui.load_model.race_load_winner"))
        self.load_button.setProperty("kind", "primary")
        self.load_button.hide()
        close = QPushButton(Sentence("gui.load_model.race_close"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(INSIDE)
        column.addWidget(PlainLabel(Sentence("gui.load_model.race_why"), role="secondary", wrap=True))
        column.addWidget(self.choices, 1)
        column.addLayout(horizontal(None, label, self.budget, STRETCH, gap=SPACE))
        for widget in (self.extent, self.query, self.outcome, self.table):
            column.addWidget(widget)
        column.addStretch(0)
        column.addLayout(horizontal(None, STRETCH, close, self.load_button, gap=SPACE))
        self.resize(WIDTH, HEIGHT)

        self.choices.itemChanged.connect(lambda _item: self._offer())
        self.budget.currentIndexChanged.connect(lambda _index: self._offer())
        self.query.answered.connect(self._show)
        self.query.running_changed.connect(self._running_changed)
        self.load_button.clicked.connect(self._load)
        close.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self.query.cancel())
        self._offer()

    def chosen(self) -> tuple[Entrant, ...]:
        """The encoders that take part."""
        checked = [self.choices.item(line).checkState() == Qt.CheckState.Checked for line in range(len(self._entrants))]
        return tuple(entrant for entrant, is_chosen in zip(self._entrants, checked, strict=True) if is_chosen)

    def choose(self, line: int, chosen: bool = True) -> None:
        """Lets the encoder in this line take part, or not."""
        self.choices.item(line).setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)

    def _offer(self) -> None:
        taken = self.chosen()
        if FEWEST <= len(taken) <= MOST:
            downloads = sum(entrant.bytes for entrant in taken)
            parts = [Sentence("gui.load_model.race_on_top")]
            if downloads:
                parts.append(Sentence("gui.load_model.race_downloads", downloads=downloads))
            self.extent.setText(" ".join(parts))
            self.query.offer(
                AskEncoderRace(
                    tuple(entrant.source for entrant in taken),
                    reference_to_dataset(self._dataset),
                    float(self.budget.currentData()),
                )
            )
        else:
            self.extent.setText(Sentence("gui.load_model.race_choose", fewest=FEWEST, most=MOST, taken=len(taken)))
            self.query.offer(None)

    def _running_changed(self) -> None:
        for widget in (self.choices, self.budget):
            widget.setEnabled(not self.query.is_running)

    def _show(self, answer: Answer) -> None:
        if not isinstance(answer, EncodersRaced):
            return
        self._raced = answer
        rows = [_row(encoder) for encoder in answer.encoders]
        self.table.name_column(1, score_name(answer.metric))
        self.table.show_rows(rows)
        self.table.measure(rows, most=WIDEST_COLUMN)
        self.table.show_height_for(len(rows))
        self.table.show()
        self.outcome.setText(_outcome(answer))
        self.outcome.show()
        self.load_button.setText(Sentence("gui.load_model.race_load", name=answer.encoders[0].name))
        self.load_button.setVisible(_key(answer.encoders[0].source) != _key(self._dataset.model.source))
        self.choices.hide()

    def _load(self) -> None:
        if self._raced is not None:
            self.winner_chosen.emit(self._raced.encoders[0].source)
            self.accept()


def _outcome(raced: EncodersRaced) -> str:
    """What the table comes to, in a sentence that follows from its numbers."""
    winner, *others = raced.encoders
    scored = [one for one in others if one.score is not None and one.rounds == winner.rounds]
    parts: list[str] = [
        Sentence("gui.load_model.race_outcome", name=winner.name, rows=raced.rows, seconds=raced.seconds)
    ]
    near = [
        one.name
        for one in scored
        if one.score is not None and winner.interval is not None and one.score >= winner.interval[0]
    ]
    if near:
        parts.append(Sentence("gui.load_model.race_near", names=near))
    parts += [Sentence("gui.load_model.race_out", name=one.name, reason=one.why_out) for one in others if one.why_out]
    return " ".join(parts)


def _columns() -> tuple[str, ...]:
    return (
        Sentence("gui.load_model.encoder"),
        Sentence("gui.load_model.race_score"),
        Sentence("gui.load_model.race_interval"),
        Sentence("gui.load_model.race_loss"),
        Sentence("gui.load_model.race_whole_run"),
        Sentence("gui.load_model.race_size"),
        Sentence("gui.load_model.race_rounds"),
    )


def _row(encoder: RacedEncoder) -> TableRow:
    low, high = encoder.interval or (None, None)
    cells = (
        encoder.name,
        UNKNOWN if encoder.score is None else score_text(encoder.score),
        UNKNOWN if low is None or high is None else Sentence("gui.load_model.race_from_to", low=low, high=high),
        UNKNOWN if encoder.loss is None else score_text(encoder.loss),
        UNKNOWN if encoder.run_seconds is None else about(encoder.run_seconds),
        size(encoder.size_bytes) if encoder.size_bytes else UNKNOWN,
        f"{encoder.rounds}",
    )
    keys = (
        encoder.name.casefold(),
        encoder.score,
        low,
        encoder.loss,
        encoder.run_seconds,
        float(encoder.size_bytes) or None,
        float(encoder.rounds),
    )
    return TableRow(cells, keys)


def _key(source: ModelSource) -> tuple[type[ModelSource], str]:
    """Equal for what is the same encoder."""
    match source:
        case HubModel():
            return HubModel, source.id
        case FolderModel():
            return FolderModel, source.folder
        case _:
            return StarterModel, ""
