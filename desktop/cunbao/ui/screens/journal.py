"""county-11 操作记录: who did what, found by days, person and kind; whether the chain is whole; one entry in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.journals import JournalCheck, JournalLine, JournalView, Wanted
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import CodeField, FieldBox
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Card, SideCard, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 304, 316
LABEL = 84
CHUNK = 100  # entries asked for at once
ALL = "all"
DAYS = (("7", "最近 7 天", 7), ("30", "最近 30 天", 30), ("365", "最近一年", 365), (ALL, "全部日期", 0))
# kind → icon and tone
LOOKS = {
    "打印": ("printer", "accent"), "验证": ("seal", "ok"), "证书和密码": ("key", "warn"), "看隐私": ("eye", "warn"),
    "查看": ("eye", "text_2"), "催报": ("megaphone", "accent"), "接收": ("inbox-in", "ok"), "登录": ("lock", "text_2"),
    "备份": ("backup", "ok"), "审核": ("check-circle", "accent"), "任务": ("package", "accent"),
    "导出": ("box-out", "accent"), "回执": ("box-out", "accent"), "报送": ("box-out", "accent"),
    "签名": ("pen", "accent"), "填报": ("pencil", "text_2"), "代报": ("pencil", "accent"), "记录": ("alert", "error"),
}  # fmt: skip


class JournalScreen(TownScreen):
    nav = "journal"
    help = (
        "谁、什么时候、做了什么，只能往后加，不能改。每一条都带着前一条的指纹，改一条就接不上。",
        "上面选日期、人和种类，Ctrl+F 找村、人、文件。F5 从头核对一遍，结果可以打印交给纪检、审计。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: JournalView | None = None
        self._check: JournalCheck | None = None
        self._chunks: dict[int, tuple[JournalLine, ...]] = {}
        self.halves = Twofold(SIDE, larger=SIDE_125, wide=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self.card = Card()
        self.grid = Grid(_columns(), name="操作记录", row_px=34)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self.open_object())
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.nothing = Text("没有这样的记录。", "base", "text_2", align="center")
        self.nothing.setContentsMargins(0, 24, 0, 24)
        self.halves.main.addWidget(self.nothing)
        self.halves.main.addStretch(1)
        self.detail = SideCard("")
        self.halves.side.addWidget(self.detail)
        self.halves.side.addStretch(1)

    def _make_top(self) -> None:
        self.head = PageHead("操作记录", "谁、什么时候、做了什么；只能加，不能改")
        self.export = Button("导出给纪检、审计", icon="box-out")
        self.export.clicked.connect(self.choose_folder)
        self.main = Button("重新核对", kind="filled", icon="check-circle", key="F5")
        self.main.clicked.connect(self.check_again)
        self.head.add(self.export)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.slip = Button("打印核对结果", size="small", icon="printer")
        self.slip.clicked.connect(self.preview)
        self.banner = Banner("info", "正在核对", button=self.slip)
        self.halves.top.addWidget(self.banner)
        self.go_on_button = Button("另起一段接着记", size="small", icon="jump")
        self.go_on_button.clicked.connect(self.begin_again)
        self.restore_button = Button("从备份恢复", size="small", icon="restore")
        self.restore_button.clicked.connect(self.shell.restore_asked.emit)
        self.ways = QWidget()
        line = row(self.ways, 8)
        line.addWidget(Text("前面的照样能看。", "small", "text_2"), 1)
        line.addWidget(self.go_on_button)
        line.addWidget(self.restore_button)
        self.halves.top.addWidget(self.ways)
        self.tools = QWidget()
        self._tools = column(self.tools, 8)
        line = row(gap=8)
        self.days = CodeField(lambda: [Item(key, word) for key, word, _ in DAYS], "30", name="哪些天")
        self.people = CodeField(self._people, ALL, name="哪些人")
        self.kinds = CodeField(self._kinds, ALL, name="哪些种类")
        self.quick = FilterRow(name="只看一种")
        self.search = FieldBox(icon="search", name="找村、人、文件")
        self.search.set_hint("找村、人、文件")
        for field in (self.days, self.people, self.kinds):
            field.committed.connect(lambda code: self._sought())
            line.addWidget(field)
        self.search.typed.connect(lambda typed: self._sought())
        self.search.next.connect(lambda step: self.first_focus())
        self.quick.chosen.connect(self._quick)
        line.addWidget(self.quick, 1)
        line.addWidget(self.search)
        self._tools.addLayout(line)
        self.halves.top.addWidget(self.tools)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        self.refresh()
        self.grid.go(0)
        self.check_again()

    def refresh(self) -> None:
        from cunbao.desks import journals

        for field, wide in ((self.days, 148), (self.people, 116), (self.kinds, 128), (self.search, 174)):
            field.setFixedWidth(look.px(wide) if not look.narrow else round(look.px(wide) * 0.86))
        self._view = journals.view(self.shell.desk, self._wanted())
        self._show(self._view)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("↑↓", "选一条"), ("Enter", "打开对象"), ("F5", "重新核对"), ("Ctrl+F", "查找"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def find(self) -> bool:  # type: ignore[override]
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def back(self) -> bool:
        """Esc: all again, then home."""
        if self.search.text() or self._wanted() != Wanted(since=self._since()):
            self.search.set_text("")
            self.people.set_code(ALL)
            self.kinds.set_code(ALL)
            self._sought()
            self.first_focus()
            return True
        return super().back()

    def key(self, name: str) -> bool:
        return name.isdecimal() and self.quick.press(int(name))

    def main_step(self) -> bool:
        return self.check_again()

    def check_again(self) -> bool:
        """F5: walk the whole chain on the worker."""
        from cunbao.desks import journals

        desk = self.shell.desk
        self.shell.jobs.start(
            lambda progress, cancel: journals.check(desk), done=self._checked, failed=self.shell.show_error
        )
        return True

    def preview(self) -> bool:
        """Ctrl+P: what the check found, on a page."""
        if self._check is not None:
            from cunbao.desks import journals
            from cunbao.ui.screens.preview import show_preview

            desk, found = self.shell.desk, self._check
            self.shell.run_job(
                lambda progress, cancel: journals.check_slip(desk, found),
                title="正在排核对单",
                done=lambda drawn: show_preview(self.shell, "操作记录核对单", drawn.pdf, "1 页"),
            )
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: JournalView) -> None:
        self.halves.settle()
        self._chunks.clear()
        self.quick.set_filters([
            Filter(ALL, "全部", str(view.all)),
            *(Filter(kind, kind, str(count), icon=LOOKS[kind][0], tone="text") for kind, count in view.counts),
        ])  # fmt: skip
        self.quick.choose(self.kinds.code() if self.kinds.code() in dict(view.counts) else ALL)
        here = self.grid.current_id()
        self.grid.set_columns(_columns())
        self.grid.set_source(view.count, self._row, at=0)
        if here:
            first = self._line(0)
            number = (first.n - int(here)) if first is not None else 0
            line = self._line(number) if 0 <= number < view.count else None
            self.grid.go(number if line is not None and str(line.n) == here else 0)
        show_if(self.card, view.count > 0)
        show_if(self.nothing, view.count == 0)
        self.halves.fit(self.grid)
        self._show_check()
        self._moved()

    def _show_check(self) -> None:
        from cunbao.desks import journals

        found = self._check
        show_if(self.ways, found is not None and not found.good)
        if found is None:
            return
        lead, line = journals.words_of(found)
        self.banner.set_tone("ok" if found.good else "error")
        self.banner.set_words(lead, line)

    def _checked(self, found: JournalCheck) -> None:
        self._check = found
        self._show_check()

    def _line(self, number: int) -> JournalLine | None:
        """The entry of a row; a hundred are read at once."""
        from cunbao.desks import journals

        chunk = number // CHUNK
        if chunk not in self._chunks:
            self._chunks[chunk] = journals.page(self.shell.desk, self._wanted(), chunk * CHUNK, CHUNK)
        lines = self._chunks[chunk]
        return lines[number - chunk * CHUNK] if number - chunk * CHUNK < len(lines) else None

    def _row(self, number: int) -> GridRow:
        line = self._line(number)
        if line is None:
            return GridRow("")
        icon, tone = LOOKS.get(line.kind, ("info", "text_2"))
        today = self.shell.desk.clock().astimezone(line.at.tzinfo).date()
        at = f"{line.at:%H:%M:%S}" if line.at.date() == today else f"{line.at:%m-%d %H:%M}"
        return GridRow(
            str(line.n),
            {
                "n": GridCell(str(line.n)),
                "at": GridCell(at, tip=f"{line.at:%Y-%m-%d %H:%M:%S}"),
                "who": GridCell(line.who),
                "kind": GridCell(line.kind, icon=icon, tone=tone),
                "did": GridCell(line.did),
                "about": GridCell(line.about),
            },
            label=f"第 {line.n} 条 {line.did}",
        )

    def _moved(self) -> None:
        from cunbao.desks import journals

        while (item := self.detail.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        here = self.grid.current_id()
        found = journals.detail(self.shell.desk, int(here)) if here and self._view and self._view.count else None
        show_if(self.detail, found is not None)
        if found is None:
            return
        self.detail.title.setText(f"第 {found.n} 条")
        for label, words in found.facts:
            self.detail.body.addWidget(_fact(label, words))
        chain = (("上一条", found.before or "—"), ("这一条", found.own), ("下一条", found.after or "—"))
        for number, (label, words) in enumerate(chain):
            self.detail.body.addWidget(_fact(label, words, bold=number == 1))
        self.detail.body.addWidget(
            StateWord("check", "和前后都接得上", "ok", "small")
            if found.joined
            else StateWord("alert-circle", "和前后接不上", "error", "small")
        )

    # --- filters -------------------------------------------------------------------------------------------------

    def _people(self) -> list[Item]:
        people = self._view.people if self._view is not None else ()
        return [Item(ALL, "全部人员"), *(Item(one, one) for one in people)]

    def _kinds(self) -> list[Item]:
        kinds = self._view.kinds if self._view is not None else ()
        return [Item(ALL, "全部种类"), *(Item(one, one) for one in kinds)]

    def _since(self) -> date | None:
        from cunbao.desks.clock import local_day

        days = next((count for key, _, count in DAYS if key == self.days.code()), 0)
        return local_day(self.shell.desk.clock()) - timedelta(days=days) if days else None

    def _wanted(self) -> Wanted:
        kind, who = self.kinds.code(), self.people.code()
        return Wanted(
            since=self._since(),
            who="" if who in ("", ALL) else who,
            kind="" if kind in ("", ALL) else kind,
            words=self.search.text(),
        )

    def _sought(self) -> None:
        self._chunks.clear()
        self.refresh()

    def _quick(self, kind: str) -> None:
        """A count that is a filter."""
        self.kinds.set_code(kind)
        self._sought()

    # --- acts ----------------------------------------------------------------------------------------------------

    def open_object(self) -> None:
        """Enter: to the office that it was about."""
        from cunbao.desks import journals

        here = self.grid.current_id()
        found = journals.detail(self.shell.desk, int(here)) if here else None
        if found is None or not found.office:
            return
        if "progress" in self.shell.face.SCREENS:
            self.shell.go("progress", office=found.office[:9] + "000")
        elif "board" in self.shell.face.SCREENS:
            self.shell.go("board", office=found.office)

    def choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "把操作记录写到哪里", str(Path.home()))
        self.window().activateWindow()
        if folder:
            self.write_to(Path(folder))

    def write_to(self, folder: Path) -> None:
        from cunbao.desks import journals
        from cunbao.desks.clock import local_day

        desk, wanted = self.shell.desk, self._wanted()
        name = f"{desk.directory.full_name}-操作记录-{local_day(desk.clock()):%Y%m%d}"

        def done(paths: tuple[Path, ...]) -> None:
            self.refresh()
            box = DialogBox(
                f"写好了 {len(paths)} 个文件", "、".join(path.name for path in paths), "",
                "表用 Excel 能看；核对结果和签名请一起交，用 openssl 能验。", (Choice("close", "知道了"),),
                icon="check-circle", tone="ok",
            )  # fmt: skip
            self.shell.ask(box)

        self.shell.run_job(
            lambda progress, cancel: journals.export(desk, folder, wanted, name), title="正在导出操作记录", done=done
        )

    def begin_again(self) -> None:
        """After a broken chain: why, then a new one beside it."""
        from cunbao.desks import journals

        why = FieldBox(name="为什么另起一段")
        why.set_hint("写一句原因，例如：硬盘坏过，从备份恢复")
        box = DialogBox(
            "另起一段接着记？", "从坏的那一条起，前后接不上了。", "旧的记录一条不删，照样能看、能导出。",
            "写一句原因，记在新的一段里。", (Choice("go", "另起一段"), Choice("no", "先不动")),
            icon="alert", tone="warn", body=why,
        )  # fmt: skip
        if self.shell.ask(box, escape="no", focus=why) == "go":
            desk, said = self.shell.desk, why.text()
            self.shell.run_job(
                lambda progress, cancel: journals.go_on(desk, said),
                title="另起一段",
                done=lambda entry: (self.refresh(), self.check_again()),
            )


def _columns() -> tuple[GridColumn, ...]:
    return (
        GridColumn("n", "序号", 66, kind="number", role="small", tone="text_2"),
        GridColumn("at", "时间", 104, tone="text"),
        GridColumn("who", "谁", 84),
        GridColumn("kind", "种类", 116, kind="state"),
        GridColumn("did", "做了什么", 134, 2, bold=True),
        GridColumn("about", "对象和结果", 180, 10, tone="text_2"),
    )


def _fact(label: str, words: str, *, bold: bool = False) -> QWidget:
    shown = QWidget()
    line = row(shown, 8)
    name = Text(label, "small", "text_2")
    name.setFixedWidth(look.px(LABEL))
    line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(Text(words, "small", bold=bold, lines=0), 1)
    return shown
