"""Buttons of which one is chosen, and which look like tabs."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget


def tab_buttons(parent: QWidget, *captions: str) -> list[QPushButton]:
    """A button for each caption; the first one is chosen. Whoever asked places them."""
    group = QButtonGroup(parent)
    buttons = []
    for caption in captions:
        button = QPushButton(caption)
        button.setCheckable(True)
        button.setProperty("kind", "tab")
        group.addButton(button)
        buttons.append(button)
    buttons[0].setChecked(True)
    return buttons
