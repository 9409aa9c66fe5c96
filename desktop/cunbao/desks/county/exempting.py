"""不计入: the county takes an office out of an indicator of this period, with a reason that everybody reads, and puts
it back. Each is a signed decision; what it changes is `survey.indicators`' EXEMPT. Source: protocol §2.
"""

from __future__ import annotations

from cunbao.desks import decisions, exempted, taking
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.exempted import Exemption
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord
from cunbao.survey.decision import Act
from cunbao.survey.formulas import computable
from cunbao.survey.task import Indicator


def exempt(desk: CountyDesk, office: str, indicator: str, reason: str) -> DecisionRecord:
    """不计入 an office (12 digits) into an indicator (its number) of this period. DeskError "exempt.office",
    "exempt.indicator", "exempt.already", "reason.length"."""
    _known(desk, office, indicator)
    said = decisions.a_reason(reason)
    if _given(desk, office, indicator):
        raise _refused("exempt.already", "这个单位已经不计入这个指标", "要换原因，先恢复计入，再办一次")
    about = (("indicator", indicator), ("office", office), ("period", desk.task.period))
    return _decided(desk, Act.EXEMPT, office, indicator, said, about=about)


def take_back(desk: CountyDesk, office: str, indicator: str, reason: str) -> DecisionRecord:
    """恢复计入: the office joins the indicator again. DeskError "exempt.none", "reason.length"."""
    _known(desk, office, indicator)
    given = _given(desk, office, indicator)
    if not given:
        raise _refused("exempt.none", "这个单位没有不计入这个指标", "不用恢复，它本来就计入")
    said = decisions.a_reason(reason)
    return _decided(desk, Act.WITHDRAW, office, indicator, said, names=tuple(one.id for one in given))


def exemptions(desk: CountyDesk) -> tuple[Exemption, ...]:
    """Those in effect this period, by indicator and office."""
    found = exempted.in_effect(desk.workspace, desk.task.period)
    return tuple(sorted(found, key=lambda one: (one.indicator, one.office, one.said.n, one.id)))


def _given(desk: CountyDesk, office: str, indicator: str) -> tuple[Exemption, ...]:
    return tuple(one for one in exemptions(desk) if (one.office, one.indicator) == (office, indicator))


def _known(desk: CountyDesk, office: str, indicator: str) -> Indicator:
    asked = next((one for one in computable(desk.task) if one.number == indicator), None)
    if asked is None:
        raise _refused("exempt.indicator", f"本期任务里没有能算的指标 {indicator}", "请在指标表里选一个")
    held = desk.workspace.office(office)
    if held is None or held.level == "county" or not office.startswith(desk.office.code[:6]):
        raise _refused("exempt.office", f"本县名录里没有 {office} 这个单位", "请核对 12 位代码")
    return asked


def _decided(
    desk: CountyDesk,
    act: Act,
    office: str,
    indicator: str,
    reason: str,
    *,
    names: tuple[str, ...] = (),
    about: tuple[tuple[str, str], ...] = (),
) -> DecisionRecord:
    with desk.workspace.atomic():
        kept = decisions.at_large(desk, act, desk.task.period, [office], reason=reason, names=names, about=about)
        taking.rejudge(desk.workspace, desk.task, {office})
        desk.journal("exempt", what=act.value, office=office, indicator=indicator, reason=reason)
    return kept


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何指标", todo=todo)
