"""指标到村: one indicator over townships and villages, worst first, down to the signed cells behind each figure
(ui/design.md county-03).

Who has no figure stands below with the reason: the state of the return, the county's own decision, or what the office
explained when it signed. Nothing is added up here (`measured`, `indicators`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cunbao.desks import ledger
from cunbao.desks.county import indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import DetailView, OfficeRow, TownshipRow, Why
from cunbao.desks.county.measured import Measured, OfficePart, measured, parts, tallies
from cunbao.survey import targets
from cunbao.survey.beneath import MARK, TOWN
from cunbao.survey.formulas import reads, summed
from cunbao.survey.indicators import NoFigure, OfficeFigure, Tally, Total, alone, office_value, total
from cunbao.survey.standing import NOTHING, Standing
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Office

_KINDS = {Kind.ZERO.code: "零报告，", Kind.PROXY.code: "代报，", Kind.LATE.code: "补报，"}
_NAMED = 4  # villages told by name
_FILLED = Decimal(0)
_HEADS = {"户": "户数", "人": "人数", "平方米": "面积", "个": "个数"}
_EACH = {Decimal(100): "每百户", Decimal(1000): "每千人", Decimal(10000): "每万人"}


def detail(desk: CountyDesk, number: str, *, received: bool = False, places: int = indicators.PLACES) -> DetailView:
    """One indicator down to its offices. DeskError "indicator.unknown"; one that no return answers has no offices."""
    task, one = desk.task, indicators.find(desk.task, number)
    now, before = measured(desk, received=received), measured(desk, task.previous_period)
    row = indicators.row_of(desk, one, now, before, places)
    if not one.numerator:
        return DetailView(row, "", "", _basis(one), (), None, Decimal(0), (), ("", "", "", ""), "", received)
    towns = _townships(now, one, places)
    top = _top(one, [found for _, found in towns])
    names = {office.code[:TOWN]: office.short for office in desk.townships}
    earlier = {own.office.code: own.part.figure for own in parts(before, one)}
    looked = _Looked.at(now, one)
    offices = [_office(looked, own, earlier, names, places) for own in parts(now, one)]
    here = one.plan in task.plans and not targets.counts_heads(task, one)
    away = None if alone(one) or not here else targets.closing(one, row.total.numerator, row.total.denominator)
    unit = targets.above_unit(task, one)
    return DetailView(
        row=row,
        sums=targets.sum_words(task, row.total),
        closing_words="" if away is None else f"{targets.rounded_up(away, unit)} {unit}，全县合计",
        basis=_basis(one),
        townships=tuple(_town(one, code, names, found, top, places, here=here) for code, found in towns),
        stroke=indicators.share_of(indicators.aim(one), top),
        top=top,
        offices=tuple(sorted(offices, key=lambda own: _worst_first(one, own))),
        heads=_heads(task, one),
        unit=targets.office_unit(one),
        received=received,
    )


# --- townships ---------------------------------------------------------------------------------------------------


def _townships(seen: Measured, one: Indicator, places: int) -> list[tuple[str, Total]]:
    """(nine digits, total) of every township of which something is asked; worst first, those without a figure last."""
    groups = tallies(seen, [one])[one.number]
    known = {office.code[:TOWN] for office in seen.desk.townships}
    found = [(code, total(one, groups.get(code, Tally()))) for code in sorted(known | groups.keys())]
    asked = [(code, each) for code, each in found if each.asked]
    return sorted(asked, key=lambda each: (isinstance(each[1].value, NoFigure), _badness(one, each[1].value), each[0]))


def _badness(one: Indicator, value: Decimal | NoFigure) -> Decimal:
    """Small is bad."""
    if isinstance(value, NoFigure):
        return Decimal(0)
    return -value if one.op == "<=" and not alone(one) else value


def _top(one: Indicator, found: Sequence[Total]) -> Decimal:
    """The end of the common axis: that of the board, or the highest value beyond it."""
    values = [each.value for each in found if not isinstance(each.value, NoFigure)]
    return max([indicators.axis(one) or Decimal(0), *values]) or Decimal(1)


def _town(
    one: Indicator, code: str, names: Mapping[str, str], found: Total, top: Decimal, places: int, *, here: bool
) -> TownshipRow:
    """here: the plan applies; one of elsewhere is shown and not judged."""
    met = found.met if here and not targets.above_us(one) else None
    return TownshipRow(
        office=f"{code}000",
        name=names.get(code, code),
        total=found,
        shown=targets.display(one, found.value, met, places),
        fill=indicators.share_of(found.value, top),
        met=met,
    )


# --- offices -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is looked up once for all offices. standings, kinds: by (office, form) and by revision; merged: as in
    `predecessors`."""

    seen: Measured
    indicator: Indicator
    standings: Mapping[tuple[str, str], Standing]
    kinds: Mapping[str, str]
    merged: Mapping[str, tuple[str, ...]]

    @classmethod
    def at(cls, seen: Measured, one: Indicator) -> _Looked:
        workspace, task = seen.desk.workspace, seen.task
        forms = _forms(task, one)
        held = [(o, f, s) for o, f, s in workspace.standings(seen.period) if f in forms]
        kinds = {
            each.revision: each.kind
            for form in forms
            for each in workspace.returns_that_count(task.forms[form], seen.period).values()
        }
        standings = {(office, form): stands for office, form, stands in held}
        return cls(seen, one, standings, kinds, predecessors(seen.desk))

    def revisions(self, own: OfficePart) -> dict[str, str]:
        """form → the revision behind the figure: what counts, or the head that waits where that is taken in."""
        found = {}
        for form in _forms(self.seen.task, self.indicator):
            stands = self.standings.get((own.office.code, form), NOTHING)
            waits = own.unreviewed and stands.state is ReturnState.RECEIVED and stands.head
            if waits or stands.counted:
                found[form] = stands.head if waits else stands.counted
        return {**found, **self._of_villages(own)}

    def _of_villages(self, own: OfficePart) -> dict[str, str]:
        """曼蚌村 B07 → the revision whose figure a township's sum holds."""
        found: dict[str, str] = {}
        for form in dict.fromkeys(form for form, _ in summed(self.seen.task, self.indicator)):
            for village in self.villages(own.office.code):
                stands = self.standings.get((village.code, form), NOTHING)
                waits = village.code in self.seen.unreviewed and stands.state is ReturnState.RECEIVED and stands.head
                if waits or stands.counted:
                    short = village.short if f"{village.short} {form}" not in found else village.code
                    found[f"{short} {form}"] = stands.head if waits else stands.counted
        return found

    def villages(self, town: str) -> list[Office]:
        """The villages of a township that report, by code; none of a village."""
        under = [one for code, one in self.seen.offices.items() if code[:TOWN] == town[:TOWN] and code != town]
        return under if town.endswith("000") else []


def _office(
    looked: _Looked,
    own: OfficePart,
    earlier: Mapping[str, OfficeFigure],
    names: Mapping[str, str],
    places: int,
) -> OfficeRow:
    one, figure, task = looked.indicator, own.part.figure, looked.seen.task
    value, why = office_value(one, figure), _why(figure)
    here = one.plan in task.plans  # a plan of elsewhere is shown and not judged
    away = targets.closing(one, figure.numerator, figure.denominator) if here and not why else None
    unit, revisions = targets.above_unit(task, one), looked.revisions(own)
    code = own.office.code
    last = _before(looked.merged.get(code, (code,)), earlier)
    return OfficeRow(
        office=own.office.code,
        name=own.office.short,
        township=names.get(own.office.code[:TOWN], ""),
        above=figure.numerator,
        below=figure.denominator * targets.divisor(one),
        value=value,
        shown=targets.display(one, value, own.part.met, places, office=True) if not why else "—",
        met=own.part.met if here else None,
        closing=away,
        closing_words="" if away is None else f"{targets.rounded_up(away, unit)} {unit}".strip(),
        why=why,
        reason=_reason(looked, own, why),
        source=_source(looked, own, revisions) if not why else "",
        last="—" if last is None else targets.display(one, office_value(one, last), None, places, office=True),
        unreviewed=own.unreviewed,
        revisions=revisions,
    )


def _before(codes: Sequence[str], earlier: Mapping[str, OfficeFigure]) -> OfficeFigure | None:
    """The office's figure of the last period; where it took over from others, that of those together with its own."""
    held = [earlier[code] for code in codes if code in earlier]
    counted = [figure for figure in held if figure.missing is None]
    if not counted:
        return held[0] if held else None
    above, below = (sum((getattr(each, side) for each in counted), Decimal(0)) for side in ("numerator", "denominator"))
    return OfficeFigure(above, below)


def predecessors(desk: CountyDesk) -> dict[str, tuple[str, ...]]:
    """office → itself and those that were merged into it (撤并, 村改居), also by way of a third."""
    into: dict[str, list[str]] = {}
    for one in desk.workspace.offices():
        if one.successor:
            into.setdefault(one.successor, []).append(one.code)
    found: dict[str, tuple[str, ...]] = {}
    for code in into:
        codes = [code]
        for each in codes:  # grows while it is walked; a ring of successors ends where it began
            codes += [one for one in into.get(each, ()) if one not in codes]
        found[code] = tuple(codes)
    return found


def _why(figure: OfficeFigure) -> Why:
    if figure.missing is NoFigure.MISSING:
        return Why.UNFILLED if figure.unfilled else Why.MISSING
    return {NoFigure.ZERO_BASE: Why.ZERO, NoFigure.EXEMPT: Why.EXEMPT}.get(figure.missing or NoFigure.MISSING, Why.NONE)


def _reason(looked: _Looked, own: OfficePart, why: Why) -> str:
    if why is Why.EXEMPT:
        return own.reason
    if any(one.startswith(MARK) for one in own.part.figure.lacks):
        return _villages_lack(looked, own)
    if why is Why.MISSING:
        return _missing(looked, own)
    if why is Why.UNFILLED and any(one.startswith("PARAM.") for one in own.part.figure.lacks):
        return indicators.unset_words(looked.seen.task, looked.indicator)
    if why is Why.UNFILLED:
        return "、".join(_label(looked.seen.task, one) for one in own.part.figure.lacks)
    return _explained(looked, own) if why is Why.ZERO else ""


def _villages_lack(looked: _Looked, own: OfficePart) -> str:
    """Which villages keep a township's sum unknown: 2 个村没有 B07：曼蚌村、曼国村."""
    said = []
    for lacks in own.part.figure.lacks:
        form, _, name = lacks.removeprefix(MARK).partition(".")
        if not lacks.startswith(MARK):
            said.append(f"没有 {lacks}" if not name else _label(looked.seen.task, lacks))
            continue
        if name:
            told = looked.seen.desk.workspace.figures_under(
                looked.seen.task.forms[form], looked.seen.period, name, under=own.office.code[:TOWN]
            )
            who = [one.short for one in looked.villages(own.office.code) if told.get(one.code, _FILLED) is None]
        else:
            stands = looked.standings
            who = [
                one.short for one in looked.villages(own.office.code)
                if not stands.get((one.code, form), NOTHING).counted
            ]  # fmt: skip
        what = f"没填{_label(looked.seen.task, f'{form}.{name}')}" if name else f"没有 {form}"
        said.append(f"{len(who)} 个村{what}：{'、'.join(who[:_NAMED])}{' 等' if len(who) > _NAMED else ''}")
    return "；".join(said)


def _missing(looked: _Looked, own: OfficePart) -> str:
    """Where the returns stand that it lacks: what is nearest to an answer first."""
    level = own.office.level
    asked = [form for form in _forms(looked.seen.task, looked.indicator) if looked.seen.task.levels[form] == level]
    lacks = [one for one in own.part.figure.lacks if "." not in one] or asked
    stands = [(form, looked.standings.get((own.office.code, form), NOTHING)) for form in lacks]
    words = {
        ReturnState.RETURNED: "退回，还没改好",
        ReturnState.RECEIVED: "已接收，还没审核",
        ReturnState.CERT_PENDING: "证书待核准",
        ReturnState.FORK: "有冲突，还没定",
    }
    for state, said in words.items():
        if any(one.state is state for _, one in stands):
            return said
    if len(lacks) < len(asked) or any(form in _reported(looked, own) for form in asked):
        return f"没有 {'、'.join(lacks)}"
    return "一次也没报"


def _reported(looked: _Looked, own: OfficePart) -> frozenset[str]:
    """The forms of which the office has reported something."""
    return frozenset(
        form for (office, form), one in looked.standings.items() if office == own.office.code and one != NOTHING
    )


def _forms(task: Task, one: Indicator) -> tuple[str, ...]:
    """The forms that an indicator reads, in the order of its expressions."""
    return tuple(dict.fromkeys(form for form, _ in (*reads(task, one), *summed(task, one))))


def _label(task: Task, name: str) -> str:
    form, _, field = name.partition(".")
    found = task.forms[form].by_name.get(field)
    return found.label if found is not None else name


def _explained(looked: _Looked, own: OfficePart) -> str:
    """What the office wrote about the field that is nought, when it explained it."""
    fields = {name for form, name in reads(looked.seen.task, looked.indicator)}
    for name in looked.revisions(own).values():
        stored = looked.seen.desk.workspace.revision(name)
        header = ledger.header_of(looked.seen.desk.workspace.object(stored.header)) if stored else None
        for said in header.explanations if header else ():
            if any(cell.field in fields for cell in said.cells):
                return said.text
    return ""


def _source(looked: _Looked, own: OfficePart, revisions: Mapping[str, str]) -> str:
    kinds = [looked.kinds.get(name, "") for name in revisions.values()]
    said = next((_KINDS[kind] for kind in kinds if kind in _KINDS), "")
    return f"{said}签名有效" + ("，未审定" if own.unreviewed else "")


def _worst_first(one: Indicator, row: OfficeRow) -> tuple[bool, int, Decimal, Decimal, str]:
    """Those with a figure by value, then by how much they lack, then by code; the others behind, by reason."""
    order = list(Why).index(row.why)
    if one.kind in ("count", "distinct"):
        return bool(row.why), order, -_badness(one, row.value), Decimal(0), row.office
    return bool(row.why), order, _badness(one, row.value), -abs(row.closing or Decimal(0)), row.office


# --- words -------------------------------------------------------------------------------------------------------


def _basis(one: Indicator) -> str:
    """专栏1 第4项，预期性，州合计."""
    whose = "每个单位自己达到" if alone(one) else f"{one.territory}合计"
    return "，".join(filter(None, (one.where, one.attribute, whose)))


def _heads(task: Task, one: Indicator) -> tuple[str, str, str, str]:
    """Heads of denominator, numerator, value and what is lacking; "" leaves the column out."""
    above, below = targets.above_unit(task, one), targets.below_unit(task, one)
    lacks = {"平方米": "差面积", "人": "差人数"}.get(above, "还差")
    if one.kind != "ratio":
        return "", "", _HEADS.get(above, "数值"), lacks if one.kind == "each" else ""
    if one.denominator == "1":
        return "", "", "结果", ""
    each = _EACH.get(targets.divisor(one), "比例" if one.unit in ("%", "‰") else "数值")
    whole, part = _HEADS.get(below, below or "分母"), _HEADS.get(above, above or "分子")
    return f"总{whole}" if whole == part else whole, part, each, lacks


def without(view: DetailView) -> str:
    """缺报 24，分母为零 1，豁免 1。都不当 0 算，也不进合计."""
    counts = {why: sum(row.why is why for row in view.without) for why in Why if why}
    said = "，".join(f"{why.value} {count}" for why, count in counts.items() if count)
    return f"{said}。都不当 0 算，也不进合计" if said else ""
