"""F1 opens the guide at the page's chapter; it shows its own files alone, and each of its links leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import stages
from engine.contract.languages import catalogue_of, codes, using
from engine.contract.settings import FileRows
from engine.workspace.layout import Workspace
from gui.application import page_types
from gui.session import Session
from gui.shell import guide_window
from gui.shell.guide_window import FIRST, FOLDER, PAGES, GuideWindow, heading_of, page_name
from gui.shell.window import Window
from tests.builders_data import ignore
from tests.paths import ROOT

PICTURES = ROOT / "resources" / "pictures"
MOST_BYTES = 5_000_000  # of all pictures
IMAGE = QTextDocument.ResourceType.ImageResource.value


@pytest.fixture
def guide(qtbot: QtBot) -> GuideWindow:
    made = GuideWindow()
    qtbot.addWidget(made)
    return made


def test_f1_opens_the_guide_at_the_page_that_is_shown(session: Session, qtbot: QtBot) -> None:
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    for step, page in enumerate(("load_model", "choose_data", "fine_tune", "evaluate", "export")):
        window.go_to(step)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.keyClick(window, Qt.Key.Key_F1)
        (guide,) = window.findChildren(GuideWindow)
        assert (guide.isVisible(), guide.page(), guide.contents.currentItem().text()) == (
            True,
            page,
            page_types()[step].title,
        )
        guide.close()
    window.show_runs()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert guide.page() == "runs"
    guide.close()


def test_every_file_of_the_guide_is_in_its_contents_and_has_a_heading(guide: GuideWindow) -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(PAGES)
    shown = [guide.contents.item(row).text() for row in range(guide.contents.count())]
    assert shown == [heading_of(page) for page in PAGES]
    assert all(shown)
    assert page_name("A page of a later version") == FIRST


def test_every_picture_of_every_page_is_shown_and_none_is_wider_than_the_page(guide: GuideWindow, qtbot: QtBot) -> None:
    guide.show()
    for page in PAGES:
        guide.open_at(page)
        QApplication.processEvents()
        assert guide.browser.toPlainText().startswith(heading_of(page))
        qtbot.waitUntil(lambda: not guide.browser._reloading.isActive())
        assert guide.browser.horizontalScrollBar().maximum() == 0, page
        for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (FOLDER / f"{page}.md").read_text("utf-8")):
            picture = guide.browser.loadResource(IMAGE, QUrl(name))
            assert isinstance(picture, QImage)
            assert not picture.isNull(), name


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_picture_has_as_many_pixels_as_the_screen_and_looks_as_large(
    guide: GuideWindow, monkeypatch: pytest.MonkeyPatch, ratio: float
) -> None:
    """A document draws a larger one by leaving out pixels, and with them parts of the letters."""
    monkeypatch.setattr(guide.browser, "devicePixelRatioF", lambda: ratio)
    guide.resize(guide_window.SIZE)
    guide.open_at("load_model")
    QApplication.processEvents()
    picture = guide.browser.loadResource(IMAGE, QUrl("../pictures/load_model.png"))
    assert isinstance(picture, QImage)
    assert picture.width() == min(1280, guide_window.PICTURE_WIDTH * ratio)  # not more than the file has
    assert picture.deviceIndependentSize().width() == guide_window.PICTURE_WIDTH


def test_in_a_narrow_window_pictures_are_as_wide_as_the_page(guide: GuideWindow, qtbot: QtBot) -> None:
    guide.open_at("load_model")
    browser, shown = guide.browser, []
    for width in (720, 780, 720):
        guide.resize(width, 480)
        qtbot.waitUntil(lambda: browser._picture_width == browser._room() and not browser._reloading.isActive())
        assert browser.horizontalScrollBar().maximum() == 0
        shown.append(browser._picture_width)
    assert shown == [shown[0], shown[0] + 60, shown[0]]


def test_the_pictures_are_small_enough_to_travel_with_the_program() -> None:
    assert sum(path.stat().st_size for path in PICTURES.rglob("*.png")) < MOST_BYTES


@pytest.mark.parametrize("code", sorted(set(codes()) - {"en"}))
def test_another_language_has_every_page_with_the_same_pictures_links_and_lines_of_code(code: str) -> None:
    def kept(path: Path) -> tuple[list[str], list[str], list[str]]:
        text = path.read_text("utf-8").replace(f"/pictures/{code}/", "/pictures/").replace("](../../", "](../")
        lines = [line for line in text.splitlines() if line.startswith("    ")]
        return re.findall(r"\]\(([^)]+)\)", text), re.findall(r"--[a-z]{3,}", text), lines

    assert {path.stem for path in (FOLDER / code).glob("*.md")} == set(PAGES)
    for page in PAGES:
        links, options, code_lines = kept(FOLDER / f"{page}.md")
        own_links, own_options, own_lines = kept(FOLDER / code / f"{page}.md")
        assert sorted(own_links) == sorted(links), page
        assert sorted(own_options) == sorted(options), page
        assert len(own_lines) == len(code_lines), page
        names = re.findall(r"pictures/(?:[a-z]{2}/)?([a-z_0-9]+\.png)", " ".join(links))
        shown = re.findall(rf"pictures/{code}/([a-z_0-9]+\.png)", (FOLDER / code / f"{page}.md").read_text("utf-8"))
        assert sorted(shown) == sorted(name for name in names if (PICTURES / code / name).is_file()), page


def test_the_guide_is_shown_in_the_language_of_the_program_and_stays_in_it(qtbot: QtBot) -> None:
    with using(catalogue_of("de")):
        guide = GuideWindow()
        qtbot.addWidget(guide)
        guide.open_at("index")
        assert guide.browser.toPlainText().startswith("Anleitung")
        guide.browser.anchorClicked.emit(QUrl("few_rows.md"))
        assert (guide.page(), guide.contents.currentItem().text()) == ("few_rows", "Wenige Zeilen")
        assert guide.browser.toPlainText().startswith("Wenige Zeilen")


def test_a_page_that_a_language_lacks_is_shown_in_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "runs.md").write_text("# Runs\n")
    monkeypatch.setattr(guide_window, "FOLDER", tmp_path)
    with using(catalogue_of("de")):
        assert heading_of("runs") == "Runs"


def test_the_keyboard_goes_back_and_closes_the_guide(guide: GuideWindow) -> None:
    guide.open_at("load_model")
    guide.open_at("export")
    assert guide.back_button.isEnabled()
    QTest.keyClick(guide.browser, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (guide.page(), guide.contents.currentItem().text()) == ("load_model", "Load model")
    QTest.keyClick(guide, Qt.Key.Key_Escape)
    assert not guide.isVisible()


def test_a_link_leads_to_another_page_of_the_guide_and_to_nothing_else(guide: GuideWindow, tmp_path: Path) -> None:
    guide.open_at("index")
    guide.browser.anchorClicked.emit(QUrl("few_rows.md"))
    assert guide.page() == "few_rows"
    foreign = tmp_path / "foreign.md"
    foreign.write_text("# Foreign")
    for link in ("https://example.org/page.md", str(foreign), "../examples/README.md"):
        guide.browser.anchorClicked.emit(QUrl(link))
        assert guide.page() == "few_rows"


@pytest.mark.parametrize("name", ["https://example.org/a.png", "//example.org/a.png", "ftp://example.org/a.png"])
def test_nothing_is_loaded_from_the_network(guide: GuideWindow, name: str) -> None:
    guide.open_at("index")
    assert guide.browser.loadResource(IMAGE, QUrl(name)) is None


def test_no_file_outside_of_the_resources_is_loaded(guide: GuideWindow) -> None:
    guide.open_at("index")
    outside = ROOT / "README.md"
    assert outside.is_file()
    for name in (QUrl.fromLocalFile(str(outside)), QUrl("../../README.md")):
        assert guide.browser.loadResource(QTextDocument.ResourceType.MarkdownResource.value, name) is None


@pytest.mark.parametrize(
    ("name", "task", "names"),
    [
        ("prompt_routing.csv", "text_classification", "calculation code lookup small_talk writing"),
        ("personal_data.jsonl", "token_classification", "ACCOUNT ADDRESS DATE_OF_BIRTH EMAIL PERSON PHONE"),
    ],
)
def test_the_rows_of_the_examples_are_used_whole(name: str, task: str, names: str, tmp_path: Path) -> None:
    seen = stages.inspect(FileRows(str(FOLDER / "examples" / name)), ignore, workspace=Workspace(tmp_path))
    assert (seen.error, seen.task, seen.rows_excluded) == (None, task, {})
    assert sorted(seen.labels or seen.entities) == names.split()
    said = (FOLDER / "examples.md").read_text("utf-8")
    assert f"`resources/guide/examples/{name}` has {seen.rows_used} " in said
