"""The one style sheet, made from the role table.

A widget asks for a look through two dynamic properties: `role` on labels (title, group, body, secondary, code, good,
caution, bad) and `kind` on buttons (primary, quiet, danger) and frames (card, panel, bar, banner-bad, …).
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from gui.design.assets import colored_file, tinted
from gui.design.theme import (
    BODY_SIZE,
    CODE_SIZE,
    CORNER,
    DARK,
    GROUP_SIZE,
    LIGHT,
    SMALL_SIZE,
    TITLE_SIZE,
    Theme,
)

ARROWS = ("chevron-down", "chevron-up")  # in the secondary colour
MARKS = ("check", "dot")  # on the accent colour

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 6px 8px; }
QWidget[kind="window"], QWidget[kind="page"] { background: $window; }
QFrame[kind="panel"] { background: $surface; border: none; }
QFrame[kind="drawer"] { background: $raised; border: none; border-left: 1px solid $line; }
QFrame[kind="bar"] { background: $surface; border: none; border-top: 1px solid $line; }
QFrame[kind="card"] { background: $surface; border: 1px solid $line; border-radius: ${corner}px; }
QFrame[kind="rule"] { background: $line; border: none; }
QFrame[kind="banner-bad"] { background: $bad_ground; border: 1px solid $bad; border-radius: ${corner}px; }
QFrame[kind="banner-caution"] { background: $caution_ground; border: 1px solid $caution; border-radius: ${corner}px; }
QFrame[kind="banner-good"] { background: $good_ground; border: 1px solid $good; border-radius: ${corner}px; }
QFrame[kind="banner-news"] { background: $soft; border: 1px solid $accent; border-radius: ${corner}px; }

QMessageBox { background: $raised; border: 1px solid $line; }
/* Where a desktop has icons for OK and Cancel, Qt would put them there. */
QMessageBox, QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
/* Qt's own dialog for files, where the system has none; its columns are as wide as Qt's own paddings need. */
QFileDialog { min-width: 760px; min-height: 480px; }
QFileDialog QTreeView::item { padding: 0 2px; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="group"] { font-size: ${group}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="secondary"] { color: $secondary; font-size: ${small}px; }
QLabel[role="quiet"] { color: $secondary; }
QLabel[role="good"] { color: $good; }
QLabel[role="caution"] { color: $caution; }
QLabel[role="bad"] { color: $bad; font-size: ${small}px; }
QLabel[role="badge"] { color: $secondary; font-size: ${small}px; border: 1px solid $line; border-radius: 9px;
    padding: 1px 8px; }

QLabel:disabled, QLabel[role]:disabled { color: $disabled; }

QPushButton { background: $surface; color: $text; border: 1px solid $line; border-radius: ${corner}px;
    padding: 0 14px; min-height: 30px; qproperty-autoDefault: true;
    outline: none; } /* else Fusion draws a second frame within the ring of the focus, once Tab was pressed */
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 0 13px; min-height: 28px; }
QPushButton:disabled { color: $disabled; background: $window; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed { background: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $line; color: $secondary; border-color: $line; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $accent; padding: 0 8px; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; padding: 0 7px; }
QPushButton[kind="quiet"]:disabled { color: $disabled; }
QPushButton[kind="tab"] { background: transparent; border: none; border-bottom: 2px solid transparent;
    border-radius: 0; color: $secondary; padding: 0 4px; min-height: 28px; font-weight: 600; }
QPushButton[kind="tab"]:checked { color: $text; border-bottom-color: $accent; }
QPushButton[kind="tab"]:focus { background: $soft; }
QPushButton[kind="side"] { background: transparent; border-color: transparent; text-align: left; padding: 0 8px; }
QPushButton[kind="side"]:hover { background: $hover; }
QPushButton[kind="side"]:checked { background: $soft; font-weight: 600; }
QPushButton[kind="side"]:focus { border: 2px solid $accent; padding: 0 7px; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:disabled { color: $disabled; }
QPushButton::menu-indicator { width: 0; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: ${corner}px; padding: 4px;
    color: $text; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton:hover { background: $hover; }
QToolButton:focus { border-color: $accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $surface; color: $text;
    border: 1px solid $line; border-radius: ${corner}px; padding: 0 9px; min-height: 30px;
    selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
    border: 2px solid $accent; padding: 0 8px; min-height: 28px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $disabled;
    background: $window; }
QLineEdit[refused="true"], QComboBox[refused="true"] { border: 2px solid $bad; padding: 0 8px; min-height: 28px; }
QPlainTextEdit[role="code"] { font-size: ${code}px; background: $window; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: url($arrow_down); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1px solid $line; outline: none;
    selection-background-color: $soft; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button { border: none;
    width: 20px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url($arrow_up); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url($arrow_down); width: 10px; height: 10px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 28px; background: transparent;
    padding-right: 2px; } /* else the last letter is cut in some languages */
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator, QListWidget::indicator { width: 16px; height: 16px;
    border: 1px solid $secondary; background: $surface; }
QCheckBox::indicator, QListWidget::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:checked, QListWidget::indicator:checked { background: $accent; border-color: $accent;
    image: url($check); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: url($dot); }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent; width: 14px; height: 14px; }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border-color: $text; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $line; background: $window; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled { border-color: $disabled;
    background: $disabled; }

QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSlider:horizontal { min-height: 20px; } /* else its handle is cut */
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 16px; height: 16px; margin: -6px 0; border-radius: 8px; }
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 12px; height: 12px; }

QAbstractItemView { background: $surface; color: $text; border: 1px solid $line; border-radius: ${corner}px;
    outline: none; alternate-background-color: $window; gridline-color: $line;
    selection-background-color: $soft; selection-color: $text; }
QAbstractItemView:focus { border: 2px solid $accent; }
QTableView::item, QListView::item, QTreeView::item { padding: 0 8px; border: none; }
QTableView::item:hover, QListView::item:hover { background: $hover; }
QTableView::item:selected, QListView::item:selected { background: $soft; color: $text; }
QHeaderView { background: $surface; border: none; border-radius: 0;
    font-size: ${small}px; font-weight: 600; } /* of its sections: names are cut to what this measures */
QHeaderView::section { background: $surface; color: $secondary; border: none; border-bottom: 1px solid $line;
    padding: 0 11px; min-height: 28px; font-size: ${small}px; font-weight: 600; } /* Qt adds 3 to the cells' 8 */
QHeaderView::section:hover { background: $hover; }
QHeaderView::up-arrow { image: url($arrow_up); width: 10px; height: 10px; }
QHeaderView::down-arrow { image: url($arrow_down); width: 10px; height: 10px; }
QTableCornerButton::section { background: $surface; border: none; border-bottom: 1px solid $line; }

QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 20px; border-radius: 4px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { background: $line; height: 1px; margin: 4px 8px; }
QTabWidget::pane { border: none; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $secondary; padding: 6px 4px; margin-right: 16px;
    border-bottom: 2px solid transparent; font-weight: 600; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:disabled { color: $disabled; }
QTabBar::tab:focus { background: $soft; }
QSplitter::handle { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[kind="scrolled"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $disabled; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $secondary; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
""")


def style_sheet(colors: Theme) -> str:
    """The style sheet in these colours."""
    roles = {name: value for name, value in vars(colors).items() if isinstance(value, str)}
    return _SHEET.substitute(
        roles,
        corner=CORNER,
        title=TITLE_SIZE,
        group=GROUP_SIZE,
        body=BODY_SIZE,
        small=SMALL_SIZE,
        code=CODE_SIZE,
        arrow_down=colored_file("chevron-down", colors.secondary),
        arrow_up=colored_file("chevron-up", colors.secondary),
        check=colored_file("check", colors.on_accent),
        dot=colored_file("dot", colors.on_accent),
    )


def tinted_icons(colors: Theme) -> list[tuple[str, str]]:
    """Name and colour of every icon that the style sheet names as a file."""
    return [(name, colors.secondary) for name in ARROWS] + [(name, colors.on_accent) for name in MARKS]


def write_tinted_icons() -> None:
    """Writes the icon files that the style sheet names, in the colours of both themes."""
    for colors in (LIGHT, DARK):
        for name, color in tinted_icons(colors):
            Path(colored_file(name, color)).write_text(tinted(name, color), encoding="utf-8")


if __name__ == "__main__":
    write_tinted_icons()
