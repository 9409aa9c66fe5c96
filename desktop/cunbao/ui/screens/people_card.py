"""人员 in the settings of every desk: who opens it and signs, another one added, one let sign, one removed; the own
password. The same card for village, township and county; the words say what is decided there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from cunbao.desks import people
from cunbao.desks.people import Colleague, Removed
from cunbao.desks.views import Person
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, FieldRow, PasswordField
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.radios import RadioRow
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.town_dialogs import ask_password
from cunbao.ui.shell import Shell

OLD_COPIES = "以前的备份，用他的密码还能打开：不再要的请删掉，U 盘上的也一样。"


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of desk calls its people. may: what they can do; told: the sentence under the list; roles: what a new
    one can be, one alone is not asked for; does: what a new one will do by his password."""

    title: str
    add: str
    may: str
    told: str
    roles: tuple[str, ...]
    does: str


VILLAGE = Words(
    "人员", "加一个人", "可以签名", "每人用自己的密码打开，签名记在自己名下。", ("填报人", "统计负责人", "单位负责人"),
    "以后用自己的密码打开、填报、签名。",
)  # fmt: skip
TOWNSHIP = Words(
    "审核员", "加一位审核员", "可以审核", "每人用自己的密码，审核记在自己名下。代填的人不能审核自己代填的表。",
    ("乡镇审核员",), "以后用自己的密码打开、审核、核准电脑。",
)  # fmt: skip
COUNTY = Words(
    "管理员", "加一位管理员", "可以签名", "每人用自己的密码。县根钥匙只锁给做它的人，不跟着给。", ("县级管理员",),
    "以后用自己的密码打开、收件、签署；签发证书的根钥匙不跟着给。",
)  # fmt: skip


class PeopleCard(SideCard):
    """One line each. changed(): somebody was added, removed or may sign now, so the page is to be shown anew."""

    def __init__(self, shell: Shell, words: Words, changed: Callable[[], object]) -> None:
        super().__init__(words.title, "users")
        self._shell, self._words, self._changed = shell, words, changed
        self.body.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[tuple[str, str], Button] = {}  # (act, person) → button
        for one in people.people(shell.desk):
            if self.box.count() > 3:
                self.add_line()
            self.add(self._line(one))
        self.add_line()
        foot = QWidget()
        parts = row(foot, 8, (16, 8, 16, 8))
        parts.addWidget(Text(words.told, "small", "text_2", lines=2), 1)
        self.add_button = self._button(words.add, "plus", self._ask_new)
        parts.addWidget(self.add_button)
        self.add(foot)

    def _line(self, one: Colleague) -> QWidget:
        shown = QWidget()
        parts = row(shown, 8, (16, 6, 16, 6))
        who = column()
        name = row(gap=8)
        name.addWidget(Text(one.name, bold=True))
        if one.here:
            name.addWidget(Text("现在在用", "small", "info"))
        name.addStretch(1)
        who.addLayout(name)
        role = one.role if one.renewed else f"{one.role}，升级后还没打开过"
        who.addWidget(Text(role, "small", "text_2" if one.renewed else "warn"))
        parts.addLayout(who, 1)
        chip = Chip("ok", "check-circle", self._words.may) if one.may_sign else Chip("warn", "alert", "不能签名")
        parts.addWidget(chip)
        if one.here:
            parts.addWidget(self._act(one, "password", "改密码", self._ask_password))
            return shown
        give = self._act(one, "sign", "让他签名", lambda: self._ask_to_let_sign(one))
        show_if(give, not one.may_sign)
        parts.addWidget(give)
        parts.addWidget(self._act(one, "remove", "移出", lambda: self._ask_to_remove(one)))
        return shown

    def _act(self, one: Colleague, act: str, word: str, asked: Callable[[], object]) -> Button:
        made = self._button(word, "", asked)
        made.setAccessibleName(f"{word}：{one.name}")
        self.buttons[act, one.name] = made
        return made

    def _button(self, word: str, icon: str, asked: Callable[[], object]) -> Button:
        made = Button(word, size="small", icon=icon)
        made.clicked.connect(lambda: asked())
        made.set_why("只看不改" if self._shell.desk.read_only else "")
        return made

    # --- acts ----------------------------------------------------------------------------------------------------

    def _ask_new(self) -> None:
        desk, fields = self._shell.desk, PersonFields(self._words.roles)
        ask_password(
            self._shell,
            self._words.add,
            f"请他本人来设密码，{self._words.does}",
            "最后输入你的密码，证明是你同意的。",
            "加上他",
            lambda own: people.add(desk, fields.person(), fields.password.text(), own_password=own),
            body=fields,
            ready=fields.missing,
            done=lambda nothing: self._changed(),
            icon="users",
            working=self._words.add,
            help="settings/people",
        )

    def _ask_to_let_sign(self, one: Colleague) -> None:
        desk = self._shell.desk
        ask_password(
            self._shell,
            f"让{one.name}也能签名",
            "你能用的钥匙给他锁一份，他用自己的密码打开；他的密码不用告诉你。",
            "输入你的密码，证明是你同意的。",
            "让他签名",
            lambda own: people.let_sign(desk, Person(one.name, one.role), own_password=own),
            done=lambda nothing: self._changed(),
            working="给他锁一份钥匙",
            help="settings/people",
        )

    def _ask_to_remove(self, one: Colleague) -> None:
        desk = self._shell.desk
        ask_password(
            self._shell,
            f"移出{one.name}？",
            "资料换一把新钥匙，给其他人各锁一份；他的密码从此打不开，也不能签名。他签过的仍然有效。",
            f"{OLD_COPIES}输入你的密码，开始换。",
            "移出他",
            lambda own: people.remove(desk, one.name, own_password=own),
            done=self._removed,
            icon="key",
            kind="danger",
            working="先备份，再换钥匙，换完核对",
            help="settings/people",
        )

    def _removed(self, done: Removed) -> None:
        self._changed()
        self._shell.refresh_frame()
        after = "新钥匙的备份也写好了。" if done.after is not None else "新钥匙的备份没写成，请换个地方立即备份一次。"
        revoke = f"请乡镇吊销他的证书 {done.certificate}。" if done.certificate else ""
        self._shell.ask(
            DialogBox(
                f"{done.name}已经移出",
                f"资料换了钥匙，其他人的密码不变。{after}",
                "填的内容、签过的报表都在。",
                f"{OLD_COPIES}{revoke}",
                (Choice("close", "知道了"),),
                icon="check-circle",
                tone="ok" if done.after is not None else "warn",
                help="settings/people",
            )
        )

    def _ask_password(self) -> None:
        desk, fields = self._shell.desk, NewPassword()
        ask_password(
            self._shell,
            "改密码",
            "打开、签名以后都用新密码。以前的备份还是用旧密码打开。",
            "最后输入现在用的密码。",
            "改成新密码",
            lambda own: people.change_password(desk, own, fields.password.text()),
            body=fields,
            ready=fields.missing,
            done=self._told_new,
            working="改密码",
            help="settings/people",
        )

    def _told_new(self, nothing: object) -> None:
        self._shell.ask(
            DialogBox(
                "密码改好了",
                "打开、签名从现在起用新密码。",
                "资料没有改动。",
                "请记牢；忘了可以向上级申请恢复，要换签名钥匙。",
                (Choice("close", "知道了"),),
                icon="key",
                tone="ok",
                help="settings/people",
            )
        )


class NewPassword(QWidget):
    """A password twice."""

    def __init__(self, label: str = "新密码") -> None:
        super().__init__()
        self._label = label
        self.password, self.again = PasswordField(name=label), PasswordField(name="再输一次")
        line = row(self, 12)
        line.addWidget(FieldRow(label, self.password), 1)
        line.addWidget(FieldRow("再输一次", self.again), 1)
        self.password.next.connect(lambda step: self.again.setFocus())
        self.again.next.connect(lambda step: self.focusNextChild())

    def missing(self) -> str:
        """What is still to be written, "" nothing."""
        from cunbao.desks.keyring import LEAST_PASSWORD

        if len(self.password.text()) < LEAST_PASSWORD:
            return f"{self._label}至少 {LEAST_PASSWORD} 个字"
        return "" if self.password.text() == self.again.text() else "两次输的密码不一样"


class PersonFields(QWidget):
    """Name, what he is, and the password that he sets himself."""

    def __init__(self, roles: Sequence[str]) -> None:
        super().__init__()
        self.name = FieldBox(name="姓名")
        self.role = RadioRow([(one, one) for one in roles], name="身份")
        self._roles = tuple(roles)
        self._twice = NewPassword("他的密码")
        self.password, self.again = self._twice.password, self._twice.again
        box = column(self, 4)
        box.addWidget(FieldRow("姓名", self.name))
        if len(roles) > 1:
            box.addWidget(Text("身份"))
            box.addWidget(self.role)
        box.addWidget(self._twice)
        after: Any = self.role if len(roles) > 1 else self.password
        self.name.next.connect(lambda step: after.setFocus())

    def person(self) -> Person:
        return Person(self.name.text(), self._roles[0] if len(self._roles) == 1 else self.role.current())

    def missing(self) -> str:
        """What is still to be written, "" nothing."""
        if not self.name.text().strip():
            return "还没写姓名"
        return self._twice.missing() if self.person().role else "还没选身份"
