"""Before a 代报: for which village, why, on what paper, received when and from whom, and who will review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import ProxyVillage
from cunbao.desks.views import ProxyBasis
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dates import DateField
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import Check, CodeField, FieldBox, FieldRow, Message
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.picker import Item

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

NO_COMPUTER = "村里没有电脑"
HINTS = {
    "reason": "如：村里没有电脑；电脑送修",
    "basis": "如：盖章纸质表 2 张",
    "received_from": "如：岩甩送来，已签字",
}


class BasisFields(QWidget):
    """The fields of a basis, and of which village; `village` is locked when it is known."""

    def __init__(
        self,
        villages: Sequence[ProxyVillage],
        reviewers: Sequence[str],
        *,
        chosen: str,
        today: Any,
        known: bool,
    ) -> None:
        super().__init__()
        self._villages = {one.office: one for one in villages}
        self.village = CodeField(lambda: [Item(one.office, one.name) for one in villages])
        self.reviewer = CodeField(lambda: [Item(name, name) for name in reviewers])
        self.reason, self.basis, self.received_from = FieldBox(), FieldBox(), FieldBox()
        self.received_on = DateField(today=today)
        for name, hint in HINTS.items():
            getattr(self, name).set_hint(hint)
        self.sure = Check("村里确实报不了，还是要代报", role="base")
        self.warn, self.trouble = Message("warn", ""), Message("error", "")
        self._default = reviewers[0] if reviewers else ""
        box = column(self, 4)
        for parts in (
            (("给哪个村", self.village), ("谁来审核", self.reviewer)),
            (("为什么代报", self.reason),),
            (("照什么填", self.basis),),
            (("收到日期", self.received_on), ("谁送来的", self.received_from)),
        ):
            line = row(gap=12)
            for label, field in parts:
                line.addWidget(FieldRow(label, field), 1)
            box.addLayout(line)
        for part in (self.warn, self.sure, self.trouble):
            box.addWidget(part)
        self.order: tuple[FieldBox, ...] = (
            self.village, self.reviewer, self.reason, self.basis, self.received_on, self.received_from,
        )  # fmt: skip
        for number, field in enumerate(self.order):
            field.next.connect(lambda step, at=number: self._go(at + step))
        self.village.committed.connect(lambda office: self.show_village(office))
        self.finished: Callable[[], None] = lambda: None
        self.show_village(chosen)
        if known:
            self.village.set_state("readonly")

    def first_field(self) -> FieldBox:
        empty = (field for field in self.order if not field.text() and field.state != "readonly")
        return next(empty, self.reason)

    def _go(self, number: int) -> None:
        if number >= len(self.order):
            self.finished()
        elif number >= 0:
            self.order[number].setFocus(Qt.FocusReason.TabFocusReason)

    def show_village(self, office: str) -> None:
        """What is known of a village; what was typed before stays where nothing is known."""
        one = self._villages.get(office)
        self.village.set_code(office, one.name if one is not None else "")
        said = one.basis if one is not None else None
        if said is not None:
            self.reason.set_text(said.reason)
            self.basis.set_text(said.basis)
            self.received_on.set_text(said.received_on)
            self.received_from.set_text(said.received_from)
        elif one is not None and not one.warn and not self.reason.text():
            self.reason.set_text(NO_COMPUTER)
        reviewer = said.reviewer if said is not None else self.reviewer.code() or self._default
        self.reviewer.set_code(reviewer, reviewer)
        warn = one.warn if one is not None else ""
        self.warn.set("warn", f"{warn}。能自己报的，还是请村里自己报。" if warn else "")
        self.sure.setVisible(bool(warn) and "自己报过" in warn)
        self.sure.set_on(False)

    def said(self) -> ProxyBasis:
        self.received_on.commit()
        return ProxyBasis(
            reason=self.reason.text().strip(),
            basis=self.basis.text().strip(),
            received_on=self.received_on.text().strip(),
            received_from=self.received_from.text().strip(),
            filler="",
            reviewer=self.reviewer.code(),
        )

    def missing(self) -> str:
        """What must be written before it can begin, "" nothing; the cursor goes there."""
        for field, word in ((self.village, "选一个村"), (self.reason, "写为什么代报"), (self.basis, "写照什么填")):
            if not (field.code() if isinstance(field, CodeField) else field.text().strip()):
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                return f"还没{word}"
        if not self.sure.isHidden() and not self.sure.is_on():
            self.sure.setFocus(Qt.FocusReason.OtherFocusReason)
            return "请先勾上面这一句"
        return ""


def ask_basis(
    shell: Shell,
    act: Callable[[str, ProxyBasis], Any],
    *,
    office: str = "",
    known: bool = False,
    done: Callable[[Any], object],
    fields: BasisFields | None = None,
    trouble: str = "",
) -> None:
    """Ask for village and basis and do something with them on the worker; what the desk refuses is asked again with
    all that was written. known: the village is settled, only the basis is written anew."""
    from cunbao.desks.township import proxying

    desk = shell.desk
    if fields is None:
        fields = BasisFields(
            proxying.proxy_villages(desk), proxying.reviewers(desk), chosen=office, today=desk.today, known=known
        )
    body = fields
    body.trouble.set("error" if trouble else "", trouble)
    body.show()

    def accepts(key: str) -> bool:
        gap = body.missing() if key == "begin" else ""
        body.trouble.set("error" if gap else "", gap)
        return not gap

    box = DialogBox(
        "改代报依据" if known else "代报",
        "",
        "",
        "" if known else "照纸质原表替村里填，记在你名下；填的人不能审核。",
        (Choice("stay", "不改" if known else "先不报", cap="Esc"), Choice("begin", "存下" if known else "开始代报")),
        icon="pencil",
        tone="accent",
        body=body,
        accepts=accepts,
        help="proxy/begin",
    )
    body.finished = lambda: box.answer("begin")
    answer = shell.ask(box, escape="stay", focus=body.first_field().edit)
    village, said = body.village.code(), body.said()
    body.setParent(None)
    if answer != "begin":
        return

    def refused(error: CunbaoError) -> None:
        if error.code in ("proxy.basis", "explanation.character"):
            again = f"{error.happened}，{error.todo}"
            ask_basis(shell, act, office=village, known=known, done=done, fields=body, trouble=again)
        else:
            shell.show_error(error)

    shell.run_job(lambda progress, cancel: act(village, said), title="开始代报", done=done, failed=refused)
