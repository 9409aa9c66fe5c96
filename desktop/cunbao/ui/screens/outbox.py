"""待发箱: what waits to go over the network and what came from there; where it sends, and how it is let in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.offered import Offer
from cunbao.desks.outbox import FOLDER, SYSTEM, SYSTEM_WORD, WEBDAV, Box
from cunbao.desks.outboxview import GoingLine, OutboxView
from cunbao.errors import CunbaoError
from cunbao.store import QueuedState
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox, FieldRow, PasswordField
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, SideCard, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

SIDE = 320
READ_HERE = (".cbsync", ".cbcert", ".cbtask")  # what dropping on the window takes in
MARKS = {
    QueuedState.WAITS: ("clock", ""),
    QueuedState.SENDING: ("send", ""),
    QueuedState.SENT: ("check", ""),
    QueuedState.PROVED: ("check-circle", ""),
    QueuedState.REFUSED: ("alert-circle", "warn"),
}


class OutboxScreen(Screen):
    nav = "settings"
    help = (
        "写好的包有网络时自己送到网盘或共享文件夹，没有网络就等着；U 盘照样能用，重复送没有害处。",
        "取来的文件只是放在这里，按“读入”才收下。包是加密签名的，管网盘的人看不到内容。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self)
        self._view: OutboxView | None = None
        self.head = PageHead("待发箱")
        self.main: Button | None = None
        shell.carrier.changed.connect(self._changed)

    @property
    def to_edge(self) -> bool:
        return True

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "现在就试"), ("Delete", "这一件不送了"), ("Esc", "回去"))

    def back(self) -> bool:
        self.shell.go("settings")
        return True

    def main_step(self) -> bool:
        if self.main is not None and self.main.isEnabled():
            self.main.click()
        return True

    def first_focus(self) -> None:
        if self._view is not None and not self._view.place:
            self.place.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._view is not None and self._view.going:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.main is not None:
            self.main.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self) -> None:
        """Rows alone: what is being typed into the settings stays."""
        if self.shell.screen_here is self and self._view is not None:
            from cunbao.desks import outboxview

            view = outboxview.outbox_view(self.shell.desk)
            if bool(view.going) == bool(self._view.going) and view.came == self._view.came:
                self._view = view
                self.grid.set_rows([self._row(one) for one in view.going])
                self.head.line.setText(view.line)
            elif not any(one.hasFocus() for one in self._fields()):
                self.refresh()

    def refresh(self) -> None:
        from cunbao.desks import outboxview

        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._view = view = outboxview.outbox_view(self.shell.desk)
        inner = QWidget()
        box = column(inner, 12, (0, 0, 20, 16))
        self.head = PageHead("待发箱", view.line)
        self.main = Button("现在就试", kind="filled", icon="send", key="Enter")
        self.main.set_why("" if view.on else "先设好网盘或文件夹" if not view.place else "待发箱停用着")
        self.main.clicked.connect(self.try_now)
        if view.place:
            self.switch = Button("停用" if view.on else "启用", kind="quiet", icon="x" if view.on else "play")
            self.switch.clicked.connect(self._switch)
            self.head.add(self.switch)
        self.head.add(self.main)
        box.addWidget(self.head)
        if view.trouble is not None:
            box.addWidget(Banner("warn", f"{view.trouble.happened}。", f"{view.trouble.todo}。"))
        across = row(gap=16) if not look.narrow else column(gap=12)
        left = column(gap=12)
        if view.came:
            left.addWidget(self._came(view.came))
        left.addWidget(self._going(view))
        left.addStretch(1)
        across.addLayout(left, 1)
        side = self._settings(view)
        if not look.narrow:
            side.setFixedWidth(look.px(SIDE))
        across.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(across)
        box.addStretch(1)
        made = scrolled(inner)
        self._box.addWidget(made)
        made.show()

    # --- what goes -----------------------------------------------------------------------------------------------

    def _going(self, view: OutboxView) -> Card:
        card = Card()
        columns = (
            GridColumn("state", "状态", 116, kind="chip"),
            GridColumn("file", "文件", 240, kind="two", bold=True),
            GridColumn("why", "怎么了", 150, 1, role="small", lines=2, tone="text_2"),
            GridColumn("when", "什么时候", 136, role="small", tone="text_2"),
        )
        self.grid = Grid(columns, name="要送的文件", row_px=46)
        self.grid.set_rows([self._row(one) for one in view.going])
        if view.going:
            card.add(self.grid)
        else:
            card.add(EmptyState("还没有要送的文件。写好报送包、回执、任务包，就排在这里。"))
        return card

    def _row(self, one: GoingLine) -> GridRow:
        icon, tone = MARKS[one.state]
        word = "读回一致" if one.state is QueuedState.PROVED else one.word
        when = f"{clock_words(one.next_at)} 再试" if one.next_at else clock_words(one.at or one.put_at)
        stem, _, suffix = one.file_name.rpartition(".")
        chip = GridCell(word, icon=icon, tone=tone, state="" if tone else "received")
        return GridRow(
            f"{one.sha256}/{one.place}",
            {
                "state": chip,
                "file": GridCell(stem or suffix, more=f".{suffix}" if stem else "", sub=f"给{one.office_name}"),
                "why": GridCell(one.why),
                "when": GridCell(when),
            },
            label=f"{one.file_name} {one.word}",
        )

    def try_now(self) -> None:
        """现在就试."""
        self.shell.carrier.look(asked=True)

    def delete(self) -> bool:
        """不送了, of the row that is marked."""
        view, at = self._view, self.grid.current_row() if self._view is not None and self._view.going else -1
        if view is None or not 0 <= at < len(view.going):
            return False
        one, desk = view.going[at], self.shell.desk
        from cunbao.desks import outbox

        self.shell.run_job(
            lambda progress, cancel: outbox.drop(desk, one.sha256, one.place), done=lambda nothing: self.refresh(),
            title="从待发箱拿掉",
        )  # fmt: skip
        return True

    # --- what came -----------------------------------------------------------------------------------------------

    def _came(self, came: Sequence[Offer]) -> Card:
        card = SideCard(f"来了 {len(came)} 个文件，还没有读入", "inbox-in")
        card.body.setContentsMargins(0, 0, 0, 0)
        for number, one in enumerate(came):
            if number:
                card.add_line()
            shown = QWidget()
            line = row(shown, 12, (16, 8, 16, 8))
            said = column()
            said.addWidget(Text(one.what, bold=True))
            said.addWidget(Text(f"{one.path.name}　{clock_words(one.at)}", "small", "text_2"))
            line.addLayout(said, 1)
            button = Button("读入", size="small", icon="inbox-in")
            button.set_why("" if one.suffix in READ_HERE else "请到“证书”里选这个文件")
            button.clicked.connect(lambda _=False, one=one: self.shell.take_files([one.path]))
            line.addWidget(button)
            card.add(shown)
        return card

    # --- where it sends ------------------------------------------------------------------------------------------

    def _fields(self) -> tuple[QWidget, ...]:
        return (self.place, self.user, self.password, self.pin, self.proxy)

    def _settings(self, view: OutboxView) -> Card:
        from cunbao.desks import outbox

        box = outbox.box_of(self.shell.desk.workspace) or Box(WEBDAV, "")
        card = SideCard("送到哪里", "settings")
        self.place = FieldBox(box.place)
        self.row = FieldRow("网盘地址或共享文件夹", self.place, hint="https://服务器/文件夹（WebDAV）")
        self.user, self.password = FieldBox(box.user), PasswordField(name="网盘密码")
        self.password.set_text(box.password)
        self.pin, self.proxy = FieldBox(box.pin), FieldBox(SYSTEM_WORD if box.proxy == SYSTEM else box.proxy)
        for shown in (
            self.row,
            FieldRow("用户名", self.user, optional=True),
            FieldRow("网盘密码", self.password, optional=True, hint="只存在这份资料里，加了密"),
            FieldRow("证书指纹（SHA-256）", self.pin, optional=True, hint="填了就只认这一张证书"),
            FieldRow("代理服务器", self.proxy, optional=True, hint="http://服务器:端口，或填“系统”"),
        ):
            card.body.addWidget(shown)
        foot = row(gap=8)
        folder = Button("选文件夹", size="small", icon="folder")
        folder.clicked.connect(self._choose)
        self.save = Button("存下", size="small", icon="check")
        self.save.clicked.connect(self.keep)
        self.save.set_why("只看不改" if self.shell.desk.read_only else "")
        foot.addWidget(folder)
        foot.addStretch(1)
        foot.addWidget(self.save)
        card.body.addLayout(foot)
        return card

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "送到哪个共享文件夹", str(Path.home()))
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.place.set_text(chosen)

    def keep(self) -> None:
        """存下: what stands in the fields holds from now on, and is tried at once."""
        from cunbao.desks import outbox

        place = self.place.text().strip()
        kind = WEBDAV if "://" in place or not Path(place).is_absolute() else FOLDER
        box = Box(kind, place, self.user.text(), self.password.text(), self.pin.text(), self.proxy.text())
        desk = self.shell.desk

        def done(nothing: object) -> None:
            self.refresh()
            self.shell.refresh_frame()
            self.first_focus()
            self.shell.carrier.look(asked=True)

        def failed(error: CunbaoError) -> None:
            self.row.show_message("error", f"{error.happened}。{error.todo}。")

        self.shell.run_job(
            lambda progress, cancel: outbox.set_up(desk, box), done=done, failed=failed, title="存下设置"
        )

    def _switch(self) -> None:
        from cunbao.desks import outbox

        desk, on = self.shell.desk, self._view is not None and not self._view.on

        def done(nothing: object) -> None:
            self.refresh()
            self.shell.refresh_frame()
            self.first_focus()

        self.shell.run_job(lambda progress, cancel: outbox.switch(desk, on), done=done, title="待发箱")
