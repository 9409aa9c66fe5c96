"""A workspace of five years against one of a single year: from the right password to the first screen's figures.

The county has 330 villages, the township 40, the village is one; five forms each. What is signed is real
(`world.years`); the single year is the last of the five. Windows are measured in bench_board and bench_indicators: they
show what a desk's view holds, which is one period whatever lies beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.measure import Row, milliseconds
from cunbao.desks import doors, journals, packs
from cunbao.desks.county import indicator_detail, indicators, printables, progress, reviewing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.doors import Desk
from cunbao.desks.township import board
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from world.desk import CLERK, MENGHUN, OFFICER, PASSWORD, a_clock
from world.years import a_county_of_years, a_town_of_years, a_village_of_years

FIVE_YEARS = ("2025", "2026", "2027", "2028", "2029")
ONE_YEAR = FIVE_YEARS[-1:]
TIMES = 11
BAR = 1.2


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="cunbao-bench-") as home:
        place = Path(home)
        village = _made(place, "village", lambda at, years: a_village_of_years(at, years=years))
        yield _home("一个村", village, CLERK.name)
        town = _made(place, "town", lambda at, years: a_town_of_years(at, years=years, villages=40))
        yield _home("乡镇，40 村", town, OFFICER)
        county = _made(place, "county", lambda at, years: a_county_of_years(at, years=years, villages=330))
        yield _home("县，330 村", county, "县管理员")
        yield from _at_work(county)


def _made(place: Path, name: str, make: Callable[[Path, tuple[str, ...]], Desk]) -> tuple[Path, Path]:
    """The closed workspaces of five years and of one; a village's of one year has the year before too, which every
    village reads as 上年数."""
    found = []
    for years in (FIVE_YEARS, FIVE_YEARS[-2:] if name == "village" else ONE_YEAR):
        at = place / f"{name}-{len(years)}-years"
        at.mkdir()
        desk = make(at, years)
        found.append(desk.workspace.folder)
        desk.close()
    return found[0], found[1]


def _home(what: str, folders: tuple[Path, Path], person: str) -> Row:
    def opened(folder: Path) -> float:
        packs._FORMS.clear()  # as in a program that has just been started
        desks = []
        taken = milliseconds(lambda: desks.append(_to_home(folder, person)))
        desks[0].close()
        return taken

    taken = [tuple(map(opened, folders)) for _ in range(TIMES + 1)][1:]
    ours, base = (median(pair[side] for pair in taken) for side in (0, 1))
    return Row(f"五年对一年：{what}，从密码到第一屏的数", ours, base, "ms", BAR, TIMES)


def _to_home(folder: Path, person: str) -> Desk:
    desk = doors.unlock(folder, person, PASSWORD, clock=a_clock(2026, 2, 1, 1))
    if isinstance(desk, CountyDesk):
        desk.frame()
        progress.progress(desk)
    elif isinstance(desk, TownshipDesk):
        desk.frame()
        board.board(desk)
    else:
        assert isinstance(desk, VillageDesk)
        desk.home()
    return desk


def _at_work(folders: tuple[Path, Path]) -> Iterator[Row]:
    """What the county does in its year beside the other four."""
    desks = [doors.unlock(one, "县管理员", PASSWORD, clock=a_clock(2026, 2, 1, 2)) for one in folders]
    five, one = desks
    assert isinstance(five, CountyDesk) and isinstance(one, CountyDesk)
    yield _pair("打开一个乡镇的矩阵", lambda desk: progress.matrix(desk, MENGHUN), five, one, 1.2)
    some = printables.shelf(five).lines[0]
    drilled = next(each.number for each in five.task.indicators if each.numerator)
    # the column of the last year is there in one of them alone: twice the sums; the review reads its return too
    yield _pair("指标板（五年的多算上年一栏）", indicators.board, five, one, 2.5)
    yield _pair("一个指标到村（同上）", lambda desk: indicator_detail.detail(desk, drilled), five, one, 2.5)
    yield _pair("审一张村表（同上）", lambda desk: reviewing.review(desk, some.office.code, some.form), five, one, 2)
    yield _pair("打印中心的清单", printables.shelf, five, one, BAR)
    yield _pair("操作记录第一屏", lambda desk: journals.view(desk, journals.Wanted()), five, one, BAR)
    for desk in desks:
        desk.close()


def _pair(what: str, act: Callable[[CountyDesk], object], five: CountyDesk, one: CountyDesk, bar: float) -> Row:
    act(five)
    act(one)
    taken = [(milliseconds(lambda: act(five)), milliseconds(lambda: act(one))) for _ in range(TIMES)]
    ours, base = (median(pair[side] for pair in taken) for side in (0, 1))
    return Row(f"五年对一年：县，{what}", ours, base, "ms", bar, TIMES)
