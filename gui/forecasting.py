"""Keeps the forecast line up to date: asks the engine soon after the settings have come to rest, while nothing runs.

A question that is out of date, or in the way of a stage, is withdrawn; the engine leaves it within one step.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from engine.errors import ErrorReport
from engine.questions import Answer, AskForecast, Forecast
from engine.states import RunForecast
from gui.newest_answer import NewestAnswer
from gui.session import Session
from gui.widgets.forecast_line import ForecastLine

PAUSE = 700  # milliseconds without a change before steps are measured


class Forecasting(QObject):
    """`subject` returns what the page would start now, or None where that cannot be started."""

    def __init__(
        self, session: Session, line: ForecastLine, subject: Callable[[], AskForecast | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._line = line
        self._subject = subject
        self._in_sight = False
        self._asked: AskForecast | None = None
        self._known: tuple[AskForecast, Forecast] | None = None
        self._newest = NewestAnswer(session, self._hear, self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE)
        self._rest.timeout.connect(self._ask)
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
            self._line.show_forecast(self._known[1])
            return
        if wanted is None:
            self._rest.stop()
            if self._session.busy:
                self._line.show_waiting()
            else:
                self._line.clear()
            return
        self._line.show_measuring()
        self._rest.start()

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

    def _hear(self, answer: Answer | ErrorReport) -> None:
        asked, self._asked = self._asked, None
        if isinstance(answer, Forecast) and asked is not None:
            self._known = (asked, answer)
            self._line.show_forecast(answer)
        elif isinstance(answer, ErrorReport):
            self._line.show_trouble(f"{answer.message} {answer.hint}".strip())
