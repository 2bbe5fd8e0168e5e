"""The page Evaluate on the stand-in engine; a test file has a fixture `report` of its own."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.states import EvaluationReport
from gui.evaluate.page import EvaluatePage
from gui.session import Session


@pytest.fixture
def page_with_report(session: Session, qtbot: QtBot, report: EvaluationReport) -> EvaluatePage:
    """All rows of the report are open."""
    page = EvaluatePage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    page.resize(760, 1400)
    page.show()
    session.go_to(report)
    qtbot.waitUntil(page.evaluated_rows.outcome.isEnabled)
    return page
