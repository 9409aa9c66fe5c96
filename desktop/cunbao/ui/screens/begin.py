"""Taking a task pack the first time: compare the county's 24 digits, say which office this is, set a password.

Follows village-01 (打开这个任务包). Nothing is written before the last button; a wrong digit stops here.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import PackView, Person
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow, PasswordField
from cunbao.ui.kit.marks import Logo, Number
from cunbao.ui.kit.panel import Card, Line, Panel, column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

WIDTH = 760
ROLES = ("填报人", "统计负责人", "单位负责人")


class Begin(Panel):
    """`begin(root_code, office, Person, password)` when all is filled; `back()` to the first window."""

    help_place = "begin"
    begin = Signal(str, str, object, str)
    back = Signal()

    def __init__(self, pack: PackView, parent: QWidget | None = None) -> None:
        super().__init__("bg", parent=parent)
        self._pack = pack
        inner = QWidget()
        across = row(inner, 0, (0, 40, 0, 24))
        across.addStretch(1)
        self._middle = QWidget()
        across.addWidget(self._middle)
        across.addStretch(1)
        column(self).addWidget(scrolled(inner))
        box = column(self._middle, 12)
        head = row(gap=12)
        head.addWidget(Logo(36))
        words = column()
        words.addWidget(Text(f"{pack.county} {pack.title}", "title", bold=True, lines=2))
        issued = f"{pack.issued_at.astimezone(LOCAL):%Y-%m-%d} 签发，签名有效" if pack.issued_at else "签名有效"
        words.addWidget(Text(f"{pack.period_title} · {issued}", "small", "text_2"))
        head.addLayout(words, 1)
        box.addLayout(head)
        self._trouble = Banner("error", "", lead=False)
        self._trouble.hide()
        box.addWidget(self._trouble)
        card = Card()
        self._fields(card, pack)
        box.addWidget(card)
        foot = row(gap=8)
        again = Button("不用这个任务包", key="Esc")
        again.clicked.connect(self.back.emit)
        foot.addWidget(again)
        foot.addStretch(1)
        self.button = Button("开始填报", kind="filled", size="large", key="Ctrl+Enter")
        self.button.clicked.connect(self.go_on)
        foot.addWidget(self.button)
        box.addLayout(foot)
        box.addStretch(1)
        self.restyle()

    def restyle(self) -> None:
        if hasattr(self, "_middle"):
            self._middle.setFixedWidth(min(look.px(WIDTH), 1100))

    def _fields(self, card: Card, pack: PackView) -> None:
        inner = QWidget()
        box = column(inner, 12, (20, 16, 20, 16))
        self.code = FieldBox(name="县根证书比对码")
        self.code.set_hint("六组，每组 4 位数字")
        self._code_row = FieldRow(
            "县里印发的通知上的比对码", self.code, hint="照着纸上的 24 位数字输入。对得上，说明任务包真是县里发的。"
        )
        show_if(self._code_row, pack.first_time)
        self.office = CodeField(lambda: [Item(code, name) for code, name in pack.offices])
        if len(pack.offices) == 1:
            self.office.set_code(pack.offices[0][0])
        self._office_row = FieldRow("这台电脑给哪个村（社区）填报", self.office, hint="可以输代码、名字或拼音首字母")
        self.name, self.role = FieldBox(), CodeField(lambda: [Item(word, word) for word in ROLES], ROLES[0])
        self.first, self.second = PasswordField(name="密码"), PasswordField(name="再输一遍密码")
        self._name_row = FieldRow("你的姓名", self.name)
        self._first_row = FieldRow("设一个密码", self.first, hint="至少 6 个字。每次打开和签名都要用，分大小写。")
        self._second_row = FieldRow("再输一遍", self.second, hint="忘了密码，可以向乡镇申请恢复。")
        for number, part in ((1, self._code_row), (2, self._office_row)):
            line = row(gap=12)
            line.addWidget(Number(number), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(part, 1)
            box.addLayout(line)
            box.addWidget(Line())
        grid_of = QWidget()
        grid = QGridLayout(grid_of)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(8)
        for place, part in enumerate((self._name_row, FieldRow("身份", self.role), self._first_row, self._second_row)):
            grid.addWidget(part, place // 2, place % 2)
        line = row(gap=12)
        line.addWidget(Number(3), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(grid_of, 1)
        box.addLayout(line)
        card.add(inner)
        order = [self.code, self.office, self.name, self.role, self.first, self.second]
        for at, field in enumerate(order):
            field.next.connect(lambda step, here=at: self._next(order, here + step))

    def _next(self, order: list[FieldBox], at: int) -> None:
        if at >= len(order):
            self.button.setFocus()
        elif at >= 0:
            order[at].setFocus(Qt.FocusReason.TabFocusReason)

    def first_focus(self) -> None:
        (self.code if self._pack.first_time else self.office).setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> bool:
        """Ctrl+Enter: all filled? Then begin; else the first gap says what is missing."""
        missing = (
            (self._code_row, self._pack.first_time and not self.code.text().strip(), "还没填比对码"),
            (self._office_row, not self.office.code(), "还没选单位"),
            (self._name_row, not self.name.text().strip(), "还没填姓名"),
            (self._first_row, not self.first.text(), "还没设密码"),
            (self._second_row, self.first.text() != self.second.text(), "两遍密码不一样，请再输一遍"),
        )
        wrong = [(part, words) for part, gap, words in missing if gap]
        for part, gap, words in missing:
            part.show_message("error" if gap else "", words if gap else "")
        if wrong:
            wrong[0][0].field.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        person = Person(self.name.text().strip(), self.role.code() or ROLES[0])
        code = self.code.text() if self._pack.first_time else self._pack.root_code
        self.begin.emit(code, self.office.code(), person, self.first.text())
        return True

    def show_error(self, error: CunbaoError) -> None:
        """What stopped it, above the fields; nothing was made."""
        self._trouble.set_words(f"{error.happened}", f"{error.safe}。{error.todo}。")
        self._trouble.show()
        if error.code == "pack.root":
            self._code_row.show_message("error", "和任务包里的不一样，请对照通知再核一遍")
            self.code.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
        else:
            super().keyPressEvent(event)
