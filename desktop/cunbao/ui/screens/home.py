"""village-03 and -14: the task of the period, what to do next, the forms with their states, the deadline, letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cunbao.desks.views import FormLine, HomeView, Letter
from cunbao.survey.states import ReturnState
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.roster import RosterTable
from cunbao.ui.kit.steps import STEPS, StepBar
from cunbao.ui.kit.table import CellShow, Column, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.ways import NextCard
from cunbao.ui.screen import Screen
from cunbao.ui.screens import intake
from cunbao.ui.screens.locked import correct_now
from cunbao.ui.shell import Shell
from cunbao.ui.village import MARKS

WEEKDAYS = "一二三四五六日"
SIDE = 300
FEW_FORMS = 5


class FormsTable(RosterTable):
    """The forms of the period; Enter or the button opens one. Larger letters leave no room for the second line; where
    there are many forms, they stand closer, so that all are seen at once."""

    pad = 10

    def _row_high(self) -> int:
        few = len(self.rows) <= FEW_FORMS
        return {1.0: 50 if few else 42, 1.25: 44 if few else 40, 1.5: 58}[look.scale]


class Home(Screen):
    nav = "home"
    help = ("这里看本期要报哪几张表，每张填到哪一步。", "蓝色按钮是现在最该做的一步，按 Enter 就行。")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._table: FormsTable | None = None
        self._next: NextCard | None = None
        self._view: HomeView | None = None

    @property
    def to_edge(self) -> bool:
        return look.scale > 1.0

    def keys(self) -> Sequence[tuple[str, str]]:
        word = self._next.button.text() if self._next is not None else "打开"
        return (
            (("Enter", word), ("↓", "看下面")) if look.narrow else (("Enter", word), ("↑↓", "选报表"), ("F1", "帮助"))
        )

    def first_focus(self) -> None:
        if self._next is not None and self._next.button.isVisibleTo(self):
            self._next.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        view: HomeView = self.shell.desk.home()
        self._view = view
        made = self._narrow(view) if look.narrow else self._wide(view)
        self._box.addWidget(made)
        made.show()  # now, so that the focus can be put into it

    # --- 100 % and 125 % -----------------------------------------------------------------------------------------

    def _wide(self, view: HomeView) -> QWidget:
        inner = QWidget()
        box = column(inner, 12, (0, 0, 0, 0) if look.scale == 1.0 else (0, 0, 10, 16))
        head = PageHead("本期任务", f"{view.task} · {view.issuer}下发")
        chip = Chip.state(view.state.token)
        chip.set_state(view.state.token, word=view.state.value)
        head.add(chip)
        box.addWidget(head)
        box.addWidget(StepBar(view.step, returned=view.state is ReturnState.RETURNED))
        across = row(gap=16)
        main = column(gap=12 if len(view.forms) <= FEW_FORMS else 6)  # each row of many forms wants the room
        self._next = self._next_card(view)
        main.addWidget(self._next)
        main.addWidget(self._forms(view))
        main.addWidget(Message("note", view.foot))
        main.addStretch(1)
        across.addLayout(main, 1)
        side = QWidget()
        side.setFixedWidth(SIDE if look.scale == 1.0 else 272)
        self._side(column(side, 12), view)
        across.addWidget(side)
        box.addLayout(across, 1)
        return inner if look.scale == 1.0 else scrolled(inner)

    def _side(self, box: object, view: HomeView) -> None:
        from PySide6.QtWidgets import QVBoxLayout

        assert isinstance(box, QVBoxLayout)
        box.addWidget(self._deadline(view))
        box.addWidget(self._letters(view))
        box.addLayout(self._read_in())
        box.addStretch(1)

    def _read_in(self) -> QHBoxLayout:
        """What comes from outside: a receipt of the township, answers collected on a tablet."""
        line = row()
        read = Button("读入回执包", kind="quiet", icon="usb")
        read.clicked.connect(lambda: intake.ask(self.shell))
        tablet = Button("从平板导入", kind="quiet", icon="inbox-in")
        tablet.clicked.connect(lambda: self.shell.go("tablet"))
        for button in (read, tablet):
            line.addWidget(button)
        line.addStretch(1)
        return line

    def _deadline(self, view: HomeView) -> SideCard:
        card = SideCard("截止日期", "calendar")
        line = row(gap=12)
        days = view.days_left
        large = f"{days} 天" if days > 0 else "今天" if days == 0 else f"过 {-days} 天"
        line.addWidget(
            Text(large, "display" if len(large) < 5 else "title", "text" if days >= 0 else "error", bold=True)
        )
        words = column()
        weekday = WEEKDAYS[view.deadline.weekday()]
        words.addWidget(Text(f"{view.deadline:%Y-%m-%d}（星期{weekday}）前", "small", "text_2", lines=2))
        words.addWidget(Text(f"报到{view.send_to}", "small", "text_2", lines=2))
        line.addLayout(words, 1)
        card.body.addLayout(line)
        return card

    def _letters(self, view: HomeView) -> SideCard:
        card = SideCard("乡镇来件", "inbox-in")
        card.body.setContentsMargins(0, 0, 0, 0)
        if not view.letters:
            card.body.addWidget(EmptyState("还没有来件。回执和通知读入后列在这里。"))
        for number, letter in enumerate(view.letters):
            if number:
                card.add_line()
            card.add(self._letter(letter))
        return card

    @staticmethod
    def _letter(letter: Letter) -> QWidget:
        shown = QWidget()
        box = column(shown, 0, (16, 9, 16, 9))
        first = row(gap=8)
        first.addWidget(Text(letter.title, bold=letter.state is None), 1)
        if letter.state is None:
            first.addWidget(Text(f"{letter.on:%m-%d}", "small", "text_2"))
        else:
            chip = Chip.state(letter.state.token)
            chip.set_state(letter.state.token, word=letter.state.value)
            first.addWidget(chip)
        box.addLayout(first)
        box.addWidget(Text(letter.line, "small", "text_2", lines=2))
        return shown

    # --- 150 % ---------------------------------------------------------------------------------------------------

    def _narrow(self, view: HomeView) -> QWidget:
        inner = QWidget()
        box = column(inner, 12, (0, 0, 8, 16))  # 20 with the scroll bar
        self._next = self._next_card(view)
        box.addWidget(self._next)
        line = row(gap=12)
        line.addWidget(Text(f"{len(view.forms)} 张报表", "lead", bold=True))
        line.addStretch(1)
        chip = Chip.state(view.state.token)
        chip.set_state(view.state.token, word=view.state.value)
        line.addWidget(chip)
        word = "退回" if view.state is ReturnState.RETURNED else STEPS[min(view.step, 6) - 1]
        line.addWidget(Text("6 步都办完了" if view.step > 6 else f"第 {view.step} 步 {word}，共 6 步"))
        box.addLayout(line)
        box.addWidget(self._forms(view))
        box.addWidget(self._letters(view))
        box.addWidget(self._deadline(view))
        box.addLayout(self._read_in())
        box.addWidget(Message("note", view.foot))
        return scrolled(inner)

    # --- parts of both -------------------------------------------------------------------------------------------

    def _next_card(self, view: HomeView) -> NextCard:
        card = NextCard(view.next.title, view.next.line, view.next.button, short=look.narrow)
        card.go.connect(self.main_step)
        return card

    def _forms(self, view: HomeView) -> Card:
        columns = [
            Column("form", "编号", 52 if not look.narrow else 95),
            Column("title", "报表", 150, 1, bold=True),
            Column("filled", "已填", 80 if look.scale == 1.25 else 110, align="right"),
            Column("state", "状态", 222 if look.narrow else 147 if look.scale == 1.0 else 120, kind="state"),
            Column("changed", "最近修改", 176 if look.scale == 1.0 else 118),
            Column("open", "", 68, kind="button"),
        ]
        if look.narrow:
            columns = [column for column in columns if column.key != "changed"]
        self._table = table = FormsTable(columns, name="本期报表")
        table.set_rows([self._row(line) for line in view.forms])
        table.go(view.next.form)
        table.opened.connect(self._open)
        table.pressed.connect(lambda row_id, key: self._open(row_id))
        card = Card()
        card.add(table)
        return card

    @staticmethod
    def _row(line: FormLine) -> TableRow:
        state, word, icon, ink = line.state, "", "", ""
        if state.editable and state not in (ReturnState.TO_SIGN, ReturnState.RETURNED):
            icon, token = MARKS[line.mark]
            ink = look.state(token).fg
            word = {"done": "已填完", "problem": f"有问题 {line.problems}", "filling": "填报中", "empty": "未开始"}[
                line.mark
            ]
        else:
            inks = look.state(state.token)
            icon, ink, word = inks.icon, inks.fg, state.value
        return TableRow(
            line.form,
            {
                "form": CellShow(line.form, ink="text_2" if not look.narrow else ""),
                "title": CellShow(line.title, sub=(line.note or line.summary) if look.scale == 1.0 else ""),
                "filled": CellShow(f"{line.filled} / {line.asked}"),
                "state": CellShow(word, icon=icon, ink=ink),
                "changed": CellShow(clock_words(line.changed_at) or "—", ink="text_2"),
                "open": CellShow(line.button),
            },
            label=f"{line.title} {word} {line.note}".rstrip(),
        )

    # --- acts ----------------------------------------------------------------------------------------------------

    def _open(self, form: str) -> None:
        self.shell.go("form", form=form)

    def main_step(self) -> bool:
        if self._view is None:
            return False
        step = self._view.next
        if step.act == "form":
            self.shell.go("form", form=step.form)
        elif step.act == "correct":
            correct_now(self.shell, step.form)
        else:
            self.shell.go("send" if step.act == "wait" else step.act)
        return True

    def preview(self) -> bool:
        return False
