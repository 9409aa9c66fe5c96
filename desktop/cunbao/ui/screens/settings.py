"""village-12: letter size and contrast, certificates, backup and its last proof. A change holds at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QVBoxLayout, QWidget

from cunbao.desks.views import CertificateLine, SettingsView
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button, Segmented
from cunbao.ui.kit.fields import FieldBox, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import SCALES, look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.outbox_card import outbox_card
from cunbao.ui.screens.packs_card import packs_card
from cunbao.ui.screens.people_card import VILLAGE, PeopleCard
from cunbao.ui.shell import Shell

LABEL = 116
TWO_FROM = 860  # px at 100 %: from this width on the cards stand in two columns
LOCK_MINUTES = (5, 10, 20, 30)


class Settings(Screen):
    nav = "settings"
    help = ("改了马上生效，不用保存。", "备份要常做：每次关闭前会自动备份一份，最好再存一份到 U 盘。")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._two = True
        self.slip: Button | None = None  # 核对单, until this computer is approved

    @property
    def to_edge(self) -> bool:
        return look.scale > 1.0

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Tab", "下一项"), ("Esc", "回去"))

    def back(self) -> bool:
        self.shell.go_back()
        return True

    def preview(self) -> bool:
        """Ctrl+P: the slip that goes with the request."""
        if self.slip is not None:
            self.slip.click()
        return self.slip is not None

    def first_focus(self) -> None:
        self._scale.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        from cunbao.desks.settings import Looks, settings_view

        self.slip = None
        self._show(settings_view(self.shell.desk, Looks(look.scale, look.contrast)))

    def _show(self, view: SettingsView) -> None:
        inner = QWidget()
        box = column(inner, 12)
        box.addWidget(PageHead("设置", "改了马上生效"))
        across = self.halves()
        left, right = column(gap=12), column(gap=12)
        left.addWidget(self._looks())
        left.addWidget(self._certificates(view))
        self.people = PeopleCard(self.shell, VILLAGE, self.refresh)
        left.addWidget(self.people)
        left.addWidget(packs_card(self.shell))
        left.addStretch(1)
        right.addWidget(self._backup(view))
        right.addWidget(outbox_card(self.shell))
        right.addStretch(1)
        across.addLayout(left, 59)
        across.addLayout(right, 52)
        box.addLayout(across, 1)
        # the foot of the backup card must be reachable at 125 % and 150 % too
        if look.scale > 1.0:
            box.setContentsMargins(0, 0, 10, 16)
        made = scrolled(inner)
        self._box.addWidget(made)
        made.show()  # now, so that the focus can be put into it

    def halves(self) -> QBoxLayout:
        """Two columns of cards where the window has room for them, else one."""
        self._two = self._wide_enough()
        return row(gap=16) if self._two else column(gap=12)

    def _wide_enough(self) -> bool:
        room = self.shell.width() - self.shell.nav.width()
        return not look.narrow and room >= look.px(TWO_FROM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._box.count() and self._two != self._wide_enough():
            self.refresh()

    # --- 显示 ----------------------------------------------------------------------------------------------------

    def _looks(self) -> Card:
        card = SideCard("显示", "font")
        self._scale = Segmented(
            [f"{round(scale * 100)}%" for scale in SCALES],
            SCALES.index(look.scale),
            roles=("base", "lead", "title"),
            name="字号",
        )
        self._scale.chosen.connect(lambda at: self._looked(SCALES[at], look.contrast))
        contrast = Segmented(("普通", "高对比"), int(look.contrast), marks=("", "contrast"), name="对比度")
        contrast.chosen.connect(lambda at: self._looked(look.scale, bool(at)))
        _line(card, "字号", self._scale, end=Text("Ctrl + 加号 / 减号", "small", "text_2"))
        _line(card, "对比度", contrast)
        sample = QWidget()
        parts = row(sample, 8)
        number = FieldBox("1836", align="right", name="样子")
        number.setFixedWidth(look.px(96))
        number.set_state("")
        number.edit.setReadOnly(True)
        number.edit.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        parts.addWidget(number)
        parts.addWidget(Text("人"))
        parts.addWidget(Chip.state("filling"))
        parts.addWidget(Chip.state("problem", "1"))
        parts.addStretch(1)
        _line(card, "样子", sample)
        return card

    def _looked(self, scale: float, contrast: bool) -> None:
        self.shell.set_look(scale, contrast)
        self.first_focus()

    # --- 签名证书 -------------------------------------------------------------------------------------------------

    def _certificates(self, view: SettingsView) -> Card:
        card = SideCard("签名证书", "seal")
        card.body.setContentsMargins(0, 0, 0, 0)
        for line in view.certificates:
            shown = QWidget()
            parts = row(shown, 16, (16, 6, 16, 6))
            who = column()
            who.addWidget(Text(line.person.name, bold=True))
            who.addWidget(Text(line.person.role, "small", "text_2"))
            parts.addWidget(_wide(who, LABEL))
            words = column()
            words.addWidget(Text(_until(line)))
            words.addWidget(Text(line.line, "small", "text_2", lines=2))
            parts.addLayout(words, 1)
            chip = Chip.state(line.state.token) if line.state is not None else Chip("ok", "check-circle", "可以签名")
            parts.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
            if card.box.count() > 3:
                card.add_line()
            card.add(shown)
        if any(line.state is not None for line in view.certificates):
            card.add_line()
            card.add(self._enrolling())
        return card

    def _enrolling(self) -> QWidget:
        """Until the township has approved this computer: the request goes out, its answer comes in."""
        from cunbao.ui.screens import certificate, intake

        shown = QWidget()
        box = column(shown, 6, (16, 8, 16, 8))
        box.addWidget(Text("申请交给乡镇，把核对码念给他听；核对单盖了章带去也行。", "small", "text_2", lines=2))
        parts = row(gap=8)
        self.slip = Button("核对单", size="small", icon="printer", key="Ctrl+P")
        self.slip.clicked.connect(lambda: certificate.show_slip(self.shell))
        parts.addWidget(self.slip)
        parts.addStretch(1)
        box.addLayout(parts)
        ask = Button("写证书申请", size="small", icon="box-out")
        ask.clicked.connect(lambda: certificate.ask_and_write_request(self.shell))
        take = Button("读入证书", size="small", icon="inbox-in")
        take.clicked.connect(lambda: intake.choose(self.shell))
        parts.addWidget(ask)
        parts.addWidget(take)
        return shown

    # --- 备份 ----------------------------------------------------------------------------------------------------

    def _backup(self, view: SettingsView) -> Card:
        card = SideCard("备份", "backup")
        card.under.hide()
        card.body.setContentsMargins(16, 2, 16, 12)
        backed = clock_words(view.backup_at)
        banner = (
            Banner("ok", f"最近备份 {backed}，核对过能恢复", view.backup_line)
            if backed
            else Banner("warn", "还没备份过", "电脑坏了，没备份的资料就找不回来。")
        )
        card.body.addWidget(banner)
        change = Button("换地方")
        change.clicked.connect(self._change_folder)
        folder = FieldBox(str(view.backup_folder), name="存到哪里")
        folder.set_state("readonly")
        _line(card, "存到哪里", folder, end=change)
        _line(card, "什么时候", Text("每天第一次关闭前自动备份，留最近 10 份", lines=2))
        stick = Button("备份到 U 盘", icon="usb")
        stick.clicked.connect(self._to_stick)
        second = clock_words(view.second_at)
        told = Message("ok", f"{second} 备份过") if second else Message("warn", "还没备份到 U 盘", "alert")
        _line(card, "U 盘备份", told, end=stick)
        minutes = Segmented(
            [str(n) for n in LOCK_MINUTES], _index(LOCK_MINUTES, view.lock_minutes), name="几分钟后锁上"
        )
        minutes.chosen.connect(lambda at: self._lock(LOCK_MINUTES[at]))
        _line(card, "锁定", minutes, end=Text("分钟没人用就锁上", "small", "text_2"))
        _line(card, "找回密码", Text(view.recovery or "可以向乡镇申请恢复", lines=2))
        card.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (16, 12, 16, 12))
        again = Button("从备份恢复", icon="restore")
        again.clicked.connect(self._restore)
        buttons.addWidget(again)
        buttons.addStretch(1)
        now = Button("立即备份", kind="filled", icon="backup")
        now.clicked.connect(lambda: self._back_up(None))
        buttons.addWidget(now)
        card.add(foot)
        return card

    def main_step(self) -> bool:
        self._back_up(None)
        return True

    def _back_up(self, folder: Path | None) -> None:
        from cunbao.desks.settings import back_up

        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: back_up(desk, folder),
            title="正在备份，写完会重新打开核对",
            done=lambda report: (self.refresh(), self.shell.refresh_frame()),
        )

    def _to_stick(self) -> None:
        from cunbao.desks.media import sticks

        places = sticks()
        folder = str(places[0].path) if places else QFileDialog.getExistingDirectory(self, "备份到哪个 U 盘")
        if folder:
            self._back_up(Path(folder))

    def _change_folder(self) -> None:
        from cunbao.desks.settings import choose_backup_folder

        folder = QFileDialog.getExistingDirectory(self, "备份存到哪里")
        if folder:
            self._act(lambda: choose_backup_folder(self.shell.desk, Path(folder)))

    def _lock(self, minutes: int) -> None:
        desk = self.shell.desk
        self._act(lambda: desk.workspace.set_setting("lock_minutes", minutes))

    def _restore(self) -> None:
        self.shell.restore_asked.emit()

    def _act(self, act: Callable[[], object]) -> None:
        self.shell.run_job(lambda progress, cancel: act(), title="正在改设置", done=lambda _: self.refresh())


def _until(line: CertificateLine) -> str:
    return f"到 {line.until:%Y-%m-%d} 有效" if isinstance(line.until, date) else "还没有证书"


def _index(values: Sequence[int], wanted: int) -> int:
    return min(range(len(values)), key=lambda at: abs(values[at] - wanted))


def _wide(layout: QVBoxLayout, width: int) -> QWidget:
    made = QWidget()
    made.setLayout(layout)
    made.setFixedWidth(look.px(width))
    return made


def _line(card: SideCard, label: str, part: QWidget, *, end: QWidget | None = None) -> None:
    """One setting: its name, the control, and an act or words at the right end; a line above."""
    if card.body.count() == 0 and card.box.count() <= 3:
        card.body.setContentsMargins(0, 0, 0, 0)
    if card.box.count() > 3 or card.body.count():
        card.add_line()
    shown = QWidget()
    parts = row(shown, 16, (16, 6, 16, 6))
    name = Text(label)
    name.setFixedWidth(look.px(LABEL))
    parts.addWidget(name)
    parts.addWidget(part, 1 if not isinstance(part, Segmented) else 0)
    if isinstance(part, Segmented):
        parts.addStretch(1)
    if end is not None:
        parts.addWidget(end)
    shown.setMinimumHeight(look.px(48))
    card.add(shown)
