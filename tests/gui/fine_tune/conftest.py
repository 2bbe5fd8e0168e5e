"""The page Fine-tune on the stand-in engine."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset
from tests.gui.conftest import show_page


@pytest.fixture
def empty_page(qtbot: QtBot, session: Session) -> FineTunePage:
    """Before there are rows to train on."""
    return show_page(FineTunePage(session), qtbot, width=700, height=600)


@pytest.fixture
def page(empty_page: FineTunePage, session: Session) -> FineTunePage:
    """With rows to train on."""
    session.go_to(a_dataset())
    return empty_page
