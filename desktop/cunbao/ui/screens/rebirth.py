"""全部还原 at the township: what the sealed slip says, then the code, where the receipt goes and the password.

Two boxes, one after the other; whatever is refused is asked again with all that was typed (protocol §5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.rebirth import Lost, Restored, Slip
from cunbao.desks.township.views import RequestView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.digits import DigitsField, grouped
from cunbao.ui.kit.fields import Check, CodeField, FieldBox, FieldRow, Message, PasswordField
from cunbao.ui.kit.panel import column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.whereto import WhereTo, WrittenBanner

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

THEN = "请村里在新电脑的“回执”里读入它，签过的报表都回来；没签名的草稿要重新填。"


class SlipFields(QWidget):
    """申请单: why, who brought it, who else agreed, the seal, which computer is gone. `finished` at the last Enter."""

    def __init__(self, lost: Sequence[Lost], seconds: Sequence[str]) -> None:
        super().__init__()
        self._lost = tuple(lost)
        self.reason, self.brought_by = FieldBox(), FieldBox()
        self.reason.set_hint("如：笔记本被偷，报过案；硬盘坏了读不出")
        self.brought_by.set_hint("姓名")
        self.second = CodeField(lambda: [Item(name, name) for name in seconds])
        if len(seconds) == 1:
            self.second.set_code(seconds[0], seconds[0])
        self.sealed = Check("有盖章的还原申请单，已经收下", role="base")
        self.trouble = Message("error", "")
        self.finished: Callable[[], None] = lambda: None
        box = column(self, 4)
        box.addWidget(FieldRow("为什么还原", self.reason))
        line = row(gap=12)
        line.addWidget(FieldRow("申请单谁送来的", self.brought_by), 1)
        line.addWidget(FieldRow("还有谁同意", self.second), 1)
        box.addLayout(line)
        box.addWidget(self.sealed)
        self.gone = {one.key: Check(f"{one.device}，{one.words}") for one in self._lost}
        self.alive = Check("都还在用，一台也不吊销")
        if self._lost:
            box.addSpacing(4)
            box.addWidget(Text("哪一台丢了、坏了（勾上的吊销，以后签的不算数）"))
            box.addWidget(self._computers())
            box.addWidget(self.alive)
            self.alive.toggled.connect(self._lives)
            for one in self.gone.values():
                one.toggled.connect(lambda on: self.alive.set_on(False) if on else None)
        else:
            box.addWidget(Text("原来的电脑都已经吊销过。", "small", "text_2"))
        box.addWidget(self.trouble)
        self.order: tuple[FieldBox, ...] = (self.reason, self.brought_by, self.second)
        for number, field in enumerate(self.order):
            field.next.connect(lambda step, at=number: self._go(at + step))

    def _computers(self) -> QWidget:
        inner = QWidget()
        lines = column(inner, 4)
        for one in self.gone.values():
            lines.addWidget(one)
        most = 2 if look.narrow else 4  # what the box has room for
        if len(self.gone) <= most:
            return inner
        self._area = scrolled(inner)
        self._area.setFixedHeight(look.px(28) * most)
        for one in self.gone.values():
            one.installEventFilter(self)
        return self._area

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The computer that the keys are at is in sight."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._area.ensureWidgetVisible(watched, 0, 4)
        return False

    def _lives(self, on: bool) -> None:
        if on:
            for one in self.gone.values():
                one.set_on(False)

    def _go(self, number: int) -> None:
        if number >= len(self.order):
            self.finished()
        elif number >= 0:
            self.order[number].setFocus(Qt.FocusReason.TabFocusReason)

    def slip(self) -> Slip:
        return Slip(
            self.reason.text().strip(), self.brought_by.text().strip(), self.sealed.is_on(), self.second.code()
        )

    def lost(self) -> tuple[str, ...]:
        """Keys of the computers that are to be revoked."""
        return tuple(key for key, one in self.gone.items() if one.is_on())

    def missing(self) -> str:
        """What must be said beside the slip, "" nothing."""
        if self._lost and not self.lost() and not self.alive.is_on():
            return "请勾丢了的那一台；都还在用的，勾最下面一句"
        return ""


class WriteFields(QWidget):
    """The code as it is read out, where the receipt goes, the password."""

    def __init__(self, shell: Shell, typed: str) -> None:
        super().__init__()
        name = shell.desk.person.name
        self.code = DigitsField(name="比对码")
        self.code.set_text(grouped(typed))
        self.code.restyle()  # as typed digits look
        self.code.edit.end(False)
        self.where = a_place(shell)
        self.password = PasswordField(name=f"{name}的密码")
        self.password.set_hint("打开村报用的密码")
        self.trouble = Message("error", "")
        self.finished: Callable[[], None] = lambda: None
        box = column(self, 4)
        box.addWidget(FieldRow("比对码", self.code, hint="打电话请村里念新电脑屏幕上的 24 位数"))
        box.addWidget(Text("还原回执写到哪里"))
        box.addWidget(self.where)
        box.addSpacing(4)
        box.addWidget(FieldRow(f"{name}的密码", self.password))
        box.addWidget(self.trouble)
        self.code.next.connect(lambda step: self.password.setFocus(Qt.FocusReason.TabFocusReason) if step > 0 else None)
        self.password.next.connect(lambda step: self.finished() if step > 0 else None)

    def missing(self) -> str:
        """What is not there yet, "" nothing; the cursor goes there."""
        if not self.code.full:
            self.code.setFocus(Qt.FocusReason.OtherFocusReason)
            return f"比对码还差 {24 - len(self.code.digits())} 位"
        if self.where.folder is None:
            return "先插上 U 盘，或选一个文件夹"
        if not self.password.text():
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            return "还没输密码"
        return ""

    def first_field(self) -> FieldBox:
        return self.password if self.code.full else self.code


def a_place(shell: Shell) -> WhereTo:
    from cunbao.desks.township import receipts

    where = WhereTo(shell, "", framed=False, inside=receipts.place_in(shell.desk, shell.desk.workspace.folder).name)
    where.begin()
    return where


class Restoring:
    """One 全部还原, from the slip to the receipt. done(restored, folder on a stick or None); failed(error, wrong code):
    the approval may stand by then, so the screen reads everything anew."""

    def __init__(
        self,
        shell: Shell,
        request: RequestView,
        typed: str,
        *,
        done: Callable[[Restored, WhereTo], object],
        failed: Callable[[CunbaoError], object],
    ) -> None:
        from cunbao.desks.township import rebirth

        self._shell, self._request, self._done, self._failed = shell, request, done, failed
        desk = shell.desk
        self.slip = SlipFields(rebirth.lost_ones(desk, request.office), rebirth.seconds(desk))
        self.write = WriteFields(shell, typed)

    def ask(self, trouble: str = "") -> None:
        """The slip. What the desk refuses of it is said in the box, where all that was typed stays."""
        from cunbao.desks.township import rebirth

        body, desk = self.slip, self._shell.desk
        body.trouble.set("error" if trouble else "", trouble)

        def accepts(key: str) -> bool:
            gap = ""
            if key == "next":
                try:
                    rebirth.refuse_slip(desk, body.slip())
                    gap = body.missing()
                except CunbaoError as refused:
                    gap = f"{refused.happened}，{refused.todo}"
            body.trouble.set("error" if gap else "", gap)
            return not gap

        answer = self._box(
            f"给{self._request.name}全部还原：照盖章的申请单",
            "",
            body, (Choice("stay", "先不办", cap="Esc"), Choice("next", "下一步")), accepts, "next", body.reason,
        )  # fmt: skip
        if answer == "next":
            self.ask_where()
        else:
            self.write.where.end()

    def ask_where(self, trouble: str = "") -> None:
        """The code, the place and the password; then it is done on the worker."""
        body, gone = self.write, len(self.slip.lost())
        body.trouble.set("error" if trouble else "", trouble)

        def accepts(key: str) -> bool:
            gap = body.missing() if key == "act" else ""
            body.trouble.set("error" if gap else "", gap)
            return not gap

        revokes = f"同时吊销勾上的 {gone} 台，吊销了不能恢复。" if gone else "原来的电脑不吊销。"
        choices = (
            Choice("stay", "先不办", cap="Esc"), Choice("back", "上一步"), Choice("act", "核准并写回执"),
        )  # fmt: skip
        answer = self._box(
            f"核准{self._request.name}的新电脑，写还原回执", revokes, body, choices, accepts, "act", body.first_field()
        )
        if answer == "back":
            self.ask()
        elif answer == "act":
            self._act()
        else:
            body.where.end()

    def _box(
        self,
        title: str,
        todo: str,
        body: SlipFields | WriteFields,
        choices: tuple[Choice, ...],
        accepts: Callable[[str], bool],
        go_on: str,
        focus: FieldBox,
    ) -> str:
        box = DialogBox(
            title, "", "", todo, choices, icon="restore", tone="accent", body=body, accepts=accepts,
            help="enrol/restore",
        )  # fmt: skip
        body.show()  # it was hidden with the dialog in which it was asked before
        body.finished = lambda: box.answer(go_on)
        answer = self._shell.ask(box, escape="stay", focus=focus.edit)
        body.setParent(None)
        return answer

    def _act(self) -> None:
        from cunbao.desks.township import rebirth

        desk, key, code = self._shell.desk, self._request.sha256, self.write.code.digits()
        slip, lost, folder = self.slip.slip(), self.slip.lost(), self.write.where.folder
        password = self.write.password.text()
        assert folder is not None
        self._shell.run_job(  # what is typed waits in the boxes for a refusal
            lambda progress, cancel: rebirth.restore(desk, key, code, slip, lost, folder, password),
            title="正在核准并写还原回执",
            done=self._finished,
            failed=self._refused,
        )

    def _finished(self, found: Restored) -> None:
        self.write.where.end()
        self._done(found, self.write.where)

    def _refused(self, error: CunbaoError) -> None:
        again = f"{error.happened}，{error.todo}"
        if error.code == "password.wrong":
            self.write.password.set_text("")
            self.ask_where(again)
        elif error.code == "enrol.code" and self._still_asked():
            self.write.code.clear()
            self.ask_where(again)
        elif error.code in ("restore.slip", "reason.length"):
            self.ask(again)
        else:
            self.write.where.end()
            self._failed(error)

    def _still_asked(self) -> bool:
        from cunbao.desks.township import registry

        return any(one.sha256 == self._request.sha256 for one in registry.enrol_view(self._shell.desk).requests)


# --- written again ---------------------------------------------------------------------------------------------------


def ask_again(
    shell: Shell, office: str, name: str, done: Callable[[], object], say: Callable[[Restored, WhereTo], object]
) -> None:
    """写还原回执: the receipt of a restore that was approved, once more. done(): what is shown is to be read anew."""
    from cunbao.desks.township import rebirth

    desk, where, message = shell.desk, a_place(shell), Message("error", "")
    body = QWidget()
    lines = column(body, 4)
    lines.addWidget(Text("还原回执写到哪里"))
    lines.addWidget(where)
    lines.addWidget(message)

    def accepts(key: str) -> bool:
        gap = "先插上 U 盘，或选一个文件夹" if key == "act" and where.folder is None else ""
        message.set("error" if gap else "", gap)
        return not gap

    box = DialogBox(
        f"再写一次{name}的还原回执？", "核准早已办好，不用再比对。", "", "U 盘没写成、丢了，就再写一次。",
        (Choice("stay", "先不写", cap="Esc"), Choice("act", "写还原回执")), icon="restore", tone="accent", body=body,
        accepts=accepts, help="enrol/restore",
    )  # fmt: skip
    answer = shell.ask(box, escape="stay", focus=where.list)
    body.setParent(None)
    where.end()
    folder = where.folder
    if answer != "act" or folder is None:
        return

    def written(found: Restored) -> None:
        done()
        say(found, where)

    def failed(error: CunbaoError) -> None:
        done()
        shell.show_error(error)

    shell.run_job(
        lambda progress, cancel: rebirth.write_again(desk, office, folder), title="正在写还原回执", done=written,
        failed=failed,
    )  # fmt: skip


class RestoredBanner(WrittenBanner):
    """What was written for whom, where it lies, and what the village does next."""

    def tell(self, name: str, found: Restored, where: WhereTo) -> None:
        parts = f"，共 {len(found.files)} 个文件" if len(found.files) > 1 else ""
        came = f"等着的 {len(found.taken)} 个文件已经收下。" if found.taken else ""
        self.may_eject(where.folder if where.on_stick else None)
        self.say("ok", f"{name}的还原回执写好了{parts}，读回核对一致，可以拔", f"{found.files[0]}。{came}{THEN}")
        show_if(self, True)
