"""新的任务包 at a desk that already has one: what it changes, form by form, before it is taken or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from cunbao.desks.packnews import CELLS, GONE, NEW, TEXTS, WORDS, FormChange, PackNews
from cunbao.errors import CunbaoError
from cunbao.ui.face import local
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, Icon, SideCard, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 300, 300
SUFFIX = ".cbtask"
TONES = {NEW: ("plus", "info"), GONE: ("x", "text_2"), CELLS: ("pencil", "warn"), TEXTS: ("check", "ok")}


class NewPackScreen(Screen):
    """The screen "pack": open(path=…) looks at that file; nothing is taken before the button."""

    help = (
        "新的一版会改哪些表、填过的怎么办，都列在这里；点“采用”才换，不点就还用原来的。",
        "只改了文字和审核的，不用重新签名；加了格、改了填法的表要补填后重签。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._path: Path | None = None
        self._news: PackNews | None = None
        self.nav = shell.face.home
        self.halves = Twofold(SIDE, larger=SIDE_125, flows=True)
        column(self).addWidget(self.halves)
        self.head = PageHead("新的任务包")
        self.stay = Button("先不用", key="Esc")
        self.stay.clicked.connect(self.back)
        self.main = Button("采用", kind="filled", icon="package", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.head.add(self.stay)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.banner = Banner("info", "", "")
        self.halves.top.addWidget(self.banner)
        self.card = Card()
        self.grid = Grid(
            (
                GridColumn("form", "编号", 54, tone="text_2"),
                GridColumn("title", "报表", 120, 4, bold=True, lines=2),
                GridColumn("what", "改了什么", 190, 10, role="small", lines=2),
                GridColumn("happens", "填过的怎么办", 180, 9, role="small", lines=2),
            ),
            name="新的任务包改了什么",
            row_px=48,
        )
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.halves.main.addStretch(1)
        self.side = SideCard("还有哪些变化", "list")
        self.halves.side.addWidget(self.side)
        self.halves.side.addStretch(1)

    @property
    def to_edge(self) -> bool:
        return look.narrow

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, path: Path | None = None, **where: Any) -> None:
        self._path = path or self._path
        self._news = None
        self.refresh()
        if self._path is None:
            return
        desk, file = self.shell.desk, self._path

        def work(progress: Any, cancel: Any) -> PackNews:
            from cunbao.desks import newpacks

            return newpacks.look(desk, file)

        self.shell.run_job(work, title="核对任务包", done=self._looked, failed=self._refused)

    def refresh(self) -> None:
        for part in (self.card, self.side, self.banner):
            show_if(part, self._news is not None)
        self.main.set_why("" if self._news is not None and not self.shell.desk.read_only else "还没有核对完")
        if self._news is not None:
            self._show(self._news)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Ctrl+Enter", self.main.text()), ("↑↓", "看各表"), ("Esc", "先不用"))

    def first_focus(self) -> None:
        (self.grid if self.grid.isVisible() else self.stay).setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def back(self) -> bool:
        """Esc: nothing was taken."""
        self._path = self._news = None
        self.shell.go(self.shell.face.home)
        return True

    def go_on(self) -> bool:
        """Ctrl+Enter: take it."""
        if self._news is None or self._path is None:
            return True
        desk, file = self.shell.desk, self._path

        def work(progress: Any, cancel: Any) -> PackNews:
            from cunbao.desks import newpacks

            return newpacks.take(desk, file)

        self.shell.run_job(work, title="采用新的任务包", done=self._taken)
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _looked(self, news: PackNews) -> None:
        self._news = news
        self.refresh()
        self.first_focus()
        self.shell.status.set_keys(self.keys())

    def _refused(self, error: CunbaoError) -> None:
        self._path = None
        self.shell.go(self.shell.face.home)
        self.shell.show_error(error)

    def _show(self, news: PackNews) -> None:
        self.halves.settle()
        self.head.line.setText(f"{news.title}，{local(news.issued_at):%Y-%m-%d} 签发，签名有效")
        touched = [one for one in news.forms if one.kind == CELLS]
        if news.next_period:
            title, line = f"开始做 {news.period_title}", "以前各期的报表都留着，不会改动。"
        elif touched:
            title = f"{news.name}，{len(touched)} 张表的格改过"
            line = f"现在用的是 {news.before}。填过的数都留着，改动的格会标出来。"
        else:
            title, line = f"{news.name}，没有改格", f"现在用的是 {news.before}。填过的数都留着，签过的不用重签。"
        self.banner.set_words(title, line)
        self.main.setText("采用这一版" if not news.next_period else f"开始做 {news.period} 年度")
        self.grid.set_rows([_row(one) for one in news.forms])
        self.halves.fit(self.grid)
        while (item := self.side.body.takeAt(0)) is not None:
            if (layout := item.layout()) is not None:
                while (part := layout.takeAt(0)) is not None:
                    if (old := part.widget()) is not None:
                        old.hide()
                        old.deleteLater()
        for words in news.lines or ("其他没有变化",):
            line_ = row(gap=8)
            line_.addWidget(Icon("info", "text_2", 16), 0, Qt.AlignmentFlag.AlignTop)
            line_.addWidget(Text(words, "small", lines=0), 1)
            self.side.body.addLayout(line_)

    def _taken(self, news: PackNews) -> None:
        """Every screen is made anew: forms, period and villages may be others."""
        shell = self.shell
        self._path = self._news = None
        shell.open_desk(shell.desk)


def _row(one: FormChange) -> GridRow:
    icon, tone = TONES.get(one.kind, ("", "text_2"))
    ink = look.tone(tone).fg if tone in ("info", "warn", "ok") else tone
    named = one.added or one.gone or one.changed
    return GridRow(
        one.form,
        {
            "form": GridCell(one.form),
            "title": GridCell(one.title),
            "what": GridCell(one.words) if named else GridCell(WORDS[one.kind], icon=icon, tone=ink),
            "happens": GridCell(one.happens or "—", tone="" if one.happens else "text_3"),
        },
        label=f"{one.form} {one.title}",
    )


def show_pack(shell: Shell, paths: Sequence[Path]) -> bool:
    """Is a task pack among these files? Then it is looked at."""
    found = [path for path in paths if path.suffix == SUFFIX]
    if found:
        shell.go("pack", path=found[0])
    return bool(found)
