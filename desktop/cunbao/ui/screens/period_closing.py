"""封账 and 撤回封账 asked in the county's window: what it names and who is missing, a reason, the password."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cunbao.desks.county.views import ClosingView
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.panel import column
from cunbao.ui.screens.town_dialogs import Line, ask_password

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

NAMED = 3  # townships whose missing villages are named
LEAST = 2  # characters of a reason


class Why(QWidget):
    """Labelled facts, and the field of the reason below. needed: it may not stay empty."""

    def __init__(self, facts: tuple[tuple[str, str], ...], hint: str, *, needed: bool) -> None:
        super().__init__()
        self._needed = needed
        box = column(self, 6)
        for label, what in facts:
            box.addWidget(Line(label, what))
        self.reason = FieldBox(name="原因")
        self.reason.set_hint(hint)
        box.addWidget(Line("原因", self.reason))

    def missing(self) -> str:
        """What it lacks, "" nothing."""
        short = self._needed and len(self.reason.text().strip()) < LEAST
        self.reason.set_state("error" if short else "")
        return "还没写原因" if short else ""


def ask_close(shell: Shell, view: ClosingView, done: Callable[[object], object]) -> None:
    """封账: says what it names first. `done(decision)` runs when it was signed."""
    from cunbao.desks.county import closingday

    desk, why = shell.desk, Why(_facts(view), "可以不写；写了乡镇和村里都看得到", needed=False)
    ask_password(
        shell,
        "封账？",
        "封账时的数从此不动；以后来的都算补报，只进“现在”的数。",
        "随下一份县回执告诉各乡镇。封错了可以撤回。",
        "封账",
        lambda password: closingday.close(desk, why.reason.text(), password),
        body=why,
        ready=why.missing,
        done=done,
        icon="lock",
        working="正在签封账",
        help="progress/closing",
    )


def ask_reopen(shell: Shell, view: ClosingView, done: Callable[[object], object]) -> None:
    """撤回封账, with a reason that everybody reads."""
    from cunbao.desks.county import closingday

    facts = (("现在", f"{view.closed_on:%m-%d} 封账，计入 {view.returns} 张表"),)
    desk, why = shell.desk, Why(facts, "写一句，乡镇和村里看得到", needed=True)
    ask_password(
        shell,
        "撤回封账？",
        "撤回以后来的不再算补报，“封账时”的数也没有了。",
        "再封一次，数按那一天的重新记。",
        "撤回封账",
        lambda password: closingday.reopen(desk, why.reason.text(), password),
        body=why,
        ready=why.missing,
        done=done,
        icon="undo",
        kind="danger",
        working="正在签撤回",
        help="progress/closing",
    )


def _facts(view: ClosingView) -> tuple[tuple[str, str], ...]:
    waiting = f"还有 {view.waiting} 张没通过，不计入" if view.waiting else "没有等着的"
    return (("计入", f"{view.returns} 张通过的表，{waiting}"), ("没报齐", _missing(view)))


def _missing(view: ClosingView) -> str:
    if not view.missing:
        return "没有，各村都报来了"
    some = [f"{name}{'、'.join(villages)}" for name, villages in view.missing[:NAMED]]
    rest = len(view.missing) - NAMED
    more = f"；另有 {rest} 个乡镇" if rest > 0 else ""
    return f"{view.villages} 个村：{'；'.join(some)}{more}。以后来的算补报"
