"""CellRow: one cell of a form as a field row: the right input for its kind, 上年, hint, message, lock and source."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from cunbao.survey.form import Field, Kind
from cunbao.survey.values import Cell
from cunbao.ui.kit.dates import DateField
from cunbao.ui.kit.fields import ENTER, CodeField, FieldBox, FieldRow, MaskedField, TextArea
from cunbao.ui.kit.fields import Message as Note
from cunbao.ui.kit.style import Styled
from cunbao.ui.screens.sheet import LONG_TEXT, NUMBERS, Message, Sheet, mask

WIDE_LABEL = 12  # characters: a longer label takes two columns where there are three


def many_cells(text: str) -> bool:
    """Is this more than one cell, as Excel copies it?"""
    return "\t" in text or "\n" in text.strip("\r\n")


class FieldKeys(QObject):
    """Keys that a line edit would keep for itself: Ctrl+Z and Ctrl+Y take back whole cells on every screen, Ctrl+V of
    more than one cell opens the preview, Alt+H and the context menu show 以前的值 (`history()`). `escaped()` comes
    after the field itself has had its Esc; `whole()` is Alt+Enter; `paged(step)` is PgUp and PgDn, which a scroll area
    would eat."""

    history = Signal()
    escaped = Signal()
    whole = Signal()
    paged = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return self._for_the_window(event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_H and event.modifiers() == Qt.KeyboardModifier.AltModifier:
                self.history.emit()
                return True
            if event.key() in ENTER and event.modifiers() == Qt.KeyboardModifier.AltModifier:
                self.whole.emit()
                return True
            pages = event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not event.modifiers()
            if pages and not self._listing():
                self.paged.emit(-1 if event.key() == Qt.Key.Key_PageUp else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                QTimer.singleShot(0, self, self.escaped.emit)
        if event.type() == QEvent.Type.ContextMenu and isinstance(event, QContextMenuEvent):
            self._menu(watched, event)
            return True
        return False

    def _listing(self) -> bool:
        """Is a code list open? It takes PgUp and PgDn itself."""
        field = self.parent().parent()
        return isinstance(field, CodeField) and field.picker is not None

    def _for_the_window(self, event: QKeyEvent) -> bool:
        keys = QKeySequence.StandardKey
        paste = event.matches(keys.Paste) and many_cells(QGuiApplication.clipboard().text())
        if event.matches(keys.Undo) or event.matches(keys.Redo) or paste:
            event.ignore()
            return True
        return False

    def _menu(self, watched: QObject, event: QContextMenuEvent) -> None:
        make = getattr(watched, "createStandardContextMenu", None)
        if make is None:
            return
        menu: QMenu = make()
        words = {
            "Undo": "",
            "Redo": "",
            "Cu&t": "剪切",
            "&Copy": "复制",
            "&Paste": "粘贴",
            "Delete": "删除",
            "Select All": "全选",
        }
        for action in menu.actions():
            word = next((word for start, word in words.items() if action.text().startswith(start)), None)
            if word == "":
                menu.removeAction(action)
            elif word is not None:
                action.setText(word + ("\t" + action.text().split("\t")[1] if "\t" in action.text() else ""))
        menu.addSeparator()
        menu.addAction("以前的值\tAlt+H").triggered.connect(self.history.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())


class CellRow(FieldRow):
    """Signals carry the cell: `committed(cell, text)`, `half(cell, text)` at every stroke, `entered(cell)`,
    `history(cell)`, `reveal()` when the eye of a masked field is pressed."""

    committed = Signal(object, str)
    half = Signal(object, str)
    entered = Signal(object)
    escaped = Signal(object)
    history = Signal(object)
    reveal = Signal()
    paged = Signal(int)

    def __init__(self, sheet: Sheet, cell: Cell, parent: QWidget | None = None) -> None:
        self.sheet, self.cell = sheet, cell
        self.one: Field = sheet.form.field(cell.field)
        self._said: Message | None = None
        field = self._make_field()
        super().__init__(
            self.one.label, field, unit=self.one.unit, hint=sheet.hint(self.one), optional=False, parent=parent
        )
        self.comment = Note()
        self.comment.hide()
        column_of = self.layout()
        assert isinstance(column_of, QVBoxLayout)
        column_of.insertWidget(column_of.count() - 1, self.comment)  # over the room at the end
        self._wire(field)
        self.show_cell()

    @property
    def span(self) -> int:
        """Columns of three that it takes."""
        if isinstance(self.field, TextArea) or self.one.kind is Kind.SELECT_MULTIPLE:
            return 3
        return 2 if len(self.one.label) > WIDE_LABEL else 1

    def _make_field(self) -> Styled:
        one, sheet, cell = self.one, self.sheet, self.cell
        if one.calculated or one.readonly:
            return FieldBox(align="left" if one.kind not in NUMBERS else "right")
        if one.kind in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE):
            return CodeField(lambda: sheet.items(cell), many=one.kind is Kind.SELECT_MULTIPLE)
        if one.kind is Kind.DATE:
            return DateField(today=sheet.desk.today)
        if one.mask:
            return MaskedField(mask)
        longest = sheet.longest(one)
        if one.kind is Kind.TEXT and longest >= LONG_TEXT:
            return TextArea(lines=2, limit=longest, name=one.label)
        return FieldBox(align="right" if one.kind in NUMBERS else "left")

    def _wire(self, field: Styled) -> None:
        if isinstance(field, TextArea):
            field.committed.connect(lambda text: self.committed.emit(self.cell, " ".join(text.split("\n"))))
            field.typed.connect(
                lambda text: field.edit.hasFocus() and self.half.emit(self.cell, " ".join(text.split("\n")))
            )
            edit: QWidget = field.edit
            self._enter = _Enter(edit)
            self._enter.entered.connect(lambda: self.entered.emit(self.cell))
        else:
            assert isinstance(field, FieldBox)
            field.committed.connect(lambda text: self.committed.emit(self.cell, text))
            field.entered.connect(lambda: self.entered.emit(self.cell))
            if not isinstance(field, CodeField):
                field.typed.connect(lambda text: self.half.emit(self.cell, text))
            if isinstance(field, MaskedField):
                field.reveal.connect(self.reveal.emit)
            edit = field.edit
        keys = FieldKeys(edit)
        keys.history.connect(lambda: self.history.emit(self.cell))
        keys.escaped.connect(self._escaped)
        keys.paged.connect(self.paged.emit)

    def _escaped(self) -> None:
        """Esc brought the old text back: what was kept while typing follows."""
        field = self.field
        if isinstance(field, CodeField | TextArea):
            return
        assert isinstance(field, FieldBox)
        self.escaped.emit(self.cell)

    def show_cell(self, extra: Message | None = None) -> None:
        """Show what the form holds now. extra: said when the form itself has nothing to say."""
        sheet, one, cell, field = self.sheet, self.one, self.cell, self.field
        instance = sheet.instance
        text = instance.text(cell)
        locked = one.calculated or one.readonly or not sheet.editable
        if isinstance(field, CodeField):
            field.set_code(text, instance.shown(cell))
        elif isinstance(field, MaskedField):
            field.show_whole(sheet.revealed)
            field.set_text(text)
        elif isinstance(field, TextArea):
            field.set_text(text)
        else:
            assert isinstance(field, FieldBox)
            field.set_text(sheet.shown(cell) if one.calculated or one.readonly else text)
        optional = not locked and not instance.required(cell) and one.optional
        if optional == self.optional.isHidden():
            self.optional.setVisible(optional)
        if locked:
            if field.state != "readonly":
                field.set_state("readonly")
        elif field.state == "readonly":
            field.set_state("")
        said = (sheet.message(cell) or extra) if not one.calculated else sheet.message(cell)
        if said != self._said:  # a message that comes or goes lays the whole page anew
            self._said = said
            self.show_message(said.tone if said else "", said.text if said else "")
        told = sheet.comment(cell)
        self.comment.set(told.tone if told else "", told.text if told else "")
        if sheet.last is not None and not one.calculated:
            before = sheet.last_text(cell)
            same = before and before == text and (one.mask or len(before) > 8)
            self.set_last("同上年" if same else f"上年 {sheet.last_shown(cell)}")

    def asked(self) -> bool:
        return self.sheet.instance.relevant(self.cell)


class _Enter(QObject):
    """Tells when a text area gets the cursor."""

    entered = Signal()

    def __init__(self, edit: QWidget) -> None:
        super().__init__(edit)
        edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.entered.emit()
        return False
