"""What 登记 does with a request or a certificate: 不核准, 换发, 吊销, and the rows of 电脑和证书."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import CertificateView, RequestView, RevokeChoice
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, FieldRow, Message
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Panel, column
from cunbao.ui.kit.radios import RadioList
from cunbao.ui.kit.text import Text
from cunbao.ui.screens import town_dialogs

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

Done = Callable[[], object]

STATES = {
    "valid": ("check-circle", "ok"), "soon": ("clock-alert", "warn"), "expired": ("clock-alert", "error"),
    "revoked": ("alert-circle", "error"),
}  # fmt: skip
BUTTONS = {"valid": "吊销", "soon": "换发", "expired": "换发", "revoked": "查看"}
COLUMNS = (
    GridColumn("name", "村", 100, 1, bold=True),
    GridColumn("device", "电脑", 130, 2),
    GridColumn("number", "证书", 96, 1, tone="text_2"),
    GridColumn("until", "有效期到", 112, 4),
    GridColumn("state", "状态", 190, 10, kind="state"),
    GridColumn("used", "最近用到", 90, tone="text_2"),
    GridColumn("act", "", 80, kind="button"),
)


# --- requests --------------------------------------------------------------------------------------------------------


def ask_refuse(shell: Shell, request: RequestView, done: Done) -> None:
    """不核准, with a reason."""
    from cunbao.desks.township import registry

    desk = shell.desk
    reason = FieldBox(name="原因")
    reason.set_hint("写一句原因，记在操作日志里")
    message = Message("error")
    body = QWidget()
    lines = column(body, 4)
    lines.addWidget(Text("原因"))
    lines.addWidget(reason)
    lines.addWidget(message)

    def accepts(key: str) -> bool:
        gap = key == "refuse" and not reason.text().strip()
        message.set("error" if gap else "", "还没写原因" if gap else "")
        if gap:
            reason.setFocus(Qt.FocusReason.OtherFocusReason)
        return not gap

    waits = f"随它来的 {request.returns} 张表不收，村里还有原件。" if request.returns else ""
    box = DialogBox(
        f"不核准{request.name}的这台电脑？", "", f"{waits}没有改动别的资料。", "村里可以重新送一份申请来。",
        (Choice("refuse", "不核准", kind="danger"), Choice("stay", "先不决定")), icon="key", tone="error",
        body=body, accepts=accepts,
    )  # fmt: skip
    reason.next.connect(lambda step: box.answer("refuse") if step > 0 else None)
    if shell.ask(box, escape="stay", focus=reason.edit) != "refuse":
        return
    why = reason.text().strip()
    shell.run_job(
        lambda progress, cancel: registry.refuse(desk, request.sha256, why), title="正在记下", done=lambda _: done()
    )


# --- certificates ----------------------------------------------------------------------------------------------------


def act_of(one: CertificateView) -> str:
    """The word on the button of its row."""
    return "查看" if one.renewed and one.state == "soon" else BUTTONS[one.state]


def press(shell: Shell, one: CertificateView, done: Done) -> None:
    """The button of its row."""
    {"吊销": revoke, "换发": renew, "查看": about}[act_of(one)](shell, one, done)


def about(shell: Shell, one: CertificateView, done: Done, again: Done | None = None) -> None:
    """Enter: the certificate's facts, and what can be done with it. again: 写还原回执, where one was approved."""
    facts = (
        ("哪台电脑", f"{one.name} {one.device}"), ("证书", one.number), ("有效期到", f"{one.until:%Y-%m-%d}"),
        ("状态", one.words + ("，新证书随下次回执带去" if one.renewed else "")), ("最近用到", one.used),
    )  # fmt: skip
    choices: tuple[Choice, ...] = (Choice("close", "关闭", cap="Esc"),)
    if one.state != "revoked":
        choices = (Choice("revoke", "吊销", kind="danger"), Choice("renew", "换发"), *choices)
        if one.restored and again is not None:
            choices = (Choice("again", "写还原回执"), *choices)
    icon, tone = STATES[one.state]
    box = town_dialogs.labelled("电脑的证书", facts, choices, icon=icon, tone=tone)
    answer = shell.ask(box, escape="close")
    if answer == "revoke":
        revoke(shell, one, done)
    elif answer == "renew":
        renew(shell, one, done)
    elif answer == "again" and again is not None:
        again()


def renew(shell: Shell, one: CertificateView, done: Done) -> None:
    from cunbao.desks.township import certified

    desk = shell.desk
    town_dialogs.ask_password(
        shell,
        f"给{one.name}换发证书？",
        f"{one.device}，证书 {one.number}，{one.until:%Y-%m-%d} 到期。",
        "新证书随下一次回执带给村里，旧的到期前照用。",
        "换发",
        lambda password: certified.renew(desk, one.key, password),
        done=lambda _: done(),
        working="正在签发证书",
    )


def revoke(shell: Shell, one: CertificateView, done: Done) -> None:
    from cunbao.desks.township import certified

    if one.state == "revoked":
        about(shell, one, done)
        return
    desk, body = shell.desk, RevokeBody(certified.revoke_choices(shell.desk, one.key))
    town_dialogs.ask_password(
        shell,
        f"吊销{one.name}这台电脑的证书？",
        f"{one.device}，证书 {one.number}。吊销了不能恢复。",
        "村里换了电脑或丢了电脑时用。原因写进回执。",
        "吊销",
        lambda password: certified.revoke(desk, one.key, body.choice(), body.reason.text().strip(), password),
        body=body,
        ready=body.missing,
        done=lambda _: done(),
        kind="danger",
        working="正在吊销",
        help="enrol/revoke",
    )


class RevokeBody(Panel):
    """认到第 n 次 and the reason. Up to six choices are rings; of more only the newest ones and 一次也不认."""

    def __init__(self, choices: Sequence[RevokeChoice]) -> None:
        super().__init__("")
        self._choices = tuple(choices) if len(choices) <= 6 else (*choices[:1], *choices[-5:])
        box = column(self, 6)
        box.addWidget(Text("哪些还算数"))
        self.list = RadioList(
            [(str(n), one.words, _kept(one)) for n, one in enumerate(self._choices)], name="哪些还算数"
        )
        box.addWidget(self.list)
        self.reason = FieldBox(name="原因")
        self.reason.set_hint("例如：电脑丢了")
        box.addWidget(FieldRow("原因", self.reason))

    def choice(self) -> RevokeChoice:
        return self._choices[int(self.list.current())]

    def missing(self) -> str:
        if self.reason.text().strip():
            self.reason.set_state("")
            return ""
        self.reason.set_state("error")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        return "还没写原因"


def _kept(one: RevokeChoice) -> str:
    return f"{len(one.ids)} 张表还算数" if one.ids else "它签的都不算数"


def certificate_row(one: CertificateView) -> GridRow:
    icon, tone = STATES[one.state]
    words = "已换发，等回执带去" if one.renewed and one.state == "soon" else one.words
    return GridRow(
        one.key,
        {
            "name": GridCell(one.name),
            "device": GridCell(one.device),
            "number": GridCell(one.number),
            "until": GridCell(f"{one.until:%Y-%m-%d}"),
            "state": GridCell(words, icon=icon, tone=tone),
            "used": GridCell(one.used),
            "act": GridCell(act_of(one)),
        },
        label=f"{one.name} {one.device}",
    )
