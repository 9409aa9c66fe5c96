"""汇总表 of a dataset: the columns that task.toml asks for, summed by DuckDB or PostgreSQL over the tables of forms.

The same exact sums and ratios as a desk's 汇总表; who has nothing that counts is not there, never 0. Never writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cunbao.desks.county.dataset_board import Some
from cunbao.errors import DeskError
from cunbao.survey.totals import Figure, Sums, Unit, figure, together, units_of
from cunbao.survey.totals_table import Place, TotalsTable, totals_table

WHOLE = ""  # the key of all offices together


@dataclass(frozen=True, slots=True)
class FormTotals:
    """groups: code of a village, nine digits of a township, or "" for all together → its figures, in the order of the
    table's columns; returns: how many count in each."""

    table: TotalsTable
    period: str
    groups: Mapping[str, tuple[Figure, ...]]
    returns: Mapping[str, int]
    names: Mapping[str, str]


def form_totals(counties: Sequence[Some], form: str, *, period: str = "", digits: int = 0) -> FormTotals:
    """The 汇总表 of a form. digits: of the codes by which it is summed up: 9 by township, 12 by village, 0 all in one;
    the sum of all is always there. DeskError "form.unknown"."""
    task = counties[0].task
    if form not in task.forms:
        raise DeskError(
            "form.unknown",
            happened=f"数据集里没有 {form} 这张表",
            safe="没有改动那里的任何东西",
            todo=f"有的是 {'、'.join(task.forms)}，请从中选",
        )
    now, table = period or task.period, totals_table(task, form)
    units: dict[str, Unit] = {}
    for county in counties:
        said: dict[Place, Mapping[str, Sums]] = {
            (name, repeat): county.engine.sums_that_count(
                county.task.forms[name], now, asked, repeat=repeat, digits=digits
            )
            for (name, repeat), asked in totals_table(county.task, form).asked.items()
        }
        for key, unit in units_of(said).items():
            units[key] = together((units[key], unit)) if key in units else unit
    held = {key: unit for key, unit in sorted(units.items()) if (form, "") in unit}
    groups = held if not digits else {**held, WHOLE: together(held.values())}
    offices = {one.code: one.short for county in counties for one in county.engine.offices(now)}
    return FormTotals(
        table=table,
        period=now,
        groups={key: tuple(figure(column, unit) for column in table.columns) for key, unit in groups.items()},
        returns={key: unit[form, ""].rows if (form, "") in unit else 0 for key, unit in groups.items()},
        names={key: offices.get(key if len(key) == 12 else f"{key}000", key) for key in groups if key},
    )
