"""The page Fine-tune on the stand-in engine."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset


@pytest.fixture
def empty_page(qtbot: QtBot, session: Session) -> FineTunePage:
    """Before there are rows to train on."""
    page = FineTunePage(session)
    qtbot.addWidget(page)
    session.stage_event.connect(page.show_event)
    session.state_changed.connect(lambda: page.show_state(session.state))
    page.resize(700, 600)
    page.show()
    return page


@pytest.fixture
def page(empty_page: FineTunePage, session: Session) -> FineTunePage:
    """With rows to train on."""
    session.go_to(a_dataset())
    return empty_page
