"""township-04: two signed versions of one return side by side with what both came from; a person says which side.

What only one side changed, or both alike, is taken without asking. One side whole keeps its signature; a mixture is a
建议稿 that the village signs anew. Nothing of either version is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.desks.township.review_views import ConflictItem, ConflictLine, ConflictView, SideView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.frame import FootRow, PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.conflict_table import SIDES, around, columns, is_open, row_of, taken
from cunbao.ui.shell import Shell

Place = tuple[str, str]  # office, form
ROW, HEAD = 50, 52


class ConflictScreen(Screen):
    nav = "conflict"
    help = (
        "同一张表来了两份，都签了名，互不相承。中间两栏是甲和乙，左边是两份共同的上一版。",
        "只有一边改的已经自动取好；两边都改的，按 1 选甲、按 2 选乙，F8 到下一处。",
        "整份用一边，签名照旧有效；混着选的做成建议稿，随回执给村里重新签名。两份都留着，不会丢。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self, 10)
        self._place: Place | None = None
        self._items: tuple[ConflictItem, ...] = ()
        self._only_open = False
        self._undone: list[tuple[str, str]] = []  # key of a line and what was chosen there before
        self._settled: tuple[str, Place | None] = ("", None)  # what was done last, and where it can be reviewed
        self.view: ConflictView | None = None
        self.shown: tuple[ConflictLine, ...] = ()
        self.grid: Grid | None = None

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.view is None:
            return (("Esc", "回总览"),)
        left, right = self.view.left.letter, self.view.right.letter
        return (("↑↓", "走行"), ("1", f"选{left}"), ("2", f"选{right}"), ("F8", "下一处"), ("Ctrl+Z", "撤销"))

    # --- what is shown -------------------------------------------------------------------------------------------

    def open(self, office: str = "", form: str = "", **where: Any) -> None:
        if office and (office, form) != self._place:
            self._place, self._undone, self._only_open = (office, form), [], False
        self._settled = ("", None)
        self.refresh()

    def refresh(self) -> None:
        desk, place = self.shell.desk, self._place

        def work(progress: object, cancel: object) -> tuple[tuple[ConflictItem, ...], ConflictView | None]:
            from cunbao.desks.township import settling

            items = settling.conflicts(desk)
            places = [(one.office, one.form) for one in items]
            at = place if place in places else next(iter(places), None)
            return items, None if at is None else settling.conflict(desk, *at)

        self.shell.run_job(work, done=lambda found: self._show(*found), failed=self._not_shown, title="对照两份报表")

    def _not_shown(self, error: CunbaoError) -> None:
        self.shell.show_error(error)
        self.shell.go_back()

    def _show(self, items: tuple[ConflictItem, ...], view: ConflictView | None) -> None:
        here = self._key_here()
        if view is None or (view.office, view.form) != self._place:
            here, self._undone = "", []
        self._items, self.view = items, view
        self._place = None if view is None else (view.office, view.form)
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.grid = None
        if view is None:
            self._put(PageHead("冲突"))
            self._put(self._nothing(), 1)
        else:
            self._build(view, here)
        self.shell.refresh_frame()
        self.first_focus()

    def _put(self, part: QWidget, stretch: int = 0) -> None:
        self._box.addWidget(part, stretch)
        part.show()  # at once: what is not shown yet takes no focus

    def _nothing(self) -> QWidget:
        words, place = self._settled
        card = Card()
        if place is not None:
            self._way_on = Button("去审核这一张", kind="filled", icon="list")
            self._way_on.clicked.connect(lambda: self.shell.go("review", office=place[0], form=place[1]))
        else:
            self._way_on = Button("去审核", kind="filled", icon="list")
            self._way_on.clicked.connect(lambda: self.shell.go("review"))
        card.add(EmptyState(words or "没有冲突：每张表都只有一份。", self._way_on), 1)
        return card

    def _build(self, view: ConflictView, here: str) -> None:
        self._put(self._head(view))
        for banner in self._banners(view):
            self._put(banner)
        card = Card()
        self.grid = Grid(
            columns(view),
            name=f"{view.name} {view.form} 两份的不同",
            row_px=ROW,
            head_px=HEAD,
            framed=True,
            paging=False,
        )
        self.grid.pressed.connect(self._pressed)
        self.grid.activated.connect(lambda number, key: self.next_problem(1))
        card.add(self.grid)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._put(card)
        self._box.addStretch(1)
        self._put(self._foot(view))
        self._fill(here or next((line.key for line in view.lines if is_open(line)), ""))

    def _head(self, view: ConflictView) -> PageHead:
        title = view.title if view.title.startswith(view.form) else f"{view.form} {view.title}"
        head = PageHead(view.name, f"改了 {len(view.lines)} 处", crumb=title)
        for part in (head.title, head.crumb):
            part.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        head.chip.set("error", "split", "有冲突")
        head.chip.show()
        self._filter = Button("", icon="filter")
        self._filter.clicked.connect(self._toggle)
        head.add(self._filter)
        if len(self._items) > 1:
            at = self._at()
            head.add(Text(f"第 {at + 1} / {len(self._items)} 张", "small", "text_2"))
            for word, icon, key, step in (("上一张", "chev-l", "PgUp", -1), ("下一张", "chev-r", "PgDn", 1)):
                button = Button(word, icon=icon, key=key if look.scale == 1.0 else "")
                button.set_why("" if 0 <= at + step < len(self._items) else "没有了")
                button.clicked.connect(lambda _=False, step=step: self.page(step))
                head.add(button)
        return head

    def _banners(self, view: ConflictView) -> list[Banner]:
        """What a conflict is and how it ends; what the check says of the result, or who was taken for one person."""
        made, notes = [], self._notes(view)
        if view.proposal:
            line = "村里重新签名送来以前，这里一直是“有冲突”；还可以改，改了再做一次。"
            made.append(Banner("info", view.proposal, line + notes, icon="split"))
        else:
            banner = Banner("warn", "", notes, icon="split")
            banner.title.set_runs((
                (_begins(view), False, ""), (_kept(view), True, ""),
                ("；可以整份用一边，也可以逐处选好做成建议稿，由村里重新签名。", False, ""),
            ))  # fmt: skip
            made.append(banner)
        if view.problems:
            line = "；".join(view.problems) + "。"
            made.append(Banner("error", "选出来的结果有问题，做成建议稿前请再看看", line))
        return made

    @staticmethod
    def _notes(view: ConflictView) -> str:
        """What else is to be known: who was taken for one person, whose signature is in doubt, further versions."""
        broken = [side for side in (view.left, view.right) if side.revision and not side.valid]
        notes = [*view.paired, *(f"{side.letter}：{side.why_not}" for side in broken if side.why_not)]
        if view.others:
            notes.append(f"还有 {view.others} 份，这两份定了再和它比")
        return "；".join(notes) + "。" if notes else ""

    def _foot(self, view: ConflictView) -> FootRow:
        foot = FootRow()
        foot.add_left(Text("整份用，签名照旧有效，不用村里再签", "small", "text_2"))
        for side in (one for one in (view.right, view.left) if one.revision):
            button = Button(f"整份用{side.letter}")
            button.set_why("" if side.valid else side.why_not or "签名没有核实，不能整份用")
            button.clicked.connect(lambda _=False, side=side: self._take_whole(side))
            foot.add_left(button)
        self._propose = Button("做成建议稿")
        self._propose.clicked.connect(self.propose)
        self._next = Button("下一处要选的", key="F8")
        self._next.clicked.connect(lambda: self.next_problem(1))
        self._on = Button("去写回执", kind="filled", icon="box-out")
        self._on.clicked.connect(lambda: self.shell.go("receipts"))
        for button in (self._propose, self._next, self._on):
            foot.add(button)
        return foot

    # --- the table -----------------------------------------------------------------------------------------------

    def _fill(self, here: str = "") -> None:
        """The lines as they are chosen now."""
        view, grid = self.view, self.grid
        assert view is not None and grid is not None
        self.shown = tuple(line for line in view.lines if not (self._only_open and line.automatic))
        grid.set_columns(columns(view))
        grid.set_rows([row_of(line) for line in self.shown])
        at = next((number for number, line in enumerate(self.shown) if line.key == here), -1)
        if at >= 0:
            grid.go(at)
        left = sum(is_open(line) for line in view.lines)
        asked = sum(not line.automatic for line in view.lines)
        self._filter.setText(f"看全部 {len(view.lines)} 处" if self._only_open else f"只看要选的 {asked}")
        self._filter.set_why("" if asked or self._only_open else "没有要选的，都自动定了")
        again = "再做一次建议稿" if view.proposal else "做成建议稿"
        self._propose.setText(f"{again}，还差 {left} 处" if left else again)
        self._propose.set_why(f"还差 {left} 处没选" if left else "")
        self._propose.set_kind("outlined" if left or view.proposal else "filled")
        self._next.set_kind("filled")
        show_if(self._next, bool(left))
        show_if(self._on, bool(view.proposal) and not left)

    @property
    def here(self) -> ConflictLine | None:
        at = self.grid.current_row() if self.grid is not None else -1
        return self.shown[at] if 0 <= at < len(self.shown) else None

    def _key_here(self) -> str:
        return "" if self.here is None else self.here.key

    def _at(self) -> int:
        return next((n for n, one in enumerate(self._items) if (one.office, one.form) == self._place), 0)

    def _toggle(self) -> None:
        self._only_open = not self._only_open
        self._fill(self._key_here())
        self.first_focus()

    # --- choosing ------------------------------------------------------------------------------------------------

    def _pressed(self, number: int, key: str) -> None:
        if key in SIDES:
            self.choose(key)

    def choose(self, side: str) -> None:
        """1 or 2: one side at the current line, also against what was taken without asking."""
        line = self.here
        if line is not None and side not in taken(line):
            before = (line.key, "" if line.automatic else line.chosen)
            self._choose(line.key, side, lambda: self._undone.append(before))

    def _choose(self, key: str, side: str, told: Callable[[], object]) -> None:
        """Choose a side, "" for none again. told: called when the desk has taken it."""
        from cunbao.desks.township import settling

        desk, place = self.shell.desk, self._place
        assert place is not None

        def work(progress: object, cancel: object) -> ConflictView:
            settling.choose(desk, *place, key, side)
            return settling.conflict(desk, *place)

        def done(view: ConflictView) -> None:
            told()
            if self.view is None or around(view) != around(self.view):
                self._show(self._items, view)  # another pair of versions, or something else to be said about them
                return
            self.view = view
            self._fill(key)
            self.shell.refresh_frame()

        self.shell.run_job(work, done=done, title="记下选的一边")

    def undo(self) -> bool:
        """Ctrl+Z: the last choice made here; without one, the desk's last decision."""
        if not self._undone or self._place is None:
            return False
        self._choose(*self._undone[-1], self._undone.pop)
        return True

    def next_problem(self, step: int) -> bool:
        """F8: the next line that still has to be chosen."""
        if self.grid is None:
            return True
        at, count = self.grid.current_row(), len(self.shown)
        for far in range(1, count + 1):
            number = (at + step * far) % count
            if is_open(self.shown[number]):
                self.grid.go(number)
                self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
                break
        return True

    # --- settling ------------------------------------------------------------------------------------------------

    def _take_whole(self, side: SideView) -> None:
        view, place = self.view, self._place
        if view is None or place is None:
            return
        other = view.right if side is view.left else view.left
        box = DialogBox(
            f"整份用{side.letter}？",
            f"用“{side.device}”的这一份：{side.line}。{other.letter}里不一样的 {len(view.lines)} 处不算数。",
            f"{side.letter}的签名照旧有效；{other.letter}也留着，不会删",
            "写回执以前可以撤回。用了以后，这一份还要审核。",
            (Choice("stay", "再看看", cap="Esc"), Choice("act", f"整份用{side.letter}")),
            icon="split",
            tone="accent",
        )
        if self.shell.ask(box, escape="stay") != "act":
            return
        from cunbao.desks.township import settling

        self._settle(
            lambda desk: settling.choose_whole(desk, *place, side.revision),
            (f"{view.name} {view.form} 用了{side.letter}这一份，等着审核。", place),
            "签上选择",
        )

    def propose(self) -> None:
        """做成建议稿: the mixture as chosen, for the village to sign."""
        view, place = self.view, self._place
        if view is None or place is None or any(is_open(line) for line in view.lines):
            return
        from cunbao.desks.township import settling

        words = f"{view.name} {view.form} 的建议稿做好了，随下一份回执给村里重新签名。"
        self._settle(lambda desk: settling.propose(desk, *place), (words, None), "做建议稿")

    def _settle(self, work: Callable[[Any], Any], words: tuple[str, Place | None], title: str) -> None:
        desk = self.shell.desk

        def done(found: Any) -> None:
            self._undone, self._settled = [], words
            self.refresh()

        self.shell.run_job(lambda progress, cancel: work(desk), done=done, title=title)

    # --- keys ----------------------------------------------------------------------------------------------------

    def first_focus(self) -> None:
        if self.grid is not None:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        elif hasattr(self, "_way_on") and self.view is None:
            self._way_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, name: str) -> bool:
        if self.grid is None or name not in ("1", "2"):
            return False
        self.choose(SIDES[int(name) - 1])
        return True

    def go_on(self) -> bool:
        if self.view is not None:
            self.propose()
        return True

    def page(self, step: int) -> bool:
        at = self._at() + step
        if 0 <= at < len(self._items):
            self._place, self._undone = (self._items[at].office, self._items[at].form), []
            self.refresh()
        return True

    def back(self) -> bool:
        self.shell.go("board")
        return True


def _begins(view: ConflictView) -> str:
    """How the banner begins: of two versions, or of more that are settled two by two."""
    if view.left.revision and not view.others:
        return "两台电脑都填了这张表。"
    return "这张表来了好几份，两份两份地定。"


def _kept(view: ConflictView) -> str:
    return "两份都留着，不会丢" if view.left.revision and not view.others else "每份都留着，不会丢"
