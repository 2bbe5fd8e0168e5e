"""The Export page before an export, in a window of its own."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.export.page import ExportPage
from gui.session import Session
from tests.builders import an_evaluation
from tests.gui.conftest import show_page


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> ExportPage:
    return show_page(ExportPage(session), qtbot, width=800, height=900, state=an_evaluation())
