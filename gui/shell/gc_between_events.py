"""Collects Python's cyclic garbage on the window's thread only, and only between two events.

Left alone, Python collects wherever it happens to allocate: on the thread that reads from the engine, or inside a
handler that Qt calls while it walks over all its widgets to change their font. A dead widget in a cycle is then
destroyed on a foreign thread or under Qt's feet, and the program ends in a segmentation fault.

    collector = GarbageCollector(application)   from now on nothing is collected in between
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 500  # milliseconds


class GarbageCollector(QObject):
    """Does on a timer what Python would do by itself, generation by generation after Python's own thresholds."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collects the oldest generation that is due, and with it all younger ones; often there is none."""
        for generation in reversed(range(3)):
            threshold = gc.get_threshold()[generation]
            if threshold and gc.get_count()[generation] > threshold:
                gc.collect(generation)
                return
