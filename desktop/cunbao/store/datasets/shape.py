"""What tables a dataset has and what stands in their columns: one description for Parquet, CSV, workbook, PostgreSQL
and the data dictionary. Values only; reads and writes nothing.

A form and each of its rosters is a table; beside them stand the returns that count, the offices, each office's part of
the indicators and what those are, the code lists, who is 不计入, and the signed numbers that no column can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cunbao.survey.form import CodeList, Field, Form, Kind
from cunbao.survey.personal import personal
from cunbao.survey.totals_table import roster_label

OFFICE, REVISION, ROW, POSITION = "_office", "_revision", "_row", "_position"
LABEL_OF_KIND = {"normal": "正常", "zero": "零报告", "correction": "更正", "late": "补报", "proxy": "代报"}


class Holds(StrEnum):
    """What a column holds. In a workspace WHOLE and NUMBER are hundredths, EXACT millionths, all of them integers."""

    TEXT = "text"
    WHOLE = "whole"  # a number that the form asks as an integer
    NUMBER = "number"  # two places
    EXACT = "exact"  # six places
    COUNT = "count"  # an integer as it is
    DAY = "day"  # YYYY-MM-DD
    FLAG = "flag"

    @property
    def scale(self) -> int:
        """Powers of ten between the integer kept and the number meant."""
        return {"whole": 2, "number": 2, "exact": 6}.get(self.value, 0)

    @property
    def figure(self) -> bool:
        return self in (Holds.WHOLE, Holds.NUMBER, Holds.EXACT, Holds.COUNT)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. codes: its list, by the list's name; many: several codes of it, parted by a blank; personal: it tells
    who somebody is; note: what a reader should know."""

    name: str
    holds: Holds
    label: str
    unit: str = ""
    codes: CodeList | None = None
    many: bool = False
    personal: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. form, repeat: whose answers they are, "" for the tables beside them; key: what no two rows share;
    refs: own columns → table and its columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refs: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    form: str = ""
    repeat: str = ""

    @property
    def folder(self) -> str:
        """Where its file lies in a partition."""
        return f"form={self.form}/table={self.name}" if self.form else self.name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns)


def table_name(form: str, repeat: str = "") -> str:
    return f"{form}_{repeat}" if repeat else form


def form_tables(forms: Mapping[str, Form], *, with_personal: bool = False) -> tuple[Table, ...]:
    """A table a form and one a roster."""
    found = []
    for form in forms.values():
        hidden = frozenset[str]() if with_personal else personal(form)
        found.append(_of_form(form, "", form.title, form.fields, hidden))
        found += [
            _of_form(form, one.name, f"{form.title}：{roster_label(one)}", one.fields, hidden) for one in form.repeats
        ]
    return tuple(found)


def _of_form(form: Form, repeat: str, title: str, fields: Iterable[Field], hidden: frozenset[str]) -> Table:
    named = personal(form)
    own = [
        Column(OFFICE, Holds.TEXT, "填报单位代码"),
        Column(REVISION, Holds.TEXT, "版本", note="这一行来自哪个签名版本，见 returns"),
    ]
    if repeat:
        own += [
            Column(ROW, Holds.TEXT, "行的编号", note="更正和跨年沿用时不变"),
            Column(POSITION, Holds.COUNT, "在名册里的次序", note="从 0 起"),
        ]
    asked = [_column(one, named) for one in fields if one.kind is not Kind.NOTE and one.name not in hidden]
    office: tuple[tuple[str, ...], str, tuple[str, ...]] = ((OFFICE,), "offices", (OFFICE,))
    revision: tuple[tuple[str, ...], str, tuple[str, ...]] = ((REVISION,), "returns", (REVISION,))
    key = (OFFICE, ROW) if repeat else (OFFICE,)
    return Table(
        table_name(form.id, repeat), title, (*own, *asked), key, (office, revision), form=form.id, repeat=repeat
    )


def _column(field: Field, named: frozenset[str]) -> Column:
    return Column(
        name=field.name,
        holds=_HOLDS.get(field.kind, Holds.TEXT),
        label=field.label,
        unit=field.unit,
        codes=field.list,
        many=field.kind is Kind.SELECT_MULTIPLE,
        personal=field.name in named,
        note="程序算的" if field.calculated else "",
    )


_HOLDS = {Kind.INTEGER: Holds.WHOLE, Kind.DECIMAL: Holds.NUMBER, Kind.DATE: Holds.DAY}


def _text(name: str, label: str, note: str = "", *, personal: bool = False) -> Column:
    return Column(name, Holds.TEXT, label, personal=personal, note=note)


_OFFICE = _text(OFFICE, "填报单位代码", "12 位统计用区划代码")
_TO_OFFICE = ((OFFICE,), "offices", (OFFICE,))

RETURNS = Table(
    "returns",
    "计入的报表：每一行来自哪个签名版本",
    (
        _text(REVISION, "版本", "表头的 SHA-256"),
        _OFFICE,
        _text("form", "表式"),
        _text("kind", "报表类别", "、".join(f"{code}＝{word}" for code, word in LABEL_OF_KIND.items())),
        Column("version", Holds.COUNT, "第几版"),
        _text("code", "报表验证码"),
        _text("signed_at", "签名时间", "UTC"),
        _text("accepted_by", "谁通过的", "单位代码"),
        _text("accepted_at", "什么时候通过的", "UTC"),
        _text("decision", "通过的决定", "它的 SHA-256"),
        _text("accepted_person", "通过的人", personal=True),
        Column("at_close", Holds.FLAG, "封账时计入", note="还没有封账的空着"),
    ),
    (REVISION,),
    (_TO_OFFICE,),
)
OFFICES = Table(
    "offices",
    "单位名录",
    (
        _OFFICE,
        _text("level", "级别", "village＝村（社区），township＝乡镇"),
        _text("name", "全称"),
        _text("short", "简称"),
        _text("kind", "村级类型", "见代码表 village_kind"),
        _text("ur_class", "城乡分类代码"),
        _text("parent", "上级单位代码"),
        _text("since", "从哪天起"),
        _text("until", "到哪天止"),
        _text("successor", "并入的单位代码"),
        Column("reports", Holds.FLAG, "本期在名录里"),
    ),
    (OFFICE,),
)
INDICATORS = Table(
    "indicators",
    "每个单位在每个指标里的分子和分母",
    (
        _OFFICE,
        _text("indicator", "指标编号"),
        _text(
            "why",
            "算进没有",
            "counted＝算进，missing＝缺报，unfilled＝没填，zero＝分母为零，outside＝不适用，exempt＝不计入",
        ),
        Column("numerator", Holds.EXACT, "分子"),
        Column("denominator", Holds.EXACT, "分母"),
        Column("met", Holds.FLAG, "单独达标", note="不能单独判的空着"),
        _text("lacks", "缺什么"),
        _text("exact", "准确的分子 分母", "六位小数放不下时才有，这时前两栏空着"),
    ),
    (OFFICE, "indicator"),
    (_TO_OFFICE, (("indicator",), "definitions", ("indicator",))),
)
DEFINITIONS = Table(
    "definitions",
    "指标是怎样定的",
    (
        _text("indicator", "指标编号"),
        _text("plan", "规划号"),
        _text("name", "指标"),
        _text("kind", "怎样合起来", "ratio＝Σ÷Σ，each＝逐个判，count、distinct＝只加"),
        _text("scope", "统计范围"),
        _text("unit", "计量单位"),
        _text("op", "怎样比"),
        _text("target", "目标值"),
        _text("target_high", "目标上限"),
        Column("per_office", Holds.FLAG, "每个单位各自达标"),
        Column("judged", Holds.FLAG, "判不判达标"),
        _text("applies", "适用条件（式子）"),
        _text("numerator", "分子（式子）"),
        _text("denominator", "分母（式子）"),
        _text("numerator_words", "分子（原文）"),
        _text("denominator_words", "分母（原文）"),
    ),
    ("indicator",),
)
CODES = Table(
    "codes",
    "代码表",
    (_text("list", "代码表"), _text("code", "代码"), _text("label", "意思")),
    ("list", "code"),
)
EXEMPTIONS = Table(
    "exemptions",
    "不计入的单位",
    (_OFFICE, _text("indicator", "指标编号"), _text("reason", "原因")),
    (OFFICE, "indicator"),
    (_TO_OFFICE,),
)
MISFITS = Table(
    "misfits",
    "签了名、但数字栏放不下的",
    (_OFFICE, _text(REVISION, "版本"), _text("form", "表式"), _text("field", "栏"), _text(ROW, "行的编号"),
     _text("text", "原来填的")),
    (),
    (_TO_OFFICE,),
)  # fmt: skip
BESIDE = (RETURNS, OFFICES, INDICATORS, DEFINITIONS, CODES, EXEMPTIONS, MISFITS)


def without_personal(table: Table) -> Table:
    """The table without the columns that tell who somebody is."""
    kept = tuple(one for one in table.columns if not one.personal)
    return Table(table.name, table.title, kept, table.key, table.refs, table.form, table.repeat)
