"""The Export page before an export, in a window of its own."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.export.page import ExportPage
from gui.session import Session
from tests.builders import an_evaluation


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> ExportPage:
    page = ExportPage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    session.stage_event.connect(page.show_event)
    session.go_to(an_evaluation())
    page.resize(800, 900)
    page.show()
    return page
