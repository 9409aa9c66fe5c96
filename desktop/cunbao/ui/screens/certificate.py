"""证书: write the request for the township, read its answer. Acts shared by the settings and the 回执 page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.text import Text
from cunbao.ui.shell import Shell


def ask_and_write_request(shell: Shell) -> None:
    """写证书申请: choose a stick or a folder."""
    from cunbao.desks import media

    sticks = media.sticks()
    start = str(sticks[0].path if sticks else Path.home())
    chosen = QFileDialog.getExistingDirectory(shell, "证书申请写到哪里", start)
    if chosen:
        write_request(shell, Path(chosen))


def write_request(shell: Shell, folder: Path) -> None:
    """Write it and show the 24 digits that are read to the township."""
    from cunbao.desks.village import enrolment

    desk = shell.desk

    def done(asked: enrolment.Asked) -> None:
        digits = QWidget()
        box = column(digits, 4)
        box.addWidget(Text("核对码", "small", "text_2"))
        box.addWidget(Text(asked.code, "title", bold=True))
        answer = shell.ask(
            DialogBox(
                "证书申请写好了",
                f"文件是“{asked.path.name}”，和报送包一起交给乡镇。",
                "核准以前照样可以填报、签名、报送。",
                "乡镇打电话来核对时，把下面六组数字念给他听。",
                (Choice("print", "打印核对单", icon="printer"), Choice("done", "记下了")),
                icon="shield-clock",
                tone="info",
                body=digits,
                help="settings/certificate",
            ),
            escape="done",
        )
        if answer == "print":
            show_slip(shell)

    shell.run_job(lambda progress, cancel: enrolment.write_request(desk, folder), title="写证书申请", done=done)


def show_slip(shell: Shell) -> None:
    """核对单: the page that goes to the township with the request, looked at before it is printed."""
    from cunbao.desks.village import approval_slip
    from cunbao.ui.screens.preview import show_preview

    desk = shell.desk
    shell.run_job(
        lambda progress, cancel: approval_slip.approval_slip(desk),
        title="正在排核对单",
        done=lambda drawn: show_preview(shell, "证书申请核对单", drawn.pdf, "盖章后带到乡镇，或者打电话念核对码"),
    )


def take(shell: Shell, path: Path, then: Callable[[], None]) -> None:
    """读入证书: a .cbcert of the township."""
    from cunbao.desks.village import enrolment

    desk = shell.desk

    def work(progress: object, cancel: object) -> tuple[str, int]:
        fresh = enrolment.take_certificate(desk, path)
        return fresh.line, len(enrolment.signed_before(desk))

    def done(taken: tuple[str, int]) -> None:
        line, waiting = taken
        again = f"登记前签的 {waiting} 张，下次输签名密码时自动补签。" if waiting else "以后的签名乡镇都认。"
        shell.ask(
            DialogBox(
                "证书已经装好",
                f"{line}。",
                "填的内容和原来的签名都在。",
                again,
                (Choice("done", "好"),),
                icon="seal",
                tone="ok",
                help="settings/certificate",
            ),
            escape="done",
        )
        then()

    shell.run_job(work, title="核对证书", done=done)
