"""village-08: what the whole check found, card by card; explanations are written here, wrong cells are one key away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import CheckView, FindingView
from cunbao.errors import CunbaoError
from cunbao.survey.values import Severity
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import FindingCard
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.lists import CountList, Entry
from cunbao.ui.kit.marks import Bar
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.steps import StepBar
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

SIDE = 264
TOKENS = {Severity.MUST_FIX: "must_fix", Severity.EXPLAIN: "must_explain", Severity.HINT: "hint"}
EXAMPLES = {"B01": "分户 4 户，外出务工人口增加", "B02": "今年扩建一间，有验收单"}
MOST_CARDS = 60  # beyond that the list says how many more there are; they come up as the first are mended


class CheckScreen(Screen):
    nav = "check"
    help = (
        "“必须改正”的改完才能签名；“需要说明”的数没错，写一句原因就行。",
        "按 Enter 去改第一处，改好后按 F5 再查一遍。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._view: CheckView | None = None
        self._area = QScrollArea()
        self._filter = ""
        self._at = 0
        self._cards: list[tuple[FindingView, FindingCard]] = []
        self._sign = Button("去签名", icon="pen")

    @property
    def to_edge(self) -> bool:
        return look.narrow

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "去改"), ("F8", "下一处问题"), ("F5", "重新检查"))

    def refresh(self) -> None:
        """Check anew each time the screen is shown: what it says must be true now."""
        from cunbao.desks.village import checking

        self._view = checking.run(self.shell.desk)
        self._show()

    def leave(self) -> None:
        """A 说明 that is being typed is kept before the page is made anew or left."""
        for _, card in self._cards:
            if card.box_text is not None and card.box_text.edit.hasFocus():
                card.box_text.commit()

    def check_again(self) -> bool:
        self.leave()
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()
        return True

    # --- the page ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        view = self._view
        assert view is not None
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        inner = QWidget()
        box = column(inner, 12)
        box.addWidget(self._head(view))
        home = self.shell.desk.home()
        if not look.narrow:
            box.addWidget(StepBar(max(2, min(home.step, 7)) if view.may_sign else 2, high=46))
        side = self._side(view)
        if look.narrow:
            cards = self._findings(view)
            box.addWidget(cards)
            box.addWidget(side)
            box.setContentsMargins(0, 0, 8, 16)
            self._area = scrolled(inner)
            self._box.addWidget(self._area)
            return
        self._area = scrolled(self._findings(view))
        line = row(gap=16)
        line.addWidget(self._area, 1)
        line.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(line, 1)
        self._box.addWidget(inner)

    def _head(self, view: CheckView) -> PageHead:
        seconds = f"用时 {view.seconds:.0f} 秒" if view.seconds >= 1 else "用时不到 1 秒"
        head = PageHead("检查", f"{view.at.astimezone(LOCAL):%H:%M} 查完 {view.forms} 张表，{seconds}")
        again = Button("重新检查", icon="undo", key="F5")
        again.clicked.connect(self.check_again)
        if look.narrow:  # the side panel lies below all findings; the next step stays in sight up here
            sign = Button("去签名", icon="pen", kind="filled" if view.may_sign else "outlined")
            sign.set_why(view.why_not)
            sign.clicked.connect(lambda: self.shell.go("sign"))
            head.add(sign)
        else:
            printed = Button("打印问题单", icon="printer")
            printed.clicked.connect(self._print)
            head.add(printed)
        head.add(again)
        return head

    def _findings(self, view: CheckView) -> QWidget:
        shown = [one for one in view.findings if self._filter in ("", TOKENS[one.finding.severity])]
        inner = QWidget()
        box = column(inner, 8, (0, 0, 4, 0))
        self._cards = []
        for one in shown[:MOST_CARDS]:
            card = self._card(one)
            self._cards.append((one, card))
            box.addWidget(card)
        if len(shown) > MOST_CARDS:
            box.addWidget(Message("note", f"还有 {len(shown) - MOST_CARDS} 处没列出来，先改上面的，改完按 F5 再查。"))
        if not shown:
            empty = Card()
            words = "没有问题，可以签名了。" if not view.findings else "这一类没有问题。"
            empty.add(EmptyState(words))
            box.addWidget(empty)
        if not look.narrow:
            box.addStretch(1)
        self._at = 0
        self._mark()
        return inner

    def _card(self, one: FindingView) -> FindingCard:
        found = one.finding
        card = FindingCard(
            TOKENS[found.severity],
            one.path,
            found.message,
            found.remedy,
            explanation=one.explanation if one.explained else "",
            example=EXAMPLES.get(found.form, ""),
        )
        card.go.connect(lambda: self._go(one))
        card.explained.connect(lambda text: self._explain(one, text))
        card.chosen.connect(lambda: self._choose(card))
        return card

    def _side(self, view: CheckView) -> QWidget:
        side = QWidget()
        if not look.narrow:
            side.setFixedWidth(look.px(SIDE) if look.scale == 1.0 else 272)
        box = column(side, 12)
        left = view.must_fix + view.to_explain - view.explained
        card = SideCard(f"还差 {left} 处才能签名" if left else "可以签名了")
        counts = CountList()
        counts.set_entries(
            (
                Entry("", "全部", lead="list", right=str(len(view.findings))),
                Entry("must_fix", "必须改正", lead="alert-circle", right=str(view.must_fix), tone="error"),
                Entry("must_explain", "需要说明", lead="message", right=str(view.to_explain), tone="warn"),
                Entry("hint", "提示", lead="info", right=str(view.hints), tone="info"),
            ),
            self._filter,
        )
        counts.chosen.connect(self._filtered)
        card.fill(counts)
        box.addWidget(card)
        if view.to_explain:
            box.addWidget(self._written(view))
        self._sign = Button("去签名", icon="pen", kind="filled" if view.may_sign else "outlined")
        self._sign.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sign.set_why(view.why_not)
        self._sign.clicked.connect(lambda: self.shell.go("sign"))
        box.addWidget(self._sign)
        box.addWidget(Text(view.why_not or "请负责人来看一遍，输入密码签名。", "small", "text_2", lines=2))
        box.addStretch(1)
        return side

    def _written(self, view: CheckView) -> Card:
        card = Card()
        inner = QWidget()
        lines = column(inner, 6, (16, 12, 16, 12))
        first = row()
        first.addWidget(Text("说明写好"), 1)
        first.addWidget(Text(f"{view.explained} / {view.to_explain}", bold=True))
        lines.addLayout(first)
        bar = Bar("accent")
        bar.set(view.explained / view.to_explain)
        lines.addWidget(bar)
        lines.addWidget(Text(f"说明随报表一起交给{self.shell.desk.above}审核。", "small", "text_2"))
        card.add(inner)
        return card

    # --- acts ----------------------------------------------------------------------------------------------------

    def first_focus(self) -> None:
        if self._cards:
            self._cards[self._at][1].button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._sign.isEnabled():
            self._sign.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        if self._cards:
            self._go(self._cards[self._at][0])
        elif self._sign.isEnabled():
            self.shell.go("sign")
        return True

    def next_problem(self, step: int) -> bool:
        if self._cards:
            self._at = (self._at + step) % len(self._cards)
            self._mark()
            self._area.ensureWidgetVisible(self._cards[self._at][1])
            self.first_focus()
        return True

    def go_on(self) -> bool:
        if self._sign.isEnabled():
            self.shell.go("sign")
        return True

    def preview(self) -> bool:
        self._print()
        return True

    def _mark(self) -> None:
        for number, (_, card) in enumerate(self._cards):
            card.set_current(number == self._at)

    def _choose(self, card: FindingCard) -> None:
        self._at = next(number for number, (_, known) in enumerate(self._cards) if known is card)
        self._mark()

    def _filtered(self, key: str) -> None:
        if key != self._filter:
            self._filter = key
            self._show()

    def _go(self, one: FindingView) -> None:
        self.shell.go("form", form=one.finding.form, cell=one.finding.cells[0])

    def _explain(self, one: FindingView, text: str) -> None:
        """Keep it; the counts follow without the cards being made anew, so the caret stays where it is."""
        from cunbao.desks.village import checking

        try:
            checking.explain(self.shell.desk, one.finding, text)
        except CunbaoError as trouble:
            card = next(card for known, card in self._cards if known is one)
            card.setToolTip(f"{trouble.happened}。{trouble.todo}。")
            if trouble.code != "explanation.length":  # which the box itself shows, while it is being written
                self.shell.show_error(trouble)
            return
        at = self._at
        focus = self.focusWidget()
        held = focus is not None and any(
            card.box_text is not None and card.box_text.isAncestorOf(focus) for _, card in self._cards
        )
        if not held:
            self.refresh()
            self._at = min(at, max(0, len(self._cards) - 1))
            self._mark()
        self.shell.refresh_frame()

    def _print(self) -> None:
        """The list of findings as a page, shown in the preview like every other page."""
        view = self._view
        if view is None:
            return
        from cunbao.ui.screens.preview import show_preview

        desk = self.shell.desk

        def work(progress: object, cancel: object) -> bytes:
            from cunbao.desks.village import papers

            return papers.findings_list(desk, view)

        self.shell.run_job(work, title="排版问题单", done=lambda data: show_preview(self.shell, "问题单", data))
