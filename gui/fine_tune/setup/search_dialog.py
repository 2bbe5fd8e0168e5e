"""What a search is to try, asked before it begins: a small dialog over `SearchSettings`."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from engine.contract.queries import AskLearningRates
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, SearchSettings
from engine.contract.states import ModelHandle, PreparedDataset
from engine.workspace.references import reference_to_dataset
from gui.components.layouts import STRETCH, horizontal
from gui.components.numbers import write_number
from gui.components.plain_label import PlainLabel
from gui.components.settings_form import SettingsForm
from gui.design.theme import INSIDE, MARGIN, SPACE
from gui.session import Session

FIELDS = ("trials", "learning_rate_factor", "batch_sizes")
NETWORKS = 4  # a finished run keeps its best network, and its last one with AdamW's two moments


class SearchDialog(QDialog):
    """Opened with `open()`; `begun` has the settings of the search."""

    begun = Signal(object)  # SearchSettings

    def __init__(
        self,
        settings: FineTuneSettings,
        model: ModelHandle,
        seconds: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`seconds` is the forecast of one run with these settings, where there is one."""
        super().__init__(parent)
        self.setWindowTitle(Sentence("gui.fine_tune.search_better_settings"))
        self._settings = settings
        self._model = model
        self._seconds = seconds
        why = PlainLabel(
            Sentence("gui.fine_tune.trains_several_runs_around_your"),
            role="secondary",
            wrap=True,
        )
        self.form = SettingsForm(SearchSettings(), FIELDS, columns=1)
        self._extent = PlainLabel(wrap=True)
        self.begin_button = QPushButton(Sentence("gui.fine_tune.search_2"))
        self.begin_button.setProperty("kind", "primary")
        self.begin_button.setDefault(True)
        cancel = QPushButton(Sentence("gui.fine_tune.cancel"))
        buttons = horizontal(None, STRETCH, cancel, self.begin_button, gap=SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(INSIDE)
        for widget in (why, self.form, self._extent):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(440)

        self.form.changed.connect(self._show_extent)
        self.begin_button.clicked.connect(self._begin)
        cancel.clicked.connect(self.reject)
        self._show_extent()

    def _show_extent(self) -> None:
        chosen, rate = self.form.value(), self._settings.learning_rate
        low, high = rate / chosen.learning_rate_factor, min(0.1, rate * chosen.learning_rate_factor)
        lowest, highest = (write_number(float(f"{end:.1e}")) for end in (low, high))
        rates = Sentence("gui.fine_tune.search_rates", low=lowest, high=highest)
        disk = chosen.trials * NETWORKS * self._model.parameters * 4
        space = Sentence("gui.fine_tune.search_space", trials=chosen.trials, disk=disk)
        self._extent.setText(" ".join(filter(None, (rates, self._time(chosen.trials), space))))
        self.begin_button.setEnabled(not self.form.errors())

    def _time(self, trials: int) -> str:
        if self._seconds is None:
            return ""
        together = self._seconds * trials
        return Sentence("gui.fine_tune.search_time", one=self._seconds, trials=trials, together=together)

    def _begin(self) -> None:
        self.begun.emit(self.form.value())
        self.accept()


# The two dialogs of the Fine-tune page that try settings out: the learning-rate finder and the search.


class Exploring(QObject):
    """Opens the dialogs over a page, and emits what was chosen in them."""

    rate_chosen = Signal(float)
    search_chosen = Signal(object)  # SearchSettings

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._page = page

    def find_learning_rate(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        """Asks the engine for losses over rising rates, and shows them as they come."""
        from gui.fine_tune.setup.rate_finder import RateFinder  # with pyqtgraph: heavy

        session = self._session
        finder = RateFinder(self._page)
        finder.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question = AskLearningRates(reference_to_dataset(dataset), settings)
        number = session.ask(question, finder.show_answer, finder.show_event)
        finder.stopped.connect(lambda: session.forget(number))
        finder.chosen.connect(self.rate_chosen)
        finder.open()

    def ask_for_search(self, dataset: PreparedDataset, settings: FineTuneSettings, seconds: float | None) -> None:
        """Asks the user what to try; `seconds` is the forecast of one run."""
        dialog = SearchDialog(settings, dataset.model, seconds, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.begun.connect(self.search_chosen)
        dialog.open()
