"""撤回报送 asked in the window: why, and the signing password; the township reads the sentence."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.town_dialogs import ask_password
from cunbao.ui.shell import Shell


class Why(QWidget):
    """The field of the reason. `missing` is what it lacks, "" nothing."""

    def __init__(self) -> None:
        super().__init__()
        box = column(self, 4)
        box.addWidget(Text("为什么撤回"))
        self.reason = FieldBox(name="为什么撤回")
        self.reason.set_hint("写一句，乡镇看得到")
        box.addWidget(self.reason)

    def missing(self) -> str:
        said = self.reason.text().strip()
        self.reason.set_state("" if len(said) >= 2 else "error")
        return "" if len(said) >= 2 else "还没写为什么撤回"


def ask_retract(shell: Shell, form: str, done: Callable[[object], object]) -> None:
    """Ask and take the return back. `done(decision)` runs when it was."""
    from cunbao.desks.village import retracting

    desk, why = shell.desk, Why()
    ask_password(
        shell,
        f"撤回 {form} 的报送？",
        "撤回以后可以接着改，改好重新签名、报送。报过的那一版还留着。",
        "撤回要报送出去，乡镇才知道；乡镇先通过了的，撤回不算。",
        "撤回报送",
        lambda password: retracting.retract(desk, form, why.reason.text(), password),
        body=why,
        ready=why.missing,
        done=done,
        icon="undo",
        kind="danger",
        working="正在签撤回",
        help="sign/retract",
    )
