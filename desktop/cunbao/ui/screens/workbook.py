"""county-12 上级表格: a superior's own workbook beside what goes into each of its cells; columns mapped by words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.superior_tables import Table, TableView
from cunbao.survey.superior import COUNTS, TEXTS, Entry, Kind, Rule, search
from cunbao.survey.workbook import BookSheet, letters_of
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button, Segmented
from cunbao.ui.kit.cards import Facts
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import CodeField, FieldBox, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, SideCard, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 326, 330
ROW_HEAD = "#"
WIDE, NARROW = 190, 64  # px of a column at most and at least, at 100 %
PER_CHARACTER = 8.2
KINDS = ((Kind.COUNT, "单位数"), (Kind.FIELD, "报表格"), (Kind.INDICATOR, "指标"), (Kind.TEXT, "文字"))
FOUND = 6  # entries that the list shows


class WorkbookScreen(TownScreen):
    nav = "workbook"
    help = (
        "把上级要的 Excel 表拖进来，程序按表头的字把每一列对上；对不上的按 F8 一处一处选。",
        "只填对上的格子，格式、公式、隐藏列、打印设置都照原表不动。算不出的填“—”，不填 0。",
        "存成模板，明年同一张表拿来就会；列挪了位置会告诉你从哪里挪到哪里。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.setAcceptDrops(False)
        self._table: Table | None = None
        self._view: TableView | None = None
        self._entries: tuple[Entry, ...] = ()
        self._found: tuple[Entry, ...] = ()
        self.halves = Twofold(SIDE, larger=SIDE_125, wide=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self.card = Card()
        self.grid = Grid((), name="上级表格", cursor="cell", frozen=1, row_px=26, head_px=46, framed=True)
        self.grid.spills = True
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self.find())
        self.card.add(self.grid)
        self.card.add_line()
        foot = QWidget()
        line = row(foot, 8, (16, 8, 16, 8))
        self.told = Text("", "small", "text_2", lines=2)
        line.addWidget(self.told, 1)
        self.card.add(foot)
        self.halves.main.addWidget(self.card)
        pick = Button("选上级的 Excel 表", kind="filled", icon="folder", key="Ctrl+O")
        pick.clicked.connect(self.choose)
        self.empty = EmptyState("还没有选表。选上级发来的 .xlsx，程序来对、来填，原表一点不改。", pick)
        self.halves.main.addWidget(self.empty)
        self.halves.main.addStretch(1)
        self._make_side()

    def _make_top(self) -> None:
        self.head = PageHead("上级表格")
        self.other = Button("换一张表", icon="folder")
        self.other.clicked.connect(self.choose)
        self.keep = Button("存成模板", icon="disk", key="Ctrl+S")
        self.keep.clicked.connect(self.remember)
        self.main = Button("", kind="filled")
        self.main.clicked.connect(self.main_step)
        for part in (self.other, self.keep, self.main):
            self.head.add(part)
        self.halves.add_head(self.head)
        self.moved_banner = Banner("warn", "")
        self.halves.top.addWidget(self.moved_banner)
        self.tools = QWidget()
        line = row(self.tools, 8)
        self.done, self.stays, self.left = Chip("ok", "jump", ""), Chip("info", "lock", ""), Chip("warn", "alert", "")
        for chip in (self.done, self.stays, self.left):
            line.addWidget(chip)
        line.addStretch(1)
        self.sheets = CodeField(self._sheets, name="工作表")
        self.sheets.committed.connect(self._turn_to)
        line.addWidget(self.sheets)
        line.addWidget(Text("格子里显示", "small", "text_2"))
        self.ways = Segmented(("填好的数", "对应的项"), 0, roles=("small", "small"), name="格子里显示什么")
        self.ways.chosen.connect(lambda at: self._fill())
        line.addWidget(self.ways)
        self.halves.top.addWidget(self.tools)

    def _make_side(self) -> None:
        self.side = SideCard("")
        body = self.side.body
        self.kind = Segmented([word for _, word in KINDS], 1, roles=("small",) * len(KINDS), name="填哪一类")
        self.kind.chosen.connect(lambda at: self._search())
        body.addWidget(self.kind)
        self.typed = FieldBox(icon="search", name="找要填的项")
        self.typed.set_hint("输名字或编号，例如 每百户")
        self.typed.typed.connect(lambda text: self._search())
        self.typed.next.connect(self._from_search)
        body.addWidget(self.typed)
        self.choices = Grid(
            (GridColumn("words", "", 150, 10), GridColumn("more", "", 64, role="small", tone="text_2", align="right")),
            name="可以填的项", row_px=30, head_px=0,
        )  # fmt: skip
        self.choices.activated.connect(lambda number, key: self.take())
        body.addWidget(self.choices)
        self.nothing = Text("没有这样的项。", "small", "text_2")
        body.addWidget(self.nothing)
        self.facts = Facts(())
        body.addWidget(self.facts)
        self.sum = Message("note", "")
        body.addWidget(self.sum)
        self.side.add_line()
        foot = QWidget()
        line = row(foot, 8, (14, 8, 14, 8))
        self.leave_it = Button("这格不填", size="small")
        self.leave_it.clicked.connect(self.skip)
        self.take_it = Button("整列填这一项", size="small", icon="check", key="Enter")
        self.take_it.clicked.connect(self.take)
        line.addWidget(self.leave_it)
        line.addStretch(1)
        line.addWidget(self.take_it)
        self.side.add(foot)
        self.halves.side.addWidget(self.side)
        self.halves.side.addStretch(1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """path: a workbook to open at once."""
        self.refresh()
        if where.get("path"):
            self.read(Path(str(where["path"])))

    def refresh(self) -> None:
        from cunbao.desks.county import superior_tables

        self._entries = superior_tables.entries(self.shell.desk)
        self._view = superior_tables.view(self.shell.desk, self._table) if self._table is not None else None
        self._show()

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._table is None:
            return (("Ctrl+O", "选表"),)
        return (("↑↓←→", "走格"), ("Enter", "选这一项"), ("F8", "下一处没对上"), ("Ctrl+E", "写出 Excel"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def find(self) -> bool:  # type: ignore[override]
        self.typed.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _from_search(self, step: int) -> None:
        """Enter in the search: to what was found; Shift+Enter back to the table."""
        target: QWidget = self.choices if step > 0 else self.grid
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def next_problem(self, step: int) -> bool:
        """F8: the next cell that wants something."""
        view = self._view
        if view is not None and view.open:
            here = self._ref()
            places = list(view.open)
            at = (places.index(here) + step) if here in places else 0
            letters, number = _split(places[at % len(places)])
            self.grid.go(number - 1, letters)
            self.find()
        return True

    def main_step(self) -> bool:
        view = self._view
        if view is None:
            self.choose()
        elif view.open:
            self.next_problem(1)
        else:
            self.export()
        return True

    def key(self, name: str) -> bool:
        acts = {"Ctrl+O": self.choose, "Ctrl+E": self.export, "Ctrl+Shift+Down": self.take}
        if name in acts:
            acts[name]()
        return name in acts

    def go_on(self) -> bool:
        self.export()
        return True

    def check_again(self) -> bool:
        self.refresh()
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.halves.settle()
        view, table = self._view, self._table
        for part in (self.card, self.tools, self.side, self.other, self.keep):
            show_if(part, view is not None)
        show_if(self.empty, view is None)
        show_if(self.main, view is not None)
        show_if(self.moved_banner, bool(table and (table.moved or table.notes or table.layout is None)))
        if view is None or table is None:
            self.head.line.setText("")
            return
        self.head.line.setText(
            f"{table.book.name}，工作表“{table.sheet}”" + ("，按存过的模板" if table.remembered else "")
        )
        self.sheets.set_code(table.sheet, table.sheet)
        self.sheets.setFixedWidth(look.px(120))
        show_if(self.sheets, len(table.book.sheets) > 1)
        if view.open:
            self.main.setText("下一处没对上")
            self.main.set_key("F8")
        else:
            self.main.setText("写出 Excel")
            self.main.set_key("Ctrl+E")
        self.done.set("ok", "jump", f"对上 {view.mapped} 格")
        self.stays.set("info", "lock", f"原样保留 {view.kept} 格")
        self.left.set("warn", "alert", f"没对上 {len(view.open)} 格")
        self._tell_moved(table)
        done = f"按 {view.accepted} 个全部通过的村（社区）和其余村已通过的表算" if view.accepted else "按已通过的表算"
        self.told.setText(f"{done}；格式、公式、隐藏列都照原表不动。")
        self._fill()

    def _tell_moved(self, table: Table) -> None:
        if table.layout is None:
            self.moved_banner.set_words(
                "这张表里没有找到一列乡镇或村的名字", "换一张工作表；表里要有一列是本县乡镇或村的名字。"
            )
            return
        said = [
            f"“{one.words}”从 {one.before} 列到了 {one.after} 列"
            if one.after
            else f"原来 {one.before} 列的“{one.words}”没有了"
            for one in table.moved
        ]
        self.moved_banner.set_words(
            f"和存过的模板比，有 {len(said)} 处挪了" if said else "文件里有几处原样留着",
            "；".join((*said, *table.notes)),
        )

    def _sheets(self) -> list[Item]:
        return [Item(one.name, one.name) for one in self._table.book.sheets] if self._table is not None else []

    def _turn_to(self, name: str) -> None:
        from cunbao.desks.county import superior_tables

        if self._table is not None and name and name != self._table.sheet:
            self._table = superior_tables.lay(self.shell.desk, self._table.book, name)
            self.refresh()
            self._go_to_first()

    def _fill(self) -> None:
        table, view = self._table, self._view
        if table is None or view is None:
            return
        sheet = table.book.sheet(table.sheet)
        here = (self.grid.current_row(), self.grid.current_key())
        self.grid.set_columns(_columns(sheet, table), 1)
        rows = [self._row(sheet, number) for number in range(1, sheet.rows + 1)]
        self.grid.set_rows(rows)
        if here[0] >= 0:
            self.grid.go(here[0], here[1])
        self.halves.fit(self.grid)
        self._moved()

    def _row(self, sheet: BookSheet, number: int) -> GridRow:
        assert self._table is not None and self._view is not None
        layout, by_rule = self._table.layout, self.ways.current == 1
        open_ = set(self._view.open)
        cells: dict[str, GridCell] = {ROW_HEAD: GridCell(str(number))}
        for at in range(1, sheet.columns + 1):
            letters = letters_of(at)
            ref = f"{letters}{number}"
            cell, value = sheet.cell(ref), self._view.values.get(ref)
            rule = layout.rule(ref) if layout is not None else None
            if by_rule and rule is not None and ref in self._view.values:
                cells[letters] = GridCell(_what(rule), tone="accent", ground="info_bg")
            elif value is not None:
                cells[letters] = GridCell(shown(value), ground="info_bg", bold=cell.bold)
            elif ref in open_:
                cells[letters] = GridCell(cell.text, ground="warn_bg", tone="warn")
            elif cell.text or cell.formula:
                words = cell.text or "（公式）"
                cells[letters] = GridCell(words, bold=cell.bold, tip="公式，照原表" if cell.formula else "",
                                          tone="text_2" if cell.formula else "")  # fmt: skip
        return GridRow(str(number), cells, label=f"第 {number} 行")

    def _ref(self) -> str:
        """G4: the cell under the cursor."""
        key = self.grid.current_key()
        return f"{key}{self.grid.current_row() + 1}" if key and key != ROW_HEAD else ""

    def _moved(self) -> None:
        from cunbao.desks.county import superior_tables

        table, ref = self._table, self._ref()
        if table is None or table.layout is None or not ref:
            return
        layout, sheet = table.layout, table.book.sheet(table.sheet)
        letters, number = _split(ref)
        last = layout.rows.total or max(layout.rows.rows, default=number)
        self.side.title.setText(f"{ref} 填什么")
        rule = layout.rule(ref)
        inside = number in layout.rows.rows or number == layout.rows.total
        formula = sheet.cell(ref).formula
        self.take_it.setText(f"整列填到 {letters}{last}" if inside else "填这一格")
        self.take_it.set_why("公式不能填" if formula else "")
        show_if(self.leave_it, rule is not None or ref in (self._view.open if self._view else ()))
        if rule is not None and rule.kind in dict(KINDS):
            self.kind.set_current([kind for kind, _ in KINDS].index(rule.kind))
            self.typed.set_text("")
        self._search(rule)
        said = superior_tables.explain(self.shell.desk, table, ref)
        head = layout.heads.get(letters, "") if inside else ""
        facts = [("表头", head)] if head else []
        if rule is not None:
            facts += [
                ("现在填的", said.label or rule.kind.value), ("哪一级", said.level),
                ("小数", "照原数" if rule.places is None else f"{rule.places} 位，四舍五入"),
                ("算不出时", "填“—”，不填 0"),
            ]  # fmt: skip
        self.facts.set(facts)
        words = f"{ref} = {said.value}　{said.sum}" if rule is not None and said.value else "还没有对上，选一项"
        self.sum.set(
            "note" if rule is not None else "warn", words if not formula else "这一格是公式，照原表，打开时由 Excel 算"
        )
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _search(self, rule: Rule | None = None) -> None:
        kind = KINDS[self.kind.current][0]
        pool = {Kind.COUNT: COUNTS, Kind.TEXT: TEXTS}.get(kind, self._entries)
        found = list(search(pool, self.typed.text(), kind))
        if rule is not None:
            chosen = next(
                (one for one in self._entries if one.rule.what == rule.what and one.rule.kind is rule.kind), None
            )
            if chosen is not None:
                found = [chosen, *(one for one in found if one is not chosen)]
        self._found = tuple(found[:40])
        self.choices.set_rows([
            GridRow(f"{one.rule.kind.name}/{one.rule.what}", {"words": GridCell(one.words), "more": GridCell(one.more)},
                    label=f"{one.words} {one.more}")
            for one in self._found
        ])  # fmt: skip
        self.choices.go(0)
        self.choices.setFixedHeight(look.px(30) * max(1, min(FOUND, len(self._found))) + 2)
        show_if(self.choices, bool(self._found))
        show_if(self.nothing, not self._found)

    # --- acts ----------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ctrl+O."""
        name, _ = QFileDialog.getOpenFileName(self, "选上级的表", str(Path.home()), "Excel 表 (*.xlsx)")
        self.window().activateWindow()
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        from cunbao.desks.county import superior_tables

        desk = self.shell.desk

        def done(table: Table) -> None:
            self._table = table
            self.refresh()
            self._go_to_first()

        self.shell.run_job(
            lambda progress, cancel: superior_tables.open_table(desk, path), title="正在读上级的表", done=done
        )

    def _go_to_first(self) -> None:
        table = self._table
        if table is not None and table.layout is not None:
            first = min(table.layout.rows.rows)
            filled = next((name for name, rule in table.layout.columns.items() if rule.kind is not Kind.OFFICE), "A")
            self.grid.go(first - 1, filled)
        self.first_focus()

    def take(self) -> None:
        """Enter, 往下填: what is chosen goes into the whole column, or into one cell outside the table."""
        from cunbao.desks.county import superior_tables

        table, ref, at = self._table, self._ref(), self.choices.current_row()
        if table is None or table.layout is None or not ref or not 0 <= at < len(self._found):
            return
        rule = self._found[at].rule
        letters, number = _split(ref)
        inside = number in table.layout.rows.rows or number == table.layout.rows.total
        if table.book.sheet(table.sheet).cell(ref).formula:
            return
        if inside and rule.kind is not Kind.TEXT:
            table = superior_tables.set_column(superior_tables.set_cell(table, ref, None), letters, rule)
        else:
            table = superior_tables.set_cell(table, ref, rule)
        self._table = table
        self.refresh()
        self.first_focus()

    def skip(self) -> None:
        """这格不填: it stays as it is."""
        from cunbao.desks.county import superior_tables

        table, ref = self._table, self._ref()
        if table is not None and table.layout is not None and ref:
            self._table = superior_tables.set_cell(table, ref, Rule(Kind.SKIP))
            self.refresh()
            self.first_focus()

    def remember(self) -> None:
        """Ctrl+S."""
        from cunbao.desks.county import superior_tables

        desk, table = self.shell.desk, self._table
        if table is not None and table.layout is not None:
            self.shell.run_job(
                lambda progress, cancel: superior_tables.remember(desk, table),
                title="正在存模板",
                done=lambda nothing: self.told.setText("存好了。明年同一张表拿来，就按这样对。"),
            )

    def export(self) -> None:
        """Ctrl+E."""
        from cunbao.desks.county import superior_tables

        desk, table = self.shell.desk, self._table
        if table is None or table.layout is None:
            return
        start = str(Path.home() / superior_tables.file_name(desk, table))
        name, _ = QFileDialog.getSaveFileName(self, "写出 Excel", start, "Excel 表 (*.xlsx)")
        self.window().activateWindow()
        if name:
            self.write_to(Path(name))

    def write_to(self, path: Path) -> None:
        desk, table = self.shell.desk, self._table
        assert table is not None
        left = len(self._view.open) if self._view is not None else 0

        def done(size: int) -> None:
            open_ = f"还有 {left} 格没对上，照原表空着。" if left else ""
            box = DialogBox(
                "写好了", f"{path.name}。{open_}", "上级的原表没有动。",
                "用 Excel 打开时公式会重新算一遍，核对后再报。",
                (Choice("close", "知道了"),), icon="check-circle", tone="ok",
            )  # fmt: skip
            self.shell.ask(box, escape="close")
            self.shell.refresh_frame()

        self.shell.run_job(partial(_write, desk, table, path), title="正在写出 Excel", done=done)


def _write(desk: Any, table: Table, path: Path, progress: Any, cancel: Any) -> int:
    from cunbao.desks.county import superior_tables

    return superior_tables.write(desk, table, path)


def shown(value: Decimal | int | str) -> str:
    """A value as it stands in a cell: thousands apart, as statistics are read."""
    return value if isinstance(value, str) else f"{value:,}"


def _what(rule: Rule) -> str:
    return {Kind.COUNT: {"villages": "村数", "accepted": "已通过"}, Kind.TEXT: {}}.get(rule.kind, {}).get(
        rule.what, rule.what
    )


def _columns(sheet: BookSheet, table: Table) -> tuple[GridColumn, ...]:
    from cunbao.desks.county.superior_tables import column_tag

    found = [GridColumn(ROW_HEAD, "", 40, kind="number", role="small", tone="text_2", stop=False, ground="table_head")]
    for at in range(1, sheet.columns + 1):
        letters = letters_of(at)
        if letters in sheet.hidden:
            continue
        rule = table.layout.columns.get(letters) if table.layout is not None else None
        wide = (sheet.widths or {}).get(letters, 10.0) * PER_CHARACTER
        number = rule is not None and rule.kind in (Kind.COUNT, Kind.FIELD, Kind.INDICATOR)
        found.append(
            GridColumn(
                letters,
                letters,
                round(min(WIDE, max(NARROW, wide))),
                2,
                kind="number" if number else "text",
                role="small",
                head_sub=column_tag(rule) or " ",
            )
        )
    return tuple(found)


def _split(ref: str) -> tuple[str, int]:
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :])
