"""Parts of village-11 that only show: the list and its head, reminders of the notice, where the other forms stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cunbao.desks.views import CommentLine, FormLine, OtherVersion, ReceiptView
from cunbao.desks.village import opinions
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.comments import Said
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.sheets import sheet_of

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

HEAD = 40  # px, height of the list's head
STATES = {
    "open": ("circle-dashed", "未改", "returned"),
    "changed": ("check-circle", "已改", "ok"),
    "answered": ("message", "不改，有原因", "text_2"),
}
ORDER = (ReturnState.ACCEPTED, ReturnState.RETURNED, ReturnState.FORK, ReturnState.RECEIVED)


def key_of(one: CommentLine | OtherVersion) -> str:
    """How an entry of the list is named."""
    return one.id if isinstance(one, OtherVersion) else f"{one.form}:{one.cell.field}:{one.cell.row}"


def entries(shell: Shell, view: ReceiptView) -> list[Said]:
    """Everything that waits: the comments, then versions from elsewhere."""
    return [_comment(shell, one) for one in view.comments] + [_other(one) for one in view.others]


def _comment(shell: Shell, one: CommentLine) -> Said:
    icon, word, ink = STATES[one.state]
    if one.state == "changed" and one.cell in sheet_of(shell, one.form).problems():
        icon, word, ink = "alert-circle", "有问题", "error"
    value = one.masked or one.filed
    unit = f" {one.unit}" if one.unit and value else ""
    more = f"填的 {value}{unit}" if value else "" if one.label == opinions.WHOLE_ROW else "没填"
    return Said(key_of(one), one.label, str(one.number), more, icon, word, ink, path=one.path, said=one.text)


def _other(one: OtherVersion) -> Said:
    lead = "merge" if one.what == "proposal" else "split"
    words = f"有 {len(one.differs)} 处和这里不一样" if one.differs else "内容和这里一样"
    return Said(one.id, one.who, lead, "", "circle-dashed", "没看", "returned", path=one.title, said=words)


def list_head(view: ReceiptView) -> QWidget:
    head = QWidget()
    head.setFixedHeight(look.px(HEAD))
    line = row(head, 12, (16, 0, 16, 0))
    words = f"乡镇意见 {len(view.comments)} 条" if view.comments else f"另外的版本 {len(view.others)} 份"
    line.addWidget(Text(words, bold=True))
    line.addStretch(1)
    line.addWidget(Text(view.by if view.comments else "", "small", "text_2", align="right"))
    return head


def reminders(view: ReceiptView) -> Card:
    """What the notice says besides: at most one further banner, whatever is in it."""
    tones = [tone for tone, _ in view.reminders]
    worst = next(tone for tone in ("error", "warn", "info") if tone in tones)
    inks, card = look.tone(worst), Card(radius="control")
    card.set_colors(ground=inks.bg, line=inks.line, accent=inks.fg)
    inner = QWidget()
    lines = column(inner, 2, (18, 8, 16, 8))
    for tone, words in view.reminders:
        lines.addWidget(Message(tone, words))
    card.add(inner)
    return card


def all_forms(view: ReceiptView) -> Card:
    """Where every form stands, when nothing waits."""
    card = Card()
    for number, line in enumerate(view.forms):
        if number:
            card.add_line()
        shown = QWidget()
        words = row(shown, 12, (16, 8, 16, 8))
        words.addWidget(Text(f"{line.form} {line.title}"), 1)
        inks = look.state(line.state.token)
        words.addWidget(StateWord(inks.icon, line.state.value, inks.fg))
        card.add(shown)
    return card


def other_forms(view: ReceiptView) -> str:
    """通过：B01、B04；已接收：B05: where the forms stand that nothing was said about."""
    rest = [line for line in view.forms if line.form not in view.returned]
    words = (_together(state, rest) for state in ORDER)
    return "；".join(word for word in words if word)


def all_passed(lines: Sequence[FormLine]) -> bool:
    return all(line.state is ReturnState.ACCEPTED for line in lines)


def _together(state: ReturnState, lines: Sequence[FormLine]) -> str:
    found = [line.form for line in lines if line.state is state]
    return f"{state.value}：{'、'.join(found)}" if found else ""
