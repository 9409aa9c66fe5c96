"""县回执: one answer a township, what each will see, all written in one go and read back; 全部还原 for a lost one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks.township.views import ReceiptsView, WrittenReceipt
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.grid import GridColumn
from cunbao.ui.screens.period_closing import Why
from cunbao.ui.screens.receipts import ReceiptsScreen
from cunbao.ui.screens.town_dialogs import ask_password

if TYPE_CHECKING:
    from cunbao.desks.county.desk import CountyDesk

HEADS = {"bundles": "收下", "accepted": "通过", "returned": "退回", "comments": "意见", "others": "其他"}


class AnswersScreen(ReceiptsScreen):
    nav = "answers"
    unit = "乡镇"
    counts = tuple(HEADS)
    nobody = "名录里没有乡镇。请先在“单位名录”里导入。"
    help = (
        "收了报县包、作了决定，用县回执告诉乡镇。有新内容的乡镇已经勾好，按 Ctrl+Enter 一次写完。",
        "封账、不计入和县里的审核决定都在里面；每份只有收件的乡镇能打开，写完逐份读回核对。",
        "乡镇的电脑丢了、换了，按 F10 全部还原：县里有的它的报表和决定全写给它。",
    )

    def columns(self) -> tuple[GridColumn, ...]:
        return (
            GridColumn("tick", "", 38, kind="tick"),
            GridColumn("name", "乡镇", 120, 4),
            *(GridColumn(key, head, 48, 4, kind="number") for key, head in HEADS.items()),
            GridColumn("inside", "里面有什么", 150, 30, role="small"),
        )

    def add_acts(self) -> None:
        self.printer.hide()  # a township has a computer; its answer is never on paper
        self.whole = Button("全部还原", kind="quiet", icon="restore", key="F10")
        self.whole.clicked.connect(self.restore)
        self.head.add(self.whole)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Space", "勾选"), ("↑↓", "看一份"), ("Ctrl+Enter", "写出"), ("F10", "全部还原"))

    def key(self, name: str) -> bool:
        if name == "F10":
            self.restore()
        return name == "F10"

    def preview(self) -> bool:
        return False

    def look_at(self, office: str) -> None:
        """Enter on a line: what it says stands beside it already."""

    def read(self) -> ReceiptsView:
        from cunbao.desks.county import answer_words

        return answer_words.answers_view(self.shell.desk)

    def write(self, folder: Path, offices: Sequence[str], progress: Any, cancel: Any) -> tuple[WrittenReceipt, ...]:
        from cunbao.desks.county import answer_words

        return answer_words.write_answers(self.shell.desk, folder, offices, progress=progress, cancel=cancel)

    def restore(self) -> None:
        """F10: all that the county holds of the township that is looked at, with a reason and the password."""
        from cunbao.desks.county import answer_words

        line = next((one for one in self._lines if one.office == self.grid.current_id()), None)
        folder, desk = self.where.folder, self.shell.desk
        if line is None:
            return
        if line.why_not or folder is None:
            why = f"{line.name}{line.why_not}" if line.why_not else "先插上 U 盘，或选一个文件夹"
            self.note.set("warn", f"{why}。")
            return
        office, name = line.office, line.name
        facts = (("写给", f"{name}现在的证书，别人打不开"), ("写到", str(folder)))
        why_field = Why(facts, "写一句，记在操作日志里", needed=True)

        def done(files: tuple[Path, ...]) -> None:
            self._again()
            self.banner.may_eject(folder if self.where.on_stick else None)
            self._say(
                "ok",
                f"{name}的全部还原写好了，共 {len(files)} 个文件，读回核对一致，可以拔{_left_out(self.shell.desk)}",
                str(files[0].parent),
            )

        ask_password(
            self.shell,
            f"把{name}的全部内容写给它？",
            "县里有的它的报表、附件和审核决定，全部写进回执。乡镇的电脑丢了、重装了才用。",
            "它新的电脑先要有县里给的证书；读了这份就接着审核。",
            "全部还原",
            lambda password: answer_words.restore(desk, office, folder, why_field.reason.text(), password),
            body=why_field,
            ready=why_field.missing,
            done=done,
            icon="restore",
            working="正在写全部还原",
            help="answers/restore",
        )


def _left_out(desk: CountyDesk) -> str:
    """The years that lie in archive files, of which nothing was written."""
    away = [one.period for one in desk.workspace.moved_out()]
    return f"；移出的 {'、'.join(away)} 年度不在里面" if away else ""
