"""Finds text that cannot be read whole: wider than the place it is drawn in, and without a tooltip that has all of it.

    clipped_texts(window)   one line for each such label, button, choice, tab, placeholder, step and header

What is measured is the text in the font it is drawn in against the room that the style leaves for it. A tooltip counts
where it holds the whole text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QTableView,
    QToolButton,
    QWidget,
)

from gui.components.card import ChoiceCard
from gui.components.plain_text import LONGEST_TOOLTIP, on_one_line
from gui.shell.step_list import StepRow

ROUNDING = 1  # pixels
MOST_ROWS, MOST_COLUMNS = 12, 50  # of a table
CELL_PADDING = 8  # pixels left and right, in the style sheet


def clipped_texts(root: QWidget) -> list[str]:
    """What cannot be read whole in `root` and below, as kind, text and pixels; widgets that are hidden are excluded."""
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.isVisible():
            continue
        for text, missing, tip in _measured(widget):
            if missing > ROUNDING and not _holds(tip, text):
                found.append(f"{type(widget).__name__} {text[:80]!r}: {missing} px")
    return found


def _measured(widget: QWidget) -> Iterator[tuple[str, int, str]]:
    """Each text of the widget, the pixels it lacks, and its tooltip."""
    if isinstance(widget, QHeaderView):
        yield from _sections(widget)
    elif isinstance(widget, QTableView):
        yield from _cells(widget)
    elif isinstance(widget, QLabel):
        if widget.text():
            yield widget.text(), max(_missing_in_label(widget), _beyond_parent(widget)), widget.toolTip()
    elif isinstance(widget, StepRow):
        yield from widget_texts(widget)
    elif isinstance(widget, QAbstractButton):
        if widget.text() and not isinstance(widget, ChoiceCard):
            yield widget.text(), max(_missing_in_button(widget), _beyond_parent(widget)), widget.toolTip()
    elif isinstance(widget, QComboBox):
        yield from _combo(widget)
    elif isinstance(widget, QTabBar):
        for index in filter(widget.isTabVisible, range(widget.count())):
            lacks = _width(widget, widget.tabText(index)) - widget.tabRect(index).width()
            hidden = widget.tabRect(index).right() - widget.rect().right()
            yield widget.tabText(index), max(lacks, hidden), widget.tabToolTip(index)
    elif isinstance(widget, QLineEdit) and not widget.text():
        left, right = widget.textMargins().left(), widget.textMargins().right()
        room = _contents(widget).width() - left - right
        yield widget.placeholderText(), _width(widget, widget.placeholderText()) - room, widget.toolTip()


def widget_texts(row: StepRow) -> Iterator[tuple[str, int, str]]:
    """The lines of a step as it paints them."""
    for text, room, metrics in row.lines():
        yield text, metrics.horizontalAdvance(text) - room, row.toolTip()


def _sections(header: QHeaderView) -> Iterator[tuple[str, int, str]]:
    """The names that a horizontal header draws; how wide a section must be is known to the header alone."""
    model = header.model()
    if model is None or header.orientation() != Qt.Orientation.Horizontal:
        return
    for place in range(header.count()):
        if header.isSectionHidden(place):
            continue
        text = str(model.headerData(place, header.orientation(), Qt.ItemDataRole.DisplayRole) or "")
        tip = str(model.headerData(place, header.orientation(), Qt.ItemDataRole.ToolTipRole) or "")
        yield text, header.sectionSizeFromContents(place).width() - header.sectionSize(place), tip


def _cells(table: QTableView) -> Iterator[tuple[str, int, str]]:
    """The cells of the first rows of a table, which may be thousands."""
    model = table.model()
    for row in range(min(model.rowCount(), MOST_ROWS)):
        for column in range(min(model.columnCount(), MOST_COLUMNS)):
            index = model.index(row, column)
            text = str(model.data(index, Qt.ItemDataRole.DisplayRole) or "")
            if text and table.columnWidth(column) and not table.isIndexHidden(index):
                room = table.columnWidth(column) - 2 * CELL_PADDING
                yield text, _width(table, text) - room, str(model.data(index, Qt.ItemDataRole.ToolTipRole) or "")


def _missing_in_label(label: QLabel) -> int:
    if label.pixmap() is not None and not label.pixmap().isNull():
        return 0
    area = label.contentsRect()
    metrics = label.fontMetrics()
    text = label.text()
    if not label.wordWrap():
        lines = text.replace("&", "") if label.buddy() is not None else text
        return max(metrics.horizontalAdvance(line) for line in lines.split("\n")) - area.width()
    longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
    needed = metrics.boundingRect(QRect(0, 0, area.width(), 100_000), _WRAPPED, text)
    return max(longest - area.width(), needed.height() - area.height() - metrics.descent())


_WRAPPED = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)


def _missing_in_button(button: QAbstractButton) -> int:
    if isinstance(button, QToolButton):
        return 0 if button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly else _over(button, button.width())
    option = QStyleOptionButton()
    option.initFrom(button)
    if isinstance(button, QPushButton):
        element = QStyle.SubElement.SE_PushButtonContents
    elif isinstance(button, QRadioButton):
        element = QStyle.SubElement.SE_RadioButtonContents
    elif isinstance(button, QCheckBox):
        element = QStyle.SubElement.SE_CheckBoxContents
    else:
        return 0
    room = button.style().subElementRect(element, option, button).width()
    icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
    return _over(button, room - icon)


def _over(button: QAbstractButton, room: int) -> int:
    return _width(button, re.sub("&(.)", r"\1", button.text())) - room


def _combo(combo: QComboBox) -> Iterator[tuple[str, int, str]]:
    option = QStyleOptionComboBox()
    option.initFrom(combo)
    option.editable = combo.isEditable()
    field = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    yield combo.currentText(), _width(combo, combo.currentText()) - field.width(), combo.toolTip()


def _beyond_parent(widget: QWidget) -> int:
    """Pixels by which the widget is cut off on the right by what it lies in, up to what scrolls."""
    beyond = 0
    above = widget.parentWidget()
    while above is not None and not above.isWindow():
        beyond = max(beyond, widget.mapTo(above, widget.rect().topRight()).x() - above.rect().right())
        area = above.parentWidget()
        if isinstance(area, QAbstractScrollArea) and above is area.viewport():
            break
        above = area
    return beyond


def _contents(edit: QLineEdit) -> QRect:
    return edit.rect().adjusted(10, 0, -10, 0)


def _width(widget: QWidget, text: str) -> int:
    return QFontMetrics(widget.font()).horizontalAdvance(text)


def _holds(tip: str, text: str) -> bool:
    """Whether the tooltip has the whole text, as long as a tooltip may be."""
    plain = html.unescape(re.sub("<[^>]*>", "", tip))
    wanted = " ".join(text.split()).rstrip("…")
    return bool(wanted) and on_one_line(wanted, LONGEST_TOOLTIP)[: LONGEST_TOOLTIP // 2] in " ".join(plain.split())
