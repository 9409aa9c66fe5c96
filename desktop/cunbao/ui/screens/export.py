"""village-10: write the bundle to a stick, read it back, and say what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import BundleView, ExportView, StickView
from cunbao.errors import CunbaoError
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Message, PasswordField
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Number
from cunbao.ui.kit.panel import Card, Icon, SideCard, column, row, scrolled
from cunbao.ui.kit.steps import StepBar
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

SIDE = 400


def size_words(count: int) -> str:
    """1.8 MB; 640 KB under one megabyte."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} KB"


class ExportScreen(Screen):
    nav = "send"
    help = (
        "把签好的报表写成一个加密的报送包，放到 U 盘，送到乡镇。",
        "写完会从 U 盘重新读一遍核对，出现“读回核对一致”才算写好。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._folder: Path | None = None
        self._main: Button | None = None
        self._password: PasswordField | None = None
        self._again = False
        self._view: ExportView | None = None
        self._outbox: Path | None = None  # the folder of what goes by network alone, where an outbox is set up

    @property
    def to_edge(self) -> bool:
        return look.scale > 1.0

    def keys(self) -> Sequence[tuple[str, str]]:
        word = self._main.text() if self._main is not None else "写到 U 盘"
        return (("Enter", word), ("Ctrl+P", "打印送件单"), ("Esc", "回到本期任务"))

    def refresh(self) -> None:
        from cunbao.desks import media, outbox
        from cunbao.desks.village import sending

        view = sending.export_view(self.shell.desk)
        fresh = (
            view.last is None
            or self._again
            or any(self.shell.desk.state(form) is ReturnState.SIGNED for form in view.forms)
            or bool(view.retracted)
        )
        self._sticks = media.sticks()
        self._outbox = outbox.place_of(self.shell.desk)
        if self._folder is None:
            self._folder = self._sticks[0].path if self._sticks else self._outbox
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._view = view
        inner = self._to_write(view) if fresh or view.last is None else self._written(view, view.last)
        if self.to_edge:
            inner.layout().setContentsMargins(0, 0, 8, 16)
        self._box.addWidget(inner if look.scale == 1.0 else scrolled(inner))

    # --- before writing ------------------------------------------------------------------------------------------

    def _to_write(self, view: ExportView) -> QWidget:
        inner = QWidget()
        box = column(inner, 12)
        head = PageHead("报送", f"{self.shell.desk.task.period} 年度 第 {view.sequence} 次")
        head.set_state(view.state.token, word=view.state.value)
        box.addWidget(head)
        box.addWidget(StepBar(min(view.state.step, 4), high=46))
        if view.why_not:
            go = Button("做更正" if view.correct else "去签名" if "签名" in view.why_not else "去检查", size="small")
            go.clicked.connect(lambda: self._mend(view.correct))
            box.addWidget(Banner("warn", view.why_not, "处理好以后再回到这里。", button=go))
        line = row(gap=16) if not look.narrow else column(gap=12)
        left = column(gap=12)
        left.addWidget(self._what(view))
        left.addWidget(self._where(view))
        left.addStretch(1)
        line.addLayout(left, 1)
        side = self._next_steps(view, None)
        if not look.narrow:
            side.setFixedWidth(SIDE)
        line.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(line, 1)
        return inner

    def _mend(self, form: str) -> None:
        """What stands in the way of the bundle: a 更正 with the new values, or a signature."""
        from cunbao.ui.screens.locked import correct_now

        if form:
            correct_now(self.shell, form)
        else:
            self.shell.go("sign")

    def _what(self, view: ExportView) -> Card:
        card = SideCard("报送包", "package")
        desk = self.shell.desk
        titles = "、".join(f"{form} {desk.task.screens[form].nav}" for form in view.forms)
        back = f"撤回 {'、'.join(view.retracted)} 的报送" if view.retracted else ""
        titles = "；".join(part for part in (titles, back) if part) or "还没有签过名的报表"
        _facts(
            card,
            (
                ("文件", view.file_name, True),
                ("装什么", titles, False),
                ("谁能打开", f"只有{desk.directory.township.short}，已加密", False),
                ("报到哪里", f"{view.send_to}，{view.deadline:%m-%d} 前", False),
            ),
        )
        return card

    def _where(self, view: ExportView) -> Card:
        card = Card()
        inner = QWidget()
        box = column(inner, 10, (16, 12, 16, 14))
        box.addWidget(Text("写到哪里", bold=True))
        for stick in self._sticks:
            box.addWidget(self._place(stick))
        if self._outbox is not None:
            box.addWidget(self._place_outbox(self._outbox))
        by_net = self._folder is not None and self._folder == self._outbox
        where = str(self._folder) if self._folder else "没有找到 U 盘。插上 U 盘，或者选一个文件夹。"
        chosen = Text(
            "只经网络送，不写 U 盘" if by_net else where,
            tone="text_2",
            lines=2,
        )
        other = Button("选文件夹", icon="folder")
        other.clicked.connect(self._choose)
        line = row(gap=12)
        line.addWidget(chosen, 1)
        line.addWidget(other)
        box.addLayout(line)
        box.addWidget(Text(f"{self.shell.desk.person.name}的签名密码（给报送包签名）"))
        self._password = PasswordField(name="签名密码")
        self._password.next.connect(lambda step: self._write() if step > 0 else None)
        self._password.typed.connect(lambda text: self._changed())
        box.addWidget(self._password)
        self._note = Message("note", "写完会从 U 盘重新读一遍核对。写的时候不要拔。")
        box.addWidget(self._note)
        foot = row()
        foot.addStretch(1)
        word = "写到 U 盘" if self._sticks else "写到这个文件夹"
        self._main = Button(
            "放进待发箱" if by_net else word, kind="filled", size="large", icon="send" if by_net else "usb", key="Enter"
        )
        self._main.clicked.connect(self._write)
        foot.addWidget(self._main)
        box.addLayout(foot)
        card.add(inner)
        self._changed()
        return card

    def _place(self, stick: StickView) -> Button:
        here = stick.path == self._folder
        button = Button(f"{stick.title}　还有 {size_words(stick.free)}", icon="usb", kind="outlined", bold=here)
        button.clicked.connect(lambda: self._use(stick.path))
        return button

    def _place_outbox(self, folder: Path) -> Button:
        here = folder == self._folder
        button = Button("待发箱　有网络时自己送到网盘", icon="send", kind="outlined", bold=here)
        button.clicked.connect(lambda: self._use(folder))
        return button

    def _use(self, folder: Path) -> None:
        self._folder = folder
        self.refresh()
        self.first_focus()

    def use_folder(self, folder: Path) -> None:
        """What 选文件夹 does after the choice; tests and the demo's pictures call it."""
        self._use(folder)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "报送包写到哪个文件夹", str(self._folder or Path.home()))
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self._use(Path(chosen))

    def _why_not(self) -> str:
        if self._view is not None and self._view.why_not:
            return self._view.why_not
        if self._folder is None:
            return "先插上 U 盘，或选一个文件夹"
        if self._password is None or not self._password.text():
            return "请输入签名密码"
        return ""

    def _changed(self) -> None:
        if self._main is not None:
            self._main.set_why(self._why_not())

    def _write(self) -> None:
        from cunbao.desks.village import sending

        why_not = self._why_not()
        if why_not:
            self._note.set("warn", f"{why_not}。")
            return
        assert self._password is not None and self._folder is not None
        desk, folder, password = self.shell.desk, self._folder, self._password.text()

        def work(progress: Any, cancel: Any) -> BundleView:
            return sending.write_bundle(desk, folder, password, progress=progress, cancel=cancel)

        def done(view: BundleView) -> None:
            self._again = False
            self.shell.carrier.look()
            self.refresh()
            self.shell.refresh_frame()
            self.first_focus()

        self.shell.run_job(work, title="写报送包", done=done, failed=self._failed, may_cancel=True)

    def _failed(self, error: CunbaoError) -> None:
        if error.code in ("password.wrong", "password.empty") and self._password is not None:
            self._password.set_text("")
            self._note.set("error", f"{error.happened}。还没有写，{error.todo}。")
            self._changed()
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        from cunbao.ui.screens import dialogs

        sequence = self._view.sequence if self._view is not None else 1
        if error.code != "medium.gone":
            self.shell.show_error(error)
        elif self.shell.ask(dialogs.stick_gone(error, sequence), escape="later") == "again":
            self._write()

    # --- after writing -------------------------------------------------------------------------------------------

    def _written(self, view: ExportView, last: BundleView) -> QWidget:
        inner = QWidget()
        box = column(inner, 12)
        head = PageHead("报送", f"{self.shell.desk.task.period} 年度 第 {last.sequence} 次")
        head.set_state(view.state.token, word=view.state.value)
        box.addWidget(head)
        box.addWidget(StepBar(max(5, min(view.state.step, 7)), high=46))
        at = last.written_at.astimezone(LOCAL)
        by_net = self._outbox is not None and last.path.parent == self._outbox
        self._main = Button(
            "看待发箱" if by_net else "弹出 U 盘", kind="filled", size="large", icon="send" if by_net else "usb",
            key="Enter",
        )  # fmt: skip
        self._main.clicked.connect((lambda: self.shell.go("outbox")) if by_net else self._eject)
        box.addWidget(
            Banner(
                "ok",
                "报送包已放进待发箱，读回核对一致" if by_net else "报送包已写到 U 盘，读回核对一致",
                f"{at:%Y-%m-%d %H:%M} 写完，" + ("有网络时自己送去" if by_net else "可以拿去乡镇了"),
                button=self._main,
                lead=True,
            )
        )
        line = row(gap=16) if not look.narrow else column(gap=12)
        left = column(gap=12)
        left.addWidget(self._bundle(last))
        left.addWidget(self._steps(last))
        left.addStretch(1)
        left.addWidget(
            Message(
                "note",
                f"报送后各表只能看。要改，等乡镇退回，或在签名里点“更正”；改后再报是第 {last.sequence + 1} 次。",
                icon="lock",
            )
        )
        line.addLayout(left, 1)
        side = self._next_steps(view, last)
        if not look.narrow:
            side.setFixedWidth(SIDE)
        line.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(line, 1)
        return inner

    def _bundle(self, last: BundleView) -> Card:
        card = SideCard("报送包", "package")
        _facts(
            card,
            (
                ("文件", last.file_name, True),
                ("在哪里", str(last.path.parent), False),
                ("大小", f"{size_words(last.size)}，{last.forms} 张表和签名的 PDF {last.pages} 页", False),
                ("谁能打开", f"只有{last.reader}，已加密", False),
                ("核对码", last.check_code, True),
            ),
            after={"核对码": "乡镇收到时念一遍，对上就没错"},
        )
        return card

    def _steps(self, last: BundleView) -> Card:
        card = Card()
        inner = QWidget()
        line = row(inner, 16, (16, 10, 16, 10))
        seconds = f"{size_words(last.size)}，{max(1, round(last.seconds))} 秒"
        for title, words in (("1 写入", seconds), ("2 读回", "从 U 盘重新读了一遍"), ("3 核对", "内容和签名都一致")):
            part = row(gap=12)
            part.addWidget(Icon("check-circle", "ok"))
            said = column(gap=0)
            said.addWidget(Text(title, bold=True))
            said.addWidget(Text(words, "small", "text_2"))
            part.addLayout(said, 1)
            line.addLayout(part, 1)
        card.add(inner)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return card

    def _next_steps(self, view: ExportView, last: BundleView | None) -> Card:
        card = SideCard("接下来")
        card.body.setContentsMargins(0, 0, 0, 0)
        steps: list[tuple[str, str, Button | None]] = [
            ("弹出 U 盘", "等提示“可以拔了”再拔。", None),
            (f"送到{view.send_to}", f"{view.deadline:%m-%d} 前。能上网的电脑也可以代传。", None),
            ("把回执包拿回来", "乡镇收下后会给一个回执文件。", self._read_receipt() if last is not None else None),
        ]
        if last is None:
            steps.insert(0, ("写到 U 盘", "写完会自动读回核对。", None))
        for number, (title, words, button) in enumerate(steps, 1):
            if number > 1:
                card.add_line()
            shown = QWidget()
            line = row(shown, 12, (16, 10, 16, 10))
            line.addWidget(Number(number), 0, Qt.AlignmentFlag.AlignTop)
            said = column(gap=0)
            said.addWidget(Text(title, bold=True, lines=2))
            said.addWidget(Text(words, "small", "text_2", lines=2))
            line.addLayout(said, 1)
            if button is not None:
                line.addWidget(button)
            card.add(shown)
        if last is not None:
            card.add_line()
            shown = QWidget()
            line = row(shown, 12, (12, 8, 16, 8))
            again = Button("再写一个 U 盘", kind="quiet", icon="copy")
            again.clicked.connect(self._write_again)
            slip = Button("打印送件单", kind="quiet", icon="printer")
            slip.clicked.connect(self.preview)
            line.addWidget(again)
            line.addWidget(slip)
            line.addStretch(1)
            card.add(shown)
        return card

    def _read_receipt(self) -> Button:
        button = Button("读入回执", size="small", icon="inbox-in")
        button.clicked.connect(lambda: self.shell.go("receipt"))
        return button

    # --- acts ----------------------------------------------------------------------------------------------------

    def first_focus(self) -> None:
        if self._password is not None and self._password.isVisibleTo(self):
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._main is not None:
            self._main.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        if self._main is not None and self._main.isEnabled():
            self._main.click()
        return True

    def back(self) -> bool:
        self.shell.go("home")
        return True

    def preview(self) -> bool:
        """送件单: one page that goes with the stick."""
        view = self._view
        if view is None or view.last is None:
            return True
        from cunbao.ui.screens.preview import show_preview

        desk, last = self.shell.desk, view.last

        def work(progress: object, cancel: object) -> bytes:
            from cunbao.desks.village import papers

            return papers.delivery_slip(desk, last)

        self.shell.run_job(work, title="排版送件单", done=lambda data: show_preview(self.shell, "送件单", data))
        return True

    def _write_again(self) -> None:
        self._again = True
        self._password = None
        self.refresh()
        self.first_focus()

    def _eject(self) -> None:
        from cunbao.desks import media

        assert self._view is not None and self._view.last is not None
        folder = self._view.last.path.parent

        def done(word: str) -> None:
            assert self._main is not None
            banner = self._main.parentWidget().parentWidget()
            if isinstance(banner, Banner):
                banner.set_words("可以拔了" if not word else "没能自动弹出", word or "U 盘已经安全弹出，拿去乡镇吧")

        self.shell.run_job(lambda progress, cancel: media.eject(folder), title="弹出 U 盘", done=done)


def _facts(card: SideCard, facts: Sequence[tuple[str, str, bool]], after: dict[str, str] | None = None) -> None:
    for name, value, bold in facts:
        line = row(gap=12)
        label = Text(name, tone="text_2")
        label.setFixedWidth(look.px(84))
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Text(value, bold=bold, lines=2), 0 if after and name in after else 1)
        if after and name in after:
            line.addWidget(Text(after[name], "small", "text_2"), 1)
        card.body.addLayout(line)
