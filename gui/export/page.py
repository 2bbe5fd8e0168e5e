"""Step 5: write a folder that works everywhere `transformers` does, and prove it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton

from engine.contract.artefacts import repository_name
from engine.contract.errors import EngineError, ErrorReport
from engine.contract.events import Event, StageFailed, is_outcome
from engine.contract.formatting import size
from engine.contract.messages import Export
from engine.contract.queries import SmallerModel
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings, Recipe
from engine.contract.states import EvaluationReport, ExportedModel, State, find
from engine.script.assemble import code_so_far
from engine.workspace.references import reference_to_run
from engine.workspace.run_index import list_rows
from engine.workspace.runs import read_run
from gui.components.card import Card
from gui.components.layouts import STRETCH, SideBySide, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import ProgressLine
from gui.components.settings_form import SettingsForm
from gui.design.theme import MARGIN, SPACE
from gui.entries import Entries
from gui.export.artefact_list import ArtefactList
from gui.export.explanation import why_export
from gui.export.export_result import ExportResult
from gui.export.push_view import PushView
from gui.export.smaller_view import SmallerView, offered_layers
from gui.page import DataAction, ModelAction, Page, TrainingAction, WindowAction

BYTES_OF_A_WEIGHT = 4  # in fp32, as it is exported
MORE_WIDTHS = (700, 480)  # the same for smaller models and the Hub
WIDTHS = (700, 480)  # pixels that what is exported and where it goes need beside each other


class ExportPage(Page):
    """The last step."""

    title: ClassVar[str] = "Export"
    needs: ClassVar[type | None] = EvaluationReport
    makes: ClassVar[type | None] = ExportedModel

    def _build(self) -> Iterator[None]:
        session = self.session
        self._evaluation: EvaluationReport | None = None
        self._exported: ExportedModel | None = None
        self._smaller: EvaluationReport | None = None  # of the smaller model that is exported instead
        self._running = False
        self.result = ExportResult()
        self.result.hide()
        self.form: SettingsForm[ExportSettings] = SettingsForm(ExportSettings(), ("name", "proof_rows"), columns=2)
        self.artefacts = ArtefactList()
        yield
        self.smaller = SmallerView(session)
        self.push = PushView(session)
        yield
        self.folder_edit = QLineEdit()
        self.folder_edit.setAccessibleName(Sentence("gui.export.folder"))
        self.folder_edit.setPlaceholderText(Sentence("gui.export.own_folder"))
        self.folder_button = QPushButton(Sentence("gui.export.choose_folder"))
        self.own_folder_button = QPushButton(Sentence("gui.export.use_run_s_folder"))
        self.own_folder_button.hide()
        self._refusal = PlainLabel(role="bad", wrap=True)
        self._refusal.hide()
        self.new_model_button = QPushButton(Sentence("gui.export.new_model"))
        self.new_model_button.setToolTip(Sentence("gui.export.goes_load_model_run_stays"))
        self.finish_button = QPushButton(Sentence("gui.export.finish"))
        self.finish_button.setToolTip(Sentence("gui.export.closes_window_everything_saved"))
        for button in (self.new_model_button, self.finish_button):
            button.hide()
        self.progress = ProgressLine()
        self.progress.hide()

        self._where = Card(Sentence("gui.export.where_goes"))
        title = PlainLabel(Sentence("gui.export.folder"), role="secondary")
        title.setBuddy(self.folder_edit)
        folder = QHBoxLayout()
        folder.setSpacing(SPACE)
        folder.addWidget(self.folder_edit, 1)
        folder.addWidget(self.own_folder_button)
        folder.addWidget(self.folder_button)
        self._where.column.addWidget(self.form)
        self._where.column.addWidget(title)
        self._where.column.addLayout(folder)
        self._where.column.addWidget(self._refusal)
        self._where.column.addWidget(PlainLabel(Sentence("gui.export.only_new"), role="quiet", wrap=True))
        self._what = Card(Sentence("gui.export.exported"))
        self._what.column.addWidget(self.artefacts)
        self._what.column.addWidget(PlainLabel(Sentence("gui.export.always"), role="quiet", wrap=True))

        self._where.column.addStretch(1)
        self._what.column.addStretch(1)
        choices = SideBySide(self._what, self._where, WIDTHS)
        self._less = Card(Sentence("gui.export.smaller"))
        self._less.column.addWidget(self.smaller)
        self._less.hide()
        self._hub = Card(Sentence("gui.export.push"))
        self._hub.column.addWidget(self.push)
        self._hub.column.addStretch(1)
        self._hub.hide()
        end = horizontal(None, STRETCH, self.new_model_button, self.finish_button, gap=SPACE)
        more = SideBySide(self._less, self._hub, MORE_WIDTHS)
        vertical(self, self.progress, self.result, choices, more, end, STRETCH, gap=MARGIN - SPACE)

        self.form.changed.connect(self.footer_changed)
        self.artefacts.changed.connect(self._choose_artefacts)
        self.smaller.chosen.connect(self._choose_smaller)
        self.folder_edit.textEdited.connect(self._take_folder)
        self.folder_button.clicked.connect(self._ask_for_folder)
        self.own_folder_button.clicked.connect(lambda: self.choose_folder(""))
        self.result.trouble.connect(lambda sentence: self.result.folder.setText(f"{self._folder()}  ({sentence})"))
        self.new_model_button.clicked.connect(lambda: self.step_requested.emit("Load model"))
        self.finish_button.clicked.connect(lambda: self.window().close())
        session.busy_changed.connect(self._busy_changed)

    # ── What the frame asks ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        return Sentence("gui.page.export")

    @classmethod
    def closed_reason(cls) -> str:
        return Sentence("gui.page.export_closed")

    def sentence(self) -> str:
        if self._exported is not None:
            return Sentence(
                "gui.export.checked_held_out_rows", name=Path(self._exported.folder).name, bytes=self._bytes()
            )
        return Sentence("gui.export.folder_works_everywhere_transformers_does")

    def chosen(self) -> str:
        return size(self._bytes()) if self._exported is not None else ""

    def why(self) -> str:
        return why_export(self._evaluation, self._exported)

    def code(self) -> str:
        return code_so_far(self._exported or self._evaluation)

    def primary_text(self) -> str:
        return Sentence("gui.export.export") if self._exported is None else Sentence("gui.export.export_again")

    def primary_enabled(self) -> bool:
        return self._evaluation is not None and not self._running and self.form.is_valid()

    def primary_reason(self) -> str:
        return "" if self.form.is_valid() else Sentence("gui.export.value_above_not_possible")

    # ── What the frame reports ────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        if self._evaluation is None:
            return
        self._refuse("")
        self.error_solved.emit()
        self._running = self.session.run_stage(Export(self._smaller or self._evaluation, self.form.value()))
        if self._running:
            self.progress.reset(Sentence("gui.export.exporting"))
            self.progress.show()
            self._set_enabled(False)
        self.footer_changed.emit()

    def show_state(self, state: State | None) -> None:
        evaluation, exported = find(state, EvaluationReport), find(state, ExportedModel)
        if evaluation != self._evaluation:
            self._evaluation = evaluation
            self._smaller = None
            self._show_smaller(evaluation)
            if evaluation is not None:
                self.artefacts.show_sizes(BYTES_OF_A_WEIGHT * evaluation.run.dataset.model.parameters)
            if evaluation is not None and not self.form.value().name:
                run = evaluation.run
                name = run.settings.run_name or str(
                    Sentence("gui.export.model_on_data", model=run.dataset.model.name, data=run.dataset.name)
                )  # a plain text: it goes into settings and onto the disk
                self.form.set_value(msgspec.structs.replace(self.form.value(), name=name))
        if exported != self._exported:
            self._exported = exported
            if exported is not None:
                self.result.show_export(exported)
                self.push.show_export(exported, repository_name(exported.settings.name or Path(exported.folder).name))
                self.artefacts.set_value(exported.settings.artefacts)
                self._choose_artefacts()
            self.artefacts.show_proofs(exported.artefacts if exported is not None else ())
        for part in (self.result, self._hub, self.new_model_button, self.finish_button):
            part.setVisible(exported is not None)
        self.footer_changed.emit()

    def show_event(self, event: Event) -> None:
        self.progress.show_event(event)
        if isinstance(event, StageFailed):
            self._show_refusal(event.error)
        if is_outcome(event):
            self._running = False
            self.progress.hide()
            self._set_enabled(True)
            self.footer_changed.emit()

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        match action:
            case RecoveryAction.TRY_AGAIN | RecoveryAction.USE_CPU:  # an export computes on the CPU anyway
                self.take_primary_action()
            case RecoveryAction.CHOOSE_EXPORT_FOLDER:
                self._ask_for_folder()
            case _:
                foreign: ModelAction | DataAction | TrainingAction | WindowAction = action
                self.action_passed_on.emit(foreign, error)

    def show_recipe(self, recipe: Recipe) -> None:
        self._show_settings(recipe.export)

    def _show_settings(self, settings: ExportSettings) -> None:
        self.artefacts.set_value(settings.artefacts)
        self.form.set_value(settings)
        self.choose_folder(settings.folder)

    def add_entries(self, entries: Entries) -> Entries:
        if self._evaluation is None:
            return entries
        return msgspec.structs.replace(entries, export=self.form.value())

    def restore(self, entries: Entries) -> None:
        if entries.export is not None and self._evaluation is not None:
            self._show_settings(entries.export)

    def choose_folder(self, folder: str) -> None:
        """Exports into this folder; an empty name means the run's own."""
        self.folder_edit.setText(folder)
        self._take_folder(folder)

    def _take_folder(self, folder: str) -> None:
        self.form.set_value(msgspec.structs.replace(self.form.value(), folder=folder.strip()))
        self.own_folder_button.setVisible(bool(folder))
        self._refuse("")
        self.footer_changed.emit()

    def refusal(self) -> str:
        """Why the folder was refused, or an empty string."""
        return self._refusal.text()

    # ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _bytes(self) -> int:
        return sum(file.size_bytes for file in self._exported.files) if self._exported is not None else 0

    def _folder(self) -> str:
        return self._exported.folder if self._exported is not None else ""

    def _ask_for_folder(self) -> None:
        start = self.form.value().folder or self.session.preferences.now.last_folder
        folder = QFileDialog.getExistingDirectory(self, Sentence("gui.export.folder_export"), start)
        if folder:
            self.error_solved.emit()
            self.session.preferences.change(last_folder=folder)
            self.choose_folder(folder)
            self.settled.emit()

    def _show_refusal(self, error: ErrorReport) -> None:
        if error.field == "folder":
            self._refuse(error.message)
        elif error.field:
            self.form.show_refusal(error.field, error.message)

    def _refuse(self, sentence: str) -> None:
        self._refusal.setText(sentence)
        self._refusal.setVisible(bool(sentence))

    def _choose_artefacts(self) -> None:
        self.form.set_value(msgspec.structs.replace(self.form.value(), artefacts=self.artefacts.value()))
        self.footer_changed.emit()

    def _show_smaller(self, evaluation: EvaluationReport | None) -> None:
        """Offers smaller models of this run; of one that is smaller itself those of its parent."""
        self._less.hide()
        if evaluation is None:
            return
        run = evaluation.run
        if run.settings.student_layers:
            try:
                parent = read_run(self.session.workspace, run.settings.parent).run
            except (EngineError, OSError):
                return
            if parent is None:
                return
            run = parent
        if offered_layers(run.settings.student_layers or run.dataset.model.layers):
            rows = list_rows(self.session.workspace).rows
            has_some = any(row.settings.student_layers and row.settings.parent == run.id for row in rows)
            self.smaller.show_run(run, reference_to_run(run), has_some=has_some)
            self._less.show()

    def _choose_smaller(self, model: SmallerModel | None) -> None:
        """What is exported is this one now, in its format; without one it is the run's own."""
        self._smaller = None
        if model is not None:
            try:
                record = read_run(self.session.workspace, model.run)
            except (EngineError, OSError):
                return
            self._smaller = record.evaluation
            values = msgspec.structs.replace(self.form.value(), name=record.name)
            if model.format != "transformers" and model.format not in values.artefacts:
                self.artefacts.set_value((*values.artefacts, model.format))
                values = msgspec.structs.replace(values, artefacts=self.artefacts.value())
            self.form.set_value(values)
        self.footer_changed.emit()

    def _set_enabled(self, enabled: bool) -> None:
        self._where.setEnabled(enabled)
        self.artefacts.setEnabled(enabled)
        self.smaller.table.setEnabled(enabled)

    def _busy_changed(self) -> None:
        self._set_enabled(not self.session.busy)
