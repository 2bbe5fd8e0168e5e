"""The header of the preview: each column's name and, beneath it, a chip with the part the column plays.

The chip opens a menu by mouse, or by keyboard: Tab reaches the header, arrows move between columns, Space or Enter
opens the menu, and the first letter of a role chooses it at once.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QMenu, QToolTip, QWidget

from engine.contract.column_roles import IGNORED, ROLES, Role, role_named
from engine.contract.sentences import Sentence
from engine.contract.settings import Roles
from gui.choose_data.source.column_roles import role_of
from gui.components.plain_text import on_one_line, tooltip
from gui.design.theme import BODY_SIZE, CORNER, appearance, small_font, theme

HEIGHT = 60
_MARGIN = 11  # as the cells below
_CHIP_HEIGHT = 24


class RoleHeader(QHeaderView):
    """Shows `Roles` over the columns of its table and emits which one the user chose."""

    role_chosen = Signal(str, str)  # column, role ("" ignores it)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._roles = Roles()
        self._guessed: frozenset[str] = frozenset()
        self._current = 0
        self._hovered = -1
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(Sentence("gui.choose_data.roles_columns"))
        self.setAccessibleDescription(Sentence("gui.choose_data.roles_keys"))
        appearance().changed.connect(self.viewport().update)

    def set_roles(self, roles: Roles, guessed: frozenset[str]) -> None:
        """Shows these roles; columns in `guessed` are marked as guesses."""
        self._roles = roles
        self._guessed = guessed
        self._describe()
        self.viewport().update()

    def current_column(self) -> int:
        """The column the keyboard is at."""
        return min(self._current, max(0, self.count() - 1))

    def column_name(self, column: int) -> str:
        """The whole name of a column."""
        name = self.model().headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.UserRole)
        return str(name if name is not None else "")

    def chip_text(self, column: int) -> str:
        """What is on the chip of a column: "Text", or "Text · guess" as long as nobody has confirmed it."""
        name = self.column_name(column)
        title = role_named(role_of(self._roles, name)).title
        return Sentence("gui.choose_data.role_guess", role=title) if name in self._guessed else title

    def role_menu(self, column: int) -> QMenu:
        """The menu of a column with its present role checked."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        name = self.column_name(column)
        present = role_of(self._roles, name)
        for role in (*ROLES, IGNORED):
            if role is IGNORED:
                menu.addSeparator()
            action = menu.addAction(role.title)
            action.setToolTip(role.sentence)
            action.setCheckable(True)
            action.setChecked(role.name == present)
            action.setData(role.name)
        menu.triggered.connect(lambda action: self.role_chosen.emit(name, action.data()))
        return menu

    def choose_column(self, column: int) -> None:
        """Takes the keyboard to this column."""
        self._go_to(column)
        self.setFocus()

    def open_menu(self, column: int) -> None:
        """Opens the menu beneath the chip of a column."""
        if not 0 <= column < self.count():
            return
        self._current = column
        menu = self.role_menu(column)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        left = self.sectionViewportPosition(column) + _MARGIN
        menu.popup(self.viewport().mapToGlobal(QPoint(max(0, left), HEIGHT - 4)))
        for action in menu.actions():
            if action.isChecked():
                menu.setActiveAction(action)

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def sectionSizeFromContents(self, column: int) -> QSize:
        name = QFontMetrics(self._name_font()).horizontalAdvance(on_one_line(self.column_name(column), 60))
        return QSize(max(name, self._chip_width(column)) + 2 * _MARGIN, HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        painter.save()
        painter.fillRect(rect, theme().color("surface"))
        painter.setPen(theme().color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self._paint_name(painter, rect, column)
        self._paint_chip(painter, rect, column)
        painter.restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            last, place = self.count() - 1, self.visualIndex(self.current_column())
            moves = {Qt.Key.Key_Left: place - 1, Qt.Key.Key_Right: place + 1}
            wanted = moves.get(Qt.Key(key), 0 if key == Qt.Key.Key_Home else last)
            self._go_to(self.logicalIndex(max(0, min(wanted, last))))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_F4):
            self.open_menu(self.current_column())
        elif self.count() and (role := self._role_at(key)) is not None:
            self.role_chosen.emit(self.column_name(self.current_column()), role)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self.logicalIndexAt(event.position().toPoint())
        on_edge = self.cursor().shape() == Qt.CursorShape.SplitHCursor
        if event.button() == Qt.MouseButton.LeftButton and column >= 0 and not on_edge:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._go_to(column)
            self.open_menu(column)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.logicalIndexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._describe()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self.logicalIndexAt(event.pos())
            if column < 0:
                return False
            name = self.column_name(column)
            sentence = role_named(role_of(self._roles, name)).sentence
            guess = [Sentence("gui.choose_data.is_guess")] if name in self._guessed else []
            QToolTip.showText(event.globalPos(), tooltip(f"{name}\n{' '.join([sentence, *guess])}"), self)
            return True
        return super().viewportEvent(event)

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _paint_name(self, painter: QPainter, rect: QRect, column: int) -> None:
        font = self._name_font()
        painter.setFont(font)
        used = role_of(self._roles, self.column_name(column))
        painter.setPen(theme().color("disabled" if not self.isEnabled() else "text" if used else "secondary"))
        name = on_one_line(self.column_name(column)) or Sentence("gui.choose_data.no_name")
        box = QRect(rect.left() + _MARGIN, rect.top() + 5, rect.width() - 2 * _MARGIN, 20)
        shown = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideRight, box.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(box, int(flags), shown)

    def _paint_chip(self, painter: QPainter, rect: QRect, column: int) -> None:
        colors = theme()
        used = role_of(self._roles, self.column_name(column)) != "" and self.isEnabled()
        hovered = column == self._hovered
        width = min(self._chip_width(column), rect.width() - 2 * _MARGIN)
        chip = QRectF(rect.left() + _MARGIN, rect.top() + 28, width, _CHIP_HEIGHT)
        border = QPen(colors.color("accent" if used else "line"), 1)
        if self.hasFocus() and column == self.current_column():
            border = QPen(colors.color("accent"), 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colors.color("soft" if used else "hover" if hovered else "surface"))
        painter.setPen(border)
        painter.drawRoundedRect(chip.adjusted(1, 1, -1, -1), CORNER, CORNER)
        ink = colors.color("disabled" if not self.isEnabled() else "accent" if used else "secondary")
        painter.setFont(self._chip_font())
        painter.setPen(ink)
        inside = chip.adjusted(9, 0, -20, 0)
        metrics = QFontMetrics(self._chip_font())
        shown = metrics.elidedText(self.chip_text(column), Qt.TextElideMode.ElideRight, int(inside.width()) + 1)
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        middle = QPointF(chip.right() - 13, chip.center().y())
        painter.setPen(QPen(ink, 1.4))
        painter.drawPolyline([middle + QPointF(-3.5, -1.5), middle + QPointF(0, 2), middle + QPointF(3.5, -1.5)])

    def _name_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(BODY_SIZE)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _chip_font(self) -> QFont:
        font = small_font(self.font())
        font.setWeight(QFont.Weight.Normal)
        return font

    def _chip_width(self, column: int) -> int:
        return QFontMetrics(self._chip_font()).horizontalAdvance(self.chip_text(column)) + 32

    def _role_at(self, key: int) -> Role | None:
        """The role that this key chooses; of roles with the same letter the one after the present role, else None."""
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return ""
        named = [role.name for role in (*ROLES, IGNORED) if role.letter and key == ord(role.letter)]
        if not named:
            return None
        present = role_of(self._roles, self.column_name(self.current_column()))
        return named[(named.index(present) + 1) % len(named)] if present in named else named[0]

    def _go_to(self, column: int) -> None:
        self._current = max(0, min(column, self.count() - 1))
        left = self.sectionViewportPosition(self._current)
        right = left + self.sectionSize(self._current)
        table = self.parent()
        if left < 0 or right > self.viewport().width():
            bar = getattr(table, "horizontalScrollBar", None)
            if bar is not None:
                move = left if left < 0 else min(left, right - self.viewport().width())
                bar().setValue(bar().value() + move)
        self._describe()
        self.viewport().update()

    def _hover(self, column: int) -> None:
        if column != self._hovered:
            self._hovered = column
            self.viewport().update()

    def _describe(self) -> None:
        """Announces the column the keyboard is at, for screen readers."""
        if self.count() == 0:
            return
        name = on_one_line(self.column_name(self.current_column()), 80)
        chip = self.chip_text(self.current_column())
        self.setAccessibleName(Sentence("gui.choose_data.roles_column", column=name, chip=chip))
