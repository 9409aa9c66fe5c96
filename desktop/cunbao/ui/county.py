"""The county's face: who has reported, indicators, printing, task packs and certificates, with what waits behind each.

A nav item stands there as soon as SCREENS has a screen of its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from cunbao.ui.face import End, Face, NavView, Saved, backup_end, local
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:  # not needed before the first window stands
    from pathlib import Path

    from cunbao.desks.county.views import CountyFrame
    from cunbao.ui.screen import Screen
    from cunbao.ui.shell import Shell

# what can be done before the first task pack was issued
BEFORE_TASK = (
    *("tasks", "issue", "pack", "offices", "certificates", "recovery", "journal", "settings", "verify"),
    "outbox",
)


class County(Face):
    """Screens that issue, watch, print, verify and look after the keys of a whole county."""

    SCREENS: ClassVar = {
        "progress": ("progress", "ProgressScreen"),
        "outbox": ("outbox", "OutboxScreen"),
        "return": ("county_review", "CountyReview"),
        "receive": ("county_receive", "CountyReceive"),
        "answers": ("answers", "AnswersScreen"),
        "indicators": ("indicators", "IndicatorsScreen"),
        "indicator": ("indicator_detail", "IndicatorScreen"),
        "workbook": ("workbook", "WorkbookScreen"),
        "offices": ("offices_list", "OfficesScreen"),
        "certificates": ("certificates", "CertificatesScreen"),
        "recovery": ("answer_recovery", "AnswerRecovery"),
        "journal": ("journal", "JournalScreen"),
        "tasks": ("task_builder", "TaskBuilder"),
        "issue": ("issue_pack", "IssuePack"),
        "print": ("print_centre", "PrintCentre"),
        "verify": ("verify_file", "VerifyFile"),
        "settings": ("county_settings", "CountySettings"),
        "pack": ("newpack", "NewPackScreen"),
    }
    verifies = "verify"
    kind = "county"
    home = "progress"
    help_keys = (
        (("↑↓", "选一行"), ("Enter", "打开这一行"), ("Tab", "下一个按钮")),
        (("Ctrl+F", "找"), ("Ctrl+P", "打印"), ("F5", "重新读一遍")),
        (("Esc", "回去"), ("Ctrl+1…9、0", "去左边第几项")),
        (("Ctrl+加号/减号", "字大、字小"), ("PgUp", "上一页"), ("PgDn", "下一页")),
    )
    help_close = "回去"
    manual = "county"

    def make_screen(self, shell: Shell, name: str) -> Screen:
        """Before the first pack most screens have nothing to show but the way to what issues one."""
        if name not in BEFORE_TASK and getattr(shell.desk, "given", name) is None:
            from cunbao.ui.screens.no_task import NoTask

            return NoTask(shell, name, county=True)
        return super().make_screen(shell, name)

    def nav(self, view: CountyFrame) -> NavView:
        from cunbao.ui.kit.frame import NavItem

        late, ending = look.state("late").fg, look.state("cert_pending").fg
        groups: tuple[tuple[str, tuple[NavItem, ...]], ...] = (
            ("", (NavItem("progress", "进度", "table", "进度", "", *_mark("clock-alert", late, view.late)),)),
            ("收和看", (
                NavItem("receive", "接收", "inbox-in", "接收"),
                NavItem("answers", "回执", "box-out", "回执"),
                NavItem("indicators", "指标", "chart", "指标"),
                NavItem("workbook", "上级表格", "book", "上级表"),
            )),
            ("打印", (NavItem("print", "打印中心", "printer", "打印"), NavItem("verify", "验证文件", "seal", "验证"))),
            ("下发", (
                NavItem("tasks", "任务包", "package", "任务包"),
                NavItem("issue", "签发", "pen", "签发"),
                NavItem("offices", "单位名录", "building", "名录"),
            )),
            ("管理", (
                NavItem("certificates", "证书", "key", "证书", "", *_mark("clock-alert", ending, view.expiring)),
                NavItem("recovery", "找回密码", "lock", "找回", "", "", "text_2", str(view.recoveries or "")),
                NavItem("journal", "操作记录", "list", "记录"),
            )),
        )  # fmt: skip
        items: list[NavItem] = []
        for title, some in groups:
            here = [one for one in some if one.key in self.SCREENS]
            items += [replace(one, group=title if number == 0 else "") for number, one in enumerate(here)]
        items += [
            NavItem("settings", "设置", "settings", "设置", foot=True),
            NavItem("help", "帮助 F1", "help", foot=True),
        ]
        return NavView(items, [one for one in items if one.short])

    def saved(self, view: CountyFrame) -> Saved:
        if view.saved_at is None:
            return Saved("check", "还没有记录", "text_3")
        return Saved("check", f"已保存 {local(view.saved_at):%H:%M}", "ok")

    def ends(self, view: CountyFrame) -> Sequence[End]:
        shown = [End("user", view.person), backup_end(view.backup_at)]
        if view.warning:
            shown.insert(0, End("alert", view.warning, "error", bold=True))
        return shown

    def may_redo(self, view: CountyFrame) -> bool:
        return False

    def take_files(self, shell: Shell, paths: Sequence[Path]) -> bool:
        from cunbao.ui.screens.newpack import show_pack

        if not show_pack(shell, paths):
            shell.go("receive", paths=tuple(paths))
        return True


def _mark(icon: str, tone: str, count: int) -> tuple[str, str, str]:
    """mark, tone, count of a nav item; nothing when there is nothing to tell."""
    return (icon, tone, str(count)) if count else ("", "text_2", "")
