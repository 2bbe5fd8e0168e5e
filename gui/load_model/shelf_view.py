"""The shelf: encoders of the Hub in a table, with a search, filters, and what each needs on this machine.

A row that is selected is chosen for loading; nothing is asked of the Hub for that.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QLineEdit, QWidget

from engine.contract.formatting import size
from engine.contract.queries import Device
from engine.contract.sentences import Sentence
from engine.contract.shelf import Fit, ShelfEntry, fit_of, found, recommended, shelf
from gui.components.choices import Choice, bounded
from gui.components.hub_verdict import language_name
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import SPACE

NUMBERS = (2,)
ROWS_SHOWN = 8
SEARCH_WIDTH = 200  # pixels
WIDEST_COLUMN = 180
SIZES = (50_000_000, 150_000_000)  # parameters at most
UNKNOWN = "–"
ORDER = {"fits": 1.0, "tight": 2.0, "too_large": 3.0}


class ShelfView(QWidget):
    """`chosen` emits the entry that is selected by the user."""

    chosen = Signal(object)  # ShelfEntry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._device: Device | None = None
        self._data_language = ""
        self._tokens = 0  # that the prepared rows have at most
        self._shown: tuple[ShelfEntry, ...] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(Sentence("gui.load_model.search_name_family_licence"))
        self.search.setAccessibleName(Sentence("gui.load_model.search_shelf"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaxLength(200)
        self.search.setMinimumWidth(SEARCH_WIDTH)
        self.language = Choice(popup_width=180)
        self.language.setAccessibleName(Sentence("gui.load_model.language"))
        bounded(self.language, 11)
        self.language.addItem(Sentence("gui.load_model.any_language"), "")
        for code, name in languages():
            self.language.addItem(name, code)
        self.size_choice = Choice()
        self.size_choice.setAccessibleName(Sentence("gui.load_model.most_parameters"))
        self.size_choice.addItem(Sentence("gui.load_model.any_size"), 0)
        for most in SIZES:
            self.size_choice.addItem(Sentence("gui.load_model.up_to_size", most=most // 1_000_000), most)
        self.fits_here = QCheckBox(Sentence("gui.load_model.fits_here"))
        set_tooltip(self.fits_here, Sentence("gui.load_model.only_encoders_whose_training_fits"))
        self.reason = PlainLabel(role="secondary", wrap=True)
        self.table = SortedTable(_columns(), NUMBERS)
        self.table.setAccessibleName(Sentence("gui.load_model.encoders_shelf"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.facts = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.facts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.empty = PlainLabel(Sentence("gui.load_model.no_encoder_shelf_like_hub"), role="quiet", wrap=True)

        filters = QWidget()
        row = FlowRow(filters, gap=SPACE, line_gap=SPACE)
        for control in (self.search, self.language, self.size_choice, self.fits_here):
            row.addWidget(control)
        vertical(self, filters, self.reason, self.table, self.facts, self.empty, gap=SPACE)

        self.search.textChanged.connect(self._show)
        self.language.currentIndexChanged.connect(self._show)
        self.size_choice.currentIndexChanged.connect(self._show)
        self.fits_here.toggled.connect(self._show)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self._show()

    def show_device(self, device: Device) -> None:
        """Says what each encoder needs on this device."""
        if self._device is None or (device.id, device.memory_free // 2**27) != (
            self._device.id,
            self._device.memory_free // 2**27,  # of what other programs take meanwhile, only more than 128 MB counts
        ):
            self._device = device
            self._show()

    def show_data(self, language: str, tokens: int) -> None:
        """Recommends for rows in this language, of so many tokens; a language that is new is filtered by."""
        is_new = language and language != self._data_language
        self._data_language, self._tokens = language, tokens
        if is_new:
            self.show_language(language)
        self._show()

    def show_language(self, language: str) -> None:
        """Filters by a language, as far as there is one that reads it."""
        self.language.setCurrentIndex(max(0, self.language.findData(language)))

    def selected(self) -> ShelfEntry | None:
        """The entry that is selected."""
        index = self.table.selected_row()
        return self._shown[index] if index is not None else None

    def select(self, id: str) -> None:
        """Selects the entry of this name without emitting `chosen`; another name selects none."""
        entry = self.selected()
        if entry is not None and entry.id != id:
            self.table.clearSelection()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.fit_columns()

    def _show(self) -> None:
        before = self.selected()
        entries = found(
            shelf(),
            text=self.search.text(),
            language=self.language.currentData() or "",
            most_parameters=self.size_choice.currentData() or 0,
        )
        fits = {entry.id: fit_of(entry.shape, self._device) for entry in entries if self._device is not None}
        if self.fits_here.isChecked() and fits:
            entries = tuple(entry for entry in entries if fits[entry.id].verdict == "fits")
        best = recommended(
            shelf(),
            language=self._data_language or self.language.currentData() or "",
            device=self._device,
            tokens=self._tokens,
        )
        places = {entry.id: place for place, entry in enumerate(best)}
        self._shown = tuple(sorted(entries, key=lambda entry: places.get(entry.id, len(places))))
        rows = [_row(entry, fits.get(entry.id), entry.id in places) for entry in self._shown]
        self.table.show_rows(rows)
        every = [_row(entry, fit_of(entry.shape, self._device) if self._device else None, True) for entry in shelf()]
        self.table.measure(every, most=WIDEST_COLUMN)
        self.table.show_height_for(min(ROWS_SHOWN, len(rows)))
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self.fits_here.setEnabled(self._device is not None)
        self.reason.setText(self._reason())
        self.reason.setVisible(bool(self.reason.text()))
        if before is not None and before in self._shown:
            self._select_row(self._shown.index(before))
        self._show_facts()

    def _select_row(self, index: int) -> None:
        line = next(line for line in range(len(self._shown)) if self.table.index_of(line) == index)
        blocked = self.table.selectionModel().blockSignals(True)
        self.table.selectRow(line)
        self.table.selectionModel().blockSignals(blocked)

    def _reason(self) -> str:
        parts = []
        if self._data_language:
            parts.append(Sentence("gui.load_model.your_rows_look", data_language=language_name(self._data_language)))
        if self._device is not None:
            parts.append(Sentence("gui.load_model.free", name=self._device.name, memory_free=self._device.memory_free))
        if not parts:
            return ""
        if len(parts) == 2:
            return Sentence("gui.load_model.recommended_for_both", rows=parts[0], device=parts[1])
        return Sentence("gui.load_model.recommended_for", what=parts[0])

    def _selected(self) -> None:
        entry = self.selected()
        self._show_facts()
        if entry is not None:
            self.chosen.emit(entry)

    def _show_facts(self) -> None:
        entry = self.selected()
        self.facts.setText("" if entry is None else facts_of(entry))
        self.facts.setVisible(entry is not None)


def _columns() -> tuple[str, ...]:
    return (
        Sentence("gui.load_model.encoder"),
        Sentence("gui.load_model.languages"),
        Sentence("gui.load_model.parameters"),
        Sentence("gui.load_model.here"),
    )


def _verdict(fit: Fit) -> str:
    match fit.verdict:
        case "fits":
            return Sentence("gui.load_model.fits")
        case "tight":
            return Sentence("gui.load_model.tight")
        case "too_large":
            return Sentence("gui.load_model.too_large")


def languages() -> list[tuple[str, str]]:
    """The languages that an entry reads, by their names."""
    codes = {code for entry in shelf() for code in entry.languages}
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())


def facts_of(entry: ShelfEntry) -> str:
    """What the table has no room for, on one line."""
    parts = [
        entry.id,
        Sentence("gui.load_model.layers_numbers_token", layers=entry.layers, hidden_size=entry.hidden_size),
    ]
    if entry.download_bytes:
        parts.append(Sentence("gui.load_model.download_2", download_bytes=entry.download_bytes))
    if entry.max_length:
        parts.append(Sentence("gui.load_model.up_tokens", max_length=entry.max_length))
    if entry.cased is not None:
        parts.append(
            Sentence("gui.load_model.reads_capitals")
            if entry.cased
            else Sentence("gui.load_model.reads_everything_lower_case")
        )
    parts.append(
        Sentence("gui.load_model.licence_2", license=entry.license)
        if entry.license
        else Sentence("gui.load_model.licence_not_known_here")
    )
    return " · ".join(parts) + f". {entry.note}"


def _row(entry: ShelfEntry, fit: Fit | None, is_recommended: bool) -> TableRow:
    many = len(entry.languages)
    languages = language_name(entry.languages[0]) if many == 1 else Sentence("gui.load_model.languages_2", many=many)
    here, place = UNKNOWN, 9.0
    if fit is not None:
        needed = size(fit.memory.total)
        here = f"{Sentence('gui.load_model.recommended') if is_recommended else _verdict(fit)}, {needed}"
        place = 0.0 if is_recommended else ORDER[fit.verdict] + fit.memory.total / 1e15
    elif is_recommended:
        here, place = Sentence("gui.load_model.recommended"), 0.0
    cells = (
        entry.id.partition("/")[2] or entry.id,
        languages,
        f"{entry.parameters / 1e6:,.0f} M",
        here,
    )
    keys = (
        cells[0].casefold(),
        float(many) if many > 1 else languages,
        float(entry.parameters),
        place,
    )
    return TableRow(cells, keys)
