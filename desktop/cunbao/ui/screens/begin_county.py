"""县级开始, 乡镇开始: which office, who looks after it, a password. Nothing is written before the last button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from cunbao.desks.views import Person
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow, PasswordField
from cunbao.ui.kit.marks import Logo, Number
from cunbao.ui.kit.panel import Card, Line, Panel, column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.begin_token import TokenFields

WIDTH = 760


class BeginCounty(Panel):
    """`begin(code, name, Person, password)` when all is filled; `back()` to the first window. `BeginTownship` says
    other words and asks for the township as well."""

    title, line, word = "县级开始", "只在县里管任务包和证书的一台电脑上做一次", "建县级资料"
    warning = (
        "会生成全县的根钥匙",
        "全县的证书都从它来，丢了全县要重来。建好马上备份到两个 U 盘，分开放；放在 U 盾里的，照厂家的办法另备一个。",
    )
    example, uses, forgotten = "如 勐海县民政局", "打开、签发、发证书都要用", "县里上面没有人能恢复，请记牢。"
    help_place = "begin-county"
    manual = "county"
    begin = Signal(str, str, object, str)
    back = Signal()
    token: TokenFields | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg", parent=parent)
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
        words.addWidget(Text(self.title, "title", bold=True))
        words.addWidget(Text(self.line, "small", "text_2"))
        head.addLayout(words, 1)
        box.addLayout(head)
        self._trouble = Banner("error", "", lead=False)
        self._trouble.hide()
        box.addWidget(self._trouble)
        box.addWidget(Banner("warn", *self.warning, icon="key"))
        card = Card()
        self._fields(card)
        box.addWidget(card)
        foot = row(gap=8)
        again = Button("回去", key="Esc")
        again.clicked.connect(self.back.emit)
        foot.addWidget(again)
        foot.addStretch(1)
        self.button = Button(self.word, kind="filled", size="large", key="Ctrl+Enter")
        self.button.clicked.connect(self.go_on)
        foot.addWidget(self.button)
        box.addLayout(foot)
        box.addStretch(1)
        self.restyle()

    def restyle(self) -> None:
        if hasattr(self, "_middle"):
            self._middle.setFixedWidth(min(look.px(WIDTH), 1100))

    def _fields(self, card: Card) -> None:
        inner = QWidget()
        box = column(inner, 12, (20, 16, 20, 16))
        self.county = CodeField(self._counties, name="哪个县")
        self.county.committed.connect(self._chosen)
        self.office = FieldBox(name="单位名称")
        self.office.set_hint(self.example)
        self._county_row = FieldRow("哪个县（市、区）", self.county, hint="可以输代码、名字或拼音首字母")
        self._office_row = FieldRow("单位名称", self.office, hint="印在通知和报表上")
        self.name = FieldBox()
        self.first, self.second = PasswordField(name="密码"), PasswordField(name="再输一遍密码")
        self._name_row = FieldRow("你的姓名", self.name, hint="签名和日志都记这个名字")
        self._first_row = FieldRow("设一个密码", self.first, hint=f"至少 6 个字。{self.uses}。")
        self._second_row = FieldRow("再输一遍", self.second, hint=self.forgotten)
        self._numbered(box, 1, _halves(self._places()))
        box.addWidget(Line())
        self._numbered(box, 2, _halves((self._name_row, None, self._first_row, self._second_row)))
        if (more := self._further()) is not None:
            box.addWidget(Line())
            self._numbered(box, 3, more)
        card.add(inner)
        order = self._order()
        for at, field in enumerate(order):
            field.next.connect(lambda step, here=at: self._next(order, here + step))

    @staticmethod
    def _numbered(box: QVBoxLayout, number: int, part: QWidget) -> None:
        line = row(gap=12)
        line.addWidget(Number(number), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(part, 1)
        box.addLayout(line)

    def _further(self) -> QWidget | None:
        """What is asked last: where the root's key is to lie."""
        self.token = TokenFields()
        return self.token

    def _places(self) -> tuple[FieldRow | None, ...]:
        """Which office: rows of two columns, None an empty place."""
        return (self._county_row, self._office_row)

    def _order(self) -> list[FieldBox]:
        return [self.county, self.office, self.name, self.first, self.second]

    @staticmethod
    def _counties() -> list[Item]:
        from cunbao.desks import national

        return [Item(one.code, one.path) for one in national.counties()]

    def _chosen(self, code: str) -> None:
        from cunbao.desks import national

        if code:
            self.office.set_text(national.county_of(code).office)

    def code(self) -> str:
        """Of the office that begins, "" when it was not chosen."""
        return self.county.code()

    def _unchosen(self) -> tuple[tuple[FieldRow, bool, str], ...]:
        return ((self._county_row, not self.county.code(), "还没选县"),)

    def _role(self) -> str:
        from cunbao.desks.county import beginning

        return beginning.ROLE

    def _next(self, order: list[FieldBox], at: int) -> None:
        if at >= len(order):
            self.button.setFocus()
        elif at >= 0:
            order[at].setFocus(Qt.FocusReason.TabFocusReason)

    def first_focus(self) -> None:
        self.county.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> bool:
        """Ctrl+Enter: all filled? Then begin; else the first gap says what is missing."""
        missing = (
            *self._unchosen(),
            (self._office_row, not self.office.text().strip(), "还没写单位名称"),
            (self._name_row, not self.name.text().strip(), "还没填姓名"),
            (self._first_row, not self.first.text(), "还没设密码"),
            (self._second_row, self.first.text() != self.second.text(), "两遍密码不一样，请再输一遍"),
        )
        missing = (*missing, *(self.token.missing() if self.token is not None else ()))
        wrong = [part for part, gap, _ in missing if gap]
        for part, gap, words in missing:
            part.show_message("error" if gap else "", words if gap else "")
        if wrong:
            wrong[0].field.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        person = Person(self.name.text().strip(), self._role())
        self.begin.emit(self.code(), self.office.text().strip(), person, self.first.text())
        return True

    def show_error(self, error: CunbaoError) -> None:
        """What stopped it, above the fields; nothing was made."""
        self._trouble.set_words(error.happened, f"{error.safe}。{error.todo}。")
        self._trouble.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
        else:
            super().keyPressEvent(event)


def _halves(parts: Sequence[FieldRow | None]) -> QWidget:
    """Rows of two columns; None is an empty place."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    for place, part in enumerate(parts):
        if part is not None:
            grid.addWidget(part, place // 2, place % 2)
    return made
