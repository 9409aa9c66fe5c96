"""不计入 and 恢复计入 asked in the county's window: the reason, which township and village read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cunbao.desks.county.indicator_views import OfficeRow, Why
from cunbao.survey.task import Indicator
from cunbao.ui.screens.review_acts import ask_reason

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell


def ask_exempt(shell: Shell, indicator: Indicator, row: OfficeRow, done: Callable[[str, str], object]) -> None:
    """Leave an office out of an indicator, or take that back where it is left out. `done(office, words)`."""
    from cunbao.desks.county import exempting

    back, desk = row.why is Why.EXEMPT, shell.desk
    act = exempting.take_back if back else exempting.exempt
    word = "恢复计入" if back else "不计入"
    why = "原来的原因" if back else "办了以后"
    told = row.reason if back else "不进合计，也不当 0 算；原因乡镇和村里都看得到"
    title = f"{row.name}{word}这个指标？"
    about = f"{indicator.number} {indicator.name}"
    reason = ask_reason(shell, title, about, ((why, told),), word, help="indicator/exempt")
    if reason:
        shell.run_job(
            lambda progress, cancel: act(desk, row.office, indicator.number, reason),
            done=lambda made: done(row.office, f"{row.name}{word}了"),
            title=f"正在签{word}",
        )
