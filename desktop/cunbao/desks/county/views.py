"""What the county's screens show, as frozen values: made by the desk, read by the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cunbao.survey.states import ReturnState


@dataclass(frozen=True, slots=True)
class CountyFrame:
    """Header, nav and status bar of the county window. Counts stand behind nav items; 0 shows none."""

    office: str  # 勐海县民政局
    period: str  # 2025 年度
    deadline: date
    days_left: int  # negative when it has passed
    saved_at: datetime | None
    late: int  # villages past the deadline with a form that never came
    expiring: int  # certificates that end within 30 days
    person: str  # 管理员 玉坎
    backup_at: datetime | None
    warning: str = ""  # 县根钥匙还没有备份: what cannot wait, said on every screen
    recoveries: int = 0  # requests for a new password that wait
    sample: bool = False
    can_undo: bool = False  # the county's decisions are answered by further ones


# --- 01 进度 ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VillageLine:
    """One village of the chosen township. words: 报了 5 张，缺 B06、B07; late: past the deadline with a form that never
    came; filters read `state`, and `late` for 迟报."""

    office: str
    name: str
    state: ReturnState
    words: str
    late: bool


@dataclass(frozen=True, slots=True)
class TownshipLine:
    """One township of the progress table.

    units: villages (按村) or returns (按表) that it owes; counts: how many stand in each state, of the same kind; late:
    those past the deadline of which something never came (未报 before the deadline). own: where its own return stands,
    None when the task asks for none. came_at, sequence: the newest bundle that it sent on, None for never."""

    office: str
    name: str
    units: int
    counts: Mapping[ReturnState, int]
    late: int
    own: ReturnState | None
    came_at: datetime | None
    sequence: int | None

    @property
    def accepted(self) -> int:
        return self.counts.get(ReturnState.ACCEPTED, 0)


@dataclass(frozen=True, slots=True)
class ProgressView:
    """county-01. overdue: the deadline has passed, so that what is missing is 迟报. chase: villages to be chased.
    missing: (township, its villages that never came), of every township, in code order."""

    by_form: bool
    forms: int
    villages: int
    rows: tuple[TownshipLine, ...]
    overdue: bool
    chase: int
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    own_form: str  # T01, "" when the task has none
    nothing_yet: bool  # no bundle has come
    closed_on: date | None = None  # the day of the 封账 in effect

    @property
    def total(self) -> TownshipLine:
        """合计, over the rows."""
        counts: dict[ReturnState, int] = {}
        for line in self.rows:
            for state, number in line.counts.items():
                counts[state] = counts.get(state, 0) + number
        return TownshipLine(
            office="",
            name="合计",
            units=sum(line.units for line in self.rows),
            counts=counts,
            late=sum(line.late for line in self.rows),
            own=None,
            came_at=None,
            sequence=None,
        )

    @property
    def own_accepted(self) -> int:
        return sum(line.own is ReturnState.ACCEPTED for line in self.rows)


@dataclass(frozen=True, slots=True)
class ClosingView:
    """封账 of the period. closed_on: None while it is open; returns: how many it names, or would; waiting: returns held
    that count nothing yet; missing: (name of the township, its villages of which a form never came)."""

    closed_on: date | None
    reason: str
    returns: int
    waiting: int
    missing: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def villages(self) -> int:
        return sum(len(names) for _, names in self.missing)


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One village of an opened township; states as the forms of the matrix."""

    office: str
    name: str
    states: tuple[ReturnState, ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """打开本乡: village × form. forms: (B01, 基本情况)."""

    name: str
    forms: tuple[tuple[str, str], ...]
    rows: tuple[MatrixLine, ...]
