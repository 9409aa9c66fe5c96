"""A further task pack in a village that already has one: what it changes is said first, then it is taken whole or not.

A later version of the period: answers stay by the name of their field; changed checks and words need no new signature;
changed cells open the return again, those cells marked; what was accepted stays 通过 until the township decides. A
pack of the next period opens that period; the one before stays with all that was filled, and is opened by `at_period`.
Source: ui/design.md county-06, protocol §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, packnews, packs, tasks
from cunbao.desks.packnews import CELLS, GONE, NEW, FormChange, PackNews
from cunbao.desks.village import lineage, packmarks
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.store import DraftKey, read_keys, write_keys
from cunbao.survey.form import Form
from cunbao.survey.formnews import FormNews, carried_over, label_of
from cunbao.survey.states import ReturnState

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack

LEVEL = "village"
ANEW = "从头填"
OPENED = frozenset({ReturnState.SIGNED, ReturnState.SENT, ReturnState.RECEIVED, ReturnState.CERT_PENDING})


def look(desk: VillageDesk, path: Path) -> PackNews:
    """What the pack in `path` changes here. ExchangeError "task.other_root", "task.…"; DeskError "pack.older",
    "pack.same", "pack.earlier_period", "office.not_in_pack", "file.unreadable"."""
    pack, _ = packnews.read(desk.workspace, path)
    tasks.directory_of(pack.offices, desk.office.code)
    here = _here(desk, pack.period)
    news = packnews.news_of(desk.workspace, here.task if here is not None else None, pack, path, level=LEVEL)
    lines = news.lines
    if here is None:
        carried = [form for form in _forms_of(pack) if desk.workspace.counted(desk.office.code, form, _last(pack))]
        told = f"上年数取自 {_last(pack)} 年度通过的 {len(carried)} 张表" if carried else "没有上年数，上年显示 —"
        lines = (*lines, told, f"{desk.task.period_title}的报表都留着，在“设置”里随时打开")
        return replace(news, lines=lines, forms=tuple(replace(one, happens=ANEW) for one in news.forms))
    forms = packs.forms_from(pack.files)
    changed = packnews.changes(here.task, pack)
    return replace(
        news, forms=tuple(replace(one, happens=_happens(here, one, forms, changed.get(one.form))) for one in news.forms)
    )


def take(desk: VillageDesk, path: Path) -> PackNews:
    """Take it: all or nothing. The desk then has the new task, of the next period where the pack opens one. Errors as
    `look`; DeskError "desk.read_only"."""
    if desk.read_only:
        raise DeskError(
            "desk.read_only",
            happened="现在是只看不改",
            safe="原来的内容没有动",
            todo="请先关闭，把提示的问题处理好后再打开、再读一次",
        )
    news = look(desk, path)
    pack, data = packnews.read(desk.workspace, path)
    here = _here(desk, pack.period)
    changed = packnews.changes(here.task, pack) if here is not None else {}
    states = {form: here.state(form) for form in here.task.forms} if here is not None else {}
    workspace = desk.workspace
    desk.forget_forms()  # whatever fails, the screens show again what is on the disk
    with workspace.atomic():
        if here is not None:
            _put_back(here, {form: states[form] for form in states if form in changed and changed[form].cells})
        directory = tasks.directory_of(pack.offices, desk.office.code)
        for one in (directory.office, directory.township, directory.county):
            workspace.add_office(one)
        tasks.take_pack(workspace, pack, data)
        theirs = (der for some in pack.townships.values() for der in some)
        devices.keep_certificates(workspace, (*pack.county, *theirs))
        if here is not None:
            packnews.recount(workspace, here.task, pack)
            _mark(here, changed, states, pack)
        desk.journal("take_pack", task=pack.task, period=pack.period, version=pack.version, file=pack.sha256)
    _rename(desk, pack)
    desk.directory = directory
    _begin_anew(desk, pack.period if here is None else desk.task.period)
    return news


def at_period(desk: VillageDesk, period: str) -> VillageDesk:
    """The same workspace with another period's task: an earlier one to be read, corrected or handed in late, or the
    newest again. DeskError "pack.period"."""
    return VillageDesk(
        workspace=desk.workspace,
        task=tasks.task_of(desk.workspace, "" if _is_newest(desk, period) else period).at(LEVEL),
        directory=desk.directory,
        person=desk.person,
        clock=desk.clock,
        new_id=desk.new_id,
        read_only=desk.read_only,
        clock_doubt=desk.clock_doubt,
    )


# --- what becomes of what is here ------------------------------------------------------------------------------------


def _happens(desk: VillageDesk, one: FormChange, forms: Mapping[str, Form], told: FormNews | None) -> str:
    """One sentence about what was filled or signed."""
    if one.kind == NEW:
        return ANEW
    state = desk.state(one.form)
    if state is ReturnState.NOT_STARTED:
        return ""
    if one.kind == GONE:
        return "填过的留着，不再报" if state.editable else "签过的留着，不再报"
    if one.kind != CELLS or told is None:
        return "不用重新签名" if not state.editable else "填的都留着"
    parts = [_state_words(state), _lost(desk, one.form, forms[one.form])]
    return "；".join(part for part in parts if part)


def _state_words(state: ReturnState) -> str:
    if state is ReturnState.ACCEPTED:
        return "已通过的不动，乡镇要改时会退回"
    if state is ReturnState.FORK:
        return "先处理有冲突的两份"
    if state is ReturnState.RETURNED:
        return "按乡镇意见改时，连改动的格一起填"
    if state.editable:
        return "填的都留着，改动的格标出来"
    return "变回待签名，改动的格标出来，补填后重签"


def _lost(desk: VillageDesk, form: str, now: Form) -> str:
    """What of the answers the new form does not take: gone cells with something in them, values of another kind."""
    kept = carried_over(now, desk.instance(form).answers())
    old = desk.task.forms[form]
    gone = [label_of(old, name) for name in kept.dropped if name not in old.by_name or not old.by_name[name].hidden]
    unread = list(dict.fromkeys(label_of(now, cell.field) for cell in kept.unread))
    parts = []
    if gone:
        parts.append(f"{'、'.join(gone)}填过的不再报")
    if unread:
        parts.append(f"{'、'.join(unread)}要重新填")
    return "，".join(parts)


def _put_back(desk: VillageDesk, states: dict[str, ReturnState]) -> None:
    """变回待签名: signed returns of changed cells are opened again, as the old form reads them. One that has not left
    yet loses its signature, any other gets a further version."""
    from cunbao.desks.village import signing

    for form, state in states.items():
        if state in OPENED and not lineage.other_heads(desk, form):
            signing.begin_correction(desk, form)


def _mark(desk: VillageDesk, changed: dict[str, FormNews], states: dict[str, ReturnState], pack: TaskPack) -> None:
    """Changed cells get their words, nothing before this is undone any more, and every check has to run again."""
    workspace = desk.workspace
    for form in states:
        key = DraftKey(desk.office.code, form, pack.period)
        told = changed.get(form)
        workspace.set_setting(_name(desk, "packfloor", form), workspace.draft_mark(key).seq)
        if desk.state(form).editable or states[form] is ReturnState.NOT_STARTED:
            workspace.set_setting(_name(desk, "checked", form), None)
        if told is None or not told.cells or states[form] in (ReturnState.NOT_STARTED, ReturnState.ACCEPTED):
            continue
        packmarks.put(desk, form, told, pack.version)


def _begin_anew(desk: VillageDesk, period: str) -> None:
    """The desk with the task that is worked with now; nothing read under the one before is left in memory."""
    fresh = at_period(desk, period)
    desk.task = fresh.task
    desk.forget_forms()


def _rename(desk: VillageDesk, pack: TaskPack) -> None:
    """What the window says before the password: the newest period, and the office as it is called now."""
    keys = read_keys(desk.workspace.folder)
    newest = packs.periods(desk.workspace)[0]
    directory = tasks.directory_of(pack.offices, desk.office.code)
    title = f"{directory.county.short} · 村级 · {newest.period_title}"
    if (keys["office"].get("line"), keys["office"].get("title")) != (directory.line, title):
        keys["office"] = {**keys["office"], "line": directory.line, "title": title}
        write_keys(desk.workspace.folder, keys)


def desk_of(desk: VillageDesk, period: str) -> VillageDesk:
    """The desk itself, or one of the other period that a file speaks of where its pack is held: what a receipt of last
    year decides is taken at last year's returns."""
    return _here(desk, period) or desk


def _here(desk: VillageDesk, period: str) -> VillageDesk | None:
    """A desk of that period, None when nothing of it was taken yet."""
    if period == desk.task.period:
        return desk
    known = any(one.period == period for one in packs.periods(desk.workspace))
    return at_period(desk, period) if known else None


def _is_newest(desk: VillageDesk, period: str) -> bool:
    return packs.periods(desk.workspace)[0].period == period


def _forms_of(pack: TaskPack) -> dict[str, Form]:
    return dict(packs.forms_from(pack.files))


def _last(pack: TaskPack) -> str:
    from cunbao.survey.taskfile import TASK_FILE, read_toml

    return str(read_toml(pack.files[TASK_FILE]).get("previous", ""))


def _name(desk: VillageDesk, what: str, form: str) -> str:
    return f"{what}/{desk.office.code}/{desk.task.period}/{form}"
