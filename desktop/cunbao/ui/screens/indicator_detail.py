"""county-03 指标到村: why a figure is what it is, townships at the left, villages worst first, down to signed cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.indicator_views import DetailView, OfficeRow, Why
from cunbao.survey.targets import Verdict, grouped, plain
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import Facts, TargetWord
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridRow
from cunbao.ui.kit.marks import Bar, Chip
from cunbao.ui.kit.panel import Card, Panel, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Run, Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.indicator_cells import (
    BARS,
    OTHER,
    VERDICTS,
    office_columns,
    office_row,
    township_columns,
    township_row,
)
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 372, 400
ROW_PX, TOWN_PX, HEAD_PX = 29, 26, 30
ALL, SHORT, MET, NONE = "all", "short", "met", "none"
BAND = "-"  # id of the row that parts those with a figure from those without
CHIPS = {Verdict.MET: "ok", Verdict.NOT_MET: "warn"}


class _Listed(Card):
    """Its table gives way to its foot: a scroll area would make room for all rows if any part asked by width."""

    def hasHeightForWidth(self) -> bool:
        return False


class IndicatorScreen(TownScreen):
    nav = "indicators"
    help = (
        "左边一乡一条，点一条只看本乡。右边一村一行，差得多的在前面；算不出的在后面，写着为什么。",
        "Enter 看签名的格：左边是数，右边是村里签名的报表，再按 Enter 看下一个村。",
        "零报告是有签名的 0，算进合计；缺报、没填、分母为零、豁免的都不当 0 算。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: DetailView | None = None
        self.number, self._received, self._town = "", False, ""
        self._rows: tuple[OfficeRow | None, ...] = ()
        self.halves = Twofold(SIDE, larger=SIDE_125, mirrored=True)
        column(self).addWidget(self.halves)
        self._make_head()
        self._make_figure()
        self._make_townships()
        self._make_offices()
        self.halves.side.addStretch(1)

    def _make_head(self) -> None:
        self.head = PageHead("")
        back = Button("指标", kind="quiet", icon="chev-l")
        back.clicked.connect(self.back)
        self.number_word = Text("", tone="text_2")
        self.head.lead(back)
        self.head.lead(self.number_word)
        self.export = Button("导出", icon="table")
        self.export.clicked.connect(self.choose_file)
        self.chase = Button("催没达标的村", icon="megaphone")
        self.chase.clicked.connect(self.chase_short)
        self.main = Button("看签名的格", kind="filled", icon="seal", key="Enter")
        self.main.clicked.connect(self.look_at_cell)
        for part in (self.export, self.chase, self.main):
            self.head.add(part)
        self.halves.add_head(self.head)
        self.whole_name = Text("", "title", bold=True, lines=2)  # where the head has no room for it
        self.halves.top.addWidget(self.whole_name)
        self.note = Message("note", "")
        self.halves.top.addWidget(self.note)

    def _make_figure(self) -> None:
        self.figure = Card()
        inner = QWidget()
        box = column(inner, 4, (16, 10, 16, 12))
        line = row(gap=8)
        self.value, self.unit = Text("", "display", bold=True), Text("")
        self.verdict = Chip("info", "info", "")
        line.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self.unit, 1, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(line)
        self.bar, self.aim = Bar("ok"), TargetWord()
        box.addWidget(self.bar)
        box.addWidget(self.aim)
        self.facts = Facts(())
        box.addWidget(self.facts)
        self.figure.add(inner)
        self.halves.side.addWidget(self.figure)

    def _make_townships(self) -> None:
        self.town_card = Card()
        self.towns = Grid((), name="各乡镇", row_px=TOWN_PX, head_px=36, quiet=True)
        self.towns.activated.connect(lambda number, key: self.only_township())
        self.towns.moved.connect(lambda number, key: self.only_township())
        self.town_card.add(self.towns)
        self.halves.side.addWidget(self.town_card)

    def _make_offices(self) -> None:
        self.card = _Listed()
        top = QWidget()
        line = row(top, 8, (12, 8, 12, 8))
        self.kinds = FilterRow(name="哪些村", small=True)
        self.kinds.chosen.connect(lambda key: self._show_offices())
        self.order = Text("排序：差的在前", "small", "text_2")
        line.addWidget(self.kinds, 1)
        line.addWidget(self.order)
        self.card.add(top)
        self.card.add_line()
        self.grid = Grid((), name="各村", row_px=ROW_PX, head_px=HEAD_PX, framed=True)
        self.grid.activated.connect(lambda number, key: self.look_at_cell())
        self.grid.moved.connect(lambda number, key: self._moved())
        self.card.add(self.grid, 100)
        self.empty = EmptyState("没有这样的村。")
        self.card.add(self.empty)
        self.card.add(QWidget(), 1)
        self.foot = Panel("row_selected")
        ends = row(self.foot, 8, (16, 8, 16, 8))
        words = column(gap=0)
        self.foot_line, self.foot_signed = Text(""), Text("", "small", "text_2")
        words.addWidget(self.foot_line)
        words.addWidget(self.foot_signed)
        ends.addLayout(words, 1)
        self.pdf = Button("打开 PDF", icon="form")
        self.pdf.clicked.connect(self.look_at_pages)
        self.leave_out = Button("不计入", kind="quiet", key="X")
        self.leave_out.clicked.connect(self.exempt)
        ends.addWidget(self.leave_out)
        ends.addWidget(self.pdf)
        self.card.add_line()
        self.card.add(self.foot)
        self.halves.main.addWidget(self.card, 1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """number: which indicator; received: 含已接收; office: the village to stand on."""
        self.number = str(where.get("number") or self.number)
        self._received = bool(where.get("received", self._received))
        self._town = ""
        self.kinds.choose(ALL)
        office = where.get("office")

        def stand() -> None:
            self.grid.go(next((at for at, one in enumerate(self._rows) if one and one.office == office), 0))
            if self.shell.screen_here is self:
                self.first_focus()

        self._read(stand)

    def refresh(self) -> None:
        self._read(lambda: None)

    def _read(self, then: Callable[[], None]) -> None:
        """On the worker: some tenths of a second for a county's villages. Another indicator's figures are away at once;
        the same one's stay until the new ones are there."""
        desk, number, received = self.shell.desk, self.number, self._received
        if not number:
            return
        if self._view is not None and self._view.row.indicator.number != number:
            self._blank()

        def work(progress: object, cancel: object) -> DetailView:
            from cunbao.desks.county import indicator_detail

            return indicator_detail.detail(desk, number, received=received)

        def take(view: DetailView) -> None:
            if (number, received) == (self.number, self._received):  # else another was asked for meanwhile
                self.setUpdatesEnabled(False)  # nothing is painted before all lies in its place
                self._show(view)
                then()
                for _ in range(3):  # a layout asks the one around it
                    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
                self.setUpdatesEnabled(True)

        self.shell.run_job(work, title="正在算各村的数", done=take)

    def _blank(self) -> None:
        self._view, self._rows = None, ()
        self.number_word.setText(self.number)
        for text in (self.head.title, self.whole_name, self.value, self.unit):
            text.setText("")
        for part in (self.verdict, self.bar, self.aim, self.foot):
            show_if(part, False)
        self.facts.set([])
        self.towns.set_rows([])
        self.grid.set_rows([])

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("↑↓", "选村"), ("Enter", "看签名的格"), ("X", "不计入"), ("Esc", "回指标表"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        self.look_at_cell()
        return True

    def check_again(self) -> bool:
        """F5."""
        self.refresh()
        return True

    def key(self, name: str) -> bool:
        if name == "Ctrl+O":
            self.look_at_pages()
        elif name == "X":
            self.exempt()
        elif name == "Ctrl+E":
            self.choose_file()
        elif name in ("1", "2", "3", "4"):
            return self.kinds.press(int(name))
        return name in ("Ctrl+O", "Ctrl+E", "X")

    def back(self) -> bool:
        """Esc: all townships again, then the plan's table."""
        if self._town:
            self._town = ""
            self._show_offices()
            self.first_focus()
        else:
            self.shell.go("indicators", plan=self.number.partition("-")[0], number=self.number)
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: DetailView) -> None:
        self._view = view
        one, line = view.row.indicator, view.row
        self.halves.settle()
        self.number_word.setText(one.number)
        small = look.scale > 1  # the head has no room for a whole name
        self.head.title.setText(one.number if small else one.name)
        self.whole_name.setText(one.name)
        show_if(self.whole_name, small)
        show_if(self.number_word, not small)
        if view.received:
            self.head.chip.set("warn", "alert", "含未审定")
        show_if(self.head.chip, view.received)
        self.value.setText(line.shown)
        self.unit.setText(line.unit)
        icon = VERDICTS.get(line.verdict, OTHER)[0]
        said = "，".join(filter(None, (line.verdict_words, line.lacks)))
        show_if(self.verdict, True)
        self.verdict.set(CHIPS.get(line.verdict, "info"), icon, said)
        self.bar.set(line.fill or 0.0, line.stroke, BARS.get(line.verdict, "text_2"))
        self.aim.set(f"目标 {line.target}" if line.target else "", line.stroke or 0.0)
        for part in (self.bar, self.aim):
            show_if(part, line.fill is not None)
        facts = [("算法", view.sums), (_lacks_head(view), view.closing_words),
                 (f"上期 {self._last_year()}", f"{line.last} {line.unit}".strip()), ("依据", view.basis)]  # fmt: skip
        self.facts.set([(name, value) for name, value in facts if value])
        self.towns.set_columns(township_columns(line.unit))
        self.towns.set_rows([township_row(each, view.stroke) for each in view.townships])
        self.towns.setMinimumHeight(min(self.towns.sizeHint().height(), look.px(TOWN_PX) * 13))
        counts = {ALL: len(view.offices), SHORT: 0, MET: 0, NONE: len(view.without)}
        for each in view.computed:
            counts[MET if each.met else SHORT] += each.met is not None
        self.kinds.set_filters((
            Filter(ALL, "全部", str(counts[ALL])),
            Filter(SHORT, "没达标", str(counts[SHORT]), "alert"),
            Filter(MET, "达标", str(counts[MET]), "check-circle"),
            Filter(NONE, "算不出", str(counts[NONE]), "circle-dashed"),
        ))  # fmt: skip
        self.chase.set_why("" if counts[SHORT] else "没有没达标的村")
        self._show_offices()

    def _last_year(self) -> str:
        return str(getattr(self.shell.desk.task, "previous_period", ""))

    def _show_offices(self) -> None:
        view = self._view
        if view is None:
            return
        from cunbao.desks.county import indicator_detail

        kind = self.kinds.current() or ALL
        shown = [one for one in view.offices if _fits(kind, one) and one.office.startswith(self._town[:9])]
        first = next((at for at, one in enumerate(shown) if one.why), len(shown))
        parted: list[OfficeRow | None] = list(shown)
        if 0 < first < len(shown):
            parted.insert(first, None)
        self._rows = tuple(parted)
        words = indicator_detail.without(view)
        below, above = bool(view.heads[0]), bool(view.heads[1])
        rows = []
        for at, one in enumerate(self._rows, 1):
            if one is None:
                title = f"算不出的 {len(shown) - first} 个"
                rows.append(GridRow(BAND, label=title, band=words if not self._town else "都不当 0 算，也不进合计"))
            else:
                known = not one.why or one.below or one.above
                told = [grouped(figure) if wanted and known else "—" for figure, wanted in
                        ((one.below, below), (one.above, above))]  # fmt: skip
                rows.append(office_row(at, one, *told))
        self.grid.set_columns(office_columns(view.heads, tight=look.scale > 1 and not look.narrow))
        self.grid.set_rows(rows)
        if self._here() is None:
            self.grid.go(0)
        show_if(self.grid, bool(rows))
        show_if(self.empty, not rows)
        self.halves.fit(self.grid)
        self._moved()

    def _moved(self) -> None:
        from cunbao.desks.county import signed_cells

        here, view = self._here(), self._view
        show_if(self.foot, here is not None)
        self.main.set_why("" if here is not None and here.revisions else "这个村没有可看的报表")
        self.pdf.set_why("" if here is not None and here.revisions else "这个村没有可看的报表")
        if here is None or view is None:
            return
        self.leave_out.setText("恢复计入" if here.why is Why.EXEMPT else "不计入")
        self.foot_line.set_runs(_runs(view, here))
        signed = signed_cells.signatures(self.shell.desk, here) if here.revisions else ()
        self.foot_signed.setText(f"{here.source}  {signed[0].line}".strip() if signed else here.reason)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _here(self) -> OfficeRow | None:
        at = self.grid.current_row()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    # --- acts ----------------------------------------------------------------------------------------------------

    def only_township(self) -> None:
        """A bar: only the villages of that township; the same again shows all."""
        chosen = self.towns.current_id()
        self._town = "" if chosen == self._town else chosen
        self._show_offices()

    def step(self, by: int) -> OfficeRow | None:
        """The next or previous village that has a signed page; None at the end."""
        at = self.grid.current_row() + by
        while 0 <= at < len(self._rows):
            one = self._rows[at]
            if one is not None and one.revisions:
                self.grid.go(at)
                return one
            at += by
        return None

    def look_at_cell(self) -> None:
        """Enter: figure and signed page side by side; the same key walks on village by village."""
        from cunbao.ui.screens.indicator_cell import SignedCell

        here = self._here()
        if here is not None and here.revisions:
            SignedCell(self.shell, self, here)

    def look_at_pages(self) -> None:
        """Ctrl+O: the signed return itself."""
        from cunbao.desks.county import signed_cells
        from cunbao.ui.screens.preview import Preview

        here, desk = self._here(), self.shell.desk
        if here is None or not here.revisions:
            return
        form, revision = next(iter(here.revisions.items()))
        self.shell.run_job(
            lambda progress, cancel: signed_cells.signed_pages(desk, revision),
            title="打开报表",
            done=lambda pages: Preview(self.shell, f"{here.name} {form}", pages.pdf, here.source, pages.covered),
        )

    def exempt(self) -> None:
        """X: the village does not join this indicator, with a reason; on one that is left out, it joins again."""
        from cunbao.ui.screens.exempt import ask_exempt

        here, view = self._here(), self._view
        if here is not None and view is not None:
            ask_exempt(self.shell, view.row.indicator, here, self._exempted)

    def _exempted(self, office: str, words: str) -> None:
        self.refresh()
        self.grid.go(next((at for at, one in enumerate(self._rows) if one and one.office == office), 0))
        self.note.set("ok", f"{words}。随下一份县回执告诉乡镇。")

    def chase_short(self) -> None:
        """催没达标的村: one notice a township with the villages that fall short."""
        from cunbao.desks.county import indicator_paper
        from cunbao.ui.screens.preview import show_preview

        desk, number, received = self.shell.desk, self.number, self._received
        self.shell.run_job(
            lambda progress, cancel: indicator_paper.shortfall_pages(desk, number, received=received),
            title="正在排没达标的村",
            done=lambda drawn: show_preview(self.shell, "没达标的村", drawn.pdf, f"{drawn.pages} 页"),
        )

    def choose_file(self) -> None:
        """导出: asks where to."""
        from cunbao.desks.county import indicator_export

        plan = self.number.partition("-")[0]
        name = indicator_export.export_name(self.shell.desk, plan, received=self._received)
        chosen, _ = QFileDialog.getSaveFileName(self, "指标表存到哪里", str(Path.home() / name), "Excel (*.xlsx)")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.write_to(Path(chosen))

    def write_to(self, path: Path) -> None:
        """What 导出 does after the choice."""
        desk, plan, received = self.shell.desk, self.number.partition("-")[0], self._received

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.county import indicator_export

            return indicator_export.export_xlsx(desk, path, plan, received=received)

        self.shell.run_job(
            work,
            title="正在写指标表",
            done=lambda found: self.note.set("ok", f"已写到 {found.path}：{len(found.sheets)} 页。"),
        )


def _fits(kind: str, one: OfficeRow) -> bool:
    if kind == NONE:
        return bool(one.why)
    return kind == ALL or (not one.why and one.met is (kind == MET))


def _lacks_head(view: DetailView) -> str:
    return {"差面积": "还差面积", "差人数": "还差人数"}.get(view.heads[3], "还差")


def _runs(view: DetailView, one: OfficeRow) -> list[Run]:
    """曼吕村　面积 108.60 ÷ 776 户数，再加 124.2 平方米就达标；上期 13.2."""
    runs: list[Run] = [(f"{one.name}\u3000", True, "")]
    if one.why:
        return [*runs, (one.why.value, False, "")]
    if view.heads[0]:
        runs += [(f"{view.heads[1]} ", False, ""), (plain(one.above), True, ""), (" ÷ ", False, "")]
        runs += [(f"{view.heads[0]} ", False, ""), (plain(one.below), True, "")]
    else:
        runs += [(f"{one.shown} {view.unit}", True, "")]
    if one.closing_words and one.closing is not None:
        word = "，再加 " if one.closing > 0 else "，减少 "
        runs += [(word, False, ""), (one.closing_words, True, ""), ("就达标", False, "")]
    may = one.last != "—" and look.scale == 1
    return [*runs, (f"；上期 {one.last}", False, "text_2")] if may else runs
