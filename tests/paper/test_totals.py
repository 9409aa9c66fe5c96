"""What a reader finds on a 汇总表: every figure under its head, who is missing, and nought told from nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.paper import Drawn, LeftOut, SheetColumn, SheetRow, TotalsSheet, draw_totals
from cunbao.paper.totals_sheet import LEGEND, said
from cunbao.survey import codes
from cunbao.survey.values import Ret
from world.papers import fonts_of, glyphs, info_of, overlapping, qr_of, text_of
from world.township_papers import LANDLINE, TOWNSHIP, a_totals_sheet, columns, rows

MARGIN = {False: (25, 192, 9.5, 287.5), True: (15, 282, 13.5, 202.5)}  # landscape → left, right, top, bottom in mm


def a_crosstab() -> TotalsSheet:
    lines = ("小学及以下", "初中", "高中（中专）", "大专", "本科及以上")
    return a_totals_sheet(
        title="“两委”成员学历与性别交叉表",
        form="B03",
        unit="人",
        names=("学历",),
        columns=tuple(SheetColumn(head) for head in ("男", "女", "合计")),
        rows=tuple(SheetRow((line,), (Decimal(at), Decimal(2), Decimal(at + 2))) for at, line in enumerate(lines)),
        total=SheetRow((), (Decimal(10), Decimal(10), Decimal(20))),
        total_label="合\u3000计",
        formulas=(),
    )


def many(villages: int, wide: int, **changes: object) -> TotalsSheet:
    """More villages than a page is high, more columns than it is wide."""
    sheet = a_totals_sheet(
        columns=columns(wide),
        rows=rows(villages, wide),
        total=SheetRow((), tuple(Decimal(100000 + at) / 100 for at in range(wide))),
        counted=villages,
        asked=villages,
        left_out=(),
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


def a_sheet_with_long_notes() -> TotalsSheet:
    left_out = tuple(LeftOut(f"很长名字的样例{at}村", "退回未改" if at % 9 else "未报") for at in range(180))
    return many(20, 5, left_out=left_out)


PAGES: dict[str, Callable[[], Drawn]] = {
    "totals": lambda: draw_totals(a_totals_sheet()),
    "unsigned": lambda: draw_totals(a_totals_sheet(signed=None)),
    "unreviewed": lambda: draw_totals(a_totals_sheet(unreviewed=True)),
    "cross-tab": lambda: draw_totals(a_crosstab()),
    "unsigned cross-tab": lambda: draw_totals(replace(a_crosstab(), signed=None)),
    "long": lambda: draw_totals(many(60, 5)),
    "wide": lambda: draw_totals(many(7, 30)),
    "long and wide": lambda: draw_totals(many(33, 24, unreviewed=True)),
    "long notes": lambda: draw_totals(a_sheet_with_long_notes()),
}


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", PAGES)
def test_no_glyph_leaves_the_text_area_or_lies_over_another(name: str) -> None:
    for page, ((wide, high), found) in enumerate(glyphs(PAGES[name]().pdf)):
        left, right, top, bottom = MARGIN[wide > high]
        outside = [one for one in found if one.left < left - 0.1 or one.right > right + 0.1]
        outside += [one for one in found if one.top < top or one.bottom > bottom]
        assert outside == [], page
        assert overlapping(found) == [], page


@pytest.mark.parametrize("name", PAGES)
def test_all_fonts_are_embedded(name: str) -> None:
    found = fonts_of(PAGES[name]().pdf)
    assert found and all(embedded for _, embedded in found), found


@pytest.mark.parametrize("name", PAGES)
def test_the_same_figures_give_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = PAGES[name]().pdf
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setenv("TZ", "America/Lima")
    assert PAGES[name]().pdf == first


@pytest.mark.parametrize("name", ["totals", "cross-tab", "long and wide"])
def test_the_qr_code_begins_with_the_printed_code(name: str, tmp_path: Path) -> None:
    drawn = PAGES[name]()
    (line,) = qr_of(drawn.pdf, drawn.box_page, tmp_path)
    read = codes.read_qr(line)
    assert (read.kind, read.fields) == ("T", (TOWNSHIP.code, "B02", "2025"))
    assert text_of(drawn.pdf, drawn.box_page).count(read.code) == 2
    assert drawn.box_page == drawn.pages - 1
    x1, y1, x2, y2 = (one * 25.4 / 72 for one in drawn.box)
    (_, high), found = list(glyphs(drawn.pdf))[drawn.box_page]
    inside = "".join(g.char for g in found if x1 < g.left < x2 and high - y2 < g.top < high - y1)
    assert read.code in inside and "玉罕（镇审核员）" in inside


def test_every_figure_name_head_and_sentence_is_read_back() -> None:
    sheet = a_totals_sheet()
    text = text_of(draw_totals(sheet).pdf)
    wanted = [sheet.title, "村报B02汇", sheet.issuer, f"统计用区划代码：{TOWNSHIP.code[:9]}", "计量单位：平方米"]
    wanted += [f"综合机关名称：{sheet.office_name}", f"B02汇总·{TOWNSHIP.code[:9]}", "汇总3·2025-12-22"]
    wanted += [f"{one.head}（{one.unit}）" if one.unit else one.head for one in sheet.columns]
    for count, row in enumerate(sheet.rows, 1):
        figures = [said(value, one.places) for value, one in zip(row.values, sheet.columns, strict=True)]
        wanted.append(f"{count}{''.join(row.names)}{''.join(figures)}{row.state}")
    wanted += ["合计（已计入5个村）24701058421789.40565.30103.6031.9671.614个5／7"]
    wanted += ["没有计入：曼赛村（未报）、贺开村（退回未改）。全镇应报7个村，合计不含这2个村。", LEGEND]
    wanted += ["栏7＝栏4合计÷栏1合计×100，栏8＝栏5合计÷栏4合计×100，合计行按合计数相除，不是各村平均。"]
    wanted += ["代报1个村（曼扫村）。数据截至2025-12-2209:00，每个数都可以查到对应的签名报表。"]
    wanted += ["单位负责人：岩应统计负责人：玉波汇总人：玉罕联系电话：0691-*******报出日期：2025年12月22日"]
    assert [one for one in wanted if squeezed(one) not in text] == []


def test_more_than_ten_columns_lie_across_and_fewer_stand() -> None:
    def landscape(sheet: TotalsSheet) -> bool:
        ((wide, high), _) = next(iter(glyphs(draw_totals(sheet).pdf)))
        return wide > high

    assert landscape(many(3, 7)) and not landscape(many(3, 6))  # 序号, two names, columns, 状态
    assert not landscape(a_crosstab())


def test_all_counted_says_so_and_a_legend_stands_only_where_it_is_used() -> None:
    sheet = a_crosstab()
    text = text_of(draw_totals(replace(sheet, left_out=(), counted=7, proxies=())).pdf)
    assert "全镇应报7个村，全部计入。数据截至" in text and "没有计入" not in text
    assert "表示没有可计入的报表" not in text and "代报" not in text
    marked = replace(sheet, rows=(SheetRow(("小学",), ("／", Decimal(0), "—")),))
    assert squeezed(LEGEND) in text_of(draw_totals(marked).pdf)


def test_figures_that_are_not_reviewed_yet_are_told_on_every_page() -> None:
    drawn = draw_totals(many(33, 24, unreviewed=True))
    for page in range(drawn.pages):
        text = text_of(drawn.pdf, page)
        assert "汇总表（含未审核）" in text and "含未审核·B02汇总" in text
    assert "本表含已接收、还没有审核的报表" in text_of(drawn.pdf)
    assert "（含未审核）" in info_of(drawn.pdf)["Title"]
    assert "含未审核" not in text_of(draw_totals(a_totals_sheet()).pdf)


def test_a_wide_table_goes_on_over_sets_of_columns_with_every_name_in_each() -> None:
    sheet = many(7, 30)
    drawn = draw_totals(sheet)
    text = text_of(drawn.pdf)
    assert drawn.pages > 1
    for one in sheet.columns:
        assert text.count(squeezed(f"{one.head}（平方米）")) == 1, one
    for page in range(drawn.pages):
        shown = text_of(drawn.pdf, page)
        assert [row.names[0] for row in sheet.rows if row.names[0] not in shown] == [], page
        assert "合计（已计入7个村）" in shown
        assert ("（续下页）" in shown) == (page < drawn.pages - 1)
    assert text.count("状态") == 1 and text.count("统计用区划代码") == 2  # the office's own, and the column's


def test_a_long_table_repeats_its_heads_and_ends_with_its_total_and_two_rows() -> None:
    sheet = many(60, 5)
    drawn = draw_totals(sheet)
    assert drawn.pages > 2
    for page in range(drawn.pages):
        text = text_of(drawn.pdf, page)
        assert "村名" in text and "其中：设施面积1（平方米）" in text
        assert ("合计（已计入" in text) == (page == drawn.pages - 1)
    last = text_of(drawn.pdf, drawn.pages - 1)
    assert "样59村" in last and "样60村" in last and "单位负责人" in last
    text = text_of(drawn.pdf)
    assert [row.names[1] for row in sheet.rows if text.count(row.names[1]) != 1] == []


@pytest.mark.parametrize("villages", range(1, 30))
def test_the_total_stands_once_and_never_without_rows_however_many_there_are(villages: int) -> None:
    drawn = draw_totals(many(villages, 9))
    text = text_of(drawn.pdf)
    assert text.count("合计（已计入") == 1 and text.count("单位负责人") == 1
    last = text_of(drawn.pdf, drawn.pages - 1)
    assert f"样{villages}村" in last and f"样{max(villages - 1, 1)}村" in last
    for page, ((wide, high), found) in enumerate(glyphs(drawn.pdf)):
        assert overlapping(found) == [], page
        assert max(one.bottom for one in found) < MARGIN[wide > high][3]


def test_many_that_are_not_counted_are_all_named() -> None:
    sheet = a_sheet_with_long_notes()
    text = text_of(draw_totals(sheet).pdf)
    assert text.count("很") == len(sheet.left_out)  # the first letter of each name; a page may end within one
    assert "没有计入：未报20个村，很长名字的样例0村、" in text and "；退回未改160个村，" in text
    assert "合计不含这180个村。" in text


def test_without_a_signature_there_is_no_code_and_no_qr(tmp_path: Path) -> None:
    drawn = draw_totals(a_totals_sheet(signed=None))
    text = text_of(drawn.pdf)
    assert "未签名·无验证码" in text and "签名人" not in text and "（公章）" in text
    assert qr_of(drawn.pdf, 0, tmp_path) == [] and drawn.box == (0, 0, 0, 0)


def test_decimal_points_of_a_column_stand_under_one_another() -> None:
    values = tuple(Decimal(one) for one in ("1.11", "1111.11", "71.77"))
    sheet = a_totals_sheet(
        columns=(SheetColumn("面积", places=2),),
        rows=tuple(SheetRow(("样村", "1"), (one,)) for one in values),
        total=None,
    )
    ((_, found),) = glyphs(draw_totals(sheet).pdf)
    points = [one for one in found if one.char == "." and one.left > 120]
    assert len(points) == 3 and max(one.left for one in points) - min(one.left for one in points) < 0.05


def test_nought_is_a_figure_and_a_minus_is_a_minus() -> None:
    sheet = a_totals_sheet(
        columns=(SheetColumn("面积", places=2), SheetColumn("人数")),
        rows=(
            SheetRow(("甲村", "1"), (Decimal(0), Decimal(0))),
            SheetRow(("乙村", "2"), (Decimal("-1.5"), Decimal(-2))),
        ),
        total=None,
    )
    text = text_of(draw_totals(sheet).pdf)
    assert "甲村10.000" in text and "乙村2−1.50−2" in text


def test_the_telephone_is_whole_only_when_asked_for() -> None:
    assert LANDLINE not in text_of(draw_totals(a_totals_sheet()).pdf)
    assert LANDLINE in text_of(draw_totals(a_totals_sheet(), masked=False).pdf)
    assert "联系电话：报出日期" in text_of(draw_totals(a_totals_sheet(persons=Ret())).pdf)


def test_a_county_shows_its_six_digits() -> None:
    sheet = a_totals_sheet(office_code="532822000000", office_name="勐海县民政局", whole="全县")
    text = text_of(draw_totals(sheet).pdf)
    assert "统计用区划代码：532822综合" in text and "B02汇总·532822" in text and "全县应报" in text


def test_a_ratio_is_rounded_half_up_where_it_is_shown_and_a_figure_written_already_stays() -> None:
    values = (Decimal("31.955"), Decimal(2) / Decimal(3), "1234.5")
    sheet = a_totals_sheet(
        columns=(SheetColumn("甲", places=2), SheetColumn("乙", places=2), SheetColumn("丙", places=2)),
        rows=(SheetRow(("样村", "1"), values),),
        total=None,
    )
    assert "样村131.960.671234.5" in text_of(draw_totals(sheet).pdf)


def test_sentences_that_come_with_the_table_are_printed_instead_of_its_own() -> None:
    text = text_of(draw_totals(a_totals_sheet(title="汇总表（含未审核）", unreviewed=True, told=("只有这一句。",))).pdf)
    assert "只有这一句。" in text and "没有计入" not in text and "数据截至" not in text
    assert "（含未审核）（含未审核）" not in text


def test_a_table_without_any_line_is_a_page_that_says_so() -> None:
    drawn = draw_totals(a_totals_sheet(rows=(), total=None, counted=0, asked=0, left_out=(), told=("没有报表。",)))
    assert drawn.pages == 1 and "没有报表。" in text_of(drawn.pdf)
