"""county-07 证书: the root and whether it is backed up, the townships' certificates, the computers under each; renew,
revoke with what falls back said beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.certificates import (
    REASONS,
    CertificatesView,
    ComputerLine,
    Honour,
    RequestView,
    TownshipLine,
)
from cunbao.desks.filekinds import ROOT, TOWN_DESK, kind_of_file
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import Facts
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow, Message, PasswordField
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, Icon, Line, SideCard, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.radios import RadioList
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.screens.town_dialogs import ask_password
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 372, 360
TOWNS, ALL, SOON, REVOKED = "towns", "all", "soon", "revoked"
STATES = {
    "valid": ("check", "ok"), "soon": ("clock-alert", "warn"), "expired": ("clock-alert", "error"),
    "revoked": ("alert-circle", "error"), "none": ("circle-dashed", "text_2"),
}  # fmt: skip
ENDING = ("soon", "expired")
REQUESTS = "乡镇的证书申请 (*.cbreq *.cbdesk)"


class CertificatesScreen(TownScreen):
    nav = "certificates"
    help = (
        "县根证书只给乡镇签发证书；村里的电脑由乡镇核准。乡镇送来申请文件，请他念 24 位数，你照着输，程序来比。",
        "离到期 30 天会提醒，换发后新旧证书都算数。吊销不能撤回，先看清楚哪些表会用回旧版。",
        "县根钥匙一定要备份：写到 U 盘，用另一个密码锁着，和密码分开放进保险柜。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: CertificatesView | None = None
        self._open: set[str] = set()  # townships whose computers are shown
        self._lines: list[TownshipLine | ComputerLine] = []
        self._revoking: RevokeCard | None = None
        self.halves = Twofold(SIDE, larger=SIDE_125, wide=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self.card = Card()
        tools = QWidget()
        line = row(tools, 8, (12, 8, 12, 8))
        self.filters = FilterRow(name="看哪些证书", small=True)
        self.filters.chosen.connect(lambda key: self._fill())
        line.addWidget(self.filters, 1)
        self.card.add(tools)
        self.card.add_line()
        self.grid = Grid((), name="证书", row_px=30)
        self.grid.activated.connect(lambda number, key: self._unfold(number))
        self.grid.pressed.connect(lambda number, key: self._act(number))
        self.grid.moved.connect(lambda number, key: self._moved())
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.empty = EmptyState("名录里还没有乡镇。先定好单位名录，乡镇才能来登记。", self._to_offices())
        self.halves.main.addWidget(self.empty)
        self.halves.main.addStretch(1)
        self.detail = SideCard("")
        self.halves.side.addWidget(self.detail)
        self._under = column()
        self.halves.side.addLayout(self._under)
        self.halves.side.addStretch(1)

    def _to_offices(self) -> Button:
        button = Button("去单位名录", icon="building")
        button.clicked.connect(lambda: self.shell.go("offices"))
        return button

    def _make_top(self) -> None:
        self.head = PageHead("证书")
        self.asked = Button("读申请文件", icon="usb")
        self.asked.clicked.connect(self.choose)
        self.main = Button("", kind="filled", icon="key", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.head.add(self.asked)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.save = Button("马上备份", size="small", icon="backup")
        self.save.clicked.connect(self.back_up)
        self.bring = Button("从备份恢复", size="small", icon="restore")
        self.bring.clicked.connect(self.restore)
        both = QWidget()
        line = row(both, 8)
        line.addWidget(self.save)
        line.addWidget(self.bring)
        self.banner = Banner("error", "", button=both)
        self.halves.top.addWidget(self.banner)
        self.root = Card()
        inner = QWidget()
        line = row(inner, 16, (20, 10, 16, 10))
        line.addWidget(Icon("seal", "accent", 26))
        words = column(gap=0)
        self.root_name = Text("", bold=True)
        self.root_line = Text("", "small", "text_2", lines=2)
        words.addWidget(self.root_name)
        words.addWidget(self.root_line)
        line.addLayout(words, 3)
        line.addWidget(Line(upright=True))
        words = column(gap=0)
        words.addWidget(Text("比对码", "small", "text_2"))
        self.code = Text("", bold=True, lines=2)
        words.addWidget(self.code)
        line.addLayout(words, 2)
        self.root_state = Chip("ok", "check-circle", "有效")
        line.addWidget(self.root_state)
        self.again = Button("再备份一份", size="small", icon="backup")
        self.again.clicked.connect(self.back_up)
        line.addWidget(self.again)
        self.root.add(inner)
        self.halves.top.addWidget(self.root)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """office: the township to stand on; path: a file of a township, or the root's backup, to read."""
        self._stop()
        self.refresh()
        if where.get("office"):
            self.grid.go(max(0, self.grid.find_row(str(where["office"]))))
        if where.get("path"):
            QTimer.singleShot(0, self, lambda: self._given(Path(str(where["path"]))))

    def refresh(self) -> None:
        from cunbao.desks.county import certificates

        self._view = certificates.view(self.shell.desk)
        self._show(self._view)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("↑↓", "选一行"), ("Enter", "看电脑"), ("R", "换发"), ("Delete", "吊销"))

    def first_focus(self) -> None:
        if self._revoking is not None:
            self._revoking.first_focus()
        else:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> bool:
        """Ctrl+Enter: what ends soonest is renewed; else a request is read."""
        view = self._view
        if view is not None and view.next:
            self.renew(view.next)
        else:
            self.choose()
        return True

    def main_step(self) -> bool:
        return self.go_on()

    def key(self, name: str) -> bool:
        if name == "R":
            here = self._here()
            if isinstance(here, TownshipLine) and here.state not in ("none", "revoked"):
                self.renew(here.office)
            return True
        if name == "Ctrl+O":
            self.choose()
            return True
        return False

    def delete(self) -> bool:
        self.begin_revoking()
        return True

    def back(self) -> bool:
        """Esc: the right side is shut first."""
        if self._revoking is not None:
            self._stop()
            self._moved()
            self.first_focus()
            return True
        return super().back()

    def check_again(self) -> bool:
        self.refresh()
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: CertificatesView) -> None:
        self.halves.settle()
        root = view.root
        self.head.line.setText(f"县根 1，乡镇 {len(view.townships)}，电脑 {view.computers}")
        names = {one.office: one.name for one in view.townships}
        self.main.setText(f"换发：{names[view.next]}" if view.next else "核准乡镇")
        self.root_name.setText(f"县根证书　{self.shell.desk.directory.full_name}")
        backed = f"，{root.backed_up:%Y-%m-%d} 备份过" if root.backed_up is not None else ""
        self.root_line.setText(f"{root.since:%Y-%m-%d} 至 {root.until:%Y-%m-%d}，{root.words}{backed}")
        self.code.setText(root.code)
        show_if(self.banner, bool(root.warning))
        lost = root.place == "lost"
        if root.warning:
            self.banner.set_words(
                root.warning,
                "没有它，不能给乡镇签发、换发证书；发过的证书照样有效。"
                if lost
                else "这台电脑坏了、密码忘了，全县都要重新发证书、重新登记。备份只要一分钟。",
            )
        show_if(self.save, not lost)
        show_if(self.bring, root.place in ("lost", "others"))
        show_if(self.again, root.place == "file" and not root.warning)
        empty = not view.townships
        show_if(self.card, not empty)
        show_if(self.empty, empty)
        self.filters.set_filters([
            Filter(TOWNS, "乡镇", str(len(view.townships))),
            Filter(ALL, "全部电脑", str(view.computers)),
            Filter(SOON, "30 天内到期", str(view.soon), icon="clock-alert", tone="warn"),
            Filter(REVOKED, "已吊销", str(view.revoked), icon="alert-circle", tone="text_2"),
        ])  # fmt: skip
        self._fill()

    def _fill(self) -> None:
        view = self._view
        if view is None:
            return
        here = self.grid.current_id()
        self._lines = self._chosen(view)
        self.grid.set_columns(_columns())
        self.grid.set_rows([_row(one, open=self._is_open(one)) for one in self._lines])
        if here:
            self.grid.go(max(0, self.grid.find_row(here)))
        self.halves.fit(self.grid)
        self._moved()

    def _chosen(self, view: CertificatesView) -> list[TownshipLine | ComputerLine]:
        wanted = self.filters.current()
        every: list[TownshipLine | ComputerLine] = []
        for town in view.townships:
            every.append(town)
            if wanted != TOWNS or town.office in self._open:
                every += town.computers
        if wanted == ALL:
            return [one for one in every if isinstance(one, ComputerLine) and one.state != "revoked"]
        if wanted == SOON:
            return [one for one in every if one.state in ENDING]
        if wanted == REVOKED:
            return [one for one in every if one.state == "revoked"]
        return every

    def _is_open(self, one: TownshipLine | ComputerLine) -> bool:
        return isinstance(one, TownshipLine) and one.office in self._open

    def _here(self) -> TownshipLine | ComputerLine | None:
        at = self.grid.current_row()
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def _moved(self) -> None:
        here = self._here()
        show_if(self.detail, here is not None and self._revoking is None)
        if here is None or self._revoking is not None:
            return
        while (item := self.detail.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.detail.title.setText(here.name)
        facts: list[tuple[str, str]] = [("状态", here.words)]
        if isinstance(here, TownshipLine):
            facts += [
                ("只能签发这个开头的", here.prefix),
                ("有效期到", f"{here.until:%Y-%m-%d}" if here.until else "—"),
                ("电脑", f"{sum(one.state != 'revoked' for one in here.computers)} 台"),
            ]
        else:
            facts += [
                ("电脑", here.device), ("证书编号", here.number), ("有效期到", f"{here.until:%Y-%m-%d}"),
                ("用在", "乡镇工作台" if here.own else "村里填报"),
            ]  # fmt: skip
        self.detail.body.addWidget(Facts(facts))
        if isinstance(here, TownshipLine) and here.state in ("valid", "soon") and not here.known:
            note = "还没有收到它工作台的电脑证书：请它在“设置”里写一份给县里，下一版任务包才能写上收件的乡镇。"
            self.detail.body.addWidget(Text(note, "small", "warn", lines=0))
        buttons = row(gap=8, margins=(0, 8, 0, 0))
        if isinstance(here, TownshipLine) and here.state not in ("none", "revoked"):
            fresh = Button("换发", size="small", icon="key")
            fresh.clicked.connect(lambda: self.renew(here.office))
            buttons.addWidget(fresh)
        if here.state not in ("none", "revoked"):
            off = Button("吊销…", size="small", kind="danger")
            off.clicked.connect(self.begin_revoking)
            buttons.addWidget(off)
        buttons.addStretch(1)
        self.detail.body.addLayout(buttons)

    def _unfold(self, number: int) -> None:
        """Enter: the computers of a township, or shut again."""
        here = self._here()
        if isinstance(here, TownshipLine):
            self._open ^= {here.office}
            self._fill()

    def _act(self, number: int) -> None:
        here = self._here()
        if here is None:
            return
        if isinstance(here, TownshipLine) and here.state in ENDING:
            self.renew(here.office)
        elif here.state not in ("none", "revoked"):
            self.begin_revoking()

    # --- requests ------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ctrl+O: a township's request, or its desk's certificates."""
        from cunbao.desks import media

        place = next((stick.path for stick in media.sticks()), Path.home())
        name, _ = QFileDialog.getOpenFileName(self, "读乡镇的申请文件", str(place), REQUESTS)
        self.window().activateWindow()
        if name:
            self.read(Path(name))

    def read(self, path: Path) -> None:
        from cunbao.desks.county import certificates

        desk = self.shell.desk
        if kind_of_file(path) is TOWN_DESK:
            self.shell.run_job(
                lambda progress, cancel: certificates.take_desk(desk, path), title="正在读电脑证书", done=self._took
            )
        else:
            self.shell.run_job(
                lambda progress, cancel: certificates.read_request(desk, path),
                title="正在读申请",
                done=self._ask_digits,
            )

    def _took(self, name: str) -> None:
        self._after()
        self._say(f"{name}的电脑证书收下了", "下一版任务包会写上它，村里就能封给它看。")

    def _ask_digits(self, request: RequestView) -> None:
        from cunbao.desks.county import certificates

        if request.live:
            self._say(f"{request.name}已经有一个工作台", f"{request.live}。旧电脑丢了或坏了的，先吊销，再核准新的。")
            return
        desk, code = self.shell.desk, DigitsField(name=f"{request.name}的比对码")
        folder = request.path.parent
        body = QWidget()
        box = column(body, 6)
        box.addWidget(Text("请他念自己屏幕上的 24 位数", "small", "text_2"))
        box.addWidget(code)
        again = "；这是换发，钥匙没有变" if request.renews else ""
        ask_password(
            self.shell,
            f"核准{request.name}？",
            f"核准后，{request.name}就能核准本镇各村的电脑{again}。还可以对 {request.tries_left} 次。",
            "证书写在申请文件旁边，带回去给他。",
            "核准",
            lambda password: certificates.approve(desk, request.path, code.digits(), password, folder),
            body=body,
            ready=lambda: "" if code.full else "24 位数还没输全",
            done=lambda path: self._wrote(request.name, path),
            failed=lambda error: (self.shell.show_error(error), self._again(error.code, request)),
            working="正在签发证书",
        )

    def _again(self, code: str, request: RequestView) -> None:
        """Another try, while there is one left."""
        if code == "enrol.code" and request.tries_left > 1:
            self.read(request.path)

    def renew(self, office: str) -> None:
        """R: the same key for a further term."""
        from cunbao.desks.county import certificates

        desk = self.shell.desk
        name = next((one.name for one in self._view.townships if one.office == office), "") if self._view else ""
        folder = self._ask_folder(f"把{name}的新证书写到哪里")
        if folder is None:
            return
        ask_password(
            self.shell,
            f"给{name}换发证书？",
            "钥匙不变，它核准过的电脑都照常用；旧证书到期前也照样算数。",
            "写好后带给乡镇，在“设置”里读入。",
            "换发",
            lambda password: certificates.renew(desk, office, password, folder),
            done=lambda path: self._wrote(name, path),
            working="正在换发证书",
        )

    def _wrote(self, name: str, path: Path) -> None:
        self._after()
        self._say(f"{name}的证书签发好了", f"写在 {path.name}，读回核对一致。带给乡镇，在“设置”里读入。")

    # --- revoking ------------------------------------------------------------------------------------------------

    def begin_revoking(self) -> None:
        """Delete: the right side asks why, up to when, one sentence and the password."""
        from cunbao.desks.county import certificates

        here, desk = self._here(), self.shell.desk
        if here is None or here.state in ("none", "revoked") or self._revoking is not None:
            return

        def ready(choices: Sequence[Honour]) -> None:
            self._revoking = RevokeCard(here, choices)
            self._revoking.stopped.clicked.connect(self.back)
            self._revoking.done.clicked.connect(partial(self._revoke, here))
            self._under.addWidget(self._revoking)
            self._revoking.show()
            self.detail.hide()
            self.first_focus()

        if isinstance(here, ComputerLine):
            key = here.key
            self.shell.run_job(
                lambda progress, cancel: certificates.honours(desk, key), title="正在看它签过什么", done=ready
            )
        else:
            ready(())

    def _revoke(self, here: TownshipLine | ComputerLine) -> None:
        from cunbao.desks.county import certificates

        card, desk = self._revoking, self.shell.desk
        if card is None or card.gap():
            return
        reason, password, honour = card.reason(), card.password.text(), card.honour()

        def act(progress: Any, cancel: Any) -> None:
            if isinstance(here, ComputerLine):
                assert honour is not None
                certificates.revoke_computer(desk, here.key, honour, reason, password)
            else:
                certificates.revoke_township(desk, here.office, reason, password)

        def done(nothing: object) -> None:
            self._stop()
            self._after()

        self.shell.run_job(act, title="正在吊销", done=done, failed=card.show_error)

    def _stop(self) -> None:
        if self._revoking is not None:
            self._revoking.hide()
            self._revoking.deleteLater()
            self._revoking = None

    # --- the root ------------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        from cunbao.desks.county import rootkey

        folder = self._ask_folder("把县根钥匙的备份写到哪里（最好是 U 盘）")
        if folder is None:
            return
        desk, secret, twice = self.shell.desk, PasswordField(name="备份的密码"), PasswordField(name="再输一次")
        body = QWidget()
        box = column(body, 6)
        for word, field in (("备份的密码（另设一个，至少 10 个字）", secret), ("再输一次", twice)):
            box.addWidget(Text(word))
            box.addWidget(field)

        def gap() -> str:
            if len(secret.text()) < rootkey.LEAST:
                return f"备份的密码至少 {rootkey.LEAST} 个字"
            return "" if secret.text() == twice.text() else "两次输的不一样"

        ask_password(
            self.shell,
            "备份县根钥匙",
            "谁有备份和它的密码，谁就能冒充本县。",
            "备份锁进保险柜；密码写在纸上装进信封，放在另一个地方。",
            "写备份",
            lambda password: rootkey.back_up(desk, folder, password, secret.text()),
            body=body,
            ready=gap,
            done=self._backed_up,
            icon="backup",
            working="正在写备份，写完读回核对",
            help="certificates/backup",
        )

    def _backed_up(self, path: Path) -> None:
        self._after()
        self._say("县根钥匙备份好了", f"写在 {path.name}，读回打开过。请马上锁进保险柜，密码分开放。")

    def _given(self, path: Path) -> None:
        self.restore_from(path) if kind_of_file(path) is ROOT else self.read(path)

    def restore(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选县根钥匙的备份", str(Path.home()), "县根钥匙备份 (*.cbroot)")
        self.window().activateWindow()
        if name:
            self.restore_from(Path(name))

    def restore_from(self, path: Path) -> None:
        from cunbao.desks.county import rootkey

        desk, secret, body = self.shell.desk, PasswordField(name="备份的密码"), QWidget()
        box = column(body, 6)
        box.addWidget(Text("备份的密码（信封里的那个）"))
        box.addWidget(secret)
        ask_password(
            self.shell,
            "从备份恢复县根钥匙",
            "恢复后，县根钥匙用你的密码锁着。",
            "备份用完放回保险柜。",
            "恢复",
            lambda password: rootkey.restore(desk, path, secret.text(), password),
            body=body,
            ready=lambda: "" if secret.text() else "还没输备份的密码",
            done=lambda view: self._after(),
            icon="restore",
            working="正在恢复",
            help="certificates/backup",
        )

    # --- helpers -------------------------------------------------------------------------------------------------

    def _ask_folder(self, title: str) -> Path | None:
        from cunbao.desks import media

        place = next((stick.path for stick in media.sticks()), Path.home())
        name = QFileDialog.getExistingDirectory(self, title, str(place))
        self.window().activateWindow()
        return Path(name) if name else None

    def _say(self, title: str, words: str) -> None:
        box = DialogBox(title, "", "", words, (Choice("close", "知道了"),), icon="info", tone="accent")
        self.shell.ask(box, escape="close")

    def _after(self) -> None:
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()


class RevokeCard(SideCard):
    """吊销: why, up to when, one sentence, the password; what falls back is said as the choice changes."""

    def __init__(self, line: TownshipLine | ComputerLine, choices: Sequence[Honour]) -> None:
        town = isinstance(line, TownshipLine)
        super().__init__(f"吊销{'这个乡镇' if town else '这台电脑'}的证书", "alert-circle", tone="error")
        self.set_colors(line="error", width=2)
        self._choices = tuple(choices)
        body = self.body
        body.setSpacing(6)
        what = (
            f"{line.name}工作台和签发证书"
            if isinstance(line, TownshipLine)
            else f"{line.name} {line.device}，证书 {line.number}"
        )
        body.addWidget(Text(what, "small", lines=2))
        body.addWidget(Text("为什么吊销", bold=True))
        self.why = RadioList([(one, one, "") for one in REASONS], name="为什么吊销")
        body.addWidget(self.why)
        self.until = CodeField(
            lambda: [Item(str(n), one.words) for n, one in enumerate(self._choices)], "0", name="认到哪一天"
        )
        self.falls = Message("note", "")
        if self._choices:
            body.addWidget(Text("认到哪一天", bold=True))
            body.addWidget(self.until)
            self.until.committed.connect(lambda code: self._tell())
        body.addWidget(self.falls)
        body.addWidget(Text("写一句经过", bold=True))
        self.told = FieldBox(name="写一句经过")
        self.told.set_hint("什么时候、怎么丢的，报案没有")
        body.addWidget(self.told)
        self.password = PasswordField(name="你的密码")
        body.addWidget(FieldRow("你的密码", self.password))
        self.message = Message("error")
        body.addWidget(self.message)
        body.addWidget(Text("吊销不能撤回。名单随下一个回执包、任务包发下去。", "small", "text_2", lines=2))
        self.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (16, 10, 16, 10))
        self.stopped = Button("不吊销了")
        self.done = Button("吊销证书", kind="danger", icon="alert-circle")
        buttons.addWidget(self.stopped)
        buttons.addStretch(1)
        buttons.addWidget(self.done)
        self.add(foot)
        self.password.next.connect(lambda step: self.done.click() if step > 0 else None)
        self._tell(town=town)

    def first_focus(self) -> None:
        self.why.setFocus(Qt.FocusReason.OtherFocusReason)

    def honour(self) -> Honour | None:
        code = self.until.code()
        return self._choices[int(code)] if self._choices and code else None

    def reason(self) -> str:
        return f"{self.why.current()}：{self.told.text().strip()}"

    def gap(self) -> str:
        """What is still missing, shown under the password; "" nothing."""
        missing = "还没写经过" if not self.told.text().strip() else "" if self.password.text() else "还没输密码"
        self.message.set("error" if missing else "", missing)
        return missing

    def show_error(self, error: Any) -> None:
        self.message.set("error", f"{error.happened}，{error.todo}")
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, *, town: bool = False) -> None:
        if town:
            self.falls.set("warn", "它核准过的电脑照样算数；它以后签的审核决定不算。新工作台要重新登记。", "alert")
            return
        honour = self.honour()
        if honour is None:
            self.falls.set("warn", "它没有签过县里收到的东西。", "info")
        elif not honour.falls:
            self.falls.set("note", "现在算数的都照样算数；以后签的不算。", "info")
        else:
            told = "；".join(f"{name} {what}" for name, what in honour.falls[:4])
            more = f"，等 {len(honour.falls)} 张" if len(honour.falls) > 4 else ""
            self.falls.set("warn", f"{told}{more}。", "alert")


def _columns() -> tuple[GridColumn, ...]:
    return (
        GridColumn("name", "乡镇", 150, 10),
        GridColumn("prefix", "只能签发这个开头的", 144, 2),
        GridColumn("until", "有效期到", 104),
        GridColumn("state", "状态", 118, kind="state"),
        GridColumn("count", "电脑", 48, kind="number"),
        GridColumn("act", "", 76, kind="button"),
    )


def _row(one: TownshipLine | ComputerLine, *, open: bool) -> GridRow:
    icon, tone = STATES[one.state]
    until = f"{one.until:%Y-%m-%d}" if one.until else "—"
    state = GridCell(one.words, icon=icon, tone=tone)
    ending = one.state in ENDING
    word = "" if one.state in ("none", "revoked") else "换发" if ending and isinstance(one, TownshipLine) else "吊销"
    if isinstance(one, TownshipLine):
        live = sum(each.state != "revoked" for each in one.computers)
        return GridRow(
            one.office,
            {
                "name": GridCell(one.name, bold=True), "prefix": GridCell(one.prefix), "until": GridCell(until),
                "state": state, "count": GridCell(str(live)), "act": GridCell(word),
            },
            label=one.name,
            ground="surface_sunken" if open else "",
        )  # fmt: skip
    name = f"　{one.name}　{'工作台' if one.own else one.device}"
    return GridRow(
        one.key,
        {
            "name": GridCell(name), "prefix": GridCell(one.number, tone="text_2"), "until": GridCell(until),
            "state": state, "act": GridCell(word),
        },
        label=f"{one.name} {one.device}",
    )  # fmt: skip
