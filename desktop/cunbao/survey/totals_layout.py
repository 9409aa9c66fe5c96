"""The section [form.B02.totals] of task.toml: what a 汇总表 shows first, its short heads, its ratios, its cross-tabs.

Data as it was written, checked against the forms; what a table then shows is worked out in `totals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cunbao.survey.form import Field, Form, Kind

NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, slots=True)
class AskedColumn:
    """One column as task.toml asks for it.

    field: a number of the form, of a roster of it, or of another form ("B01.b01_pop_resident"); a roster's own name
    for its rows; with a numerator also a new name. head, short (on screen) and unit: "" = the field's own.
    numerator, denominator: numbers of the form outside rosters, added up; per: what the ratio is multiplied by.
    target: name of a PARAM that the ratio is to reach, "" none.
    """

    field: str
    head: str = ""
    short: str = ""
    unit: str = ""
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    per: Decimal = Decimal(100)
    target: str = ""


@dataclass(frozen=True, slots=True)
class TotalsLayout:
    """columns: what stands first, in order; screen, paper: which of them are shown there (() = all of them);
    crosstabs: pairs of roster columns, rows and columns of a 交叉表; unsummed: numbers whose sum means nothing, as
    minutes and years."""

    columns: tuple[AskedColumn, ...] = ()
    screen: tuple[str, ...] = ()
    paper: tuple[str, ...] = ()
    crosstabs: tuple[tuple[str, str], ...] = ()
    unsummed: tuple[str, ...] = ()


def read_layout(
    form: Form, part: Mapping[str, object], *, forms: Mapping[str, Form], params: Mapping[str, object]
) -> tuple[TotalsLayout, tuple[str, ...]]:
    """The section of one form, and its faults in words. No section is an empty one."""
    reading = _Reading(form, forms, params)
    columns = tuple(reading.column(one) for one in _list(part, "columns") if isinstance(one, dict))
    known = [one.field for one in columns]
    layout = TotalsLayout(
        columns=columns,
        screen=reading.keys(known, _texts(part, "screen")),
        paper=reading.keys(known, _texts(part, "paper")),
        crosstabs=tuple(reading.pair(one) for one in _list(part, "crosstabs")),
        unsummed=_texts(part, "unsummed"),
    )
    for name in layout.unsummed:
        reading.refuse(not reading.is_summable(name), f"没有数 {name}")
    reading.refuse(len(known) != len(set(known)), "有一栏写了两遍")
    return layout, tuple(f"form.{form.id}.totals：{fault}" for fault in reading.faults)


class _Reading:
    def __init__(self, form: Form, forms: Mapping[str, Form], params: Mapping[str, object]) -> None:
        self.form = form
        self.forms = forms
        self.params = params
        self.faults: list[str] = []

    def refuse(self, wrong: bool, why: str) -> None:
        if wrong:
            self.faults.append(why)

    def column(self, part: Mapping[str, object]) -> AskedColumn:
        one = AskedColumn(
            field=_text(part, "field"),
            head=_text(part, "head"),
            short=_text(part, "short"),
            unit=_text(part, "unit"),
            numerator=_terms(part, "numerator"),
            denominator=_terms(part, "denominator"),
            per=self.number(part, "per", Decimal(100)),
            target=_text(part, "target"),
        )
        self.refuse(bool(one.target) and one.target not in self.params, f"没有参数 {one.target}")
        self.refuse(bool(one.numerator) != bool(one.denominator), f"{one.field} 要有分子也要有分母")
        for name in (*one.numerator, *one.denominator):
            self.refuse(not self.is_number(self.form, name, roster=False), f"{one.field} 的算式里没有数 {name}")
        if one.numerator:
            known = one.field in self.form.by_name
            self.refuse(not known and not one.head, f"{one.field} 要有栏名")
        else:
            self.refuse(bool(one.target), f"{one.field} 不是比率，不能有目标")
            self.refuse(not self.is_summable(one.field), f"没有能相加的栏目 {one.field}")
        return one

    def is_summable(self, name: str) -> bool:
        other, dot, field = name.partition(".")
        if dot:
            return other in self.forms and self.is_number(self.forms[other], field, roster=False)
        return any(one.name == name for one in self.form.repeats) or self.is_number(self.form, name, roster=True)

    def is_number(self, form: Form, name: str, *, roster: bool) -> bool:
        field = form.by_name.get(name)
        return field is not None and field.kind in NUMBERS and (roster or not field.repeat)

    def keys(self, known: Sequence[str], names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            self.refuse(name not in known, f"columns 里没有 {name}")
        return names

    def pair(self, one: object) -> tuple[str, str]:
        names = [str(name) for name in one] if isinstance(one, list) else []
        fields: list[Field | None] = [self.form.by_name.get(name) for name in names]
        repeats = {field.repeat if field else "" for field in fields}
        self.refuse(len(names) != 2 or "" in repeats or len(repeats) != 1, f"交叉表要写同一个名册的两栏：{names}")
        return (names[0], names[1]) if len(names) == 2 else ("", "")

    def number(self, part: Mapping[str, object], key: str, default: Decimal) -> Decimal:
        try:
            return Decimal(str(part.get(key, default)))
        except InvalidOperation:
            self.refuse(True, f"{key} 应是数：{part.get(key)}")
            return default


def _text(part: Mapping[str, object], key: str) -> str:
    value = part.get(key, "")
    return value if isinstance(value, str) else ""


def _list(part: Mapping[str, object], key: str) -> list[object]:
    value = part.get(key, [])
    return value if isinstance(value, list) else []


def _texts(part: Mapping[str, object], key: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(part, key))


def _terms(part: Mapping[str, object], key: str) -> tuple[str, ...]:
    """ "b02_area_total + b02_spec_total" as its names."""
    return tuple(name.strip() for name in _text(part, key).split("+") if name.strip())
