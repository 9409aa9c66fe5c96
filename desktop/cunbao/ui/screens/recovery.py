"""找回密码: write the request for the township, read its 24 digits aloud, take the answer. Before any password, no nav.

Two faces of one screen: asking (a new password, a place), and waiting (the code, then the answer file). Nothing of the
workspace changes before the answer has opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from cunbao.desks import media, recovery
from cunbao.desks.clock import LOCAL, Clock
from cunbao.desks.recovery import RecoveryAsked
from cunbao.desks.views import StickView, UnlockView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow, Message, PasswordField
from cunbao.ui.kit.marks import Logo, Number
from cunbao.ui.kit.panel import Card, Line, Panel, SideCard, column, row, scrolled
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.unlock import ABOVE
from cunbao.ui.shell import Shell

LEFT, RIGHT, GAP = 560, 320, 24
ANSWERS = "*.cbrea"
VILLAGE_KEYS = "新证书待核准：现在就可以填报、签名、报送，乡镇核准后才算数。核对码在“设置”里，念给乡镇听。"
TOWN_KEYS = (
    "在“设置”里看本镇的证书：别的审核员还掌管签发证书的钥匙的，请他打开一次，互相点“让他签名”；没有别人的，"
    "写证书申请交给县里，县里换发后才能审核。"
)
STEPS = (
    "写申请，存到 U 盘",
    "把 U 盘交给{above}，再打电话念 24 位核对码",
    "{above}对上码，写一个答复文件还给你",
    "在这台电脑上读入答复，新密码就能用",
)


class Recovery(Panel):
    """Signals: `asked(person, password, folder)`, `answered(file, password)`, `again()` (重写一份), `back()`."""

    help_place = "forgotten"
    manual = ""  # whose manual F1 shows: of the kind of desk that is opened
    asked = Signal(str, str, object)
    answered = Signal(object, str)
    again = Signal()
    back = Signal()
    printed = Signal()

    def __init__(
        self,
        view: UnlockView,
        waiting: RecoveryAsked | None,
        sticks: Sequence[StickView],
        parent: QWidget | None = None,
        *,
        above: str = "乡镇",
    ) -> None:
        super().__init__("bg", parent=parent)
        self._above = above
        self._view, self._waiting, self._sticks = view, waiting, tuple(sticks)
        self._place = self._sticks[0].path if self._sticks else None
        self._file = _newest_answer(self._sticks)
        inner, self._middle, self._foot = QWidget(), QWidget(), QWidget()
        box = column(self._middle, 12)
        head = row(gap=12)
        head.addWidget(Logo(36))
        words = column()
        words.addWidget(Text("找回密码", "title", bold=True))
        words.addWidget(Text(view.office, "small", "text_2"))
        head.addLayout(words, 1)
        box.addLayout(head)
        self._trouble = Banner("error", "", lead=False)
        self._trouble.hide()
        box.addWidget(self._trouble)
        parts = row(gap=GAP)
        self._left, self._right = Card(), SideCard("接下来怎么办", "list")
        parts.addWidget(self._left, 0, Qt.AlignmentFlag.AlignTop)
        parts.addWidget(self._right, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(parts)
        foot = row(self._foot, 8)
        leave = Button("回到输密码", key="Esc")
        leave.clicked.connect(self.back.emit)
        foot.addWidget(leave)
        if waiting is not None:
            self.paper = Button("打印核对单", icon="printer", key="Ctrl+P")
            self.paper.clicked.connect(self.preview)
            foot.addWidget(self.paper)
            other = Button("重写一份申请", kind="quiet", icon="restore")
            other.clicked.connect(self.again.emit)
            foot.addWidget(other)
        foot.addStretch(1)
        word = "写恢复申请" if waiting is None else "读入答复"
        self.button = Button(word, kind="filled", size="large", key="Ctrl+Enter")
        self.button.clicked.connect(self.go_on)
        foot.addWidget(self.button)
        page = column(self)
        around = column(inner, 12, (0, 36 if look.scale == 1.0 else 16, 0, 16))
        _centred(around, self._middle)
        page.addWidget(scrolled(inner), 1)
        if look.scale == 1.0:
            _centred(around, self._foot)
        else:  # larger letters may need scrolling; the next step stays in sight
            ground = Panel("bg", "t")
            _centred(column(ground, 0, (0, 8, 0, 8)), self._foot)
            page.addWidget(ground)
        around.addStretch(1)
        if waiting is None:
            self._fill_asking()
        else:
            self._fill_waiting(waiting)
        self._fill_steps(1 if waiting is None else 2)
        self.restyle()

    def restyle(self) -> None:
        if hasattr(self, "_left"):
            self._left.setFixedWidth(look.px(LEFT))
            self._right.setFixedWidth(look.px(RIGHT))
            for part in (self._middle, self._foot):
                part.setFixedWidth(look.px(LEFT) + look.px(RIGHT) + GAP)

    # --- asking --------------------------------------------------------------------------------------------------

    def _fill_asking(self) -> None:
        inner = QWidget()
        box = column(inner, 10, (20, 16, 20, 16))
        people = [Item(person.name, f"{person.name}　{person.role}") for person in self._view.people]
        self.person = CodeField(lambda: people, people[0].code if people else "")
        who = FieldRow("谁忘了密码", self.person)
        show_if(who, len(people) > 1)
        box.addWidget(who)
        self.first, self.second = PasswordField(name="新密码"), PasswordField(name="再输一遍")
        self._first_row = FieldRow("设一个新密码", self.first, hint="至少 6 个字，分大小写。读入答复时还要输，请记牢。")
        self._second_row = FieldRow("再输一遍", self.second)
        box.addWidget(self._first_row)
        box.addWidget(self._second_row)
        box.addWidget(Line())
        box.addWidget(Text("申请写到哪里", bold=True))
        if len(self._sticks) > 1:
            for stick in self._sticks:
                box.addWidget(self._stick_button(stick))
        line = row(gap=12)
        self._place_text = Text("", tone="text_2", lines=2)
        line.addWidget(self._place_text, 1)
        choose = Button("选文件夹", icon="folder")
        choose.clicked.connect(self._choose_place)
        line.addWidget(choose)
        box.addLayout(line)
        self._place_message = Message()
        box.addWidget(self._place_message)
        self._left.add(inner)
        self._tell_place()
        order: list[FieldBox] = [self.person, self.first, self.second] if len(people) > 1 else [self.first, self.second]
        self._chain(order)

    def _stick_button(self, stick: StickView) -> Button:
        button = Button(stick.title, icon="usb")
        button.clicked.connect(lambda: self.use_place(stick.path))
        return button

    def use_place(self, folder: Path) -> None:
        """What a stick's button or 选文件夹 does."""
        self._place = folder
        self._tell_place()

    def _choose_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "恢复申请写到哪个文件夹", str(self._place or Path.home()))
        if chosen:
            self.use_place(Path(chosen))

    def _tell_place(self) -> None:
        stick = next((one.title for one in self._sticks if one.path == self._place), "")
        words = stick or (str(self._place) if self._place else "没有找到 U 盘。插上 U 盘，或者选一个文件夹。")
        self._place_text.setText(words)
        self._place_message.set("", "")

    def _ask(self) -> None:
        missing = (
            (self._first_row, not self.first.text(), "还没设新密码"),
            (self._second_row, self.first.text() != self.second.text(), "两遍密码不一样，请再输一遍"),
        )
        wrong = [part for part, gap, words in missing if gap]
        for part, gap, words in missing:
            part.show_message("error" if gap else "", words if gap else "")
        if self._place is None:
            self._look_for_sticks()
        self._place_message.set(*(("error", "还没选写到哪里") if self._place is None else ("", "")))
        if wrong:
            wrong[0].field.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._place is not None:
            self.asked.emit(self.person.code(), self.first.text(), self._place)

    def _look_for_sticks(self) -> None:
        """A stick put in since the screen was opened."""
        self._sticks = media.sticks()
        if self._sticks:
            self.use_place(self._sticks[0].path)

    # --- waiting -------------------------------------------------------------------------------------------------

    def _fill_waiting(self, waiting: RecoveryAsked) -> None:
        inner = QWidget()
        box = column(inner, 10, (20, 16, 20, 16))
        box.addWidget(Text(f"念给{self._above}听的核对码", bold=True))
        box.addWidget(CodeGroups(waiting.code))
        until = f"{waiting.until.astimezone(LOCAL):%m-%d %H:%M} 前有效"
        where = f"申请“{waiting.path.name}”已写到 {waiting.path.parent.name}，" if waiting.path else "申请已经写好，"
        box.addWidget(Text(f"{where}{until}。只念码，不要说密码；谁问密码都不要答。", "small", "text_2", lines=0))
        box.addWidget(Line())
        box.addWidget(Text("拿到答复文件以后", bold=True))
        line = row(gap=12)
        self._file_text = Text("", tone="text_2", lines=2)
        line.addWidget(self._file_text, 1)
        choose = Button("选答复文件", icon="folder")
        choose.clicked.connect(self._choose_file)
        line.addWidget(choose)
        box.addLayout(line)
        self._file_message = Message()
        box.addWidget(self._file_message)
        self.first = PasswordField(name="新密码")
        self._first_row = FieldRow(f"{waiting.person}的新密码", self.first, hint="写申请时设的那个。")
        box.addWidget(self._first_row)
        self._left.add(inner)
        self._tell_file()
        self._chain([self.first])

    def use_file(self, path: Path) -> None:
        """What 选答复文件 does after the choice."""
        self._file = path
        self._tell_file()

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "答复文件", str(Path.home()), f"恢复答复 ({ANSWERS})")
        if name:
            self.use_file(Path(name))

    def _tell_file(self) -> None:
        self._file_text.setText(self._file.name if self._file else "还没找到答复文件。插上 U 盘，或者选文件。")
        self._file_message.set("", "")

    def _take(self) -> None:
        if self._file is None:
            found = _newest_answer(media.sticks())
            if found is not None:
                self.use_file(found)
        if self._file is None:
            self._file_message.set("error", "还没有答复文件")
        self._first_row.show_message(*(("error", "还没填新密码") if not self.first.text() else ("", "")))
        if not self.first.text():
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._file is not None:
            self.answered.emit(self._file, self.first.text())

    # --- both ----------------------------------------------------------------------------------------------------

    def _fill_steps(self, here: int) -> None:
        self._right.body.setSpacing(10)
        for number, words in enumerate(STEPS, 1):
            line = row(gap=12)
            line.addWidget(Number(number, filled=number == here), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Text(words.format(above=self._above), lines=0, bold=number == here), 1)
            self._right.body.addLayout(line)
        self._right.body.addWidget(Line())
        self._right.body.addWidget(Text(f"{self._above}看不到你的密码，资料也不会变。", "small", "text_2", lines=0))

    def _chain(self, order: list[FieldBox]) -> None:
        """Enter goes from field to field, from the last one to the step itself."""

        def on(step: int, here: int) -> None:
            at = here + step
            if at >= len(order):
                self.go_on()
            elif at >= 0:
                order[at].setFocus(Qt.FocusReason.TabFocusReason)

        for at, field in enumerate(order):
            field.next.connect(lambda step, here=at: on(step, here))

    def first_focus(self) -> None:
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> bool:
        """Ctrl+Enter: 写恢复申请, or 读入答复 once it was written."""
        if self._waiting is None:
            self._ask()
        else:
            self._take()
        return True

    def preview(self) -> bool:
        """Ctrl+P: 打印核对单, once the request was written."""
        if self._waiting is not None:
            self.printed.emit()
        return self._waiting is not None

    def show_error(self, error: CunbaoError) -> None:
        """A wrong password under its field, everything else above the cards; nothing was changed."""
        if error.code in ("password.wrong", "password.short"):
            self._first_row.show_message("error", f"{error.happened}，{error.todo}")
            self.first.setFocus()
            self.first.edit.selectAll()
            return
        self._trouble.set_words(error.happened, f"{error.safe}。{error.todo}。")
        self._trouble.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back.emit()
        else:
            super().keyPressEvent(event)


class CodeGroups(Panel):
    """24 digits in six boxes, large enough to be read over the telephone."""

    def __init__(self, code: str) -> None:
        super().__init__("")
        self.setAccessibleName(f"核对码 {code}")
        across = row(self, 8)
        for number, group in enumerate(code.split(" "), 1):
            box = column(gap=2)
            card = Card(ground="surface_sunken", radius="control")
            inner = QWidget()
            line = row(inner, 0, (4, 8, 4, 8))
            line.addWidget(Text(group, "lead", bold=True, align="center"), 1)
            card.add(inner)
            box.addWidget(card)
            box.addWidget(Text(f"第 {number} 组", "small", "text_3", align="center"))
            across.addLayout(box, 1)


def _centred(box: QVBoxLayout, widget: QWidget) -> None:
    line = row()
    line.addStretch(1)
    line.addWidget(widget)
    line.addStretch(1)
    box.addLayout(line)


def _newest_answer(sticks: Sequence[StickView]) -> Path | None:
    """The answer written last on any stick."""
    found = [path for stick in sticks for path in stick.path.glob(ANSWERS)]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


# --- what the screen's buttons do ------------------------------------------------------------------------------------


def show_recovery(
    window: Shell,
    folder: Path,
    clock: Clock,
    opened: Callable[[Any, Path], None],
    back: Callable[[], None],
    *,
    answer: Path | None = None,
) -> None:
    """The screen over a workspace that is still locked. `opened(desk, folder)` when the answer has opened it.
    answer: the file of it, when it was given at the start."""
    from cunbao.desks import doors
    from cunbao.desks.start import unlock_view

    town = doors.kind_of(folder) == doors.TOWNSHIP

    def show(waiting: RecoveryAsked | None) -> None:
        screen = Recovery(unlock_view(folder, clock()), waiting, media.sticks(), above=ABOVE[town])
        screen.manual = doors.kind_of(folder)
        screen.back.connect(back)
        screen.again.connect(lambda: show(None))
        screen.asked.connect(lambda person, password, place: ask(screen, person, password, place))
        screen.answered.connect(lambda path, password: take(screen, path, password))
        screen.printed.connect(lambda: print_slip(screen))
        if waiting is not None and answer is not None:
            screen.use_file(answer)
        window.show_bare(screen)

    def print_slip(screen: Recovery) -> None:
        from cunbao.ui.printing import print_pages

        window.run_job(
            lambda progress, cancel: recovery.slip(folder, clock=clock),
            title="正在画核对单",
            done=lambda drawn: print_pages(window, drawn.pdf, "密码找回核对单"),
            failed=screen.show_error,
        )

    def ask(screen: Recovery, person: str, password: str, place: Path) -> None:
        window.run_job(
            lambda progress, cancel: recovery.ask(folder, person, password, place, clock=clock),
            title="正在写恢复申请",
            done=show,
            failed=screen.show_error,
        )

    def taken(desk: Any) -> None:
        opened(desk, folder)
        QTimer.singleShot(0, window, lambda: tell_new_keys(window, town=town))

    def take(screen: Recovery, path: Path, password: str) -> None:
        window.run_job(
            lambda progress, cancel: recovery.take(folder, recovery.read_answer_file(path), password, clock=clock),
            title="正在读入答复",
            done=lambda desk: (
                opened(desk, folder),
                QTimer.singleShot(0, window, lambda: tell_new_keys(window, town=town)),
            ),
            failed=screen.show_error,
        )

    show(recovery.asked(folder))


def tell_new_keys(window: Shell, *, town: bool = False) -> None:
    """After the answer: what is new, and what the township still has to do."""
    window.ask(
        DialogBox(
            "新密码能用了",
            "原来的签名钥匙随旧密码作废，这台电脑换了新的钥匙。",
            "填的内容、以前签的报表都在。",
            TOWN_KEYS if town else VILLAGE_KEYS,
            (Choice("on", "接着用" if town else "接着填报"),),
            icon="key",
            tone="ok",
            help="forgotten",
        )
    )


def ask_restart(window: Shell, *, may_recover: bool = True) -> bool:
    """重新开始: another workspace beside the old one, which is never deleted. True when that is wanted."""
    box = DialogBox(
        "重新开始，另建一份资料？",
        "新的一份是空的：要乡镇给任务包，本期的报表要重新填。",
        "旧资料不删，仍在这台电脑上，想起密码还能打开。",
        "还没向乡镇申请过恢复的，先试那个：填的内容都能回来。" if may_recover else "",
        (Choice("restart", "重新开始"), Choice("stay", "先不重新开始")),
        icon="restore",
        tone="warn",
        help="unlock",
    )
    return window.ask(box, escape="stay") == "restart"
