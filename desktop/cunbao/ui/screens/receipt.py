"""village-11: what the township answered, what is to be mended at which cell, and what came from elsewhere.

At the left everything that waits, at the right the one that is chosen. The desk says what is open; this page shows it,
lets the cell be typed in and goes to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from cunbao.desks.views import CommentLine, OtherVersion, ReceiptView
from cunbao.survey.recalculation import Change
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.comments import CommentList
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, column, row, scrolled
from cunbao.ui.kit.steps import StepBar
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens import intake, receipt_parts
from cunbao.ui.screens.locked import correct_now
from cunbao.ui.screens.receipt_mend import MendCard
from cunbao.ui.screens.receipt_other import OtherCard
from cunbao.ui.screens.receipt_parts import key_of
from cunbao.ui.screens.sheets import eye_of, sheet_of
from cunbao.ui.screens.typist import Typist
from cunbao.ui.screens.verify_file import way_in
from cunbao.ui.shell import Shell

LEFT, RIGHT = 42, 58  # shares of the width
NEXT = {"check": "去检查", "sign": "去签名", "correct": "做更正", "send": "去报送"}


class Receipt(Screen):
    nav = "receipt"
    help = (
        "乡镇收下报送包后，会给一个回执文件，写着每张表通过还是退回。",
        "退回的表只改有意见的格；数没错就写一句为什么不改。都办好后再检查、签名、报送。",
    )

    _view: ReceiptView
    _banner: Banner
    _steps: StepBar
    _forms: Message
    _read: Button
    _area: QScrollArea  # that holds what is chosen

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._news: tuple[str, str] | None = None
        self._key = ""
        self._list: CommentList | None = None
        self._list_area: QScrollArea | None = None  # none at 150 %, where the page scrolls
        self._detail: MendCard | OtherCard | None = None
        self._detail_box = column()
        self._lead = Button("", kind="filled", size="large", key="Enter")
        self.typist = Typist(shell, self)
        self.typist.changed.connect(self._changed)
        eye_of(shell).changed.connect(lambda on: self._show_detail() if self._list is not None else None)
        self._box = column(self)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        return look.narrow

    def help_part(self) -> str:
        return "other" if isinstance(self._detail, OtherCard) else ""

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._list is None:
            found = [("Enter", self._lead.text())] if self._came and self._lead.text() else []
            found += [("Ctrl+P", self._paper)] if self._came else [("Enter", "读入回执包")]
            return (*found, ("Esc", "回到本期任务"))
        enter = self._lead.text() or ("改这一处" if isinstance(self._detail, MendCard) else "采用")
        return (("Enter", enter), ("↑↓", "选意见"), ("F8", "下一处"), ("Ctrl+P", self._paper))

    def open(self, news: tuple[str, str] | None = None, **where: Any) -> None:
        self._news = news
        self.refresh()

    def refresh(self) -> None:
        from cunbao.desks.village import receiptpage

        here = QApplication.focusWidget()
        held = here is not None and self.isAncestorOf(here)
        for form in self.shell.desk.task.forms:
            sheet_of(self.shell, form).take_comments()
        self._view = receiptpage.receipt_view(self.shell.desk)
        self._show()
        if held:
            self.first_focus()

    def leave(self) -> None:
        if self._detail is not None:
            self._detail.leave()
        self.typist.flush()

    def first_focus(self) -> None:
        if self._lead.text() and self._lead.isVisibleTo(self):
            self._lead.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._detail is not None:
            self._detail.focus_field()
        elif not self._came:
            self._read.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- the page ------------------------------------------------------------------------------------------------

    @property
    def _came(self) -> bool:
        view = self._view
        return view.at is not None or bool(view.comments or view.others)

    @property
    def _paper(self) -> str:
        return "打印意见" if self._view.comments else "打印回执"

    def _show(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._list = self._list_area = self._detail = None
        inner = QWidget()
        box = column(inner, 12)
        box.addWidget(self._head())
        if self._news is not None:
            tone, words = self._news
            box.addWidget(Message(tone, words))
        if not self._came:
            box.addWidget(self._empty())
            box.addStretch(1)
        else:
            self._fill(box)
        made: QWidget = inner
        if look.narrow:
            box.setContentsMargins(0, 0, 8, 16)
            made = self._area = scrolled(inner)
        self._box.addWidget(made)
        made.show()  # now, so that the focus can be put into it
        self._show_detail()

    def _fill(self, box: Any) -> None:
        view = self._view
        self._steps = StepBar(view.step, returned=self._returned(), high=46)
        box.addWidget(self._steps)
        self._lead = Button("", kind="filled", size="large", key="Enter")
        self._lead.installEventFilter(self)
        self._lead.clicked.connect(self.main_step)
        self._banner = Banner("info", view.title, view.advice, button=self._lead)
        box.addWidget(self._banner)
        if view.reminders:
            box.addWidget(receipt_parts.reminders(view))
        self._forms = Message("note", "")
        if view.comments or view.others:
            self._panel(box)
        else:
            box.addWidget(receipt_parts.all_forms(view))
            box.addStretch(1)
        self._tell()

    def _head(self) -> PageHead:
        view, head = self._view, PageHead("回执", self._view.line)
        head.add(way_in(self.shell))
        if self._came:
            head.set_state(view.state.token, word=view.state.value)
            if view.at is not None:
                printed = Button(self._paper, icon="printer")
                printed.clicked.connect(self.preview)
                head.add(printed)
            head.add(self._read_button())
        return head

    def _read_button(self) -> Button:
        read = Button("读入回执包", icon="usb")
        read.clicked.connect(lambda: intake.ask(self.shell))
        if self.shell.desk.read_only:
            read.set_why("现在是只看不改")
        return read

    def _empty(self) -> Card:
        card = Card()
        words = "还没有回执。报送包交给乡镇后，把乡镇给的文件用 U 盘带回来，在这里读入。"
        self._read = self._read_button()
        card.add(EmptyState(words, self._read))
        return card

    def _panel(self, box: Any) -> None:
        """List and detail, side by side; at 150 % one under the other."""
        left, right = column(gap=10), QWidget()
        self._detail_box = column(right)
        self._list = CommentList(name="意见")
        self._list.chosen.connect(self._choose)
        self._list.set_entries(receipt_parts.entries(self.shell, self._view), self._key)
        self._key = self._list.current()
        card = Card()
        card.add(receipt_parts.list_head(self._view))
        card.add_line()
        if look.narrow:
            card.add(self._list)
            left.addWidget(card)
            left.addWidget(right)
            left.addWidget(self._forms)
            box.addLayout(left)
            return
        self._list_area = scrolled(self._list)
        card.add(self._list_area, 1)
        around = look.px(receipt_parts.HEAD) + 3 * look.line

        def fit(high: int) -> None:
            card.setMaximumHeight(high + around)  # as high as what is in it, and no higher

        self._list.measured.connect(fit)
        fit(self._list.sizeHint().height())
        left.addWidget(card, 1)
        left.addWidget(self._forms)
        left.addStretch(0)
        across = row(gap=16)
        across.addLayout(left, LEFT)
        self._area = scrolled(right)
        across.addWidget(self._area, RIGHT)
        box.addLayout(across, 1)

    def _returned(self) -> bool:
        return any(line.state is ReturnState.RETURNED for line in self._view.forms)

    # --- what waits ----------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Banner, its button and the other forms as the view has them."""
        view = self._view
        still = sum(one.state == "open" for one in view.comments)
        done = not (still or view.others) and bool(view.next or receipt_parts.all_passed(view.forms))
        tone = "ok" if done else "returned" if view.returned else "warn" if view.others else "info"
        self._banner.set_tone(tone)
        self._banner.set_words(view.title, view.advice)
        word = "开始修改" if view.may_begin else NEXT.get(view.next, "")
        self._lead.setText(word)
        self._lead.setVisible(bool(word))
        self._forms.set("note", receipt_parts.other_forms(view))
        self._steps.set(view.step, returned=self._returned())
        if isinstance(self._detail, MendCard):
            self._detail.set_lead(not word)

    def _said(self, key: str) -> CommentLine | OtherVersion | None:
        waits: list[CommentLine | OtherVersion] = [*self._view.comments, *self._view.others]
        return next((one for one in waits if key_of(one) == key), None)

    def _choose(self, key: str) -> None:
        self.leave()
        self._key = key
        self._bring_entry()
        self._show_detail()

    def _bring_entry(self) -> None:
        if self._list is not None and self._list_area is not None:
            box = self._list.box_of(self._list.at)
            self._list_area.ensureVisible(0, box.center().y(), 0, box.height() // 2 + 1)

    def _show_detail(self) -> None:
        while (item := self._detail_box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._detail = None
        said = self._said(self._key) if self._list is not None else None
        if isinstance(said, CommentLine):
            made = MendCard(self.shell, self.typist, said)
            made.jump.connect(self._jump)
            made.mended.connect(self._mended)
            made.reasoned.connect(self._follow)
            made.grown.connect(lambda: QTimer.singleShot(0, self, self._bring))
            made.set_lead(not self._lead.text())
            self._detail = made
        elif said is not None:
            other = OtherCard(self.shell, said)
            other.settled.connect(self._settled)
            self._detail = other
        if self._detail is not None:
            self._detail_box.addWidget(self._detail)
            self._detail_box.addStretch(1)
            self._detail.show()
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    # --- acts ----------------------------------------------------------------------------------------------------

    def main_step(self) -> bool:
        view = self._view
        if view.may_begin:
            self._begin()
        elif view.next:
            self.leave()
            if view.next == "correct":
                correct_now(self.shell, view.next_form)
            else:
                self.shell.go(view.next)
        elif isinstance(self._detail, OtherCard) and self._detail.other.what == "proposal":
            self._detail.take()
        elif self._detail is not None:
            self._detail.focus_field()
        elif not self._came and self._read.isEnabled():
            intake.ask(self.shell)
        return True

    def _begin(self) -> None:
        from cunbao.desks.village import receiptpage

        desk = self.shell.desk

        def done(forms: tuple[str, ...]) -> None:
            self.refresh()
            self.shell.refresh_frame()
            if self._view.comments:
                self._next_open(0)
            elif forms:
                self.shell.go("form", form=forms[0])

        self.shell.run_job(lambda progress, cancel: receiptpage.begin_changes(desk), title="开始修改", done=done)

    def _mended(self) -> None:
        """改好这一处, or Enter in its field: kept, and on to the next one."""
        card = self._detail
        if not isinstance(card, MendCard):
            return
        card.leave()
        self._follow()
        now = self._said(self._key)
        state = now.state if isinstance(now, CommentLine) else ""
        if state == "open":
            card.say("warn", "和报的一样。要改就填新的；数没错，就点“不改，写原因”。")
            card.focus_field()
        elif card.sheet.wrong(card.said.cell) if card.field is not None else False:
            card.show_now()
            card.focus_field()
        else:
            self._next_open()

    def _follow(self) -> None:
        """A value or a reason was kept: what is open is counted anew; the page stays as it is."""
        from cunbao.desks.village import receiptpage

        self._view = receiptpage.receipt_view(self.shell.desk)
        if self._list is None:
            return
        self._list.set_entries(receipt_parts.entries(self.shell, self._view), self._key)
        self._tell()
        self.shell.refresh_frame()

    def _changed(self, form: str, change: Change) -> None:
        if isinstance(self._detail, MendCard) and self._detail.said.form == form:
            self._detail.show_now()
        self._follow()

    def _settled(self) -> None:
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()

    def _next_open(self, step: int = 1) -> bool:
        """To the next place that is still open (0: the one that is chosen, when it is); the button that goes on when
        there is none."""
        waits = [key_of(one) for one in self._view.comments if one.state == "open"] + [
            one.id for one in self._view.others
        ]
        if not waits or self._list is None:
            self.first_focus()
            return False
        keys = [one.key for one in self._list.entries]
        here = keys.index(self._key) if self._key in keys else -1
        ordered = sorted(waits, key=lambda key: ((step or 1) * (keys.index(key) - here) - abs(step)) % len(keys))
        self._key = ordered[0]
        self._list.choose(self._key)
        self._bring_entry()
        self._show_detail()
        if not self._view.may_begin and self._detail is not None:
            self._detail.focus_field()
            QTimer.singleShot(0, self, self._bring)  # after it has its place
        return True

    def _bring(self) -> None:
        if self._detail is not None:
            self._area.ensureWidgetVisible(self._detail)

    def _jump(self) -> None:
        said = self._said(self._key)
        if isinstance(said, CommentLine):
            self.leave()
            self.shell.go("form", form=said.form, cell=said.cell)

    def next_problem(self, step: int) -> bool:
        self.leave()
        self._next_open(step)
        return True

    def go_on(self) -> bool:
        if isinstance(self._detail, MendCard):
            self._mended()
        return True

    def preview(self) -> bool:
        """打印意见."""
        if self._view.at is None:
            return False
        from cunbao.ui.screens.preview import show_preview

        self.leave()
        desk = self.shell.desk

        def work(progress: object, cancel: object) -> bytes:
            from cunbao.desks.village.receipt_slip import receipt_slip

            return receipt_slip(desk).pdf

        self.shell.run_job(work, title="排版意见", done=lambda data: show_preview(self.shell, "乡镇意见", data))
        return True

    def back(self) -> bool:
        self.leave()
        self.shell.go("home")
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows on the large button walk the list; Qt would send the focus somewhere else."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if not pressed or self._list is None or event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down):  # type: ignore[attr-defined]
            return False
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)
        self._list.keyPressEvent(event)  # type: ignore[arg-type]
        return True
