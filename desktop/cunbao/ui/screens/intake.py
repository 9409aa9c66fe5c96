"""读入乡镇给的文件: receipts from the stick, from a file, or dropped on the window; a certificate beside them.

One way for home, 回执 and settings. What a receipt said is shown on the page 回执; only what nobody would look for
there gets a dialog of its own: what came back after a computer was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from cunbao.desks.filekinds import CERTIFICATE, kind_of_file
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox

if TYPE_CHECKING:
    from cunbao.desks.views import ReceiptTaken
    from cunbao.ui.shell import Shell

SUFFIXES = (".cbsync", ".cbcert")
FILES = "乡镇给的文件 (*.cbsync *.cbcert)"


def ask(shell: Shell) -> None:
    """读入回执包: the one that lies on the stick is offered first."""
    if shell.desk.read_only:
        read(shell, ())
        return

    def work(progress: object, cancel: object) -> tuple[Path, ...]:
        from cunbao.desks import media
        from cunbao.desks.village import receipt_files

        return receipt_files.found_at(shell.desk, [one.path for one in media.sticks()])

    shell.run_job(work, title="找 U 盘上的回执", done=lambda found: _offer(shell, found))


def _offer(shell: Shell, found: tuple[Path, ...]) -> None:
    if not found:
        choose(shell)
        return
    box = DialogBox(
        "U 盘上有一份回执",
        f"{'、'.join(path.name for path in found)}。",
        "读入前会逐项核对，对不上就不采用",
        "",
        (Choice("other", "选别的文件"), Choice("read", "读入这一份")),
        icon="usb",
        tone="accent",
        help="receipt",
    )
    answer = shell.ask(box, escape="none")
    if answer == "read":
        read(shell, found)
    elif answer == "other":
        choose(shell)


def choose(shell: Shell) -> None:
    name, _ = QFileDialog.getOpenFileName(shell, "读入乡镇给的文件", "", FILES)
    shell.window().activateWindow()  # where no window manager does it, the keys would go nowhere
    if name:
        read(shell, [Path(name)])


def read(shell: Shell, paths: Sequence[Path]) -> None:
    """Take these files, certificates first; then show what the receipts said. A workspace that is only looked at says
    so instead."""
    from cunbao.ui.screens import certificate

    if shell.desk.read_only:
        shell.ask(_only_looked_at(), escape="done")
        return
    here = shell.screen_here
    if here is not None:
        here.leave()
    certificates = [path for path in paths if kind_of_file(path) is CERTIFICATE]
    rest = [path for path in paths if path not in certificates]
    if certificates:
        certificate.take(shell, certificates[0], lambda: _after_certificate(shell, [*certificates[1:], *rest]))
    elif rest:
        _read_receipts(shell, rest)


def _only_looked_at() -> DialogBox:
    return DialogBox(
        "现在是只看不改",
        "乡镇给的文件没有读入。",
        "文件没有动过，原样留着",
        "请先关闭，把提示的问题处理好后再打开、再读一次。",
        (Choice("done", "知道了"),),
        icon="lock",
        tone="info",
        help="receipt",
    )


def _after_certificate(shell: Shell, rest: Sequence[Path]) -> None:
    if shell.screen_here is not None:
        shell.screen_here.refresh()
    shell.refresh_frame()
    if rest:
        read(shell, rest)


def _read_receipts(shell: Shell, paths: Sequence[Path]) -> None:
    desk = shell.desk

    def work(progress: object, cancel: object) -> tuple[list[ReceiptTaken], CunbaoError | None]:
        """Each file is taken whole or not at all; one that is refused does not undo those before."""
        from cunbao.desks.village import replies

        taken = []
        for path in paths:
            try:
                taken.append(replies.take_receipt(desk, path))
            except CunbaoError as trouble:
                return taken, trouble
        return taken, None

    def done(found: tuple[list[ReceiptTaken], CunbaoError | None]) -> None:
        taken, trouble = found
        if taken:
            shell.go("receipt", news=("info" if taken[-1].known else "ok", taken[-1].words))
        if any(one.restored for one in taken):
            _tell_restored(shell)
        if trouble is not None:
            shell.show_error(trouble)

    shell.run_job(work, title="核对回执", done=done)


def _tell_restored(shell: Shell) -> None:
    """全部还原: how much came back, and what the township does not have either."""
    from cunbao.desks.township import rebirth

    missing = rebirth.missing(shell.desk)
    shell.ask(
        DialogBox(
            "签过名的报表还原好了",
            rebirth.told(shell.desk),
            "乡镇收到过的都在这里了",
            "缺的乡镇也没有，手里有纸质的请留好。" if missing else "",
            (Choice("done", "知道了"),),
            icon="inbox-in",
            tone="ok",
            help="receipt",
        ),
        escape="done",
    )
