"""village-09: the very pages that get signed, what they say in a few figures, who signs, and his password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cunbao.desks.pagetext import PDFIUM
from cunbao.desks.views import SignView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Check, FieldBox, Message, PasswordField
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, Icon, Panel, column, row, scrolled
from cunbao.ui.kit.pdfview import PdfViewer
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.signed import SignedList
from cunbao.ui.shell import Shell

SIDE = 408
BOXES = (("head", "单位负责人"), ("stat_head", "统计负责人"), ("filler", "填表人"), ("phone", "联系电话"))


class SignScreen(Screen):
    nav = "sign"
    help = (
        "左边就是要签的报表，一页一页看过再签。",
        "输入签名密码，点“签名”。签名后内容锁定，报送前可以撤回。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._prepared: tuple[Any, ...] = ()
        self._ticks: dict[str, Check] = {}
        self._fields: dict[str, FieldBox] = {}
        self._password: PasswordField | None = None
        self._list: SignedList | None = None
        self._viewer = PdfViewer()

    @property
    def to_edge(self) -> bool:
        return look.narrow

    def help_part(self) -> str:
        return "" if self._prepared or self._list is None else "signed"

    def keys(self) -> Sequence[tuple[str, str]]:
        if not self._prepared:
            back = (("Delete", "撤回报送"),) if self._list is not None and self._list.may_retract else ()
            return (("Tab", "到那一张"), *back, ("Esc", "回去改"))
        return (("PgDn", "下一页"), ("Ctrl+P", "打印"), ("Esc", "回去改"))

    def refresh(self) -> None:
        """Freeze and draw what would be signed now; the drawing runs on the worker."""
        from cunbao.desks.village import signing

        desk = self.shell.desk

        def work(progress: object, cancel: object) -> tuple[Any, SignView]:
            prepared = signing.prepare(desk)
            return prepared, signing.sign_view(desk, prepared)

        self.shell.run_job(work, title="排版要签的报表", done=lambda made: self._show(*made))

    # --- the page ------------------------------------------------------------------------------------------------

    def _show(self, prepared: tuple[Any, ...], view: SignView) -> None:
        from cunbao.desks.village import signing

        self._prepared, self._view = prepared, view
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        inner = QWidget()
        box = column(inner, 12)
        head = PageHead("签名", view.line)
        head.set_state(view.state.token, word=view.state.value)
        box.addWidget(head)
        if prepared and any(self.shell.desk.newest(line.form) is not None for line in view.lines):
            signed = Button("已签的报表", icon="seal")
            signed.clicked.connect(lambda: self._show((), view))
            head.add(signed)
        if not prepared:
            box.addWidget(self._nothing(view))
            self._list = SignedList(self.shell)
            box.addWidget(self._list)
            box.addStretch(1)
            box.setContentsMargins(0, 0, 20 if look.narrow else 0, 0)  # the page reaches the window's edge then
            self._box.addWidget(scrolled(inner))
            self._tell_keys()
            return
        self._viewer = PdfViewer()
        self._viewer.show_pdf(joined([one.drawn.pdf for one in prepared]), signing.covered(self.shell.desk, prepared))
        self._viewer.print_asked.connect(self.preview)
        side = self._side(view)
        if look.narrow:
            self._viewer.setMinimumHeight(520)
            side.layout().setContentsMargins(0, 0, 0, 0)
            box.addWidget(self._viewer)
            box.addWidget(side)
            box.setContentsMargins(0, 0, 8, 16)
            self._box.addWidget(scrolled(inner), 1)
            self._box.addWidget(self._act_row(view))
        else:
            line = row(gap=16)
            line.addWidget(self._viewer, 1)
            side.setFixedWidth(SIDE if look.scale == 1.0 else 440)
            line.addWidget(side)
            box.addLayout(line, 1)
            self._box.addWidget(inner)
        self._tell_keys()
        self.first_focus()

    def _tell_keys(self) -> None:
        """What the keys do is known only now that it is known what there is to sign."""
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _nothing(self, view: SignView) -> QWidget:
        """Why nothing can be signed, form by form, and the way on."""
        card = Card()
        reasons = "；".join(f"{line.form} {line.title}：{line.why_not}" for line in view.lines if line.why_not)
        all_signed = all(not self.shell.desk.state(line.form).editable for line in view.lines)
        button = Button("去报送" if all_signed else "去检查", kind="filled", icon="box-out" if all_signed else "list")
        button.clicked.connect(lambda: self.shell.go("send" if all_signed else "check"))
        self._way_on = button
        waiting = [line for line in view.lines if line.ticked]
        if waiting:
            words = f"还有 {len(waiting)} 张表待签名。"
        elif all_signed:
            words = f"{len(view.lines)} 张表都签好了，没有待签名的。"
        else:
            words = f"现在没有待签名的报表。{reasons}。"
        if waiting:
            button = Button("回去签名", kind="filled", icon="pen")
            button.clicked.connect(self.refresh)
            self._way_on = button
        card.add(EmptyState(words, button))
        return card

    def _side(self, view: SignView) -> QWidget:
        card = Card()
        inner = QWidget()
        box = column(inner, 0)
        box.addWidget(_headed("要签的内容", f"{len(self._prepared)} 张表，共 {view.pages} 页"))
        box.addWidget(_lined(self._contents(view)))
        box.addWidget(_lined(self._who(view)))
        box.addWidget(_lined(self._signers(view)))
        if view.facts:
            box.addWidget(_lined(self._facts(view)))
        if look.narrow:
            card.add(inner)
            return card
        box.addStretch(1)
        card.add(scrolled(inner), 1)
        card.add_line()  # what is typed and pressed stays in sight; what is read above it scrolls
        card.add(self._act(view))
        return card

    def _contents(self, view: SignView) -> QWidget:
        shown = QWidget()
        grid = _grid(shown)
        self._ticks = {}
        for number, line in enumerate(view.lines):
            cell = QHBoxLayout()
            if line.ticked:
                tick = Check(f"{line.form} {line.title}", True)
                tick.toggled.connect(lambda on: self._changed())
                self._ticks[line.form] = tick
                cell.addWidget(tick, 1)
                cell.addWidget(Text(f"{line.pages} 页", "small", "text_2"))
            else:
                cell.addWidget(Text(f"{line.form} {line.title}", "small", "text_2"), 1)
                cell.addWidget(Text(line.why_not, "small", "text_2"))
            grid.addLayout(cell, number // 2, number % 2)
        return shown

    def _facts(self, view: SignView) -> QWidget:
        shown = QWidget()
        grid = _grid(shown, columns=3)
        for number, (name, value) in enumerate(view.facts):
            one = column(gap=0)
            one.addWidget(Text(name, "small", "text_2"))
            one.addWidget(Text(value, bold=True))
            grid.addLayout(one, number // 3, number % 3)
        return shown

    def _signers(self, view: SignView) -> QWidget:
        """签字栏: one line when all of it is known from last time, with 改 to open the four boxes; else the boxes."""
        from cunbao.survey.people import mask

        shown = QWidget()
        line = row(shown, 8)
        fields = self._boxes(view)
        known = all(getattr(view.ret, name).strip() for name, _ in BOXES)
        words = QWidget()
        said = column(words, 0)
        said.addWidget(Text(f"单位负责人 {view.ret.head}　统计负责人 {view.ret.stat_head}", "small", lines=2))
        phone = mask("phone", view.ret.phone)
        said.addWidget(Text(f"填表人 {view.ret.filler}　联系电话 {phone}", "small", lines=2))
        change = Button("改", size="small")
        change.setAccessibleDescription("改签字栏")
        line.addWidget(words, 1)
        line.addWidget(change, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(fields, 1)

        def open_boxes(on: bool) -> None:
            fields.setVisible(on)
            words.setVisible(not on)
            change.setVisible(not on)

        change.clicked.connect(lambda: (open_boxes(True), self._fields["head"].setFocus()))
        open_boxes(not known)
        return shown

    def _boxes(self, view: SignView) -> QWidget:
        """The four boxes; printed on every page that is signed now."""
        shown = QWidget()
        grid = _grid(shown)
        self._fields = {}
        for number, (name, label) in enumerate(BOXES):
            field = FieldBox(getattr(view.ret, name), name=label)
            field.committed.connect(lambda text: self._boxes_changed())
            self._fields[name] = field
            one = column(gap=2)
            one.addWidget(Text(label, "small", "text_2"))
            one.addWidget(field)
            grid.addLayout(one, number // 2, number % 2)
        return shown

    def _who(self, view: SignView) -> QWidget:
        shown = QWidget()
        line = row(shown, 14)
        line.addWidget(Icon("user", "text", 26))
        words = column(gap=0)
        name = Text("")
        name.set_runs(((view.person.name, True, ""), (f"　{view.person.role}", False, "")))
        words.addWidget(name)
        words.addWidget(Text(view.certificate, "small", "text_2", lines=2))
        line.addLayout(words, 1)
        return shown

    def _act(self, view: SignView) -> QWidget:
        shown = QWidget()
        box = column(shown, 4, (16, 8, 16, 10))
        box.addWidget(Text(f"{view.person.name}的签名密码"))
        parts: list[QWidget] = [*self._make_inputs(view), self._foot()]
        for part in parts:
            box.addWidget(part)
        return shown

    def _act_row(self, view: SignView) -> QWidget:
        """The same at 150 %: one strip that stays at the foot while the pages scroll."""
        shown = Panel("surface", "t")
        box = column(shown, 0, (0, 8, 20, 8))
        self._make_inputs(view)
        line = row(gap=12)
        line.addWidget(Text("签名密码"))
        assert self._password is not None
        self._password.setFixedWidth(280)
        line.addWidget(self._password)
        self._seen.set_text("我看过，和台账一致")
        line.addWidget(self._seen, 1)
        line.addWidget(self._foot())
        box.addLayout(line)
        box.addWidget(self._note)
        return shown

    def _make_inputs(self, view: SignView) -> tuple[QWidget, ...]:
        self._password = PasswordField(name="签名密码")
        self._password.next.connect(lambda step: self._sign() if step > 0 else None)
        self._password.typed.connect(lambda text: self._changed())
        self._seen = Check(f"我看过这 {view.pages} 页，数字和台账一致")
        self._seen.toggled.connect(lambda on: self._changed())
        words = "" if look.narrow else "签名后内容锁定。报送前要改，先撤回签名。"
        self._note = Message("note", words)
        return self._password, self._seen, self._note

    def _foot(self) -> QWidget:
        foot = QWidget()
        line = row(foot, 8, (0, 4, 0, 0))
        back = Button("回去改", icon="chev-l")
        back.clicked.connect(self.back)
        line.addWidget(back)
        line.addStretch(1)
        self._button = Button("签名", kind="filled", size="large", icon="pen")
        self._button.clicked.connect(self._sign)
        line.addWidget(self._button)
        self._changed()
        return foot

    # --- acts ----------------------------------------------------------------------------------------------------

    def first_focus(self) -> None:
        if self._password is not None and self._prepared:
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self._prepared and hasattr(self, "_way_on"):
            self._way_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def back(self) -> bool:
        self.shell.go("check")
        return True

    def delete(self) -> bool:
        """撤回报送 of the signed return whose buttons have the focus."""
        return not self._prepared and self._list is not None and self._list.retract_here()

    def page(self, step: int) -> bool:
        if self._prepared:
            self._viewer.pages.go(self._viewer.pages.page + step)
        return True

    def preview(self) -> bool:
        """Print the pages as a draft copy: the original is printed after signing."""
        if self._prepared:
            from cunbao.ui.printing import print_pages

            print_pages(self.shell, joined([one.drawn.pdf for one in self._prepared]), "要签的报表")
        return True

    def _why_not(self) -> str:
        if not any(tick.is_on() for tick in self._ticks.values()):
            return "至少勾一张要签的表"
        missing = [label for name, label in BOXES if name in self._fields and not self._fields[name].text().strip()]
        if missing:
            return f"签字栏还缺：{'、'.join(missing)}"
        if not self._seen.is_on():
            return "请先勾“我看过”"
        if self._password is None or not self._password.text():
            return "请输入签名密码"
        return ""

    def _changed(self) -> None:
        if hasattr(self, "_button"):
            try:
                self._button.set_why(self._why_not())
            except RuntimeError:  # the page has been made anew
                return

    def _boxes_changed(self) -> None:
        """The boxes stand on the pages: draw them anew with the new words, keep what was typed below."""
        from cunbao.desks.village import signing

        desk = self.shell.desk
        ret = replace(self._view.ret, **{name: field.text().strip() for name, field in self._fields.items()})

        def work(progress: object, cancel: object) -> tuple[Any, ...]:
            desk.set_ret(ret)
            return signing.prepare(desk, ret=ret)

        def done(prepared: tuple[Any, ...]) -> None:
            self._prepared = prepared
            page = self._viewer.pages.page
            self._viewer.show_pdf(joined([one.drawn.pdf for one in prepared]), signing.covered(desk, prepared))
            self._viewer.pages.go(page)
            self._changed()

        self.shell.run_job(work, title="换上签字栏", done=done)

    def _sign(self) -> None:
        why_not = self._why_not()
        if why_not:
            self._note.set("warn", f"{why_not}。")
            return
        assert self._password is not None
        password = self._password.text()
        chosen = [one for one in self._prepared if self._ticks[one.form].is_on()]
        none = self._asked_for_receipt()
        if none is None:
            return

        def work(progress: Any, cancel: Any) -> Any:
            from cunbao.desks import restored

            if none:
                restored.answered(self.shell.desk, restored.NONE)
            return self.put_signature(chosen, password, progress, cancel)

        self.shell.run_job(work, title="签名", done=self._signed, failed=self._failed, may_cancel=True)

    def _asked_for_receipt(self) -> bool | None:
        """After a restore the newest receipt comes first. True: the clerk says there is none; None: not signing now."""
        from cunbao.desks import restored

        of = restored.asks(self.shell.desk)
        if of is None:
            return False
        said = self.shell.ask(self.shell.face.newest_first(of), escape="later")
        if said == "receipt":
            self.shell.go(self.shell.face.receipts)
        return True if said == "none" else None

    def put_signature(self, chosen: Sequence[Any], password: str, progress: Any, cancel: Any) -> Any:
        """On the worker."""
        from cunbao.desks.village import signing

        return signing.sign(self.shell.desk, chosen, password, progress=progress, cancel=cancel)

    def _failed(self, error: CunbaoError) -> None:
        if error.code in ("password.wrong", "password.empty") and self._password is not None:
            self._password.set_text("")
            self._note.set("error", f"{error.happened}，{error.safe}。{error.todo}。")
            self._changed()
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.shell.show_error(error)
        self.refresh()

    def _signed(self, lines: Any) -> None:
        self.shell.refresh_frame()
        self.shell.go("send")


def joined(pdfs: Sequence[bytes]) -> bytes:
    """Several PDFs as one, for looking at; each is signed by itself."""
    if len(pdfs) == 1:
        return pdfs[0]
    import io

    import pypdfium2

    out = io.BytesIO()
    with PDFIUM:
        whole = pypdfium2.PdfDocument.new()
        for data in pdfs:
            part = pypdfium2.PdfDocument(data)
            whole.import_pages(part)
            part.close()
        whole.save(out)
        whole.close()
    return out.getvalue()


def _headed(title: str, line: str) -> QWidget:
    shown = QWidget()
    parts = row(shown, 8, (16, 8, 16, 8))
    parts.addWidget(Text(title, bold=True), 1)
    parts.addWidget(Text(line, tone="text_2"))
    return shown


def _lined(inner: QWidget) -> QWidget:
    """A part of the side card with a line above it."""
    from cunbao.ui.kit.panel import Line

    shown = QWidget()
    box: QVBoxLayout = column(shown, 0)
    box.addWidget(Line())
    holder = QWidget()
    column(holder, 0, (16, 8, 16, 9)).addWidget(inner)
    box.addWidget(holder)
    shown.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return shown


def _grid(parent: QWidget, columns: int = 2) -> QGridLayout:
    grid = QGridLayout(parent)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    for number in range(columns):
        grid.setColumnStretch(number, 1)
    return grid
