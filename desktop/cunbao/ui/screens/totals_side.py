"""Beside a 汇总表: where a number comes from, and which villages are not in the sums."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QWidget

from cunbao.desks.township.totals_views import LeftOut, SourceView, TotalsHead, TotalsRow
from cunbao.survey.indicators import NoFigure
from cunbao.survey.states import ReturnState
from cunbao.ui.face import clock_words
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import Facts
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Line, SideCard, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

MOST_PARTS = 7
NORMAL = "正常"
STATES = {state.value: state for state in ReturnState}


def grouped(text: str) -> str:
    """3,120 of 3120: on screen thousands stand apart. What is no number stays."""
    head, dot, rest = text.partition(".")
    return f"{int(head):,}{dot}{rest}" if head.isdecimal() else text


def state_look(word: str) -> tuple[str, str]:
    """Icon and ink of the word of a return's state."""
    state = STATES.get(word)
    if state is None:
        return "circle-dashed", "text_2"
    inks = look.state(state.token)
    return "split" if state is ReturnState.FORK else inks.icon, inks.fg


def empty(box: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := box.takeAt(0)) is not None:
        inner = item.layout()
        if inner is not None:
            empty(inner)
        old = item.widget()
        if old is not None:
            old.hide()
            old.deleteLater()


class SourceCard(SideCard):
    """这个数从哪里来. `pages()`: the signed PDF; `cell()`: that cell of the return."""

    pages = Signal()
    cell = Signal()

    def __init__(self) -> None:
        super().__init__("这个数从哪里来", "jump")
        self.body.setSpacing(6)
        self._told = column(gap=6)
        self.body.addLayout(self._told)
        self._foot = QWidget()
        line = row(self._foot, 8, (0, 4, 0, 0))
        self.pages_button = Button("看报表", size="small", icon="form")
        self.cell_button = Button("看这一格", size="small", icon="jump")
        self.pages_button.clicked.connect(self.pages.emit)
        self.cell_button.clicked.connect(self.cell.emit)
        line.addWidget(self.pages_button)
        line.addWidget(self.cell_button)
        line.addStretch(1)
        self.body.addWidget(self._foot)

    def show_words(self, who: str, words: str) -> None:
        """A cell behind which there is no return."""
        empty(self._told)
        self._told.addWidget(Text(who, "small", "text_2", lines=2))
        self._told.addWidget(Text(words, lines=0))
        show_if(self._foot, False)

    def show_source(self, view: SourceView) -> None:
        empty(self._told)
        self._told.addWidget(Text(f"{view.name}，{view.label}", "small", "text_2", lines=2))
        figure = row(gap=6)
        figure.addWidget(Text(grouped(view.text), "title", bold=True))
        figure.addWidget(Text("" if isinstance(view.value, NoFigure) else view.unit), 1)
        self._told.addLayout(figure)
        if view.parts:
            self._told.addWidget(Line())
            shown = view.parts[:MOST_PARTS]
            facts = [(part.label, grouped(part.text)) for part in shown]
            if len(view.parts) > len(shown):
                facts.append((f"还有 {len(view.parts) - len(shown)} 行", ""))
            self._told.addWidget(Facts(facts))
        if view.formula:
            self._told.addWidget(Text(f"算法：{view.formula}", "small", "text_2", lines=0))
        self._told.addWidget(Line())
        for words in _came(view):
            self._told.addWidget(Text(words, "small", "text_2", lines=2))
        show_if(self._foot, bool(view.revision))


def _came(view: SourceView) -> list[str]:
    """B02 第 1 次，12-12 14:40 收到; 12-12 15:26 通过，审核员 玉罕."""
    which = f"第 {view.package} 次，" if view.package is not None else ""
    came = f"{clock_words(view.received_at)} 收到" if view.received_at else f"第 {view.version} 版"
    told = [f"{view.form} {which}{came}" + (f"，{view.kind}" if view.kind != NORMAL else "")]
    if view.accepted_at is not None:
        told.append(f"{clock_words(view.accepted_at)} 通过，审核员 {view.accepted_by}")
    elif not view.counted:
        told.append("还没有审核，审核以后可能变动")
    if view.carried:
        told.append(f"这个数取自 {view.carried}")
    return told


def why_not(row_: TotalsRow, head: TotalsHead, form: str) -> str:
    """Why a village has no number here, in words."""
    if not (row_.counted or row_.unreviewed):
        waits = {"退回": "退回了，等村里改", "已接收": "已接收，等镇里审核", "未报": "还没报来"}
        return f"{form} {waits.get(row_.state, row_.state)}，所以没有算进去。没报的不当 0 算。"
    if head.form != form:
        return f"这个数在 {head.form} 里，那张表还没有通过。"
    return "这一格没有数。"


class LeftOutCard(SideCard):
    """没算进去 6 村, by state."""

    def __init__(self) -> None:
        super().__init__("", "alert", tone="warn")
        self.title.set_tone("text")
        self.body.setSpacing(2)

    def show_left(self, left: Sequence[LeftOut], note: str) -> None:
        empty(self.body)
        count = sum(len(one.offices) for one in left)
        self.title.setText(f"没算进去 {count} 村" if count else "全部算进去了")
        for one in left:
            line = row(gap=8)
            icon, ink = state_look(one.state)
            word = StateWord(icon, one.state, ink, "small")
            word.setFixedWidth(max(look.px(84), word.sizeHint().width()))
            holder = column()
            holder.addWidget(word)
            holder.addStretch(1)
            line.addLayout(holder)
            names = "、".join(name for _, name in one.offices)
            line.addWidget(Text(names, "small", lines=3), 1)
            self.body.addLayout(line)
        self.body.addSpacing(4)
        self.body.addWidget(Text(note, "small", "text_2", lines=0))
