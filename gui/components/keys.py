"""Keys as each system has them, and as it writes them: Ctrl+Z, or ⌘Z on macOS."""

from __future__ import annotations

import sys

from PySide6.QtGui import QKeySequence

Keys = QKeySequence.StandardKey | str


def sequences(*keys: Keys) -> list[QKeySequence]:
    """What these keys are on this system, each once; a standard key may have several."""
    found: list[QKeySequence] = []
    for one in keys:
        bindings = [QKeySequence(one)] if isinstance(one, str) else QKeySequence.keyBindings(one)
        found += [binding for binding in bindings if binding not in found]
    return found


def delete_keys() -> list[QKeySequence]:
    """Delete; on macOS also the key above Return, since most keyboards there have no other one."""
    return sequences("Delete", *(["Backspace"] if sys.platform == "darwin" else []))


def shown(keys: Keys) -> str:
    """The keys in this system's signs, for a tooltip."""
    return sequences(keys)[0].toString(QKeySequence.SequenceFormat.NativeText)
