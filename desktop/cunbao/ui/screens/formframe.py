"""The parts round a section of a form, laid for the scale: head, banner, section list, main card, side panel, foot.

Two faces: sections with fields and tables have list and side panel; a roster of persons has the whole width.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import FootRow, PageHead
from cunbao.ui.kit.lists import SectionList
from cunbao.ui.kit.panel import Card, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.sheet import Sheet
from cunbao.ui.screens.side import HelpCard, LiveCard

SECTIONS_AT = {1.0: 184, 1.25: 200, 1.5: 276}  # px, width of the section list at each scale
SIDE = 248  # px at 100 and 125 %


class FormFrame(QWidget):
    """`chosen(section)`, `step(±1)` of the foot, `trouble()`, `paste()`, `preview()`, `add()`, `give_up()`."""

    chosen = Signal(int)
    step = Signal(int)
    trouble = Signal()
    paste = Signal()
    preview = Signal()
    add = Signal()
    give_up = Signal()

    def __init__(self, sheet: Sheet, banner: QWidget | None) -> None:
        super().__init__()
        self._above = sheet.desk.above
        name = sheet.form.title if not look.narrow else sheet.screen.nav
        self.head = PageHead(f"{sheet.id} {name}")
        self.paste_button = Button("从 Excel 粘贴", icon="paste")
        self.paste_button.clicked.connect(self.paste.emit)
        self.preview_button = Button("打印预览", icon="printer")
        self.preview_button.clicked.connect(self.preview.emit)
        self.add_button = Button("增加一人", icon="plus", key="Ctrl+N")
        self.add_button.clicked.connect(self.add.emit)
        self.give_up_button = Button("放弃更正", kind="quiet", icon="undo")
        self.give_up_button.clicked.connect(self.give_up.emit)
        self.give_up_button.hide()
        for button in (self.give_up_button, self.paste_button, self.preview_button, self.add_button):
            self.head.add(button)
        self.list = SectionList(name=f"{sheet.form.title}的分节")
        self.list.chosen.connect(lambda key: self.chosen.emit(int(key)))
        self.title, self.facts = Text("", bold=True), Text("", align="right")
        self.live = LiveCard(sheet, sheet.screen.live) if sheet.screen.live else None
        self.help = HelpCard()
        self.previous = self._button("上一节", -1, icon="chev-l")
        self.next = self._button("下一节", 1, kind="filled", key="Ctrl+Enter")
        self.trouble_button = Button("下一处问题", key="F8")
        self.trouble_button.clicked.connect(self.trouble.emit)
        self.roster_previous = self._button("上一节", -1, icon="chev-l")
        self.roster_next = self._button("下一节", 1)
        self.roster_trouble = Button("改下一处问题", kind="filled", key="F8")
        self.roster_trouble.clicked.connect(self.trouble.emit)
        box = column(self, 12)
        box.addWidget(self.head)
        if banner is not None:
            box.addWidget(banner)
        self._slot = QWidget()
        self._slot_box = column(self._slot)
        self._sections, self._roster = self._lay_sections(), self._lay_roster()
        box.addWidget(self._sections, 1)
        box.addWidget(self._roster, 1)

    def _button(self, word: str, step: int, *, icon: str = "", kind: str = "outlined", key: str = "") -> Button:
        made = Button(word, icon=icon, kind=kind, key=key)
        made.clicked.connect(lambda: self.step.emit(step))
        return made

    def _lay_sections(self) -> QWidget:
        """List, main part, side and foot; at 150 % the side lies below and the content scrolls."""
        made = QWidget()
        card = Card()
        card.setFixedWidth(SECTIONS_AT[look.scale])
        card.add(self.list)
        left = column()
        left.addWidget(card)
        left.addStretch(1)
        main = self._main()
        across = row(gap=16)
        across.addLayout(left)
        across.addWidget(main, 1)
        sides = row(gap=12) if look.narrow else column(gap=12)
        for side in (self.live, self.help):
            if side is not None:
                sides.addWidget(side)
                if not look.narrow:
                    side.setFixedWidth(SIDE)
        foot = self._foot()
        if look.narrow:
            inner = QWidget()
            down = column(inner, 12)
            down.addLayout(across)
            down.addLayout(sides)
            down.addStretch(1)
            box = column(made, 12)
            box.addWidget(scrolled(inner), 1)
            box.addWidget(foot)
        else:
            main.add_line()
            main.add(foot)
            sides.addStretch(1)
            across.addLayout(sides)
            made.setLayout(across)
        return made

    def _main(self) -> Card:
        main = Card()
        head = QWidget()
        head.setFixedHeight(look.px(43))
        line = row(head, 16, (16, 0, 16, 0))
        line.addWidget(self.title)
        line.addStretch(1)
        line.addWidget(self.facts)
        main.add(head)
        main.add_line()
        main.add(self._slot, 1)
        return main

    def _foot(self) -> QWidget:
        foot = QWidget()
        buttons = row(foot, 8, (0, 0, 0, 0) if look.narrow else (16, 11, 16, 11))
        buttons.addWidget(self.previous)
        buttons.addStretch(1)
        buttons.addWidget(self.trouble_button)
        buttons.addWidget(self.next)
        return foot

    def _lay_roster(self) -> QWidget:
        made = QWidget()
        self._roster_box = column(made, 8)
        self.roster_foot = FootRow()
        self.roster_foot.setContentsMargins(0, 4, 4, 4)  # room for the focus ring of the filled button
        for button in (self.roster_previous, self.roster_next, self.roster_trouble):
            self.roster_foot.add(button)
        self._roster_box.addWidget(self.roster_foot)
        return made

    def show_part(self, part: QWidget, *, roster: bool) -> None:
        """Put a section's part into its face."""
        if roster:
            self._roster_box.insertWidget(0, part, 1)
        else:
            self._slot_box.addWidget(part)
        part.show()
        self._sections.setVisible(not roster)
        self._roster.setVisible(roster)

    def name_steps(self, before: str, after: str, *, form_before: bool) -> None:
        """before, after: 上一节：基本数, 下一表：B03 两委成员; before "" for none."""
        short = "上一表" if form_before else "上一节"
        roomy = look.scale == 1.0 and len(after) <= 8
        self.previous.setText(before if roomy and before else short)
        self.roster_previous.setText(before or short)
        self.next.setText(after if look.scale != 1.25 else after.partition("：")[0])
        self.roster_next.setText(after)
        for button in (self.previous, self.roster_previous):
            button.setVisible(bool(before))

    def show_foot(self, problems: int, missing: int, comments: int = 0, *, editable: bool) -> None:
        """What is left to do in this form; the filled button is what most clerks need now."""
        left = bool(problems or missing or comments)
        self.trouble_button.set_why("" if editable and left else "没有要改的")
        self.trouble_button.setVisible(editable)
        leads = left and editable
        word = "改下一处问题" if problems else "改下一处意见" if comments else "下一处没填的"
        self.roster_trouble.setText(word if left else "改下一处问题")
        self.roster_trouble.setVisible(leads)
        self.roster_next.set_kind("outlined" if leads else "filled")
        if problems:
            words = f"有 {problems} 处要改，还缺 {missing} 格。" if missing else f"改完这 {problems} 处，本表就填完了。"
        elif comments:
            words = f"{self._above}意见还有 {comments} 处没改。"
        else:
            words = f"还缺 {missing} 格。" if missing else "本表填完了。"
        self.roster_foot.line.setText(words if editable else "")
