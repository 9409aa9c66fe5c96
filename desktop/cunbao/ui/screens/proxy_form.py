"""Filling a form of a village beside its paper: the village's own form screen and row editor, laid for the middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.township import proxying
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button, IconButton
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, Icon, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.carry import ask_carry
from cunbao.ui.screens.facility import FacilityPart
from cunbao.ui.screens.form import FormScreen
from cunbao.ui.screens.formframe import FormFrame
from cunbao.ui.screens.proxy_rows import ProxyRows
from cunbao.ui.screens.roster import RosterPart
from cunbao.ui.screens.roweditor import RowScreen
from cunbao.ui.screens.sheet import Sheet
from cunbao.ui.screens.sheets import eye_of

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

NOTE = "照纸质原表填。看不清的先空着，打电话问村里。"


class ProxyFrame(FormFrame):
    """The parts round a section in one card. Its head, with `to_check()` and `to_form(step)`, is for the page above."""

    to_check = Signal()
    to_form = Signal(int)
    reveal = Signal()

    def __init__(self, sheet: Sheet, banner: QWidget | None, village: str) -> None:
        super().__init__(sheet, banner)
        box = self.layout()
        assert box is not None
        box.removeWidget(self.head)
        self.head.title.setText(village)
        self.head.set_crumb(f"{sheet.id} {sheet.screen.nav}")
        for button in (self.give_up_button, self.paste_button, self.preview_button, self.add_button):
            button.setParent(None if button is self.give_up_button else self._away)
        self.head.add(self.give_up_button)
        self.before = Button("上一表", icon="chev-l")
        self.before.clicked.connect(lambda: self.to_form.emit(-1))
        self.check = Button("填好了，去检查", kind="filled", key="Ctrl+Enter" if look.scale < 1.5 else "")
        self.check.clicked.connect(self.to_check.emit)
        self.head.add(self.before)
        self.head.add(self.check)

    # --- the card ----------------------------------------------------------------------------------------------------

    def _lay_sections(self) -> QWidget:
        """One card; what there is no room for is kept away: it goes on working, and is reached by its key."""
        self._away = QWidget(self)
        self._away.hide()
        away = column(self._away)
        for part in (self.list, self.live, self.help, self.previous):
            if part is not None:
                away.addWidget(part)
        card = Card()
        card.add(self._card_head())
        card.add_line()
        card.add(self._slot, 1)
        card.add_line()
        card.add(self._card_foot())
        return card

    def _card_head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(look.px(43))
        line = row(head, 8, (12, 0, 12, 0))
        self.back = IconButton("chev-l", "上一节", framed=True)
        self.back.clicked.connect(lambda: self.step.emit(-1))
        self.forward = IconButton("chev-r", "下一节", framed=True)
        self.forward.clicked.connect(lambda: self.step.emit(1))
        self.place = Text("", "small", "text_2")
        line.addWidget(self.back)
        line.addWidget(self.title)
        line.addWidget(self.place)
        line.addWidget(self.forward)
        line.addStretch(1)
        self.lock, self.masked = Icon("lock", "text_2", 15), Text("", "small", "text_2")
        self.show_button = Button("显示", size="small", icon="eye" if look.scale < 1.5 else "")
        self.show_button.clicked.connect(self.reveal.emit)
        paste = IconButton("paste", "从 Excel 粘贴", framed=True)
        paste.clicked.connect(self.paste.emit)
        printer = IconButton("printer", "打印预览 Ctrl+P", framed=True)
        printer.clicked.connect(self.preview.emit)
        self._paste_icon = paste
        for part in (self.lock, self.masked, self.show_button, paste, printer):
            line.addWidget(part)
        return head

    def _card_foot(self) -> QWidget:
        foot = QWidget()
        line = row(foot, 8, (16, 8, 16, 8))
        line.addWidget(Text(NOTE, "small", "text_2", lines=2), 1)
        self.trouble_button.set_key("F8")
        line.addWidget(self.trouble_button)
        self.next.set_kind("outlined")
        self.next.set_key("")
        line.addWidget(self.next)
        return foot

    def show_part(self, part: QWidget, *, roster: bool) -> None:
        super().show_part(part, roster=False)

    def name_steps(self, before: str, after: str, *, form_before: bool) -> None:
        """The buttons say where they lead as far as there is room; Ctrl+Enter goes to the check from everywhere."""
        super().name_steps(before, after, form_before=form_before)
        short = after.partition("：")[0] if look.scale > 1.0 or len(after) > 9 else after
        self.next.setText(short)
        self.next.setToolTip(after)
        self.back.setToolTip(before)
        self.back.set_why("" if before and not form_before else "这是第一节")
        self.forward.set_why("" if after.startswith("下一节") else "这是最后一节")

    # --- what stands in it -------------------------------------------------------------------------------------------

    def show_place(self, number: int, count: int, title: str) -> None:
        """Which section of how many."""
        self.title.setText(title)
        self.place.setText(f"{number} / {count}")
        for part in (self.back, self.forward, self.place):
            show_if(part, count > 1)

    def show_covered(self, label: str, kind: str, *, revealed: bool, pasteable: bool) -> None:
        """What is covered in this section, "" nothing."""
        for part in (self.lock, self.show_button):
            show_if(part, bool(label))
        hidden = f"{label}已隐藏中间 {8 if kind == 'id' else 4} 位"
        self.masked.setText("1 分钟后盖住" if revealed else hidden)
        show_if(self.masked, bool(label) and look.scale == 1.0)
        self.show_button.setText("盖住" if revealed else "显示")
        show_if(self._paste_icon, pasteable)


class ProxyForm(FormScreen):
    """The form screen in the middle. `frame.head` is lifted to the top of the page by whoever shows it."""

    frame: ProxyFrame

    def keys(self) -> Sequence[tuple[str, str]]:
        add = (("Ctrl+N", f"增加一{self.part.unit}"),) if isinstance(self.part, ProxyRows) else ()
        return (("Enter", "下一格"), *add, ("F7", "看原表"), ("Esc", "停下代报"))

    def make_frame(self) -> FormFrame:
        inside: Any = self.shell
        banner = proxy_banner(self.shell, self.form, self._unlocked)
        made = ProxyFrame(self.sheet, banner, inside.desk.office.short)
        made.to_check.connect(lambda: (self.leave(), self.shell.go("check")))
        made.to_form.connect(self._to_form)
        made.reveal.connect(eye_of(self.shell).toggle)
        return made

    def make_rows(self, section: Section) -> RosterPart | FacilityPart:
        made = ProxyRows(self.sheet, section, self._unit(section.repeat))
        made.carry.connect(self._carry)
        return made

    def _build(self) -> None:
        super()._build()
        forms = list(self.shell.desk.task.forms)
        at = forms.index(self.form)
        self.frame.before.setText(f"上一表：{forms[at - 1]}" if look.scale == 1.0 else "上一表")
        show_if(self.frame.before, at > 0)
        inside: Any = self.shell
        inside.told.emit()

    def _to_form(self, step: int) -> None:
        forms = list(self.shell.desk.task.forms)
        to = forms.index(self.form) + step
        if 0 <= to < len(forms):
            self.shell.go("form", form=forms[to])

    def _show_section(self, at: int, *, focus: bool = False, last: bool = False) -> None:
        super()._show_section(at, focus=focus, last=last)
        shown = self._shown_sections()
        section = self.sheet.sections[self.at]
        self.frame.show_place(shown.index(self.at) + 1, len(shown), section.title)
        self._show_covered()

    def _show_covered(self) -> None:
        sheet, section = self.sheet, self.sheet.sections[self.at]
        fields = sheet.form.repeat(section.repeat).fields if section.repeat else ()
        secret = next((one for one in fields if one.mask == "id"), None) or next(
            (one for one in fields if one.mask), None
        )
        applies = not section.repeat or sheet.instance.relevant(Cell(section.repeat))
        self.frame.show_covered(
            secret.label if secret is not None and applies else "",
            secret.mask if secret is not None else "",
            revealed=sheet.revealed,
            pasteable=bool(section.repeat) and sheet.editable and applies,
        )

    def _show_marks(self) -> None:
        super()._show_marks()
        if isinstance(self.part, ProxyRows) and self.part.unit == "人":
            here = len(self.sheet.rows_of(self.sheet.sections[self.at]))
            self.frame.head.line.setText(f"{here} 人，{self.frame.head.line.text()}")
        inside: Any = self.shell
        inside.told.emit()

    def _carry(self) -> None:
        if isinstance(self.part, ProxyRows):
            ask_carry(self.shell, self.form, self._repeat(), self.part.unit, people=self.part.unit == "人")

    def _reveal(self, on: bool) -> None:
        super()._reveal(on)
        for part in self._parts.values():
            if isinstance(part, ProxyRows):
                part.refresh()
        if self.form:
            self._show_covered()

    def main_step(self) -> bool:
        return self.go_on()

    def go_on(self) -> bool:
        """Ctrl+Enter: to the check, from whatever section."""
        self.leave()
        self.shell.go("check")
        return True


class RowHead(PageHead):
    """第 3 人 岩胆: the form's name stands above all."""

    def set_crumb(self, crumb: str) -> None:
        self.title.setText(crumb)


class ProxyRow(RowScreen):
    """The row editor in the middle, without the roster beside it."""

    with_list = False

    def make_head(self) -> PageHead:
        return RowHead("")

    def _build(self) -> None:
        super()._build()
        small = look.scale > 1.0
        for button, key in ((self.previous_button, "PgUp"), (self.following_button, "PgDn")):
            button.set_key("" if small else key)
        self.delete_button.setText("删除" if small else f"删除这一{self.noun}")
        self.drop_button.set_key("" if small else "Esc")
        self.next_button.set_key("")


# --- a version that is signed ----------------------------------------------------------------------------------------


def proxy_banner(shell: Shell, form: str, unlocked: Any) -> Banner | None:
    """None while the form may be typed in. `unlocked(result)` runs when it may be again."""
    desk = shell.desk
    if desk.read_only:
        return Banner("info", "现在是只看不改", "要代报，请先关闭，把提示的问题处理好后再打开。", icon="lock")
    state, newest = desk.state(form), desk.newest(form)
    if state.editable or newest is None:
        return None
    if state is ReturnState.FORK:
        return Banner("info", f"{form} 有两份，都锁定", "先到“冲突”里选定一份，再看要不要代它改。", icon="lock")
    own = newest.kind != Kind.PROXY.code
    button = Button("代它更正" if own else "更正", icon="pencil")
    button.clicked.connect(lambda: _correct(shell, form, unlocked, own=own))
    line = "这一份是村里自己签的。" if own else _how(desk, newest.id)
    return Banner("info", f"{form} {state.value}，内容锁定", line, button=button, icon="lock")


def _how(desk: Any, revision: str) -> str:
    why_not = desk.workspace.why_not_retract(revision)
    return f"{why_not}，要改就另做一版。" if why_not else "还没有人看过，签名可以撤回再改。"


def _correct(shell: Shell, form: str, unlocked: Any, *, own: bool) -> None:
    whose = f"{shell.desk.office.short}自己签的那一版" if own else "签过名的那一版"
    box = DialogBox(
        f"更正 {form}？",
        f"在{whose}的内容上改，改完重新检查、签名，还是代报。",
        f"{whose}留着，新的一版通过以前还算数",
        "",
        (Choice("stay", "不更正"), Choice("correct", "开始更正")),
        icon="pencil",
        tone="accent",
    )
    if shell.ask(box, escape="stay") == "correct":
        desk = shell.desk
        shell.run_job(lambda progress, cancel: proxying.correct(desk, form), done=unlocked, title="开始更正")
