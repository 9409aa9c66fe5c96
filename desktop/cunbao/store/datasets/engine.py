"""Indicators and totals on a dataset, whatever runs the SQL: DuckDB over the files, or PostgreSQL.

The same definitions as over a workspace and, to the last digit, the same sums: tallies of parts that were kept
(`kept`), parts computed anew from the tables of forms (`computed`), sums and counts of a 汇总表. The one division
belongs to `survey`. Never writes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from cunbao.store.datasets.computing import Plan, figure_of, parts_sql, tally_sql
from cunbao.store.datasets.expressions import Dialect
from cunbao.store.datasets.shape import table_name
from cunbao.store.datasets.source import WHY
from cunbao.store.parts import COLUMNS_OF_TALLY, Groups, Part
from cunbao.store.sums import OFFICE_DIGITS, counts_read, counts_sql, sums_sql
from cunbao.survey.crosstab import Axis, Codes
from cunbao.survey.form import Form
from cunbao.survey.indicators import NoFigure, OfficeFigure, Tally
from cunbao.survey.logic import NUMBERS
from cunbao.survey.task import Indicator, Task
from cunbao.survey.totals import Sums
from cunbao.survey.totals_table import Sum
from cunbao.survey.values import Office

_MILLIONTHS = 6
_SAID = "CASE why " + " ".join(f"WHEN '{word}' THEN {at}" for at, word in enumerate(WHY)) + " END"


class Engine(ABC):
    """A dataset that can be asked. County codes narrow every question to some counties; () are all."""

    dialect: Dialect

    @property
    @abstractmethod
    def periods(self) -> tuple[str, ...]:
        """Of which there is something, sorted."""

    # --- what the two engines do in their own way --------------------------------------------------------------------

    @abstractmethod
    def all(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""

    @abstractmethod
    def beside(self, table: str, period: str) -> str:
        """A table beside the forms, of a period: what stands behind FROM."""

    @abstractmethod
    def figures(self, table: str, period: str, columns: Mapping[str, bool]) -> str | None:
        """The table of a form or roster as a workspace keeps it: _office and the columns, figures (True) in whole
        hundredths. What stands behind FROM; None when nothing of it is there."""

    @abstractmethod
    def has(self, table: str, period: str) -> Mapping[str, bool]:
        """The columns that the table of a form has, and whether they are figures."""

    @abstractmethod
    def base(self, sql: str) -> str:
        """Keep the rows of a SELECT for the questions that follow: what stands behind FROM."""

    # --- indicators --------------------------------------------------------------------------------------------------

    def kept(self, period: str, numbers: Collection[str]) -> Groups:
        """The parts that the workspaces kept, added up by township; 不计入 and what never came are among them."""
        if not numbers:
            return {}
        named = ", ".join(_word(one) for one in numbers)
        narrowed = f"indicator IN ({named})"
        source = (  # what was kept as 64 bits (store.parts) fits into them again
            f"(SELECT substr(_office, 1, 9) AS town, indicator, {_SAID} AS why, "
            "CASE WHEN why = 'counted' THEN CAST(numerator * 1000000 AS BIGINT) ELSE 0 END AS above, "
            "CASE WHEN why = 'counted' THEN CAST(denominator * 1000000 AS BIGINT) ELSE 0 END AS below, "
            "CASE WHEN met THEN 1 WHEN NOT met THEN 0 END AS met, CASE WHEN why = 'counted' THEN exact END AS odd "
            f"FROM {self.beside('indicators', period)} AS i WHERE {narrowed}) AS p"
        )
        rows = self.all(f"SELECT indicator, {COLUMNS_OF_TALLY} FROM {source} GROUP BY indicator, town")
        found: dict[str, dict[str, Tally]] = {number: {} for number in numbers}
        by_hand = []
        for number, town, above, below, *rest, odd in rows:
            if odd:
                by_hand.append((number, town))
            found[number][town] = _tally(above, below, rest, _MILLIONTHS, _MILLIONTHS)
        for number, town in by_hand:
            found[number][town] = self._added(period, number, town, found[number][town])
        return found

    def _added(self, period: str, number: str, town: str, so_far: Tally) -> Tally:
        """With what millionths do not hold, added up where numbers have no end."""
        rows = self.all(
            f"SELECT exact FROM {self.beside('indicators', period)} AS i WHERE indicator = {_word(number)} AND "
            f"why = 'counted' AND exact IS NOT NULL AND substr(_office, 1, 9) = {_word(town)} ORDER BY _office"
        )
        for (words,) in rows:
            above, below = map(Decimal, words.split())
            so_far = so_far.plus(Tally(above, below))
        return so_far

    def computed(self, task: Task, period: str, some: Sequence[Indicator]) -> Groups:
        """The same from the tables of forms. What SQL has no exact words for, and offices with a signed number that no
        column holds, are taken from what was kept."""
        plan = Plan(task, some, self.dialect)
        found: dict[str, dict[str, Tally]] = {
            number: dict(one) for number, one in self.kept(period, [one.number for one in plan.unsayable]).items()
        }
        if not plan.computed or self._misfits(period):
            return {**found, **self.kept(period, [one.indicator.number for one in plan.computed])}
        base = self._base(plan, period)
        for one in plan.computed:
            rows = self.all(tally_sql(one, base, self._exempt(period, one.indicator)))
            found[one.indicator.number] = {
                town: _tally(above, below, rest, one.above.scale, one.below.scale)
                for _, town, above, below, *rest, _ in rows
            }
        return found

    def parts(self, period: str, number: str) -> dict[str, Part]:
        """Each office's part of an indicator as the workspaces kept it, by office; also of who is 不计入 and of whom
        nothing has come."""
        rows = self.all(
            "SELECT _office, why, numerator, denominator, met, lacks, exact FROM "
            f"{self.beside('indicators', period)} AS i WHERE indicator = {_word(number)} ORDER BY _office"
        )
        return {office: _part(*rest) for office, *rest in rows}

    def computed_parts(self, task: Task, period: str, indicator: Indicator) -> dict[str, Part]:
        """The same from the tables of forms, without what is lacking; {} where SQL has no words for it."""
        plan = Plan(task, [indicator], self.dialect)
        if not plan.computed:
            return {}
        (one,) = plan.computed
        parts = parts_sql(one, self._base(plan, period), self._exempt(period, indicator))
        return {
            office: _part(
                WHY[why],
                figure_of(above, one.above.scale),
                figure_of(below, one.below.scale),
                None if met is None else bool(met),
                "",
                "",
            )
            for office, why, above, below, met in self.all(f"SELECT _office, why, above, below, met FROM ({parts}) q")
        }

    def _base(self, plan: Plan, period: str) -> str:
        """Offices that report, or of which something counts, with what is read of their forms."""
        sources = {}
        for form, names in plan.forms.items():
            figures = {name: plan.task.forms[form].field(name).kind in NUMBERS for name in names}
            sources[form, ""] = self.figures(form, period, figures)
        for form, repeat in dict.fromkeys((form, repeat) for form, repeat, _ in plan.names.rosters):
            fields = plan.task.forms[form].repeat(repeat).fields
            figures = {field.name: field.kind in NUMBERS for field in fields}
            known = self.has(table_name(form, repeat), period)
            sources[form, repeat] = self.figures(
                table_name(form, repeat), period, {name: one for name, one in figures.items() if name in known}
            )
        measured = f"SELECT _office FROM {self.beside('indicators', period)} AS i WHERE why = 'outside'"  # as all have
        directory, returns = self.beside("offices", period), self.beside("returns", period)
        offices = (
            f"(SELECT f.*, _office NOT IN ({measured}) AS silent FROM {directory} AS f WHERE level <> 'county' AND "
            f"(reports OR _office IN (SELECT _office FROM {returns} AS t)))"
        )
        return self.base(plan.base_sql(offices, {at: one for at, one in sources.items() if one}))

    def _exempt(self, period: str, indicator: Indicator) -> str:
        source, number = self.beside("exemptions", period), _word(indicator.number)
        return f"SELECT _office FROM {source} AS e WHERE indicator = {number}"

    def _misfits(self, period: str) -> bool:
        return bool(self.all(f"SELECT 1 FROM {self.beside('misfits', period)} AS m LIMIT 1"))

    # --- totals ------------------------------------------------------------------------------------------------------

    def sums_that_count(
        self,
        form: Form,
        period: str,
        asked: Sequence[Sum],
        *,
        repeat: str = "",
        offices: Sequence[str] | None = None,
        digits: int = OFFICE_DIGITS,
    ) -> dict[str, Sums]:
        """As Workspace.sums_that_count."""
        name = table_name(form.id, repeat)
        known = self.has(name, period)
        needed = {field for one in asked for field in one.needed}
        columns = {field: field for field in needed if known.get(field)}
        source = self.figures(name, period, dict.fromkeys(columns, True))
        if source is None:
            return {}
        rows = self.all(
            sums_sql(f"{source} AS s", columns, asked, digits=digits, single=False, narrowed=_among(offices),
                     wide=self.dialect.whole)
        )  # fmt: skip
        return {
            row[0]: Sums(row[1], tuple(None if value is None else int(value) for value in row[2:]))
            for row in rows
            if row[1] or digits
        }

    def count_rows(
        self, form: Form, period: str, repeat: str, by: Sequence[Axis], *, offices: Sequence[str] | None = None
    ) -> Mapping[Codes, int]:
        """As Workspace.count_rows."""
        name = table_name(form.id, repeat)
        known = self.has(name, period)
        columns = {axis.field: axis.field for axis in by if axis.field in known}
        source = self.figures(name, period, {field: known[field] for field in columns})
        if source is None:
            return {}
        return counts_read(self.all(counts_sql(f"{source} AS s", columns, by, narrowed=_among(offices))), by)

    # --- what is there -----------------------------------------------------------------------------------------------

    def offices(self, period: str) -> tuple[Office, ...]:
        """Those that report for the period, by code."""
        rows = self.all(
            "SELECT _office, name, kind, ur_class, short, parent, since, until, successor FROM "
            f"{self.beside('offices', period)} AS f WHERE reports ORDER BY _office"
        )
        return tuple(Office(*(value or "" for value in row)) for row in rows)

    def complete(self, period: str, forms: Collection[str]) -> int:
        """How many offices that report have every one of these forms counted."""
        if not forms:
            return 0
        named = ", ".join(_word(one) for one in forms)
        returns, offices = self.beside("returns", period), self.beside("offices", period)
        ((found,),) = self.all(
            f"SELECT count(*) FROM (SELECT t._office FROM {returns} AS t "
            f"JOIN {offices} AS f ON f._office = t._office WHERE f.reports AND t.form IN ({named}) "
            f"GROUP BY t._office HAVING count(DISTINCT t.form) = {len(forms)}) c"
        )
        return int(found)


def _tally(above: Any, below: Any, rest: Sequence[Any], places: int, below_places: int) -> Tally:
    counted, judged, meeting, *left = rest  # a sum of PostgreSQL is a Decimal, a count is none
    return Tally(figure_of(above, places), figure_of(below, below_places), counted, judged, int(meeting), *left)


def _part(why: str, above: Any, below: Any, met: bool | None, lacks: str | None, exact: str | None) -> Part:
    over, under = map(Decimal, exact.split()) if exact else (Decimal(above or 0), Decimal(below or 0))
    missing = _SIGNS[why]
    if missing not in (None, NoFigure.ZERO_BASE):
        over = under = Decimal(0)
    return Part(OfficeFigure(over, under, missing, tuple((lacks or "").split())), met if missing is None else None)


_SIGNS = {
    "counted": None,
    "missing": NoFigure.MISSING,
    "unfilled": NoFigure.MISSING,
    "zero": NoFigure.ZERO_BASE,
    "outside": NoFigure.OUT_OF_SCOPE,
    "exempt": NoFigure.EXEMPT,
}


def _among(offices: Sequence[str] | None) -> str:
    if offices is None:
        return ""
    return f"_office IN ({', '.join(map(_word, offices))})" if offices else "FALSE"


def _word(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"

