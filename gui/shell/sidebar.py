"""The left edge of the window: the program's name, the steps, the runs, the device, and the window's own settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.contract.queries import Device, DevicesFound
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import button_text, tooltip
from gui.components.recent_list import Recent, place_of, short_name
from gui.design import assets
from gui.design.theme import HALF, INSIDE, SPACE, STEPS_WIDTH, appearance, theme
from gui.preferences import PreferenceStore
from gui.shell.preferences_dialog import themes
from gui.shell.step_list import StepList


class Sidebar(QFrame):
    """Steps above; runs, device and settings below."""

    runs_pressed = Signal()
    preferences_requested = Signal()
    recent_chosen = Signal(object)  # RecentFile or RecentModel
    recipe_requested = Signal()
    recipe_to_save = Signal()
    guide_requested = Signal()
    tour_requested = Signal()
    about_requested = Signal()

    def __init__(self, preferences: PreferenceStore, steps: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setProperty("kind", "panel")
        self.setFixedWidth(STEPS_WIDTH)
        self._mark = QLabel()
        self._mark.setPixmap(assets.window_icon().pixmap(QSize(22, 22)))
        name = PlainLabel("Tunewright", role="strong")
        self.steps = StepList(steps)
        self.runs = QPushButton()
        self.show_runs(0)
        self.runs.setCheckable(True)
        self.runs.setProperty("kind", "side")
        self.runs.setAccessibleName(Sentence("gui.shell.runs"))
        self._devices: tuple[Device, ...] = ()
        self._device = PlainLabel(role="body", elide=True)
        self._memory = PlainLabel(role="secondary", elide=True)
        self._device.setAccessibleDescription(Sentence("gui.shell.device_computes"))
        self._found: DevicesFound | None = None
        self._chosen_device = "auto"
        self.settings = QToolButton()
        self.settings.setIconSize(QSize(16, 16))
        self.settings.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.settings.setToolTip(Sentence("gui.shell.appearance_offline_switch_preferences_about"))
        self.settings.setAccessibleName(Sentence("gui.shell.window_settings"))
        self.settings.setFixedSize(32, 32)
        self._menu = QMenu(self)
        self._menu.aboutToHide.connect(self._end_hover)
        self._fill_menu()
        self.settings.setMenu(self._menu)

        top = QHBoxLayout()
        top.setContentsMargins(SPACE, 0, 0, 0)
        top.setSpacing(SPACE)
        top.addWidget(self._mark)
        top.addWidget(name, 1)
        device = vertical(None, self._device, self._memory, gap=0)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(SPACE, 0, 0, 0)
        bottom.setSpacing(HALF)
        bottom.addLayout(device, 1)
        bottom.addWidget(self.settings, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSIDE, INSIDE + HALF, INSIDE, INSIDE)
        column.setSpacing(INSIDE)
        column.addLayout(top)
        column.addSpacing(HALF)
        column.addWidget(self.steps)
        column.addStretch(1)
        column.addWidget(self.runs)
        column.addLayout(bottom)

        self.runs.clicked.connect(lambda _checked: self.runs_pressed.emit())
        appearance().changed.connect(self._paint)
        self._paint()
        self.show_devices(None)

    def show_runs(self, count: int) -> None:
        """How many runs there are."""
        self.runs.setText(Sentence("gui.shell.runs_2", count=count) if count else f" {Sentence('gui.shell.runs')}")

    def show_devices(self, found: DevicesFound | None) -> None:
        """The chosen device, or the one that Auto takes, with its free memory."""
        self._found = found
        if found is None or not found.devices:
            self._device.setText(Sentence("gui.shell.device_2"))
            self._memory.setText(Sentence("gui.shell.looking") if found is None else Sentence("gui.shell.none_found"))
            return
        self._devices = found.devices
        device = next((device for device in found.devices if device.id == self._chosen_device), found.devices[0])
        self._device.setText(device.title)
        self._memory.setText(
            Sentence("gui.shell.free", memory_free=device.memory_free, memory_total=device.memory_total)
        )
        everything = "\n".join(
            Sentence("gui.shell.free_3", name=other.name, memory_free=other.memory_free) for other in found.devices
        )
        set_tooltip(self._device, f"{everything}\n{found.sentence}".strip())
        self._device.setAccessibleName(Sentence("gui.shell.device", name=device.title, text=self._memory.text()))

    def choose_device(self, device: str) -> None:
        """Shows the device that the next training would use: its id, or auto."""
        if device != self._chosen_device:
            self._chosen_device = device
            self.show_devices(self._found)

    def show_training_on(self, device: str) -> None:
        """The device a training uses, whatever Auto would take, by the name it has here before and after."""
        known = next((other.name for other in self._devices if device.startswith(f"{other.id} (")), device)
        self._device.setText(known)

    def show_memory(self, used: int, total: int) -> None:
        """Memory as a running stage reports it."""
        self._memory.setText(Sentence("gui.shell.free_2", value=max(0, total - used), total=total))

    def _fill_menu(self) -> None:
        group = QActionGroup(self._menu)
        self._themes: dict[str, QAction] = {}
        for choice, caption in themes():
            action = self._menu.addAction(caption)
            action.setCheckable(True)
            action.setChecked(self._preferences.now.theme == choice)
            action.triggered.connect(lambda _checked=False, choice=choice: self._choose_theme(choice))
            group.addAction(action)
            self._themes[choice] = action
        self._menu.addSeparator()
        self._offline = self._menu.addAction(Sentence("gui.shell.work_offline"))
        self._offline.setCheckable(True)
        self._offline.setChecked(self._preferences.now.offline)
        self._offline.triggered.connect(lambda checked: self._preferences.change(offline=checked))
        self._preferences.changed.connect(self._show_choices)

        self._menu.addSeparator()
        self.recent_files = self._menu.addMenu(Sentence("gui.shell.recent_files"))
        self.recent_models = self._menu.addMenu(Sentence("gui.shell.recent_models"))
        self._show_recent()
        self._menu.addSeparator()
        for caption, requested in (
            (Sentence("gui.recipe.menu_open"), self.recipe_requested),
            (Sentence("gui.recipe.menu_save"), self.recipe_to_save),
        ):
            self._menu.addAction(caption).triggered.connect(lambda _checked=False, signal=requested: signal.emit())
        self._menu.addSeparator()
        for caption, requested in (
            (Sentence("gui.guide.menu"), self.guide_requested),
            (Sentence("gui.tour.menu"), self.tour_requested),
            (Sentence("gui.shell.preferences"), self.preferences_requested),
            (Sentence("gui.shell.about_tunewright"), self.about_requested),
        ):
            self._menu.addAction(caption).triggered.connect(lambda _checked=False, signal=requested: signal.emit())

    def _show_choices(self) -> None:
        self._offline.setChecked(self._preferences.now.offline)
        self._themes[self._preferences.now.theme].setChecked(True)
        self._show_recent()

    def _show_recent(self) -> None:
        now = self._preferences.now
        self._fill_recent(self.recent_files, now.recent_files)
        self._fill_recent(self.recent_models, now.recent_models)

    def _fill_recent(self, menu: QMenu, entries: Sequence[Recent]) -> None:
        menu.clear()
        menu.setEnabled(bool(entries))
        menu.setToolTipsVisible(True)
        for entry in entries:
            action = menu.addAction(button_text(short_name(entry)))
            action.setToolTip(tooltip(place_of(entry)))
            action.triggered.connect(lambda _checked=False, entry=entry: self.recent_chosen.emit(entry))

    def _choose_theme(self, choice: str) -> None:
        self._preferences.change(theme=choice)
        appearance().choose(self._preferences.now.theme)

    def _end_hover(self) -> None:
        """Qt leaves the button lit where the pointer left it while the menu, or the dialog it opened, had the mouse."""
        self.settings.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        self.settings.update()

    def _paint(self) -> None:
        self.runs.setIcon(assets.icon("clock", theme().secondary))
        self.settings.setIcon(assets.icon("settings", theme().secondary))
