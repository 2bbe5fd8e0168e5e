"""Every page fits into a window of 900×600: nothing scrolls sideways, and no widget is narrower than its content."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.findings import Finding
from engine.contract.queries import AskPreview, AskRow, ColumnFound, Preview, TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import (
    ClassScores,
    ConversionReport,
    ConvertedEntity,
    EvaluationReport,
    ExcludedRows,
    ExportedModel,
    PreparedDataset,
    SplitCounts,
)
from gui.application import page_types
from gui.components.card import Card, ChoiceCard
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export
from tests.gui.conftest import StandInEngine

PAGES = ("Load model", "Choose data", "Fine-tune", "Evaluate", "Export")
LONG_NAME = "customer_feedback_of_all_branches_" + "x" * 60
LABELS = tuple(f"label_{number}_{'of_a_very_long_name_' * 3}" for number in range(5))


def a_wide_dataset() -> PreparedDataset:
    """Long names everywhere, separate files, findings, a conversion report."""
    files = FileRows(*(f"/data/{LONG_NAME}_{split}.zip" for split in ("train", "dev", "test")))
    counts = dict.fromkeys(LABELS, 400)
    return a_dataset(
        name=f"{LONG_NAME}.zip",
        model=a_model(name="sentence-transformers/" + "long-name-" * 9),
        source=files,
        settings=PrepareSettings(roles=Roles(text="text", label="label")),
        label_names=LABELS,
        splits={name: SplitCounts(2_000, counts) for name in ("train", "validation", "test")},
        excluded=(ExcludedRows(Sentence.literal(f"has the value {LONG_NAME} twice"), 12, tuple(range(1, 1_000))),),
        findings=(Finding("D18", "problem", f"The text {LONG_NAME} stands in training and in test.", 3, (1, 2, 3)),),
        conversion=ConversionReport(9, 1, 1, (ConvertedEntity(1, "train", LONG_NAME, LONG_NAME, "has no beginning"),)),
    )


def a_wide_report() -> EvaluationReport:
    """Long label names in the matrix and in the table of classes."""
    return an_evaluation(
        run=a_run(dataset=a_wide_dataset()),
        classes=tuple(ClassScores(label, 0.84, 0.81, 0.825, 98) for label in LABELS),
        confusion_labels=LABELS,
        confusion=tuple(tuple(range(len(LABELS))) for _ in LABELS),
    )


def a_wide_export() -> ExportedModel:
    """A folder far down."""
    return an_export(evaluation=a_wide_report(), folder="/home/someone/" + f"{LONG_NAME}/" * 3)


def a_wide_preview(_question: object) -> Preview:
    """Every choice about reading is shown."""
    return Preview(
        name=f"{LONG_NAME}.zip",
        reading=ReadingOptions("csv", "cp1252", ";", "quoted", "yes", part="train.csv"),
        columns=tuple(ColumnFound(f"{LONG_NAME}{number}", "text", 3, 40.0) for number in range(9)),
        cells=(tuple(LONG_NAME * 4 for _ in range(9)),),
        rows_total=6_000,
        roles=Roles(text=f"{LONG_NAME}0", label=f"{LONG_NAME}1"),
        task="text_classification",
        size_bytes=1_000_000,
        notes=(f"{LONG_NAME} is read as text.",),
        label_counts=dict.fromkeys(LABELS, 400),
        parts=("train.csv", f"{LONG_NAME}.csv"),
    )


def a_wide_row(_question: object) -> TokenizedText:
    """Words and labels without a space in them."""
    places = range(40)
    return TokenizedText(
        text=LONG_NAME,
        tokens=(LONG_NAME,) * 40,
        input_ids=tuple(places),
        attention_mask=(1,) * 40,
        word_ids=tuple(places),
        labels=(LABELS[0],) * 40,
        label=LONG_NAME * 9,
        words=(LONG_NAME,) * 40,
        row=1,
    )


@pytest.fixture
def window(session: Session, engine: StandInEngine, qtbot: QtBot) -> Window:
    engine.answers = {AskPreview: a_wide_preview, AskRow: a_wide_row}
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(900, 600)
    window.show()
    window.build_pages()
    QApplication.processEvents()
    return window


def scroll_area(page: QWidget) -> QScrollArea:
    above = page.parentWidget()
    while not isinstance(above, QScrollArea):
        assert above is not None
        above = above.parentWidget()
    return above


def squeezed(page: QWidget) -> list[str]:
    """Labels, buttons and choices on the page that have less width than they need or stick out of the page."""
    found = []
    for kind in (QAbstractButton, QComboBox, QLabel):
        for widget in page.findChildren(kind):
            inner = widget.parentWidget()
            while inner is not page and inner is not None and not isinstance(inner, QScrollArea):
                inner = inner.parentWidget()
            if inner is not page or not widget.isVisibleTo(page):
                continue  # it lies in a table or list that scrolls by itself
            right = widget.mapTo(page, widget.rect().topRight()).x()
            if right > page.width() or widget.width() < widget.minimumSizeHint().width():
                text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
                found.append(f"{type(widget).__name__} {widget.accessibleName()} {text!r}")
    return found


@pytest.mark.parametrize("index", range(5), ids=PAGES)
def test_a_page_fits_at_900_by_600(window: Window, session: Session, engine: StandInEngine, index: int) -> None:
    session.go_to(a_wide_export())
    window.go_to(index)
    for _ in range(3):
        QApplication.processEvents()
    page = window.page(index)
    area = scroll_area(page)
    assert page.isVisible()
    assert area.horizontalScrollBar().maximum() == 0, page.minimumSizeHint().width()
    assert not squeezed(page)


def test_rows_that_wait_for_prepare_fit_at_900_by_600(window: Window, session: Session) -> None:
    dataset = a_wide_dataset()
    session.go_to(msgspec.structs.replace(dataset.model))
    window.go_to(1)
    page = window.page(1)
    page.take_source(dataset.source)  # type: ignore[attr-defined]
    for _ in range(3):
        QApplication.processEvents()
    assert page.choice.preview.reading_line.combo("part").isVisible()  # type: ignore[attr-defined]
    assert scroll_area(page).horizontalScrollBar().maximum() == 0
    assert not squeezed(page)


@pytest.mark.parametrize("index", [0, 4], ids=["Load model", "Export"])
def test_a_wide_window_is_used(window: Window, session: Session, index: int) -> None:
    before, after = (None, a_wide_dataset().model) if index == 0 else (a_wide_report(), a_wide_export())
    for state in (before, after):
        session.go_to(state)
        window.go_to(index)
        for width in (1920, 2560):
            window.resize(width, 1080)
            for _ in range(3):
                QApplication.processEvents()
            page = window.page(index)
            right = max(
                card.mapTo(page, card.rect().topRight()).x()
                for card in page.findChildren(QWidget)
                if isinstance(card, Card | ChoiceCard) and card.isVisible()
            )
            assert right > 0.97 * page.width()
            assert page.width() > width - 650
            if state is before or index == 0:  # below an export are smaller models and the Hub
                assert scroll_area(page).verticalScrollBar().maximum() == 0
