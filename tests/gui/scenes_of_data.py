"""Choose data in all its states: those of `scenes`, questions, further files, findings, edits, other tasks, the Hub.

of_data(window, session, engine, rows, settle)   yields a name each time another one is on the screen
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QWidget

from engine.contract.queries import HubConfigurationFound, HubDatasetFound, HubSplitFound
from engine.contract.settings import FileRows
from gui.choose_data.page import ChooseDataPage
from gui.session import Session
from gui.shell.window import Window
from tests.gui.engine_here import EngineHere
from tests.gui.scenes import DATA, GIGABYTE, Rows, choosing

Settle = Callable[[Callable[[], bool]], None]
TEXT = "parcel {} is late"
LABELS = ("alpha", "beta")
# What is the user's own on these pages: columns, files and words of rows; `choosing` has an error that was made up.
USERS_OWN = (
    *("parcel", "late", "is", "of", "the", "Anna", *LABELS, "gamma", "bad", "byte", "text", "label", "labels"),
    *("cp1250", "café", "naïve", "naďve", "naīve"),
    *("kind", "mood", "words", "one", "two", "tokens", "tags", "train", "test", "dev", "validation"),
    *("train.csv", "further.csv", "unclear.csv", "invalid.csv", "several.csv", "words.conll", "a.parquet", "b.parquet"),
    *("The 0th parcel that I ordered two weeks ago has not arrived at my house, and nobody answers", "parquet"),
    *("Row 3 of a file with a long name has no label.", "Fill the column “label” or leave the row out."),
)


def of_data(
    window: Window, session: Session, engine: EngineHere, rows: Rows, settle: Settle
) -> Iterator[tuple[str, QWidget]]:
    """What is asked about files, what is found in them and changed by hand, for several tasks."""
    folder = Path(rows.workspace.root).parent / "files"
    folder.mkdir()
    window.go_to(DATA)
    page = window.page(DATA)
    assert isinstance(page, ChooseDataPage)
    settle(lambda: True)
    yield "nothing reached", window
    session.go_to(rows.model)
    settle(lambda: True)
    yield "empty", window
    yield from choosing(window, session, rows, settle)
    for name in _of_one_label(page, folder, settle):
        yield name, window
    for name in _of_doubtful_files(page, folder, settle):
        yield name, window
    for name in _of_words(page, folder, settle):
        yield name, window
    for name in _of_the_hub(page, settle):
        yield name, window


def _take(page: ChooseDataPage, path: Path, settle: Settle) -> None:
    page.take_source(FileRows(str(path)))
    settle(lambda: page.choice.found is not None)


def _prepare(page: ChooseDataPage, session: Session, settle: Settle) -> None:
    assert page.primary_reason() == ""
    page.take_primary_action()
    settle(lambda: not session.busy and page.summary.isVisibleTo(page))


def _of_one_label(page: ChooseDataPage, folder: Path, settle: Settle) -> Iterator[str]:
    """Two columns that may hold the label, a further file with other columns, findings, fixes and edits."""
    train, further = folder / "train.csv", folder / "further.csv"
    lines = ["text,kind,mood"]
    for place in range(60):
        text = TEXT.format(place % 45)  # some rows are equal, and some are in two splits
        label = LABELS[(place + (place > 45)) % 2]
        lines.append(f"{text},{label if place % 9 else ''},{LABELS[place % 2]}")
    train.write_text("\n".join(lines) + "\n", encoding="utf-8")
    further.write_text("words;one;two\n" + "parcel 3 is late;alpha;beta\n" * 5, encoding="utf-16")
    _take(page, train, settle)
    yield "a question about columns"
    page.choice.preview.question.chosen.emit("kind")
    page.choice.take_separate_file("validation", str(further))
    settle(lambda: page.choice.found is not None and not page._column_queries)
    yield "a file with other columns"
    page.choice.take_separate_file("validation", "")
    settle(lambda: bool(page.choice.row_counts.files.text()) and page.primary_reason() == "")
    for button in page.choice.row_counts.reasons.buttons():
        button.click()
    yield "counts of rows"
    _prepare(page, page.session, settle)
    for line in page.summary.findings.lines:
        if not line.show_button.isHidden():
            line.show_button.click()
    settle(lambda: True)
    yield "findings"
    page.summary.findings.fix_buttons()[0].click()
    settle(lambda: not page.session.busy and bool(page.summary.findings.applied))
    yield "an applied fix"
    yield from _of_edits(page, settle)


def _of_edits(page: ChooseDataPage, settle: Settle) -> Iterator[str]:
    page.tabs.go_to("rows")
    view = page.summary.rows
    settle(lambda: view.table.rows.rowCount() > 2)
    view.filters.search.setText("parcel")
    settle(lambda: bool(view.filters.place.text()))
    view.table.selectRow(1)
    view.edit_form.bar.answer_requested.emit("set", "gamma")
    settle(lambda: view.edit_form.question.isVisibleTo(page))
    yield "a new label"
    view.edit_form.accept.click()
    view.table.selectRow(2)
    view.edit_form.toggle_excluded()
    view.edit_form.list.show_list.setChecked(True)
    settle(lambda: view.edit_form.list.list.count() == 2)
    yield "edits"
    view.edit_form.step_back()
    view.edit_form.step_back()


def _of_doubtful_files(page: ChooseDataPage, folder: Path, settle: Settle) -> Iterator[str]:
    """Files whose encoding is not clear, or not valid, and labels with a separator between them."""
    unclear, invalid, several = folder / "unclear.csv", folder / "invalid.csv", folder / "several.csv"
    unclear.write_bytes("text,label\ncafé,alpha\nnaïve,beta\n".encode("cp1252"))
    good = [f"{TEXT.format(place)},{LABELS[place % 2]}\n" for place in range(40)]
    invalid.write_bytes("".join(["text,label\n", *good]).encode() + b"bad \xff\xfe byte,alpha\n")
    pairs = [f"{TEXT.format(place)},{'alpha;beta' if place % 3 else 'beta'}\n" for place in range(40)]
    several.write_text("".join(["text,labels\n", *pairs]), encoding="utf-8")
    for name, path in (
        ("a question about an encoding", unclear),
        ("rows that cannot be read", invalid),
        ("several labels", several),
    ):
        _take(page, path, settle)
        if path is invalid:
            page.choice.preview.reading_line.choose("encoding", "utf-8")
            settle(lambda: page.choice.preview.unreadable.isVisibleTo(page))
        yield name


def _of_words(page: ChooseDataPage, folder: Path, settle: Settle) -> Iterator[str]:
    """Tags of words: bars, lengths with entities, and the fields that change a tag."""
    path = folder / "words.conll"
    path.write_text("".join(f"parcel O\nof O\nAnna{place} B-alpha\nis O\nlate O\n\n" for place in range(40)), "utf-8")
    _take(page, path, settle)
    yield "tags of words"
    _prepare(page, page.session, settle)
    page.tabs.go_to("lengths")
    page.summary.lengths.maximum.setValue(page.summary.lengths.maximum.minimum())
    settle(lambda: True)
    yield "lengths with entities"
    page.tabs.go_to("rows")
    view = page.summary.rows
    settle(lambda: view.table.rows.rowCount() > 2)
    view.table.selectRow(1)
    settle(lambda: True)
    yield "rows of words"


def _of_the_hub(page: ChooseDataPage, settle: Settle) -> Iterator[str]:
    """A data set that was found, and its download."""
    split = HubSplitFound("train", "train", ("train.parquet",), GIGABYTE)
    splits = (
        split,
        HubSplitFound("test", "", ("a.parquet", "b.parquet"), 1),
        HubSplitFound("dev", "validation", (), 1),
    )
    configurations = tuple(HubConfigurationFound(name, splits, GIGABYTE, 0) for name in LABELS)
    found = HubDatasetFound("alpha/beta", "0" * 40, configurations, "", (), 2 * GIGABYTE)
    page._show_picker(True)
    form = page.picker.hub_form
    form.name_field.setText("alpha/beta")
    form.show_found(found)
    settle(lambda: True)
    yield "a data set of the Hub"
    form.show_downloading(True)
    settle(lambda: True)
    yield "a download"
    form.show_downloading(False)
