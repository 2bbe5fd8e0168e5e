"""Pictures of Choose data: a file with labels, a file with tags and its alignment view, and a file with problems.

Drives the real window over files made from the examples. It finds the parts of the page by their kind, so that it
continues where the page has changed; what is not there is said and excluded.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtWidgets import QScrollArea, QWidget

from engine.contract.settings import FileRows, RowSource
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.summary.findings_list import FindingsList
from gui.choose_data.summary.row_inspector import RowInspector
from gui.design import theme
from tests.picture_files import save_small
from tests.walk import DATA, Walk

EXAMPLES = Path(__file__).resolve().parent.parent / "resources" / "examples"
LOOKS: tuple[tuple[int, int, theme.ThemeChoice], ...] = (
    (1280, 800, "light"),
    (1280, 800, "dark"),
    (900, 600, "light"),
    (900, 600, "dark"),
)
IN_README = ("choose_data_labels_1280_light", "choose_data_tags_1280_light", "choose_data_problems_1280_dark")
MAXIMUM = 24  # tokens of a sentence with tags, so that some are cut
SECONDS_TO_SETTLE = 1.0


def take_data_pictures(walk: Walk, rows: Path, to: Path, *, everything: Path | None = None) -> None:
    """Takes all pictures that the README shows into `to`, and those in every size and look into `everything`."""
    rows.mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLES / "support_tickets.csv", rows / "support_tickets.csv")
    shutil.copy(EXAMPLES / "entities.conll", rows / "sentences.conll")
    train, test = write_problem_files(rows)
    files: tuple[tuple[str, RowSource, dict[str, object], Callable[[ChooseDataPage], QWidget | None]], ...] = (
        ("choose_data_labels", FileRows(str(rows / "support_tickets.csv")), {}, _show_top),
        ("choose_data_tags", FileRows(str(rows / "sentences.conll")), {"max_length": MAXIMUM}, _show_alignment),
        ("choose_data_problems", FileRows(str(train), test_path=str(test)), {}, _show_findings),
    )
    for name, source, changes, show in files:
        walk.choose_rows(source, **{"max_length": 0, **changes})
        walk.do_step()
        page = walk.window.page(DATA)
        assert isinstance(page, ChooseDataPage)
        walk.window.go_to(DATA)
        Walk.settle(SECONDS_TO_SETTLE)
        for picture, folder in _wanted(name, walk, to, everything):
            part = show(page)
            if part is None:
                print(f"{picture}: that part of the page is not there")
                continue
            Walk.settle(SECONDS_TO_SETTLE / 2)
            bring_to_top(page, part)
            Walk.settle(SECONDS_TO_SETTLE / 2)
            save_small(walk.window, folder / f"{picture}.png")
            print(f"{picture}.png", flush=True)


def write_problem_files(folder: Path) -> tuple[Path, Path]:
    """Training and test rows with duplicates, leaks, contradictions, look-alike labels and a rare label."""
    with (EXAMPLES / "support_tickets.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["intent"]) for row in csv.DictReader(file)][:240]
    train, test = rows[:200], rows[200:]
    train += train[3:10]  # duplicates
    train += [(f"{text} ".replace(",", ""), label) for text, label in train[20:26]]  # nearly the same
    train += [(train[30 + place][0], train[40 + place][1]) for place in range(4)]  # the same text, another label
    train[50:53] = [(text, label.capitalize()) for text, label in train[50:53]]  # labels that look alike
    train += [("Do you also sponsor local sports clubs?", "sponsoring"), ("", "billing"), ("   ", "refund")]
    test += train[60:66]  # leaks
    return _written(folder / "tickets_train.csv", train), _written(folder / "tickets_test.csv", test)


def sentence_with_a_lost_end() -> int:
    """The number of a sentence whose last entity is beyond the maximum length."""
    blocks = (EXAMPLES / "entities.conll").read_text("utf-8").strip().split("\n\n")
    lengths = []
    for number, block in enumerate(blocks, start=1):
        tags = [line.split()[-1] for line in block.splitlines()]
        entities = [place for place, tag in enumerate(tags) if tag.startswith("B-")]
        lengths.append((len(entities) if entities and entities[-1] > MAXIMUM - 4 else 0, len(tags), number))
    return max(lengths)[2]


def _wanted(name: str, walk: Walk, to: Path, everything: Path | None) -> Iterator[tuple[str, Path]]:
    """Each picture to take and its folder, the window being as it shall look."""
    for width, height, look in LOOKS:
        picture = f"{name}_{width}_{look}"
        for_readme = picture in IN_README
        if not for_readme and everything is None:
            continue
        theme.appearance().choose(look)
        walk.window.resize(width, height)
        Walk.settle(SECONDS_TO_SETTLE / 2)
        if for_readme:
            yield picture, to
        if everything is not None:
            everything.mkdir(parents=True, exist_ok=True)
            yield picture, everything


def _show_top(page: ChooseDataPage) -> QWidget | None:
    return page


def _show_alignment(page: ChooseDataPage) -> QWidget | None:
    inspector = page.findChild(RowInspector)
    if inspector is None:
        return None
    page.show_row(sentence_with_a_lost_end())
    return inspector.parentWidget()


def _show_findings(page: ChooseDataPage) -> QWidget | None:
    findings = page.findChild(FindingsList)
    if findings is None or not findings.lines:
        return None
    for line in findings.lines[:1]:
        if not line.show_button.isChecked():
            line.show_button.click()
    return findings


def bring_to_top(page: QWidget, part: QWidget) -> None:
    """Scrolls the page until this part of it is the first that is shown."""
    above = page.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if above is not None and above.widget() is not None:
        top = 0 if part is page else part.mapTo(above.widget(), part.rect().topLeft()).y() - theme.SPACE
        above.verticalScrollBar().setValue(top)


def _written(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *rows])
    return path
