"""Which columns of a validation or test file are read where these have other names than in the training file.

A form over the files' own roles. It has the first rows of each further file as they were read and guesses from
them; it sends no queries itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.contract.column_roles import ROLES, SINGLE_ROLES
from engine.contract.queries import Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import Roles, TaskName
from engine.contract.split_columns import only_other, same_name, same_place
from gui.choose_data.source.column_roles import guess_roles, the_roles
from gui.components.choices import Choice
from gui.components.layouts import FlowRow
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, INSIDE, SPACE

SPLITS = ("validation", "test")
_WIDEST = 24  # characters of a column's name


class SplitColumns(QWidget):
    """A line of choices for each file with other names; hidden while there is none."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files = {split: _SplitFile() for split in SPLITS}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(INSIDE)
        for file in self.files.values():
            column.addWidget(file)
            file.changed.connect(self.changed)
        self.hide()

    def roles(self, split: str) -> Roles:
        """The roles of other columns in this split's file; empty where the names are the same."""
        return self.files[split].roles()

    def complaint(self) -> str:
        """What is still to be chosen, in one sentence; empty when nothing is."""
        return next(filter(None, (file.complaint() for file in self.files.values())), "")

    def keep(self, split: str, own: Roles) -> None:
        """Takes these as chosen until the file is shown, and then those of its columns."""
        self.files[split].keep(own)

    def wait(self) -> None:
        """Hides everything until the files are shown again."""
        for file in self.files.values():
            file.show_file(None)
        self.hide()

    def show_file(
        self, split: str, preview: Preview | None, training: Sequence[str], roles: Roles, task: TaskName
    ) -> None:
        """Shows this split's file beside the training file's columns and roles."""
        self.files[split].show_file(preview, training)
        self.show_roles(roles, task)

    def show_roles(self, roles: Roles, task: TaskName) -> None:
        """Takes other roles of the training file; what was chosen stays where it can."""
        for file in self.files.values():
            file.show_roles(roles, task)
        self.setVisible(any(file.choices for file in self.files.values()))


class _SplitFile(QWidget):
    """The choices for one file."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[str, QComboBox] = {}
        self._preview: Preview | None = None
        self._training = Roles()
        self._training_columns: Sequence[str] = ()
        self._kept = Roles()
        self._sentence = PlainLabel(role="caution", wrap=True)
        self._row: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)
        self._column.addWidget(self._sentence)
        self.hide()

    def keep(self, own: Roles) -> None:
        self._kept = own

    def show_file(self, preview: Preview | None, training: Sequence[str] = ()) -> None:
        self._preview, self._training_columns = preview, training
        self._rebuild({}, ())

    def roles(self) -> Roles:
        if self._preview is None:
            return self._kept
        chosen = {part: self._value(part) for part in self.choices}
        return only_other(msgspec.structs.replace(Roles(), **chosen), self._training)

    def complaint(self) -> str:
        if self._preview is None:
            return ""
        lacking = [part for part in self.choices if not self._value(part) and part != "group"]
        if lacking:
            roles = the_roles(lacking)
            return Sentence("gui.choose_data.choose_column_of", file=self._preview.name, role=roles)
        chosen = [name for part in self.choices if (name := self._value(part))]
        twice = next((name for name in chosen if chosen.count(name) > 1), "")
        if not twice:
            return ""
        return Sentence("gui.choose_data.column_twice", column=twice, file=self._preview.name)

    def show_roles(self, roles: Roles, task: TaskName) -> None:
        self._training = roles
        if self._preview is None:
            return
        names = [column.name for column in self._preview.columns]
        used = {part: name for part in SINGLE_ROLES if (name := getattr(roles, part))}
        kept = {part: name for part in used if (name := getattr(self._kept, part)) in names}
        needed = {name for part, name in used.items() if part != "group"}  # rows need not be of a group
        if kept or not needed.issubset(names):
            self._rebuild(_guessed(used, kept, self._preview, self._training_columns, task), names)
            self._sentence.setText(Sentence("gui.choose_data.other_columns", file=self._preview.name))
        else:
            self._rebuild({}, ())

    def _value(self, part: str) -> str:
        return str(self.choices[part].currentData() or "")

    def _rebuild(self, chosen: Mapping[str, str], names: Sequence[str]) -> None:
        if self._row is not None:
            self._column.removeWidget(self._row)
            self._row.hide()
            self._row.deleteLater()
            self._row = None
        self.choices = {}
        self.setVisible(bool(chosen))
        if not chosen:
            return
        self._row = QWidget()
        row = FlowRow(self._row, gap=2 * SPACE, line_gap=SPACE)
        for part, name in chosen.items():
            self.choices[part] = choice = self._choice(part, name, names)
            pair = QWidget()
            inside = QHBoxLayout(pair)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(SPACE)
            column = _short(getattr(self._training, part))
            caption = PlainLabel(Sentence("gui.choose_data.role_in_training", role=_role_name(part), column=column))
            caption.setBuddy(choice)
            inside.addWidget(caption)
            inside.addWidget(choice)
            row.addWidget(pair)
        self._column.addWidget(self._row)

    def _choice(self, part: str, chosen: str, names: Sequence[str]) -> QComboBox:
        choice = Choice()
        choice.addItem(Sentence("gui.choose_data.choose"), "")
        for name in names:
            choice.addItem(_short(name), name)
        choice.setCurrentIndex(names.index(chosen) + 1 if chosen in names else 0)
        file = self._preview.name if self._preview is not None else ""
        choice.setAccessibleName(Sentence("gui.choose_data.role_in_file", role=_role_name(part), file=file))
        used_like = getattr(self._training, part)
        set_tooltip(choice, Sentence("gui.choose_data.column_used_like", file=file, column=used_like))
        choice.activated.connect(lambda _index: self._choose(part))
        return choice

    def _choose(self, part: str) -> None:
        self._kept = msgspec.structs.replace(self._kept, **{part: self._value(part)})
        self.changed.emit()


def _guessed(
    used: Mapping[str, str], kept: Mapping[str, str], preview: Preview, training: Sequence[str], task: TaskName
) -> dict[str, str]:
    """The likely column for each role: as chosen, of the same name or place, else by its content."""
    names = [column.name for column in preview.columns]
    found = {
        part: kept.get(part) or same_name(name, names) or same_place(name, training, names)
        for part, name in used.items()
    }
    by_content = guess_roles(task, preview.columns)
    for part in used:
        likely = getattr(by_content, part)
        if not found[part] and likely not in found.values():
            found[part] = likely
    return found


def _role_name(part: str) -> str:
    return next(role.title for role in ROLES if role.name == part)


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1]}…"
