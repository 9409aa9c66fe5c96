"""township-06 回执: one receipt a village, what each will see, all written in one go and read back one by one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from cunbao.desks.township.views import ReceiptLine, ReceiptsView, WrittenReceipt
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.receipt_seen import SeenCard
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.screens.whereto import WhereTo, WrittenBanner
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 320, 300
STOP = ("先停下", "写好的都有效，没写的下次再写。")
NOTE = "写完逐个重新打开核对，再显示“可以拔”。每份只有收件的{}能打开。"
COUNTS = ("accepted", "returned", "comments", "proposals", "certificates", "reminders")


class ReceiptsScreen(TownScreen):
    """The township's; what a county's own has otherwise stands in the attributes and in the methods under “what is
    written”."""

    nav = "receipts"
    unit = "村"  # to whom
    counts: tuple[str, ...] = COUNTS
    nobody = "任务包里没有本镇的村。请县里核对名录，重新发任务包。"
    help = (
        "审核的结果用回执告诉村里。有新内容的村已经勾好，按 Ctrl+Enter 一次写完。",
        "每份都加密，只有收件的村能打开；写完逐份读回核对，显示“可以拔”才算写好。",
        "没有电脑的村，打印纸质回单。再勾一个没有新内容的村，就把上次的再写一份。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: ReceiptsView | None = None
        self._on: set[str] = set()
        self._known: set[str] = set()  # villages whose tick was set by the view
        self.halves = Twofold(SIDE, larger=SIDE_125)
        column(self).addWidget(self.halves)
        self.head = PageHead("回执")
        self.printer = Button("打印回单", icon="printer")
        self.printer.clicked.connect(self.preview)
        self.main = Button("写出回执", kind="filled", icon="box-out", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.add_acts()
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.banner = WrittenBanner(shell)
        self.halves.top.addWidget(self.banner)
        self.card = Card()
        self.grid = Grid(self.columns(), name=f"各{self.unit}的回执", frozen=2, row_px=30)
        self.grid.ticked.connect(self._tick)
        self.grid.head_ticked.connect(self._tick_all)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self.look_at(self.grid.current_id()))
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.empty = EmptyState(self.nobody)
        self.halves.main.addWidget(self.empty)
        self.note = Message("note", "")
        self.halves.main.addWidget(self.note)
        self.halves.main.addStretch(1)
        self.where = WhereTo(shell, NOTE.format(self.unit))
        self.where.changed.connect(self._tell_main)
        self.halves.side.addWidget(self.where)
        self.seen = SeenCard()
        self.halves.side.addWidget(self.seen)
        self.halves.side.addStretch(1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """office: the village to stand on."""
        self.banner.hide()
        self._known.clear()
        self.where.set_inside(f"{self.shell.desk.office.short}回执")
        self.where.begin()
        self.refresh()
        if where.get("office"):
            self.grid.go(self.grid.find_row(str(where["office"])))

    def leave(self) -> None:
        self.where.end()

    def refresh(self) -> None:
        self._show(self.read())

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Space", "勾选"), ("↑↓", "看一份"), ("Ctrl+Enter", "写出"), ("Ctrl+P", "打印回单"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def preview(self) -> bool:
        """Ctrl+P: the slip of the village without computer, else of the one that is looked at."""
        line = self._to_print()
        if line is not None:
            self.look_at(line.office)
        return True

    def go_on(self) -> bool:
        """Ctrl+Enter: write what is ticked."""
        why_not = self._why_not()
        if why_not:
            self.note.set("warn", f"{why_not}。")
            return True
        folder = self.where.folder
        assert folder is not None
        offices = [line.office for line in self._lines if line.office in self._on]

        self.shell.run_job(
            lambda progress, cancel: self.write(folder, offices, progress, cancel),
            title="写回执",
            done=lambda found: self._written(found, folder),
            cancelled=self._again,
            may_cancel=True,
            stop=STOP,
        )
        return True

    # --- what is written -----------------------------------------------------------------------------------------

    def columns(self) -> tuple[GridColumn, ...]:
        return _columns()

    def add_acts(self) -> None:
        """Buttons before the filled one."""
        self.head.add(self.printer)

    def read(self) -> ReceiptsView:
        from cunbao.desks.township import receipt_words

        return receipt_words.receipts_view(self.shell.desk)

    def write(self, folder: Path, offices: Sequence[str], progress: Any, cancel: Any) -> tuple[WrittenReceipt, ...]:
        """On the worker."""
        from cunbao.desks.township import receipts

        return receipts.write_receipts(self.shell.desk, folder, offices, progress=progress, cancel=cancel)

    # --- showing -------------------------------------------------------------------------------------------------

    @property
    def _lines(self) -> tuple[ReceiptLine, ...]:
        return self._view.lines if self._view is not None else ()

    def _show(self, view: ReceiptsView) -> None:
        self._view = view
        fresh = {line.office for line in view.lines} - self._known
        self._on = {
            line.office for line in view.lines if (line.ticked if line.office in fresh else line.office in self._on)
        }
        self._known = {line.office for line in view.lines}
        self.halves.settle()
        last = f"上次写出 {clock_words(view.last_at)}，之后" if view.last_at else "还没有写过回执，"
        told = f"有 {view.ticked} 个{self.unit}要告诉" if view.ticked else f"没有要告诉的{self.unit}"
        self.head.line.setText(f"{last}{told}")
        show_if(self.card, bool(view.lines))
        show_if(self.empty, not view.lines)
        for card in (self.where, self.seen):
            show_if(card, bool(view.lines))
        at = max(0, self.grid.find_row(self.grid.current_id())) if self.grid.count else self._first()
        self.grid.set_source(len(view.lines), self._row, self._sums(), at=at)
        self.halves.fit(self.grid)
        self.note.set("", "")
        self._ticked()
        self._moved()

    def _first(self) -> int:
        """The first that has comments to look at, else the first that is ticked."""
        found = [n for n, line in enumerate(self._lines) if line.returned and line.office in self._on]
        found += [n for n, line in enumerate(self._lines) if line.office in self._on]
        return found[0] if found else 0

    def _row(self, number: int) -> GridRow:
        line = self._lines[number]
        on = line.office in self._on
        quiet = "" if on or line.on_paper else "text_2"
        cells: dict[str, GridCell] = {
            "tick": GridCell(icon="printer") if line.on_paper else GridCell(on=on, grey=bool(line.why_not)),
            "name": GridCell(line.name, tone=quiet),
            "inside": GridCell(line.why_not or line.inside, tone=quiet, tip=line.inside if line.why_not else ""),
        }
        for key in self.counts:
            count = getattr(line, key)
            tone = {"accepted": "ok", "returned": look.state("returned").fg}.get(key, "")
            cells[key] = GridCell(str(count), tone=tone) if count else GridCell("—", tone="text_3")
        return GridRow(line.office, cells, label=line.name)

    def _sums(self) -> GridRow:
        chosen = [line for line in self._lines if line.office in self._on]
        quiet = sum(line.office not in self._on and not line.on_paper for line in self._lines)
        paper = sum(line.on_paper for line in self._lines)
        rest = [f"{paper} {self.unit}打印" if paper else "", f"{quiet} {self.unit}不写" if quiet else ""]
        sums = {key: sum(getattr(line, key) for line in chosen) for key in self.counts}
        return GridRow("sum", {
            "name": GridCell(f"{len(chosen)} {self.unit}"),
            **{key: GridCell(str(count)) for key, count in sums.items()},
            "inside": GridCell("，".join(part for part in rest if part), tone="text_2"),
        })  # fmt: skip

    def _moved(self) -> None:
        number = self.grid.current_row()
        if number >= 0:
            self.seen.show_line(self._lines[number])
        self._tell_main()

    def _ticked(self) -> None:
        self.grid.set_total(self._sums())
        may = [line for line in self._lines if _may_write(line)]
        self.grid.set_head_tick(bool(may) and all(line.office in self._on for line in may) if may else None)
        self._tell_main()

    def _tell_main(self) -> None:
        count = len(self._on)
        why_not = self._why_not()
        self.main.setText(f"写出 {count} 份回执" if count else "写出回执")
        self.main.set_why(why_not)
        if why_not and not self.banner.isVisible():
            self.note.set("note", f"{why_not}。")
        elif not why_not:
            self.note.set("", "")
        line = self._to_print()
        self.printer.setText(f"打印{line.name}回单" if line is not None else "打印回单")
        self.printer.setEnabled(line is not None)

    def _why_not(self) -> str:
        if not self._on:
            return f"先勾选一个{self.unit}"
        if self.where.folder is None:
            return "先插上 U 盘，或选一个文件夹"
        return ""

    def _to_print(self) -> ReceiptLine | None:
        number = self.grid.current_row()
        here = self._lines[number] if number >= 0 else None
        if here is not None and here.on_paper:
            return here
        return next((line for line in self._lines if line.on_paper), here)

    # --- acts ----------------------------------------------------------------------------------------------------

    def _tick(self, number: int) -> None:
        line = self._lines[number]
        if not _may_write(line):
            why = "没有电脑，请打印纸质回单" if line.on_paper else f"{line.why_not}，没有人打得开回执"
            self.note.set("warn", f"{line.name}{why}。")
            return
        self.note.set("", "")
        self._on ^= {line.office}
        self.grid.again(number)
        self._ticked()

    def _tick_all(self) -> None:
        """All that may be written; when they are all ticked, none."""
        may = {line.office for line in self._lines if _may_write(line)}
        self._on = set() if may <= self._on else may
        self.grid.again()
        self._ticked()

    def look_at(self, office: str) -> None:
        """回单: one page for the village, looked at before it is printed."""
        from cunbao.ui.screens.preview import show_preview

        if not office:
            return
        desk = self.shell.desk
        name = next(line.name for line in self._lines if line.office == office)

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.township import receipts

            return receipts.slip(desk, office)

        self.shell.run_job(
            work,
            title="排版回单",
            done=lambda drawn: show_preview(self.shell, f"{name}回单", drawn.pdf, f"{drawn.pages} 页"),
        )

    def _written(self, found: Sequence[WrittenReceipt], folder: Path) -> None:
        bad = [one for one in found if not one.ok]
        good = len({one.office for one in found if one.ok})
        self._again()
        self.banner.may_eject(folder if good and self.where.on_stick else None)
        if bad:
            names = "、".join(dict.fromkeys(one.name for one in bad))
            rest = f"其余 {good} 份有效，决定已经告诉这些{self.unit}。" if good else ""
            self._say("error", f"{names}的回执没写成", f"{rest}{bad[0].trouble}")
        else:
            self._say(
                "ok", f"{good} 份回执写好了，逐份读回核对一致，可以拔", str(found[0].path.parent) if found else ""
            )

    def _say(self, tone: str, title: str, line: str) -> None:
        self.banner.say(tone, title, line)
        self.note.set("", "")  # what is still to be done comes after it has been read

    def _again(self) -> None:
        """What is fresh has changed: the ticks follow the desk again."""
        self._known.clear()
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()


def _may_write(line: ReceiptLine) -> bool:
    return not line.on_paper and not line.why_not


def _columns() -> tuple[GridColumn, ...]:
    heads = ("通过", "退回", "意见", "建议稿", "证书", "提醒")
    return (
        GridColumn("tick", "", 38, kind="tick"),
        GridColumn("name", "村", 70),
        *(
            GridColumn(key, head, 57 if key == "proposals" else 44, 4, kind="number")
            for key, head in zip(COUNTS, heads, strict=True)
        ),
        GridColumn("inside", "里面有什么", 150, 30, role="small"),
    )
