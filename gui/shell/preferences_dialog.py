"""Preferences: folders, network, access token, appearance. Nothing changes before Save."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.contract.network import has_password, is_address
from gui.components.choices import Choice
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
from gui.design.theme import CONTROL, INSIDE, MARGIN, SPACE, ThemeChoice
from gui.session import Session

THEMES: tuple[tuple[ThemeChoice, str], ...] = (("system", "Like the system"), ("light", "Light"), ("dark", "Dark"))
IN_WORKSPACE = "In the workspace"
WIDTH, HEIGHT = 660, 560  # pixels; it fits over the smallest window
NOT_AN_ADDRESS = "An address begins with https:// or http://, such as {example}."
NO_PASSWORDS = "A user name or password would be saved in plain text. Set HTTPS_PROXY in the environment instead."
THIS_START = "For this start only: it is not saved."
NO_KEYRING = "This system has no keyring that can keep it (a desktop session usually has one)."
NO_ANSWER = "The system's keyring has not answered yet; it may be locked."
IN_KEYRING = "Kept in the system's keyring; it is in no file of this program."
TO_THE_MIRROR = "It is sent to the mirror, too."
ONE_START = "The program was started with --workspace: another folder counts for this start."


class PreferencesDialog(QDialog):
    """Opened with `open()`; `saved` follows Save."""

    saved = Signal(object)  # PreferencesDialog, whose values are read then

    def __init__(self, session: Session, parent: QWidget | None = None, *, keeps_workspace: bool = True) -> None:
        """`keeps_workspace` is whether another workspace folder is remembered for the next start."""
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._session = session
        now = session.preferences.now
        self.workspace = session.workspace.root
        self.hub_folder = now.hub_folder
        self._workspace_label = PlainLabel(elide=True)
        self.workspace_button = _button("Choose…", "Chooses the folder for data sets, runs and settings")
        self._hub_label = PlainLabel(elide=True)
        self.hub_button = _button("Choose…", "Chooses the folder for models and data sets of the Hub")
        self.hub_default_button = _button("Use the workspace", "Keeps files of the Hub in the workspace")
        self.logs_button = _button("Open log folder", "Opens the folder with window.log, engine.log and crash.log")
        self.offline = QCheckBox("Work offline")
        set_tooltip(self.offline, "Nothing is sent and nothing is downloaded while this is on.")
        self.mirror = _field(now.mirror, "https://huggingface.co", "Address of the Hub or of a mirror")
        self.proxy = _field(now.proxy, "as the system has it", "Proxy")
        self.token = _field("", "", "Access token for the Hub")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText("one is in use" if session.has_token else "hf_…")
        self.forget_button = _button("Forget", "Ends the use of the access token")
        self.forget_button.setVisible(session.has_token)
        self.forgets_token = False
        self._keyring_note = ""  # why the token cannot be kept
        self.in_keyring = QCheckBox("Keep it in the system's keyring")
        self.in_keyring.hide()
        self._token_note = PlainLabel(role="secondary", wrap=True)
        self.theme = Choice()
        for value, caption in THEMES:
            self.theme.addItem(caption, value)
        self.theme.setAccessibleName("Appearance")
        self.reduce_motion = QCheckBox("Reduce motion")
        set_tooltip(self.reduce_motion, "Menus open at once, and bars that run without end stand still.")
        self._complaint = PlainLabel(role="bad", wrap=True)
        self.save_button = QPushButton("Save")
        self.save_button.setProperty("kind", "primary")
        self.save_button.setDefault(True)
        cancel = QPushButton("Cancel")

        grid = QGridLayout()
        grid.setContentsMargins(0, 0, SPACE, 0)
        grid.setHorizontalSpacing(INSIDE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        _heading(grid, "Folders")
        _row(grid, "Workspace", self._workspace_label, self.workspace_button)
        if not keeps_workspace:
            _row(grid, "", PlainLabel(ONE_START, role="secondary", wrap=True))
        _row(grid, "Files of the Hub", self._hub_label, self.hub_default_button, self.hub_button)
        _row(grid, "Logs and crash reports", PlainLabel(str(session.workspace.logs), elide=True), self.logs_button)
        _heading(grid, "Network")
        _row(grid, "", self.offline)
        _row(grid, "Mirror of the Hub", self.mirror)
        _row(grid, "Proxy", self.proxy)
        _row(grid, "Access token", self.token, self.forget_button)
        _row(grid, "", self._token_note)
        _row(grid, "", self.in_keyring)
        _heading(grid, "Appearance")
        _row(grid, "Theme", self.theme, self.reduce_motion)
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
        inside.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(INSIDE)
        column.addWidget(area, 1)
        column.addWidget(self._complaint)
        column.addLayout(horizontal(None, STRETCH, cancel, self.save_button, gap=SPACE))
        self.resize(WIDTH, min(HEIGHT, inside.sizeHint().height() + 3 * MARGIN + CONTROL))

        self.offline.setChecked(now.offline)
        self.theme.setCurrentIndex([value for value, _ in THEMES].index(now.theme))
        self.reduce_motion.setChecked(now.reduce_motion)
        self.workspace_button.clicked.connect(self._choose_workspace)
        self.hub_button.clicked.connect(self._choose_hub_folder)
        self.hub_default_button.clicked.connect(lambda: self._take_hub_folder(""))
        self.logs_button.clicked.connect(self._open_logs)
        self.forget_button.clicked.connect(self._forget_token)
        for field in (self.mirror, self.proxy, self.token):
            field.textChanged.connect(self._check)
        self.in_keyring.toggled.connect(self._check)
        self.save_button.clicked.connect(self._save)
        cancel.clicked.connect(self.reject)
        self._show_folders()
        self._check()

    def offer_keyring(self, offered: bool) -> None:
        """Whether the system has a keyring for the token; known only after it has answered."""
        self._keyring_note = "" if offered else NO_KEYRING
        self.in_keyring.setVisible(offered)
        self.in_keyring.setChecked(offered and self._session.preferences.now.token_in_keyring)
        self._check()

    def keyring_is_silent(self) -> None:
        """Says that the keyring has not answered in time; `offer_keyring` may still follow."""
        self._keyring_note = NO_ANSWER
        self._check()

    def changes(self) -> dict[str, object]:
        """What was entered, by the names that `Preferences` has for it."""
        return {
            "hub_folder": self.hub_folder,
            "offline": self.offline.isChecked(),
            "mirror": self.mirror.text().strip(),
            "proxy": self.proxy.text().strip(),
            "theme": self.theme.currentData(),
            "reduce_motion": self.reduce_motion.isChecked(),
            "token_in_keyring": self.in_keyring.isChecked() and not self.forgets_token,
        }

    def complaint(self) -> str:
        """Why this cannot be saved, or an empty string."""
        return self._complaint.text()

    def focus_network(self) -> None:
        """Gives the keyboard to what concerns the network."""
        self.offline.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check(self) -> None:
        found = {self.mirror: _wrong(self.mirror.text(), "https://mirror.example.org")}
        found[self.proxy] = _wrong(self.proxy.text(), "http://proxy.example.org:3128")
        for field, wrong in found.items():
            if bool(field.property("refused")) != bool(wrong):
                field.setProperty("refused", bool(wrong))
                repolish(field)
        sentence = next((wrong for wrong in found.values() if wrong), "")
        self._complaint.setText(sentence)
        self._complaint.setVisible(bool(sentence))
        self.save_button.setEnabled(not sentence)
        notes = [IN_KEYRING if self.in_keyring.isChecked() else THIS_START]
        if self._keyring_note:
            notes.append(self._keyring_note)
        if self.mirror.text().strip():
            notes.append(TO_THE_MIRROR)
        self._token_note.setText(" ".join(notes))

    def _show_folders(self) -> None:
        self._workspace_label.setText(str(self.workspace))
        self._hub_label.setText(self.hub_folder or IN_WORKSPACE)
        self.hub_default_button.setVisible(bool(self.hub_folder))

    def _choose_workspace(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for data sets and runs", str(self.workspace))
        if folder:
            self.workspace = Path(folder)
            self._show_folders()

    def _choose_hub_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for files of the Hub", self.hub_folder)
        if folder:
            self._take_hub_folder(folder)

    def _take_hub_folder(self, folder: str) -> None:
        self.hub_folder = folder
        self._show_folders()

    def _open_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.workspace.logs)))

    def _forget_token(self) -> None:
        self.forgets_token = True
        self.token.clear()
        self.token.setPlaceholderText("hf_…")
        self.token.setFocus()
        self.forget_button.hide()
        self._check()

    def _save(self) -> None:
        self.saved.emit(self)
        self.accept()


def _heading(grid: QGridLayout, caption: str) -> None:
    label = PlainLabel(caption, role="group")
    label.setContentsMargins(0, INSIDE if grid.count() else 0, 0, 0)
    grid.addWidget(label, grid.rowCount(), 0, 1, 2)


def _row(grid: QGridLayout, caption: str, field: QWidget, *beside: QWidget) -> None:
    """A caption, what it is about, and buttons beside that; the caption's mnemonic leads to what takes the keyboard."""
    label = PlainLabel(caption)
    label.setBuddy(beside[-1] if isinstance(field, PlainLabel) and beside else field)
    place = grid.rowCount()
    grid.addWidget(label, place, 0)
    line = horizontal(None, field, *beside, gap=SPACE)
    line.setStretch(0, 1)
    grid.addLayout(line, place, 1)


def _button(caption: str, description: str) -> QPushButton:
    button = QPushButton(caption)
    button.setAutoDefault(False)  # Enter in a field saves
    button.setAccessibleDescription(description)
    return button


def _field(text: str, placeholder: str, name: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setMaxLength(500)
    return field


def _wrong(text: str, example: str) -> str:
    text = text.strip()
    if not text:
        return ""
    if has_password(text):
        return NO_PASSWORDS
    return "" if is_address(text) else NOT_AN_ADDRESS.format(example=example)
