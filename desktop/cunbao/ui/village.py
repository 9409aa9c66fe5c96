"""The village's face: its screens, its forms in the nav, its words in header and status bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from cunbao.ui.face import End, Face, NavView, Saved, backup_end, local
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:  # not needed before the first window stands
    from pathlib import Path

    from cunbao.desks.views import FormLine, FrameView
    from cunbao.ui.kit.frame import NavItem
    from cunbao.ui.shell import Shell

MARKS = {
    "done": ("check", "accepted"),
    "problem": ("alert-circle", "problem"),
    "filling": ("pencil", "filling"),
    "empty": ("circle-dashed", "not_started"),
}
STEPS = {
    "check": ("检查", "list"),
    "sign": ("签名", "pen"),
    "send": ("报送", "box-out"),
    "receipt": ("回执", "inbox-in"),
}


class Village(Face):
    """Screens that fill, check, sign and send the returns of one office."""

    SCREENS: ClassVar = {
        "home": ("home", "Home"),
        "form": ("form", "FormScreen"),
        "row": ("roweditor", "RowScreen"),
        "paste": ("paste", "PasteScreen"),
        "check": ("check", "CheckScreen"),
        "sign": ("sign", "SignScreen"),
        "send": ("export", "ExportScreen"),
        "receipt": ("receipt", "Receipt"),
        "settings": ("settings", "Settings"),
        "pack": ("newpack", "NewPackScreen"),
        "outbox": ("outbox", "OutboxScreen"),
        "verify": ("verify_file", "VerifyFile"),
        "tablet": ("tablet", "TabletScreen"),
    }
    kind = "village"
    home = "home"
    help_keys = (
        (("Enter", "下一格"), ("Shift+Enter", "上一格"), ("Tab", "下一个按钮")),
        (("F8", "下一处问题"), ("F5", "重新检查"), ("F4", "打开代码表")),
        (("Ctrl+Z", "撤销"), ("Ctrl+Y", "重做"), ("Ctrl+S", "马上保存")),
        (("Ctrl+1…9、0", "去左边第几项"), ("Ctrl+加号/减号", "字大、字小")),
        (("PgUp", "上一人、上一页"), ("PgDn", "下一人、下一页")),
    )

    def nav(self, view: FrameView) -> NavView:
        from cunbao.ui.kit.frame import NavItem

        items = self._items(view)
        strip = [item for item in items if item.short]
        first = next((line.form for line in view.forms), "")
        strip.insert(1, NavItem(f"form/{first}", "填报", "form", "填报"))
        covers = {item.key: f"form/{first}" for item in items if item.key.startswith("form/")}
        return NavView(items, strip, covers)

    def _items(self, view: FrameView) -> list[NavItem]:
        from cunbao.ui.kit.frame import NavItem

        items = [NavItem("home", "本期任务", "home", "任务")]
        for number, line in enumerate(view.forms):
            items.append(self._form_item(line, "填报" if number == 0 else ""))
        done = view.steps_done
        for key, (word, icon) in STEPS.items():
            mark, ink, count = ("check", look.state("accepted").fg, "") if key in done else ("", "text_2", "")
            left = {"check": view.to_fix, "receipt": view.comments}.get(key, 0)
            if left and key not in done:
                mark, ink, count = "alert-circle", look.state("problem").fg, str(left)
            items.append(NavItem(key, word, icon, word, "报送" if key == "check" else "", mark, ink, count))
        items.append(NavItem("settings", "设置", "settings", "设置", foot=True))
        items.append(NavItem("help", "帮助 F1", "help", foot=True))
        return items

    @staticmethod
    def _form_item(line: FormLine, group: str) -> NavItem:
        from cunbao.ui.kit.frame import NavItem

        mark, state = MARKS[line.mark]
        left = line.problems + line.comments
        count = str(left) if line.mark == "problem" and left else ""
        word, ink = f"{line.form} {line.nav}", look.state(state).fg
        return NavItem(f"form/{line.form}", word, line.icon or "form", "", group, mark, ink, count)

    def saved(self, view: FrameView) -> Saved:
        if view.locked:
            return Saved("lock", "已签名，内容锁定", "text_2", locked=True)
        if view.saved_at is not None:
            return Saved("check", f"已保存 {local(view.saved_at):%H:%M}", "ok")
        return Saved("check", "还没填", "text_3")

    def ends(self, view: FrameView) -> Sequence[End]:
        return (End("wifi-off", "未联网" if look.narrow else "未联网，不影响填报"), backup_end(view.backup_at))

    def may_redo(self, view: FrameView) -> bool:
        return view.can_redo

    def take_files(self, shell: Shell, paths: Sequence[Path]) -> bool:
        """Receipts and certificates of the township, a task pack of the county, what was collected on a tablet."""
        from cunbao.ui.screens import intake, newpack, tablet

        if newpack.show_pack(shell, paths):
            return True
        found = [path for path in paths if path.suffix in intake.SUFFIXES]
        if found:
            intake.read(shell, found)
        return bool(found) or tablet.show_place(shell, paths)
