"""交叉表: rows of a roster counted by two coded columns (学历 × 性别, 年龄段 × 学历 …), with their margins.

On screen every count is shown. What leaves the house hides counts under three people, and so much beside them that no
hidden count follows from the sums. Pure. Source: ui/design.md, township-08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.totals import hundredths
from cunbao.survey.totals_layout import NUMBERS
from cunbao.survey.values import Answers

AGE_CUTS = (35, 45, 55, 60)  # 年龄段: the last year of each band; 35 as b03_n_u35 counts them
AGE_LABEL = "年龄段"
LEAST = 3  # people in a cell that may be told outside
NOT_FILLED = "未填"

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What rows are counted by: a coded column of a roster, or the bands of its age. cuts: the last whole number of
    each band but the last, () for codes; choices: code and label in the order of the list; number: the column holds
    a number."""

    field: str
    label: str
    choices: tuple[tuple[str, str], ...]
    cuts: tuple[int, ...] = ()
    number: bool = False

    def code(self, text: str) -> str:
        """The code under which a row with this text is counted, "" when nothing is filled in."""
        return self.code_of(hundredths(text)) if self.number else text

    def code_of(self, exact: int | None) -> str:
        """The same of a number, in hundredths: its band, or the number as a code is written."""
        if exact is None:
            return ""
        if self.cuts:
            return str(sum(exact > 100 * cut for cut in self.cuts))
        whole, rest = divmod(abs(exact), 100)
        return f"{'-' if exact < 0 else ''}{whole}" + (f".{rest:02}".rstrip("0") if rest else "")


@dataclass(frozen=True, slots=True)
class Crosstab:
    """rows, columns: code and label of those that occur, in the order of the list; what no list knows stands by its
    code, what was not filled in last. counts: by row, then by column."""

    row_axis: Axis
    column_axis: Axis
    rows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int


class Hidden(StrEnum):
    """Why a count is not told. The value is what stands in its cell."""

    FEW = "＜3"  # fewer than three people
    BESIDE = "＊"  # else one that is few could be worked out from the sums


def axes(form: Form, repeat: str) -> tuple[Axis, ...]:
    """All by which the rows of a roster can be counted, in the order of its columns; 年龄段 where the age stands."""
    roster = form.repeat(repeat)
    return tuple(axis for field in roster.fields if (axis := _axis(roster, field)) is not None)


def axis_of(form: Form, repeat: str, field: str) -> Axis:
    """Raises KeyError when rows cannot be counted by this column."""
    for one in axes(form, repeat):
        if one.field == field:
            return one
    raise KeyError(field)


def count_answers(answers: Iterable[Answers], repeat: str, by: tuple[Axis, ...]) -> dict[Codes, int]:
    """Rows of these answers by their codes, the same as the store counts those of returns that count."""
    found: dict[Codes, int] = {}
    for one in answers:
        for row in one.rows.get(repeat, ()):
            codes = tuple(axis.code(row.values.get(axis.field, "")) for axis in by)
            found[codes] = found.get(codes, 0) + 1
    return found


def crosstab(rows: Axis, columns: Axis, counts: Mapping[Codes, int]) -> Crosstab:
    """The table of these counts by (row code, column code)."""
    at_rows = _occurring(rows, {codes[0] for codes in counts})
    at_columns = _occurring(columns, {codes[1] for codes in counts})
    cells = tuple(tuple(counts.get((row, column), 0) for column, _ in at_columns) for row, _ in at_rows)
    return Crosstab(
        row_axis=rows,
        column_axis=columns,
        rows=at_rows,
        columns=at_columns,
        counts=cells,
        row_totals=tuple(sum(line) for line in cells),
        column_totals=tuple(sum(line[at] for line in cells) for at in range(len(at_columns))),
        total=sum(sum(line) for line in cells),
    )


def suppressed(table: Crosstab, least: int = LEAST) -> tuple[tuple[int | Hidden, ...], ...]:
    """What may be told outside, sums as last column and last row. Nought is told: it is nobody.

    A line (a row with its sum, a column with its sum) with one hidden count would give it away, so its smallest other
    count is hidden too, until no line has just one.
    """
    full = [[*line, total] for line, total in zip(table.counts, table.row_totals, strict=True)]
    full.append([*table.column_totals, table.total])
    told: list[list[int | Hidden]] = [[Hidden.FEW if 0 < one < least else one for one in line] for line in full]
    height, width = len(full), len(full[0])
    lines = [[(row, at) for at in range(width)] for row in range(height)]
    lines += [[(row, at) for row in range(height)] for at in range(width)]
    changed = True
    while changed:
        changed = False
        for line in lines:
            hidden = [cell for cell in line if isinstance(told[cell[0]][cell[1]], Hidden)]
            others = [cell for cell in line if cell not in hidden and full[cell[0]][cell[1]] > 0]
            if len(hidden) == 1 and others:
                row, at = min(others, key=lambda cell: (full[cell[0]][cell[1]], cell))
                told[row][at] = Hidden.BESIDE
                changed = True
    return tuple(tuple(line) for line in told)


def _axis(roster: Repeat, field: Field) -> Axis | None:
    if field.name == f"{roster.name}_age" and field.kind in NUMBERS:
        return Axis(field.name, AGE_LABEL, _bands(AGE_CUTS), AGE_CUTS, number=True)
    if field.list is None or field.kind is Kind.SELECT_MULTIPLE or field.hidden:
        return None
    choices = tuple((one.code, one.label) for one in field.list.choices)
    return Axis(field.name, field.label, choices, number=field.kind in NUMBERS)


def _bands(cuts: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """35岁及以下, 36至45岁, …, 61岁及以上."""
    middle = [f"{low + 1}至{high}岁" for low, high in pairwise(cuts)]
    labels = [f"{cuts[0]}岁及以下", *middle, f"{cuts[-1] + 1}岁及以上"]
    return tuple((str(at), label) for at, label in enumerate(labels))


def _occurring(axis: Axis, codes: set[str]) -> tuple[tuple[str, str], ...]:
    listed = [one for one in axis.choices if one[0] in codes]
    strange = sorted(codes - {code for code, _ in axis.choices} - {""})
    empty = [("", NOT_FILLED)] if "" in codes else []
    return (*listed, *((code, code) for code in strange), *empty)
