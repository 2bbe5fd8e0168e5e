"""Findings and fixes on the page Choose data, on the stand-in engine."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from engine.contract.cleaning_rules import CleaningRule, LeaveOutDuplicates, LeaveOutLeaks, MergeLabels
from engine.contract.errors import ErrorReport
from engine.contract.findings import (
    EXAMPLES_FILE,
    AppliedRule,
    Examples,
    Finding,
    FoundPair,
    FoundRow,
    Offer,
    encode_examples,
)
from engine.contract.queries import AskPreview, AskRow
from engine.contract.states import PreparedDataset
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.summary.finding_examples import ExamplesTable
from gui.choose_data.summary.findings_list import FindingsList
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_model
from tests.gui.choose_data.test_page import a_preview, a_row, choose, jobs
from tests.gui.conftest import StandInEngine, show_page
from tests.gui.stand_in_pages import Training

LEAK = Finding(
    "leaks_test_train",
    "problem",
    "2 test rows also stand in train, so the test score looks better than it is.",
    2,
    (7, 9),
    (
        Offer("Leave out 3 rows of train", LeaveOutLeaks("train")),
        Offer("Leave out 2 rows of test", LeaveOutLeaks("test")),
    ),
    2,
    pairs=True,
)
DUPLICATES = Finding(
    "duplicates", "note", "5 rows repeat another row.", 5, (3,), (Offer("Leave out 5 rows", LeaveOutDuplicates()),), 1
)
EMPTY = Finding("empty_rows", "note", "3 rows lack something.", 3, (4, 8))


def with_findings(folder: Path, *cleaning_rules: CleaningRule) -> PreparedDataset:
    """A data set with a leak and duplicates, less those that fixes were applied to."""
    folder.mkdir(exist_ok=True)
    evil = FoundRow("test", 7, "<b>fine</b> film", "a")
    pair = FoundPair(evil, FoundRow("train", 2, "<b>fine</b> film", "b"), 1.0)
    examples = (Examples("leaks_test_train", pairs=(pair,)), Examples("duplicates", rows=(evil,)))
    (folder / EXAMPLES_FILE).write_bytes(encode_examples(examples))
    known = a_dataset()
    return a_dataset(
        folder=str(folder),
        fingerprint=f"print {len(cleaning_rules)}",
        findings=tuple(
            finding
            for finding in (LEAK, DUPLICATES, EMPTY)
            if not {one.rule for one in finding.offers} & {*cleaning_rules}
        ),
        applied=tuple(AppliedRule(rule, 3) for rule in cleaning_rules),
        settings=msgspec.structs.replace(known.settings, cleaning_rules=cleaning_rules),
    )


@pytest.fixture
def page(engine: StandInEngine, session: Session, qtbot: QtBot, tmp_path: Path) -> ChooseDataPage:
    engine.answers = {AskPreview: lambda _question: a_preview(), AskRow: a_row}
    session.go_to(a_model())
    page = show_page(ChooseDataPage(session), qtbot, width=720, height=900)
    choose(page, qtbot)
    page.take_primary_action()
    engine.succeed(with_findings(tmp_path / "first"))
    return page


def test_each_finding_has_its_sentence_its_mark_and_its_fixes(page: ChooseDataPage) -> None:
    lines = page.summary.findings.lines

    assert [line.sentence.text() for line in lines] == [LEAK.sentence, DUPLICATES.sentence, EMPTY.sentence]
    assert [line.findChild(QLabel).accessibleName() for line in lines] == ["Problem", "Note", "Note"]
    assert [button.text() for button in lines[0].offers] == ["Leave out 3 rows of train", "Leave out 2 rows of test"]
    assert lines[2].numbers.text() == "Rows 4, 8 and 1 more"
    assert not lines[2].show_button.isVisible()


def test_the_pairs_behind_a_finding_are_beside_each_other(page: ChooseDataPage) -> None:
    line = page.summary.findings.lines[0]

    QTest.keyClick(line.show_button, Qt.Key.Key_Space)

    assert line.examples is not None
    cells = [line.examples.table.cells.text(0, column) for column in range(6)]
    assert cells == ["Test 7", "<b>fine</b> film", "Training 2", "<b>fine</b> film", "a / b", "100 %"]
    line.examples.table.selectRow(0)
    assert line.examples.whole.text() == "Test 7 (a):\n<b>fine</b> film\n\nTraining 2 (b):\n<b>fine</b> film"
    assert line.examples.whole.textFormat() == Qt.TextFormat.PlainText
    assert line.show_button.text() == "Hide pairs"
    line.show_button.click()
    assert not line.examples.isVisible()


def test_enter_on_a_pair_shows_the_row_under_the_cursor_as_the_network_reads_it(
    page: ChooseDataPage, engine: StandInEngine
) -> None:
    line = page.summary.findings.lines[0]
    line.show_button.click()
    assert line.examples is not None
    table = line.examples.table
    for column, (split, number) in ((1, ("test", 7)), (3, ("train", 2))):
        table.setCurrentIndex(table.cells.index(0, column))
        QTest.keyClick(table, Qt.Key.Key_Return)
        question = engine.jobs[-1]
        assert isinstance(question, AskRow)
        assert (question.split, question.number) == (split, number)


def test_pairs_fit_into_the_narrowest_window(qtbot: QtBot) -> None:
    long = FoundRow("train", 1_077, "a text that is much longer than its column " * 9, "a_label_with_a_long_name")
    table = ExamplesTable(LEAK, Examples("leaks_test_train", pairs=(FoundPair(long, long, 1.0),) * 3))
    qtbot.addWidget(table)
    table.resize(580, 300)
    table.show()
    assert table.table.horizontalScrollBar().maximum() == 0


def test_rows_that_are_gone_are_reported_to_be_gone(qtbot: QtBot) -> None:
    findings = FindingsList()
    qtbot.addWidget(findings)
    findings.show_dataset(a_dataset(folder="/nowhere", findings=(DUPLICATES,)))

    findings.lines[0].show_button.click()

    assert findings.lines[0].examples is not None
    assert "cannot be read now" in findings.lines[0].examples.note.text()


def test_a_fix_prepares_again_and_is_listed_with_its_undo(
    page: ChooseDataPage, engine: StandInEngine, tmp_path: Path
) -> None:
    page.summary.findings.lines[1].offers[0].click()

    assert jobs(engine)[-1].settings.cleaning_rules == (LeaveOutDuplicates(),)
    engine.succeed(with_findings(tmp_path / "second", LeaveOutDuplicates()))
    findings = page.summary.findings
    assert [line.sentence.text() for line in findings.applied] == ["Exclude duplicates: 3 rows"]
    assert [line.finding.id for line in findings.lines] == ["leaks_test_train", "empty_rows"]
    assert page.primary_reason() == "The rows are prepared. Change something to prepare them again."

    QTest.keyClick(findings.applied[0].undo, Qt.Key.Key_Space)

    assert jobs(engine)[-1] == jobs(engine)[0]
    engine.succeed(with_findings(tmp_path / "first"))
    assert not page.summary.findings.applied
    assert not page.summary.findings.applied_title.isVisible()


def test_a_fix_leaves_the_page_where_it_was_scrolled_to(
    engine: StandInEngine, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    engine.answers = {AskPreview: lambda _question: a_preview(), AskRow: a_row}
    session.go_to(a_model())
    area = QScrollArea()
    area.setWidgetResizable(True)
    page = show_page(ChooseDataPage(session), qtbot, width=720, height=500)
    area.setWidget(page)
    qtbot.addWidget(area)
    area.resize(720, 300)
    area.show()
    choose(page, qtbot)
    page.take_primary_action()
    engine.succeed(with_findings(tmp_path / "first"))
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 300)
    bar.setValue(200)

    page.summary.findings.lines[1].offers[0].click()
    qtbot.waitUntil(lambda: bar.value() == 0)  # meanwhile only the progress is seen
    engine.succeed(with_findings(tmp_path / "second", LeaveOutDuplicates()))

    qtbot.waitUntil(lambda: page.focusWidget() in page.summary.findings.fix_buttons())
    assert bar.value() == 200
    area.takeWidget()  # both are closed on their own


def test_a_second_fix_keeps_the_first(page: ChooseDataPage, engine: StandInEngine, tmp_path: Path) -> None:
    page.summary.findings.lines[0].offers[0].click()
    engine.succeed(with_findings(tmp_path / "second", LeaveOutLeaks("train")))
    page.summary.findings.lines[0].offers[0].click()

    assert jobs(engine)[-1].settings.cleaning_rules == (LeaveOutDuplicates(), LeaveOutLeaks("train"))


@pytest.mark.parametrize("fails", [True, False])
def test_a_fix_that_fails_or_is_stopped_is_forgotten(page: ChooseDataPage, engine: StandInEngine, fails: bool) -> None:
    page.summary.findings.lines[1].offers[0].click()
    if fails:
        engine.fail(ErrorReport("DatasetInvalid", "D17", "All rows have the same label."))
    else:
        engine.stopped()

    assert page.choice.settings().cleaning_rules == ()
    assert page.summary.isVisible()
    assert not page.stale.isVisible()


def test_no_fix_can_be_applied_while_a_step_runs_or_roles_are_missing(
    page: ChooseDataPage, engine: StandInEngine
) -> None:
    buttons = page.summary.findings.fix_buttons()
    assert all(button.isEnabled() for button in buttons)

    page.choice.preview.choose_role("stars", "")

    assert not any(button.isEnabled() for button in buttons)
    assert page.summary.findings.reason.text().startswith("No fix can be applied now. Choose the column")
    assert page.summary.findings.reason.isVisible()


def test_other_rows_begin_without_fixes(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    page.summary.findings.lines[1].offers[0].click()
    engine.succeed(with_findings(Path(page.summary.findings.lines[0]._folder), LeaveOutDuplicates()))

    choose(page, qtbot)

    assert page.choice.settings().cleaning_rules == ()


def test_where_nothing_was_found_the_list_reports_it(qtbot: QtBot) -> None:
    findings = FindingsList()
    qtbot.addWidget(findings)
    findings.show_dataset(a_dataset())
    findings.show()
    assert findings.nothing.isVisible()
    assert findings.nothing.text() == "The checks found nothing that needs a decision."


def test_the_list_fits_a_narrow_window(qtbot: QtBot, tmp_path: Path) -> None:
    findings = FindingsList()
    qtbot.addWidget(findings)
    findings.show_dataset(with_findings(tmp_path / "first", LeaveOutDuplicates()))
    findings.lines[0].show_button.click()
    assert findings.minimumSizeHint().width() <= 620


@pytest.mark.parametrize(
    ("id", "caption", "here"),
    [("language", "Choose a model for this language", 0), ("imbalance", "Go to Fine-tune", 2)],
)
def test_what_another_step_can_help_with_leads_there(
    engine: StandInEngine, session: Session, qtbot: QtBot, id: str, caption: str, here: int
) -> None:
    engine.answers = {AskPreview: lambda _question: a_preview(), AskRow: a_row}
    session.go_to(a_dataset(findings=(Finding(id, "caution", "The texts look German."), EMPTY)))
    window = Window(session, (LoadModelPage, ChooseDataPage, Training))
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    window.go_to(1)
    page = window.page(1)
    assert isinstance(page, ChooseDataPage)
    button = page.summary.findings.lines[0].elsewhere
    assert button is not None
    assert button.text() == caption
    assert page.summary.findings.lines[1].elsewhere is None
    button.click()
    assert window.here == here
    if here == 0:
        model_page = window.page(0)
        assert isinstance(model_page, LoadModelPage)
        assert model_page.chooser.isVisible()  # not the summary of what is loaded


def test_many_fixes_continue_in_the_next_line_where_it_is_narrow(qtbot: QtBot) -> None:
    offers = tuple(Offer(f"Leave out {number} rows of a kind", LeaveOutDuplicates()) for number in (10, 20, 30, 40))
    findings = FindingsList()
    qtbot.addWidget(findings)
    findings.show_dataset(a_dataset(findings=(Finding("rare_labels", "note", "3 labels are rare.", 3, (), offers),)))
    findings.resize(420, 600)
    findings.show()
    assert findings.width() == 420
    assert findings.minimumSizeHint().width() <= 420
    buttons = findings.lines[0].offers
    assert buttons[-1].y() > buttons[0].y()
    assert all(button.geometry().right() <= button.parentWidget().width() for button in buttons)


def test_labels_that_look_alike_are_merged_by_one_click(
    page: ChooseDataPage, session: Session, engine: StandInEngine, tmp_path: Path, qtbot: QtBot
) -> None:
    merges = [MergeLabels((name.upper(),), name) for name in ("billing", "refund", "delivery")]
    alike = [
        Finding(f"look_alike_labels{number}", "caution", "They look like one.", 2, (), (Offer("Merge", merge),))
        for number, merge in zip(("", "_2", "_3"), merges, strict=True)
    ]
    found = msgspec.structs.replace(with_findings(tmp_path / "alike"), fingerprint="alike", findings=(LEAK, *alike))
    session.go_to(found)
    lines = page.summary.findings.lines
    assert [len(line.offers) for line in lines] == [2, 2, 1, 1]
    assert lines[1].offers[1].text() == "Merge all 3 alike"
    qtbot.waitUntil(lines[1].offers[1].isEnabled)

    lines[1].offers[1].click()

    assert jobs(engine)[-1].settings.cleaning_rules == tuple(merges)
    assert not any(button.isEnabled() for button in page.summary.findings.fix_buttons())
