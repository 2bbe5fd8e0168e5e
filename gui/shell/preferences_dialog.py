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
from engine.contract.sentences import Sentence
from gui.components.choices import Choice
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
from gui.design.theme import CONTROL, INSIDE, MARGIN, SPACE, ThemeChoice
from gui.session import Session
from gui.shell.language import language_choices
from gui.shell.screen_fit import FRAME

WIDTH = 660  # pixels; it fits over the smallest window


def themes() -> tuple[tuple[ThemeChoice, str], ...]:
    """The choices of light and dark, each with its caption."""
    return (
        ("system", Sentence("gui.shell.theme_system")),
        ("light", Sentence("gui.shell.theme_light")),
        ("dark", Sentence("gui.shell.theme_dark")),
    )


class PreferencesDialog(QDialog):
    """Opened with `open()`; `saved` follows Save."""

    saved = Signal(object)  # PreferencesDialog, whose values are read then

    def __init__(self, session: Session, parent: QWidget | None = None, *, keeps_workspace: bool = True) -> None:
        """`keeps_workspace` is whether another workspace folder is remembered for the next start."""
        super().__init__(parent)
        self.setWindowTitle(Sentence("gui.shell.preferences_2"))
        self._session = session
        now = session.preferences.now
        self.workspace = session.workspace.root
        self.hub_folder = now.hub_folder
        self._workspace_label = PlainLabel(elide=True)
        self.workspace_button = _button(
            Sentence("gui.shell.choose"), Sentence("gui.shell.chooses_folder_data_sets_runs")
        )
        self._hub_label = PlainLabel(elide=True)
        self.hub_button = _button(Sentence("gui.shell.choose"), Sentence("gui.shell.chooses_folder_models_data_sets"))
        self.hub_default_button = _button(
            Sentence("gui.shell.use_workspace"), Sentence("gui.shell.keeps_files_hub_workspace")
        )
        self.logs_button = _button(
            Sentence("gui.shell.open_log_folder"), Sentence("gui.shell.opens_folder_window_log_engine")
        )
        self.offline = QCheckBox(Sentence("gui.shell.work_offline"))
        set_tooltip(self.offline, Sentence("gui.shell.nothing_sent_nothing_downloaded_while"))
        self.mirror = _field(now.mirror, "https://huggingface.co", Sentence("gui.shell.address_hub_mirror"))
        self.proxy = _field(now.proxy, Sentence("gui.shell.system_has"), Sentence("gui.shell.proxy"))
        self.token = _field("", "", Sentence("gui.shell.access_token_hub"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText(Sentence("gui.shell.one_use") if session.has_token else Sentence("gui.shell.hf"))
        self.forget_button = _button(Sentence("gui.shell.forget"), Sentence("gui.shell.ends_use_access_token"))
        self.forget_button.setVisible(session.has_token)
        self.forgets_token = False
        self._keyring_note = ""  # why the token cannot be kept
        self.in_keyring = QCheckBox(Sentence("gui.shell.keep_system_s_keyring"))
        self.in_keyring.hide()
        self._token_note = PlainLabel(role="secondary", wrap=True)
        self.theme = Choice()
        for value, caption in themes():
            self.theme.addItem(caption, value)
        self.theme.setAccessibleName(Sentence("gui.shell.appearance"))
        self.language = Choice()
        for code, caption in language_choices():
            self.language.addItem(caption, code)
        self.language.setAccessibleName(Sentence("gui.shell.language"))
        set_tooltip(self.language, Sentence("gui.shell.language_from_next_start"))
        self.reduce_motion = QCheckBox(Sentence("gui.shell.reduce_motion"))
        set_tooltip(self.reduce_motion, Sentence("gui.shell.menus_open_once_bars_run"))
        self._complaint = PlainLabel(role="bad", wrap=True)
        self.save_button = QPushButton(Sentence("gui.shell.save"))
        self.save_button.setProperty("kind", "primary")
        self.save_button.setDefault(True)
        cancel = QPushButton(Sentence("gui.shell.cancel"))

        grid = QGridLayout()
        grid.setContentsMargins(0, 0, SPACE, 0)
        grid.setHorizontalSpacing(INSIDE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        _heading(grid, Sentence("gui.shell.folders"))
        _row(grid, Sentence("gui.shell.workspace"), self._workspace_label, self.workspace_button)
        if not keeps_workspace:
            _row(
                grid,
                "",
                PlainLabel(Sentence("gui.shell.program_was_started_workspace_another"), role="secondary", wrap=True),
            )
        _row(grid, Sentence("gui.shell.files_hub"), self._hub_label, self.hub_default_button, self.hub_button)
        _row(
            grid,
            Sentence("gui.shell.logs_crash_reports"),
            PlainLabel(str(session.workspace.logs), elide=True),
            self.logs_button,
        )
        _heading(grid, Sentence("gui.shell.network"))
        _row(grid, "", self.offline)
        _row(grid, Sentence("gui.shell.mirror_hub"), self.mirror)
        _row(grid, Sentence("gui.shell.proxy"), self.proxy)
        _row(grid, Sentence("gui.shell.access_token"), self.token, self.forget_button)
        _row(grid, "", self._token_note)
        _row(grid, "", self.in_keyring)
        _heading(grid, Sentence("gui.shell.appearance"))
        _row(grid, Sentence("gui.shell.theme"), self.theme, self.reduce_motion)
        _row(
            grid,
            Sentence("gui.shell.language"),
            self.language,
            PlainLabel(Sentence("gui.shell.language_from_next_start"), role="secondary"),
        )
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
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
        inside.setLayout(grid)  # not before: what is measured below has the style sheet of the window
        column.addWidget(self._complaint)
        column.addLayout(horizontal(None, STRETCH, cancel, self.save_button, gap=SPACE))
        self.resize(
            max(WIDTH, inside.minimumSizeHint().width() + 3 * MARGIN),
            min(self._most_height(), inside.sizeHint().height() + 3 * MARGIN + CONTROL),
        )

        self.offline.setChecked(now.offline)
        self.theme.setCurrentIndex([value for value, _ in themes()].index(now.theme))
        codes = [value for value, _ in language_choices()]
        self.language.setCurrentIndex(codes.index(now.language) if now.language in codes else 0)
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

    def _most_height(self) -> int:
        """All of the dialog is seen without scrolling where the screen has the room."""
        return self.screen().availableSize().height() - FRAME

    def offer_keyring(self, offered: bool) -> None:
        """Whether the system has a keyring for the token; known only after it has answered."""
        self._keyring_note = "" if offered else Sentence("gui.shell.system_has_no_keyring_can")
        self.in_keyring.setVisible(offered)
        self.in_keyring.setChecked(offered and self._session.preferences.now.token_in_keyring)
        self._check()

    def keyring_is_silent(self) -> None:
        """Shows that the keyring has not answered in time; `offer_keyring` may still follow."""
        self._keyring_note = Sentence("gui.shell.system_s_keyring_has_not")
        self._check()

    def changes(self) -> dict[str, object]:
        """What was entered, by the names that `Preferences` has for it."""
        return {
            "hub_folder": self.hub_folder,
            "offline": self.offline.isChecked(),
            "mirror": self.mirror.text().strip(),
            "proxy": self.proxy.text().strip(),
            "theme": self.theme.currentData(),
            "language": self.language.currentData(),
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
        notes: list[str] = [
            Sentence("gui.shell.kept_system_s_keyring_no")
            if self.in_keyring.isChecked()
            else Sentence("gui.shell.start_only_not_saved")
        ]
        if self._keyring_note:
            notes.append(self._keyring_note)
        if self.mirror.text().strip():
            notes.append(Sentence("gui.shell.sent_mirror_too"))
        self._token_note.setText(" ".join(notes))

    def _show_folders(self) -> None:
        self._workspace_label.setText(str(self.workspace))
        self._hub_label.setText(self.hub_folder or Sentence("gui.shell.workspace_2"))
        self.hub_default_button.setVisible(bool(self.hub_folder))

    def _choose_workspace(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, Sentence("gui.shell.folder_data_sets_runs"), str(self.workspace)
        )
        if folder:
            self.workspace = Path(folder)
            self._show_folders()

    def _choose_hub_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, Sentence("gui.shell.folder_files_hub"), self.hub_folder)
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
        self.token.setPlaceholderText(Sentence("gui.shell.hf"))
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
        return Sentence("gui.shell.user_name_password_would_saved")
    return "" if is_address(text) else Sentence("gui.shell.no_address", example=example)
