"""F1: the manual over the window, at the section of the place where the user is, with the keys that work there.

Contents and search at the left, the section at the right; Esc gives the focus back to where it was. Without a manual
the keys are shown all the same. Loaded when F1 is first pressed, never at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from cunbao import manual
from cunbao.errors import ManualError
from cunbao.ui.kit.article import Article, PictureView
from cunbao.ui.kit.buttons import Button, IconButton, Keys
from cunbao.ui.kit.contents import CHAPTER, Contents
from cunbao.ui.kit.dialog import round_off
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.lists import Entry
from cunbao.ui.kit.paint import blend
from cunbao.ui.kit.panel import Card, Icon, Panel, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens import help_page

if TYPE_CHECKING:
    from cunbao.manual import Manual, Section
    from cunbao.ui.face import Face
    from cunbao.ui.shell import Shell

SIDE_WIDE, MARGIN = 252, 20  # px
KEYS = (("Ctrl+F", "找"), ("Alt+←", "退回"), ("PgDn", "往下看"), ("Tab", "下一个链接"), ("Esc", "回去"))


@dataclass(frozen=True, slots=True)
class Asked:
    """Where F1 was pressed. places: as in the manual ("form/roster"), the first that it knows counts; sentences, keys:
    what the screen says itself."""

    kind: str
    places: Sequence[str]
    sentences: Sequence[str] = ()
    keys: Sequence[tuple[str, str]] = ()


class Help(QWidget):
    """Covers the window it is made over. `end()` takes it away."""

    def __init__(self, shell: Shell, asked: Asked, face: Face) -> None:
        super().__init__(shell)
        self.setObjectName("help")
        self._shell, self.asked, self._face = shell, asked, face
        self._back_to = QApplication.focusWidget()
        self._trail: list[tuple[str, int]] = []  # places read, with where the page stood
        self._at = -1
        self._view: PictureView | None = None
        self._ending = False
        self.manual: Manual | None
        try:
            self.manual = manual.read(asked.kind)
            self._trouble = None
        except ManualError as trouble:
            self.manual, self._trouble = None, trouble
        self._build()
        shell.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        QApplication.sendPostedEvents(self.card, QEvent.Type.LayoutRequest)  # the page knows its width at once
        self._fill_contents()
        self._begin()
        QTimer.singleShot(0, self, self._follow_contents)  # when the list has its place
        self.article.setFocus(Qt.FocusReason.PopupFocusReason)

    # --- parts ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.card = Card(line="line_strong", radius="dialog", parent=self)
        self.card.add(self._head())
        self.card.add_line()
        middle = QWidget()
        across = row(middle)
        self.contents = Contents()
        self.contents.chosen.connect(self._chosen)
        self.contents.installEventFilter(self)
        self.side = Panel("bg", "r")
        held = column(self.side, 0, (0, 0, 1, 0))
        self._nothing = Text("", "small", "text_2", lines=0)
        self._nothing.setContentsMargins(14, 10, 14, 0)
        self._nothing.hide()
        held.addWidget(self._nothing)
        self._scroll = scrolled(self.contents)
        held.addWidget(self._scroll, 1)
        across.addWidget(self.side)
        self.article = Article(manual.picture)
        self.article.followed.connect(self.go)
        self.article.enlarged.connect(self._enlarge)
        across.addWidget(self.article, 1)
        self.card.add(middle, 1)
        self.card.add_line()
        foot = QWidget()
        line = row(foot, 16, (16, 6, 16, 6))
        line.addWidget(Keys(KEYS), 1)
        self.card.add(foot)

    def _head(self) -> QWidget:
        head = QWidget()
        line = row(head, 8, (16, 10, 12, 10))
        line.addWidget(Icon("help", "accent", 22))
        line.addWidget(Text(self.manual.title if self.manual else "帮助", "lead", bold=True))
        line.addSpacing(8)
        self.search = FieldBox(icon="search", name="在手册里找")
        self.search.set_hint("找什么？比如：密码、U 盘、退回")
        self.search.typed.connect(self._search)
        self.search.next.connect(lambda step: self._to_found())
        self.search.edit.installEventFilter(self)
        line.addWidget(self.search, 1)
        self.back = IconButton("chev-l", "退回上一处")
        self.forward = IconButton("chev-r", "再往前")
        self.back.clicked.connect(partial(self._walk, -1))
        self.forward.clicked.connect(partial(self._walk, 1))
        line.addWidget(self.back)
        line.addWidget(self.forward)
        self.paper = Button("打印手册", icon="printer", key="Ctrl+P")
        self.paper.clicked.connect(self._print)
        self.file = Button("存成 PDF", key="Ctrl+S")
        self.file.clicked.connect(self._save)
        self.close_button = Button(self._face.help_close, key="Esc")
        self.close_button.clicked.connect(self.end)
        for button in (self.paper, self.file, self.close_button):
            line.addWidget(button)
        return head

    # --- reading -------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self.manual is None:
            assert self._trouble is not None
            told = (self._trouble.happened, self._trouble.safe, self._trouble.todo)
            self.article.show_page(lambda wide: help_page.without_manual(told, self.asked.sentences, self._keys()))
            for part in (self.search, self.back, self.forward, self.paper, self.file):
                part.setEnabled(False)
            self.side.hide()
            return
        self.go(self._place_asked() or self.manual.sections[0].key)

    def _place_asked(self) -> str:
        """The first of the places asked for that the manual knows."""
        book = self.manual
        return next((one for one in self.asked.places if book is not None and book.at(one) is not None), "")

    @property
    def section(self) -> Section | None:
        """What is being read."""
        if self.manual is None or self._at < 0:
            return None
        return self.manual.at(self._trail[self._at][0])

    def go(self, place: str) -> None:
        """Read the section about a place; 退回 comes back from there. An unknown place leads nowhere."""
        if self.manual is None or self.manual.at(place) is None:
            return
        self._note()
        del self._trail[self._at + 1 :]
        self._trail.append((place, -1))
        self._at += 1
        self._show()

    def _walk(self, step: int) -> None:
        if 0 <= self._at + step < len(self._trail):
            self._note()
            self._at += step
            self._show()

    def _note(self) -> None:
        """Keep where the page stands before it is left."""
        if self._at >= 0:
            self._trail[self._at] = (self._trail[self._at][0], self.article.verticalScrollBar().value())

    def _show(self) -> None:
        place, stood = self._trail[self._at]
        section = self.section
        assert section is not None and self.manual is not None
        book = self.manual
        own = book.at(self._place_asked()) is section
        inner = next((one for one in _wider(place) if one in book.places and one not in section.places), "")
        self.article.show_page(
            lambda wide: help_page.page(book, section, wide, self._keys() if own else ()),
            words=self._words(),
            place=inner,
        )
        if stood >= 0:
            self.article.verticalScrollBar().setValue(stood)
        self.article.setAccessibleName(section.title)
        self.contents.choose(section.key)
        self._follow_contents()
        self.back.setEnabled(self._at > 0)
        self.forward.setEnabled(self._at + 1 < len(self._trail))

    def _keys(self) -> Sequence[tuple[str, Sequence[Sequence[tuple[str, str]]]]]:
        own = [tuple(self.asked.keys)] if self.asked.keys else []
        return (("这里现在能用的键", own), ("到处都能用的键", self._face.help_keys))

    # --- contents and search -------------------------------------------------------------------------------------

    def _fill_contents(self) -> None:
        if self.manual is None:
            return
        self._nothing.hide()
        here = self.section
        self.contents.set_entries(
            [Entry(one.key, one.title, CHAPTER if one.level == 2 else "") for one in self.manual.sections],
            here.key if here else "",
        )

    def _words(self) -> tuple[str, ...]:
        return tuple(self.search.text().split())

    def _search(self, asked: str) -> None:
        assert self.manual is not None
        if not asked.strip():
            self._fill_contents()
            self._follow_contents()
            return
        found = manual.search(self.manual, asked)
        self.contents.set_entries([Entry(one.section.key, one.section.title, "", one.around) for one in found])
        self._nothing.setText("" if found else f"手册里没有“{asked.strip()}”。换一个说法，或少写几个字。")
        self._nothing.setVisible(not found)
        self._scroll.verticalScrollBar().setValue(0)
        if found and (self.section is None or self.section.key != found[0].section.key):
            self.go(found[0].section.key)
        elif found:
            self._show()

    def _to_found(self) -> None:
        """Enter in the search: to what was found."""
        if self.contents.entries:
            self.contents.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear_search(self) -> None:
        self.search.set_text("")
        self._fill_contents()
        if self.section is not None:
            self._show()
        self.article.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen(self, key: str) -> None:
        if self.section is None or self.section.key != key:
            self.go(key)

    def _follow_contents(self) -> None:
        box = self.contents.box_of(self.contents.at)
        self._scroll.ensureVisible(0, box.center().y(), 0, look.px(60))

    # --- pictures and paper --------------------------------------------------------------------------------------

    def _enlarge(self, name: str) -> None:
        data = manual.picture(name)
        if data is None:
            return
        self._view = PictureView(data, name, self.card)
        self._view.closed.connect(self._reduce)
        self._view.show()
        self._view.raise_()
        self._view.setFocus()

    def _reduce(self) -> None:
        if self._view is not None:
            self._view.hide()
            self._view.deleteLater()
            self._view = None
            self.article.setFocus()

    def _print(self) -> None:
        from cunbao.ui.printing import print_pages

        self._drawn(lambda made: print_pages(self._shell, made.pdf, made.title))

    def _save(self) -> None:
        from cunbao.ui.printing import save_pages

        self._drawn(lambda made: save_pages(self._shell, made.pdf, made.title))

    def _drawn(self, done: Callable[[Any], object]) -> None:
        """The manual as PDF, drawn beside the window."""
        from cunbao.desks import manuals
        from cunbao.desks.clock import system_clock
        from cunbao.ui.face import local

        if self.manual is None:
            return
        clock = system_clock if self._shell.desk is None else self._shell.desk.clock
        kind, when = self.manual.kind, local(clock())
        self._shell.run_job(lambda progress, cancel: manuals.to_pdf(kind, when), title="正在排手册", done=done)

    # --- Qt ------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        self.setGeometry(self._shell.rect())
        self.card.setGeometry(self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
        round_off(self.card, look.radius("dialog"))
        self.side.setFixedWidth(look.px(SIDE_WIDE) if not look.narrow else look.px(SIDE_WIDE * 0.85))
        for button in (self.paper, self.file):
            button.set_key("" if look.scale > 1 else "Ctrl+P" if button is self.paper else "Ctrl+S")
        self.file.setVisible(not look.narrow)
        if self._view is not None:
            self._view.setGeometry(self.card.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._shell and event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self._place()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if watched is self.search.edit and event.key() == Qt.Key.Key_Down:
                self._to_found()
                return True
            if watched is self.contents and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
                self.article.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    def event(self, event: QEvent) -> bool:
        """No key goes past the help to what it covers."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            acts: dict[Qt.Key, Callable[[], object]] = {
                Qt.Key.Key_F: self.search.setFocus,
                Qt.Key.Key_P: self._print,
                Qt.Key.Key_S: self._save,
                Qt.Key.Key_Plus: partial(self._shell.larger, 1),
                Qt.Key.Key_Equal: partial(self._shell.larger, 1),
                Qt.Key.Key_Minus: partial(self._shell.larger, -1),
            }
            acts.get(key, lambda: None)()
        elif key == Qt.Key.Key_Escape and self.search.text():
            self._clear_search()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.end()
        elif key == Qt.Key.Key_Backspace or (key == Qt.Key.Key_Left and event.modifiers() & _ALT):
            self._walk(-1)
        elif key == Qt.Key.Key_Right and event.modifiers() & _ALT:
            self._walk(1)
        elif key == Qt.Key.Key_Slash:
            self.search.setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside."""
        order = [self.article, self.search.edit, self.contents, self.back, self.forward, self.paper, self.file,
                 self.close_button]  # fmt: skip
        inside = [one for one in order if one.isVisible() and one.isEnabled()]
        if self._ending or not inside:  # Qt looks for a next one while this is hidden
            return False
        here = QApplication.focusWidget()
        at = inside.index(here) if here in inside else -1
        inside[(at + (1 if forward else -1)) % len(inside)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def mousePressEvent(self, event: Any) -> None:
        event.accept()  # what lies behind is not clicked

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), blend("text", 0.28))

    def end(self) -> None:
        """Away, and the focus where it was."""
        self._shell.removeEventFilter(self)
        self._ending = True
        try:
            if self._back_to is not None and self._back_to.isVisible():
                self._back_to.setFocus(Qt.FocusReason.PopupFocusReason)
        except RuntimeError:  # what had it is gone by now
            pass
        self.hide()
        self.deleteLater()


_ALT = Qt.KeyboardModifier.AltModifier


def _wider(place: str) -> list[str]:
    """form/roster, form."""
    parts = place.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
