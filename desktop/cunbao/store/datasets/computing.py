"""Indicators computed anew from the tables of forms, in SQL: each office's part and the sums by township, from the very
expressions that the task has. What an engine finds this way must be, to the last digit, what the workspace keeps.

Texts alone, for any engine (`engine`); who counts follows `survey.indicators` step by step. Source: protocol §8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cunbao.store.datasets.expressions import (
    Dialect,
    Names,
    Num,
    Unsayable,
    compared,
    constant,
    figure,
    said,
    times,
    truth,
)
from cunbao.store.parts import COLUMNS_OF_TALLY
from cunbao.survey.formulas import levels, missing_params, reads
from cunbao.survey.indicators import RURAL, SCALE
from cunbao.survey.task import Indicator, Task

WORDS = {"code": "_office", "level": "level", "kind": "kind", "ur_class": "ur_class"}  # OFFICE.x in `offices`
_FROM_DIRECTORY = {"OFFICE.kind": "kind", "OFFICE.ur_class": "ur_class", "OFFICE.code": "_office"}


@dataclass(frozen=True, slots=True)
class Computed:
    """One indicator in SQL over the base table. above, below: integers with so many places; why: as in store.parts."""

    indicator: Indicator
    why: str
    above: Num
    below: Num
    met: str


class Plan:
    """What the base table must hold, and each indicator over it. sayable: those that SQL can say; the others are taken
    from what the workspace kept."""

    def __init__(self, task: Task, some: Sequence[Indicator], dialect: Dialect) -> None:
        self.task = task
        self.names = Names(task.forms, dialect, WORDS, task.params)
        self.computed: list[Computed] = []
        self.unsayable: list[Indicator] = []
        for one in some:
            try:
                self.computed.append(self._computed(one))
            except Unsayable:
                self.unsayable.append(one)

    # --- one indicator -----------------------------------------------------------------------------------------------

    def _computed(self, one: Indicator) -> Computed:
        whole = self.names.dialect.whole
        applies = truth(said(one.applies, self.names)) if one.applies else ""
        above = figure(said(one.numerator, self.names), self.names)
        once = self._once(one)
        below = Num(f"CAST(0 AS {whole})") if once else Num("1")
        if one.denominator and not once:
            below = figure(said(one.denominator, self.names), self.names)
        asked = f"coalesce({applies}, {self._asks(one)})" if applies else self._asks(one)
        unknown = [f"{above.sql} IS NULL", f"{below.sql} IS NULL", *([f"{applies} IS NULL"] if applies else [])]
        zero = f"WHEN {below.sql} = 0 THEN 3 " if len(levels(self.task, one)) == 1 and not once else ""
        why = (
            f"CASE WHEN NOT coalesce({asked}, FALSE) THEN 4 WHEN NOT ({self._have(one)}) THEN 1 "
            f"WHEN {' OR '.join(unknown)} THEN CASE WHEN {self._empty(one)} THEN 2 ELSE 1 END {zero}ELSE 0 END"
        )
        return Computed(one, why, above, below, self._met(one, above, below))

    def _once(self, one: Indicator) -> bool:
        """Is the denominator one figure for all offices together (`survey.indicators.as_whole`)?"""
        return bool(one.denominator) and self._only_params(one.denominator)

    def _only_params(self, words: str) -> bool:
        from cunbao.survey.logic import formula

        read = formula(words, self.task.forms).reads
        return bool(read) and all(place == "PARAM" for place, _ in read)

    def _asks(self, one: Indicator) -> str:
        """By what the directory alone says of an office (`survey.indicators.asks`)."""
        named = ", ".join(f"'{level}'" for level in sorted(levels(self.task, one)))
        scope = {"城市": f"kind <> '{RURAL}'", "农村": f"kind = '{RURAL}'"}.get(one.scope, "TRUE")
        known = ""
        if one.applies:
            names = Names(
                self.task.forms, self.names.dialect, WORDS, self.task.params, known=self._directory()
            )
            told = truth(said(one.applies, names))
            known = f"WHEN {told} THEN TRUE WHEN NOT {told} THEN FALSE "
        return (
            f"CASE WHEN level NOT IN ({named}) THEN FALSE {known}"
            f"WHEN level <> 'village' OR kind IS NULL THEN TRUE ELSE {scope} END"
        )

    def _directory(self) -> dict[tuple[str, str], str]:
        return {
            (name, field.name): _FROM_DIRECTORY[field.source]
            for name, form in self.task.forms.items()
            for field in form.fields
            if field.source in _FROM_DIRECTORY
        }

    def _have(self, one: Indicator) -> str:
        """Have all returns come that an office of its level is asked for?"""
        return self._by_level(one, lambda forms: " AND ".join(_there(form) for form in forms) or "TRUE")

    def _empty(self, one: Indicator) -> str:
        """Is a field left empty that an office of its level is asked for, or a figure of the county?"""
        if missing_params(self.task, one):
            return "TRUE"
        read = [(form, name) for form, name in reads(self.task, one) if self._outside_rosters(form, name)]
        columns = {at: self.names.fields.setdefault(at, f'"f{len(self.names.fields)}"') for at in read}

        def left(forms: Sequence[str]) -> str:
            return " OR ".join(f"{sql} IS NULL" for (form, _), sql in columns.items() if form in forms) or "FALSE"

        return self._by_level(one, left)

    def _outside_rosters(self, form: str, name: str) -> bool:
        return any(field.name == name for field in self.task.forms[form].fields)

    def _by_level(self, one: Indicator, words: Callable[[Sequence[str]], str]) -> str:
        """What is said of the forms that an office is asked for, by its level."""
        forms = dict.fromkeys(form for form, _ in reads(self.task, one))
        found = {
            level: words([form for form in forms if self.task.levels[form] == level])
            for level in sorted(levels(self.task, one))
        }
        if len(found) == 1:
            return next(iter(found.values()))
        return "CASE level " + " ".join(f"WHEN '{level}' THEN {told}" for level, told in found.items()) + " END"

    def _met(self, one: Indicator, above: Num, below: Num) -> str:
        """By cross-multiplication (`survey.indicators.meets`)."""
        if one.kind in ("count", "distinct") or one.target is None or not one.judged:
            return "CAST(NULL AS INTEGER)"
        scale = SCALE.get(one.unit)
        left = above if scale is None else times(above, constant(scale))
        right = times(constant(one.target), below)
        if one.op in (">=", "<=", "="):
            told = compared(one.op, left, right)
        elif one.op == "range" and one.target_high is not None:
            high = times(constant(one.target_high), below)
            told = f"({compared('<=', right, left)} AND {compared('<=', left, high)})"
        elif one.op == "ratio" and one.target_high is not None:
            told = compared("<=", right, times(above, constant(one.target_high)))
        else:
            return "CAST(NULL AS INTEGER)"
        return f"CASE WHEN {below.sql} <> 0 THEN CASE WHEN {told} THEN 1 ELSE 0 END END"

    # --- the base table ----------------------------------------------------------------------------------------------

    @property
    def forms(self) -> dict[str, list[str]]:
        """Fields that are read, by form; also of forms that only must have come."""
        found: dict[str, list[str]] = {
            form: [] for one in self.computed for form, _ in reads(self.task, one.indicator)
        }
        for form, name in self.names.fields:
            found.setdefault(form, []).append(name)
        return found

    def base_sql(self, offices: str, sources: dict[tuple[str, str], str]) -> str:
        """One row an office: what it is, the fields read of each form, what is asked of its rosters.

        offices: FROM-text with _office, level, kind, ur_class and silent (nothing is known of it, so that it does not
        count where it is not asked either); sources: (form, roster or "") → FROM-text; a form of which nothing has come
        has none."""
        picked = [f"o.{name} AS {name}" for name in dict.fromkeys(("_office", *WORDS.values(), "silent"))]
        picked.append("substr(o._office, 1, 9) AS town")
        joins = []
        for form in self.forms:
            own = {name: sql for (of, name), sql in self.names.fields.items() if of == form}
            source = sources.get((form, ""))
            if source is None:
                picked += [f"CAST(NULL AS {self._type(form, name)}) AS {sql}" for name, sql in own.items()]
                picked.append(f"FALSE AS {_there(form)}")
                continue
            alias = f'"t_{form}"'
            picked += [f"{alias}.{_quoted(name)} AS {sql}" for name, sql in own.items()]
            picked.append(f"{alias}._office IS NOT NULL AS {_there(form)}")
            joins.append(f"LEFT JOIN {source} AS {alias} ON {alias}._office = o._office")
        for place in dict.fromkeys((form, repeat) for form, repeat, _ in self.names.rosters):
            asked = {of: sql for (form, repeat, of), sql in self.names.rosters.items() if (form, repeat) == place}
            source = sources.get(place)
            if source is None:
                picked += [f"CAST(NULL AS {self.names.dialect.whole}) AS {sql}" for sql in asked.values()]
                continue
            alias = f'"t_{place[0]}_{place[1]}"'
            terms = ", ".join(f"{of} AS {sql}" for of, sql in asked.items())
            picked += [f"{alias}.{sql} AS {sql}" for sql in asked.values()]
            joins.append(
                f"LEFT JOIN (SELECT _office, {terms} FROM {source} AS r GROUP BY _office) AS {alias} "
                f"ON {alias}._office = o._office"
            )
        return f"SELECT {', '.join(picked)} FROM {offices} AS o {' '.join(joins)}"

    def _type(self, form: str, name: str) -> str:
        from cunbao.survey.logic import NUMBERS

        return self.names.dialect.whole if self.task.forms[form].field(name).kind in NUMBERS else "VARCHAR"


def tally_sql(one: Computed, base: str, exempt: str) -> str:
    """The sums of one indicator by township. exempt: SELECT of the offices that are 不计入; they must be asked."""
    parts = (
        "SELECT town, CASE WHEN why = 0 THEN above ELSE 0 END AS above, "
        "CASE WHEN why = 0 THEN below ELSE 0 END AS below, why, CASE WHEN why = 0 THEN met END AS met, "
        f"CAST(NULL AS VARCHAR) AS odd FROM ({parts_sql(one, base, exempt)}) p WHERE NOT (silent AND why = 4)"
    )
    return f"SELECT '{one.indicator.number}' AS indicator, {COLUMNS_OF_TALLY} FROM ({parts}) q GROUP BY town"


def parts_sql(one: Computed, base: str, exempt: str) -> str:
    """Each office's part: _office, town, silent, above, below, why, met."""
    left_out = f"CASE WHEN x.why <> 4 AND x._office IN ({exempt}) THEN 5 ELSE x.why END" if exempt else "x.why"
    return (
        f"SELECT x._office, x.town, x.silent, x.above, x.below, {left_out} AS why, x.met "
        "FROM (SELECT _office, town, silent, "
        f"{one.above.sql} AS above, {one.below.sql} AS below, {one.why} AS why, {one.met} AS met FROM {base}) x"
    )


def figure_of(whole: int | Decimal | None, scale: int) -> Decimal:
    """An exact sum with its places."""
    return Decimal(whole or 0) * Decimal((0, (1,), -scale))


def _there(form: str) -> str:
    return f'"has_{form}"'


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


__all__ = ["Computed", "Plan", "figure_of", "parts_sql", "tally_sql"]
