"""Identity numbers and telephones shown whole: asks for the password, journals it, covers them again after a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks import settings
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import Message, PasswordField
from cunbao.ui.kit.panel import column
from cunbao.ui.screens.typist import after

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SHOWN_FOR = 60_000  # ms


class Eye(QObject):
    """One for all screens of a desk. `changed(on)` when the digits appear or are covered again. what: whose digits."""

    changed = Signal(bool)

    def __init__(self, shell: Shell, what: str = "证件号码") -> None:
        super().__init__(shell)
        self._shell, self._what = shell, what
        self.open = False
        self._timer = after(self, SHOWN_FOR, self.cover)

    def toggle(self) -> None:
        if self.open:
            self.cover()
        else:
            self._ask("")

    def cover(self) -> None:
        self._timer.stop()
        if self.open:
            self.open = False
            self.changed.emit(False)

    def _ask(self, wrong: str) -> None:
        shell = self._shell
        body = QWidget()
        lines = column(body, 4)
        password = PasswordField(name=f"{shell.desk.person.name}的密码")
        password.set_hint("打开村报用的密码")
        lines.addWidget(password)
        lines.addWidget(Message("error", wrong, parent=body))
        box = DialogBox(
            f"显示完整的{self._what}",
            f"这是个人信息。请输入{shell.desk.person.name}的密码，1 分钟后自动盖住。",
            "",
            "看过会记在操作日志里。",
            (Choice("stay", "不看了"), Choice("show", "显示 1 分钟")),
            icon="eye",
            tone="accent",
            body=body,
            help="form/reveal",
        )
        password.next.connect(lambda step: box.answered.emit("show"))
        if shell.ask(box, escape="stay", focus=password) != "show":
            return
        typed, desk = password.text(), shell.desk
        shell.run_job(
            lambda progress, cancel: settings.confirm_password(desk, typed),
            done=lambda _: self._show(),
            failed=self._refused,
            title="核对密码",
        )

    def _refused(self, error: CunbaoError) -> None:
        if error.code == "password.wrong":
            self._ask(f"{error.happened}，{error.todo}")
        else:
            self._shell.show_error(error)

    def _show(self) -> None:
        self.open = True
        self._timer.start()
        self.changed.emit(True)
