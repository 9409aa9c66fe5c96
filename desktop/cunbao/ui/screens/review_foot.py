"""township-03, around the table: the head with its marks, why the return cannot be accepted, the decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.desks.township.review_views import ReviewView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.review_acts import title_of

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SHORT = 6  # characters of a mark that has room behind the state; a longer one is a sentence, told beneath
MARKS = {
    "更正": "通过以后村里又改了，这一份通过了才顶替原来的",
    "补报": "封账以后才来的，不进封账的数",
    "代报": "镇里替村里填的，填的人自己不能通过",
    "依据已变": "它引用的那张表后来换过，引用的数可能不是新的",
    "两个决定": "有两个互相矛盾的决定，按没有决定算，请重新审核",
    "有冲突": "通过的两份互不相承，先到“冲突”里选一份",
    "迟报": "过了截止日期才收到",
}
OPEN = (ReturnState.RECEIVED, ReturnState.ACCEPTED)  # what may be sent back, and be commented on for it


class ReviewHead(PageHead):
    """曼蚌村 › B02 设施面积, state, marks, when it came; further acts, the one before and the next. `paged(step)`."""

    paged = Signal(int)

    def __init__(self, view: ReviewView) -> None:
        super().__init__(view.name, view.came, crumb=title_of(view))
        for part in (self.title, self.crumb):  # when it is narrow, the words after them give way
            part.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_state(view.state.token, word=view.state.value)
        if view.state is ReturnState.FORK:
            self.chip.set("error", "split", view.state.value)
        for mark in view.marks:
            if len(mark) <= SHORT and mark != view.state.value:
                self.add_mark(Chip("warn", "info", mark))
        self.more = Button("更多", icon="more")
        self.add(self.more)
        for word, icon, key, to, step in (
            ("上一张", "chev-l", "PgUp", view.previous, -1), ("下一张", "chev-r", "PgDn", view.following, 1),
        ):  # fmt: skip
            button = Button(word, icon=icon, key=key if look.scale == 1.0 else "")
            button.set_why("" if to else "没有了")
            button.clicked.connect(lambda _=False, step=step: self.paged.emit(step))
            self.add(button)


def banners(view: ReviewView, way_out: Button | None) -> list[Banner]:
    """Why it cannot be accepted, and what its marks mean; two at most. way_out: to where that is mended."""
    made = []
    if view.why_not_accept and not view.may_accept and view.state is not ReturnState.ACCEPTED:
        detail = view.pdf_check.detail if view.why_not_accept == view.pdf_check.line else ""
        made.append(Banner("warn", f"还不能通过：{view.why_not_accept}", detail, button=way_out))
    elif view.pdf_check.ok is False:
        made.append(Banner("error", view.pdf_check.line, view.pdf_check.detail))
    marks = [mark for mark in view.marks if mark != view.state.value]
    told = [f"{mark}：{MARKS[mark]}。" if mark in MARKS else f"{mark}。" for mark in marks]
    if told:
        made.append(Banner("info", "".join(told), bold=False))
    return made


def way_out(shell: Shell, view: ReviewView) -> Button | None:
    """Where what keeps a return from being accepted is settled."""
    if view.state is ReturnState.FORK:
        button = Button("去比对", icon="split")
        button.clicked.connect(lambda: shell.go("conflict", office=view.office, form=view.form))
    elif view.state is ReturnState.CERT_PENDING:
        button = Button("去登记", icon="key")
        button.clicked.connect(lambda: shell.go("enrol"))
    else:
        return None
    return button


def nothing(shell: Shell, decided: bool) -> tuple[QWidget, Button]:
    """The screen when nothing waits, and its button: after decisions the receipts are next, before them a stick."""
    if decided:
        button = Button("去写回执", kind="filled", icon="box-out")
        button.clicked.connect(lambda: shell.go("receipts"))
        words = "收到的都审核完了。把决定写进回执，村里才知道。"
    else:
        button = Button("去接收", kind="filled", icon="inbox-in")
        button.clicked.connect(lambda: shell.go("receive"))
        words = "没有等着审核的报表。村里送来 U 盘，先接收。"
    page, card = QWidget(), Card()
    box = column(page, 12)
    box.addWidget(PageHead("审核"))
    card.add(EmptyState(words, button), 1)
    box.addWidget(card, 1)
    return page, button


class ReviewFoot(QWidget):
    """What has not changed or was decided; 撤回决定, 通过, 退回. The filled one is what the comments ask for."""

    withdraw_asked = Signal()
    accept_asked = Signal()
    return_asked = Signal()

    def __init__(self, view: ReviewView) -> None:
        super().__init__()
        self._view = view
        line = row(self, 8, (16, 9, 16, 10))
        self.said = Text("", "small", "text_2", lines=2)
        line.addWidget(self.said, 1)
        self.withdraw = Button("撤回决定", icon="return")
        self.accept = Button("通过", icon="check", key="F9")
        self.send_back = Button("退回", icon="return", key="F10")
        for button, signal in (
            (self.withdraw, self.withdraw_asked), (self.accept, self.accept_asked),
            (self.send_back, self.return_asked),
        ):  # fmt: skip
            button.clicked.connect(signal.emit)
            line.addWidget(button)
        show_if(self.withdraw, view.may_withdraw)
        show_if(self.accept, view.may_accept or view.state is ReturnState.RECEIVED)

    def tell(self, comments: int, just: str) -> None:
        """comments: how many are written; just: what was decided last, while it can be taken back."""
        view, waits = self._view, self._view.state is ReturnState.RECEIVED
        self.accept.set_kind("filled" if view.may_accept and waits and not comments else "outlined")
        self.accept.set_why(why_not_accept(view))
        self.send_back.setText(f"退回，带 {comments} 条意见" if comments else "退回")
        self.send_back.set_kind("filled" if not why_not_return(view, comments) else "outlined")
        self.send_back.set_why(why_not_return(view, comments))
        show_if(self.send_back, waits or (view.state is ReturnState.ACCEPTED and bool(comments)))
        same = f"另有 {view.unchanged} 格没变" if view.unchanged else ""
        parts = [same if waits else view.decided or same]
        if just:
            parts.append(f"刚才 {just}，Ctrl+Z 收回")
        elif waits and not comments:
            parts.append("写了意见才能退回")
        parts.append(view.paper_received)
        self.said.setText("　".join(part for part in parts if part))


def why_not_accept(view: ReviewView) -> str:
    return "" if view.may_accept else view.why_not_accept or f"这张表现在是“{view.state.value}”"


def why_not_return(view: ReviewView, comments: int) -> str:
    """The desk's reason, but for the comments, which may have been written since it was asked."""
    if view.state not in OPEN:
        return view.why_not_return or f"这张表现在是“{view.state.value}”"
    return "" if comments else "先在有疑问的格上写一条意见，再退回"
