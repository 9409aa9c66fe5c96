"""village-02: who sits here, the password, and what to do when it is forgotten. No nav yet."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import UnlockView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, FieldRow, Message, PasswordField
from cunbao.ui.kit.marks import Logo, Number, StateWord
from cunbao.ui.kit.panel import Card, Icon, Line, Panel, SideCard, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

LEFT, RIGHT, HIGH = 460, 430, 378
# of a village, of a township: who can give a new password, and how one begins anew
ABOVE = ("乡镇", "县民政局")
AFRESH = ("请乡镇给任务包和上年数，重新填本期报表。", "请县民政局重新发证书，再把各村的报送包接收一遍。")


class Unlock(Panel):
    """Signals: `unlock(person, password)`, `other()` (换一个单位), `recover()` (找回密码), `restart()` (重新开始).

    `show_error` tells what was wrong under the password; `set_busy` while it is being tried (Argon2 takes a moment).
    town: it is a township's workspace.
    """

    help_place = "unlock"
    manual = ""  # whose manual F1 shows: of the kind of desk that is opened
    unlock = Signal(str, str)
    other = Signal()
    recover = Signal()
    restart = Signal()

    def __init__(self, view: UnlockView, *, town: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("bg", parent=parent)
        self._view, self._town = view, town
        box = column(self)
        box.addStretch(38)
        across = row(gap=24)
        across.addStretch(1)
        self._left, self._right = Card(), SideCard("忘了密码？", "key")
        across.addWidget(self._left)
        across.addWidget(self._right)
        across.addStretch(1)
        box.addLayout(across)
        box.addStretch(62)
        self._fill_left(view)
        self._fill_right(view)
        self.restyle()

    def restyle(self) -> None:
        if hasattr(self, "_left"):
            self._left.setFixedWidth(look.px(LEFT))
            self._right.setFixedWidth(look.px(RIGHT))
            self._left.setMinimumHeight(look.px(HIGH))

    def _fill_left(self, view: UnlockView) -> None:
        inner = QWidget()
        box = column(inner, 0, (36, 34, 36, 30))
        head = row(gap=12)
        head.addWidget(Logo(36))
        words = column()
        words.addWidget(Text(view.office, "title", bold=True))
        words.addWidget(Text(view.line, "small", "text_2"))
        head.addLayout(words, 1)
        box.addLayout(head)
        box.addSpacing(24)
        people = [Item(person.name, f"{person.name}　{person.role}") for person in view.people]
        self.person = CodeField(lambda: people, view.people[0].name if view.people else "")
        self._person_row = FieldRow("谁来审核" if self._town else "谁来填", self.person)
        self._person_row.setContentsMargins(0, 0, 0, 8)
        show_if(self._person_row, len(people) > 1)
        box.addWidget(self._person_row)
        self.password = PasswordField(wordy=True)
        box.addWidget(FieldRow("密码", self.password))
        self._caps = Message("warn", "")
        self.trouble = Message("", "")
        box.addSpacing(6)
        box.addWidget(self._caps)
        box.addWidget(self.trouble)
        box.addSpacing(12)
        line = row()
        self.button = Button("打开", kind="filled", size="large", key="Enter")
        line.addWidget(self.button)
        line.addStretch(1)
        other = Button("换一个单位", kind="quiet", icon="building")
        other.clicked.connect(self.other.emit)
        line.addWidget(other)
        box.addLayout(line)
        box.addSpacing(24)
        box.addWidget(Line())
        box.addSpacing(14)
        icon, words_of_last, tone = _last_words(view)
        box.addWidget(StateWord(icon, words_of_last, tone, "small"))
        box.addStretch(1)
        self._left.add(inner, 1)
        self.button.clicked.connect(self._try)
        self.password.next.connect(lambda step: self._try())
        self.password.caps.connect(self._tell_caps)
        self.person.committed.connect(lambda code: self.password.setFocus())
        if view.wait_until is not None:
            self._wait(view.wait_until)

    def _fill_right(self, view: UnlockView) -> None:
        body = self._right.body
        body.setContentsMargins(16, 16, 16, 16)
        body.setSpacing(0)
        again = Button("重新开始", icon="restore")
        again.clicked.connect(self.restart.emit)
        self.ask_button = Button("看核对码，读入答复" if view.recovery_asked else "写恢复申请", icon="key")
        self.ask_button.clicked.connect(self.recover.emit)
        above = ABOVE[self._town]
        ways: list[tuple[str, str, Button | None]] = [
            (
                f"向{above}申请恢复",
                _recovery_words(view, above),
                self.ask_button if view.may_recover or view.recovery_asked else None,
            )
        ]
        if len(view.people) > 1:
            ways.append(
                (
                    f"请本{'镇' if self._town else '村'}别的人打开",
                    "登记过的人各有各的密码，谁的对都能打开，资料都在。",
                    None,
                )
            )
        ways.append(("都不行", f"旧资料打不开了，不会删。{AFRESH[self._town]}", again))
        for number, (title, line, button) in enumerate(ways, 1):
            part = row(gap=12)
            part.addWidget(Number(number), 0, Qt.AlignmentFlag.AlignTop)
            words = column(gap=0)
            words.addWidget(Text(title, bold=True))
            words.addWidget(Text(line, "small", "text_2", lines=0))
            if button is not None:
                words.addSpacing(8)
                pressed = row()
                pressed.addWidget(button)
                pressed.addStretch(1)
                words.addLayout(pressed)
            part.addLayout(words, 1)
            body.addLayout(part)
            body.addSpacing(14)
            body.addWidget(Line())
            body.addSpacing(14)
        note = row(gap=8)
        note.addWidget(Icon("info", size=15))
        note.addWidget(Text("输错 5 次后要等 1 分钟再试。输错不会删资料。", "small", "text_2", lines=2), 1)
        body.addLayout(note)
        body.addStretch(1)

    def first_focus(self) -> None:
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _try(self) -> None:
        if not self.password.text():
            self.trouble.set("error", "还没填密码")
        elif self.button.isEnabled():
            self.unlock.emit(self.person.code(), self.password.text())

    def _tell_caps(self, on: bool) -> None:
        self._caps.set("warn" if on else "", "大写锁定开着。密码分大小写，按 Caps Lock 关掉。" if on else "", "alert")

    def set_busy(self, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.button.setText("正在打开" if busy else "打开")

    def show_error(self, error: CunbaoError) -> None:
        """Under the password: what was wrong and how many tries are left. The typed text stays selected."""
        self.set_busy(False)
        self.trouble.set("error", f"{error.happened}，{error.todo}")
        self.password.set_state("error")
        self.password.setFocus()
        self.password.edit.selectAll()

    def _wait(self, until: datetime) -> None:
        self.button.set_why("还要等一会儿")
        self.trouble.set("error", f"输错 5 次了，请等到 {until.astimezone(LOCAL):%H:%M:%S} 再试")
        left = max(0, int((until - datetime.now(until.tzinfo)).total_seconds() * 1000))
        QTimer.singleShot(left, self, self._may_try)

    def _may_try(self) -> None:
        self.button.set_why("")
        self.trouble.set("", "")


def _recovery_words(view: UnlockView, above: str) -> str:
    if view.recovery_asked:
        return f"恢复申请已经写好。念核对码给{above}，拿到答复文件后读入。"
    if view.may_recover:
        return f"写一份恢复申请带到{above}，核对后给你一个答复文件，用它重设密码，资料都在。"
    return f"这份资料没有打开过任务包，没有留给{above}的钥匙，{above}恢复不了。"


def _last_words(view: UnlockView) -> tuple[str, str, str]:
    if view.last is None:
        return "alert", "上次没有正常关闭，打开时会先自检；已填的都在", "warn"
    when = f"上次打开 {view.last.astimezone(LOCAL):%m-%d %H:%M}"
    return (
        ("check", f"{when}，已正常关闭并备份", "text_2") if view.backed_up else ("alert", f"{when}，没有备份", "warn")
    )
