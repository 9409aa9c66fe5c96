"""township-11: the dialogs of receiving and deciding, each with what happened, what is safe and what to do.

They are built here and shown where they belong: the first four and the empty state by 接收, the fifth by 审核.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import FileLine, FileResult, ReceiveView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, Message, PasswordField
from cunbao.ui.kit.marks import Bar
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

LABEL = 76
CLOSE = Choice("close", "关闭", cap="Esc")

# icon and tone of a result; the chip in the table and the dialog wear the same
RESULTS = {
    FileResult.TAKEN: ("inbox-in", "received"),
    FileResult.GAP: ("alert", "warn"),
    FileResult.HELD: ("shield-clock", "cert_pending"),
    FileResult.KNOWN: ("copy", "not_started"),
    FileResult.REVOKED: ("shield-clock", "warn"),
    FileResult.BROKEN: ("broken", "error"),
    FileResult.SIGNATURE: ("alert-circle", "error"),
    FileResult.NOT_OURS: ("map", "error"),
    FileResult.OTHER_TASK: ("calendar", "error"),
    FileResult.MOVED_OUT: ("box-out", "warn"),
    FileResult.NEWER: ("up-circle", "warn"),
    FileResult.STRANGER: ("key", "error"),
    FileResult.DISK: ("disk", "error"),
}
TITLES = {
    FileResult.BROKEN: "这个文件没拷完",
    FileResult.SIGNATURE: "这个文件签名对不上",
    FileResult.NOT_OURS: "这个文件不是送给本镇的",
    FileResult.REVOKED: "签名的电脑已经吊销",
    FileResult.OTHER_TASK: "这个文件不是本期任务的",
    FileResult.MOVED_OUT: "里面有已移出的年度的内容",
    FileResult.NEWER: "这个文件是用新表式做的",
    FileResult.STRANGER: "不知道这个文件是谁签的",
    FileResult.DISK: "磁盘满了",
}


class Line(QWidget):
    """出了什么　应有 3.4 MB，只读到 1.2 MB: a grey label of one width and what it says."""

    def __init__(self, label: str, what: str | QWidget) -> None:
        super().__init__()
        parts = row(self, 12)
        name = Text(label, tone="text_2")
        name.setFixedWidth(look.px(LABEL))
        parts.addWidget(name, 0, Qt.AlignmentFlag.AlignTop if isinstance(what, str) else Qt.AlignmentFlag.AlignVCenter)
        parts.addWidget(Text(what, lines=0) if isinstance(what, str) else what, 1)


class Named(Styled):
    """A thing named in a grey box: the file, the return."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._styling = False
        box = column(self)
        card = Card(ground="surface_sunken", radius="small")
        inner = QWidget()
        row(inner, 0, (10, 4, 10, 4)).addWidget(Text(words, "small"))
        card.add(inner)
        box.addWidget(card)


def labelled(
    title: str,
    lines: Sequence[tuple[str, str | QWidget]],
    choices: Sequence[Choice],
    *,
    about: QWidget | None = None,
    todo: str = "",
    icon: str,
    tone: str,
    accepts: Callable[[str], bool] = lambda key: True,
    help: str = "",
) -> DialogBox:
    """A dialog of labelled lines. about: what it is about, above them; todo: a sentence above all; help: as in
    `DialogBox`."""
    body = QWidget()
    box = column(body, 6)
    if about is not None:
        box.addWidget(about)
        box.addSpacing(4)
    for label, what in lines:
        box.addWidget(Line(label, what))
    made = DialogBox(title, "", "", todo, choices, icon=icon, tone=tone, body=body, accepts=accepts, help=help)
    made.setAccessibleDescription("。".join(what for _, what in lines if isinstance(what, str)))
    return made


def three(happened: str, safe: str, todo: str) -> tuple[tuple[str, str | QWidget], ...]:
    return tuple((label, what) for label, what in (("出了什么", happened), ("安全吗", safe), ("怎么办", todo)) if what)


# --- 1–3: one file ---------------------------------------------------------------------------------------------------


def size_and_code(line: FileLine) -> str:
    """1.8 MB，核对码 A3F2 91C7 5D08: the village reads its own out. A file that was cut is another one anyway."""
    known = line.check_code and line.result is not FileResult.BROKEN
    return "，".join(part for part in (line.size, f"核对码 {line.check_code}" if known else "") if part)


def may_explain(line: FileLine) -> bool:
    """Has the line more to say than the table shows?"""
    return bool(line.happened) or line.result is FileResult.REVOKED


def file_box(line: FileLine, *, noted: bool = False) -> DialogBox:
    """What became of one file. Answers: close, chase (记入催报), enrol (看证书). noted: it was put down already."""
    icon, tone = RESULTS[line.result]
    title = TITLES.get(line.result, line.label)
    choices: tuple[Choice, ...] = (CLOSE,)
    if line.result is FileResult.REVOKED:
        choices = (Choice("enrol", "看证书"), Choice("close", "关闭"), Choice("chase", "写进回执"))
    elif line.act == "chase":
        choices = (CLOSE, Choice("chase", "记入催报"))
    if noted:
        choices = tuple(choice for choice in choices if choice.key != "chase")
    sentences = three(*_sentences(line))
    return labelled(title, sentences, choices, about=Named(line.file_name), icon=icon, tone=_ink(tone))


def _sentences(line: FileLine) -> tuple[str, str, str]:
    safe = line.safe or ("文件留着，不算数，先前收下的照旧" if line.result.kept else "镇里的数据一点没动")
    return line.happened or line.read, safe, line.todo_long or line.todo


def _ink(tone: str) -> str:
    return tone if tone in ("warn", "error") else look.state(tone).fg


# --- 4: the disk is full ---------------------------------------------------------------------------------------------


def disk_full(view: ReceiveView, disk: str = "硬盘") -> DialogBox:
    """Receiving stopped half-way. disk: D 盘. Answers: stop (先停下), look (to make room), again (接着收): what was
    taken is known by then."""
    waiting = [line for line in view.lines if line.result is FileResult.DISK]
    full, total = waiting[0], len(view.lines)
    done = total - len(waiting)
    bar = Bar()
    bar.set(done / total)
    bar.setFixedWidth(look.px(290))
    count = QWidget()
    line = row(count, 12)
    line.addWidget(bar)
    line.addWidget(Text(f"收好 {done} / {total} 个", "small", "text_2"), 1)
    sentences = three(
        full.happened or "硬盘没有地方了",
        f"收好的 {done} 个都在，第 {done + 1} 个一点没写",
        full.todo_long or "腾出硬盘空间后接着收，不用从头来",
    )
    choices = (Choice("stop", "先停下"), Choice("look", f"打开 {disk}"), Choice("again", "接着收", cap="Enter"))
    title = f"磁盘满了，先停在第 {done + 1} 个文件"
    return labelled(title, sentences, choices, about=count, icon="disk", tone="error")


# --- 5: a decision taken back ----------------------------------------------------------------------------------------


def withdraw(
    decision: str, what: str, back_to: str, carried: str, reason: FieldBox, accepts: Callable[[str], bool]
) -> DialogBox:
    """撤回“通过”？ what: 曼扫村 B04 法律明白人，09:12 通过. Answers: stay, withdraw."""
    lines = (("撤回后", back_to), ("村里知道吗", carried), ("原因", reason))
    choices = (Choice("stay", "不撤回", cap="Esc"), Choice("withdraw", "撤回"))
    title = f"撤回“{decision}”？"
    return labelled(title, lines, choices, about=Named(what), icon="return", tone="accent", accepts=accepts)


def ask_withdraw(shell: Shell, decision: str, what: str, *, back_to: str = "", carried: str = "") -> str:
    """Ask why a decision is taken back; "" when it is not."""
    reason = FieldBox(name="原因")
    reason.set_hint("写一句原因")

    def accepts(key: str) -> bool:
        missing = key == "withdraw" and not reason.text().strip()
        reason.set_state("error" if missing else "")
        if missing:
            reason.setFocus(Qt.FocusReason.OtherFocusReason)
        return not missing

    after, carries = back_to or "回到已接收，汇总表少算这一张", carried or "回执还没写出，村里看不到"
    box = withdraw(decision, what, after, carries, reason, accepts)
    reason.next.connect(lambda step: box.answer("withdraw") if step > 0 else None)
    return reason.text().strip() if shell.ask(box, escape="stay", focus=reason.edit) == "withdraw" else ""


# --- 6: nothing received yet -----------------------------------------------------------------------------------------


def nothing_yet(view: ReceiveView, inbox: int = 0) -> DialogBox:
    """The empty state of 接收, in the shape of the dialogs. Answers: enrol (登记电脑), stick (读 U 盘)."""
    issued = f"任务 {view.issued_on:%m-%d} 发到" if view.issued_on else "任务发到"
    waits = "收件箱也是空的" if not inbox else f"收件箱里有 {inbox} 个"
    days = view.days_left
    left = f"还有 {days} 天" + ("，现在不用催" if days > 10 else "") if days >= 0 else f"过了 {-days} 天"
    lines = (("读到的", f"0 个文件，{waits}"), ("离截止", left), ("可以先做", "核对联系人，登记村里的电脑"))
    choices = (Choice("enrol", "登记电脑"), Choice("stick", "读 U 盘", icon="usb"))
    todo = f"{issued} {view.villages} 个村。村里送来 U 盘，插上就能读。"
    return labelled("还没有村报来", lines, choices, todo=todo, icon="inbox-in", tone="text_2")


# --- a password for one act ------------------------------------------------------------------------------------------


def ask_password(
    shell: Shell,
    title: str,
    happened: str,
    todo: str,
    word: str,
    act: Callable[[str], Any],
    *,
    body: QWidget | None = None,
    ready: Callable[[], str] = lambda: "",
    done: Callable[[Any], object] | None = None,
    failed: Callable[[CunbaoError], object] | None = None,
    icon: str = "key",
    kind: str = "outlined",
    wrong: str = "",
    working: str = "",
    help: str = "",
) -> None:
    """Ask for the officer's password and do something with it on the worker; a wrong one is asked for again.

    body: fields above the password, asked again with what they hold; ready(): what is missing in them, "" nothing.
    word: on the button; working: what the busy line says; kind "danger": the safe button leads; help: as
    in `DialogBox`."""
    name = shell.desk.person.name
    inner = QWidget()
    box = column(inner, 8)
    if body is not None:
        box.addWidget(body)
        body.show()  # it was hidden with the dialog in which it was asked before
    password = PasswordField(name=f"{name}的密码")
    password.set_hint("打开村报用的密码")
    message = Message("error", wrong, parent=inner)
    box.addWidget(Text(f"{name}的密码"))
    box.addWidget(password)
    box.addWidget(message)

    def accepts(key: str) -> bool:
        gap = "" if key != "act" else ready() or ("" if password.text() else "还没输密码")
        message.set("error" if gap else "", gap)
        if gap == "还没输密码":
            password.setFocus(Qt.FocusReason.OtherFocusReason)
        return not gap

    choices = (Choice("stay", "先不办", cap="Esc"), Choice("act", word, kind=kind))
    if kind == "danger":
        choices = choices[1], choices[0]
    dialog = DialogBox(
        title, happened, "", todo, choices, icon=icon, tone="error" if kind == "danger" else "accent", body=inner,
        accepts=accepts, help=help,
    )  # fmt: skip
    password.next.connect(lambda step: dialog.answer("act") if step > 0 else None)
    focus = password.edit if body is None or wrong else None
    answer = shell.ask(dialog, escape="stay", focus=focus or _first_field(inner))
    typed = password.text()
    if body is not None:
        body.setParent(None)
    if answer != "act":
        return

    def refused(error: CunbaoError) -> None:
        if error.code == "password.wrong":
            ask_password(
                shell, title, happened, todo, word, act, body=body, ready=ready, done=done, failed=failed, icon=icon,
                kind=kind, help=help, wrong=f"{error.happened}，{error.todo}", working=working,
            )  # fmt: skip
        else:
            (failed or shell.show_error)(error)

    shell.run_job(lambda progress, cancel: act(typed), title=working or word, done=done, failed=refused)


def _first_field(inner: QWidget) -> QWidget | None:
    children: Any = inner.findChildren(QWidget)
    for found in children:
        if found.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return found
    return None
