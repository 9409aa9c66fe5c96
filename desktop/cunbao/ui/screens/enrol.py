"""township-05 登记: computers that ask for a certificate, their code typed as it is read out; and all certificates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QGridLayout, QScrollArea, QWidget

from cunbao.desks.township.rebirth import Restored
from cunbao.desks.township.views import CertificateView, EnrolView, RequestView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.panel import Card, column, row, scrolled
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens import enrol_acts, town_dialogs
from cunbao.ui.screens.enrol_card import RequestCard
from cunbao.ui.screens.rebirth import RestoredBanner, Restoring, ask_again
from cunbao.ui.screens.whereto import WhereTo
from cunbao.ui.shell import Shell

REQUEST = "*.cbreq"


class EnrolScreen(Screen):
    nav = "enrol"
    help = (
        "村里的新电脑要核准一次。打电话请对方念比对码，一边听一边输，24 位都一样才核准。",
        "对错三次这份申请就作废，请村里重新送一份。电脑丢了、换了人，在下面吊销它的证书。",
        "村里丢了电脑、没有备份的，新电脑的申请到了，按 F10 全部还原。",
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
        self.restored = RestoredBanner(shell)
        for part in (self.head, self.restored, self._banner, self._requests):
            self._inner_box.addWidget(part)
        self._inner_box.addWidget(self._make_certificates(shell), 1)
        self._area: QScrollArea | None = None
        self._box.addWidget(self._inner)

    def _make_certificates(self, shell: Shell) -> Card:
        self.card = Card()
        head = QWidget()
        line = row(head, 12, (16, 7, 16, 7))
        line.addWidget(Text("电脑和证书", bold=True), 1)
        self.filters = FilterRow(name="证书筛选", small=True)
        self.filters.chosen.connect(lambda key: self._list())
        line.addWidget(self.filters)
        self.card.add(head)
        self.card.add_line()
        self.grid = Grid(enrol_acts.COLUMNS, name="电脑和证书", row_px=33, head_px=29, quiet=True)
        self.grid.moved.connect(lambda number, key: self._moved(number))
        self.grid.activated.connect(lambda number, key: self._about(self._shown[number]))
        self.grid.pressed.connect(lambda number, key: enrol_acts.press(shell, self._shown[number], self._after))
        self.card.add(self.grid)
        self._none = EmptyState("还没有登记过的电脑。村里送来申请后，在这里核准。")
        self.card.add(self._none)
        self.card.box.addStretch(1)
        return self.card

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        """Larger letters, more than two that ask, or what is said above them need the page to scroll as a whole."""
        says = not self.restored.isHidden() or (self._view is not None and bool(self._view.unwritten))
        return look.scale > 1.0 or says or (self._view is not None and len(self._view.requests) > 2)

    def _wrap(self) -> None:
        """Into a scrolling page, or out of it: with room enough only the table scrolls, and the requests stay."""
        self._inner_box.setContentsMargins(*((0, 0, 10, 16) if self.to_edge else (0, 0, 0, 0)))
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
        self.restored.hide()
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
            if self._cards[self._at].request.earlier:
                return (("Enter", "核准"), ("Delete", "不核准"), ("F10", "全部还原"), ("Ctrl+P", "打印核对单"))
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
        may = bool(self._cards) and self._cards[self._at].request.earlier
        if name == "Ctrl+O":
            self.choose()
        elif name == "F10" and may:
            self._restore(self._cards[self._at])
        return name == "Ctrl+O" or (name == "F10" and may)

    def main_step(self) -> bool:
        if self._cards:
            self._cards[self._at].yes.click()
        return True

    def delete(self) -> bool:
        """Delete: 吊销 in the table, 不核准 on a card."""
        number = self.grid.current_row()
        if self.grid.hasFocus() and number >= 0:
            enrol_acts.revoke(self.shell, self._shown[number], self._after)
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
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _show_banner(self) -> None:
        """What was approved just now; and each 全部还原 whose receipt is still to be written."""
        _empty(self._banner_box)
        waiting = self._view.unwritten if self._view is not None else ()
        show_if(self._banner, bool(self._done or waiting))
        if self._done:
            came = f"等着的 {self._taken} 个文件已经收下。" if self._taken else ""
            line = f"{came}证书随下一次回执带给村里。"
            self._banner_box.addWidget(Banner("ok", f"{self._done}的电脑核准好了", line))
        for office in waiting:
            write = Button("写还原回执", icon="restore")
            write.clicked.connect(lambda _=False, one=office: self._write_again(one.code, one.short))
            line = "新电脑核准好了，勾上的旧电脑也吊销了，不用再办。插好 U 盘再写。"
            self._banner_box.addWidget(Banner("warn", f"{office.short}的还原回执还没写出来", line, button=write))

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
            card.restore.connect(lambda card=card: self._restore(card))
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
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _list(self) -> None:
        assert self._view is not None
        wanted = {"soon": ("soon", "expired"), "revoked": ("revoked",)}.get(self.filters.current(), ())
        self._shown = [one for one in self._view.certificates if not wanted or one.state in wanted]
        self.grid.set_rows([enrol_acts.certificate_row(one) for one in self._shown])
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

    # --- 全部还原 ------------------------------------------------------------------------------------------------

    def _restore(self, card: RequestCard) -> None:
        """F10: this village lost its computer; all that is held goes to the new one."""
        name = card.request.name

        def failed(error: CunbaoError) -> None:
            self._after()
            self.shell.show_error(error)

        def done(found: Restored, where: WhereTo) -> None:
            self._tell_restored(name, found, where)

        self.restored.hide()
        Restoring(self.shell, card.request, card.code.digits(), done=done, failed=failed).ask()

    def _write_again(self, office: str, name: str) -> None:
        self.restored.hide()
        ask_again(
            self.shell, office, name, self._after, lambda found, where: self._tell_restored(name, found, where)
        )

    def _tell_restored(self, name: str, found: Restored, where: WhereTo) -> None:
        self.restored.tell(name, found, where)
        self._after()

    def _about(self, one: CertificateView) -> None:
        enrol_acts.about(self.shell, one, self._after, lambda: self._write_again(one.office, one.name))

    # --- decided -------------------------------------------------------------------------------------------------

    def _refuse(self, card: RequestCard) -> None:
        enrol_acts.ask_refuse(self.shell, card.request, self._after)


def _empty(box: Any) -> None:
    """Take everything out of a layout."""
    while (item := box.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
