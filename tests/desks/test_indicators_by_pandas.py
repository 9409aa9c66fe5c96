"""Every indicator of the sample county once more, from exported tables and with pandas alone.

The county's tables go out as CSV files, as anybody gets them; the definitions are those of the data dictionary in its
own notation (golden/indicator_table.csv: N[...], Σ..., C:, R:), not the expressions that the program runs.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cunbao.desks import measuring
from cunbao.store import DraftKey, Workspace
from cunbao.store.parts import roll_up
from cunbao.survey.formulas import computable
from cunbao.survey.indicators import Tally, as_whole
from cunbao.survey.sample import SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from cunbao.survey.task import Task
from cunbao.survey.values import Answers
from store.folders import KEY, NOW, a_revision
from world.villages import a_village, the_task

TABLE = Path(__file__).resolve().parents[1] / "survey" / "golden" / "indicator_table.csv"
PERIOD = "2025"
PARAMS = {"org_units": "412", "inservice_members": "5203", "avg_wage_month": "8123.37"}  # 县里填的数
NONE_CHOSEN = ("B07.b07_honour", "B07.b07_honour_y")  # 选填: nothing ticked is no honour, not an empty field
FIELD = re.compile(r"\b([BT]\d\d)\.(\w+)")
ROSTER = re.compile(r"(count|max)\(B02\.b02_f\[([^\[\]]*)\](?:/(\w+))?\)")
ONLY = re.compile(r"（(只对 .*|适用对象.*)）$")
REGIONS = {  # what a plan calls its parts → first digits of the counties there; the sample county lies in none
    "珠三角核心区各县": ("4401", "4403", "4404", "4406", "4407", "4412", "4413", "4419", "4420"),
    "沿海经济区和北部生态发展区各县": ("4402", "4405", "4408", "4409", "4414", "4415", "4416", "4417", "4418", "445"),
    "珠三角各县": ("4401", "4403", "4404", "4406", "4407", "4412", "4413", "4419", "4420"),
    "其他地区各县": ("4402", "4405", "4408", "4409", "4414", "4415", "4416", "4417", "4418", "445"),
}


Scopes = Sequence[tuple[bool, dict[str, Any]]]


class Empty(Exception):
    """A field that is needed has nothing in it."""


# --- the county, and its tables as files -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["a county of villages", "a district of large streets"])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Task]:
    """Six villages and two townships, everything accepted; parts kept as a county keeps them. The district lies in the
    Pearl River Delta, and its townships are streets of more than a hundred thousand people."""
    bare, streets = the_task().whole, "streets" in request.param
    given = {name: Decimal(value) for name, value in PARAMS.items()}
    task = replace(bare, params={**bare.params, **given}, sha256="with the county's own figures")
    ws = Workspace.create(tmp_path_factory.mktemp("county") / "county", KEY, kind="county", now=NOW)
    for office in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS):  # villages first: townships sum them up
        signed = dict(a_village(office.code).signed())
        if streets:
            signed = {form: in_the_delta(form, said) for form, said in signed.items()}
            office = replace(office, code=f"440305{office.code[6:]}", kind=office.kind if office.kind < "50" else "51")
        ws.add_office(office)
        for form, said in signed.items():
            one = a_revision(ws, DraftKey(office.code, form, PERIOD))
            ws.count_revision(task.forms[form], one.id, said)
        villages = measuring.villages_of(ws, task, office.code, PERIOD) if office.level == "township" else None
        ws.set_parts(office.code, PERIOD, measuring.parts_of(task, office, signed, computable(task), villages))
    return ws, task


def in_the_delta(form: str, said: Answers) -> Answers:
    changed = {
        "B01": {"b01_pop_resident": "60001"},
        "T01": {"t01_kind": "51", "t01_dist_hosp": "0", "t01_hosp": "1", "t01_hosp_area": "4800.50"},
    }
    return replace(said, values={**said.values, **changed.get(form, {})})


@pytest.fixture(scope="module")
def tables(county: tuple[Workspace, Task], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Every form's table and the roster of facilities, through CSV files."""
    ws, task = county
    place = tmp_path_factory.mktemp("tables")
    found = {}
    for name, repeat in (*((form, "") for form in task.forms), ("B02", "b02_f")):
        rows = ws.rows_that_count(task.forms[name], PERIOD, repeat=repeat)
        path = place / f"{name}{repeat}.csv"
        pd.DataFrame([{"office": one.office, **one.values} for one in rows]).to_csv(path, index=False)
        found[repeat or name] = pd.read_csv(path, dtype=str, keep_default_na=False)
    return found


@pytest.fixture(scope="module")
def scopes(tables: dict[str, pd.DataFrame]) -> Scopes:
    """(is it a township?, what can be asked of it) of every office."""
    found = []
    for forms in (tuple(one for one in tables if one.startswith("B")), ("T01",)):
        merged: pd.DataFrame | None = None
        for form in forms:
            named = tables[form].rename(columns=lambda name, form=form: name if name == "office" else f"{form}.{name}")
            merged = named if merged is None else merged.merge(named, on="office")
        assert merged is not None
        for unit in merged.to_dict("records"):
            own = tables["b02_f"][tables["b02_f"]["office"] == unit["office"]]
            found.append((forms == ("T01",), asked(unit, own, tables)))
    return found


# --- the notation ------------------------------------------------------------------------------------------------


def python_of(words: str) -> str:
    """An expression of the dictionary as Python: fields become value("B02.b02_n"), roster functions calls."""
    made, at = "", 0
    for found in ROSTER.finditer(words):
        made += _plain(words[at : found.start()]) + f"{found[1]}_of({found[2]!r}, {found[3]!r})"
        at = found.end()
    return made + _plain(words[at:])


def _plain(words: str) -> str:
    words = re.sub(r"(?<![<>!=])=(?!=)", "==", words.replace("count-selected", "count_selected").replace("×", "*"))
    return FIELD.sub(lambda m: f'value("{m[1]}.{m[2]}")', re.sub(r"\bif\(", "when(", words))


class Code(float):
    """What stands in a cell: a number beside numbers, and a code beside codes, where '01' is not '1'."""

    text: str

    def __new__(cls, text: str) -> Code:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __eq__(self, other: object) -> bool:
        return self.text == other if isinstance(other, str) else float(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __str__(self) -> str:
        return self.text

    __hash__ = float.__hash__


def read(said: str) -> Any:
    if said == "":
        raise Empty
    try:
        return Code(said)
    except ValueError:
        return said


def selected(said: Any, code: str) -> bool:
    return code in str(said).split()


def asked(unit: Mapping[str, str], facilities: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What an expression may call, at one office. facilities: its own; tables: those of all."""

    def fits(row: Any, words: str) -> bool:
        inside = re.sub(r"\bb02_f_\w+", lambda m: f'read(row["{m[0]}"])', _plain(words))
        try:
            return bool(eval(inside, {"row": row, "read": read, "selected": selected}))  # the dictionary's own words
        except Empty:
            return False

    def rows(words: str) -> pd.DataFrame:
        return facilities[[fits(row, words) for _, row in facilities.iterrows()]]

    def over_villages(name: str) -> float:
        form, _, column = name.replace(".", "/").partition("/")
        mine = tables[form]["office"].str.startswith(unit["office"][:9])
        return float(pd.to_numeric(tables[form][mine][column]).sum())

    kind = unit.get("B01.b01_kind", "")
    return {
        "here": unit["office"],
        "over_villages": over_villages,
        "value": lambda name: read(unit.get(name, "") or ("-" if name in NONE_CHOSEN else "")),
        "selected": selected,
        "count_selected": lambda said: len([one for one in str(said).split() if one not in ("0", "00")]),
        "when": lambda test, yes, no: yes if test else no,
        "count_of": lambda words, column: len(rows(words)),
        "max_of": lambda words, column: float(pd.to_numeric(rows(words)[column]).max()),
        "C": kind not in ("", "10"),
        "R": kind == "10",
    }


def part(words: str, scope: Mapping[str, Any]) -> float | None:
    """One term at one office: N[cond], ΣX[cond] ÷ k, C: X, X（只对 cond）; None: the office is not asked."""
    only = ONLY.search(words)
    if only:
        if not truth(_asked_only(only[1]), scope):
            return None
        words = words[: only.start()]
        if words == "T01.t01_hosp_area" and scope["value"]("T01.t01_hosp") == 0:
            return 0.0  # no hospital, no area
    limited = re.search(r"（限([^）]*)）", words)
    if limited and not scope["here"].startswith(REGIONS[limited[1]]):
        return None
    words = re.sub(r"（限[^）]*）", "", words)
    counted = re.fullmatch(r"N(T?)(?:\[(.*)\])?", words)
    if counted:
        return 1.0 if not counted[2] or truth(counted[2], scope) else 0.0
    scoped = re.fullmatch(r"([CR]): (.*)", words)
    if scoped:
        return number(scoped[2], scope) if scope[scoped[1]] else None
    divided = re.fullmatch(r"(.*) ÷ (\d+)", words)
    if divided:
        return (part(divided[1], scope) or 0.0) / float(divided[2])
    summed = re.fullmatch(r"Σ(.*?)(?:\[((?:B0\d|R|C)[^\[\]]*)\])?", words)
    if summed:
        if summed[2] and not truth(summed[2], scope):
            return 0.0
        return number(summed[1], scope)
    return number(words, scope)


def _asked_only(words: str) -> str:
    """What stands behind 只对, as an expression: 且, 或 and the streets in words."""
    words = words.replace("同 002-33", "ΣB01.b01_pop_resident > 100000 且 T01.t01_dist_hosp = '0' 的街道")
    words = words.removeprefix("适用对象").removeprefix("只对 ").replace("且", "and")
    words = words.replace("或 '53'", "or T01.t01_kind = '53'").replace(" 的街道", " and T01.t01_kind = '51'")
    return re.sub(r"Σ(B\d\d)\.(\w+)", r"over_villages('\1/\2')", words)


def truth(words: str, scope: Mapping[str, Any]) -> bool:
    return bool(eval(python_of(words), dict(scope)))


def number(words: str, scope: Mapping[str, Any]) -> float:
    return float(eval(python_of(words), dict(scope)))


def by_pandas(above: str, below: str, asks: str, scopes: Scopes) -> tuple[float, float]:
    """Σ numerator and Σ denominator over the offices of the plan's scope of which nothing is empty."""
    param = re.fullmatch(r"PARAM\.(\w+)", below)
    divided = re.fullmatch(r"(Σ.*) ÷ (Σ.*)", above)  # a mean over people against one figure of the county
    if param:
        over, under = by_pandas(divided[1] if divided else above, divided[2] if divided else "", asks, scopes)
        return over, float(PARAMS[param[1]]) * (under if divided else 1.0)
    lines = []
    for town, scope in scopes:
        if not town and not {"城市": scope["C"], "农村": scope["R"]}.get(asks, True):
            continue
        try:
            lines.append((total(above, town, scope), total(below, town, scope) if below else 0.0))
        except Empty:
            continue
    frame = pd.DataFrame(lines, columns=["above", "below"]).dropna()
    return float(frame["above"].sum()), float(frame["below"].sum())


def total(words: str, town: bool, scope: Mapping[str, Any]) -> float:
    """The terms that an office of this kind answers, added; nan where it answers none."""
    each = re.fullmatch(r"每个乡镇（街道）Σ(\S+)", words)
    if each:
        return scope["over_villages"](each[1]) if town else math.nan
    terms = re.split(r" \+ (?=Σ)", words)  # a township adds to what its villages say
    mine = [one for one in terms if ("NT" in one or "T01." in one) is town]
    found = [part(one, scope) for one in mine]
    if len(terms) == 1 and not mine:
        return 0.0 if town and "B01.b01_pop_resident" in words else math.nan
    return math.nan if found == [None] else sum(one or 0.0 for one in found)


# --- the comparison ----------------------------------------------------------------------------------------------


def test_pandas_finds_every_figure_of_the_sample_county(county: tuple[Workspace, Task], scopes: Scopes) -> None:
    ws, task = county
    some = {one.number: one for one in computable(task)}
    kept = ws.tallies(PERIOD, list(some))
    assert len(some) > 200
    with TABLE.open(encoding="utf-8") as file:
        defined = {row["no"]: row for row in csv.DictReader(file)}
    wrong, compared = [], 0
    for number_, one in some.items():
        ours = as_whole(task, one, roll_up(kept[number_], 0).get("", Tally()))
        above, below = by_pandas(defined[number_]["numerator"], defined[number_]["denominator"], one.scope, scopes)
        compared += 1
        same = math.isclose(float(ours.above), above, abs_tol=1e-6)
        if one.kind == "ratio":
            same = same and math.isclose(float(ours.below), below, abs_tol=1e-6)
        if not same:
            wrong.append((number_, float(ours.above), above, float(ours.below), below))
    if any(one[1].get("here", "").startswith("44") for one in scopes):  # what only such a county is asked
        asked_there = ("000-44", "002-33", "002-34", "004-20", "004-27")
        assert all(roll_up(kept[one], 0)[""].counted for one in asked_there)
    assert not wrong and compared == len(some) == 219
