"""township-03: one return, cell by cell against what was accepted before, its signed pages beside it.

The desk compares, judges and signs; this shows its view, keeps what is said at cells and asks before a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget

from cunbao.desks.township.review_views import NoteView, ReviewView
from cunbao.errors import CunbaoError
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Panel, column, row, scrolled
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens import review_acts as acts
from cunbao.ui.screens.review_comments import Comments, at_township
from cunbao.ui.screens.review_deciding import Deciding
from cunbao.ui.screens.review_foot import (
    OPEN,
    ReviewFoot,
    ReviewHead,
    banners,
    nothing,
    way_out,
    why_not_accept,
    why_not_return,
)
from cunbao.ui.screens.review_lines import CHANGED, Lines, order_of
from cunbao.ui.screens.review_pdf import SignedPages
from cunbao.ui.screens.sheets import eye_of
from cunbao.ui.shell import Shell

Place = tuple[str, str]  # office, form
LEFT, RIGHT = 614, 386  # of the width: table and pages
LEAST_WIDE = 760  # pixels at 100 % that table and pages need beside each other
PAGES_HIGH = 620  # of the pages when they lie under the table


class ReviewScreen(Screen):
    """acts(): the use cases of the desk that reviews; undoes: Ctrl+Z takes its last decision back."""

    nav = "review"
    acts = staticmethod(at_township)
    undoes = True
    help = (
        "左边是和上次通过的比，改了的格；右边是村里签名的报表，选中的格在上面框出来。",
        "在有疑问的格上按 C 写意见，边写边存；写了意见就退回，没有意见就通过。",
        "Ctrl+Tab 换一页看：改动、检查、全部。PgUp、PgDn 上一张、下一张。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._place: Place | None = None
        self._cell: Cell | None = None  # where to go when the return is shown
        self._against = ""  # another comparison, asked for once; the desk remembers which kind is liked
        self._tab = CHANGED
        self._just = ""  # what was decided last, while it can be taken back
        self._decided = False
        self.view: ReviewView | None = None
        self.comments = Comments(shell, self.acts)
        self.comments.changed.connect(lambda cell: self._said())
        self.deciding = Deciding(shell, self.comments, self.acts)
        self.deciding.decided.connect(self._settled)
        self.deciding.changed.connect(self.refresh)
        self.deciding.gone.connect(lambda: self._settled(""))
        self._area: QScrollArea | None = None  # where the page scrolls, because the pages lie under the table
        self._built = False
        self.lines: Lines | None = None
        self.pages: SignedPages | None = None
        self._foot: ReviewFoot | None = None
        self._way_on: Button | None = None  # of the empty screen
        eye_of(shell).changed.connect(self._reveal)

    @property
    def to_edge(self) -> bool:
        return look.narrow

    @property
    def _stacked(self) -> bool:
        """Is there too little room for the pages beside the table?"""
        return look.narrow or self.shell.pages.width() < LEAST_WIDE * look.scale

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.view is not None and self._built != self._stacked:
            QTimer.singleShot(0, self, self._lay_again)

    def _lay_again(self) -> None:
        if self.view is not None and self._built != self._stacked:
            self._built = self._stacked  # once for each time the edge is crossed
            self.leave()
            self.refresh()

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.view is None:
            return (("Esc", "回总览"),)
        if self.view.state is not ReturnState.RECEIVED:
            return (("↑↓", "走格"), ("PgDn", "下一张"), ("Esc", "回总览"))
        return (("↑↓", "走格"), ("C", "写意见"), ("F9", "通过"), ("F10", "退回"), ("Esc", "回总览"))

    # --- what is shown -------------------------------------------------------------------------------------------

    def open(self, office: str = "", form: str = "", cell: Cell | None = None, **where: Any) -> None:
        """A certain return; without one the return in hand if it still waits, else the first that does."""
        if office:
            self._place = (office, form)
        elif self.view is not None and self.view.state is not ReturnState.RECEIVED:
            self._place = None
        self._cell, self._just = cell, ""
        self.refresh()

    def refresh(self) -> None:
        desk, place, against = self.shell.desk, self._place, self._against
        self._against = ""

        def work(progress: object, cancel: object) -> ReviewView | None:
            reviewing = self.acts()
            at = place or next(iter(reviewing.queue(desk)), None)
            return None if at is None else reviewing.review(desk, *at, against=against)

        self.shell.run_job(work, done=self._show, failed=self._not_shown, title="打开报表")

    def _not_shown(self, error: CunbaoError) -> None:
        self._place = None
        self.shell.show_error(error)
        self.shell.go_back()

    def _show(self, view: ReviewView | None) -> None:
        self.leave()
        here = self.lines.here if self.lines is not None and view is not None and self._same(view) else None
        cell = self._cell or (here.cell if here is not None else None)
        self._cell, self.view = None, view
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.lines = self.pages = self._area = self._foot = None
        if view is None:
            self._place = None
            page, self._way_on = self.nothing_waits()
            self._put(page)
        else:
            self._place = (view.office, view.form)
            texts = {line.cell: line.comment for line in (*view.all_lines, *view.changes, *view.checked)}
            self.comments.begin(view.office, view.form, order_of(view), texts)
            self._build(view)
            if cell is not None and self.lines is not None:
                self.lines.go_to(cell)
        self.shell.refresh_frame()
        self.first_focus()

    def nothing_waits(self) -> tuple[QWidget, Button]:
        return nothing(self.shell, self._decided)

    def way_out(self, view: ReviewView) -> Button | None:
        return way_out(self.shell, view)

    def _same(self, view: ReviewView) -> bool:
        return self.view is not None and (self.view.office, self.view.form) == (view.office, view.form)

    def _build(self, view: ReviewView) -> None:
        inner = QWidget()
        box = column(inner, 12)
        head = ReviewHead(view)
        head.paged.connect(self.page)
        head.more.clicked.connect(lambda: self._open_menu(head.more))
        box.addWidget(head)
        for banner in banners(view, self.way_out(view)):
            box.addWidget(banner)
        self.lines = Lines(view, self.comments, may_comment=view.state in OPEN, tab=self._tab)
        self.pages = SignedPages(view, revealed=eye_of(self.shell).open)
        self.lines.reveal(eye_of(self.shell).open)
        self.lines.tabs.chosen.connect(self._chose_tab)
        self.lines.moved.connect(self._moved)
        self.lines.attachment.connect(self._open_scan)
        self.lines.compare.connect(self._compare)
        self.pages.pressed.connect(self._pressed)
        self.pages.print_asked.connect(self.preview)
        self.pages.reveal_asked.connect(eye_of(self.shell).toggle)
        foot = self._foot = ReviewFoot(view)
        foot.withdraw_asked.connect(lambda: self.deciding.withdraw(view))
        foot.accept_asked.connect(self.accept)
        foot.return_asked.connect(self.send_back)
        foot.tell(self.comments.count, self._just)
        self._chose_tab(self._tab)
        self._built = self._stacked
        if self._built:
            self.pages.setMinimumHeight(PAGES_HIGH)
            box.addWidget(self.lines)
            box.addWidget(self.pages)
            box.setContentsMargins(0, 0, 8, 16)
            self._area = scrolled(inner)
            self._put(self._area)
            strip = Panel("surface", "t" if look.narrow else "lrtb")
            column(strip, 0, (0, 0, 20 if look.narrow else 0, 0)).addWidget(foot)
            self._put(strip, 0)
        else:
            self.lines.add(foot)
            line = row(gap=16)
            line.addWidget(self.lines, LEFT)
            line.addWidget(self.pages, RIGHT)
            box.addLayout(line, 1)
            self._put(inner)

    def _put(self, part: QWidget, stretch: int = 1) -> None:
        self._box.addWidget(part, stretch)
        part.show()  # at once: what is not shown yet takes no focus

    # --- keys ----------------------------------------------------------------------------------------------------

    def first_focus(self) -> None:
        if self.lines is not None:
            self.lines.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._way_on is not None and self.view is None:
            self._way_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        if self.lines is not None:
            self.lines.leave()

    def key(self, name: str) -> bool:
        if self.view is None or self.lines is None:
            return False
        does: dict[str, Callable[[], None]] = {
            "C": self.write,
            "F9": self.accept,
            "F10": self.send_back,
            "Ctrl+Tab": lambda: self._step_tab(1),
            "Ctrl+Shift+Tab": lambda: self._step_tab(-1),
        }
        if name in does:
            does[name]()
        return name in does

    def write(self) -> None:
        """A comment at the line in hand."""
        if self.lines is not None:
            self.lines.write()
            QTimer.singleShot(0, self, self._bring)

    def back(self) -> bool:
        self.shell.go("board")
        return True

    def page(self, step: int) -> bool:
        view = self.view
        to = None if view is None else view.following if step > 0 else view.previous
        if to is not None:
            self._go(to)
        return True

    def _go(self, place: Place | None) -> None:
        self.leave()
        self._place, self._just = place, self._just if place is None else ""
        self.refresh()

    def next_problem(self, step: int) -> bool:
        """F8: the next line of which the check says something."""
        if self.lines is not None and self.view is not None and self.view.checked:
            here = self.lines.here
            cells = [line.cell for line in self.view.checked]
            at = cells.index(here.cell) + step if here is not None and here.cell in cells else 0
            self.lines.go_to(cells[at % len(cells)])
        return True

    def preview(self) -> bool:
        """Print the signed pages; they are whole, so it is journalled first."""
        view, desk = self.view, self.shell.desk
        if view is not None and view.pdf:
            from cunbao.ui.printing import print_pages

            name = f"{view.name}{acts.title_of(view)}"
            self.shell.run_job(
                lambda progress, cancel: desk.journal(
                    "print", office=view.office, form=view.form, revision=view.revision
                ),
                done=lambda nothing: print_pages(self.shell, view.pdf, name),
                title="准备打印",
            )
        return True

    def undo(self) -> bool:
        """The last decision, and to the return that it was about."""
        desk = self.shell.desk
        self.leave()

        def done(found: Place | None) -> None:
            if found is not None:
                self._place, self._just = found, ""
                self.refresh()

        self.shell.run_job(lambda progress, cancel: desk.undo(), done=done, title="收回决定")
        return True

    # --- table and pages -----------------------------------------------------------------------------------------

    def _step_tab(self, step: int) -> None:
        if self.lines is not None:
            self.lines.tabs.step(step)

    def _chose_tab(self, tab: str) -> None:
        self._tab = tab
        if self.lines is not None and self.pages is not None:
            self.pages.set_lines(self.lines.lines)
            self.pages.mark(self.lines.grid.current_row())

    def _said(self) -> None:
        """A comment came or went."""
        if self.view is not None and self._foot is not None:
            self._foot.tell(self.comments.count, self._just)

    def _moved(self, number: int) -> None:
        if self.pages is not None:
            self.pages.mark(number)
        QTimer.singleShot(0, self, self._bring)

    def _bring(self) -> None:
        """Where the page scrolls as a whole: the line in hand and what is unfolded beneath it come into view."""
        area, lines = self._area, self.lines
        if area is None or lines is None or lines.here is None:
            return
        grid = lines.grid
        box = grid.row_rect(grid.current_row())
        if grid.detail is not None:
            box = box.united(grid.detail.geometry())
        top = grid.viewport().mapTo(area.widget(), box.topLeft()).y()
        area.ensureVisible(0, top + box.height(), 0, 8)
        area.ensureVisible(0, top, 0, look.px(80))

    def _pressed(self, number: int) -> None:
        if self.lines is not None:
            self.lines.grid.go(number, "now")

    def _reveal(self, on: bool) -> None:
        if self.lines is not None and self.pages is not None:
            self.lines.reveal(on)
            self.pages.reveal(on)

    def _compare(self, against: str) -> None:
        self._against = against
        self.refresh()

    def _open_scan(self, key: str, name: str) -> None:
        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: desk.workspace.object(key),
            done=lambda data: acts.show_scan(self.shell, data, name),
            title="取出附件",
        )

    # --- decisions -----------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """F9."""
        view = self.view
        if view is None:
            return
        self.leave()
        if why_not_accept(view):
            acts.tell_why_not(self.shell, "通过", why_not_accept(view))
        else:
            self.deciding.accept(view)

    def send_back(self) -> None:
        """F10; with nothing said yet it begins a comment instead."""
        view = self.view
        if view is None or self.lines is None:
            return
        self.leave()
        if view.state not in OPEN:
            acts.tell_why_not(self.shell, "退回", why_not_return(view, self.comments.count))
        elif not self.comments.count:
            self.write()
        else:
            self.deciding.send_back(view)

    def _settled(self, words: str) -> None:
        """On to the next one that waits."""
        following = self.view.following if self.view is not None and words else None
        self._decided, self._just, self._place = True, words if self.undoes else "", following
        self.refresh()

    # --- 更多 ----------------------------------------------------------------------------------------------------

    def _open_menu(self, button: Button) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for word, act in self.more():
            action = menu.addAction(word)
            action.setEnabled(act is not None)
            if act is not None:
                action.triggered.connect(lambda _=False, act=act: act())
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def more(self) -> list[tuple[str, Callable[[], None] | None]]:
        """The further acts of this return; None for one that does not apply now."""
        view = self.view
        if view is None:
            return []
        found = self.deciding.further(view, self._to_waive())
        for key, name in view.attachments:
            found.append((f"看附件 {name}", partial(self._open_scan, key, name)))
        return found

    def _to_waive(self) -> NoteView | None:
        waits = self.view is not None and self.view.state is ReturnState.RECEIVED
        line = self.lines.here if self.lines is not None and waits else None
        notes = line.notes if line is not None else ()
        return next((one for one in notes if one.severity is Severity.EXPLAIN and not one.waived), None)
