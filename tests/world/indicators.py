"""The figures of the design's pictures county-02 and county-03: a county of 93 villages on 2025-12-22."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cunbao.desks.county import indicators
from cunbao.desks.county.indicator_views import BoardView, DetailView, IndicatorRow, OfficeRow, TownshipRow, Why
from cunbao.survey import targets
from cunbao.survey.indicators import NoFigure, Tally, total
from cunbao.survey.task import Indicator
from world.villages import the_task

AREA = "003-04"
# number: numerator, denominator, counted, meeting, missing, unfilled, zero, exempt; the last period's two
MAIN = {
    "003-01": ("58", "62", 62, 58, 23, 0, 0, 1, "54", "62"),
    "003-02": ("6", "6", 6, 6, 1, 0, 0, 0, "6", "7"),
    "003-03": ("8", "100", 4, 1, 24, 64, 0, 1, "0", "0"),
    "003-04": ("10965.7", "376.35", 67, 33, 24, 0, 1, 1, "27.4", "1"),
    "003-05": ("67.5", "100", 64, 52, 24, 0, 4, 1, "63.2", "100"),
    "003-06": ("5", "6", 6, 5, 1, 0, 0, 0, "5", "7"),
    "003-07": ("84", "5", 6, 2, 1, 0, 0, 0, "14.2", "1"),
}
TOWNS = (  # name, value, counted, villages
    ("布朗山乡", "9.1", 2, 7), ("勐宋乡", "23.8", 6, 9), ("勐阿镇", "24.1", 7, 7), ("勐遮镇", "26.2", 9, 13),
    ("西定乡", "27.5", 8, 10), ("格朗和乡", "30.3", 4, 5), ("打洛镇", "30.5", 7, 7), ("勐满镇", "30.8", 6, 7),
    ("勐混镇", "30.9", 8, 14), ("勐往乡", "31.7", 4, 6), ("勐海镇", "35.4", 6, 8),
)  # fmt: skip
WORST = (  # village, township, households, area
    ("曼令村", "勐遮镇", 739, "0"), ("章家村", "布朗山乡", 691, "0"), ("曼来村", "西定乡", 367, "0"),
    ("糯有村", "勐宋乡", 300, "0"), ("曼吕村", "勐宋乡", 776, "108.6"), ("苏湖村", "格朗和乡", 471, "83.7"),
    ("纳京村", "勐阿镇", 780, "155.6"), ("嘎赛村", "勐阿镇", 478, "96.6"),
)  # fmt: skip
GONE = (
    ("灰塘村", "勐往乡", Why.ZERO, "户数并入曼允村", "60"), ("新龙村", "布朗山乡", Why.EXEMPT, "新设村，房屋在建", "0"),
    ("曼冈村", "勐混镇", Why.MISSING, "一次也没报", "0"), ("勐翁村", "勐海镇", Why.MISSING, "退回，还没改好", "0"),
)  # fmt: skip
REVISION = "0" * 64


def indicator(number: str) -> Indicator:
    """With something to compute, also of forms that the task has not."""
    found = next(one for one in the_task().indicators if one.number == number)
    return found if found.numerator else replace(found, numerator="1", denominator="1")


def row(number: str) -> IndicatorRow:
    above, below, counted, meeting, missing, unfilled, zero, exempt, before, base = MAIN[number]
    one = indicator(number)
    now = Tally(Decimal(above), Decimal(below), counted, counted, meeting, missing, unfilled, zero, 0, exempt)
    last = Tally(Decimal(before), Decimal(base), int(base != "0"), 1)
    return indicators.row_between(the_task(), one, total(one, now), total(one, last), indicators.PLACES)


def board_view() -> BoardView:
    """Seven main indicators, and of the others as many as the task can compute."""
    task = the_task()
    rest = [one for one in task.indicators if one.plan == "003" and one.number not in MAIN]
    none = [indicators.row_between(task, one, total(one, Tally()), total(one, Tally()), 1) for one in rest]
    return BoardView(
        county="勐海县",
        plan="003",
        plans=indicators.plans(task),
        applies=True,
        period_title="2025年度",
        year="2025",
        last_year="2024",
        rows=(*map(row, MAIN), *none),
        villages=93,
        accepted=69,
        received=False,
        unreviewed=0,
    )


def detail_view() -> DetailView:
    """每百户居民拥有社区综合服务设施面积: 67 villages with a figure, worst first, 26 without."""
    one, top = indicator(AREA), Decimal(45)
    rest = [(f"曼{at}村", TOWNS[at % 11][0], 400 + at, f"{120 + 2 * at}") for at in range(59)]
    offices = [_office(at, *said) for at, said in enumerate((*WORST, *rest))]
    gone = [(f"允{at}村", TOWNS[at % 11][0], Why.MISSING, "一次也没报", "0") for at in range(22)]
    without = [_without(at, *said) for at, said in enumerate((*GONE, *gone))]
    towns = tuple(
        TownshipRow(
            office=f"9990221{at + 1:02d}000",
            name=name,
            total=total(one, Tally(Decimal(value), Decimal(1), counted, counted, counted // 2, asked - counted)),
            shown=value,
            fill=float(Decimal(value) / top),
            met=Decimal(value) >= 30,
        )
        for at, (name, value, counted, asked) in enumerate(TOWNS)
    )
    return DetailView(
        row=row(AREA),
        sums="10\u2009965.7 平方米 ÷ 37\u2009635 户 × 100",
        closing_words="324.8 平方米，全县合计",
        basis="专栏1第4项，预期性，州合计",
        townships=towns,
        stroke=30 / 45,
        top=top,
        offices=(*offices, *without),
        heads=("户数", "面积", "每百户", "差面积"),
        unit="平方米",
        received=False,
    )


def _office(at: int, name: str, township: str, homes: int, area: str) -> OfficeRow:
    one, above, below = indicator(AREA), Decimal(area), Decimal(homes)
    value = above * 100 / below
    away = targets.closing(one, above, below / 100)
    return OfficeRow(
        office=f"9990221{_town(township):02d}{at + 200}",
        name=name,
        township=township,
        above=above,
        below=below,
        value=value,
        shown=targets.fixed(value, 1),
        met=away is None,
        closing=away,
        closing_words="" if away is None else f"{targets.rounded_up(away, '平方米')} 平方米",
        why=Why.NONE,
        reason="",
        source="签名有效" if above else "零报告，签名有效",
        last="13.2",
        unreviewed=False,
        revisions={"B02": REVISION, "B01": REVISION},
    )


def _without(at: int, name: str, township: str, why: Why, reason: str, area: str) -> OfficeRow:
    return OfficeRow(
        office=f"9990221{_town(township):02d}{at + 400}",
        name=name,
        township=township,
        above=Decimal(area),
        below=Decimal(0),
        value=NoFigure.MISSING,
        shown="—",
        met=None,
        closing=None,
        closing_words="",
        why=why,
        reason=reason,
        source="",
        last="—",
        unreviewed=False,
        revisions={"B02": REVISION} if why is Why.ZERO else {},
    )


def _town(name: str) -> int:
    return 1 + [one for one, *_ in TOWNS].index(name)
