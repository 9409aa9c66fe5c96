"""A further task pack at any desk: said first (`look`), then taken whole or not at all (`take`); and which periods
there are to work with. What it means for what a village has filled is `village.newpack`'s."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cunbao.desks import archiving, keyring, packnews, packs
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.doors import Desk
from cunbao.desks.packnews import CELLS, GONE, NEW, FormChange, PackNews
from cunbao.desks.packs import HeldPack
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import PackView
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError, DeskError

SUFFIX = ".cbtask"


def concerned(folder: Path, pack: PackView) -> bool:
    """Is the pack for the village or township whose workspace lies in `folder`, under the root that it trusts? Asked
    before any password, so that nothing but keys.json is read."""
    from cunbao.trust.certs import fingerprint24

    try:
        keys = keyring.keys_of(folder)
        code, root = str(keys["office"]["code"]), bytes.fromhex(keys.get("root", ""))
        known = fingerprint24(root) if root else ""
    except (CunbaoError, KeyError, ValueError):
        return False
    return known == pack.root_code.replace(" ", "") and any(
        office == code or (code.endswith("000") and office[:9] == code[:9]) for office, _ in pack.offices
    )


def look(desk: Desk, path: Path) -> PackNews:
    """What the pack in `path` changes at this desk; nothing is taken. Errors as `packnews.read`."""
    if isinstance(desk, VillageDesk):
        from cunbao.desks.village import newpack

        return newpack.look(desk, path)
    pack, _ = packnews.read(desk.workspace, path)
    if isinstance(desk, TownshipDesk):
        villages = [one for one in pack.offices if one.parent == desk.office.code]
        news = packnews.news_of(desk.workspace, desk.given, pack, path)
        forms = tuple(replace(one, happens=_at_township(one)) for one in news.forms)
        return replace(news, forms=forms, lines=(*news.lines, f"本镇 {len(villages)} 个村（社区）"))
    return packnews.news_of(desk.workspace, desk.given, pack, path)


def take(desk: Desk, path: Path) -> PackNews:
    """Take it: all or nothing. DeskError "desk.read_only" and whatever `look` says."""
    if isinstance(desk, VillageDesk):
        from cunbao.desks.village import newpack

        return newpack.take(desk, path)
    if desk.read_only:
        raise DeskError(
            "desk.read_only",
            happened="现在只是在查看，不能换任务包",
            safe="原来的任务没有改动",
            todo="请重新打开再试",
        )
    news = look(desk, path)
    _, data = packnews.read(desk.workspace, path)
    if isinstance(desk, TownshipDesk):
        from cunbao.desks.township import desk as township

        township.take_task(desk, data, sample=bool(desk.workspace.setting("sample", False)))
        desk.filling = None  # a 代报 goes on with the forms of the new pack
        return news
    from cunbao.desks.county import issuing

    before = desk.given
    issuing.keep_issued(desk, data)
    if before is not None and before.period == news.period:
        packnews.recount(desk.workspace, before, packnews.pack_of(data))
    desk.journal("take_task", period=news.period, version=news.version)
    return news


def periods(desk: Desk) -> tuple[HeldPack, ...]:
    """The newest pack of every period held, the newest first."""
    return packs.periods(desk.workspace)


def show_period(desk: Desk, period: str) -> Desk:
    """The desk with another period's task: the same workspace, nothing is changed in it. DeskError "pack.period",
    "archive.moved" for a year that lies in a file: all its returns would seem never to have come."""
    archiving.refuse_moved(desk.workspace, period)
    if isinstance(desk, VillageDesk):
        from cunbao.desks.village import newpack

        return newpack.at_period(desk, period)
    if isinstance(desk, TownshipDesk):
        from cunbao.desks.township import desk as township

        township.show_period(desk, period)
        desk.filling = None
        return desk
    _show_county(desk, period)
    return desk


def _show_county(desk: CountyDesk, period: str) -> None:
    from cunbao.desks import tasks

    newest = packs.of_period(desk.workspace, period) == packs.periods(desk.workspace)[0]
    desk.given = tasks.task_of(desk.workspace, "" if newest else period)


def _at_township(one: FormChange) -> str:
    if one.kind == NEW:
        return "等村里报"
    if one.kind == GONE:
        return "收过的留着，不再催"
    return "收过的和审核决定都留着" if one.kind == CELLS else ""
