"""county-09 验证文件: hand in any file of ours, or the code on a paper, and see whether it is what it says it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QGridLayout, QWidget

from cunbao.desks import verifying
from cunbao.desks.verified import Mark, Verified
from cunbao.errors import CunbaoError
from cunbao.ui.face import local
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.dropzone import DropZone
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import column, row, scrolled
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.verify_result import ResultCard

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

FILES = "村报的文件 (*.pdf *.cbsync *.cbtask *.cbyear);;所有文件 (*)"
ENDINGS = (".pdf", ".cbsync", ".cbtask")
MOST = 12  # results that stay on the screen
PAST = 14  # lines of 验证记录


def way_in(shell: Shell) -> Button:
    """The button that leads here from a desk whose nav has no item for it."""
    button = Button("验证文件", kind="quiet", icon="seal")
    button.clicked.connect(lambda: shell.go("verify"))
    return button


class VerifyFile(Screen):
    nav = "verify"
    help = (
        "PDF、报送包、回执、任务包都可以验，纸上的验证码和二维码的字也可以。只看不改，不收进来。",
        "五个问题从上到下：谁签的、什么时候、谁担保、改过没有、和存的那份一样不一样。有一行是红的，就不能用。",
        "不用联网，按本机存的证书和吊销名单。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.nav = shell.face.verifies or shell.face.receipts
        self.setAcceptDrops(True)
        self.found: list[Verified] = []
        self.cards: list[ResultCard] = []
        box = column(self, 10)
        self.head = PageHead("验证文件", "PDF、报送包、回执、任务包都可以；只看不改，不收进来")
        self.past = Button("验证记录", icon="clock")
        self.past.clicked.connect(self.show_past)
        self.head.add(self.past)
        box.addWidget(self.head)
        box.addWidget(self._make_zone())
        box.addWidget(self._make_tally())
        self._results = QWidget()
        self._grid = QGridLayout(self._results)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setSpacing(12)
        self._scroll = scrolled(self._results)
        box.addWidget(self._scroll, 1)
        choose = Button("选文件", icon="folder", key="Ctrl+O")
        choose.clicked.connect(self.choose)
        self.empty = EmptyState("还没有验过文件。把文件拖进来，或者输入纸上的验证码。", choose)
        box.addWidget(self.empty, 1)
        self._show()

    def _make_zone(self) -> DropZone:
        self.zone = DropZone("把文件拖到这里，或粘贴纸上的验证码")
        self.code = FieldBox(name="验证码")
        self.code.set_hint("验证码，如 B41W-TEA7-ER23-848B")
        self.code.entered.connect(self._typed)
        self.code.next.connect(lambda step: self._typed())
        self.zone.add(self.code)
        self.files = Button("选文件", size="small", icon="folder")
        self.files.clicked.connect(self.choose)
        self.stick = Button("读 U 盘", size="small", icon="usb")
        self.stick.clicked.connect(self.read_stick)
        self.zone.add(self.files)
        self.zone.add(self.stick)
        return self.zone

    def _make_tally(self) -> QWidget:
        self._tally = QWidget()
        line = row(self._tally, 18)
        self.count = Text("", bold=True)
        self.good, self.bad, self.unknown = StateWord(), StateWord(), StateWord()
        line.addWidget(self.count)
        for part in (self.good, self.bad, self.unknown):
            line.addWidget(part)
        line.addStretch(1)
        self.against = Text("", "small", "text_2")
        line.addWidget(self.against)
        return self._tally

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """paths: files to look at; code: a verification code."""
        self._settle()
        paths: tuple[Path, ...] = tuple(where.get("paths", ()))
        if paths:
            self.read(paths)
        elif where.get("code"):
            self.look_up(str(where["code"]))

    def keys(self) -> Sequence[tuple[str, str]]:
        shown: list[tuple[str, str]] = [("Ctrl+O", "选文件"), ("Ctrl+V", "粘贴验证码")]
        if self._main() is not None:
            shown.append(("Enter", f"打开{self.found[0].here}存的"))
        if self.found:
            shown.append(("Ctrl+P", "打印验证单"))
        return tuple(shown)

    def first_focus(self) -> None:
        self.files.setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, name: str) -> bool:
        if name == "Ctrl+O":
            self.choose()
        return name == "Ctrl+O"

    def paste(self) -> bool:
        """Ctrl+V: a verification code or what a scanner read."""
        text = QApplication.clipboard().text().strip()
        if text:
            self.look_up(text)
        return True

    def preview(self) -> bool:
        """Ctrl+P: the slip of the newest result."""
        if self.found:
            self.print_slip(self.found[0])
        return True

    def main_step(self) -> bool:
        """Enter: what we hold in the place of a bad file."""
        found = self._main()
        if found is not None:
            self.open_ours(found)
        return found is not None

    def back(self) -> bool:
        self.shell.go(self.shell.face.home if self.shell.face.verifies else self.nav)
        return True

    # --- looking -------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "选要验证的文件", str(Path.home()), FILES)
        self.shell.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if names:
            self.read([Path(name) for name in names])

    def read_stick(self) -> None:
        """Every file of ours on the sticks that are in."""
        from cunbao.desks import media

        paths = [
            path
            for stick in media.sticks()
            for path in sorted(stick.path.iterdir())
            if path.suffix.casefold() in ENDINGS
        ]
        if paths:
            self.read(paths)
        else:
            self.shell.ask(
                DialogBox(
                    "没有找到 U 盘上的文件",
                    "没有插 U 盘，或 U 盘上没有村报的文件。",
                    "没有改动任何资料。",
                    "插好 U 盘再按一次，或按 Ctrl+O 选文件。",
                    (Choice("close", "知道了"),),
                    icon="usb",
                )
            )

    def read(self, paths: Sequence[Path]) -> None:
        """Look at files, one after another; the newest result stands first."""
        desk = self.shell.desk

        def work(progress: Any, cancel: Any) -> list[Verified]:
            from cunbao.progress import Progress

            seen = []
            for number, path in enumerate(paths):
                cancel.check()
                progress(Progress(number, len(paths), path.name))
                seen.append(verifying.examine_file(desk, path))
            return seen

        self.shell.run_job(work, title="验证文件", done=self._add, may_cancel=True)

    def look_up(self, text: str) -> None:
        """The return that a code stands for."""
        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: [verifying.examine_code(desk, text)], title="查验证码", done=self._add
        )

    def _typed(self) -> None:
        text = self.code.text().strip()
        if text:
            self.code.set_text("")
            self.look_up(text)

    def _add(self, seen: Sequence[Verified]) -> None:
        self.found = [*seen, *self.found][:MOST]
        self._show()
        self.shell.refresh_frame()
        main = self._main()
        here = next((card for card in self.cards if card.found is main), None)
        button = here.ours if here is not None else self.cards[0].slip if self.cards else self.files
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- showing -------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        self.code.setFixedWidth(look.px(256))
        self._show()

    def _main(self) -> Verified | None:
        """The first result that is wrong and of which we hold the right one."""
        return next((one for one in self.found if one.held and not one.good), None)

    def _show(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        self.cards = []
        across = 1 if look.narrow else 2
        main = self._main()
        for number, found in enumerate(self.found):
            card = ResultCard(found, main=found is main)
            card.open_file.connect(self.open_file)
            card.open_ours.connect(self.open_ours)
            card.print_slip.connect(self.print_slip)
            self.cards.append(card)
            self._grid.addWidget(card, number // across, number % across)
        for place in range(2):
            self._grid.setColumnStretch(place, 1 if place < across else 0)
        show_if(self._scroll, bool(self.found))
        show_if(self._tally, bool(self.found))
        show_if(self.empty, not self.found)
        if not self.found:
            return
        number = {mark: sum(one.outcome.mark is mark for one in self.found) for mark in Mark}
        self.count.setText(f"这次验了 {len(self.found)} 个")
        self.good.set("check-circle", f"真的 {number[Mark.GOOD]} 个", look.hex("ok"))
        self.bad.set("alert-circle", f"不能用 {number[Mark.BAD]} 个", look.hex("error"))
        self.unknown.set("help", f"不能判断 {number[Mark.UNKNOWN]} 个", look.hex("warn"))
        for part, mark in ((self.good, Mark.GOOD), (self.bad, Mark.BAD), (self.unknown, Mark.UNKNOWN)):
            show_if(part, number[mark] > 0)
        first = self.found[0]
        until = f"（到 {local(first.revocations):%Y-%m-%d}）" if first.revocations is not None else ""
        self.against.setText(f"{local(first.at):%H:%M}，不用联网，按{first.here}存的证书和吊销名单{until}")
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    # --- acts ----------------------------------------------------------------------------------------------------

    def open_file(self, found: Verified) -> None:
        """The pages that were handed in, as they are."""
        self._pages(found.name, found.data, "这是交来的文件")

    def open_ours(self, found: Verified) -> None:
        """The signed pages that we hold instead."""
        try:
            data = verifying.held_pdf(self.shell.desk, found.held)
        except CunbaoError as error:
            self.shell.show_error(error)
            return
        self._pages(found.name, data, f"这是{found.here}存的那份")

    def _pages(self, title: str, data: bytes, line: str) -> None:
        import pypdfium2

        from cunbao.ui.screens.preview import Preview

        try:
            Preview(self.shell, title, data, line, verifying.covered(self.shell.desk, data))
        except pypdfium2.PdfiumError:
            self.shell.ask(
                DialogBox(
                    "这份 PDF 打不开", "文件不完整。", "没有改动任何资料。", "请对方重新拷贝一次。",
                    (Choice("close", "知道了"),), icon="alert",
                )
            )  # fmt: skip

    def print_slip(self, found: Verified) -> None:
        """打印验证单, looked at before it is printed."""
        from cunbao.desks import verifyslip
        from cunbao.ui.screens.preview import show_preview

        try:
            data = verifyslip.slip(self.shell.desk, found)
        except CunbaoError as error:
            self.shell.show_error(error)
            return
        show_preview(self.shell, "验证单", data, found.name)

    def show_past(self) -> None:
        """验证记录: what was looked at before, from the journal."""
        body = QWidget()
        lines = column(body, 4)
        entries = verifying.history(self.shell.desk)
        for at, name, said in entries[:PAST]:
            line = row(gap=12)
            line.addWidget(Text(at, "small", "text_2"))
            line.addWidget(Text(name, "small"), 1)
            line.addWidget(Text(said, "small", bold=True))
            lines.addLayout(line)
        more = f"最近 {min(PAST, len(entries))} 次；全部在操作记录里。" if entries else "还没有验过文件。"
        self.shell.ask(
            DialogBox("验证记录", more, "", "", (Choice("close", "知道了"),), icon="clock", tone="accent", body=body)
        )

    # --- dropped files -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from cunbao.ui.shell import dropped

        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self.zone.set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.zone.set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        from cunbao.ui.shell import dropped

        self.zone.set_over(False)
        paths = [path for path in dropped(event.mimeData()) if path.is_file()]
        if paths:
            event.acceptProposedAction()
            self.read(paths)
