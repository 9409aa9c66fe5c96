"""单位名录 of a county: a list is read, held against what is in force, and written whole or not at all.

Offices may also be picked from the national list of codes. Ended offices stay readable and leave the desks' lists on
the first day after. Source: ui/design.md county-05; issue of task packs carries the directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cunbao.desks.clock import local_day
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError
from cunbao.survey import directory, officelist
from cunbao.survey.directory import Change, Compared, Comparison, ListRow
from cunbao.survey.officelist import OfficeList
from cunbao.survey.values import Office

NATIONAL = "全国统计用区划代码"


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """county-05. source: file and sheet, "" before one was read. townships, villages: in force today; levels: how many
    rows of the file are county, townships, villages; comparison: None before a file was read; blank: rows that say
    nothing, skipped; as_of: day of the national list when the rows come from there."""

    source: str
    sheet: str
    townships: int
    villages: int
    levels: tuple[int, int, int]
    comparison: Comparison | None
    blank: tuple[int, ...]

    @property
    def read(self) -> int:
        return sum(self.levels)


def offices(desk: CountyDesk, *, ended: bool = False) -> tuple[Office, ...]:
    """The directory: county, townships, villages by code; with those that ended when asked for."""
    today = local_day(desk.clock())
    return tuple(one for one in desk.workspace.offices() if ended or one.reports_on(today))


def read_file(path: Path) -> OfficeList:
    """Read .xlsx or .csv. SurveyError "offices.file"."""
    return officelist.read_list(path)


def national(county: str) -> OfficeList:
    """The county's townships and villages from the national list of codes, as rows like those of a file."""
    from cunbao.survey import resources
    from cunbao.survey.regions import Regions

    regions = Regions.load(resources.path("regions/regions.zst"))
    rows: list[ListRow] = []
    for township in regions.children(county):
        for one in (township, *regions.children(township.code)):
            rows.append(ListRow(row=len(rows) + 2, code=one.code, name=one.name))
    if not rows:
        raise DeskError(
            "offices.county", happened=f"全国名录里没有 {county[:6]} 的乡镇", safe="名录没有改动",
            todo="请核对县的代码；新设的县请用 Excel 名录",
        )  # fmt: skip
    return OfficeList(f"{NATIONAL}（{regions.day}）", "", tuple(rows))


def view(desk: CountyDesk, held: OfficeList | None, dropped: frozenset[int] = frozenset()) -> DirectoryView:
    """What the file would change. dropped: rows left out because their twin stays."""
    now = offices(desk)
    comparison = None
    if held is not None:
        known = {one.code: one for one in desk.workspace.offices()}
        comparison = directory.compare(held.rows, known, desk.office, dropped=dropped)
    codes = [one.row.code for one in comparison.rows] if comparison is not None else []
    return DirectoryView(
        source=held.file if held is not None else "",
        sheet=held.sheet if held is not None else "",
        townships=sum(one.level == "township" for one in now),
        villages=sum(one.level == "village" for one in now),
        levels=_levels(codes),
        comparison=comparison,
        blank=held.blank if held is not None else (),
    )


def write(desk: CountyDesk, comparison: Comparison) -> tuple[Office, ...]:
    """写进名录: all at once, journalled. Gives the offices that changed. DeskError "offices.faults", "offices.same"."""
    if comparison.faults:
        raise DeskError(
            "offices.faults", happened=f"还有 {comparison.faults} 行有错", safe="一行都没有写进名录",
            todo="按 F8 看下一处错，改好文件后按 F5 重新读",
        )  # fmt: skip
    changed = comparison.offices()
    if not changed:
        raise DeskError(
            "offices.same",
            happened="文件和现有名录一样",
            safe="名录没有改动",
            todo="没有要写的，换一个文件或者去做任务包",
        )
    counts = comparison.counts
    with desk.workspace.atomic():
        for one in changed:
            desk.workspace.add_office(one)
        desk.journal(
            "write_directory",
            added=counts[Change.NEW],
            updated=counts[Change.CHANGED],
            ended=counts[Change.ENDED],
        )
    return changed


def faults(comparison: Comparison) -> tuple[Compared, ...]:
    """The rows that are wrong, in the order of the file."""
    return tuple(one for one in comparison.rows if one.faults)


def in_period(held: Sequence[Office], day: date) -> tuple[Office, ...]:
    """The offices that report on the last day of a period."""
    return tuple(one for one in held if one.reports_on(day))


def _levels(codes: Sequence[str]) -> tuple[int, int, int]:
    county = sum(code.endswith("000000") or len(code) == 6 for code in codes)
    township = sum(len(code) == 9 or (code.endswith("000") and not code.endswith("000000")) for code in codes)
    return county, township, len(codes) - county - township
