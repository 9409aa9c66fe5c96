"""从平板导入: what submissions of ODK Collect would bring into the drafts, cell by cell, before anything is taken.

A cell that the draft has otherwise, or on which two submissions differ, waits for an answer; nothing is written before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from cunbao.desks.village.tabletviews import KEEP, TabletCell, TabletTaken, TabletView
from cunbao.errors import CunbaoError
from cunbao.survey.values import Cell
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridColumn
from cunbao.ui.kit.panel import Card, Icon, SideCard, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screen import Screen
from cunbao.ui.screens import tablet_table

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 300, 280
SHOWN_FILES = 20  # at the right; more are counted
SUFFIXES = (".zip", ".xml")


class TabletScreen(Screen):
    """The screen "tablet": open(place=…) looks at a folder, a zip or a file; without one it offers to choose."""

    help = (
        "选平板上 odk 里的 instances 文件夹，或从平台导出的压缩包；也可以把文件夹拖进窗口。",
        "先看会填哪些格。和草稿不一样的，按 1 留草稿，按 2 用平板的；导入后还要检查、签名。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.view: TabletView | None = None
        self.place: Path | None = None
        self.chosen: dict[tuple[str, Cell], int] = {}
        self.lines: list[TabletCell] = []
        self.nav = shell.face.home
        self.halves = Twofold(SIDE, larger=SIDE_125)
        column(self).addWidget(self.halves)
        self.head = PageHead("从平板导入")
        self.other = Button("选文件夹", icon="folder")
        self.other.clicked.connect(self.choose_folder)
        self.stay = Button("不导入", key="Esc" if look.scale == 1.0 else "")
        self.stay.clicked.connect(self.back)
        self.main = Button("导入", kind="filled", icon="check", key="Ctrl+Enter" if look.scale == 1.0 else "")
        self.main.clicked.connect(self.go_on)
        for button in (self.other, self.stay, self.main):
            self.head.add(button)
        self.halves.add_head(self.head)
        self.banner = Banner("info", "", "")
        self.halves.top.addWidget(self.banner)
        self.bulk = row(gap=8)
        self.keep_all = Button("都留草稿", size="small")
        self.keep_all.clicked.connect(lambda: self.answer_all(keep=True))
        self.take_all = Button("都用平板的", size="small")
        self.take_all.clicked.connect(lambda: self.answer_all(keep=False))
        self.card = Card()
        self.grid = Grid((GridColumn("where", "哪一格", 150),), name="平板上要导入的格", row_px=48, framed=True)
        self.grid.pressed.connect(self._pressed)
        self.grid.activated.connect(lambda number, key: self.next_problem(1))
        self.card.add(self.grid)
        self.nothing = Card()
        self.first = Button("选文件夹", kind="filled", icon="folder")
        self.first.clicked.connect(self.choose_folder)
        words = "平板上 odk 里的 instances 文件夹，拷出来后选它，或拖进窗口。先列出会填哪些格，看过再导入。"
        self.waits = EmptyState(words, self.first)
        self.none = EmptyState("没有可以导入的：草稿里都有了，或者提交用不上，原因在旁边。")
        self.nothing.add(self.waits, 1)
        self.nothing.add(self.none, 1)
        self.halves.main.addLayout(self._bulk_line())
        self.halves.main.addWidget(self.card)
        self.halves.main.addWidget(self.nothing)
        self.halves.main.addStretch(1)
        self.side = SideCard("平板上的提交", "inbox-in")
        self.halves.side.addWidget(self.side)
        self.halves.side.addStretch(1)

    def _bulk_line(self) -> Any:
        self.asks = Text("", "small", "text_2")
        self.bulk.addWidget(self.asks, 1)
        self.bulk.addWidget(self.keep_all)
        self.bulk.addWidget(self.take_all)
        return self.bulk

    @property
    def to_edge(self) -> bool:
        return look.narrow

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, place: Path | None = None, **where: Any) -> None:
        self.place, self.view, self.chosen = place, None, {}
        self.refresh()
        if place is None:
            return
        desk = self.shell.desk

        def work(progress: Any, cancel: Any) -> TabletView:
            from cunbao.desks.village import tablet

            return tablet.look(desk, place)

        self.shell.run_job(work, title="看平板上的提交", done=self._looked, failed=self._refused)

    def refresh(self) -> None:
        self.halves.settle()
        known = self.view is not None
        for part in (self.side, self.banner, self.other, self.main):
            show_if(part, known)
        if self.view is not None:
            self._show(self.view)
        else:
            self.lines = []
        show_if(self.card, bool(self.lines))
        show_if(self.nothing, not self.lines)
        show_if(self.waits, not known)
        show_if(self.none, known)
        self._count()

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.view is None:
            return (("Enter", "选文件夹"), ("Esc", "不导入"))
        return (("Ctrl+Enter", "导入"), ("1 2", "留草稿、用平板的"), ("F8", "下一处要选的"), ("Esc", "不导入"))

    def first_focus(self) -> None:
        part = self.grid if self.lines else self.other if self.view is not None else self.first
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def back(self) -> bool:
        """Esc: nothing was taken."""
        self.view, self.place = None, None
        self.shell.go(self.shell.face.home)
        return True

    def choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "选平板上的 instances 文件夹")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if name:
            self.open(place=Path(name))

    # --- choosing ------------------------------------------------------------------------------------------------

    def key(self, name: str) -> bool:
        if not self.lines or name not in ("1", "2", "3", "4"):
            return False
        self._choose(self.grid.current_row(), int(name) - 2)
        return True

    def next_problem(self, step: int) -> bool:
        """F8: the next line that waits for an answer."""
        count = len(self.lines)
        for far in range(1, count + 1):
            number = (self.grid.current_row() + step * far) % count
            if tablet_table.is_open(self.lines[number], self.chosen):
                self.grid.go(number)
                self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
                break
        return True

    def answer_all(self, *, keep: bool) -> None:
        """Every line that is asked for, at once: the draft's, or the newest of the tablet."""
        for one in self.lines:
            if one.asked:
                self.chosen[one.key] = KEEP if keep else len(one.given) - 1
        self._fill()
        self.first_focus()

    def _pressed(self, number: int, key: str) -> None:
        if key == tablet_table.HERE:
            self._choose(number, -1)
        elif key.startswith("given"):
            self._choose(number, int(key.removeprefix("given")))

    def _choose(self, number: int, at: int) -> None:
        """at: -1 the draft, else which of the tablet's columns."""
        if not 0 <= number < len(self.lines):
            return
        one = self.lines[number]
        places = tablet_table.offered(one)
        if at >= len(places):
            return
        self.chosen[one.key] = KEEP if at < 0 else places[at]
        self.grid.set_row(number, self._row(one))
        self._count()

    # --- taking --------------------------------------------------------------------------------------------------

    def go_on(self) -> bool:
        """Ctrl+Enter: write what was seen into the drafts."""
        view = self.view
        if view is None or not self.main.isEnabled():
            return True
        desk, chosen, group = self.shell.desk, dict(self.chosen), f"tablet-{self.shell.desk.new_id()}"

        def work(progress: Any, cancel: Any) -> TabletTaken:
            from cunbao.desks.village import tablet

            return tablet.take(desk, view, chosen, group=group)

        self.shell.run_job(work, title="导入平板上的填报", done=self._taken)
        return True

    def _taken(self, done: TabletTaken) -> None:
        self.view, self.place = None, None
        self.shell.refresh_frame()
        if done.forms:
            self.shell.go("form", form=done.forms[0])
        else:
            self.shell.go(self.shell.face.home)

    # --- showing -------------------------------------------------------------------------------------------------

    def _looked(self, view: TabletView) -> None:
        self.view = view
        self.refresh()
        self.first_focus()
        self.shell.status.set_keys(self.keys())

    def _refused(self, error: CunbaoError) -> None:
        self.place = None
        self.refresh()
        self.shell.show_error(error)

    def _show(self, view: TabletView) -> None:
        self.lines = tablet_table.order(view)
        self.head.line.setText(self.place.name if self.place is not None else "")
        fresh = len(view.cells) - len(view.asked)
        parts = [f"{len(view.files)} 份提交", f"新填 {fresh} 格" if fresh else "", self._rows_words(view)]
        parts += [f"{len(view.asked)} 格要选" if view.asked else "", f"{view.same} 格和草稿一样" if view.same else ""]
        title = "，".join(part for part in parts if part)
        line = "导入的和手填的一样，还要检查、签名；导入错了可按 Ctrl+Z 撤回，一张表一步。"
        if view.problems:
            line = f"有 {view.problems} 格填得不对，也照样导入，标出来再改。{line}"
        self.banner.set_words(title, line)
        self._show_files(view)
        if self.lines:
            self._fill()

    @staticmethod
    def _rows_words(view: TabletView) -> str:
        names = [one.name for one in view.rows if one.name]
        if not view.rows:
            return ""
        shown = f"（{'、'.join(names[:3])}{' 等' if len(names) > 3 else ''}）" if names else ""
        return f"名册增加 {len(view.rows)} 行{shown}"

    def _fill(self) -> None:
        assert self.view is not None
        self.grid.set_columns(tablet_table.columns(self.view))
        self.grid.set_rows([self._row(one) for one in self.lines])
        self.halves.fit(self.grid)
        self._count()

    def _row(self, one: TabletCell) -> Any:
        fresh = {it.row for it in self.view.rows} if self.view is not None else set()
        return tablet_table.row_of(one, self.chosen, new_row=one.cell.row in fresh)

    def _count(self) -> None:
        """The buttons say how much there is to take, and why it cannot be taken yet."""
        left = sum(tablet_table.is_open(one, self.chosen) for one in self.lines)
        asked = sum(one.asked for one in self.lines)
        taken = sum(tablet_table.answer(one, self.chosen) not in (None, KEEP) for one in self.lines)
        self.main.setText(f"导入，还差 {left} 处没选" if left else f"导入 {taken} 格" if taken else "导入")
        why = "还没有选文件夹" if self.view is None else "没有要导入的" if not self.lines else ""
        if self.shell.desk.read_only:
            why = "现在是只看不改"
        self.main.set_why(why or (f"还差 {left} 处没选" if left else "" if taken else "都留草稿，没有要导入的"))
        self.asks.setText(f"要选的 {asked} 处" + (f"，还差 {left} 处" if left else "，都选好了") if asked else "")
        for part in (self.asks, self.keep_all, self.take_all):
            show_if(part, bool(asked))

    def _show_files(self, view: TabletView) -> None:
        """Anew each time: a card whose lines were exchanged keeps the height that it had."""
        self.side.hide()
        self.side.deleteLater()
        self.side = SideCard("平板上的提交", "inbox-in")
        for one in sorted(view.files, key=lambda it: not it.refused)[:SHOWN_FILES]:
            icon, tone, lines = tablet_table.file_words(one)
            across = row(gap=8)
            across.addWidget(Icon(icon, tone, 16), 0, Qt.AlignmentFlag.AlignTop)
            words = column(gap=2)
            words.addWidget(Text(one.name, "small", bold=True))
            for line in lines:
                words.addWidget(Text(line, "small", "text_2", lines=0))
            across.addLayout(words, 1)
            self.side.body.addLayout(across)
        if len(view.files) > SHOWN_FILES:
            self.side.body.addWidget(Text(f"还有 {len(view.files) - SHOWN_FILES} 份", "small", "text_2"))
        self.halves.side.insertWidget(0, self.side)
        self.side.show()


def show_place(shell: Shell, paths: Sequence[Path]) -> bool:
    """Was a folder, a zip or an XML file dropped? Then it is looked at as a tablet's."""
    found = [path for path in paths if path.is_dir() or path.suffix.lower() in SUFFIXES]
    if found:
        shell.go("tablet", place=found[0])
    return bool(found)
