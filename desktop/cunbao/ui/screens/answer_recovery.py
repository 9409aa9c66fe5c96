"""找回密码, answered: the digits that somebody reads aloud are written down and compared, then the answer is written.

One screen for both superiors: a township answers its villages, the county its townships (ui/design.md county-10). Our
own digits are never shown, neither here nor on the slip that is printed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QScrollArea, QWidget

from cunbao.desks import answering
from cunbao.desks.answering import Identity, Request, Way
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.heard import HeardCode
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.pdfview import PdfPages
from cunbao.ui.kit.radios import RadioRow
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.answer_parts import (
    TOLD,
    RequestList,
    computer,
    entry_of,
    facts_of,
    fill,
    is_stick,
    labelled,
    step,
    whom,
)
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.screens.town_dialogs import ask_password
from cunbao.ui.screens.whereto import LOOK_MS, WrittenBanner
from cunbao.ui.shell import Shell

LIST, SLIP, GAP = 268, 252, 12
THREE_FROM = 1080  # px at 100 %: from this width on the slip stands beside the request
FILES = "*.cbrec"


class AnswerRecovery(TownScreen):
    nav = "recovery"
    help = (
        "忘了密码的人写一份申请，带来文件，再打电话念 24 位核对码。听到什么写什么，写满一组程序才比。",
        "错三组这份申请就作废。六组都相同，选好怎么核对的，输入你的密码，写出答复文件。",
        "答复只让那台电脑重设一次密码，别的电脑打不开。谁的密码都看不到，有人来问密码，一律不答。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._requests: tuple[Request, ...] = ()
        self._place: Path | None = None
        self._slip_of = ""
        self._pdf = b""
        self._box = column(self)
        self.head = PageHead("找回密码")
        self.read = Button("读申请文件", icon="usb")
        self.read.clicked.connect(self.choose)
        self.head.add(self.read)
        self.done = WrittenBanner(shell)
        self._inner = QWidget()
        whole = column(self._inner, 12)
        whole.addWidget(self.head)
        whole.addWidget(self.done)
        self._parts = QWidget()
        self._grid = QGridLayout(self._parts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        whole.addWidget(self._parts, 1)
        self._none = EmptyState("还没有人来找回密码。对方带来申请文件，在这里读。", self._empty_button())
        whole.addWidget(self._none, 1)
        self._make_left()
        self._make_middle()
        self._make_slip()
        self._area: QScrollArea = scrolled(self._inner)
        self._box.addWidget(self._area)
        self._columns = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look_for_sticks)

    def _empty_button(self) -> Button:
        made = Button("读申请文件", kind="filled", icon="usb")
        made.clicked.connect(self.choose)
        return made

    # --- what is made once ---------------------------------------------------------------------------------------

    def _make_left(self) -> None:
        self.left = QWidget()
        box = column(self.left, 12)
        card = Card()
        head = QWidget()
        line = row(head, 8, (16, 7, 12, 7))
        line.addWidget(Text("申请", bold=True), 1)
        self.count = Chip("warn", "shield-clock", "等核对")
        line.addWidget(self.count)
        card.add(head)
        card.add_line()
        self.list = RequestList(name="找回密码的申请")
        self.list.chosen.connect(self._chosen)
        card.add(self.list)
        box.addWidget(card)
        note = Card()
        inner = QWidget()
        words = column(inner, 4, (16, 12, 16, 12))
        words.addWidget(Text("谁的密码都看不到", bold=True))
        told = "答复文件只让那台电脑重设一次密码，别的电脑打不开。有人来问密码，一律不答。"
        words.addWidget(Text(told, "small", "text_2", lines=0))
        note.add(inner)
        box.addWidget(note)
        box.addStretch(1)

    def _make_middle(self) -> None:
        self.middle = Card()
        head = QWidget()
        line = row(head, 12, (16, 8, 16, 8))
        self.who = Text("", "lead", bold=True)
        self.number = Text("", "small", "text_2", align="right")
        line.addWidget(self.who, 1)
        line.addWidget(self.number)
        self.middle.add(head)
        self.middle.add_line()
        self._facts = QWidget()
        self._facts_grid = QGridLayout(self._facts)
        self._facts_grid.setContentsMargins(20, 10, 20, 10)
        self._facts_grid.setHorizontalSpacing(20)
        self._facts_grid.setVerticalSpacing(2)
        self._facts_grid.setColumnStretch(1, 1)
        self._facts_grid.setColumnStretch(3, 1)
        self.middle.add(self._facts)
        self.middle.add_line()
        self.steps = QWidget()
        steps = column(self.steps, 6, (20, 10, 20, 10))
        self.heard = HeardCode()
        self.heard.filled.connect(self._compare)
        self.heard.changed.connect(self._tell_main)
        self.message = Message()
        steps.addLayout(
            step(
                1, "请对方念屏幕上的 6 组数，听到什么写什么", "先不显示我们的数，写满一组才比。要回拨登记的号码。",
                self.heard, self.message,
            )
        )  # fmt: skip
        self.way = RadioRow([(one.name, one.value) for one in Way], name="方式")
        self.identity = RadioRow([(one.name, one.value) for one in Identity], name="身份")
        for ring in (self.way, self.identity):
            ring.chosen.connect(lambda key: self._tell_main())
        steps.addLayout(step(2, "怎么核对的", "", labelled("方式", self.way), labelled("身份", self.identity)))
        self.place = FieldBox(name="写到哪里")
        self.file = FieldBox(name="答复文件")
        for field in (self.place, self.file):
            field.set_state("readonly")
        self.other = Button("换地方", icon="folder")
        self.other.clicked.connect(self.choose_place)
        where = QWidget()
        line = row(where, 8)
        line.addWidget(self.place, 1)
        line.addWidget(self.other)
        steps.addLayout(step(3, "写出答复文件，打印核对单", "", where, self.file))
        self.middle.add(self.steps)
        self.told = Text("", tone="text_2", lines=0)
        told = QWidget()
        column(told, 0, (20, 16, 20, 16)).addWidget(self.told)
        self._told_box = told
        self.middle.add(told)
        self.middle.box.addStretch(1)
        self.middle.add_line()
        foot = QWidget()
        line = row(foot, 8, (16, 10, 16, 10))
        self.no = Button("对不上，不答复", kind="danger")
        self.no.clicked.connect(self._refuse)
        self.yes = Button("答复", kind="filled", icon="key", key="Ctrl+Enter")
        self.yes.clicked.connect(self._answer)
        self.why = Text("", "small", "text_2", align="right")
        line.addWidget(self.no)
        line.addWidget(self.why, 1)
        line.addWidget(self.yes)
        self._foot = foot
        self.middle.add(foot)

    def _make_slip(self) -> None:
        self.slip = SideCard("核对单", "printer")
        self.pages = PdfPages()
        self.pages.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pages.setAccessibleName("核对单的样子")
        self.slip.body.setContentsMargins(0, 0, 0, 0)
        self.slip.add(self.pages, 1)
        under = QWidget()
        box = column(under, 10, (16, 10, 16, 12))
        box.addWidget(
            Text("上联申请单位签字，下联这里签字盖章，留 2 年。空格用来写听到的数。", "small", "text_2", lines=0)
        )
        self.print = Button("先打印空白联", icon="printer", key="Ctrl+P")
        self.print.clicked.connect(self.preview)
        line = row()
        line.addWidget(self.print)
        line.addStretch(1)
        box.addLayout(line)
        self.slip.add(under)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        return True

    def open(self, **where: Any) -> None:
        """path: a request file to read."""
        self.done.hide()
        self._look_for_sticks()
        self._timer.start()
        self.refresh()
        if where.get("path"):
            QTimer.singleShot(0, self, lambda: self.read_request(Path(str(where["path"]))))

    def leave(self) -> None:
        self._timer.stop()

    def refresh(self) -> None:
        self._show(answering.requests(self.shell.desk))

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._waits():
            return (("0–9", "写听到的数"), ("Backspace", "改一位"), ("F2", "整组重听"), ("Delete", "不答复"))
        return (("Ctrl+O", "读申请文件"), ("↑↓", "选一份"), ("Ctrl+P", "打印核对单"), ("Esc", "回去"))

    def first_focus(self) -> None:
        target: QWidget = self.heard if self._waits() else self.list if self._requests else self.read
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, name: str) -> bool:
        if name == "Ctrl+O":
            self.choose()
        elif name == "F2":
            self.heard.again()
        return name in ("Ctrl+O", "F2")

    def go_on(self) -> bool:
        """Ctrl+Enter: 答复."""
        if self.yes.isEnabled() and self._waits():
            self._answer()
        return True

    def main_step(self) -> bool:
        return self.go_on()

    def delete(self) -> bool:
        if self._waits():
            self._refuse()
        return True

    def preview(self) -> bool:
        """Ctrl+P: the slip to the printer."""
        one = self._here()
        if one is None or not self._pdf:
            return False
        from cunbao.ui.printing import print_pages

        print_pages(self.shell, self._pdf, f"{one.name}-密码找回核对单")
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _here(self) -> Request | None:
        wanted = self.list.current()
        return next((one for one in self._requests if one.sha256 == wanted), None)

    def _waits(self) -> bool:
        one = self._here()
        return one is not None and one.state == answering.WAITS

    def _show(self, requests: Sequence[Request], chosen: str = "") -> None:
        before = self.list.current()
        self._requests = tuple(requests)
        self.head.line.setText(whom(self.shell.desk))
        waiting = sum(one.state == answering.WAITS for one in requests)
        self.count.set("warn", "shield-clock", f"等核对 {waiting}")
        show_if(self.count, bool(waiting))
        self.list.set_entries([entry_of(one) for one in requests], chosen or before)
        show_if(self._parts, bool(requests))
        show_if(self._none, not requests)
        show_if(self.read, bool(requests))
        self._arrange()
        self._show_one(anew=self.list.current() != before)

    def _chosen(self, key: str) -> None:
        self._show_one(anew=True)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _show_one(self, *, anew: bool) -> None:
        one = self._here()
        if one is None:
            return
        self.who.setText(f"{one.name}　{computer(one)}")
        self.number.setText(one.number)
        fill(self._facts_grid, facts_of(one))
        waits = one.state == answering.WAITS
        show_if(self.steps, waits)
        show_if(self._foot, waits)
        show_if(self._told_box, not waits)
        self.told.setText(TOLD.get(one.state, ""))
        if anew:
            self.heard.clear()
            self.way.clear()
            self.identity.clear()
        self.message.set("", "")
        self.file.set_text(one.answer)
        self._tell_place()
        self._draw_slip(one)

    def _tell_place(self) -> None:
        self.place.set_text(str(self._place) if self._place is not None else "没有找到 U 盘")
        self._tell_main()

    def _tell_main(self) -> None:
        why = self._why_not()
        self.yes.set_why(why)
        self.why.setText(why)

    def _why_not(self) -> str:
        if self.heard.missing():
            return f"还差 {self.heard.missing()} 组"
        if not self.way.current():
            return "还没选方式"
        if not self.identity.current():
            return "还没选身份"
        return "" if self._place is not None else "还没选写到哪里"

    def _draw_slip(self, one: Request) -> None:
        if self._slip_of == one.sha256:
            return
        self._slip_of, self._pdf, desk = one.sha256, b"", self.shell.desk

        def drawn(made: Any) -> None:
            if self._slip_of == one.sha256:
                self._pdf = made.pdf
                self.pages.show_pdf(made.pdf)
                self.print.set_why("")

        self.print.set_why("正在画")
        self.shell.jobs.start(
            lambda progress, cancel: answering.slip(desk, one.sha256), done=drawn, failed=lambda error: None
        )

    # --- place ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Three columns where there is room, else the slip under the list; one under the other at 150 %."""
        columns = 1 if look.narrow and self.width() < look.px(800) else 3 if self.width() >= look.px(THREE_FROM) else 2
        if look.scale > 1.0:
            columns = min(columns, 2)
        self._inner.layout().setContentsMargins(0, 0, 20, 16)
        self.left.setFixedWidth(look.px(LIST)) if columns > 1 else self.left.setMaximumWidth(16777215)
        self.slip.setFixedWidth(look.px(SLIP if columns == 3 else LIST)) if columns > 1 else None
        self.pages.setVisible(columns == 3)
        if columns == self._columns:
            return
        self._columns = columns
        for part in (self.left, self.middle, self.slip):
            self._grid.removeWidget(part)
        self._grid.addWidget(self.left, 0, 0)
        if columns == 3:
            self._grid.addWidget(self.middle, 0, 1)
            self._grid.addWidget(self.slip, 0, 2)
        elif columns == 2:
            self._grid.addWidget(self.middle, 0, 1, 2, 1)
            self._grid.addWidget(self.slip, 1, 0)
        else:
            self._grid.addWidget(self.middle, 1, 0)
            self._grid.addWidget(self.slip, 2, 0)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)
        self._grid.setRowStretch(0, 1)

    def _look_for_sticks(self) -> None:
        from cunbao.desks import media

        sticks = media.sticks()
        if self._place is None and sticks:
            self.use_place(sticks[0].path)

    def choose_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "答复写到哪个文件夹", str(self._place or Path.home()))
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.use_place(Path(chosen))

    def use_place(self, folder: Path) -> None:
        """What 换地方 does after the choice."""
        self._place = folder
        self._tell_place()

    # --- acts ----------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """读申请文件: from the stick that is in, else a file is chosen."""
        from cunbao.desks import media

        place = next((stick.path for stick in media.sticks()), Path.home())
        name, _ = QFileDialog.getOpenFileName(self, "读恢复申请", str(place), f"恢复申请 ({FILES})")
        self.window().activateWindow()
        if name:
            self.read_request(Path(name))

    def read_request(self, path: Path) -> None:
        desk = self.shell.desk

        def done(one: Request) -> None:
            self._place = self._place or path.parent
            self._show(answering.requests(desk), one.sha256)
            self.shell.refresh_frame()
            self.first_focus()

        self.shell.run_job(lambda progress, cancel: answering.take_in(desk, path), title="正在读申请", done=done)

    def _compare(self, group: int, digits: str) -> None:
        """A group is full. It is compared on the worker, where a miss is written down; typing goes on meanwhile."""
        one, desk = self._here(), self.shell.desk
        if one is None:
            return

        def done(same: bool) -> None:
            here = self._here()
            if here is None or here.sha256 != one.sha256:
                return
            self.heard.mark(group, same)
            if same:
                return
            self._show(answering.requests(desk))
            left = next(now.tries for now in self._requests if now.sha256 == one.sha256)
            if left:
                self.message.set("error", f"第 {group + 1} 组不同，请对方再念一遍；再错 {left} 组这份申请作废")
            else:
                self._ended()

        self.shell.jobs.start(
            lambda progress, cancel: answering.compare(desk, one.sha256, group, digits),
            done=done,
            failed=self._failed,
        )

    def _ended(self) -> None:
        self.shell.refresh_frame()
        self.shell.ask(
            DialogBox(
                "错了三组，这份申请作废",
                "没有答复。",
                "对方的资料还是锁着的，没有改动。",
                "请核实是谁写的申请；确是本人，让他重新写一份。已记在操作日志里。",
                (Choice("close", "知道了"),),
                icon="lock",
                tone="error",
            )
        )
        self.first_focus()

    def _refuse(self) -> None:
        one, desk = self._here(), self.shell.desk
        if one is None:
            return
        box = DialogBox(
            f"不答复{one.name}的这份申请？",
            "这份申请就此作废。",
            "对方的资料还是锁着的，没有改动。",
            "确是本人的，让他重新写一份。",
            (Choice("no", "不答复", kind="danger"), Choice("stay", "再核对一遍")),
            icon="lock",
            tone="error",
        )
        if self.shell.ask(box, escape="stay") == "no":
            self.shell.run_job(
                lambda progress, cancel: answering.refuse(desk, one.sha256),
                title="记下不答复",
                done=lambda nothing: (self.refresh(), self.shell.refresh_frame(), self.first_focus()),
            )

    def _answer(self) -> None:
        one, desk, place = self._here(), self.shell.desk, self._place
        if one is None or place is None or self._why_not():
            return
        digits, way, identity = self.heard.digits(), Way[self.way.current()], Identity[self.identity.current()]
        ask_password(
            self.shell,
            f"答复{one.name}",
            "答复只让那台电脑重设一次密码，三天内有效。",
            "输入你的密码，写出答复文件。",
            "答复",
            lambda own: answering.write_answer_file(desk, one.sha256, digits, own, place, way=way, identity=identity),
            done=self._written,
            failed=self._failed,
            working="正在写答复",
        )

    def _failed(self, error: CunbaoError) -> None:
        self.refresh()
        self.shell.show_error(error)

    def _written(self, path: Path) -> None:
        self.done.say(
            "ok",
            "答复写好了，读回核对一致，可以拔",
            f"{path.name}。请他在自己那台电脑上读入，输入写申请时设的新密码；再打印核对单签字。",
        )
        self.done.may_eject(path.parent if is_stick(path.parent) else None)
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()
