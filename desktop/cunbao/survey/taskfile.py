"""task.toml written again: what a county chose (forms, period, deadlines, plans) over what the task's folder says.

Pure. What a pack carries is always made anew from the parsed file, so that nothing of a form that is left out stays
behind in it. Source: design.md §3, ui/design.md county-04.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cunbao.errors import SurveyError
from cunbao.survey.params import Given, Param, as_table, of_another_year

BARE = re.compile(r"[A-Za-z0-9_-]+")
TASK_FILE = "task.toml"
FORM_FILE = re.compile(r"[A-Z][0-9]{2}")  # B01.md, T01.xlsx


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in a pack beside its forms. period "2025"; days as in `task.Task`; town_deadline: of the forms that
    townships fill. forms: those that are sent, plans: those by which targets are judged; params: 县里填的数."""

    title: str
    period: str
    previous: str
    period_title: str
    ref_date: date
    deadline: date
    town_deadline: date
    valid_until: date
    forms: tuple[str, ...]
    plans: tuple[str, ...]
    params: tuple[Given, ...] = ()


def read_toml(data: bytes) -> dict[str, Any]:
    """task.toml as it stands; SurveyError "task.toml" when it cannot be read, with line and column."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SurveyError(
            "task.toml",
            happened=f"{TASK_FILE} 读不下去：{place_of(error)}",
            safe="没有改动任何文件",
            todo="请按 TOML 的写法改好，或换回原来的文件",
            detail=str(error),
        ) from error


def place_of(error: Exception) -> str:
    """第 12 行第 5 列, as far as the reader says it."""
    found = re.search(r"line (\d+), column (\d+)", str(error))
    if found:
        return f"第 {found[1]} 行第 {found[2]} 列写得不对"
    return "不是 UTF-8 文本" if isinstance(error, UnicodeDecodeError) else "最后一行没有写完"


def forms_of(table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What task.toml says of each form, by its id and in its order."""
    found = table.get("form", {})
    return {name: part for name, part in found.items() if isinstance(part, dict)} if isinstance(found, dict) else {}


def composed(table: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The table of the pack: only the forms that are sent, and nothing that speaks of others."""
    kept = {name: dict(part) for name, part in forms_of(table).items() if name in wanted.forms}
    for part in kept.values():
        part.pop("deadline", None)
        if part.get("level") == "township":
            part["deadline"] = wanted.town_deadline
    return {
        **table,
        "title": wanted.title,
        "period": wanted.period,
        "previous": wanted.previous,
        "period_title": wanted.period_title,
        "ref_date": wanted.ref_date,
        "deadline": wanted.deadline,
        "valid_until": wanted.valid_until,
        "plans": list(wanted.plans),
        "required_forms": [one for one in _texts(table.get("required_forms")) if one in kept],
        "sign_facts": [one for one in table.get("sign_facts", []) if isinstance(one, dict) and one.get("form") in kept],
        "params": as_table(wanted.params),
        "form": kept,
    }


def moved_to(wanted: Wanted, period: str, asked: Collection[Param] = ()) -> Wanted:
    """The same for another year: titles that name the year, and every day, move with it; figures that are another
    year's are asked for anew."""
    try:
        years = int(period) - int(wanted.period)
    except ValueError:
        return wanted
    before = wanted.period

    def named(text: str) -> str:
        return text.replace(before, period)

    return Wanted(
        title=named(wanted.title),
        period=period,
        previous=str(int(period) - 1),
        period_title=named(wanted.period_title),
        ref_date=_later(wanted.ref_date, years),
        deadline=_later(wanted.deadline, years),
        town_deadline=_later(wanted.town_deadline, years),
        valid_until=_later(wanted.valid_until, years),
        forms=wanted.forms,
        plans=wanted.plans,
        params=of_another_year(wanted.params, asked),
    )


def _later(day: date, years: int) -> date:
    """29 February becomes 28 February in a year that has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _texts(value: object) -> Sequence[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


# --- written ---------------------------------------------------------------------------------------------------------


def write_toml(table: Mapping[str, Any]) -> bytes:
    """TOML that reads as `table` again: texts, whole numbers, Decimals, days, lists, tables. The same table gives the
    same bytes."""
    lines: list[str] = []
    _table(table, (), lines)
    return ("\n".join(lines).strip() + "\n").encode()


def _table(table: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    later = [key for key, value in table.items() if isinstance(value, dict) or _tables(value)]
    plain = [key for key in table if key not in later]
    if path and (plain or not later):
        lines += ["", f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(key)} = {_value(table[key])}" for key in plain]
    for key in later:
        value = table[key]
        if isinstance(value, dict):
            _table(value, (*path, key), lines)
            continue
        for one in value:
            lines += ["", f"[[{'.'.join(map(_key, (*path, key)))}]]"]
            lines += [f"{_key(name)} = {_value(inner)}" for name, inner in one.items()]


def _tables(value: object) -> bool:
    """A list of tables is written with a head of its own for each; what stands inside them is written inline."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if "." in text else f"{text}.0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    raise TypeError(f"{type(value).__name__} has no place in task.toml")


def _text(text: str) -> str:
    """A JSON text is a TOML text, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def names_in(words: str) -> set[str]:
    """Ids of the forms that an expression names: B01 of B01.b01_kind, and of V.B01.b01_kind of all villages."""
    return set(re.findall(r"(?<![\w.])(?:V\.)?([A-Z][0-9]{2})\.", words))
