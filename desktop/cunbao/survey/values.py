"""The values that travel between the rooms: cells, answers, findings, offices. Frozen, checked where made.

Source of the terms: 村报 glossary in CONTRIBUTING.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from cunbao.errors import SurveyError

NO_ROWS: Mapping[str, tuple[Row, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One 单元格 of a return: the field's name, and the row's id when the field is a roster column ("" outside)."""

    field: str
    row: str = ""


class Severity(StrEnum):
    """How much a finding asks of the clerk. The words are official and stand here once."""

    MUST_FIX = "必须改正"
    EXPLAIN = "需要说明"
    HINT = "提示"


@dataclass(frozen=True, slots=True)
class Finding:
    """One 问题 found in a return.

    check: "K-022", or "constraint" / "required" / "type" / "list" / "character" for the field's own rules.
    form: the form whose cells it names (the return it blocks). cells: at least one, first = where to jump.
    message: what is wrong, with the value that was typed. remedy: what to do, may be "".
    compared: sha-256 hex of the compared values; a 说明 holds as long as it stays the same ("" outside checks).
    key: stable identity of the finding, "K-022" or "K-022:<row id>"; explanations are kept under it.
    forms: all forms the check read.
    """

    check: str
    severity: Severity
    form: str
    cells: tuple[Cell, ...]
    message: str
    remedy: str = ""
    compared: str = ""
    key: str = ""
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """情况说明 to one finding: 4–200 characters; `compared` as the finding had it when it was written."""

    key: str
    check: str
    form: str
    text: str
    cells: tuple[Cell, ...]
    compared: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a roster: id stable over periods, raw texts by column name (absent = empty)."""

    id: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """The raw texts of one return: fields outside rosters, and rows by repeat name. Absent = empty.

    Selects hold the code ("01"), select_multiple the codes joined by one space, dates YYYY-MM-DD, numbers as typed
    (a canonical decimal when the type accepts it). Calculated values are included when they come from a signed return.
    """

    values: Mapping[str, str]
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=lambda: NO_ROWS)


EMPTY = Answers(values=MappingProxyType({}))


class EditAct(StrEnum):
    SET = "set"
    ADD_ROW = "add"
    DELETE_ROW = "delete"
    MOVE_ROW = "move"


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of a draft, ready for the disk. `Instance` makes it, `Workspace.keep` writes it.

    SET: field/row/old/new texts. ADD_ROW: field = repeat name, row, new = position (decimal text).
    DELETE_ROW: field = repeat name, row, old = position; the row's values stay in the draft so that undo brings them
    back. MOVE_ROW: field = repeat name, row, old and new positions.
    """

    act: EditAct
    field: str
    row: str
    old: str
    new: str


OFFICE_CODE = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Office:
    """填报单位. code: 12 digits 县6+乡镇3+村3 (国家统计局统计用区划代码); kind: code of list village_kind/office_kind;
    ur_class: 城乡分类代码, 3 digits; parent: the superior's 12-digit code. since, until: first and last day on which it
    reports, YYYY-MM-DD, "" = open; successor: whom it was merged into (撤并, 村改居), 12 digits, "" none. A code is
    never given to another office."""

    code: str
    name: str
    kind: str = ""
    ur_class: str = ""
    short_name: str = ""
    parent: str = ""
    since: str = ""
    until: str = ""
    successor: str = ""

    def __post_init__(self) -> None:
        if not OFFICE_CODE.fullmatch(self.code):
            raise SurveyError(
                "office.code",
                happened=f"单位代码“{self.code}”不是12位数字",
                safe="没有改动任何资料",
                todo="请对照统计用区划代码核对后再试",
            )

    @property
    def level(self) -> str:
        """"county", "township" or "village", by which digits are zero."""
        if self.code.endswith("000000"):
            return "county"
        return "township" if self.code.endswith("000") else "village"

    @property
    def short(self) -> str:
        """曼蚌村 for 曼蚌村民委员会."""
        return self.short_name or self.name

    def reports_on(self, day: date) -> bool:
        """Is it an office of its own on that day? An ended one stays readable and leaves the list the day after."""
        said = day.isoformat()
        return (not self.since or self.since <= said) and (not self.until or said <= self.until)


@dataclass(frozen=True, slots=True)
class Env:
    """What expressions may know of the world: the day used, and a source of ids (uuid(), new rows). now: local time,
    None = the day's midnight. random: 0 ≤ x < 1, None = always 0. Both only for foreign forms that ask for them."""

    today: date
    new_id: Callable[[], str]
    now: Callable[[], datetime] | None = None
    random: Callable[[], float] | None = None


@dataclass(frozen=True, slots=True)
class Ret:
    """What belongs to the return and not to a form (签字栏): RET.head, RET.stat_head, RET.filler, RET.phone,
    RET.reported_on of fields.md §0.1."""

    head: str = ""
    stat_head: str = ""
    filler: str = ""
    phone: str = ""
    reported_on: str = ""
