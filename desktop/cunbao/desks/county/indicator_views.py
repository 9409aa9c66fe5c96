"""What the county's screens of indicators and their exports show, as frozen values: nothing of Qt or SQL in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cunbao.survey.indicators import NoFigure, Total
from cunbao.survey.targets import Verdict
from cunbao.survey.task import Indicator


class Group(StrEnum):
    """The three groups of a plan's rows; the words are those of the filters."""

    MAIN = "主要指标"
    OTHER = "其他指标"
    CANNOT = "报表答不了"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row of the board. shown, unit: 29.1 平方米; fill, stroke: where bar and target stand, 0 to 1, None for none;
    moved: against the last period, "" when there is none; better: is that the way to the target; left: who could not be
    computed and why; lacks: how far from the target, in words; why_not: of 报表答不了, why nobody can answer."""

    indicator: Indicator
    group: Group
    total: Total
    shown: str
    unit: str
    target: str
    verdict: Verdict
    verdict_words: str
    lacks: str
    left: str
    last: str
    moved: str
    better: bool | None
    base: str
    fill: float | None
    stroke: float | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class BoardView:
    """county-02. rows: of every group, in the plan's own order; plans: number → title, those that apply here first;
    villages, accepted: villages of the directory, and those of which all required forms count; received: 含已接收, then
    the page carries 未审定 as soon as `unreviewed` is over 0."""

    county: str
    plan: str
    plans: Mapping[str, str]
    applies: bool
    period_title: str
    year: str
    last_year: str
    rows: tuple[IndicatorRow, ...]
    villages: int
    accepted: int
    received: bool
    unreviewed: int

    def of(self, group: Group) -> tuple[IndicatorRow, ...]:
        return tuple(one for one in self.rows if one.group is group)

    def judged(self, verdict: Verdict) -> tuple[IndicatorRow, ...]:
        """Main rows with this verdict: what a tile counts."""
        return tuple(one for one in self.of(Group.MAIN) if one.verdict is verdict)


class Why(StrEnum):
    """Why an office has no figure; the words are those of the list."""

    NONE = ""
    MISSING = "缺报"
    UNFILLED = "没填"
    ZERO = "分母为零"
    EXEMPT = "豁免"


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office of county-03. value: unrounded; met: None without a figure; closing: what the numerator lacks, in its
    own unit; why, reason: of an office without a figure; source: 零报告，签名有效 of one that has one; last: its value
    of the last period, of its predecessors where it has any; revisions: form → id of the revision behind it; of a sum
    over a township's villages also 曼蚌村 B07 → id."""

    office: str
    name: str
    township: str
    above: Decimal
    below: Decimal
    value: Decimal | NoFigure
    shown: str
    met: bool | None
    closing: Decimal | None
    closing_words: str
    why: Why
    reason: str
    source: str
    last: str
    unreviewed: bool
    revisions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """One bar of 按乡镇. fill: 0 to 1 on the common axis."""

    office: str
    name: str
    total: Total
    shown: str
    fill: float | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a signed return behind a figure. form "B02", field its name; label and value as on its page; village:
    whose it is, where a township's figure is a sum over its villages."""

    form: str
    field: str
    label: str
    value: str
    unit: str
    village: str = ""

    @property
    def paper(self) -> str:
        """Under which key of OfficeRow.revisions its return stands."""
        return f"{self.village} {self.form}".strip()


@dataclass(frozen=True, slots=True)
class SignedPages:
    """A return as it was signed. covered: words on its pages → what a screen shows over them (numbers of people)."""

    form: str
    pdf: bytes
    covered: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DetailView:
    """county-03: one indicator down to the villages. offices: those with a figure, worst first, then those without;
    heads: the columns of denominator, numerator, value and what is lacking, "" leaves one out; unit: of one office's
    value; stroke: the target on the townships' axis; closing_words: what the whole county lacks."""

    row: IndicatorRow
    sums: str
    closing_words: str
    basis: str
    townships: tuple[TownshipRow, ...]
    stroke: float | None
    top: Decimal
    offices: tuple[OfficeRow, ...]
    heads: tuple[str, str, str, str]
    unit: str
    received: bool

    @property
    def computed(self) -> tuple[OfficeRow, ...]:
        return tuple(one for one in self.offices if not one.why)

    @property
    def without(self) -> tuple[OfficeRow, ...]:
        return tuple(one for one in self.offices if one.why)
