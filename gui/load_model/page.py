"""Step 1: choose an encoder, see what it costs, load it, and see how it reads a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, assert_never

import msgspec
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QScrollArea

from engine.contract.errors import ErrorReport
from engine.contract.events import Event, StageSucceeded, is_outcome
from engine.contract.messages import LoadModel
from engine.contract.queries import (
    Answer,
    AskHubModel,
    AskHubSearch,
    AskMaskedWords,
    AskTokens,
    HubModelFound,
    HubModelsListed,
    MaskedWordsGuessed,
    TokenizedText,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FolderModel, HubModel, ModelSource, StarterModel
from engine.contract.shelf import LANGUAGES_OF_SCRIPTS, fit_of
from engine.contract.states import ModelHandle, PreparedDataset, State, find
from engine.script.assemble import code_so_far
from gui.components.hub_verdict import download_sentence, has_room, language_code
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.progress_line import ProgressLine
from gui.design.theme import MARGIN, SPACE
from gui.entries import Entries
from gui.load_model.explanation import why_model
from gui.load_model.model_chooser import ModelChooser
from gui.load_model.model_summary import ModelSummary
from gui.load_model.race_dialog import RaceDialog
from gui.page import DataAction, ExportAction, Page, TrainingAction, WindowAction
from gui.preferences import RecentFile, RecentModel


class LoadModelPage(Page):
    """The first step. Nothing is sent before "Look up" or "Download" is pressed."""

    title: ClassVar[str] = "Load model"
    makes: ClassVar[type | None] = ModelHandle

    def _build(self) -> Iterator[None]:
        session = self.session
        self._model: ModelHandle | None = None
        self._pieces: TokenizedText | None = None  # the sentence below the model, as it reads it
        self._found: dict[tuple[str, str], HubModelFound] = {}  # by name and version
        self._asked: tuple[int, tuple[str, str]] | None = None  # what the Hub was asked about
        self._dataset: PreparedDataset | None = None
        self._sentence_asked: int | None = None
        self._searching: int | None = None
        self._guess_asked: int | None = None
        self._running = False
        self.setAcceptDrops(True)
        self.summary = ModelSummary()
        self.summary.hide()
        self.again_button = QPushButton(Sentence("gui.load_model.choose_another_model"))
        self.again_button.setAccessibleDescription(Sentence("gui.load_model.loading_another_model_closes_steps"))
        self.again_button.hide()
        self.chooser = ModelChooser(session.preferences)
        self.progress = ProgressLine()
        self.progress.hide()

        again = horizontal(None, self.again_button, STRETCH)
        vertical(self, self.summary, again, self.chooser, self.progress, STRETCH, gap=MARGIN - SPACE)
        yield

        self.chooser.changed.connect(self._choice_changed)
        self.chooser.folder_pressed.connect(self._ask_for_folder)
        self.chooser.entered.connect(self._entered)
        self.again_button.clicked.connect(self._choose_again)
        self.summary.sentence_typed.connect(self._read_sentence)
        self.chooser.recent.chosen.connect(self._take_recent)
        self.chooser.shelf.hub_search_requested.connect(self._search_hub)
        self.chooser.shelf.race_requested.connect(self._open_race)
        self.chooser.shelf.allow_race(Sentence("gui.load_model.no_rows"))
        session.preferences.changed.connect(self._choice_changed)
        session.busy_changed.connect(self._busy_changed)
        session.devices_found.connect(self._show_device)
        self._show_device()
        self._choice_changed()

    # ── What the frame asks ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        return Sentence("gui.page.load_model")

    def sentence(self) -> str:
        if self._model is not None and self.chooser.isHidden():
            return Sentence("gui.load_model.ready_next_rows_learns_from", name=self._model.name)
        return Sentence("gui.load_model.pre_trained_encoder_fine_tuned")

    def chosen(self) -> str:
        return self._model.name if self._model is not None else ""

    def why(self) -> str:
        return why_model(self._model, self._pieces)

    def code(self) -> str:
        return code_so_far(self._model, source=self._source())

    def primary_text(self) -> str:
        if self.chooser.isHidden():
            return ""
        if self.chooser.folder_card.isChecked() and not self.chooser.folder:
            return Sentence("gui.load_model.choose_folder")
        if not self.chooser.hub_id() or self._offline():
            return Sentence("gui.load_model.load_and_continue")
        found = self._hub_model()
        if found is None:
            return Sentence("gui.load_model.look_up")
        missing = found.download_bytes - found.cached_bytes
        if missing > 0:
            return Sentence("gui.load_model.download", missing=missing)
        return Sentence("gui.load_model.load_and_continue")

    def primary_enabled(self) -> bool:
        return not self._running and not self.primary_reason()

    def primary_reason(self) -> str:
        if self._asked is not None:
            return Sentence("gui.load_model.waiting_answer_hub")
        if self.chooser.hub_card.isChecked() and not self.chooser.hub_id():
            return Sentence("gui.load_model.type_name_model_first")
        found = self._hub_model()
        if found is not None and not has_room(found, found):
            return Sentence("gui.load_model.there_not_enough_free_disk")
        if self._model is not None and _same(self._source(), self._model.source):
            return Sentence("gui.load_model.model_loaded")
        return ""

    def continues(self, made: State) -> bool:
        return True  # a model that was loaded needs no decision; what it is can be read on the way back

    def continued_sentence(self) -> str:
        return Sentence("gui.load_model.loaded")

    def is_outdated(self) -> bool:
        return self._model is not None and bool(self.primary_text()) and not self.primary_reason()

    # ── What the frame reports ────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        self.error_solved.emit()
        if self.chooser.folder_card.isChecked() and not self.chooser.folder:
            self._ask_for_folder()
        elif self.primary_text() == Sentence("gui.load_model.look_up"):
            self._look_up()
        else:
            self._load()

    def show_state(self, state: State | None) -> None:
        model = find(state, ModelHandle)
        dataset = find(state, PreparedDataset)
        self._dataset = dataset
        self.chooser.shelf.allow_race(Sentence("gui.load_model.no_rows") if dataset is None else "")
        if dataset is None:
            self.chooser.shelf.show_data("", 0)
        else:
            self.chooser.shelf.show_data(rows_language(dataset), dataset.max_length)
        if model == self._model:
            return
        self._model = model
        self._pieces = None
        if model is not None:
            self.chooser.choose_source(model.source)
            self.summary.show_model(model)
            self._read_sentence(self.summary.sentence.text())
        self._show_parts(choosing=model is None)

    def show_event(self, event: Event) -> None:
        self.progress.show_event(event)
        if isinstance(event, StageSucceeded) and isinstance(event.state, ModelHandle):
            self._remember(event.state.source)
        if is_outcome(event):
            self._running = False
            self.progress.hide()
            self.chooser.setEnabled(True)
            self.footer_changed.emit()

    def add_entries(self, entries: Entries) -> Entries:
        loaded = find(self.session.state, ModelHandle)
        source = self._source() if loaded is None else loaded.source
        if loaded is None and isinstance(source, StarterModel):
            return entries  # nobody has chosen it
        return msgspec.structs.replace(entries, model=source, is_loaded=loaded is not None)

    def restore(self, entries: Entries) -> None:
        if entries.model is not None and not entries.is_loaded:
            self.chooser.choose_source(entries.model)

    def open_recent(self, entry: RecentFile | RecentModel) -> None:
        if isinstance(entry, RecentModel) and not self._running:
            self.chooser.recent.open(entry)

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        match action:
            case RecoveryAction.TRY_AGAIN | RecoveryAction.USE_CPU:  # loading computes on the CPU anyway
                self.take_primary_action()
            case RecoveryAction.DOWNLOAD_AGAIN:
                self._choose_again()
                if self.chooser.folder_card.isChecked():  # the copy that was downloaded again
                    self._ask_for_folder()
                else:
                    self.take_primary_action()
            case RecoveryAction.USE_FOLDER:
                self._choose_again()
                self._ask_for_folder()
            case RecoveryAction.USE_HUB:
                self._choose_again()
                self.chooser.choose_hub()
            case RecoveryAction.CHOOSE_OTHER_MODEL:
                self.error_solved.emit()
                self._choose_again()
                QTimer.singleShot(0, self, self._scroll_to_chooser)  # once it has its place
            case RecoveryAction.OPEN_HUB_PAGE:
                QDesktopServices.openUrl(QUrl(f"https://huggingface.co/{self.chooser.hub_id()}"))
            case RecoveryAction.WORK_ONLINE:
                self.session.preferences.change(offline=False)
                self.take_primary_action()
            case _:
                foreign: DataAction | TrainingAction | ExportAction | WindowAction = action
                self.action_passed_on.emit(foreign, error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._running and len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = Path(event.mimeData().urls()[0].toLocalFile())
        event.acceptProposedAction()
        self._choose_again()
        self.chooser.choose_folder(str(path if path.is_dir() else path.parent))

    # ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _remember(self, source: ModelSource) -> None:
        match source:
            case HubModel():
                self.session.preferences.remember_model(RecentModel(hub_id=source.id))
            case FolderModel():
                self.session.preferences.remember_model(RecentModel(folder=source.folder))
            case StarterModel():
                pass  # it is always the first card

    def _take_recent(self, entry: RecentModel) -> None:
        self._choose_again()
        if entry.folder:
            self.chooser.choose_folder(entry.folder)
        else:
            self.chooser.choose_source(HubModel(entry.hub_id))
        self.settled.emit()

    def _hub_model(self) -> HubModelFound | None:
        """What the Hub has answered about the model that is chosen."""
        return self._found.get((self.chooser.hub_id(), self.chooser.hub_revision()))

    def _fit(self, found: HubModelFound) -> tuple[bool, str]:
        """Whether training it fits into the memory that is free, and the sentence about it."""
        if found.shape is None or not self.session.devices:
            return True, ""
        device = self.session.devices[0]
        fit = fit_of(found.shape, device)
        needed, free = fit.memory.total, fit.memory_free
        match fit.verdict:
            case "fits":
                return True, Sentence("gui.load_model.memory_fits", needed=needed, free=free)
            case "tight":
                return False, Sentence("gui.load_model.memory_tight", needed=needed, free=free)
            case "too_large":
                return False, Sentence("gui.load_model.memory_too_large", needed=needed, free=free)
            case _:
                assert_never(fit.verdict)

    def _offline(self) -> bool:
        return self.session.preferences.now.offline

    def _source(self) -> ModelSource | None:
        found = self._hub_model()
        revision = found.revision if found is not None else self.chooser.hub_revision()
        return self.chooser.source(offline=self._offline(), revision=revision)

    def _load(self) -> None:
        source = self._source()
        if source is not None:
            self._load_source(source)

    def _load_source(self, source: ModelSource) -> None:
        self._running = self.session.run_stage(LoadModel(source))
        if self._running:
            self.progress.reset(Sentence("gui.load_model.loading_model"))
            self.progress.show()
            self.chooser.setEnabled(False)
        self.footer_changed.emit()

    def _look_up(self) -> None:
        name, revision = self.chooser.hub_id(), self.chooser.hub_revision()
        number = self.session.ask(AskHubModel(name, revision), self._looked_up)
        self._asked = (number, (name, revision))
        self._choice_changed()

    def _search_hub(self, text: str) -> None:
        if self._searching is None:
            self.error_solved.emit()
            self._searching = self.session.ask(AskHubSearch(text), self._hub_searched)
            self._choice_changed()

    def _hub_searched(self, answer: Answer | ErrorReport) -> None:
        self._searching = None
        if isinstance(answer, HubModelsListed):
            self.chooser.shelf.show_listings(answer.models)
        elif isinstance(answer, ErrorReport):
            self.error_found.emit(answer)
        self._choice_changed()

    def _open_race(self) -> None:
        if self._dataset is None:
            return
        dialog = RaceDialog(self.session, self._dataset, rows_language(self._dataset), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.winner_chosen.connect(self._load_winner)
        dialog.open()

    def _load_winner(self, source: ModelSource) -> None:
        self._choose_again()
        self.chooser.choose_source(source)
        if isinstance(source, HubModel):
            self.chooser.revision_field.setText(source.revision)
        self._load_source(source)

    def _looked_up(self, answer: Answer | ErrorReport) -> None:
        asked, self._asked = self._asked, None
        if isinstance(answer, HubModelFound) and asked is not None:
            self._found[asked[1]] = answer
        elif isinstance(answer, ErrorReport):
            self.error_found.emit(answer)
        self._choice_changed()

    def _choice_changed(self) -> None:
        self.chooser.recent.show_entries(self.session.preferences.now.recent_models)
        searching = Sentence("gui.load_model.waiting_answer_hub") if self._searching is not None else ""
        self.chooser.shelf.allow_hub(Sentence("gui.load_model.offline") if self._offline() else searching)
        name = self.chooser.hub_id()
        if self._asked is not None and self._asked[1] != (name, self.chooser.hub_revision()):
            self.session.forget(self._asked[0])
            self._asked = None
        found = self._hub_model()
        if not name:
            self.chooser.verdict.show_verdict("")
        elif self._offline():
            self.chooser.verdict.show_verdict(Sentence("gui.load_model.offline"), "caution")
        elif self._asked is not None:
            self.chooser.verdict.show_verdict(Sentence("gui.load_model.asking_hub_about", name=name))
        elif found is not None:
            fits, needed = self._fit(found)
            sentences = " ".join(filter(None, (download_sentence(found, found), needed)))
            self.chooser.verdict.show_verdict(sentences, "good" if fits and has_room(found, found) else "caution")
        else:
            self.chooser.verdict.show_verdict(Sentence("gui.load_model.look_up_asks_hub_size"))
        self.footer_changed.emit()

    def _entered(self) -> None:
        if self.primary_enabled() and not self.session.busy:
            self.take_primary_action()

    def _ask_for_folder(self) -> None:
        start = self.session.preferences.now.last_folder
        folder = QFileDialog.getExistingDirectory(self, Sentence("gui.load_model.folder_model"), start)
        if folder:
            self.error_solved.emit()
            self.session.preferences.change(last_folder=str(Path(folder).parent))
            self.chooser.choose_folder(folder)
            self.settled.emit()

    def _scroll_to_chooser(self) -> None:
        """To the shelf where a language is filtered by, else to the cards."""
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            is_filtered = bool(self.chooser.shelf.language.currentData())
            parent.ensureWidgetVisible(self.chooser.shelf if is_filtered else self.chooser.starter_card, 0, MARGIN)

    def _choose_again(self) -> None:
        self._show_parts(choosing=True)
        self.chooser.starter_card.setFocus()

    def _show_parts(self, *, choosing: bool) -> None:
        self.summary.setVisible(self._model is not None)
        self.again_button.setVisible(self._model is not None and not choosing)
        self.chooser.setVisible(choosing)
        self._choice_changed()

    def _read_sentence(self, text: str) -> None:
        if self._sentence_asked is not None:
            self.session.forget(self._sentence_asked)
            self._sentence_asked = None
        if self._model is None or not text.strip():
            self.summary.show_problem("")
            return
        if self.session.busy:
            self.summary.show_problem(Sentence("gui.load_model.waiting"))
        query = AskTokens(self._model.folder, self._model.max_length, text)
        self._sentence_asked = self.session.ask(query, self._sentence_read)
        self._guess_words(text)

    def _guess_words(self, text: str) -> None:
        """Asks for words where the sentence has masks and the model can write them."""
        if self._guess_asked is not None:
            self.session.forget(self._guess_asked)
            self._guess_asked = None
        self.summary.show_guesses(None)
        model = self._model
        if model is not None and model.mask_token and model.mask_token in text and not self.session.busy:
            self._guess_asked = self.session.ask(
                AskMaskedWords(model.folder, model.max_length, text), self._words_guessed
            )

    def _words_guessed(self, answer: Answer | ErrorReport) -> None:
        self._guess_asked = None
        if isinstance(answer, MaskedWordsGuessed):
            self.summary.show_guesses(answer)
        elif isinstance(answer, ErrorReport):
            self.summary.show_problem(answer.message)

    def _sentence_read(self, answer: Answer | ErrorReport) -> None:
        self._sentence_asked = None
        if isinstance(answer, TokenizedText):
            self._pieces = answer
            self.summary.show_tokens(answer)
            self.footer_changed.emit()
        elif isinstance(answer, ErrorReport):
            self.summary.show_problem(answer.message)

    def _busy_changed(self) -> None:
        self.chooser.setEnabled(not self.session.busy)

    def _show_device(self) -> None:
        if self.session.devices:
            self.chooser.shelf.show_device(self.session.devices[0])
            self._choice_changed()


def rows_language(dataset: PreparedDataset) -> str:
    """The code of the language that prepared rows are in: what the checks found, else the one that the model is for."""
    for finding in dataset.findings:
        if finding.id == "language":
            values = finding.sentence.values if isinstance(finding.sentence, Sentence) else {}
            script = str(values.get("script", ""))
            if script:
                return LANGUAGES_OF_SCRIPTS[script][0] if script in LANGUAGES_OF_SCRIPTS else ""
            return language_code(str(values.get("names", "")))
    languages = dataset.model.languages
    return languages[0] if len(languages) == 1 else ""


def _same(chosen: ModelSource | None, loaded: ModelSource) -> bool:
    match chosen, loaded:
        case HubModel(), HubModel():
            return chosen.id == loaded.id
        case FolderModel(), FolderModel():
            return chosen.folder == loaded.folder
        case _:
            return type(chosen) is type(loaded)
