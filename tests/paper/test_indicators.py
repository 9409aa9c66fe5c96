"""指标表 on paper: what stands on it, that it fits, and that a chart says everything in words as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cunbao.paper.indicators import Chart, ChartBar, IndicatorLine, IndicatorSheet, draw_indicators
from cunbao.paper.sheet import Signed
from world.readers import text_of

NAMES = ("勐海镇", "打洛镇", "勐混镇", "勐遮镇", "勐满镇", "勐阿镇", "勐宋乡", "勐往乡", "格朗和哈尼族乡",
         "布朗山布朗族乡", "西定哈尼族布朗族乡")  # fmt: skip
VALUES = (33.21, 31.75, 31.96, 29.64, 32.08, 30.72, 28.36, 31.10, 30.55, 26.48, 30.09)
Told = Callable[[IndicatorSheet], str]
WHEN = datetime(2025, 12, 29, 2, 5, tzinfo=UTC)
SIGNED = Signed("岩叫", "县管理员", "勐海县民政局", "0000", WHEN, "8T8N-26VB-XMHY-A8EV", "CUNBAO:1:I:532822")


def a_chart(names: tuple[str, ...] = NAMES, values: tuple[float | None, ...] = VALUES) -> Chart:
    bars = tuple(
        ChartBar(
            name, value, f"{value:.2f}" if value is not None else "…", "4／9", None if value is None else value >= 30
        )
        for name, value in zip(names, values, strict=True)
    )
    return Chart("各乡镇每百户居民拥有社区综合服务设施面积（平方米）", bars, 30.0, "目标 30", 40.0, "合计 30.87。")


def a_sheet(lines: int = 7, **changes: object) -> IndicatorSheet:
    sheet = IndicatorSheet(
        title="“十四五”城乡社区服务体系建设指标完成情况",
        plan="西双版纳州“十四五”城乡社区服务体系建设规划",
        year="2025",
        base_year="2020",
        target_year="2025",
        office_name="勐海县民政局",
        office_code="532822000000",
        county="勐海县",
        counted="应报 105 个，已计入 101 个",
        lines=tuple(
            IndicatorLine(
                f"第{at}项社区综合服务设施覆盖率", "%", "70.00", "80.00", f"{90 + at / 100:.2f}", "是", "71／77"
            )
            for at in range(lines)
        ),
        notes=("“…”没有可计入的数；“／”不逐个单位评价；“—”没有基期值。",),
        charts=(a_chart(),),
        as_of=WHEN,
        signed=SIGNED,
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The words of a sheet's pages, without blanks."""

    def read(sheet: IndicatorSheet) -> str:
        path = tmp_path / "sheet.pdf"
        path.write_bytes(draw_indicators(sheet).pdf)
        return text_of(path)

    return read


def test_table_chart_and_signature_stand_on_one_page(told: Told) -> None:
    drawn = draw_indicators(a_sheet())
    assert drawn.pages == 1 and drawn.box != (0.0, 0.0, 0.0, 0.0)
    said = told(a_sheet())
    assert all(name in said for name in NAMES) and all(f"{value:.2f}" in said for value in VALUES)
    assert "目标30" in said and "未达标" in said and "8T8N-26VB-XMHY-A8EV" in said and "第1页，共1页" in said


def test_a_long_plan_goes_on_with_its_heads_and_loses_no_line(told: Told) -> None:
    sheet = a_sheet(58)
    drawn = draw_indicators(sheet)
    said = told(sheet)
    assert drawn.pages >= 3 and said.count("（续）") >= 2 and said.count("达标单位") >= drawn.pages
    assert all(f"第{at}项" in said for at in range(58))


def test_many_townships_take_a_second_chart_and_one_without_a_figure_has_no_bar(told: Told) -> None:
    names = tuple(f"第{at}乡" for at in range(60))
    sheet = a_sheet(charts=(a_chart(names, (None, *(30.0 + at / 10 for at in range(59)))),))
    said = told(sheet)
    assert all(name in said for name in names) and "（续）" in said and "…" in said


@pytest.mark.parametrize("mark", ["", "含未审定"])
def test_what_nobody_has_reviewed_is_marked_on_every_page(told: Told, mark: str) -> None:
    sheet = a_sheet(58, mark=mark)
    assert told(sheet).count("含未审定") == (draw_indicators(sheet).pages if mark else 0)


def test_without_a_key_there_is_no_code(told: Told) -> None:
    drawn = draw_indicators(a_sheet(signed=None))
    assert drawn.box == (0.0, 0.0, 0.0, 0.0) and "未签名" in told(a_sheet(signed=None))


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert draw_indicators(a_sheet()).pdf == draw_indicators(a_sheet()).pdf
