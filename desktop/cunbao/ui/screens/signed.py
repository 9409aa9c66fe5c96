"""What has been signed: code and state of each return; 正本 and 参阅件, the scan of its sealed paper, the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import SignedReturn
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.shell import Shell

PICTURES = "扫描件或照片 (*.jpg *.jpeg *.png *.pdf)"


class SignedList(SideCard):
    """One line a signed return. After an act that changes states the shell shows the sign screen anew."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("已签的报表", "seal")
        self._shell = shell
        self.body.setContentsMargins(0, 0, 0, 0)
        from cunbao.desks.village import signing

        found = signing.signed_returns(shell.desk)
        self._known = {one.form: one for one in found}
        self._lines: dict[str, QWidget] = {}
        for number, one in enumerate(found):
            if number:
                self.add_line()
            self._lines[one.form] = self._line(one)
            self.add(self._lines[one.form])
        self.setVisible(bool(found))

    def _line(self, one: SignedReturn) -> QWidget:
        shown = QWidget()
        parts = (column if look.narrow else row)(shown, 10, (16, 8, 16, 8))
        words = column(gap=0)
        first = row(gap=8)
        first.addWidget(Text(f"{one.form} {one.title}", bold=True))
        chip = Chip.state(one.state.token)
        chip.set_state(one.state.token, word=one.state.value)
        first.addWidget(chip)
        first.addStretch(1)
        words.addLayout(first)
        scans = f"　盖章扫描件 {one.scans} 份" if one.scans else ""
        at = one.signed_at.astimezone(LOCAL)
        line = f"第 {one.version} 版　{at:%Y-%m-%d %H:%M} 签　验证码 {one.code}{scans}"
        words.addWidget(Text(line, "small", "text_2", lines=2))
        if one.note:
            words.addWidget(Text(one.note, "small", "warn", lines=2))
        parts.addLayout(words, 1)
        buttons = row(gap=8)
        for word, icon, act in (
            ("正本", "printer", self._original),
            ("参阅件", "eye", self._copy),
            ("附扫描件", "plus", self._attach),
            *self._ways_back(one),
        ):
            button = Button(word, size="small", icon=icon)
            button.clicked.connect(lambda checked=False, act=act, form=one.form: act(form))
            button.setAccessibleDescription(f"{one.form} {word}")
            buttons.addWidget(button)
        if look.narrow:
            buttons.addStretch(1)
        parts.addLayout(buttons)
        return shown

    def _ways_back(self, one: SignedReturn) -> list[tuple[str, str, Callable[[str], None]]]:
        """The last buttons of a line: how it comes to be typed in again."""
        from cunbao.desks.village import lineage

        if lineage.may_give_up(self._shell.desk, one.form):
            return [("放弃更正", "undo", self._give_up)]
        if one.state.editable and one.state is not ReturnState.RETURNED:
            return [("接着改", "pencil", lambda form: self._go(form))]
        if one.state is ReturnState.FORK:
            return [("看另一份", "split", lambda form: self._look())]
        word = "撤回签名" if one.may_take_back else "修改" if one.state is ReturnState.RETURNED else "更正"
        back = [("撤回报送", "undo", self.retract)] if one.may_retract else []
        return [(word, "undo" if one.may_take_back else "pencil", self._take_back), *back]

    # --- 撤回报送 ------------------------------------------------------------------------------------------------

    @property
    def may_retract(self) -> bool:
        """Is there one that was sent and nobody has settled?"""
        return any(one.may_retract for one in self._known.values())

    def retract_here(self) -> bool:
        """撤回报送 of the line in which the focus is; False where it cannot be."""
        here = QApplication.focusWidget()
        for form, line in self._lines.items():
            if here is not None and line.isAncestorOf(here) and self._known[form].may_retract:
                self.retract(form)
                return True
        return False

    def retract(self, form: str) -> None:
        from cunbao.ui.screens.retract import ask_retract

        ask_retract(self._shell, form, lambda made: self._go(form))

    def _go(self, form: str) -> None:
        self._shell.refresh_frame()
        self._shell.go("form", form=form)

    # --- acts ----------------------------------------------------------------------------------------------------

    def _original(self, form: str) -> None:
        """The signed bytes, whole: asked first, since from then on the signature stays."""
        from cunbao.desks.village import signing
        from cunbao.ui.screens.preview import show_preview

        desk = self._shell.desk
        if self._known[form].may_take_back:
            box = DialogBox(
                f"打开{desk.task.forms[form].title}的正本？",
                "正本印着完整的身份证号和电话，打开会记进操作日志。",
                "签过名的内容不会变。",
                "正本拿出去以后，签名不能再撤回，要改就做更正。",
                (Choice("stay", "先不打开"), Choice("open", "打开正本")),
                icon="printer",
                help="sign/signed",
            )
            if self._shell.ask(box, escape="stay") != "open":
                return
        self._shell.run_job(
            lambda progress, cancel: signing.original(desk, form, how="print"),
            title="取出正本",
            done=lambda data: show_preview(self._shell, f"{form} 正本", data, "这就是签过名的那一份"),
        )

    def _copy(self, form: str) -> None:
        from cunbao.desks.village import signing
        from cunbao.ui.screens.preview import show_preview

        desk = self._shell.desk
        self._shell.run_job(
            lambda progress, cancel: signing.reading_copy(desk, form).pdf,
            title="画参阅件",
            done=lambda data: show_preview(self._shell, f"{form} 参阅件", data, "个人信息已遮盖，没有签名"),
        )

    def _attach(self, form: str) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选盖过章的纸质表的扫描件或照片", "", PICTURES)
        if name:
            self.attach(form, Path(name))

    def attach(self, form: str, path: Path) -> None:
        """What 附扫描件 does after the choice."""
        from cunbao.desks import evidence

        desk = self._shell.desk
        self._shell.run_job(
            lambda progress, cancel: evidence.attach(desk, form, path),
            title="附上扫描件",
            done=lambda kept: self._shell.go("sign"),
        )

    def _look(self) -> None:
        self._shell.go("receipt")

    def _give_up(self, form: str) -> None:
        from cunbao.ui.screens.locked import give_up

        give_up(self._shell, form, lambda nothing: self._shell.go("sign"))

    def _take_back(self, form: str) -> None:
        from cunbao.desks.village import signing

        desk = self._shell.desk
        self._shell.run_job(
            lambda progress, cancel: signing.begin_correction(desk, form),
            title="撤回签名",
            done=lambda nothing: self._shell.go("form", form=form),
        )
