"""The township's face: receiving, reviewing, chasing and sending on, with what waits behind each nav item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from cunbao.survey.states import ReturnState
from cunbao.ui.face import End, Face, NavView, Saved, backup_end, local
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:  # not needed before the first window stands
    from datetime import datetime
    from pathlib import Path

    from cunbao.desks.township.views import TownFrame
    from cunbao.ui.kit.dialog import DialogBox
    from cunbao.ui.kit.frame import NavItem
    from cunbao.ui.screen import Screen
    from cunbao.ui.shell import Shell

BEFORE_TASK = ("settings", "pack", "outbox")  # what there is before the first task pack


class Township(Face):
    """Screens that receive, review, settle, chase, total and send on the returns of many villages."""

    SCREENS: ClassVar = {
        "board": ("board", "BoardScreen"),
        "receive": ("receive", "ReceiveScreen"),
        "review": ("review", "ReviewScreen"),
        "conflict": ("conflict", "ConflictScreen"),
        "enrol": ("enrol", "EnrolScreen"),
        "proxy": ("proxy", "ProxyScreen"),
        "chase": ("chase", "ChaseScreen"),
        "receipts": ("receipts", "ReceiptsScreen"),
        "totals": ("totals", "TotalsScreen"),
        "supplement": ("supplement", "SupplementScreen"),
        "sendon": ("sendon", "SendOnScreen"),
        "recovery": ("answer_recovery", "AnswerRecovery"),
        "settings": ("town_settings", "TownSettings"),
        "pack": ("newpack", "NewPackScreen"),
        "outbox": ("outbox", "OutboxScreen"),
        "verify": ("verify_file", "VerifyFile"),
    }
    kind = "township"
    home = "board"
    help_keys = (
        (("Enter", "打开、做这一行"), ("Space", "勾选"), ("Tab", "下一个按钮")),
        (("Ctrl+Z", "收回刚做的决定"), ("Esc", "回去"), ("Ctrl+F", "找村")),
        (("Ctrl+1…9、0", "去左边第几项"), ("Ctrl+加号/减号", "字大、字小")),
        (("PgUp", "上一张、上一页"), ("PgDn", "下一张、下一页")),
    )
    help_close = "回去"
    manual = "township"
    receipts = "receive"

    def make_screen(self, shell: Shell, name: str) -> Screen:
        """Before the first task pack there is nothing to show but the settings, where it is imported."""
        if name not in BEFORE_TASK and getattr(shell.desk, "given", name) is None:
            from cunbao.ui.screens.no_task import NoTask

            return NoTask(shell, name)
        return super().make_screen(shell, name)

    def nav(self, view: TownFrame) -> NavView:
        from cunbao.ui.kit.frame import NavItem

        def item(key: str, word: str, icon: str, group: str = "", count: int = 0, *, alarm: bool = False) -> NavItem:
            mark, ink = ("alert-circle", look.state("problem").fg) if alarm and count else ("", "text_2")
            return NavItem(key, word, icon, word, group, mark, ink, str(count) if count else "")

        items = [
            item("board", "总览", "table"),
            item("receive", "接收", "inbox-in", "收件"),
            item("review", "审核", "list", count=view.to_review),
            item("conflict", "冲突", "split", count=view.conflicts, alarm=True),
            item("enrol", "登记", "key", count=view.requests),
            item("proxy", "代报", "pencil", "办理"),
            item("chase", "催报", "megaphone", count=view.to_chase),
            item("receipts", "回执", "box-out"),
            NavItem("recovery", "找回密码", "lock", "找回", "", "", "text_2", str(view.recoveries or "")),
            item("totals", "汇总表", "chart", "上报"),
            *self._own(view),
            item("sendon", "报县", "package"),
            NavItem("settings", "设置", "settings", "设置", foot=True),
            NavItem("help", "帮助 F1", "help", foot=True),
        ]
        return NavView(items, [one for one in items if one.short], {"supplement": "sendon"})

    def _own(self, view: TownFrame) -> Sequence[NavItem]:
        """The township's own forms, with the mark of the one that is furthest back; not there when none is asked."""
        from cunbao.ui.kit.frame import NavItem

        if not view.own:
            return ()
        least = min(view.own, key=lambda one: (one.signed, one.state.step))
        if least.state in (ReturnState.RETURNED, ReturnState.FORK, ReturnState.PROBLEM):
            inks = look.state(least.state.token)
            mark, ink = inks.icon, inks.fg
        else:
            mark, ink = ("check", "ok") if least.signed else ("", "text_2")
        return (NavItem("supplement", "补充表", "form", "", "", mark, ink),)  # at 150 % 报县 leads to it

    def saved(self, view: TownFrame) -> Saved:
        if view.saved_at is None:
            return Saved("check", "还没收到", "text_3")
        return Saved("check", f"已保存 {local(view.saved_at):%H:%M}", "ok")

    def ends(self, view: TownFrame) -> Sequence[End]:
        shown = [End("user", view.person), backup_end(view.backup_at)]
        if view.proxy_for:
            shown.insert(0, End("pencil", f"代报 {view.proxy_for}", "accent", bold=True))
        return shown

    def may_redo(self, view: TownFrame) -> bool:
        return False  # a decision that was taken back is made anew, knowingly

    def take_files(self, shell: Shell, paths: Sequence[Path]) -> bool:
        from cunbao.ui.screens.newpack import show_pack

        if not show_pack(shell, paths):
            shell.go("receive", paths=tuple(paths))
        return True

    def newest_first(self, of: datetime) -> DialogBox:
        from cunbao.ui.screens import dialogs

        return dialogs.restored_town(of)

    def proxy_for(self, view: TownFrame) -> str:
        return view.proxy_for

    def stop_proxy(self, shell: Shell) -> None:
        """To the screen of 代报, which knows what is still being typed; it stops there."""
        screen = shell.go("proxy")
        stop = getattr(screen, "stop", None)
        if stop is not None:
            stop()
