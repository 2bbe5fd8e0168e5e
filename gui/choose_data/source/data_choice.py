"""What the user chose about the rows: which file, how it is read, the roles of its columns, the settings.

A form over a row source and `PrepareSettings`. It holds the first rows as they were understood and requests others
through `preview_requested`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.contract.cleaning_rules import CleaningRule
from engine.contract.queries import AskRowCounts, Preview
from engine.contract.row_edits import RowChange
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, ReadingOptions, Roles, RowSource
from gui.choose_data.source.data_preview import DataPreview
from gui.choose_data.source.row_counts import RowCountsView
from gui.choose_data.source.source_line import SourceLine, source_facts, source_name
from gui.choose_data.source.split_columns import SPLITS, SplitColumns
from gui.choose_data.source.split_reading import SplitReading
from gui.components.card import Card
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.settings_form import SettingsForm
from gui.design.theme import INSIDE

FIELDS = ("row_limit", "max_length", "strip_html_breaks", "seed", "validation_share", "test_share", "near_duplicates")
_NOT_COUNTED = ("row_limit", "max_length", "seed", "validation_share", "test_share", "near_duplicates", "kept_splits")


class DataChoice(QWidget):
    """Source and preview of the rows; `settings_card` holds the settings."""

    changed = Signal()  # roles or settings are others
    preview_requested = Signal()  # the first rows must be read, again or for the first time

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source: RowSource | None = None
        self.reading = ReadingOptions()  # what the user chose; empty where the content decides
        self.found: Preview | None = None  # the first rows as they were understood
        self.cleaning_rules: tuple[CleaningRule, ...] = ()  # fixes of findings
        self.changes: tuple[RowChange, ...] = ()  # edits of single rows
        self._taken = PrepareSettings()  # of the data set that these entries are from
        self._kept_roles: Roles | None = None
        self._decided = False  # whether rows that cannot be read were excluded before
        self.source_line = SourceLine()
        self.split_columns = SplitColumns()
        self.split_reading = SplitReading()
        self.row_counts = RowCountsView()
        self.preview = DataPreview()
        self.form = SettingsForm(PrepareSettings(), FIELDS, columns=3, captions={"near_duplicates": measures()})
        self.form.set_zero_text("test_share", Sentence("gui.choose_data.none_all_train"))
        for editor in self.form.findChildren(QLineEdit):
            editor.setAcceptDrops(False)  # a file dropped here is meant for the page
        rows_card = Card()
        rows_card.column.setSpacing(INSIDE)
        rows_card.column.addWidget(self.source_line)
        rows_card.column.addWidget(self.split_reading)
        rows_card.column.addWidget(self.split_columns)
        rows_card.column.addWidget(self.row_counts)
        rows_card.column.addWidget(self.preview)
        self.settings_card = Card()  # in a tab of its own
        self.settings_card.column.addWidget(self.form)
        self.settings_card.column.addWidget(
            PlainLabel(Sentence("gui.choose_data.auto_takes"), role="secondary", wrap=True)
        )
        vertical(self, rows_card)
        self.source_line.file_removed.connect(lambda split: self.take_separate_file(split, ""))
        self.source_line.reading_requested.connect(self.split_reading.open)
        self.split_reading.changed.connect(self.changed)
        self.preview.reading_changed.connect(self._read_again)
        self.preview.roles_changed.connect(self._show_roles)
        self.split_columns.changed.connect(self.changed)
        self.form.changed.connect(self.changed)

    def settings(self) -> PrepareSettings:
        """All that was chosen, as a stage takes it."""
        entered = self.form.value()
        return msgspec.structs.replace(
            entered,
            kept_splits=entered.kept_splits if _same_splits(entered, self._taken) else "",
            task=self.preview.task(),
            roles=self.preview.roles(),
            reading=self.reading,
            cleaning_rules=self.cleaning_rules,
            label_delimiter=self.preview.label_delimiter(),
            changes=self.changes,
            validation_roles=self.split_columns.roles("validation"),
            test_roles=self.split_columns.roles("test"),
            validation_reading=self.split_reading.value("validation"),
            test_reading=self.split_reading.value("test"),
        )

    def counted(self) -> AskRowCounts | None:
        """The query for how many rows can be used, without what does not change that; None where nothing can be asked.

        An example is known to be whole.
        """
        if self.source is None or self.found is None or isinstance(self.source, ExampleRows) or self.complaint():
            return None
        settings, usual = self.settings(), PrepareSettings()
        others = {name: getattr(usual, name) for name in (*_NOT_COUNTED, "changes", "cleaning_rules")}
        return AskRowCounts(self.source, msgspec.structs.replace(settings, **others))

    def complaint(self) -> str:
        """What is missing before the rows can be prepared, in one sentence; empty when nothing is."""
        of_files = self.split_reading.complaint() or self.split_columns.complaint()
        return self.preview.missing() or of_files or next(iter(self.form.errors().values()), "")

    def name(self) -> str:
        """What the rows are called."""
        return source_name(self.source, self.found)

    # ── Choosing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def take_source(self, source: RowSource, *, encodings: Mapping[str, str] | None = None) -> None:
        """Takes other rows: roles and reading are guessed anew, fixes are dropped, the settings stay.

        `encodings` is what the user chose for these files before, by split.
        """
        known = encodings or {}
        self.cleaning_rules = ()
        self._taken = PrepareSettings()
        self.form.set_value(msgspec.structs.replace(self.form.value(), kept_splits=""))
        self.form.set_zero_text(
            "max_length", Sentence("gui.choose_data.auto")
        )  # how long that is shows once these rows are prepared
        self.preview.separator.choose("")
        for split in SPLITS:
            self.split_columns.keep(split, Roles())
            self.split_reading.keep(split, ReadingOptions(encoding=known.get(split, "")))
        self._take(source, ReadingOptions(encoding=known.get("train", "")), None)

    def take_separate_file(self, split: str, path: str, *, encoding: str = "") -> None:
        """Takes validation or test rows from a file of their own; an empty path holds rows out again.

        `encoding` is what the user chose for this file before.
        """
        if isinstance(self.source, FileRows):
            source = msgspec.structs.replace(self.source, **{f"{split}_path": path})
            self.split_columns.keep(split, Roles())
            self.split_reading.keep(split, ReadingOptions(encoding=encoding))
            self._take(source, self.reading, self.preview.chosen_roles())

    def take_entries(self, source: RowSource, settings: PrepareSettings) -> None:
        """Takes everything from a data set that is there already."""
        self.form.set_value(settings)
        self._taken = settings
        self.cleaning_rules = settings.cleaning_rules
        self.preview.separator.choose(settings.label_delimiter)
        self.split_columns.keep("validation", settings.validation_roles)
        self.split_columns.keep("test", settings.test_roles)
        self.split_reading.keep("validation", settings.validation_reading)
        self.split_reading.keep("test", settings.test_reading)
        self._take(source, settings.reading, settings.roles, decided=True)

    def _read_again(self) -> None:
        if self.source is not None:
            self._take(self.source, self.preview.reading(), self.preview.chosen_roles())

    def _take(self, source: RowSource, reading: ReadingOptions, roles: Roles | None, *, decided: bool = False) -> None:
        self._decided = decided
        self.source, self.reading, self._kept_roles = source, reading, roles
        self.found = None
        self.split_columns.wait()
        self.split_reading.wait()
        self.row_counts.show_counts(None)
        self.preview.wait()
        self.show_status(Sentence("gui.choose_data.reading_first_rows"))
        files = source if isinstance(source, FileRows) else FileRows("")
        self.form.field("validation_share").setVisible(not files.validation_path)
        self.form.field("test_share").setVisible(not files.test_path)
        self.preview_requested.emit()

    def focus_setting(self, name: str) -> None:
        """Takes the keyboard to a setting; to another where it is hidden, as for a split with a file of its own."""
        fields = [self.form.field(one) for one in (name, *FIELDS)]
        next(field for field in fields if not field.isHidden()).editor.setFocus()

    # ── Showing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def show_preview(self, preview: Preview) -> None:
        """Shows the first rows that were asked for."""
        self.found = preview
        is_example = isinstance(self.source, ExampleRows)
        self.preview.show_preview(
            preview, self.reading, is_example=is_example, keep=self._kept_roles, decided=self._decided
        )
        self.show_status(source_facts(preview))

    def show_other_file(self, split: str, preview: Preview) -> None:
        """Shows how this split's own file is read and which of its columns, where that is not as in training."""
        training = self.found.reading if self.found is not None else ReadingOptions()
        columns = [column.name for column in self.found.columns] if self.found is not None else []
        self.split_reading.show_file(split, preview, training)
        self.split_columns.show_file(split, preview, columns, self.preview.roles(), self.preview.task())

    def _show_roles(self) -> None:
        self.split_columns.show_roles(self.preview.roles(), self.preview.task())
        self.changed.emit()

    def show_nothing(self, sentence: str) -> None:
        """Shows why there are no rows."""
        self.preview.show_nothing(self.reading)
        self.show_status(sentence)

    def show_status(self, sentence: str) -> None:
        """Shows this below the name of the rows."""
        if self.source is not None:
            self.source_line.show_source(self.source, self.name(), sentence)


def measures() -> tuple[tuple[str, str], ...]:
    """The ways to compare rows with each other, and what they are called."""
    return (
        ("words", Sentence("gui.choose_data.by_common_words")),
        ("meaning", Sentence("gui.choose_data.by_embeddings")),
    )


def _same_splits(one: PrepareSettings, other: PrepareSettings) -> bool:
    """Whether both ask for the same splits, so that those of an earlier data set may be kept."""
    names = ("kept_splits", "validation_share", "test_share", "row_limit", "seed")
    return all(getattr(one, name) == getattr(other, name) for name in names)
