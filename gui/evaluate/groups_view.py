"""A query about the evaluated rows whose answer is a table of groups of them, each one click from its rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.states import EvaluationReport
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable
from gui.session import Session


class GroupsView(QWidget):
    """The hint, the query, a sentence and the table; a selected group is `chosen`. A subclass lays them out."""

    chosen = Signal(object, str)  # positions of its rows in the evaluated split, what they share; none: no group

    def __init__(
        self,
        session: Session,
        parent: QWidget | None,
        *,
        caption: str,
        hint: str,
        table_name: str,
        titles: Sequence[str],
    ) -> None:
        """`caption` is that of the query's button; all columns but the first are numbers."""
        super().__init__(parent)
        self._report: EvaluationReport | None = None
        self.hint = PlainLabel(hint, role="quiet", wrap=True)
        self.query = LongQuery(session, caption, hint)
        self.result = PlainLabel(role="body", wrap=True, selectable=True)
        self.table = SortedTable(titles, range(1, len(titles)))
        self.table.setAccessibleName(table_name)
        self.query.answered.connect(self._take)
        self.table.selectionModel().selectionChanged.connect(self._choose)

    def leave(self) -> None:
        """Selects no group any more."""
        self.table.deselect()

    def _show_nothing(self) -> None:
        self.table.show_rows(())
        self.hint.show()
        self.result.hide()
        self.table.hide()

    def _is_of_report(self, split: str) -> bool:
        """Whether groups of this split are those of the rows that are shown; an empty one is of any."""
        return self._report is not None and split in ("", self._report.settings.prepared_split)

    def _take(self, answer: object) -> None:
        """Shows the groups of an answer to the query."""
        raise NotImplementedError

    def _group_at(self, position: int) -> tuple[Sequence[int], str]:
        """The positions of the rows of a group that is shown, and what they share."""
        raise NotImplementedError

    def _choose(self) -> None:
        position = self.table.selected_row()
        self.chosen.emit(*((), "") if position is None else self._group_at(position))
