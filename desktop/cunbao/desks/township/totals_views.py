"""What township-08 shows, ready made: frozen values, no behaviour. Times are aware UTC; ui shows them local."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from cunbao.survey.crosstab import Crosstab
from cunbao.survey.indicators import NoFigure
from cunbao.survey.values import Cell


@dataclass(frozen=True, slots=True)
class TotalsHead:
    """One column. form: whose number it is (常住人口 of the B02 table is B01's); short: on screen, head: on paper;
    target: at least this is to be reached; formula: of a ratio, "" for a sum; places: decimals shown at least."""

    key: str
    form: str
    head: str
    short: str
    unit: str
    places: int
    ratio: bool
    target: Decimal | None
    formula: str


@dataclass(frozen=True, slots=True)
class TotalsCell:
    """One number. value: exact (a ratio to 28 digits), or why there is none; text: as it is shown, half up: … no return
    that counts, — does not apply, ／ nothing to divide by. met, shortfall: against the column's target;
    verdict: 达到, 差 1.20 or ""."""

    value: Decimal | NoFigure
    text: str
    met: bool | None = None
    shortfall: Decimal | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class TotalsRow:
    """One village. state: the word of its return; counted: its accepted revision is in the sums; unreviewed: what was
    received is in the sums, not accepted yet; proxy: 代报; revision: what its numbers stand in, "" none."""

    office: str
    name: str  # 曼蚌村
    state: str
    counted: bool
    unreviewed: bool
    proxy: bool
    revision: str
    cells: tuple[TotalsCell, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Villages that are not in the sums, by the state of their return."""

    state: str
    offices: tuple[tuple[str, str], ...]  # 12 digits, name


@dataclass(frozen=True, slots=True)
class TotalsView:
    """The 汇总表 of one form. screen, paper: places in `heads` of the columns shown there, in order.

    unreviewed: 含未审核, the title and every page say so. counted: villages in the sums; meeting: of those with a
    figure, how many reach the target, by key. lacking: villages that are in the sums but not in this column, by key.
    can_include: villages whose received return could be looked at too. notes: what stands under the table.
    """

    form: str
    tab: str  # 设施面积 B02
    title: str  # 综合服务设施面积汇总表
    unreviewed: bool
    heads: tuple[TotalsHead, ...]
    screen: tuple[int, ...]
    paper: tuple[int, ...]
    rows: tuple[TotalsRow, ...]
    total: tuple[TotalsCell, ...]
    counted: int
    villages: int
    meeting: Mapping[str, int]
    lacking: Mapping[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]
    can_include: int
    formulas: tuple[str, ...]
    notes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CrosstabChoice:
    """One 交叉表 that the task offers: 文化程度 × 性别."""

    form: str
    repeat: str
    rows: str
    columns: str
    label: str


@dataclass(frozen=True, slots=True)
class CrosstabView:
    """Rows of a roster counted by two coded columns. unit: 人, or 行 where a row is no person; axes: (field, label) of
    all by which this roster can be counted; counted: villages behind it; missing: villages that are not."""

    form: str
    repeat: str
    title: str  # “两委”成员：文化程度 × 性别
    unreviewed: bool
    table: Crosstab
    unit: str
    people: bool
    axes: tuple[tuple[str, str], ...]
    counted: int
    missing: int


@dataclass(frozen=True, slots=True)
class SourcePart:
    """What a number is made of: a row of the roster, or a term of a ratio. row: the row's id, "" for a term."""

    label: str
    value: Decimal
    text: str
    unit: str
    row: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """这个数从哪里来: one number back to its signed revision. package: 第几次报送 brought it, None not known.

    cell: where it stands in the return (看这一格); carried: the form it is carried over from (取自), "" none.
    accepted_by, accepted_at: of the decision that lets it count.
    """

    office: str
    name: str
    form: str
    label: str
    unit: str
    value: Decimal | NoFigure
    text: str
    formula: str
    parts: tuple[SourcePart, ...]
    cell: Cell
    carried: str
    revision: str
    version: int
    kind: str  # 正常, 更正, 补报, 代报, 零报告
    signed_at: datetime | None
    package: int | None
    received_at: datetime | None
    accepted_by: str
    accepted_at: datetime | None
    counted: bool


@dataclass(frozen=True, slots=True)
class ExportedTotals:
    """The workbook on the disk. size: bytes; rows: of rosters; full: with whole identity numbers and phones."""

    path: Path
    size: int
    sheets: tuple[str, ...]
    rows: int
    unreviewed: bool
    full: bool
