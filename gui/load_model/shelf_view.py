"""The shelf: encoders of the Hub in a table, with a search, filters, and what each needs on this machine.

A row that is selected is chosen for loading; nothing is asked of the Hub for that.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import size
from engine.contract.queries import Device, HubListing
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
    hub_search_requested = Signal(str)
    race_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._device: Device | None = None
        self._data_language = ""
        self._hub_reason = ""  # why the Hub cannot be searched now
        self._tokens = 0  # that the prepared rows have at most
        self._shown: tuple[ShelfEntry, ...] = ()
        self._listed: dict[str, HubListing] = {}  # what a search of the Hub has found, instead of the shelf
        self.search = QLineEdit()
        self.search.setPlaceholderText(Sentence("gui.load_model.search_shelf"))
        self.search.setAccessibleName(Sentence("gui.load_model.search_shelf"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaxLength(200)
        self.search.setMinimumWidth(SEARCH_WIDTH)
        self.hub_button = QPushButton(Sentence("gui.load_model.search_hub"))
        self.hub_button.setAccessibleDescription(Sentence("gui.load_model.asks_hub_names"))
        self.shelf_button = QPushButton(Sentence("gui.load_model.back_to_shelf"))
        self.shelf_button.hide()
        self.race_button = QPushButton(Sentence("gui.load_model.race"))
        self.race_button.setAccessibleDescription(Sentence("gui.load_model.trains_short_time"))
        self.language = Choice(popup_width=180)
        self.language.setAccessibleName(Sentence("gui.load_model.language"))
        bounded(self.language, 14)
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
        for control in (
            self.search,
            self.hub_button,
            self.shelf_button,
            self.language,
            self.size_choice,
            self.fits_here,
            self.race_button,
        ):
            row.addWidget(control)
        vertical(self, filters, self.reason, self.table, self.facts, self.empty, gap=SPACE)

        self.search.textChanged.connect(self._search_changed)
        self.hub_button.clicked.connect(lambda: self.hub_search_requested.emit(self.search.text().strip()))
        self.race_button.clicked.connect(self.race_requested)
        self.shelf_button.clicked.connect(lambda: self._take_listings({}))
        self.language.currentIndexChanged.connect(self._show)
        self.size_choice.currentIndexChanged.connect(self._show)
        self.fits_here.toggled.connect(self._show)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self._search_changed()

    def show_device(self, device: Device) -> None:
        """Shows what each encoder needs on this device."""
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

    def allow_hub(self, reason: str) -> None:
        """Lets the Hub be searched where there is no reason against it."""
        self._hub_reason = reason
        self._search_changed()

    def allow_race(self, reason: str) -> None:
        """Lets encoders be compared where there is no reason against it."""
        self.race_button.setEnabled(not reason)
        set_tooltip(self.race_button, reason or Sentence("gui.load_model.trains_short_time"))

    def show_listings(self, models: Sequence[HubListing]) -> None:
        """Shows what a search of the Hub has found in place of the shelf."""
        self._take_listings({listing.id: listing for listing in models})
        if not models:
            self.empty.setText(Sentence("gui.load_model.nothing_on_hub"))

    def _take_listings(self, listed: dict[str, HubListing]) -> None:
        self._listed = listed
        self.empty.setText(Sentence("gui.load_model.no_encoder_shelf_like_hub"))
        self._show()

    def _search_changed(self) -> None:
        if self._listed and not self.search.text():
            self._listed = {}
        text = self.search.text().strip()
        self.hub_button.setEnabled(bool(text) and not self._hub_reason)
        set_tooltip(self.hub_button, self._hub_reason or ("" if text else Sentence("gui.load_model.type_name_first")))
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.fit_columns()

    def _show(self) -> None:
        before = self.selected()
        of_hub = bool(self._listed)
        entries = found(
            [_entry_of(listing) for listing in self._listed.values()] if of_hub else shelf(),
            text="" if of_hub else self.search.text(),
            language="" if of_hub else self.language.currentData() or "",
            most_parameters=0 if of_hub else self.size_choice.currentData() or 0,
        )
        for widget in (self.language, self.size_choice, self.fits_here):
            widget.setVisible(not of_hub)
        self.shelf_button.setVisible(of_hub)
        fits = {
            entry.id: fit_of(entry.shape, self._device) for entry in entries if self._device is not None and not of_hub
        }
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
        rows = [
            _listed_row(self._listed[entry.id]) if of_hub else _row(entry, fits.get(entry.id), entry.id in places)
            for entry in self._shown
        ]
        self.table.show_rows(rows)
        every = [_row(entry, fit_of(entry.shape, self._device) if self._device else None, True) for entry in shelf()]
        self.table.measure(every, most=WIDEST_COLUMN)
        self.table.show_height_for(min(ROWS_SHOWN, len(rows)))
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self.fits_here.setEnabled(self._device is not None)
        self.reason.setText(Sentence("gui.load_model.listed") if of_hub else self._reason())
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
            parts.append(Sentence("gui.load_model.free", name=self._device.title, memory_free=self._device.memory_free))
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
        listing = self._listed.get(entry.id) if entry is not None else None
        self.facts.setText("" if entry is None else facts_of_listing(listing) if listing else facts_of(entry))
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
    return " · ".join(parts) + f". {entry.about}"


def facts_of_listing(listing: HubListing) -> str:
    """What the Hub states about a model of its list, on one line."""
    parts = [listing.id, listing.model_type or Sentence("gui.load_model.family_not_stated")]
    parts.append(Sentence("gui.load_model.downloads_month", downloads=listing.downloads))
    parts.append(
        Sentence("gui.load_model.licence_2", license=listing.license)
        if listing.license
        else Sentence("gui.load_model.licence_not_stated")
    )
    if listing.needs_permission:
        parts.append(Sentence("gui.load_model.needs_permission_and_token"))
    if not listing.is_trainable:
        parts.append(Sentence("gui.load_model.not_encoder_safetensors"))
    return " · ".join(parts) + "."


def _languages_text(codes: Sequence[str]) -> str:
    if not codes:
        return UNKNOWN
    return language_name(codes[0]) if len(codes) == 1 else Sentence("gui.load_model.languages_2", many=len(codes))


def _entry_of(listing: HubListing) -> ShelfEntry:
    return ShelfEntry(
        id=listing.id,
        model_type=listing.model_type,
        parameters=listing.parameters,
        layers=0,
        hidden_size=0,
        languages=listing.languages,
        license=listing.license,
    )


def _listed_row(listing: HubListing) -> TableRow:
    many = len(listing.languages)
    languages = _languages_text(listing.languages)
    here = (
        Sentence("gui.load_model.cannot_be_trained")
        if not listing.is_trainable
        else Sentence("gui.load_model.needs_permission")
        if listing.needs_permission
        else Sentence("gui.load_model.on_hub")
    )
    parameters = _millions(listing.parameters) if listing.parameters else UNKNOWN
    return TableRow(
        (listing.id, languages, parameters, here),
        (listing.id.casefold(), float(many), float(listing.parameters) or None, here),
    )


def _millions(parameters: int) -> str:
    return Sentence("gui.load_model.millions", millions=parameters / 1e6)


def _row(entry: ShelfEntry, fit: Fit | None, is_recommended: bool) -> TableRow:
    many = len(entry.languages)
    languages = _languages_text(entry.languages)
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
        _millions(entry.parameters),
        here,
    )
    keys = (
        cells[0].casefold(),
        float(many) if many > 1 else languages,
        float(entry.parameters),
        place,
    )
    return TableRow(cells, keys)
