"""设置 of a township: letter size and contrast, who works at this desk, backup, the task, the county's certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.township.town_papers import SUFFIX, PapersView, TownCertificate
from cunbao.desks.views import SettingsView
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, FieldRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.outbox_card import outbox_card
from cunbao.ui.screens.packs_card import packs_card
from cunbao.ui.screens.people_card import TOWNSHIP, PeopleCard
from cunbao.ui.screens.settings import Settings
from cunbao.ui.screens.town_dialogs import ask_password

RECOVERY = "忘了密码，向县民政局申请恢复"


class TownSettings(Settings):
    help = (
        "改了马上生效，不用保存。每次关闭前会自动备份一份，最好再存一份到 U 盘。",
        "代填的表要由别人审核：在“审核员”里加一位，让他自己设密码。",
    )

    @property
    def to_edge(self) -> bool:
        return True

    def open(self, **where: Any) -> None:
        """papers: the county's certificate to read (a double click)."""
        super().open(**where)
        if where.get("papers"):
            QTimer.singleShot(0, self, lambda: self.take_papers(Path(str(where["papers"]))))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Enter", "立即备份"), ("Esc", "回去"))

    def _show(self, view: SettingsView) -> None:
        view = replace(view, recovery=RECOVERY)
        inner = QWidget()
        box = column(inner, 12, (0, 0, 20, 16))
        box.addWidget(PageHead("设置", "改了马上生效"))
        across = self.halves()
        left, right = column(gap=12), column(gap=12)
        for card in (self._looks(), self._officers(), self._papers()):
            left.addWidget(card)
        left.addStretch(1)
        for card in (self._backup(view), self._task(), outbox_card(self.shell)):
            right.addWidget(card)
        right.addStretch(1)
        across.addLayout(left, 59)
        across.addLayout(right, 52)
        box.addLayout(across)
        box.addStretch(1)
        made = scrolled(inner)
        self._box.addWidget(made)
        made.show()  # now, so that the focus can be put into it

    # --- 审核员 ------------------------------------------------------------------------------------------------------

    def _officers(self) -> Card:
        self.people = PeopleCard(self.shell, TOWNSHIP, self.refresh)
        return self.people

    # --- 任务包 ------------------------------------------------------------------------------------------------------

    def _task(self) -> Card:
        desk = self.shell.desk
        ready = desk.signer is not None
        return packs_card(
            self.shell,
            first="县里发的任务包（.cbtask）读入以后才能收件。",
            why_not="" if ready else "先读入县里的证书",
        )

    def take_pack(self, path: Path) -> None:
        """What 读入任务包 does after the choice: it is looked at, told, and taken when wanted."""
        self.shell.go("pack", path=path)

    # --- 证书 --------------------------------------------------------------------------------------------------------

    def _papers(self) -> Card:
        from cunbao.desks.township import town_papers

        desk, card = self.shell.desk, SideCard("本镇的证书", "seal")
        card.body.setContentsMargins(0, 0, 0, 0)
        held = town_papers.certificate(desk)
        words = f"到 {held.until:%Y-%m-%d} 有效" if held.until is not None else "还没有证书"
        chip = Chip("ok", "check-circle", "可以审核") if held.until is not None else Chip.state("cert_pending")
        card.add(_line(words, held.line, chip))
        card.add_line()
        ask = Button("写证书申请", size="small", icon="box-out")
        ask.clicked.connect(self._ask_request)
        take = Button("读入县里的证书", size="small", icon="inbox-in")
        take.clicked.connect(self._ask_papers)
        for button in (ask, take):
            button.set_why("只看不改" if desk.read_only else "")
        card.add(_foot("申请交给县民政局，把比对码念给他听。", ask, take))
        if held.until is not None:
            card.add_line()
            told = Button("写给县里", size="small", icon="box-out")
            told.clicked.connect(self._ask_desk)
            told.set_why("只看不改" if desk.read_only else "")
            card.add(_foot("刚领到证书的，再把本机的电脑证书写一份给县里。", told))
        return card

    def _ask_desk(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "电脑证书写到哪里")
        if folder:
            self.write_desk(Path(folder))

    def write_desk(self, folder: Path) -> None:
        """What 写给县里 does after the choice."""
        from cunbao.desks.township import town_papers

        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: town_papers.write_desk(desk, folder),
            title="正在写电脑证书",
            done=lambda path: self.shell.ask(
                DialogBox(
                    "电脑证书写好了",
                    "",
                    "",
                    f"{path.name} 交给县民政局，在“证书”里读入。下一版任务包就会写上本镇。",
                    (Choice("close", "知道了"),),
                    icon="check-circle",
                    tone="ok",
                    help="settings/certificate",
                )
            ),
        )

    def _ask_request(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "证书申请写到哪里")
        if folder:
            self.write_request(Path(folder))

    def write_request(self, folder: Path) -> None:
        """What 写证书申请 does after the choice."""
        from cunbao.desks.township import town_papers

        desk = self.shell.desk

        def done(written: tuple[Path, str]) -> None:
            path, code = written
            digits = QWidget()
            box = column(digits, 4)
            box.addWidget(Text("比对码", "small", "text_2"))
            box.addWidget(Text(code, "title", bold=True))
            self.shell.ask(
                DialogBox(
                    "证书申请写好了",
                    f"文件是“{path.name}”，交给县民政局。",
                    "里面没有密码，也没有报表",
                    "县里来核对时，把下面六组数字念给他听。",
                    (Choice("done", "记下了"),),
                    icon="shield-clock",
                    tone="info",
                    body=digits,
                    help="settings/certificate",
                ),
                escape="done",
            )

        self.shell.run_job(
            lambda progress, cancel: town_papers.write_request(desk, folder), title="写证书申请", done=done
        )

    def _ask_papers(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "读入县里的证书", "", f"乡镇证书 (*{SUFFIX})")
        if name:
            self.take_papers(Path(name))

    def take_papers(self, path: Path) -> None:
        """What 读入县里的证书 does after the choice: digits of an unknown root, then the password."""
        from cunbao.desks.township import town_papers

        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: town_papers.look_at(desk, path), title="核对证书", done=self._ask_to_take
        )

    def _ask_to_take(self, seen: PapersView) -> None:
        from cunbao.desks.township import town_papers

        desk, code = self.shell.desk, FieldBox(name="县级根证书的比对码")
        code.set_hint("通知上印的六组数字")
        body = None if seen.known else FieldRow("县级根证书的比对码", code)

        def missing() -> str:
            typed = "".join(code.text().split())
            return "" if seen.known or len(typed) == 24 else f"比对码是 24 位数字，现在有 {len(typed)} 位"

        ask_password(
            self.shell,
            "读入县里的证书",
            f"证书到 {seen.until:%Y-%m-%d} 有效。",
            "" if seen.known else "请照县里印发的通知输入比对码，一位也不能差。",
            "读入",
            lambda own: town_papers.take(desk, seen.path, own, root_code=code.text()),
            body=body,
            ready=missing,
            done=self._took,
            working="读入证书",
            help="settings/certificate",
        )

    def _took(self, held: TownCertificate) -> None:
        self.refresh()
        self.shell.refresh_frame()


def _line(words: str, line: str, end: QWidget) -> QWidget:
    shown = QWidget()
    parts = row(shown, 16, (16, 8, 16, 8))
    said = column()
    said.addWidget(Text(words, bold=True, lines=2))
    said.addWidget(Text(line, "small", "text_2", lines=2))
    parts.addLayout(said, 1)
    parts.addWidget(end)
    return shown


def _foot(words: str, *buttons: QWidget) -> QWidget:
    shown = QWidget()
    parts = row(shown, 8, (16, 8, 16, 8))
    parts.addWidget(Text(words, "small", "text_2", lines=2), 1)
    for button in buttons:
        parts.addWidget(button)
    return shown
