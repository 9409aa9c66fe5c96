"""Versions that came from elsewhere and were not looked at yet: of the office's other computer, of the township that
filled for it (代报), and its proposals. Each is shown with what it says otherwise, and taken over only by hand.

Source: protocol §3.
"""

from __future__ import annotations

from collections.abc import Iterator

from cunbao.desks import ownkeys
from cunbao.desks.clock import LOCAL
from cunbao.desks.views import Differing, OtherVersion
from cunbao.desks.village import lineage
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey.compare import Change, ChangeKind, changes
from cunbao.survey.people import mask
from cunbao.survey.revision import read_answers
from cunbao.survey.states import Kind
from cunbao.survey.values import Answers


def take_other(desk: VillageDesk, form: str, what: str, name: str) -> None:
    """采用 a proposal ("proposal") or another computer's version ("head")."""
    lineage.adopt(desk, form, *_answers_of(desk, form, what, name))


def _answers_of(desk: VillageDesk, form: str, what: str, name: str) -> tuple[Answers, tuple[str, ...]]:
    if what == "proposal":
        kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
        if kept is None or kept["id"] != name:
            raise DeskError(
                "proposal.gone", happened="这份建议稿已经不在了", safe="填的内容没有动", todo="请读最新的回执再看"
            )
        return read_answers(desk.task.forms[form], desk.workspace.object(kept["answers"])), tuple(kept["heads"])
    held = desk.workspace.revision(name)
    if held is None:
        raise DeskError("version.gone", happened="这一版已经不在了", safe="填的内容没有动", todo="请读最新的回执再看")
    return desk.signed_answers(held), (held.id,)


def waiting(desk: VillageDesk) -> tuple[tuple[str, str, str], ...]:
    """What came from elsewhere and was not looked at yet: (form, "proposal" or "head", id)."""
    found = []
    for form in desk.task.forms:
        kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
        if kept and not set(kept["heads"]) <= set(lineage.based_on(desk, form) or ()):
            found.append((form, "proposal", kept["id"]))
        else:
            found += [(form, "head", one.id) for one in lineage.other_heads(desk, form)]
    return tuple(found)


def shown(desk: VillageDesk) -> Iterator[OtherVersion]:
    own = ownkeys.ids(desk.workspace)
    for form, what, name in waiting(desk):
        title, differs = f"{form} {desk.task.screens[form].nav}", _differs(desk, form, what, name)
        if what == "proposal":
            kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
            line = f"{desk.directory.township.short} {kept['by']}把两份合在一起，看过、签名才算数"
            note = f"{line}。{kept['note']}" if kept["note"] else line
            yield OtherVersion(form, title, what, name, "乡镇的建议稿", note, differs)
            continue
        held = desk.workspace.revision(name)
        assert held is not None  # `waiting` has just read it
        who = "乡镇代报的一份" if held.kind == Kind.PROXY.code else "另一台电脑签的一份"
        who = "本机签过的一份" if held.device in own else who
        line = f"第 {held.version} 版，{held.signed_at.astimezone(LOCAL):%m-%d %H:%M} 签名"
        yield OtherVersion(form, title, what, name, who, line, differs)


def _differs(desk: VillageDesk, form: str, what: str, name: str) -> tuple[Differing, ...]:
    answers, _ = _answers_of(desk, form, what, name)
    mine = desk.instance(form).answers(signed=True)
    return tuple(_differing(one) for one in changes(desk.task.forms[form], mine, answers) if not one.calculated)


def _differing(one: Change) -> Differing:
    row, label = one.row_label, one.label
    if one.kind is ChangeKind.ADDED_ROW:
        return Differing(row, label, "没有这一行", one.after or "有这一行")
    if one.kind is ChangeKind.DELETED_ROW:
        return Differing(row, label, one.before or "有这一行", "没有这一行")
    here, there = (mask(one.mask, text) if one.mask else text for text in (one.before, one.after))
    unit = f" {one.unit}" if one.unit else ""
    return Differing(row, label, f"{here}{unit}" if here else "没填", f"{there}{unit}" if there else "没填")
