"""The views of the design's pictures township-06, 07, 08 and 10, and a window that shows one of these screens."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cunbao.desks.township.totals_views import (
    LeftOut,
    SourcePart,
    SourceView,
    TotalsCell,
    TotalsHead,
    TotalsRow,
    TotalsView,
)
from cunbao.desks.township.views import (
    ChaseLine,
    ChaseView,
    FormCount,
    ReceiptLine,
    ReceiptsView,
    SendOnView,
    StaysOut,
)
from cunbao.desks.views import StickView
from cunbao.survey.indicators import NoFigure
from cunbao.survey.people import mask
from cunbao.survey.values import Cell
from ui.town import ACCEPTED, DEADLINE, FORK, MISSING, RECEIVED, RETURNED, VILLAGES, TownDesk, at, code_of

NAMES = tuple(one[0] for one in VILLAGES)


def code(name: str) -> str:
    return code_of(NAMES.index(name))


def a_town(**changes: Any) -> TownDesk:
    """The desk of the pictures, with what these screens ask of it beside the frame."""
    desk = TownDesk(**changes)
    desk.office = SimpleNamespace(short="勐混镇", name="勐混镇人民政府", code="999022103000")  # type: ignore[attr-defined]
    desk.task = SimpleNamespace(title="2025年度城乡社区服务体系统计", period="2025")  # type: ignore[attr-defined]
    desk.county = SimpleNamespace(short="勐海县", name="勐海县民政局")  # type: ignore[attr-defined]
    return desk


def a_stick(folder: Path, title: str = "U 盘（E:）") -> StickView:
    folder.mkdir(parents=True, exist_ok=True)
    return StickView(folder, title, 14_200_000_000)


# --- 06 --------------------------------------------------------------------------------------------------------------

# name: accepted, returned, comments, proposals, certificates, reminders, inside
_RECEIPTS: tuple[tuple[str, int, int, int, int, int, int, str], ...] = (
    ("勐混村", 1, 0, 0, 1, 0, 0, "B05 通过；B03 建议稿请重签"),
    ("曼蚌村", 2, 3, 3, 0, 0, 0, "B02、B03、B05 退回，意见在格子上"),
    ("曼赛村", 0, 0, 0, 0, 0, 0, "没有新内容，上次 12-15"),
    ("曼扫村", 3, 0, 0, 0, 0, 1, "5 张全部通过；第3号登记遗失"),
    ("曼国村", 2, 0, 0, 0, 0, 0, "5 张全部通过"),
    ("曼冈村", 0, 0, 0, 0, 0, 1, "签名对不上，请重新导出"),
    ("贺开村", 0, 0, 0, 0, 0, 1, "第2次没拷全，请重拷"),
    ("班盆村", 0, 0, 0, 0, 0, 0, "没有新内容，上次 12-15"),
    ("曼弄村", 0, 0, 0, 0, 1, 0, "证书 1 份；收到 3 张，正在审核"),
    ("曼迈村", 0, 0, 0, 0, 0, 0, "没有新内容，上次 12-15"),
    ("广别村", 0, 0, 0, 0, 0, 0, "还没报过"),
    ("曼召村", 0, 0, 0, 0, 0, 0, "没有新内容，上次 12-15"),
    ("拉巴村", 0, 0, 0, 0, 0, 0, "没有电脑，打印纸质回单"),
    ("曼打村", 0, 0, 0, 0, 0, 0, "没有新内容，上次 12-15"),
)  # fmt: skip
MANBANG_SEES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("check-circle", "通过 2 张：B01、B04", ()),
    ("return", "退回 3 张，共 3 条意见", ("B02 老年活动室 建筑面积", "B03 玉香 任职时间", "B05 岩应 联系电话")),
    ("calendar", "请在 12-20 前改好再报", ()),
)


def receipts_view() -> ReceiptsView:
    lines = tuple(
        ReceiptLine(
            office=code(name),
            name=name,
            accepted=counts[0],
            returned=counts[1],
            comments=counts[2],
            proposals=counts[3],
            certificates=counts[4],
            reminders=counts[5],
            inside=inside,
            ticked=any(counts),
            on_paper=name == "拉巴村",
            why_not="还没有登记过的电脑" if name == "广别村" else "",
            file_name=f"{name}-2025年度-回执第1次.cbsync",
            lines=MANBANG_SEES if name == "曼蚌村" else (("check-circle", inside, ()),) if any(counts) else (),
        )
        for name, *counts, inside in _RECEIPTS
    )  # fmt: skip
    return ReceiptsView(at(12, 15, 17, 2), lines, sum(line.ticked for line in lines))


# --- 07 --------------------------------------------------------------------------------------------------------------

_CHASE: tuple[tuple[str, str, int, str, str, str, tuple[str, str], bool, tuple[str, ...]], ...] = (
    ("曼冈村", "nothing", 5, "5 张都没报，上次文件签名对不上", "岩光", "13800000000", ("12-10 通知", "没回话"), True,
     ("nothing",)),
    ("广别村", "nothing", 5, "5 张都没报", "岩丙", "13700000000", ("12-15 电话", "答应 12-18 送"), True, ("nothing",)),
    ("贺开村", "missing", 3, "缺 B05；退回 2 张：B03、B04", "玉儿", "13900000000",
     ("12-15 电话", "答应 12-17 送"), True, ("missing", "returned")),
    ("曼召村", "returned", 2, "退回 2 张：B01、B02", "玉伦", "13500000000", ("12-15 电话", "没接"), True,
     ("returned",)),
    ("曼弄村", "missing", 2, "缺 B04、B05", "玉应", "13600000000", ("12-10 通知", ""), True, ("missing",)),
    ("曼迈村", "missing", 1, "缺 B05", "岩扁", "13800000000", ("12-10 通知", ""), True, ("missing",)),
    ("曼蚌村", "returned", 3, "退回 3 张：B02、B03、B05", "玉旺", "13800000000", ("12-16 回执", ""), False,
     ("returned",)),
    ("勐混村", "resign", 1, "B03 建议稿等重签", "玉喃", "13900000000", ("12-16 回执", ""), False, ("resign",)),
    ("拉巴村", "proxy", 3, "镇里代报，缺 B03、B04、B05", "岩甩", "", ("12-17 去村里", ""), False, ("missing", "proxy")),
)  # fmt: skip
NOTICE = (
    "{name}村民委员会：",
    "2025年度城乡社区服务体系统计将于 2025 年 12 月 20 日截止。截至 12 月 16 日 15 时 50 分，你村应报 5 张，还差 3 张。"
    "请于 2025 年 12 月 20 日以前报齐。",
    "没报：B05 灾害信息员",
    "退回未改：B03 两委成员、B04 法律明白人",
    "12 月 16 日送来的第 2 次 U 盘没拷全，请重拷一次。",
    "联系人：玉罕，0691-*******",
    "勐混镇人民政府",
    "2025 年 12 月 16 日",
)


def chase_view(**changes: Any) -> ChaseView:
    lines = tuple(
        ChaseLine(
            office=code(name),
            name=name,
            kind=kind,
            owes=owes,
            what=what,
            contact=who,
            phone=mask("phone", phone),
            phone_full=phone,
            last=last,
            ticked=ticked,
            text="\n".join(NOTICE).format(name=name.removesuffix("村")),
            groups=groups,
        )
        for name, kind, owes, what, who, phone, last, ticked, groups in _CHASE
    )
    counts = {"nothing": 2, "missing": 4, "returned": 3, "resign": 1, "proxy": 1, "late": 0}
    view = ChaseView(lines, sum(line.owes for line in lines), 5, counts, DEADLINE, False)
    return replace(view, **changes)


# --- 08 --------------------------------------------------------------------------------------------------------------

HEADS = tuple(
    TotalsHead(key, "B02", head, short, unit, places, key == "b02_per100", target, formula)
    for key, head, short, unit, places, target, formula in (
        ("b02_hh", "常住户数", "常住户数", "户", 0, None, ""),
        ("B01.b01_pop_resident", "常住人口", "常住人口", "人", 0, None, ""),
        ("b02_area_total", "计入面积", "室内", "平方米", 2, None, ""),
        ("b02_site_total", "室外场地面积", "室外", "平方米", 2, None, ""),
        ("b02_per100", "每百户面积", "每百户", "平方米", 2, Decimal(30), "计入面积÷常住户数×100"),
    )
)
_TOTALS: tuple[tuple[str, str, str, str], ...] = (
    ("勐混村", "通过", "742 3120 268.00 640.00 36.12", "达到"), ("曼蚌村", "退回", "", ""),
    ("曼赛村", "通过", "368 1602 128.50 420.00 34.92", "达到"),
    ("曼扫村", "通过", "455 1985 131.00 500.00 28.79", "差 1.21"),
    ("曼国村", "通过", "391 1710 122.00 360.00 31.20", "达到"), ("曼冈村", "未报", "", ""),
    ("贺开村", "通过", "524 2316 176.50 780.00 33.68", "达到"),
    ("班盆村", "通过", "287 1268 92.50 300.00 32.23", "达到"), ("曼弄村", "已接收", "", ""),
    ("曼迈村", "通过", "346 1544 96.00 280.00 27.75", "差 2.25"), ("广别村", "未报", "", ""),
    ("曼召村", "退回", "", ""), ("拉巴村", "已接收", "", ""),
    ("曼打村", "通过", "309 1375 101.50 350.00 32.85", "达到"),
)  # fmt: skip


def _cell(text: str, verdict: str = "") -> TotalsCell:
    if not text:
        return TotalsCell(NoFigure.MISSING, "…")
    met = {"": None, "达到": True}.get(verdict, False)
    short = Decimal(verdict.removeprefix("差 ")) if met is False else None
    return TotalsCell(Decimal(text), text, met, short, verdict)


def totals_view(form: str = "B02", *, unreviewed: bool = False) -> TotalsView:
    rows = []
    for name, state, numbers, verdict in _TOTALS:
        texts = numbers.split() or [""] * len(HEADS)
        cells = tuple(
            _cell(text, verdict if head.target is not None else "") for head, text in zip(HEADS, texts, strict=True)
        )
        added = unreviewed and state == "已接收"
        rows.append(TotalsRow(code(name), name, state, state == "通过", added, False, "ab" * 32, cells))
    out: dict[str, list[tuple[str, str]]] = {"退回": [], "已接收": [], "未报": []}
    for row in rows:
        if not row.counted and not row.unreviewed:
            out[row.state].append((row.office, row.name))
    return TotalsView(
        form=form,
        tab="设施面积 B02",
        title="综合服务设施面积汇总表" + ("（含未审核）" if unreviewed else ""),
        unreviewed=unreviewed,
        heads=HEADS,
        screen=(0, 1, 2, 3, 4),
        paper=(0, 1, 2, 3, 4),
        rows=tuple(rows),
        total=tuple(
            _cell(text, "达到" if at == 4 else "")
            for at, text in enumerate(("3422", "14920", "1116.00", "3630.00", "32.61"))
        ),
        counted=10 if unreviewed else 8,
        villages=14,
        meeting={"b02_per100": 6},
        lacking={},
        left_out=tuple(LeftOut(state, tuple(some)) for state, some in out.items() if some),
        can_include=2,
        formulas=("每百户面积＝计入面积÷常住户数×100",),
        notes=("没报的不当 0 算。",),
        at=at(12, 16, 16, 5),
    )  # fmt: skip


ROOMS = (("党群服务中心", "48.00"), ("便民服务站", "20.00"), ("文化活动室", "30.50"), ("老年活动室", "18.00"),
         ("儿童之家", "12.00"))  # fmt: skip


def source_view(office: str, form: str, key: str) -> SourceView:
    row = next(row for row in totals_view().rows if row.office == office)
    place, head = next((n, head) for n, head in enumerate(HEADS) if head.key == key)
    cell = row.cells[place]
    return SourceView(
        office=office,
        name=row.name,
        form=form,
        label=head.head,
        unit=head.unit,
        value=cell.value,
        text=cell.text,
        formula=head.formula,
        parts=tuple(SourcePart(name, Decimal(text), text, "平方米", f"r{n}") for n, (name, text) in enumerate(ROOMS))
        if key == "b02_area_total"
        else (),
        cell=Cell(key.rpartition(".")[2]),
        carried="B01" if key == "b02_hh" else "",
        revision="cd" * 32 if row.counted else "",
        version=1 if row.counted else 0,
        kind="正常" if row.counted else "",
        signed_at=at(12, 11, 9, 2) if row.counted else None,
        package=1 if row.counted else None,
        received_at=at(12, 12, 14, 40) if row.counted else None,
        accepted_by="玉罕" if row.counted else "",
        accepted_at=at(12, 12, 15, 26) if row.counted else None,
        counted=row.counted,
    )


# --- 10 --------------------------------------------------------------------------------------------------------------

_FORMS = (
    ("B01", "基本情况", (10, 1, 1, 0, 2)),
    ("B02", "设施面积", (8, 2, 2, 0, 2)),
    ("B03", "两委成员", (6, 2, 2, 1, 3)),
    ("B04", "法律明白人", (7, 2, 1, 0, 4)),
    ("B05", "灾害信息员", (6, 1, 1, 0, 6)),
)
SENT_STATES = (ACCEPTED, RECEIVED, RETURNED, FORK, MISSING)


def send_on_view(**changes: Any) -> SendOnView:
    view = SendOnView(
        to="勐海县民政局",
        number=2,
        forms=tuple(
            FormCount(form, title, dict(zip(SENT_STATES, counts, strict=True)), 14) for form, title, counts in _FORMS
        ),
        going=25,
        acknowledged=12,
        decisions=32,
        decisions_line="通过 25，退回 7",
        out=(
            StaysOut(RECEIVED, 8, "曼弄 3、曼迈 2、曼召 1、拉巴 1、曼打 1", "等镇里审核"),
            StaysOut(RETURNED, 7, "曼蚌 3、贺开 2、曼召 2", "等村里改"),
            StaysOut(FORK, 1, "勐混 1", "等村里重签"),
            StaysOut(MISSING, 17, "曼冈 5、贺开 1、曼弄 2、曼迈 1、广别 5、拉巴 3", "等村里报"),
        ),
        chase_line="9 个村，25 张，含退回和等重签",
        proxies="拉巴村 B01",
        received_too=8,
        file_name="勐混镇-2025年度-第2次.cbsync",
        size=28_000_000,
        may_send=True,
        why_not="",
        last="第 1 次 12-12 17:00，12 张",
    )
    return replace(view, **changes)
