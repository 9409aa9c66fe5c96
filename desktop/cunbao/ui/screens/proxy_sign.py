"""Signing what was filled for a village: with the township's key, on the basis that is printed; the scans go along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from cunbao.desks.views import SignView
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.sign import SignScreen


class ProxySign(SignScreen):
    help = (
        "左边就是要签的报表，每页都印“代报”，和纸质原表对过再签。",
        "签名后转给审核的人；没交出去以前，签名可以撤回。",
    )

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("PgDn", "下一页"), ("Ctrl+P", "打印"), ("F7", "看原表"), ("Esc", "回去改"))

    def _signers(self, view: SignView) -> QWidget:
        """In place of the village's boxes, which it signs by hand on the page: on what this rests."""
        self._fields: dict[str, FieldBox] = {}
        said, shown = self.shell.desk.proxy, QWidget()
        box = column(shown, 0)
        box.addWidget(Text(f"代报：{said.reason}", "small", lines=2))
        came = " ".join(part for part in (said.received_on[5:], said.received_from) if part)
        box.addWidget(Text(f"依据 {said.basis}" + (f"，{came}" if came else ""), "small", "text_2", lines=2))
        box.addWidget(Text(f"签好后由{said.reviewer}审核" if said.reviewer else "还没写谁来审核", "small", "text_2"))
        return shown

    def _make_inputs(self, view: SignView) -> tuple[QWidget, ...]:
        made = super()._make_inputs(view)
        self._seen.set_text(f"我看过这 {view.pages} 页，和纸质原表一致")
        self._note.set("note", "" if not self._note.text.text() else "记在你名下。没交出去以前可以撤回签名。")
        return made

    def _act_row(self, view: SignView) -> QWidget:
        made = super()._act_row(view)
        self._seen.set_text("我看过，和纸质原表一致")
        return made

    def put_signature(self, chosen: Sequence[Any], password: str, progress: Any, cancel: Any) -> Any:
        from cunbao.desks.township import proxying

        inside: Any = self.shell
        return proxying.sign(inside.outer.desk, chosen, password, progress=progress, cancel=cancel)

    def _signed(self, lines: Any) -> None:
        inside: Any = self.shell
        inside.told.emit()
        self.shell.refresh_frame()
        self.refresh()

    def _nothing(self, view: SignView) -> QWidget:
        desk, card = self.shell.desk, Card()
        inside: Any = self.shell
        left = [line for line in view.lines if desk.state(line.form).editable]
        if any(line.ticked for line in view.lines):
            words = f"还有 {sum(line.ticked for line in view.lines)} 张表待签名。"
            button = Button("回去签名", kind="filled", icon="pen")
            button.clicked.connect(self.refresh)
        elif left:
            reasons = "；".join(f"{line.form} {line.title}：{line.why_not}" for line in left if line.why_not)
            words = f"现在没有待签名的报表。{reasons}。"
            button = Button("去检查", kind="filled", icon="list")
            button.clicked.connect(lambda: self.shell.go("check"))
        else:
            who = desk.proxy.reviewer
            words = f"{len(view.lines)} 张表都签好了。" + (f"请转给{who}审核。" if who else "")
            button = Button("停下代报，换一个村", kind="filled", icon="check")
            button.clicked.connect(inside.ended.emit)
        self._way_on = button
        card.add(EmptyState(words, button))
        return card
