"""What a 汇总表 on paper says: its figures as they come in, its words, and the sentences under it. Nothing here draws.

Every figure comes in finished; nothing is added up here. Source: print.md §4, §5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from cunbao.paper.sheet import Signed
from cunbao.paper.words import NOT_APPLICABLE, number
from cunbao.survey.values import Ret

NOTHING_COUNTED, NO_BASE = "…", "／"
LEGEND = (
    f"“{NOTHING_COUNTED}”表示没有可计入的报表，“{NO_BASE}”表示分母为零，“{NOT_APPLICABLE}”表示不适用；三种都不是 0。"
)
UNREVIEWED = "（含未审核）"
FEW = 8  # offices whose reason stands behind each name; more are told by reason


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """head: 常住户数; unit: 户, printed under it; places: decimals of its figures, None = words; wide: mm, 0 = as its
    contents need."""

    head: str
    unit: str = ""
    places: int | None = 0
    wide: float = 0.0


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One office, or one line of a cross-tab. names: as many as the sheet has `names`; values: as many as columns, a
    Decimal or a text: NOTHING_COUNTED, NO_BASE, —, 是, or a figure as it is shown already; state: 通过, 未报 …;
    counted: False prints the state bold."""

    names: tuple[str, ...]
    values: tuple[Decimal | str, ...]
    state: str = ""
    counted: bool = True


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An office that the total lacks, and why: 曼赛村, 未报."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class TotalsSheet:
    """One table ready for paper.

    title: 综合服务设施面积汇总表; form: B02; task_title, period_title, issuer: as on returns; office_code: 12 digits,
    office_name: of the office that adds up (勐海县勐混镇人民政府); unit: 计量单位; names: heads of the columns that say
    whose line it is; total: 合计, its names left out; as_of: local, until when decisions are in; counted, asked:
    offices; persons: its filler is the 汇总人; total_label: "" = 合计（已计入 n 个村）; whole: 全镇, 全县; left_out:
    who is not counted; formulas: 栏7＝栏4合计÷栏1合计×100; proxies: whose return is a 代报; notes: further sentences;
    told: all sentences under the table, else made from these; unreviewed: 已接收 ones are in it; number: of this
    table this period; signed None: no QR, no code.
    """

    title: str
    form: str
    task_title: str
    period_title: str
    issuer: str
    office_code: str
    office_name: str
    unit: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    total: SheetRow | None
    as_of: datetime
    counted: int
    asked: int
    persons: Ret
    names: tuple[str, ...] = ("村名", "统计用区划代码")
    total_label: str = ""
    whole: str = "全镇"
    left_out: tuple[LeftOut, ...] = ()
    formulas: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unreviewed: bool = False
    number: int = 1
    signed: Signed | None = None

    @property
    def full_title(self) -> str:
        return self.title if UNREVIEWED in self.title or not self.unreviewed else f"{self.title}{UNREVIEWED}"

    @property
    def label(self) -> str:
        return self.total_label or f"合\u3000计（已计入 {self.counted} 个村）"


def said(value: Decimal | str, places: int | None) -> str:
    """A figure with its decimals, half up (protocol §8); a text as it is."""
    if isinstance(value, str):
        return value
    kept = value.quantize(Decimal(1).scaleb(-(places or 0)), ROUND_HALF_UP)
    return number(f"{kept:f}", places or 0)


def sentences(sheet: TotalsSheet) -> list[str]:
    """What stands under the table: who is not counted, the legend, formulas, proxies, and until when; or what is told
    instead."""
    if sheet.told:
        return list(sheet.told)
    found = []
    if sheet.asked:
        found.append(_counted(sheet))
    if sheet.unreviewed:
        found.append("本表含已接收、还没有审核的报表，审核以后数字可能变动。")
    if any(value in (NOTHING_COUNTED, NO_BASE, NOT_APPLICABLE) for row in _all_rows(sheet) for value in row.values):
        found.append(LEGEND)
    if sheet.formulas:
        found.append(f"{'，'.join(sheet.formulas)}，合计行按合计数相除，不是各村平均。")
    found += sheet.notes
    proxies = f"代报 {len(sheet.proxies)} 个村（{'、'.join(sheet.proxies)}）。" if sheet.proxies else ""
    found.append(f"{proxies}数据截至 {sheet.as_of:%Y-%m-%d %H:%M}，每个数都可以查到对应的签名报表。")
    return found


def _counted(sheet: TotalsSheet) -> str:
    asked = f"{sheet.whole}应报 {sheet.asked} 个村"
    if not sheet.left_out:
        return f"{asked}，全部计入。"
    who = "、".join(f"{one.name}（{one.why}）" for one in sheet.left_out)
    if len(sheet.left_out) > FEW:
        names = {why: [one.name for one in sheet.left_out if one.why == why] for why in reasons(sheet)}
        who = "；".join(f"{why} {len(those)} 个村，{'、'.join(those)}" for why, those in names.items())
    return f"没有计入：{who}。{asked}，合计不含这 {len(sheet.left_out)} 个村。"


def reasons(sheet: TotalsSheet) -> tuple[str, ...]:
    """Why offices are not counted, each reason once, in their order."""
    return tuple(dict.fromkeys(one.why for one in sheet.left_out))


def _all_rows(sheet: TotalsSheet) -> tuple[SheetRow, ...]:
    return sheet.rows if sheet.total is None else (*sheet.rows, sheet.total)
