"""county-06 签发: what is in the pack, the root's code for paper, who signs and where it goes; then what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.building import BuilderView
from cunbao.desks.county.issuing import Issued, IssueView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.codegroups import CodeGroups
from cunbao.ui.kit.fields import FieldBox, FieldRow, Message, PasswordField
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Chip, StateWord
from cunbao.ui.kit.panel import Card, Icon, SideCard, column, row
from cunbao.ui.kit.steps import StepBar
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.export import size_words
from cunbao.ui.screens.pack_words import forms_range, moment_words, short_plan
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.screens.whereto import WhereTo, WrittenBanner
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 420, 420
STEPS = ("选报表", "检验", "签名写出", "打印比对码", "交给乡镇")
LABEL = 88  # px of the words before a fact


class IssuePack(TownScreen):
    nav = "issue"
    help = (
        "签名以后写到 U 盘或文件夹，再从那里读回来逐个核对，对得上才算写好。",
        "六组数是县根证书的比对码：印在通知上或者打电话念，不放进 U 盘。",
        "发出去的一版不再变；要改就出下一版，村里填过的都留着。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: IssueView | None = None
        self._builder: BuilderView | None = None
        self._issued: Issued | None = None
        self._busy = False
        self.halves = Twofold(SIDE, larger=SIDE_125, flows=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self._make_inside()
        self._make_code()
        self._make_later()
        self._make_side()

    def _make_top(self) -> None:
        self.head = PageHead("签发")
        self.state = StateWord()
        self.head.add(self.state)
        self.halves.add_head(self.head)
        self.steps = StepBar(1, words=STEPS, high=40)
        self.halves.top.addWidget(self.steps)
        self.done = WrittenBanner(self.shell)
        self.halves.top.addWidget(self.done)

    def _make_inside(self) -> None:
        self.inside = SideCard("包里有什么", "package")
        self.version = Chip("info", "package", "第 1 版")
        self.inside.head_line.addWidget(self.version)
        self.inside.body.setSpacing(6)
        self.facts: dict[str, Text] = {}
        for key, icon, words in (
            ("forms", "form", "报表"), ("units", "building", "单位"), ("days", "calendar", "截止"),
            ("checks", "list", "检查"), ("plans", "chart", "指标"),
        ):  # fmt: skip
            line = row(gap=10)
            line.addWidget(Icon(icon, "accent"))
            label = Text(words, tone="text_2")
            label.setFixedWidth(look.px(LABEL))
            line.addWidget(label)
            self.facts[key] = Text("", lines=2)
            line.addWidget(self.facts[key], 1)
            self.inside.body.addLayout(line)
        self.halves.main.addWidget(self.inside)

    def _make_code(self) -> None:
        self.code = SideCard("县根证书比对码", "key")
        self.print_button = Button("打印给乡镇和村", size="small", icon="printer")
        self.print_button.clicked.connect(self.preview)
        self.code.head_line.addWidget(self.print_button)
        self.groups = CodeGroups()
        self.code.body.addWidget(self.groups)
        self.code.body.addWidget(
            Text(
                "村里第一次打开任务包时，屏幕上要出现同样 6 组数。印在文件上发下去，或打电话念，不放进 U 盘。",
                "small",
                "text_2",
                lines=2,
            )
        )
        self.halves.main.addWidget(self.code)

    def _make_later(self) -> None:
        card = Card()
        inner = QWidget()
        box = column(inner, 8, (16, 12, 16, 14))
        head = row(gap=8)
        head.addWidget(Icon("info", "info"))
        self.later_title = Text("", bold=True)
        head.addWidget(self.later_title, 1)
        box.addLayout(head)
        self.later = Text("", "small", "text_2", lines=0)
        box.addWidget(self.later)
        self.past = Text("", "small", "text_2", lines=0)
        box.addWidget(self.past)
        card.add(inner)
        self.halves.main.addWidget(card)
        self.halves.main.addStretch(1)

    def _make_side(self) -> None:
        self.sign = SideCard("签名并写出", "pen")
        body = self.sign.body
        body.setSpacing(2)
        body.setContentsMargins(16, 8, 16, 8)
        self.person = FieldBox(name="签名人")
        self.person.set_state("readonly")
        self.person_row = FieldRow("签名人", self.person)
        body.addWidget(self.person_row)
        self.where = WhereTo(self.shell, "", framed=False)
        self.where.changed.connect(self._tell_main)
        body.addWidget(Text("写到哪里"))
        body.addWidget(self.where)
        self.file = FieldBox(name="文件名")
        self.file.set_state("readonly")
        self.file_row = FieldRow("文件名", self.file)
        body.addWidget(self.file_row)
        self.password = PasswordField(name="您的密码")
        self.password.next.connect(lambda step: self.issue() if step > 0 else None)
        self.password.typed.connect(lambda text: self._tell_main())
        self.password_row = FieldRow(
            "您的密码", self.password, hint="写完会从 U 盘重新读一遍，逐个核对，对得上才算写好。"
        )
        body.addWidget(self.password_row)
        self.note = Message()
        body.addWidget(self.note)
        self.sign.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (16, 10, 16, 12))
        self.back_button = Button("回去改")
        self.back_button.clicked.connect(self.back)
        self.main = Button("签名并写出", kind="filled", icon="pen", key="Enter")
        self.main.clicked.connect(self.issue)
        buttons.addWidget(self.back_button)
        buttons.addStretch(1)
        buttons.addWidget(self.main)
        self.sign.add(foot)
        self.halves.side.addWidget(self.sign)
        self.halves.side.addStretch(1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        self._issued = None
        self.done.hide()
        self.where.begin()
        self.refresh()
        self._check()

    def leave(self) -> None:
        self.where.end()
        self.password.set_text("")

    def refresh(self) -> None:
        from cunbao.desks.county import building, issuing

        self._builder = building.view(self.shell.desk, self._builder)
        self._show(issuing.issue_view(self.shell.desk, self._builder))

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._issued is not None:
            return (("Ctrl+P", "打印比对码"), ("Esc", "回到任务包"), ("F1", "帮助"))
        return (("Enter", "签名并写出"), ("Ctrl+P", "打印比对码"), ("Esc", "回去改"))

    def first_focus(self) -> None:
        target: QWidget = self.password if self.password.isVisible() else self.print_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.issue()

    def back(self) -> bool:
        self.shell.go("tasks")
        return True

    def check_again(self) -> bool:
        self._check()
        return True

    def preview(self) -> bool:
        """Ctrl+P: the notice with the six groups, over the window; from there to the printer."""
        from cunbao.desks.county import issuing
        from cunbao.ui.screens.preview import show_preview

        if self._builder is None or self._builder.draft is None:
            return True
        desk, builder, issued = self.shell.desk, self._builder, self._issued

        def shown(drawn: Any) -> None:
            show_preview(
                self.shell, "任务包启用通知", drawn.pdf, f"第{issued.version if issued else builder.version}版"
            )
            if self._issued is not None:
                self.steps.set(5)

        self.shell.run_job(lambda progress, cancel: issuing.notice(desk, builder, issued), title="备好通知", done=shown)
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: IssueView) -> None:
        self._view = view
        builder, draft = view.builder, view.builder.draft
        self.halves.settle()
        self.head.line.setText(view.title)
        number = self._issued.version if self._issued is not None else view.version
        self.version.set_word(f"第 {number} 版")
        self.groups.set_code(view.root_code)
        forms = [one.form for one in builder.sent]
        self.facts["forms"].setText(f"{len(forms)} 张：{forms_range(forms)}，共 {builder.cells} 格")
        self.facts["units"].setText(f"{builder.townships} 个乡镇、{builder.villages} 个村（社区）")
        if draft is not None:
            wanted = draft.wanted
            self.facts["days"].setText(f"村 {wanted.deadline} 报乡镇，乡镇 {wanted.town_deadline} 报县")
        self.facts["checks"].setText(
            f"{builder.must_fix + builder.to_explain} 条：必须改正 {builder.must_fix}，需要说明 {builder.to_explain}"
        )
        plans = "，".join(f"{one.plan} {short_plan(one.title)} {one.computable}" for one in builder.plans if one.chosen)
        self.facts["plans"].setText(f"{builder.computable} 项：{plans}" if plans else "没有选规划")
        self.later_title.setText(f"发出后要改，就出第 {number + 1} 版")
        self.later.setText(
            f"第 {number} 版不会变，也收不回。村里读入第 {number + 1} 版时，已填的数都留着："
            "只改说明和检查的，不用重签；加了格、改了口径的表，变回“待签名”，改动的格标出来，补填后重签。已通过的由乡镇决定退不退。"
        )
        written = "；".join(f"{one.name}，{moment_words(one.at)} 签发" for one in view.written)
        self.past.setText(f"发过的：{written}。" if written else "")
        show_if(self.past, bool(written))
        self.person.set_text(view.person)
        if view.root_lost:
            self.person_row.show_message("warn", f"{view.root_lost}。")
        else:
            self.person_row.show_message("ok", f"县级签发证书有效，到 {view.certificate_until}")
        self.file.set_text(self._issued.path.name if self._issued is not None else view.file_name)
        self.file_row.show_message("", "")
        self.file_row.set_hint(f"约 {size_words(view.size)}，签名，不加密；所有单位用同一个文件")
        self._tell_state()
        self._tell_main()

    def _tell_state(self) -> None:
        builder = self._builder
        assert builder is not None  # it is being shown
        if self._issued is not None:
            self.state.set("check-circle", f"第 {self._issued.version} 版写好了", "ok")
            self.steps.set(4)
        elif self._busy:
            self.state.set("clock", "正在检验", "text_2")
            self.steps.set(2)
        elif builder.draft is None:
            self.state.set("circle-dashed", "还没有选报表", "text_2")
            self.steps.set(1)
        elif builder.faults:
            self.state.set("alert-circle", f"有 {len(builder.faults)} 处错，先改好", look.tone("error").fg)
            self.steps.set(2)
        elif builder.checked:
            self.state.set("check-circle", "检验通过，没有错", look.tone("ok").fg)
            self.steps.set(3)
        else:
            self.state.set("alert", "检验以后又改过", look.tone("warn").fg)
            self.steps.set(2)

    def _tell_main(self) -> None:
        if self._view is None:
            return
        over = self._issued is not None
        show_if(self.password_row, not over)
        self.main.setText("打印给乡镇和村" if over else f"签名并写出第 {self._view.version} 版")
        self.main.set_key("Ctrl+P" if over else "Enter")
        self.back_button.setText("回到任务包" if over else "回去改")
        why_not = "" if over else self._why_not()
        self.main.set_why(why_not)
        waits = bool(why_not) and why_not != NO_PASSWORD
        self.note.set("note" if waits else "", f"{why_not}。" if waits else "")

    def _why_not(self) -> str:
        builder = self._builder
        if builder is None or builder.draft is None:
            return "先到“任务包”选报表"
        if self._busy:
            return "正在检验"
        if builder.faults:
            return f"还有 {len(builder.faults)} 处错，改好才能签发"
        if not builder.may_issue:
            return "检验以后又改过，按 F5 重新检验"
        if self.where.folder is None:
            return "先插上 U 盘，或选一个文件夹"
        return "" if self.password.text() else NO_PASSWORD

    # --- acts ----------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        """The same 检验 as on 任务包, so that nobody signs over what changed meanwhile."""
        from cunbao.desks.county import building

        desk = self.shell.desk
        if self._busy or building.draft_of(desk) is None:
            return
        self._busy = True
        self._tell_state()
        self.shell.jobs.start(
            lambda progress, cancel: building.check(desk, progress=progress, cancel=cancel),
            done=self._checked,
            failed=self._not_checked,
        )

    def _checked(self, builder: BuilderView) -> None:
        self._busy = False
        self._builder = builder
        self.refresh()
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _not_checked(self, error: CunbaoError) -> None:
        self._busy = False
        self.refresh()
        self.shell.show_error(error)

    def issue(self) -> bool:
        """Enter: sign and write; after that the notice."""
        if self._issued is not None:
            return self.preview()
        if self._why_not():
            self._tell_main()
            if self._why_not() == NO_PASSWORD:
                self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        desk, folder, password = self.shell.desk, self.where.folder, self.password.text()
        assert folder is not None  # it was looked at

        def work(progress: Any, cancel: Any) -> Issued:
            from cunbao.desks.county import issuing

            return issuing.issue(desk, folder, password, progress=progress, cancel=cancel)

        self.shell.run_job(
            work, title="签发任务包", done=lambda made: self._written(made, folder), failed=self._not_written,
            may_cancel=True,
        )  # fmt: skip
        return True

    def _written(self, made: Issued, folder: Path) -> None:
        self._issued = made
        self.password.set_text("")
        self.done.say(
            "ok",
            "任务包写好了，读回核对一致",
            f"{made.path.name}，{size_words(made.size)}，核对码 {made.check_code}。接着打印比对码，和 U 盘分开送。",
        )
        self.done.may_eject(folder if self.where.on_stick else None)
        self.refresh()
        self.shell.refresh_frame()
        self.print_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _not_written(self, error: CunbaoError) -> None:
        if error.code.startswith("password."):
            self.password_row.show_message("error", f"{error.happened}，{error.todo}。")
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.shell.show_error(error)
        self.refresh()


NO_PASSWORD = "还没写密码"
