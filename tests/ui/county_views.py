"""A county desk for the window alone: the figures of the design's pictures of 2025-12-22."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from cunbao.desks.county.views import (
    CountyFrame,
    MatrixLine,
    MatrixView,
    ProgressView,
    TownshipLine,
    VillageLine,
)
from cunbao.survey.states import ReturnState
from ui.town import Setting

ACCEPTED, RECEIVED, RETURNED, MISSING, PENDING = (
    ReturnState.ACCEPTED, ReturnState.RECEIVED, ReturnState.RETURNED, ReturnState.MISSING, ReturnState.CERT_PENDING,
)  # fmt: skip
NOW = datetime(2025, 12, 22, 1, 30, tzinfo=UTC)
DEADLINE = date(2025, 12, 20)
# name, villages, accepted, received, returned, pending, late, own return, day, number
TOWNSHIPS = (
    ("勐海镇", 8, 6, 1, 1, 0, 0, ACCEPTED, 21, 4),
    ("打洛镇", 7, 7, 0, 0, 0, 0, ACCEPTED, 19, 3),
    ("勐混镇", 14, 8, 2, 2, 0, 2, RECEIVED, 21, 3),
    ("勐遮镇", 13, 9, 2, 1, 0, 1, RECEIVED, 20, 4),
    ("勐满镇", 7, 6, 0, 0, 1, 0, ACCEPTED, 20, 2),
    ("勐阿镇", 7, 7, 0, 0, 0, 0, ACCEPTED, 18, 2),
    ("勐宋乡", 9, 6, 1, 1, 0, 1, RECEIVED, 20, 3),
    ("勐往乡", 6, 5, 1, 0, 0, 0, ACCEPTED, 20, 2),
    ("格朗和哈尼族乡", 5, 4, 0, 0, 0, 1, RECEIVED, 19, 2),
    ("布朗山布朗族乡", 7, 3, 1, 0, 0, 3, MISSING, 15, 1),
    ("西定哈尼族布朗族乡", 10, 8, 1, 0, 0, 1, RECEIVED, 20, 3),
)
GONE = {2: ("曼冈村", "广别村"), 3: ("南楞村",), 6: ("蚌龙村",), 8: ("帕沙村",), 9: ("班章村", "曼囡村", "结良村"),
        10: ("曼佤村",)}  # fmt: skip
VILLAGES = (
    VillageLine("999022110201", "班章村", MISSING, "一次也没报", True),
    VillageLine("999022110202", "曼囡村", MISSING, "一次也没报", True),
    VillageLine("999022110203", "结良村", MISSING, "报了 5 张，缺 B06、B07", True),
    VillageLine("999022110204", "曼果村", RECEIVED, "7 张都没审核", False),
    VillageLine("999022110205", "勐昂村", ACCEPTED, "12-12 签名", False),
    VillageLine("999022110206", "章家村", ACCEPTED, "12-13 签名", False),
    VillageLine("999022110207", "新龙村", ACCEPTED, "12-13 签名", False),
)
FORMS = tuple((f"B0{n}", name) for n, name in enumerate(
    ("基本情况", "设施面积", "两委成员", "法律明白人", "灾害信息员", "服务队伍", "便民服务"), 1))  # fmt: skip


def code_of(number: int) -> str:
    """The 12 digits of the township of that number."""
    return f"9990221{number + 1:02d}000"


def progress_view(*, by_form: bool = False, overdue: bool = True) -> ProgressView:
    rows = tuple(
        TownshipLine(
            office=code_of(number),
            name=name,
            units=units * (7 if by_form else 1),
            counts={ACCEPTED: yes, RECEIVED: came, RETURNED: back, PENDING: held},
            late=late,
            own=own,
            came_at=datetime(2025, 12, day, 2, tzinfo=UTC),
            sequence=seq,
        )
        for number, (name, units, yes, came, back, held, late, own, day, seq) in enumerate(TOWNSHIPS)
    )
    missing = tuple((code_of(number), names) for number, names in GONE.items())
    return ProgressView(
        by_form=by_form, forms=7, villages=93, rows=rows, overdue=overdue, chase=9, missing=missing, own_form="T01",
        nothing_yet=False,
    )  # fmt: skip


def matrix_view() -> MatrixView:
    states = (RETURNED, ACCEPTED, ACCEPTED, RECEIVED, MISSING, ACCEPTED, ACCEPTED)
    return MatrixView("布朗山布朗族乡", FORMS, tuple(MatrixLine(one.office, one.name, states) for one in VILLAGES))


@dataclass
class CountyStandIn:
    """Answers the frame; the views of screens are put in the place of the desk's functions by the tests."""

    now: datetime = NOW
    late: int = 9
    expiring: int = 1
    read_only: bool = False
    given: Any = field(default_factory=lambda: SimpleNamespace(period="2025", title="2025年度城乡社区服务体系统计"))
    person: Any = field(default_factory=lambda: SimpleNamespace(name="玉坎", role="县级管理员"))
    directory: Any = field(default_factory=lambda: SimpleNamespace(full_name="勐海县民政局", line="勐海县民政局"))
    workspace: Any = field(default_factory=Setting)

    def clock(self) -> datetime:
        return self.now

    def frame(self) -> CountyFrame:
        return CountyFrame(
            office="勐海县民政局",
            period="2025 年度",
            deadline=DEADLINE,
            days_left=(DEADLINE - self.now.date()).days,
            saved_at=self.now,
            late=self.late,
            expiring=self.expiring,
            person="管理员 玉坎",
            backup_at=datetime(2025, 12, 19, 9, 36, tzinfo=UTC),
        )
