"""The confusion matrix: the sentences of its cells, how they are pointed at and chosen, and that it can be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from gui.design.theme import appearance, contrast
from gui.evaluate.confusion_matrix import LEVELS, READABLE, Cell, cell_colors
from gui.evaluate.confusion_view import ConfusionView, most_frequent_confusions

LABELS = ("negative", "neutral", "positive")
COUNTS = ((79, 19, 0), (1, 8, 3), (0, 0, 0))


@pytest.fixture
def view(qtbot: QtBot) -> ConfusionView:
    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(420, 420)
    view.show_counts(LABELS, COUNTS, unit="row")
    view.show()
    return view


def press(view: ConfusionView, qtbot: QtBot, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(view.matrix, key)


def test_cells_hold_counts_or_the_share_of_their_row(view: ConfusionView) -> None:
    assert view.matrix.text_at((0, 1)) == "19"
    view.shares_button.click()
    assert view.matrix.text_at((0, 1)) == "19 %"
    assert view.matrix.text_at((1, 1)) == "67 %"
    assert view.matrix.text_at((2, 2)) == "–"  # no row is of this class
    view.counts_button.click()
    assert view.matrix.text_at((1, 1)) == "8"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ((0, 1), "19 rows with the true label negative were predicted as neutral, 19 %."),
        ((1, 0), "1 row with the true label neutral was predicted as negative, 8 %."),
        ((0, 0), "79 rows with the true label negative were predicted correctly, 81 %."),
        ((0, 2), "No row with the true label negative was predicted as positive."),
    ],
)
def test_a_cell_is_read_as_a_sentence(view: ConfusionView, cell: Cell, said: str) -> None:
    assert view.cell_sentence(cell) == said


def test_the_arrow_keys_move_and_enter_chooses(view: ConfusionView, qtbot: QtBot) -> None:
    pointed: list[object] = []
    chosen: list[object] = []
    view.matrix.pointed.connect(pointed.append)
    view.chosen.connect(chosen.append)
    press(view, qtbot, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up)
    assert pointed == [(0, 1), (1, 1), (0, 1), (0, 1)]  # the edge holds
    assert view.sentence.text() == view.cell_sentence((0, 1))
    assert view.matrix.accessibleDescription() == view.sentence.text()
    press(view, qtbot, Qt.Key.Key_Return)
    assert chosen == [(0, 1)]
    press(view, qtbot, Qt.Key.Key_End, Qt.Key.Key_Space)
    assert view.matrix.chosen_cell() == (0, 2)
    press(view, qtbot, Qt.Key.Key_Escape)
    assert view.matrix.chosen_cell() is None
    assert chosen == [(0, 1), (0, 2), None]


def test_a_click_chooses_and_the_same_click_lets_go(view: ConfusionView, qtbot: QtBot) -> None:
    place = view.matrix.cell_area((1, 2)).center()
    qtbot.mouseClick(view.matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.matrix.chosen_cell() == (1, 2)
    qtbot.mouseClick(view.matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.matrix.chosen_cell() is None
    qtbot.mouseClick(view.matrix.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))  # between the names
    assert view.matrix.chosen_cell() is None


def test_the_cell_under_the_pointer_is_read(view: ConfusionView, qtbot: QtBot) -> None:
    qtbot.mouseMove(view.matrix.viewport(), view.matrix.cell_area((1, 0)).center())
    qtbot.waitUntil(lambda: view.sentence.text() == view.cell_sentence((1, 0)))


def test_few_classes_do_not_scroll(view: ConfusionView) -> None:
    assert view.matrix.horizontalScrollBar().maximum() == 0
    assert view.matrix.verticalScrollBar().maximum() == 0
    last = view.matrix.cell_area((2, 2))
    assert view.matrix.viewport().rect().contains(last)


def test_a_thousand_classes_scroll_and_the_keys_bring_cells_into_sight(view: ConfusionView, qtbot: QtBot) -> None:
    names = [f"class {number}" for number in range(1_000)]
    row = [0] * 1_000
    view.show_counts(names, [[*row[:i], 7, *row[i + 1 :]] for i in range(1_000)], unit="row")
    assert view.matrix.height() < 500
    view.matrix.choose((999, 999))
    area = view.matrix.cell_area((999, 999))
    assert view.matrix.viewport().rect().contains(area)
    assert view.matrix.cell_at(area.center()) == (999, 999)
    press(view, qtbot, Qt.Key.Key_Home)
    assert view.matrix.viewport().rect().contains(view.matrix.cell_area((999, 0)))
    rows, columns = view.matrix._in_sight()
    assert len(rows) * len(columns) < 1_000  # no more is painted


def test_with_many_classes_the_most_frequent_confusions_lead_to_their_cells(view: ConfusionView) -> None:
    assert view.confusion_buttons == []
    counts = [[0] * 9 for _ in range(9)]
    counts[2][5], counts[7][1], counts[4][4] = 3, 12, 90
    assert most_frequent_confusions(counts) == [(7, 1), (2, 5)]
    view.show_counts([f"label {i} & more" for i in range(9)], counts, unit="row")
    assert [button.text() for button in view.confusion_buttons] == [
        "12 × label 7 && more predicted as label 1 && more",
        "3 × label 2 && more predicted as label 5 && more",
    ]
    view.confusion_buttons[1].click()
    assert view.matrix.chosen_cell() == (2, 5)


def test_nothing_at_all_can_be_shown_and_pressed(view: ConfusionView, qtbot: QtBot) -> None:
    view.show_counts((), (), unit="row")
    press(view, qtbot, Qt.Key.Key_Right, Qt.Key.Key_Return)
    view.matrix.grab()
    assert view.matrix.cell_at(QPoint(300, 100)) is None


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("right", [True, False])
def test_the_text_of_every_ground_can_be_read(name: str, right: bool) -> None:
    for level in range(LEVELS + 1):
        ground, text = cell_colors(name, level / LEVELS, right=right)
        assert contrast(ground.name(), text.name()) >= READABLE, level
    weak, strong = cell_colors(name, 0.1, right=right)[0], cell_colors(name, 1.0, right=right)[0]
    assert contrast(weak.name(), strong.name()) > 2


def test_right_and_wrong_have_two_colours(view: ConfusionView) -> None:
    picture = QPixmap(view.matrix.viewport().grab()).toImage()
    hues = [picture.pixelColor(view.matrix.cell_area(cell).topLeft() + QPoint(8, 8)).hue() for cell in ((0, 0), (0, 1))]
    assert abs(hues[0] - hues[1]) > 90


def test_the_look_changes_with_light_and_dark(view: ConfusionView) -> None:
    def ground() -> str:
        picture = QPixmap(view.matrix.viewport().grab()).toImage()
        return picture.pixelColor(view.matrix.cell_area((0, 0)).topLeft() + QPoint(8, 8)).name()

    light = ground()
    try:
        appearance().choose("dark")
        assert ground() != light
    finally:
        appearance().choose("light")
