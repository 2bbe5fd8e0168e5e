"""The two dialogs of the Fine-tune page that try settings out: the learning-rate finder and the search."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.questions import AskLearningRates
from engine.settings import FineTuneSettings
from engine.states import PreparedDataset
from gui.session import Session
from gui.widgets.search_dialog import SearchDialog


class Exploring(QObject):
    """Opens the dialogs over a page, and tells what was chosen in them."""

    rate_chosen = Signal(float)
    search_chosen = Signal(object)  # SearchSettings

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session = session
        self._page = page

    def find_learning_rate(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        """Asks the engine for losses over rising rates, and shows them as they come."""
        from gui.widgets.rate_finder import RateFinder  # with pyqtgraph: heavy

        session = self._session
        finder = RateFinder(self._page)
        finder.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number = session.ask(AskLearningRates(dataset, settings), finder.show_answer, finder.show_event)
        finder.stopped.connect(lambda: session.forget(number))
        finder.chosen.connect(self.rate_chosen)
        finder.open()

    def ask_for_search(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        """Asks the user what to try."""
        dialog = SearchDialog(settings, dataset.model, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.begun.connect(self.search_chosen)
        dialog.open()
