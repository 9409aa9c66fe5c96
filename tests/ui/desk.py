"""A desk for the window alone: the views of the design's pictures, and a disk that does what the test says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Event
from typing import Any

from cunbao.desks.views import FormLine, FrameView, HomeView, Letter, NextStep
from cunbao.errors import CunbaoError
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Edit


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    """Local time of 2025 as the UTC moment of a view."""
    return datetime(2025, month, day, hour - 8, minute, tzinfo=UTC)


FILLING = ReturnState.FILLING
FORMS = (
    FormLine(
        "B01", "基本情况", "村基本情况", "户数、常住人口、村民小组", "form",
        12, 12, "done", 0, FILLING, at(12, 11, 16, 5), "打开",
    ),
    FormLine(
        "B02", "设施面积", "综合服务设施面积", "室内设施、室外场所", "building",
        21, 24, "problem", 1, FILLING, at(12, 12, 10, 38), "继续",
    ),
    FormLine("B03", "两委成员", "两委成员", "7 人", "users", 7, 7, "problem", 1, FILLING, at(12, 12, 9, 52), "打开"),
    FormLine(
        "B04", "法律明白人", "法律明白人", "已填 3 人，上年 5 人", "book",
        3, 5, "filling", 0, FILLING, at(12, 10, 15, 20), "打开",
    ),
    FormLine(
        "B05", "灾害信息员", "灾害信息员", "上年 2 人", "bell", 0, 2, "empty", 0, ReturnState.NOT_STARTED, None, "打开",
    ),
)  # fmt: skip


class Directory:
    full_name = "勐海县勐混镇曼蚌村民委员会"


class PlainDesk:
    """Answers the frame and home. `hold` lets a write wait, `trouble` makes it fail."""

    directory = Directory()

    def __init__(self) -> None:
        self.kept: list[tuple[str, tuple[Edit, ...], str]] = []
        self.undone = 0
        self.trouble: CunbaoError | None = None
        self.hold = Event()
        self.hold.set()

    def clock(self) -> datetime:
        return at(12, 12, 10, 42)

    def keep(self, form: str, edits: tuple[Edit, ...], *, group: str = "") -> Any:
        assert self.hold.wait(5)
        if self.trouble is not None:
            raise self.trouble
        self.kept.append((form, edits, group))

    def undo(self) -> None:
        self.undone += 1

    def frame(self) -> FrameView:
        return FrameView(
            office="勐混镇 曼蚌村",
            period="2025 年度",
            deadline=date(2025, 12, 20),
            days_left=8,
            saved_at=at(12, 12, 10, 42),
            locked=False,
            can_undo=True,
            can_redo=False,
            forms=FORMS,
            to_fix=2,
            steps_done=frozenset(),
            backup_at=at(12, 11, 17, 20),
            sample=False,
        )

    def home(self) -> HomeView:
        return HomeView(
            task="2025 年度城乡社区服务体系统计",
            issuer="勐海县民政局",
            state=ReturnState.FILLING,
            step=1,
            next=NextStep(
                "form", "接着填 B02 综合服务设施面积", "还差 3 格，有 1 处问题：文化活动室的建成年份", "继续填报", "B02"
            ),
            forms=FORMS,
            letters=(
                Letter("催报通知", "12 月 20 日前用 U 盘送到镇政府。", date(2025, 12, 10)),
                Letter("2024 年度回执", "2025-01-06 审核通过，无意见", date(2025, 1, 6), ReturnState.ACCEPTED),
            ),
            deadline=date(2025, 12, 20),
            days_left=8,
            send_to="勐混镇社会事务办",
            foot="5 张表都填完、没有“必须改正”的问题后，就可以签名。",
        )
