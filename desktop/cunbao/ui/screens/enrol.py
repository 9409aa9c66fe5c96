"""township-05 登记: computers that ask for a certificate, their code typed as it is read out; and all certificates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QScrollArea, QWidget

from cunbao.desks.township.views import CertificateView, EnrolView, RequestView, RevokeChoice
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.fields import FieldBox, FieldRow, Message
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, Panel, column, row, scrolled
from cunbao.ui.kit.radios import RadioList
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens import town_dialogs
from cunbao.ui.shell import Shell

LABEL = 48
REQUEST = "*.cbreq"
STATES = {
    "valid": ("check-circle", "ok"), "soon": ("clock-alert", "warn"), "expired": ("clock-alert", "error"),
    "revoked": ("alert-circle", "error"),
}  # fmt: skip
BUTTONS = {"valid": "吊销", "soon": "换发", "expired": "换发", "revoked": "查看"}
COLUMNS = (
    GridColumn("name", "村", 100, 1, bold=True),
    GridColumn("device", "电脑", 130, 2),
    GridColumn("number", "证书", 96, 1, tone="text_2"),
    GridColumn("until", "有效期到", 112, 4),
    GridColumn("state", "状态", 190, 10, kind="state"),
    GridColumn("used", "最近用到", 90, tone="text_2"),
    GridColumn("act", "", 80, kind="button"),
)


class RequestCard(Card):
    """A computer that asks. `approve()`, `refuse()`, `slip()` wants its 核对单, `chosen()` when it gets the focus;
    `code` is what was typed."""

    approve = Signal()
    refuse = Signal()
    slip = Signal()
    chosen = Signal()

    def __init__(self, request: RequestView, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.request = request
        inner = QWidget()
        box = column(inner, 0, (16, 8, 16, 10))
        head = row(gap=10)
        head.addWidget(Text(request.name, "lead", bold=True))
        head.addWidget(Text(request.device, tone="text_2"), 1)
        head.addWidget(Chip.state("cert_pending"))
        box.addLayout(head)
        box.addSpacing(4)
        who = f"申请人 {request.person}，{request.came}" if request.person else request.came
        waits = f"，{request.returns} 张表等着" if request.returns else ""
        box.addWidget(Text(f"{who}{waits}", "small", "text_2"))
        if request.replaces:
            box.addWidget(Text(request.replaces, "small", "warn"))
        box.addSpacing(8)
        line = row(gap=12)
        name = Text("比对码", "small", "text_2")
        name.setFixedWidth(look.px(LABEL))
        line.addWidget(name)
        self.code = DigitsField(name=f"{request.name}的比对码")
        self.code.typed.connect(lambda text: self._typed())
        self.code.next.connect(lambda step: self._entered(step))
        self.code.entered.connect(self.chosen.emit)
        line.addWidget(self.code, 1)
        box.addLayout(line)
        under = row(margins=(look.px(LABEL) + 12, 4, 0, 0))
        self.message = Message("", "请村里念自己屏幕上的 24 位数，输全了程序来比")
        under.addWidget(self.message, 1)
        box.addLayout(under)
        self.add(inner, 1)
        self.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (16, 10, 16, 10))
        tries = "还可以对 3 次" if request.tries_left >= 3 else f"对错过，还可以对 {request.tries_left} 次"
        buttons.addWidget(Text(tries, "small", "text_2" if request.tries_left >= 3 else "warn"), 1)
        paper = Button("打印核对单", kind="quiet", icon="printer")
        paper.clicked.connect(self.slip.emit)
        buttons.addWidget(paper)
        self.no = Button("不核准", kind="danger")
        self.no.clicked.connect(self.refuse.emit)
        self.yes = Button("核准", icon="key")
        self.yes.clicked.connect(self.approve.emit)
        for button in (self.no, self.yes):
            buttons.addWidget(button)
        self.add(foot)
        self._typed()

    def set_current(self, on: bool) -> None:
        """The card that the keys act on: a 2 px frame and the filled button of the screen."""
        self.set_colors(line="focus" if on else "line", width=2 if on else 0)
        self.yes.set_kind("filled" if on else "outlined")

    def _typed(self) -> None:
        self.yes.set_why("" if self.code.full else "24 位输全了才能核准")

    def _entered(self, step: int) -> None:
        if step > 0 and self.code.full:
            self.approve.emit()
        elif step > 0:
            left = 24 - len(self.code.digits())
            self.message.set("warn", f"还差 {left} 位，请对方接着念")

    def show_wrong(self, error: CunbaoError) -> None:
        """The code that was read is another one; nothing was issued."""
        self.code.clear()
        self._typed()
        self.message.set("error", f"{error.happened}，{error.todo}")
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)


class EnrolScreen(Screen):
    nav = "enrol"
    help = (
        "村里的新电脑要核准一次。打电话请对方念比对码，一边听一边输，24 位都一样才核准。",
        "对错三次这份申请就作废，请村里重新送一份。电脑丢了、换了人，在下面吊销它的证书。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: EnrolView | None = None
        self._cards: list[RequestCard] = []
        self._at = 0
        self._shown: list[CertificateView] = []
        self._done = ""  # the village whose computer was just approved, for the banner
        self._taken = 0
        self._box = column(self)
        self.head = PageHead("登记")
        self.read = Button("读申请文件", icon="usb")
        self.read.clicked.connect(self.choose)
        self.head.add(self.read)
        self._inner = QWidget()
        self._inner_box = column(self._inner, 12)
        self._banner = QWidget()
        self._banner_box = column(self._banner)
        self._requests = QWidget()
        self._grid = QGridLayout(self._requests)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        for part in (self.head, self._banner, self._requests):
            self._inner_box.addWidget(part)
        self._inner_box.addWidget(self._make_certificates(), 1)
        self._area: QScrollArea | None = None
        self._box.addWidget(self._inner)

    def _make_certificates(self) -> Card:
        self.card = Card()
        head = QWidget()
        line = row(head, 12, (16, 7, 16, 7))
        line.addWidget(Text("电脑和证书", bold=True), 1)
        self.filters = FilterRow(name="证书筛选", small=True)
        self.filters.chosen.connect(lambda key: self._list())
        line.addWidget(self.filters)
        self.card.add(head)
        self.card.add_line()
        self.grid = Grid(COLUMNS, name="电脑和证书", row_px=33, head_px=29, quiet=True)
        self.grid.moved.connect(lambda number, key: self._moved(number))
        self.grid.activated.connect(lambda number, key: self._about(self._shown[number]))
        self.grid.pressed.connect(lambda number, key: self._button(self._shown[number]))
        self.card.add(self.grid)
        self._none = EmptyState("还没有登记过的电脑。村里送来申请后，在这里核准。")
        self.card.add(self._none)
        self.card.box.addStretch(1)
        return self.card

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        """Larger letters, or more than two that ask, need the page to scroll as a whole."""
        return look.scale > 1.0 or (self._view is not None and len(self._view.requests) > 2)

    def _wrap(self) -> None:
        """Into a scrolling page, or out of it: with room enough only the table scrolls, and the requests stay."""
        if self.to_edge == (self._area is not None):
            return
        if self._area is None:
            self._box.removeWidget(self._inner)
            self._area = scrolled(self._inner)
            self._box.addWidget(self._area)
        else:
            self._area.takeWidget()
            self._area.deleteLater()
            self._area = None
            self._box.addWidget(self._inner)
        self._inner.show()

    def _moved(self, number: int) -> None:
        if self._area is not None:
            spot = self.grid.mapTo(self._inner, self.grid.row_rect(number).center())
            self._area.ensureVisible(spot.x(), spot.y(), 0, look.px(60))

    def open(self, **where: Any) -> None:
        """office: the village whose request, or certificate, is wanted; path: a request file to read."""
        self._done = ""
        self.refresh()
        office = str(where.get("office", ""))
        at = next((n for n, card in enumerate(self._cards) if card.request.office == office), -1)
        if at >= 0:
            self._take(at)
        elif office:
            self.grid.go(next((n for n, one in enumerate(self._shown) if one.office == office), 0))
        if where.get("path"):
            QTimer.singleShot(0, self, lambda: self.read_request(Path(str(where["path"]))))

    def refresh(self) -> None:
        from cunbao.desks.township import registry

        typed = {card.request.sha256: card.code.digits() for card in self._cards}
        self._show(registry.enrol_view(self.shell.desk), typed)

    def leave(self) -> None:
        self._done = ""

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.grid.hasFocus():
            return (("↑↓", "选一台"), ("Enter", "看证书"), ("Delete", "吊销"), ("Tab", "下一个按钮"))
        if self._cards:
            return (("0–9", "输比对码"), ("Enter", "核准"), ("Delete", "不核准"), ("Ctrl+P", "打印核对单"))
        return (("Ctrl+O", "读申请文件"), ("Tab", "电脑和证书"))

    def first_focus(self) -> None:
        if self._cards:
            self._cards[self._at].code.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._shown:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.read.setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, name: str) -> bool:
        if name == "Ctrl+O":
            self.choose()
        return name == "Ctrl+O"

    def main_step(self) -> bool:
        if self._cards:
            self._cards[self._at].yes.click()
        return True

    def delete(self) -> bool:
        """Delete: 吊销 in the table, 不核准 on a card."""
        number = self.grid.current_row()
        if self.grid.hasFocus() and number >= 0:
            self._revoke(self._shown[number])
        elif self._cards:
            self._refuse(self._cards[self._at])
        return True

    def back(self) -> bool:
        self.shell.go(self.shell.face.home)
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: EnrolView, typed: dict[str, str]) -> None:
        self._view = view
        waiting = len(view.requests)
        asks = f"{waiting} 个申请等核准" if waiting else "没有申请等核准"
        self.head.line.setText(f"{asks}，本镇 {view.computers} 台电脑")
        self._show_banner()
        self._show_requests(view, typed)
        self.filters.set_filters((
            Filter("all", "全部", str(len(view.certificates))),
            Filter("soon", "30 天内到期", str(view.soon)),
            Filter("revoked", "已吊销", str(view.revoked)),
        ))  # fmt: skip
        self._list()
        self._wrap()
        self._inner_box.setContentsMargins(*((0, 0, 10, 16) if self.to_edge else (0, 0, 0, 0)))
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _show_banner(self) -> None:
        _empty(self._banner_box)
        show_if(self._banner, bool(self._done))
        if not self._done:
            return
        came = f"等着的 {self._taken} 个文件已经收下。" if self._taken else ""
        line = f"{came}证书随下一次回执带给村里。"
        self._banner_box.addWidget(Banner("ok", f"{self._done}的电脑核准好了", line))

    def _show_requests(self, view: EnrolView, typed: dict[str, str]) -> None:
        _empty(self._grid)
        self._cards = []
        across = 1 if look.narrow else 2
        for number, request in enumerate(view.requests):
            card = RequestCard(request)
            if typed.get(request.sha256):
                card.code.set_text(typed[request.sha256])
                card.code._edited(card.code.text())
            card.approve.connect(lambda card=card: self._approve(card))
            card.refuse.connect(lambda card=card: self._refuse(card))
            card.slip.connect(lambda card=card: self._print_slip(card))
            card.chosen.connect(lambda number=number: self._take(number))
            self._cards.append(card)
            self._grid.addWidget(card, number // across, number % across)
            card.show()
        if len(self._cards) % across and across > 1:
            self._grid.addWidget(QWidget(), len(self._cards) // across, 1)
        for at in range(2):  # what stood beside the first before the letters grew leaves no room behind
            self._grid.setColumnStretch(at, int(at < across))
        show_if(self._requests, bool(self._cards))
        self._at = min(self._at, max(0, len(self._cards) - 1))
        self._take(self._at)

    def _take(self, at: int) -> None:
        self._at = at
        for number, card in enumerate(self._cards):
            card.set_current(number == at)

    def _list(self) -> None:
        assert self._view is not None
        wanted = {"soon": ("soon", "expired"), "revoked": ("revoked",)}.get(self.filters.current(), ())
        self._shown = [one for one in self._view.certificates if not wanted or one.state in wanted]
        self.grid.set_rows([_certificate_row(one) for one in self._shown])
        show_if(self.grid, bool(self._view.certificates))
        show_if(self._none, not self._view.certificates)

    # --- requests ------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """读申请文件: from the stick that is in, else a file is chosen."""
        from cunbao.desks import media

        place = next((stick.path for stick in media.sticks()), Path.home())
        name, _ = QFileDialog.getOpenFileName(self, "读证书申请", str(place), f"证书申请 ({REQUEST})")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if name:
            self.read_request(Path(name))

    def read_request(self, path: Path) -> None:
        from cunbao.desks.township import registry

        desk = self.shell.desk

        def done(request: RequestView) -> None:
            self.refresh()
            self.shell.refresh_frame()
            at = next((n for n, card in enumerate(self._cards) if card.request.sha256 == request.sha256), 0)
            self._take(at)
            self.first_focus()

        self.shell.run_job(lambda progress, cancel: registry.add_request(desk, path), title="正在读申请", done=done)

    def _approve(self, card: RequestCard) -> None:
        from cunbao.desks.township import registry

        desk, request, code = self.shell.desk, card.request, card.code.digits()
        town_dialogs.ask_password(
            self.shell,
            f"核准{request.name}的这台电脑？",
            f"{request.device}，申请人 {request.person}。" if request.person else f"{request.device}。",
            "核准后，它签的报表就算数。码对不上时不会核准。",
            "核准",
            lambda password: registry.approve(desk, request.sha256, code, password),
            done=lambda taken: self._approved(request, taken),
            failed=lambda error: self._not_approved(card, error),
            working="正在签发证书",
        )

    def _approved(self, request: RequestView, taken: Sequence[str]) -> None:
        self._done, self._taken = request.name, len(taken)
        self._after()

    def _not_approved(self, card: RequestCard, error: CunbaoError) -> None:
        if error.code != "enrol.code":
            self.shell.show_error(error)
            self._after()
            return
        key = card.request.sha256
        card.code.clear()
        self._after()
        again = next((one for one in self._cards if one.request.sha256 == key), None)
        if again is not None:
            self._take(self._cards.index(again))
            again.show_wrong(error)
        else:  # the third miss: the request is gone from the screen
            self.shell.show_error(error)

    def _after(self) -> None:
        """A request or certificate has changed."""
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()

    def preview(self) -> bool:
        """Ctrl+P: the 核对单 of the request that the keys act on."""
        if self._cards:
            self._print_slip(self._cards[self._at])
        return True

    def _print_slip(self, card: RequestCard) -> None:
        from cunbao.desks.township import approval_slips
        from cunbao.ui.screens.preview import show_preview

        desk, request = self.shell.desk, card.request
        self.shell.run_job(
            lambda progress, cancel: approval_slips.approval_slip(desk, request.sha256),
            title="排版核对单",
            done=lambda drawn: show_preview(
                self.shell, f"{request.name}证书申请核对单", drawn.pdf, "码由对方念，这里不印"
            ),
        )

    def _refuse(self, card: RequestCard) -> None:
        from cunbao.desks.township import registry

        desk, request = self.shell.desk, card.request
        reason = FieldBox(name="原因")
        reason.set_hint("写一句原因，记在操作日志里")
        message = Message("error")
        body = QWidget()
        lines = column(body, 4)
        lines.addWidget(Text("原因"))
        lines.addWidget(reason)
        lines.addWidget(message)

        def accepts(key: str) -> bool:
            gap = key == "refuse" and not reason.text().strip()
            message.set("error" if gap else "", "还没写原因" if gap else "")
            if gap:
                reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return not gap

        waits = f"随它来的 {request.returns} 张表不收，村里还有原件。" if request.returns else ""
        box = DialogBox(
            f"不核准{request.name}的这台电脑？", "", f"{waits}没有改动别的资料。", "村里可以重新送一份申请来。",
            (Choice("refuse", "不核准", kind="danger"), Choice("stay", "先不决定")), icon="key", tone="error",
            body=body, accepts=accepts,
        )  # fmt: skip
        reason.next.connect(lambda step: box.answer("refuse") if step > 0 else None)
        if self.shell.ask(box, escape="stay", focus=reason.edit) != "refuse":
            return
        why = reason.text().strip()
        self.shell.run_job(
            lambda progress, cancel: registry.refuse(desk, request.sha256, why), title="正在记下",
            done=lambda _: self._after(),
        )  # fmt: skip

    # --- certificates --------------------------------------------------------------------------------------------

    def _button(self, one: CertificateView) -> None:
        {"吊销": self._revoke, "换发": self._renew, "查看": self._about}[_act(one)](one)

    def _about(self, one: CertificateView) -> None:
        """Enter: the certificate's facts, and what can be done with it."""
        facts = (
            ("哪台电脑", f"{one.name} {one.device}"), ("证书", one.number), ("有效期到", f"{one.until:%Y-%m-%d}"),
            ("状态", one.words + ("，新证书随下次回执带去" if one.renewed else "")), ("最近用到", one.used),
        )  # fmt: skip
        choices: tuple[Choice, ...] = (Choice("close", "关闭", cap="Esc"),)
        if one.state != "revoked":
            choices = (Choice("revoke", "吊销", kind="danger"), Choice("renew", "换发"), *choices)
        icon, tone = STATES[one.state]
        box = town_dialogs.labelled("电脑的证书", facts, choices, icon=icon, tone=tone)
        answer = self.shell.ask(box, escape="close")
        if answer == "revoke":
            self._revoke(one)
        elif answer == "renew":
            self._renew(one)

    def _renew(self, one: CertificateView) -> None:
        from cunbao.desks.township import certified

        desk = self.shell.desk
        town_dialogs.ask_password(
            self.shell,
            f"给{one.name}换发证书？",
            f"{one.device}，证书 {one.number}，{one.until:%Y-%m-%d} 到期。",
            "新证书随下一次回执带给村里，旧的到期前照用。",
            "换发",
            lambda password: certified.renew(desk, one.key, password),
            done=lambda _: self._after(),
            working="正在签发证书",
        )

    def _revoke(self, one: CertificateView) -> None:
        from cunbao.desks.township import certified

        if one.state == "revoked":
            self._about(one)
            return
        desk, body = self.shell.desk, RevokeBody(certified.revoke_choices(self.shell.desk, one.key))
        town_dialogs.ask_password(
            self.shell,
            f"吊销{one.name}这台电脑的证书？",
            f"{one.device}，证书 {one.number}。吊销了不能恢复。",
            "村里换了电脑或丢了电脑时用。原因写进回执。",
            "吊销",
            lambda password: certified.revoke(desk, one.key, body.choice(), body.reason.text().strip(), password),
            body=body,
            ready=body.missing,
            done=lambda _: self._after(),
            kind="danger",
            working="正在吊销",
            help="enrol/revoke",
        )


class RevokeBody(Panel):
    """认到第 n 次 and the reason. Up to six choices are rings; of more only the newest ones and 一次也不认."""

    def __init__(self, choices: Sequence[RevokeChoice]) -> None:
        super().__init__("")
        self._choices = tuple(choices) if len(choices) <= 6 else (*choices[:1], *choices[-5:])
        box = column(self, 6)
        box.addWidget(Text("哪些还算数"))
        self.list = RadioList(
            [(str(n), one.words, _kept(one)) for n, one in enumerate(self._choices)], name="哪些还算数"
        )
        box.addWidget(self.list)
        self.reason = FieldBox(name="原因")
        self.reason.set_hint("例如：电脑丢了")
        box.addWidget(FieldRow("原因", self.reason))

    def choice(self) -> RevokeChoice:
        return self._choices[int(self.list.current())]

    def missing(self) -> str:
        if self.reason.text().strip():
            self.reason.set_state("")
            return ""
        self.reason.set_state("error")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        return "还没写原因"


def _kept(one: RevokeChoice) -> str:
    return f"{len(one.ids)} 张表还算数" if one.ids else "它签的都不算数"


def _act(one: CertificateView) -> str:
    return "查看" if one.renewed and one.state == "soon" else BUTTONS[one.state]


def _certificate_row(one: CertificateView) -> GridRow:
    icon, tone = STATES[one.state]
    words = "已换发，等回执带去" if one.renewed and one.state == "soon" else one.words
    return GridRow(
        one.key,
        {
            "name": GridCell(one.name),
            "device": GridCell(one.device),
            "number": GridCell(one.number),
            "until": GridCell(f"{one.until:%Y-%m-%d}"),
            "state": GridCell(words, icon=icon, tone=tone),
            "used": GridCell(one.used),
            "act": GridCell(_act(one)),
        },
        label=f"{one.name} {one.device}",
    )


def _empty(box: Any) -> None:
    """Take everything out of a layout."""
    while (item := box.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
