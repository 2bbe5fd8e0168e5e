"""Choose data: an example or a file, what its columns mean, how it is split; then what became of the rows.

The page holds the user's entries (source, reading, roles, settings) apart from the result, so that a changed model or
a step back closes the result and keeps the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QScrollArea, QWidget

from engine.contract.cleaning_rules import CleaningRule, in_order
from engine.contract.errors import EngineError, ErrorReport
from engine.contract.events import Event, StageFailed, StageStopped, StageSucceeded
from engine.contract.examples import examples
from engine.contract.messages import PrepareDataset
from engine.contract.queries import Answer, AskPreview, AskRow, AskRowCounts, Preview, RowCounts, TokenizedText
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.row_edits import RowChange
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, RowSource
from engine.contract.states import ModelHandle, PreparedDataset, State, find
from engine.script.assemble import code_so_far
from engine.workspace.references import reference_to_dataset
from engine.workspace.row_edit_file import read_changes, still_fitting, write_changes
from gui.choose_data.data_tabs import DataTabs, Tab, prepare_first
from gui.choose_data.explanation import why_data
from gui.choose_data.source.data_choice import DataChoice
from gui.choose_data.source.drop_zone import FileDrops, file_filter, rows_from
from gui.choose_data.source.hub_data import HubData
from gui.choose_data.source.source_picker import SourcePicker
from gui.choose_data.summary.label_table import LabelTable
from gui.choose_data.summary.length_chart import LengthChart
from gui.choose_data.summary.prepared_summary import PreparedSummary
from gui.choose_data.summary.row_inspector import RowPlace
from gui.components.latest_query import LatestQuery
from gui.components.layouts import STRETCH, vertical
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import ProgressLine
from gui.design.theme import SPACE
from gui.entries import Entries
from gui.page import NO_ERROR, ExportAction, ModelAction, Page, TrainingAction, WindowAction
from gui.preferences import RecentFile, RecentModel

SHARES = ("validation_share", "test_share")


class ChooseDataPage(Page):
    """Step 2."""

    title = "Choose data"
    needs = ModelHandle
    makes = PreparedDataset

    @classmethod
    def import_parts(cls) -> None:
        import gui.choose_data.rows.all_rows  # noqa: F401

    def _build(self) -> Iterator[None]:
        session = self.session
        self._dataset: PreparedDataset | None = None
        self._pieces: TokenizedText | None = None  # the row that the Why tab explains
        self._made_by: PrepareDataset | None = None  # the job that made the last result, also when that is closed
        self._running: PrepareDataset | None = None
        self._preview_query = 0
        self._column_queries: dict[str, int] = {}  # for the first rows of further files, by split
        self._row_query = 0
        self._counting = LatestQuery(session, self._take_row_counts, self)
        self._counted: AskRowCounts | None = None  # the query that was sent last
        self._picking = True
        self._edits_source: RowSource | None = None
        self._adopting = False
        self._was_chosen = False  # the rows whose preview is awaited, just now: the keyboard follows
        self._applying_fix = False  # a fix is being applied or undone
        self._place_of_fix = 0  # how far the page was scrolled then
        self._restoring = False  # the preview belongs to a result that is there already
        self._device = "auto"  # that computes embeddings
        self._is_first_result = False  # whether the running job is the first on these rows
        self._keeps_tab = False  # whether the next result is shown in the tab that it was requested from
        self._returns_to: Tab = "overview"
        self._retry: Callable[[], None] = self.take_primary_action  # repeats what the last error was about
        self._places: dict[str, int] = {}  # how far each tab was scrolled
        self._jump: QWidget | None = None  # what is to be seen on top once the tab is laid out
        # What holds others first, into what has its place: with every new parent all widgets inside are styled again.
        self.drops = FileDrops(self)
        self.stale = PlainLabel(role="caution", wrap=True)
        self.progress = ProgressLine()
        self.picker = SourcePicker(session.preferences)
        self.picker.offer(examples())
        self.hub = HubData(session, self.picker.hub_form, self)
        yield
        views: dict[Tab, QWidget] = {"overview": QWidget(), "rows": QWidget(), "settings": QWidget()}
        labels, lengths = LabelTable(), LengthChart()
        self.tabs = DataTabs({**views, "labels": labels, "lengths": lengths})
        vertical(self, self.stale, self.progress, self.picker, self.tabs, STRETCH, gap=2 * SPACE)
        yield
        from gui.choose_data.rows.all_rows import AllRows  # with numpy: not before the window is on the screen

        rows = AllRows()
        rows.show_button.hide()  # the tab unfolds them
        rows.table.sort_by("row")
        rows_column = vertical(views["rows"], rows, gap=2 * SPACE)
        yield
        self.summary = PreparedSummary(rows, labels, lengths)
        rows_column.addWidget(self.summary.row_card)
        overview = vertical(views["overview"], self.summary, gap=2 * SPACE)
        yield
        self.choice = DataChoice()
        overview.addWidget(self.choice)
        vertical(views["settings"], self.choice.settings_card)
        yield

        self.drops.dropped.connect(self.take_paths)
        self.drops.hovering.connect(self.picker.drop_zone.invite)
        self.picker.file_requested.connect(self.choose_file)
        self.picker.folder_requested.connect(self.choose_folder)
        self.picker.example_chosen.connect(lambda name: self.take_source(ExampleRows(name)))
        self.picker.recent.chosen.connect(self._take_recent)
        session.preferences.changed.connect(self._show_recent)
        self._show_recent()
        self.hub.chosen.connect(self.take_source)
        self.picker.hub_form.grown.connect(lambda: QTimer.singleShot(0, self, self._show_hub_form))
        self.hub.error_found.connect(partial(self._show_error, again=self.hub.try_again))
        self.hub.error_solved.connect(self.error_solved)
        self.picker.kept.connect(lambda: self._show_picker(False))
        self.tabs.change_pressed.connect(self._choose_other)
        self.tabs.moved.connect(self._tab_moved)
        self.choice.source_line.file_requested.connect(self.choose_separate_file)
        self.choice.preview_requested.connect(self._ask_preview)
        self.choice.changed.connect(self._show_what_is)
        self.choice.preview.question.chosen.connect(lambda _column: self._focus_result())
        self.summary.row_requested.connect(self._ask_row)
        self.summary.row_chosen.connect(self.show_row)
        self.choice.preview.reading_changed.connect(lambda: self._remember_encoding("train"))
        self.choice.split_reading.changed.connect(self._read_other_file)
        self.choice.preview.row_chosen.connect(lambda number: self.show_row(number, file="train"))
        self.summary.findings.fix_requested.connect(lambda one: self._prepare_with((*self.choice.cleaning_rules, one)))
        self.summary.findings.fixes_requested.connect(
            lambda several: self._prepare_with((*self.choice.cleaning_rules, *several))
        )
        self.summary.findings.fix_undone.connect(self._prepare_without)
        self.summary.findings.step_requested.connect(self._go_to_step)
        self.summary.test_share_requested.connect(self._prepare_with_test_share)
        self.summary.lengths.maximum_requested.connect(self._prepare_with_maximum)
        self.summary.rows.edit_form.changed.connect(self._store_edits)
        session.row_edits_changed.connect(self._edited_elsewhere)
        self.summary.rows.edit_form.prepare_requested.connect(self.take_primary_action)
        session.busy_changed.connect(self._show_what_is)
        self._show_picker(True)

    # ── What the window reads ─────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        return Sentence("gui.page.choose_data")

    @classmethod
    def closed_reason(cls) -> str:
        return Sentence("gui.page.choose_data_closed")

    def sentence(self) -> str:
        if self._preparing():
            model = find(self.session.state, ModelHandle)
            name = self.choice.name()
            if model is None:
                return Sentence("gui.choose_data.being_prepared", data=name)
            return Sentence("gui.choose_data.being_prepared_for", data=name, model=model.name)
        if self._dataset is not None and not self._has_other_rows():
            names = {"data": self._dataset.name, "model": self._dataset.model.name, "rows": self._dataset.rows_used}
            if self._dataset.target_scale is not None:
                return Sentence("gui.choose_data.prepared_scores", **names)
            return Sentence("gui.choose_data.prepared_labels", **names, labels=len(self._dataset.label_names))
        if self.choice.source is None:
            return Sentence("gui.choose_data.rows_of_text")
        return Sentence("gui.choose_data.check_roles")

    def chosen(self) -> str:
        if self._dataset is None:
            return ""
        return Sentence("gui.choose_data.data_rows", data=self._dataset.name, rows=self._dataset.rows_used)

    def why(self) -> str:
        model = find(self.session.state, ModelHandle)
        roles, task = self.choice.preview.roles(), self.choice.preview.task()
        return why_data(model, self.choice.found, roles, task, self._dataset, self._pieces)

    def code(self) -> str:
        return code_so_far(self._dataset or find(self.session.state, ModelHandle))

    def primary_text(self) -> str:
        if self._made_by is not None:
            return Sentence("gui.choose_data.prepare_again")
        if isinstance(self.choice.source, ExampleRows):
            return Sentence("gui.choose_data.prepare_continue")
        return Sentence("gui.choose_data.prepare")

    def primary_enabled(self) -> bool:
        return not self.primary_reason()

    def primary_reason(self) -> str:
        if find(self.session.state, ModelHandle) is None:
            return self.closed_reason()
        if self.session.busy:
            if self._preparing():
                return Sentence("gui.choose_data.data_being_prepared")
            return Sentence("gui.choose_data.another_step")
        if self.choice.source is None:
            return Sentence("gui.choose_data.choose_first")
        if self.choice.found is None:
            if self._preview_query:
                return Sentence("gui.choose_data.first_rows_being_read")
            return Sentence("gui.choose_data.rows_cannot_be_read")
        if self._column_queries:
            return Sentence("gui.choose_data.columns_being_read")
        if self.choice.complaint():
            return self.choice.complaint()
        if self._is_current():
            return Sentence("gui.choose_data.rows_prepared")
        return ""

    def continues(self, made: State) -> bool:
        """An example without anything to decide; the user's own rows are to be looked at first."""
        if not isinstance(made, PreparedDataset) or not isinstance(made.source, ExampleRows):
            return False
        return self._is_first_result and all(finding.severity == "note" for finding in made.findings)

    def is_outdated(self) -> bool:
        return self._has_other_rows() or (
            self._dataset is not None and not self._is_current() and not self.primary_reason()
        )

    def next_reason(self) -> str:
        if self._dataset is None or not self._has_other_rows():
            return ""
        return Sentence("gui.choose_data.not_prepared_yet", data=self._dataset.name)

    # ── What the window calls ─────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        job = self._job()
        if job is None or not self.session.run_stage(msgspec.structs.replace(job, device=self._device)):
            return
        self._running = job
        self._is_first_result = self._made_by is None
        self._returns_to = self.tabs.current() if self._keeps_tab else "overview"
        self._keeps_tab = False
        self.error_solved.emit()
        self.progress.reset(Sentence("gui.choose_data.preparing_data"))
        self._show_picker(False)
        self._scroll_to_top()

    def show_state(self, state: State | None) -> None:
        dataset = find(state, PreparedDataset)
        if dataset is None:
            self._dataset = None
            self._pieces = None
        elif self._dataset is None or not _is_same(dataset, self._dataset):
            self._adopt(dataset)
        self._show_what_is()

    def show_event(self, event: Event) -> None:
        self.progress.show_event(event)
        match event:
            case StageSucceeded(state=PreparedDataset() as dataset):
                self._take_result(dataset)
                if not self._applying_fix:
                    self.tabs.go_to(self._returns_to)
                    self._scroll_to_top()
                self.done.emit()
            case StageFailed():
                field = event.error.field
                self._retry = self.take_primary_action
                if field and self.choice.form.show_refusal(field, event.error.message):
                    self.tabs.go_to("settings")
                else:
                    self.error_found.emit(event.error)
            case StageStopped():
                pass
            case _:
                return
        if self._dataset is not None and not self._has_other_rows():
            self.choice.cleaning_rules = (
                self._dataset.settings.cleaning_rules
            )  # a fix that failed or was stopped is dropped
        self._running = None
        self._show_what_is()
        if self._applying_fix:
            self._applying_fix = False
            QTimer.singleShot(0, self, self._return_to_findings)

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        match action:
            case RecoveryAction.TRY_AGAIN:
                self._retry()
            case RecoveryAction.USE_CPU:
                self._device = "cpu"
                self._retry()
            case RecoveryAction.WORK_ONLINE:
                self.session.preferences.change(offline=False)
                self._retry()
            case RecoveryAction.USE_FOLDER:
                self.choose_folder()
            case RecoveryAction.OPEN_HUB_PAGE:
                self.hub.open_page()
            case RecoveryAction.CHOOSE_OTHER_FILE:
                self.choose_file()
            case RecoveryAction.CHOOSE_OTHER_DATA:
                self.error_solved.emit()
                self._show_picker(True)
                self.picker.hub_form.name_field.setFocus()
            case RecoveryAction.CHOOSE_OTHER_SHEET:
                self._show_preview()
                self.choice.preview.reading_line.offer_parts(error.choices)
            case RecoveryAction.CHOOSE_COLUMNS:
                self._show_preview()
                self.choice.preview.focus_column(error.field)
            case RecoveryAction.CHANGE_SPLITS:
                self._show_picker(False)
                self.tabs.go_to("settings")
                self.choice.focus_setting(error.field if error.field in SHARES else SHARES[0])
            case RecoveryAction.TRAIN_ON_ALL_ROWS:
                self._prepare_with_test_share(0.0)
            case RecoveryAction.PREPARE_AGAIN:
                self._show_picker(False)
                self.take_primary_action()
            case _:
                foreign: ModelAction | TrainingAction | ExportAction | WindowAction = action
                self.action_passed_on.emit(foreign, error)

    def _show_error(self, error: ErrorReport, *, again: Callable[[], None]) -> None:
        """Shows an error; `again` repeats what it is about."""
        self._retry = again
        self.error_found.emit(error)

    # ── Choosing rows ─────────────────────────────────────────────────────────────────────────────────────────────────

    def choose_file(self) -> None:
        """Opens the dialog for the file with the rows."""
        self._open_dialog(
            Sentence("gui.choose_data.file_with_rows"), self.take_paths, mode=QFileDialog.FileMode.ExistingFiles
        )

    def choose_folder(self) -> None:
        """Opens the dialog for a folder with data files, texts or a saved data set."""
        self._open_dialog(
            Sentence("gui.choose_data.folder_with_rows"), self.take_paths, mode=QFileDialog.FileMode.Directory
        )

    def choose_separate_file(self, split: str) -> None:
        """Opens the dialog for the file of one split."""
        is_validation = split == "validation"
        title = Sentence("gui.choose_data.validation_file" if is_validation else "gui.choose_data.test_file")

        def take(paths: list[str]) -> None:
            encoding = self.session.preferences.encoding_for(paths[0])
            self.choice.take_separate_file(split, paths[0], encoding=encoding)

        self._open_dialog(title, take, mode=QFileDialog.FileMode.ExistingFile)

    def take_paths(self, paths: list[str]) -> None:
        """Takes chosen or dropped files; their names decide which is training, validation and test."""
        if self._preparing():
            return
        try:
            source = rows_from(paths)
        except EngineError as error:
            self._show_error(error.report(), again=lambda: self.take_paths(paths))
            return
        self.take_source(source)

    def take_source(self, source: RowSource) -> None:
        """Takes a file, an example or a data set of the Hub."""
        self.hub.cancel()
        self._places.clear()
        self._was_chosen = True
        self.tabs.go_to("overview")
        self._scroll_to_top()
        remembered = self.session.preferences.encoding_for
        self.choice.take_source(source, encodings={split: remembered(path) for split, path in _paths(source).items()})

    def add_entries(self, entries: Entries) -> Entries:
        if self._dataset is not None and self._is_current():
            source, settings = self._dataset.source, self._dataset.settings
            return msgspec.structs.replace(entries, data=source, prepare=settings, is_prepared=True)
        if self.choice.source is None:
            return entries
        return msgspec.structs.replace(entries, data=self.choice.source, prepare=self.choice.settings())

    def restore(self, entries: Entries) -> None:
        if entries.data is not None and not entries.is_prepared:
            self.take_source(entries.data)
            self.choice.take_entries(entries.data, entries.prepare or PrepareSettings())

    def open_recent(self, entry: RecentFile | RecentModel) -> None:
        if isinstance(entry, RecentFile) and not self._preparing():
            self._show_picker(True)
            self.picker.recent.open(entry)

    def _take_recent(self, entry: RecentFile) -> None:
        if not self._preparing():
            self.take_source(FileRows(entry.path, entry.validation_path, entry.test_path))

    def _show_recent(self) -> None:
        self.picker.recent.show_entries(self.session.preferences.now.recent_files)

    def _remember_source(self) -> None:
        """What was read is among the recent files; a run that was opened has chosen nothing."""
        source = self.choice.source
        if isinstance(source, FileRows) and not self._restoring:
            self.session.preferences.remember_file(RecentFile(source.path, source.validation_path, source.test_path))

    def _remember_encoding(self, split: str) -> None:
        """The file is read so again when it is chosen again, also after a restart."""
        path = _paths(self.choice.source).get(split, "")
        reading = self.choice.preview.reading() if split == "train" else self.choice.split_reading.value(split)
        if path:
            self.session.preferences.remember_encoding(path, reading.encoding)

    def _read_other_file(self, split: str) -> None:
        """Reads the first rows of a further file again, in the way that was chosen for it."""
        self._remember_encoding(split)
        self._ask_columns()
        self._show_what_is()

    def _open_dialog(self, title: str, take: object, *, mode: QFileDialog.FileMode) -> None:
        source = self.choice.source
        last = self.session.preferences.now.last_folder
        folder = str(PurePath(source.path).parent) if isinstance(source, FileRows) else last
        dialog = QFileDialog(self, title, folder, file_filter())
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, mode == QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(take)
        dialog.filesSelected.connect(self._remember_folder)
        dialog.open()

    def _remember_folder(self, paths: list[str]) -> None:
        """The next dialog begins there, also after a restart."""
        self.session.preferences.change(last_folder=str(PurePath(paths[0]).parent))

    # ── Queries ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_preview(self) -> None:
        source = self.choice.source
        if source is None:
            return
        if self._preview_query:
            self.session.forget(self._preview_query)
        self._forget_columns()
        self._restoring = self._adopting
        self._load_edits(source)
        if not self._restoring:
            self.error_solved.emit()
        if self.session.busy:
            self.choice.show_status(_waiting())
        self._preview_query = self.session.ask(AskPreview(source, self.choice.reading), self._take_preview)
        self._show_picker(False)

    def _take_preview(self, answer: Answer | ErrorReport) -> None:
        self._preview_query = 0
        was_chosen, self._was_chosen = self._was_chosen, False
        if isinstance(answer, Preview):
            self.choice.show_preview(answer)
            self._ask_columns()
            self._remember_source()
        elif isinstance(answer, ErrorReport) and self._restoring:
            self.choice.show_nothing(Sentence("gui.choose_data.file_unreadable_now"))
        elif isinstance(answer, ErrorReport):
            self.choice.show_nothing(Sentence("gui.choose_data.file_unreadable"))
            self._show_error(answer, again=self._ask_preview)
        self._show_what_is()
        if was_chosen and self.choice.found is not None and not self._restoring and self.isVisible():
            self._focus_result()

    def _ask_row_counts(self) -> None:
        """Counts the rows that can be used with what is chosen now; the result of Prepare counts them itself."""
        is_ready = not self._picking and not self._preview_query and not self._column_queries
        wanted = self.choice.counted() if is_ready and not self._is_current() else None
        if self._preparing():
            self._counting.withdraw()  # Prepare would wait for it
            wanted = None
        if wanted == self._counted:
            return
        self._counted = wanted
        if wanted is None:
            self._counting.withdraw()
            self.choice.row_counts.show_counts(None)
        else:
            self.choice.row_counts.wait()
            self._counting.ask(wanted)

    def _take_row_counts(self, answer: Answer | ErrorReport) -> None:
        """Shows the counts; what else is wrong with the rows, Prepare reports."""
        self.choice.row_counts.show_counts(answer if isinstance(answer, RowCounts) else None)

    def _focus_result(self) -> None:
        """The keyboard goes to what is to be decided about the rows that were just chosen, else to Prepare."""
        if self.choice.complaint():
            preview = self.choice.preview
            asked = (*preview.encodings.buttons.values(), *preview.question.buttons.values())
            (asked[0] if asked else preview.header).setFocus()
        else:
            self.settled.emit()

    def _forget_columns(self) -> None:
        for number in self._column_queries.values():
            self.session.forget(number)
        self._column_queries = {}

    def _ask_columns(self) -> None:
        """Reads how the files for validation and test are written, and their columns: both may differ."""
        self._forget_columns()
        source = self.choice.source
        if isinstance(source, FileRows):
            for split in [one for one in ("validation", "test") if getattr(source, f"{one}_path")]:
                own = self.choice.split_reading.value(split)
                query = AskPreview(source, self.choice.reading, limit=5, file=split, own=own)
                take = partial(self._take_columns, split)
                self._column_queries[split] = self.session.ask(query, take)

    def _take_columns(self, split: str, answer: Answer | ErrorReport) -> None:
        self._column_queries.pop(split, None)
        if isinstance(answer, Preview):
            self.choice.show_other_file(split, answer)
        elif isinstance(answer, ErrorReport) and not self._restoring:
            self._show_error(answer, again=self._ask_preview)
        self._show_what_is()

    def show_row(self, number: int, split: str = "", file: str = "") -> None:
        """Shows the row with this number in its file as the network reads it, if it is among the prepared rows.

        `split` is where it is, `file` which split its file is for; either may be empty.
        """
        if self._dataset is None or self._preparing() or self._picking or self._has_other_rows():
            return
        self._jump = self.summary.row_card
        self.tabs.go_to("rows")
        self.summary.inspector.request(number, split=split, file=file)
        QTimer.singleShot(0, self, self._return_to_place)
        self.summary.inspector.panel.view.setFocus()

    def _ask_row(self, place: RowPlace) -> None:
        if self._dataset is None:
            return
        if self._row_query:
            self.session.forget(self._row_query)
        if self.session.busy:
            self.summary.inspector.show_problem(_waiting())
        query = AskRow(reference_to_dataset(self._dataset), place.split, place.index, place.number, place.file)
        self._row_query = self.session.ask(query, self._take_row)

    def _take_row(self, answer: Answer | ErrorReport) -> None:
        self._row_query = 0
        if isinstance(answer, TokenizedText):
            self.summary.inspector.show_tokens(answer)
            if self._pieces is None:
                self._pieces = answer
                self.footer_changed.emit()
        elif isinstance(answer, ErrorReport):
            self.summary.inspector.show_problem(f"{answer.message} {answer.hint}".strip())

    # ── Edits of single rows ──────────────────────────────────────────────────────────────────────────────────────────

    def _load_edits(self, source: RowSource) -> None:
        """Loads the edits stored for this source; else those of the result or of the same file."""
        if source == self._edits_source and not self._adopting:
            return
        fitting = still_fitting(self.choice.changes, self._edits_source, source)
        self._edits_source = source
        stored = None
        try:
            stored = read_changes(self.session.workspace, source)
        except EngineError as error:
            self._show_error(error.report(), again=self._ask_preview)
        kept = self._dataset.settings.changes if self._adopting and self._dataset is not None else fitting
        self.choice.changes = kept if stored is None else stored
        self.summary.rows.show_edits(self.choice.changes)

    def _edited_elsewhere(self, source: RowSource) -> None:
        """Another page has stored edits of these rows."""
        if source == self._edits_source:
            self._edits_source = None
            self._load_edits(source)
            self._show_what_is()

    def _store_edits(self, edits: tuple[RowChange, ...]) -> None:
        source = self.choice.source
        if source is None:
            return
        self.choice.changes = edits
        try:
            write_changes(self.session.workspace, source, edits)
        except EngineError as error:
            self._show_error(error.report(), again=lambda: self._store_edits(edits))
        self._show_what_is()

    # ── Fixes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _prepare_with(self, fixes: tuple[CleaningRule, ...]) -> None:
        """Prepares the rows again with these fixes instead of the last ones; does nothing where that is impossible."""
        if self._why_no_fix():
            return
        area = self._scroll_area()
        self._place_of_fix = area.verticalScrollBar().value() if area is not None else 0
        self.choice.cleaning_rules = in_order(fixes)
        self.take_primary_action()
        self._applying_fix = True

    def _prepare_without(self, fix: CleaningRule) -> None:
        self._prepare_with(tuple(one for one in self.choice.cleaning_rules if one != fix))

    def _prepare_with_maximum(self, maximum: int) -> None:
        """Prepares the rows again with this maximum length and otherwise the same settings."""
        if not self._why_no_fix():
            self.choice.form.set_value(msgspec.structs.replace(self.choice.form.value(), max_length=maximum))
            self._keeps_tab = True
            self.take_primary_action()

    def _prepare_with_test_share(self, share: float) -> None:
        """Prepares the rows again with this share for the test split and otherwise the same settings."""
        if not self._why_no_fix():
            self.choice.form.set_value(msgspec.structs.replace(self.choice.form.value(), test_share=share))
            self._show_picker(False)
            self.take_primary_action()

    def _why_no_fix(self) -> str:
        if self.session.busy:
            return _waiting()
        return self.choice.complaint() if self._job() is not None else Sentence("gui.choose_data.rows_unreadable_now")

    # ── The result ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _job(self) -> PrepareDataset | None:
        """What Prepare would submit now; None while something is missing."""
        model = find(self.session.state, ModelHandle)
        if model is None or self.choice.source is None or self.choice.found is None:
            return None
        return PrepareDataset(model, self.choice.source, self.choice.settings())

    def _is_current(self) -> bool:
        return self._dataset is not None and self._made_by is not None and self._job() == self._made_by

    def _take_result(self, dataset: PreparedDataset) -> None:
        if self._running is None:
            self._adopt(dataset)
            return
        self._made_by = self._running
        self._show_result(dataset)

    def _adopt(self, dataset: PreparedDataset) -> None:
        """Takes over a result that this page has not made, such as a run that was opened, and its entries."""
        self._made_by = PrepareDataset(dataset.model, dataset.source, dataset.settings)
        self._show_result(dataset)
        self._adopting = True
        self.choice.take_entries(dataset.source, dataset.settings)
        self._adopting = False

    def _show_result(self, dataset: PreparedDataset) -> None:
        self._dataset = dataset
        self._pieces = None
        self.summary.show_dataset(dataset)
        automatic = (
            Sentence("gui.choose_data.auto")
            if dataset.settings.max_length
            else Sentence("gui.choose_data.auto_length", tokens=dataset.max_length)
        )
        self.choice.form.set_zero_text("max_length", automatic)
        self.summary.rows.show_edits(self.choice.changes)

    def _preparing(self) -> bool:
        return isinstance(self.session.stage_job, PrepareDataset)

    # ── Showing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_picker(self, picking: bool) -> None:
        source = self.choice.source
        self._picking = picking or source is None
        if self._picking:
            self.picker.mark(source.name if isinstance(source, ExampleRows) else "")
            self.picker.offer_to_keep(self.choice.name())
        self._show_what_is()

    def _choose_other(self) -> None:
        """Offers other rows; the keyboard, whose button goes, is where a file is chosen."""
        self._show_picker(True)
        self.picker.drop_zone.choose_button.setFocus()
        self._scroll_to_top()

    def _show_what_is(self) -> None:
        preparing = self._preparing()
        picking = self._picking and not preparing
        self.picker.setVisible(picking)
        self.progress.setVisible(preparing)
        showing = self._dataset is not None and not self._has_other_rows()
        self.summary.setVisible(showing and not preparing)
        self._show_tabs(has_result=showing, preparing=preparing)
        self.choice.preview.show_hint(Sentence("gui.choose_data.row_hint") if showing and not preparing else "")
        self.stale.setText(self._stale_sentence())
        self.stale.setVisible(bool(self.stale.text()) and not picking and not preparing)
        self.tabs.setVisible(not picking)
        for part in (self.choice, self.choice.settings_card, self.tabs.change_button):
            part.setEnabled(not preparing)
        self._ask_row_counts()
        self.summary.findings.allow(self._why_no_fix())
        self.summary.lengths.allow(self._why_no_fix())
        self.summary.held_out_button.setEnabled(not self._why_no_fix())
        self.summary.rows.edit_form.allow(self._why_no_fix())
        self.footer_changed.emit()

    def _show_tabs(self, *, has_result: bool, preparing: bool) -> None:
        """Opens the tabs that have something to show; while rows are prepared, only what they are made from is seen."""
        no_labels = "" if self.summary.labels.has_labels else Sentence("gui.choose_data.scores_no_labels")
        no_lengths = "" if self.summary.lengths.has_lengths else Sentence("gui.choose_data.lengths_unknown")
        self.tabs.allow("rows", "" if has_result else prepare_first())
        self.tabs.allow("labels", no_labels if has_result else prepare_first())
        self.tabs.allow("lengths", no_lengths if has_result else prepare_first())
        self.tabs.show_content(not preparing or self.tabs.current() in ("overview", "settings"))

    def _tab_moved(self, left: str, shown: str) -> None:
        """Every tab keeps its place; the table of all rows opens when it is first seen."""
        area = self._scroll_area()
        if area is not None:
            self._places[left] = area.verticalScrollBar().value()
        if shown == "rows":
            self.summary.rows.show_button.setChecked(True)
        self._show_what_is()
        if area is not None:
            QTimer.singleShot(0, self, self._return_to_place)

    def _return_to_place(self) -> None:
        jump, self._jump = self._jump, None
        area = self._scroll_area()
        if area is None:
            return
        before = self._places.pop(self.tabs.current(), area.verticalScrollBar().value())
        if jump is not None:
            self._scroll_to(jump)
        else:
            area.verticalScrollBar().setValue(before)

    def _show_preview(self) -> None:
        """Shows the first rows with their roles."""
        self._show_picker(False)
        self.tabs.go_to("overview")
        self._scroll_to(self.choice)

    def _has_other_rows(self) -> bool:
        """Whether the user has chosen a source that is not the result's: then the new rows have the page."""
        return self._dataset is not None and self._made_by is not None and self.choice.source != self._made_by.rows

    def _stale_sentence(self) -> str:
        """The sentence above entries that no longer fit the result; the window reports a changed model itself."""
        if self._dataset is not None and self._has_other_rows():
            return Sentence("gui.choose_data.stays_prepared", data=self._dataset.name)
        if self._dataset is None or self.choice.found is None or self._is_current():
            return ""
        return Sentence("gui.choose_data.changed_since")

    def _scroll_to_top(self) -> None:
        area = self._scroll_area()
        if area is not None:
            area.verticalScrollBar().setValue(0)

    def _show_hub_form(self) -> None:
        area = self._scroll_area()
        if area is not None:
            area.ensureWidgetVisible(self.picker.hub_form, 0, SPACE)

    def _go_to_step(self, step: str) -> None:
        if step == "Load model":
            # The step alone would show what is loaded, not the shelf.
            self.action_passed_on.emit(RecoveryAction.CHOOSE_OTHER_MODEL, NO_ERROR)
        else:
            self.step_requested.emit(step)

    def _return_to_findings(self) -> None:
        """Scrolls back to where a fix was chosen, and gives the keyboard to the first fix that is seen there."""
        findings, area = self.summary.findings, self._scroll_area()
        self.tabs.go_to("overview")
        if not findings.isVisible():
            return
        if area is not None:
            area.verticalScrollBar().setValue(self._place_of_fix)
        seen = [button for button in findings.fix_buttons() if not button.visibleRegion().isEmpty()]
        for button in (seen or findings.fix_buttons())[:1]:
            button.setFocus()

    def _scroll_to(self, widget: QWidget) -> None:
        area = self._scroll_area()
        content = area.widget() if area is not None else None
        if area is not None and content is not None:
            area.verticalScrollBar().setValue(widget.mapTo(content, widget.rect().topLeft()).y() - SPACE)

    def _scroll_area(self) -> QScrollArea | None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        return above


def _waiting() -> str:
    return Sentence("gui.choose_data.waiting")


def _is_same(one: PreparedDataset, other: PreparedDataset) -> bool:
    return one.folder == other.folder and one.fingerprint == other.fingerprint


def _paths(source: RowSource | None) -> dict[str, str]:
    """The files of the source by split."""
    if not isinstance(source, FileRows):
        return {}
    paths = {"train": source.path, "validation": source.validation_path, "test": source.test_path}
    return {split: path for split, path in paths.items() if path}
