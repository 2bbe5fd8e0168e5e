"""The first rows of a file with the roles of its columns, how it was read, the task, and the labels seen so far.

A form over what the user chooses about the rows: `roles()`, `task()`, `reading()`. It shows `Preview` records and
sends no queries itself.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec
from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from engine.contract.column_roles import ROLES, Role
from engine.contract.formatting import number
from engine.contract.queries import Preview, is_group_note
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions, Roles, TaskName
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import DEFAULT_TASK, TASKS, task_facts
from gui.choose_data.source.bar_chart import BarChart
from gui.choose_data.source.column_question import ColumnQuestion, missing_labels
from gui.choose_data.source.column_roles import (
    columns_of,
    doubt,
    guess_roles,
    missing,
    role_of,
    task_of,
    used_columns,
    with_role,
)
from gui.choose_data.source.encoding_question import EncodingQuestion, missing_encoding
from gui.choose_data.source.group_offer import GroupOffer
from gui.choose_data.source.label_separator import LabelSeparator
from gui.choose_data.source.reading_line import ReadingLine
from gui.choose_data.source.role_header import HEIGHT, RoleHeader
from gui.choose_data.source.unreadable_rows import UnreadableRows, missing_decision
from gui.components.data_table import DataTable
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, INSIDE, SPACE, TABLE_ROW

YES = ("1", "1.0", "true", "yes", "y", "x")
ROWS_SHOWN = 7  # without scrolling
MOST_BARS = 10  # without a scroll bar of their own


class DataPreview(QWidget):
    """Table with role chips, reading line, task, notes and label bars."""

    reading_changed = Signal()  # another preview is needed
    roles_changed = Signal()
    row_chosen = Signal(int)  # number in the file: to be shown as the network reads it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self._roles = Roles()
        self._guessed: frozenset[str] = frozenset()
        self._chosen = False  # whether the user has changed a role
        self._task = DEFAULT_TASK
        self.reading_line = ReadingLine()
        self.encodings = EncodingQuestion()
        self.unreadable = UnreadableRows()
        self._undecodable: Literal["", "replace"] = ""
        self.table = DataTable()
        self.header = RoleHeader(self.table)
        self.table.setHorizontalHeader(self.header)
        self.table.style_header()
        self.table.setAccessibleName(Sentence("gui.choose_data.first_rows"))
        self.table.setFixedHeight(HEIGHT + ROWS_SHOWN * TABLE_ROW + SPACE)
        self.hint = PlainLabel(role="secondary", wrap=True)
        self.problem = PlainLabel(role="caution", wrap=True)
        self.question = ColumnQuestion()
        self.group_offer = GroupOffer()
        self.notes = PlainLabel(role="quiet", wrap=True)
        self.task_buttons: dict[TaskName, QRadioButton] = {}
        self._tasks = QButtonGroup(self)
        tasks = QWidget()
        task_row = FlowRow(tasks, gap=INSIDE, line_gap=HALF)
        task_row.addWidget(PlainLabel(Sentence("gui.choose_data.task"), role="strong"))
        for facts in TASKS:
            button = QRadioButton(facts.title)
            button.setAccessibleDescription(facts.sentence)
            set_tooltip(button, facts.sentence)
            self._tasks.addButton(button)
            self.task_buttons[facts.name] = button
            task_row.addWidget(button)
        self.separator = LabelSeparator()
        self.bars_title = PlainLabel(role="strong")
        self.bars = BarChart(most_rows=MOST_BARS, empty_text=Sentence("gui.choose_data.choose_label_column"))
        self.body = QWidget()  # everything that needs rows
        about = (self.problem, self.question, self.group_offer, self.notes)
        inside = vertical(self.body, self.table, self.hint, tasks, self.separator, *about, gap=INSIDE)
        inside.addSpacing(SPACE)
        inside.addWidget(self.bars_title)
        inside.addWidget(self.bars)
        vertical(self, self.reading_line, self.encodings, self.unreadable, self.body, gap=INSIDE)
        self.reading_line.changed.connect(self.reading_changed)
        self.encodings.chosen.connect(self._choose_encoding)
        self.unreadable.replacing.connect(self._replace_characters)
        self.unreadable.accepted.connect(self.table.setFocus)
        self.unreadable.accepted.connect(self._show_decision)
        self.header.role_chosen.connect(self.choose_role)
        self.question.chosen.connect(self._choose_labels)
        self.group_offer.accepted.connect(self._choose_group)
        self.table.opened.connect(self._choose_row)
        self.separator.changed.connect(self._show_decision)
        self._tasks.buttonClicked.connect(self._choose_task)
        self.hint.hide()
        self.problem.hide()
        self.notes.hide()

    def roles(self) -> Roles:
        """Which column plays which part, as guessed or chosen."""
        return self._roles

    def chosen_roles(self) -> Roles | None:
        """The roles once the user has changed one; None while all are guesses."""
        return self._roles if self._chosen else None

    def task(self) -> TaskName:
        """The task that follows from the roles."""
        return self._task

    @property
    def _facts(self) -> TaskFacts:
        return task_facts(self._task)

    def label_delimiter(self) -> str:
        """The separator that the user chose between several labels in one cell; empty where the content decides."""
        return self.separator.value() if self._facts.several_labels else ""

    def reading(self) -> ReadingOptions:
        """What the user chose about reading; empty where the content decides."""
        return msgspec.structs.replace(self.reading_line.value(), undecodable=self._undecodable)

    def missing(self) -> str:
        """What is wrong with the roles, in one sentence: a missing or a wrong column; empty when all is well."""
        if self.encodings.buttons:
            return missing_encoding()
        if self.unreadable.is_open():
            return missing_decision()
        if self.question.is_open():
            return missing_labels()
        doubted = ""
        if self._preview is not None:
            doubted = doubt(self._preview, self._roles, self._task, sign=self.separator.current())
        return missing(self._roles, self._task) or doubted

    def focus_column(self, role: str) -> None:
        """Takes the keyboard to the column with this role, else to the first; to the reading where nothing is read."""
        if self._preview is None:
            self.reading_line.combo("format").setFocus()
            return
        names = [column.name for column in self._preview.columns]
        playing = [name for part in ROLES if part.name == role for name in columns_of(self._roles, part.name)]
        self.header.choose_column(names.index(playing[0]) if playing and playing[0] in names else 0)

    def wait(self) -> None:
        """Shows grey bars until the next preview comes; labels of the rows before are none of these."""
        self.body.show()
        self.bars_title.hide()
        self.bars.hide()
        self.table.set_loading(True)

    def show_nothing(self, reading: ReadingOptions) -> None:
        """Empties the table: nothing can be read so, but it may be with other choices about reading."""
        self._preview = None
        self.body.hide()
        self.reading_line.show()
        self.reading_line.set_value(reading, ReadingOptions())
        self.encodings.ask(())
        self.unreadable.ask(())
        self.table.set_loading(False)
        self.table.cells.set_cells((), ())
        self.question.ask(())
        self.notes.hide()
        self._show_roles()

    def show_preview(
        self, preview: Preview, reading: ReadingOptions, *, is_example: bool, keep: Roles | None, decided: bool = False
    ) -> None:
        """Shows a file as it was understood; with `decided`, rows that cannot be read are excluded already.

        `reading` is what the user chose; roles in `keep` are kept where their columns still exist.
        """
        self._preview = preview
        names = {column.name for column in preview.columns}
        kept = keep if keep is not None and used_columns(keep) <= names and used_columns(keep) else None
        self._roles = kept or preview.roles
        self._task = task_of(self._roles, preview.task)
        self._chosen = kept is not None
        self._guessed = frozenset() if kept or is_example else frozenset(used_columns(self._roles))
        self.reading_line.setVisible(not is_example)
        self.reading_line.set_value(reading, preview.reading, preview.parts)
        numbers = [position for position, column in enumerate(preview.columns) if column.kind in ("number", "id")]
        titles = [column.name for column in preview.columns]
        row_names = [number(one) for one in preview.numbers]
        self.table.cells.set_cells(titles, preview.cells, numbers=numbers, row_names=row_names)
        self.table.set_loading(False)
        self.encodings.ask(preview.encodings)
        self._undecodable = reading.undecodable
        self.unreadable.ask(() if preview.encodings else preview.excluded, decided=is_example or decided)
        self.question.ask(() if self._chosen or is_example else preview.questions)
        notes = [note for note in preview.notes if note not in preview.questions and not is_group_note(note)]
        self.notes.setText("\n".join(f"• {note}" for note in notes))
        self.notes.setVisible(bool(notes))
        self._show_roles()
        self._used_columns_first()
        self.table.scrollToTop()

    def _used_columns_first(self) -> None:
        """Brings the columns in use to the left; a role changed later moves none under the pointer."""
        names = [column.name for column in self._preview.columns] if self._preview is not None else []
        used = used_columns(self._roles)
        order = sorted(range(len(names)), key=lambda place: names[place] not in used)
        for place, column in enumerate(order):
            self.header.moveSection(self.header.visualIndex(column), place)

    def show_hint(self, hint: str) -> None:
        """Shows this below the first rows."""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def _choose_row(self, cell: QModelIndex) -> None:
        if self._preview is not None:
            numbers = self._preview.numbers
            self.row_chosen.emit(numbers[cell.row()] if cell.row() < len(numbers) else cell.row() + 1)

    def _choose_encoding(self, encoding: str) -> None:
        self.reading_line.combo("encoding").setFocus()  # the buttons disappear; there the choice can be changed
        self.reading_line.choose("encoding", encoding)

    def _replace_characters(self) -> None:
        self.table.setFocus()
        self._undecodable = "replace"
        self.reading_changed.emit()

    def _show_decision(self) -> None:
        self._show_roles()
        self.roles_changed.emit()

    def _choose_labels(self, column: str) -> None:
        """The question is answered; the column that is taken already keeps its role, which may be that of a score."""
        self.header.setFocus()  # the buttons disappear; there the choice can be changed
        is_taken = column in used_columns(self._roles)
        self.choose_role(column, role_of(self._roles, column) if is_taken else "label")

    def _choose_group(self, column: str) -> None:
        self.header.setFocus()  # the button disappears; there the choice can be changed
        self.choose_role(column, "group")

    def choose_role(self, column: str, role: Role) -> None:
        """The user gave a column a role; the guesses of others stay guesses until they are changed."""
        self._chosen = True
        if role != "group":  # which does not change the labels
            self.question.ask(())
        self._roles = with_role(self._roles, column, role)
        self._task = task_of(self._roles, self._task)
        self._guessed = (self._guessed - {column}) & used_columns(self._roles)
        self._show_roles()
        self.roles_changed.emit()

    def label_counts(self) -> dict[str, int]:
        """How often each label occurs in the rows that were read; of tags, those that mark something."""
        counts = self._survey() or self._count_cells()
        uncounted = self._facts.uncounted
        return {label: number for label, number in counts.items() if not uncounted or label != uncounted}

    def _survey(self) -> dict[str, int]:
        """The engine's count over many rows, if it is of the column that has the role now."""
        if self._preview is None:
            return {}
        if not self.separator.isHidden() and self.separator.value():
            return {}  # counted with the detected separator
        counted = self._answer_columns(self._preview.roles)
        return dict(self._preview.label_counts) if counted and counted == self._answer_columns(self._roles) else {}

    def _count_cells(self) -> dict[str, int]:
        """A count over the rows in the table."""
        chosen = self._answer_columns(self._roles)
        names = [found.name for found in self._preview.columns] if self._preview is not None else []
        if self._preview is None or self._facts.labels_are_numbers or not set(chosen) & set(names):
            return {}
        if self._roles.label_columns:
            places = {name: names.index(name) for name in chosen if name in names}
            return {
                name: sum(row[place].casefold() in YES for row in self._preview.cells if place < len(row))
                for name, place in places.items()
            }
        position = names.index(chosen[0])
        cells = [row[position] for row in self._preview.cells if position < len(row) and row[position]]
        if not self.separator.isHidden():
            return dict(Counter(label for cell in cells for label in self.separator.labels_in(cell)))
        if self._facts.one_label_per_word or self._facts.several_labels:
            return dict(Counter(tag for cell in cells for tag in cell.split()))
        return dict(Counter(cells))

    def _answer_columns(self, roles: Roles) -> tuple[str, ...]:
        return roles.label_columns or columns_of(roles, self._facts.label_roles[0])

    def _bars_title(self) -> str:
        shown = len(self._preview.cells) if self._preview is not None else 0
        surveyed = sum(self._survey().values())
        if self._facts.one_label_per_word:
            if surveyed:
                return Sentence("gui.choose_data.tags_in_words", words=surveyed)
            return Sentence("gui.choose_data.tags_in_first", rows=shown)
        if surveyed and self._facts.several_labels and self._preview is not None:
            chosen = self._answer_columns(self._roles)
            rows = max((column.filled for column in self._preview.columns if column.name in chosen), default=0)
            return Sentence("gui.choose_data.labels_in_rows", labels=surveyed, rows=rows)
        if surveyed:
            return Sentence("gui.choose_data.labels_in", rows=surveyed)
        return Sentence("gui.choose_data.labels_in_first", rows=shown)

    def _choose_task(self) -> None:
        task = next(task for task, button in self.task_buttons.items() if button.isChecked())
        if task == self._task or self._preview is None:
            return
        self._task = task
        group = self._roles.group
        self._roles = guess_roles(task, self._preview.columns)
        self._guessed = frozenset(used_columns(self._roles))
        if group and group not in self._guessed:  # rows belong together whatever is learned of them
            self._roles = msgspec.structs.replace(self._roles, group=group)
        self.question.ask(())  # it was about the labels of the other task
        self._show_roles()
        self.roles_changed.emit()

    def _offer_separator(self) -> None:
        """Offers the label separator where a text column holds the labels."""
        columns = self._preview.columns if self._preview is not None else ()
        names = [column.name for column in columns]
        cells: list[str] = []
        found = ""
        if self._preview is not None and self._facts.several_labels and self._roles.labels in names:
            position = names.index(self._roles.labels)
            found = columns[position].delimiter
            cells = [row[position] for row in self._preview.cells if position < len(row) and row[position].strip()]
            if columns[position].is_list or all(cell.startswith("[") and cell.endswith("]") for cell in cells):
                cells = []  # lists, also written out
        self.separator.show_cells(cells, found)

    def _show_roles(self) -> None:
        self.header.set_roles(self._roles, self._guessed)
        if self._preview is not None:
            used = used_columns(self._roles)
            self.table.collapse(
                [place for place, column in enumerate(self._preview.columns) if column.name not in used]
            )
        self._offer_separator()
        of_groups = self._preview.notes if self._preview is not None and not self._roles.group else ()
        free = (one for one in of_groups if is_group_note(one))
        self.group_offer.offer([one for one in free if one.values["column"] not in used_columns(self._roles)])
        self.task_buttons[self._task].setChecked(True)
        is_asked = self._preview is None or self.question.is_open()  # the question shows it, with its buttons
        sentence = "" if is_asked else self.missing()
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        for widget in (self.bars_title, self.bars):
            widget.setVisible(not self._facts.labels_are_numbers)  # numbers are not counted by value
        self.bars_title.setText(self._bars_title())
        self.bars.set_counts(self.label_counts(), unit="words" if self._facts.one_label_per_word else "rows")
