"""township-07 催报: who still owes what, whom to ring, the notice as it will be sent, and what was done last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from cunbao.desks.township.views import ChaseLine, ChaseView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.chase_notice import NoticeCard, note_box, text_box
from cunbao.ui.screens.reveal import Eye
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 372, 400
ALL = "all"


class ChaseScreen(TownScreen):
    nav = "chase"
    help = (
        "还差报表的村都在这里，一张没报的在前面。上面的数就是筛选，按 1–6 只看一种。",
        "勾好要催的村，按 Ctrl+P 打印催报单，一村一张；按 Ctrl+C 复制文字，粘贴到微信。",
        "打过电话、发过通知，按 R 记一次，下次知道催过没有。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: ChaseView | None = None
        self._shown: tuple[ChaseLine, ...] = ()
        self._on: set[str] = set()
        self._known: set[str] = set()  # villages whose tick was set by the view
        self.eye = Eye(shell, "电话号码")
        self.eye.changed.connect(lambda on: self._uncovered())
        self.halves = Twofold(SIDE, larger=SIDE_125)
        column(self).addWidget(self.halves)
        self._make_top()
        self._make_table()
        self.empty = EmptyState("没有村欠报，都齐了。", self._to_totals())
        self.halves.main.addWidget(self.empty)
        self.note = Message("note", "")
        self.halves.main.addWidget(self.note)
        self.halves.main.addStretch(1)
        self.sheet = NoticeCard()
        self.sheet.stepped.connect(self._step)
        for button, act in ((self.sheet.change, self.change_text), (self.sheet.noted, self.note_down),
                            (self.sheet.copied, self.copy_text)):  # fmt: skip
            button.clicked.connect(act)
        self.halves.side.addWidget(self.sheet, 1)

    def _make_top(self) -> None:
        self.head = PageHead("催报")
        self.export = Button("导出 Excel", icon="table")
        self.export.clicked.connect(self.choose_file)
        self.main = Button("打印催报单", kind="filled", icon="printer", key="Ctrl+P")
        self.main.clicked.connect(self.preview)
        self.head.add(self.export)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.tools = QWidget()
        line = row(self.tools, 12)
        self.filters = FilterRow(name="按欠什么筛选")
        self.filters.chosen.connect(lambda key: self._filtered())
        self.rule = Text("", "small", "text_2", align="right")
        line.addWidget(self.filters, 1)
        line.addWidget(self.rule, 0, Qt.AlignmentFlag.AlignVCenter)
        self.halves.top.addWidget(self.tools)

    def _make_table(self) -> None:
        self.card = Card()
        self.grid = Grid(_columns(), name="要催的村", frozen=2, row_px=46)
        self.grid.ticked.connect(self._tick)
        self.grid.head_ticked.connect(self._tick_all)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self.note_down())
        self.card.add(self.grid)
        self.card.add_line()
        foot = QWidget()
        line = row(foot, 8, (12, 6, 12, 6))
        self.count = Text("", "small")
        self.masked = StateWord("lock", "", "text_2", "small")
        self.show_button = Button("显示", size="small", icon="eye")
        self.show_button.clicked.connect(self.eye.toggle)
        line.addWidget(self.count, 1)
        line.addWidget(self.masked)
        line.addWidget(self.show_button)
        self.card.add(foot)
        self.halves.main.addWidget(self.card)

    def _to_totals(self) -> Button:
        button = Button("看汇总表", icon="chart")
        button.clicked.connect(lambda: self.shell.go("totals"))
        return button

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """office: the village to stand on."""
        self._known.clear()
        self.filters.choose(ALL)
        self.refresh()
        if where.get("office"):
            self.grid.go(self.grid.find_row(str(where["office"])))

    def leave(self) -> None:
        self.eye.cover()

    def refresh(self) -> None:
        from cunbao.desks.township import chasing

        self._show(chasing.chase_view(self.shell.desk))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Space", "勾选"), ("Ctrl+C", "复制文字"), ("Ctrl+P", "打印"), ("R", "记一次催报"))

    def first_focus(self) -> None:
        (self.grid if self._shown else self.filters).setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.preview()

    def back(self) -> bool:
        if not self.filters.press(1) or self.filters.current() != ALL:
            return True
        return super().back()

    def key(self, name: str) -> bool:
        acts = {"R": self.note_down, "Ctrl+C": self.copy_text, "Ctrl+E": self.choose_file}
        if name in acts:
            acts[name]()
            return True
        return name.isdecimal() and self.filters.press(int(name))

    # --- showing -------------------------------------------------------------------------------------------------

    @property
    def _lines(self) -> tuple[ChaseLine, ...]:
        return self._view.lines if self._view is not None else ()

    def _show(self, view: ChaseView) -> None:
        self._view = view
        fresh = {line.office for line in view.lines} - self._known
        self._on = {
            line.office for line in view.lines if (line.ticked if line.office in fresh else line.office in self._on)
        }
        self._known = {line.office for line in view.lines}
        self.halves.settle()
        villages = len(view.lines)
        owes = f"{villages} 个村还差 {view.owes} 张，" if villages else ""
        self.head.line.setText(f"{owes}{view.complete} 个村齐了")
        day = f"{view.deadline:%m-%d}"
        self.rule.setText(f"{day} 已过，没报的都标了迟报" if view.overdue else f"{day} 过后没报的，自动标迟报")
        self.filters.set_filters(_filters(view))
        for part in (self.card, self.sheet, self.tools, self.export, self.main):
            show_if(part, bool(villages))
        show_if(self.rule, bool(villages) and not look.narrow)
        show_if(self.empty, not villages)
        self.note.set("", "")
        self._fill()

    def _fill(self) -> None:
        """The rows that the filter shows; the village that is looked at stays."""
        key = self.filters.current()
        self._shown = tuple(line for line in self._lines if key in (ALL, "") or key in line.groups)
        self.grid.set_rows([self._row(line) for line in self._shown])
        self.halves.fit(self.grid)
        self._ticked()
        self._uncovered()
        self._moved()

    def _row(self, line: ChaseLine) -> GridRow:
        return GridRow(
            line.office,
            {
                "tick": GridCell(on=line.office in self._on),
                "name": GridCell(line.name, sub="迟报" if line.late else ""),
                "owes": GridCell(str(line.owes)),
                "what": GridCell(line.what),
                "contact": GridCell(line.contact, sub=self._phone(line)),
                "last": GridCell(line.last[0] or "—", sub=line.last[1]),
            },
            label=line.name,
        )

    def _phone(self, line: ChaseLine) -> str:
        if not line.phone_full:
            return "没有电脑" if line.kind == "proxy" else "没有电话"
        return line.phone_full if self.eye.open else line.phone

    def _filtered(self) -> None:
        self._fill()
        if self._shown:
            self.grid.go(0)

    def _moved(self) -> None:
        line = self._here()
        if line is None:
            return
        chosen = [one.office for one in self._shown if one.office in self._on]
        place = f"{chosen.index(line.office) + 1} / {len(chosen)}" if line.office in chosen else ""
        self.sheet.show_line(line, place, may_step=bool(set(chosen) - {line.office}))

    def _ticked(self) -> None:
        chosen = [line for line in self._lines if line.office in self._on]
        owes = sum(line.owes for line in chosen)
        self.count.setText(f"勾了 {len(chosen)} 个村，{owes} 张" if chosen else "还没有勾选要催的村")
        self.grid.set_head_tick(bool(self._shown) and all(line.office in self._on for line in self._shown))
        self.main.set_why("" if chosen else "先勾选一个村")

    def _uncovered(self) -> None:
        """The telephones appear, or are covered again."""
        on = self.eye.open
        self.masked.set("eye" if on else "lock", "1 分钟后盖住" if on else "电话中间 4 位已隐藏", "text_2")
        self.show_button.setText("盖住" if on else "显示")
        for number, line in enumerate(self._shown):
            self.grid.set_row(number, self._row(line))

    def _here(self) -> ChaseLine | None:
        number = self.grid.current_row()
        return self._shown[number] if 0 <= number < len(self._shown) else None

    # --- acts ----------------------------------------------------------------------------------------------------

    def _tick(self, number: int) -> None:
        line = self._shown[number]
        self._on ^= {line.office}
        self.grid.set_row(number, self._row(line))
        self._ticked()
        self._moved()

    def _tick_all(self) -> None:
        """All that are shown; when they are all ticked, none of them."""
        shown = {line.office for line in self._shown}
        self._on = self._on - shown if shown <= self._on else self._on | shown
        self._fill()

    def _step(self, step: int) -> None:
        """To the next village that is ticked."""
        here = self.grid.current_row()
        ticked = [number for number, line in enumerate(self._shown) if line.office in self._on and number != here]
        after = [number for number in ticked if (number > here if step > 0 else number < here)]
        if after or ticked:
            found = (after or ticked)[0 if step > 0 else -1]
            self.grid.go(found)

    def preview(self) -> bool:
        """Ctrl+P: the notices of the ticked villages, one a page."""
        from cunbao.ui.screens.preview import show_preview

        offices = [line.office for line in self._lines if line.office in self._on]
        if not offices:
            self.note.set("warn", "先勾选一个村，再打印。")
            return True
        desk = self.shell.desk

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.township import chasing

            return chasing.notices(desk, offices)

        self.shell.run_job(
            work,
            title="排版催报单",
            done=lambda drawn: show_preview(self.shell, "催报单", drawn.pdf, f"{len(offices)} 个村，{drawn.pages} 页"),
        )
        return True

    def copy_text(self) -> None:
        """Ctrl+C: the notice of the village that is looked at, as plain text."""
        line = self._here()
        if line is not None:
            QApplication.clipboard().setText(line.text)
            self.note.set("ok", f"{line.name}的通知已复制，可以粘贴到微信里。")

    def note_down(self) -> None:
        """R: what was said, and how."""
        line = self._here()
        if line is None:
            return
        box, said = note_box(line)
        if self.shell.ask(box, escape="stay", focus=said.field) != "note":
            return
        desk, how, words = self.shell.desk, said.how, said.field.text()

        def work(progress: object, cancel: object) -> None:
            from cunbao.desks.township import chasing

            chasing.note(desk, line.office, how, words)

        self._do(work, "记一次催报", f"记下了：{line.name} {how}{'，' if words else ''}{words}。")

    def change_text(self) -> None:
        """改文字: another first paragraph, this round only."""
        from cunbao.desks.township import chasing

        line = self._here()
        if line is None:
            return
        desk = self.shell.desk
        try:
            box, area = text_box(line, chasing.body_for(desk, line.office))
        except CunbaoError as error:
            self.shell.show_error(error)
            return
        answer = self.shell.ask(box, escape="stay", focus=area.edit)
        if answer == "stay":
            return
        text = area.text() if answer == "change" else ""

        def work(progress: object, cancel: object) -> None:
            chasing.set_text(desk, line.office, text)

        told = "改好了，只用这一次" if text else "又用原来的文字"
        self._do(work, "改文字", f"{line.name}的通知{told}。")

    def _do(self, work: Any, title: str, told: str) -> None:
        def done(_: object) -> None:
            self.refresh()
            self.shell.refresh_frame()
            self.note.set("ok", told)

        self.shell.run_job(work, title=title, done=done)

    def choose_file(self) -> None:
        """导出 Excel: asks where to."""
        desk = self.shell.desk
        name = f"{desk.office.short}-{desk.task.period}年度-催报名单.xlsx"
        chosen, _ = QFileDialog.getSaveFileName(self, "催报名单存到哪里", str(Path.home() / name), "Excel (*.xlsx)")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.write_to(Path(chosen))

    def write_to(self, path: Path) -> None:
        """What 导出 Excel does after the choice. Telephones are whole only while they are shown."""
        desk, full = self.shell.desk, self.eye.open

        def work(progress: object, cancel: object) -> int:
            from cunbao.desks.township import chasing

            return chasing.export_xlsx(desk, path, full=full)

        phones = "电话是完整的，请妥善保管" if full else "电话中间 4 位已隐藏"
        self.shell.run_job(work, title="写催报名单", done=lambda _: self.note.set("ok", f"已写到 {path}，{phones}。"))


def _columns() -> tuple[GridColumn, ...]:
    return (
        GridColumn("tick", "", 34, kind="tick"),
        GridColumn("name", "村", 76, kind="two", bold=True),
        GridColumn("owes", "还差", 50, kind="number", bold=True),
        GridColumn("what", "差什么", 126, 1, role="small", lines=2),
        GridColumn("contact", "联系人", 108, kind="two"),
        GridColumn("last", "上次催", 108, kind="two", role="small", tone="text_2"),
    )


def _filters(view: ChaseView) -> tuple[Filter, ...]:
    counts = {key: str(view.counts.get(key, 0)) for key in ("nothing", "missing", "returned", "resign", "late")}
    return (
        Filter(ALL, "要催", f"{len(view.lines)} 村"),
        Filter("nothing", "一张没报", counts["nothing"], state="not_started"),
        Filter("missing", "缺表", counts["missing"], icon="table", tone="text"),
        Filter("returned", "退回没改", counts["returned"], state="returned"),
        Filter("resign", "等重签", counts["resign"], icon="split", tone="text"),
        Filter("late", "迟报", counts["late"], state="late"),
    )
