"""A task (任务): its forms with their screens and papers, its checks and parameters, read from one folder of data.

Reads the folder's task.toml, lists/*.csv, checks.csv and the compiled forms; never asks the clock and never writes,
except that missing compiled forms are made from the XLSForm sheets when pyxform is there (decision 4).
A folder with faults is refused whole, with every fault. Source: design.md §3, decisions 4 and 7.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from cunbao.errors import SurveyError
from cunbao.survey.form import CodeList, Form, read_form, read_lists
from cunbao.survey.params import Param, given_in, read_params, wrong_in
from cunbao.survey.totals_layout import TotalsLayout, read_layout
from cunbao.survey.values import Severity

T = TypeVar("T")
ROW_NUMBER = "#"  # the 序号 column of a paper roster
FORM_OF_A_NAME = re.compile(r"\b([A-Z][0-9]{2})\.")  # B01 in B01.b01_kind
OVER_VILLAGES = re.compile(r"\bV\.[A-Z][0-9]{2}\.")
UNJUDGED = "不计达标"  # in an indicator's note
TEXT_WIDTH = {"portrait": Decimal(167), "landscape": Decimal(267)}  # mm between the margins, print.md §1


@dataclass(frozen=True, slots=True)
class Live:
    """The figure beside the form that moves while typing. target: name of a PARAM, "" when nothing is to be reached.
    formula: words with {field}, e.g. "{b02_area_total} ÷ {b02_hh} 户 × 100"."""

    field: str
    label: str
    unit: str
    target: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One 分区 of the form screen: either single fields, or rows of a roster.

    where: column → codes; only rows whose column has one of them belong here, and a new row presets the first.
    columns: what stands in the row itself; the rest is in the row editor.
    """

    title: str
    fields: tuple[str, ...] = ()
    repeat: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """How a form is shown. hints: optional fields whose being empty is worth a 提示."""

    nav: str
    summary: str
    icon: str
    sections: tuple[Section, ...]
    live: Live | None = None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """One column of a printed roster. field "#" is 序号; heads: group head first; mm: width; total: summed in 合计.

    sheet 2 is 表二, for what the paper is too narrow for; its 序号 and 姓名 are listed again with sheet = 2, so that
    the columns of each sheet fill the text width exactly.
    """

    field: str
    heads: tuple[str, ...]
    mm: Decimal
    total: bool = False
    sheet: int = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """How a form is printed. Without columns all fields stand in the form's order as 甲 乙 丙 1 (fields.md §0.1).

    singles: computed and carried-over figures under the roster (补充资料), headline: the one printed last and bold;
    fields outside rosters that are named in neither are the form's own answers, printed above the roster.
    """

    title: str
    orientation: str
    unit: str
    columns: tuple[PaperColumn, ...] = ()
    singles: tuple[str, ...] = ()
    headline: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One 审核关系 as it stands in checks.csv. forms: () means all forms of the task.

    expression says when it passes; value is the expression of {v}; from_field: the same rule is a field's constraint
    and is reported from there alone (`*` in fields.md §9).
    """

    id: str
    severity: Severity
    forms: tuple[str, ...]
    rule: str
    expression: str
    message: str
    value: str = ""
    from_field: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """One 规划指标 as it stands in indicators.csv. number: plan and running number, "003-04".

    kind: ratio Σ ÷ Σ, each (every office meets it or not), count, distinct; op: >= <= = range ratio; per_office: a
    ratio that each office forms with its own two figures. applies, numerator, denominator: expressions of one office
    (logic.py), "" when the task's forms cannot answer; denominator "" for each, count, distinct.
    scope: whom the plan asks (城市, 农村, 城乡, 乡镇街道; 县, 市州, 省 ask no village); main: of the table of 主要指标;
    base: of base_year; territory: whose total the target is (国, 省, 市, 州) or "each office"; above_words,
    below_words: numerator and denominator in the plan's words; collected_at: "B02.b02_n; B01.b01_built_area", "-" where
    no return has it; judged: False where a plan says 可设 and sets no target (indicators.md: 只显示).
    """

    number: str
    name: str
    plan: str
    kind: str
    unit: str
    op: str
    target: Decimal | None
    target_high: Decimal | None
    per_office: bool
    applies: str
    numerator: str
    denominator: str
    scope: str = ""
    where: str = ""
    main: bool = False
    attribute: str = ""
    base_year: str = ""
    base: Decimal | None = None
    target_year: str = ""
    territory: str = ""
    above_words: str = ""
    below_words: str = ""
    collected_at: str = ""
    note: str = ""
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """A 任务 ready to be filled. period "2025", previous_period "2024"; deadline and ref_date are days; deadlines: of
    the forms that have a day of their own.

    sign_facts: (form, field, label) of the figures that the sign screen shows; label "" = the field's own.
    sample: K-038 is off, because sample people have numbers that no province gives out.
    plans: those that apply here; plan_titles: what every plan of the indicators is called, by its number.
    sha256: over everything of the folder that the runtime reads, hex. everything: the task of which this is what the
    offices of one level see (`at`), None when it is the whole. retired: forms that earlier packs asked and
    this one does not, by which what was signed then is still read.
    """

    id: str
    title: str
    version: str
    period: str
    previous_period: str
    period_title: str
    ref_date: date
    deadline: date
    issuer: str
    valid_until: date
    forms: Mapping[str, Form]
    required_forms: tuple[str, ...]
    departments: Mapping[str, str]
    levels: Mapping[str, str]
    params: Mapping[str, Decimal]
    plans: tuple[str, ...]
    screens: Mapping[str, Screen]
    papers: Mapping[str, Paper]
    totals: Mapping[str, TotalsLayout]
    checks: tuple[Check, ...]
    indicators: tuple[Indicator, ...]
    lists: Mapping[str, CodeList]
    sign_facts: tuple[tuple[str, str, str], ...]
    sample: bool
    sha256: str
    plan_titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    deadlines: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    everything: Task | None = None
    retired: Mapping[str, Form] = field(default_factory=lambda: MappingProxyType({}))
    asked_params: tuple[Param, ...] = ()  # figures that the county is asked for (params.csv)
    param_sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # where it has them from
    two_people: bool = False  # who filled a return does not sign it; everybody signs by a certificate of his own

    def deadline_of(self, form: str) -> date:
        """The day to whose end a form can be reported in time."""
        return self.deadlines.get(form, self.deadline)

    def known(self, form: str) -> Form | None:
        """A form of the task, or one that an earlier pack asked; None for one that nobody knows here."""
        return self.forms.get(form) or self.whole.forms.get(form) or self.retired.get(form)

    @property
    def whole(self) -> Task:
        """The task with the forms of every level."""
        return self.everything or self

    def at(self, level: str) -> Task:
        """The task as offices of one level see it ("village", "township"): the forms that they fill, and the checks,
        required forms, figures and indicators that rest on those alone."""
        whole = self.whole
        forms = {name: form for name, form in whole.forms.items() if whole.levels[name] == level}
        return replace(
            whole,
            deadline=max(map(whole.deadline_of, forms), default=whole.deadline),
            forms=MappingProxyType(forms),
            required_forms=tuple(one for one in whole.required_forms if one in forms),
            checks=tuple(one for one in whole.checks if set(one.forms) <= set(forms)),
            indicators=tuple(answerable(one, forms, alone=True) for one in whole.indicators),
            sign_facts=tuple(fact for fact in whole.sign_facts if fact[0] in forms),
            everything=whole,
            departments=_of(whole.departments, forms),
            levels=_of(whole.levels, forms),
            screens=_of(whole.screens, forms),
            papers=_of(whole.papers, forms),
            totals=_of(whole.totals, forms),
        )


def _of(some: Mapping[str, T], forms: Collection[str]) -> dict[str, T]:
    return {name: one for name, one in some.items() if name in forms}


def answerable(one: Indicator, forms: Collection[str], *, alone: bool = False) -> Indicator:
    """Without its expressions when they name a form that is not among these: as a check then does not run. alone: an
    office knows its own returns and no other's, so that it cannot sum up villages either."""
    words = f"{one.applies} {one.numerator} {one.denominator}"
    if not (alone and OVER_VILLAGES.search(words)) and all(form in forms for form in FORM_OF_A_NAME.findall(words)):
        return one
    return replace(one, applies="", numerator="", denominator="")


def load_task(folder: Path, compiled: Path | None = None, *, sample: bool | None = None) -> Task:
    """The task in `folder`; compiled forms come from `compiled`, by default from the cache of this folder's sources.

    sample: overrides what task.toml says (a sample workspace uses the real task). Raises SurveyError with all faults.
    """
    if compiled is None:
        # Imported here: a desk that opens a pack brings its compiled forms and needs neither cache nor pyxform.
        from cunbao.survey.compile import compiled_task

        compiled = compiled_task(folder)
    toml_bytes = _bytes(folder / "task.toml")
    table = _toml(toml_bytes)
    lists = read_lists(folder / "lists")
    forms, read = {}, {"task.toml": toml_bytes}
    for name in _table(table, "form"):
        read[f"{name}.xml"] = _bytes(compiled / f"{name}.xml")
        forms[name] = read_form(read[f"{name}.xml"], lists)
    for path in sorted((folder / "lists").glob("*.csv")):
        read[f"lists/{path.name}"] = _bytes(path)
    for name in ("checks.csv", "indicators.csv", "plans.csv", "params.csv"):
        if (folder / name).exists():
            read[name] = _bytes(folder / name)
    reading = _Reading(table, forms, lists)
    reading.checks = read_checks(read["checks.csv"]) if "checks.csv" in read else ()
    reading.indicators = read_indicators(read["indicators.csv"]) if "indicators.csv" in read else ()
    reading.plan_titles = read_plans(read["plans.csv"]) if "plans.csv" in read else {}
    reading.asked_params = read_params(read["params.csv"]) if "params.csv" in read else ()
    return reading.task(sample=sample, digest=_digest(read))


def read_checks(data: bytes) -> tuple[Check, ...]:
    """checks.csv: id, severity, forms (by spaces, * = all), rule, expression, message, value, from_field (1 or "")."""
    return tuple(
        Check(
            id=row["id"],
            severity=Severity(row["severity"]),
            forms=() if row["forms"] == "*" else tuple(row["forms"].split()),
            rule=row["rule"],
            expression=row["expression"],
            message=row["message"],
            value=row["value"],
            from_field=row["from_field"] == "1",
        )
        for row in rows_of(data)
    )


def read_indicators(data: bytes) -> tuple[Indicator, ...]:
    """indicators.csv: the columns of the plans' table and applies, numerator_expression, denominator_expression."""
    return tuple(
        Indicator(
            number=row["no"],
            name=row["name"],
            plan=row["plan"],
            kind=row["kind"],
            unit=row["unit"],
            op=row["op"],
            target=Decimal(row["target"]) if row["target"] else None,
            target_high=Decimal(row["target_high"]) if row["target_high"] else None,
            per_office=row["territory"] == "each office",
            applies=row["applies"],
            numerator=row["numerator_expression"],
            denominator=row["denominator_expression"],
            scope=row["scope"],
            where=row["where"],
            main=row["table"] == "1",
            attribute=row["attribute"],
            base_year=row["base_year"],
            base=Decimal(row["base"]) if row["base"] else None,
            target_year=row["target_year"],
            territory=row["territory"],
            above_words=row["numerator"],
            below_words=row["denominator"],
            collected_at=row["collected_at"],
            note=row["note"],
            judged=UNJUDGED not in row["note"],
        )
        for row in rows_of(data)
    )


def read_plans(data: bytes) -> Mapping[str, str]:
    """plans.csv: a plan's number and what it is called, in the order in which they are offered."""
    return MappingProxyType({row["plan"]: row["title"] for row in rows_of(data)})


def rows_of(data: bytes) -> list[dict[str, str]]:
    """A CSV file in UTF-8 as rows by head; missing cells are ""."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
    return [{head: value or "" for head, value in row.items() if head is not None} for row in reader]


class _Reading:
    """task.toml against the forms it names. Collects faults; `task` raises them together."""

    def __init__(self, table: Mapping[str, object], forms: Mapping[str, Form], lists: Mapping[str, CodeList]) -> None:
        self.table = table
        self.forms = forms
        self.lists = lists
        self.checks: tuple[Check, ...] = ()
        self.indicators: tuple[Indicator, ...] = ()
        self.plan_titles: Mapping[str, str] = {}
        self.asked_params: tuple[Param, ...] = ()
        self.faults: list[str] = []

    def task(self, *, sample: bool | None, digest: str) -> Task:
        top = self.table
        parts = {name: _table(_table(top, "form"), name) for name in self.forms}
        task = Task(
            id=self._text(top, "id"),
            title=self._text(top, "title"),
            version=self._text(top, "version"),
            period=self._text(top, "period"),
            previous_period=self._text(top, "previous"),
            period_title=self._text(top, "period_title"),
            ref_date=self._day(top, "ref_date"),
            deadline=self._day(top, "deadline"),
            issuer=self._text(top, "issuer"),
            valid_until=self._day(top, "valid_until"),
            forms=MappingProxyType(dict(self.forms)),
            required_forms=self._texts(top, "required_forms"),
            departments={name: self._text(part, "department") for name, part in parts.items()},
            levels={name: self._text(part, "level") for name, part in parts.items()},
            params=self._params(top),
            asked_params=self.asked_params,
            param_sources={one.name: one.source for one in given_in(top.get("params")).values() if one.source},
            plans=self._texts(top, "plans"),
            plan_titles=self.plan_titles,
            screens={name: self._screen(name, _table(part, "screen")) for name, part in parts.items()},
            papers={name: self._paper(name, _table(part, "paper")) for name, part in parts.items()},
            totals={name: self._totals(name, _table(part, "totals")) for name, part in parts.items()},
            checks=tuple(one for one in self.checks if all(form in self.forms for form in one.forms)),  # decision 1
            indicators=tuple(answerable(one, self.forms) for one in self.indicators),
            lists=MappingProxyType(dict(self.lists)),
            sign_facts=tuple(self._fact(one) for one in _tables(top, "sign_facts")),
            sample=bool(top.get("sample", False)) if sample is None else sample,
            sha256=digest,
            deadlines={name: self._day(part, "deadline") for name, part in parts.items() if "deadline" in part},
            two_people=top.get("two_people", False) is True,
        )
        self._refuse_if_faulty()
        return task

    def _known_params(self) -> dict[str, object]:
        return {**{one.name: "" for one in self.asked_params}, **_table(self.table, "params")}

    def _params(self, top: Mapping[str, object]) -> dict[str, Decimal]:
        self.faults += [f"params.{name}：“{said}”不是数" for name, said in wrong_in(top.get("params")).items()]
        return {one.name: one.value for one in given_in(top.get("params")).values()}

    def _screen(self, form: str, part: Mapping[str, object]) -> Screen:
        sections = tuple(self._section(form, one) for one in _tables(part, "sections"))
        live = part.get("live")
        screen = Screen(
            nav=self._text(part, "nav"),
            summary=self._text(part, "summary"),
            icon=self._text(part, "icon"),
            sections=sections,
            live=self._live(form, live) if isinstance(live, dict) else None,
            hints=self._columns(form, "", self._texts(part, "hints")),
        )
        placed = {name for section in sections for name in section.fields}
        missing = [one.name for one in self.forms[form].fields if not one.hidden and one.name not in placed]
        if missing:
            self.faults.append(f"form.{form}.screen：没有放进任何分区：{'、'.join(missing)}")
        return screen

    def _section(self, form: str, part: Mapping[str, object]) -> Section:
        repeat = str(part.get("repeat", ""))
        where = {name: self._texts(_table(part, "where"), name) for name in _table(part, "where")}
        return Section(
            title=self._text(part, "title"),
            fields=self._columns(form, "", self._texts(part, "fields")),
            repeat=repeat,
            where=MappingProxyType({name: where[name] for name in self._columns(form, repeat, tuple(where))}),
            columns=self._columns(form, repeat, self._texts(part, "columns")),
        )

    def _live(self, form: str, part: Mapping[str, object]) -> Live:
        target = str(part.get("target", ""))
        if target and target not in self._known_params():
            self.faults.append(f"form.{form}.screen.live：没有参数 {target}")
        return Live(
            field=self._columns(form, "", (self._text(part, "field"),))[0],
            label=self._text(part, "label"),
            unit=self._text(part, "unit"),
            target=target,
            formula=str(part.get("formula", "")),
        )

    def _paper(self, form: str, part: Mapping[str, object]) -> Paper:
        orientation = self._text(part, "orientation")
        columns = tuple(self._paper_column(form, one) for one in _tables(part, "columns"))
        for sheet in sorted({one.sheet for one in columns}):
            width = sum((one.mm for one in columns if one.sheet == sheet), Decimal(0))
            if width != TEXT_WIDTH.get(orientation):
                self.faults.append(
                    f"form.{form}.paper：表{sheet}各栏共宽{width}毫米，应为{TEXT_WIDTH.get(orientation)}"
                )
        shown = {one.field for one in columns}
        lost = [
            one.name
            for repeat in self.forms[form].repeats
            for one in repeat.fields
            if not one.hidden and one.name not in shown
        ]  # decision 21: every field that is no internal calculate is printed
        if lost:
            self.faults.append(f"form.{form}.paper：没有印出：{'、'.join(lost)}")
        return Paper(
            title=self._text(part, "title"),
            orientation=orientation,
            unit=self._text(part, "unit"),
            columns=columns,
            singles=self._columns(form, "", self._texts(part, "singles")),
            headline=str(part.get("headline", "")),
            notes=self._texts(part, "notes"),
        )

    def _paper_column(self, form: str, part: Mapping[str, object]) -> PaperColumn:
        field = self._text(part, "field")
        if field != ROW_NUMBER:
            self._columns(form, "", (field,))
        return PaperColumn(
            field=field,
            heads=self._texts(part, "heads"),
            mm=self._number(f"form.{form}.paper.columns.{field}", part.get("mm", 0)),
            total=bool(part.get("total", False)),
            sheet=2 if part.get("sheet", 1) == 2 else 1,
        )

    def _totals(self, form: str, part: Mapping[str, object]) -> TotalsLayout:
        layout, faults = read_layout(self.forms[form], part, forms=self.forms, params=self._known_params())
        self.faults += faults
        return layout

    def _fact(self, part: Mapping[str, object]) -> tuple[str, str, str]:
        form, field = self._text(part, "form"), self._text(part, "field")
        if form not in self.forms:
            self.faults.append(f"sign_facts：没有表 {form}")
        else:
            self._columns(form, "", (field,))
        return form, field, str(part.get("label", ""))

    def _columns(self, form: str, repeat: str, names: tuple[str, ...]) -> tuple[str, ...]:
        known = {one.name for one in self.forms[form].fields}
        for one in self.forms[form].repeats:
            if one.name == repeat or not repeat:
                known |= {column.name for column in one.fields}
        for name in names:
            if name not in known:
                self.faults.append(f"form.{form}：没有字段 {name}")
        return names

    def _text(self, part: Mapping[str, object], key: str) -> str:
        value = part.get(key)
        if isinstance(value, str):
            return value
        self.faults.append(f"缺少文字 {key}")
        return ""

    def _texts(self, part: Mapping[str, object], key: str) -> tuple[str, ...]:
        value = part.get(key, [])
        if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self.faults.append(f"{key} 应是一列文字")
        return ()

    def _day(self, part: Mapping[str, object], key: str) -> date:
        value = part.get(key)
        if isinstance(value, date):
            return value
        self.faults.append(f"{key} 应是日期，如 2025-12-31")
        return date(1, 1, 1)

    def _number(self, key: str, value: object) -> Decimal:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.faults.append(f"{key} 应是数：{value}")
            return Decimal(0)

    def _refuse_if_faulty(self) -> None:
        if self.faults:
            raise _refusal("；".join(self.faults))


def _digest(files: Mapping[str, bytes]) -> str:
    lines = (f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return sha256("".join(lines).encode()).hexdigest()


def _toml(data: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(str(error)) from error


def _table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = table.get(key, {})
    return value if isinstance(value, dict) else {}


def _tables(table: Mapping[str, object], key: str) -> tuple[Mapping[str, object], ...]:
    value = table.get(key, [])
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refusal(f"{path.name}：{error.strerror}") from error


def _refusal(detail: str) -> SurveyError:
    return SurveyError(
        "task.faulty",
        happened="这个任务的资料不完整，不能使用",
        safe="没有打开任何表，已填的内容没有改动",
        todo="请把下面的详情告诉下发任务的单位，换一个任务包",
        detail=detail,
    )
