"""What the run will need, as one quiet line before Start; where it does not fit, why not and the change that helps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.errors import ErrorReport
from engine.contract.formatting import needs
from engine.contract.queries import Answer, AskForecast, Forecast
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import RunForecast
from gui.components.latest_query import LatestQuery
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import button_text
from gui.components.throttle import Debounce
from gui.design.theme import SPACE
from gui.session import Session


class ForecastLine(QWidget):
    """Shows that a forecast is made, the forecast, or that there is none."""

    seen = Signal(bool)  # the line has come into sight, or has left it
    offer_taken = Signal(object)  # FineTuneSettings that fit

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = PlainLabel(role="strong", wrap=True)
        self._warning = PlainLabel(role="caution", wrap=True)
        self._offer = QPushButton()
        self._offered: FineTuneSettings | None = None
        row = horizontal(None, self._offer, STRETCH, gap=SPACE)
        self._plan = PlainLabel(role="secondary", wrap=True)  # what is done within a time budget
        vertical(self, self._sentence, self._plan, self._warning, row, gap=SPACE)
        self._offer.clicked.connect(self._take)
        self.clear()

    def clear(self) -> None:
        """Shows nothing, but keeps its place, so that nothing jumps when it has text."""
        self._show("", role="secondary")

    def show_measuring(self) -> None:
        """A forecast is being made."""
        self._show(Sentence("gui.fine_tune.forecast_measuring"), role="secondary")

    def show_waiting(self) -> None:
        """Another step runs; the forecast is made afterwards."""
        self._show(Sentence("gui.fine_tune.forecast_waiting"), role="secondary")

    def show_forecast(self, forecast: Forecast, plan: str = "") -> None:
        """Time, memory and disk, what is planned in a time budget, and what does not fit."""
        expected = forecast.expected
        needed = needs(expected.seconds, expected.memory_bytes, expected.disk_bytes, forecast=True)
        self._show(Sentence("gui.fine_tune.forecast_needs", needs=needed), role="strong")
        self._plan.setText(plan)
        self._plan.setVisible(bool(plan))
        self._sentence.setToolTip(Sentence("gui.fine_tune.forecast_tooltip", device=expected.device))
        warnings = forecast.warnings
        self._warning.setText("\n".join(warning.sentence for warning in warnings))
        self._warning.setVisible(bool(warnings))
        offer = next((warning for warning in warnings if warning.settings is not None), None)
        if offer is not None:
            self._offered = offer.settings
            self._offer.setText(button_text(offer.action))
        self._offer.setVisible(offer is not None)

    def show_problem(self, sentence: str) -> None:
        """Why no forecast can be made."""
        self._show("", role="secondary")
        self._warning.setText(sentence)
        self._warning.show()

    def sentence(self) -> str:
        """The text of the line."""
        return self._sentence.text()

    def warning(self) -> str:
        """What does not fit, or an empty string."""
        return "" if self._warning.isHidden() else self._warning.text()

    @property
    def offer(self) -> QPushButton:
        """The button that takes what fits."""
        return self._offer

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)

    def _show(self, text: str, *, role: str) -> None:
        self._sentence.set_role(role)  # type: ignore[arg-type]
        self._sentence.setText(text)
        self._sentence.setToolTip("")
        self._plan.hide()
        self._warning.hide()
        self._offer.hide()
        self._offered = None

    def _take(self) -> None:
        if self._offered is not None:
            self.offer_taken.emit(self._offered)


# Keeps the forecast line up to date: asks the engine soon after the settings have come to rest, while nothing runs.
#
# A question that is out of date, or in the way of a stage, is withdrawn; the engine leaves it within one step.

PAUSE = 700  # milliseconds without a change before steps are measured


class ForecastUpdater(QObject):
    """`subject` returns what the page would start now, or None where that cannot be started."""

    def __init__(
        self,
        session: Session,
        line: ForecastLine,
        subject: Callable[[], AskForecast | None],
        parent: QObject,
        *,
        plan: Callable[[Forecast], str] = lambda _: "",
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._line = line
        self._subject = subject
        self._plan = plan
        self._in_sight = False
        self._asked: AskForecast | None = None
        self._known: tuple[AskForecast, Forecast] | None = None
        self._newest = LatestQuery(session, self._receive, self)
        self._rest = Debounce(self, PAUSE, self._ask)
        line.seen.connect(self._see)
        session.busy_changed.connect(self.refresh)

    def refresh(self) -> None:
        """The settings, the rows or what runs may have changed."""
        wanted = self._subject() if self._in_sight and not self._session.busy else None
        if wanted is not None and wanted == self._asked:
            return
        self._newest.withdraw()
        self._asked = None
        if wanted is not None and self._known is not None and self._known[0] == wanted:
            self._line.show_forecast(self._known[1], self._plan(self._known[1]))
            return
        if wanted is None:
            self._rest.stop()
            if self._session.busy:
                self._line.show_waiting()
            else:
                self._line.clear()
            return
        self._line.show_measuring()
        self._rest.request()

    def expected(self, dataset_and_settings: AskForecast) -> RunForecast | None:
        """The forecast of this run, where it has been made."""
        if self._known is not None and self._known[0] == dataset_and_settings:
            return self._known[1].expected
        return None

    def _see(self, in_sight: bool) -> None:
        self._in_sight = in_sight
        self.refresh()

    def _ask(self) -> None:
        self._asked = self._subject()
        if self._asked is not None:
            self._newest.ask(self._asked)

    def _receive(self, answer: Answer | ErrorReport) -> None:
        asked, self._asked = self._asked, None
        if isinstance(answer, Forecast) and asked is not None:
            self._known = (asked, answer)
            self._line.show_forecast(answer, self._plan(answer))
        elif isinstance(answer, ErrorReport):
            self._line.show_problem(f"{answer.message} {answer.hint}".strip())
